//! `--watch`: round after round until somebody ends it, with a circuit breaker for each endpoint.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::time::{Duration, Instant, SystemTime};

use anyhow::Result;

use crate::cli::ProbeFormat;
use crate::exit::ExitStatus;
use crate::model::health::{Cause, Status, Subject, TargetHealth};
use crate::model::moment::rfc3339;
use crate::model::{Configuration, Role};
use crate::probe::{Breaker, BreakerSettings, BreakerState, Target, Transition};
use crate::redact;
use crate::report::counted;

use super::super::output::Output;
use super::checkup::Checked;
use super::print::{one_line, write_reports};
use super::{Session, status};

/// What is known from round to round.
#[derive(Debug)]
struct Watched {
    settings: BreakerSettings,
    /// By endpoint: two targets on one share a breaker.
    endpoints: BTreeMap<String, Endpoint>,
    /// What became of each target when it was tried last.
    known: BTreeMap<Subject, TargetHealth>,
}

/// An endpoint, and how often it has failed in a row.
#[derive(Debug)]
struct Endpoint {
    breaker: Breaker,
    failures: u32,
}

/// A breaker that changed.
#[derive(Debug)]
struct Change {
    /// A target on its endpoint.
    subject: Subject,
    endpoint: String,
    transition: Transition,
    reason: String,
}

/// Watches until somebody ends it, or nobody reads any more.
pub(super) fn watch(session: &Session<'_>, interval: Duration) -> Result<ExitStatus> {
    let configuration = &session.judge.loaded.configuration;
    let mut watched = Watched::new(breaker_settings(configuration));
    let targets = counted(session.targets.len(), "target");
    session.output.talk(&format!("Watching {targets} every {interval:?} until Ctrl-C; times are UTC.\n"));
    let mut before: Option<Checked> = None;
    loop {
        let begin = Instant::now();
        let (admitted, mut transitions) = watched.admit(&session.targets, begin);
        let mut health = session.round(&admitted, &session.options)?;
        let is_interrupted = health.is_interrupted;
        if is_interrupted && before.is_some() {
            // What it knows is half of a round: the last whole one says more.
            break;
        }
        transitions.extend(watched.record(&health.targets, Instant::now()));
        health.targets = watched.all(&session.targets, &admitted);
        if let Some(before) = before.as_ref().filter(|_| admitted.is_empty()) {
            // Nothing was tried; how long that took says nothing.
            health.time = before.health.time;
        }
        let checked = session.judge.judge(health);
        let is_read = tell(session, before.as_ref(), &checked, &transitions)?;
        write_reports(&session.wishes.reports, &checked, &configuration.sources)?;
        if !is_read {
            return Ok(status(session, &checked));
        }
        before = Some(checked);
        if is_interrupted || !session.rounds.pause(interval.saturating_sub(begin.elapsed())) {
            break;
        }
    }
    if let Some(last) = before.filter(|_| session.wishes.format == ProbeFormat::Human) {
        Output::result(&session.render(&last))?;
    }
    Ok(ExitStatus::Interrupted)
}

/// Prints a round: JSON whole, for people the first, and then what changes. False if nobody reads it.
fn tell(session: &Session<'_>, before: Option<&Checked>, checked: &Checked, transitions: &[Change]) -> Result<bool> {
    for change in transitions {
        session.log.transition(&change.subject, &change.endpoint, change.transition);
    }
    let (style, width) = session.shape;
    let time = time(width.is_some());
    let lines = |lines: Vec<String>| {
        lines.iter().fold(String::new(), |text, line| {
            text + &style.faint(&time)
                + " "
                + line
                + "
"
        })
    };
    let transitions = lines(transitions.iter().map(Change::line).collect());
    if session.wishes.format == ProbeFormat::Json {
        // A document a line leaves them no place on standard output.
        session.output.talk(&transitions);
        return Output::deliver(one_line(&session.render(checked)).as_bytes());
    }
    let text = match before {
        None => session.render(checked),
        Some(before) => lines(changes(before, checked)),
    };
    let text = text + &transitions;
    if text.is_empty() { Ok(true) } else { Output::deliver(text.as_bytes()) }
}

/// The time now: on a terminal the time of day, in a file the date, too.
fn time(is_terminal: bool) -> String {
    let now = rfc3339(SystemTime::now());
    match now.split_once('T') {
        Some((_, time)) if is_terminal => time.trim_end_matches('Z').to_owned(),
        _ => now,
    }
}

/// A line for each verdict that is another than before, and for each cause.
fn changes(before: &Checked, now: &Checked) -> Vec<String> {
    let mut lines = Vec::new();
    for target in &now.health.targets {
        let Some(known) = before.health.of(&target.subject) else { continue };
        let is_same = known.status == target.status && known.via == target.via && cause(known) == cause(target);
        if is_same {
            continue;
        }
        let name = redact::show_text(&target.subject.name());
        let mut line = if known.status == target.status {
            format!("{name} {}", target.status)
        } else {
            format!("{name} {} -> {}", known.status, target.status)
        };
        if let Some(via) = target.via.filter(|_| target.status == Status::Degraded) {
            let _ = write!(line, " via {via}");
        }
        if let Some(failure) = target.failure.as_ref().filter(|_| target.status != Status::Healthy) {
            let _ = write!(line, ": {} at {}", redact::show_said(&failure.message), failure.stage);
        }
        if let Some(hint) = now.notes.get(&target.subject).and_then(|note| note.hint.as_deref()) {
            let _ = write!(line, "; {}", redact::show_hint(hint));
        }
        lines.push(line);
    }
    lines
}

fn cause(target: &TargetHealth) -> Option<Cause> {
    target.failure.as_ref().map(|failure| failure.cause)
}

/// What the configuration says about circuit breakers: it knows one, `MLflow`'s, and all endpoints follow it.
fn breaker_settings(configuration: &Configuration) -> BreakerSettings {
    let mlflow = configuration.services.iter().find(|service| service.name == Role::Mlflow.name());
    mlflow.map(|service| BreakerSettings::of(&service.settings)).unwrap_or_default()
}

impl Watched {
    fn new(settings: BreakerSettings) -> Self {
        Self { settings, endpoints: BTreeMap::new(), known: BTreeMap::new() }
    }

    /// The targets that are tried now, and the breakers that open for a trial.
    fn admit(&mut self, targets: &[Target], now: Instant) -> (Vec<Target>, Vec<Change>) {
        let (mut admitted, mut changes) = (BTreeMap::new(), Vec::new());
        let reason = format!("after {:?}", self.settings.recovery);
        for target in targets {
            if admitted.contains_key(&target.endpoint) {
                continue;
            }
            let (is_admitted, transition) = self.endpoint(&target.endpoint).breaker.admit(now);
            changes.extend(transition.map(|transition| Change {
                subject: target.subject.clone(),
                endpoint: target.endpoint.clone(),
                transition,
                reason: reason.clone(),
            }));
            admitted.insert(target.endpoint.clone(), is_admitted);
        }
        let is_admitted = |target: &&Target| admitted.get(&target.endpoint).is_some_and(|is_admitted| *is_admitted);
        (targets.iter().filter(is_admitted).cloned().collect(), changes)
    }

    /// Remembers what became of those that were tried, and tells which breakers change.
    fn record(&mut self, targets: &[TargetHealth], now: Instant) -> Vec<Change> {
        // An endpoint fails if none of its targets came through.
        let mut outcomes: BTreeMap<&str, &TargetHealth> = BTreeMap::new();
        for target in targets {
            self.known.insert(target.subject.clone(), target.clone());
            // Nothing is said about the server if it could not be tried.
            if target.status != Status::NotMeasured {
                let outcome = outcomes.entry(&target.endpoint).or_insert(target);
                if target.status < outcome.status {
                    *outcome = target;
                }
            }
        }
        let mut changes = Vec::new();
        for (name, target) in outcomes {
            let is_ok = target.status != Status::Down;
            let trials = self.settings.trials;
            let endpoint = self.endpoint(name);
            endpoint.failures = if is_ok { 0 } else { endpoint.failures + 1 };
            let failures = endpoint.failures;
            let Some(transition) = endpoint.breaker.record(is_ok, now) else { continue };
            let cause = cause(target).map_or_else(|| "no answer".to_owned(), Cause::name);
            let reason = match (transition.from, transition.to) {
                (BreakerState::Closed, _) => format!("{} in a row: {cause}", counted(whole(failures), "failure")),
                (_, BreakerState::Open) => format!("a trial failed: {cause}"),
                _ => format!("{} succeeded", counted(whole(trials), "trial")),
            };
            changes.push(Change { subject: target.subject.clone(), endpoint: name.to_owned(), transition, reason });
        }
        changes
    }

    /// What is known of all targets. Those that were not tried in this round are as they were, and say so.
    fn all(&self, targets: &[Target], admitted: &[Target]) -> Vec<TargetHealth> {
        let is_tried = |subject: &Subject| admitted.iter().any(|target| target.subject == *subject);
        let known = |target: &Target| {
            let mut health = self.known.get(&target.subject).cloned()?;
            if !is_tried(&target.subject) {
                health.remarks.push(OPEN.to_owned());
            }
            Some(health)
        };
        targets.iter().filter_map(known).collect()
    }

    fn endpoint(&mut self, name: &str) -> &mut Endpoint {
        let settings = self.settings;
        let new = || Endpoint { breaker: Breaker::new(settings), failures: 0 };
        self.endpoints.entry(name.to_owned()).or_insert_with(new)
    }
}

fn whole(count: u32) -> usize {
    usize::try_from(count).unwrap_or(usize::MAX)
}

/// What is told of a target that is left alone for a while.
const OPEN: &str = "not tried in this round, since its circuit breaker is open: this is what the last try found";

impl Change {
    /// `mlflow closed -> open (3 failures in a row: name-not-found)`
    fn line(&self) -> String {
        let Self { subject, transition, reason, .. } = self;
        format!("{} {} -> {} ({reason})", redact::show_text(&subject.name()), transition.from, transition.to)
    }
}

#[cfg(test)]
mod tests {
    use super::super::checkup::samples::{checked, target};
    use super::*;
    use crate::model::health::Class;

    fn down(cause: Cause) -> TargetHealth {
        target("mlflow", Status::Down, Some((cause, Class::Permanent)))
    }

    #[test]
    fn breakers_tell_why_they_change() {
        let settings = BreakerSettings { threshold: 3, recovery: Duration::from_secs(30), trials: 1 };
        let mut watched = Watched::new(settings);
        let now = Instant::now();
        let record = |watched: &mut Watched, target: TargetHealth, now: Instant| -> Vec<String> {
            watched.record(&[target], now).iter().map(Change::line).collect()
        };
        let told: Vec<String> = (0..3).flat_map(|_| record(&mut watched, down(Cause::NameNotFound), now)).collect();
        assert_eq!(told, ["mlflow closed -> open (3 failures in a row: name-not-found)"]);
        let later = now + Duration::from_secs(30);
        let endpoint = watched.endpoint("mlflow.example.com:5432/app");
        assert!(!endpoint.breaker.admit(now + Duration::from_secs(29)).0 && endpoint.breaker.admit(later).0);
        let told = record(&mut watched, down(Cause::Timeout), later);
        assert_eq!(told, ["mlflow half-open -> open (a trial failed: timeout)"]);
        let later = later + Duration::from_secs(30);
        assert!(watched.endpoint("mlflow.example.com:5432/app").breaker.admit(later).0);
        let told = record(&mut watched, target("mlflow", Status::Degraded, None), later);
        assert_eq!(told, ["mlflow half-open -> closed (1 trial succeeded)"]);
        assert!(record(&mut watched, target("mlflow", Status::NotMeasured, None), later).is_empty());
    }

    #[test]
    fn changes_are_told_and_nothing_else() {
        let (healthy, refused) = (target("mlflow", Status::Healthy, None), down(Cause::Refused));
        let other = target("main", Status::Healthy, None);
        let lines = |before: &TargetHealth, now: &TargetHealth| {
            let round = |it: &TargetHealth| checked(vec![other.clone(), it.clone()]);
            changes(&round(before), &round(now))
        };
        assert!(lines(&healthy, &healthy).is_empty() && lines(&refused, &refused).is_empty());
        assert_eq!(lines(&healthy, &refused), ["mlflow healthy -> down: refused is what happened at dns"]);
        assert_eq!(lines(&refused, &down(Cause::Timeout)), ["mlflow down: timeout is what happened at dns"]);
        assert_eq!(lines(&refused, &healthy), ["mlflow down -> healthy"]);
    }

    #[test]
    fn a_file_has_the_date_too() {
        let (short, long) = (time(true), time(false));
        assert!(short.len() == 8 && long.len() == 20 && long.contains('T'), "{short} {long}");
    }
}
