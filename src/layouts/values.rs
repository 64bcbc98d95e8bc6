//! Texts as values: of the type that a key takes, by the words that settings and variables use for them.

use crate::model::{Key, Kind, Value};
use crate::redact::Secret;
use crate::template::{self, Syntax};

/// Splits where a URL begins behind a comma or white space.
pub(super) fn split_urls(text: &str) -> Vec<&str> {
    let mut starts = vec![0];
    for (at, _) in text.match_indices("://") {
        let before = &text[..at];
        let scheme = before.rfind(|c: char| !(c.is_ascii_alphanumeric() || c == '+')).map_or(0, |end| end + 1);
        if scheme > 0 && before[..scheme].ends_with([',', ' ', '\n', '"', '\'']) {
            starts.push(scheme);
        }
    }
    let ends = starts.iter().skip(1).copied().chain([text.len()]);
    starts.iter().zip(ends).map(|(start, end)| &text[*start..end]).collect()
}

/// A value of the type that a key takes; nothing if the text is of another type.
pub(super) fn checked(key: Key, text: &str, syntax: Syntax) -> Option<Value> {
    let kind = key.info().kind;
    let open = || !template::Template::parse(text, syntax).is_literal() || template::is_placeholder(text);
    let as_text = |text: &str| Value::Text { text: text.to_owned(), syntax };
    match kind {
        Kind::Text | Kind::Path | Kind::Secret | Kind::Url => Some(typed(key, text, syntax, false)),
        Kind::Port if text.contains(',') && text.bytes().all(|b| b.is_ascii_digit() || matches!(b, b',' | b' ')) => {
            Some(as_text(text))
        }
        Kind::Port | Kind::Count => match text.trim().parse::<i64>() {
            Ok(number) => Some(Value::Integer(number)),
            Err(_) => open().then(|| as_text(text)),
        },
        Kind::Seconds => match text.trim().parse::<f64>() {
            Ok(number) if number.is_finite() => Some(seconds(text.trim(), number)),
            _ => open().then(|| as_text(text)),
        },
        Kind::Switch => switch(text).map(Value::Bool).or_else(|| open().then(|| as_text(text))),
    }
}

/// A value of the type that a key takes; text of another type stays text.
pub(super) fn typed(key: Key, text: &str, syntax: Syntax, hidden: bool) -> Value {
    let plain = || Value::Text { text: text.to_owned(), syntax };
    if hidden {
        return Value::Secret { text: Secret::new(text), syntax };
    }
    match key.info().kind {
        Kind::Secret => Value::Secret { text: Secret::new(text), syntax },
        Kind::Url => Value::Url { text: Secret::new(text), syntax },
        Kind::Text if key == Key::Engine && !text.contains('+') => {
            engine(text).map_or_else(plain, |engine| Value::Text { text: engine, syntax })
        }
        Kind::Text | Kind::Path => plain(),
        _ => checked(key, text, syntax).unwrap_or_else(plain),
    }
}

pub(super) fn text_value(text: &str, syntax: Syntax, is_secret: bool) -> Value {
    if is_secret {
        Value::Secret { text: Secret::new(text), syntax }
    } else {
        Value::Text { text: text.to_owned(), syntax }
    }
}

#[allow(clippy::cast_possible_truncation, reason = "a whole number below 2^53 loses nothing")]
pub(super) fn seconds(text: &str, number: f64) -> Value {
    if text.parse::<i64>().is_ok() || (number.fract() == 0.0 && number.abs() < 9e15 && !text.contains('.')) {
        Value::Integer(number as i64)
    } else {
        Value::Float(number)
    }
}

/// What switches are called in settings and variables.
pub fn switch(text: &str) -> Option<bool> {
    match text.trim().to_ascii_lowercase().as_str() {
        "true" | "yes" | "on" | "1" => Some(true),
        "false" | "no" | "off" | "0" => Some(false),
        _ => None,
    }
}

/// The canonical name of an engine, if the word names one.
pub fn engine(word: &str) -> Option<String> {
    let lower = word.trim().to_ascii_lowercase();
    let base = lower.split_once('+').map_or(lower.as_str(), |(base, _)| base);
    // Django and other frameworks name a module: `django.db.backends.postgresql`.
    let base = base.rsplit('.').next().unwrap_or(base);
    Some(
        match base {
            // Extensions of PostgreSQL are PostgreSQL.
            "postgres" | "postgresql" | "pgsql" | "psql" | "pg" | "psycopg2" | "postgis" | "timescaledb"
            | "pgvector" => "postgresql",
            "sqlite" | "sqlite3" => "sqlite",
            "mongo" => "mongodb",
            "mysql" | "mariadb" | "mssql" | "oracle" | "mongodb" | "redshift" | "cockroachdb" | "duckdb"
            | "snowflake" | "bigquery" | "clickhouse" => base,
            _ => return None,
        }
        .to_owned(),
    )
}

/// What a key takes, in words.
pub(super) fn wanted(key: Key) -> &'static str {
    match key.info().kind {
        Kind::Text | Kind::Secret | Kind::Url | Kind::Path => "a single value",
        Kind::Port => "a port number",
        Kind::Count => "a whole number",
        Kind::Seconds => "a number of seconds",
        Kind::Switch => "true or false",
    }
}
