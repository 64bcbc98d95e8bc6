//! A configuration: the sources that belong together, and what they say.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use super::connection::{Connection, Settings};
use super::database::{Database, Need, Service, Store};
use super::health::{Part, Subject};
use super::role::Role;
use super::source::{FileFacts, Sources};

/// What the sources that belong together say, for one environment.
#[derive(Debug, Default)]
pub struct Configuration {
    /// The inputs, the same in every environment.
    pub sources: Arc<Sources>,
    /// The databases: main, mlflow, vector, then others in the order of the sources.
    pub databases: Vec<Database>,
    /// Other hosts.
    pub services: Vec<Service>,
    /// Where `MLflow` keeps its data, as far as that is no database.
    pub stores: Vec<Store>,
    /// What is of no use, since the database that it is for is defined nowhere.
    pub needs: Vec<Need>,
    /// The chosen environment.
    pub environment: Option<String>,
    /// All environments that the sources know, sorted.
    pub environments: Vec<String>,
    /// The variables that values may refer to, with the values that they have (secrets among them).
    pub variables: Selection,
    /// What is known about the files that values name: certificates, password files, SQLite files.
    pub files: BTreeMap<PathBuf, FileFacts>,
}

impl Configuration {
    /// The database of a role.
    pub fn database(&self, role: &Role) -> Option<&Database> {
        self.databases.iter().find(|database| database.role == *role)
    }

    /// The connection of a part of a database, if there is such a part; a service has none.
    pub fn connection(&self, subject: &Subject) -> Option<&Connection> {
        let Subject::Database { role, part } = subject else { return None };
        let database = self.database(role)?;
        match part {
            Part::Primary => Some(&database.connection),
            Part::Replica(index) => database.replicas.get(*index),
            Part::Failover(index) => database.failover.get(*index),
            Part::Lost(index) => database.definitions.get(*index).map(|definition| &definition.connection),
        }
    }

    /// The settings of a part of a database, or of a service.
    pub fn settings(&self, subject: &Subject) -> Option<&Settings> {
        match subject {
            Subject::Database { .. } => self.connection(subject).map(|connection| &connection.settings),
            Subject::Service { name, .. } => {
                self.services.iter().find(|service| service.name == *name).map(|service| &service.settings)
            }
        }
    }
}

/// The sources that belong together, and what they say in every environment.
#[derive(Debug, Default)]
pub struct Project {
    /// The inputs.
    pub sources: Arc<Sources>,
    /// What they say: first without an environment, then in each.
    pub configurations: Vec<Configuration>,
}

impl Project {
    /// Whether nothing describes a database or service, in whatever environment.
    pub fn is_empty(&self) -> bool {
        let says = |it: &Configuration| {
            !(it.databases.is_empty() && it.services.is_empty() && it.stores.is_empty() && it.needs.is_empty())
        };
        !self.configurations.iter().any(says)
    }
}

/// The variables of an environment: name to value, the syntax of the value, and its origin.
pub type Selection = BTreeMap<String, (super::Value, super::Origin)>;
