//! `dbcfg probe` when the first choice is down: files that take over, replicas, and older names of a database.

use rusqlite::Connection;
use serde_json::json;

use crate::probing::{Found, Probe, entry, expected};
use crate::servers::hostile::{Behaviour, Hostile};
use crate::servers::postgres::{self, Cluster};
use crate::servers::proxy::Proxy;
use crate::servers::running::free_port;
use crate::support::Dbcfg;

/// A main database on a port, with these further lines.
fn main(port: u16, more: &str) -> String {
    format!("databases:\n{}    {more}\n", entry("main", port, "app"))
}

/// A probe of a main database that is down, with a file that takes over.
fn with_file(prepare: impl FnOnce(Dbcfg) -> Dbcfg) -> Probe {
    Probe::settings(&main(free_port(), "failover: [{engine: sqlite, path: ./backup.db}]")).with(prepare)
}

/// Makes a database with a table, in a journal mode.
fn make(dbcfg: &Dbcfg, mode: &str) -> Connection {
    let connection = Connection::open(dbcfg.path("backup.db")).expect("make a database");
    let set: String = connection.pragma_update_and_check(None, "journal_mode", mode, |row| row.get(0)).expect("a mode");
    assert_eq!(set, mode);
    connection.execute_batch("create table t (a); insert into t values (1)").expect("fill it");
    connection
}

#[test]
fn a_file_takes_over() {
    let probe = with_file(|dbcfg| {
        drop(make(&dbcfg, "delete"));
        dbcfg
    });
    let found = probe.run().expect_status(1);
    let main = found.target("main").expect_status("degraded");
    main.expect(expected("tcp", "refused", "transient", "refused", "start the server"));
    assert_eq!(main.get("/via"), "failover[0]");
    let file = found.target("main.failover[0]").expect_status("healthy");
    assert_eq!((file.get("/engine"), file.get("/facts/journal_mode")), (&"sqlite".into(), &"delete".into()));
    let view = found.database("main");
    assert_eq!((&view["status"], &view["primary"]), (&json!("degraded"), &json!("down")));
    assert_eq!(view["failover"][0]["status"], "healthy", "{view:#}");
    assert_eq!(view["replicas"], json!([]));
    found.output.expect_files_unchanged();
}

#[test]
fn a_file_takes_over_where_it_is_no_target_of_its_own() {
    let probe = with_file(|mut dbcfg| {
        drop(make(&dbcfg, "delete"));
        dbcfg.set_args(&["probe", "--attempts", "1", "--format", "json"]);
        dbcfg
    });
    let found = probe.run().expect_status(1);
    assert_eq!(found.only().expect_status("degraded").get("/via"), "failover[0]");
    assert_eq!(found.database("main")["failover"][0]["status"], "healthy", "{:#}", found.json);
    // Who asks for outages only has none.
    let probe = with_file(|dbcfg| {
        drop(make(&dbcfg, "delete"));
        dbcfg.args(&["--fail-on", "down"])
    });
    probe.run().expect_status(0);
}

#[test]
fn a_log_is_left_to_those_who_write_it() {
    let mut writer = None;
    let probe = with_file(|dbcfg| {
        writer = Some(make(&dbcfg, "wal"));
        dbcfg
    });
    let found = probe.run().expect_status(1);
    assert_eq!(found.target("main").expect_status("degraded").get("/via"), "failover[0]");
    assert_eq!(found.target("main.failover[0]").expect_status("healthy").get("/facts/journal_mode"), "wal");
    found.output.expect_files_unchanged();
}

#[test]
fn a_file_that_is_none_helps_nobody() {
    let unusable = |prepare: &dyn Fn(Dbcfg) -> Dbcfg, cause: &'static str, stage: &'static str| {
        let found = with_file(prepare).run().expect_status(1);
        let main = found.target("main").expect_status("down");
        assert!(main.get("/via").is_null(), "{:#}", found.json);
        let file = found.target("main.failover[0]").expect_status("down");
        file.expect(expected(stage, cause, "permanent", cause, ""));
        assert_eq!(found.database("main")["failover"][0]["status"], "down");
        found.output.expect_files_unchanged();
    };
    unusable(&|dbcfg| dbcfg, "file-missing", "session");
    unusable(&|dbcfg| dbcfg.file("backup.db", "no database"), "file-damaged", "session");
    let torn = |dbcfg: Dbcfg| {
        drop(make(&dbcfg, "delete"));
        let mut bytes = std::fs::read(dbcfg.path("backup.db")).expect("read the database");
        bytes[4096..].fill(0x5a);
        dbcfg.bytes("backup.db", &bytes)
    };
    unusable(&torn, "file-damaged", "query");
}

#[test]
fn a_replica_takes_nobodys_place() {
    let standby = postgres::standby();
    let replicas = format!("replicas: [{{host: 127.0.0.1, port: {}}}]", standby.port());
    let found = Probe::settings(&main(free_port(), &replicas)).run().expect_status(1);
    let main = found.target("main").expect_status("down");
    assert_eq!((main.get("/via"), main.get("/error/cause")), (&"replicas[0]".into(), &"refused".into()));
    found.target("main.replicas[0]").expect_status("healthy");
    let view = found.database("main");
    assert_eq!((&view["status"], &view["primary"]), (&json!("down"), &json!("down")));
    assert_eq!(view["replicas"][0]["status"], "healthy", "{view:#}");
}

/// A database by a name that drifted, behind a port.
fn drifted(port: u16, more: &str) -> Found {
    let settings = entry("mlflow", port, "mlflow_db").replace("password:", more);
    Probe::settings(&format!("databases:\n{settings}    fallback_database: mlflow\n")).args(&["--timeout", "2s"]).run()
}

#[test]
fn an_older_name_is_tried_where_the_server_lacks_the_new_one() {
    let cluster = Cluster::with().sql("create database mlflow owner scram_role;").start();
    let proxy = Proxy::to(cluster.port());
    let found = drifted(proxy.port(), "password:").expect_status(1);
    let target = found.target("mlflow").expect_status("degraded");
    target.expect(expected("session", "database-missing", "permanent", "3D000", "the server has `mlflow`"));
    assert_eq!(
        (target.get("/via"), target.get("/facts/database/name")),
        (&"fallback_database".into(), &"mlflow".into())
    );
    assert_eq!(target.get("/attempts/0/database"), "mlflow_db");
    assert_eq!(target.get("/attempts/1/database"), "mlflow");
    assert!(found.rules().contains(&"database-missing"), "{:#}", found.json);
    assert_eq!(proxy.connections(), 2);
    // Both are missing.
    cluster.sql("postgres", "drop database mlflow");
    let found = drifted(cluster.port(), "password:").expect_status(1);
    let target = found.target("mlflow").expect_status("down");
    assert_eq!((target.get("/via"), target.get("/error/code")), (&serde_json::Value::Null, &"3D000".into()));
}

#[test]
fn an_older_name_is_no_cure_for_other_faults() {
    let cluster = Cluster::with().sql("create database mlflow owner scram_role;").start();
    let proxy = Proxy::to(cluster.port());
    let found = drifted(proxy.port(), "password: nobodys #").expect_status(1);
    let target = found.target("mlflow").expect_status("down");
    assert_eq!((target.get("/error/cause"), proxy.connections()), (&"password-rejected".into(), 1), "{:#}", found.json);
    let silent = Hostile::start(Behaviour::Silent);
    let found = drifted(silent.port(), "password:").expect_status(1);
    let target = found.target("mlflow").expect_status("down");
    assert_eq!((target.get("/error/cause"), silent.connections()), (&"timeout".into(), 1), "{:#}", found.json);
    let found = drifted(free_port(), "password:").expect_status(1);
    let attempts = found.target("mlflow").expect_status("down").get("/attempts").as_array().map(Vec::len);
    assert_eq!(attempts, Some(1), "{:#}", found.json);
}
