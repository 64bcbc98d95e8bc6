//! A circuit breaker for whoever probes again and again: an endpoint that keeps failing is left alone for a while.
//!
//! The usual pattern, with the settings that MLflow's clients know as `MLFLOW_CB_*`: it is closed while all is well;
//! after so many failures in a row it opens, and nothing is tried until the time of recovery is over; then it is half
//! open, and lets trials through. `max_recovery_attempts` is taken as the number of trials that have to succeed, one
//! after the other, before it closes again; the first that fails opens it anew.

use std::fmt;
use std::time::{Duration, Instant};

use crate::model::{Key, Settings};

/// When a breaker opens and closes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BreakerSettings {
    /// After how many failures in a row it opens; at least 1.
    pub threshold: u32,
    /// How long nothing is tried.
    pub recovery: Duration,
    /// How many trials have to succeed before it closes; at least 1.
    pub trials: u32,
}

impl Default for BreakerSettings {
    /// What `MLFLOW_CB_FAILURE_THRESHOLD`, `MLFLOW_CB_RECOVERY_TIMEOUT` and `MLFLOW_CB_MAX_RECOVERY_ATTEMPTS` customarily
    /// are: 3, 30 s, 3.
    fn default() -> Self {
        Self { threshold: 3, recovery: Duration::from_secs(30), trials: 3 }
    }
}

impl BreakerSettings {
    /// What the settings of a service say, and the default where they say nothing that can be used.
    pub fn of(settings: &Settings) -> Self {
        let text = |key| settings.get(key).and_then(|setting| setting.effective());
        let count = |key| text(key).and_then(|text| text.trim().parse().ok()).filter(|count| *count > 0);
        let seconds = text(Key::BreakerRecovery).and_then(|text| text.trim().parse().ok());
        let default = Self::default();
        Self {
            threshold: count(Key::BreakerThreshold).unwrap_or(default.threshold),
            recovery: seconds.and_then(|it| Duration::try_from_secs_f64(it).ok()).unwrap_or(default.recovery),
            trials: count(Key::BreakerTrials).unwrap_or(default.trials),
        }
    }
}

/// What a breaker lets through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BreakerState {
    /// Everything.
    Closed,
    /// Nothing.
    Open,
    /// Trials.
    HalfOpen,
}

impl BreakerState {
    /// The word for it, in every output.
    pub fn name(self) -> &'static str {
        match self {
            Self::Closed => "closed",
            Self::Open => "open",
            Self::HalfOpen => "half-open",
        }
    }
}

impl fmt::Display for BreakerState {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

/// A change of a breaker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Transition {
    /// What it was.
    pub from: BreakerState,
    /// What it is now.
    pub to: BreakerState,
}

/// The breaker of one endpoint. It has no clock of its own: whoever uses it says what time it is.
#[derive(Clone, Debug)]
pub struct Breaker {
    settings: BreakerSettings,
    inner: Inner,
}

/// The state, with what counts in it.
#[derive(Clone, Copy, Debug)]
enum Inner {
    Closed { failures: u32 },
    Open { since: Instant },
    HalfOpen { successes: u32 },
}

impl Breaker {
    /// A closed one.
    pub fn new(settings: BreakerSettings) -> Self {
        Self { settings, inner: Inner::Closed { failures: 0 } }
    }

    /// What it lets through, as of the last call of [`Self::admit`] or [`Self::record`].
    pub fn state(&self) -> BreakerState {
        match self.inner {
            Inner::Closed { .. } => BreakerState::Closed,
            Inner::Open { .. } => BreakerState::Open,
            Inner::HalfOpen { .. } => BreakerState::HalfOpen,
        }
    }

    /// Whether the endpoint is to be tried now, and the change if the time of recovery is over.
    pub fn admit(&mut self, now: Instant) -> (bool, Option<Transition>) {
        match self.inner {
            Inner::Closed { .. } | Inner::HalfOpen { .. } => (true, None),
            Inner::Open { since } if now.saturating_duration_since(since) >= self.settings.recovery => {
                (true, self.become_state(Inner::HalfOpen { successes: 0 }))
            }
            Inner::Open { .. } => (false, None),
        }
    }

    /// What became of a try. One that was begun before it opened changes nothing any more.
    pub fn record(&mut self, is_ok: bool, now: Instant) -> Option<Transition> {
        let next = match self.inner {
            Inner::Closed { .. } if is_ok => Inner::Closed { failures: 0 },
            Inner::Closed { failures } if failures + 1 >= self.settings.threshold => Inner::Open { since: now },
            Inner::Closed { failures } => Inner::Closed { failures: failures + 1 },
            Inner::HalfOpen { .. } if !is_ok => Inner::Open { since: now },
            Inner::HalfOpen { successes } if successes + 1 >= self.settings.trials => Inner::Closed { failures: 0 },
            Inner::HalfOpen { successes } => Inner::HalfOpen { successes: successes + 1 },
            Inner::Open { since } => Inner::Open { since },
        };
        self.become_state(next)
    }

    fn become_state(&mut self, next: Inner) -> Option<Transition> {
        let from = self.state();
        self.inner = next;
        let to = self.state();
        (from != to).then_some(Transition { from, to })
    }
}

#[cfg(test)]
mod tests {
    use crate::model::{Origin, Setting, Value};

    use super::*;

    /// Plays a script of second and outcome (`+` answers, `-` fails); tells what happened: the same sign, `.` for what
    /// was not let through, and changes by their new state.
    fn play(settings: BreakerSettings, script: &[(u64, char)]) -> String {
        let mut breaker = Breaker::new(settings);
        let start = Instant::now();
        let mut told = Vec::new();
        for (second, outcome) in script {
            let now = start + Duration::from_secs(*second);
            let (is_admitted, change) = breaker.admit(now);
            told.extend(change.map(|change| change.to.to_string()));
            if !is_admitted {
                told.push(".".to_owned());
                continue;
            }
            told.push(outcome.to_string());
            told.extend(breaker.record(*outcome == '+', now).map(|change| change.to.to_string()));
        }
        told.join(" ")
    }

    #[test]
    fn it_opens_recovers_and_closes() {
        let default = BreakerSettings::default();
        let short = BreakerSettings { threshold: 1, recovery: Duration::from_secs(5), trials: 1 };
        for (settings, script, expected) in [
            (default, &[(0, '-'), (1, '-'), (2, '+'), (3, '-'), (4, '-')][..], "- - + - -"),
            (default, &[(0, '-'), (1, '-'), (2, '-'), (3, '-'), (31, '-')], "- - - open . ."),
            (
                default,
                &[(0, '-'), (1, '-'), (2, '-'), (32, '+'), (33, '+'), (34, '+'), (35, '-'), (36, '+')],
                "- - - open half-open + + + closed - +",
            ),
            (
                default,
                &[(0, '-'), (1, '-'), (2, '-'), (32, '+'), (33, '-'), (62, '+'), (63, '+')],
                "- - - open half-open + - open . half-open +",
            ),
            (short, &[(0, '-'), (4, '+'), (5, '+'), (6, '-')], "- open . half-open + closed - open"),
            (short, &[(0, '-'), (5, '-'), (9, '+'), (10, '+')], "- open half-open - open . half-open + closed"),
        ] {
            assert_eq!(play(settings, script), expected);
        }
    }

    #[test]
    fn what_was_begun_before_it_opened_changes_nothing() {
        let now = Instant::now();
        let mut breaker = Breaker::new(BreakerSettings { threshold: 1, ..BreakerSettings::default() });
        let opened = Transition { from: BreakerState::Closed, to: BreakerState::Open };
        assert_eq!(breaker.record(false, now), Some(opened));
        assert_eq!(breaker.record(true, now), None);
        assert_eq!(breaker.state(), BreakerState::Open);
    }

    #[test]
    fn settings_of_a_service() {
        let mut settings = Settings::default();
        assert_eq!(BreakerSettings::of(&settings), BreakerSettings::default());
        for (key, text) in [(Key::BreakerThreshold, "5"), (Key::BreakerRecovery, "1.5"), (Key::BreakerTrials, "0")] {
            settings.set(key, Setting::new(Value::text(text), Origin::Default));
        }
        let expected = BreakerSettings { threshold: 5, recovery: Duration::from_millis(1500), trials: 3 };
        assert_eq!(BreakerSettings::of(&settings), expected);
    }
}
