//! Findings as workflow commands of GitHub Actions, which shows them as annotations beside the lines.

use std::fmt::Write as _;

use crate::finding::Severity;
use crate::redact;

use super::counts;
use super::entry::{Entry, Summary};
use super::forge::{self, Run};

/// The findings, one command each, then the line that counts them, for the log.
pub fn github(entries: &[Entry], summary: Summary, run: Run<'_>) -> String {
    let mut text = String::new();
    for entry in entries {
        let command = match entry.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Info => "notice",
        };
        let properties: Vec<String> =
            properties(entry, run).iter().map(|(name, value)| format!("{name}={}", property(value))).collect();
        let mut lines = vec![redact::escape(&entry.message).into_owned()];
        lines.append(&mut forge::details(entry));
        let _ = writeln!(text, "::{command} {}::{}", properties.join(","), data(&lines.join("\n")));
    }
    let _ = writeln!(text, "{}", counts::line(summary));
    text
}

fn properties(entry: &Entry, run: Run<'_>) -> Vec<(&'static str, String)> {
    let mut properties = Vec::new();
    let location = &entry.place.location;
    if !location.path.is_empty() {
        properties.push(("file", forge::file(&entry.place, run.root)));
    }
    if let (Some(start), Some(end)) = (location.start, location.end) {
        properties.push(("line", start.line.to_string()));
        // The runner refuses columns where the lines differ.
        if start.line == end.line {
            properties.push(("col", start.column.to_string()));
        }
        properties.push(("endLine", end.line.to_string()));
        if start.line == end.line {
            properties.push(("endColumn", end.column.to_string()));
        }
    }
    properties.push(("title", format!("dbcfg {}", entry.rule.id)));
    properties
}

/// The message of a command: one line, in which what ends a line is written otherwise.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// The value of a property, which a colon or a comma would end.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_ends_a_part_of_a_command_is_escaped() {
        assert_eq!(data("100%\r\na:b,c%0A"), "100%25%0D%0Aa:b,c%250A");
        assert_eq!(property("a%b:c,d::e\n"), "a%25b%3Ac%2Cd%3A%3Ae%0A");
    }
}
