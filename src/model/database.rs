//! Databases and services: what all the definitions in all the files come down to.

use super::connection::{Connection, Setting, Settings};
use super::origin::Origin;
use super::role::Role;

/// One database of a configuration.
#[derive(Clone, Debug, PartialEq)]
pub struct Database {
    /// What it is for; its name.
    pub role: Role,
    /// The names that its definitions have in the sources, by which it may be referred to.
    pub names: Vec<String>,
    /// Where it is.
    pub connection: Connection,
    /// Where reads can go too; what they leave out is the database's.
    pub replicas: Vec<Connection>,
    /// What takes over when it is down, in this order.
    pub failover: Vec<Connection>,
    /// Every definition that had a part in it, the strongest first.
    pub definitions: Vec<Definition>,
    /// What refers to it.
    pub used_by: Vec<Use>,
}

/// One definition of a database in one source.
#[derive(Clone, Debug, PartialEq)]
pub struct Definition {
    /// Its name there: `postgres_primary`, `DATABASE_*`.
    pub name: String,
    /// The layout that it is written in.
    pub layout: &'static str,
    /// Where it stands.
    pub origin: Origin,
    /// What became of it.
    pub outcome: Outcome,
    /// What it says.
    pub connection: Connection,
    /// Whether it is used by a service of a compose file that has no other: it is to be judged as it stands, although a
    /// stronger definition says the same.
    pub stands_alone: bool,
}

/// What became of a definition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Its values are used, as far as no stronger definition says otherwise.
    Used,
    /// It names another place than the stronger one, so nothing of it is used.
    Lost,
}

/// A place that refers to a database: a `credential_ref`, a URI, a variable of a service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Use {
    /// Where it refers.
    pub origin: Origin,
    /// The name that it uses.
    pub name: String,
}

/// Another host that an incident may be about: `mlflow`, `redis`, `auth`.
#[derive(Clone, Debug, PartialEq)]
pub struct Service {
    /// Its name.
    pub name: String,
    /// Its settings.
    pub settings: Settings,
}

/// A store of `MLflow` that is no database: a folder, or a word that leaves it to the application (`auto_select`).
#[derive(Clone, Debug, PartialEq)]
pub struct Store {
    /// What `MLflow` uses it for.
    pub part: StorePart,
    /// What is written.
    pub setting: Setting,
}

/// What `MLflow` uses a store for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StorePart {
    /// Its runs and experiments: `backend_store_uri`.
    Backend,
    /// The same, when the first is down: `backend_options.fallback`.
    Fallback,
}

/// Something that is about a database that no source defines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Need {
    /// The database.
    pub role: Role,
    /// What it is.
    pub kind: NeedKind,
    /// Its name in the source: `VECTOR_POSTGRES_*`, `sqlite_backup`.
    pub name: String,
    /// Where it stands.
    pub origin: Origin,
}

/// What can be about a database without defining it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NeedKind {
    /// Settings that do not say where it is.
    Settings,
    /// A replica, or something that takes over.
    Member,
}
