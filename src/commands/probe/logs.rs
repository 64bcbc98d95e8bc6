//! The log of a run on standard error: logfmt, with the time in UTC, for `-v` and `DBCFG_LOG`.

use std::time::SystemTime;

use crate::cli::LogLevel;
use crate::model::health::{Event, Events, Subject};
use crate::model::moment::rfc3339;
use crate::probe::Transition;
use crate::report::health::{self, Level};

use super::super::output;

/// Writes what matters enough.
#[derive(Clone, Copy, Debug)]
pub(super) struct Log {
    /// The least that matters; none for nothing.
    least: Option<Level>,
}

impl Log {
    /// A log that tells so much.
    pub(super) fn new(level: LogLevel) -> Self {
        let least = match level {
            LogLevel::Off => None,
            LogLevel::Error => Some(Level::Error),
            LogLevel::Warn => Some(Level::Warn),
            LogLevel::Info => Some(Level::Info),
            LogLevel::Debug => Some(Level::Debug),
        };
        Self { least }
    }

    /// Whether it writes at all: lines of a log and a moving bar do not share a terminal.
    pub(super) fn is_on(self) -> bool {
        self.least.is_some()
    }

    /// A circuit breaker changes.
    pub(super) fn transition(self, subject: &Subject, endpoint: &str, transition: Transition) {
        if self.is_on() {
            self.write(health::transition(subject, endpoint, transition.from.name(), transition.to.name()));
        }
    }

    fn write(self, (level, line): (Level, String)) {
        // What matters most comes first in the order of levels.
        if self.least.is_some_and(|least| level <= least) {
            output::say(&format!("time={} {line}", rfc3339(SystemTime::now())));
        }
    }
}

impl Events for Log {
    fn event(&self, event: Event<'_>) {
        if self.is_on() {
            self.write(health::log(&event));
        }
    }
}
