//! `ambiguous-scalar`.

use crate::document::edit::NewValue;
use crate::document::scalar::{core, is_ambiguous, yaml_1_1};
use crate::document::{Format, ScalarStyle, ScalarType};
use crate::finding::{Finding, Fix, Safety};
use crate::model::{Key, Kind, Origin, Setting, Value};
use crate::redact;
use crate::rules::Case;

rule! {
    /// An unquoted value that readers of YAML take for different things.
    ///
    /// Found are values of databases and services in YAML files: `yes`, `no`, `on`, `off`, numbers with a leading zero
    /// (`0600`), with a colon (`54:32`) or an underscore (`1_000`), and dates.
    /// Quoted values are never found.
    ///
    /// # Why it matters
    /// YAML 1.1 and 1.2 have different rules for what is a number or a switch, and both are in use: PyYAML and Ruby
    /// follow 1.1, most parsers for Go, Rust and JavaScript 1.2.
    /// A password `0123` is the number 83 to the one and 123 to the other, and neither is what was typed.
    /// A database called `no` becomes `false`.
    ///
    /// # How to mend it
    /// Put texts in quotes, write `true` and `false` for switches, and numbers in plain digits.
    ///
    /// # Example
    /// ```yaml
    /// databases:
    ///   main:
    ///     host: db.example.com
    ///     database: no
    ///     pool: {max_connections: 20, pre_ping: yes}
    /// ```
    /// Mended:
    /// ```yaml
    /// databases:
    ///   main:
    ///     host: db.example.com
    ///     database: "no"
    ///     pool: {max_connections: 20, pre_ping: true}
    /// ```
    "ambiguous-scalar": Syntax, Warning; fixable
}

pub(super) fn judge(case: &Case<'_>, findings: &mut Vec<Finding>) {
    for site in case.sites() {
        let settings = site.connection.settings.iter().map(|(key, setting)| (Some(key), setting));
        let parameters = site.connection.parameters.iter().map(|(_, setting)| (None, setting));
        for (key, setting) in settings.chain(parameters) {
            setting_of(case, key, setting, findings);
        }
    }
    for service in &case.configuration.services {
        for (key, setting) in service.settings.iter() {
            setting_of(case, Some(key), setting, findings);
        }
    }
}

fn setting_of(case: &Case<'_>, key: Option<Key>, setting: &Setting, findings: &mut Vec<Finding>) {
    let Origin::Node { source, node, .. } = &setting.origin else { return };
    let Some(document) = case.document(&setting.origin).filter(|it| it.format() == Format::Yaml) else { return };
    let node = document.resolve(*node);
    let Some(scalar) = document.scalar(node).filter(|scalar| scalar.style == ScalarStyle::Plain) else { return };
    if !is_ambiguous(scalar.text) {
        return;
    }
    let is_secret = matches!(setting.value, Value::Secret { .. } | Value::Url { .. });
    let (message, help) = (message(scalar.text, is_secret), help(key, &yaml_1_1(scalar.text)));
    let origin = Origin::node(*source, document, node);
    let fix = fix(key, scalar.text, &origin);
    findings.push(Finding::new(&INFO, origin, message).help(help).fix(fix));
}

/// What is meant by the key of a value: text where it takes text, a switch where it takes a switch, and a number if
/// only one can be meant. Readers disagree about the old value, so for some of them the new one is another.
fn fix(key: Option<Key>, text: &str, origin: &Origin) -> Option<Fix> {
    match key.map(|key| key.info().kind) {
        Some(Kind::Text | Kind::Secret | Kind::Path | Kind::Url) | None => Fix::text(origin, Safety::Unsafe),
        Some(Kind::Switch) => match yaml_1_1(text) {
            ScalarType::Bool(switch) => Fix::value(origin, Safety::Unsafe, NewValue::Bool(switch)),
            _ => None,
        },
        Some(Kind::Port | Kind::Count | Kind::Seconds) => match (core(text), yaml_1_1(text)) {
            // `1_000`: whoever takes it for a number takes it for this one.
            (ScalarType::Text, ScalarType::Integer(number)) if !text.contains(':') => {
                Fix::value(origin, Safety::Unsafe, NewValue::Integer(number))
            }
            _ => None,
        },
    }
}

/// What readers take a text for. Of a secret neither the text nor the number is told.
fn message(text: &str, is_secret: bool) -> String {
    let (new, old) = (core(text), yaml_1_1(text));
    if !is_secret {
        let text = redact::show_text(text);
        return format!("`{text}` is {} to readers of YAML 1.2, and {} to those of 1.1", shown(&new), shown(&old));
    }
    match (kind(&new), kind(&old)) {
        (new, old) if new == old => "readers of YAML 1.1 and 1.2 take the secret for different numbers".to_owned(),
        (new, old) => format!("the secret is {new} to readers of YAML 1.2, and {old} to those of 1.1"),
    }
}

/// What a value is, without the value.
fn kind(value: &ScalarType) -> &'static str {
    match value {
        ScalarType::Null => "nothing",
        ScalarType::Bool(_) => "true or false",
        ScalarType::Integer(_) | ScalarType::Float(_) => "a number",
        ScalarType::Timestamp => "a date",
        ScalarType::Text => "text",
    }
}

/// What a value is, in words.
fn shown(value: &ScalarType) -> String {
    match value {
        ScalarType::Bool(switch) => switch.to_string(),
        ScalarType::Integer(number) => format!("the number {number}"),
        ScalarType::Float(number) => format!("the number {number}"),
        other => kind(other).to_owned(),
    }
}

fn help(key: Option<Key>, old: &ScalarType) -> String {
    match (key.map(|key| key.info().kind), old) {
        (Some(Kind::Switch), ScalarType::Bool(switch)) => format!("write {switch}"),
        (Some(Kind::Port | Kind::Count | Kind::Seconds), _) => {
            "write the number without a leading zero, a colon or an underscore".to_owned()
        }
        (_, ScalarType::Bool(switch)) => format!("put it in quotes if it is text, or write {switch}"),
        _ => "put it in quotes".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_hold_no_secret() {
        for (text, is_secret, expected) in [
            ("no", false, "`no` is text to readers of YAML 1.2, and false to those of 1.1"),
            ("0600", false, "`0600` is the number 600 to readers of YAML 1.2, and the number 384 to those of 1.1"),
            ("no", true, "the secret is text to readers of YAML 1.2, and true or false to those of 1.1"),
            ("0123", true, "readers of YAML 1.1 and 1.2 take the secret for different numbers"),
            ("12_34", true, "the secret is text to readers of YAML 1.2, and a number to those of 1.1"),
            ("1e3", true, "the secret is a number to readers of YAML 1.2, and text to those of 1.1"),
        ] {
            assert_eq!(message(text, is_secret), expected);
        }
    }
}
