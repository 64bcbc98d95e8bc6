//! What the process returns.

use std::process::ExitCode;

/// The exit status, the same under every output format.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ExitStatus {
    /// 0: nothing at or above `--fail-on`.
    Success,
    /// 1: findings.
    Findings,
    /// 2: dbcfg could not do its job. Beats 1.
    Failure,
    /// 130: somebody interrupted it. Beats all others.
    Interrupted,
}

impl ExitStatus {
    /// The number.
    pub fn code(self) -> u8 {
        match self {
            Self::Success => 0,
            Self::Findings => 1,
            Self::Failure => 2,
            Self::Interrupted => 130,
        }
    }
}

impl From<ExitStatus> for ExitCode {
    fn from(status: ExitStatus) -> Self {
        Self::from(status.code())
    }
}
