//! Placeholders inside a connection string (`${VAR:-p@w}`, `{{ host }}`, `[PASSWORD]`): text that belongs together
//! whatever it holds, so that an `@` or `/` inside is no separator and a `%` is no encoding.

use std::ops::Range;

/// The longest `<WORD>`, `[WORD]` or `%(WORD)s` that is taken for a placeholder, in bytes. Ours: the longest seen have 40.
const LONGEST_WORD: usize = 64;

/// The longest placeholder of any kind, in bytes. Ours: it keeps reading linear where thousands are opened and none
/// is closed.
const LONGEST: usize = 512;

/// Where the placeholder ends that starts at byte `at`, if one does.
///
/// Known are `${...}` (nested), `$(NAME)`, `#{NAME}`, `{{ ... }}`, `<% ... %>`, `%(NAME)s`, `<WORDS>` and
/// `[WORDS]`.
pub(super) fn placeholder_end(text: &str, at: usize) -> Option<usize> {
    let rest = text.as_bytes().get(at..)?;
    let length = match (rest.first()?, rest.get(1)) {
        (b'$', Some(b'{')) => nested_length(rest)?,
        // These hold a name only; anything else is rather a piece of a generated password.
        (b'$', Some(b'(')) => {
            let length = length_to(rest, b")", LONGEST_WORD)?;
            is_words(&rest[2..length - 1]).then_some(length)?
        }
        (b'#', Some(b'{')) => {
            let length = length_to(rest, b"}", LONGEST_WORD)?;
            is_words(&rest[2..length - 1]).then_some(length)?
        }
        (b'{', Some(b'{')) => length_to(rest, b"}}", LONGEST)?,
        (b'<', Some(b'%')) => length_to(rest, b"%>", LONGEST)?,
        (b'%', Some(b'(')) => {
            let length = length_to(rest, b")s", LONGEST_WORD)?;
            is_words(&rest[2..length - 2]).then_some(length)?
        }
        (b'<', _) => {
            let length = length_to(rest, b">", LONGEST_WORD)?;
            is_words(&rest[1..length - 1]).then_some(length)?
        }
        (b'[', _) => {
            let length = length_to(rest, b"]", LONGEST_WORD)?;
            let inside = &rest[1..length - 1];
            // Without a colon it is no IPv6 address; digits and hexadecimal letters alone could still be meant as one.
            let address_like = inside.iter().all(|byte| byte.is_ascii_hexdigit() || *byte == b'.');
            (is_words(inside) && !address_like).then_some(length)?
        }
        _ => return None,
    };
    Some(at + length)
}

/// The length of the text up to the end of the first `close`, looked for among so many bytes.
fn length_to(text: &[u8], close: &[u8], longest: usize) -> Option<usize> {
    let text = &text[..text.len().min(longest)];
    text.windows(close.len()).position(|window| window == close).map(|found| found + close.len())
}

/// Every placeholder of the text, in order.
pub(super) fn placeholders(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(step) = text[at..].find(['$', '#', '{', '<', '%', '[']) {
        at += step;
        match placeholder_end(text, at) {
            Some(end) => {
                found.push(at..end);
                at = end;
            }
            None => at += 1,
        }
    }
    found
}

/// The length of a placeholder that opens with `${`. `${A:-${B:-x}}` nests.
fn nested_length(text: &[u8]) -> Option<usize> {
    let mut open = 0_usize;
    for (at, byte) in text.iter().enumerate().take(LONGEST).skip(1) {
        match byte {
            b'{' if text[at - 1] == b'$' => open += 1,
            b'}' => open -= 1,
            _ => {}
        }
        if open == 0 {
            return Some(at + 1);
        }
    }
    None
}

/// Whether the text is what people write between the brackets of a placeholder: letters first, then words.
fn is_words(text: &[u8]) -> bool {
    text.first().is_some_and(|first| first.is_ascii_alphabetic() || *first == b'_')
        && text.iter().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.' | b' '))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_are_found() {
        for (text, expected) in [
            ("a${B}c", vec!["${B}"]),
            ("${A:-${B:-x@y}}/${C}", vec!["${A:-${B:-x@y}}", "${C}"]),
            ("{{ user }}:{{ pw }}", vec!["{{ user }}", "{{ pw }}"]),
            ("%(DB_HOST)s", vec!["%(DB_HOST)s"]),
            ("%(DB HOST", vec![]),
            ("#{NAME}", vec!["#{NAME}"]),
            ("x$(k@1)#{/}", vec![]),
            ("[PASSWORD]@db.[PROJECT-REF].x", vec!["[PASSWORD]", "[PROJECT-REF]"]),
            ("[::1]", vec![]),
            ("[200z:db8::1234]", vec![]),
            ("[abc]", vec![]),
            ("<DB_USER>", vec!["<DB_USER>"]),
            ("<<MANAGED_BY_CONNECTION_POOL>>", vec!["<MANAGED_BY_CONNECTION_POOL>"]),
            ("a < b", vec![]),
            ("${open", vec![]),
            ("$(HOST)", vec!["$(HOST)"]),
            ("<%= ENV['X'] %>", vec!["<%= ENV['X'] %>"]),
        ] {
            let found: Vec<&str> = placeholders(text).into_iter().map(|range| &text[range]).collect();
            assert_eq!(found, expected, "{text}");
        }
    }
}
