//! `dbcfg explain`, and the pages of `docs/` that say the same.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use dbcfg::finding::{Group, RuleInfo};
use dbcfg::rules;
use unicode_width::UnicodeWidthStr as _;

use crate::support::{Dbcfg, Output};

fn explain(arguments: &[&str]) -> Dbcfg {
    Dbcfg::new().args(&["explain"]).args(arguments)
}

#[track_caller]
fn demand_width(output: &Output, columns: usize) {
    for line in output.stdout.lines() {
        // Code is not wrapped.
        let is_code = line.starts_with("    ") && !output.stdout.starts_with("syntax");
        assert!(line.width() <= columns || is_code, "{columns} columns: {line}");
    }
}

#[test]
fn the_list_has_every_rule_with_its_group_severity_and_summary() {
    let list = explain(&[]).run().expect_status(0).expect_stderr("");
    for rule in rules::all().map(|rule| rule.info) {
        let severity = if rule.is_raised_in_production {
            format!("{} ({})", rule.severity, rule.severity.raised())
        } else {
            rule.severity.to_string()
        };
        let is_it = |line: &&str| line.trim_start().starts_with(&format!("{} ", rule.id));
        let line = list.stdout.lines().find(is_it).unwrap_or_else(|| panic!("{} is not listed", rule.id));
        assert!(line.contains(&format!(" {severity} ")) && line.ends_with(rule.summary()), "{line}");
    }
    let starts: Vec<Option<usize>> =
        list.stdout.lines().filter(|line| line.starts_with("  ")).map(|line| line.find(char::is_uppercase)).collect();
    for group in Group::ALL {
        list.stdout.find(&format!("{}: {}\n", group.name(), group.subject())).expect("the group");
    }
    assert!(starts.len() == rules::all().count(), "one line for each rule");
    assert_eq!(explain(&["all"]).run().stdout, list.stdout);
    for columns in [60, 80, 120, 200] {
        demand_width(&explain(&["--color", "never"]).terminal(columns), columns.into());
    }
}

#[test]
fn a_group_lists_its_rules_alone() {
    let list = explain(&["endpoint"]).run().expect_status(0);
    assert!(list.stdout.starts_with("endpoint: where databases are\n"), "{}", list.stdout);
    assert!(!list.stdout.contains("duplicate-key") && list.stdout.contains("\n  invalid-port "), "{}", list.stdout);
}

#[test]
fn a_rule_is_told_in_full() {
    let expected = "\
invalid-port (endpoint): error

A port that no server can have.
";
    let run = explain(&["invalid-port"]).run().expect_status(0).expect_stderr("");
    assert!(run.stdout.starts_with(expected), "{}", run.stdout);
    for part in ["\nWhy it matters\n", "\nHow to mend it\n", "\nExample\n\n    databases:\n      main:\n"] {
        assert!(run.stdout.contains(part), "{part:?} is missing in {}", run.stdout);
    }
    assert!(!run.stdout.contains("```") && !run.stdout.contains("\n\n\n"), "{}", run.stdout);
    let end = "Write a comment behind the line or above it, and say why:\n\n    # dbcfg: ignore[invalid-port] reason\n";
    assert!(run.stdout.ends_with(end), "{}", run.stdout);
    assert_eq!(explain(&["Invalid_Port"]).run().stdout, run.stdout);
    let raised = explain(&["plaintext-password"]).run();
    assert!(raised.stdout.starts_with("plaintext-password (secrets): warning, in production error\n"));
    let bold = explain(&["invalid-port"]).args(&["--color", "always"]).run();
    assert!(bold.stdout.contains("\u{1b}[1mWhy it matters\u{1b}[0m"), "{}", bold.stdout);
}

#[test]
fn every_text_fits_every_terminal() {
    for rule in rules::all() {
        for columns in [60, 200] {
            let run = explain(&[rule.info.id, "--color", "never"]).terminal(columns);
            demand_width(&run, usize::from(columns).min(100));
        }
    }
}

#[test]
fn every_rule_says_why_it_matters_and_how_to_mend_it() {
    let mut faults = String::new();
    for rule in rules::all().map(|rule| rule.info) {
        for heading in ["# Why it matters", "# How to mend it", "# Example"] {
            if rule.text().filter(|line| *line == heading).count() != 1 {
                let _ = writeln!(faults, "{}: there is no `{heading}`", rule.id);
            }
        }
        if !rule.summary().ends_with('.') || rule.summary().len() > 100 {
            let _ = writeln!(faults, "{}: the first line is one sentence of at most 100 characters", rule.id);
        }
        if rule.text().filter(|line| line.starts_with("```")).count() % 2 != 0 {
            let _ = writeln!(faults, "{}: a block of code is not closed", rule.id);
        }
    }
    assert!(faults.is_empty(), "{faults}");
}

#[test]
fn programs_get_the_same() {
    let json = |arguments: &[&str]| {
        let run = explain(arguments).args(&["--format", "json"]).run().expect_status(0);
        serde_json::from_str::<serde_json::Value>(&run.stdout).expect("JSON")
    };
    let all = json(&[]);
    assert_eq!(all["version"], 1);
    assert_eq!(all["rules"].as_array().map(Vec::len), Some(rules::all().count()));
    let one = json(&["plaintext-password"]);
    let rule = &one["rules"][0];
    assert_eq!(rule["rule"], "plaintext-password");
    assert_eq!((&rule["severity"], &rule["severity_in_production"]), (&"warning".into(), &"error".into()));
    assert!(rule["text"].as_str().is_some_and(|text| text.contains("# Why it matters\n")), "{rule}");
    assert_eq!(json(&["vector"])["rules"].as_array().map(Vec::len), Some(2));
}

#[test]
fn an_unknown_name_is_refused_and_not_repeated() {
    let near = explain(&["plaintext-pasword"]).run().expect_status(2).expect_stdout("");
    near.expect_stderr("dbcfg: there is no rule or group `plaintext-pasword`; did you mean `plaintext-password`?\n");
    for name in ["c4n4ry", "hunter-c4n4ry-two", "postgresql://u:c4n4ry@h/d", "invalid-port c4n4ry"] {
        let run = explain(&[name]).run().expect_status(2).expect_nowhere("c4n4ry").expect_nowhere("hunter");
        run.expect_stderr("dbcfg: there is no rule or group of this name; `dbcfg explain` lists them\n");
    }
}

fn docs(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("docs").join(name)
}

/// `docs/rules.md`: a table for each group, then the text of each rule.
fn page() -> String {
    let all: Vec<&RuleInfo> = rules::all().map(|rule| rule.info).collect();
    let mut page = "\
# Rules

What `dbcfg check` finds, by group; what stands under [live](#live) is found by `dbcfg probe`.
Rules and groups are selected with `--select` and `--ignore`, and given another severity in `dbcfg.toml`.
A finding is suppressed by a comment behind its line or above it: `# dbcfg: ignore[rule] reason`.
`dbcfg explain RULE` prints the same texts.

This page is generated from the rules: `DBCFG_WRITE_EXPECTED=1 cargo test --test main explain` writes it.
"
    .to_owned();
    for group in Group::ALL {
        let own = || all.iter().filter(|rule| rule.group == group);
        if own().next().is_none() {
            continue;
        }
        let subject = group.subject();
        let (first, rest) = subject.split_at(1);
        let _ = writeln!(page, "\n## {}\n\n{}{rest}.\n", group.name(), first.to_uppercase());
        page.push_str("| rule | severity | in production | what it finds |\n|---|---|---|---|\n");
        for rule in own() {
            let (id, severity, raised) = (rule.id, rule.severity, rule.severity_in_production());
            let raised = if raised == severity { String::new() } else { raised.to_string() };
            let summary = rule.summary().replace('|', "\\|");
            let _ = writeln!(page, "| [{id}](#{id}) | {severity} | {raised} | {summary} |");
        }
    }
    for rule in &all {
        let gap = if page.ends_with("\n\n") { "" } else { "\n" };
        let _ = writeln!(page, "{gap}## {}\n", rule.id);
        let mut is_code = false;
        for line in rule.text() {
            is_code ^= line.starts_with("```");
            match line.strip_prefix("# ") {
                // A heading would have the same address in every rule.
                Some(heading) => {
                    let gap = if page.ends_with("\n\n") { "" } else { "\n" };
                    let _ = writeln!(page, "{gap}**{heading}**\n");
                }
                // A block of code stands apart.
                None if line.starts_with("```") => {
                    let before = if is_code && !page.ends_with("\n\n") { "\n" } else { "" };
                    let behind = if is_code { "" } else { "\n" };
                    let _ = writeln!(page, "{before}{line}{behind}");
                }
                None if line.is_empty() && !is_code && page.ends_with("\n\n") => {}
                None => {
                    let _ = writeln!(page, "{line}");
                }
            }
        }
    }
    page.trim_end().to_owned() + "\n"
}

#[test]
fn the_page_of_the_rules_is_up_to_date() {
    let expected = page();
    let found = fs::read_to_string(docs("rules.md")).unwrap_or_default();
    if found == expected {
        return;
    }
    if std::env::var_os("DBCFG_WRITE_EXPECTED").is_some() {
        fs::write(docs("rules.md"), expected).expect("the page can be written");
        return;
    }
    let line = expected.lines().zip(found.lines()).take_while(|(expected, found)| expected == found).count() + 1;
    panic!("docs/rules.md:{line} is not what the rules say; DBCFG_WRITE_EXPECTED=1 writes it");
}

/// The rules that a page links to: `[..](rules.md#id)`.
fn links(text: &str) -> Vec<String> {
    let ends = |rest: &str| rest.split_once(')').map(|(id, _)| id.to_owned());
    text.split("](rules.md#").skip(1).filter_map(ends).collect()
}

#[test]
fn pages_link_to_rules_that_there_are() {
    let text = fs::read_to_string(docs("checklists.md")).expect("docs/checklists.md");
    let links = links(&text);
    assert!(links.len() > 20, "{links:?}");
    let is_known = |id: &&String| rules::find(id).is_none() && !Group::ALL.iter().any(|group| group.name() == *id);
    let unknown: Vec<&String> = links.iter().filter(is_known).collect();
    assert!(unknown.is_empty(), "{unknown:?}");
    // What a link says is what it leads to.
    for id in &links {
        assert!(text.contains(&format!("[{id}](rules.md#{id})")), "{id}");
    }
}
