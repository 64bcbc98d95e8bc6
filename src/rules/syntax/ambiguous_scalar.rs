//! `ambiguous-scalar`.

use crate::document::scalar::{core, is_ambiguous, yaml_1_1};
use crate::document::{Format, ScalarStyle, ScalarType};
use crate::finding::Finding;
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
    "ambiguous-scalar": Syntax, Warning
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
    let (new, old) = (core(scalar.text), yaml_1_1(scalar.text));
    let is_secret = matches!(setting.value, Value::Secret { .. } | Value::Url { .. });
    let message = if is_secret {
        format!("the secret is {} to readers of YAML 1.2, and {} to those of 1.1", kind(&new), kind(&old))
    } else {
        let text = redact::show_text(scalar.text);
        format!("`{text}` is {} to readers of YAML 1.2, and {} to those of 1.1", shown(&new), shown(&old))
    };
    findings.push(Finding::new(&INFO, Origin::node(*source, document, node), message).help(help(key, &old)));
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
