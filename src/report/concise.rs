//! Findings, one line each: `path:line:column: severity[rule]: message`.

use std::fmt::Write as _;

use crate::redact;

use super::counts;
use super::entry::{Entry, Summary};
use super::style::Style;

/// The findings, one line each, then the lines that count them; nothing if there are none, as scripts expect.
pub fn concise(entries: &[Entry], summary: Summary, style: Style) -> String {
    let mut text = String::new();
    for entry in entries {
        let (severity, rule) = (style.severity(entry.severity), style.faint(&format!("[{}]", entry.rule.id)));
        // Editors look for a line and a column; of a whole file, the first will do.
        let is_whole = entry.place.location.start.is_none() && !entry.place.location.path.is_empty();
        let place = style.bold(&format!("{}{}", entry.place.name, if is_whole { ":1:1" } else { "" }));
        let _ = writeln!(text, "{place}: {severity}{rule}: {}", redact::escape(&entry.message));
    }
    if !entries.is_empty() {
        let _ = writeln!(text, "{}", counts::line(summary));
        if let Some(line) = counts::fixes(summary) {
            let _ = writeln!(text, "{line}");
        }
    }
    text
}
