//! `dbcfg probe` and networks that lose, refuse and misdirect, and more targets than a machine has descriptors.

use std::time::{Duration, Instant};

use crate::probing::{Found, Probe};
use crate::servers::network::{Blackhole, Namespace};
use crate::servers::postgres::{self, Cluster};
use crate::servers::{PASSWORD, mlflow::Mlflow};
use crate::support::Dbcfg;

/// A database of a cluster as a line of settings.
fn line(name: &str, host: &str, port: u16) -> String {
    format!("  {name}: {{host: {host}, port: {port}, database: app, username: scram_role, password: \"{PASSWORD}\"}}\n")
}

/// The same for somebody who needs no password: with one of its own each is a database of its own.
fn open_line(name: &str, port: u16) -> String {
    format!("  {name}: {{host: 127.0.0.1, port: {port}, database: app, username: trusted, password: own-{name}}}\n")
}

/// The sum of the waits and attempts of a black hole: as many attempts as there are, and 1 s and 2 s at most between.
fn longest(timeout: Duration) -> Duration {
    timeout * 3 + Duration::from_secs(3)
}

#[test]
fn black_holes_delay_nobody() {
    let cluster = postgres::standard();
    let holes: Vec<Blackhole> = (0..100).map(|_| Blackhole::open()).collect();
    let mut settings = String::from("databases:\n");
    for (index, hole) in holes.iter().enumerate() {
        settings += &line(&format!("hole{index}"), "127.0.0.1", hole.port());
    }
    for index in 0..10 {
        settings += &open_line(&format!("live{index}"), cluster.port());
    }
    let timeout = Duration::from_secs(2);
    let started = Instant::now();
    let probe = Probe::settings(&settings).args(&["--attempts", "3", "--timeout", "2s", "-v"]);
    let found = probe.run().expect_status(1);
    let took = started.elapsed();
    assert!(took < longest(timeout).mul_f64(1.1), "{took:?}");
    for index in 0..10 {
        let target = found.target(&format!("live{index}")).expect_status("healthy");
        let millis = target.get("/millis").as_f64().expect("it took some time");
        assert!(millis < 1500.0, "{millis}");
    }
    for index in 0..100 {
        let target = found.target(&format!("hole{index}")).expect_status("down");
        assert_eq!((target.get("/error/cause"), target.get("/error/stage")), (&"timeout".into(), &"tcp".into()));
        assert_eq!(target.get("/attempts").as_array().map(Vec::len), Some(3));
    }
    // The live ones are told while the others are still being tried.
    let log = &found.output.stderr;
    let at = |part: &str| log.lines().position(|line| line.contains("event=finished") && line.contains(part));
    let last_live = (0..10).filter_map(|index| at(&format!("target=live{index} "))).max().expect("they are logged");
    let first_hole = (0..100).filter_map(|index| at(&format!("target=hole{index} "))).min().expect("they are logged");
    assert!(last_live < first_hole, "{log}");
}

#[test]
fn a_hundred_databases_on_one_black_hole_wait_for_none_of_the_others() {
    let hole = Blackhole::open();
    let lines: String = (0..100).map(|index| line(&format!("d{index}"), "127.0.0.1", hole.port())).collect();
    let started = Instant::now();
    let found = Probe::settings(&format!("databases:\n{lines}")).args(&["--timeout", "5s"]).run();
    assert!(started.elapsed() < Duration::from_secs(10), "{:?}", started.elapsed());
    let targets = found.json["targets"].as_array().expect("there are targets");
    assert!(targets.iter().all(|target| target["error"]["cause"] == "timeout"));
}

#[test]
fn three_thousand_targets_at_256_descriptors() {
    let cluster = postgres::standard();
    let mut settings = String::from("databases:\n");
    // A port where nobody listens: it was somebody's a moment ago.
    let closed = std::net::TcpListener::bind("127.0.0.1:0").and_then(|it| it.local_addr()).expect("a port").port();
    for index in 0..1000 {
        settings += &open_line(&format!("live{index}"), cluster.port());
        settings += &open_line(&format!("closed{index}"), closed);
        settings += &open_line(&format!("nobody{index}"), cluster.port()).replace("trusted", "unlisted");
    }
    let shell = Dbcfg::program("/bin/sh").file("settings.yaml", &settings).patience(Duration::from_secs(120));
    let program = env!("CARGO_BIN_EXE_dbcfg");
    let script = "ulimit -n 256 && exec \"$@\"";
    let output = shell
        .args(&["-c", script, "sh", program, "probe", "--all", "--attempts", "1", "--format", "json"])
        .run()
        .expect_status(1);
    let json: serde_json::Value = serde_json::from_str(&output.stdout).expect("it is JSON");
    let found = Found { output, json };
    for index in 0..1000 {
        found.target(&format!("live{index}")).expect_status("healthy");
        assert_eq!(found.target(&format!("closed{index}")).get("/error/cause"), "refused");
        assert_eq!(found.target(&format!("nobody{index}")).get("/error/cause"), "not-allowed");
    }
}

#[test]
fn what_an_address_does_is_told() {
    let Some(network) = Namespace::if_allowed("10.213.0.5 open.example.com\n10.213.0.1 hole.example.com\n") else {
        // Where no network can be made, a black hole on the loopback address has to do.
        let hole = Blackhole::open();
        let found = Probe::url(&format!("host=127.0.0.1 port={} user=u", hole.port())).args(&["--timeout", "1s"]).run();
        found.only().expect_status("down");
        assert_eq!(found.only().get("/error/cause"), "timeout");
        return;
    };
    let cluster = Cluster::with().within(&network).start();
    let run = |url: &str, timeout: &str| {
        let started = Instant::now();
        let (ip, prefix) = network.prefix(env!("CARGO_BIN_EXE_dbcfg"));
        let output = Dbcfg::program(ip)
            .args(&prefix)
            .args(&["probe", "--url", url, "--format", "json", "--attempts", "1", "--timeout", timeout])
            .env("PGPASSWORD", PASSWORD)
            .run();
        assert!(started.elapsed() < Duration::from_secs(5), "{url}: {:?}", started.elapsed());
        let json = serde_json::from_str(&output.stdout).unwrap_or_else(|error| panic!("{error}: {}", output.stderr));
        Found { output, json }
    };
    let port = cluster.port();
    let at = |host: &str| format!("host={host} port={port} user=scram_role dbname=app");
    for (host, stage, cause) in [
        (Namespace::BLACK_HOLE, "tcp", "timeout"),
        (Namespace::REFUSING, "tcp", "refused"),
        (Namespace::RESETTING, "tls", "reset"),
        (Namespace::UNREACHABLE, "tcp", "unreachable"),
        ("hole.example.com", "tcp", "timeout"),
        // The resolver asks a black hole, and has ten seconds of its own: nobody waits for it, not even the end of the run.
        ("unknown.example.com", "dns", "timeout"),
    ] {
        let found = run(&at(host), "1s");
        let target = found.only().expect_status("down");
        let told = (target.get("/error/stage"), target.get("/error/cause"));
        assert_eq!(told, (&stage.into(), &cause.into()), "{host}: {:#}", found.json);
    }
    run(&at(Namespace::OPEN), "5s").only().expect_status("healthy");
    let found = run(&at("open.example.com"), "5s");
    let addresses = found.only().expect_status("healthy").get("/attempts/0/addresses");
    assert_eq!(addresses[0]["address"], format!("{}:{port}", Namespace::OPEN), "{addresses}");
}

#[test]
fn mlflow_down_leaves_the_others_alone() {
    let (cluster, mlflow) = (postgres::standard(), Mlflow::standard());
    let closed = std::net::TcpListener::bind("127.0.0.1:0").and_then(|it| it.local_addr()).expect("a port").port();
    let settings = format!(
        "databases:\n{}  mlflow:\n    host: 127.0.0.1\n    port: {closed}\n    database: mlflow_db\n    username: \
         scram_role\n    password: \"{PASSWORD}\"\n{}",
        line("main", "127.0.0.1", cluster.port()),
        line("reports", "127.0.0.1", mlflow.cluster().port()).replace("database: app", "database: mlflow_db"),
    );
    let found = Probe::settings(&settings).run().expect_status(1);
    found.target("main").expect_status("healthy");
    found.target("reports").expect_status("healthy");
    let dead = found.target("mlflow").expect_status("down");
    // A live server of the same configuration holds what the dead one should.
    let hint = dead.get("/hint").as_str().unwrap_or_default();
    assert!(hint.contains("mlflow_db exists on reports' server") || hint.contains("mlflow_db exists on"), "{hint}");
    assert!(hint.contains("--relocate mlflow="), "{hint}");
    assert_eq!((dead.get("/origin/path"), dead.get("/origin/line")), (&"settings.yaml".into(), &4.into()));
}
