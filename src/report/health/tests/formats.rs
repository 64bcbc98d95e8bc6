//! What monitoring and CI read: `JUnit`, Prometheus and Nagios.

use std::collections::BTreeSet;
use std::time::UNIX_EPOCH;

use super::super::{junit, nagios, prometheus};
use super::*;

#[test]
fn junit_has_a_case_for_each_target() {
    let expected = r#"<?xml version="1.0" encoding="UTF-8"?>
<testsuites>
  <testsuite id="0" package="dbcfg" name="dbcfg" tests="4" failures="2" errors="0" skipped="1" time="2.431" timestamp="2026-11-30T09:59:57" hostname="localhost">
    <properties/>
    <testcase classname="dbcfg" name="main" time="2.035">
      <failure type="degraded" message="db.example.com refuses the connection">db.example.com:5433/app: db.example.com refuses the connection
stage tcp: refused, transient
--&gt; settings.yaml:3:11</failure>
    </testcase>
    <testcase classname="dbcfg" name="mlflow" time="0.908">
      <failure type="down" message="the name old-db.example.com does not exist">old-db.example.com:5432/mlflow: the name old-db.example.com does not exist
stage dns: name-not-found, permanent
--&gt; settings.yaml:8:11
try: ask who &lt;runs&gt; it</failure>
    </testcase>
    <testcase classname="dbcfg" name="vector" time="0.018"/>
    <testcase classname="dbcfg" name="services.redis" time="0.000">
      <skipped>the variable REDIS_URL has no value here</skipped>
    </testcase>
    <system-out>1 down, 1 degraded, 1 not measured, 1 healthy
main: degraded (via failover[0], SQLite, 1.2 MB, changed 3 days ago)
  note: ~/.pgpass is passed over, since others may read it
mlflow: down (name-not-found)
vector: healthy (PostgreSQL 15.18, TLSv1.3, 12 of 97 connections, pgvector 0.8.0)
services.redis: not-measured (unresolved-variable)
settings.yaml:11:5: warning[connections-nearly-used]: 90 of 97 are used
  help: make the pools smaller
</system-out>
    <system-err/>
  </testsuite>
</testsuites>
"#;
    let sample = Sample::new(vec![failed_over(), unresolved("mlflow"), vector(), unmeasured()])
        .note(database("main"), &["databases", "main", "host"], None)
        .note(database("mlflow"), &["databases", "mlflow", "host"], Some("ask who <runs> it"))
        .finding(&["databases", "vector"], "90 of 97 are used", "make the pools smaller");
    // The run ended at 10:00 and took 2.4 s.
    let now = UNIX_EPOCH + Duration::from_secs(1_796_032_800);
    assert_eq!(junit(&sample.checkup(), now).replace("&apos;", "'"), expected);
}

#[test]
fn nagios_has_one_line_and_the_details_below() {
    let expected = "\
DBCFG CRITICAL - 1 of 4 down: mlflow (name-not-found); 1 of 4 degraded: main (via failover[0]); \
1 of 4 not measured: services.redis (unresolved-variable) | \
main=2035ms;;;0;10000 mlflow=U vector=18ms;;;0;10000 vector_connections=12;;;0;97 services.redis=U
mlflow: down at dns, name-not-found: the name old-db.example.com does not exist (settings.yaml:8:11); try: one / two
main: degraded at tcp, refused: db.example.com refuses the connection
services.redis: not measured, unresolved-variable: the variable REDIS_URL has no value here
settings.yaml:11:5: warning[connections-nearly-used]: a / b
";
    let sample = Sample::new(vec![failed_over(), unresolved("mlflow"), vector(), unmeasured()])
        .note(database("mlflow"), &["databases", "mlflow", "host"], Some("one | two"))
        .finding(&["databases", "vector"], "a | b", "make the pools smaller");
    assert_eq!(nagios(&sample.checkup()), expected);
}

#[test]
fn the_word_of_nagios_is_that_of_the_worst() {
    let degraded = TargetHealth { via: Some(Via::Primary), failure: None, ..failed_over() };
    let many = (0..7).map(|index| unresolved(&format!("db{index}"))).collect();
    for (targets, expected) in [
        (vec![vector()], "DBCFG OK - 1 of 1 healthy | vector=18ms;;;0;10000 vector_connections=12;;;0;97\n"),
        (vec![degraded], "DBCFG WARNING - 1 of 1 degraded: main | main=2035ms;;;0;10000\n"),
        (
            vec![unmeasured()],
            "DBCFG UNKNOWN - 1 of 1 not measured: services.redis (unresolved-variable) | services.redis=U\n",
        ),
        (Vec::new(), "DBCFG UNKNOWN - nothing was probed\n"),
        (
            many,
            "DBCFG CRITICAL - 7 of 7 down: db0 (name-not-found), db1 (name-not-found), db2 (name-not-found), \
                db3 (name-not-found), db4 (name-not-found) and 2 more | ",
        ),
    ] {
        let text = nagios(&Sample::new(targets).checkup());
        assert!(text.starts_with(expected), "{text}");
    }
}

#[test]
fn labels_of_nagios_hold_nothing_that_ends_them() {
    let subject = Subject::primary(Role::Other("it's = 1|2".to_owned()));
    let replica = Subject::Database { role: Role::Main, part: Part::Replica(0) };
    let targets = [subject, replica].map(|subject| TargetHealth { subject, facts: None, ..vector() });
    let text = nagios(&Sample::new(targets.to_vec()).checkup());
    let expected = "DBCFG OK - 2 of 2 healthy | 'it_s _ 1/2'=18ms;;;0;10000 'main.replicas[0]'=18ms;;;0;10000\n";
    assert_eq!(text, expected);
}

#[test]
fn metrics_have_a_series_for_each_target() {
    let text = prometheus(&incident().checkup());
    assert_eq!(check_metrics(&text), Ok(()));
    for line in [
        "dbcfg_up{target=\"main\",role=\"main\",engine=\"postgresql\"} 1",
        "dbcfg_up{target=\"mlflow\",role=\"mlflow\",engine=\"postgresql\"} 0",
        "dbcfg_status{target=\"main\",status=\"degraded\"} 1",
        "dbcfg_status{target=\"main\",status=\"down\"} 0",
        "dbcfg_status{target=\"services.redis\",status=\"not-measured\"} 1",
        "dbcfg_failure_info{target=\"mlflow\",stage=\"dns\",cause=\"name-not-found\",code=\"name-not-found\",class=\"permanent\"} 1",
        "dbcfg_target_duration_seconds{target=\"vector\"} 0.018000",
        "dbcfg_stage_seconds{target=\"vector\",stage=\"tls\"} 0.005000",
        // 2.035 s has no exact form as a binary fraction.
        "dbcfg_target_duration_seconds{target=\"main\"} 2.035000",
        "dbcfg_attempts{target=\"main\"} 4",
        "dbcfg_attempts{target=\"services.redis\"} 0",
        "dbcfg_connections_used{target=\"vector\"} 12",
        "dbcfg_connections_allowed{target=\"vector\"} 97",
        "dbcfg_tls_certificate_days_left{target=\"vector\"} 61",
        "dbcfg_findings{severity=\"error\"} 0",
        "dbcfg_findings{severity=\"warning\"} 1",
        "dbcfg_probe_duration_seconds 2.431000",
        "# TYPE dbcfg_up gauge",
    ] {
        assert!(text.lines().any(|known| known == line), "{line}\n{text}");
    }
    // What was not measured is neither up nor down, and took no time.
    for absent in ["dbcfg_up{target=\"services.redis\"", "dbcfg_target_duration_seconds{target=\"services.redis\""] {
        assert!(!text.contains(absent), "{text}");
    }
}

#[test]
fn metrics_take_every_name() {
    let subject = Subject::primary(Role::Other("a\"b\\c\nd} 1 {".to_owned()));
    let engine = Engine::Other("my \"own\"".to_owned());
    let text = prometheus(&Sample::new(vec![TargetHealth { subject, engine, ..vector() }]).checkup());
    assert_eq!(check_metrics(&text), Ok(()));
    let line = r#"dbcfg_up{target="a\"b\\c\\nd} 1 {",role="a\"b\\c\\nd} 1 {",engine="my \"own\""} 1"#;
    assert!(text.lines().any(|known| known == line), "{text}");
    assert_eq!(check_metrics(&prometheus(&Sample::new(Vec::new()).checkup())), Ok(()));
}

#[test]
fn the_checker_of_metrics_finds_faults() {
    const HEAD: &str = "# HELP a b\n# TYPE a gauge\n";
    for (faulty, why) in [
        ("a 1\n", "no type"),
        ("# HELP a b\n# TYPE a gauge\na 1", "no end"),
        ("# HELP a b\n# TYPE a gauge\na{b=\"c} 1\n", "no quote"),
        ("# HELP a b\n# TYPE a gauge\na{b=\"\\q\"} 1\n", "escape"),
        ("# HELP a b\n# TYPE a gauge\na{0b=\"c\"} 1\n", "label"),
        ("# HELP a b\n# TYPE a gauge\na x\n", "value"),
        ("# HELP a b\n# TYPE a gauge\na 1\na 2\n", "twice"),
    ] {
        assert!(check_metrics(faulty).is_err(), "{why}");
    }
    assert_eq!(check_metrics(&format!("{HEAD}a{{b=\"\\\"\\\\\\n\",c=\"\"}} 1.5\n")), Ok(()));
}

/// Whether a text is in Prometheus' text format 0.0.4, as far as gauges need it: each family has its help and type
/// first and stands together, labels are well written, values are numbers, and no series comes twice.
fn check_metrics(text: &str) -> Result<(), String> {
    let is_name = |name: &str| {
        !name.starts_with(|c: char| c.is_ascii_digit())
            && !name.is_empty()
            && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
    };
    let (mut family, mut families, mut series) = ("", BTreeSet::new(), BTreeSet::new());
    if !text.ends_with('\n') {
        return Err("the last line has no end".to_owned());
    }
    let mut help = "";
    for line in text.lines() {
        let fault = |what: &str| Err(format!("{what}: {line}"));
        if let Some(rest) = line.strip_prefix("# HELP ") {
            help = rest.split_once(' ').ok_or("no help")?.0;
        } else if let Some(rest) = line.strip_prefix("# TYPE ") {
            let (name, kind) = rest.split_once(' ').ok_or("no type")?;
            if name != help || kind != "gauge" || !is_name(name) || !families.insert(name) {
                return fault("a type that does not fit");
            }
            family = name;
        } else {
            let end = line.find(['{', ' ']).ok_or("no value")?;
            if &line[..end] != family {
                return fault("a series outside its family");
            }
            let value = if line[end..].starts_with('{') { labels(&line[end + 1..], is_name)? } else { &line[end..] };
            let number = value.strip_prefix(' ').and_then(|value| value.parse::<f64>().ok());
            if number.is_none() || !series.insert(&line[..line.len() - value.len()]) {
                return fault("no value, or a series that comes twice");
            }
        }
    }
    Ok(())
}

/// What follows the labels and their closing brace.
fn labels(mut rest: &str, is_name: impl Fn(&str) -> bool) -> Result<&str, String> {
    loop {
        let (name, value) = rest.split_once("=\"").ok_or("a label without a value")?;
        if !is_name(name) {
            return Err(format!("no name of a label: {name}"));
        }
        let mut characters = value.char_indices();
        let end = loop {
            match characters.next() {
                Some((at, '"')) => break at,
                Some((_, '\\')) if matches!(characters.next(), Some((_, '\\' | '"' | 'n'))) => {}
                Some((_, '\\')) | None => return Err(format!("a value that is not well written: {value}")),
                Some(_) => {}
            }
        };
        rest = &value[end + 1..];
        match (rest.strip_prefix(','), rest.strip_prefix('}')) {
            (Some(next), _) => rest = next,
            (_, Some(end)) => return Ok(end),
            _ => return Err(format!("labels without an end: {rest}")),
        }
    }
}
