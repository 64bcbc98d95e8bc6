//! What a rule is.

use std::fmt;

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Severity {
    /// Worth knowing.
    Info,
    /// Most likely a mistake.
    Warning,
    /// Wrong.
    Error,
}

impl Severity {
    /// The word for it, in every output.
    pub fn name(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

/// Rules of one subject.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Group {
    /// How the text is written.
    Syntax,
    /// How the definitions fit together.
    Layout,
    /// Where databases are.
    Endpoint,
}

/// A rule: its id, and what it means.
#[derive(Debug, PartialEq, Eq)]
pub struct RuleInfo {
    /// The name by which it is selected, ignored and explained.
    pub id: &'static str,
    /// Its subject.
    pub group: Group,
    /// How bad its findings are, unless one says otherwise.
    pub severity: Severity,
    /// What it finds, in one line.
    pub summary: &'static str,
}
