//! `dbcfg probe`: how it is typed, and what it says when it cannot do its job. No server is asked for any of this.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use crate::support::Dbcfg;

/// A database whose password is in a variable that nobody sets.
const SETTINGS: &str =
    "databases:\n  main: {host: db.example.com, database: app, username: app, password: '${APP_PW}'}\n";

fn project() -> Dbcfg {
    Dbcfg::new().file("settings.yaml", SETTINGS)
}

fn probe(arguments: &[&str]) -> Dbcfg {
    Dbcfg::new().args(&["probe"]).args(arguments)
}

#[test]
fn what_is_typed_wrong_is_told_in_our_words() {
    for (arguments, expected) in [
        (
            &["--timeout", "c4n4ry"][..],
            "`--timeout` does not take this value; a duration is expected: 10s, 500ms, 2m or 1h",
        ),
        (&["--timeout", "0"], "`--timeout` does not take this value; a duration above 0 is expected"),
        (
            &["--deadline", "9999h"],
            "`--deadline` does not take this value; a duration of at most 1000 hours is expected",
        ),
        (&["--attempts", "0"], "`--attempts` does not take this value; a whole number above 0 is expected"),
        (&["--jobs", "x"], "`--jobs` does not take this value; a whole number above 0 is expected"),
        (&["--per-server", "c4n4ry"], "`--per-server` does not take this value; a whole number above 0 is expected"),
        (
            &["--deep", "--server-memory", "8"],
            "`--server-memory` does not take this value; an amount of memory with its unit is expected: 8GB, 512MiB",
        ),
        (&["--server-memory", "8GB"], "`--server-memory` goes with `--deep`"),
        (&["--watch", "5x"], "`--watch` does not take this value; a duration is expected: 10s, 500ms, 2m or 1h"),
        (&["--wait", "1m", "--watch"], "`--wait` does not go with `--watch`"),
        (
            &["--format", "c4n4ry"],
            "`--format` does not take this value; it is one of human, json, junit, prometheus, nagios",
        ),
        (&["--fail-on", "healthy"], "`--fail-on` does not take this value; it is one of degraded, down"),
        (
            &["--jobs", "99999999999"],
            "`--jobs` does not take this value; a whole number of at most 4294967295 is expected",
        ),
        (&["--timeout", "-1"], "`--timeout` does not take a number below 0"),
        (&["--fial-on", "down"], "unexpected argument `--fial-on`; did you mean `--fail-on`?"),
    ] {
        let expected = format!("dbcfg: {expected}\nFor more information, try `dbcfg probe --help`.\n");
        let output = probe(arguments).run().expect_status(2).expect_stdout("").expect_nowhere("c4n4ry");
        assert_eq!(output.stderr, expected, "{arguments:?}");
    }
    for (arguments, expected) in [
        (&["--all", "main"][..], "`--all` does not go with names"),
        (&["--watch", "999ms"], "`--watch` probes every second at most: each round is a login at every server"),
        (&["--all", "--watch", "main"], "`--all` does not go with names"),
        (&["--report", "c4n4ry"], "`--report` takes a format and a file: --report json=health.json"),
        (&["--report", "sarif=x"], "`--report` takes a format and a file: --report json=health.json"),
        (
            &["--watch", "--format", "nagios"],
            "DBCFG UNKNOWN - `--watch` prints human or json; `--report FORMAT=PATH` writes the others in each round",
        ),
        (
            &["--watch=1s", "--format=junit"],
            "`--watch` prints human or json; `--report FORMAT=PATH` writes the others in each round",
        ),
        (&["--select", "c4n4ry.x"], "`--select`: there is no rule or group of this name; `dbcfg explain` lists them"),
        (&["postgresql://u:c4n4ry@h/d"], "a name is expected, and this is a postgresql URL; `--url` takes one"),
        (
            &["-c", "postgresql://u:c4n4ry@h/d"],
            "`--config` takes a path, and this is a postgresql URL; `--url` takes one",
        ),
        (
            &["--url", "c4n4ry"],
            "`--url` takes a connection string: postgresql://user@host:5432/database, or host=... dbname=...",
        ),
    ] {
        let output = probe(arguments).run().expect_nowhere("c4n4ry");
        let (status, printed) = match expected.strip_prefix("DBCFG UNKNOWN - ") {
            Some(_) => (3, format!("{expected}\n")),
            None => (2, String::new()),
        };
        let said = format!("dbcfg: {}\n", expected.trim_start_matches("DBCFG UNKNOWN - "));
        assert_eq!((output.status, output.stdout, output.stderr), (status, printed, said), "{arguments:?}");
    }
}

#[test]
fn variables_are_read_and_their_values_not_repeated() {
    for (name, expected) in [
        ("DBCFG_PROBE_TIMEOUT", "the variable DBCFG_PROBE_TIMEOUT: a duration is expected: 10s, 500ms, 2m or 1h"),
        ("DBCFG_PROBE_DEADLINE", "the variable DBCFG_PROBE_DEADLINE: a duration is expected: 10s, 500ms, 2m or 1h"),
        ("DBCFG_PROBE_ATTEMPTS", "the variable DBCFG_PROBE_ATTEMPTS: a whole number above 0 is expected"),
        ("DBCFG_PROBE_JOBS", "the variable DBCFG_PROBE_JOBS: a whole number above 0 is expected"),
        ("DBCFG_PROBE_PER_SERVER", "the variable DBCFG_PROBE_PER_SERVER: a whole number above 0 is expected"),
        ("DBCFG_PROBE_FORMAT", "the variable DBCFG_PROBE_FORMAT is one of human, json, junit, prometheus, nagios"),
        ("DBCFG_PROBE_FAIL_ON", "the variable DBCFG_PROBE_FAIL_ON is one of degraded, down"),
        ("DBCFG_LOG", "the variable DBCFG_LOG is one of off, error, warn, info, debug"),
    ] {
        let output = probe(&[]).env(name, "c4n4ry").run().expect_status(2).expect_nowhere("c4n4ry");
        assert_eq!(output.stderr, format!("dbcfg: {expected}\n"));
        // What is typed beats it, wrong as it is.
        let typed = match name {
            "DBCFG_LOG" => "-v".to_owned(),
            name => {
                let flag = name.trim_start_matches("DBCFG_PROBE_").to_lowercase().replace('_', "-");
                let value = match flag.as_str() {
                    "format" => "json",
                    "fail-on" => "down",
                    _ => "7",
                };
                format!("--{flag}={value}")
            }
        };
        let output = probe(&[&typed]).env(name, "c4n4ry").run().expect_status(2);
        assert_eq!(output.stderr, "dbcfg: no database settings were found\n", "{typed}");
    }
}

#[test]
fn settings_of_the_tool_are_read() {
    let settings =
        |text: &str| project().file("dbcfg.toml", text).args(&["probe", "-c", "settings.yaml"]).run().expect_status(2);
    let output = settings("[probe]\ntimeuot = 5\nattempts = 0\n");
    output
        .expect_stderr_contains("dbcfg.toml:2:1: `timeuot` is not a setting; did you mean `timeout`?\n")
        .expect_stderr_contains("dbcfg.toml:3:12: a whole number above 0 is expected\n");
    let output = settings("[prob]\ntimeout = 5\n");
    output.expect_stderr_contains("`prob` is not a setting; did you mean `probe`?");
    settings("probe = 5\n").expect_stderr_contains("dbcfg.toml:1:9: a table is expected: {timeout = \"10s\"}");
}

#[test]
fn nothing_to_probe_is_no_success() {
    probe(&[]).run().expect_status(2).expect_stdout("").expect_stderr("dbcfg: no database settings were found\n");
    let missing = probe(&["--config", "nowhere.yaml"]).run().expect_status(2).expect_stdout("");
    missing.expect_stderr_contains("nowhere.yaml").expect_stderr_contains("dbcfg: nothing is left to probe\n");
    let several = probe(&["-c", "a", "-c", "b"]).file("a/settings.yaml", SETTINGS).file("b/settings.yaml", SETTINGS);
    several.run().expect_status(2).expect_stderr_contains("more than one directory was named");
    let unknown = project().args(&["probe", "--env", "c4n4ry"]).run().expect_status(2).expect_nowhere("c4n4ry");
    unknown.expect_stderr(
        "dbcfg: there is no environment of this name: no `.env.NAME` and no `environments:` was found\n",
    );
    let elsewhere = probe(&[]).file(".env.production", "POSTGRES_HOST=db.example.com\n").run().expect_status(2);
    elsewhere.expect_stderr("dbcfg: nothing is defined outside an environment; choose one with --env: production\n");
}

#[test]
fn a_plugin_tells_monitoring_why_it_knows_nothing() {
    let output = probe(&["--format", "nagios"]).run().expect_status(3);
    output
        .expect_stdout("DBCFG UNKNOWN - no database settings were found\n")
        .expect_stderr("dbcfg: no database settings were found\n");
    let output = probe(&["--format=nagios", "--tiemout", "3"]).run().expect_status(3);
    output.expect_stdout("DBCFG UNKNOWN - unexpected argument `--tiemout`; did you mean `--timeout`?\n");
    let output = probe(&["--timeout", "x"]).env("DBCFG_PROBE_FORMAT", "nagios").run().expect_status(3);
    output.expect_stdout_contains("DBCFG UNKNOWN - `--timeout` does not take this value");
    let output = probe(&["--format", "nagios", "--help"]).run().expect_status(0);
    output.expect_stdout_contains("Usage: dbcfg probe");
}

#[test]
fn a_password_file_is_read_before_anything_is_tried() {
    let file = |contents: &[u8], mode: u32| {
        let project = project().bytes("pw", contents).args(&["probe", "--password-file", "pw"]);
        fs::set_permissions(project.path("pw"), fs::Permissions::from_mode(mode)).expect("change the mode");
        project.run().expect_nowhere("c4n4ry")
    };
    file(b"\nc4n4ry\n", 0o600)
        .expect_status(2)
        .expect_stderr("dbcfg: `--password-file`: the first line of pw is empty\n");
    file(b"\xffc4n4ry", 0o600).expect_status(2).expect_stderr("dbcfg: `--password-file`: pw is not UTF-8\n");
    let missing = project().args(&["probe", "--password-file", "nowhere"]).run().expect_status(2);
    missing.expect_stderr("dbcfg: `--password-file`: nowhere does not exist\n");
    let directory = project().file("folder/x", "").args(&["probe", "--password-file", "folder"]).run();
    directory.expect_status(2).expect_stderr("dbcfg: `--password-file`: folder is a directory\n");
    let warning = "Everybody on this machine can read pw; `chmod 600` it.\n";
    file(b"c4n4ry\n", 0o644).expect_stderr_contains(warning);
    for mode in [0o600, 0o640] {
        assert!(!file(b"c4n4ry\n", mode).stderr.contains("Everybody"), "{mode:o}");
    }
}

#[test]
fn the_help_tells_what_the_status_means() {
    let output = probe(&["--help"]).run().expect_status(0);
    let output = output.expect_stdout_contains("--wait <DURATION>").expect_stdout_contains("--watch [<INTERVAL>]");
    output.expect_stdout_contains("1 degraded, 2 down, 3 not measured");
}
