//! Findings, one line each with its help below, for standard error.

use std::fmt::Write as _;

use unicode_width::UnicodeWidthStr as _;

use crate::finding::{Finding, Severity};
use crate::model::Sources;
use crate::redact;

use super::counts::counted;
use super::entry::Entry;
use super::style::Style;
use super::wrap::wrap;

/// The columns before the further lines of a message.
const INDENT: usize = 4;

/// Of a server that thousands of targets share, so many further places are told.
const MOST_PLACES: usize = 4;

/// The findings as text: `path:line:column: severity[rule]: message`, the other places, and the help. On a terminal of
/// `width` columns, lines end between words; elsewhere each is one line, for `grep` and editors.
pub fn findings(sources: &Sources, findings: &[Finding], style: Style, width: Option<usize>) -> String {
    let mut text = String::new();
    for finding in findings {
        let related = finding.related.iter().map(|(origin, part)| (sources.describe(origin), part.as_str()));
        let lines = Lines {
            place: &sources.describe(&finding.origin),
            severity: finding.severity,
            rule: finding.rule.id,
            message: &finding.message,
            related: related.collect(),
            more: 0,
            help: finding.help.as_deref(),
        };
        lines.push(&mut text, style, width);
    }
    text
}

/// The same of findings whose places are in words already. Of a finding about many places, the first are told.
pub(super) fn entries<'entry>(
    entries: impl IntoIterator<Item = &'entry Entry>,
    style: Style,
    width: Option<usize>,
) -> String {
    let mut text = String::new();
    for entry in entries {
        let related = entry.related.iter().take(MOST_PLACES);
        let related = related.map(|(place, part)| (place.name.clone(), part.as_str()));
        let lines = Lines {
            place: &entry.place.name,
            severity: entry.severity,
            rule: entry.rule.id,
            message: &entry.message,
            related: related.collect(),
            more: entry.related.len().saturating_sub(MOST_PLACES),
            help: entry.help.as_deref(),
        };
        lines.push(&mut text, style, width);
    }
    text
}

/// What is printed of one finding.
struct Lines<'finding> {
    place: &'finding str,
    severity: Severity,
    rule: &'finding str,
    message: &'finding str,
    related: Vec<(String, &'finding str)>,
    /// How many further places there are.
    more: usize,
    help: Option<&'finding str>,
}

impl Lines<'_> {
    fn push(&self, text: &mut String, style: Style, width: Option<usize>) {
        let (place, rule) = (self.place, format!("[{}]", self.rule));
        let severity = style.severity(self.severity);
        let (before, name) = (place.width() + 2, self.severity.name().len() + rule.len() + 1);
        // A place that leaves too little room for the name of the rule has a line of its own.
        let (gap, used) = if width.is_some_and(|width| before + name > width) {
            (format!("\n{:INDENT$}", ""), INDENT + name)
        } else {
            (" ".to_owned(), before + name)
        };
        let _ = write!(text, "{}:{gap}{severity}{}:", style.bold(place), style.faint(&rule));
        push_words(text, used, &redact::escape(self.message), width);
        for (place, part) in &self.related {
            let part = wrap(&redact::escape(part), 2 + place.width() + 1, INDENT, width);
            let part: Vec<String> = part.iter().map(|line| style.faint(line)).collect();
            let _ = writeln!(text, "  {place} {}", part.join(&format!("\n{:INDENT$}", "")));
        }
        if self.more > 0 {
            let _ = writeln!(text, "  {}", style.faint(&format!("and {}", counted(self.more, "more place"))));
        }
        if let Some(help) = self.help {
            let _ = write!(text, "  {}", style.bold("help:"));
            push_words(text, 7, &redact::escape(help), width);
        }
    }
}

/// Adds words behind the `used` columns of a line, and goes on below where the terminal ends.
fn push_words(text: &mut String, mut used: usize, words: &str, width: Option<usize>) {
    for word in words.split(' ') {
        let is_full = width.is_some_and(|width| used + 1 + word.width() > width && used > INDENT);
        if is_full {
            let _ = write!(text, "\n{:INDENT$}{word}", "");
            used = INDENT + word.width();
        } else {
            let _ = write!(text, " {word}");
            used += 1 + word.width();
        }
    }
    text.push('\n');
}

/// One line that counts what was found; nothing if nothing was.
pub fn ends(findings: &[Finding], style: Style) -> Option<String> {
    let count = |severity| findings.iter().filter(|finding| finding.severity == severity).count();
    let counts: Vec<String> = [(Severity::Error, "error"), (Severity::Warning, "warning"), (Severity::Info, "info")]
        .into_iter()
        .map(|(severity, word)| (count(severity), word))
        .filter(|(count, _)| *count > 0)
        .map(|(count, word)| counted(count, word))
        .collect();
    (!counts.is_empty()).then(|| style.bold(&counts.join(", ")))
}
