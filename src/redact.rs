//! What must not be seen, and what must not reach a terminal: the type of a secret, masking and escaping.
//!
//! Every output of dbcfg passes through this room: a secret is a [`Secret`], which has no way to be printed;
//! free text (a message of a library, a value of unknown meaning) goes through [`mask_text`] and [`escape`].

use std::borrow::Cow;
use std::fmt;

/// What stands for a literal secret in every output. A mask is never written into a configuration file.
pub const MASK: &str = "********";

/// A text that is never printed.
///
/// It has no `Display`, its `Debug` shows the mask, and it does not implement `Serialize`.
/// Memory is not wiped on drop: the text of the file that it was read from lives as long as the run anyway,
/// so wiping the copy alone would promise more than it keeps.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Secret(Box<str>);

impl Secret {
    /// Takes a text out of sight.
    pub fn new(text: impl Into<Box<str>>) -> Self {
        Self(text.into())
    }

    /// The text itself: for comparing, for resolving and for logging in, never for output.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Whether the secret is the empty text, which no server takes for a password.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(MASK)
    }
}

/// Whether a key, variable or parameter of this name holds a secret (`DB_PASSWORD`, `jwt_secret_key`, `sslpassword`).
///
/// The meaning of the name decides, not the look of the value: most real passwords look like words.
/// Names that only say where a secret is kept (`password_file`, `secret_name`, `ssl_key`) do not count.
pub fn is_secret_name(name: &str) -> bool {
    const ELSEWHERE: &[&str] = &[
        "_file",
        "_path",
        "_minutes",
        "_days",
        "_seconds",
        "_name",
        "_arn",
        "_ref",
        "_length",
        "_type",
        "_url",
        "_expiry",
        "_algorithm",
        "_required",
        "_enabled",
        "_id_format",
        "_count",
        "_policy",
        "tokens",
    ];
    const SECRET: &[&str] = &[
        "password",
        "passwd",
        "passphrase",
        "pwd",
        "secret",
        "token",
        "api_key",
        "apikey",
        "access_key",
        "accesskey",
        "private_key",
        "signing_key",
        "encryption_key",
        "credentials_json",
        "role_id",
        "auth_key",
        "jwt_key",
        "account_key",
        "connection_string",
    ];
    let name = name.to_ascii_lowercase().replace(['-', '.'], "_");
    if name == "pass" || name.ends_with("_pass") {
        return true;
    }
    SECRET.iter().any(|word| name.contains(word)) && !ELSEWHERE.iter().any(|tail| name.ends_with(tail))
}

/// Makes text safe for a terminal: control characters, bidirectional overrides and invisible characters are
/// written as `\u{..}`, a line break as `\n`.
pub fn escape(text: &str) -> Cow<'_, str> {
    if !text.chars().any(is_hostile) {
        return Cow::Borrowed(text);
    }
    let mut safe = String::with_capacity(text.len() + 16);
    for character in text.chars() {
        match character {
            '\n' => safe.push_str("\\n"),
            '\r' => safe.push_str("\\r"),
            '\t' => safe.push_str("\\t"),
            hostile if is_hostile(hostile) => safe.extend(hostile.escape_unicode()),
            plain => safe.push(plain),
        }
    }
    Cow::Owned(safe)
}

/// Control characters, and the format characters that reorder or hide text (Unicode TR 36, TR 39).
fn is_hostile(character: char) -> bool {
    character.is_control()
        || matches!(character,
            '\u{00AD}' | '\u{061C}' | '\u{180E}' | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}'
            | '\u{2060}'..='\u{206F}' | '\u{FEFF}' | '\u{FFF9}'..='\u{FFFB}' | '\u{E0000}'..='\u{E007F}')
}

/// Masks what can be a secret in text of unknown meaning: the user's password in every URL, and the value after
/// every `name=` or `name:` whose name is a secret's. Masks rather too much than too little.
pub fn mask_text(text: &str) -> Cow<'_, str> {
    let mut spans = url_password_spans(text);
    spans.extend(assignment_spans(text));
    if spans.is_empty() {
        return Cow::Borrowed(text);
    }
    spans.sort_unstable();
    let mut masked = String::with_capacity(text.len());
    let mut done = 0;
    for (start, end) in spans {
        if end <= done {
            continue;
        }
        let start = start.max(done);
        masked.push_str(&text[done..start]);
        if !masked.ends_with(MASK) {
            masked.push_str(MASK);
        }
        done = end;
    }
    masked.push_str(&text[done..]);
    Cow::Owned(masked)
}

/// Masked and escaped: what a message may show of a text that came from a file, a variable or a server.
pub fn show_text(text: &str) -> String {
    escape(&mask_text(text)).into_owned()
}

/// Byte ranges of passwords in `scheme://user:password@`. The password reaches to the last `@` before white space
/// or a quote, since a stray `@`, `/` or `#` in a password moves every later boundary.
fn url_password_spans(text: &str) -> Vec<(usize, usize)> {
    let mut spans = Vec::new();
    let mut from = 0;
    while let Some(found) = text[from..].find("://") {
        let start = from + found + 3;
        let rest = &text[start..];
        let token = &rest[..rest
            .find(|c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '`' | '<' | '>'))
            .unwrap_or(rest.len())];
        if let Some(at) = token.rfind('@')
            && let Some(colon) = token[..at].find(':')
        {
            spans.push((start + colon + 1, start + at));
        }
        from = start;
    }
    spans
}

/// Byte ranges of values in `password=value`, `"password": "value"`, `token: value`.
fn assignment_spans(text: &str) -> Vec<(usize, usize)> {
    let mut spans = Vec::new();
    for (at, separator) in text.match_indices(['=', ':']) {
        let name = text[..at].trim_end().trim_end_matches(['"', '\'']);
        let name_start = name
            .rfind(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | '-')))
            .map_or(0, |found| found + name[found..].chars().next().map_or(1, char::len_utf8));
        // The default of a `${PASSWORD:-...}` is a template's, which `Template::masked` shows with all that is in it.
        if !is_secret_name(&name[name_start..]) {
            continue;
        }
        if name[..name_start].ends_with("${") {
            spans.extend(default_span(text, at));
            continue;
        }
        let after = at + separator.len();
        let value = text[after..].trim_start_matches([' ', '\t']);
        let start = text.len() - value.len();
        let end = match value.chars().next() {
            None => continue,
            Some(quote @ ('"' | '\'')) => start + 1 + value[1..].find(quote).unwrap_or(value.len() - 1),
            // A Prisma or JDBC string separates with `;`, a URL with `&`, a list with `,`.
            Some(_) => start + value.find(|c: char| c.is_whitespace() || matches!(c, '&' | ';')).unwrap_or(value.len()),
        };
        let start = if value.starts_with(['"', '\'']) { start + 1 } else { start };
        if end > start && !text[start..end].starts_with("${") && &text[start..end] != MASK {
            spans.push((start, end));
        }
    }
    spans
}

/// Byte range of the default in `${PASSWORD:-default}`, whose colon stands at `at`.
fn default_span(text: &str, at: usize) -> Option<(usize, usize)> {
    let word = text[at..].trim_start_matches([':', '-', '?', '+', '=']);
    let start = text.len() - word.len();
    let end = start + word.find('}').unwrap_or(word.len());
    (end > start && !word.starts_with("${") && !word.starts_with(MASK)).then_some((start, end))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_not_printed() {
        assert_eq!(format!("{:?}", Secret::new("canary")), MASK);
    }

    #[test]
    fn names_of_secrets() {
        for name in [
            "password",
            "DB_PASSWORD",
            "jwt_secret_key",
            "JWT_SECRET_KEY",
            "sslpassword",
            "api-key",
            "db_pass",
            "VAULT_TOKEN",
            "aws_secret_access_key",
        ] {
            assert!(is_secret_name(name), "{name}");
        }
        for name in [
            "password_file",
            "host",
            "ssl_key",
            "JWT_ACCESS_TOKEN_EXPIRE_MINUTES",
            "max_tokens",
            "compass",
            "passive",
            "JWT_ALGORITHM",
        ] {
            assert!(!is_secret_name(name), "{name}");
        }
    }

    #[test]
    fn text_is_masked() {
        for (text, expected) in [
            ("postgresql://u:pw@h/db", "postgresql://u:********@h/db"),
            ("postgresql://u:p@ss#w/rd@h", "postgresql://u:********@h"),
            ("see redis://:pw@h, or http://h/", "see redis://:********@h, or http://h/"),
            ("host=h password=pw port=1", "host=h password=******** port=1"),
            ("password='p w' x", "password='********' x"),
            (r#"{"password": "pw"}"#, r#"{"password": "********"}"#),
            (
                "jdbc:postgresql://h/db?user=u&password=pw&ssl=true",
                "jdbc:postgresql://h/db?user=u&password=********&ssl=true",
            ),
            ("password: ${PW}", "password: ${PW}"),
            ("at ${DB_PASSWORD:-pw}/x", "at ${DB_PASSWORD:-********}/x"),
            ("${DB_PASSWORD:-********}", "${DB_PASSWORD:-********}"),
            ("${DB_PASSWORD:-${OTHER_TOKEN:-pw}}", "${DB_PASSWORD:-${OTHER_TOKEN:-********}}"),
            ("nothing here", "nothing here"),
        ] {
            assert_eq!(mask_text(text), expected);
        }
    }

    #[test]
    fn hostile_text_is_escaped() {
        assert_eq!(escape("a\u{1b}[31mb\u{202e}c\nd"), "a\\u{1b}[31mb\\u{202e}c\\nd");
        assert!(matches!(escape("grün 表"), Cow::Borrowed(_)));
    }
}
