//! What can be wrong with a text, in words that name the likely cause and the way out.
//!
//! The words are ours: messages of parser libraries quote values, and a value may be a password.

use super::{EXPANSION_LIMIT, NODE_LIMIT, SIZE_LIMIT, Span};

/// Something wrong with a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// What it is.
    pub kind: ProblemKind,
    /// Where it is.
    pub span: Span,
}

impl Problem {
    pub(super) fn new(kind: ProblemKind, span: Span) -> Self {
        Self { kind, span }
    }
}

/// The kinds of problems. None holds a value of the text; names of keys and anchors are as written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProblemKind {
    /// More than [`SIZE_LIMIT`] bytes.
    TooLarge,
    /// More than [`NODE_LIMIT`] nodes.
    TooManyNodes,
    /// Nested deeper than the parser goes.
    TooDeep,
    /// Aliases that stand for more than [`EXPANSION_LIMIT`] nodes.
    AliasBomb,
    /// An alias inside the section that it stands for.
    AliasCycle,
    /// Bytes that are not UTF-8.
    NotUtf8 {
        /// How many bytes.
        count: usize,
    },
    /// UTF-16 with a byte order mark.
    Utf16,
    /// NUL characters.
    Nul {
        /// How many.
        count: usize,
    },
    /// A marker that a tool for scrubbing histories left unquoted (`***REMOVED***`).
    Scrubbed,
    /// An alias without an anchor.
    UnknownAnchor {
        /// The name behind the `*`.
        name: String,
        /// The key of the section that was most likely meant.
        guess: Option<Span>,
    },
    /// A key that stands twice in one mapping.
    DuplicateKey {
        /// The key.
        key: String,
        /// Where it stood before.
        first: Span,
    },
    /// The text does not follow the rules of its format.
    Syntax(Cause),
}

/// Likely causes of a syntax error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// A tab where YAML wants spaces.
    Tab,
    /// An unquoted value that starts with a character that YAML keeps for itself.
    ReservedStart(char),
    /// An unquoted `{{ ... }}` of a template language.
    TemplateBraces,
    /// A quote that is never closed, or text behind a closed one.
    Quotes,
    /// A backslash in double quotes that starts no escape.
    Escape,
    /// `: ` inside an unquoted value.
    ColonInValue,
    /// `key:value` without a space.
    NoColon,
    /// A line whose indentation fits nothing above it.
    Indentation,
    /// A bracket or brace that is not closed, or closed twice.
    Brackets,
    /// An unknown tag handle (`!name!`).
    Tag,
    /// A comment where the format has none, or not separated by a space.
    Comment,
    /// A comma that is missing or one too many.
    Comma,
    /// A value that is missing behind `=` or `:`.
    MissingValue,
    /// A value that its format wants in quotes.
    NeedsQuotes,
    /// A line that is no `key = value`, section or comment.
    NotAnAssignment,
    /// A setting above the first section of an INI file.
    NoSection,
    /// A key that cannot be one.
    Key,
    /// Single quotes where JSON wants double ones.
    SingleQuotes,
    /// A control character inside quotes.
    Control,
    /// Text behind the end of the only value of a file.
    Trailing,
    /// A part of the file that belongs to no table or mixes two ways of defining one.
    Table,
    /// Anything else.
    Other,
}

impl ProblemKind {
    /// What is wrong, as a sentence without its full stop.
    pub fn message(&self) -> String {
        let mib = SIZE_LIMIT >> 20;
        match self {
            Self::TooLarge => format!("larger than {mib} MiB, so it was not read"),
            Self::TooManyNodes => format!("more than {NODE_LIMIT} keys and values; the rest was not read"),
            Self::TooDeep => "nested too deep; what follows was not read".to_owned(),
            Self::AliasBomb => {
                format!("aliases that stand for more than {EXPANSION_LIMIT} values; they were not followed")
            }
            Self::AliasCycle => "an alias inside the very section that it stands for".to_owned(),
            Self::NotUtf8 { count: 1 } => "one byte that is not UTF-8".to_owned(),
            Self::NotUtf8 { count } => format!("{count} bytes that are not UTF-8"),
            Self::Utf16 => "a UTF-16 file".to_owned(),
            Self::Nul { count: 1 } => "a NUL character".to_owned(),
            Self::Nul { count } => format!("{count} NUL characters"),
            Self::Scrubbed => "a marker of a removed secret stands unquoted, so the file is not valid".to_owned(),
            Self::UnknownAnchor { name, .. } => format!("the alias `*{}` has no anchor", shown(name)),
            Self::DuplicateKey { key, .. } => format!("the key `{}` stands twice", shown(key)),
            Self::Syntax(cause) => cause.message(),
        }
    }

    /// What to do about it.
    pub fn help(&self) -> String {
        match self {
            Self::TooLarge | Self::TooManyNodes => {
                "a settings file of this size is most likely another kind of file; exclude it".to_owned()
            }
            Self::TooDeep => {
                "no settings need more than a few levels; look for brackets that are never closed".to_owned()
            }
            Self::AliasBomb => {
                "remove the aliases of aliases; a parser that expands them runs out of memory".to_owned()
            }
            Self::AliasCycle => "remove the alias or move the anchor".to_owned(),
            Self::NotUtf8 { .. } => {
                "save the file as UTF-8; it looks like Latin-1 or Windows-1252, or is damaged".to_owned()
            }
            Self::Utf16 => {
                "save it as UTF-8, for instance with `iconv -f UTF-16 -t UTF-8`; Windows PowerShell's `>` writes UTF-16"
                    .to_owned()
            }
            Self::Nul { .. } => "remove it; a NUL most often comes from a damaged copy or a binary file".to_owned(),
            Self::Scrubbed => "put the value back as a reference, quoted: \"${DB_PASSWORD}\"".to_owned(),
            Self::UnknownAnchor { name, guess: Some(_) } => format!(
                "add `&{name}` behind the colon of the section that is meant; it is read as if it stood there",
                name = shown(name)
            ),
            Self::UnknownAnchor { name, guess: None } => format!(
                "define `&{name}` above this line, or quote the value if it is meant to start with `*`",
                name = shown(name)
            ),
            Self::DuplicateKey { .. } => {
                "remove one of the two; most parsers take the last without a word, some refuse the file".to_owned()
            }
            Self::Syntax(cause) => cause.help().to_owned(),
        }
    }
}

impl Cause {
    fn message(self) -> String {
        match self {
            Self::Tab => "a tab in the indentation".to_owned(),
            Self::ReservedStart(character) => format!("an unquoted value starts with `{character}`"),
            Self::TemplateBraces => "an unquoted `{{ }}`".to_owned(),
            Self::Quotes => "a quote that does not close where the value ends".to_owned(),
            Self::Escape => "a backslash in double quotes that starts no known escape".to_owned(),
            Self::ColonInValue => "a colon inside an unquoted value".to_owned(),
            Self::NoColon => "a line without a key and its colon".to_owned(),
            Self::Indentation => "a line whose indentation fits nothing above it".to_owned(),
            Self::Brackets => "a bracket that is not closed, or not open".to_owned(),
            Self::Tag => "an unquoted value starts with `!`, which makes it a tag".to_owned(),
            Self::Comment => "a comment where there can be none".to_owned(),
            Self::Comma => "a comma that is missing or one too many".to_owned(),
            Self::MissingValue => "a key without a value".to_owned(),
            Self::NeedsQuotes => "a text without quotes".to_owned(),
            Self::NotAnAssignment => "a line that is neither a setting nor a section nor a comment".to_owned(),
            Self::NoSection => "a setting above the first section".to_owned(),
            Self::Key => "something that cannot be a key".to_owned(),
            Self::SingleQuotes => "a text in single quotes".to_owned(),
            Self::Control => "a tab or another control character in a text".to_owned(),
            Self::Trailing => "more text behind the end".to_owned(),
            Self::Table => "a table that is defined in two ways".to_owned(),
            Self::Other => "a place that does not follow the rules of the format".to_owned(),
        }
    }

    fn help(self) -> &'static str {
        match self {
            Self::Tab => "indent with spaces; YAML forbids tabs",
            Self::ReservedStart(_) | Self::TemplateBraces | Self::ColonInValue | Self::Tag => "put the value in quotes",
            Self::Quotes => "close the quote on the same line, and double a single quote inside single quotes",
            Self::Escape => "use single quotes for text with backslashes, or double them",
            Self::NoColon => "write `key: value`, with a space behind the colon",
            Self::Indentation => "give the line the same number of spaces as its neighbours",
            Self::Brackets => "close what is open, or quote the value if the bracket belongs to it",
            Self::Comment => "remove the comment; in YAML, put a space before `#`",
            Self::Comma => "put exactly one comma between two values, and none behind the last",
            Self::MissingValue => "write the value behind the key",
            Self::NeedsQuotes => "put the text in quotes",
            Self::NotAnAssignment => "complete the line or make it a comment",
            Self::NoSection => "put a line with the section's name in brackets above it",
            Self::Key => "use letters, digits, `_` and `-`, or quote the key",
            Self::SingleQuotes => "use double quotes; JSON knows no others",
            Self::Control => "write it as an escape: `\\t` for a tab, `\\n` for a line break",
            Self::Trailing => "remove it, or look above for a bracket that closes too early",
            Self::Table => "define it once: with one header, or with dotted keys",
            Self::Other => "look at this line and the one above it",
        }
    }
}

/// Names of keys and anchors are shown; but a file may have anything for a key.
fn shown(name: &str) -> String {
    let name = crate::redact::show_text(name);
    match name.char_indices().nth(60) {
        Some((end, _)) => format!("{}...", &name[..end]),
        None => name,
    }
}
