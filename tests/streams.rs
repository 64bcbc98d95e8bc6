//! Where output goes, and what becomes of it: closed pipes, full disks, terminals of every width, hostile values.

use unicode_width::UnicodeWidthStr as _;

use super::support::{Dbcfg, Output};

const GOOD: &str = "postgres_host: h.example.com\n";
const BAD: &str = "postgres_host: h.example.com\npostgres_port: many\n";

const FORMATS: &[&str] = &["table", "yaml", "toml", "json"];

/// Those of `check`.
const CHECK_FORMATS: &[&str] = &["human", "concise", "json"];

/// No character that a terminal would obey, except line ends; colours are expected on a terminal only.
#[track_caller]
pub(super) fn assert_harmless(text: &str, has_colours: bool) {
    let text = if has_colours { without_colours(text) } else { text.to_owned() };
    let hostile = |c: char| {
        (c.is_control() && c != '\n')
            || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
    };
    if let Some(line) = text.lines().find(|line| line.contains(hostile)) {
        panic!("a terminal would obey this: {line:?}");
    }
}

/// The text without the colours that dbcfg itself sets: a number or two between `ESC [` and `m`.
fn without_colours(text: &str) -> String {
    let mut pieces = text.split("\u{1b}[");
    let mut plain = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let end = piece.find(|c: char| !(c.is_ascii_digit() || c == ';')).unwrap_or(piece.len());
        if let Some(rest) = piece[end..].strip_prefix('m') {
            plain.push_str(rest);
        } else {
            plain.push('\u{1b}');
            plain.push_str(piece);
        }
    }
    plain
}

/// The program in a shell that bends its streams. `"$@"` is the program and its arguments.
fn shell(script: &str, settings: &str, arguments: &[&str]) -> Output {
    let run = Dbcfg::program("/bin/sh").file("settings.yaml", settings);
    run.args(&["-c", script, "sh", env!("CARGO_BIN_EXE_dbcfg")]).args(arguments).run()
}

#[test]
fn a_reader_that_leaves_changes_nothing_about_the_status() {
    // More than a pipe holds, so that writing must fail.
    let long = (0..2_500).fold(String::new(), |text, index| text + &format!("      p{index}: x\n"));
    for (settings, status) in [(GOOD, 0), (BAD, 1)] {
        let settings = format!("{settings}databases:\n  x:\n    host: i.example.com\n    parameters:\n{long}");
        for format in FORMATS {
            let run = |format: &str| {
                Dbcfg::new().file("settings.yaml", &settings).args(&["show", "--origins", "--format", format])
            };
            for bytes in [0, 1, 100] {
                let output = run(format).stop_reading_after(bytes).run();
                assert_eq!(output.status, status, "{format} {bytes}: {}", output.stderr);
                assert!(!output.stderr.contains("dbcfg:"), "{}", output.stderr);
            }
        }
    }
}

#[test]
fn a_full_disk_is_a_failure_and_says_so() {
    for settings in [GOOD, BAD] {
        for format in FORMATS {
            let output = shell("exec \"$@\" >/dev/full", settings, &["show", "--format", format]).expect_status(2);
            output.expect_stderr_contains("dbcfg: the result could not be written\n");
        }
    }
    for help in [&["--help"][..], &["show", "--help"], &["--version"]] {
        shell("exec \"$@\" >/dev/full", GOOD, help).expect_status(2).expect_stderr_contains("could not be written");
    }
}

#[test]
fn a_full_or_closed_standard_error_changes_nothing() {
    for (settings, status) in [(GOOD, 0), (BAD, 1)] {
        let expected = shell("exec \"$@\"", settings, &["show"]).expect_status(status).stdout;
        for script in ["exec \"$@\" 2>/dev/full", "exec \"$@\" 2>&-", "exec \"$@\" <&-", "exec \"$@\" <&- 2>&-"] {
            shell(script, settings, &["show"]).expect_status(status).expect_stdout(&expected);
        }
        shell("\"$@\" 2>&1 >/dev/null | true", settings, &["show"]).expect_status(0);
    }
    shell("exec \"$@\" >/dev/full 2>/dev/full", GOOD, &["show"]).expect_status(2);
}

#[test]
fn a_closed_standard_output_or_input_is_no_crash() {
    for (settings, status) in [(GOOD, 0), (BAD, 1)] {
        shell("exec \"$@\" >&-", settings, &["show"]).expect_status(status);
        shell("exec \"$@\" >&- 2>&- <&-", settings, &["show"]).expect_status(status);
    }
    // What is closed is empty, and nothing waits for it.
    shell("exec \"$@\" <&-", GOOD, &["show", "-"]).expect_status(0);
    shell("exec \"$@\" </", GOOD, &["show", "-"]).expect_status(2).expect_stderr_contains("could not be read");
}

#[test]
fn results_and_talk_go_their_own_ways() {
    let output = Dbcfg::new().file("settings.yaml", BAD).args(&["show"]).run().expect_status(1);
    assert!(output.stdout.starts_with("DATABASE") && !output.stdout.contains("wrong-type"), "{}", output.stdout);
    assert!(output.stderr.contains("wrong-type") && !output.stderr.contains("DATABASE"), "{}", output.stderr);
    Dbcfg::new().file("settings.yaml", BAD).args(&["show", "--quiet"]).run().expect_status(1).expect_stderr("");
}

#[test]
fn check_takes_what_becomes_of_its_output() {
    // More than a pipe holds, so that writing must fail.
    let many = (0..1_000).fold("databases:\n".to_owned(), |text, index| {
        text + &format!("  x{index}: {{host: h.example.com, port: 99999}}\n")
    });
    for format in CHECK_FORMATS {
        for (limit, status) in [("error", 1), ("never", 0)] {
            let arguments = ["check", "--format", format, "--fail-on", limit];
            let run = || Dbcfg::new().file("settings.yaml", &many).args(&arguments);
            for bytes in [0, 1, 100] {
                let output = run().stop_reading_after(bytes).run().expect_status(status);
                assert!(!output.stderr.contains("dbcfg:"), "{}", output.stderr);
            }
            shell("exec \"$@\" >/dev/full", &many, &arguments)
                .expect_status(2)
                .expect_stderr_contains("dbcfg: the result could not be written\n");
            let expected = shell("exec \"$@\"", &many, &arguments).expect_status(status).stdout;
            for script in ["exec \"$@\" 2>/dev/full", "exec \"$@\" 2>&- <&-"] {
                shell(script, &many, &arguments).expect_status(status).expect_stdout(&expected);
            }
            shell("exec \"$@\" >&- 2>&- <&-", &many, &arguments).expect_status(status);
        }
        for place in ["/dev/full", "absent/report", "."] {
            let report = format!("{format}={place}");
            let output = Dbcfg::new().file("settings.yaml", GOOD).args(&["check", "--report", &report]).run();
            output.expect_status(2).expect_stderr_contains("could not be written");
        }
        for settings in [GOOD, BAD] {
            let run = || Dbcfg::new().file("settings.yaml", settings).args(&["check", "--format", format]);
            let is_coloured = |output: &Output| output.stdout.contains("\u{1b}[");
            let wants = *format != "json";
            assert!(!is_coloured(&run().run()) && !is_coloured(&run().args(&["--color", "never"]).terminal(80)));
            assert!(!is_coloured(&run().env("TERM", "dumb").terminal(80)), "{format}");
            assert!(!is_coloured(&run().env("NO_COLOR", "1").env("CLICOLOR_FORCE", "1").run()), "{format}");
            if settings == BAD {
                assert_eq!(is_coloured(&run().args(&["--color", "always"]).run()), wants, "{format}");
                assert_eq!(is_coloured(&run().env("CLICOLOR_FORCE", "1").run()), wants, "{format}");
                assert_eq!(is_coloured(&run().terminal(80)), wants, "{format}");
            }
        }
        // What is closed is empty, and nothing waits for it.
        shell("exec \"$@\" <&-", GOOD, &["check", "-", "--format", format]).expect_status(0);
        let twice = Dbcfg::new().stdin(BAD).args(&["check", "-", "-", "--format", format]).run().expect_status(1);
        assert_eq!(twice.stdout.matches("wrong-type").count() / (1 + usize::from(*format == "human")), 1);
    }
}

/// Values that a terminal must not obey, and wide ones.
const VALUES: &[&str] = &[
    "a\\e[31mred\\e[0m",
    "a\\a bell",
    "a\\rb",
    "a\\nb",
    "a\\tb",
    "\\u202Egnp.exe",
    "a\\u200Bb\\u200Db\\uFEFF",
    "a\\u009B31m",
    "a\\u2028b",
    "\u{8cc7}\u{6599}\u{5eab}\u{4e3b}\u{6a5f}",
    "\u{1f418}\u{1f418}",
    "e\u{301}t\u{e9}",
];

#[test]
fn hostile_values_are_escaped_everywhere() {
    for value in VALUES {
        let text = format!(
            "databases:\n  main:\n    host: h.example.com\n    database: \"{value}\"\n    username: \"{value}\"\n    parameters: {{\"{value}\": \"{value}\", application_name: \"{value}\"}}\n    \"prot\": 1\n    \"po{value}rt\": 1\nmlflow: {{tracking_uri: \"http://localhost/{value}\", experiment_name: \"{value}\"}}\n"
        );
        for format in FORMATS {
            for origins in [&[][..], &["--origins"]] {
                let run = Dbcfg::new().file("settings.yaml", &text).args(&["show", "--format", format]).args(origins);
                let output = run.run();
                assert_harmless(&output.stdout, false);
                assert_harmless(&output.stderr, false);
                assert!(output.status <= 1, "{}", output.stderr);
                assert_harmless(&run.terminal(60).stdout, true);
            }
        }
        for format in CHECK_FORMATS {
            let run = Dbcfg::new().file("settings.yaml", &text).args(&["check", "--verbose", "--format", format]);
            let output = run.run();
            assert_harmless(&output.stdout, false);
            assert_harmless(&output.stderr, false);
            assert!(output.status <= 1, "{}", output.stderr);
            assert_harmless(&run.terminal(60).stdout, true);
        }
    }
}

/// A configuration whose values are all short, so that every line can fit a narrow terminal.
const SHORT: &str = "\
databases:
  main: {host: h.example.com, database: \"\u{8cc7}\u{6599}\u{5eab}\", username: \"\u{1f418}\", password: x, pool: {max_connections: 5}}
  mlflow: {host: i.example.com, database: mlflow, username: \"e\u{301}\", ssl_mode: require}
  vector: {host: j.example.com, database: v}
services:
  redis: {url: 'redis://h.example.com/0'}
";

#[test]
fn lines_fit_the_terminal() {
    for columns in [20, 40, 60, 80, 200] {
        for origins in [&[][..], &["--origins"]] {
            let run = Dbcfg::new().file("settings.yaml", SHORT).args(&["show"]).args(origins);
            let output = run.terminal(columns).expect_status(0);
            let plain = without_colours(&output.stdout);
            assert_harmless(&plain, false);
            // Below this, a single value with its label is wider than the terminal.
            let limit = usize::from(columns).max(43);
            let too_wide = plain.lines().find(|line| line.width() > limit);
            assert_eq!(too_wide, None, "on a terminal of {columns}\n{plain}");
            for value in ["h.example.com", "i.example.com", "\u{8cc7}\u{6599}\u{5eab}", "\u{1f418}", "********"] {
                assert!(plain.contains(value), "{value} is missing on {columns} columns\n{plain}");
            }
        }
    }
}

#[test]
fn columns_are_aligned_by_display_width() {
    let output = Dbcfg::new().file("settings.yaml", SHORT).args(&["show"]).terminal(200).expect_status(0);
    let plain = without_colours(&output.stdout);
    let at = |line: &str, word: &str| line.find(word).map(|at| line[..at].width());
    let lines: Vec<&str> = plain.lines().take_while(|line| !line.is_empty()).collect();
    let header = at(lines[0], "DEFINED IN").expect("the last column");
    for line in &lines[1..] {
        assert_eq!(at(line, "settings.yaml"), Some(header), "{plain}");
    }
}

#[test]
fn colours_only_where_they_are_wanted() {
    let run = || Dbcfg::new().file("settings.yaml", BAD);
    let colours = |output: &Output| (output.stdout.contains("\u{1b}["), output.stderr.contains("\u{1b}["));
    assert_eq!(colours(&run().args(&["show"]).run()), (false, false));
    assert_eq!(colours(&run().args(&["show", "--color", "always"]).run()), (true, true));
    assert_eq!(colours(&run().env("CLICOLOR_FORCE", "1").args(&["show"]).run()), (true, true));
    assert_eq!(colours(&run().env("CLICOLOR_FORCE", "0").args(&["show"]).run()), (false, false));
    let both = run().env("CLICOLOR_FORCE", "1").env("NO_COLOR", "1");
    assert_eq!(colours(&both.args(&["show"]).run()), (false, false));
    assert_eq!(colours(&run().env("CLICOLOR_FORCE", "1").args(&["show", "--color", "never"]).run()), (false, false));
    assert_eq!(colours(&run().env("NO_COLOR", "1").args(&["show", "--color=always"]).run()), (true, true));
    let terminal = |run: Dbcfg, arguments: &[&str]| run.args(arguments).terminal(80).stdout.contains("\u{1b}[");
    assert!(terminal(run(), &["show"]));
    assert!(!terminal(run().env("TERM", "dumb"), &["show"]));
    assert!(!terminal(run().env("NO_COLOR", "1"), &["show"]));
    assert!(terminal(run().env("NO_COLOR", ""), &["show"]));
    assert!(!terminal(run(), &["show", "--color=never"]));
    // Data for programs has no colours, whoever asks for them.
    for format in ["yaml", "toml", "json"] {
        let output = run().args(&["show", "--color=always", "--format", format]).run();
        assert_eq!(colours(&output), (false, true), "{format}");
    }
}

/// Files, arguments and the status that they end with.
type Case = (&'static [(&'static str, &'static str)], &'static [&'static str], i32);

#[test]
fn the_status_is_the_same_under_every_format() {
    let cases: &[Case] = &[
        (&[("settings.yaml", GOOD)], &["show"], 0),
        (&[("settings.yaml", GOOD)], &["show", "settings.yaml"], 0),
        (&[("settings.yaml", GOOD)], &["show", "."], 0),
        (&[], &["show"], 2),
        (&[], &["show", "."], 0),
        (&[("settings.yaml", "a: 1\n")], &["show"], 0),
        (&[("notes.yaml", "a: 1\n")], &["show", "notes.yaml"], 0),
        (&[("settings.yaml", GOOD)], &["show", "absent.yaml"], 2),
        (&[("settings.yaml", GOOD)], &["show", "settings.yaml", "absent.yaml"], 2),
        (&[("settings.yaml", BAD)], &["show", "settings.yaml"], 1),
        (&[("settings.yaml", BAD)], &["show", "settings.yaml", "absent.yaml"], 2),
        (&[("settings.yaml", BAD)], &["show", "--fail-on", "never"], 0),
        (&[("settings.yaml", BAD)], &["show", "--fail-on", "never", "settings.yaml", "absent.yaml"], 2),
        (&[("settings.yaml", "databases: {main: {host: h.example.com, prot: 1}}\n")], &["show"], 0),
        (
            &[("settings.yaml", "databases: {main: {host: h.example.com, prot: 1}}\n")],
            &["show", "--fail-on", "warning"],
            1,
        ),
        (
            &[("settings.yaml", "databases: {main: {host: h.example.com, prot: 1}}\n")],
            &["show", "--fail-on", "info"],
            1,
        ),
        (&[(".env", "DATABASE_HOST=h.example.com\nDATABASE_NAME=x\n")], &["show"], 0),
        (&[(".env", "DATABASE_HOST=h.example.com\nDATABASE_NAME=x\n")], &["show", "--fail-on", "warning"], 0),
        (&[(".env", "DATABASE_HOST=h.example.com\nDATABASE_NAME=x\n")], &["show", "--fail-on", "info"], 1),
        (&[("settings.yaml", GOOD)], &["show", "--env", "absent"], 2),
        (&[("settings.yaml", GOOD)], &["show", "--env"], 2),
        (&[("settings.yaml", GOOD), (".env.dev", "POSTGRES_PORT=1\n")], &["show", "--env", "dev"], 0),
        (&[("settings.yaml", GOOD), (".env.dev", "POSTGRES_PORT=1\n")], &["show", "--env", "prod"], 2),
        (&[("settings.yaml", GOOD)], &["show", "--url", "postgresql://u@h.example.com/d"], 0),
        (&[], &["show", "--url", "nothing of the kind"], 2),
        (&[("settings.yaml", GOOD)], &["show", "a", "b", "--nonsense"], 2),
        (&[("settings.yaml", GOOD)], &["show", "postgresql://u@h.example.com/d"], 2),
        (&[("settings.yaml", GOOD)], &["show", "-", "--url", "-"], 2),
        (&[("a/settings.yaml", GOOD), ("b/settings.yaml", GOOD)], &["show", "a", "b"], 2),
    ];
    for (files, arguments, status) in cases {
        for format in FORMATS {
            let run = files.iter().fold(Dbcfg::new(), |run, (path, text)| run.file(path, text));
            let output = run.args(arguments).args(&["--format", format]).run().expect_status(*status);
            let is_talked_about = !output.stderr.is_empty() || *status == 0;
            assert!(is_talked_about, "{arguments:?} {format} fails without a word");
            if arguments.contains(&"settings.yaml") && *status != 2
                || arguments.last() == Some(&"absent.yaml") && arguments.contains(&"settings.yaml")
            {
                output.expect_stdout_contains("h.example.com");
            }
        }
    }
    Dbcfg::new().run().expect_status(2).expect_stdout("");
    Dbcfg::new().args(&["absent"]).run().expect_status(2).expect_stdout("");
    Dbcfg::new().args(&["show", "--format", "nothing"]).run().expect_status(2).expect_stdout("");
    Dbcfg::new().args(&["--version"]).run().expect_status(0).expect_stderr("");
    Dbcfg::new().env("ENVIRONMENT", "absent").file("settings.yaml", GOOD).args(&["show"]).run().expect_status(0);
}
