//! `unresolved-variable`.

use std::cell::Cell;
use std::collections::BTreeSet;

use crate::document::{Document, Format};
use crate::finding::{Finding, suggest};
use crate::model::{Key, Setting, SourceKind};
use crate::redact::{is_secret_name, show_text};
use crate::rules::Case;

rule! {
    /// A variable that no file of the project knows, although some files list its variables.
    ///
    /// Compared are the variables in the values of databases and services with all names in `.env`, `.env.NAME`, `.env.example` and their kin.
    /// Without such a file nothing is found, since then only the deployment knows; a variable with a default is never found.
    /// A secret is found only if a template (`.env.example`) lists what is expected, or if a name is near: secrets are often kept elsewhere.
    /// # Why it matters
    /// The list of variables is what people copy and fill in, so a variable that is missing there is missing in the next deployment.
    /// Often the name is misspelt in one of the two places.
    /// # How to mend it
    /// Add the name to `.env.example` (without a value if it is a secret), or correct it.
    /// # Example
    /// ```yaml
    /// databases:
    ///   main:
    ///     host: ${DB_HOTS}    # .env.example has DB_HOST
    /// ```
    /// Mended:
    /// ```yaml
    /// databases:
    ///   main:
    ///     host: ${DB_HOST}
    /// ```
    "unresolved-variable": Endpoint, Info
}

/// Variables that a system or a platform sets.
const OF_THE_SYSTEM: &[&str] =
    &["HOME", "HOSTNAME", "LOGNAME", "PATH", "PORT", "PWD", "SHELL", "TMPDIR", "UID", "USER", "USERNAME"];

pub(super) fn judge(cases: &[Case<'_>], findings: &mut Vec<Finding>) {
    let Some(base) = cases.first() else { return };
    let known = Known::of(base);
    if known.names.is_empty() {
        return;
    }
    for case in cases {
        for site in case.sites() {
            let settings = site.connection.settings.iter().map(|(key, setting)| (key == Key::Password, setting));
            let parameters = site.connection.parameters.iter().map(|(name, setting)| (is_secret_name(name), setting));
            findings.extend(settings.chain(parameters).filter_map(|(is_secret, it)| known.unresolved(is_secret, it)));
        }
        for service in &case.configuration.services {
            findings.extend(service.settings.iter().filter_map(|(key, it)| known.unresolved(key == Key::Password, it)));
        }
    }
}

/// How many names are compared with each other to find what was meant: enough for any project, and no work without end.
const COMPARISONS: usize = 1_000_000;

/// The variables that the files of a project set or expect.
#[derive(Default)]
struct Known<'case> {
    /// Their names.
    names: BTreeSet<&'case str>,
    /// Whether a template lists what is expected, secrets included.
    has_template: bool,
    /// How many names were compared.
    compared: Cell<usize>,
}

impl<'case> Known<'case> {
    fn of(case: &Case<'case>) -> Self {
        let mut known = Self::default();
        for (_, source) in case.project.sources.iter() {
            let is_template = source.kind == SourceKind::Template;
            let is_list = is_template || matches!(source.kind, SourceKind::Env { .. });
            let document = source.document.as_ref().filter(|document| is_list && document.format() == Format::Env);
            let Some(document) = document else { continue };
            known.names.extend(keys(document));
            known.has_template |= is_template;
        }
        known
    }

    fn unresolved(&self, is_secret: bool, setting: &Setting) -> Option<Finding> {
        let resolution = setting.resolution.as_deref()?;
        let is_unknown = |name: &&String| {
            // A path into the file has a rule of its own, and what is in parentheses is no name.
            !name.contains(['.', '(']) && !self.names.contains(name.as_str()) && !OF_THE_SYSTEM.contains(&name.as_str())
        };
        let name = resolution.missing.iter().find(is_unknown)?;
        let near = self.near(name);
        if near.is_none() && (is_secret || is_secret_name(name)) && !self.has_template {
            return None;
        }
        let message = format!("no file of the project knows the variable `{}`", show_text(name));
        let help = match near {
            Some(near) => format!("did you mean `{}`?", show_text(near)),
            None => "add it to the file that lists the variables, or correct its name".to_owned(),
        };
        Some(Finding::new(&INFO, setting.origin.clone(), message).help(help))
    }
}

impl<'case> Known<'case> {
    /// The known name that was most likely meant.
    fn near(&self, name: &str) -> Option<&'case str> {
        self.compared.set(self.compared.get() + self.names.len());
        if self.compared.get() > COMPARISONS {
            return None;
        }
        let names: Vec<&str> = self.names.iter().copied().collect();
        suggest(name, &names)
    }
}

fn keys(document: &Document) -> impl Iterator<Item = &str> {
    let entries = document.roots().iter().flat_map(|root| document.entries(*root).to_vec());
    entries.filter_map(|entry| document.key(entry))
}
