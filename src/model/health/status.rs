//! The verdict about a target, the stages of an attempt, and by which way a database answered.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The verdict about a target, the best first: the worst of several is the largest.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    /// It answers through its first choice, and nothing is wrong with it.
    Healthy,
    /// It could not be tried: a placeholder, an unresolved variable, an engine that dbcfg does not speak.
    #[default]
    NotMeasured,
    /// It answers, but not through its first choice, or a live error was found.
    Degraded,
    /// It does not answer, or through a replica only.
    Down,
}

impl Status {
    /// The word for it, in every output.
    pub fn name(self) -> &'static str {
        match self {
            Self::Healthy => "healthy",
            Self::NotMeasured => "not-measured",
            Self::Degraded => "degraded",
            Self::Down => "down",
        }
    }
}

impl fmt::Display for Status {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

/// How far an attempt came. A service has some of them only: HTTP asks no password, a file has no address.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Stage {
    /// The name becomes addresses.
    #[default]
    Dns,
    /// An address accepts the connection; of a Unix socket, the file.
    Tcp,
    /// Encryption is agreed on, and the certificate is verified.
    Tls,
    /// The server takes the user and the password.
    Auth,
    /// It opens a session in the database. Of a file: it opens.
    Session,
    /// It answers a query, a ping or a request. Of a file: it is whole.
    Query,
    /// pgvector is there and works.
    Extension,
}

impl Stage {
    /// The word for it, in every output.
    pub fn name(self) -> &'static str {
        match self {
            Self::Dns => "dns",
            Self::Tcp => "tcp",
            Self::Tls => "tls",
            Self::Auth => "auth",
            Self::Session => "session",
            Self::Query => "query",
            Self::Extension => "extension",
        }
    }
}

impl fmt::Display for Stage {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

/// By which way a database was tried, or answered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Via {
    /// As it is configured.
    #[default]
    Primary,
    /// The older name on the same server.
    FallbackDatabase,
    /// A replica, by its index from 0.
    Replica(usize),
    /// What takes over, by its index from 0.
    Failover(usize),
}

impl fmt::Display for Via {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Primary => formatter.write_str("primary"),
            Self::FallbackDatabase => formatter.write_str("fallback_database"),
            Self::Replica(index) => write!(formatter, "replicas[{index}]"),
            Self::Failover(index) => write!(formatter, "failover[{index}]"),
        }
    }
}
