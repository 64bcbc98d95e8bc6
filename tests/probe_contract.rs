//! `dbcfg probe` on what needs no server: closed ports, variables that nobody sets, statuses, formats and precedence.

use std::fmt::Write as _;
use std::net::TcpListener;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::support::Dbcfg;

/// A port of this machine on which nobody listens.
fn closed_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    listener.local_addr().expect("its address").port()
}

/// A project whose main is on a closed port.
fn refused() -> Dbcfg {
    let port = closed_port();
    let text = format!(
        "databases:\n  main:\n    host: 127.0.0.1\n    port: {port}\n    database: app\n    username: app\n    \
         password: S3cr3t-c4n4ry\n    retry: {{max_attempts: 2, base_delay: 0.01}}\n"
    );
    Dbcfg::new().file("settings.yaml", &text)
}

/// A project whose main has a host that nobody sets.
fn unresolved() -> Dbcfg {
    let text = "databases:\n  main: {host: '${APP_HOST}', port: 1, database: app, username: app, password: c4n4ry}\n";
    Dbcfg::new().file("settings.yaml", text)
}

fn json(output: &str) -> Value {
    serde_json::from_str(output).unwrap_or_else(|error| panic!("{error}: {output}"))
}

#[test]
fn a_closed_port_is_down_in_every_format() {
    for (format, expected) in [
        ("human", "main"),
        ("json", "\"status\": \"down\""),
        ("junit", "<failure"),
        ("prometheus", "main"),
        ("nagios", "DBCFG CRITICAL"),
    ] {
        let output = refused().args(&["probe", "--format", format]).run().expect_nowhere("c4n4ry");
        let output = output.expect_status(if format == "nagios" { 2 } else { 1 });
        output.expect_stdout_contains(expected).expect_files_unchanged();
    }
}

#[test]
fn a_report_says_the_same_as_the_output() {
    let output = refused().args(&["probe", "--report", "json=health.json", "--report", "nagios=state.txt"]).run();
    let output = output.expect_status(1);
    let report = String::from_utf8_lossy(&output.files["health.json"]).into_owned();
    assert_eq!(json(&report)["status"], "down");
    assert!(String::from_utf8_lossy(&output.files["state.txt"]).starts_with("DBCFG CRITICAL"));
    let read = refused().args(&["probe", "--report", "json=settings.yaml"]).run().expect_status(2);
    read.expect_files_unchanged().expect_stderr_contains("settings.yaml was read, and is not written over");
}

#[test]
fn an_unknown_name_is_answered_with_what_there_is() {
    let name = |name: &str| refused().args(&["probe", name]).run().expect_status(2).expect_stdout("");
    name("mian").expect_stderr("dbcfg: there is no `mian` to probe; did you mean `main`?\n");
    name("settings.yaml")
        .expect_stderr("dbcfg: there is no `settings.yaml` to probe; `--config` takes files and directories\n");
    name("p:c4n4ry/?").expect_nowhere("c4n4ry").expect_stderr_contains("there is nothing of this name to probe");
    let output = refused().args(&["probe", "--format", "nagios", "mian"]).run().expect_status(3);
    output.expect_stdout("DBCFG UNKNOWN - there is no `mian` to probe; did you mean `main`?\n");
}

#[test]
fn every_target_says_where_it_stands() {
    let text = "databases:\n  main: {engine: sqlite, path: app.db}\n  mlflow: {host: '${HOST}', database: m}\n";
    let project = Dbcfg::new().file("settings.yaml", text).file("app.db", "");
    let output = project.args(&["probe", "--format", "json"]).run().expect_status(1);
    let found = json(&output.stdout);
    for (index, status, line) in [(0, "healthy", 2), (1, "not-measured", 3)] {
        let target = &found["targets"][index];
        assert_eq!((&target["status"], &target["origin"]["line"]), (&status.into(), &line.into()), "{found:#}");
        assert_eq!(target["hint"].is_null(), status == "healthy", "{found:#}");
    }
}

#[test]
fn what_nobody_sets_is_not_measured() {
    let output = unresolved().args(&["probe", "--format", "json"]).run().expect_status(1);
    let found = json(&output.stdout);
    assert_eq!(found["status"], "not-measured");
    assert_eq!(found["targets"][0]["error"]["code"], "unresolved-variable");
    assert!(found["targets"][0]["hint"].is_string(), "{found}");
    // It is no outage.
    unresolved().args(&["probe", "--fail-on", "down"]).run().expect_status(0);
    unresolved().args(&["probe", "--format", "nagios"]).run().expect_status(3).expect_stdout_contains("DBCFG UNKNOWN");
    // The variable makes it one that can be tried.
    let known = unresolved().env("APP_HOST", "127.0.0.1").args(&["probe", "--format", "json"]).run();
    assert_eq!(json(&known.expect_nowhere("c4n4ry").stdout)["status"], "down");
}

#[test]
fn flags_beat_variables_beat_settings_beat_the_configuration() {
    let attempts = |dbcfg: Dbcfg, arguments: &[&str]| {
        let output = dbcfg.args(&["probe", "--format", "json"]).args(arguments).run().expect_status(1);
        json(&output.stdout)["targets"][0]["attempts"].as_array().map(Vec::len)
    };
    let set = || refused().file("dbcfg.toml", "[probe]\nattempts = 1\n");
    assert_eq!(attempts(refused(), &[]), Some(2));
    assert_eq!(attempts(set(), &[]), Some(1));
    assert_eq!(attempts(set().env("DBCFG_PROBE_ATTEMPTS", "2"), &[]), Some(2));
    assert_eq!(attempts(set().env("DBCFG_PROBE_ATTEMPTS", "1"), &["--attempts", "2"]), Some(2));
    let timeout = |dbcfg: Dbcfg, arguments: &[&str]| {
        let output = dbcfg.args(&["probe", "--format", "json"]).args(arguments).run();
        json(&output.stdout)["targets"][0]["attempts"][0]["timeout_millis"].as_f64()
    };
    assert_eq!(timeout(refused(), &[]), Some(10_000.0));
    assert_eq!(timeout(refused().file("dbcfg.toml", "[probe]\ntimeout = \"3s\"\n"), &[]), Some(3_000.0));
    assert_eq!(timeout(refused(), &["--timeout", "1500ms"]), Some(1_500.0));
    // What is down is so under every --fail-on.
    let fail_on = |dbcfg: Dbcfg| dbcfg.args(&["probe"]).run().status;
    assert_eq!(fail_on(unresolved().file("dbcfg.toml", "[probe]\nfail-on = \"down\"\n")), 0);
    let both = unresolved().file("dbcfg.toml", "[probe]\nfail-on = \"down\"\n").env("DBCFG_PROBE_FAIL_ON", "degraded");
    assert_eq!(fail_on(both), 1);
}

#[test]
fn a_url_alone_is_all_that_is_probed() {
    let port = closed_port();
    let url = format!("postgresql://app:c4n4ry@127.0.0.1:{port}/app");
    let run = |dbcfg: Dbcfg, arguments: &[&str]| {
        dbcfg.args(&["probe", "--format", "json", "--attempts", "1"]).args(arguments).run().expect_nowhere("c4n4ry")
    };
    let warning = "The password in --url can be seen in the list of processes";
    // The files of the working directory and the environment speak of others.
    let around = || unresolved().env("DATABASE_URL", "postgresql://elsewhere.invalid/x");
    let output = run(around(), &["--url", &url]).expect_status(1).expect_stderr_contains(warning);
    let found = json(&output.stdout);
    assert_eq!(found["targets"].as_array().map(Vec::len), Some(1), "{found}");
    assert_eq!(found["targets"][0]["endpoint"], format!("127.0.0.1:{port}/app"));
    assert_eq!(found["targets"][0]["status"], "down");
    // Read from standard input, nobody sees it.
    let output = run(around().stdin(format!("{url}\n")), &["--url", "-"]).expect_status(1).expect_stderr("");
    assert_eq!(json(&output.stdout)["targets"][0]["endpoint"], format!("127.0.0.1:{port}/app"));
    let quiet = run(around(), &["--quiet", "--url", &url]).expect_status(1);
    assert_eq!(quiet.stderr, "");
    let plain = run(around(), &["--url", &format!("postgresql://app@127.0.0.1:{port}/app")]);
    assert_eq!(plain.stderr, "");
    // With files, it wins over them.
    let output = run(around(), &["--url", &url, "--config", "settings.yaml"]);
    assert_eq!(json(&output.stdout)["targets"][0]["endpoint"], format!("127.0.0.1:{port}/app"));
}

#[test]
fn thousands_of_targets_need_little_memory_and_few_words() {
    let (port, count) = (closed_port(), 2_000);
    let mut text = "databases:\n".to_owned();
    for index in 0..count {
        let _ = writeln!(text, "  db{index}: {{host: 127.0.0.1, port: {port}, database: d{index}, username: u}}");
    }
    let project = Dbcfg::new().file("settings.yaml", &text).memory_limit_kib(48 << 10);
    let output = project.args(&["probe", "--all", "--attempts", "1"]).run().expect_status(1);
    let lines: Vec<&str> = output.stdout.lines().collect();
    assert_eq!(lines.iter().filter(|line| line.ends_with("  refused")).count(), count);
    // The header, the blank lines, the cause and the counts.
    assert!(lines.len() < count + 20, "{:#?}", &lines[count..]);
    let output = output.expect_stdout_contains(" db22, db23 and 1976 more\n");
    output.expect_stdout_contains("(settings.yaml:2:32, 3:32, ");
}

#[test]
fn what_cannot_be_read_beats_what_is_down() {
    let output = refused().args(&["probe", "-c", "settings.yaml", "-c", "nowhere.yaml", "--format", "json"]).run();
    let output = output.expect_status(2).expect_stderr_contains("nowhere.yaml");
    assert_eq!(json(&output.stdout)["targets"][0]["status"], "down");
}

#[test]
fn waiting_goes_on_as_long_as_it_can_help() {
    let begin = Instant::now();
    let output = refused().args(&["probe", "--wait", "1200ms"]).run().expect_status(1);
    output.expect_stderr("Waiting for main (refused).\n").expect_stdout_contains("main");
    let time = begin.elapsed();
    assert!(time >= Duration::from_millis(900) && time < Duration::from_secs(5), "{time:?}");
    let begin = Instant::now();
    let output = unresolved().args(&["probe", "--wait", "1m"]).run().expect_status(1);
    output.expect_stderr_contains("Waiting for main is of no use: ");
    assert!(begin.elapsed() < Duration::from_secs(10));
    // Nobody waits, and nothing is waited for.
    unresolved().args(&["probe", "--wait", "0"]).run().expect_status(1);
    unresolved().args(&["probe", "--wait", "1m", "--fail-on", "down"]).run().expect_status(0);
}

#[test]
fn watching_prints_a_document_a_line_until_nobody_reads() {
    let watch = refused().args(&["probe", "--watch", "1s", "--attempts", "1", "--format", "json"]);
    let output = watch.stop_reading_after(8_000).run().expect_status(1).expect_nowhere("c4n4ry");
    let lines: Vec<&str> = output.stdout.lines().collect();
    assert!(lines.len() > 2, "{}", output.stdout);
    // The last line may be cut.
    for line in &lines[..lines.len() - 1] {
        assert_eq!(json(line)["status"], "down");
    }
    let output = output.expect_stderr_contains("Watching 1 target every 1s until Ctrl-C; times are UTC.\n");
    output.expect_stderr_contains("main closed -> open (3 failures in a row: refused)\n");
}

#[test]
fn logs_tell_each_attempt_and_no_password() {
    let log = |arguments: &[&str], level: &str| {
        let run = refused().env("DBCFG_LOG", level).args(&["probe", "--format", "json"]).args(arguments).run();
        run.expect_status(1).expect_nowhere("c4n4ry").stderr
    };
    assert_eq!(log(&[], "off"), "");
    assert_eq!(log(&["--quiet"], "off"), "");
    let info = log(&["-v"], "off");
    assert!(info.contains("level=info event=attempt target=main") && !info.contains("level=debug"), "{info}");
    assert!(info.lines().all(|line| line.starts_with("time=2") && line.contains("Z level=")), "{info}");
    assert!(log(&["-vv"], "error").contains("level=debug"));
    let error = log(&[], "error");
    assert!(
        error.lines().count() == 1 && error.contains("level=error event=finished target=main status=down"),
        "{error}"
    );
}

#[test]
fn an_interrupt_prints_what_is_known_so_far() {
    // It accepts, and never says a word.
    let silent = TcpListener::bind("127.0.0.1:0").expect("a port");
    let (silent, closed) = (silent.local_addr().expect("its address").port(), closed_port());
    let text = format!(
        "databases:\n  main: {{host: 127.0.0.1, port: {silent}, database: app, username: app}}\n  \
         mlflow: {{host: 127.0.0.1, port: {closed}, database: m, username: m, retry: {{max_attempts: 1}}}}\n"
    );
    let begin = Instant::now();
    let timeout = Dbcfg::program("timeout").file("settings.yaml", &text);
    let timeout = timeout.args(&["--preserve-status", "-s", "INT", "1", env!("CARGO_BIN_EXE_dbcfg"), "probe"]);
    let output = timeout.args(&["--format", "json", "--timeout", "15"]).run().expect_status(130);
    assert!(begin.elapsed() < Duration::from_secs(5));
    let found = json(&output.stdout);
    let status = |name: &str| {
        let targets = found["targets"].as_array().expect("targets");
        targets.iter().find(|target| target["name"] == name).map(|target| target["status"].clone())
    };
    assert_eq!((&found["interrupted"], status("mlflow")), (&Value::Bool(true), Some("down".into())), "{found}");
    assert_ne!(status("main"), Some("healthy".into()));
}

#[test]
fn rules_about_what_was_found_are_selected_like_all_others() {
    let rules = |arguments: &[&str]| -> Vec<String> {
        let output = refused().args(&["probe", "--format", "json", "--attempts", "1"]).args(arguments).run();
        let found = json(&output.expect_status(1).stdout);
        let findings = found["findings"].as_array().expect("findings").iter();
        findings.filter_map(|finding| Some(finding["rule"].as_str()?.to_owned())).collect()
    };
    assert_eq!(rules(&[]), ["unreachable"]);
    assert!(rules(&["--ignore", "live"]).is_empty() && rules(&["--select", "secrets"]).is_empty());
    assert_eq!(rules(&["--select", "unreachable"]), ["unreachable"]);
}
