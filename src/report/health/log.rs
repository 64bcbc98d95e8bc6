//! What happens during a run as lines of a log, in logfmt: `key=value`, quoted where that is needed.

use std::fmt::{Display, Write as _};
use std::time::Duration;

use crate::model::health::{Event, Failure, Status, Subject};

use super::words;

/// How much a line matters, the most first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// A target is down.
    Error,
    /// An attempt failed, or a target is degraded or not measured.
    Warn,
    /// Attempts and results.
    Info,
    /// Every step.
    Debug,
}

impl Level {
    /// The word for it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warn => "warn",
            Self::Info => "info",
            Self::Debug => "debug",
        }
    }
}

/// The line of an event, without its end, and how much it matters.
pub fn log(event: &Event<'_>) -> (Level, String) {
    match event {
        Event::Started { subject } => {
            let line = Line::new(Level::Debug, "started").subject(subject);
            (Level::Debug, line.0)
        }
        Event::Attempt { subject, endpoint, database, number, of, timeout } => {
            let line = Line::new(Level::Info, "attempt").subject(subject).with("endpoint", words::place(endpoint));
            let line = line.maybe("database", database.map(words::place)).with("attempt", number).with("of", of);
            (Level::Info, line.with("timeout_millis", timeout.as_millis()).0)
        }
        Event::Stage { subject, stage } => {
            (Level::Debug, Line::new(Level::Debug, "stage").subject(subject).with("stage", stage).0)
        }
        Event::Failed { subject, endpoint, number, of, failure, retry_in } => {
            let line = Line::new(Level::Warn, "failed").subject(subject).with("endpoint", words::place(endpoint));
            let line = line.with("attempt", number).with("of", of).failure(failure);
            (Level::Warn, line.maybe("retry_in_millis", retry_in.map(|delay: Duration| delay.as_millis())).0)
        }
        Event::Finished { target } => {
            let level = match target.status {
                Status::Healthy => Level::Info,
                Status::NotMeasured | Status::Degraded => Level::Warn,
                Status::Down => Level::Error,
            };
            let line = Line::new(level, "finished").subject(&target.subject).with("status", target.status);
            let line = line.maybe("via", target.via).maybe("stage", words::stage(target));
            let line = line.maybe("cause", target.failure.as_ref().map(|failure| failure.cause.name()));
            (level, line.with("attempts", target.attempts.len()).with("millis", target.time.as_millis()).0)
        }
    }
}

/// The line of a circuit breaker that changes from one state to another (`closed`, `open`, `half-open`).
pub fn transition(subject: &Subject, endpoint: &str, from: &str, to: &str) -> (Level, String) {
    let level = if to == "open" { Level::Warn } else { Level::Info };
    let line = Line::new(level, "breaker").subject(subject).with("endpoint", words::place(endpoint));
    (level, line.with("from", from).with("to", to).0)
}

/// A line as it grows.
struct Line(String);

impl Line {
    fn new(level: Level, event: &str) -> Self {
        Self(format!("level={} event={event}", level.name()))
    }

    fn subject(self, subject: &Subject) -> Self {
        self.with("target", words::name(subject))
    }

    fn failure(self, failure: &Failure) -> Self {
        let line = self.with("stage", failure.stage).with("cause", failure.cause.name());
        let line = line.with("code", words::said(&failure.code)).with("class", failure.class.name());
        line.with("message", words::said(&failure.message))
    }

    fn with(mut self, key: &str, value: impl Display) -> Self {
        let value = value.to_string();
        let is_plain = |c: char| c.is_alphanumeric() || "-_.:/[]@+,${}~*".contains(c);
        if !value.is_empty() && value.chars().all(is_plain) {
            let _ = write!(self.0, " {key}={value}");
        } else {
            let value = value.replace('\\', "\\\\").replace('"', "\\\"");
            let _ = write!(self.0, " {key}=\"{value}\"");
        }
        self
    }

    fn maybe(self, key: &str, value: Option<impl Display>) -> Self {
        match value {
            Some(value) => self.with(key, value),
            None => self,
        }
    }
}
