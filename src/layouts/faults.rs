//! What is wrong with the keys and values of a section, as findings.

use crate::document::edit::NewValue;
use crate::document::{Entry, Format, ScalarStyle, Span};
use crate::finding::{Finding, Fix, Safety, Severity};
use crate::model::{Origin, SourceKind, Value};
use crate::redact;
use crate::rules;

use super::reader::Reader;
use super::section::Strictness;
use super::synonyms;

impl Reader<'_> {
    /// Masks and markers of removed secrets in place of a value.
    pub(super) fn judge_text(&mut self, text: &str, span: Span, origin: &Origin) {
        let stars = text.len() >= 3 && text.bytes().all(|byte| byte == b'*');
        let scrubbed = text.starts_with("***") && text.ends_with("***") && !stars;
        let known = self.document.problems().iter().any(|problem| problem.span.overlaps(span));
        if stars {
            let message = "a mask stands in place of the value";
            let help = "put the value back, best as a reference: ${DB_PASSWORD}";
            self.report(Finding::new(&rules::syntax::masked_value::INFO, origin.clone(), message).help(help));
        } else if scrubbed && !known {
            let message = "a marker of a removed secret stands in place of the value";
            let help = "put the value back, best as a reference: ${DB_PASSWORD}";
            self.report(Finding::new(&rules::syntax::scrubbed_value::INFO, origin.clone(), message).help(help));
        }
    }

    pub(super) fn wrong_type(&mut self, entry: Entry, wanted: &str) {
        let name = redact::show_text(self.document.key(entry).unwrap_or_default());
        let found = match self.document.scalar(entry.value) {
            Some(_) if self.document.is_blank(entry.value) => "nothing",
            Some(_) => "text",
            None if self.document.is_mapping(entry.value) => "a mapping",
            None => "a list",
        };
        let message = format!("`{name}` takes {wanted}, and this is {found}");
        let origin = self.origin(entry.value);
        self.report(
            Finding::new(&rules::syntax::wrong_type::INFO, origin, message)
                .help(format!("write {wanted}, or `${{VARIABLE}}`")),
        );
    }

    /// A number or switch in quotes is text to every program that tells types apart.
    pub(super) fn quoted(&mut self, entry: Entry, value: &Value) {
        let Some(scalar) =
            self.document.scalar(entry.value).filter(|_| matches!(self.kind, SourceKind::Settings { .. }))
        else {
            return;
        };
        let has_types = matches!(self.document.format(), Format::Yaml | Format::Toml | Format::Json);
        let is_quoted = matches!(scalar.style, ScalarStyle::SingleQuoted | ScalarStyle::DoubleQuoted);
        if !has_types || !is_quoted {
            return;
        }
        let (what, severity, fix) = match value {
            // Drivers take the number from either, and so does whoever puts it into a URL.
            Value::Integer(number) => ("number", Severity::Info, Some((Safety::Safe, NewValue::Integer(*number)))),
            Value::Float(_) => ("number", Severity::Info, None),
            // `"false"` is true to whoever asks only whether there is something, and turns when it becomes `false`.
            Value::Bool(switch) => ("switch", Severity::Warning, Some((Safety::Unsafe, NewValue::Bool(*switch)))),
            _ => return,
        };
        let name = redact::show_text(self.document.key(entry).unwrap_or_default());
        let message = format!("`{name}` is a {what} in quotes, and text to programs that tell types apart");
        let help = format!("write {} without quotes", value.expose());
        let origin = self.origin(entry.value);
        // `"05432"` may be meant as it stands.
        let fix = fix.filter(|_| scalar.text == value.expose());
        let fix = fix.and_then(|(safety, new)| Fix::value(&origin, safety, new));
        let mut finding = Finding::new(&rules::syntax::wrong_type::INFO, origin, message).help(help).fix(fix);
        finding.severity = severity;
        self.report(finding);
    }

    pub(super) fn unknown(&mut self, name: &str, entry: Entry, strictness: Strictness, known: &[&'static str]) {
        let suggestion = synonyms::suggestion(name, known);
        // A key without a value in braces may be the tail of a secret that held a comma.
        if name.starts_with(['_', '.']) || name.starts_with("x-") || self.document.node(entry.value).span.is_empty() {
            return;
        }
        if suggestion.is_none() && strictness == Strictness::Legacy {
            return;
        }
        let message = format!("`{}` is not a key of a database section", redact::show_text(name));
        let help = match suggestion {
            Some(suggestion) => format!("did you mean `{suggestion}`?"),
            None => "it is carried along as it is; a libpq parameter goes under `parameters`".to_owned(),
        };
        let origin = self.origin(entry.key);
        // Nobody has read the key so far, and now somebody will.
        let is_free = |meant: &&str| !self.has_like(entry, meant);
        let fix = suggestion.filter(is_free).and_then(|meant| Fix::key(&origin, Safety::Unsafe, meant));
        self.report(Finding::new(&rules::syntax::unknown_key::INFO, origin, message).help(help).fix(fix));
    }

    /// Whether a neighbour of an entry has a key, by whatever name.
    fn has_like(&self, entry: Entry, name: &str) -> bool {
        let Some(mapping) = self.document.parent(entry.key) else { return true };
        let (same, normal) = (synonyms::field(name), synonyms::normalise(name));
        let mut keys = self.named(mapping).into_iter().filter(|(_, it)| it.key != entry.key).map(|(key, _)| key);
        keys.any(|key| synonyms::normalise(&key) == normal || (same.is_some() && synonyms::field(&key) == same))
    }
}
