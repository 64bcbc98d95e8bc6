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
    /// All, the lowest first.
    pub const ALL: [Self; 3] = [Self::Info, Self::Warning, Self::Error];

    /// The word for it, in every output.
    pub fn name(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }

    /// The severity of a name.
    pub fn of_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|severity| severity.name() == name)
    }

    /// One step up; an error stays one.
    #[must_use]
    pub fn raised(self) -> Self {
        match self {
            Self::Info => Self::Warning,
            Self::Warning | Self::Error => Self::Error,
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
    /// Passwords, keys, and who can read them.
    Secrets,
    /// Encryption and certificates.
    Tls,
    /// Where databases are.
    Endpoint,
    /// Pools, timeouts and retries.
    Pool,
    /// `MLflow`'s stores.
    Mlflow,
    /// Embeddings.
    Vector,
    /// How environments differ.
    Environment,
    /// What a probe finds where the databases are.
    Live,
}

impl Group {
    /// All, in the order in which they are listed.
    pub const ALL: [Self; 10] = [
        Self::Syntax,
        Self::Layout,
        Self::Secrets,
        Self::Tls,
        Self::Endpoint,
        Self::Pool,
        Self::Mlflow,
        Self::Vector,
        Self::Environment,
        Self::Live,
    ];

    /// The name by which all its rules are selected, ignored and listed.
    pub fn name(self) -> &'static str {
        match self {
            Self::Syntax => "syntax",
            Self::Layout => "layout",
            Self::Secrets => "secrets",
            Self::Tls => "tls",
            Self::Endpoint => "endpoint",
            Self::Pool => "pool",
            Self::Mlflow => "mlflow",
            Self::Vector => "vector",
            Self::Environment => "environment",
            Self::Live => "live",
        }
    }

    /// What its rules are about, in words.
    pub fn subject(self) -> &'static str {
        match self {
            Self::Syntax => "how the text is written",
            Self::Layout => "how the definitions fit together",
            Self::Secrets => "passwords, keys, and who can read them",
            Self::Tls => "encryption and certificates",
            Self::Endpoint => "where databases are",
            Self::Pool => "pools, timeouts and retries",
            Self::Mlflow => "MLflow's stores",
            Self::Vector => "embeddings",
            Self::Environment => "how environments differ",
            Self::Live => "what `dbcfg probe` finds where the databases are",
        }
    }
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
    /// Whether its findings are one step worse in production.
    pub is_raised_in_production: bool,
    /// Whether `check --fix` can mend some of its findings.
    pub is_fixable: bool,
    /// The documentation comment of the rule: each line begins with a space.
    pub comment: &'static str,
}

impl RuleInfo {
    /// What it finds, why that matters, how to mend it, and an example: Markdown, one line a sentence.
    pub fn text(&self) -> impl Iterator<Item = &'static str> {
        self.comment.trim_end().lines().map(|line| line.strip_prefix(' ').unwrap_or(line))
    }

    /// How bad its findings are in production.
    pub fn severity_in_production(&self) -> Severity {
        if self.is_raised_in_production { self.severity.raised() } else { self.severity }
    }

    /// What it finds, in one line.
    pub fn summary(&self) -> &'static str {
        self.text().next().unwrap_or_default()
    }
}
