//! Targets that failed for one reason, told once.

use std::collections::HashMap;

use crate::finding::{Finding, RuleInfo, Severity};
use crate::model::Origin;
use crate::model::health::{Cause, Failure, Part, Stage, Subject, TargetHealth};
use crate::redact::{escape, show_text};
use crate::rules::hint::{hint, place};
use crate::rules::live_check::{Found, Live, name, names, server};

/// Targets that failed for one reason: on one server, where nobody had yet said who they are.
pub(super) struct Failed<'run> {
    pub(super) targets: Vec<&'run TargetHealth>,
    /// Why the first failed.
    pub(super) failure: &'run Failure,
}

/// The targets that failed with some causes.
pub(super) fn all<'run>(live: &Live<'run>, is_meant: fn(Cause) -> bool) -> Vec<Failed<'run>> {
    let mut all: Vec<Failed<'run>> = Vec::new();
    let mut known: HashMap<(Cause, String), usize> = HashMap::new();
    for (target, failure) in live.failures().filter(|(_, failure)| is_meant(failure.cause)) {
        let whole = match failure.stage {
            Stage::Dns => Some(host(target)),
            Stage::Tcp | Stage::Tls => Some(server(target)),
            _ => None,
        };
        let same = whole.map(|whole| *known.entry((failure.cause, whole)).or_insert(all.len()));
        match same.and_then(|index| all.get_mut(index)) {
            Some(failed) => failed.targets.push(target),
            None => all.push(Failed { targets: vec![target], failure }),
        }
    }
    all
}

/// The name of a target's host.
fn host(target: &TargetHealth) -> String {
    host_of(&server(target)).to_owned()
}

/// The host of `db.example.com:5432` or of a URL, without its port.
fn host_of(server: &str) -> &str {
    let rest = server.split_once("://").map_or(server, |(_, rest)| rest);
    let authority = rest.split(['/', '?']).next().unwrap_or(rest);
    let place = authority.rsplit_once('@').map_or(authority, |(_, place)| place);
    match place.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => host,
        _ => place,
    }
}

impl Failed<'_> {
    /// Whose failure it is: `main and mlflow`.
    pub(super) fn names(&self) -> String {
        names(self.targets.iter().map(|target| target.subject.clone()))
    }

    /// The name of the host.
    pub(super) fn host(&self) -> String {
        self.targets.first().map(|target| show_text(&host(target))).unwrap_or_default()
    }

    /// Where the server is.
    pub(super) fn server(&self) -> String {
        self.targets.first().map(|target| show_text(&server(target))).unwrap_or_default()
    }

    /// The name of the database that was asked for, if there is one.
    pub(super) fn database(&self) -> Option<String> {
        let mut attempts = self.targets.first()?.attempts.iter();
        attempts.find_map(|attempt| attempt.database.as_deref()).map(show_text)
    }

    /// What was said about the failure. It holds no password, and would lose words beside "password" if it were masked.
    pub(super) fn said(&self) -> String {
        escape(&self.failure.message).into_owned()
    }

    /// Whether nothing of it is used: definitions that lost.
    fn is_lost(&self) -> bool {
        let is_lost = |target: &&TargetHealth| matches!(target.subject, Subject::Database { part: Part::Lost(_), .. });
        self.targets.iter().all(is_lost)
    }

    /// The finding: at the line to change, with what to try next.
    pub(super) fn finding(&self, live: &Live<'_>, rule: &'static RuleInfo, message: String) -> Option<Found> {
        let (first, others) = self.targets.split_first()?;
        let configuration = live.configuration();
        let origin = place(configuration, first).unwrap_or(Origin::CommandLine);
        let mut finding = Finding::new(rule, origin, message);
        finding.help = hint(configuration, live.health, first);
        if self.is_lost() {
            // Nothing of it is used; that it is wrong is worth knowing before somebody uses it.
            finding.severity = Severity::Warning;
        }
        let mut seen = vec![finding.origin.clone()];
        for other in others {
            let Some(origin) = place(configuration, other).filter(|origin| !seen.contains(origin)) else { continue };
            seen.push(origin.clone());
            finding = finding.related(origin, format!("the same, as {}", name(&other.subject)));
        }
        Some((first.subject.clone(), finding))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_are_found_in_what_people_are_told() {
        for (server, expected) in [
            ("db.example.com:5432", "db.example.com"),
            ("db.example.com", "db.example.com"),
            ("[2001:db8::1]:5432", "[2001:db8::1]"),
            ("[2001:db8::1]", "[2001:db8::1]"),
            ("https://auth.example.com/health", "auth.example.com"),
            ("redis://user@cache.example.com:6379/0", "cache.example.com"),
            ("one.example.com:5432,two.example.com:5432", "one.example.com:5432,two.example.com"),
        ] {
            assert_eq!(host_of(server), expected);
        }
    }
}
