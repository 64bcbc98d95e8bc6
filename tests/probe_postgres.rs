//! `dbcfg probe` against real PostgreSQL servers in every state, with psql as the judge of whether one can log in.

use crate::probing::{Expected, Found, Probe, expected};
use crate::servers::postgres::{self, Cluster, judged};
use crate::servers::{pgbouncer::PgBouncer, pgvector};

/// Probes a connection string, and asks psql about the same one. Both have the tests' password in `PGPASSWORD`.
#[track_caller]
fn beside_psql(conninfo: &str) -> Found {
    let found = Probe::url(conninfo).run();
    let psql = judged(conninfo);
    let answers = matches!(found.only().status(), "healthy" | "degraded");
    assert_eq!(answers, psql.status == 0, "{conninfo}\npsql: {}\n{:#}", psql.stderr, found.json);
    let status = i32::from(found.only().status() != "healthy");
    found.expect_status(status)
}

#[track_caller]
fn check(conninfo: &str, expected: Expected) {
    beside_psql(conninfo).only().expect_status("down").expect(expected);
}

#[test]
fn whoever_may_log_in_is_healthy() {
    let cluster = postgres::standard();
    for role in ["scram_role", "md5_role", "password_role", "trusted", "tls_only", "plain_only"] {
        let found = beside_psql(&cluster.conninfo(role, "app"));
        let target = found.only().expect_status("healthy");
        assert_eq!(target.get("/facts/engine"), "postgresql", "{role}");
        assert_eq!(target.get("/facts/role/name"), role);
        assert!(target.get("/facts/version").as_str().is_some_and(|version| version.starts_with("15.")));
        assert!(target.get("/facts/connections/used").as_u64().is_some_and(|used| used > 0));
        assert_eq!(target.get("/facts/connections/max"), 100, "{role}");
        // `prefer` encrypts where the rules of the server allow it.
        assert_eq!(target.get("/facts/tls").is_null(), role == "plain_only", "{:#}", found.json);
        assert_eq!(target.stages().last(), Some(&"query"));
    }
}

#[test]
fn a_unix_socket_is_reached() {
    let cluster = postgres::standard();
    let directory = cluster.socket_directory().display();
    let found = beside_psql(&format!("host={directory} port={} user=trusted dbname=app", cluster.port()));
    assert_eq!(found.only().expect_status("healthy").stages(), ["tcp", "auth", "session", "query"]);
    // What does not leave the machine is never encrypted, whatever the mode is.
    let required = format!("host={directory} port={} user=trusted dbname=app sslmode=require", cluster.port());
    assert!(beside_psql(&required).only().expect_status("healthy").get("/facts/tls").is_null());
    check(
        &format!("host={directory} port={} user=peer_role dbname=app", cluster.port()),
        expected("auth", "not-allowed", "permanent", "28000", "pg_hba.conf"),
    );
    check(
        "host=/nonexistent port=5432 user=trusted dbname=app",
        expected("tcp", "socket-missing", "transient", "socket-missing", "server"),
    );
}

#[test]
fn refused_logins_are_told_apart() {
    let cluster = postgres::standard();
    let conninfo = |role: &str| cluster.conninfo(role, "app");
    let rejected = |hint| expected("auth", "password-rejected", "permanent", "28P01", hint);
    check(&conninfo("expired"), rejected("expire"));
    check(&conninfo("no_password"), rejected("password"));
    check(&conninfo("nobody_at_all"), expected("auth", "not-allowed", "permanent", "28000", "pg_hba.conf"));
    check(&conninfo("unlisted"), expected("auth", "not-allowed", "permanent", "28000", "pg_hba.conf"));
    check(&conninfo("rejected"), expected("auth", "not-allowed", "permanent", "28000", "pg_hba.conf"));
    // The server looks at this only after the login.
    check(&conninfo("no_login"), expected("session", "role-cannot-login", "permanent", "28000", "login"));
    check(
        &format!("{} sslmode=disable", conninfo("tls_only")),
        expected("auth", "tls-required", "permanent", "28000", "ssl_mode"),
    );
    check(
        &format!("{} sslmode=require", conninfo("plain_only")),
        expected("auth", "not-allowed", "permanent", "28000", "pg_hba.conf"),
    );
    for mode in ["allow", "prefer"] {
        for role in ["tls_only", "plain_only"] {
            beside_psql(&format!("{} sslmode={mode}", conninfo(role))).only().expect_status("healthy");
        }
    }
    let wrong = Probe::url(&conninfo("scram_role")).env("PGPASSWORD", "nobodys").run();
    wrong.only().expect_status("down").expect(rejected("PGPASSWORD"));
    let none = Probe::url(&conninfo("scram_role")).env("PGPASSWORD", "").run();
    let missing = expected("auth", "password-missing", "permanent", "password-missing", "password");
    none.only().expect_status("down").expect(missing);
}

#[test]
fn a_session_that_is_refused_is_no_wrong_password() {
    let cluster = postgres::standard();
    let session = |cause, class, code, hint| expected("session", cause, class, code, hint);
    let conninfo = |database: &str| cluster.conninfo("scram_role", database);
    check(&conninfo("nope"), session("database-missing", "permanent", "3D000", "nope"));
    check(&conninfo("closed"), session("database-closed", "permanent", "55000", "closed"));
    check(&cluster.conninfo("reader", "private"), session("connect-denied", "permanent", "42501", "grant connect"));
    let taken = |hint| session("too-many-connections", "transient", "53300", hint);
    check(&conninfo("limited"), taken("connection limit"));
    check(&cluster.conninfo("limited", "app"), taken("connection limit"));
}

#[test]
fn servers_that_take_nobody_now() {
    let taken = postgres::full();
    check(
        &taken.cluster.conninfo("scram_role", "app"),
        expected("session", "too-many-connections", "transient", "53300", "max_connections"),
    );
    let leaving = postgres::shutting_down();
    check(
        &leaving.cluster.conninfo("scram_role", "app"),
        expected("auth", "shutting-down", "transient", "57P03", "stopping"),
    );
    let mut coming = postgres::starting_up();
    let conninfo = coming.conninfo("scram_role", "app");
    let starting = expected("auth", "starting-up", "transient", "57P03", "starting");
    check(&conninfo, starting);
    coming.finish_starting();
    beside_psql(&conninfo).only().expect_status("healthy");
    check(&postgres::hot_standby_off().conninfo("scram_role", "app"), starting);
}

#[test]
fn a_standby_is_no_main_database() {
    let standby = postgres::standby();
    let conninfo = standby.conninfo("scram_role", "app");
    let found = beside_psql(&conninfo);
    assert_eq!(found.only().expect_status("degraded").get("/facts/in_recovery"), true);
    assert!(found.rules().contains(&"read-only-server"), "{:#}", found.json);
    let primary = postgres::standard();
    let both = |kind: &str| {
        let (first, second) = (standby.port(), primary.port());
        let hosts = format!("host=127.0.0.1,127.0.0.1 port={first},{second} user=scram_role dbname=app");
        beside_psql(&format!("{hosts} target_session_attrs={kind}"))
    };
    for (kind, is_standby) in [
        ("any", true),
        ("read-write", false),
        ("primary", false),
        ("read-only", true),
        ("standby", true),
        ("prefer-standby", true),
    ] {
        let found = both(kind);
        assert_eq!(found.only().get("/facts/in_recovery"), is_standby, "{kind}: {:#}", found.json);
    }
    check(
        &format!("{conninfo} target_session_attrs=read-write"),
        expected("session", "wrong-session", "transient", "wrong-session", "target_session_attrs"),
    );
    let read_only = beside_psql(&primary.conninfo("scram_role", "reads_only"));
    assert_eq!(read_only.only().expect_status("degraded").get("/facts/read_only"), true);
}

#[test]
fn a_dead_first_host_leaves_time_for_the_second() {
    let cluster = postgres::standard();
    let silent = crate::servers::hostile::Hostile::start(crate::servers::hostile::Behaviour::Silent);
    for first in [silent.port(), crate::servers::network::Blackhole::open().port()] {
        let conninfo = format!(
            "host=127.0.0.1,127.0.0.1 port={first},{} user=scram_role dbname=app connect_timeout=4",
            cluster.port()
        );
        Probe::url(&conninfo).run().only().expect_status("healthy");
    }
}

#[test]
fn a_pooler_says_everything_by_one_code() {
    let cluster = postgres::standard();
    let pooler = PgBouncer::start(cluster, &[]);
    let found = beside_psql(&pooler.conninfo("scram_role", "app"));
    assert_eq!(found.only().expect_status("healthy").get("/facts/database/name"), "app");
    check(
        &pooler.conninfo("nobody_at_all", "app"),
        expected("auth", "password-rejected", "permanent", "08P01", "password"),
    );
    let missing = beside_psql(&pooler.conninfo("scram_role", "nope"));
    assert_eq!(missing.only().expect_status("down").get("/error/cause"), "database-missing", "{:#}", missing.json);
    check(
        &format!("{} options=-csearch_path=app", pooler.conninfo("scram_role", "app")),
        expected("auth", "unsupported-parameter", "permanent", "08P01", "ignore_startup_parameters"),
    );
}

#[test]
fn a_driver_that_cannot_follow_blames_nobody() {
    let cluster = postgres::standard();
    // libpq computes as many iterations as the server asks for.
    let conninfo = cluster.conninfo("many_iterations", "app");
    let found = Probe::url(&conninfo).run();
    let target = found.only().expect_status("not-measured");
    assert_eq!(target.get("/error/cause"), "limitation");
    assert!(target.get("/error/message").as_str().is_some_and(|text| text.contains("limitation of the probe")));
    assert_eq!(judged(&conninfo).status, 0);
    assert!(found.rules().is_empty(), "{:#}", found.json);
}

#[test]
fn what_is_demanded_of_a_server_is_checked() {
    let cluster = postgres::standard();
    let (directory, port) = (cluster.socket_directory().display(), cluster.port());
    let socket = format!("host={directory} port={port} user=trusted dbname=app");
    let found = beside_psql(&format!("{socket} requirepeer=bin"));
    let target = found.only().expect_status("down");
    assert_eq!((target.get("/error/cause"), target.get("/error/stage")), (&"server-refused".into(), &"tcp".into()));
    // psql 15 has no require_auth: what libpq 16 and later do is in its documentation.
    for (role, methods, is_fine) in [
        ("scram_role", "scram-sha-256", true),
        ("scram_role", "md5", false),
        ("scram_role", "!scram-sha-256", false),
        ("md5_role", "md5,scram-sha-256", true),
        ("md5_role", "scram-sha-256", false),
        ("password_role", "!password", false),
        ("trusted", "none", true),
        ("trusted", "!none", false),
    ] {
        let found = Probe::url(&format!("{} require_auth={methods}", cluster.conninfo(role, "app"))).run();
        let target = found.only().expect_status(if is_fine { "healthy" } else { "down" });
        if !is_fine {
            assert_eq!(target.get("/error/cause"), "server-refused", "{role} {methods}");
            assert_eq!(target.get("/error/class"), "permanent", "{role} {methods}");
        }
    }
}

#[test]
fn what_psql_refuses_is_not_healthy() {
    let conninfo = postgres::standard().conninfo("scram_role", "app");
    for (more, status) in [
        ("gssencmode=require", "not-measured"),
        ("client_encoding=nonsense", "down"),
        ("keepalives=abc", "down"),
        ("sslmode=require sslrootcert=/", "down"),
    ] {
        let found = beside_psql(&format!("{conninfo} {more}"));
        let target = found.only().expect_status(status);
        assert!(target.stages().is_empty(), "{more}: {:#}", found.json);
    }
    assert!(beside_psql(&format!("{conninfo} client_encoding=latin1")).only().status() == "healthy");
}

#[test]
fn lists_that_do_not_match_are_refused() {
    for conninfo in ["host=127.0.0.1 port=1,2,3", "host=a,b,c port=1,2", "host=x hostaddr=127.0.0.1,127.0.0.2"] {
        let found = beside_psql(&format!("{conninfo} user=u dbname=d"));
        assert_eq!(found.only().expect_status("down").get("/error/cause"), "configuration", "{conninfo}");
    }
}

#[test]
fn settings_of_variables_are_asked_for() {
    let conninfo = postgres::standard().conninfo("scram_role", "app");
    let settings = |port: u16| {
        let password = crate::servers::PASSWORD;
        format!(
            "databases:\n  main: {{host: 127.0.0.1, port: {port}, database: app, username: scram_role, password: \"{password}\"}}\n"
        )
    };
    assert_eq!(judged(&conninfo).status, 0);
    for (variable, value, status) in [
        ("PGTZ", "UTC", "healthy"),
        ("PGTZ", "it's \\\\", "down"),
        ("PGDATESTYLE", "nonsense", "down"),
        ("PGGEQO", "default", "healthy"),
    ] {
        let found = Probe::settings(&settings(postgres::standard().port())).env(variable, value).run();
        let target = found.only().expect_status(status);
        if status == "down" {
            assert_eq!(target.get("/error/cause"), "unsupported-parameter", "{variable}");
        }
    }
}

#[test]
fn what_is_written_is_what_is_probed() {
    let cluster = postgres::standard();
    let (port, password) = (cluster.port(), crate::servers::PASSWORD);
    let main = format!("host: 127.0.0.1, database: app, username: scram_role, password: \"{password}\"");
    let text = format!("databases:\n  main: {{{main}, port: 1, failover: [{{port: {port}}}]}}\n");
    let found = Probe::settings(&text).run();
    found.target("main").expect_status("degraded");
    found.target("main.failover[0]").expect_status("healthy");
    let found = Probe::settings(&format!("databases:\n  main: {{{main}, port: \"{port}x\"}}\n")).run();
    let target = found.only().expect_status("down");
    assert_eq!(target.get("/error/cause"), "configuration");
    assert!(target.get("/error/message").as_str().is_some_and(|text| text.contains(&format!("`{port}x`"))));
    let found = Probe::settings("services:\n  redis: {url: \"bogus://x\"}\n").run();
    assert_eq!(found.target("services.redis").expect_status("not-measured").get("/error/cause"), "unsupported");
}

#[test]
fn a_password_file_that_is_passed_over_is_told_where_it_is_missed() {
    let port = postgres::standard().port();
    let text = format!("databases:\n  main: {{host: 127.0.0.1, port: {port}, database: app, username: scram_role}}\n");
    let found = Probe::settings(&text).with(|dbcfg| dbcfg.file(".pgpass", "*:*:*:*:moss\n")).run();
    let target = found.only().expect_status("down");
    assert_eq!(target.get("/error/cause"), "password-missing");
    assert!(found.json.to_string().contains("is passed over, since others can read it"), "{:#}", found.json);
    let encrypted = text.replace("username", "password: \"ENC[x]\", username");
    let found = Probe::settings(&encrypted).run();
    let target = found.only().expect_status("not-measured");
    assert_eq!(
        (target.get("/error/cause"), target.get("/error/stage")),
        (&"unresolved-variable".into(), &"auth".into())
    );
    let found = Probe::url("service=nope").run();
    assert_eq!(found.only().expect_status("down").get("/endpoint"), "service=nope");
}

#[test]
fn vectors_are_tried() {
    let cluster = pgvector::standard();
    let settings = |cluster: &Cluster, database: &str| {
        let (port, password) = (cluster.port(), crate::servers::PASSWORD);
        format!(
            "databases:\n  vector: {{host: 127.0.0.1, port: {port}, database: {database}, username: scram_role, \
             password: \"{password}\"}}\n"
        )
    };
    let found = Probe::settings(&settings(cluster, "app")).run();
    let target = found.target("vector").expect_status("healthy");
    assert_eq!(target.get("/facts/vector/works"), true, "{:#}", found.json);
    assert_eq!(target.stages().last(), Some(&"extension"));
    let found = Probe::settings(&settings(cluster, "postgres")).run();
    found.target("vector").expect_status("degraded").expect(expected(
        "extension",
        "extension-missing",
        "permanent",
        "extension-missing",
        "create extension vector",
    ));
    assert!(found.rules().contains(&"extension-missing"));
    let found = Probe::settings(&settings(postgres::standard(), "app")).run();
    let target = found.target("vector").expect_status("degraded");
    assert!(target.get("/error/message").as_str().is_some_and(|text| text.contains("does not have it")));
}

#[test]
fn a_dead_host_is_found_without_the_password() {
    let cluster = postgres::standard();
    let closed = std::net::TcpListener::bind("127.0.0.1:0").and_then(|it| it.local_addr()).expect("a port").port();
    let line = |name: &str, port: u16, role: &str| {
        format!(
            "  {name}: {{host: 127.0.0.1, port: {port}, database: app, username: {role}, password: \"${{NOBODYS}}\"}}\n"
        )
    };
    let settings = format!(
        "databases:\n{}{}{}",
        line("main", cluster.port(), "scram_role"),
        line("mlflow", closed, "scram_role"),
        line("vector", cluster.port(), "nobody_at_all"),
    );
    // Neither a variable nor a file stands in for the password that is meant.
    let pgpass = format!("127.0.0.1:{}:app:scram_role:{}\n", cluster.port(), crate::servers::PASSWORD);
    let probe = Probe::settings(&settings).env("PGPASSWORD", crate::servers::PASSWORD);
    let found = probe.with(|dbcfg| dbcfg.file(".pgpass", &pgpass)).run().expect_status(1);
    let main = found.target("main").expect_status("not-measured");
    assert_eq!(main.get("/error/cause"), "unresolved-variable");
    assert_eq!(main.stages(), ["tcp", "tls", "auth"]);
    assert!(main.get("/hint").as_str().is_some_and(|hint| hint.contains("NOBODYS")), "{:#}", found.json);
    assert_eq!(found.target("mlflow").expect_status("down").get("/error/cause"), "refused");
    assert_eq!(found.target("vector").expect_status("down").get("/error/cause"), "not-allowed");
}
