//! A line of a file as it may be printed: what is known to be harmless, and nothing else.
//!
//! The list is a positive one. Keys, the punctuation between them, comments and values of known meaning are shown, each
//! masked as everywhere; a secret becomes the mask, and what belongs to no key or value, or to a key of unknown meaning,
//! becomes `...`. A line that could not be read may hold a password anywhere.

mod context;
mod line;
#[cfg(test)]
mod tests;
mod url;
mod value;

use std::ops::Range;

use crate::document::Span;
use crate::model::{Origin, Source, Sources};

use line::Line;

/// What stands for text that is not shown.
const HIDDEN: &str = "...";

/// How many bytes of a long line are shown before and behind the place that is meant.
const BEFORE: usize = 250;
const BEHIND: usize = 350;

/// How many bytes of a whole line are shown.
const LONGEST: usize = 2000;

/// A line of a file, masked and escaped, and the place in it that is meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quote {
    /// The line, or what is near the place in a long one.
    pub text: String,
    /// The bytes of the text that are meant; where a secret is, its mask.
    pub mark: Range<usize>,
}

impl Quote {
    /// The line of an origin, if it has one of which anything can be shown.
    pub(super) fn of(sources: &Sources, origin: &Origin) -> Option<Self> {
        match origin {
            Origin::Node { source, span, .. } | Origin::Place { source, span } => {
                let is_telling = |quote: &Self| quote.text.chars().any(char::is_alphanumeric);
                quote(sources.get(*source), *span).filter(is_telling)
            }
            _ => None,
        }
    }
}

fn quote(source: &Source, span: Span) -> Option<Quote> {
    let document = source.document.as_ref()?;
    let text = document.text();
    let at = boundary(text, span.range().start);
    let first = boundary(text, at.saturating_sub(BEFORE));
    let last = boundary(text, at.saturating_add(BEHIND));
    let before = text.get(first..at)?;
    let (start, is_cut) = match before.rfind(['\n', '\r']) {
        Some(end) => (first + end + 1, false),
        None => (first, first > 0),
    };
    let start = start + text[start..at].len() - text[start..at].trim_start_matches('\u{FEFF}').len();
    let behind = text.get(at..last)?;
    let (end, goes_on) = match behind.find(['\n', '\r']) {
        Some(end) => (at + end, false),
        None => (last, last < text.len()),
    };
    let mut line = Line::new(source, document, start..end);
    if is_cut {
        line.hide(start..start);
    }
    line.read();
    if goes_on {
        line.hide(end..end);
    }
    Some(line.finish(span.range()))
}

/// A whole line as it may be printed, with the white space at both ends; of a very long one the first part.
pub(super) fn whole_line(source: &Source, range: Range<usize>) -> String {
    let Some(document) = &source.document else { return HIDDEN.to_owned() };
    let end = boundary(document.text(), range.end.min(range.start + LONGEST));
    let mut line = Line::new(source, document, range.start..end).with_tabs();
    line.read();
    if end < range.end {
        line.hide(end..end);
    }
    line.into_text()
}

/// The start of the character that a byte belongs to.
fn boundary(text: &str, at: usize) -> usize {
    let at = at.min(text.len());
    (0..=at).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0)
}
