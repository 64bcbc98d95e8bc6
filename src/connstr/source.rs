//! The input text with its placeholders: finding separators, decoding parts, and keeping their places.

use std::ops::Range;

use super::opaque;
use super::parts::Part;
use super::percent::{self, Plus};
use super::problem::{Problem, ProblemKind};

/// What a reader works on: the text, what in it is opaque, and the problems met so far.
pub(super) struct Source<'text> {
    pub(super) text: &'text str,
    opaque: Vec<Range<usize>>,
    placeholders: bool,
    pub(super) problems: Vec<Problem>,
}

impl<'text> Source<'text> {
    /// Text as the driver gets it: nothing in it is a placeholder.
    pub(super) fn plain(text: &'text str) -> Self {
        Self { text, opaque: Vec::new(), placeholders: false, problems: Vec::new() }
    }

    /// Text as it stands in a configuration.
    pub(super) fn with_placeholders(text: &'text str) -> Self {
        Self { text, opaque: opaque::placeholders(text), placeholders: true, problems: Vec::new() }
    }

    /// Whether placeholders are honoured.
    pub(super) fn has_placeholders(&self) -> bool {
        self.placeholders
    }

    /// The end of the text in bytes.
    pub(super) fn end(&self) -> usize {
        self.text.len()
    }

    /// The byte at a place, or 0 at the end.
    pub(super) fn byte(&self, at: usize) -> u8 {
        self.text.as_bytes().get(at).copied().unwrap_or(0)
    }

    /// Notes a problem.
    pub(super) fn problem(&mut self, kind: ProblemKind, span: Range<usize>) {
        self.problems.push(Problem { kind, span });
    }

    /// The end of the placeholder that covers a byte.
    pub(super) fn covered(&self, at: usize) -> Option<usize> {
        let next = self.opaque.partition_point(|range| range.end <= at);
        self.opaque.get(next).filter(|range| range.start <= at).map(|range| range.end)
    }

    /// The first of the (ASCII) separators within the range and outside every placeholder.
    pub(super) fn find(&self, range: Range<usize>, separators: &[u8]) -> Option<usize> {
        let mut at = range.start;
        while at < range.end {
            if let Some(end) = self.covered(at) {
                at = end;
                continue;
            }
            if separators.contains(&self.byte(at)) {
                return Some(at);
            }
            at += 1;
        }
        None
    }

    /// The last of the separators within the range and outside every placeholder.
    pub(super) fn find_last(&self, range: Range<usize>, separators: &[u8]) -> Option<usize> {
        let bytes = &self.text.as_bytes()[range.clone()];
        (0..bytes.len())
            .rev()
            .filter(|&at| separators.contains(&bytes[at]))
            .map(|at| range.start + at)
            .find(|&at| self.covered(at).is_none())
    }

    /// The pieces of a range between separators; one empty piece if the range is empty.
    pub(super) fn split(&self, range: Range<usize>, separator: u8) -> Vec<Range<usize>> {
        let mut pieces = Vec::new();
        let mut start = range.start;
        while let Some(at) = self.find(start..range.end, &[separator]) {
            pieces.push(start..at);
            start = at + 1;
        }
        pieces.push(start..range.end);
        pieces
    }

    /// Whether the whole range is plain text: nothing encoded, no placeholder.
    fn is_verbatim(&self, range: &Range<usize>) -> bool {
        !self.text.as_bytes()[range.clone()].iter().any(|byte| matches!(byte, b'%' | b'+'))
    }

    /// Decodes a range as libpq does: a bad `%` spoils the whole value, which is then kept as written.
    pub(super) fn decode(&mut self, range: Range<usize>, plus: Plus) -> String {
        if self.is_verbatim(&range) {
            return self.text[range].to_owned();
        }
        match self.decode_with(range.clone(), plus, false) {
            Ok(value) => value,
            Err((kind, at)) => {
                self.problem(kind, at..range.end);
                self.text[range].to_owned()
            }
        }
    }

    /// Decodes a range as Python's `unquote` does: a `%` without two digits stands for itself.
    pub(super) fn unquote(&mut self, range: Range<usize>, plus: Plus) -> String {
        if self.is_verbatim(&range) {
            return self.text[range].to_owned();
        }
        match self.decode_with(range.clone(), plus, true) {
            Ok(value) => value,
            Err((kind, at)) => {
                self.problem(kind, at..range.end);
                self.text[range].to_owned()
            }
        }
    }

    fn decode_with(&self, range: Range<usize>, plus: Plus, forgiving: bool) -> Result<String, (ProblemKind, usize)> {
        let mut value = Vec::with_capacity(range.len());
        let mut at = range.start;
        while at < range.end {
            if let Some(end) = self.covered(at) {
                let end = end.min(range.end);
                value.extend_from_slice(&self.text.as_bytes()[at..end]);
                at = end;
                continue;
            }
            match self.byte(at) {
                b'%' => match percent::hex_pair(&self.text.as_bytes()[at + 1..range.end]) {
                    Some(0) => return Err((ProblemKind::PercentNul, at)),
                    Some(byte) => {
                        value.push(byte);
                        at += 3;
                    }
                    None if forgiving => {
                        value.push(b'%');
                        at += 1;
                    }
                    None => return Err((ProblemKind::BadPercent, at)),
                },
                b'+' if plus == Plus::IsSpace => {
                    value.push(b' ');
                    at += 1;
                }
                byte => {
                    value.push(byte);
                    at += 1;
                }
            }
        }
        String::from_utf8(value).map_err(|_| (ProblemKind::NotUtf8, range.start))
    }

    /// The items of a decoded list (`a,b`), empty ones as `None`. An empty list has no items.
    /// Each has its own place if the list stands undecoded in the text, else the place of the whole list.
    pub(super) fn list(&self, value: &str, span: &Range<usize>) -> Vec<Option<Part<String>>> {
        if value.is_empty() {
            return Vec::new();
        }
        let inner = if self.placeholders { Source::with_placeholders(value) } else { Source::plain(value) };
        let verbatim = self.text.get(span.clone()) == Some(value);
        let item = |piece: Range<usize>| {
            (!piece.is_empty()).then(|| Part {
                value: value[piece.clone()].to_owned(),
                span: if verbatim { span.start + piece.start..span.start + piece.end } else { span.clone() },
            })
        };
        inner.split(0..value.len(), b',').into_iter().map(item).collect()
    }

    /// A decoded value with its place.
    pub(super) fn part(&mut self, range: Range<usize>) -> Part<String> {
        let value = self.decode(range.clone(), Plus::IsPlus);
        Part { value, span: range }
    }

    /// A value decoded as Python does, with its place.
    pub(super) fn unquoted_part(&mut self, range: Range<usize>) -> Part<String> {
        let value = self.unquote(range.clone(), Plus::IsPlus);
        Part { value, span: range }
    }
}
