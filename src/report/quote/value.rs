//! What may be shown of a value, by the name of its key: a positive list.

use std::ops::Range;

use crate::document::{ScalarType, scalar};
use crate::model::Value;
use crate::redact::{self, MASK, Secret};
use crate::template::{Syntax, Template, is_placeholder};

use super::HIDDEN;
use super::url;

/// What the last words of a name are when its value is a text that is no secret and says nothing about one. A value of
/// any other name is shown only if its look tells what it is: a number, a switch, a variable, a placeholder, a URL.
const HARMLESS: &[&str] = &[
    "address",
    "adapter",
    "algorithm",
    "alternative",
    "backend",
    "bucket",
    "ca",
    "cert",
    "channel_binding",
    "cluster",
    "credential_ref",
    "database",
    "db",
    "dbname",
    "deployment",
    "dialect",
    "dir",
    "directory",
    "domain",
    "driver",
    "encoding",
    "endpoint",
    "engine",
    "env",
    "environment",
    "experiment",
    "fallback",
    "file",
    "host",
    "hostaddr",
    "hostname",
    "hosts",
    "image",
    "instance",
    "isolation_level",
    "level",
    "mode",
    "name",
    "namespace",
    "owner",
    "path",
    "provider",
    "ref",
    "reference",
    "region",
    "role",
    "same_server_as",
    "schema",
    "search_path",
    "server",
    "service",
    "ssl",
    "ssl_key",
    "sslcert",
    "sslkey",
    "sslmode",
    "sslrootcert",
    "strategy",
    "target_session_attrs",
    "timezone",
    "tls",
    "tls_key",
    "type",
    "user",
    "username",
    "version",
    "zone",
];

/// What the last words of a name are when its value is a URL, or the path of a file in place of one.
const URLS: &[&str] = &["url", "uri", "dsn", "store", "location", "root", "urls"];

/// What stands in place of a URL in settings of `MLflow`.
const WORDS: &[&str] = &["databricks", "auto_select", "uc"];

/// The key of a value.
#[derive(Clone, Copy)]
pub(super) struct Name<'text> {
    /// The key; of an item, that of its list.
    pub(super) name: &'text str,
    /// Whether the value is an item of a list.
    pub(super) is_item: bool,
}

impl Name<'_> {
    fn ends_with(self, endings: &[&str]) -> bool {
        let name = self.name.to_ascii_lowercase().replace(['-', '.'], "_");
        // What a list called `environment` holds are variables.
        let name = if self.is_item && name.starts_with("env") { "" } else { &name };
        let is_end =
            |ending: &&str| name.strip_suffix(*ending).is_some_and(|rest| rest.is_empty() || rest.ends_with('_'));
        endings.iter().any(is_end)
    }
}

/// The pieces of a value that are not shown as they are, with what is shown instead.
pub(super) fn pieces(name: Name<'_>, text: &str, syntax: Syntax, is_secret: bool) -> Vec<(Range<usize>, String)> {
    if is_secret {
        let is_null = matches!(text, "null" | "~");
        let shown = Value::Secret { text: Secret::new(text), syntax }.shown();
        return if is_null { Vec::new() } else { difference(text, &shown) };
    }
    if text.is_empty() || is_telling(text) || (is_placeholder(text) && redact::mask_text(text) == text) {
        return Vec::new();
    }
    let template = Template::parse(text, syntax);
    let hidden = || vec![(0..text.len(), HIDDEN.to_owned())];
    if url::is_url(text) {
        return url::pieces(text, syntax);
    }
    if name.ends_with(URLS) {
        let is_path = text.starts_with(['/', '.', '~']) || WORDS.contains(&text);
        if is_path && redact::mask_text(text) == text {
            return Vec::new();
        }
    } else if name.ends_with(HARMLESS) {
        return up_to_secret(text, &redact::mask_text(&template.masked(false)));
    }
    if (!template.is_literal() && !template.masked(true).contains(MASK)) || is_variables(text) {
        return Vec::new();
    }
    hidden()
}

/// Whether a text is variables and nothing but signs between them: `${HOST}:${PORT}`.
fn is_variables(text: &str) -> bool {
    let mut pieces = text.split("${");
    let is_signs = |text: &str| !text.chars().any(char::is_alphanumeric);
    let is_name = |name: &str| name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    text.contains("${")
        && pieces.next().is_some_and(is_signs)
        && pieces.all(|piece| piece.split_once('}').is_some_and(|(name, rest)| is_name(name) && is_signs(rest)))
}

/// Whether the look of a text tells what it is: a number, a switch, nothing, a time with its unit, ports.
fn is_telling(text: &str) -> bool {
    let unit = text.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.');
    let is_amount = unit.len() < text.len() && unit.len() <= 2 && unit.bytes().all(|byte| byte.is_ascii_alphabetic());
    let is_list = text.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b',' | b' '));
    is_amount || is_list || scalar::core(text) != ScalarType::Text || scalar::yaml_1_1(text) != ScalarType::Text
}

/// The variable and the text of `NAME=text`.
pub(super) fn assignment(text: &str) -> Option<(&str, &str)> {
    let (name, value) = text.split_once('=')?;
    let is_name = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.len() <= 100
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    is_name.then_some((name, value))
}

/// Where a text with a secret in it differs from what is shown of it: from the secret on, since a sign in it may have
/// ended it too early. Only the braces of variables may stand behind.
fn up_to_secret(text: &str, shown: &str) -> Vec<(Range<usize>, String)> {
    let mut pieces = difference(text, shown);
    if let Some((range, piece)) = pieces.last_mut()
        && !text[range.end..].bytes().all(|byte| byte == b'}')
    {
        range.end = text.len();
        MASK.clone_into(piece);
    }
    pieces
}

/// Where two texts differ: what stands between their common start and end.
pub(super) fn difference(text: &str, shown: &str) -> Vec<(Range<usize>, String)> {
    if text == shown {
        return Vec::new();
    }
    let start: usize = text.chars().zip(shown.chars()).take_while(|(a, b)| a == b).map(|(a, _)| a.len_utf8()).sum();
    let (rest, other) = (&text[start..], &shown[start..]);
    let backwards = rest.chars().rev().zip(other.chars().rev());
    let end: usize = backwards.take_while(|(a, b)| a == b).map(|(a, _)| a.len_utf8()).sum();
    vec![(start..text.len() - end, other[..other.len() - end].to_owned())]
}
