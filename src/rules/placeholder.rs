//! Placeholders that somebody was to replace, and did not.
//!
//! What another program fills in is none of them: `{{ host }}`, `<<MANAGED_BY_CONNECTION_POOL>>`, `%(DB_HOST)s`,
//! `__DB_HOST__`. Neither is `***`, which has a rule of its own.

use crate::template::is_placeholder;

/// Signs at the beginning of what a program fills in, or a mask.
const OTHERS: &[&str] = &["{{", "<<", "***", "__", "%"];

/// A text that as a whole is a placeholder left in place.
pub(super) fn is_left(text: &str) -> bool {
    let text = text.trim();
    is_placeholder(text) && !OTHERS.iter().any(|start| text.starts_with(start))
}

/// The first placeholder that was left in place, as the whole text or in it (`db.[PROJECT-REF].supabase.co`).
pub(super) fn left_in(text: &str) -> Option<&str> {
    if is_left(text) {
        return Some(text.trim());
    }
    // What documentation writes before the name of a file: `/path/to/ca.pem`.
    if text.starts_with("/path/to/") {
        return Some(text);
    }
    enclosed(text).or_else(|| {
        let pieces = text.split(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '_' | '-')));
        pieces.into_iter().find(|piece| is_telling(piece) && is_left(piece))
    })
}

/// No placeholder is longer, and a text of brackets is not searched to its end from each of them.
const LONGEST: usize = 100;

/// The first `<WORDS>` or `[WORDS]` in a text.
fn enclosed(text: &str) -> Option<&str> {
    let mut at = 0;
    while let Some(step) = text[at..].find(['<', '[']) {
        at += step;
        let rest = &text[at..];
        if let Some(inner) = rest.strip_prefix("<<") {
            at += 2 + inner.find(">>").map_or(inner.len(), |end| end + 2);
            continue;
        }
        let close = if rest.starts_with('<') { b'>' } else { b']' };
        let end = rest.bytes().take(LONGEST).position(|byte| byte == close);
        let piece = end.map(|end| &rest[..=end]);
        // An IPv6 address stands in brackets too.
        let is_address =
            |piece: &str| piece[1..piece.len() - 1].bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'.');
        if let Some(piece) = piece.filter(|piece| is_placeholder(piece) && !is_address(piece)) {
            return Some(piece);
        }
        at += 1;
    }
    None
}

/// Whether a word is a placeholder wherever it stands. Others (`placeholder`) may be parts of names.
fn is_telling(piece: &str) -> bool {
    let starts = |word: &str| piece.get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word));
    ["your", "change", "replace", "removed"].iter().any(|word| starts(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_are_found() {
        for (text, expected) in [
            ("YOUR_HOST_HERE", Some("YOUR_HOST_HERE")),
            (" <DB_HOST> ", Some("<DB_HOST>")),
            ("db.[PROJECT-REF].supabase.co", Some("[PROJECT-REF]")),
            ("https://<HOST>:5000/x", Some("<HOST>")),
            ("redis://:CHANGE_ME@cache:6379/0", Some("CHANGE_ME")),
            ("/path/to/ca-cert.pem", Some("/path/to/ca-cert.pem")),
            ("/srv/path/to/ca-cert.pem", None),
            ("YOUR-PROJECT.example.com", Some("YOUR-PROJECT")),
            ("REMOVED_PASSWORD", Some("REMOVED_PASSWORD")),
            ("todo", None),
            ("<<MANAGED_BY_CONNECTION_POOL>>", None),
            ("http://<<HOST>>/", None),
            ("{{ host }}", None),
            ("__HOST__", None),
            ("%(HOST)s", None),
            ("$(HOST)", None),
            ("***", None),
            ("***REMOVED***", None),
            ("[::1]", None),
            ("redis://[fe80::1]:6379", None),
            ("placeholder.example.com", None),
            ("yourself.example.com", None),
            ("https://api.example.com/todo", None),
            ("db.example.com", None),
            ("<", None),
            ("", None),
        ] {
            assert_eq!(left_in(text), expected, "{text}");
        }
    }
}
