//! Findings, one line each: `path:line:column: severity[rule]: message`.

use std::fmt::Write as _;

use crate::model::Location;
use crate::redact;

use super::entry::Entry;
use super::style::Style;

/// The findings, one line each.
pub fn concise(entries: &[Entry], style: Style) -> String {
    let mut text = String::new();
    for entry in entries {
        let (severity, rule) = (style.severity(entry.severity), style.faint(&format!("[{}]", entry.rule.id)));
        let place = style.bold(&place(&entry.location));
        let _ = writeln!(text, "{place}: {severity}{rule}: {}", redact::escape(&entry.message));
    }
    text
}

/// `settings.yaml:3:5`, masked and escaped.
pub(super) fn place(location: &Location) -> String {
    let path = redact::show_text(&location.path);
    match location.start {
        Some(start) => format!("{path}:{}:{}", start.line, start.column),
        None => path,
    }
}
