//! Writing: new texts into files, wholly or not at all, with a backup and a journal first.

use std::path::PathBuf;

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
#[derive(Debug)]
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

/// Where backups and the journal are: a directory outside of projects.
#[derive(Clone, Debug)]
pub struct Store {
    directory: PathBuf,
}

impl Store {
    /// The store in a directory, which need not exist yet.
    pub fn new(directory: PathBuf) -> Self {
        Self { directory }
    }

    /// Its directory.
    pub fn directory(&self) -> &std::path::Path {
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
pub fn write(_store: Option<&Store>, job: &Job) -> Result<Written, WriteError> {
    let path = job.files.first().map(|file| file.path.clone()).unwrap_or_default();
    Err(WriteError { path, message: String::new(), help: String::new(), state: String::new() })
}

/// Puts files back to what they were before their last change, byte for byte. Without paths: all files of the last run.
///
/// # Errors
///
/// The same as for [`write`]; also a file that was changed since, which only `force` overwrites.
pub fn undo(_store: &Store, paths: &[PathBuf], _force: bool) -> Result<Written, WriteError> {
    let path = paths.first().cloned().unwrap_or_default();
    Err(WriteError { path, message: String::new(), help: String::new(), state: String::new() })
}

/// The journal, the newest first; with paths only what is about them.
///
/// # Errors
///
/// A journal that cannot be read.
pub fn history(_store: &Store, _paths: &[PathBuf]) -> Result<Vec<HistoryEntry>, WriteError> {
    Ok(Vec::new())
}

/// The runs that were killed between two files.
///
/// # Errors
///
/// A store that cannot be read.
pub fn unfinished(_store: &Store) -> Result<Vec<Unfinished>, WriteError> {
    Ok(Vec::new())
}

/// Puts the files of a run that was killed back to what they were.
///
/// # Errors
///
/// The same as for [`write`].
pub fn recover(_store: &Store, run: &Unfinished) -> Result<Written, WriteError> {
    let path = run.written.first().cloned().unwrap_or_default();
    Err(WriteError { path, message: String::new(), help: String::new(), state: String::new() })
}
