//! What there is to probe: the places of a configuration as targets.

use std::time::Duration;

use crate::model::Configuration;
use crate::model::health::{Engine, Failure, Subject};

use super::attempt::{Answer, Ask, Context};
use super::fault::Fault;
use super::options::Options;
use super::postgres::Endpoint;
use super::recorder::Recorder;

/// Which targets are wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Which {
    /// main, mlflow and vector, as far as they are defined.
    Roles,
    /// Every host, services and losing definitions included.
    All,
    /// Those of some names (see [`Subject::name`]).
    Named(Vec<String>),
}

/// Why there is no plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PlanError {
    /// There is no target of a name. The names that there are.
    UnknownName {
        /// The name, as it was typed.
        name: String,
        /// The names that there are.
        known: Vec<String>,
    },
}

/// What is to be probed.
#[derive(Clone, Debug)]
pub struct Target {
    /// Which place of the configuration it is.
    pub subject: Subject,
    /// What speaks there.
    pub engine: Engine,
    /// Where it is, for people; holds no secret.
    pub endpoint: String,
    /// How to get there; or why it cannot be tried.
    pub(super) peer: Result<Peer, Failure>,
    /// The same server with the older name of the database.
    pub(super) fallback: Option<Peer>,
    /// How long an attempt may take.
    pub(super) timeout: Duration,
    /// How many attempts there are in all, at least 1.
    pub(super) attempts: u32,
    /// The wait before the second attempt is at most so long.
    pub(super) base_delay: Duration,
    /// Replicas and failover, which are tried when it is down; with `--all` they are targets too.
    pub(super) members: Vec<Target>,
}

/// How to get to a target. One variant for each module that speaks to a kind of peer.
#[derive(Clone, Debug)]
pub(super) enum Peer {
    /// A PostgreSQL server.
    Postgres(Box<Endpoint>),
}

impl Peer {
    /// Tries once; how long is somebody else's business.
    pub(super) async fn attempt(&self, context: &Context, ask: &Ask, recorder: &Recorder) -> Result<Answer, Fault> {
        match self {
            Self::Postgres(endpoint) => super::postgres::attempt(endpoint, context, ask, recorder).await,
        }
    }

    /// Where it is, for people; holds no secret.
    pub(super) fn endpoint(&self) -> String {
        match self {
            Self::Postgres(endpoint) => endpoint.to_string(),
        }
    }

    /// The database, if there is one.
    pub(super) fn database(&self) -> Option<String> {
        match self {
            Self::Postgres(endpoint) => Some(endpoint.database.clone()),
        }
    }
}

/// The targets that are wanted, in the order of the configuration.
///
/// # Errors
///
/// There is no target of a name.
pub fn plan(_configuration: &Configuration, _which: &Which, _options: &Options) -> Result<Vec<Target>, PlanError> {
    Ok(Vec::new())
}
