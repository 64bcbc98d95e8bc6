//! Cases in which the hint that comes to mind first would mislead.

use super::{Case, MAIN, SERVICES, SQLITE};

const NEAR: &str = "\
databases:
  main: {host: db.example.com, port: 5432, database: app, username: app}
  vector: {host: old.example.com, database: postgres}
";

const PARAMETERS: &str = "\
databases:
  main:
    host: db.example.com
    database: app
    parameters:
      options: -c bogus=1
      sslnegotiation: direct
";

pub(super) const CASES: &[Case] = &[
    Case {
        name: "a fallback that answers",
        files: &[(
            "settings.yaml",
            "databases:\n  main: {host: db.example.com, database: nope, fallback_database: app}\n",
        )],
        targets: r#"{"name": "main", "status": "degraded", "stage": "session", "via": "fallback_database",
            "error": {"cause": "database-missing", "code": "3D000"}, "facts": {"engine": "postgresql", "databases": ["app", "shop"]}}"#,
        hint: Some(
            "the server has `app`, `shop`: write the right name (settings.yaml:2:42), or have it made with `create database nope`; until then its fallback_database answers",
        ),
        place: "settings.yaml:2:42",
    },
    Case {
        name: "a fallback that answers and does not say what there is",
        files: &[(
            "settings.yaml",
            "databases:\n  main: {host: db.example.com, database: nope, fallback_database: app}\n",
        )],
        targets: r#"{"name": "main", "status": "degraded", "stage": "session", "via": "fallback_database",
            "error": {"cause": "database-missing", "code": "3D000"}, "facts": {"engine": "postgresql"}}"#,
        hint: Some(
            "`psql -h db.example.com -d postgres -l` lists what the server has: write the right name (settings.yaml:2:42), or have it made with `create database nope`; until then its fallback_database answers",
        ),
        place: "settings.yaml:2:42",
    },
    Case {
        name: "a fallback that does not answer either",
        files: &[(
            "settings.yaml",
            "databases:\n  main: {host: db.example.com, database: nope, fallback_database: app}\n",
        )],
        targets: r#"{"name": "main", "status": "down", "stage": "session", "error": {"cause": "database-missing", "code": "3D000"}}"#,
        hint: Some(
            "the server has neither `nope` (settings.yaml:2:42) nor the fallback_database, or they are closed: `psql -h db.example.com -d postgres -l` lists what it has",
        ),
        place: "settings.yaml:2:42",
    },
    Case {
        name: "a value that no client takes",
        files: &[("settings.yaml", "databases:\n  main:\n    host: db.example.com\n    ssl_mode: bogus\n")],
        targets: r#"{"name": "main", "status": "down", "key": "ssl_mode", "error": {"cause": "configuration"}}"#,
        hint: Some("mend ssl_mode (settings.yaml:4:15), then probe again"),
        place: "settings.yaml:4:15",
    },
    Case {
        name: "a root certificate that is none",
        files: &[("settings.yaml", MAIN)],
        targets: r#"{"name": "main", "status": "down", "key": "ssl_root_cert", "error": {"cause": "configuration"}}"#,
        hint: Some(
            "ssl_root_cert (settings.yaml:9:20) has to name a file with certificates in PEM: `openssl x509 -noout -subject -in ca.pem` shows the first",
        ),
        place: "settings.yaml:9:20",
    },
    Case {
        name: "a password file that is a folder",
        files: &[(
            "settings.yaml",
            "databases:\n  main:\n    host: db.example.com\n    password_file: /run/my secrets\n",
        )],
        targets: r#"{"name": "main", "status": "down", "key": "password_file", "error": {"cause": "configuration"}}"#,
        hint: Some(
            "password_file (settings.yaml:4:20) has to name a file that this user may read, the password in its first line: `ls -l '/run/my secrets'`",
        ),
        place: "settings.yaml:4:20",
    },
    Case {
        name: "a service of libpq that no file defines",
        files: &[("settings.yaml", "databases:\n  main:\n    parameters: {service: nope}\n")],
        targets: r#"{"name": "main", "status": "down",
            "error": {"cause": "configuration", "message": "no service file defines the service `nope`"}}"#,
        hint: Some(
            "write `[nope]` with its host and database into ~/.pg_service.conf, or mend the name (settings.yaml:3:27); PGSERVICEFILE names another file",
        ),
        place: "settings.yaml:3:27",
    },
    Case {
        name: "whatever else is wrong with the configuration",
        files: &[("settings.yaml", MAIN)],
        targets: r#"{"name": "main", "status": "down", "error": {"cause": "configuration"}}"#,
        hint: Some("mend it where main is described (settings.yaml:3:11), then probe again"),
        place: "settings.yaml:3:11",
    },
    Case {
        name: "a path that no socket can have",
        files: &[(
            "settings.yaml",
            "databases:\n  main:\n    host: /srv/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n",
        )],
        targets: r#"{"name": "main", "status": "down", "stage": "tcp", "error": {"cause": "configuration"}}"#,
        hint: Some(
            "the path of the socket has 128 bytes, and the system takes 107: name a shorter folder (settings.yaml:3:11), such as a link to it, or `localhost` to go by TCP",
        ),
        place: "settings.yaml:3:11",
    },
    Case {
        name: "an IPv6 address that refuses",
        files: &[("settings.yaml", "databases:\n  main: {host: \"::1\", port: 1}\n")],
        targets: r#"{"name": "main", "status": "down", "stage": "tcp", "error": {"cause": "refused"},
            "attempts": [{"addresses": ["[::1]:1"]}]}"#,
        hint: Some(
            "nothing listens there (settings.yaml:2:29): start the server; inside a container localhost is the container itself, and the server is found under the name of its service or `host.docker.internal`",
        ),
        place: "settings.yaml:2:16",
    },
    Case {
        name: "a host with IPv6 addresses that refuse",
        files: &[("settings.yaml", MAIN)],
        targets: r#"{"name": "main", "status": "down", "stage": "tcp", "error": {"cause": "refused"},
            "attempts": [{"addresses": ["[2001:db8::1]:5433"]}]}"#,
        hint: Some(
            "the machine answers, and nothing listens on port 5433 (settings.yaml:4:11): is the server running, and does it listen to others (`listen_addresses`)? On the server: `ss -ltn 'sport = :5433'`",
        ),
        place: "settings.yaml:3:11",
    },
    Case {
        name: "an IPv6 address to which no route leads",
        files: &[("settings.yaml", "databases:\n  main: {host: \"2001:db8::1\"}\n")],
        targets: r#"{"name": "main", "status": "down", "stage": "tcp", "error": {"cause": "unreachable"},
            "attempts": [{"addresses": ["[2001:db8::1]:5432"]}]}"#,
        hint: Some("this machine does not reach an IPv6 address: give it IPv6, or write an IPv4 address"),
        place: "settings.yaml:2:16",
    },
    Case {
        name: "a database that every server has",
        files: &[("settings.yaml", NEAR)],
        targets: r#"{"name": "vector", "status": "down", "stage": "dns", "error": {"cause": "name-not-found"}},
            {"name": "main", "status": "healthy", "facts": {"engine": "postgresql", "databases": ["app", "postgres"]}}"#,
        hint: Some(
            "check the spelling of `old.example.com` (settings.yaml:3:18); a name of a private network is known only inside it (VPN, cluster)",
        ),
        place: "settings.yaml:3:18",
    },
    Case {
        name: "several hosts that refuse",
        files: &[("settings.yaml", "databases:\n  main: {host: \"one.example.com,two.example.com\", port: \"1,2\"}\n")],
        targets: r#"{"name": "main", "status": "down", "stage": "tcp", "error": {"cause": "refused"}}"#,
        hint: Some(
            "the machines answer, and nothing listens at any of the places (settings.yaml:2:57): are the servers running, and do they listen to others (`listen_addresses`)?",
        ),
        place: "settings.yaml:2:16",
    },
    Case {
        name: "several hosts, tried by hand",
        files: &[("settings.yaml", "databases:\n  main: {host: \"one.example.com,two.example.com\", port: \"1,2\"}\n")],
        targets: r#"{"name": "main", "status": "down", "stage": "query", "error": {"cause": "other"}}"#,
        hint: Some("see what psql says: `psql -h one.example.com,two.example.com -p 1,2`"),
        place: "settings.yaml:2:16",
    },
    Case {
        name: "the end of the run",
        files: &[("settings.yaml", MAIN)],
        targets: r#"{"name": "main", "status": "not-measured", "stage": "tls",
            "error": {"cause": "deadline", "message": "the deadline of the run ended it at the stage tls"}}"#,
        hint: Some(
            "the run ended before it had its answer, so nobody knows whether there is one: probe it again, alone or with more time (`--deadline`)",
        ),
        place: "settings.yaml:3:11",
    },
    Case {
        name: "a server that does not begin with TLS",
        files: &[("settings.yaml", PARAMETERS)],
        targets: r#"{"name": "main", "status": "down", "stage": "tls", "error": {"cause": "tls-handshake", "message": "the server does not begin with TLS, as sslnegotiation=direct wants"}}"#,
        hint: Some(
            "servers before PostgreSQL 17 do not know `sslnegotiation=direct` and close the connection: leave it out (settings.yaml:7:23), and no encryption is lost",
        ),
        place: "settings.yaml:7:23",
    },
    Case {
        name: "a parameter that the server does not know",
        files: &[("settings.yaml", PARAMETERS)],
        targets: r#"{"name": "main", "status": "down", "stage": "session", "error": {"cause": "unsupported-parameter", "code": "42704"}}"#,
        hint: Some(
            "the server does not know it, or takes no such value: mend `options` (settings.yaml:6:16); `show all` in psql lists what it knows",
        ),
        place: "settings.yaml:6:16",
    },
    Case {
        name: "a parameter that no file says",
        files: &[("settings.yaml", MAIN)],
        targets: r#"{"name": "main", "status": "down", "stage": "session", "error": {"cause": "unsupported-parameter", "code": "22023"}}"#,
        hint: Some(
            "the server does not know it, or takes no such value: look at the parameters of the connection and at PGOPTIONS; `show all` in psql lists what it knows",
        ),
        place: "settings.yaml:3:11",
    },
    Case {
        name: "a parameter that a pooler refuses",
        files: &[("settings.yaml", PARAMETERS)],
        targets: r#"{"name": "main", "status": "down", "stage": "auth", "error": {"cause": "unsupported-parameter", "code": "08P01"}}"#,
        hint: Some(
            "it is a pooler that refuses it: name it in PgBouncer's `ignore_startup_parameters`, or leave it out (settings.yaml:6:16)",
        ),
        place: "settings.yaml:6:16",
    },
    Case {
        name: "a database that a pooler does not know",
        files: &[("settings.yaml", MAIN)],
        targets: r#"{"name": "main", "status": "down", "stage": "auth",
            "error": {"cause": "database-missing", "code": "08P01", "message": "the pooler has no such database: no such database: app"}}"#,
        hint: Some(
            "the pooler has no `app` (settings.yaml:5:15): add it to `[databases]` in pgbouncer.ini and say `reload` in its console, or write a name that `show databases` lists there",
        ),
        place: "settings.yaml:5:15",
    },
    Case {
        name: "a database that a pooler has switched off",
        files: &[("settings.yaml", MAIN)],
        targets: r#"{"name": "main", "status": "down", "stage": "auth", "error": {"cause": "database-closed", "code": "08P01"}}"#,
        hint: Some(
            "`app` (settings.yaml:5:15) is switched off in the pooler: `enable` with its name in PgBouncer's console",
        ),
        place: "settings.yaml:5:15",
    },
    Case {
        name: "a database that the server behind a pooler does not have",
        files: &[("settings.yaml", MAIN)],
        targets: r#"{"name": "main", "status": "down", "stage": "auth", "error": {"cause": "database-missing", "code": "08P01",
            "message": "the pooler has no such database: server login failed: FATAL database \"app\" does not exist"}}"#,
        hint: Some(
            "`psql -h db.example.com -p 5433 -U app_user -d postgres -l` lists what the server has: write the right name (settings.yaml:5:15), or have it made with `create database app`",
        ),
        place: "settings.yaml:5:15",
    },
    Case {
        name: "a user that a pooler does not know",
        files: &[("settings.yaml", MAIN)],
        targets: r#"{"name": "main", "status": "down", "stage": "auth", "error": {"cause": "role-missing", "code": "08P01"}}"#,
        hint: Some(
            "the pooler does not know `app_user` (settings.yaml:6:15): mend the name, or have it added to the `auth_file` of PgBouncer (userlist.txt)",
        ),
        place: "settings.yaml:6:15",
    },
    Case {
        name: "a user who may come in without encryption only",
        files: &[("settings.yaml", MAIN)],
        targets: r#"{"name": "main", "status": "down", "stage": "auth", "error": {"cause": "not-allowed", "code": "28000",
            "message": "no pg_hba.conf entry for host \"192.0.2.1\", user \"app_user\", database \"app\", SSL encryption"}}"#,
        hint: Some(
            "no line of pg_hba.conf lets `app_user` in from this machine with encryption; without it one may (`hostnossl`): have a `hostssl` line added on the server, then `select pg_reload_conf()`",
        ),
        place: "settings.yaml:3:11",
    },
    Case {
        name: "a role that is locked",
        files: &[("settings.yaml", MAIN)],
        targets: r#"{"name": "main", "status": "down", "stage": "session", "error": {"cause": "connections-forbidden"}}"#,
        hint: Some(
            "the limit of the role or of the database is 0, so somebody has locked it: `alter role ... connection limit -1`, or `alter database ... connection limit -1`",
        ),
        place: "settings.yaml:6:15",
    },
    Case {
        name: "a database that Redis does not have",
        files: &[("settings.yaml", SERVICES)],
        targets: r#"{"name": "services.redis", "status": "down", "stage": "session", "error": {"cause": "database-missing", "code": "ERR"}}"#,
        hint: Some(
            "end the URL (settings.yaml:6:10) with a number that Redis has: from 0, and below what `config get databases` says in redis-cli (16, if nobody has changed it)",
        ),
        place: "settings.yaml:6:10",
    },
    Case {
        name: "a database of a cluster of Redis",
        files: &[("settings.yaml", SERVICES)],
        targets: r#"{"name": "services.redis", "status": "down", "stage": "session",
            "error": {"cause": "database-missing", "code": "ERR", "message": "a Redis cluster has the database 0 only"}}"#,
        hint: Some("end the URL (settings.yaml:6:10) with `/0`, or leave the number out"),
        place: "settings.yaml:6:10",
    },
    Case {
        name: "a right that Redis does not give",
        files: &[("settings.yaml", SERVICES)],
        targets: r#"{"name": "services.redis", "status": "down", "stage": "session", "error": {"cause": "not-allowed", "code": "NOPERM"}}"#,
        hint: Some(
            "the login was right, and the user may not do this (settings.yaml:6:10): an administrator sees its rights with `ACL LIST` and gives it `+select`",
        ),
        place: "settings.yaml:6:10",
    },
    Case {
        name: "Redis that takes local connections only",
        files: &[("settings.yaml", SERVICES)],
        targets: r#"{"name": "services.redis", "status": "down", "stage": "auth", "error": {"cause": "not-allowed", "code": "DENIED"}}"#,
        hint: Some(
            "Redis is in protected mode: set a password there (`requirepass`), or `bind` it to addresses that others do not reach and switch `protected-mode` off",
        ),
        place: "settings.yaml:6:10",
    },
    Case {
        name: "Redis without a free connection",
        files: &[("settings.yaml", SERVICES)],
        targets: r#"{"name": "services.redis", "status": "down", "stage": "auth", "error": {"cause": "too-many-connections", "code": "ERR"}}"#,
        hint: Some(
            "Redis has as many clients as its `maxclients` allows: `redis-cli client list` shows whose they are",
        ),
        place: "settings.yaml:6:10",
    },
    Case {
        name: "a server of buckets that is not there",
        files: &[("settings.yaml", SERVICES)],
        targets: r#"{"name": "services.mlflow.artifact_store", "status": "down", "stage": "dns", "error": {"cause": "name-not-found"}}"#,
        hint: Some(
            "nobody knows the name of the server that keeps the bucket (settings.yaml:4:21): check AWS_ENDPOINT_URL, MLFLOW_S3_ENDPOINT_URL and AWS_REGION; without them it is Amazon's",
        ),
        place: "settings.yaml:4:21",
    },
    Case {
        name: "a server of buckets that is not running",
        files: &[("settings.yaml", SERVICES)],
        targets: r#"{"name": "services.mlflow.artifact_store", "status": "down", "stage": "tcp", "error": {"cause": "refused"}}"#,
        hint: Some(
            "the machine answers, and nothing listens on the port (settings.yaml:4:21): is the service running?",
        ),
        place: "settings.yaml:4:21",
    },
    Case {
        name: "a folder in place of a file of SQLite",
        files: &[("settings.yaml", SQLITE)],
        targets: r#"{"name": "main", "status": "down", "stage": "session",
            "error": {"cause": "file-damaged", "message": "the database cannot be used: it is a directory"}}"#,
        hint: Some("SQLite keeps a database in one file: write the path of that file (settings.yaml:4:11)"),
        place: "settings.yaml:4:11",
    },
    Case {
        name: "what another program fills in",
        files: &[("settings.yaml", "databases:\n  main: {host: db.example.com, username: \"ap p$(x)\"}\n")],
        targets: r#"{"name": "main", "status": "not-measured", "error": {"cause": "placeholder"}}"#,
        hint: Some(
            "username (settings.yaml:2:42) waits for another program to fill it in: have that done, then probe again",
        ),
        place: "settings.yaml:2:42",
    },
];
