//! Findings, one line each: `path:line:column: severity[rule]: message`.

use std::fmt::Write as _;

use crate::redact;

use super::counts;
use super::entry::{Entry, Summary};
use super::style::Style;

/// The findings, one line each, then the line that counts them; nothing if there are none, as scripts expect.
pub fn concise(entries: &[Entry], summary: Summary, style: Style) -> String {
    let mut text = String::new();
    for entry in entries {
        let (severity, rule) = (style.severity(entry.severity), style.faint(&format!("[{}]", entry.rule.id)));
        let place = style.bold(&entry.place.name);
        let _ = writeln!(text, "{place}: {severity}{rule}: {}", redact::escape(&entry.message));
    }
    if !entries.is_empty() {
        let _ = writeln!(text, "{}", counts::line(summary));
    }
    text
}
