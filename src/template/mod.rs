//! `${VAR}` and its kin: parsed, shown with secrets masked, and resolved against what is known.
//!
//! Understood are `${VAR}`, `${VAR:-default}`, `${VAR-default}`, `${VAR:?message}`, `${VAR:+other}` (shell and compose),
//! defaults that hold templates themselves, `${oc.env:VAR}` and `${oc.env:VAR,default}` (`OmegaConf`), `${env:VAR}`,
//! references into the same file (`${databases.main.host}`), and `$VAR` where the source has it (`.env`, compose).
//! Anything else is text. A file is never rewritten with resolved values.

mod placeholder;
mod resolve;

pub use placeholder::is_placeholder;
pub use resolve::{Lookup, Resolved};

use std::fmt::Write as _;

use crate::redact::{self, MASK};

/// The most templates within templates.
const DEPTH_LIMIT: usize = 16;

/// The most `${` in one text that turn out to be none, each of which has been followed to the end of the text.
const UNCLOSED_LIMIT: usize = 64;

/// Where a text comes from decides what a `$` means in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Syntax {
    /// A settings file: only `${...}`.
    Braces,
    /// `.env`: `$VAR` too, if there is such a variable; `\$` is a dollar sign.
    Shell,
    /// Compose files: as in `.env`, but a dollar sign is written `$$`.
    Compose,
    /// Single quotes in `.env`: nothing is replaced.
    Verbatim,
}

/// A text with its variables.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template {
    parts: Vec<Part>,
}

/// A piece of a [`Template`].
#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Text(String),
    /// A variable with what stands behind its name: an operator and its word.
    Variable {
        name: String,
        operator: Option<(&'static str, Template)>,
        written: Written,
    },
    /// A dotted path into the same file.
    Reference {
        path: String,
    },
}

/// How a variable is written, to show it as it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Written {
    Braces,
    Bare,
    /// `${oc.env:` or `${env:`.
    Resolver(&'static str),
}

impl Template {
    /// Parses a text.
    pub fn parse(text: &str, syntax: Syntax) -> Self {
        Self::parse_nested(text, syntax, 0)
    }

    fn parse_nested(text: &str, syntax: Syntax, depth: usize) -> Self {
        let mut parts = Vec::new();
        let mut literal = String::new();
        let mut rest = text;
        let mut unclosed = 0;
        while syntax != Syntax::Verbatim
            && depth <= DEPTH_LIMIT
            && unclosed < UNCLOSED_LIMIT
            && let Some(at) = rest.find('$')
        {
            literal.push_str(&rest[..at]);
            let behind = &rest[at + 1..];
            if syntax == Syntax::Shell && literal.ends_with('\\') {
                literal.pop();
                literal.push('$');
                rest = behind;
                continue;
            }
            if syntax == Syntax::Compose && behind.starts_with('$') {
                literal.push('$');
                rest = &behind[1..];
                continue;
            }
            unclosed += usize::from(behind.starts_with('{'));
            if let Some(body) = behind.strip_prefix('{')
                && let Some(end) = closing_brace(body)
                && let Some(part) = Part::parse(&body[..end], syntax, depth)
            {
                unclosed -= 1;
                push_text(&mut parts, &mut literal);
                parts.push(part);
                rest = &body[end + 1..];
                continue;
            }
            let name = &behind[..behind.find(|c: char| !is_name_character(c)).unwrap_or(behind.len())];
            if matches!(syntax, Syntax::Shell | Syntax::Compose) && is_variable_name(name) {
                push_text(&mut parts, &mut literal);
                parts.push(Part::Variable { name: name.to_owned(), operator: None, written: Written::Bare });
                rest = &behind[name.len()..];
            } else {
                literal.push('$');
                rest = behind;
            }
        }
        literal.push_str(rest);
        push_text(&mut parts, &mut literal);
        Self { parts }
    }

    /// Whether it is text alone.
    pub fn is_literal(&self) -> bool {
        self.parts.iter().all(|part| matches!(part, Part::Text(_)))
    }

    /// Its text, if it is text alone: with `$$` and `\$` as the dollar signs that they stand for.
    pub fn literal(&self) -> Option<String> {
        let text = |part: &Part| if let Part::Text(text) = part { Some(text.clone()) } else { None };
        self.parts.iter().map(text).collect()
    }

    /// Whether it is nothing but `$NAME`, and the name is written as variables are.
    fn is_bare_variable(&self, name: &str) -> bool {
        self.parts.len() == 1 && !name.bytes().any(|byte| byte.is_ascii_lowercase())
    }

    /// The dotted paths that it refers to.
    pub fn references(&self) -> Vec<&str> {
        let mut found = Vec::new();
        for part in &self.parts {
            match part {
                Part::Reference { path } => found.push(path.as_str()),
                Part::Variable { operator: Some((_, word)), .. } => found.extend(word.references()),
                _ => {}
            }
        }
        found
    }

    /// The variable, if it is nothing but one.
    pub fn only_variable(&self) -> Option<&str> {
        match self.parts.as_slice() {
            [Part::Variable { name, .. }] => Some(name),
            _ => None,
        }
    }

    /// The texts that stand for variables that are not set (`${NAME:-text}`), each with the name of its variable.
    pub fn defaults(&self) -> Vec<(&str, String)> {
        let mut found = Vec::new();
        for part in &self.parts {
            let Part::Variable { name, operator: Some((operator, word)), .. } = part else { continue };
            if !matches!(*operator, ":-" | "-" | ",") {
                continue;
            }
            match word.literal() {
                Some(text) if text.is_empty() => {}
                Some(text) => found.push((name.as_str(), text)),
                // A default may be a variable with a default of its own.
                None => found.extend(word.defaults()),
            }
        }
        found
    }

    /// As it stands, with literal secrets masked: all text of a secret's value, the defaults of variables whose
    /// names are secrets' names, and what looks like a secret in other text.
    pub fn masked(&self, is_secret: bool) -> String {
        let mut shown = String::new();
        for part in &self.parts {
            match part {
                Part::Text(_) if is_secret => push_mask(&mut shown),
                Part::Text(text) => shown.push_str(&redact::mask_text(text)),
                Part::Variable { name, written: Written::Bare, .. } if is_secret && !self.is_bare_variable(name) => {
                    // `pa$word` is a password as long as there is no variable `word`.
                    push_mask(&mut shown);
                }
                Part::Reference { path } => {
                    let _ = write!(shown, "${{{path}}}");
                }
                Part::Variable { name, operator, written } => {
                    let word = operator.as_ref().map_or_else(String::new, |(operator, word)| {
                        format!("{operator}{}", word.masked(is_secret || redact::is_secret_name(name)))
                    });
                    match written {
                        Written::Bare => shown.push('$'),
                        Written::Braces => shown.push_str("${"),
                        Written::Resolver(prefix) => {
                            let _ = write!(shown, "${{{prefix}");
                        }
                    }
                    shown.push_str(name);
                    shown.push_str(&word);
                    if *written != Written::Bare {
                        shown.push('}');
                    }
                }
            }
        }
        shown
    }
}

impl Part {
    fn parse(body: &str, syntax: Syntax, depth: usize) -> Option<Self> {
        if depth > DEPTH_LIMIT {
            return None;
        }
        for prefix in ["oc.env:", "env:"] {
            if let Some(inner) = body.strip_prefix(prefix) {
                let (name, default) = inner.split_once(',').map_or((inner, None), |(name, word)| (name, Some(word)));
                let operator = default.map(|word| (",", Template::parse_nested(word, syntax, depth + 1)));
                let (name, written) = (name.trim().to_owned(), Written::Resolver(prefix));
                return is_variable_name(&name).then_some(Self::Variable { name, operator, written });
            }
        }
        let end = body.find(|c: char| !is_name_character(c)).unwrap_or(body.len());
        let (name, behind) = body.split_at(end);
        if is_variable_name(name) {
            if behind.is_empty() {
                return Some(Self::Variable { name: name.to_owned(), operator: None, written: Written::Braces });
            }
            for operator in [":-", ":?", ":+", "-", "?", "+"] {
                if let Some(word) = behind.strip_prefix(operator) {
                    let operator = Some((operator, Template::parse_nested(word, syntax, depth + 1)));
                    return Some(Self::Variable { name: name.to_owned(), operator, written: Written::Braces });
                }
            }
        }
        let is_path =
            body.contains('.') && body.split('.').all(|key| !key.is_empty() && key.chars().all(is_path_character));
        is_path.then(|| Self::Reference { path: body.to_owned() })
    }
}

fn push_text(parts: &mut Vec<Part>, literal: &mut String) {
    if !literal.is_empty() {
        parts.push(Part::Text(std::mem::take(literal)));
    }
}

/// A mask, unless one stands there already.
fn push_mask(shown: &mut String) {
    if !shown.ends_with(MASK) {
        shown.push_str(MASK);
    }
}

/// The brace that closes a `${`, past nested ones.
fn closing_brace(body: &str) -> Option<usize> {
    let mut depth = 0;
    let mut before = b' ';
    for (index, byte) in body.bytes().enumerate() {
        match byte {
            b'{' if before == b'$' => depth += 1,
            b'}' if depth == 0 => return Some(index),
            b'}' => depth -= 1,
            _ => {}
        }
        before = byte;
    }
    None
}

fn is_name_character(character: char) -> bool {
    character.is_ascii_alphanumeric() || character == '_'
}

fn is_path_character(character: char) -> bool {
    is_name_character(character) || character == '-'
}

fn is_variable_name(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') && name.chars().all(is_name_character)
}

#[cfg(test)]
mod tests {
    use super::resolve::{LENGTH_LIMIT, STEP_LIMIT};
    use super::*;
    use std::collections::HashMap;

    struct Map(HashMap<&'static str, &'static str>);

    impl Lookup for Map {
        fn variable(&self, name: &str) -> Option<(String, Syntax)> {
            self.0.get(name).map(|text| ((*text).to_owned(), Syntax::Shell))
        }
        fn reference(&self, path: &str) -> Option<(String, Syntax)> {
            self.variable(path)
        }
    }

    fn known() -> Map {
        Map([("A", "a"), ("EMPTY", ""), ("LOOP", "${LOOP}"), ("L1", "$L2$L2"), ("L2", "$L1$L1"), ("db.host", "h-${A}")]
            .into())
    }

    #[test]
    fn templates_are_resolved() {
        for (text, expected, missing) in [
            ("x", "x", 0),
            ("${A}", "a", 0),
            ("${B:-${A}}", "a", 0),
            ("${B:-${C:-x}y}z", "xyz", 0),
            ("${EMPTY:-d}", "d", 0),
            ("${EMPTY-d}", "", 0),
            ("${A:+other}", "other", 0),
            ("${B:+other}", "", 0),
            ("${B:?needed}", "${B}", 1),
            ("${oc.env:A}:${oc.env:B,5432}", "a:5432", 0),
            ("p://${db.host}/${db.name}", "p://h-a/${db.name}", 1),
            ("$A pa$$w0rd $nope", "a pa$$w0rd $nope", 0),
            ("${LOOP}", "${LOOP}", 1),
            ("${", "${", 0),
            ("${not a name}", "${not a name}", 0),
        ] {
            let resolved = Template::parse(text, Syntax::Shell).resolve(&known());
            assert_eq!((resolved.text.as_str(), resolved.missing.len()), (expected, missing), "{text}");
        }
        assert_eq!(Template::parse("\\$A \\${A}", Syntax::Shell).resolve(&known()).text, "$A ${A}");
        assert_eq!(Template::parse("pa$$A ${A}", Syntax::Compose).resolve(&known()).text, "pa$A a");
        assert_eq!(Template::parse("$A ${A}", Syntax::Braces).resolve(&known()).text, "$A a");
        assert_eq!(Template::parse("$A ${A}", Syntax::Verbatim).resolve(&known()).text, "$A ${A}");
    }

    #[test]
    fn defaults_are_found() {
        for (text, expected) in [
            ("x", &[][..]),
            ("${A} ${B:?needed} ${C:+other} ${D:-}", &[]),
            ("${A:-x}@${B-y}", &[("A", "x"), ("B", "y")]),
            ("${oc.env:A,x}", &[("A", "x")]),
            ("${A:-${B:-x}}", &[("B", "x")]),
        ] {
            let template = Template::parse(text, Syntax::Braces);
            let found = template.defaults();
            let found: Vec<_> = found.iter().map(|(name, text)| (*name, text.as_str())).collect();
            assert_eq!(found, expected, "{text}");
        }
        assert_eq!(Template::parse("${A:-x}", Syntax::Braces).only_variable(), Some("A"));
        assert_eq!(Template::parse("a${A}", Syntax::Braces).only_variable(), None);
    }

    #[test]
    fn what_refers_to_itself_ends() {
        assert!(Template::parse("${L1}", Syntax::Shell).resolve(&known()).text.len() < LENGTH_LIMIT);
    }

    #[test]
    fn secrets_are_masked_and_variables_stand() {
        for (text, is_secret, expected) in [
            ("canary", true, "********"),
            ("${PW}", true, "${PW}"),
            ("${PW:-canary}", true, "${PW:-********}"),
            ("${PW:-${OTHER:-canary}}", true, "${PW:-${OTHER:-********}}"),
            ("canary${PW}", true, "********${PW}"),
            ("${DB_PASSWORD:-canary}", false, "${DB_PASSWORD:-********}"),
            ("${HOST:-localhost}", false, "${HOST:-localhost}"),
            ("${oc.env:PW,canary}", true, "${oc.env:PW,********}"),
            ("${a.b}:$X", false, "${a.b}:$X"),
            ("pa$canary", true, "********"),
            ("$canary", true, "********"),
            ("$PW", true, "$PW"),
            ("pa${PW}$canary", true, "********${PW}********"),
            ("h/?token=canary&x=${Y}", false, "h/?token=********&x=${Y}"),
        ] {
            assert_eq!(Template::parse(text, Syntax::Shell).masked(is_secret), expected, "{text}");
        }
    }

    /// Whatever refers to whatever: every name stands for some text that may refer to every other.
    struct Maze(Vec<String>);

    impl Lookup for Maze {
        fn variable(&self, name: &str) -> Option<(String, Syntax)> {
            let index = usize::from(name.as_bytes().last()? - b'0');
            self.0.get(index).map(|text| (text.clone(), Syntax::Shell))
        }
        fn reference(&self, path: &str) -> Option<(String, Syntax)> {
            self.variable(path)
        }
    }

    proptest::proptest! {
        #[test]
        fn expansion_ends(texts in proptest::collection::vec("(\\$\\{V[0-4](:-)?|\\$\\{a\\.V[0-4]|\\}|\\$V[0-4]|[a-z$\\\\]){0,24}", 5)) {
            for text in &texts {
                for syntax in [Syntax::Braces, Syntax::Shell, Syntax::Compose, Syntax::Verbatim] {
                    let template = Template::parse(text, syntax);
                    let resolved = template.resolve(&Maze(texts.clone()));
                    proptest::prop_assert!(resolved.text.len() <= LENGTH_LIMIT);
                    proptest::prop_assert!(resolved.used.len() <= STEP_LIMIT);
                }
            }
        }

        #[test]
        fn any_text_is_shown_and_resolved(text in "\\PC*", is_secret: bool) {
            for syntax in [Syntax::Braces, Syntax::Shell, Syntax::Compose, Syntax::Verbatim] {
                let template = Template::parse(&text, syntax);
                let shown = template.masked(is_secret);
                if template.is_literal() && is_secret && !text.is_empty() {
                    proptest::prop_assert_eq!(shown, MASK);
                }
            }
        }
    }
}
