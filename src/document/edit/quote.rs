//! How new texts, numbers and keys are written, so that every reader reads them as what they are.

use crate::document::scalar::{ScalarType, core, yaml_1_1};
use crate::document::{Format, ScalarStyle};

use super::NewValue;

/// How a value was written whose place a new one takes.
#[derive(Clone, Copy, Default)]
pub(super) struct Former {
    pub(super) style: Option<ScalarStyle>,
    /// Whether it held a `$`.
    pub(super) has_reference: bool,
}

/// A new single value; none if the format has no way to write it.
pub(super) fn scalar(format: Format, value: &NewValue, former: Former, in_flow: bool) -> Option<String> {
    match value {
        NewValue::Text(value) => text(format, value, former, in_flow),
        NewValue::Written(raw) => Some(raw.clone()),
        NewValue::Integer(number) => Some(number.to_string()),
        NewValue::Float(number) => float(format, *number),
        NewValue::Bool(truth) => Some(truth.to_string()),
        NewValue::Map(_) => Some("{}".to_owned()),
        NewValue::List(_) => Some("[]".to_owned()),
    }
}

/// A key.
pub(super) fn key(format: Format, key: &str, in_flow: bool) -> String {
    let is_bare = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    match format {
        Format::Toml if !key.is_empty() && key.chars().all(is_bare) => key.to_owned(),
        Format::Env | Format::Ini => key.to_owned(),
        _ => text(format, key, Former::default(), in_flow).unwrap_or_default(),
    }
}

fn text(format: Format, value: &str, former: Former, in_flow: bool) -> Option<String> {
    let is_single = former.style == Some(ScalarStyle::SingleQuoted);
    let is_line = !value.chars().any(char::is_control) && !value.contains(['\u{2028}', '\u{2029}', '\u{FEFF}']);
    Some(match format {
        Format::Yaml if is_single && is_line => format!("'{}'", value.replace('\'', "''")),
        Format::Yaml if former.style == Some(ScalarStyle::DoubleQuoted) => double_quoted(value),
        Format::Yaml if is_plain(value, in_flow) || keeps_plain(value, former, in_flow) => value.to_owned(),
        Format::Yaml => double_quoted(value),
        Format::Toml if is_single && is_line && !value.contains('\'') => format!("'{value}'"),
        Format::Toml => toml_quoted(value),
        Format::Json => serde_json::to_string(value).ok()?,
        Format::Env | Format::Ini => return env(value, former),
    })
}

/// Whether a text that refers to something may stay without quotes, as the one whose place it takes was.
fn keeps_plain(text: &str, former: Former, in_flow: bool) -> bool {
    let was_plain = former.has_reference && former.style == Some(ScalarStyle::Plain);
    was_plain && !in_flow && is_plain(&text.replace("${", "x").replace('}', "x"), false)
}

fn float(format: Format, number: f64) -> Option<String> {
    let special = |infinite: &str, nan: &str| match number {
        _ if number.is_nan() => nan.to_owned(),
        _ if number < 0.0 => format!("-{infinite}"),
        _ => infinite.to_owned(),
    };
    match format {
        _ if number.is_finite() => Some(format!("{number:?}")),
        Format::Toml => Some(special("inf", "nan")),
        Format::Json => None,
        _ => Some(special(".inf", ".nan")),
    }
}

/// Whether a text without quotes is that text to readers of YAML 1.1 and of YAML 1.2.
fn is_plain(text: &str, in_flow: bool) -> bool {
    let Some(first) = text.chars().next() else { return false };
    let is_text = |kind: ScalarType| kind == ScalarType::Text;
    let looks_like_number =
        first.is_ascii_digit() && text.chars().all(|c| c.is_ascii_digit() || "_:+-".contains(c) || c == '.');
    let dots = text.chars().filter(|c| *c == '.').count();
    let is_address = dots == 3 && text.chars().all(|c| c.is_ascii_digit() || c == '.');
    // `y` and `n` are truth values in the definition of YAML 1.1, though not to its commonest reader.
    let is_word = !matches!(text, "y" | "Y" | "n" | "N" | "<<" | "=");
    is_text(core(text))
        && is_text(yaml_1_1(text))
        && is_word
        && (!looks_like_number || is_address)
        && !is_loose_number(text)
        && !"-?:,[]{}#&*!|>'\"%@`~".contains(first)
        && !text.starts_with(char::is_whitespace)
        && !text.ends_with(char::is_whitespace)
        && !text.ends_with(':')
        && !["${", "{{", "---", "..."].iter().any(|part| text.contains(part))
        && ![": ", " #", ":\t", "\t#"].iter().any(|part| text.contains(part))
        && !(in_flow && text.contains([',', '[', ']', '{', '}', ':']))
        && text.chars().all(is_printable)
}

/// Numbers and times that some readers of YAML 1.1 know: `1e3`, `0x1F`, `+.5`, `2024-1-1T..`.
fn is_loose_number(text: &str) -> bool {
    let digits = text.trim_start_matches(['+', '-', '.']);
    let starts_numeric = digits.starts_with(|c: char| c.is_ascii_digit());
    let is_signed = digits.len() < text.len();
    let bytes = digits.as_bytes();
    let is_date = bytes.len() > 5 && bytes[..4].iter().all(u8::is_ascii_digit) && bytes[4] == b'-';
    let is_float = starts_numeric && digits.chars().all(|c| c.is_ascii_digit() || "._eE+-".contains(c));
    let is_address = digits.chars().all(|c| c.is_ascii_digit() || c == '.') && digits.matches('.').count() == 3;
    let is_prefixed = ["0x", "0o", "0b", "0X", "0O", "0B"].iter().any(|prefix| digits.starts_with(prefix));
    starts_numeric && (is_date || is_prefixed || (is_float && !is_address) || (is_signed && is_float))
}

fn is_printable(c: char) -> bool {
    !c.is_control() && !matches!(c, '\u{85}' | '\u{2028}' | '\u{2029}' | '\u{FEFF}' | '\u{FFFE}' | '\u{FFFF}')
}

fn double_quoted(text: &str) -> String {
    in_double_quotes(text, is_printable, |c| {
        let code = u32::from(c);
        if code <= 0xFF { format!("\\x{code:02X}") } else { format!("\\u{code:04X}") }
    })
}

fn toml_quoted(text: &str) -> String {
    in_double_quotes(text, |c| !c.is_control(), |c| format!("\\u{:04X}", u32::from(c)))
}

/// A text in double quotes, with the escapes that YAML and TOML share; what may not stand as it is, `escape` writes.
fn in_double_quotes(text: &str, stands: impl Fn(char) -> bool, escape: impl Fn(char) -> String) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for c in text.chars() {
        match c {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            c if stands(c) => quoted.push(c),
            c => quoted.push_str(&escape(c)),
        }
    }
    quoted.push('"');
    quoted
}

/// A value of a `.env` file, in quotes where one of its readers could take it for something else. Its text is meant as
/// it is: only where references stood before, `$` begins one.
fn env(value: &str, former: Former) -> Option<String> {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "_-./:@%+,=~?&".contains(c);
    let is_quoted = matches!(former.style, Some(ScalarStyle::SingleQuoted | ScalarStyle::DoubleQuoted));
    let may_refer = former.has_reference && former.style != Some(ScalarStyle::SingleQuoted);
    let can_be_plain = value.chars().all(|c| is_plain(c) || (may_refer && "${}".contains(c)));
    if can_be_plain && (!is_quoted || value.is_empty()) {
        return Some(value.to_owned());
    }
    let can_be_single = !value.contains(['\'', '\r']) && !value.contains("\\\\") && !value.ends_with('\\');
    let has_lines = value.contains('\n') && !value.contains('$');
    let wants_double =
        may_refer || has_lines || (former.style == Some(ScalarStyle::DoubleQuoted) && !value.contains('$'));
    if can_be_single && !wants_double {
        return Some(format!("'{value}'"));
    }
    if value.contains('$') && !may_refer {
        return None;
    }
    let mut quoted = String::from("\"");
    for c in value.chars() {
        match c {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    Some(quoted)
}
