//! Placeholders inside a connection string (`${VAR:-p@w}`, `{{ host }}`, `[PASSWORD]`): text that belongs together
//! whatever it holds, so that an `@` or `/` inside is no separator and a `%` is no encoding.

use std::ops::Range;

/// The longest `<WORD>` or `[WORD]` that is taken for a placeholder, in bytes. Ours: the longest seen have 40.
const LONGEST_WORD: usize = 64;

/// Where the placeholder ends that starts at byte `at`, if one does.
///
/// Known are `${...}` (nested), `$(...)`, `#{...}`, `{{ ... }}`, `<% ... %>`, `%(NAME)s`, `<WORDS>` and `[WORDS]`.
pub(super) fn placeholder_end(text: &str, at: usize) -> Option<usize> {
    let rest = text.get(at..)?;
    let length = if rest.starts_with("${") || rest.starts_with("#{") {
        2 + nested_end(&rest[2..])?
    } else if rest.starts_with("$(") {
        2 + rest[2..].find(')')? + 1
    } else if rest.starts_with("{{") {
        2 + rest[2..].find("}}")? + 2
    } else if rest.starts_with("<%") {
        2 + rest[2..].find("%>")? + 2
    } else if rest.starts_with("%(") {
        let close = 2 + rest[2..].find(')')?;
        if !rest[close..].starts_with(")s") || !is_words(&rest[2..close]) {
            return None;
        }
        close + 2
    } else if rest.starts_with('<') {
        let close = rest.find('>')?;
        is_words(&rest[1..close]).then_some(close + 1)?
    } else if rest.starts_with('[') {
        let close = rest.find(']')?;
        let inside = &rest[1..close];
        // Without a colon it is no IPv6 address; digits and hexadecimal letters alone could still be meant as one.
        let address_like = inside.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'.');
        (is_words(inside) && !address_like).then_some(close + 1)?
    } else {
        return None;
    };
    Some(at + length)
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

/// Where the brace closes that was opened just before the text, past it. `${A:-${B:-x}}` nests.
fn nested_end(text: &str) -> Option<usize> {
    let mut open = 1_usize;
    let bytes = text.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        match bytes[at] {
            b'}' => open -= 1,
            b'{' if at > 0 && matches!(bytes[at - 1], b'$' | b'#') => open += 1,
            _ => {}
        }
        at += 1;
        if open == 0 {
            return Some(at);
        }
    }
    None
}

/// Whether the text is what people write between the brackets of a placeholder: letters first, then words.
fn is_words(text: &str) -> bool {
    text.len() <= LONGEST_WORD
        && text.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.' | b' '))
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
