//! Findings as a Code Quality report of GitLab, which shows them in merge requests.

use serde::Serialize;

use crate::finding::Severity;

use super::entry::Entry;
use super::forge::{self, Run};

/// The findings as JSON, indented, with a final newline.
pub fn gitlab(entries: &[Entry], run: Run<'_>) -> String {
    let issues: Vec<Issue> = entries
        .iter()
        .zip(forge::fingerprints(entries))
        .map(|(entry, fingerprint)| issue(entry, fingerprint, run))
        .collect();
    serde_json::to_string_pretty(&issues).unwrap_or_default() + "\n"
}

#[derive(Serialize)]
struct Issue {
    description: String,
    check_name: &'static str,
    fingerprint: String,
    severity: &'static str,
    location: Location,
}

#[derive(Serialize)]
struct Location {
    path: String,
    lines: Lines,
}

#[derive(Serialize)]
struct Lines {
    begin: u32,
    end: u32,
}

fn issue(entry: &Entry, fingerprint: String, run: Run<'_>) -> Issue {
    let location = &entry.place.location;
    // A line is required; a whole file is told by its first.
    let begin = location.start.map_or(1, |start| start.line);
    let end = location.end.map_or(begin, |end| end.line);
    Issue {
        description: forge::sentence(entry),
        check_name: entry.rule.id,
        fingerprint,
        severity: match entry.severity {
            Severity::Error => "critical",
            Severity::Warning => "minor",
            Severity::Info => "info",
        },
        location: Location { path: forge::file(&entry.place, run.root), lines: Lines { begin, end } },
    }
}
