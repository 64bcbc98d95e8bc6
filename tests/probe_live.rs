//! What `dbcfg probe` finds without `--deep` on real servers: each live rule once, and nothing of it on a good server.

use std::fmt::Write as _;

use crate::probing::{Found, Probe, expected};
use crate::servers::certificates::{self, ServerCertificate};
use crate::servers::postgres::{self, Cluster};
use crate::servers::{PASSWORD, pgvector};

/// A database of `settings.yaml`: its name, its server, who logs in, where to, and more keys.
struct Line<'test>(&'test str, &'test Cluster, &'test str, &'test str, &'test str);

/// Databases as `settings.yaml` describes them, one key a line: `host` of the first stands in line 3.
fn settings(lines: &[Line<'_>]) -> String {
    let mut text = "databases:\n".to_owned();
    for Line(name, cluster, role, database, more) in lines {
        let port = cluster.port();
        let _ = write!(
            text,
            "  {name}:\n    host: 127.0.0.1\n    port: {port}\n    database: {database}\n    username: {role}\n    \
             password: \"{PASSWORD}\"\n{more}"
        );
    }
    text
}

fn probe(lines: &[Line<'_>]) -> Found {
    Probe::settings(&settings(lines)).run()
}

/// Where a finding points to.
fn line(found: &Found, rule: &str) -> Option<u64> {
    let finding = found.finding(rule);
    assert_eq!(finding["path"], "settings.yaml", "{finding:#}");
    finding["start"]["line"].as_u64()
}

#[test]
fn a_good_server_has_nothing_to_find() {
    let cluster = postgres::without_tls();
    let main = Line("main", cluster, "scram_role", "app", "    pool: {max_connections: 20, max_overflow: 10}\n");
    let found = probe(&[main]).expect_status(0);
    found.target("main").expect_status("healthy");
    assert!(found.rules().is_empty(), "{:#}", found.json);
    let vector = probe(&[Line("vector", pgvector::standard(), "scram_role", "app", "")]).expect_status(0);
    assert!(vector.rules().is_empty(), "{:#}", vector.json);
}

#[test]
fn connections_are_counted_against_what_the_server_allows() {
    let cluster = Cluster::with().setting("max_connections", "12").setting("superuser_reserved_connections", "2");
    let cluster = cluster
        .sql(
            "create role few login password 'Invented+4711/ok' connection limit 4;\n\
             create database narrow connection limit 3;\n",
        )
        .access(&format!("host all few all scram-sha-256\n{}", postgres::roles::ACCESS))
        .start();
    let pool = |max, overflow| format!("    pool: {{max_connections: {max}, max_overflow: {overflow}}}\n");
    let (small, large) = (pool(4, 1), pool(5, 1));
    let main = || Line("main", &cluster, "scram_role", "app", &large);
    let found = probe(&[main(), Line("mlflow", &cluster, "scram_role", "postgres", &small)]);
    found.expect_finding(
        "pool-exceeds-server",
        "warning",
        &format!(
            "the pools of main and mlflow may open 11 connections to 127.0.0.1:{}, which allows 10",
            cluster.port()
        ),
        "raise max_connections of the server",
    );
    assert_eq!(line(&found, "pool-exceeds-server"), Some(8));
    found.expect_none_of(&["connections-nearly-used"]);
    assert_eq!(found.target("main").get("/facts/connections/allowed"), 10);
    // One less is allowed.
    let exact = pool(5, 0);
    let found = probe(&[main(), Line("vector", &cluster, "scram_role", "app", &pool(4, 0))]);
    found.expect_none_of(&["pool-exceeds-server"]);
    // The limits of the role and of the database are below that of the server.
    let found = probe(&[Line("main", &cluster, "few", "app", &exact)]);
    let message = "the pool of main may open 5 connections to the server, which allows 4 to the role `few`";
    found.expect_finding("pool-exceeds-server", "warning", message, "`alter role few connection limit");
    // A role has its limit in all databases together.
    let (of_main, of_mlflow) = (pool(2, 0), pool(3, 0));
    let found = probe(&[
        Line("main", &cluster, "few", "app", &of_main),
        Line("mlflow", &cluster, "few", "postgres", &of_mlflow),
    ]);
    let message = "the pools of main and mlflow may open 5 connections to the server, which allows 4 to the role `few`";
    found.expect_finding("pool-exceeds-server", "warning", message, "`alter role few connection limit");
    let found = probe(&[Line("main", &cluster, "scram_role", "narrow", &exact)]);
    let message = "the pool of main may open 5 connections to the server, which allows 3 to the database `narrow`";
    found.expect_finding("pool-exceeds-server", "warning", message, "`alter database narrow connection limit");

    let held: Vec<_> = (0..7).map(|_| cluster.hold("trusted", "app")).collect();
    let found = probe(&[Line("main", &cluster, "scram_role", "app", "")]);
    let message = "8 of 10 connections are in use on the server of main";
    found.expect_finding("connections-nearly-used", "warning", message, "pg_stat_activity");
    found.target("main").expect_status("healthy");
    let more: Vec<_> = (0..3).map(|_| cluster.hold("trusted", "app")).collect();
    let found = probe(&[main()]).expect_status(1);
    let finding = found.finding("connections-nearly-used");
    assert_eq!(finding["severity"], "error");
    found.target("main").expect_status("down");
    drop((held, more));
}

#[test]
fn roles_with_too_many_rights_and_too_little_time_are_found() {
    let access = "host all boss,maker,soon,today,later,forever,gone all trust\n";
    let roles = "create role boss superuser login;\n\
                 create role maker createrole bypassrls replication login;\n\
                 create role forever login valid until 'infinity';\n\
                 create role gone login valid until '2001-02-03';\n\
                 select format('create role %s login valid until %L', name, now() + after::interval) from (values \
                 ('today', '5 hours'), ('soon', '13 days 1 hour'), ('later', '15 days')) as r (name, after) \\gexec\n";
    let cluster = Cluster::with().access(access).sql(roles).start();
    // The own machine is nobody's concern; the same server under another name is.
    let remote = |role: &str| {
        let (local, elsewhere) = ("host: 127.0.0.1", "host: db.example.com\n    hostaddr: 127.0.0.1");
        let text = settings(&[Line("main", &cluster, role, "app", "")]).replace(local, elsewhere);
        Probe::settings(&text).run()
    };
    probe(&[Line("main", &cluster, "boss", "app", "")]).expect_none_of(&["overprivileged-role"]);
    let found = remote("boss");
    let message = "main logs in as `boss`, a superuser, who may do everything";
    found.expect_finding("overprivileged-role", "warning", message, "`alter role boss nosuperuser`");
    assert_eq!(line(&found, "overprivileged-role"), Some(7));
    found.target("main").expect_status("healthy");
    let message = "main logs in as `maker`, a role that may make roles, pass over row-level security and copy the \
                   whole server by replication";
    remote("maker").expect_finding("overprivileged-role", "warning", message, "nocreaterole nobypassrls noreplication");
    remote("later").expect_none_of(&["overprivileged-role", "account-expiring"]);
    remote("forever").expect_none_of(&["account-expiring"]);
    for (role, when) in [("today", "expires within a day"), ("soon", "expires in 13 days"), ("gone", "has expired")] {
        let message = format!("the password of `{role}`, the user of main, {when}");
        remote(role).expect_finding("account-expiring", "warning", &message, "valid until");
    }
}

#[test]
fn certificates_that_end_soon_are_found_once_a_server() {
    let cluster = postgres::standard();
    let verified = format!("    ssl_mode: verify-ca\n    ssl_root_cert: {}\n", certificates::root_file().display());
    let lines = [Line("main", cluster, "scram_role", "app", ""), Line("mlflow", cluster, "md5_role", "app", &verified)];
    let found = probe(&lines);
    let days = found.target("main").get("/facts/tls/certificate_days_left").as_i64().expect("it ends");
    let message = format!("the certificate of the server of main and mlflow expires in {days} days");
    found.expect_finding("certificate-expiring", "warning", &message, "renew it");
    assert_eq!(line(&found, "certificate-expiring"), Some(3));
    // Whoever does not look at it is not refused: not before its end, and not after.
    let message = format!("the certificate of the server of main expires in {days} days");
    probe(&lines[..1]).expect_finding("certificate-expiring", "info", &message, "renew it");
    let expired = postgres::with_certificate(ServerCertificate::Expired);
    let found = probe(&[Line("main", expired, "scram_role", "app", "    ssl_mode: require\n")]);
    let message = "the certificate of the server of main has expired";
    found.expect_finding("certificate-expiring", "info", message, "renew it");
    found.target("main").expect_status("healthy");
    found.expect_none_of(&["tls-refused"]);
    probe(&[Line("main", cluster, "scram_role", "app", "    ssl_mode: disable\n")])
        .expect_none_of(&["certificate-expiring"]);
}

#[test]
fn servers_that_take_no_writes_are_found() {
    let standby = postgres::standby();
    let primary = postgres::without_tls();
    let found = probe(&[Line("main", &standby, "scram_role", "app", "")]).expect_status(1);
    let message = "the server of main takes no writes: it is a standby";
    found.expect_finding("read-only-server", "error", message, "list this one under `replicas`");
    assert_eq!(line(&found, "read-only-server"), Some(3));
    found.target("main").expect_status("degraded");
    // Where a replica takes writes it is the primary now.
    let replica = format!("    replicas: [{{host: 127.0.0.1, port: {}}}]\n", primary.port());
    let found = probe(&[Line("main", &standby, "scram_role", "app", &replica)]);
    let help = "main.replicas[0] takes writes: it is the primary now, so write its host here";
    found.expect_finding("read-only-server", "error", message, help);
    // A replica is there to be read from.
    let replica = format!("    replicas: [{{host: 127.0.0.1, port: {}}}]\n", standby.port());
    probe(&[Line("main", primary, "scram_role", "app", &replica)]).expect_none_of(&["read-only-server"]);
    let found = probe(&[Line("main", postgres::standard(), "scram_role", "reads_only", "")]).expect_status(1);
    let message = "the server of main takes no writes: default_transaction_read_only is on";
    found.expect_finding("read-only-server", "error", message, "default_transaction_read_only");
}

#[test]
fn a_missing_extension_is_told_with_what_the_server_has() {
    let found = probe(&[Line("vector", pgvector::standard(), "scram_role", "postgres", "")]).expect_status(1);
    let help = "create extension vector";
    found.expect_finding("extension-missing", "error", "`postgres` of vector has no pgvector", help);
    assert_eq!(line(&found, "extension-missing"), Some(5));
    let found = probe(&[Line("vector", postgres::standard(), "scram_role", "app", "")]).expect_status(1);
    let help = "postgresql-15-pgvector";
    found.expect_finding("extension-missing", "error", "`app` of vector has no pgvector", help);
    // Main does not need it.
    probe(&[Line("main", postgres::standard(), "scram_role", "app", "")]).expect_none_of(&["extension-missing"]);
}

#[test]
fn a_database_that_is_not_there_is_told_with_the_one_that_is() {
    let cluster = Cluster::with().sql("create database mlflow_db owner scram_role;").start();
    let lines = [Line("main", &cluster, "scram_role", "app", ""), Line("mlflow", &cluster, "scram_role", "mlflow", "")];
    let found = probe(&lines).expect_status(1);
    let server = format!("127.0.0.1:{}", cluster.port());
    let message = format!("the database `mlflow` of mlflow does not exist on {server}");
    found.expect_finding("database-missing", "error", &message, "the server has `mlflow_db`: write that");
    assert_eq!(line(&found, "database-missing"), Some(11));
    found.target("main").expect_status("healthy");
    let found = probe(&[Line("mlflow", &cluster, "scram_role", "mlflow_db", "")]);
    found.expect_none_of(&["database-missing"]);
}

#[test]
fn a_schema_of_mlflow_that_is_behind_is_found() {
    let cluster = Cluster::start();
    let run = || probe(&[Line("mlflow", &cluster, "scram_role", "app", "")]).expect_status(0);
    let found = run();
    let message = "MLflow has made no tables in `app`: it has never started against it";
    found.expect_finding("mlflow-schema-behind", "info", message, "MLflow uses another database");
    cluster.sql(
        "app",
        "create table alembic_version (version_num text); insert into alembic_version values ('bda7b8c39065');",
    );
    // What the user may not read is neither behind nor absent.
    let found = run();
    found.expect_none_of(&["mlflow-schema-behind"]);
    assert_eq!(found.target("mlflow").get("/facts/alembic"), "hidden", "{:#}", found.json);
    cluster.sql("app", "grant select on alembic_version to scram_role;");
    let found = run();
    found.target("mlflow").expect_status("healthy");
    let finding = found.finding("mlflow-schema-behind");
    assert_eq!((&finding["severity"], &finding["start"]["line"]), (&"warning".into(), &5.into()));
    let message = finding["message"].as_str().unwrap_or_default();
    let begin = "MLflow's schema in `app` is at revision bda7b8c39065, that of MLflow 3.0.1, and ";
    assert!(message.starts_with(begin), "{message}");
    assert!(finding["help"].as_str().is_some_and(|help| help.contains("`mlflow db upgrade`")), "{finding}");
    // A revision that nobody knows is newer.
    cluster.sql("app", "update alembic_version set version_num = '0123456789ab';");
    run().expect_none_of(&["mlflow-schema-behind"]);
}

#[test]
fn a_host_that_is_not_there_is_told_with_the_server_that_has_its_database() {
    let cluster = Cluster::with().sql("create database mlflow_db owner scram_role;").start();
    let main = Line("main", &cluster, "scram_role", "app", "");
    // The resolver refuses a label of more than 63 characters without asking anybody.
    let dead = format!("{}.example.com", "a".repeat(64));
    let mlflow = settings(&[Line("mlflow", &cluster, "scram_role", "mlflow_db", "")]);
    let mlflow = mlflow.replace("127.0.0.1", &dead).replace("databases:\n", "");
    let found = Probe::settings(&(settings(&[main]) + &mlflow)).run().expect_status(1);
    let message = format!("the host `{dead}` of mlflow does not exist");
    let help = "mlflow_db exists on main's server: `dbcfg migrate settings.yaml --relocate mlflow=main`";
    found.expect_finding("host-not-found", "error", &message, help);
    assert_eq!(line(&found, "host-not-found"), Some(9));
    assert_eq!(found.target("mlflow").expect_status("down").get("/error/stage"), "dns");
    found.target("main").expect_status("healthy");
}

#[test]
fn who_is_not_let_in_is_found() {
    let plain = postgres::without_tls();
    let server = format!("127.0.0.1:{}", plain.port());
    let found = probe(&[Line("main", plain, "scram_role", "app", "    ssl_mode: require\n")]).expect_status(1);
    let message = "no encrypted connection to main: the server has no TLS, and ssl_mode asks for it";
    found.expect_finding("tls-refused", "error", message, "switch it on there");
    assert_eq!(line(&found, "tls-refused"), Some(8));
    let text = settings(&[Line("main", plain, "scram_role", "app", "")]).replace(PASSWORD, "somebody-else's");
    let found = Probe::settings(&text).run().expect_status(1);
    let message = format!(
        "main is not let in by {server}: the server rejects the user or the password: password authentication failed for user \"scram_role\""
    );
    found.expect_finding("authentication-failed", "error", &message, "settings.yaml:7");
    let closed = crate::servers::running::free_port();
    let text = settings(&[Line("main", plain, "scram_role", "app", "")])
        .replace(&plain.port().to_string(), &closed.to_string());
    let found = Probe::settings(&text).run().expect_status(1);
    found.expect_finding(
        "unreachable",
        "error",
        "main cannot be used: nobody listens on this port",
        "nothing listens there",
    );
    let found = probe(&[Line("main", plain, "scram_role", "app", "")]);
    found.expect_none_of(&["tls-refused", "authentication-failed", "unreachable", "host-not-found"]);
}

/// A standby as main, which is an error, with more in the line of its host.
fn standby_as_main(comment: &str) -> (Cluster, String) {
    let standby = postgres::standby();
    let text = settings(&[Line("main", &standby, "scram_role", "app", "")]);
    let text = text.replace("host: 127.0.0.1", &format!("host: 127.0.0.1{comment}"));
    (standby, text)
}

#[test]
fn findings_that_are_known_do_not_count() {
    let (_standby, text) = standby_as_main("");
    let above = text.replace("    host:", "    # dbcfg: ignore[read-only-server] until Monday\n    host:");
    let beside = text.replace("127.0.0.1", "127.0.0.1  # dbcfg: ignore[live] until Monday");
    let other = text.replace("127.0.0.1", "127.0.0.1  # dbcfg: ignore[unreachable]");
    let file = |name: &str, contents: &str| {
        let (name, contents) = (name.to_owned(), contents.to_owned());
        move |dbcfg: crate::support::Dbcfg| dbcfg.file(&name, &contents)
    };
    let ignored = "[per-file-ignores]\n\"*.yaml\" = [\"read-only-server\"]\n";
    for (what, probe) in [
        ("a comment above", Probe::settings(&above)),
        ("a comment beside", Probe::settings(&beside)),
        ("--ignore of the rule", Probe::settings(&text).args(&["--ignore", "read-only-server"])),
        ("--ignore of the group", Probe::settings(&text).args(&["--ignore", "live"])),
        ("--select of another", Probe::settings(&text).args(&["--select", "pool"])),
        ("per-file-ignores", Probe::settings(&text).with(file("dbcfg.toml", ignored))),
        ("off", Probe::settings(&text).with(file("dbcfg.toml", "[severity]\nread-only-server = \"off\"\n"))),
    ] {
        let found = probe.run();
        assert!(found.rules().is_empty(), "{what}: {:#}", found.json);
        found.target("main").expect_status("healthy");
        assert_eq!(found.output.status, 0, "{what}");
    }
    let elsewhere = "[per-file-ignores]\n\"other.yaml\" = [\"live\"]\n";
    for (what, probe) in [
        ("a comment for another rule", Probe::settings(&other)),
        ("--select", Probe::settings(&text).args(&["--select", "read-only-server"])),
        ("--ignore of another", Probe::settings(&text).args(&["--ignore", "unreachable"])),
        ("per-file-ignores of another file", Probe::settings(&text).with(file("dbcfg.toml", elsewhere))),
    ] {
        let found = probe.run();
        assert_eq!(found.rules(), ["read-only-server"], "{what}: {:#}", found.json);
        found.target("main").expect_status("degraded");
        assert_eq!(found.output.status, 1, "{what}");
    }
}

#[test]
fn the_severity_of_a_finding_decides_the_verdict() {
    let (_standby, text) = standby_as_main("");
    let severity = |text: &str, rule: &str, level: &str| {
        let settings = format!("[severity]\n{rule} = \"{level}\"\n");
        Probe::settings(text).with(|dbcfg| dbcfg.file("dbcfg.toml", &settings)).run()
    };
    for level in ["info", "warning"] {
        let found = severity(&text, "read-only-server", level).expect_status(0);
        assert_eq!(found.finding("read-only-server")["severity"], level);
        found.target("main").expect_status("healthy");
    }
    let found = severity(&text, "live", "info").expect_status(0);
    found.target("main").expect_status("healthy");
    // The other way: what is a warning degrades as an error.
    let text = settings(&[Line("main", postgres::standard(), "scram_role", "app", "")]);
    let found = severity(&text, "certificate-expiring", "error").expect_status(1);
    assert_eq!(found.finding("certificate-expiring")["severity"], "error");
    found.target("main").expect_status("degraded");
}

#[test]
fn who_does_not_answer_is_down_whatever_is_ignored() {
    let text = settings(&[Line("main", postgres::without_tls(), "unlisted", "app", "")]);
    let found = Probe::settings(&text).args(&["--ignore", "live"]).run().expect_status(1);
    assert!(found.rules().is_empty(), "{:#}", found.json);
    found.target("main").expect_status("down");
    assert!(found.target("main").get("/hint").as_str().is_some_and(|hint| hint.contains("pg_hba.conf")));
}

#[test]
fn a_server_without_encryption_does_not_ask_for_it() {
    // It says "no encryption" of everybody whom it does not know.
    for mode in ["allow", "prefer"] {
        let found =
            Probe::url(&format!("{} sslmode={mode}", postgres::without_tls().conninfo("unlisted", "app"))).run();
        let refused =
            expected("auth", "not-allowed", "permanent", "28000", "no line of pg_hba.conf lets `unlisted` in");
        found.only().expect_status("down").expect(refused);
        assert_eq!(found.rules(), ["authentication-failed"], "{:#}", found.json);
        let hint = found.only().get("/hint").as_str().unwrap_or_default();
        assert!(!hint.contains("ssl_mode"), "{hint}");
    }
}

#[test]
fn people_read_the_finding_with_its_line_and_the_next_command() {
    let cluster = Cluster::with().sql("create database mlflow_db owner scram_role;").start();
    let lines = [Line("main", &cluster, "scram_role", "app", ""), Line("mlflow", &cluster, "scram_role", "mlflow", "")];
    let human = |text: &str| Probe::settings(text).args(&["--format", "human"]).output().expect_status(1).stdout;
    let expect = |text: &str, expected: &[&str]| {
        let human = human(text);
        for part in expected {
            assert!(human.contains(part), "{part:?} is missing in\n{human}");
        }
    };
    expect(
        &settings(&lines),
        &[
            "down[database-missing]: there is no such database: database \"mlflow\" does not exist\n",
            " --> settings.yaml:11:15 (mlflow)\n",
            "  = stage: session; 3D000, permanent; 1 attempt in ",
            "  = try: the server has `mlflow_db`: write that as the database (settings.yaml:11:15)\n",
            "\n1 down, 1 healthy in ",
        ],
    );
    let (_standby, text) = standby_as_main("");
    expect(
        &text,
        &[
            "settings.yaml:3:11: error[read-only-server]: the server of main takes no writes: it is a standby\n",
            "  help: name the primary, and list this one under `replicas`; ",
            "\n1 degraded in ",
        ],
    );
    let text = settings(&[Line("main", &cluster, "scram_role", "app", "    ssl_mode: require\n")]);
    expect(
        &text,
        &[
            "down[tls-refused]: the server has no TLS, and ssl_mode asks for it\n --> settings.yaml:8:15 (main)\n",
            "  = try: the server has no TLS: switch it on there (`ssl = on`); ",
        ],
    );
    let text = settings(&[Line("vector", postgres::standard(), "scram_role", "app", "")]);
    expect(
        &text,
        &[
            "degraded[extension-missing]: pgvector is not installed, and the server does not have it\n",
            "  = try: the server has no pgvector to install: install its package there (on Debian \
             `postgresql-15-pgvector`), then `create extension vector` in `app`\n",
            "settings.yaml:3:11: info[certificate-expiring]: the certificate of the server of vector expires in ",
        ],
    );
}
