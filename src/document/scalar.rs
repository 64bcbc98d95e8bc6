//! What type an unquoted scalar has, by YAML 1.2, by YAML 1.1 and by TOML.
//!
//! Applications read the same file with either: `PyYAML` and Ruby's Psych follow 1.1, most Rust and Go parsers 1.2.
//! Types are decided from the raw text, so that a difference can be told instead of being lost on reading.

/// The type and value of a scalar.
#[derive(Clone, Debug, PartialEq)]
pub enum ScalarType {
    /// No value.
    Null,
    /// True or false.
    Bool(bool),
    /// A whole number.
    Integer(i64),
    /// Any other number.
    Float(f64),
    /// A date or time (YAML 1.1 and TOML).
    Timestamp,
    /// Text.
    Text,
}

/// The type by the core schema of YAML 1.2 (YAML 1.2.2, section 10.3.2).
pub fn core(text: &str) -> ScalarType {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return ScalarType::Null,
        "true" | "True" | "TRUE" => return ScalarType::Bool(true),
        "false" | "False" | "FALSE" => return ScalarType::Bool(false),
        ".nan" | ".NaN" | ".NAN" => return ScalarType::Float(f64::NAN),
        _ => {}
    }
    if let Some(float) = infinity(text) {
        return ScalarType::Float(float);
    }
    let prefixed = [("0o", 8), ("0x", 16)];
    for (prefix, radix) in prefixed {
        if let Some(digits) = text.strip_prefix(prefix) {
            return match i64::from_str_radix(digits, radix) {
                Ok(number) if !digits.starts_with(['+', '-']) => ScalarType::Integer(number),
                _ => ScalarType::Text,
            };
        }
    }
    number(text)
}

/// The type by YAML 1.1, as `PyYAML` resolves it (its types `bool`, `int`, `float`, `null`, `timestamp`).
pub fn yaml_1_1(text: &str) -> ScalarType {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return ScalarType::Null,
        "yes" | "Yes" | "YES" | "true" | "True" | "TRUE" | "on" | "On" | "ON" => return ScalarType::Bool(true),
        "no" | "No" | "NO" | "false" | "False" | "FALSE" | "off" | "Off" | "OFF" => return ScalarType::Bool(false),
        ".nan" | ".NaN" | ".NAN" => return ScalarType::Float(f64::NAN),
        _ => {}
    }
    if let Some(float) = infinity(text) {
        return ScalarType::Float(float);
    }
    if is_date(text) {
        return ScalarType::Timestamp;
    }
    let (sign, digits) = match text.as_bytes().first() {
        Some(b'-') => (-1, &text[1..]),
        Some(b'+') => (1, &text[1..]),
        _ => (1, text),
    };
    if !digits.starts_with(|c: char| c.is_ascii_digit() || c == '.') {
        return ScalarType::Text;
    }
    let plain = digits.replace('_', "");
    let radix = |digits: &str, radix| match i64::from_str_radix(digits, radix) {
        Ok(number) if !digits.starts_with(['+', '-']) => ScalarType::Integer(sign * number),
        _ => ScalarType::Text,
    };
    if let Some(binary) = plain.strip_prefix("0b") {
        return radix(binary, 2);
    }
    if let Some(hexadecimal) = plain.strip_prefix("0x") {
        return radix(hexadecimal, 16);
    }
    if plain.contains(':') {
        return sexagesimal(&plain).map_or(ScalarType::Text, |number| ScalarType::Integer(sign * number));
    }
    if plain.len() > 1 && plain.starts_with('0') && plain.bytes().all(|byte| byte.is_ascii_digit()) {
        return radix(&plain, 8);
    }
    match number(&plain) {
        ScalarType::Integer(number) => ScalarType::Integer(sign * number),
        // PyYAML wants a dot in a float, and a sign in its exponent: `1e3` is text to it.
        ScalarType::Float(_) if !plain.contains('.') => ScalarType::Text,
        ScalarType::Float(number) if sign < 0 => ScalarType::Float(-number),
        other => other,
    }
}

/// The type of an unquoted TOML value; what is not valid TOML is text.
pub fn toml(text: &str) -> ScalarType {
    let (sign, digits) = match text.as_bytes().first() {
        Some(b'-') => ("-", &text[1..]),
        Some(b'+') => ("", &text[1..]),
        _ => ("", text),
    };
    match (text, digits) {
        ("", _) => return ScalarType::Null,
        ("true", _) => return ScalarType::Bool(true),
        ("false", _) => return ScalarType::Bool(false),
        (_, "inf") if sign == "-" => return ScalarType::Float(f64::NEG_INFINITY),
        (_, "inf") => return ScalarType::Float(f64::INFINITY),
        (_, "nan") => return ScalarType::Float(f64::NAN),
        _ => {}
    }
    let between_digits = |digits: &str| {
        digits.split('_').all(|part| part.starts_with(|c: char| c.is_ascii_hexdigit()) && !part.ends_with('.'))
    };
    for (prefix, radix) in [("0x", 16), ("0o", 8), ("0b", 2)] {
        if let Some(digits) = text.strip_prefix(prefix).filter(|digits| between_digits(digits)) {
            return i64::from_str_radix(&digits.replace('_', ""), radix).map_or(ScalarType::Text, ScalarType::Integer);
        }
    }
    let bytes = digits.as_bytes();
    let starts_date = digits.len() == text.len() && bytes.len() > 4 && bytes[..2].iter().all(u8::is_ascii_digit);
    if starts_date && (bytes[4] == b'-' || bytes[2] == b':') {
        return ScalarType::Timestamp;
    }
    let leading_zero = bytes.len() > 1 && bytes[0] == b'0' && bytes[1].is_ascii_digit();
    let dot = digits.find('.');
    let bare_dot = dot.is_some_and(|dot| {
        let digit = |at: Option<usize>| at.and_then(|at| bytes.get(at)).is_some_and(u8::is_ascii_digit);
        !digit(dot.checked_sub(1)) || !digit(dot.checked_add(1))
    });
    if leading_zero || bare_dot || digits.starts_with(['+', '-']) || !between_digits(digits) {
        return ScalarType::Text;
    }
    number(&format!("{sign}{}", digits.replace('_', "")))
}

/// Whether readers of YAML 1.1 and 1.2 disagree about an unquoted text.
pub fn is_ambiguous(text: &str) -> bool {
    let (new, old) = (core(text), yaml_1_1(text));
    // NaN differs from itself, and both call it a float.
    new != old && !matches!((&new, &old), (ScalarType::Float(_), ScalarType::Float(_)))
}

fn infinity(text: &str) -> Option<f64> {
    match text.trim_start_matches(['+', '-']) {
        ".inf" | ".Inf" | ".INF" if text.len() < 6 => {
            Some(if text.starts_with('-') { f64::NEG_INFINITY } else { f64::INFINITY })
        }
        _ => None,
    }
}

fn number(text: &str) -> ScalarType {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    let Some(first) = digits.bytes().next() else { return ScalarType::Text };
    if !(first.is_ascii_digit() || (first == b'.' && digits.len() > 1)) {
        return ScalarType::Text;
    }
    if let Ok(number) = text.parse::<i64>() {
        return ScalarType::Integer(number);
    }
    let numeric = digits.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b'e' | b'E' | b'+' | b'-'));
    match text.parse::<f64>() {
        Ok(number) if numeric => ScalarType::Float(number),
        _ => ScalarType::Text,
    }
}

/// `54:32` is 54 minutes and 32 seconds to YAML 1.1: every part but the first is below 60.
fn sexagesimal(text: &str) -> Option<i64> {
    let mut total: i64 = 0;
    for (index, part) in text.split(':').enumerate() {
        let value: i64 = part.parse().ok()?;
        if part.is_empty() || (index == 0 && part.starts_with('0')) || (index > 0 && (value > 59 || part.len() > 2)) {
            return None;
        }
        total = total.checked_mul(60)?.checked_add(value)?;
    }
    Some(total)
}

fn is_date(text: &str) -> bool {
    let shape: Vec<u8> = text.bytes().take(10).map(|byte| if byte.is_ascii_digit() { b'0' } else { byte }).collect();
    shape == b"0000-00-00" && text[10..].chars().all(|c| c.is_ascii_digit() || " tT:.Z+-".contains(c))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_by_both_versions() {
        use ScalarType::{Bool, Float, Integer, Null, Text, Timestamp};
        for (text, new, old) in [
            ("", Null, Null),
            ("5432", Integer(5432), Integer(5432)),
            ("-1", Integer(-1), Integer(-1)),
            ("1.5", Float(1.5), Float(1.5)),
            ("yes", Text, Bool(true)),
            ("off", Text, Bool(false)),
            ("true", Bool(true), Bool(true)),
            ("0600", Integer(600), Integer(384)),
            ("0o600", Integer(384), Text),
            ("0x1F", Integer(31), Integer(31)),
            ("54:32", Text, Integer(3272)),
            ("1_000", Text, Integer(1000)),
            ("0b11", Text, Integer(3)),
            ("1e3", Float(1000.0), Text),
            ("2024-01-31", Text, Timestamp),
            ("10.0.0.1", Text, Text),
            ("5432abc", Text, Text),
            ("-", Text, Text),
            ("localhost", Text, Text),
            ("089", Integer(89), Text),
        ] {
            assert_eq!(core(text), new, "1.2: {text}");
            assert_eq!(yaml_1_1(text), old, "1.1: {text}");
        }
        for (text, expected) in [
            ("", Null),
            ("true", Bool(true)),
            ("True", Text),
            ("+1", Integer(1)),
            ("-17", Integer(-17)),
            ("1_000", Integer(1000)),
            ("1__0", Text),
            ("_1", Text),
            ("0o17", Integer(15)),
            ("0xdead_BEEF", Integer(0xdead_beef)),
            ("0b11", Integer(3)),
            ("017", Text),
            ("-0.5", Float(-0.5)),
            ("1e3", Float(1000.0)),
            ("1.", Text),
            (".5", Text),
            ("inf", Float(f64::INFINITY)),
            ("-inf", Float(f64::NEG_INFINITY)),
            ("2024-01-31", Timestamp),
            ("2024-01-31 10:00:00.5Z", Timestamp),
            ("10:30:00", Timestamp),
            ("~", Text),
            ("null", Text),
            ("db.example.com", Text),
            ("10.0.0.1", Text),
        ] {
            assert_eq!(toml(text), expected, "toml: {text}");
        }
        assert!(is_ambiguous("no") && is_ambiguous("017") && !is_ambiguous("17") && !is_ambiguous(".nan"));
    }
}
