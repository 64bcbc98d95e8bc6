//! The run of the live rules over what a probe found, and what is left of their findings.

use crate::finding::Finding;
use crate::model::health::{Health, Subject};
use crate::model::{Configuration, SourceId};
use crate::settings::Settings;

use super::selection::Selection;

/// A finding, and the target that it is about.
pub type Found = (Subject, Finding);

/// What live rules find.
#[derive(Debug, Default)]
pub struct LiveVerdict {
    /// The findings.
    pub findings: Vec<Found>,
    /// How many are suppressed.
    pub suppressed: usize,
}

/// Which live findings are wanted.
#[derive(Clone, Copy, Debug)]
pub struct LiveWanted<'run> {
    /// The rules that count.
    pub selection: &'run Selection,
    /// The rules that the settings of the tool ignore in a source.
    pub ignores: &'run [(SourceId, Vec<String>)],
    /// The memory of the server in bytes, if somebody said it.
    pub server_memory: Option<u64>,
}

/// Judges what a probe found.
pub fn check_live(_: &Configuration, _: &Health, _: &Settings, _: &LiveWanted<'_>) -> LiveVerdict {
    LiveVerdict::default()
}
