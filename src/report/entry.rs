//! A finding with its places in words: what every format prints, also when the documents are gone.

use serde::Serialize;

use crate::finding::{Finding, RuleInfo, Safety, Severity};
use crate::model::{Location, Origin, Sources};

use super::quote::Quote;

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
    /// Whether it can be mended without anybody thinking about it, and whether somebody could mind.
    pub fix: Option<Safety>,
    /// Where it is.
    pub place: Place,
    /// The other places that it is about, each with a word on its part.
    pub related: Vec<(Place, String)>,
    /// What tells it from findings of other rules, files and keys, and stays when lines move. Several may share it.
    pub fingerprint: String,
}

/// A place in words, and the line that stands there.
#[derive(Clone, Debug)]
pub struct Place {
    /// The place.
    pub location: Location,
    /// The place as a person reads it: `settings.yaml:3:5`, `environment variable DB_HOST`. Masked and escaped.
    pub name: String,
    /// The line, if it is wanted.
    pub quote: Option<Quote>,
}

/// Whether lines of the files are quoted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quotes {
    /// They are.
    Wanted,
    /// Places are enough.
    Unwanted,
}

/// What was found in all, for the last lines of a report.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
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
    /// Findings that were mended and are not shown; none if nobody asked for that.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fixed: Option<usize>,
    /// Findings that `--fix` mends.
    #[serde(skip)]
    pub fixable: usize,
    /// Findings that only `--fix --unsafe-fixes` mends.
    #[serde(skip)]
    pub unsafely_fixable: usize,
}

impl Entry {
    /// The entry of a finding.
    pub fn new(sources: &Sources, finding: Finding, fingerprint: String, quotes: Quotes) -> Self {
        let place = |origin: &Origin| {
            let location = sources.locate(origin);
            let name = Sources::describe_location(origin, &location);
            Place { location, name, quote: if quotes == Quotes::Wanted { Quote::of(sources, origin) } else { None } }
        };
        Self {
            rule: finding.rule,
            severity: finding.severity,
            message: finding.message,
            help: finding.help,
            fix: finding.fix.map(|fix| fix.safety),
            place: place(&finding.origin),
            related: finding.related.into_iter().map(|(origin, part)| (place(&origin), part)).collect(),
            fingerprint,
        }
    }
}

impl Entry {
    /// Gives back the lines, when they have been drawn.
    pub fn drop_quotes(&mut self) {
        let related = self.related.iter_mut().map(|(place, _)| place);
        related.chain([&mut self.place]).for_each(|place| place.quote = None);
    }
}

impl Summary {
    /// Counts entries.
    pub fn of(entries: &[Entry], files: usize, suppressed: usize) -> Self {
        let count = |severity| entries.iter().filter(|entry| entry.severity == severity).count();
        let (errors, warnings, infos) = (count(Severity::Error), count(Severity::Warning), count(Severity::Info));
        let mended = |safety| entries.iter().filter(|entry| entry.fix == Some(safety)).count();
        let (fixable, unsafely_fixable) = (mended(Safety::Safe), mended(Safety::Unsafe));
        Self { files, errors, warnings, infos, suppressed, fixed: None, fixable, unsafely_fixable }
    }
}
