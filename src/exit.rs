//! What the process returns.

use std::process::ExitCode;

/// The exit status, the same under every output format but one.
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
    /// What a plugin of Nagios returns (`probe --format nagios`), which has numbers of its own.
    Plugin(PluginState),
}

/// The states of a plugin of Nagios and its kin.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum PluginState {
    /// 0: healthy.
    Ok,
    /// 1: degraded.
    Warning,
    /// 2: down.
    Critical,
    /// 3: not measured, or dbcfg could not do its job.
    Unknown,
}

impl ExitStatus {
    /// The number.
    pub fn code(self) -> u8 {
        match self {
            Self::Success => 0,
            Self::Findings => 1,
            Self::Failure => 2,
            Self::Interrupted => 130,
            Self::Plugin(state) => state.code(),
        }
    }
}

impl PluginState {
    /// The number.
    pub fn code(self) -> u8 {
        match self {
            Self::Ok => 0,
            Self::Warning => 1,
            Self::Critical => 2,
            Self::Unknown => 3,
        }
    }
}

impl From<ExitStatus> for ExitCode {
    fn from(status: ExitStatus) -> Self {
        Self::from(status.code())
    }
}
