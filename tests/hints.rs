//! What is told to somebody whose database does not answer: for each case the files, what a probe found, and the hint,
//! written by hand as it should be read, with the line to change.

mod misleading;

use std::collections::BTreeMap;
use std::fmt::Write as _;

use dbcfg::load::{Request, load};
use dbcfg::model::health::Subject;
use dbcfg::model::{Configuration, Role};
use dbcfg::report::health::{Checkup, HealthNote, json, nagios};
use dbcfg::rules::hint::{hint, place};

use crate::support::{Dbcfg, TestDirectory, health};

/// One case: what it is about, the files, the targets as JSON, the hint for the first target that has an error, and the
/// line to change.
struct Case {
    name: &'static str,
    files: &'static [(&'static str, &'static str)],
    targets: &'static str,
    hint: Option<&'static str>,
    place: &'static str,
}

/// A database with all that hints speak of.
const MAIN: &str = "\
databases:
  main:
    host: db.example.com
    port: 5433
    database: app
    username: app_user
    password: \"${MAIN_DB_PASSWORD}\"
    ssl_mode: verify-full
    ssl_root_cert: ca.pem
";

const TWO: &str = "\
databases:
  main:
    host: db.example.com
    database: app
  mlflow:
    host: old.example.com
    database: mlflow_db
";

const SUPABASE: &str = "\
databases:
  main:
    host: db.abcdefghijklmnopqrst.supabase.co
    database: postgres
    username: postgres
";

const RDS: &str = "\
databases:
  main:
    host: app.us-east-1.rds.amazonaws.com
    database: app
";

const SERVICES: &str = "\
services:
  mlflow:
    tracking_uri: http://mlflow.example.com:5000
    artifact_store: s3://runs/mlflow/
  redis:
    url: redis://cache.example.com:6379/0
";

const SQLITE: &str = "\
databases:
  main:
    engine: sqlite
    path: data/app.db
";

const CASES: &[Case] = &[
    Case {
        name: "a dead host, and a live server that has the database",
        files: &[("settings.yaml", TWO)],
        targets: r#"{"name": "mlflow", "status": "down", "stage": "dns", "error": {"cause": "name-not-found"}},
            {"name": "main", "status": "healthy", "facts": {"engine": "postgresql", "databases": ["app", "mlflow_db"]}}"#,
        hint: Some("mlflow_db exists on main's server: `dbcfg migrate settings.yaml --relocate mlflow=main`"),
        place: "settings.yaml:6:11",
    },
    Case {
        name: "the same, silent",
        files: &[("settings.yaml", TWO)],
        targets: r#"{"name": "mlflow", "status": "down", "stage": "tcp", "error": {"cause": "timeout"}},
            {"name": "main", "status": "healthy", "facts": {"engine": "postgresql", "databases": ["app", "mlflow_db"]}}"#,
        hint: Some("mlflow_db exists on main's server: `dbcfg migrate settings.yaml --relocate mlflow=main`"),
        place: "settings.yaml:6:11",
    },
    Case {
        name: "a live server that does not have the database",
        files: &[("settings.yaml", TWO)],
        targets: r#"{"name": "mlflow", "status": "down", "stage": "dns", "error": {"cause": "name-not-found"}},
            {"name": "main", "status": "healthy", "facts": {"engine": "postgresql", "databases": ["app"]}}"#,
        hint: Some(
            "check the spelling of `old.example.com` (settings.yaml:6:11); a name of a private network is known only inside it (VPN, cluster)",
        ),
        place: "settings.yaml:6:11",
    },
    Case {
        name: "a standby that has it cannot take its place",
        files: &[("settings.yaml", TWO)],
        targets: r#"{"name": "mlflow", "status": "down", "stage": "dns", "error": {"cause": "name-not-found"}},
            {"name": "main", "status": "healthy", "facts": {"engine": "postgresql", "in_recovery": true, "databases": ["mlflow_db"]}}"#,
        hint: Some(
            "check the spelling of `old.example.com` (settings.yaml:6:11); a name of a private network is known only inside it (VPN, cluster)",
        ),
        place: "settings.yaml:6:11",
    },
    Case {
        name: "a dead host in .env",
        files: &[
            ("settings.yaml", "databases:\n  main:\n    host: db.example.com\n    database: app\n"),
            (".env", "MLFLOW_POSTGRES_HOST=old.example.com\nMLFLOW_POSTGRES_DB=mlflow_db\n"),
        ],
        targets: r#"{"name": "mlflow", "status": "down", "stage": "dns", "error": {"cause": "name-not-found"}},
            {"name": "main", "status": "healthy", "facts": {"engine": "postgresql", "databases": ["app", "mlflow_db"]}}"#,
        hint: Some("mlflow_db exists on main's server: set the host to `db.example.com` (.env:1:22)"),
        place: ".env:1:22",
    },
    Case {
        name: "a dead host that a variable holds",
        files: &[
            ("settings.yaml", "databases:\n  main:\n    host: \"${DB_NAME_OF_HOST}\"\n    database: app\n"),
            (".env", "DB_NAME_OF_HOST=old-db\n"),
        ],
        targets: r#"{"name": "main", "status": "down", "stage": "dns", "error": {"cause": "name-not-found"}}"#,
        hint: Some(
            "check the spelling of `old-db` (.env:1:17); a name without a dot is known only in its own network of containers",
        ),
        place: ".env:1:17",
    },
    Case {
        name: "a host of RDS that cannot exist",
        files: &[("settings.yaml", RDS)],
        targets: r#"{"name": "main", "status": "down", "stage": "dns", "error": {"cause": "name-not-found"}}"#,
        hint: Some(
            "no RDS host lacks its account part, so this one (settings.yaml:3:11) cannot exist: copy the endpoint from the RDS console (`dbcfg explain impossible-rds-host`)",
        ),
        place: "settings.yaml:3:11",
    },
    Case {
        name: "Supabase, from where there is no IPv6",
        files: &[("settings.yaml", SUPABASE)],
        targets: r#"{"name": "main", "status": "down", "stage": "tcp", "error": {"cause": "unreachable"},
            "attempts": [{"addresses": ["[2001:db8::1]:5432"]}]}"#,
        hint: Some(
            "Supabase's direct host has IPv6 addresses only, and this machine reaches none of them: use the session pooler (host `aws-0-<region>.pooler.supabase.com`, port 5432, user `postgres.abcdefghijklmnopqrst`; \"Connect\" in the dashboard shows it), or buy the IPv4 add-on",
        ),
        place: "settings.yaml:3:11",
    },
    Case {
        name: "Supabase, a project that is gone",
        files: &[("settings.yaml", SUPABASE)],
        targets: r#"{"name": "main", "status": "down", "stage": "dns", "error": {"cause": "name-not-found"}}"#,
        hint: Some(
            "Supabase has no project `abcdefghijklmnopqrst` that is running: one that was paused or deleted has no host; look at the dashboard",
        ),
        place: "settings.yaml:3:11",
    },
    Case {
        name: "a host with IPv6 addresses only",
        files: &[("settings.yaml", MAIN)],
        targets: r#"{"name": "main", "status": "down", "stage": "tcp", "error": {"cause": "timeout"},
            "attempts": [{"addresses": ["[2001:db8::1]:5433", "[2001:db8::2]:5433"]}]}"#,
        hint: Some(
            "the host has IPv6 addresses only, and this machine reaches none of them: give this machine IPv6, or the host an IPv4 address",
        ),
        place: "settings.yaml:3:11",
    },
    Case {
        name: "nothing listens on localhost",
        files: &[("settings.yaml", "databases:\n  main:\n    host: localhost\n    database: app\n")],
        targets: r#"{"name": "main", "status": "down", "stage": "tcp", "error": {"cause": "refused"}}"#,
        hint: Some(
            "nothing listens there (settings.yaml:3:11): start the server; inside a container localhost is the container itself, and the server is found under the name of its service or `host.docker.internal`",
        ),
        place: "settings.yaml:3:11",
    },
    Case {
        name: "nothing listens on another machine",
        files: &[("settings.yaml", MAIN)],
        targets: r#"{"name": "main", "status": "down", "stage": "tcp", "error": {"cause": "refused"}}"#,
        hint: Some(
            "the machine answers, and nothing listens on port 5433 (settings.yaml:4:11): is the server running, and does it listen to others (`listen_addresses`)? On the server: `ss -ltn 'sport = :5433'`",
        ),
        place: "settings.yaml:3:11",
    },
    Case {
        name: "a firewall",
        files: &[("settings.yaml", MAIN)],
        targets: r#"{"name": "main", "status": "down", "stage": "tcp", "error": {"cause": "timeout"}}"#,
        hint: Some(
            "nothing answers and nothing refuses (settings.yaml:4:11): most often a firewall or security group drops the packets; let this machine in to port 5433",
        ),
        place: "settings.yaml:3:11",
    },
    Case {
        name: "a server that hangs",
        files: &[("settings.yaml", MAIN)],
        targets: r#"{"name": "main", "status": "down", "stage": "query", "error": {"cause": "timeout"}}"#,
        hint: Some(
            "the server takes connections and is silent at the stage query: it is overloaded or hangs; see whether it answers later with the same command with `--timeout 60s`",
        ),
        place: "settings.yaml:3:11",
    },
    Case {
        name: "a server without TLS",
        files: &[("settings.yaml", MAIN)],
        targets: r#"{"name": "main", "status": "down", "stage": "tls", "error": {"cause": "tls-refused"}}"#,
        hint: Some(
            "the server has no TLS: switch it on there (`ssl = on`); only where nobody can listen on the way, set ssl_mode (settings.yaml:8:15) to `prefer`",
        ),
        place: "settings.yaml:8:15",
    },
    Case {
        name: "a server that insists on TLS",
        files: &[("settings.yaml", "databases:\n  main:\n    host: db.example.com\n    ssl_mode: disable\n")],
        targets: r#"{"name": "main", "status": "down", "stage": "auth", "error": {"cause": "tls-required"}}"#,
        hint: Some(
            "the server takes encrypted connections only: set ssl_mode (settings.yaml:4:15) to `require`, or better `verify-full`",
        ),
        place: "settings.yaml:4:15",
    },
    Case {
        name: "the wrong authority",
        files: &[("settings.yaml", MAIN)],
        targets: r#"{"name": "main", "status": "down", "stage": "tls", "error": {"cause": "certificate-untrusted"}}"#,
        hint: Some(
            "ssl_root_cert (settings.yaml:9:20) is not the authority that has signed the server's certificate: ask for the current one; RDS publishes one bundle for all its regions",
        ),
        place: "settings.yaml:9:20",
    },
    Case {
        name: "a certificate for another name",
        files: &[("settings.yaml", MAIN)],
        targets: r#"{"name": "main", "status": "down", "stage": "tls", "error": {"cause": "certificate-host-mismatch"}}"#,
        hint: Some(
            "the certificate is for another name: write the name that it holds as the host (settings.yaml:3:11), or have one made for this name; `verify-ca` would not look at the name",
        ),
        place: "settings.yaml:3:11",
    },
    Case {
        name: "a certificate that has expired",
        files: &[("settings.yaml", MAIN)],
        targets: r#"{"name": "main", "status": "down", "stage": "tls", "error": {"cause": "certificate-expired"}}"#,
        hint: Some("the server's certificate has expired: renew it there; the clock of this machine may be wrong too"),
        place: "settings.yaml:3:11",
    },
    Case {
        name: "versions of TLS that do not meet",
        files: &[("settings.yaml", MAIN)],
        targets: r#"{"name": "main", "status": "down", "stage": "tls", "error": {"cause": "tls-handshake"}}"#,
        hint: Some(
            "the two do not agree on a version or cipher of TLS: `openssl s_client -starttls postgres -connect db.example.com:5433` shows what the server offers",
        ),
        place: "settings.yaml:8:15",
    },
    Case {
        name: "a wrong password in .env",
        files: &[("settings.yaml", MAIN), (".env", "\nMAIN_DB_PASSWORD=c4n4ry\n")],
        targets: r#"{"name": "main", "status": "down", "stage": "auth", "error": {"cause": "password-rejected"}}"#,
        hint: Some(
            "the password of `app_user` comes from .env:2:18: it was changed on the server, or belongs to another user; try it by hand: `psql -h db.example.com -p 5433 -U app_user -d app`",
        ),
        place: ".env:2:18",
    },
    Case {
        name: "a wrong password that no file says",
        files: &[("settings.yaml", TWO)],
        targets: r#"{"name": "main", "status": "down", "stage": "auth", "error": {"cause": "password-rejected"}}"#,
        hint: Some(
            "no file says the password of the user, so it came from PGPASSWORD or ~/.pgpass: look there; try it by hand: `psql -h db.example.com -d app`",
        ),
        place: "settings.yaml:3:11",
    },
    Case {
        name: "no password",
        files: &[("settings.yaml", TWO)],
        targets: r#"{"name": "main", "status": "down", "stage": "auth", "error": {"cause": "password-missing"}}"#,
        hint: Some(
            "the server wants a password for the user, and none is configured: give main (settings.yaml:3:11) the key `password` with the value `${MAIN_DB_PASSWORD}`, or add a line to ~/.pgpass",
        ),
        place: "settings.yaml:3:11",
    },
    Case {
        name: "no line in pg_hba.conf",
        files: &[("settings.yaml", MAIN)],
        targets: r#"{"name": "main", "status": "down", "stage": "auth", "error": {"cause": "not-allowed"}}"#,
        hint: Some(
            "no line of pg_hba.conf lets `app_user` in from this machine: have one added on the server, then `select pg_reload_conf()`",
        ),
        place: "settings.yaml:3:11",
    },
    Case {
        name: "no right to connect",
        files: &[("settings.yaml", MAIN)],
        targets: r#"{"name": "main", "status": "down", "stage": "session", "error": {"cause": "connect-denied"}}"#,
        hint: Some(
            "the password is right, and `app_user` may not connect to this database: the owner says `grant connect on database app to app_user`",
        ),
        place: "settings.yaml:6:15",
    },
    Case {
        name: "a database whose name is nearly right",
        files: &[(
            "settings.yaml",
            "databases:\n  main: {host: db.example.com, database: app}\n  mlflow: {host: db.example.com, database: mlflow}\n",
        )],
        targets: r#"{"name": "mlflow", "status": "down", "stage": "session", "error": {"cause": "database-missing"}},
            {"name": "main", "status": "healthy", "facts": {"engine": "postgresql", "databases": ["app", "mlflow_db", "postgres"]}}"#,
        hint: Some("the server has `mlflow_db`: write that as the database (settings.yaml:3:44)"),
        place: "settings.yaml:3:44",
    },
    Case {
        name: "a database that is called otherwise",
        files: &[(
            "settings.yaml",
            "databases:\n  main: {host: db.example.com, database: app}\n  mlflow: {host: db.example.com, database: tracking}\n",
        )],
        targets: r#"{"name": "mlflow", "status": "down", "stage": "session", "error": {"cause": "database-missing"}},
            {"name": "main", "status": "healthy", "facts": {"engine": "postgresql", "databases": ["app", "postgres", "shop"]}}"#,
        hint: Some(
            "the server has `app`, `shop`: write the right name (settings.yaml:3:44), or have it made with `create database tracking`",
        ),
        place: "settings.yaml:3:44",
    },
    Case {
        name: "a database that nobody knows",
        files: &[("settings.yaml", MAIN)],
        targets: r#"{"name": "main", "status": "down", "stage": "session", "error": {"cause": "database-missing"}}"#,
        hint: Some(
            "`psql -h db.example.com -p 5433 -U app_user -d postgres -l` lists what the server has: write the right name (settings.yaml:5:15), or have it made with `create database app`",
        ),
        place: "settings.yaml:5:15",
    },
    Case {
        name: "pgvector, which the server could install",
        files: &[(
            "settings.yaml",
            "databases:\n  vector: {host: db.example.com, database: vector_db, username: owner}\n",
        )],
        targets: r#"{"name": "vector", "status": "degraded", "stage": "extension", "error": {"cause": "extension-missing"},
            "facts": {"engine": "postgresql", "vector": {"available": "0.7.4"}}}"#,
        hint: Some(
            "the server has pgvector 0.7.4 to install: `psql -h db.example.com -U owner -d vector_db -c 'create extension vector'`, as the owner of the database or a superuser",
        ),
        place: "settings.yaml:2:44",
    },
    Case {
        name: "pgvector, which the server does not have",
        files: &[("settings.yaml", "databases:\n  vector: {host: db.example.com, database: vector_db}\n")],
        targets: r#"{"name": "vector", "status": "degraded", "stage": "extension", "error": {"cause": "extension-missing"},
            "facts": {"engine": "postgresql", "version_number": 160004}}"#,
        hint: Some(
            "the server has no pgvector to install: install its package there (on Debian `postgresql-16-pgvector`), then `create extension vector` in `vector_db`",
        ),
        place: "settings.yaml:2:44",
    },
    Case {
        name: "no connection left",
        files: &[("settings.yaml", MAIN)],
        targets: r#"{"name": "main", "status": "down", "stage": "session", "error": {"cause": "too-many-connections"}}"#,
        hint: Some(
            "all connections are in use: `select usename, application_name, state, count(*) from pg_stat_activity group by 1, 2, 3 order by 4 desc` as an administrator shows whose they are; then lower the pools (`dbcfg explain pool-exceeds-server`) or raise max_connections",
        ),
        place: "settings.yaml:3:11",
    },
    Case {
        name: "a server that starts",
        files: &[("settings.yaml", MAIN)],
        targets: r#"{"name": "main", "status": "down", "stage": "session", "error": {"cause": "starting-up"}}"#,
        hint: Some("the server is starting, or recovers from a crash: the same command with `--wait 60s` waits for it"),
        place: "settings.yaml:3:11",
    },
    Case {
        name: "Redis without a password",
        files: &[("settings.yaml", SERVICES)],
        targets: r#"{"name": "services.redis", "status": "down", "stage": "auth", "error": {"cause": "password-missing", "code": "NOAUTH"}}"#,
        hint: Some(
            "Redis wants a password, and the URL (settings.yaml:6:10) has none: write `redis://:${REDIS_PASSWORD}@host:port/0`",
        ),
        place: "settings.yaml:6:10",
    },
    Case {
        name: "a bucket that is not there",
        files: &[("settings.yaml", SERVICES)],
        targets: r#"{"name": "services.mlflow.artifact_store", "status": "down", "stage": "query", "error": {"cause": "bucket-missing"}}"#,
        hint: Some("there is no such bucket (settings.yaml:4:21): `aws s3 ls` lists those of this account"),
        place: "settings.yaml:4:21",
    },
    Case {
        name: "a tracking server that is not running",
        files: &[("settings.yaml", SERVICES)],
        targets: r#"{"name": "services.mlflow", "status": "down", "stage": "tcp", "error": {"cause": "refused"}}"#,
        hint: Some(
            "the machine answers, and nothing listens on the port (settings.yaml:3:19): is the service running?",
        ),
        place: "settings.yaml:3:19",
    },
    Case {
        name: "a damaged file",
        files: &[("settings.yaml", SQLITE)],
        targets: r#"{"name": "main", "status": "down", "stage": "query", "error": {"cause": "file-damaged"}}"#,
        hint: Some(
            "the file (settings.yaml:4:11) is damaged, or no database: keep a copy, restore a backup, or save what there is with `sqlite3 data/app.db .recover`",
        ),
        place: "settings.yaml:4:11",
    },
    Case {
        name: "a secret that is not here",
        files: &[("settings.yaml", MAIN)],
        targets: r#"{"name": "main", "status": "not-measured", "error": {"cause": "unresolved-variable"}}"#,
        hint: Some(
            "`MAIN_DB_PASSWORD` (settings.yaml:7:15) has no value here: run it under your secret loader, then probe again",
        ),
        place: "settings.yaml:7:15",
    },
    Case {
        name: "a placeholder",
        files: &[("settings.yaml", "databases:\n  main:\n    host: <DB_HOST>\n    database: app\n")],
        targets: r#"{"name": "main", "status": "not-measured", "error": {"cause": "placeholder"}}"#,
        hint: Some(
            "host (settings.yaml:3:11) is a placeholder: write the real one (`dbcfg explain placeholder-value`)",
        ),
        place: "settings.yaml:3:11",
    },
    Case {
        name: "what the probe cannot do",
        files: &[("settings.yaml", MAIN)],
        targets: r#"{"name": "main", "status": "not-measured", "error": {"cause": "limitation"}}"#,
        hint: Some(
            "dbcfg cannot do this, so nothing is said about the server: try `psql -h db.example.com -p 5433 -U app_user -d app`",
        ),
        place: "settings.yaml:3:11",
    },
    Case {
        name: "names that a shell would take apart",
        files: &[(
            "settings.yaml",
            "databases:\n  main: {host: db.example.com, database: \"my app\", username: \"it's\"}\n",
        )],
        targets: r#"{"name": "main", "status": "not-measured", "error": {"cause": "limitation"}}"#,
        hint: Some(
            r"dbcfg cannot do this, so nothing is said about the server: try `psql -h db.example.com -U 'it'\''s' -d 'my app'`",
        ),
        place: "settings.yaml:2:16",
    },
    Case {
        name: "whatever else",
        files: &[("settings.yaml", MAIN)],
        targets: r#"{"name": "main", "status": "down", "stage": "query", "error": {"cause": "other", "code": "XX000"}}"#,
        hint: Some("see what psql says: `psql -h db.example.com -p 5433 -U app_user -d app`"),
        place: "settings.yaml:3:11",
    },
];

fn read(directory: &TestDirectory, files: &[(&str, &str)]) -> Configuration {
    for (path, text) in files {
        std::fs::write(directory.path().join(path), text).expect("the file can be written");
    }
    let request = Request { paths: vec![directory.path().to_path_buf()], ..Request::default() };
    load(&request).expect("a configuration").configuration
}

#[test]
fn every_failure_has_its_hint_and_its_line() {
    let mut wrong = String::new();
    for case in CASES.iter().chain(misleading::CASES) {
        let directory = TestDirectory::new();
        let configuration = read(&directory, case.files);
        let health = health(&configuration, &format!("{{\"targets\": [{}]}}", case.targets));
        let target = health.targets.first().expect("a target");
        let below = |text: String| text.replace(&format!("{}/", directory.path().display()), "");
        let hint = hint(&configuration, &health, target).map(below);
        let place = place(&configuration, target).map(|place| below(configuration.sources.describe(&place)));
        if hint.as_deref() != case.hint || place.as_deref() != Some(case.place) {
            let told = |hint: Option<&str>| hint.unwrap_or("nothing").to_owned();
            let (found, expected) = (told(hint.as_deref()), told(case.hint));
            let (line, meant) = (told(place.as_deref()), case.place);
            let _ = writeln!(wrong, "{}:\n  {found} ({line})\n  {expected} ({meant})", case.name);
        }
        assert!(!hint.clone().unwrap_or_default().contains("c4n4ry"), "{}: a secret is told", case.name);
    }
    assert!(wrong.is_empty(), "{wrong}");
}

/// What servers said is masked in every report. A hint is whole there, or its reader misses how it ends.
#[test]
fn hints_are_told_whole() {
    for case in CASES.iter().chain(misleading::CASES) {
        let directory = TestDirectory::new();
        let configuration = read(&directory, case.files);
        let health = health(&configuration, &format!("{{\"targets\": [{}]}}", case.targets));
        let target = health.targets.first().expect("a target");
        let Some(hint) = hint(&configuration, &health, target) else { continue };
        let note = HealthNote { origin: None, hint: Some(hint.clone()) };
        let notes = BTreeMap::from([(target.subject.clone(), note)]);
        let checkup = Checkup { health: &health, sources: &configuration.sources, notes: &notes, entries: &[] };
        let report: serde_json::Value = serde_json::from_str(&json(&checkup)).expect("JSON");
        assert_eq!(report["targets"][0]["hint"], hint.as_str(), "{}", case.name);
        assert!(nagios(&checkup).contains(&hint.replace('|', "/")), "{}", case.name);
    }
}

/// What else was typed is not known to a hint: it writes the whole command only where nothing else was needed.
#[test]
fn a_command_is_told_only_where_it_finds_the_same_files() {
    let settings = "databases:\n  main: {host: '${APP_HOST}', database: app, username: app}\n";
    for (arguments, expected) in [
        (&[][..], "`APP_HOST` (settings.yaml:2:16) has no value here: set it, then `dbcfg probe main`"),
        (&["-c", "deep"], "`APP_HOST` (deep/settings.yaml:2:16) has no value here: set it, then probe again"),
    ] {
        let project = Dbcfg::new().file("settings.yaml", settings).file("deep/settings.yaml", settings);
        let output = project.args(&["probe", "--format", "json"]).args(arguments).run();
        let report: serde_json::Value = serde_json::from_str(&output.stdout).expect("JSON");
        assert_eq!(report["targets"][0]["hint"], expected);
    }
}

#[test]
fn what_is_healthy_needs_no_hint() {
    let directory = TestDirectory::new();
    let configuration = read(&directory, &[("settings.yaml", MAIN)]);
    let json = r#"{"targets": [{"name": "main", "status": "healthy", "facts": {"engine": "postgresql"}}]}"#;
    let health = health(&configuration, json);
    let target = health.of(&Subject::primary(Role::Main)).expect("main");
    assert_eq!(hint(&configuration, &health, target), None);
}
