//! From bytes to text that every parser can take: byte order mark, encoding, NUL.

use super::problem::{Problem, ProblemKind};
use super::{SIZE_LIMIT, Span};

/// A text, and the same text made fit for parsing: of the same length, so that every span holds for both.
pub(super) struct Decoded {
    /// What the file says.
    pub(super) text: String,
    /// What the parser gets, where it is not the text itself.
    cleaned: Option<String>,
    /// Where the text begins behind a byte order mark: 0 or 3.
    pub(super) base: usize,
    /// Whether there is any sense in parsing it.
    pub(super) readable: bool,
    pub(super) problems: Vec<Problem>,
}

impl Decoded {
    /// A text that was changed for another attempt at parsing it, with what the parser gets.
    pub(super) fn changed(text: String, clean: String, base: usize) -> Self {
        let cleaned = (clean != text).then_some(clean);
        Self { text, cleaned, base, readable: true, problems: Vec::new() }
    }
}

/// Decodes UTF-8. Bytes that are not are each replaced by a `?`, NUL by a space, and both are reported once.
pub(super) fn decode(bytes: &[u8]) -> Decoded {
    let mut problems = Vec::new();
    let mut refuse = |kind| {
        problems.push(Problem::new(kind, Span::default()));
        Decoded {
            text: String::new(),
            cleaned: None,
            base: 0,
            readable: false,
            problems: std::mem::take(&mut problems),
        }
    };
    if bytes.len() > SIZE_LIMIT {
        return refuse(ProblemKind::TooLarge);
    }
    if bytes.starts_with(&[0xFF, 0xFE]) || bytes.starts_with(&[0xFE, 0xFF]) {
        return refuse(ProblemKind::Utf16);
    }
    let (text, first_bad, count) = replace_invalid(bytes);
    if let Some(first) = first_bad {
        problems.push(Problem::new(ProblemKind::NotUtf8 { count }, Span::new(first, first + 1)));
    }
    let mut cleaned = None;
    if let Some(first) = text.find('\0') {
        let count = text.matches('\0').count();
        problems.push(Problem::new(ProblemKind::Nul { count }, Span::new(first, first + 1)));
        cleaned = Some(text.replace('\0', " "));
    }
    let base = if text.starts_with('\u{FEFF}') { 3 } else { 0 };
    Decoded { text, cleaned, base, readable: true, problems }
}

impl Decoded {
    /// What the parser gets.
    pub(super) fn clean(&self) -> &str {
        self.cleaned.as_deref().unwrap_or(&self.text)
    }
}

fn replace_invalid(bytes: &[u8]) -> (String, Option<usize>, usize) {
    if let Ok(text) = str::from_utf8(bytes) {
        return (text.to_owned(), None, 0);
    }
    let mut text = String::with_capacity(bytes.len());
    let (mut first, mut count) = (None, 0);
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        if !chunk.invalid().is_empty() {
            first.get_or_insert(text.len());
            count += chunk.invalid().len();
            text.extend(std::iter::repeat_n('?', chunk.invalid().len()));
        }
    }
    (text, first, count)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_stay() {
        let bytes = b"a: \xff\xfe\xe4b\0c";
        let decoded = decode(bytes);
        assert_eq!(decoded.text, "a: ???b\0c");
        assert_eq!(decoded.clean(), "a: ???b c");
        assert_eq!(decoded.text.len(), bytes.len());
        assert_eq!(decoded.problems.len(), 2);
        assert!(!decode(b"\xff\xfea\0").readable);
        assert!(!decode(&vec![b'a'; SIZE_LIMIT + 1]).readable);
        assert_eq!(decode("\u{FEFF}a".as_bytes()).base, 3);
    }
}
