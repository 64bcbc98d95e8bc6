//! Findings: one problem each, with its rule, its severity, its place and the way out.

mod fix;
mod rule;
mod suggest;

pub use fix::{Change, Fix, FixChange, Safety};
pub use rule::{Group, RuleInfo, Severity};
pub use suggest::suggest;

use crate::model::Origin;

/// One problem.
#[derive(Clone, Debug)]
pub struct Finding {
    /// The rule that it breaks.
    pub rule: &'static RuleInfo,
    /// How bad it is here.
    pub severity: Severity,
    /// What is wrong, in a sentence without its full stop. Holds no secret and is escaped.
    pub message: String,
    /// What to do about it.
    pub help: Option<String>,
    /// What mends it without anybody thinking about it, if anything does.
    pub fix: Option<Fix>,
    /// Where it is.
    pub origin: Origin,
    /// The other places that it is about, each with a word on its part.
    pub related: Vec<(Origin, String)>,
}

impl Finding {
    /// A finding with the rule's own severity.
    pub fn new(rule: &'static RuleInfo, origin: Origin, message: impl Into<String>) -> Self {
        let (severity, message) = (rule.severity, message.into());
        Self { rule, severity, message, help: None, fix: None, origin, related: Vec::new() }
    }

    /// Adds what to do about it.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Adds what mends it, if anything does.
    #[must_use]
    pub fn fix(mut self, fix: Option<Fix>) -> Self {
        self.fix = fix;
        self
    }

    /// Adds another place that it is about.
    #[must_use]
    pub fn related(mut self, origin: Origin, part: impl Into<String>) -> Self {
        self.related.push((origin, part.into()));
        self
    }
}
