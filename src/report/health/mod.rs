//! What a probe found, in every format of `dbcfg probe`, and the lines of its log.
//!
//! What servers said reaches the output here only, masked and escaped: see `words`.

mod causes;
mod databases;
mod deep;
mod hints;
mod human;
mod json;
mod junit;
mod log;
mod nagios;
mod prometheus;
mod table;
#[cfg(test)]
mod tests;
mod words;

use std::cmp::Reverse;
use std::collections::BTreeMap;

use crate::model::health::{Health, Status, Subject, TargetHealth};
use crate::model::{Origin, Sources};
use crate::redact;

use super::entry::Entry;

pub use human::human;
pub use json::json;
pub use junit::junit;
pub use log::{Level, log, transition};
pub use nagios::nagios;
pub use prometheus::prometheus;

/// What a run found, and what it means for the configuration.
#[derive(Clone, Copy, Debug)]
pub struct Checkup<'run> {
    /// What became of the targets.
    pub health: &'run Health,
    /// Where the configuration stands, to say places in words.
    pub sources: &'run Sources,
    /// What is known of a target beside its health; those that need nothing said may be absent.
    pub notes: &'run BTreeMap<Subject, HealthNote>,
    /// What the live rules found.
    pub entries: &'run [Entry],
}

/// What a person is told about a target beside its verdict.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct HealthNote {
    /// The value of the configuration to look at first; of a healthy target, where it is defined.
    pub origin: Option<Origin>,
    /// What to try next, in a sentence without its full stop. Holds no secret; not yet escaped.
    pub hint: Option<String>,
}

impl<'run> Checkup<'run> {
    /// The targets, the worst first, and of equal ones in the order of the configuration.
    fn worst_first(&self) -> Vec<&'run TargetHealth> {
        let mut targets: Vec<&TargetHealth> = self.health.targets.iter().collect();
        targets.sort_by_key(|target| Reverse(target.status));
        targets
    }

    /// The place to look at first, in words.
    fn place(&self, subject: &Subject) -> Option<String> {
        let origin = self.notes.get(subject)?.origin.as_ref()?;
        Some(self.sources.describe(origin))
    }

    /// What to try next, masked and escaped.
    fn hint(&self, subject: &Subject) -> Option<String> {
        self.notes.get(subject)?.hint.as_deref().map(redact::show_hint)
    }

    /// How many targets have each verdict that occurs, the worst first.
    fn counts(&self) -> Vec<(Status, usize)> {
        let all = [Status::Down, Status::Degraded, Status::NotMeasured, Status::Healthy];
        let count = |status| self.health.targets.iter().filter(|target| target.status == status).count();
        all.into_iter().map(|status| (status, count(status))).filter(|(_, count)| *count > 0).collect()
    }
}
