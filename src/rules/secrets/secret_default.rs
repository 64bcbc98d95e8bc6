//! `secret-default`.

use crate::finding::Finding;
use crate::model::{Origin, SourceKind};
use crate::redact::show_text;
use crate::rules::case::is_loopback;
use crate::rules::named_secret::Assignment;
use crate::rules::password::UrlPassword;
use crate::rules::{Leaf, secret};
use crate::template::{Syntax, Template};

rule! {
    /// A variable for a secret with the secret itself as its default.
    ///
    /// Found are `${DB_PASSWORD:-hunter2}` and its kin under the key of a secret, in place of the password of a URL,
    /// and wherever the name of the variable is that of a secret; also a whole URL with a password as a default.
    /// Not found are placeholders as defaults, development environments, and passwords for the own machine.
    /// In a compose file that is not production's, usual passwords (`postgres`) of other containers are not found
    /// either.
    ///
    /// # Why it matters
    /// The default is a secret in plain text, like any other in this file.
    /// And where the variable is forgotten nothing fails: the application runs with a secret that everybody with the
    /// file knows.
    /// # How to mend it
    /// Leave the default out.
    /// In compose files `${DB_PASSWORD:?}` says in so many words that the variable must be set.
    /// # Example
    /// ```yaml
    /// databases:
    ///   main:
    ///     host: db.example.com
    ///     username: app_user
    ///     password: "${MAIN_DB_PASSWORD:-hunter2}"
    /// ```
    /// Mended:
    /// ```yaml
    /// databases:
    ///   main:
    ///     host: db.example.com
    ///     username: app_user
    ///     password: "${MAIN_DB_PASSWORD}"
    /// ```
    "secret-default": Secrets, Warning
}

pub(super) fn judge(leaf: &Leaf<'_>, findings: &mut Vec<Finding>) {
    if leaf.is_development || !leaf.scalar.text.contains("${") {
        return;
    }
    let assignment = Assignment::of(leaf);
    let Some((name, origin)) = found(leaf, &assignment) else { return };
    let message = format!("the default of `{}` is a secret in plain text", show_text(&name));
    let name = show_text(&name);
    let help = match leaf.source.kind {
        SourceKind::Compose { .. } => format!("write ${{{name}:?}}, so that nothing starts without it"),
        _ => format!("leave the default out: ${{{name}}}"),
    };
    findings.push(Finding::new(&INFO, origin, message).help(help));
}

/// The variable whose default is a secret, and where its template stands.
fn found(leaf: &Leaf<'_>, assignment: &Assignment<'_>) -> Option<(String, Origin)> {
    let template = Template::parse(assignment.text, assignment.syntax);
    let is_of_key = secret::is_key(assignment.key);
    for (name, default) in template.defaults() {
        let secret = Candidate { text: &default, user: None, database: None };
        if is_of_key || secret::is_key(name) {
            let host = || host_beside(assignment);
            if secret.is_secret(leaf) && !(is_of_key && secret.is_usual(leaf, host().as_slice())) {
                return Some((name.to_owned(), assignment.origin()));
            }
        } else if let Some(url) = UrlPassword::of(&default, Syntax::Verbatim) {
            let secret = Candidate::of(&url, &url.text);
            if secret.is_secret(leaf) && !secret.is_usual(leaf, &url.hosts) {
                return Some((name.to_owned(), assignment.origin()));
            }
        }
    }
    if template.defaults().is_empty() {
        return None;
    }
    let url = UrlPassword::written(assignment.text)?;
    let hosts: Vec<String> = url.hosts.iter().filter_map(|host| likely(host, assignment.syntax)).collect();
    for (name, default) in Template::parse(&url.text, assignment.syntax).defaults() {
        let secret = Candidate::of(&url, &default);
        if secret.is_secret(leaf) && !secret.is_usual(leaf, &hosts) {
            return Some((name.to_owned(), assignment.part(url.span.clone())));
        }
    }
    None
}

/// A default that may be a secret.
struct Candidate<'text> {
    text: &'text str,
    user: Option<&'text str>,
    database: Option<&'text str>,
}

impl<'text> Candidate<'text> {
    fn of(url: &'text UrlPassword, text: &'text str) -> Self {
        Self { text, user: url.user.as_deref(), database: url.database.as_deref() }
    }

    /// Whether it is a secret, and none of development in a compose file, which is development's as long as nothing
    /// says otherwise.
    fn is_secret(&self, leaf: &Leaf<'_>) -> bool {
        let is_compose = leaf.source.kind.is_compose() && !leaf.is_production;
        secret::is_literal(self.text) && !(is_compose && secret::is_of_development(self.text))
    }

    /// Whether it opens nothing but the own machine, or is the usual password of a container beside the application.
    fn is_usual(&self, leaf: &Leaf<'_>, hosts: &[String]) -> bool {
        if leaf.is_production {
            return false;
        }
        if !hosts.is_empty() && hosts.iter().all(|host| is_loopback(host)) {
            return true;
        }
        let is_well_known = secret::is_well_known(self.text, &[self.user, self.database]);
        leaf.source.kind.is_compose() && is_well_known && hosts.iter().all(|host| !host.contains('.'))
    }
}

/// The host that stands beside a password: `host` beside `password`, `DB_HOST` beside `DB_PASSWORD`.
fn host_beside(assignment: &Assignment<'_>) -> Option<String> {
    let key = assignment.key.to_ascii_lowercase();
    let prefix = key.rsplit_once('_').map_or("", |(prefix, _)| prefix);
    let is_host = |name: &str| {
        let name = name.to_ascii_lowercase();
        let own = name.strip_prefix(prefix).map(|rest| rest.trim_start_matches('_'));
        [Some(name.as_str()), own].iter().flatten().any(|name| matches!(*name, "host" | "hostname" | "server"))
    };
    let host = assignment.neighbour(is_host)?;
    likely(host, assignment.syntax)
}

/// What a text comes down to if no variable is set.
fn likely(text: &str, syntax: Syntax) -> Option<String> {
    let template = Template::parse(text, syntax);
    template.literal().or_else(|| template.defaults().into_iter().next().map(|(_, default)| default))
}
