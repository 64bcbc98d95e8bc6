//! What users read of rules: every rule says what it finds, why it matters and how to mend it, in the same form, and its
//! example is one.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::Path;

use dbcfg::rules;

use crate::support::Dbcfg;

/// The longest first line: the lists have room for it beside the id at 120 columns.
const SUMMARY: usize = 90;

/// Examples that need more than their own file: what else there is, with the rule.
const AROUND: &[(&str, &[(&str, &str)])] = &[
    ("env-file-not-ignored", &[(".git/HEAD", "")]),
    ("unresolved-variable", &[(".env.example", "DB_HOST=\n")]),
    ("key-readable-by-others", &[("client.crt", ""), ("client.key", "")]),
    ("debug-in-production", &[("settings.yaml", "databases: {main: {host: db.example.com, database: app}}\n")]),
    (
        "development-secret-in-production",
        &[("settings.yaml", "databases: {main: {host: db.example.com, database: app}}\n")],
    ),
    ("same-secret-in-environments", &[("settings.yaml", "databases: {main: {host: db.example.com, database: app}}\n")]),
    ("weak-secret-key", &[("settings.yaml", "databases: {main: {host: db.example.com, database: app}}\n")]),
];

/// A fenced block of a text: its language, its lines, and the line before it.
struct Block {
    language: String,
    text: String,
    before: String,
}

fn blocks(text: &[&str]) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut open: Option<Block> = None;
    let mut before = String::new();
    for line in text {
        match (line.strip_prefix("```"), open.take()) {
            (Some(language), None) => {
                open = Some(Block { language: language.to_owned(), text: String::new(), before: before.clone() });
            }
            (Some(_), Some(block)) => blocks.push(block),
            (None, Some(mut block)) => {
                block.text.push_str(line);
                block.text.push('\n');
                open = Some(block);
            }
            (None, None) => (*line).clone_into(&mut before),
        }
    }
    blocks
}

#[test]
fn every_rule_has_its_text_and_fixtures() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut wrong = String::new();
    let mut ids = BTreeSet::new();
    for rule in rules::all().map(|rule| rule.info) {
        let id = rule.id;
        assert!(ids.insert(id), "{id} is a rule twice");
        let text: Vec<&str> = rule.text().collect();
        let headings: Vec<&str> = text.iter().filter_map(|line| line.strip_prefix("# ")).collect();
        if headings != ["Why it matters", "How to mend it", "Example"] {
            let _ = writeln!(wrong, "{id}: its headings are {}", headings.join(", "));
        }
        if !rule.summary().ends_with('.') || rule.summary().len() > SUMMARY {
            let _ = writeln!(wrong, "{id}: its first line is no sentence of at most {SUMMARY} bytes");
        }
        if blocks(&text).is_empty() {
            let _ = writeln!(wrong, "{id}: there is no block below its example");
        }
        let file = format!("src/rules/{}/{}.rs", rule.group.name(), id.replace('-', "_"));
        if !root.join(&file).is_file() {
            let _ = writeln!(wrong, "{id}: it does not stand in {file}");
        }
        // What cannot be read is no fixture; it has a test of its own.
        if id != "unreadable" && !root.join("fixtures/rules").join(id).is_dir() {
            let _ = writeln!(wrong, "{id}: it has no fixtures");
        }
    }
    for folder in std::fs::read_dir(root.join("fixtures/rules")).expect("the fixtures") {
        let name = folder.expect("a folder").file_name().to_string_lossy().into_owned();
        if !ids.contains(name.as_str()) {
            let _ = writeln!(wrong, "fixtures/rules/{name}: there is no such rule");
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

/// What a rule finds in its own example, and in the mended form of it if the text has one.
fn findings(id: &str, block: &Block) -> String {
    let named: Vec<&str> = block.before.split('`').skip(1).step_by(2).filter(|name| name.starts_with(".env")).collect();
    let by_language = match block.language.as_str() {
        "env" => ".env",
        "toml" => "settings.toml",
        "ini" => "alembic.ini",
        "json" => "settings.json",
        _ => "settings.yaml",
    };
    let mut dbcfg = Dbcfg::new();
    for (path, text) in AROUND.iter().filter(|(rule, _)| *rule == id).flat_map(|(_, files)| *files) {
        dbcfg = dbcfg.file(path, text);
    }
    for name in if named.is_empty() { vec![by_language] } else { named } {
        dbcfg = dbcfg.file(name, &block.text);
    }
    let select = format!("{id},syntax");
    let output = dbcfg.args(&["check", ".", "--format", "concise", "--select", &select]).run();
    assert!(output.status < 2, "{id}: {}{}", output.stdout, output.stderr);
    output.stdout
}

#[test]
fn the_example_of_a_rule_is_found_and_its_mended_form_is_not() {
    let mut wrong = String::new();
    // The example of `unreadable` is a command, and a comment is unused only while the rule that it names is judged.
    let others = ["unreadable", "unused-suppression"];
    // What only a probe can find, `check` does not.
    for rule in rules::all().filter(|rule| rule.is_offline() && !others.contains(&rule.info.id)) {
        let (id, rule) = (rule.info.id, rule.info);
        let text: Vec<&str> = rule.text().collect();
        let example = text.iter().position(|line| *line == "# Example").unwrap_or_default();
        for (index, block) in blocks(&text[example..]).iter().enumerate() {
            let found = findings(id, block);
            let is_found = found.contains(&format!("[{id}]"));
            let is_bad = index == 0 || !block.before.starts_with("Mended");
            if is_found != is_bad {
                let expected = if is_bad { "found" } else { "good" };
                let _ = writeln!(wrong, "{id}: block {index} should be {expected}\n{}{found}", block.text);
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}
