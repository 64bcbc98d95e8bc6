//! A migration as plain data: what was decided, what is planned, and what somebody has to decide still.

use std::collections::BTreeMap;

use crate::document::KeyPath;

use super::origin::Origin;
use super::role::Role;
use super::source::SourceId;

/// What was decided beforehand.
#[derive(Clone, Debug, Default)]
pub struct Decisions {
    /// Whether databases on main's server refer to it; none if nobody has said.
    pub server: Option<ServerForm>,
    /// What becomes of passwords; none if nobody has said.
    pub secrets: Option<SecretForm>,
    /// For roles with definitions that disagree, the name of the one that stays.
    pub prefer: Vec<String>,
    /// New hosts for databases.
    pub relocate: BTreeMap<Role, Relocation>,
    /// Whether the old sections stay beside the new one.
    pub keep_legacy: bool,
}

/// How databases on one server are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ServerForm {
    /// Each in full.
    Separate,
    /// With `same_server_as: main` and what differs.
    Shared,
}

/// What becomes of passwords that stand in a settings file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SecretForm {
    /// They stay where they are.
    Keep,
    /// They move to `.env`, and `${VAR}` takes their place.
    Env,
}

/// Where a database is moved to, on paper.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Relocation {
    /// The server of another database, by its role.
    Server(Role),
    /// A host, and perhaps a port.
    Host {
        /// The host.
        host: String,
        /// The port; without, that of the source stays.
        port: Option<u16>,
    },
}

/// What is to be done.
#[derive(Debug, Default)]
pub struct Plan {
    /// The files that were asked for, changed or not, then files that are new.
    pub files: Vec<FilePlan>,
    /// What somebody has to decide before the plan is complete. What the answers are about is left as it is.
    pub questions: Vec<Question>,
}

/// What becomes of one file.
#[derive(Debug)]
pub struct FilePlan {
    /// The file as it was read; none for one that does not exist yet.
    pub source: Option<SourceId>,
    /// Its path, as it was named or found.
    pub path: String,
    /// Its text; empty for a new file.
    pub before: String,
    /// What it becomes; the same if nothing changes.
    pub after: String,
    /// Sections and keys that move, in the order of the text.
    pub moves: Vec<Move>,
    /// Everything else that the plan has to say of it.
    pub notes: Vec<Note>,
    /// Single values that become others, since somebody has decided so; secrets are masked.
    pub changes: Vec<ValueChange>,
    /// Every key whose value goes away, comes or becomes another, for the journal; secrets are masked.
    pub record: Vec<ValueChange>,
    /// Whether it holds secrets that dbcfg puts there, so that nobody else may read it.
    pub is_private: bool,
    /// Names of sections and keys that go away, as applications may mention them: `postgres_primary`, `DB_HOST`.
    pub gone: Vec<String>,
}

impl FilePlan {
    /// The plan of a file that stays as it is; without a source, of one that does not exist.
    pub fn unchanged(source: Option<SourceId>, path: String, text: String) -> Self {
        Self {
            source,
            path,
            after: text.clone(),
            before: text,
            moves: Vec::new(),
            notes: Vec::new(),
            changes: Vec::new(),
            record: Vec::new(),
            is_private: false,
            gone: Vec::new(),
        }
    }

    /// Whether anything changes.
    pub fn is_changed(&self) -> bool {
        self.before != self.after
    }
}

/// A section or key that moves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Move {
    /// Where it stands.
    pub from: KeyPath,
    /// Where it will stand.
    pub to: KeyPath,
    /// How many keys move with it.
    pub keys: usize,
    /// How many comments do.
    pub comments: usize,
}

/// A value that changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ValueChange {
    /// The key path in the new file.
    pub key: String,
    /// The old value, masked; none if there was none.
    pub old: Option<String>,
    /// The new value, masked; none if it goes away.
    pub new: Option<String>,
}

/// Something to know about the plan.
#[derive(Clone, Debug)]
pub struct Note {
    /// What kind of thing it is.
    pub kind: NoteKind,
    /// In a sentence without its full stop. Holds no secret and is escaped.
    pub message: String,
    /// Where it is about.
    pub origin: Origin,
}

/// What notes are about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum NoteKind {
    /// A reference follows a section to its new name.
    Reference,
    /// A section becomes what takes over for main.
    Failover,
    /// A second definition of the same database disappears, or a value that nothing used.
    Duplicate,
    /// What the reader of the new file has to take care of.
    Care,
    /// Something is not migrated, with the reason.
    Left,
}

/// What somebody has to decide.
#[derive(Clone, Debug)]
pub enum Question {
    /// Two definitions of one database disagree (`--prefer NAME`).
    Prefer {
        /// The database.
        role: Role,
        /// The definitions, the one that counts today first.
        candidates: Vec<Candidate>,
    },
    /// A section's name does not say what it is for (`--map NAME=ROLE`); unanswered it keeps its name.
    Map {
        /// Its name.
        name: String,
        /// Where it stands.
        origin: Origin,
    },
    /// A host cannot exist (`--relocate ROLE=..`); unanswered it stays.
    Relocate {
        /// The database.
        role: Role,
        /// Why, in a sentence without its full stop, safe to print.
        reason: String,
        /// Where the host stands.
        origin: Origin,
        /// The databases whose servers it could move to.
        servers: Vec<Role>,
    },
    /// Several databases are on one server (`--server`); unanswered each is written in full.
    Server {
        /// The databases on main's server.
        roles: Vec<Role>,
    },
    /// Passwords stand in the file (`--secrets`); unanswered they stay.
    Secrets {
        /// How many.
        count: usize,
    },
}

/// One of several definitions.
#[derive(Clone, Debug)]
pub struct Candidate {
    /// The name by which `--prefer` takes it.
    pub name: String,
    /// What tells it from the others, masked: its host, database and user.
    pub shown: String,
    /// Where it stands.
    pub origin: Origin,
}
