//! Cuts JSON into tokens, and takes for a token also what was meant as one.

use std::borrow::Cow;

use crate::document::problem::{Cause, ProblemKind};
use crate::document::{ScalarStyle, Span};

/// A token and its place.
pub(super) struct Token<'text> {
    pub(super) kind: TokenKind<'text>,
    pub(super) span: Span,
}

impl Token<'_> {
    /// Whether a value must have come before.
    pub(super) fn ends_value(&self) -> bool {
        matches!(self.kind, TokenKind::Comma | TokenKind::Close { .. })
    }
}

#[derive(PartialEq, Eq)]
pub(super) enum TokenKind<'text> {
    Open {
        is_object: bool,
    },
    Close {
        is_object: bool,
    },
    Comma,
    Colon,
    /// A key or value; the value is `None` where it is what the span covers.
    Scalar {
        style: ScalarStyle,
        value: Option<Cow<'text, str>>,
        problem: Option<ProblemKind>,
    },
    Comment,
    /// White space that JSON does not know.
    Stray,
}

/// Reads tokens one by one.
pub(super) struct Scanner<'text> {
    text: &'text str,
    at: usize,
    wants_key: bool,
    templates: bool,
}

impl<'text> Scanner<'text> {
    pub(super) fn new(text: &'text str, at: usize) -> Self {
        Self { text, at, wants_key: false, templates: false }
    }

    /// Goes to the end of the text.
    pub(super) fn stop(&mut self) {
        self.at = self.text.len();
    }

    /// Says whether a key comes next, and whether `{{` begins a value. A word without quotes ends at the colon where a
    /// key is wanted, and with the line, comma or bracket otherwise, since an address or a URL has colons.
    pub(super) fn expect(&mut self, key: bool, templates: bool) {
        self.wants_key = key;
        self.templates = templates && !key;
    }

    /// The next token.
    pub(super) fn next(&mut self) -> Option<Token<'text>> {
        let rest = &self.text[self.at..];
        let rest = rest.trim_start_matches([' ', '\t', '\n', '\r']);
        let start = self.text.len() - rest.len();
        let first = rest.chars().next()?;
        let one = |kind| (kind, 1);
        let (kind, length) = match first {
            '{' if rest.starts_with("{{") && self.templates => bare(rest),
            '{' => one(TokenKind::Open { is_object: true }),
            '[' => one(TokenKind::Open { is_object: false }),
            '}' => one(TokenKind::Close { is_object: true }),
            ']' => one(TokenKind::Close { is_object: false }),
            ',' => one(TokenKind::Comma),
            ':' => one(TokenKind::Colon),
            '"' | '\'' => string(rest, first),
            '#' => (TokenKind::Comment, line_length(rest)),
            '/' if rest.starts_with("//") => (TokenKind::Comment, line_length(rest)),
            '/' if rest.starts_with("/*") => {
                (TokenKind::Comment, rest[2..].find("*/").map_or(rest.len(), |end| end + 4))
            }
            stray if stray.is_whitespace() || stray.is_control() || stray == '\u{FEFF}' => {
                (TokenKind::Stray, stray.len_utf8())
            }
            _ if self.wants_key => word(rest),
            _ => bare(rest),
        };
        self.at = start + length;
        Some(Token { kind, span: Span::new(start, self.at) })
    }
}

fn line_length(text: &str) -> usize {
    text.find(['\n', '\r']).unwrap_or(text.len())
}

fn scalar(style: ScalarStyle, value: Option<Cow<'_, str>>, problem: Option<ProblemKind>) -> TokenKind<'_> {
    TokenKind::Scalar { style, value, problem }
}

/// A key without quotes.
fn word(text: &str) -> (TokenKind<'_>, usize) {
    let end = text.find(|c: char| c.is_whitespace() || ":,{}[]\"'".contains(c)).unwrap_or(text.len());
    (scalar(ScalarStyle::Plain, None, Some(ProblemKind::Syntax(Cause::NeedsQuotes))), end)
}

/// A value without quotes: a number, `true`, `false`, `null`, or what should have quotes.
fn bare(text: &str) -> (TokenKind<'_>, usize) {
    let end = text.find(|c: char| c.is_whitespace() || ":,{}[]\"'/#".contains(c)).unwrap_or(text.len());
    let plain = &text[..end];
    let behind = text[end..].trim_start_matches([' ', '\t']);
    let ends_here = behind.is_empty() || behind.starts_with([',', '}', ']', '\n', '\r', '"', '/', '#']);
    if ends_here && (matches!(plain, "true" | "false" | "null") || is_number(plain)) {
        return (scalar(ScalarStyle::Plain, None, None), end);
    }
    let end = bare_end(text);
    let kind = match &text[..end] {
        scrubbed if scrubbed.starts_with("***") => ProblemKind::Scrubbed,
        template if template.starts_with("{{") => ProblemKind::Syntax(Cause::TemplateBraces),
        _ => ProblemKind::Syntax(Cause::NeedsQuotes),
    };
    (scalar(ScalarStyle::Plain, None, Some(kind)), end)
}

/// Where a value without quotes ends: with its line, at a comma, at a bracket that was not opened inside of it
/// (`${HOST}` is one value), or before a comment.
fn bare_end(text: &str) -> usize {
    let mut depth = 0usize;
    let mut blank = false;
    let mut end = text.len();
    for (index, character) in text.char_indices() {
        let stop = match character {
            ',' => depth == 0,
            '{' | '[' => {
                depth += 1;
                false
            }
            '}' | ']' if depth > 0 => {
                depth -= 1;
                false
            }
            '}' | ']' | '\n' | '\r' => true,
            '#' => blank,
            '/' => blank && text[index + 1..].starts_with(['/', '*']),
            _ => false,
        };
        if stop && index > 0 {
            end = index;
            break;
        }
        blank = character.is_whitespace();
    }
    text[..end].trim_end().len().max(text.chars().next().map_or(0, char::len_utf8))
}

/// A text in quotes. One that is not closed ends with its line.
fn string(text: &str, quote: char) -> (TokenKind<'_>, usize) {
    let style = if quote == '"' { ScalarStyle::DoubleQuoted } else { ScalarStyle::SingleQuoted };
    let mut problem = (quote == '\'').then_some(ProblemKind::Syntax(Cause::SingleQuotes));
    let mut value: Option<String> = None;
    let (mut copied, mut at) = (1, 1);
    let bytes = text.as_bytes();
    loop {
        match bytes.get(at) {
            Some(byte) if char::from(*byte) == quote => {
                let value = value.map_or(Cow::Borrowed(&text[1..at]), |mut value| {
                    value.push_str(&text[copied..at]);
                    Cow::Owned(value)
                });
                return (scalar(style, Some(value), problem), at + 1);
            }
            None | Some(b'\n' | b'\r') => break,
            Some(b'\\') => {
                if let Some((character, length)) = escape(&text[at..]) {
                    let value = value.get_or_insert_default();
                    value.push_str(&text[copied..at]);
                    value.push(character);
                    at += length;
                    copied = at;
                } else {
                    problem = Some(ProblemKind::Syntax(Cause::Escape));
                    // The character behind it belongs to the text, also if it is a quote; a line end does not.
                    let next = text[at + 1..].chars().next().filter(|next| !"\n\r".contains(*next));
                    at += 1 + next.map_or(0, char::len_utf8);
                }
            }
            Some(byte) => {
                if *byte < 0x20 {
                    problem.get_or_insert(ProblemKind::Syntax(Cause::Control));
                }
                at += 1;
            }
        }
    }
    let length = text[..at].trim_end().trim_end_matches([',', ' ', '\t']).len().max(1);
    let value = text[1..length].into();
    (scalar(ScalarStyle::Plain, Some(value), Some(ProblemKind::Syntax(Cause::Quotes))), length)
}

/// The character that an escape stands for, and the length of the escape.
fn escape(text: &str) -> Option<(char, usize)> {
    let plain = |character| Some((character, 2));
    match text.as_bytes().get(1)? {
        b'"' => plain('"'),
        b'\\' => plain('\\'),
        b'/' => plain('/'),
        b'b' => plain('\u{8}'),
        b'f' => plain('\u{C}'),
        b'n' => plain('\n'),
        b'r' => plain('\r'),
        b't' => plain('\t'),
        b'u' => {
            let unit = |at: usize| {
                let digits = text.get(at..at + 4).filter(|digits| digits.bytes().all(|b| b.is_ascii_hexdigit()))?;
                u32::from_str_radix(digits, 16).ok()
            };
            let first = unit(2)?;
            if let Some(character) = char::from_u32(first) {
                return Some((character, 6));
            }
            let second = text.get(6..8).filter(|start| *start == "\\u").and_then(|_| unit(8))?;
            let pair = char::decode_utf16([u16::try_from(first).ok()?, u16::try_from(second).ok()?]).next()?.ok()?;
            Some((pair, 12))
        }
        _ => None,
    }
}

/// Whether a text is a number of RFC 8259.
fn is_number(text: &str) -> bool {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let text = text.strip_prefix('-').unwrap_or(text);
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (text, None),
    };
    let (whole, fraction) = match mantissa.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (mantissa, None),
    };
    digits(whole)
        && (whole == "0" || !whole.starts_with('0'))
        && fraction.is_none_or(digits)
        && exponent.is_none_or(|exponent| digits(exponent.strip_prefix(['+', '-']).unwrap_or(exponent)))
}
