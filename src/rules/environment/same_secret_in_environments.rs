//! `same-secret-in-environments`.

use std::collections::BTreeMap;

use crate::finding::Finding;
use crate::model::{Key, Origin};
use crate::redact::show_text;
use crate::rules::case::{is_development, is_production};
use crate::rules::{Case, named_secret, password, secret};

rule! {
    /// The same secret in two environments that should not open each other's doors.
    ///
    /// Compared are literal values of the same key (`JWT_SECRET_KEY`, `smtp.password`), and the passwords of the same
    /// database, that stand in the files and sections of two environments.
    /// One of the two is production, or neither is one of development or tests: what those share among each other
    /// matters to nobody.
    /// Placeholders, passwords that everybody knows and values that say that they are for development are left to other
    /// rules.
    ///
    /// # Why it matters
    /// Secrets of staging and development are known to more people, stand on more machines and leak sooner.
    /// If production has the same, it leaks with them.
    /// # How to mend it
    /// Give each environment a secret of its own.
    /// # Example
    /// `.env.staging` and `.env.production` both:
    /// ```env
    /// JWT_SECRET_KEY=9f2c41d07be85a63c1f4e8b2a7d05936
    /// ```
    "same-secret-in-environments": Environment, Warning
}

/// A secret of one environment.
struct Held<'project> {
    environment: &'project str,
    what: String,
    origin: Origin,
}

pub(super) fn judge(cases: &[Case<'_>], findings: &mut Vec<Finding>) {
    let Some(base) = cases.first().filter(|_| cases.len() > 1) else { return };
    let mut held: BTreeMap<(String, String), Vec<Held<'_>>> = BTreeMap::new();
    let is_real = |text: &str| !secret::is_well_known(text, &[]) && !secret::is_of_development(text);
    for (id, source) in base.project.sources.iter() {
        for secret in named_secret::named(id, source) {
            let Some(environment) = secret.environment.filter(|_| is_real(secret.text)) else { continue };
            let what = format!("`{}`", show_text(secret.key));
            let one = Held { environment, what, origin: secret.origin };
            held.entry((secret.path, secret.text.to_owned())).or_default().push(one);
        }
    }
    for case in cases {
        let Some(environment) = case.environment() else { continue };
        for site in case.primaries() {
            let Some(found) = site.get(Key::Password).and_then(|setting| password::literal(case, setting)) else {
                continue;
            };
            if is_real(&found.text) && !password::is_local(case, site.connection) {
                let one = Held { environment, what: format!("the password of {}", site.what()), origin: found.origin };
                held.entry((format!("database {}", site.database.role), found.text)).or_default().push(one);
            }
        }
    }
    for all in held.into_values().filter(|all| all.len() > 1) {
        findings.extend(compare(&all));
    }
}

/// The finding about a secret that several environments hold: at production's, otherwise at the last.
fn compare(all: &[Held<'_>]) -> Option<Finding> {
    let serious = |held: &&Held<'_>| !is_development(held.environment);
    let own = all.iter().find(|held| is_production(held.environment)).or_else(|| all.iter().rev().find(serious))?;
    let is_compared = |other: &&Held<'_>| {
        !other.environment.eq_ignore_ascii_case(own.environment)
            && other.origin != own.origin
            && (is_production(own.environment) || !is_development(other.environment))
            && !(is_production(own.environment) && is_production(other.environment))
    };
    let other = all.iter().find(is_compared)?;
    let message =
        format!("{} is the same in {} and {}", own.what, show_text(own.environment), show_text(other.environment));
    Some(
        Finding::new(&INFO, own.origin.clone(), message)
            .help("give each environment a secret of its own")
            .related(other.origin.clone(), format!("the same in {}", show_text(other.environment))),
    )
}
