//! Just enough of Rust's grammar to ask what a file names: tokens without comments, paths, and what is test code.

use std::ops::RangeInclusive;

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// An identifier, a keyword or a number.
    Word,
    /// The contents of a string, escapes as they stand.
    Text,
    /// `::`, an arrow, or one other character.
    Mark,
}

/// A token and the line that it begins on, which counts from 1.
#[derive(Debug, Clone, Copy)]
pub(super) struct Token<'text> {
    pub(super) kind: Kind,
    pub(super) text: &'text str,
    pub(super) line: usize,
}

impl Token<'_> {
    /// Whether it is this word or mark. A string never is.
    pub(super) fn is(&self, text: &str) -> bool {
        self.kind != Kind::Text && self.text == text
    }
}

/// The tokens of a file. Comments, characters and lifetimes are left out.
pub(super) fn tokens(text: &str) -> Vec<Token<'_>> {
    let mut found = Vec::new();
    let (mut rest, mut line) = (text, 1);
    while let Some(first) = rest.chars().next() {
        let (length, kind, shown) = token(rest, first);
        if let Some(kind) = kind {
            found.push(Token { kind, text: &rest[shown], line });
        }
        line += rest[..length].matches('\n').count();
        rest = &rest[length..];
    }
    found
}

/// The length of what stands at the beginning, its kind if it counts, and the part of it that is shown.
fn token(rest: &str, first: char) -> (usize, Option<Kind>, std::ops::Range<usize>) {
    let skip = |length: usize| (length, None, 0..0);
    if rest.starts_with("//") {
        return skip(rest.find('\n').unwrap_or(rest.len()));
    }
    if rest.starts_with("/*") {
        return skip(block_comment(rest));
    }
    if let Some((opening, closing)) = raw_string(rest) {
        let end = rest[opening..].find(&closing).map_or(rest.len(), |at| opening + at);
        return ((end + closing.len()).min(rest.len()), Some(Kind::Text), opening..end);
    }
    if first == '"' {
        let end = closing_quote(rest);
        return ((end + 1).min(rest.len()), Some(Kind::Text), 1..end);
    }
    if first == '\'' {
        return skip(character_or_lifetime(rest));
    }
    if first.is_alphanumeric() || first == '_' {
        let end = word_end(rest);
        return (end, Some(Kind::Word), 0..end);
    }
    if ["::", "->", "=>"].iter().any(|mark| rest.starts_with(mark)) {
        return (2, Some(Kind::Mark), 0..2);
    }
    let length = first.len_utf8();
    if first.is_whitespace() { skip(length) } else { (length, Some(Kind::Mark), 0..length) }
}

/// The length of a block comment; they nest.
fn block_comment(rest: &str) -> usize {
    let (mut depth, mut at) = (0, 0);
    loop {
        let Some(next) = rest[at..].find(['/', '*']) else { return rest.len() };
        at += next;
        if rest[at..].starts_with("/*") {
            (depth, at) = (depth + 1, at + 2);
        } else if rest[at..].starts_with("*/") {
            (depth, at) = (depth - 1, at + 2);
            if depth == 0 {
                return at;
            }
        } else {
            at += 1;
        }
    }
}

/// For a raw string: the length of its opening, and its closing.
fn raw_string(rest: &str) -> Option<(usize, String)> {
    let prefix = ["r", "br", "cr"]
        .into_iter()
        .find(|prefix| rest.strip_prefix(prefix).is_some_and(|after| after.trim_start_matches('#').starts_with('"')))?;
    let hashes = rest[prefix.len()..].chars().take_while(|&character| character == '#').count();
    Some((prefix.len() + hashes + 1, format!("\"{}", "#".repeat(hashes))))
}

/// Where the closing quote of a string stands.
fn closing_quote(rest: &str) -> usize {
    let mut escaped = false;
    for (at, character) in rest.char_indices().skip(1) {
        match character {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return at,
            _ => {}
        }
    }
    rest.len()
}

/// The length of `'x'`, `'\u{..}'` or `'name`.
fn character_or_lifetime(rest: &str) -> usize {
    let mut characters = rest.char_indices().skip(1);
    match (characters.next(), characters.next()) {
        (Some((_, '\\')), Some((escaped, _))) => {
            rest[escaped + 1..].find('\'').map_or(rest.len(), |at| escaped + 1 + at + 1)
        }
        (Some(_), Some((quote, '\''))) => quote + 1,
        _ => 1 + word_end(&rest[1..]),
    }
}

/// Where the word at the beginning ends.
fn word_end(rest: &str) -> usize {
    rest.find(|character: char| !character.is_alphanumeric() && character != '_').unwrap_or(rest.len())
}

/// The lines of the items that are only compiled for tests.
pub(super) fn test_lines(tokens: &[Token<'_>]) -> Vec<RangeInclusive<usize>> {
    let mut ranges = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        let attribute = ["#", "[", "cfg", "(", "test", ")", "]"];
        let begins = tokens[at..].iter().zip(attribute).filter(|(token, text)| token.is(text)).count();
        if begins < attribute.len() {
            at += 1;
            continue;
        }
        // The item ends with a semicolon, or with the block that closes its first brace.
        let (mut depth, mut end) = (0, at + attribute.len());
        while let Some(token) = tokens.get(end) {
            match token.text {
                _ if token.kind == Kind::Text => {}
                "{" | "(" | "[" => depth += 1,
                "}" | ")" | "]" => depth -= 1,
                _ => {}
            }
            if depth == 0 && (token.is(";") || token.is("}")) {
                break;
            }
            end += 1;
        }
        let last = tokens.get(end).or(tokens.last()).map_or(0, |token| token.line);
        ranges.push(tokens[at].line..=last);
        at = end + 1;
    }
    ranges
}

/// A path that a file names.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Named {
    /// Its parts, with the groups of `use` written out; `*` for everything.
    pub(super) parts: Vec<String>,
    pub(super) line: usize,
    /// The modules within the file that it stands in.
    pub(super) within: Vec<String>,
}

/// Every path of more than one part, and everything that `use` names.
pub(super) fn paths(tokens: &[Token<'_>]) -> Vec<Named> {
    let is = |at: usize, text: &str| tokens.get(at).is_some_and(|token| token.is(text));
    let mut found = Vec::new();
    // The modules around the place, each with the depth of its braces.
    let mut modules: Vec<(String, usize)> = Vec::new();
    let (mut at, mut depth) = (0, 0_usize);
    while let Some(token) = tokens.get(at) {
        let within = || modules.iter().map(|(name, _)| name.clone()).collect::<Vec<_>>();
        if token.is("mod") && is(at + 2, "{") {
            depth += 1;
            modules.push((tokens[at + 1].text.to_owned(), depth));
            at += 3;
        } else if token.is("{") {
            depth += 1;
            at += 1;
        } else if token.is("}") {
            modules.pop_if(|(_, opened)| *opened == depth);
            depth = depth.saturating_sub(1);
            at += 1;
        } else if token.is("use") && !is(at + 1, "<") {
            at = use_tree(tokens, at + 1, &[], &within(), &mut found);
        } else if token.kind == Kind::Word && is(at + 1, "::") && begins_path(tokens, at) {
            let parts = plain_path(&tokens[at..]);
            at += 2 * parts.len() - 1;
            if parts.len() > 1 {
                found.push(Named { parts, line: token.line, within: within() });
            }
        } else {
            at += 1;
        }
    }
    found
}

/// The words at the beginning that `::` joins.
fn plain_path(tokens: &[Token<'_>]) -> Vec<String> {
    let mut parts = vec![tokens[0].text.to_owned()];
    for two in tokens[1..].chunks_exact(2) {
        if !two[0].is("::") || two[1].kind != Kind::Word {
            break;
        }
        parts.push(two[1].text.to_owned());
    }
    parts
}

/// Whether a path begins with this word. After a dot stands a method with its types, and after `::` what follows
/// `<T as Trait>` or another word, unless nothing precedes the `::`, as in `::clap::Parser`.
fn begins_path(tokens: &[Token<'_>], at: usize) -> bool {
    let mut before = tokens[..at].iter().rev();
    match before.next() {
        Some(mark) if mark.is(".") => false,
        Some(mark) if mark.is("::") => before.next().is_none_or(|first| first.kind != Kind::Word && !first.is(">")),
        _ => true,
    }
}

/// Writes out what follows `use`, or a part of a group; returns where it ends.
fn use_tree(
    tokens: &[Token<'_>],
    mut at: usize,
    before: &[String],
    within: &[String],
    found: &mut Vec<Named>,
) -> usize {
    let mut parts = before.to_vec();
    let line = tokens.get(at).map_or(0, |token| token.line);
    while let Some(token) = tokens.get(at) {
        if token.is("{") {
            at += 1;
            while tokens.get(at).is_some_and(|token| !token.is("}")) {
                at = use_tree(tokens, at, &parts, within, found);
                if tokens.get(at).is_some_and(|token| token.is(",")) {
                    at += 1;
                }
            }
            return at + 1;
        }
        if token.is(",") || token.is("}") || token.is(";") || token.is("as") {
            break;
        }
        if !token.is("::") {
            parts.push(token.text.to_owned());
        }
        at += 1;
    }
    found.push(Named { parts, line, within: within.to_vec() });
    // Another name changes nothing about what is imported.
    if tokens.get(at).is_some_and(|token| token.is("as")) { at + 2 } else { at }
}

#[cfg(test)]
mod tests {
    use super::{Kind, paths, test_lines, tokens};

    fn named(text: &str) -> Vec<String> {
        paths(&tokens(text)).into_iter().map(|named| named.parts.join("::")).collect()
    }

    #[test]
    fn comments_and_texts_name_nothing() {
        let text = "// a::b\n/* c::d /* e::f */ g::h */ let x = \"i::j \\\" k::l\"; let y = r#\"m::n \" o::p\"#; q::r";
        assert_eq!(named(text), ["q::r"]);
    }

    #[test]
    fn quotes_in_characters_open_no_text() {
        let text = "let x: &'static str = f('\"', '\\'', '\\u{22}', b'\"'); a::b; '\"' c::d";
        assert_eq!(named(text), ["a::b", "c::d"]);
    }

    #[test]
    fn lines_are_those_of_the_file() {
        let text = "\"one\ntwo\"\n/*\n*/ word";
        let found: Vec<_> = tokens(text).into_iter().map(|token| (token.kind, token.text, token.line)).collect();
        assert_eq!(found, [(Kind::Text, "one\ntwo", 1), (Kind::Word, "word", 4)]);
    }

    #[test]
    fn groups_are_written_out() {
        let text = "pub use crate::{a, b::{c as d, self}, e::*,}; use std::fs; use anyhow as x; use ::clap::A;";
        let expected = ["crate::a", "crate::b::c", "crate::b::self", "crate::e::*", "std::fs", "anyhow", "clap::A"];
        assert_eq!(named(text), expected);
    }

    #[test]
    fn paths_in_code_are_found_wherever_they_stand() {
        let text =
            "#[derive(a::B)] fn f(x: &c::D<e::F>) -> ::g::H { x.i::<j::K>(); <l::M as n::O>::p(); $crate::q!() }";
        assert_eq!(named(text), ["a::B", "c::D", "e::F", "g::H", "j::K", "l::M", "n::O", "crate::q"]);
    }

    #[test]
    fn modules_within_a_file_are_known() {
        let found = paths(&tokens("mod a { fn f() { x::y } mod b { x::y } } x::y"));
        let within: Vec<_> = found.into_iter().map(|named| named.within.join("::")).collect();
        assert_eq!(within, ["a", "a::b", ""]);
    }

    #[test]
    fn test_code_is_an_item_and_not_the_rest() {
        let text =
            "fn a() {}\n#[cfg(test)]\n#[rustfmt::skip]\nmod tests {\n fn b() {}\n}\nfn c() {}\n#[cfg(test)]\nuse x;\n";
        assert_eq!(test_lines(&tokens(text)), [2..=6, 8..=9]);
        assert_eq!(test_lines(&tokens("#[cfg(test)]\nfn f(a: [u8; 2]) {\n}\n")), [1..=3]);
        assert_eq!(test_lines(&tokens("fn f() {}")), []);
    }
}
