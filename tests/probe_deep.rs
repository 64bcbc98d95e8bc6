//! What `dbcfg probe --deep` asks of real servers and finds there, and what it says where it may not ask or has no time.

use std::thread;
use std::time::{Duration, Instant};

use crate::probing::{Found, Probe};
use crate::servers::PASSWORD;
use crate::servers::pgbouncer::PgBouncer;
use crate::servers::pgvector;
use crate::servers::postgres::{self, Cluster};

/// What a role needs to see the statistics of others.
const MONITOR: &str = "grant pg_monitor to scram_role;\n";

/// A database in which much is wrong: an index that nobody uses and one that was not finished, a table that nobody has
/// analysed, and slow statements, of which one is no query.
const NEGLECTED: &str = "\
create extension pg_stat_statements;
create table documents as select n as id, md5(n::text) as title from generate_series(1, 50000) as n;
create index documents_title_idx on documents (title);
create unique index documents_id_idx on documents (id);
create table doubles as select 1 as id from generate_series(1, 2);
\\set ON_ERROR_STOP off
create unique index concurrently doubles_id_idx on doubles (id);
\\set ON_ERROR_STOP on
select pg_stat_statements_reset();
select pg_sleep(0.15);
create table made_slowly as select pg_sleep(0.15)::text;
";

/// Main of a cluster as `settings.yaml` describes it: the host in line 3, the database in line 5.
fn settings(cluster: &Cluster, role: &str) -> String {
    let port = cluster.port();
    format!(
        "databases:\n  main:\n    host: 127.0.0.1\n    port: {port}\n    database: app\n    username: {role}\n    \
         password: \"{PASSWORD}\"\n"
    )
}

fn deep(settings: &str) -> Probe {
    Probe::settings(settings).args(&["--deep"])
}

/// What people are shown.
fn human(settings: &str) -> String {
    deep(settings).args(&["--format", "human"]).output().stdout
}

/// What was not measured.
fn unmeasured(found: &Found) -> Vec<(&str, &str)> {
    let all = found.target("main").get("/facts/deep/not_measured").as_array();
    all.into_iter().flatten().filter_map(|one| Some((one["what"].as_str()?, one["why"].as_str()?))).collect()
}

/// Whether something was measured, be it empty or not.
fn is_measured(found: &Found, what: &str) -> bool {
    !found.target("main").get(&format!("/facts/deep/{what}")).is_null()
}

#[test]
fn a_neglected_database_is_told_what_is_wrong_with_it() {
    let cluster = Cluster::with()
        .setting("shared_preload_libraries", "pg_stat_statements")
        .setting("archive_mode", "on")
        .setting("archive_command", "false")
        .sql(MONITOR)
        .start();
    cluster.sql("app", NEGLECTED);
    cluster.sql("app", "select pg_switch_wal();");
    let idle = cluster.hold("trusted", "app");
    let text = settings(&cluster, "scram_role");
    let mut found = deep(&text).run();
    // The archiver fails a moment after it is told that there is something to do.
    let began = Instant::now();
    while found.target("main").get("/facts/deep/archiver/failing") != true {
        assert!(began.elapsed() < Duration::from_secs(10), "{:#}", found.json);
        thread::sleep(Duration::from_millis(100));
        found = deep(&text).run();
    }
    let found = found.expect_status(0);
    let target = found.target("main").expect_status("healthy");
    assert_eq!(unmeasured(&found), []);
    let slow = target.get("/facts/deep/slow_queries").as_array().expect("it is asked for");
    assert_eq!(slow.len(), 1, "{slow:?}");
    assert_eq!((&slow[0]["query"], &slow[0]["calls"]), (&"select pg_sleep($1)".into(), &1.into()));
    let slowest = slow[0]["mean_millis"].as_f64().expect("it took some time");
    let message = format!(
        "1 statement of main takes more than 100 ms on average; the slowest {slowest:.0} ms, in 1 call: `select \
         pg_sleep($1)`"
    );
    found.expect_finding("slow-queries", "info", &message, "explain (analyze, buffers)");
    let unused = found.finding("unused-index")["message"].as_str().expect("it says something");
    assert!(unused.starts_with("no query has used 1 index of main: `documents_title_idx`, 2."), "{unused}");
    let message = "1 table of main was never analysed: `public.documents`";
    found.expect_finding("never-analysed", "info", message, "autovacuum is on");
    let message = "the index `doubles_id_idx` of main is invalid";
    found.expect_finding("invalid-index", "warning", message, "`reindex index concurrently doubles_id_idx`");
    let message = "the server of main cannot archive its log: it never succeeded";
    found.expect_finding("archiver-failing", "warning", message, "pg_stat_archiver");
    let message = "all 3 tables of main can be read without row-level security";
    found.expect_finding("no-row-level-security", "info", message, "enable row level security");
    assert_eq!(found.finding("archiver-failing")["start"]["line"], 3);
    assert_eq!(found.finding("invalid-index")["start"]["line"], 5);
    let largest = target.get("/facts/deep/tables/0");
    assert_eq!(largest["name"], "public.documents");
    assert!(largest["total_bytes"].as_u64() > largest["bytes"].as_u64(), "{largest}");
    let activity = target.get("/facts/deep/activity");
    assert_eq!(activity.as_array().map(Vec::len), Some(1), "{activity}");
    assert_eq!((&activity[0]["state"], &activity[0]["connections"]), (&"idle".into(), &1.into()));

    let human = human(&text);
    for expected in [
        "\n  connections   1 idle (longest ",
        "\n  archiving     failing, ",
        " MB  public.documents (",
        "\n  slow queries    15",
        " MB  documents_title_idx on public.documents\n",
        "doubles_id_idx on public.doubles\n",
        "\n  not analysed  public.documents\n",
        "settings.yaml:5:15: warning[invalid-index]: the index `doubles_id_idx` of main is invalid\n",
        "\n1 healthy in ",
    ] {
        assert!(human.contains(expected), "{expected:?} is missing in\n{human}");
    }
    drop(idle);
    // Mended, nothing of it is found.
    cluster.sql(
        "app",
        "drop table doubles; drop index documents_title_idx; alter table documents enable row level security; vacuum \
         analyze; select pg_stat_statements_reset(); alter system set archive_command = 'true';",
    );
    cluster.reload();
    cluster.sql("app", "select pg_stat_reset_shared('archiver');");
    let found = deep(&text).run();
    found.expect_none_of(&["slow-queries", "unused-index", "never-analysed", "invalid-index", "archiver-failing"]);
    found.expect_none_of(&["no-row-level-security", "replica-lag", "plaintext-accepted"]);
    assert_eq!(unmeasured(&found), []);
}

#[test]
fn an_index_that_is_being_built_is_not_broken() {
    let cluster = Cluster::start();
    cluster.sql("app", "create table documents (id integer); grant all on documents to trusted;");
    // Whoever builds an index beside the work waits until transactions that have written to the table are over.
    let mut writer = cluster.hold("trusted", "app");
    writer.run("begin; insert into documents values (1);");
    thread::scope(|scope| {
        scope.spawn(|| cluster.sql("app", "create index concurrently documents_id_idx on documents (id);"));
        let began = Instant::now();
        while cluster.sql("app", "select count(*) from pg_index where not indisvalid;").trim() != "1" {
            assert!(began.elapsed() < Duration::from_secs(10), "the index is not begun");
            thread::sleep(Duration::from_millis(20));
        }
        let found = deep(&settings(&cluster, "scram_role")).run();
        drop(writer);
        assert_eq!(found.target("main").get("/facts/deep/invalid_indexes"), &serde_json::json!([]));
        found.expect_none_of(&["invalid-index"]);
    });
}

#[test]
fn what_a_role_may_not_see_is_not_measured() {
    let cluster = Cluster::with().setting("shared_preload_libraries", "pg_stat_statements").start();
    cluster.sql("app", "create extension pg_stat_statements; select pg_sleep(0.15);");
    let text = settings(&cluster, "scram_role");
    let found = deep(&text).run().expect_status(0);
    found.target("main").expect_status("healthy");
    let hidden = "the role may not see it; grant it pg_monitor";
    let expected = [
        ("settings", "the role may not see shared_preload_libraries; grant it pg_monitor"),
        ("slow_queries", hidden),
        ("activity", hidden),
        ("replication", hidden),
    ];
    assert_eq!(unmeasured(&found), expected);
    for (what, is_there) in [("slow_queries", false), ("activity", false), ("replication", false), ("tables", true)] {
        assert_eq!(is_measured(&found, what), is_there, "{what}");
    }
    found.expect_none_of(&["slow-queries", "replica-lag"]);
    assert!(found.rules().iter().all(|rule| *rule == "server-settings"), "{:#}", found.json);
    let human = human(&text);
    assert!(
        human.contains("\n                slow queries: the role may not see it; grant it pg_monitor\n"),
        "{human}"
    );
}

#[test]
fn slow_queries_without_their_extension_are_not_measured() {
    let cluster = Cluster::with().sql(MONITOR).start();
    let text = settings(&cluster, "scram_role");
    let found = deep(&text).run();
    let why = "pg_stat_statements is not installed in this database: `create extension pg_stat_statements`";
    assert_eq!(unmeasured(&found), [("slow_queries", why)]);
    // A question that the server cannot answer would stand in its log as an error, at each probe.
    assert!(!cluster.log().contains("ERROR"), "{}", cluster.log());
    cluster.sql("app", "create extension pg_stat_statements;");
    let found = deep(&text).run();
    let why = "the query failed: pg_stat_statements must be loaded via shared_preload_libraries";
    assert_eq!(unmeasured(&found), [("slow_queries", why)]);
    found.target("main").expect_status("healthy");
}

#[test]
fn settings_of_a_server_are_judged_by_its_memory() {
    let cluster = Cluster::with()
        .sql(MONITOR)
        .setting("work_mem", "1MB")
        .setting("random_page_cost", "1.1")
        .setting("effective_io_concurrency", "200")
        .setting("effective_cache_size", "3GB")
        .start();
    let text = settings(&cluster, "scram_role");
    let told = |probe: Probe| -> Vec<String> {
        let found = probe.run().expect_status(0);
        let findings = found.json["findings"].as_array().expect("there are findings").iter();
        let settings = findings.filter(|finding| finding["rule"] == "server-settings");
        settings.filter_map(|finding| finding["message"].as_str().map(str::to_owned)).collect()
    };
    let without_memory = [
        "work_mem is 1 MB on the server of main; `4MB` is recommended",
        "shared_preload_libraries is empty on the server of main; `pg_stat_statements` is recommended",
    ];
    assert_eq!(told(deep(&text)), without_memory);
    let shared = "shared_buffers is 8 MB on the server of main; `1GB` is recommended";
    assert_eq!(told(deep(&text).args(&["--server-memory", "4GB"])), [&[shared], &without_memory[..]].concat());
    let cache = "effective_cache_size is 3 GB on the server of main; `6GB` is recommended";
    let shared = "shared_buffers is 8 MB on the server of main; `2GB` is recommended";
    let more = [&[shared, cache], &without_memory[..]].concat();
    assert_eq!(told(deep(&text).args(&["--server-memory", "8GB"])), more);
}

#[test]
fn a_lock_is_not_waited_for_and_time_that_is_up_harms_nobody() {
    let cluster = Cluster::start();
    cluster.sql("app", "create table documents (id integer); grant all on documents to trusted;");
    let mut held = cluster.hold("trusted", "app");
    held.run("begin; lock table documents in access exclusive mode;");
    let text = settings(&cluster, "scram_role");
    let found = deep(&text).run().expect_status(0);
    found.target("main").expect_status("healthy");
    assert!(unmeasured(&found).contains(&("tables", "somebody holds a lock of a table that it needs")));
    // The questions behind it are asked.
    assert!(is_measured(&found, "row_security"), "{:#}", found.json);
    let began = Instant::now();
    let found = deep(&text).args(&["--timeout", "1s"]).run().expect_status(0);
    assert!(began.elapsed() < Duration::from_secs(2), "{:?}", began.elapsed());
    found.target("main").expect_status("healthy");
    let late = "the time of the attempt was up; --timeout gives it more";
    for what in ["tables", "activity", "replication", "archiver", "row_security"] {
        assert!(unmeasured(&found).contains(&(what, late)), "{what}: {:#}", found.json);
    }
    assert!(is_measured(&found, "never_analysed"), "{:#}", found.json);
}

#[test]
fn standbys_that_fall_behind_are_found_from_both_sides() {
    let primary = Cluster::with().sql(MONITOR).start();
    let standby = postgres::standby_of(&primary);
    let (of_primary, of_standby) = (settings(&primary, "scram_role"), settings(&standby, "scram_role"));
    let found = deep(&of_primary).run();
    found.expect_none_of(&["replica-lag"]);
    assert_eq!(found.target("main").get("/facts/deep/replication/0/state"), "streaming", "{:#}", found.json);
    standby.sql("postgres", "select pg_wal_replay_pause();");
    // The log has segments of 1 MB here, of which each switch fills one.
    let segment = "select pg_logical_emit_message(false, 'tests', 'x'); select pg_switch_wal();\n";
    primary.sql("postgres", &segment.repeat(270));
    let began = Instant::now();
    let received =
        "select pg_wal_lsn_diff(pg_last_wal_receive_lsn(), pg_last_wal_replay_lsn()) > 270 * 1024 * 1024 - 1;";
    while standby.sql("postgres", received).trim() != "t" {
        assert!(began.elapsed() < Duration::from_secs(20), "the standby receives nothing");
        thread::sleep(Duration::from_millis(50));
    }
    let found = deep(&of_primary).run().expect_status(0);
    let help = "on the primary shows where it stands";
    let message = "the standby `walreceiver` of the server of main is 270 MB behind";
    found.expect_finding("replica-lag", "warning", message, help);
    let found = deep(&of_standby).run().expect_status(1);
    found.expect_finding("replica-lag", "warning", "the server of main is 270 MB behind", help);
    found.target("main").expect_status("degraded");
    assert!(found.rules().contains(&"read-only-server"), "{:#}", found.json);
    found.expect_none_of(&["unused-index", "never-analysed", "archiver-failing"]);
}

#[test]
fn encryption_that_is_not_insisted_on_is_found() {
    let cluster = postgres::standard();
    // What does not leave the machine needs no encryption; the same server under another name does.
    let elsewhere = |role: &str| {
        let host = "host: db.example.com\n    hostaddr: 127.0.0.1";
        deep(&settings(cluster, role).replace("host: 127.0.0.1", host)).run()
    };
    let accepted = |found: &Found| found.target("main").get("/facts/deep/plaintext_accepted").as_bool();
    let found = elsewhere("scram_role");
    assert_eq!(accepted(&found), Some(true));
    let message = "the server of main takes connections without encryption from here";
    found.expect_finding("plaintext-accepted", "info", message, "hostssl");
    let found = elsewhere("tls_only");
    assert_eq!(accepted(&found), Some(false));
    found.expect_none_of(&["plaintext-accepted"]);
    let found = deep(&settings(cluster, "scram_role")).run();
    assert_eq!(accepted(&found), Some(true));
    found.expect_none_of(&["plaintext-accepted"]);
    let found = deep(&settings(postgres::without_tls(), "scram_role")).run();
    assert_eq!(accepted(&found), None);
}

#[test]
fn questions_pass_through_a_pooler_and_are_understood_by_other_versions() {
    let cluster = Cluster::with().sql(MONITOR).start();
    let missing =
        |found: &Found| -> Vec<String> { unmeasured(found).iter().map(|(what, _)| (*what).to_owned()).collect() };
    let pooler = PgBouncer::start(&cluster, &[]);
    let text = settings(&cluster, "scram_role").replace(&cluster.port().to_string(), &pooler.port().to_string());
    let found = deep(&text).run().expect_status(0);
    assert_eq!(missing(&found), ["slow_queries"]);
    let found = deep(&settings(pgvector::standard(), "scram_role")).run().expect_status(0);
    let hidden = ["settings", "slow_queries", "activity", "replication"];
    assert_eq!(missing(&found), hidden, "{:#}", found.json);
}
