//! The journal of what was written, as plain data.

use std::path::PathBuf;

use super::migration::ValueChange;

/// One change in the journal.
#[derive(Clone, Debug)]
pub struct HistoryEntry {
    /// Its number, by which `--undo` may take it.
    pub id: String,
    /// When, in RFC 3339, UTC.
    pub time: String,
    /// Who: the name of the user.
    pub user: String,
    /// The file, as an absolute path.
    pub file: PathBuf,
    /// What was done: `migrate`, `check --fix`, `undo`.
    pub action: String,
    /// What changed, with secrets masked.
    pub changes: Vec<ValueChange>,
    /// The backup of the file as it was before, if it is still kept.
    pub snapshot: Option<PathBuf>,
}

/// A run that was killed between two files.
#[derive(Clone, Debug)]
pub struct Unfinished {
    /// Its number.
    pub id: String,
    /// When it began.
    pub time: String,
    /// The files that are new already, and are to be put back.
    pub written: Vec<PathBuf>,
    /// The files that were not reached.
    pub waiting: Vec<PathBuf>,
}
