//! A finding with its places in words: what every format prints, also when the documents are gone.

use crate::finding::{Finding, RuleInfo, Severity};
use crate::model::{Location, Sources};

/// A finding with its places in words.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The rule that it breaks.
    pub rule: &'static RuleInfo,
    /// How bad it is here.
    pub severity: Severity,
    /// What is wrong. Holds no secret.
    pub message: String,
    /// What to do about it.
    pub help: Option<String>,
    /// Where it is.
    pub location: Location,
    /// The other places that it is about, each with a word on its part.
    pub related: Vec<(Location, String)>,
}

/// What was found in all, for the last lines of a report.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// The files that were read.
    pub files: usize,
    /// Findings that are errors.
    pub errors: usize,
    /// Findings that are warnings.
    pub warnings: usize,
    /// Findings that are worth knowing.
    pub infos: usize,
    /// Findings that are not shown: comments, the settings of the tool or the baseline suppress them.
    pub suppressed: usize,
}

impl Entry {
    /// The entry of a finding.
    pub fn new(sources: &Sources, finding: &Finding) -> Self {
        let related = finding.related.iter();
        Self {
            rule: finding.rule,
            severity: finding.severity,
            message: finding.message.clone(),
            help: finding.help.clone(),
            location: sources.locate(&finding.origin),
            related: related.map(|(origin, part)| (sources.locate(origin), part.clone())).collect(),
        }
    }
}

impl Summary {
    /// Counts entries.
    pub fn of(entries: &[Entry], files: usize, suppressed: usize) -> Self {
        let count = |severity| entries.iter().filter(|entry| entry.severity == severity).count();
        let (errors, warnings, infos) = (count(Severity::Error), count(Severity::Warning), count(Severity::Info));
        Self { files, errors, warnings, infos, suppressed }
    }
}
