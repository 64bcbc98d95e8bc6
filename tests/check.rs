//! `dbcfg check`: which findings are shown and which are not, whose files are judged, and what the status says.

use crate::support::{Dbcfg, Output};

const FORMATS: &[&str] = &["human", "concise", "json", "sarif", "github", "gitlab", "junit"];

/// A project without a finding.
const GOOD: &str = "\
databases:
  main:
    host: db.example.com
    database: app
    username: app_user
    password: ${MAIN_DB_PASSWORD}
    ssl_mode: verify-full
    ssl_root_cert: system
";

/// Two ports that no server can have.
const BAD: &str = "\
databases:
  main:
    host: db.example.com
    port: 0
    database: app
  mlflow: {host: mlflow.example.com, port: 70000, database: mlflow}
";

/// Checks with one rule only, so that the test says what it says, whatever rules there are.
fn check(arguments: &[&str]) -> Vec<String> {
    let mut all = vec!["check", "--format", "concise", "--select", "invalid-port,unused-suppression"];
    all.extend(arguments);
    all.into_iter().map(str::to_owned).collect()
}

fn run(dbcfg: Dbcfg, arguments: &[&str]) -> Output {
    let arguments = check(arguments);
    dbcfg.args(&arguments.iter().map(String::as_str).collect::<Vec<_>>()).run()
}

/// The places and rules of what concise output says: `settings.yaml:4:11 invalid-port`.
fn places(output: &Output) -> Vec<String> {
    let finding = |line: &str| {
        let (place, rest) = line.split_once(": ")?;
        let rule = rest.split_once('[')?.1.split_once(']')?.0;
        Some(format!("{place} {rule}"))
    };
    output.stdout.lines().filter_map(finding).collect()
}

#[track_caller]
fn expect_places(output: &Output, status: i32, expected: &[&str]) {
    assert_eq!(places(output), expected, "{}{}", output.stdout, output.stderr);
    assert_eq!(output.status, status, "{}{}", output.stdout, output.stderr);
}

#[test]
fn the_status_follows_the_findings_in_every_format() {
    for format in FORMATS {
        let status = |settings: &str, arguments: &[&str]| {
            let arguments = [&["check", "--format", format], arguments].concat();
            let output = Dbcfg::new().file("settings.yaml", settings).args(&arguments).run();
            output.expect_files_unchanged().status
        };
        assert_eq!(status(GOOD, &[]), 0, "{format}");
        assert_eq!(status(BAD, &[]), 1, "{format}");
        assert_eq!(status(BAD, &["--fail-on", "never"]), 0, "{format}");
        assert_eq!(status(BAD, &["settings.yaml", "absent.yaml"]), 2, "{format}");
        assert_eq!(status(GOOD, &["settings.yaml", "absent.yaml", "--fail-on", "never"]), 2, "{format}");
        assert_eq!(status(GOOD, &["--no-such-flag"]), 2, "{format}");
        assert_eq!(status("debug: true\n", &[]), 2, "{format}");
        assert_eq!(status("debug: true\n", &["settings.yaml"]), 0, "{format}");
    }
}

#[test]
fn a_closed_pipe_keeps_the_status() {
    // More than a pipe holds, so that writing must fail.
    let long = (0..3_000).fold(String::new(), |text, index| {
        text + &format!("  d{index}: {{host: h{index}.example.com, database: d, port: 0}}\n")
    });
    for format in FORMATS {
        for (settings, status) in [(format!("databases:\n{long}"), 1), (GOOD.to_owned(), 0)] {
            for bytes in [0, 1, 100] {
                let dbcfg = Dbcfg::new().file("settings.yaml", &settings);
                let dbcfg = dbcfg.args(&["check", "--select", "invalid-port", "--format", format]);
                let output = dbcfg.stop_reading_after(bytes).run();
                assert_eq!(output.status, status, "{format} {bytes}: {}", output.stderr);
                assert!(!output.stderr.contains("dbcfg:"), "{}", output.stderr);
            }
        }
    }
}

#[test]
fn a_missing_path_is_told_and_the_good_ones_are_checked() {
    let output =
        run(Dbcfg::new().file("settings.yaml", BAD), &["--select", "unreadable", "absent.yaml", "settings.yaml"]);
    expect_places(
        &output,
        2,
        &["absent.yaml:1:1 unreadable", "settings.yaml:4:11 invalid-port", "settings.yaml:6:44 invalid-port"],
    );
}

#[test]
fn nothing_to_check_is_a_failure_only_if_no_path_was_given() {
    let empty = || Dbcfg::new().file("readme.txt", "x").file("settings.yaml", "debug: true\n");
    run(empty(), &[]).expect_status(2).expect_stderr_contains("No database settings were found.");
    run(empty(), &["."]).expect_status(0).expect_stdout("");
    run(empty(), &["settings.yaml"]).expect_status(0).expect_stdout("");
    run(empty().stdin("a: b\n"), &["-"]).expect_status(0).expect_stdout("");
    run(empty(), &["absent"]).expect_status(2);
}

#[test]
fn findings_of_named_files_are_judged_in_their_project() {
    let project = || {
        Dbcfg::new()
            .file("settings.yaml", "databases: {main: {host: db.example.com, port: \"${PORT}\", database: app}}\n")
            .file("config/settings.yaml", "databases: {vector: {host: v.example.com, port: 0, database: v}}\n")
            .file(".env", "PORT=99999\nMLFLOW_POSTGRES_HOST=m.example.com\nMLFLOW_POSTGRES_PORT=0\n")
    };
    let all = ["settings.yaml:1:48 invalid-port", "config/settings.yaml:1:49 invalid-port", ".env:3:22 invalid-port"];
    expect_places(&run(project(), &[]), 1, &all);
    // The port of main comes from `.env`, which is not named.
    expect_places(&run(project(), &["settings.yaml"]), 1, &all[..1]);
    expect_places(&run(project(), &["config/settings.yaml"]), 1, &all[1..2]);
    expect_places(&run(project(), &["config/settings.yaml", ".env"]), 1, &all[1..]);
    expect_places(&run(project().file("main.py", "import os\n"), &["main.py"]), 0, &[]);
}

#[test]
fn standard_input_stands_for_a_file_of_its_project() {
    let project = || {
        let text = "databases: {main: {host: db.example.com, port: \"${PORT}\", database: app}}\n";
        Dbcfg::new().file("settings.yaml", "old: 1\n").file(".env", "PORT=0\n").stdin(text)
    };
    expect_places(
        &run(project(), &["-", "--stdin-filename", "settings.yaml"]),
        1,
        &["settings.yaml:1:48 invalid-port"],
    );
    // Without a name nothing else belongs to it.
    expect_places(&run(project(), &["-"]), 0, &[]);
    expect_places(
        &run(Dbcfg::new().stdin(BAD), &["-"]),
        1,
        &["<stdin>:4:11 invalid-port", "<stdin>:6:44 invalid-port"],
    );
    let toml = Dbcfg::new().stdin("[databases.main]\nhost = \"db.example.com\"\nport = 0\n");
    expect_places(
        &run(toml, &["-", "--stdin-filename", "new/settings.toml"]),
        1,
        &["new/settings.toml:3:8 invalid-port"],
    );
    run(project(), &["--stdin-filename", "settings.yaml"]).expect_status(2);
}

#[test]
fn a_tree_holds_several_projects() {
    let project = |name: &str| (format!("{name}/settings.yaml"), "databases: {main: {host: h.example.com, port: 0}}\n");
    let mut tree = Dbcfg::new()
        .file(".git/HEAD", "")
        .file(".gitignore", "build/\n*.local.yaml\n.env\n")
        .file("api/.env", "POSTGRES_HOST=e.example.com\nPOSTGRES_PORT=0\n")
        .file("api/settings.local.yaml", "databases: {main: {host: h.example.com, port: 1000000}}\n");
    for name in ["api", "jobs/config", "jobs/nested", "build", "web/node_modules/x", ".hidden", "web"] {
        let (path, text) = project(name);
        tree = tree.file(&path, text);
    }
    // In `api` the port of `.env` wins over the one of the settings.
    let all = [
        "api/.env:2:15 invalid-port",
        "jobs/config/settings.yaml:1:47 invalid-port",
        "jobs/nested/settings.yaml:1:47 invalid-port",
        "web/settings.yaml:1:47 invalid-port",
    ];
    expect_places(&run(tree, &[]), 1, &all);
}

#[test]
fn comments_suppress_on_their_line_and_the_next() {
    let places = |path: &str, text: &str| places(&run(Dbcfg::new().file(path, text), &[path]));
    let none: [&str; 0] = [];
    for (path, text) in [
        (
            "settings.yaml",
            "databases:\n  main:\n    host: h.example.com\n    port: 0 # dbcfg: ignore[invalid-port] old\n",
        ),
        (
            "settings.yaml",
            "databases:\n  main:\n    host: h.example.com\n    # dbcfg: ignore[endpoint]\n    # Why.\n    port: 0\n",
        ),
        ("settings.toml", "[databases.main]\nhost = \"h.example.com\"\nport = 0 # dbcfg: ignore[invalid-port]\n"),
        (".env", "POSTGRES_HOST=h.example.com\n# dbcfg: ignore[invalid-port, no-retry]\nPOSTGRES_PORT=0\n"),
        ("alembic.ini", "[alembic]\n; dbcfg: ignore[all]\nsqlalchemy.url = postgresql://u@h.example.com:0/d\n"),
    ] {
        assert_eq!(places(path, text), none, "{text}");
    }
    // What is about a whole file is suppressed on its first line.
    let first = "# dbcfg: ignore[missing-in-environment]\n";
    let files = |first: &str| {
        let staging = format!("{first}DB_HOST=s.example.com\n");
        let main = "DB_HOST=p.example.com\nDB_NAME=app\nDB_USER=app\n";
        let run = Dbcfg::new().file(".env.staging", &staging).file(".env.production", main);
        run.args(&["check", "--select", "missing-in-environment,unused-suppression", "--format", "concise"])
            .run()
            .stdout
    };
    assert!(files("").contains(".env.staging:1:1: warning[missing-in-environment]"), "{}", files(""));
    assert_eq!(files(first), "");
    let text = "databases:\n  main:\n    # dbcfg: ignore[invalid-port]\n    host: h.example.com\n    port: 0\n";
    assert_eq!(
        places("settings.yaml", text),
        ["settings.yaml:3:5 unused-suppression", "settings.yaml:5:11 invalid-port"]
    );
    for comment in ["# dbcfg: ignore", "# dbcfg: ignore[]", "# dbcfg: ignore[invalid-prot]", "# DBCFG:disable=no-retry"]
    {
        let text = format!("{comment}\ndatabases: {{main: {{host: h.example.com}}}}\n");
        assert_eq!(places("settings.yaml", &text), ["settings.yaml:1:1 unused-suppression"], "{comment}");
    }
    // A rule that is not judged here may find something in another run.
    let text = "databases: {main: {host: h.example.com}} # dbcfg: ignore[no-retry]\n";
    assert_eq!(places("settings.yaml", text), none);
}

#[test]
fn what_was_typed_beats_variables_which_beat_the_settings() {
    let project = |settings: &str| Dbcfg::new().file("settings.yaml", BAD).file("dbcfg.toml", settings);
    let status = |dbcfg: Dbcfg, arguments: &[&str]| dbcfg.args(&[&["check"], arguments].concat()).run().status;
    let only = "select = [\"invalid-port\"]\n";
    assert_eq!(status(project(only), &[]), 1);
    assert_eq!(status(project(&format!("{only}fail-on = \"never\"\n")), &[]), 0);
    assert_eq!(status(project(&format!("{only}fail-on = \"never\"\n")), &["--fail-on", "error"]), 1);
    assert_eq!(status(project(&format!("{only}fail-on = \"error\"\n")).env("DBCFG_FAIL_ON", "never"), &[]), 0);
    assert_eq!(status(project(only).env("DBCFG_FAIL_ON", "never"), &["--fail-on", "info"]), 1);
    assert_eq!(status(project(&format!("{only}[severity]\ninvalid-port = \"warning\"\n")), &[]), 0);
    assert_eq!(status(project(&format!("{only}[severity]\nendpoint = \"info\"\n")), &["--fail-on", "info"]), 1);
    assert_eq!(status(project(&format!("{only}[severity]\ninvalid-port = \"off\"\n")), &["--fail-on", "info"]), 0);
    assert_eq!(status(project("ignore = [\"all\"]\n"), &["--fail-on", "info"]), 0);
    assert_eq!(status(project(only), &["--ignore", "invalid-port", "--fail-on", "info"]), 0);
    assert_eq!(status(project(only).env("DBCFG_IGNORE", "endpoint,invalid-port"), &["--fail-on", "info"]), 0);
    assert_eq!(status(project(only), &["--select", "duplicate-key"]), 0);
    assert_eq!(status(project("ignore = [\"endpoint\"]\n"), &["--select", "endpoint"]), 1);
    assert_eq!(
        status(project(only).env("DBCFG_FORMAT", "").env("DBCFG_IGNORE", ""), &["--select", " endpoint, tls"]),
        1
    );
    assert_eq!(status(project(only).env("DBCFG_FAIL_ON", "bogus"), &[]), 2);
    let output = project(only).env("DBCFG_SELECT", "nope").args(&["check"]).run().expect_status(2);
    output.expect_stderr_contains("the variable DBCFG_SELECT: there is no rule or group");
    let ignores = |glob: &str| format!("{only}[per-file-ignores]\n\"{glob}\" = [\"invalid-port\"]\n");
    assert_eq!(status(project(&ignores("*.yaml")), &[]), 0);
    assert_eq!(status(project(&ignores("*.toml")), &[]), 1);
    let table = format!("[tool.dbcfg]\n{only}exclude = [\"settings.*\"]\n");
    assert_eq!(status(Dbcfg::new().file("settings.yaml", BAD).file("pyproject.toml", &table), &["."]), 0);
}

#[test]
fn a_mistake_in_the_settings_stops_its_project_only() {
    let tree = Dbcfg::new()
        .file("a/settings.yaml", BAD)
        .file("a/dbcfg.toml", "select = [\"invalid-prot\", \"layout\"]\nserver-connections = 0\n")
        .file("b/settings.yaml", BAD);
    let output = run(tree, &["a", "b"]);
    expect_places(&output, 2, &["b/settings.yaml:4:11 invalid-port", "b/settings.yaml:6:44 invalid-port"]);
    output
        .expect_stderr_contains(
            "a/dbcfg.toml:1:11: `invalid-prot` is neither a rule nor a group; did you mean `invalid-port`?",
        )
        .expect_stderr_contains("a/dbcfg.toml:2:22: a number above 0 is expected");
}

#[test]
fn unknown_rules_are_refused_and_a_password_is_not_repeated() {
    let run = |name: &str| run(Dbcfg::new().file("settings.yaml", GOOD), &["--ignore", name]).expect_status(2);
    run("invalid-prot")
        .expect_stderr("dbcfg: `--ignore`: there is no rule or group `invalid-prot`; did you mean `invalid-port`?\n");
    run("Hunter2-Canary").expect_nowhere("Canary");
    let url = Dbcfg::new().args(&["check", "postgresql://u:Canary@h.example.com/d"]).run();
    url.expect_status(2).expect_nowhere("Canary").expect_stderr_contains("a path is expected");
}

#[test]
fn a_baseline_hides_what_is_known_and_nothing_else() {
    let secret = BAD.replace("    database: app\n", "    database: app\n    password: Canary\n");
    let written = run(Dbcfg::new().file("settings.yaml", &secret), &["--write-baseline", "--baseline", "known.json"]);
    let baseline = written.files.get("known.json").expect("the baseline").clone();
    let baseline = String::from_utf8(baseline).expect("text");
    written.expect_status(0).expect_stdout("").expect_stderr("known.json holds 2 known findings.\n");
    assert!(!baseline.contains("Canary") && baseline.contains("databases.main.port"), "{baseline}");
    let with = |settings: &str, arguments: &[&str]| {
        let dbcfg = Dbcfg::new().file("known.json", &baseline).file("settings.yaml", settings);
        run(dbcfg, &[&["--baseline", "known.json"], arguments].concat())
    };
    expect_places(&with(&secret, &[]), 0, &[]);
    expect_places(&with(&format!("# More.\n\n{secret}"), &["settings.yaml"]), 0, &[]);
    let more = secret.replace("databases:", "databases:\n  vector: {host: v.example.com, port: 0}");
    expect_places(&with(&more, &[]), 1, &["settings.yaml:2:39 invalid-port"]);
    // The settings name one, relative to themselves.
    let set = Dbcfg::new().file("known.json", &baseline).file("settings.yaml", BAD).file("x/a", "");
    let set = set.file("dbcfg.toml", "baseline = \"known.json\"\n");
    expect_places(&run(set.current_dir("x"), &[".."]), 0, &[]);
    run(Dbcfg::new().file("settings.yaml", BAD), &["--baseline", "absent.json"])
        .expect_status(2)
        .expect_stderr_contains("`--write-baseline` writes it");
    with("", &["--baseline", "settings.yaml"])
        .expect_status(2)
        .expect_stderr_contains("settings.yaml:1:1: this is no baseline");
    run(Dbcfg::new().file("settings.yaml", BAD), &["--write-baseline", "--baseline", "settings.yaml"])
        .expect_status(2)
        .expect_stderr_contains("is not written over")
        .expect_files_unchanged();
}

#[test]
fn a_baseline_that_is_written_anew_keeps_what_the_run_says_nothing_about() {
    let tree = || {
        let settings = "baseline = \"ci/known.json\"\n";
        let tree = Dbcfg::new().file("dbcfg.toml", settings).file("ci/known.json", "{\"version\":1,\"findings\":[]}");
        tree.file("a/settings.yaml", BAD).file("b/settings.yaml", BAD)
    };
    let written = |arguments: &[&str], known: &str| {
        let tree = tree().file("ci/known.json", known);
        let output = run(tree, &[&["--write-baseline"], arguments].concat()).expect_status(0).expect_stdout("");
        String::from_utf8(output.files["ci/known.json"].clone()).expect("text")
    };
    let count = |known: &str, part: &str| known.matches(part).count();
    let all = written(&[], "{\"version\":1,\"findings\":[]}");
    assert_eq!((count(&all, "\"../a/settings.yaml\""), count(&all, "\"../b/settings.yaml\"")), (2, 2), "{all}");
    // Of a part of the tree, and of some rules, the rest stays.
    assert_eq!(written(&["b"], &all), all);
    assert_eq!(written(&["b/settings.yaml"], &all), all);
    assert_eq!(written(&["--ignore", "invalid-port"], &all), all);
    let gone = all.replace("b/settings.yaml", "gone/settings.yaml");
    assert_eq!(count(&written(&["a"], &gone), "settings.yaml"), 2);
    let report = run(tree(), &["--write-baseline", "--report", "json=out.json"]);
    assert!(report.expect_status(0).files.contains_key("out.json"));
}

#[test]
fn reports_are_written_in_the_same_run() {
    let bad = || Dbcfg::new().file("settings.yaml", BAD);
    let output = run(bad(), &["--report", "json=out.json", "--report", "concise=out.txt"]).expect_status(1);
    let text = String::from_utf8(output.files["out.txt"].clone()).expect("text");
    assert_eq!(text, output.stdout);
    let json: serde_json::Value = serde_json::from_slice(&output.files["out.json"]).expect("JSON");
    assert_eq!(json["summary"]["errors"], 2);
    run(bad(), &["--report", "json=absent/out.json"]).expect_status(2).expect_stderr_contains("no such directory");
    run(bad(), &["--report", "json=settings.yaml"])
        .expect_status(2)
        .expect_stderr_contains("settings.yaml was read, and is not written over")
        .expect_files_unchanged();
    run(bad(), &["--report", "jsno=x"]).expect_status(2).expect_stderr_contains("--report json=findings.json");
}

#[test]
fn quiet_and_verbose_change_the_talk_only() {
    let bad = || Dbcfg::new().file("settings.yaml", BAD).file(".env.test", "POSTGRES_HOST=t.example.com\n");
    let plain = run(bad(), &[]);
    let verbose = run(bad(), &["--verbose"]);
    assert_eq!(plain.stdout, verbose.stdout);
    plain.expect_stderr("");
    verbose
        .expect_stderr_contains("project .\n  read settings.yaml (settings)\n")
        .expect_stderr_contains("  without an environment: main, mlflow\n  test: main, mlflow\n");
    run(Dbcfg::new().file("a.yaml", "x: 1\n"), &[".", "--quiet"]).expect_stderr("").expect_stdout("");
}

#[test]
fn a_directory_that_is_named_is_read_whatever_git_says_of_it() {
    let bad = "databases: {main: {host: h.example.com, port: 0}}\n";
    let tree = || {
        let tree = Dbcfg::new()
            .file(".git/HEAD", "")
            .file(".gitignore", "ignored/\nconfig/settings.local.yaml\n/own/config/\n");
        tree.file("ignored/settings.yaml", bad)
            .file("config/settings.local.yaml", bad)
            .file("own/config/settings.yaml", bad)
    };
    expect_places(&run(tree(), &["."]), 0, &[]);
    expect_places(&run(tree(), &["ignored"]), 1, &["ignored/settings.yaml:1:47 invalid-port"]);
    expect_places(&run(tree().current_dir("ignored"), &[]), 1, &["settings.yaml:1:47 invalid-port"]);
    expect_places(&run(tree(), &["config/settings.local.yaml"]), 1, &["config/settings.local.yaml:1:47 invalid-port"]);
    let link = tree();
    std::os::unix::fs::symlink("ignored", link.path("link")).expect("a link");
    expect_places(&run(link, &["link"]), 1, &["link/settings.yaml:1:47 invalid-port"]);
    let excluded = Dbcfg::new().file("old/settings.yaml", bad).file("dbcfg.toml", "exclude = [\"old/\"]\n");
    run(excluded, &["old/settings.yaml"])
        .expect_status(0)
        .expect_stderr_contains("old/settings.yaml is excluded by the settings of dbcfg.");
}

#[test]
fn a_config_directory_belongs_to_the_project_above() {
    let project = || {
        let above = "databases: {main: {host: h.example.com, port: 0}}\n";
        let below = "databases: {vector: {host: v.example.com, port: 0}}\n";
        Dbcfg::new().file("settings.yaml", above).file("config/settings.yaml", below)
    };
    let below = ["config/settings.yaml:1:49 invalid-port"];
    expect_places(&run(project(), &["config"]), 1, &below);
    expect_places(&run(project(), &["config", "config/settings.yaml"]), 1, &below);
    expect_places(&run(project().current_dir("config"), &[]), 1, &["../config/settings.yaml:1:49 invalid-port"]);
    let stdin = project().stdin("databases: {vector: {host: v.example.com}}\n");
    expect_places(&run(stdin, &["-", "config", "--stdin-filename", "config/settings.yaml"]), 0, &[]);
}

#[test]
fn a_named_file_is_told_what_it_has_a_part_in() {
    let project = || {
        let first = "databases: {main: {host: a.example.com, database: app}}\n";
        Dbcfg::new()
            .file("settings.json", &first.replace("databases", "\"databases\""))
            .file("settings.toml", "[databases.main]\nhost = \"b.example.com\"\n")
            .file("settings.yaml", first)
    };
    let check = |path: &str| {
        let run = project().args(&["check", "--format", "concise", "--select", "conflicting-definitions", path]).run();
        run.stdout.lines().count()
    };
    // Whichever of the two files of the conflict is named, it is told: a line for it, and the summary.
    assert_eq!((check("settings.toml"), check("settings.yaml"), check("settings.json")), (2, 2, 0));
}
