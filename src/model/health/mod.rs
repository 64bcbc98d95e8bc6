//! How databases and services are: what a probe found, as plain data.
//!
//! `probe` fills it, the live rules judge it, and `report` prints it. Texts of servers stand here as they came, without
//! passwords but not yet escaped. The names that JSON has for all this are the names of the fields, in `snake_case`.

mod deep;
mod event;
mod facts;
mod failure;
mod status;
mod target;

pub use deep::{
    Activity, Archiver, Deep, Index, Replication, RowSecurity, ServerSetting, SlowQuery, TableSize, Unmeasured,
};
pub use event::{Event, Events, Silence};
pub use facts::{
    Alembic, Connections, DatabaseFacts, Facts, HttpFacts, PostgresFacts, RedisFacts, RoleFacts, SqliteFacts,
    StoreFacts, TlsFacts, VectorFacts,
};
pub use failure::{Cause, Class, Failure};
pub use status::{Stage, Status, Via};
pub use target::{Address, Attempt, Engine, Health, Part, ServicePart, StageTime, Subject, TargetHealth};
