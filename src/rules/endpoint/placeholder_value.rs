//! `placeholder-value`.

use std::collections::HashSet;

use crate::document::NodeId;
use crate::finding::Finding;
use crate::model::{Key, Origin, Setting, SourceId, Value};
use crate::redact::{self, show_text};
use crate::rules::{Case, placeholder, server};

rule! {
    /// A placeholder that nobody replaced: `YOUR_HOST_HERE`, `<DB_HOST>`, `CHANGE_ME`.
    ///
    /// Found are values of databases and services, and parts of their URLs.
    /// What another program fills in is not found (`{{ host }}`, `<<NAME>>`, `%(HOST)s`, `$(HOST)`, `__HOST__`), nor anything in
    /// `.env.example` and other templates, nor a default inside `${HOST:-...}`.
    /// # Why it matters
    /// The value was to be filled in and was not, so nothing can be reached with it.
    /// A password of this kind is no secret either: everybody knows it.
    /// # How to mend it
    /// Write what is meant; a secret best as a reference that the environment fills in.
    /// # Example
    /// ```yaml
    /// databases:
    ///   main:
    ///     host: YOUR_HOST_HERE
    ///     password: "<DB_PASSWORD>"
    /// ```
    /// Mended:
    /// ```yaml
    /// databases:
    ///   main:
    ///     host: db.example.com
    ///     password: "${MAIN_DB_PASSWORD}"
    /// ```
    "placeholder-value": Endpoint, Warning
}

pub(super) fn judge(case: &Case<'_>, findings: &mut Vec<Finding>) {
    // A tracking URI that is a database's is read as both.
    let mut seen = HashSet::new();
    for site in case.sites() {
        let settings = site.connection.settings.iter().map(|(key, setting)| (Some(key), setting));
        let parameters = site.connection.parameters.iter().map(|(_, setting)| (None, setting));
        let left: Vec<Left> = settings.chain(parameters).filter_map(|(key, it)| left(case, key, it)).collect();
        report(&left, || site.what(), &mut seen, findings);
    }
    for service in &case.configuration.services {
        let left: Vec<Left> = service.settings.iter().filter_map(|(key, it)| left(case, Some(key), it)).collect();
        report(&left, || format!("the service {}", show_text(&service.name)), &mut seen, findings);
    }
}

/// A placeholder that was found.
struct Left {
    key: Option<Key>,
    text: String,
    /// Whether it is the whole value of the setting.
    is_whole: bool,
    origin: Origin,
}

impl Left {
    /// The value that it stands in: a URL is one value with several settings.
    fn node(&self) -> Option<(SourceId, NodeId)> {
        match self.origin {
            Origin::Node { source, node, .. } => Some((source, node)),
            _ => None,
        }
    }

    fn start(&self) -> Option<u32> {
        match self.origin {
            Origin::Node { span, .. } => Some(span.start),
            _ => None,
        }
    }

    fn word(&self) -> String {
        self.key.map_or("parameter", Key::path).replace(['_', '.'], " ")
    }
}

fn left(case: &Case<'_>, key: Option<Key>, setting: &Setting) -> Option<Left> {
    let (value, origin) = written(case, setting)?;
    let text = value.as_text()?;
    // Brackets may well be a part of a password.
    let is_secret = server::is_hidden(setting) || key == Some(Key::Password);
    let found =
        if is_secret { Some(text).filter(|text| placeholder::is_left(text)) } else { placeholder::left_in(text) };
    let found = found?.trim();
    Some(Left { key, text: found.to_owned(), is_whole: found == text.trim(), origin: origin.clone() })
}

/// The value as it is written, and where: that of the variable for `${VARIABLE}`. Nothing for other templates.
fn written<'case>(case: &'case Case<'_>, setting: &'case Setting) -> Option<(&'case Value, &'case Origin)> {
    let Some(resolution) = setting.resolution.as_deref() else { return Some((&setting.value, &setting.origin)) };
    let [name] = resolution.used.as_slice() else { return None };
    let (value, origin) = case.configuration.variables.get(name)?;
    (resolution.missing.is_empty() && value.as_text() == Some(resolution.text.expose())).then_some((value, origin))
}

/// One finding for each value.
fn report(
    left: &[Left],
    what: impl Fn() -> String,
    seen: &mut HashSet<(SourceId, NodeId)>,
    findings: &mut Vec<Finding>,
) {
    for (index, first) in left.iter().enumerate() {
        if first.node().is_some_and(|node| !seen.insert(node)) {
            continue;
        }
        let is_same = |other: &&Left| other.node().is_some() && other.node() == first.node();
        let mut parts: Vec<&Left> = std::iter::once(first).chain(left[index + 1..].iter().filter(is_same)).collect();
        parts.sort_by_key(|part| part.start());
        let words: Vec<String> = parts.iter().map(|part| part.word()).collect();
        let what = what();
        let message = match words.as_slice() {
            [most @ .., last] if !most.is_empty() => {
                format!("the {} and {last} of {what} are placeholders", most.join(", "))
            }
            _ => {
                let verb = if first.is_whole { "is" } else { "holds" };
                format!("the {} of {what} {verb} a placeholder: `{}`", first.word(), redact::escape(&first.text))
            }
        };
        let help = if parts.iter().any(|part| part.key == Some(Key::Password)) {
            "write what is meant; the password best as a reference: ${DB_PASSWORD}"
        } else {
            "write what is meant, or a reference that the environment fills in: ${VARIABLE}"
        };
        findings.push(Finding::new(&INFO, parts[0].origin.clone(), message).help(help));
    }
}
