//! What `probe --deep` asks a PostgreSQL server. What could not be asked is absent, and `not_measured` says why.

use serde::{Deserialize, Serialize};

/// What `--deep` asks for.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Deep {
    /// Settings of the server that recommendations are about.
    pub settings: Vec<ServerSetting>,
    /// The statements that take longest on average, utility statements left out; at most 10. None if
    /// `pg_stat_statements` is not there or not readable.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub slow_queries: Option<Vec<SlowQuery>>,
    /// Indexes that no query has used since the statistics were reset, those that keep values unique left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unused_indexes: Option<Vec<Index>>,
    /// Indexes that a failed `create index concurrently` has left.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub invalid_indexes: Option<Vec<Index>>,
    /// Tables with rows that neither `analyze` nor autovacuum has ever looked at: `schema.table`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub never_analysed: Option<Vec<String>>,
    /// The largest tables; at most 10.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tables: Option<Vec<TableSize>>,
    /// The connections of the database by their state.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub activity: Option<Vec<Activity>>,
    /// The standbys that the server feeds; of a standby, itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub replication: Option<Vec<Replication>>,
    /// How archiving goes; none if it is off.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub archiver: Option<Archiver>,
    /// How many tables of applications have row-level security.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub row_security: Option<RowSecurity>,
    /// Whether the server accepts a connection without encryption from here; none if that was not tried.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub plaintext_accepted: Option<bool>,
    /// What could not be asked.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub not_measured: Vec<Unmeasured>,
}

/// Something that could not be asked.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Unmeasured {
    /// The field of [`Deep`].
    pub what: String,
    /// Why.
    pub why: String,
}

/// A setting of a server.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ServerSetting {
    /// Its name.
    pub name: String,
    /// Its value, without a unit.
    pub value: String,
    /// The unit of the value: `8kB`, `kB`, `ms`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
}

/// A statement, with placeholders in place of its values.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct SlowQuery {
    /// Its text, at most 500 characters.
    pub query: String,
    /// How often it ran.
    pub calls: u64,
    /// How long it takes on average, in milliseconds.
    pub mean_millis: f64,
}

/// An index.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Index {
    /// `schema.table`.
    pub table: String,
    /// Its name.
    pub name: String,
    /// Its length in bytes.
    pub bytes: u64,
}

/// A table.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct TableSize {
    /// `schema.table`.
    pub name: String,
    /// Its length in bytes, with indexes and TOAST.
    pub total_bytes: u64,
    /// Its length without them.
    pub bytes: u64,
}

/// The connections of one state.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Activity {
    /// `active`, `idle`, `idle in transaction` or another.
    pub state: String,
    /// How many there are.
    pub connections: u32,
    /// The seconds since the oldest began what it does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub longest_seconds: Option<f64>,
}

/// A standby.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Replication {
    /// Its `application_name`; of the standby that answers, `this standby`.
    pub name: String,
    /// `streaming`, `catchup` or another state.
    pub state: String,
    /// The bytes that it has not yet replayed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lag_bytes: Option<u64>,
    /// The seconds that it is behind.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lag_seconds: Option<f64>,
}

/// How archiving goes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Archiver {
    /// How often it failed since the statistics were reset.
    pub failed_count: u64,
    /// Whether the last try failed.
    pub failing: bool,
    /// The seconds since the last success; none if there was none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_success_age: Option<u64>,
}

/// Tables with row-level security and without.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct RowSecurity {
    /// Tables of applications.
    pub tables: u32,
    /// Those with row-level security.
    pub protected: u32,
}
