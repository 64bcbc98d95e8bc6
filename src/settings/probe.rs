//! The table `[probe]`: how `dbcfg probe` tries, unless it is told otherwise.

use std::time::Duration;

use crate::document::Entry;
use crate::model::health::Status;
use crate::model::measure::{self, Expected};

use super::Reader;

/// How `probe` tries.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Probe {
    /// How long an attempt may take.
    pub timeout: Option<Duration>,
    /// How many attempts there are in all, at least 1.
    pub attempts: Option<u32>,
    /// How long the whole run may take.
    pub deadline: Option<Duration>,
    /// How many targets are tried at once, at least 1.
    pub jobs: Option<u32>,
    /// How many sessions are opened to one server at once, at least 1.
    pub per_server: Option<u32>,
    /// The verdict that makes the exit status 1: degraded, or down.
    pub fail_on: Option<Status>,
}

/// The keys that there are.
const KEYS: &[&str] = &["timeout", "attempts", "deadline", "jobs", "per-server", "fail-on"];

impl Reader<'_> {
    /// The table.
    pub(super) fn probe(&mut self, table: Entry) -> Probe {
        if !self.document.is_mapping(table.value) {
            self.mistake(table.value, "a table is expected: {timeout = \"10s\"}".to_owned());
        }
        let mut probe = Probe::default();
        for entry in self.document.entries(table.value).to_vec() {
            match self.document.key(entry) {
                Some("timeout") => probe.timeout = self.measured(entry, measure::some_duration),
                Some("attempts") => probe.attempts = self.measured(entry, measure::count),
                Some("deadline") => probe.deadline = self.measured(entry, measure::some_duration),
                Some("jobs") => probe.jobs = self.measured(entry, measure::count),
                Some("per-server") => probe.per_server = self.measured(entry, measure::count),
                Some("fail-on") => probe.fail_on = self.measured(entry, verdict),
                _ => self.unknown(entry, KEYS),
            }
        }
        probe
    }

    fn measured<Value>(&mut self, entry: Entry, read: impl Fn(&str) -> Result<Value, Expected>) -> Option<Value> {
        match read(self.document.text_of(entry.value).unwrap_or_default()) {
            Ok(value) => Some(value),
            Err(expected) => {
                self.mistake(entry.value, expected.to_string());
                None
            }
        }
    }
}

fn verdict(text: &str) -> Result<Status, Expected> {
    let known = [Status::Degraded, Status::Down].into_iter().find(|status| status.name() == text);
    known.ok_or(Expected("a verdict is expected: degraded or down"))
}

#[cfg(test)]
mod tests {
    use super::super::{Mistake, Settings, parse};
    use super::*;
    use crate::document::{Document, Format};

    fn read(text: &str) -> Result<Option<Settings>, Vec<Mistake>> {
        parse(&Document::parse(text.as_bytes(), Format::Toml), &[], &|_| None)
    }

    #[test]
    fn the_table_is_read() {
        let text =
            "[probe]\ntimeout = 5\ndeadline = \"2m\"\nattempts = 1\njobs = 64\nper-server = 2\nfail-on = \"down\"\n";
        let probe = read(text).expect("no mistakes").expect("settings").probe;
        let expected = Probe {
            timeout: Some(Duration::from_secs(5)),
            attempts: Some(1),
            deadline: Some(Duration::from_secs(120)),
            jobs: Some(64),
            per_server: Some(2),
            fail_on: Some(Status::Down),
        };
        assert_eq!(probe, expected);
    }

    #[test]
    fn mistakes_have_their_places() {
        let text = "[probe]\ntimeuot = 5\ntimeout = 0\nattempts = 0\nfail-on = \"healthy\"\njobs = [1]\n";
        let mistakes = read(text).expect_err("mistakes");
        let told: Vec<String> = mistakes.iter().map(|it| format!("{}:{} {}", it.line, it.column, it.message)).collect();
        assert_eq!(
            told,
            [
                "2:1 `timeuot` is not a setting; did you mean `timeout`?",
                "3:11 a duration above 0 is expected",
                "4:12 a whole number above 0 is expected",
                "5:11 a verdict is expected: degraded or down",
                "6:8 a whole number above 0 is expected",
            ]
        );
    }
}
