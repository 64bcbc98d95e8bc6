//! Percent-encoding: the digits, and what a writer must encode.

use std::fmt::Write as _;

use super::opaque;

/// What a `+` means: a space in a form-encoded query (Python's `parse_qsl`, Java's `URLDecoder`), else itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Plus {
    IsPlus,
    IsSpace,
}

/// The byte that two hexadecimal digits stand for.
pub(super) fn hex_pair(bytes: &[u8]) -> Option<u8> {
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    Some(digit(*bytes.first()?)? * 16 + digit(*bytes.get(1)?)?)
}

/// Encodes everything but RFC 3986's unreserved characters. Placeholders stay as they are, to be filled in later.
pub(super) fn encode(value: &str) -> String {
    encode_if(value, |_, character| !(character.is_ascii_alphanumeric() || matches!(character, '-' | '_' | '.' | '~')))
}

/// Encodes a path or a database name with as few signs as possible, since `SQLAlchemy` before 2.1 does not decode it:
/// `?` ends it, a `%` before two digits would be decoded, white space is trimmed, and the rest starts placeholders.
/// `also` names what else the place forbids.
pub(super) fn encode_path(value: &str, also: &[char]) -> String {
    encode_if(value, |rest, character| match character {
        '%' => hex_pair(&rest.as_bytes()[1..]).is_some() || rest.starts_with("%("),
        '?' | '$' | '#' | '{' | '<' | '[' => true,
        other => other.is_control() || other.is_whitespace() || also.contains(&other),
    })
}

/// Encodes the characters outside placeholders of which the rule says so; it is given the rest of the value, too.
fn encode_if(value: &str, must: impl Fn(&str, char) -> bool) -> String {
    let mut encoded = String::with_capacity(value.len() + 8);
    let mut at = 0;
    while let Some(character) = value[at..].chars().next() {
        if let Some(end) = opaque::placeholder_end(value, at) {
            encoded.push_str(&value[at..end]);
            at = end;
            continue;
        }
        let next = at + character.len_utf8();
        if must(&value[at..], character) {
            for byte in value[at..next].bytes() {
                // Writing to a String cannot fail.
                let _ = write!(encoded, "%{byte:02X}");
            }
        } else {
            encoded.push(character);
        }
        at = next;
    }
    encoded
}
