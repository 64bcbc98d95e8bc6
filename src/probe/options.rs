//! What holds for all targets of a run.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use crate::redact::Secret;

/// What holds for all targets of a run.
#[derive(Clone, Debug)]
pub struct Options {
    /// How long an attempt may take, in place of what the configuration says (`connect_timeout`, else 10 s).
    pub timeout: Option<Duration>,
    /// How many attempts there are in all, in place of what the configuration says (`retry.max_attempts`, else 3).
    pub attempts: Option<u32>,
    /// How long the whole run may take.
    pub deadline: Option<Duration>,
    /// How many targets are tried at once; none for as many as descriptors allow, 256 at most.
    pub jobs: Option<usize>,
    /// How many sessions are opened to one server (host and port) at once.
    pub per_server: usize,
    /// Whether to ask for what takes longer.
    pub is_deep: bool,
    /// The password in place of every configured one (`--password-file`).
    pub password: Option<Secret>,
    /// The variables of the process, for what libpq and others read themselves.
    pub environment: Environment,
    /// Where relative paths of the configuration start.
    pub base: PathBuf,
}

/// The sessions to one server at once, unless somebody says otherwise (DESIGN, section 8).
pub(super) const PER_SERVER: usize = 4;

/// How long an attempt may take, unless somebody says otherwise.
pub(super) const TIMEOUT: Duration = Duration::from_secs(10);

/// How many attempts there are in all, unless somebody says otherwise.
pub(super) const ATTEMPTS: u32 = 3;

/// The wait before the second attempt is at most so long, before the third twice that, unless somebody says otherwise.
pub(super) const BASE_DELAY: Duration = Duration::from_secs(1);

impl Default for Options {
    fn default() -> Self {
        Self {
            timeout: None,
            attempts: None,
            deadline: None,
            jobs: None,
            per_server: PER_SERVER,
            is_deep: false,
            password: None,
            environment: Environment::default(),
            base: PathBuf::from("."),
        }
    }
}

/// The variables of the process. Some hold passwords (`PGPASSWORD`).
#[derive(Clone, Debug, Default)]
pub struct Environment(BTreeMap<String, Secret>);

impl Environment {
    /// The value of a variable; an empty one counts as none, as libpq has it.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(Secret::expose).filter(|value| !value.is_empty())
    }
}

impl FromIterator<(String, String)> for Environment {
    fn from_iter<Variables: IntoIterator<Item = (String, String)>>(variables: Variables) -> Self {
        Self(variables.into_iter().map(|(name, value)| (name, Secret::new(value))).collect())
    }
}
