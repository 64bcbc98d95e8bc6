//! How long an attempt may take, and how many there are: what was typed, else what the configuration says, else the
//! customary.

use std::time::Duration;

use crate::model::{Key, Setting, Settings};
use crate::probe::options::{ATTEMPTS, BASE_DELAY, Options, TIMEOUT};

/// How a target is tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Policy {
    /// How long an attempt may take.
    pub(super) timeout: Duration,
    /// How many attempts there are in all, at least 1.
    pub(super) attempts: u32,
    /// The wait before the second attempt is at most so long.
    pub(super) base_delay: Duration,
}

impl Policy {
    /// What holds for these settings. `timeout` is the key that says how long an attempt may take: `connect_timeout` of
    /// databases, `timeout` of services. 0 means no limit there, as libpq has it, and a probe needs one.
    pub(super) fn of(settings: &Settings, timeout: Key, options: &Options) -> Self {
        let text = |key| settings.get(key).and_then(Setting::effective);
        let seconds = |key| text(key).and_then(|text| Duration::try_from_secs_f64(text.trim().parse().ok()?).ok());
        let attempts = || text(Key::RetryAttempts).and_then(|text| text.trim().parse().ok());
        Self {
            timeout: options.timeout.or_else(|| seconds(timeout)).filter(|it| !it.is_zero()).unwrap_or(TIMEOUT),
            attempts: options.attempts.or_else(attempts).unwrap_or(ATTEMPTS).max(1),
            base_delay: seconds(Key::RetryDelay).unwrap_or(BASE_DELAY),
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::model::{Origin, Value};

    use super::*;

    #[test]
    fn what_was_typed_comes_before_what_is_configured() {
        let typed = |timeout: u64, attempts| Options {
            timeout: Some(Duration::from_secs(timeout)),
            attempts: Some(attempts),
            ..Options::default()
        };
        let none = Options::default;
        for (timeout, attempts, delay, options, expected) in [
            ("", "", "", none(), (10_000, 3, 1000)),
            ("5", "4", "0.5", none(), (5000, 4, 500)),
            ("2.5", "1", "0", none(), (2500, 1, 0)),
            ("5", "4", "0.5", typed(2, 1), (2000, 1, 500)),
            ("0", "0", "-1", none(), (10_000, 1, 1000)),
            ("-1", "x", "inf", none(), (10_000, 3, 1000)),
            ("5", "4", "", typed(0, 0), (10_000, 1, 1000)),
        ] {
            let mut settings = Settings::default();
            for (key, text) in
                [(Key::ConnectTimeout, timeout), (Key::RetryAttempts, attempts), (Key::RetryDelay, delay)]
            {
                if !text.is_empty() {
                    settings.set(key, Setting::new(Value::text(text), Origin::Default));
                }
            }
            let policy = Policy::of(&settings, Key::ConnectTimeout, &options);
            let found = (policy.timeout.as_millis(), policy.attempts, policy.base_delay.as_millis());
            assert_eq!(found, expected, "{timeout} {attempts} {delay}");
        }
    }
}
