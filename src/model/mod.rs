//! What a configuration says, as plain data: sources, databases, services, and where each value came from.

mod configuration;
mod connection;
mod database;
mod key;
mod origin;
mod role;
mod source;
mod table;
mod value;

pub use configuration::{Configuration, Project, Selection};
pub use connection::{Connection, Loss, Losses, Resolution, Setting, Settings};
pub use database::{Database, Definition, Need, NeedKind, Outcome, Service, Store, StorePart, Use};
pub use key::{Key, KeyInfo, Kind};
pub use origin::{Location, Origin};
pub use role::Role;
pub use source::{FileFacts, Source, SourceId, SourceKind, Sources};
pub use table::Table;
pub use value::Value;
