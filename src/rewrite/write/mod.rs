//! Writing: new texts into files, wholly or not at all, with a backup and a journal first.
//!
//! What is promised, on which file systems, and how it was measured stands in `docs/writing.md`. A run goes through
//! `run`, each of its files through `exchange`; `store` and `journal` keep the way back, which `undo` and `recover`
//! go. Nothing here calls the system but through the trait in `system`, so that a test can fail every call.

#[cfg(unix)]
mod attributes;
#[cfg(unix)]
mod disk;
#[cfg(unix)]
mod exchange;
#[cfg(unix)]
mod journal;
#[cfg(unix)]
mod leftovers;
#[cfg_attr(not(unix), path = "elsewhere.rs")]
mod os;
#[cfg(unix)]
mod place;
#[cfg(unix)]
mod recover;
#[cfg(unix)]
mod run;
#[cfg(unix)]
mod stamp;
#[cfg(unix)]
mod store;
#[cfg(unix)]
mod system;
#[cfg(all(test, unix))]
mod tests;
#[cfg(unix)]
mod trouble;
#[cfg(unix)]
mod undo;

use std::ffi::OsString;
use std::fmt;
use std::path::{Path, PathBuf};

use crate::model::{HistoryEntry, Unfinished, ValueChange};

/// What is to be written in one go: all files, or none.
#[derive(Debug)]
pub struct Job {
    /// The command, for the journal: `migrate`, `check --fix`.
    pub action: &'static str,
    /// The files.
    pub files: Vec<FileChange>,
}

/// One file.
pub struct FileChange {
    /// Its path, as it was named or found.
    pub path: PathBuf,
    /// The bytes that the plan was made from; none for a file that must not exist yet.
    pub before: Option<Vec<u8>>,
    /// What it becomes.
    pub after: Vec<u8>,
    /// Whether nobody but its owner may read it from now on (0600).
    pub is_private: bool,
    /// What changes, with secrets masked, for the journal.
    pub changes: Vec<ValueChange>,
}

impl fmt::Debug for FileChange {
    /// Without the texts, which hold secrets.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = formatter.debug_struct("FileChange");
        shown.field("path", &self.path).field("is_private", &self.is_private).field("changes", &self.changes);
        shown.finish_non_exhaustive()
    }
}

/// Where backups and the journal are: a directory outside of projects.
#[derive(Clone, Debug)]
pub struct Store {
    directory: PathBuf,
}

impl Store {
    /// The store of a user, from the values of `XDG_STATE_HOME` and `HOME`; none if neither names a directory.
    pub fn in_state_directory(state_home: Option<OsString>, home: Option<OsString>) -> Option<Self> {
        // The specification has relative paths ignored.
        let named = |value: Option<OsString>| value.map(PathBuf::from).filter(|path| path.is_absolute());
        let state = named(state_home).or_else(|| Some(named(home)?.join(".local").join("state")))?;
        Some(Self::new(state.join("dbcfg")))
    }

    /// The store in a directory, which need not exist yet.
    pub fn new(directory: PathBuf) -> Self {
        Self { directory }
    }

    /// Its directory.
    pub fn directory(&self) -> &Path {
        &self.directory
    }
}

/// What came of a job.
#[derive(Debug, Default)]
pub struct Written {
    /// The files that are new on disk, in the order of the job.
    pub files: Vec<PathBuf>,
    /// What went wrong after a file was written, in our words: "written, but ..".
    pub warnings: Vec<String>,
}

/// Why nothing was written, or not all.
#[derive(Debug)]
pub struct WriteError {
    /// The file that it is about.
    pub path: PathBuf,
    /// What is wrong, in our words, without its full stop.
    pub message: String,
    /// The way out.
    pub help: String,
    /// What state the files are in now: that nothing was changed, or which files are to be recovered.
    pub state: String,
}

/// Writes all files of a job; without a store there is no backup, no journal and no way back.
///
/// # Errors
///
/// Whatever keeps a file from being replaced as promised. No file is ever left in a state between old and new.
pub fn write(store: Option<&Store>, job: &Job) -> Result<Written, WriteError> {
    os::write(store, job)
}

/// Puts files back to what they were before their last change, byte for byte; a directory stands for the files below it.
/// Without paths: all files of the last run, wherever they are.
///
/// A file that dbcfg made is removed. A mode that dbcfg tightened is what it was, unless somebody has changed it since;
/// everything else but the contents stays as it is. Each further call goes one change further back.
///
/// # Errors
///
/// The same as for [`write()`]; also a file that was changed since, which only `force` overwrites.
pub fn undo(store: &Store, paths: &[PathBuf], force: bool) -> Result<Written, WriteError> {
    os::undo(store, paths, force)
}

/// The changes that are taken back next: of each file at or below one of the paths the last one. Without paths: what the
/// last run that wrote anything below a directory wrote there, since whatever else it wrote belongs to another project.
///
/// # Errors
///
/// A journal that cannot be read, or a path that neither is there nor stands in the journal.
pub fn undoable(store: &Store, paths: &[PathBuf], below: &Path) -> Result<Vec<HistoryEntry>, WriteError> {
    os::undoable(store, paths, below)
}

/// Takes back the changes that [`undoable`] told, like [`undo()`].
///
/// # Errors
///
/// The same as for [`undo()`]; also a file of which that is no longer the last change.
pub fn take_back(store: &Store, entries: &[HistoryEntry], force: bool) -> Result<Written, WriteError> {
    os::take_back(store, entries, force)
}

/// The journal, the newest first; with paths only what is about the files at or below them.
///
/// # Errors
///
/// A journal that cannot be read, or a path that neither is there nor stands in the journal.
pub fn history(store: &Store, paths: &[PathBuf]) -> Result<Vec<HistoryEntry>, WriteError> {
    os::history(store, paths)
}

/// The runs that were killed between two files. To be called before anything is read: runs that were killed before
/// their first or after their last file are closed, and their temporary files removed.
///
/// # Errors
///
/// A store that cannot be read.
pub fn unfinished(store: &Store) -> Result<Vec<Unfinished>, WriteError> {
    os::unfinished(store)
}

/// Puts the files of a run that was killed back to what they were. Files that were changed since stay, with a warning.
///
/// # Errors
///
/// The same as for [`write()`]. The run stays unfinished, and can be tried again.
pub fn recover(store: &Store, run: &Unfinished) -> Result<Written, WriteError> {
    os::recover(store, run)
}
