//! What a round found, judged by the live rules, with what a person is told about it.

use std::collections::BTreeMap;

use crate::cli::ProbeFormat;
use crate::finding::Severity;
use crate::load::Loaded;
use crate::model::Sources;
use crate::model::health::{Cause, Health, Status, Subject, TargetHealth};
use crate::report::health::{Checkup, HealthNote};
use crate::report::{Entry, Quotes};
use crate::rules::{self, LiveWanted, Selection};

/// What a round found, and what it means.
#[derive(Debug, Default)]
pub(super) struct Checked {
    /// What became of the targets. One with an error among the findings is degraded, even if it answers.
    pub(super) health: Health,
    /// Where each target stands in the configuration, and hints for those that are not healthy.
    pub(super) notes: BTreeMap<Subject, HealthNote>,
    /// What the live rules found.
    entries: Vec<Entry>,
    /// What they found besides why targets do not answer, which people read beside the verdict already.
    news: Vec<Entry>,
}

/// By what a round is judged.
#[derive(Debug)]
pub(super) struct Judge<'run> {
    /// What was read.
    pub(super) loaded: &'run Loaded,
    /// The rules that count.
    pub(super) selection: Selection,
    /// How much memory the server has, in bytes, if somebody said so.
    pub(super) server_memory: Option<u64>,
    /// Whether `--password-file` gives the password: what the configuration says of it counts for nothing then.
    pub(super) has_password_file: bool,
}

/// What to try when the password of `--password-file` is rejected.
const OTHER_PASSWORD: &str =
    "the password came from --password-file: look at the first line of that file, and whose it is";

impl Judge<'_> {
    /// Judges what a round found.
    pub(super) fn judge(&self, mut health: Health) -> Checked {
        let Self { loaded, selection, server_memory, has_password_file } = self;
        let configuration = &loaded.configuration;
        let wanted = LiveWanted { selection, ignores: &loaded.ignores, server_memory: *server_memory };
        let verdict = rules::check_live(configuration, &health, &loaded.settings, &wanted);
        for (subject, _) in verdict.findings.iter().filter(|(_, finding)| finding.severity == Severity::Error) {
            let healthy = |it: &&mut TargetHealth| it.status == Status::Healthy;
            if let Some(target) = health.targets.iter_mut().filter(healthy).find(|it| it.subject == *subject) {
                target.status = Status::Degraded;
            }
        }
        let is_given = |target: &TargetHealth| {
            let is_rejected = target.failure.as_ref().is_some_and(|it| it.cause == Cause::PasswordRejected);
            *has_password_file && is_rejected
        };
        let note = |target: &TargetHealth| {
            if is_given(target) {
                return HealthNote { origin: None, hint: Some(OTHER_PASSWORD.to_owned()) };
            }
            let is_ill = target.status != Status::Healthy;
            let hint = is_ill.then(|| rules::hint::hint(configuration, &health, target)).flatten();
            HealthNote { origin: rules::hint::place(configuration, target), hint }
        };
        let notes: BTreeMap<Subject, HealthNote> =
            health.targets.iter().map(|target| (target.subject.clone(), note(target))).collect();
        let (mut entries, mut news) = (Vec::new(), Vec::new());
        for (subject, mut finding) in verdict.findings {
            if finding.severity == Severity::Error && health.of(&subject).is_some_and(is_given) {
                finding.help = Some(OTHER_PASSWORD.to_owned());
            }
            // Of a target that does not answer as it is configured, the cause and its hint are told already.
            let hint = notes.get(&subject).and_then(|note| note.hint.as_ref());
            let is_told = hint.is_some_and(|hint| finding.help.as_ref() == Some(hint));
            let answers = health.of(&subject).is_none_or(|target| target.via.is_some());
            let entry = Entry::new(&configuration.sources, finding, String::new(), Quotes::Unwanted);
            if answers && !is_told {
                news.push(entry.clone());
            }
            entries.push(entry);
        }
        Checked { health, notes, entries, news }
    }
}

impl Checked {
    /// The same, as a report wants it.
    pub(super) fn as_checkup<'run>(&'run self, format: ProbeFormat, sources: &'run Sources) -> Checkup<'run> {
        let is_for_people = matches!(format, ProbeFormat::Human | ProbeFormat::Nagios);
        let entries = if is_for_people { &self.news } else { &self.entries };
        Checkup { health: &self.health, sources, notes: &self.notes, entries }
    }
}

#[cfg(test)]
pub(super) mod samples {
    //! What tests of the rooms beside say that a probe found.

    use std::time::Duration;

    use crate::model::Role;
    use crate::model::health::{Class, Engine, Failure};

    use super::*;

    /// A round with these targets, which no rule has judged.
    pub(in super::super) fn checked(targets: Vec<TargetHealth>) -> Checked {
        Checked { health: Health { targets, ..Health::default() }, ..Checked::default() }
    }

    /// A database of this name.
    pub(in super::super) fn target(name: &str, status: Status, failure: Option<(Cause, Class)>) -> TargetHealth {
        let failure = failure.map(|(cause, class)| Failure {
            cause,
            class,
            code: cause.name(),
            message: format!("{} is what happened", cause.name()),
            ..Failure::default()
        });
        TargetHealth {
            subject: Subject::primary(Role::of_name(name)),
            engine: Engine::Postgresql,
            endpoint: format!("{name}.example.com:5432/app"),
            status,
            via: None,
            failure,
            attempts: Vec::new(),
            facts: None,
            remarks: Vec::new(),
            time: Duration::ZERO,
        }
    }
}
