//! The new text under construction: stretches of the old text that stay, and what is new between them.

use std::ops::Range;

use crate::document::Span;

use super::Edit;

/// A part of the new text.
enum Piece {
    /// Taken from the old text, in its order.
    Old(Range<usize>),
    New(String),
}

/// The new text, from its start.
pub(super) struct Out<'text> {
    text: &'text str,
    pieces: Vec<Piece>,
    /// Whether what is added now stood elsewhere in the old text.
    pub(super) is_moved: bool,
    /// Whether what was added last are comments that a blank line keeps apart from what follows.
    pub(super) stands_apart: bool,
    /// Whether what was added last is a comment that only a line end ends.
    pub(super) is_in_comment: bool,
    last: Option<char>,
    /// What lines are indented by: a space, or a tab.
    indent: char,
}

impl<'text> Out<'text> {
    pub(super) fn new(text: &'text str, indent: char) -> Self {
        Self {
            text,
            pieces: Vec::new(),
            is_moved: false,
            stands_apart: false,
            is_in_comment: false,
            last: None,
            indent,
        }
    }

    /// The same for a part that is put together on its own.
    pub(super) fn part(&self) -> Self {
        Self { is_moved: true, ..Self::new(self.text, self.indent) }
    }

    /// A stretch of the old text.
    pub(super) fn old(&mut self, range: Range<usize>) {
        if range.is_empty() {
            return;
        }
        let text = &self.text[range.clone()];
        self.is_in_comment = false;
        if self.is_moved {
            self.add(text);
            return;
        }
        self.last = text.chars().next_back();
        match self.pieces.last_mut() {
            Some(Piece::Old(before)) if before.end == range.start => before.end = range.end,
            _ => self.pieces.push(Piece::Old(range)),
        }
    }

    /// New text.
    pub(super) fn add(&mut self, text: &str) {
        if text.is_empty() {
            return;
        }
        self.is_in_comment = false;
        self.last = text.chars().next_back();
        match self.pieces.last_mut() {
            Some(Piece::New(before)) => before.push_str(text),
            _ => self.pieces.push(Piece::New(text.to_owned())),
        }
    }

    /// Spaces, or tabs in a file that is indented by them.
    pub(super) fn spaces(&mut self, count: usize) {
        self.add(&self.indent.to_string().repeat(count));
    }

    /// A stretch of the old text whose lines move sideways. The first of them does so only if it starts in the range.
    pub(super) fn shifted(&mut self, range: Range<usize>, by: isize) {
        if by == 0 {
            self.old(range);
            return;
        }
        let is_line_start = range.start == 0 || self.text[..range.start].ends_with(['\n', '\r', '\u{FEFF}']);
        let shifted = shift(&self.text[range], by, is_line_start, self.indent);
        self.add(&shifted);
    }

    /// Whether nothing but a byte order mark was written.
    pub(super) fn is_empty(&self) -> bool {
        self.last.is_none_or(|last| last == '\u{FEFF}')
    }

    /// Whether the old text ends as it did.
    pub(super) fn has_old_end(&self) -> bool {
        matches!(self.pieces.last(), Some(Piece::Old(range)) if range.end == self.text.len())
    }

    /// Whether what was written last is new.
    pub(super) fn has_new_end(&self) -> bool {
        matches!(self.pieces.last(), Some(Piece::New(_)))
    }

    /// Whether a bracket was opened and nothing is in it yet.
    pub(super) fn is_open_bracket(&self) -> bool {
        matches!(self.last, Some('{' | '['))
    }

    /// Whether a new line may start here.
    pub(super) fn is_line_start(&self) -> bool {
        self.last.is_none_or(|last| matches!(last, '\n' | '\r' | '\u{FEFF}'))
    }

    /// What was put together so far.
    pub(super) fn into_text(self) -> String {
        let mut text = String::new();
        for piece in self.pieces {
            match piece {
                Piece::Old(range) => text.push_str(&self.text[range]),
                Piece::New(new) => text.push_str(&new),
            }
        }
        text
    }

    /// Takes the line end away that the last line of the old text did not have.
    pub(super) fn without_last_line_end(&mut self) {
        if let Some(Piece::New(last)) = self.pieces.last_mut() {
            let length = last.trim_end_matches('\n').trim_end_matches('\r').len();
            last.truncate(length.max(last.len().saturating_sub(2)));
        }
    }

    /// The new text, and what is replaced in the old one.
    pub(super) fn finish(self) -> (String, Vec<Edit>) {
        let mut edits = Vec::new();
        let (mut text, mut fresh, mut at) = (String::with_capacity(self.text.len()), String::new(), 0);
        for piece in self.pieces {
            match piece {
                Piece::New(new) => fresh.push_str(&new),
                Piece::Old(range) if range.start < at => fresh.push_str(&self.text[range]),
                Piece::Old(range) => {
                    edits.extend(edit(self.text, at..range.start, &fresh));
                    text.push_str(&fresh);
                    fresh.clear();
                    text.push_str(&self.text[range.clone()]);
                    at = range.end;
                }
            }
        }
        edits.extend(edit(self.text, at..self.text.len(), &fresh));
        text.push_str(&fresh);
        (text, edits)
    }
}

/// Ends a text without a line end if the old one had none, also where another line is the last one now.
pub(super) fn keep_last_line_end(old: &str, new: &mut String, edits: &mut [Edit]) {
    let is_line_end = |text: &str| text.ends_with(['\n', '\r']);
    let Some(last) = edits.last_mut().filter(|_| !old.is_empty() && !is_line_end(old) && is_line_end(new)) else {
        return;
    };
    let length = if new.ends_with("\r\n") { 2 } else { 1 };
    let kept = new.len() - length;
    if last.span.range().end != old.len() || is_line_end(&new[..kept]) {
        return;
    }
    if last.text.len() >= length {
        last.text.truncate(last.text.len() - length);
    } else if last.text.is_empty() && last.span.range().start >= length {
        last.span = Span::new(last.span.range().start - length, old.len());
    } else {
        return;
    }
    new.truncate(kept);
}

/// A text whose lines move sideways; blank lines stay empty, and what has too few spaces loses those it has.
pub(super) fn shift(text: &str, by: isize, is_line_start: bool, blank: char) -> String {
    let mut shifted = String::with_capacity(text.len() + 64);
    let (mut rest, mut at_start) = (text, is_line_start);
    while !rest.is_empty() {
        if at_start {
            let indent = rest.len() - rest.trim_start_matches(blank).len();
            if by < 0 {
                rest = &rest[indent.min(by.unsigned_abs())..];
            } else if !rest.starts_with(['\n', '\r']) {
                shifted.extend(std::iter::repeat_n(blank, by.unsigned_abs()));
            }
        }
        let end = match rest.find(['\n', '\r']) {
            Some(end) if rest[end..].starts_with("\r\n") => end + 2,
            Some(end) => end + 1,
            None => rest.len(),
        };
        shifted.push_str(&rest[..end]);
        rest = &rest[end..];
        at_start = true;
    }
    shifted
}

/// One replaced range, without the bytes that are the same at its start and end.
fn edit(text: &str, range: Range<usize>, new: &str) -> Option<Edit> {
    let old = &text[range.clone()];
    if old == new {
        return None;
    }
    let same = |one: &mut dyn Iterator<Item = char>, other: &mut dyn Iterator<Item = char>| -> usize {
        one.zip(other).take_while(|(one, other)| one == other).map(|(one, _)| one.len_utf8()).sum()
    };
    let front = same(&mut old.chars(), &mut new.chars());
    let (old, new) = (&old[front..], &new[front..]);
    let back = same(&mut old.chars().rev(), &mut new.chars().rev());
    let span = Span::new(range.start + front, range.end - back);
    Some(Edit { span, text: new[..new.len() - back].to_owned() })
}
