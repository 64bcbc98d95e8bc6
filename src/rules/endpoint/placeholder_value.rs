//! `placeholder-value`.

use std::collections::HashSet;

use crate::document::NodeId;
use crate::finding::Finding;
use crate::model::{Key, Origin, Setting, SourceId, Value};
use crate::redact::{self, show_text};
use crate::rules::case::is_production;
use crate::rules::{Case, Site, password, placeholder, secret, server};

rule! {
    /// A placeholder that nobody replaced: `YOUR_HOST_HERE`, `<DB_HOST>`, `CHANGE_ME`.
    ///
    /// Found are values of databases and services, and parts of their URLs.
    /// A password that says it in words (`your_password`, `changethis`) is found if the database is on another machine, and a
    /// path as documentation writes it (`/path/to/ca.pem`) everywhere.
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
        let left = settings.chain(parameters).filter_map(|(key, it)| left(case, key, it));
        let left: Vec<Left> = left.chain(left_in_words(case, &site)).collect();
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
    /// Whether a message may show it: of words nobody knows for sure that they are no secret.
    is_shown: bool,
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
    Some(Left { key, text: found.to_owned(), is_whole: found == text.trim(), is_shown: true, origin: origin.clone() })
}

/// A password that is no sign but says in words that it was to be replaced: `your_password`, `changethis`. It is well
/// enough for a container of one's own, and what stands in production's own files is another rule's.
fn left_in_words(case: &Case<'_>, site: &Site<'_>) -> Option<Left> {
    let (value, origin) = written(case, site.get(Key::Password)?)?;
    let text = value.as_text()?;
    if placeholder::is_left(text) || !secret::is_left_over(text) || password::is_local(case, site.connection) {
        return None;
    }
    let is_of_production = of_environment(case, origin).map_or(says_production(case), is_production);
    (!is_of_production).then(|| Left {
        key: Some(Key::Password),
        text: text.to_owned(),
        is_whole: true,
        is_shown: false,
        origin: origin.clone(),
    })
}

/// The environment whose file or section an origin points into.
fn of_environment<'case>(case: &Case<'case>, origin: &Origin) -> Option<&'case str> {
    if let Some(environment) = case.source(origin).and_then(|source| source.kind.environment()) {
        return Some(environment);
    }
    let (Origin::Node { node, .. }, Some(document)) = (origin, case.document(origin)) else { return None };
    let path = document.path(*node).to_string();
    let name = path.strip_prefix("environments.")?.split('.').next()?;
    case.project.configurations.iter().filter_map(|one| one.environment.as_deref()).find(|known| *known == name)
}

/// Whether the files say that all of them are production's.
fn says_production(case: &Case<'_>) -> bool {
    let base = case.project.configurations.first();
    base.is_some_and(|base| Case::new(case.project, base, case.settings).is_production)
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
                let shown = if first.is_shown { format!(": `{}`", redact::escape(&first.text)) } else { String::new() };
                format!("the {} of {what} {verb} a placeholder{shown}", first.word())
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
