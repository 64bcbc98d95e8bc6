//! Our words for what the TOML parser says.

use toml_parser::decoder::Encoding;
use toml_parser::{Expected, ParseError};

use crate::document::problem::{Cause, ProblemKind};

/// The cause of an error. The parser tells its errors apart by their text alone.
pub(super) fn of(error: &ParseError) -> Cause {
    let expects_quote = || {
        let expected = error.expected().unwrap_or_default();
        expected.iter().any(|expected| matches!(expected, Expected::Literal("'" | "\"" | "'''" | "\"\"\"")))
    };
    match error.description() {
        "string values must be quoted" => Cause::NeedsQuotes,
        "missing opening quote" => Cause::Quotes,
        "missing escaped value" | "too few unicode value digits" | "invalid value" => Cause::Escape,
        "unclosed array"
        | "unclosed inline table"
        | "unclosed table"
        | "unclosed array table"
        | "missing array opening"
        | "missing inline table opening"
        | "missing table open" => Cause::Brackets,
        "missing value" => Cause::MissingValue,
        "key with no value"
        | "missing value for key"
        | "invalid key-value pair"
        | "missing assignment between key-value pairs"
        | "unexpected content" => Cause::NotAnAssignment,
        "invalid table"
        | "invalid key"
        | "invalid unquoted key"
        | "unquoted keys cannot be empty"
        | "keys cannot be multi-line literal strings"
        | "keys cannot be multi-line basic strings"
        | "missing key for inline table element" => Cause::Key,
        other if other.contains("comma") => Cause::Comma,
        other if other.ends_with("string") && expects_quote() => Cause::Quotes,
        _ => Cause::Other,
    }
}

/// Whether the parser gave up because of too many brackets.
pub(super) fn is_depth(error: &ParseError) -> bool {
    error.description().starts_with("cannot recurse further")
}

/// What is wrong with a single value, if anything is.
pub(super) fn of_scalar(
    raw: &str,
    encoding: Option<Encoding>,
    errors: &[ParseError],
    wrong_date: bool,
) -> Option<ProblemKind> {
    let error = errors.first();
    if error.is_none() && !wrong_date {
        return None;
    }
    Some(match (encoding, error) {
        _ if raw.is_empty() => ProblemKind::Syntax(Cause::MissingValue),
        (None, _) if raw.starts_with("***") => ProblemKind::Scrubbed,
        (None, Some(error)) if of(error) == Cause::Quotes => ProblemKind::Syntax(Cause::Quotes),
        // Also numbers that are none: a version, an address, `True`.
        (None, _) => ProblemKind::Syntax(Cause::NeedsQuotes),
        (Some(_), _) if !is_closed(raw) => ProblemKind::Syntax(Cause::Quotes),
        (Some(_), error) => ProblemKind::Syntax(error.map_or(Cause::Other, of)),
    })
}

/// Whether a string that starts with a quote ends with the same.
pub(super) fn is_closed(raw: &str) -> bool {
    ["\"\"\"", "'''", "\"", "'"].iter().find(|quote| raw.starts_with(**quote)).is_some_and(|quote| {
        let body = &raw[quote.len()..];
        let backslashes = body.strip_suffix(quote).map(|body| body.len() - body.trim_end_matches('\\').len());
        backslashes.is_some_and(|count| quote.starts_with('\'') || count % 2 == 0)
    })
}
