//! The texts of rules: one in full, or all in a list.

use std::fmt::Write as _;

use serde::Serialize;
use unicode_width::UnicodeWidthStr as _;

use crate::finding::{Group, RuleInfo};

use super::style::Style;
use super::wrap::wrap;

/// Lines of text that are longer than this are hard to read.
const LINE: usize = 100;

/// The least columns for a summary beside its rule; with fewer it stands below.
const SUMMARY: usize = 40;

/// What is said of rules whose findings need nobody to mend them.
const FIXABLE: &str =
    "`dbcfg check --fix` mends findings of this rule where the help says so; `--diff` shows what it would change.";

/// A rule: its text, how bad its findings are, and how one is suppressed.
pub fn rule(rule: &RuleInfo, style: Style, width: Option<usize>) -> String {
    let width = width.map(|width| width.min(LINE));
    let raised = rule.severity_in_production();
    let severity = if raised == rule.severity {
        style.severity(rule.severity)
    } else {
        format!("{}, in production {}", style.severity(rule.severity), style.severity(raised))
    };
    let mut text = format!("{} ({}): {severity}\n", style.bold(rule.id), rule.group.name());
    let mut paragraph = String::new();
    let mut is_code = false;
    text.push('\n');
    for line in rule.text() {
        if line.starts_with("```") {
            push_paragraph(&mut text, &mut paragraph, width);
            is_code = !is_code;
            end_block(&mut text);
        } else if is_code {
            let _ = writeln!(text, "{}", format!("    {line}").trim_end());
        } else if let Some(heading) = line.strip_prefix('#') {
            push_paragraph(&mut text, &mut paragraph, width);
            end_block(&mut text);
            let _ = writeln!(text, "{}", style.bold(heading.trim_start_matches('#').trim()));
        } else if line.is_empty() {
            push_paragraph(&mut text, &mut paragraph, width);
            end_block(&mut text);
        } else if width.is_none() {
            // A line holds a sentence.
            let _ = writeln!(text, "{line}");
        } else {
            paragraph.push_str(if paragraph.is_empty() { "" } else { " " });
            paragraph.push_str(line);
        }
    }
    push_paragraph(&mut text, &mut paragraph, width);
    end_block(&mut text);
    if rule.is_fixable {
        push_lines(&mut text, FIXABLE, width);
        text.push('\n');
    }
    let _ = writeln!(text, "{}", style.bold("How to suppress it"));
    let words = "Write a comment behind the line or above it, and say why:";
    push_lines(&mut text, words, width);
    let _ = writeln!(text, "\n    # dbcfg: ignore[{}] reason", rule.id);
    text
}

fn push_paragraph(text: &mut String, paragraph: &mut String, width: Option<usize>) {
    if !paragraph.is_empty() {
        push_lines(text, paragraph, width);
        paragraph.clear();
    }
}

fn push_lines(text: &mut String, words: &str, width: Option<usize>) {
    for line in wrap(words, 0, 0, width) {
        let _ = writeln!(text, "{line}");
    }
}

/// One blank line between two blocks.
fn end_block(text: &mut String) {
    if !text.ends_with("\n\n") {
        text.push('\n');
    }
}

/// `warning (error)`: the second in production.
fn severity(rule: &RuleInfo, style: Style) -> String {
    let usual = style.severity(rule.severity);
    let raised = rule.severity_in_production();
    if raised == rule.severity { usual } else { format!("{usual} ({})", style.severity(raised)) }
}

/// Rules by their groups: each with its severity and what it finds.
pub fn rules(rules: &[&RuleInfo], style: Style, width: Option<usize>) -> String {
    let plain = Style { is_coloured: false };
    let ids = rules.iter().map(|rule| rule.id.len()).max().unwrap_or(0);
    let severities = rules.iter().map(|rule| severity(rule, plain).len()).max().unwrap_or(0);
    let beside = ids + severities + 6;
    let is_table = width.is_none_or(|width| width >= beside + SUMMARY);
    let mut text = String::new();
    for group in Group::ALL {
        let own: Vec<&&RuleInfo> = rules.iter().filter(|rule| rule.group == group).collect();
        if own.is_empty() {
            continue;
        }
        if !text.is_empty() {
            text.push('\n');
        }
        let _ = writeln!(text, "{}: {}", style.bold(group.name()), group.subject());
        for rule in own {
            let gap = ids - rule.id.len() + 2;
            let _ = write!(text, "  {}{:gap$}{}", style.bold(rule.id), "", severity(rule, style));
            let (first, indent) = if is_table { (beside, beside) } else { (4, 4) };
            let padding = if is_table {
                format!("{:1$}", "", severities - severity(rule, plain).width() + 2)
            } else {
                "\n    ".to_owned()
            };
            let _ = write!(text, "{padding}");
            let lines = wrap(rule.summary(), first, indent, width);
            let _ = writeln!(text, "{}", lines.join(&format!("\n{:indent$}", "")));
        }
    }
    if width.is_some() {
        text.push('\n');
        let raised = rules.iter().any(|rule| rule.severity_in_production() != rule.severity);
        let legend = if raised { "In brackets: the severity in production. " } else { "" };
        push_lines(&mut text, &format!("{legend}`dbcfg explain RULE` tells more about a rule."), width);
    }
    text
}

#[derive(Serialize)]
struct Report {
    version: u32,
    rules: Vec<Rule>,
}

#[derive(Serialize)]
struct Rule {
    #[serde(rename = "rule")]
    id: &'static str,
    group: &'static str,
    severity: &'static str,
    severity_in_production: &'static str,
    fixable: bool,
    summary: &'static str,
    /// Markdown.
    text: String,
}

/// Rules as JSON, indented, with a final newline.
pub fn rules_as_json(rules: &[&'static RuleInfo]) -> String {
    let rules = rules.iter().map(|rule| Rule {
        id: rule.id,
        group: rule.group.name(),
        severity: rule.severity.name(),
        severity_in_production: rule.severity_in_production().name(),
        fixable: rule.is_fixable,
        summary: rule.summary(),
        text: rule.text().collect::<Vec<_>>().join("\n") + "\n",
    });
    let report = Report { version: 1, rules: rules.collect() };
    serde_json::to_string_pretty(&report).unwrap_or_default() + "\n"
}
