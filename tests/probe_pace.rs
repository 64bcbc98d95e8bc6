//! `dbcfg probe` and time: waiting, watching, deadlines, Ctrl-C, and how many sessions a server has to bear.

use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::probing::{Lasting, Probe, entry};
use crate::servers::certificates::ServerCertificate;
use crate::servers::network::Blackhole;
use crate::servers::postgres::{self, Cluster};
use crate::servers::proxy::Proxy;

/// A main database behind a port.
fn main(port: u16) -> String {
    format!("databases:\n{}", entry("main", port, "app"))
}

/// A circuit breaker that opens at the first failure and closes after the first success, a second later.
const BREAKER: &[(&str, &str)] = &[
    ("MLFLOW_CB_FAILURE_THRESHOLD", "1"),
    ("MLFLOW_CB_RECOVERY_TIMEOUT", "1"),
    ("MLFLOW_CB_MAX_RECOVERY_ATTEMPTS", "1"),
];

#[test]
fn waiting_ends_soon_after_a_server_is_there() {
    let mut cluster = postgres::starting_up();
    let probe = Probe::settings(&main(cluster.port())).args(&["--wait", "20s"]);
    let late = Duration::from_millis(1500);
    let began = Instant::now();
    let (found, ready) = thread::scope(|scope| {
        let run = scope.spawn(|| probe.run());
        thread::sleep(late);
        cluster.finish_starting();
        let ready = began.elapsed();
        (run.join().expect("dbcfg ran"), ready)
    });
    let took = began.elapsed();
    let found = found.expect_status(0);
    found.target("main").expect_status("healthy");
    assert!(took >= late && took < ready + Duration::from_secs(4), "{took:?} {ready:?}");
    assert!(found.output.stderr.contains("Waiting for main (starting-up)."), "{}", found.output.stderr);
}

#[test]
fn waiting_for_a_wrong_password_ends_at_once() {
    let proxy = Proxy::to(postgres::standard().port());
    let settings = main(proxy.port()).replace(crate::servers::PASSWORD, "nobodys");
    let began = Instant::now();
    let found = Probe::settings(&settings).args(&["--wait", "20s", "--attempts", "3"]).run().expect_status(1);
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
    assert_eq!((found.target("main").get("/error/cause"), proxy.connections()), (&"password-rejected".into(), 1));
    assert!(found.output.stderr.contains("Waiting for main is of no use: "), "{}", found.output.stderr);
}

#[test]
fn watching_tells_what_changes() {
    let proxy = Proxy::to(postgres::standard().port());
    let watching = Lasting::start(&main(proxy.port()), &["--watch", "1s", "--attempts", "1"], BREAKER);
    watching.see("healthy");
    proxy.close(true);
    watching.see("main healthy -> down: ");
    watching.see("main closed -> open (1 failure in a row: reset)");
    watching.see("main open -> half-open (after 1s)");
    watching.see("main half-open -> open (a trial failed: reset)");
    proxy.close(false);
    watching.see("main half-open -> closed (1 trial succeeded)");
    watching.see("main down -> healthy");
    let ended = watching.interrupt();
    assert_eq!(ended.status, Some(130), "{}", ended.stderr);
    assert!(!ended.stdout.contains(crate::servers::PASSWORD));
}

#[test]
fn watching_prints_a_document_a_line() {
    let proxy = Proxy::to(postgres::standard().port());
    let arguments = ["--watch", "1s", "--attempts", "1", "--format", "json"];
    let watching = Lasting::start(&main(proxy.port()), &arguments, BREAKER);
    watching.see("\"healthy\"");
    proxy.close(true);
    watching.see("main closed -> open");
    proxy.close(false);
    watching.see("main half-open -> closed");
    let ended = watching.interrupt();
    assert_eq!(ended.status, Some(130), "{}", ended.stderr);
    let documents: Vec<Value> =
        ended.stdout.lines().map(|line| serde_json::from_str(line).expect("a line is a document")).collect();
    let mut states: Vec<&str> = documents.iter().filter_map(|it| it["targets"][0]["status"].as_str()).collect();
    assert_eq!(states.len(), documents.len(), "{}", ended.stdout);
    states.dedup();
    assert_eq!(states, ["healthy", "down", "healthy"]);
}

#[test]
fn a_deadline_ends_what_hangs_and_keeps_what_is_known() {
    let holes: Vec<Blackhole> = (0..3).map(|_| Blackhole::open()).collect();
    let mut settings = main(postgres::standard().port());
    for (index, hole) in holes.iter().enumerate() {
        settings += &entry(&format!("hole{index}"), hole.port(), "app");
    }
    let began = Instant::now();
    let found = Probe::settings(&settings).args(&["--deadline", "1s", "--attempts", "3"]).run().expect_status(1);
    assert!(
        began.elapsed() >= Duration::from_secs(1) && began.elapsed() < Duration::from_secs(3),
        "{:?}",
        began.elapsed()
    );
    found.target("main").expect_status("healthy");
    for index in 0..3 {
        let target = found.target(&format!("hole{index}")).expect_status("not-measured");
        assert_eq!((target.get("/error/cause"), target.get("/error/stage")), (&"deadline".into(), &"tcp".into()));
        assert!(target.get("/error/message").as_str().is_some_and(|message| message.contains("deadline")));
    }
}

#[test]
fn an_interrupt_in_the_middle_tells_what_is_known() {
    let hole = Blackhole::open();
    let settings = main(postgres::standard().port()) + &entry("hole", hole.port(), "app");
    let running = Lasting::start(&settings, &["-v", "--format", "json"], &[]);
    running.see("event=finished target=main");
    let ended = running.interrupt();
    assert_eq!(ended.status, Some(130), "{}", ended.stderr);
    let found: Value = serde_json::from_str(&ended.stdout).expect("it is JSON");
    assert_eq!((&found["interrupted"], &found["databases"]["main"]["status"]), (&Value::Bool(true), &"healthy".into()));
    assert_eq!(found["databases"]["hole"]["status"], "not-measured", "{found:#}");
}

#[test]
fn a_server_has_to_bear_so_many_sessions_and_no_more() {
    // Of the same name they would be one database.
    let names: Vec<String> = (0..40).map(|index| format!("d{index}")).collect();
    let create = |name: &String| ["create database ", name, " owner scram_role;\n"].concat();
    let databases: String = names.iter().map(create).collect();
    let cluster = Cluster::with().tls(ServerCertificate::Good).sql(&databases).start();
    let settings = |port: u16| {
        let entries: String = names.iter().map(|name| entry(name, port, name)).collect();
        format!("databases:\n{entries}")
    };
    for (arguments, most, all) in
        [(&[][..], 4, 40), (&["--per-server", "2"][..], 2, 40), (&["--deep", "--timeout", "30s"], 4, 80)]
    {
        let proxy = Proxy::to(cluster.port());
        proxy.delay(Duration::from_millis(20));
        let found = Probe::settings(&settings(proxy.port())).args(arguments).run().expect_status(0);
        assert_eq!(proxy.connections(), all, "{arguments:?}");
        // On a busy machine a connection may take longer than a place is kept for, which lets another begin beside it.
        assert!((1..=most * 2).contains(&proxy.most_open()), "{arguments:?}: {}", proxy.most_open());
        let is_deep = all > 40;
        assert_eq!(found.target("d39").get("/facts/deep/plaintext_accepted") == true, is_deep, "{arguments:?}");
    }
    // The server counts in the same way, and has no place for a fifth.
    cluster.sql("postgres", "alter role scram_role connection limit 4");
    Probe::settings(&settings(cluster.port())).args(&["--attempts", "3"]).run().expect_status(0);
    let found = Probe::settings(&settings(cluster.port())).args(&["--per-server", "12"]).run().expect_status(1);
    assert!(found.output.stdout.contains("too-many-connections"), "{:#}", found.json);
}

#[test]
fn reports_are_written_beside_the_output() {
    let settings = main(postgres::standard().port()) + &entry("reports", crate::servers::running::free_port(), "app");
    let probe = Probe::settings(&settings).args(&["--report", "junit=health.xml", "--report", "prometheus=dbcfg.prom"]);
    let found = probe.run().expect_status(1);
    let file = |name: &str| String::from_utf8_lossy(&found.output.files[name]).into_owned();
    let (junit, metrics) = (file("health.xml"), file("dbcfg.prom"));
    assert!(junit.starts_with("<?xml") && junit.contains("tests=\"2\"") && junit.contains("failures=\"1\""), "{junit}");
    assert!(metrics.contains("# TYPE ") && metrics.contains("main") && metrics.ends_with('\n'), "{metrics}");
    for text in [&junit, &metrics] {
        assert!(text.contains("reports") && !text.contains(crate::servers::PASSWORD), "{text}");
    }
}
