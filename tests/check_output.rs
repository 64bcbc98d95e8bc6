//! `dbcfg check`: what its formats look like, at every width, with and without colour.

use unicode_width::UnicodeWidthStr as _;

use crate::support::{Dbcfg, Output};

const SETTINGS: &str = "\
databases:
  main:
    host: db.example.com
    port: 543200
    port: 5432
    database: app
    username: app_user
    password: \"${MAIN_DB_PASSWORD}\"
    ssl_mode: verify-full
    ssl_root_cert: system
    connect_timeout: 10
    pool: {max_connections: 20, pre_ping: true}
    retry: {max_attempts: 3}
";

/// Only these rules, so that other rules may find what they will.
const RULES: &[&str] = &["--select", "duplicate-key,invalid-port,unknown-key,unparsable,url-fields-disagree"];

fn check(settings: &str) -> Dbcfg {
    Dbcfg::new().file("settings.yaml", settings).args(&["check"]).args(RULES)
}

#[test]
fn a_finding_shows_its_line_the_other_place_and_the_way_out() {
    let run = check(SETTINGS).run().expect_status(1);
    let expected = "\
error[duplicate-key]: the key `port` stands twice
 --> settings.yaml:5:5
  |
4 |     port: 543200
  |     ---- first here
5 |     port: 5432
  |     ^^^^
  |
  = help: remove one of the two; most parsers take the last without a word, some refuse the file

Found 1 error in 1 file.
`dbcfg explain duplicate-key` tells why it matters and how to mend it.
";
    run.expect_stdout(expected).expect_stderr("");
}

#[test]
fn columns_are_those_of_the_file_and_marks_those_of_what_is_shown() {
    let line =
        "databases: {main: {password: 'S3cr3t-C4n4ry', host: db.example.com, port: 543200, ssl_mode: verify-full}}\n";
    let run = check(line).run().expect_status(1).expect_nowhere("C4n4ry");
    let expected = "\
error[invalid-port]: main has the port `543200`, and there is none
 --> settings.yaml:1:75
  |
1 | databases: {main: {password: '********', host: db.example.com, port: 543200, ssl_mode: verify-full}}
  |                                                                      ^^^^^^
  |
  = help: write a number from 1 to 65535; PostgreSQL's own port is 5432

Found 1 error in 1 file.
`dbcfg explain invalid-port` tells why it matters and how to mend it.
";
    run.expect_stdout(expected);
    // A byte order mark takes no column, a tab is four, and the end of a line no part of it.
    let marked = check("\u{FEFF}databases: {main: {host: h, port: 99999,\thots: x}}\r\n").run();
    let expected = "\
1 | databases: {main: {host: h, port: 99999,    hots: ...}}
  |                                             ^^^^
";
    marked.expect_stdout_contains(expected).expect_stdout_contains("settings.yaml:1:42");
    let wide = check("databases: {main: {host: \"表密.example.com\", database: e\u{301}, port: 99999}}\n").run();
    let expected = "\
1 | databases: {main: {host: \"表密.example.com\", database: e\u{301}, port: 99999}}
  |                                                                 ^^^^^
";
    wide.expect_stdout_contains(expected).expect_stdout_contains("settings.yaml:1:64");
}

#[test]
fn nothing_found_is_one_line() {
    let good = || {
        let run = Dbcfg::new().file("settings.yaml", "databases: {main: {host: db.example.com}}\n");
        run.file(".env", "").args(&["check", "--select", "invalid-port"])
    };
    good().run().expect_status(0).expect_stdout("No problems in 2 files.\n").expect_stderr("");
    good().args(&["--format", "concise"]).run().expect_status(0).expect_stdout("").expect_stderr("");
}

/// Long names, long lines, wide characters, several places, and text that no line can hold.
fn nasty() -> String {
    let long = "x".repeat(5000);
    format!(
        "databases:\n  main: {{host: h, prot: 1, application_name: '{long}', port: 99999, hots: a}}\n  \
         vector: {{host: \"{wide}\", port: 99999, prot: 1, colour: e\u{301}}}\n  \
         other: {{url: 'postgresql://u:pw@i.example.com/{long}', host: j, database: k}}\n\
         \ttab: 1\n  k: \"\u{1b}[31m\\u202e\"\n  port: 1\n  port: 2\n  password pw\n",
        wide = "表密".repeat(300),
    )
}

#[track_caller]
fn demand_width(output: &Output, columns: usize) {
    for line in output.stdout.lines() {
        let plain = without_colour(line);
        // A word that is longer than a line has one of its own.
        let is_word = !plain.trim().contains(' ');
        assert!(plain.width() <= columns || is_word, "{columns} columns: {} in {plain}", plain.width());
    }
}

/// The text without the sequences that colour it.
fn without_colour(line: &str) -> String {
    let mut plain = String::new();
    let mut pieces = line.split('\u{1b}');
    plain.push_str(pieces.next().unwrap_or_default());
    pieces.for_each(|piece| plain.push_str(piece.split_once('m').map_or("", |(_, text)| text)));
    plain
}

#[test]
fn no_line_is_wider_than_the_terminal() {
    for columns in [60, 80, 120, 200] {
        let run = check(&nasty()).terminal(columns);
        demand_width(&run, columns.into());
        let run = run.expect_status(1).expect_nowhere("pw").expect_nowhere("\u{1b}[31m\u{202e}");
        assert!(run.stdout.contains("\u{1b}[1m\u{1b}[31merror[invalid-port]\u{1b}[0m"), "{}", run.stdout);
        assert!(run.stdout.contains("port: 99999"), "{}", run.stdout);
    }
    let plain = check(&nasty()).args(&["--color", "never"]).terminal(80);
    demand_width(&plain, 80);
    assert!(!plain.stdout.contains('\u{1b}'), "{}", plain.stdout);
    let coloured = check(SETTINGS).args(&["--color", "always"]).run();
    let bare: Vec<String> = coloured.stdout.lines().map(without_colour).collect();
    assert_eq!(bare.join("\n") + "\n", check(SETTINGS).run().stdout);
}

#[test]
fn lines_in_a_pipe_are_not_wrapped_and_long_ones_are_cut() {
    let run = check(&nasty()).run().expect_status(1);
    run.stdout.lines().for_each(|line| assert!(line.width() < 200, "{line}"));
}

#[test]
fn concise_has_one_line_for_each_finding_and_one_that_counts() {
    let settings = SETTINGS.replace("port: 5432\n", "port: 99999\n    prot: 1\n");
    let expected = "\
settings.yaml:5:5: error[duplicate-key]: the key `port` stands twice
settings.yaml:5:11: error[invalid-port]: main has the port `99999`, and there is none
settings.yaml:6:5: warning[unknown-key]: `prot` is not a key of a database section
Found 2 errors and 1 warning in 1 file.
";
    check(&settings).args(&["--format", "concise"]).run().expect_status(1).expect_stdout(expected);
    let terminal = check(&settings).args(&["--format", "concise", "--color", "never"]).terminal(60);
    terminal.expect_stdout(expected);
}

#[test]
fn json_says_all_with_nulls_for_what_is_not() {
    let run = check(SETTINGS).args(&["--format", "json"]).run().expect_status(1).expect_stderr("");
    let expected = r#"{
  "version": 1,
  "findings": [
    {
      "rule": "duplicate-key",
      "severity": "error",
      "message": "the key `port` stands twice",
      "help": "remove one of the two; most parsers take the last without a word, some refuse the file",
      "path": "settings.yaml",
      "start": {
        "line": 5,
        "column": 5
      },
      "end": {
        "line": 5,
        "column": 9
      },
      "key": "databases.main.port",
      "fix": "none",
      "group": "syntax",
      "related": [
        {
          "path": "settings.yaml",
          "start": {
            "line": 4,
            "column": 5
          },
          "end": {
            "line": 4,
            "column": 9
          },
          "message": "first here"
        }
      ]
    }
  ],
  "summary": {
    "files": 1,
    "errors": 1,
    "warnings": 0,
    "infos": 0,
    "suppressed": 0
  }
}
"#;
    run.expect_stdout(expected);
    let whole = Dbcfg::new().bytes("settings.yaml", b"\xff\xfea\0:\0");
    let whole = whole.args(&["check", "settings.yaml", "--format", "json"]).run().expect_status(1);
    let report: serde_json::Value = serde_json::from_str(&whole.stdout).expect("JSON");
    let finding = &report["findings"][0];
    assert_eq!(finding["rule"], "unparsable");
    for absent in ["start", "end", "key"] {
        assert_eq!(finding.get(absent), Some(&serde_json::Value::Null), "{finding}");
    }
    assert_eq!(finding["related"], serde_json::json!([]));
}

#[test]
fn every_format_finds_the_same() {
    let human = check(&nasty()).run().stdout;
    let concise = check(&nasty()).args(&["--format", "concise"]).run().stdout;
    let json = check(&nasty()).args(&["--format", "json"]).run().stdout;
    let json: serde_json::Value = serde_json::from_str(&json).expect("JSON");
    let findings = json["findings"].as_array().expect("a list");
    assert!(findings.len() > 5 && concise.lines().count() == findings.len() + 1);
    for (finding, line) in findings.iter().zip(concise.lines()) {
        let text = |key: &str| finding[key].as_str().expect("text");
        let place = format!("settings.yaml:{}:{}", finding["start"]["line"], finding["start"]["column"]);
        let head = format!("{}[{}]: {}", text("severity"), text("rule"), text("message"));
        assert_eq!(line, format!("{place}: {head}"));
        assert!(human.contains(&format!("{head}\n")) && human.contains(&format!("--> {place}\n")), "{head}\n{human}");
    }
    let last = |text: &str| text.lines().find(|line| line.starts_with("Found ")).map(str::to_owned);
    assert_eq!(last(&human), last(&concise));
}
