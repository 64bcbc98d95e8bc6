//! What a probe found, in every format of `dbcfg probe`, and the lines of its log.

use std::collections::BTreeMap;

use crate::model::health::{Event, Health, Subject};
use crate::model::{Origin, Sources};

use super::entry::Entry;
use super::style::Style;

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

/// What a person is told about a target that is not healthy.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct HealthNote {
    /// The value of the configuration to look at first.
    pub origin: Option<Origin>,
    /// What to try next, in a sentence without its full stop. Holds no secret; not yet escaped.
    pub hint: Option<String>,
}

fn lines(checkup: &Checkup<'_>) -> String {
    let line = |target: &crate::model::health::TargetHealth| format!("{} {}\n", target.subject.name(), target.status);
    checkup.health.targets.iter().map(line).collect()
}

/// For people.
pub fn human(checkup: &Checkup<'_>, _style: Style, _width: Option<usize>) -> String {
    lines(checkup)
}

/// For programs.
pub fn json(checkup: &Checkup<'_>) -> String {
    lines(checkup)
}

/// `JUnit`.
pub fn junit(checkup: &Checkup<'_>) -> String {
    lines(checkup)
}

/// Prometheus.
pub fn prometheus(checkup: &Checkup<'_>) -> String {
    lines(checkup)
}

/// Nagios.
pub fn nagios(checkup: &Checkup<'_>) -> String {
    lines(checkup)
}

/// How much is logged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Error.
    Error,
    /// Warn.
    Warn,
    /// Info.
    Info,
    /// Debug.
    Debug,
}

/// The line of an event, without its end, and how much it matters.
pub fn log(_event: &Event<'_>) -> (Level, String) {
    (Level::Debug, String::new())
}

/// The line of a circuit breaker that changes from one state to another (`closed`, `open`, `half-open`).
pub fn transition(_subject: &Subject, _endpoint: &str, _from: &str, _to: &str) -> (Level, String) {
    (Level::Debug, String::new())
}
