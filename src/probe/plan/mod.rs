//! What there is to probe: the places of a configuration as targets.

mod buckets;
mod databases;
mod policy;
mod services;
#[cfg(test)]
mod tests;
mod unusable;
mod url;

pub(super) use unusable::failure;

use std::time::Duration;

use crate::model::health::{Engine, Failure, Subject};
use crate::model::{Configuration, Role};

use super::attempt::{Answer, Ask, Context};
use super::fault::Fault;
use super::options::Options;
use super::postgres::{Endpoint, Host, Place};
use super::recorder::Recorder;
use super::{folder, http, port, redis, s3, sqlite};

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
    /// Why the password is not known, if it alone is not: told when the server asks for one.
    pub(super) no_password: Option<Failure>,
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
    /// A SQLite file.
    Sqlite(sqlite::Endpoint),
    /// An HTTP server, MLflow's among them.
    Http(Box<http::Endpoint>),
    /// A Redis server.
    Redis(redis::Endpoint),
    /// A bucket.
    S3(Box<s3::Endpoint>),
    /// A folder.
    Folder(folder::Endpoint),
    /// The port of an engine that dbcfg does not speak.
    Port(port::Endpoint),
    /// A peer of tests, which does what it is told.
    #[cfg(test)]
    Fake(std::sync::Arc<super::run::Fake>),
}

impl Peer {
    /// Tries once; how long is somebody else's business.
    pub(super) async fn attempt(&self, context: &Context, ask: &Ask, recorder: &Recorder) -> Result<Answer, Fault> {
        match self {
            Self::Postgres(endpoint) => super::postgres::attempt(endpoint, context, ask, recorder).await,
            Self::Sqlite(endpoint) => sqlite::attempt(endpoint, recorder).await,
            Self::Http(endpoint) => http::attempt(endpoint, context, recorder).await,
            Self::Redis(endpoint) => redis::attempt(endpoint, context, recorder).await,
            Self::S3(endpoint) => s3::attempt(endpoint, context, recorder).await,
            Self::Folder(endpoint) => folder::attempt(endpoint, recorder).await,
            Self::Port(endpoint) => port::attempt(endpoint, context, recorder).await,
            #[cfg(test)]
            Self::Fake(fake) => fake.attempt(recorder).await,
        }
    }

    /// Where it is, for people; holds no secret.
    pub(super) fn endpoint(&self) -> String {
        match self {
            Self::Postgres(endpoint) => endpoint.to_string(),
            Self::Sqlite(endpoint) => endpoint.shown.clone(),
            Self::Http(endpoint) => endpoint.to_string(),
            Self::Redis(endpoint) => endpoint.to_string(),
            Self::S3(endpoint) => endpoint.to_string(),
            Self::Folder(endpoint) => endpoint.shown.clone(),
            Self::Port(endpoint) => endpoint.to_string(),
            #[cfg(test)]
            Self::Fake(fake) => fake.server.clone(),
        }
    }

    /// The database, if there is one.
    pub(super) fn database(&self) -> Option<String> {
        match self {
            Self::Postgres(endpoint) => Some(endpoint.database.clone()),
            Self::Port(endpoint) => endpoint.database.clone(),
            Self::Sqlite(_) | Self::Http(_) | Self::Redis(_) | Self::S3(_) | Self::Folder(_) => None,
            #[cfg(test)]
            Self::Fake(_) => None,
        }
    }

    /// What is worth knowing about how it is tried, whether it answers or not.
    pub(super) fn remarks(&self) -> &[String] {
        match self {
            Self::Postgres(endpoint) => &endpoint.remarks,
            _ => &[],
        }
    }

    /// Where it is, with the database: `db.example.com:5432/app`.
    pub(super) fn place(&self) -> String {
        match self.database() {
            Some(database) => format!("{}/{database}", self.endpoint()),
            None => self.endpoint(),
        }
    }

    /// The servers that it connects to, so that no server gets too many sessions at once: host and port in small
    /// letters, or the path of a socket. None for a file.
    pub(super) fn servers(&self) -> Vec<String> {
        match self {
            Self::Postgres(endpoint) => endpoint.hosts.iter().map(server).collect(),
            Self::Http(endpoint) => vec![endpoint.site.server()],
            Self::Redis(endpoint) => vec![endpoint.server()],
            Self::S3(endpoint) => vec![endpoint.site.server()],
            Self::Port(endpoint) => vec![endpoint.to_string().to_ascii_lowercase()],
            Self::Sqlite(_) | Self::Folder(_) => Vec::new(),
            #[cfg(test)]
            Self::Fake(fake) => vec![fake.server.clone()],
        }
    }
}

fn server(host: &Host) -> String {
    match host.place {
        Place::Socket(_) => host.to_string(),
        Place::Name(_) | Place::Address { .. } => host.to_string().to_ascii_lowercase(),
    }
}

/// The targets that are wanted, in the order of the configuration.
///
/// # Errors
///
/// There is no target of a name.
pub fn plan(configuration: &Configuration, which: &Which, options: &Options) -> Result<Vec<Target>, PlanError> {
    let databases = configuration.databases.iter().flat_map(|database| databases::targets(database, options));
    let mut targets: Vec<Target> = databases.chain(services::targets(&configuration.services, options)).collect();
    match which {
        Which::All => {}
        Which::Roles => targets.retain(|target| is_role(&target.subject)),
        Which::Named(names) => {
            let wanted = names.iter().map(|name| named(name, &targets)).collect::<Result<Vec<_>, _>>()?.concat();
            targets.retain(|target| wanted.contains(&target.subject));
        }
    }
    Ok(targets)
}

/// Whether it is main, mlflow or vector itself.
fn is_role(subject: &Subject) -> bool {
    subject.is_primary() && matches!(subject.role(), Some(Role::Main | Role::Mlflow | Role::Vector))
}

/// The targets of a name: as it is told, or a service that no database shares its name with. MLflow's store goes with
/// its server.
fn named(name: &str, targets: &[Target]) -> Result<Vec<Subject>, PlanError> {
    let is_service =
        |subject: &Subject, wanted: &str| matches!(subject, Subject::Service { name, .. } if *name == wanted);
    let service = name.strip_prefix("services.");
    let subjects = |is_meant: &dyn Fn(&Subject) -> bool| -> Vec<Subject> {
        targets.iter().map(|target| &target.subject).filter(|subject| is_meant(subject)).cloned().collect()
    };
    let of_service = subjects(&|subject| service.is_some_and(|service| is_service(subject, service)));
    let exact = subjects(&|subject| subject.name() == name);
    let bare = subjects(&|subject| is_service(subject, name));
    let unknown = || PlanError::UnknownName {
        name: name.to_owned(),
        known: targets.iter().map(|target| target.subject.name()).collect(),
    };
    [of_service, exact, bare].into_iter().find(|found| !found.is_empty()).ok_or_else(unknown)
}
