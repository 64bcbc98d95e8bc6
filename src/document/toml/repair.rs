//! Mends values that the TOML parser cannot read, in a copy of the text.
//!
//! `host = db.example.com` is one word too many for the parser in other forms (`${HOST}:5432`, `{{ host }}`, `a, b`,
//! `"x" y`), and a bracket or `"""` that is never closed takes the rest of the file with it. Such a value is
//! overwritten in the copy with a string of the same length, up to the end of its line, and read again: every span
//! of the copy is one of the text, and the value is taken from the text. The copy is never written anywhere.

use std::ops::Range;

use toml_parser::ParseError;
use toml_parser::parser::{Event, EventKind};

use super::{Parsed, cause};
use crate::document::Span;
use crate::document::decode::Decoded;
use crate::document::problem::{Cause, Problem, ProblemKind};
use crate::document::tree::Tree;

/// How often a text is read again. Each time, all errors that can be mended are.
const ROUND_LIMIT: usize = 6;

/// The copy, and what was mended in it.
pub(super) struct Repairs {
    text: String,
    original: String,
    base: usize,
    /// In the order of the text, and apart.
    mended: Vec<Span>,
    problems: Vec<Problem>,
    rounds: usize,
}

impl Repairs {
    pub(super) fn new(decoded: &Decoded) -> Self {
        Self {
            text: decoded.clean()[decoded.base..].to_owned(),
            original: decoded.text.clone(),
            base: decoded.base,
            mended: Vec::new(),
            problems: Vec::new(),
            rounds: 0,
        }
    }

    /// What the parser gets: the text behind a byte order mark.
    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// Whether a node is one of the mended values.
    pub(super) fn mended(&self, span: Span) -> bool {
        self.mended.binary_search(&span).is_ok()
    }

    /// The values that have to be mended, in the order of the text.
    pub(super) fn find(&self, parsed: &Parsed<'_>) -> Vec<(Range<usize>, ProblemKind)> {
        if self.rounds >= ROUND_LIMIT {
            return Vec::new();
        }
        let assignments = assignments(&parsed.events);
        let mut found: Vec<(Range<usize>, ProblemKind)> = Vec::new();
        // Many errors may share one long line.
        let mut last: Option<(usize, Option<Range<usize>>)> = None;
        let mut region_of = |at: usize| {
            let equals = assignments[assignments.partition_point(|end| *end <= at).checked_sub(1)?];
            if last.as_ref().is_none_or(|(known, _)| *known != equals) {
                last = Some((equals, self.value_region(equals)));
            }
            let region = last.as_ref().and_then(|(_, region)| region.clone());
            region.filter(|region| !self.mended(self.span(region)))
        };
        for error in &parsed.errors {
            let Some(at) = place(error) else { continue };
            let Some(region) = region_of(at).filter(|region| at <= region.end) else { continue };
            let value = &self.text[region.clone()];
            if is_mendable(error, at, &region, value) {
                let kind = if cause::is_depth(error) { ProblemKind::TooDeep } else { kind(value) };
                found.push((region, kind));
            }
        }
        for at in swallowing(parsed) {
            if let Some(region) = region_of(at).filter(|region| region.contains(&at)) {
                let kind = kind(&self.text[region.clone()]);
                found.push((region, kind));
            }
        }
        // Of several errors in one value, the one that says most.
        found.sort_by_key(|(region, kind)| (region.start, *kind != ProblemKind::TooDeep));
        found.dedup_by(|(next, _), (region, _)| next.start < region.end);
        found
    }

    /// Overwrites what was found.
    pub(super) fn apply(&mut self, found: Vec<(Range<usize>, ProblemKind)>) {
        self.rounds += 1;
        for (region, kind) in found {
            let span = self.span(&region);
            let filler = match region.len() {
                1 => "0".to_owned(),
                length => format!("'{}'", "x".repeat(length - 2)),
            };
            self.text.replace_range(region, &filler);
            self.mended.push(span);
            self.problems.push(Problem::new(kind, span));
        }
        self.mended.sort_unstable();
    }

    fn span(&self, region: &Range<usize>) -> Span {
        Span::new(self.base + region.start, self.base + region.end)
    }

    /// Adds the problems: what was mended, and the errors that the parser went on after, one a line.
    pub(super) fn report(&self, tree: &mut Tree, errors: &[ParseError]) {
        tree.problems.extend(self.problems.iter().cloned());
        let mut found: Vec<(bool, Problem)> = tree.problems.drain(..).map(|problem| (true, problem)).collect();
        for error in errors {
            let at = error.unexpected().map_or(0, |at| at.start());
            let start = self.base + at.min(self.text.len());
            let length =
                self.original[start..].chars().next().filter(|c| !"\r\n".contains(*c)).map_or(0, char::len_utf8);
            let kind = match cause::of(error) {
                _ if cause::is_depth(error) => ProblemKind::TooDeep,
                Cause::Other => ProblemKind::Syntax(self.cause_by_look(start)),
                cause => ProblemKind::Syntax(cause),
            };
            found.push((false, Problem::new(kind, Span::new(start, start + length))));
        }
        found.sort_by_key(|(sure, problem)| (problem.span.start, !sure));
        let mut last: Option<usize> = None;
        for (sure, problem) in found {
            let start = problem.span.range().start;
            let same_line = last.is_some_and(|last| !self.original[last..start].contains('\n'));
            if sure || !same_line {
                last = Some(start);
                tree.problems.push(problem);
            }
        }
    }

    fn cause_by_look(&self, at: usize) -> Cause {
        match self.original[at..].chars().next() {
            Some('[' | ']' | '{' | '}') => Cause::Brackets,
            Some('"' | '\'') => Cause::Quotes,
            _ => Cause::Other,
        }
    }

    /// The value behind an `=`, up to the end of the line or the comment behind it.
    fn value_region(&self, equals: usize) -> Option<Range<usize>> {
        let rest = &self.text[equals..];
        // The parser goes on behind a lone carriage return as behind any line end.
        let line = &rest[..rest.find(['\n', '\r']).unwrap_or(rest.len())];
        let start = line.len() - line.trim_start().len();
        let value = line[start..].trim_end();
        let quoted = value.chars().next().filter(|first| "\"'".contains(*first));
        let from = quoted.and_then(|quote| value.rfind(quote)).unwrap_or(0);
        let end = [" #", "\t#"].iter().filter_map(|comment| value[from..].find(comment)).min();
        let value = value[..end.map_or(value.len(), |end| from + end)].trim_end();
        (!value.is_empty()).then(|| equals + start..equals + start + value.len())
    }
}

/// Where the `=` of each entry that is not in an inline table ends.
fn assignments(events: &[Event]) -> Vec<usize> {
    let mut depth = 0usize;
    let mut ends = Vec::new();
    for event in events {
        match event.kind() {
            EventKind::InlineTableOpen | EventKind::ArrayOpen => depth += 1,
            EventKind::InlineTableClose | EventKind::ArrayClose => depth = depth.saturating_sub(1),
            EventKind::StdTableOpen | EventKind::ArrayTableOpen => depth = 0,
            EventKind::KeyValSep if depth == 0 => ends.push(event.span().end()),
            _ => {}
        }
    }
    ends
}

/// Where the value that an error belongs to is.
fn place(error: &ParseError) -> Option<usize> {
    let span = match error.description() {
        "unclosed array" | "unclosed inline table" => error.context(),
        _ => error.unexpected(),
    };
    span.map(|span| span.start())
}

/// Whether the parser cannot go on by itself without losing something.
fn is_mendable(error: &ParseError, at: usize, region: &Range<usize>, value: &str) -> bool {
    match error.description() {
        "unexpected key or value" | "extra `=`" | "unclosed array" | "unclosed inline table" => true,
        "missing array opening" | "missing inline table opening" => at == region.start,
        "missing key for inline table element" => value.starts_with("{{"),
        _ => cause::is_depth(error),
    }
}

/// Values that swallow what is not theirs: an unclosed `"""`, and a bare text cut by a `#` without a space.
fn swallowing(parsed: &Parsed<'_>) -> Vec<usize> {
    let mut found = Vec::new();
    for (index, event) in parsed.events.iter().enumerate().filter(|(_, event)| event.kind() == EventKind::Scalar) {
        let (Some(raw), span) = (parsed.source.get(event), event.span()) else { continue };
        let cut = event.encoding().is_none()
            && parsed
                .events
                .get(index + 1)
                .is_some_and(|next| next.kind() == EventKind::Comment && next.span().start() == span.end());
        let open = event.encoding().is_some() && raw.as_str().contains('\n') && !cause::is_closed(raw.as_str());
        if cut && !span.is_empty() {
            let mut errors: Vec<ParseError> = Vec::new();
            let _ = raw.decode_scalar(&mut std::borrow::Cow::Borrowed(""), &mut errors);
            if !errors.is_empty() {
                found.push(span.start());
            }
        } else if open {
            found.push(span.start());
        }
    }
    found
}

fn kind(value: &str) -> ProblemKind {
    if value.starts_with("***") {
        return ProblemKind::Scrubbed;
    }
    ProblemKind::Syntax(match value.as_bytes().first() {
        _ if value.starts_with("{{") => Cause::TemplateBraces,
        Some(b'"' | b'\'') => Cause::Quotes,
        Some(b'[' | b'{' | b']' | b'}') => Cause::Brackets,
        _ => Cause::NeedsQuotes,
    })
}
