//! What people read, at every width.

use unicode_width::UnicodeWidthStr as _;

use super::super::human;
use super::*;
use crate::report::style::Style;

fn drawn(sample: &Sample, width: Option<usize>) -> String {
    human(&sample.checkup(), Style { is_coloured: false }, width)
}

/// What stands below the table, wherever 80 columns or more have room for it.
const BELOW: &str = "
down[name-not-found]: the name old-db.example.com does not exist
 --> settings.yaml:8:11 (mlflow)
 --> settings.yaml:14:11 (archive)
  = stage: dns; permanent; 2 attempts in 908 ms, 900 ms of it waiting
  = try: set `host` to `db.example.com`: main's server holds a database `mlflow`

degraded[refused]: db.example.com refuses the connection
 --> settings.yaml:3:11 (main)
  = stage: tcp; transient; 3 attempts in 2.0 s, 2.0 s of it waiting
  = tried: [2001:db8::7]:5433: network is unreachable
  = tried: 192.0.2.7:5433: connection refused
  = main.failover[0]: ./data/backup.db: answers
  = try: start the server on db.example.com, or correct `port`

not-measured[unresolved-variable]: the variable REDIS_URL has no value here
 --> services.redis

note: main: ~/.pgpass is passed over, since others may read it
";

const END: &str = "
settings.yaml:11:5: warning[connections-nearly-used]: 90 of 97 connections of db.example.com:5432 are used
  help: make the pools smaller, or raise `max_connections`

2 down, 1 degraded, 1 not measured, 1 healthy in 2.4 s
";

#[test]
fn without_a_terminal_every_target_is_a_line() {
    let table = "\
TARGET          STATUS        STAGE    TIME  ENDPOINT                         DETAILS
mlflow          down          dns    908 ms  old-db.example.com:5432/mlflow   name-not-found
archive         down          dns    908 ms  old-db.example.com:5432/archive  name-not-found
main            degraded      tcp     2.0 s  db.example.com:5433/app          via failover[0], SQLite, 1.2 MB, changed 3 days ago
services.redis  not-measured  -           -  ${REDIS_URL}                     unresolved-variable
vector          healthy       query   18 ms  db.example.com:5432/vector       PostgreSQL 15.18, TLSv1.3, 12 of 97 connections, pgvector 0.8.0
";
    assert_eq!(drawn(&incident(), None), format!("{table}{BELOW}{END}"));
}

#[test]
fn with_120_columns_the_details_go_on_below() {
    let table = "\
TARGET          STATUS        STAGE    TIME  ENDPOINT                         DETAILS
mlflow          down          dns    908 ms  old-db.example.com:5432/mlflow   name-not-found
archive         down          dns    908 ms  old-db.example.com:5432/archive  name-not-found
main            degraded      tcp     2.0 s  db.example.com:5433/app          via failover[0], SQLite, 1.2 MB,
                                                                              changed 3 days ago
services.redis  not-measured  -           -  ${REDIS_URL}                     unresolved-variable
vector          healthy       query   18 ms  db.example.com:5432/vector       PostgreSQL 15.18, TLSv1.3,
                                                                              12 of 97 connections, pgvector 0.8.0
";
    assert_eq!(drawn(&incident(), Some(120)), format!("{table}{BELOW}{END}"));
}

#[test]
fn with_80_columns_the_details_stand_below() {
    let table = "\
TARGET          STATUS        STAGE    TIME  ENDPOINT
mlflow          down          dns    908 ms  old-db.example.com:5432/mlflow
                name-not-found
archive         down          dns    908 ms  old-db.example.com:5432/archive
                name-not-found
main            degraded      tcp     2.0 s  db.example.com:5433/app
                via failover[0], SQLite, 1.2 MB, changed 3 days ago
services.redis  not-measured  -           -  ${REDIS_URL}
                unresolved-variable
vector          healthy       query   18 ms  db.example.com:5432/vector
                PostgreSQL 15.18, TLSv1.3, 12 of 97 connections, pgvector 0.8.0
";
    let end = "
settings.yaml:11:5: warning[connections-nearly-used]: 90 of 97 connections of
    db.example.com:5432 are used
  help: make the pools smaller, or raise `max_connections`

2 down, 1 degraded, 1 not measured, 1 healthy in 2.4 s
";
    assert_eq!(drawn(&incident(), Some(80)), format!("{table}{BELOW}{end}"));
}

#[test]
fn with_40_columns_every_target_is_a_block() {
    let expected = "\
mlflow  down
  old-db.example.com:5432/mlflow
  dns, 908 ms
  name-not-found

archive  down
  old-db.example.com:5432/archive
  dns, 908 ms
  name-not-found

main  degraded
  db.example.com:5433/app
  tcp, 2.0 s
  via failover[0], SQLite, 1.2 MB,
  changed 3 days ago

services.redis  not-measured
  ${REDIS_URL}
  unresolved-variable

vector  healthy
  db.example.com:5432/vector
  query, 18 ms
  PostgreSQL 15.18, TLSv1.3,
  12 of 97 connections, pgvector 0.8.0

down[name-not-found]: the name
    old-db.example.com does not exist
 --> settings.yaml:8:11 (mlflow)
 --> settings.yaml:14:11 (archive)
  = stage: dns; permanent; 2 attempts in
    908 ms, 900 ms of it waiting
  = try: set `host` to `db.example.com`:
    main's server holds a database
    `mlflow`

degraded[refused]: db.example.com
    refuses the connection
 --> settings.yaml:3:11 (main)
  = stage: tcp; transient; 3 attempts in
    2.0 s, 2.0 s of it waiting
  = tried: [2001:db8::7]:5433: network
    is unreachable
  = tried: 192.0.2.7:5433: connection
    refused
  = main.failover[0]: ./data/backup.db:
    answers
  = try: start the server on
    db.example.com, or correct `port`

not-measured[unresolved-variable]: the
    variable REDIS_URL has no value here
 --> services.redis

note: main: ~/.pgpass is passed over,
    since others may read it

settings.yaml:11:5:
    warning[connections-nearly-used]: 90
    of 97 connections of
    db.example.com:5432 are used
  help: make the pools smaller, or raise
    `max_connections`

2 down, 1 degraded, 1 not measured, 1
healthy in 2.4 s
";
    assert_eq!(drawn(&incident(), Some(40)), expected);
}

#[test]
fn nothing_is_wider_than_the_terminal() {
    let mut sample = incident();
    let long = "a-name-that-nobody-would-give-to-a-server-but-a-machine-might.internal.example.com:5432/vector";
    sample.health.targets.push(TargetHealth { endpoint: long.to_owned(), ..vector() });
    for width in 40..200 {
        for line in drawn(&sample, Some(width)).lines() {
            assert!(line.width() <= width, "{width}: {line}");
        }
    }
}

#[test]
fn verdicts_have_colours() {
    let text = human(&incident().checkup(), Style { is_coloured: true }, None);
    for expected in [
        "mlflow          \u{1b}[1;31mdown\u{1b}[0m          dns    908 ms",
        "main            \u{1b}[1;33mdegraded\u{1b}[0m      tcp     2.0 s",
        "services.redis  \u{1b}[1;36mnot-measured\u{1b}[0m  -",
        "vector          \u{1b}[1;32mhealthy\u{1b}[0m       query   18 ms",
        "\u{1b}[1;31mdown\u{1b}[0m\u{1b}[2m[name-not-found]\u{1b}[0m\u{1b}[1m:\u{1b}[0m the name",
    ] {
        assert!(text.contains(expected), "{text}");
    }
    // The same words without colours.
    let mut plain = text;
    for code in ["1", "2", "1;31", "1;32", "1;33", "1;34", "1;36", "0"] {
        plain = plain.replace(&format!("\u{1b}[{code}m"), "");
    }
    assert_eq!(plain, drawn(&incident(), None));
}

#[test]
fn good_news_is_short() {
    let mut sample = Sample::new(vec![vector()]);
    let expected = "\
TARGET  STATUS   STAGE   TIME  ENDPOINT                    DETAILS
vector  healthy  query  18 ms  db.example.com:5432/vector  PostgreSQL 15.18, TLSv1.3, 12 of 97 connections, pgvector 0.8.0

1 healthy in 2.4 s
";
    assert_eq!(drawn(&sample, None), expected);
    sample.health.targets.clear();
    assert_eq!(drawn(&sample, None), "Nothing was probed.\n");
    sample.health.is_interrupted = true;
    sample.health.targets.push(vector());
    let end = "\n1 healthy in 2.4 s\nInterrupted: what had no answer by then is not measured.\n";
    assert!(drawn(&sample, None).ends_with(end));
}

#[test]
fn targets_that_differ_in_what_was_said_share_a_cause() {
    let missing = |name: &str| {
        let endpoint = format!("db.example.com:5432/{name}");
        let fault = Failure {
            code: "3D000".to_owned(),
            ..failure(Stage::Session, Cause::DatabaseMissing, Class::Permanent, &format!("there is no database {name}"))
        };
        TargetHealth {
            attempts: vec![attempt(Via::Primary, &endpoint, &[(Stage::Tcp, 2), (Stage::Session, 9)], Some(&fault))],
            failure: Some(fault),
            time: Duration::from_millis(11),
            ..target(database(name), Engine::Postgresql, &endpoint, Status::Down)
        }
    };
    let expected = "\
TARGET  STATUS  STAGE     TIME  ENDPOINT                    DETAILS
main    down    session  11 ms  db.example.com:5432/main    database-missing (3D000)
vector  down    session  11 ms  db.example.com:5432/vector  database-missing (3D000)

down[database-missing]: there is no database main
 --> main, vector
  = vector: there is no database vector
  = stage: session; 3D000, permanent; 1 attempt in 11 ms

2 down in 2.4 s
";
    assert_eq!(drawn(&Sample::new(vec![missing("main"), missing("vector")]), None), expected);
}

#[test]
fn what_answers_and_lacks_something_says_what() {
    let fault = failure(Stage::Extension, Cause::ExtensionMissing, Class::Permanent, "pgvector is not installed");
    let target = TargetHealth {
        status: Status::Degraded,
        failure: Some(fault.clone()),
        attempts: vec![attempt(Via::Primary, "db.example.com:5432/vector", &[(Stage::Extension, 3)], Some(&fault))],
        facts: Some(postgres(12, false)),
        ..vector()
    };
    let expected = "\
TARGET  STATUS    STAGE       TIME  ENDPOINT                    DETAILS
vector  degraded  extension  18 ms  db.example.com:5432/vector  extension-missing, PostgreSQL 15.18, TLSv1.3, 12 of 97 connections

degraded[extension-missing]: pgvector is not installed
 --> vector
  = stage: extension; permanent; 1 attempt in 3 ms

1 degraded in 2.4 s
";
    assert_eq!(drawn(&Sample::new(vec![target]), None), expected);
}

#[test]
fn a_server_that_hangs_is_told_with_its_limit() {
    let fault = failure(Stage::Auth, Cause::Timeout, Class::Transient, "the login did not finish in time");
    let endpoint = "db.example.com:5432/main";
    let hung = attempt(Via::Primary, endpoint, &[(Stage::Tcp, 2), (Stage::Auth, 9_998)], Some(&fault));
    let target = TargetHealth {
        attempts: vec![hung.clone(), Attempt { delay: Duration::from_millis(700), ..hung }],
        failure: Some(fault),
        time: Duration::from_millis(20_700),
        ..target(database("main"), Engine::Postgresql, endpoint, Status::Down)
    };
    let text = drawn(&Sample::new(vec![target]), None);
    let line = "  = stage: auth; transient; 2 attempts in 20.7 s, 700 ms of it waiting; limit 10 s each\n";
    assert!(text.contains(line), "{text}");
}

#[test]
fn a_cause_that_thousands_share_is_told_once() {
    let many = (0..3_000).map(|index| unresolved(&format!("db{index}"))).collect();
    let text = drawn(&Sample::new(many), Some(80));
    assert_eq!(text.matches("down[name-not-found]").count(), 1);
    let names = " --> db0, db1, db2, db3, db4, db5, db6, db7, db8, db9, db10, db11, db12, db13,\n    db14, db15, db16, db17, db18, db19 and 2980 more\n";
    assert!(text.contains(names), "{}", &text[text.len() - 600..]);
}

/// A name that stands elsewhere than where the others do.
fn with_hint(sample: Sample, name: &str, key: &str, line: usize) -> Sample {
    let hint = format!("mend `{key}` (settings.yaml:{line}:11): it is wrong");
    sample.note(database(name), &["databases", key, "host"], Some(&hint))
}

#[test]
fn hints_that_differ_in_their_line_are_one() {
    let sample = Sample::new(["a", "b", "c"].map(unresolved).to_vec());
    let sample = with_hint(with_hint(with_hint(sample, "a", "main", 3), "b", "main", 8), "c", "mlflow", 8);
    let text = drawn(&sample, None);
    let tries: Vec<&str> = text.lines().filter(|line| line.contains("try:")).collect();
    let expected = [
        "  = try: mend `main` (settings.yaml:3:11, 8:11): it is wrong",
        "  = try: mend `mlflow` (settings.yaml:8:11): it is wrong",
    ];
    assert_eq!(tries, expected);
}

#[test]
fn of_many_hints_causes_and_findings_the_first_are_told() {
    let many: Vec<TargetHealth> = (0..30).map(|index| unresolved(&format!("db{index}"))).collect();
    let mut sample = Sample::new(many);
    for index in 0..30 {
        let hint = format!("try another way, number {index}");
        let paths = [["databases", "main", "host"], ["databases", "mlflow", "host"]];
        sample = sample.note(database(&format!("db{index}")), &paths[index % 2], Some(&hint));
        sample = sample.finding(&["databases", "vector"], "90 of 97 are used", "make the pools smaller");
    }
    let text = drawn(&sample, None);
    assert_eq!(text.matches("= try: try another way").count(), 4);
    assert!(text.contains("  = try: `--format json` has 26 more hints\n"), "{text}");
    assert_eq!(text.matches("warning[connections-nearly-used]").count(), 20);
    assert!(text.contains("and 10 more of connections-nearly-used; `--format json` tells all\n"), "{text}");
    // Of servers of their own, each has a cause of its own.
    let alone = |index: usize| {
        let endpoint = format!("old{index}.example.com:5432/app");
        let target = unresolved(&format!("db{index}"));
        let attempts = target.attempts.into_iter().map(|it| Attempt { endpoint: endpoint.clone(), ..it });
        TargetHealth { attempts: attempts.collect(), endpoint: endpoint.clone(), ..target }
    };
    let text = drawn(&Sample::new((0..2_000).map(alone).collect()), None);
    assert_eq!(text.matches("down[name-not-found]").count(), 20);
    assert!(text.contains("\nand 1980 more causes of 1980 targets, which the table names; "), "{text}");
}

#[test]
fn of_a_finding_about_many_places_the_first_are_told() {
    let sample =
        Sample::new(vec![vector()]).finding(&["databases", "vector"], "90 of 97 are used", "make pools smaller");
    let text = drawn(&sample.related(&[["databases", "main", "host"]; 6]), None);
    let place = "  settings.yaml:3:11 the same server\n";
    let expected = format!("90 of 97 are used\n{}  and 2 more places\n  help: make pools smaller\n", place.repeat(4));
    assert!(text.contains(&expected), "{text}");
}

#[test]
fn one_long_row_leaves_the_others_as_they_are() {
    let long = "archive.eu-central-1.rds.example.com:5432/archive_of_everything";
    let [first, archive] = ["mlflow", "archive"].map(unresolved);
    let sample = Sample::new(vec![first, TargetHealth { endpoint: long.to_owned(), ..archive }, vector()]);
    let table = |width| drawn(&sample, Some(width)).split("\n\n").next().map(|table| table.to_owned() + "\n");
    let narrow = "\
TARGET   STATUS   STAGE    TIME  ENDPOINT                        DETAILS
mlflow   down     dns    908 ms  old-db.example.com:5432/mlflow  name-not-found
archive  down     dns    908 ms
         archive.eu-central-1.rds.example.com:5432/archive_of_everything
         name-not-found
vector   healthy  query   18 ms  db.example.com:5432/vector
         PostgreSQL 15.18, TLSv1.3, 12 of 97 connections, pgvector 0.8.0
";
    assert_eq!(table(80).as_deref(), Some(narrow));
    let wide = "\
TARGET   STATUS   STAGE    TIME  ENDPOINT                        DETAILS
mlflow   down     dns    908 ms  old-db.example.com:5432/mlflow  name-not-found
archive  down     dns    908 ms  archive.eu-central-1.rds.example.com:5432/archive_of_everything
                                                                 name-not-found
vector   healthy  query   18 ms  db.example.com:5432/vector      PostgreSQL 15.18, TLSv1.3, 12 of 97 connections, pgvector 0.8.0
";
    assert_eq!(table(130).as_deref(), Some(wide));
}
