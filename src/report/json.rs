//! Findings for programs: version 1, which changes only by addition.

use serde::{Serialize, Serializer};

use crate::document::Position;
use crate::finding::Safety;
use crate::redact;

use super::entry::{Entry, Place, Summary};

/// The version of the format.
pub(super) const VERSION: u32 = 1;

/// The findings as JSON, indented, with a final newline.
pub fn json(entries: &[Entry], summary: Summary) -> String {
    let report = Report { version: VERSION, findings: Findings(entries), summary };
    serde_json::to_string_pretty(&report).unwrap_or_default() + "\n"
}

#[derive(Serialize)]
struct Report<'entries> {
    version: u32,
    findings: Findings<'entries>,
    summary: Summary,
}

/// The findings, of which each is put into words when it is written: there may be many.
pub(super) struct Findings<'entries>(pub(super) &'entries [Entry]);

impl Serialize for Findings<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.iter().map(finding))
    }
}

#[derive(Serialize)]
struct Finding<'entry> {
    rule: &'entry str,
    severity: &'entry str,
    message: String,
    help: Option<String>,
    #[serde(flatten)]
    range: Range,
    key: Option<String>,
    fix: &'entry str,
    group: &'entry str,
    related: Vec<Related>,
}

#[derive(Serialize)]
struct Related {
    #[serde(flatten)]
    range: Range,
    message: String,
}

/// Where something is; what a place has not is `null`.
#[derive(Serialize)]
struct Range {
    path: Option<String>,
    start: Option<Point>,
    end: Option<Point>,
}

#[derive(Serialize)]
pub(super) struct Point {
    line: u32,
    column: u32,
}

fn finding(entry: &Entry) -> Finding<'_> {
    let key = entry.place.location.key.as_ref().map(ToString::to_string);
    Finding {
        rule: entry.rule.id,
        severity: entry.severity.name(),
        message: safe(&entry.message),
        help: entry.help.as_deref().map(safe),
        range: range(&entry.place),
        key: key.filter(|key| !key.is_empty()),
        fix: entry.fix.map_or("none", Safety::name),
        group: entry.rule.group.name(),
        related: entry
            .related
            .iter()
            .map(|(place, part)| Related { range: range(place), message: safe(part) })
            .collect(),
    }
}

fn range(place: &Place) -> Range {
    let location = &place.location;
    Range {
        path: (!location.path.is_empty()).then(|| redact::show_text(&location.path)),
        start: location.start.map(Point::of),
        end: location.end.map(Point::of),
    }
}

impl Point {
    pub(super) fn of(position: Position) -> Self {
        Self { line: position.line, column: position.column }
    }
}

pub(super) fn safe(text: &str) -> String {
    redact::escape(text).into_owned()
}
