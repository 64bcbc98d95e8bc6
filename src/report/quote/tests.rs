//! Lines as they may be printed, and lines with passwords wherever one can stand.

use std::fmt::Write as _;

use super::*;
use crate::document::{Document, Format};
use crate::model::{FileFacts, SourceKind};

fn source(name: &str, text: &str) -> Source {
    let format = Format::of_name(name).expect("a known name");
    let kind = match name {
        "docker-compose.yml" => SourceKind::Compose { environment: None },
        _ => SourceKind::Settings { environment: None },
    };
    let document = Some(Document::parse(text.as_bytes(), format));
    Source { name: name.to_owned(), kind, document, facts: FileFacts::default() }
}

/// Quotes the place of `meant`, and compares the line and what is underlined.
#[track_caller]
fn check(name: &str, text: &str, meant: &str, expected: (&str, &str)) {
    let start = text.find(meant).unwrap_or_else(|| panic!("{meant:?} is not in {text:?}"));
    let quote = quote(&source(name, text), Span::new(start, start + meant.len())).expect("a line");
    assert_eq!((quote.text.as_str(), &quote.text[quote.mark.clone()]), expected, "{text:?}");
}

#[test]
fn harmless_lines_are_shown_as_they_are() {
    for (name, text, meant) in [
        ("a.yaml", "a:\n  host: db.example.com  # the host\n", "db.example.com"),
        ("a.yaml", "a: {host: h, 'port': \"5432\", ssl: yes}", "yes"),
        ("a.yaml", "a: &main {<<: *base, host: '${HOST:-h}', port: \"${PORT}\"}", "*base"),
        ("a.yaml", "  - name: [a, b]", "b"),
        ("a.yaml", "a: {password: '${PW}', token: '<TOKEN>', secret: null, x: '${A}:${B}'}", "${PW}"),
        ("a.yaml", "a: {pool_timeout: 30s, x: 54:32, y: 0600, hosts: 'h,i'}", "54:32"),
        ("a.yaml", "a: {url: 'postgresql://u:${PW}@h:5432/d?sslmode=require', uri: ./mlruns}", "h:5432"),
        ("a.yaml", "url: postgresql://<U>:<P>@<H>:5432/<D>", "<P>"),
        ("a.yaml", "url: s3://bucket/mlflow/", "bucket"),
        ("a.yaml", "url: sqlite:////data/x.db", "/data/x.db"),
        ("a.yaml", "tracking_uri: databricks", "databricks"),
        ("a.yaml", "host: grün密.example.com", "密"),
        ("a.toml", "[databases.main]\nhost = 'h' # x", "'h'"),
        ("a.toml", "[databases.main]\na = 1\n[databases.mlflow]\nb = 2", "mlflow"),
        ("a.toml", "databases.main = { host = 'h', port = 1 }", "1"),
        ("a.json", "{\"main\": {\"host\": \"h\", \"port\": 1, \"list\": [1, true]}}", "1"),
        (".env", "export DB_HOST='h' # x", "'h'"),
        (".env", "DB_PORT=5432", "DB_PORT"),
        ("a.ini", "[alembic]\nsqlalchemy.url = postgresql://u@h/d", "u@h"),
        ("docker-compose.yml", "services:\n  a:\n    environment:\n      - DB_HOST=h", "h"),
    ] {
        let start = text[..text.find(meant).expect("it is there")].rfind('\n').map_or(0, |end| end + 1);
        let line = text[start..].lines().next().expect("a line");
        check(name, text, meant, (line, meant));
    }
}

#[test]
fn secrets_and_what_is_not_known_are_not() {
    for (name, text, meant, expected) in [
        ("a.yaml", "a: {password: pw, port: 1}", "1", ("a: {password: ********, port: 1}", "1")),
        ("a.yaml", "password: 'pw' # pw", "'pw'", ("password: '********' # ...", "'********'")),
        ("a.yaml", "password: \"${PW:-pw}\"", "pw}", ("password: \"${PW:-********}\"", "********}")),
        ("a.yaml", "password: &x pw\nb: *x", "pw", ("password: ... ********", "********")),
        ("a.yaml", "password: &x pw\nb: *x", "*x", ("b: *x", "*x")),
        ("a.yaml", "password:\n  - pw\n  - pv", "pv", ("  - ********", "********")),
        ("a.yaml", "secret: {a: {b: pw}, c: d}\n", "pw", ("secret: {********", "********")),
        ("a.yaml", "password: |\n  one\n  two\n", "two", ("  ********", "********")),
        ("a.yaml", "ssl_key: |\n  one\n  two\n", "two", ("  ...", "...")),
        ("a.yaml", "host: h\n  password pw\nport: 1", "password", ("  ...", "...")),
        ("a.yaml", "a: 1\npassword pw\nport: 1", "password pw", ("...", "...")),
        ("a.yaml", "port: pw", "pw", ("port: ...", "...")),
        ("a.yaml", "colour: 'pw'", "'pw'", ("colour: '...'", "'...'")),
        ("a.yaml", "x: postgresql://u:pw@h/d", "h", ("x: postgresql://u:********@h/d", "h")),
        ("a.yaml", "x: postgresql://u:p@w@h/d", "@h", ("x: postgresql://********", "********")),
        ("a.yaml", "x: postgresql://u:pw", "pw", ("x: postgresql://********", "********")),
        ("a.yaml", "x: https://pw@h/d?a=b#c", "h/", ("x: https://********@h/d?a=...#...", "h/")),
        ("a.yaml", "url: host=h password=pw", "h p", ("url: ...", "...")),
        ("a.yaml", "host: \"h\\u0070\" ", "\"h\\u0070\"", ("host: \"h\\u0070\"", "\"h\\u0070\"")),
        ("a.yaml", "dir: \"u\\u003apw@h\"", "h\"", ("dir: \"********\"", "********\"")),
        ("a.yaml", "# password: pw", "password", ("# password: ********", "password")),
        ("a.yaml", "a: \u{1b}[31m\u{202e}x", "x", ("a: ...", "...")),
        ("a.yaml", "host: a\u{202e}x", "x", ("host: a\\u{202e}x", "x")),
        ("a.yaml", "\tb: 1", "1", ("    b: 1", "1")),
        ("a.toml", "[a]\npassword = pw#pv", "password", ("password = ********", "password")),
        ("a.toml", "[a\nb = 1", "[a", ("[...", "[...")),
        ("a.json", "{\"password\": \"pw\", \"a b\" 1}", "1", ("{\"password\": \"********\", ... }", "...")),
        (".env", "pw", "pw", ("...", "...")),
        (".env", "DB_PASSWORD=pw", "pw", ("DB_PASSWORD=********", "********")),
        (".env", "DB_PASSWORD=\"p\"w\"", "p", ("DB_PASSWORD=********", "********")),
        (".env", "A=\"p\"w\"", "A", ("A=...", "A")),
        ("a.ini", "[a]\npw = x\nurl = postgresql://u:%(pw)s@h/d", "h/d", ("url = postgresql://u:********@h/d", "h/d")),
        (
            "docker-compose.yml",
            "services:\n  a:\n    environment:\n      - DB_PASSWORD=pw",
            "pw",
            ("      - DB_PASSWORD=********", "********"),
        ),
    ] {
        check(name, text, meant, expected);
    }
}

#[test]
fn long_lines_are_cut() {
    let text = format!("host: {} # end", "x".repeat(5000));
    let quote = quote(&source("a.yaml", &text), Span::new(3000, 3001)).expect("a line");
    assert!(quote.text.starts_with("...") && quote.text.ends_with("...") && quote.text.len() < 1100, "{quote:?}");
    assert!(super::quote(&source("a.yaml", "a: 1\n\n"), Span::new(5, 5)).is_some_and(|quote| quote.text.is_empty()));
}

/// What no quote may hold.
const PIECE: &str = "c4n4ry";

const PASSWORDS: &[&str] = &[
    "S3cr3t-C4n4ry",
    "p@C4n4ry/x#y?z",
    "p:C4n4ry@y:1/z",
    "p/C4n4ry",
    "p?C4n4ry",
    "p#C4n4ry",
    "p #C4n4ry",
    "it's \"C4n4ry\"",
    "a C4n4ry b",
    "p\u{e4}\u{df}-C4n4ry-\u{5bc6}",
    "100%C4n4ry%",
    "pa$C4n4ry",
    "$C4n4ry",
    "{C4n4ry}",
    "[S3cr3t-C4n4ry]",
    "*C4n4ry",
    "&C4n4ry",
    "&x C4n4ry",
    "@C4n4ry",
    "!C4n4ry",
    "!x C4n4ry",
    "%C4n4ry",
    "x: C4n4ry",
    "x, C4n4ry",
    "x\\C4n4ry",
    "x\n  C4n4ry",
    "x\nC4n4ry",
    "x]C4n4ry",
    "x}C4n4ry",
    "\tC4n4ry",
    "|C4n4ry",
    "> C4n4ry",
    "- C4n4ry",
    "=C4n4ry",
];

/// `@@` is where the password stands.
const LINES: &[(&str, &[&str])] = &[
    (
        "a.yaml",
        &[
            "password: @@",
            "password: '@@'",
            "password: \"@@\"",
            "password: \"@@",
            "password: '@@",
            "password:@@",
            "password @@",
            "password = @@",
            "password:\t@@",
            "\tpassword: @@",
            "password: [@@]",
            "password: [@@",
            "password: {@@}",
            "password: {x: @@}",
            "password: - @@",
            "password:\n  - @@",
            "password:\n  @@",
            "password: |\n  x\n  @@\n  y",
            "password: >-\n  @@",
            "password: ***@@",
            "password: @@ # x",
            "password: x@@",
            "password: ${PW:-@@}",
            "password: '${oc.env:PW,@@}'",
            "host: h\n  password @@",
            "host: '${DB_PASSWORD:-@@}'",
            "host: ${DB_PASSWORD-@@",
            "main: {host: h, password: @@, port: 1}",
            "main: {host: h, password: '@@', port: 1}",
            "main: {host: h, password: \"@@\", port: 1}",
            "main: {password: @@, password: x}",
            "port: @@",
            "colour: @@",
            "databases: @@",
            "[@@",
            "{@@",
            "@@",
            "\"@@",
            "\u{0}@@\u{0}",
            "--- @@\n... @@\n@@",
            "url: postgresql://u:@@@h.example.com/d",
            "url: 'postgresql://u:@@@h.example.com:1/d?sslmode=require'",
            "url: postgresql:/u:@@@h/d",
            "url: postgresql//u:@@@${HOST}/d",
            "url: u:@@@h/d",
            "url: https://@@@h/",
            "url: redis://:@@@h/0?x=@@&token=@@",
            "url: postgresql://h/d?password=@@&sslmode=require",
            "url: mssql+pyodbc://h/d?odbc_connect=Driver%3Dx%3BPWD%3D@@",
            "url: host=h password=@@ dbname=d",
            "url: jdbc:postgresql://h/d?user=u&password=@@",
            "# x\nurl: ${DRIVER}://u:@@@h/d",
        ],
    ),
    (
        "a.toml",
        &[
            "password = @@",
            "password = '@@'",
            "password = \"@@\"",
            "password = \"@@",
            "password = '''\n@@\nx'''",
            "password @@",
            "password: @@",
            "main = {host = 'h', password = '@@', port = 1}",
            "main = {host = 'h', password = @@, port = 1}",
            "[main\n@@",
            "[@@",
            "@@",
            "\"@@",
            "port = @@",
        ],
    ),
    (
        "a.json",
        &[
            "{\"host\": \"h\", \"password\": \"@@\", \"port\": 1}",
            "{\"host\": \"h\", \"password\": '@@', \"port\": 1}",
            "{\"host\": \"h\", \"password\": @@, \"port\": 1}",
            "{\"host\": \"h\", \"password\": \"@@, \"port\": 1}",
            "{\"host\": \"h\", \"password\" \"@@\", \"port\": 1}",
            "{\"host\": \"h\", \"password\": [\"@@\"], \"port\": 1}",
            "@@",
            "[@@",
            "{@@",
        ],
    ),
    (
        "a.ini",
        &[
            "[a]\npassword = @@",
            "[a]\npw = @@\nurl = postgresql://u:%(pw)s@h/d",
            "[a]\nurl = postgresql://u:@@@h/d",
            "[a]\nurl postgresql://u:@@@h/d",
            "[a\n@@",
            "@@",
        ],
    ),
    (
        ".env",
        &[
            "DB_PASSWORD=@@",
            "DB_PASSWORD='@@'",
            "DB_PASSWORD=\"@@\"",
            "export DB_PASSWORD=\"@@",
            "DB_PASSWORD @@",
            "DB_PASS @@",
            "DB_PASSWORD: @@",
            "DB_PASSWORD = @@",
            "DB_PORT=@@",
            "PW=@@",
            "PW='@@'",
            "DATABASE_URL=postgresql://u:@@@h/d",
            "DATABASE_URL=\"postgresql://u:@@@h/d\"",
            "@@",
        ],
    ),
    (
        "docker-compose.yml",
        &[
            "services:\n  a:\n    environment:\n      - DB_PASSWORD=@@",
            "services:\n  a:\n    environment:\n      - DB_PASSWORD @@",
            "services:\n  a:\n    environment:\n      - DB_PASS @@",
            "services:\n  a:\n    environment:\n      - DB_PASSWORD: @@",
            "services:\n  a:\n    environment:\n      DB_PASSWORD: @@",
            "services:\n  a:\n    command: x --password @@",
        ],
    ),
];

#[test]
fn no_password_is_quoted_wherever_a_finding_points() {
    let mut leaks = String::new();
    for (name, lines) in LINES {
        for (line, password) in lines.iter().flat_map(|line| PASSWORDS.iter().map(move |password| (line, password))) {
            // A header is a key, and names of keys are shown.
            let is_bare = line.starts_with(['@', '[']);
            if is_bare && password.starts_with('[') && matches!(*name, "a.toml" | "a.ini") {
                continue;
            }
            for text in [line.replace("@@", password), format!("a: 1\n{}\nb: 2\n", line.replace("@@", password))] {
                let source = source(name, &text);
                let spans = (0..text.len()).step_by(3).map(|at| Span::new(at, at + 1));
                let mut seen = Vec::new();
                for span in spans.chain([Span::new(0, text.len())]) {
                    let Some(quote) = quote(&source, span) else { continue };
                    assert!(quote.text.get(quote.mark.clone()).is_some(), "{quote:?}");
                    if quote.text.to_lowercase().contains(PIECE) && !seen.contains(&quote.text) {
                        let _ = writeln!(leaks, "{name}: {}\n    {}", text.escape_debug(), quote.text);
                        seen.push(quote.text);
                    }
                }
            }
        }
    }
    assert!(leaks.is_empty(), "{} leaks\n{leaks}", leaks.lines().count() / 2);
}
