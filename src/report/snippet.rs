//! A quoted line in a terminal: cut to its width around the place that is meant, which is underlined.

use std::ops::Range;

use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

use super::quote::Quote;

/// The columns that a line has where no terminal says how many.
const COLUMNS: usize = 140;

/// What stands where a long line was cut.
const CUT: &str = "...";

/// A quoted line that fits.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Snippet {
    /// What is shown of the line.
    pub(super) text: String,
    /// The bytes of it that are underlined.
    pub(super) mark: Range<usize>,
}

impl Snippet {
    /// The part of a line that fits into so many columns and shows where the place that is meant begins.
    pub(super) fn new(quote: &Quote, columns: Option<usize>) -> Self {
        let columns = columns.unwrap_or(COLUMNS).max(20);
        let text = &quote.text;
        let (start, end) = (quote.mark.start, quote.mark.end);
        if text.width() <= columns {
            return Self { text: text.clone(), mark: start..end };
        }
        // What stands behind gets a third, if it needs that much; what stands before the rest, but a half at most where
        // the place itself is long.
        let (all_before, place, behind) = (text[..start].width(), text[start..end].width(), text[end..].width());
        let room = columns.saturating_sub(place + behind.min(columns / 3) + 2 * CUT.len());
        let before = all_before.min(room.max(columns / 4));
        let from = back(text, start, before);
        let mut shown = if from > 0 { CUT.to_owned() } else { String::new() };
        let room = columns - shown.len();
        let rest = &text[from..];
        let to = from + if rest.width() <= room { rest.len() } else { ahead(rest, room - CUT.len()) };
        let indent = shown.len();
        shown.push_str(&text[from..to]);
        if to < text.len() {
            shown.push_str(CUT);
        }
        let end = end.min(to).max(start);
        let start = indent + start - from;
        Self { text: shown, mark: start..indent + end - from }
    }
}

/// The byte from which on so many columns stand before `at`, at most.
fn back(text: &str, at: usize, columns: usize) -> usize {
    let mut left = columns;
    let mut from = at;
    for (index, character) in text[..at].char_indices().rev() {
        let width = character.width().unwrap_or(0);
        if width > left {
            break;
        }
        left -= width;
        // An accent stays with its letter.
        if width > 0 {
            from = index;
        }
    }
    from
}

/// The bytes at the start of a text that take so many columns, at most.
fn ahead(text: &str, columns: usize) -> usize {
    let mut left = columns;
    for (index, character) in text.char_indices() {
        let width = character.width().unwrap_or(0);
        if width > left {
            return index;
        }
        left -= width;
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, meant: &str, columns: usize, expected: (&str, &str)) {
        let start = text.find(meant).expect("it is there");
        let quote = Quote { text: text.to_owned(), mark: start..start + meant.len() };
        let snippet = Snippet::new(&quote, Some(columns));
        let width = |text: &str| text.width();
        let (before, marked) = (width(&snippet.text[..snippet.mark.start]), width(&snippet.text[snippet.mark.clone()]));
        let underline = " ".repeat(before) + &"^".repeat(marked);
        assert_eq!((snippet.text.as_str(), underline.as_str()), expected);
        assert!(snippet.text.width() <= columns && underline.len() <= columns, "{snippet:?}");
    }

    #[test]
    fn lines_are_cut_around_the_place() {
        check("port: 5433", "5433", 40, ("port: 5433", "      ^^^^"));
        check("表表: 密x", "密", 40, ("表表: 密x", "      ^^"));
        check("abcdefghij X klmnopqrstuvwxyz", "X", 20, ("...efghij X klmno...", "          ^"));
        check("abcdefghijklmnopqrst X uvwxyz", "X", 20, ("...opqrst X uvwxyz", "          ^"));
        check("abcdefghijklmnopqrst X uvwxyzabcdefgh", "X", 20, ("...opqrst X uvwxy...", "          ^"));
        check(
            "abc: 表表表表表表表表表表表表",
            "表表表表表表表表表表表表",
            20,
            ("abc: 表表表表表表...", "     ^^^^^^^^^^^^"),
        );
    }

    #[test]
    fn nothing_is_wider_than_the_terminal() {
        let text = "a表\u{301}e\u{301} \u{1F600}x".repeat(40);
        let places: Vec<usize> = text.char_indices().map(|(at, _)| at).chain([text.len()]).collect();
        for (index, start) in places.iter().enumerate() {
            for end in [places[index], places[(index + 3).min(places.len() - 1)], text.len()] {
                for columns in [20, 21, 60, 79] {
                    let quote = Quote { text: text.clone(), mark: *start..end };
                    let snippet = Snippet::new(&quote, Some(columns));
                    assert!(snippet.text.width() <= columns, "{snippet:?}");
                    assert!(snippet.text.is_char_boundary(snippet.mark.end), "{columns} {snippet:?}");
                }
            }
        }
    }
}
