//! What is known of a server, a file or a store that answered. What privileges hide is absent: not measured, not fine.

use serde::{Deserialize, Serialize};

use super::deep::Deep;

/// What is known of what answered.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "engine", rename_all = "lowercase")]
pub enum Facts {
    /// A PostgreSQL server.
    Postgresql(Box<PostgresFacts>),
    /// A SQLite file.
    Sqlite(SqliteFacts),
    /// A Redis server.
    Redis(RedisFacts),
    /// An HTTP server, MLflow's tracking server among them.
    Http(HttpFacts),
    /// A bucket or folder.
    Store(StoreFacts),
}

impl Facts {
    /// The facts of a PostgreSQL server, if it is one.
    pub fn postgres(&self) -> Option<&PostgresFacts> {
        match self {
            Self::Postgresql(facts) => Some(facts),
            _ => None,
        }
    }
}

/// What is known of a PostgreSQL server, of the database and of the role.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct PostgresFacts {
    /// `15.18`.
    pub version: String,
    /// `150018`.
    pub version_number: u32,
    /// Whether it is a standby, which takes no writes.
    pub in_recovery: bool,
    /// Whether new transactions are read-only here (`default_transaction_read_only`).
    pub read_only: bool,
    /// Its connections.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub connections: Option<Connections>,
    /// The role that was logged in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub role: Option<RoleFacts>,
    /// The database.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub database: Option<DatabaseFacts>,
    /// The names of the databases of the server that accept connections, templates not among them, sorted; none if there
    /// are more than 1,000.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub databases: Vec<String>,
    /// The encryption of this connection, as far as this machine sees it; none if it is plain.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tls: Option<TlsFacts>,
    /// pgvector; none where it was not asked for, in any other than a vector database.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vector: Option<VectorFacts>,
    /// The version of MLflow's schema; none where it was not asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub alembic: Option<Alembic>,
    /// What `--deep` asks for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deep: Option<Box<Deep>>,
}

/// The connections of a server.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Connections {
    /// How many clients are connected, this probe among them.
    pub used: u32,
    /// How many of them run a query; none if the role may not see others' states.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub active: Option<u32>,
    /// How many of them wait for one, in a transaction or not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub idle: Option<u32>,
    /// How many clients without special rights may be connected: `max_connections` less what is reserved.
    pub allowed: u32,
    /// `max_connections`.
    pub max: u32,
}

/// A role and its rights.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[allow(clippy::struct_excessive_bools, reason = "each is a right of its own")]
pub struct RoleFacts {
    /// Its name.
    pub name: String,
    /// Whether it may do everything.
    pub superuser: bool,
    /// Whether it may make roles.
    pub create_role: bool,
    /// Whether it may make databases.
    pub create_database: bool,
    /// Whether no row-level security holds for it.
    pub bypass_rls: bool,
    /// Whether it may start replication.
    pub replication: bool,
    /// How many connections it may have; none without a limit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub connection_limit: Option<u32>,
    /// In how many seconds its password expires; none if never. Negative if it has.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires_in: Option<i64>,
}

/// A database.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct DatabaseFacts {
    /// Its name.
    pub name: String,
    /// How many connections it may have; none without a limit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub connection_limit: Option<u32>,
}

/// The encryption of a connection.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct TlsFacts {
    /// `TLSv1.3`.
    pub version: String,
    /// `TLS_AES_256_GCM_SHA384`.
    pub cipher: String,
    /// In how many days the server's certificate expires; negative if it has.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub certificate_days_left: Option<i64>,
    /// Whether the certificate was verified, and the name in it.
    pub verified: bool,
}

/// pgvector.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct VectorFacts {
    /// The version that is installed in the database; none if it is not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// The version that the server could install; none if it has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub available: Option<String>,
    /// Whether `<->` works; none where it was not tried.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub works: Option<bool>,
}

/// The version of MLflow's schema, which Alembic keeps in the table `alembic_version`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Alembic {
    /// There is no such table: MLflow has not made its schema here.
    Absent,
    /// There is one, and the role may not read it.
    Hidden,
    /// The version.
    Version(String),
}

/// What is known of a SQLite file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct SqliteFacts {
    /// Its length in bytes.
    pub bytes: u64,
    /// The seconds since it was changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub age: Option<u64>,
    /// `wal`, `delete` or another mode of the journal.
    pub journal_mode: String,
    /// Whether it can be written.
    pub writable: bool,
    /// Whether files can be made beside it, which every write needs.
    pub directory_writable: bool,
}

/// What is known of a Redis server.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct RedisFacts {
    /// `7.0.15`; none if the user may not ask.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// `master` or `slave`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
    /// The encryption of the connection.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tls: Option<TlsFacts>,
}

/// What is known of an HTTP server.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct HttpFacts {
    /// The status of the answer.
    pub status: u16,
    /// MLflow's version, if it says one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// The encryption of the connection.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tls: Option<TlsFacts>,
}

/// What is known of a bucket or folder.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct StoreFacts {
    /// The region of a bucket, if it says one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// Whether it can be written; none where that was not tried.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub writable: Option<bool>,
}
