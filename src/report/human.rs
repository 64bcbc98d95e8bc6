//! Findings for people: what is wrong, the line where it is wrong, and the way out.

use std::fmt::Write as _;

use unicode_width::UnicodeWidthStr as _;

use crate::finding::Severity;
use crate::redact;

use super::counts;
use super::entry::{Entry, Place, Summary};
use super::snippet::Snippet;
use super::style::Style;
use super::wrap::wrap;

/// The findings with their lines, then what was found in all and what to do next. On a terminal of `width` columns
/// nothing is wider than that, except a word that is.
pub fn human(entries: &[Entry], summary: Summary, style: Style, width: Option<usize>) -> String {
    let mut text = String::new();
    for entry in entries {
        let digits = std::iter::once(&entry.place).chain(entry.related.iter().map(|(place, _)| place));
        let digits = digits.filter_map(|place| place.location.start).map(|start| start.line.to_string().len());
        let mut writer = Writer { text: &mut text, style, width, gutter: digits.max().unwrap_or(1) };
        writer.entry(entry);
        text.push('\n');
    }
    for line in wrap(&counts::line(summary), 0, 0, width) {
        let _ = writeln!(text, "{}", style.bold(&line));
    }
    // The worst first: of errors and warnings, the first error.
    if let Some(first) = entries.iter().rev().max_by_key(|entry| entry.severity) {
        let words = format!("`dbcfg explain {}` tells why it matters and how to mend it.", first.rule.id);
        for line in wrap(&words, 0, 0, width) {
            let _ = writeln!(text, "{line}");
        }
    }
    text
}

struct Writer<'text> {
    text: &'text mut String,
    style: Style,
    width: Option<usize>,
    /// The digits of the highest line number.
    gutter: usize,
}

impl Writer<'_> {
    fn entry(&mut self, entry: &Entry) {
        let style = self.style;
        let head = format!("{}[{}]:", entry.severity.name(), entry.rule.id);
        let message = redact::escape(&entry.message);
        let mut lines = wrap(&message, head.width() + 1, 2, self.width).into_iter();
        let first = lines.next().unwrap_or_default();
        let _ = writeln!(self.text, "{} {}", style.as_severity(entry.severity, &head), style.bold(&first));
        for line in lines {
            let _ = writeln!(self.text, "  {}", style.bold(&line));
        }
        self.place("-->", &entry.place, None, entry.severity);
        for (place, part) in &entry.related {
            self.place(":::", place, Some(&redact::escape(part)), entry.severity);
        }
        if let Some(help) = &entry.help {
            self.note("help:", &redact::escape(help));
        }
    }

    /// The place, and its line underlined; `part` says what part the line has in a finding about another one.
    fn place(&mut self, arrow: &str, place: &Place, part: Option<&str>, severity: Severity) {
        let (style, gutter) = (self.style, self.gutter);
        let _ = write!(self.text, "{:gutter$}{} {}", "", style.frame(arrow), place.name);
        let Some((quote, start)) = place.quote.as_ref().zip(place.location.start) else {
            if let Some(part) = part {
                let _ = write!(self.text, ": {part}");
            }
            self.text.push('\n');
            return;
        };
        let bar = style.frame("|");
        let columns = self.width.map(|width| width.saturating_sub(gutter + 3));
        let snippet = Snippet::new(quote, columns);
        let number = style.frame(&format!("{:>gutter$}", start.line));
        let _ = writeln!(self.text, "\n{:gutter$} {bar}\n{number} {bar} {}", "", snippet.text);
        let (line, indent) = (snippet.length, snippet.start);
        let mark = match part {
            None => style.as_severity(severity, &"^".repeat(line)),
            Some(_) => style.frame(&"-".repeat(line)),
        };
        let _ = write!(self.text, "{:gutter$} {bar} {:indent$}{mark}", "", "");
        let Some(part) = part else {
            self.text.push('\n');
            return;
        };
        // Behind the mark if there is room, otherwise below it.
        let used = indent + line + 1;
        if columns.is_none_or(|columns| used + part.width() <= columns) {
            let _ = writeln!(self.text, " {}", style.frame(part));
            return;
        }
        let room = columns.unwrap_or_default();
        let indent = if indent + part.width() <= room { indent } else { 0 };
        self.text.push('\n');
        for line in wrap(part, indent, indent, Some(room)) {
            let _ = writeln!(self.text, "{:gutter$} {bar} {:indent$}{}", "", "", style.frame(&line));
        }
    }

    /// `= help: ...`
    fn note(&mut self, label: &str, words: &str) {
        let (style, gutter) = (self.style, self.gutter);
        let indent = gutter + 3;
        let mut lines = wrap(words, indent + label.width() + 1, indent + label.width() + 1, self.width).into_iter();
        let first = lines.next().unwrap_or_default();
        let _ = writeln!(self.text, "{:gutter$} {} {} {first}", "", style.frame("="), style.bold(label));
        for line in lines {
            let _ = writeln!(self.text, "{:indent$}{:length$} {line}", "", "", length = label.width());
        }
    }
}
