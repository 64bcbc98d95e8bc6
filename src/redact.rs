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
        "credentials_base64",
        "credentials_info",
        "role_id",
        "auth_key",
        "jwt_key",
        "account_key",
        "connection_string",
    ];
    // Most names hold no beginning of these words, and need not be copied to see that.
    const BEGINNINGS: &[&[u8; 3]] = &[b"pas", b"pwd", b"sec", b"tok", b"api", b"key", b"cre", b"rol", b"rin"];
    let begins = |bytes: &[u8]| BEGINNINGS.iter().any(|known| bytes.eq_ignore_ascii_case(&known[..]));
    if !name.as_bytes().windows(3).any(begins) {
        return false;
    }
    let name = name.to_ascii_lowercase().replace(['-', '.'], "_");
    if name == "pass" || name.ends_with("_pass") {
        return true;
    }
    SECRET.iter().any(|word| name.contains(word)) && !ELSEWHERE.iter().any(|tail| name.ends_with(tail))
}

/// Makes text safe for a terminal: control characters, bidirectional overrides and invisible characters are
/// written as `\u{..}`, a line break as `\n`.
pub fn escape(text: &str) -> Cow<'_, str> {
    if text.bytes().all(|byte| matches!(byte, b' '..=b'~')) || !text.chars().any(is_hostile) {
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

/// Masks what can be a secret in text of unknown meaning: the user's password in every URL, the value after every
/// `name=` or `name:` whose name is a secret's, and private keys. Masks rather too much than too little.
pub fn mask_text(text: &str) -> Cow<'_, str> {
    // Most values are a word, and every secret in a text stands behind one of these.
    if !text.bytes().any(|byte| matches!(byte, b':' | b'=' | b'@' | b' ' | b'\t' | b'\n' | b'$')) {
        return Cow::Borrowed(text);
    }
    mask(text, assignment_spans(text, &['=', ':', ' ', '\t', '\n']))
}

/// Masks the spans, and what is a secret wherever it stands.
fn mask(text: &str, mut spans: Vec<(usize, usize)>) -> Cow<'_, str> {
    spans.extend(url_password_spans(text));
    spans.extend(default_spans(text));
    spans.extend(key_spans(text));
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

/// Masked and escaped: what may be shown of a sentence about a server, in which its own words may stand, once the known
/// passwords were taken out. The word `password` alone hides nothing here: many such sentences are about passwords.
pub fn show_said(text: &str) -> String {
    // So a sentence of ours ends before the words of a server; what follows is no password.
    const OURS: &str = "the password: ";
    let shown = |text: &str| escape(&mask(text, assignment_spans(text, &['=', ':']))).into_owned();
    match text.split_once(OURS) {
        Some((ours, theirs)) => format!("{}{OURS}{}", shown(ours), shown(theirs)),
        None => shown(text),
    }
}

/// Masked and escaped: what may be shown of a sentence of our own, whose names were masked when it was made. A colon
/// behind the name of a password is that of a sentence here; a URL and a `password=` would be a slip.
pub fn show_hint(text: &str) -> String {
    escape(&mask(text, assignment_spans(text, &['=']))).into_owned()
}

/// Byte ranges of passwords in `scheme://user:password@`, and in `user:password@` without a scheme, which is what a
/// misspelt scheme leaves. The password reaches to the last `@` before the next URL, since a stray `@`, `/`, `#`,
/// quote or space in a password moves every later boundary.
fn url_password_spans(text: &str) -> Vec<(usize, usize)> {
    let mut starts = vec![0];
    for (at, _) in text.match_indices("://") {
        let scheme = text[..at].rfind(|c: char| !(c.is_ascii_alphanumeric() || "+-._".contains(c)));
        // A scheme inside a password is no new URL.
        if scheme.is_none_or(|before| text[before..].starts_with([' ', '\t', '\n', ',', ';', '(', '"', '\'', '`', '<']))
        {
            starts.push(at + 3);
        }
    }
    let ends: Vec<usize> = starts.iter().skip(1).map(|start| start - 3).chain([text.len()]).collect();
    let spans = starts.into_iter().zip(ends).flat_map(|(start, end)| {
        // The default of a variable may be a URL too; it ends no other.
        let nested = text[start..end].match_indices("://").map(move |(at, _)| start + at + 3).take(NESTED_URLS);
        std::iter::once(start).chain(nested).filter_map(move |start| login_span(text, start, end))
    });
    spans.filter(|(from, to)| to > from && !is_shown_in_secret(&text[*from..*to])).collect()
}

/// Nobody nests more URLs in a text; each is looked through.
const NESTED_URLS: usize = 20;

/// The password of a URL whose scheme ends before `start`, or the token that stands in place of user and password.
fn login_span(text: &str, start: usize, end: usize) -> Option<(usize, usize)> {
    const DATABASES: &[&str] = &["postgres", "mysql", "mariadb", "mssql", "oracle", "mongodb"];
    let end = start + text[start..end].rfind('@')?;
    if let Some(colon) = first_colon(&text[start..end]) {
        return Some((start + colon + 1, end));
    }
    let scheme = text[..start].strip_suffix("://")?;
    let from =
        scheme.char_indices().rev().take(SCHEME).take_while(|(_, c)| c.is_ascii_alphanumeric() || "+-._".contains(*c));
    let scheme = from.last().map_or("", |(from, _)| &scheme[from..]);
    if DATABASES.iter().any(|known| scheme.contains(known)) {
        // A user alone is no secret.
        return None;
    }
    let first = &text[start..=end];
    let first = &first[..first.find(|c: char| c.is_whitespace() || "/?#@".contains(c))?];
    // An `@` behind a host is part of the path or of an address.
    let is_host = !text[start + first.len()..].starts_with('@')
        && (first.is_empty() || first == "localhost" || first.contains('.'));
    (!is_host).then_some((start, end))
}

/// No scheme is longer.
const SCHEME: usize = 40;

/// The first colon outside `${...}`.
fn first_colon(text: &str) -> Option<usize> {
    let mut depth = 0_u32;
    text.bytes().enumerate().find_map(|(index, byte)| {
        match byte {
            b'{' => depth += 1,
            b'}' => depth = depth.saturating_sub(1),
            b':' if depth == 0 => return Some(index),
            _ => {}
        }
        None
    })
}

/// Whether nothing of a text needs masking: it is masked already, or `${NAME}`, perhaps with such a default.
fn is_shown_in_secret(text: &str) -> bool {
    if text == MASK {
        return true;
    }
    let Some(body) = text.strip_prefix("${").and_then(|rest| rest.strip_suffix('}')) else { return false };
    let word = body.trim_start_matches(is_word);
    let default = word.trim_start_matches(':').strip_prefix(['-', '?', '+']);
    word.len() < body.len() && (word.is_empty() || default.is_some_and(is_shown_in_secret))
}

fn is_word(character: char) -> bool {
    character.is_alphanumeric() || matches!(character, '_' | '-')
}

/// Byte ranges of values in `password=value`, `"password": "value"`, `token: value`, `?sig=value`, `password value`.
fn assignment_spans(text: &str, separators: &[char]) -> Vec<(usize, usize)> {
    let mut spans: Vec<(usize, usize)> = Vec::new();
    for (at, separator) in text.match_indices(separators) {
        if spans.last().is_some_and(|(_, end)| at < *end) {
            continue;
        }
        let name = if matches!(separator, "=" | ":") { text[..at].trim_end() } else { &text[..at] };
        let name = name.strip_suffix(['"', '\'']).unwrap_or(name);
        let name_start = name
            .char_indices()
            .rev()
            // The longest name of a secret is a fraction of this; a text of separators stays cheap.
            .take(200)
            .take_while(|(_, character)| is_word(*character))
            .last()
            .map_or(name.len(), |(start, _)| start);
        let (before, name) = (&text[..name_start], &name[name_start..]);
        let is_secret = match separator {
            "=" | ":" => is_secret_name(name) || (before.ends_with(['?', '&']) && is_secret_in_query(name)),
            // A colon that was forgotten.
            _ => is_password_word(name) && !text[at..].trim_start().starts_with(['=', ':']),
        };
        // `${PASSWORD:-x}` is a template's.
        if !is_secret || before.ends_with("${") {
            continue;
        }
        let start = at + separator.len();
        let start = start + text[start..].len() - text[start..].trim_start_matches([' ', '\t']).len();
        let (start, end) =
            if matches!(separator, "=" | ":") { value_span(text, start, separator) } else { (start, text.len()) };
        if end > start && !is_shown_in_secret(&text[start..end]) {
            spans.push((start, end));
        }
    }
    spans
}

/// Names that are secrets' only among the parameters of a URL.
fn is_secret_in_query(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    matches!(name.as_str(), "sig" | "key" | "auth" | "jwt" | "code") || name.ends_with("signature")
}

/// Whether a word can only be about a password.
fn is_password_word(word: &str) -> bool {
    let lower = word.to_ascii_lowercase();
    ["password", "passwd", "pwd"].iter().any(|end| lower.ends_with(end))
}

/// Where a value ends: at its closing quote, or before the next `name=` (`name:`), else with the text.
fn value_span(text: &str, start: usize, separator: &str) -> (usize, usize) {
    let value = &text[start..];
    if let Some(quote) = value.chars().next().filter(|first| matches!(first, '"' | '\'')) {
        let closes = |at: usize| value[at + 1..].chars().next().is_none_or(|next| " \t\n,;&})]".contains(next));
        let end = value.match_indices(quote).map(|(at, _)| at).skip(1).find(|at| closes(*at));
        return (start + 1, start + end.unwrap_or(value.len()).max(1));
    }
    let is_next = |at: usize| {
        let rest = value[at + 1..].trim_start();
        let name = rest.find(|c: char| !is_word(c)).unwrap_or(rest.len());
        name > 0 && rest[name..].starts_with(separator)
    };
    // Names follow each other closely; further than this, what follows is masked too.
    let mut ends = value.match_indices([' ', '\t', '\n', '&', ';', ',']).map(|(at, _)| at).take(100);
    (start, start + ends.find(|at| is_next(*at)).unwrap_or(value.len()))
}

/// Byte ranges of the defaults in `${DB_PASSWORD:-default}` where no template was read: in single quotes, nested too
/// deep, or never closed.
fn default_spans(text: &str) -> Vec<(usize, usize)> {
    let mut spans = Vec::new();
    for (count, (at, _)) in text.match_indices("${").enumerate() {
        if count == 1000 {
            // Nobody writes this; it would only take long.
            spans.push((at, text.len()));
            break;
        }
        let body = &text[at + 2..];
        let length = body.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(body.len());
        let rest = body[length..].trim_start_matches(':');
        if !is_secret_name(&body[..length]) || !rest.starts_with(['-', '?', '+']) {
            continue;
        }
        let start = text.len() - rest.len() + 1;
        let end = text[start..].find('}').map_or(text.len(), |end| start + end);
        if !text[start..end].contains(MASK) && end > start && !is_shown_in_secret(&text[start..text.len().min(end + 1)])
        {
            spans.push((start, end));
        }
    }
    spans
}

/// Byte ranges of private keys that stand in place of the path of one.
fn key_spans(text: &str) -> Vec<(usize, usize)> {
    const HEAD: &str = "PRIVATE KEY-----";
    let Some(begin) = text.find("-----BEGIN") else { return Vec::new() };
    let Some(start) = text[begin..].find(HEAD).map(|at| begin + at + HEAD.len()) else { return Vec::new() };
    let end = text[start..].rfind("-----END").map_or(text.len(), |end| start + end);
    if end > start { vec![(start, end)] } else { Vec::new() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_not_printed() {
        assert_eq!(format!("{:?}", Secret::new("canary")), MASK);
    }

    #[test]
    fn what_is_said_about_passwords_can_be_read() {
        for (text, expected) in [
            ("password authentication failed for user \"app\"", "password authentication failed for user \"app\""),
            (
                "no user for postgres://app:canary@db.example.com/x",
                "no user for postgres://app:********@db.example.com/x",
            ),
            ("bad option password=canary", "bad option password=********"),
            (
                "the server rejects the user or the password: password authentication failed for user \"app\"",
                "the server rejects the user or the password: password authentication failed for user \"app\"",
            ),
            ("no, not the password: password=canary", "no, not the password: password=********"),
            ("\u{1b}[2Jgone", "\\u{1b}[2Jgone"),
        ] {
            assert_eq!(show_said(text), expected);
        }
    }

    #[test]
    fn hints_keep_their_sentences() {
        for (text, expected) in [
            ("it comes from DB_PASSWORD: try it by hand", "it comes from DB_PASSWORD: try it by hand"),
            ("add `password: \"${X}\"` there", "add `password: \"${X}\"` there"),
            ("say password=canary", "say password=********"),
            ("see postgres://app:canary@db.example.com/x", "see postgres://app:********@db.example.com/x"),
        ] {
            assert_eq!(show_hint(text), expected);
        }
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
            ("postgresql//u:pw@h/d", "postgresql//u:********@h/d"),
            ("postgresql:/u:pw@h/d", "postgresql:********@h/d"),
            ("u:p w@h", "u:********@h"),
            ("postgresql://u:p w\"@h/d, redis://:x@h", "postgresql://u:********@h/d, redis://:********@h"),
            ("postgresql://u:a://pw@h/d", "postgresql://u:********@h/d"),
            ("postgresql://${U:-x}:${P}@h", "postgresql://${U:-x}:${P}@h"),
            ("postgresql://u:${P:-pw}@h", "postgresql://u:********@h"),
            ("password='it's \"pw\"' x", "password='********' x"),
            ("password=a&pw&ssl=true", "password=********&ssl=true"),
            ("password=a pw b dbname=d", "password=******** dbname=d"),
            ("h password pw", "h password ********"),
            ("the password: pw", "the password: ********"),
            ("https://h/?a=1&sig=pw&b=2", "https://h/?a=1&sig=********&b=2"),
            ("${DB_PASSWORD:-pw}", "${DB_PASSWORD:-********}"),
            ("${DB_PASSWORD-pw", "${DB_PASSWORD-********"),
            ("${DB_PASSWORD:-${X:-********}}", "${DB_PASSWORD:-${X:-********}}"),
            ("-----BEGIN PRIVATE KEY-----\npw\n-----END", "-----BEGIN PRIVATE KEY-----********-----END"),
            ("at ${DB_PASSWORD:-pw}/x", "at ${DB_PASSWORD:-********}/x"),
            ("https://h/?token=${T:-${U:-********}}", "https://h/?token=${T:-${U:-********}}"),
            ("https://pw@h/x", "https://********@h/x"),
            ("https://p#w@h/x", "https://********@h/x"),
            ("https://${TOKEN}@h/x", "https://${TOKEN}@h/x"),
            ("https://h.example/@a?b=c@d", "https://h.example/@a?b=c@d"),
            ("http://localhost/, or mail a@b", "http://localhost/, or mail a@b"),
            ("postgresql://u@h/d", "postgresql://u@h/d"),
            ("${X:-postgresql://u:p w@h/d}", "${X:-postgresql://u:********@h/d}"),
            ("${X:-https://pw@h}", "${X:-https://********@h}"),
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
