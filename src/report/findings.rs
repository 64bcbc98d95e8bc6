//! Findings, one line each with its help below, for standard error.

use std::fmt::Write as _;

use crate::finding::{Finding, Severity};
use crate::model::Sources;
use crate::redact;

use super::style::Style;

/// The findings as text: `path:line:column: severity[rule]: message`, the other places, and the help.
pub fn findings(sources: &Sources, findings: &[Finding], style: Style) -> String {
    let mut text = String::new();
    for finding in findings {
        let place = sources.describe(&finding.origin);
        let rule = style.faint(&format!("[{}]", finding.rule.id));
        let severity = style.severity(finding.severity);
        let _ = writeln!(text, "{}: {severity}{rule}: {}", style.bold(&place), redact::escape(&finding.message));
        for (origin, part) in &finding.related {
            let _ = writeln!(text, "  {} {}", sources.describe(origin), style.faint(&redact::escape(part)));
        }
        if let Some(help) = &finding.help {
            let _ = writeln!(text, "  {} {}", style.bold("help:"), redact::escape(help));
        }
    }
    text
}

/// One line that counts what was found; nothing if nothing was.
pub fn ends(findings: &[Finding], style: Style) -> Option<String> {
    let count = |severity| findings.iter().filter(|finding| finding.severity == severity).count();
    let counts: Vec<String> = [(Severity::Error, "error"), (Severity::Warning, "warning"), (Severity::Info, "info")]
        .into_iter()
        .map(|(severity, word)| (count(severity), word))
        .filter(|(count, _)| *count > 0)
        .map(|(count, word)| format!("{count} {word}{}", if count == 1 { "" } else { "s" }))
        .collect();
    (!counts.is_empty()).then(|| style.bold(&counts.join(", ")))
}
