//! Input that no person meant: broken, huge, deep, circular, or no file at all.
//!
//! Each ends in findings that name the place and the likely cause, and the rest of the file is still read. A run that
//! takes more than 200 MB of memory fails; the watchdog is generous, since the program is tried unoptimised.

use std::ffi::OsStr;
use std::fmt::Write as _;
use std::fs;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::process::Command;
use std::time::Duration;

use super::support::{Dbcfg, Output};

/// The memory that any input may take, in KiB.
const MEMORY: u64 = 200 * 1024;

/// The time that any input may take. It is a second on an idle machine, optimised; the rest is for what is neither.
const PATIENCE: Duration = Duration::from_secs(if cfg!(debug_assertions) { 30 } else { 5 });

const HOST: &str = "h.example.com";

/// Shows one file, within the limits.
#[track_caller]
fn show(path: &str, input: &[u8]) -> Output {
    if input.len() < 1_000_000 {
        check_file(path, input);
    }
    let run = Dbcfg::new().bytes(path, input).args(&["show", path]);
    run.memory_limit_kib(MEMORY).patience(PATIENCE).run().expect_files_unchanged()
}

/// Checks one file, within the limits.
#[track_caller]
fn check_file(path: &str, input: &[u8]) {
    let run = Dbcfg::new().bytes(path, input).args(&["check", path]).memory_limit_kib(MEMORY).patience(PATIENCE);
    let output = run.run().expect_files_unchanged();
    assert!(output.status <= 1, "{path}: {}", output.stderr);
}

/// Checks a directory, within the limits.
#[track_caller]
fn check(run: Dbcfg, status: i32) -> Output {
    run.args(&["check"]).memory_limit_kib(MEMORY).patience(PATIENCE).run().expect_status(status)
}

/// The lines that begin a finding: neither the other places, nor the help, nor the count at the end.
fn findings(output: &Output) -> Vec<&str> {
    output.stderr.lines().filter(|line| !line.starts_with(' ') && line.contains('[')).collect()
}

/// Broken files: name, text, findings without `NAME:`, and what of the rest must still show.
const BROKEN: &[(&str, &str, &[&str], &str)] = &[
    // YAML
    (
        "settings.yaml",
        "databases:\n  main:\n    host: h.example.com\n    password: ***REMOVED***\n    port: 5433\n",
        &["4:15: error[scrubbed-value]: a marker of a removed secret stands unquoted, so the file is not valid"],
        "h.example.com:5433",
    ),
    (
        "settings.yaml",
        "_defaults:\n  port: 5433\ndatabases:\n  main:\n    <<: *defaults\n    host: h.example.com\n",
        &["5:9: error[unknown-anchor]: the alias `*defaults` has no anchor"],
        "h.example.com:5433",
    ),
    (
        "settings.yaml",
        "databases:\n\tmain:\n\t\thost: h.example.com\n\t\tport: 5433\n",
        &["2:1: error[unparsable]: a tab in the indentation"],
        "h.example.com:5433",
    ),
    (
        "settings.yaml",
        "databases:\n  main:\n    password: @home\n    host: h.example.com\n    port: 5433\n",
        &["3:15: error[unparsable]: an unquoted value starts with `@`"],
        "h.example.com:5433",
    ),
    (
        "settings.yaml",
        "databases:\n  main:\n    host: g.example.com\n    port: 5433\n    host: h.example.com\n",
        &["5:5: error[duplicate-key]: the key `host` stands twice"],
        "h.example.com:5433",
    ),
    (
        "settings.yaml",
        "databases:\n  main:\n    host: h.example.com\n    port: many\n    pool: {max_connections: [1]}\n    database: rest\n",
        &[
            "4:11: error[wrong-type]: `port` takes a port number, and this is text",
            "5:29: error[wrong-type]: `max_connections` takes a whole number, and this is a list",
        ],
        "rest",
    ),
    (
        "settings.yaml",
        "databases:\n  main:\n    host: h.example.com\n    database: a\u{0}b\n    port: 5433\n",
        &["4:16: error[unparsable]: a NUL character"],
        "h.example.com:5433",
    ),
    // TOML
    (
        "settings.toml",
        "[databases.main]\nhost = 'h.example.com'\npassword = ***REMOVED***\nport = 5433\n",
        &["3:12: error[scrubbed-value]: a marker of a removed secret stands unquoted, so the file is not valid"],
        "h.example.com:5433",
    ),
    (
        "settings.toml",
        "[databases.main]\n\thost = 'h.example.com'\npassword = @home\nport = 5433\n",
        &["3:12: error[unparsable]: a text without quotes"],
        "h.example.com:5433",
    ),
    (
        "settings.toml",
        "[databases.main]\nhost = 'g.example.com'\nport = 5433\nhost = 'h.example.com'\n",
        &["4:1: error[duplicate-key]: the key `host` stands twice"],
        "h.example.com:5433",
    ),
    (
        "settings.toml",
        "[databases.main]\nhost = 'h.example.com'\nport = 'many'\ndatabase = 'rest'\n",
        &["3:8: error[wrong-type]: `port` takes a port number, and this is text"],
        "rest",
    ),
    // JSON
    (
        "settings.json",
        "{\"databases\": {\"main\": {\n\"password\": ***REMOVED***,\n\"host\": \"h.example.com\", \"port\": 5433}}}\n",
        &["2:13: error[scrubbed-value]: a marker of a removed secret stands unquoted, so the file is not valid"],
        "h.example.com:5433",
    ),
    (
        "settings.json",
        "{\"databases\": {\"main\": {\n\t\"password\": @home,\n\"host\": \"h.example.com\", \"port\": 5433}}}\n",
        &["2:14: error[unparsable]: a text without quotes"],
        "h.example.com:5433",
    ),
    (
        "settings.json",
        "{\"databases\": {\"main\": {\"host\": \"g.example.com\",\n\"host\": \"h.example.com\", \"port\": 5433}}}\n",
        &["2:1: error[duplicate-key]: the key `host` stands twice"],
        "h.example.com:5433",
    ),
    (
        "settings.json",
        "{\"databases\": {\"main\": {\"host\": \"h.example.com\", \"port\": {}, \"database\": \"rest\"}}}\n",
        &["1:58: error[wrong-type]: `port` takes a port number, and this is a mapping"],
        "rest",
    ),
    // INI
    (
        "alembic.ini",
        "[alembic]\nscript_location\nsqlalchemy.url = postgresql://u@h.example.com:5433/d\n",
        &["2:1: error[unparsable]: a line that is neither a setting nor a section nor a comment"],
        "h.example.com:5433",
    ),
    (
        "alembic.ini",
        "[alembic]\nsqlalchemy.url = postgresql://u@g.example.com/d\nsqlalchemy.url = postgresql://u@h.example.com:5433/d\n",
        &["3:1: error[duplicate-key]: the key `sqlalchemy.url` stands twice"],
        "h.example.com:5433",
    ),
    // .env
    (
        ".env",
        "POSTGRES_HOST=h.example.com\nPOSTGRES_USER me\nPOSTGRES_PORT=5433\n",
        &["2:1: error[unparsable]: a line that is neither a setting nor a section nor a comment"],
        "h.example.com:5433",
    ),
    (
        ".env",
        "POSTGRES_HOST=g.example.com\nPOSTGRES_PORT=5433\nPOSTGRES_HOST=h.example.com\n",
        &["3:1: error[duplicate-key]: the key `POSTGRES_HOST` stands twice"],
        "h.example.com:5433",
    ),
    (
        ".env",
        "POSTGRES_HOST=h.example.com\nPOSTGRES_PORT=many\nPOSTGRES_DB=rest\n",
        &["2:15: error[wrong-type]: `POSTGRES_PORT` takes a port number, and this is text"],
        "rest",
    ),
];

#[test]
fn broken_files_end_in_findings_and_the_rest_is_read() {
    let mut faults = String::new();
    for (path, text, expected, shown) in BROKEN {
        let output = show(path, text.as_bytes());
        let expected: Vec<String> = expected.iter().map(|finding| format!("{path}:{finding}")).collect();
        if findings(&output) != expected || output.status != 1 || !output.stdout.contains(shown) {
            let _ = writeln!(faults, "{text}\nstatus {}\n{}{}", output.status, output.stdout, output.stderr);
        }
    }
    assert!(faults.is_empty(), "{faults}");
}

#[test]
fn bytes_that_are_no_text_are_told_and_the_rest_is_read() {
    let cases: &[(&str, &[u8], &str)] = &[
        ("settings.yaml", b"postgres_user: b\xe4r\npostgres_host: h.example.com\n", "1:17"),
        ("settings.toml", b"postgres_user = '\xe4'\npostgres_host = 'h.example.com'\n", "1:18"),
        ("settings.json", b"{\"postgres_user\": \"\xe4\", \"postgres_host\": \"h.example.com\"}", "1:20"),
        (".env", b"POSTGRES_USER=\xe4\nPOSTGRES_HOST=h.example.com\n", "1:15"),
    ];
    for (path, bytes, place) in cases {
        let output = show(path, bytes).expect_status(1).expect_stdout_contains(HOST);
        assert_eq!(findings(&output), [format!("{path}:{place}: error[unparsable]: one byte that is not UTF-8")]);
    }
    let latin = b"[alembic]\n# \xe4\nsqlalchemy.url = postgresql://u@h.example.com/d\n";
    show("alembic.ini", latin).expect_status(1).expect_stdout_contains(HOST);
    let wide: Vec<u8> = "\u{feff}a: 1\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let output = show("settings.yaml", &wide).expect_status(1);
    assert_eq!(findings(&output), ["settings.yaml: error[unparsable]: a UTF-16 file"]);
}

#[test]
fn a_nul_is_told_in_every_format() {
    for (path, text, place) in [
        ("settings.toml", "postgres_user = 'a\u{0}b'\npostgres_host = 'h.example.com'\n", "1:19"),
        ("settings.json", "{\"postgres_user\": \"a\u{0}b\", \"postgres_host\": \"h.example.com\"}", "1:21"),
        (".env", "POSTGRES_USER=a\u{0}b\nPOSTGRES_HOST=h.example.com\n", "1:16"),
    ] {
        let output = show(path, text.as_bytes()).expect_status(1).expect_stdout_contains(HOST);
        assert_eq!(findings(&output), [format!("{path}:{place}: error[unparsable]: a NUL character")]);
    }
}

#[test]
fn an_empty_file_is_no_mistake() {
    for path in ["settings.yaml", "settings.toml", "settings.json", "alembic.ini", ".env", "docker-compose.yml"] {
        for text in ["", "\n\n", "\u{feff}"] {
            show(path, text.as_bytes())
                .expect_status(0)
                .expect_stdout("")
                .expect_stderr("No database settings were found.\n");
        }
    }
}

#[test]
fn depth_ends_in_one_finding() {
    let deep = "[".repeat(100_000);
    let braces = "{a: ".repeat(100_000);
    let tables = format!("[a{}]", ".a".repeat(100_000));
    let items = format!("x:\n{}", "- ".repeat(100_000));
    let stairs: String = (0..2000).fold(String::new(), |text, level| text + &" ".repeat(level) + "a:\n");
    for (path, text) in [
        ("settings.yaml", format!("postgres_host: h.example.com\nx: {deep}\n")),
        ("settings.yaml", format!("postgres_host: h.example.com\nx: {braces}\n")),
        ("settings.yaml", format!("postgres_host: h.example.com\n{items}\n")),
        ("settings.yaml", format!("postgres_host: h.example.com\n{stairs}\n")),
        ("settings.toml", format!("postgres_host = 'h.example.com'\nx = {deep}\n")),
        ("settings.toml", format!("postgres_host = 'h.example.com'\n{tables}\n")),
        ("settings.json", format!("{{\"postgres_host\": \"h.example.com\",\n\"x\": {deep}")),
    ] {
        let output = show(path, text.as_bytes()).expect_status(1).expect_stdout_contains(HOST);
        let found = findings(&output);
        let message = "error[hostile-input]: nested too deep; what follows was not read";
        assert!(matches!(found[..], [one] if one.ends_with(message)), "{path}: {found:?}");
    }
    for (path, text) in [
        (".env", format!("POSTGRES_HOST=h.example.com\n{deep}\n")),
        ("alembic.ini", format!("[alembic]\nsqlalchemy.url = postgresql://u@h.example.com/d\n{deep}\n")),
    ] {
        let output = show(path, text.as_bytes()).expect_status(1).expect_stdout_contains(HOST);
        assert_eq!(findings(&output).len(), 1, "{path}");
    }
}

#[test]
fn bombs_of_aliases_and_chains_of_merges_are_no_danger() {
    let mut bomb = "postgres_host: h.example.com\na0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
    for level in 1..12 {
        let aliases = vec![format!("*a{}", level - 1); 10].join(", ");
        let _ = writeln!(bomb, "a{level}: &a{level} [{aliases}]");
    }
    let output = show("settings.yaml", bomb.as_bytes()).expect_status(1).expect_stdout_contains(HOST);
    let message = "aliases that stand for more than 2000000 values; they were not followed";
    assert_eq!(findings(&output), [format!("settings.yaml:9:10: error[hostile-input]: {message}")]);

    let mut chain = "m0: &m0 {host: h.example.com}\n".to_owned();
    for level in 1..50_000 {
        let _ = writeln!(chain, "m{level}: &m{level} {{<<: *m{}}}", level - 1);
    }
    chain.push_str("databases:\n  main:\n    <<: *m49999\n");
    show("settings.yaml", chain.as_bytes()).expect_status(0).expect_stdout_contains(HOST);

    let circle = "postgres_host: h.example.com\na: &a\n  <<: *a\nb: &b [*b]\n";
    show("settings.yaml", circle.as_bytes()).expect_status(1).expect_stdout_contains(HOST);
}

#[test]
fn size_ends_in_one_finding() {
    let huge = vec![b'a'; 200_000_000];
    let message = "error[hostile-input]: larger than 16 MiB, so it was not read";
    for path in ["settings.yaml", "settings.toml", "settings.json", "alembic.ini", ".env"] {
        let run = Dbcfg::new().file(path, "").file("settings-good.yaml", "postgres_host: h.example.com\n");
        fs::File::options()
            .write(true)
            .open(run.path(path))
            .expect("the file")
            .set_len(huge.len() as u64)
            .expect("a hole");
        let run = run.args(&["show", path, "settings-good.yaml"]).memory_limit_kib(MEMORY).patience(PATIENCE);
        let output = run.run().expect_status(1).expect_stdout_contains(HOST);
        assert_eq!(findings(&output), [format!("{path}: {message}")]);
    }
    let run = Dbcfg::new().args(&["show", "-"]).stdin(huge).memory_limit_kib(MEMORY).patience(PATIENCE);
    let output = run.run().expect_status(1);
    assert_eq!(findings(&output), [format!("<stdin>: {message}")]);
}

#[test]
fn a_line_of_ten_megabytes_is_read() {
    let long = "y".repeat(10_000_000);
    for (path, text) in [
        ("settings.yaml", format!("postgres_host: h.example.com\nx: {long}\n")),
        ("settings.toml", format!("postgres_host = 'h.example.com'\nx = '{long}'\n")),
        ("settings.json", format!("{{\"postgres_host\": \"h.example.com\", \"x\": \"{long}\"}}")),
        (".env", format!("POSTGRES_HOST=h.example.com\nX={long}\n")),
        ("alembic.ini", format!("[alembic]\nx = {long}\nsqlalchemy.url = postgresql://u@h.example.com/d\n")),
    ] {
        show(path, text.as_bytes()).expect_status(0).expect_stdout_contains(HOST);
    }
}

/// `count` lines of one kind, in each format, behind a host.
fn many(count: usize, name: impl Fn(usize) -> String) -> [(&'static str, String); 5] {
    let lines = |between: &str, end: &str| {
        (0..count).fold(String::new(), |mut text, index| {
            let _ = write!(text, "{}{between}1{end}", name(index));
            text
        })
    };
    let quoted = (0..count).fold(String::new(), |mut text, index| {
        let _ = write!(text, ",\"{}\":1", name(index));
        text
    });
    [
        ("settings.yaml", format!("postgres_host: h.example.com\n{}", lines(": ", "\n"))),
        ("settings.toml", format!("postgres_host = 'h.example.com'\n{}", lines("=", "\n"))),
        ("settings.json", format!("{{\"postgres_host\":\"h.example.com\"{quoted}}}")),
        (".env", format!("POSTGRES_HOST=h.example.com\n{}", lines("=", "\n"))),
        ("alembic.ini", format!("[alembic]\nsqlalchemy.url=postgresql://u@h.example.com/d\n{}", lines("=", "\n"))),
    ]
}

#[test]
fn a_million_keys_are_too_many() {
    for (path, text) in many(1_000_000, |index| format!("k{index}")) {
        let output = show(path, text.as_bytes()).expect_status(1).expect_stdout_contains(HOST);
        let message = "error[hostile-input]: more than 1000000 keys and values; the rest was not read";
        let found = findings(&output);
        assert!(matches!(found[..], [one] if one.ends_with(message)), "{path}\n{}", output.stderr);
    }
}

#[test]
fn a_million_equal_keys_are_not_told_a_million_times() {
    for (path, text) in many(1_000_000, |_| "k".to_owned()) {
        let output = show(path, text.as_bytes()).expect_status(1).expect_stdout_contains(HOST);
        let message = "error[duplicate-key]: the key `k` stands twice";
        let count = findings(&output).iter().filter(|finding| finding.ends_with(message)).count();
        assert!((100..=1000).contains(&count), "{path}: {count}");
    }
}

#[test]
fn a_hundred_thousand_mistakes_are_not_slow() {
    let lines = |line: &dyn Fn(usize) -> String| (0..100_000).map(line).collect::<String>();
    let garbage = lines(&|_| "garbage here\n".to_owned());
    let start = "postgres_host: h.example.com\n";
    for (path, text) in [
        ("settings.yaml", format!("{start}{garbage}")),
        ("settings.yaml", format!("{start}{}", lines(&|index| format!("k{index}: @x\n")))),
        ("settings.yaml", format!("{start}{}", lines(&|index| format!("k{index}: *x{index}\n")))),
        ("settings.yaml", format!("{start}{}", lines(&|index| format!("k{index}: {{{{ x }}}}\n")))),
        ("settings.toml", format!("postgres_host = 'h.example.com'\n{garbage}")),
        (
            "settings.json",
            format!("{{\"postgres_host\": \"h.example.com\"{}}}", lines(&|index| format!(",'k{index}':x"))),
        ),
        (".env", format!("POSTGRES_HOST=h.example.com\n{garbage}")),
        ("alembic.ini", format!("[alembic]\nsqlalchemy.url=postgresql://u@h.example.com/d\n{garbage}")),
    ] {
        let output = show(path, text.as_bytes()).expect_status(1).expect_stdout_contains(HOST);
        let count = findings(&output).len();
        assert!((1..=2000).contains(&count), "{path}: {count}");
    }
}

#[test]
fn ten_thousand_documents_in_one_file_are_read() {
    let text = format!("postgres_host: h.example.com\n{}", "---\na: 1\n".repeat(10_000));
    show("settings.yaml", text.as_bytes()).expect_status(0).expect_stdout_contains(HOST);
}

#[test]
fn templates_without_end_end() {
    for count in [40, 100_000] {
        let (open, close) = ("${A:-".repeat(count), "}".repeat(count));
        for value in [format!("{open}x{close}"), open] {
            let text = format!("postgres_host: h.example.com\npostgres_db: '{value}'\n");
            show("settings.yaml", text.as_bytes()).expect_status(0).expect_stdout_contains(HOST);
            let text = format!("POSTGRES_HOST=h.example.com\nPOSTGRES_DB={value}\n");
            show(".env", text.as_bytes()).expect_status(0).expect_stdout_contains(HOST);
        }
    }
    let mut doubling = "A0=xxxxxxxxxx\n".to_owned();
    for level in 1..40 {
        let _ = writeln!(doubling, "A{level}={}", format!("${{A{}}}", level - 1).repeat(8));
    }
    doubling.push_str("POSTGRES_HOST=h.example.com\nPOSTGRES_DB=${A39}\nPOSTGRES_USER=$A39\n");
    let output = show(".env", doubling.as_bytes()).expect_status(0).expect_stdout_contains(HOST);
    assert!(output.stdout.len() < 1_000_000);
    let circle = "A=$B\nB=${A}\nPOSTGRES_HOST=h.example.com\nPOSTGRES_DB=${A}\n";
    show(".env", circle.as_bytes()).expect_status(0).expect_stdout_contains(HOST);
}

#[test]
fn circles_of_references_are_told() {
    let servers = "databases:\n  main: {host: h.example.com}\n  mlflow: {same_server_as: vector, database: a}\n  vector: {same_server_as: mlflow, database: b}\n";
    let output = show("settings.yaml", servers.as_bytes()).expect_status(1).expect_stdout_contains(HOST);
    let found = findings(&output);
    assert!(
        !found.is_empty() && found.iter().all(|finding| finding.contains("error[dangling-reference]")),
        "{found:?}"
    );
    let values = "databases:\n  main: {host: '${databases.vector.host}', port: 5433}\n  vector: {host: '${databases.main.host}'}\n  x: {host: h.example.com}\n";
    show("settings.yaml", values.as_bytes()).expect_stdout_contains(HOST).expect_stdout_contains("${databases.");
    let own = "databases:\n  main: {host: '${databases.main.host}', port: 5433}\n  x: {host: h.example.com}\n";
    show("settings.yaml", own.as_bytes()).expect_stdout_contains(HOST).expect_stdout_contains("${databases.main.host}");
}

/// What is no readable file is told, is status 2, and does not keep the others from being shown.
#[track_caller]
fn unreadable(run: Dbcfg, path: &str, message: &str) {
    let run = run.file("settings-good.yaml", "postgres_host: h.example.com\n");
    let run = run.args(&["show", path, "settings-good.yaml"]).memory_limit_kib(MEMORY).patience(PATIENCE);
    let output = run.run().expect_status(2).expect_stdout_contains(HOST);
    assert_eq!(findings(&output), [format!("{path}: error[unreadable]: {message}")]);
}

#[test]
fn what_is_no_file_is_told_and_the_others_are_read() {
    let run = Dbcfg::new();
    let made = Command::new("mkfifo").arg(run.path("settings.yaml")).status().expect("mkfifo runs");
    assert!(made.success());
    unreadable(run, "settings.yaml", "not a regular file");
    unreadable(Dbcfg::new(), "/dev/zero", "not a regular file");
    unreadable(Dbcfg::new(), "/dev/full", "not a regular file");
    unreadable(Dbcfg::new(), "absent.yaml", "no such file or directory");
    unreadable(
        Dbcfg::new().file("settings.yaml", ""),
        "settings.yaml/inner.yaml",
        "a part of the path is not a directory",
    );
    let run = Dbcfg::new();
    symlink("nowhere.yaml", run.path("settings.yaml")).expect("a link");
    unreadable(run, "settings.yaml", "a symbolic link that leads nowhere");
    let run = Dbcfg::new();
    symlink("b.yaml", run.path("a.yaml")).expect("a link");
    symlink("a.yaml", run.path("b.yaml")).expect("a link");
    unreadable(run, "a.yaml", "a symbolic link that leads nowhere");
    let long = format!("{}.yaml", "a".repeat(5000));
    let run = Dbcfg::new().file("settings-good.yaml", "postgres_host: h.example.com\n");
    run.args(&["show", &long, "settings-good.yaml"]).run().expect_status(2).expect_stdout_contains(HOST);
}

#[cfg(target_os = "linux")]
#[test]
fn a_file_that_fails_while_it_is_read_is_told() {
    // Nothing lies at the first address of a process, so that reading there is an error, for every user.
    unreadable(Dbcfg::new(), "/proc/self/mem", "it could not be read");
}

#[test]
fn pipes_and_what_has_no_end_are_no_files_of_ours() {
    let good = || Dbcfg::new().file("settings.yaml", "postgres_host: h.example.com\n").file(".git/HEAD", "");
    for (name, status) in [(".gitignore", 0), ("dbcfg.toml", 2), ("pyproject.toml", 0)] {
        let run = good();
        let made = Command::new("mkfifo").arg(run.path(name)).status().expect("mkfifo runs");
        assert!(made.success());
        check(run, status);
        let run = good();
        symlink("/dev/zero", run.path(name)).expect("a link");
        let output = check(run, status);
        assert!(status == 0 || output.stderr.contains("could not be read: not a regular file"), "{}", output.stderr);
    }
    let run = good().args(&["check", "--baseline=/dev/zero"]).memory_limit_kib(MEMORY).patience(PATIENCE);
    run.run().expect_status(2).expect_stderr_contains("/dev/zero could not be read");
    check(good().file("dbcfg.toml/x", ""), 0);
    let ignored = (0..30_000).fold(String::new(), |text, index| text + &format!("/a{index}/*.b\n"));
    check(good().file(".gitignore", &ignored), 0);
}

#[test]
fn deep_trees_and_circles_of_links_end() {
    let run = Dbcfg::new().file("settings.yaml", "postgres_host: h.example.com\n");
    let deep = "d/".repeat(500);
    fs::create_dir_all(run.path(&deep)).expect("a deep directory");
    symlink(".", run.path("d/circle")).expect("a link");
    symlink("..", run.path("d/d/up")).expect("a link");
    let run = run.file(&format!("{deep}settings.yaml"), "postgres_host: h.example.com\npostgres_port: many\n");
    check(run, 1).expect_stdout_contains("wrong-type");
}

#[test]
fn many_of_anything_are_not_slow_to_check() {
    let lines = |count: usize, line: &dyn Fn(usize) -> String| (0..count).map(line).collect::<String>();
    let start = "postgres_host: h.example.com\n";
    let comments = format!("{start}{}postgres_port: 99999\n", "# dbcfg: ignore[invalid-port]\n".repeat(5_000));
    check(Dbcfg::new().file("settings.yaml", &comments), 0);
    let unused = format!("{start}{}", "# dbcfg: ignore[invalid-port]\n".repeat(20_000));
    let count = check(Dbcfg::new().file("settings.yaml", &unused), 0).stdout.matches("[unused-suppression]").count();
    assert!((100..=1000).contains(&count), "{count}");
    let variables = lines(3_000, &|index| format!("  d{index}: {{host: \"${{VARIABLE_{index}_X}}\"}}\n"));
    let known = lines(3_000, &|index| format!("VARIABLE_{index}_YY=\n"));
    let run = Dbcfg::new().file("settings.yaml", &format!("databases:\n{variables}")).file(".env.example", &known);
    check(run, 0).expect_stdout_contains("unresolved-variable");
    let sections = lines(5_000, &|index| format!("app{index}_postgres: {{host: h{index}.example.com}}\n"));
    check(Dbcfg::new().file("settings.yaml", &sections), 0);
    let brackets = format!("postgres_host: \"{}\"\n", "<[your-".repeat(20_000));
    check(Dbcfg::new().file("settings.yaml", &brackets), 1);
    let url = format!("database_url: \"postgresql://u:{}@h.example.com/d\"\n", "p@:/?&=".repeat(10_000));
    check(Dbcfg::new().file("settings.yaml", &url), 1);
    let globs = lines(500, &|index| format!("\"x{index}/*.yaml\","));
    let run = Dbcfg::new().file("dbcfg.toml", &format!("exclude = [{globs}]\n"));
    let run = (0..30).fold(run, |run, index| run.file(&format!("p{index}/settings.yaml"), start));
    check(run, 0);
    let line = format!("{start}postgres_port: \"{}\"\n", "9".repeat(10_000_000));
    check_file("settings.yaml", line.as_bytes());
}

#[test]
fn a_file_without_permission_is_told() {
    let forbid = |run: Dbcfg| {
        let run = run.file("settings.yaml", "postgres_host: g.example.com\n");
        fs::set_permissions(run.path("settings.yaml"), fs::Permissions::from_mode(0o000))
            .expect("take the rights away");
        run
    };
    let run = forbid(Dbcfg::new());
    if fs::File::open(run.path("settings.yaml")).is_err() {
        return unreadable(run, "settings.yaml", "no permission to read it");
    }
    // Permissions do not bind the superuser, so another user runs a copy of the program that he can reach.
    let run = forbid(Dbcfg::program("setpriv")).file("settings-good.yaml", "postgres_host: h.example.com\n");
    let copy = run.path("copy-of-dbcfg");
    fs::copy(env!("CARGO_BIN_EXE_dbcfg"), &copy).expect("copy the program");
    fs::set_permissions(&copy, fs::Permissions::from_mode(0o755)).expect("let everybody run it");
    let copy = copy.to_str().expect("a path in UTF-8").to_owned();
    let user = ["--reuid=65534", "--regid=65534", "--clear-groups"];
    let output = run.args(&user).args(&[&copy, "show", "settings.yaml", "settings-good.yaml"]).run();
    let output = output.expect_status(2).expect_stdout_contains(HOST);
    assert_eq!(findings(&output), ["settings.yaml: error[unreadable]: no permission to read it"]);
}

#[test]
fn directories_in_the_place_of_files_are_passed_over() {
    let run = Dbcfg::new().file("settings.yaml/x", "").file(".env/x", "").file("alembic.ini/x", "");
    let run = run.file("settings-good.yaml", "postgres_host: h.example.com\n").args(&["show"]);
    run.run().expect_status(0).expect_stdout_contains(HOST).expect_stderr("");
    let run = Dbcfg::new().file("settings.yaml/settings.yaml", "postgres_host: h.example.com\n");
    run.args(&["show", "settings.yaml"]).run().expect_status(0).expect_stdout_contains(HOST);
}

#[test]
fn names_of_files_reach_no_terminal_raw() {
    let names: &[&[u8]] = &[
        b"settings\n.yaml",
        b"settings\r.yaml",
        b"settings\x1b[31m.yaml",
        b"settings\x07.yaml",
        "settings\u{202e}lmay.yaml".as_bytes(),
        "settings\u{9b}31m.yaml".as_bytes(),
        "settings\u{200b}.yaml".as_bytes(),
        b"settings\xff\xfe.yaml",
        b"settings'\"`.yaml",
        b".env.pr\x1b]0;od",
        b".env.\xff",
    ];
    for name in names {
        for arguments in [&["show"][..], &["show", "--origins"], &["show", "--origins", "--format", "json"]] {
            let run = Dbcfg::new().args(arguments);
            let text = if name.starts_with(b".env") {
                "POSTGRES_PORT=x\n"
            } else {
                "postgres_port: x\npostgres_host: h.example.com\n"
            };
            fs::write(run.path("").join(OsStr::from_bytes(name)), text).expect("a file system that takes every name");
            for output in [run.run(), run.terminal(60)] {
                let both = format!("{}{}", output.stdout, output.stderr);
                assert!(output.status <= 1, "{name:?}: {}\n{both}", output.status);
                assert!(both.contains("wrong-type"), "{name:?}\n{both}");
                super::streams::assert_harmless(&both.replace("\u{1b}[0m", ""), output.stderr.is_empty());
            }
        }
    }
}
