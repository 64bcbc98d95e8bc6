//! What a configuration says, as plain data: sources, databases, services, and where each value came from.

mod configuration;
mod connection;
mod database;
pub mod health;
mod journal;
mod key;
pub mod measure;
mod migration;
pub mod moment;
mod origin;
mod role;
mod source;
mod table;
mod value;

pub use configuration::{Configuration, Project, Selection};
pub use connection::{Connection, Loss, Losses, Resolution, Setting, Settings};
pub use database::{Database, Definition, Need, NeedKind, Outcome, Service, Store, StorePart, Use};
pub use journal::{HistoryEntry, Unfinished};
pub use key::{Key, KeyInfo, Kind};
pub use migration::{
    Candidate, Decisions, FilePlan, Move, Note, NoteKind, Plan, Question, Relocation, SecretForm, ServerForm,
    ValueChange,
};
pub use origin::{Location, Origin};
pub use role::Role;
pub use source::{FileFacts, Source, SourceId, SourceKind, Sources};
pub use table::Table;
pub use value::Value;
