//! What was probed, and what became of it.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::model::Role;

use super::facts::Facts;
use super::failure::Failure;
use super::status::{Stage, Status, Via};

/// What a run found.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Health {
    /// The targets, in the order of the configuration.
    pub targets: Vec<TargetHealth>,
    /// How long the whole took.
    pub time: Duration,
    /// Whether somebody interrupted it, so that some targets had no turn.
    pub is_interrupted: bool,
}

impl Health {
    /// The worst verdict; not measured if there is none.
    pub fn status(&self) -> Status {
        self.targets.iter().map(|target| target.status).max().unwrap_or_default()
    }

    /// What became of a target.
    pub fn of(&self, subject: &Subject) -> Option<&TargetHealth> {
        self.targets.iter().find(|target| target.subject == *subject)
    }
}

/// What became of a target.
#[derive(Clone, Debug, PartialEq)]
pub struct TargetHealth {
    /// Which place of the configuration it is.
    pub subject: Subject,
    /// What speaks there.
    pub engine: Engine,
    /// Where it is, for people: `db.example.com:5432/app`, `./data/backup.db`, `s3://bucket/`. Holds no secret.
    pub endpoint: String,
    /// The verdict.
    pub status: Status,
    /// By which way it answered; none if it did not.
    pub via: Option<Via>,
    /// What went wrong with the way that is configured; none if it is healthy. If a fallback or failover answered, why
    /// it was needed.
    pub failure: Option<Failure>,
    /// Every attempt, in its order: of the primary, of the fallback database, then of replicas and failover.
    pub attempts: Vec<Attempt>,
    /// What is known of the one that answered.
    pub facts: Option<Facts>,
    /// What else is worth knowing: that a `.pgpass` was passed over, that an engine was tried up to its port only.
    pub remarks: Vec<String>,
    /// How long it took, the time in queues not counted.
    pub time: Duration,
}

/// Which place of a configuration a target is.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Subject {
    /// A database, or a part of it.
    Database {
        /// The database.
        role: Role,
        /// Which part.
        part: Part,
    },
    /// A service, or a part of it.
    Service {
        /// Its name: `mlflow`, `redis`, `auth`.
        name: String,
        /// Which part.
        part: ServicePart,
    },
}

/// A part of a database.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Part {
    /// The database itself.
    Primary,
    /// A replica, by its index from 0.
    Replica(usize),
    /// What takes over, by its index from 0.
    Failover(usize),
    /// A definition that lost against another, by its index among all definitions, from 0.
    Lost(usize),
}

/// A part of a service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ServicePart {
    /// Where it answers: `url`, `tracking_uri`.
    Server,
    /// Where MLflow keeps artifacts: `artifact_store`.
    ArtifactStore,
}

impl Subject {
    /// The name by which it is probed and told: `main`, `main.replicas[0]`, `services.redis`,
    /// `services.mlflow.artifact_store`. A lost definition is told by its index among the definitions:
    /// `mlflow.definitions[1]`.
    pub fn name(&self) -> String {
        match self {
            Self::Database { role, part } => match part {
                Part::Primary => role.name().to_owned(),
                Part::Replica(index) => format!("{role}.replicas[{index}]"),
                Part::Failover(index) => format!("{role}.failover[{index}]"),
                Part::Lost(index) => format!("{role}.definitions[{index}]"),
            },
            Self::Service { name, part: ServicePart::Server } => format!("services.{name}"),
            Self::Service { name, part: ServicePart::ArtifactStore } => format!("services.{name}.artifact_store"),
        }
    }

    /// The database that it is, or is a part of.
    pub fn role(&self) -> Option<&Role> {
        match self {
            Self::Database { role, .. } => Some(role),
            Self::Service { .. } => None,
        }
    }

    /// The database itself.
    pub fn primary(role: Role) -> Self {
        Self::Database { role, part: Part::Primary }
    }

    /// Whether it is a database itself, and not a part of it.
    pub fn is_primary(&self) -> bool {
        matches!(self, Self::Database { part: Part::Primary, .. })
    }
}

/// What speaks at a target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Engine {
    /// PostgreSQL, or a pooler in front of it.
    Postgresql,
    /// A SQLite file.
    Sqlite,
    /// MLflow's tracking server.
    Mlflow,
    /// Redis.
    Redis,
    /// Some HTTP server.
    Http,
    /// A bucket of S3, or of what is compatible with it.
    S3,
    /// A folder.
    Folder,
    /// Anything else, by its name; tried up to its port only.
    Other(String),
}

impl Engine {
    /// The word for it, in every output.
    pub fn name(&self) -> &str {
        match self {
            Self::Postgresql => "postgresql",
            Self::Sqlite => "sqlite",
            Self::Mlflow => "mlflow",
            Self::Redis => "redis",
            Self::Http => "http",
            Self::S3 => "s3",
            Self::Folder => "folder",
            Self::Other(name) => name,
        }
    }
}

/// One attempt.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Attempt {
    /// By which way.
    pub via: Via,
    /// Where it went, for people; holds no secret.
    pub endpoint: String,
    /// The database, if there is one.
    pub database: Option<String>,
    /// How long it was allowed to take.
    pub timeout: Duration,
    /// How long was waited before it.
    pub delay: Duration,
    /// The addresses of the name, in the order in which they are tried.
    pub addresses: Vec<Address>,
    /// The stages that it came through, and the one that failed.
    pub stages: Vec<StageTime>,
    /// Why it failed, if it did.
    pub failure: Option<Failure>,
}

impl Attempt {
    /// How long it took in all.
    pub fn time(&self) -> Duration {
        self.stages.iter().map(|stage| stage.time).sum()
    }
}

/// An address of a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    /// `192.0.2.1:5432`, `[2001:db8::1]:5432`, or the path of a Unix socket.
    pub address: String,
    /// Whether it accepted the connection; none if it was not tried.
    pub is_ok: Option<bool>,
    /// Why it did not.
    pub error: Option<String>,
}

/// How long a stage took.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StageTime {
    /// The stage.
    pub stage: Stage,
    /// How long it took.
    pub time: Duration,
    /// Whether it ended well.
    pub is_ok: bool,
}
