//! What keeps a file from being written, in words: what is wrong, and the way out.

use std::io;
use std::path::{Path, PathBuf};

use crate::redact::escape;

use super::WriteError;
use super::system::reason;

/// What [`WriteError::state`] says when no file is other than it was.
pub(super) const NOTHING_CHANGED: &str = "nothing was changed";

/// Why something could not be done. What state the files are in is known only further up.
#[derive(Debug)]
pub(super) struct Trouble {
    pub(super) path: PathBuf,
    pub(super) message: String,
    pub(super) help: String,
}

impl Trouble {
    pub(super) fn new(path: &Path, message: impl Into<String>, help: impl Into<String>) -> Self {
        Self { path: path.to_owned(), message: message.into(), help: help.into() }
    }

    /// A call that failed while something was done: `cannot be read: permission denied`.
    pub(super) fn failed(path: &Path, what: &str, error: &io::Error) -> Self {
        Self::new(path, format!("{what}: {}", reason(error)), way_out(error))
    }

    /// The file is not what the plan was made from.
    pub(super) fn changed(path: &Path) -> Self {
        Self::new(path, "it was changed since it was read", "run the command again, to see what is to be done now")
    }

    /// The error for the caller, with the state of the files.
    pub(super) fn leaving(self, state: impl Into<String>) -> WriteError {
        let Self { path, message, help } = self;
        WriteError { path, message, help, state: state.into() }
    }

    /// The error for the caller where no file is other than it was.
    pub(super) fn before_all(self) -> WriteError {
        self.leaving(NOTHING_CHANGED)
    }
}

/// A path as it may stand in a message.
pub(super) fn shown(path: &Path) -> String {
    escape(&path.to_string_lossy()).into_owned()
}

/// What to try when a call failed like this.
fn way_out(error: &io::Error) -> &'static str {
    use io::ErrorKind;
    match error.kind() {
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => "make room, and run the command again",
        ErrorKind::FileTooLarge => "raise the limit with `ulimit -f unlimited`, and run the command again",
        ErrorKind::ReadOnlyFilesystem => {
            "mount it writable, or write the result elsewhere with `--output PATH`, and put it in place yourself"
        }
        ErrorKind::PermissionDenied => {
            "run the command as a user who may write to this file and to its directory, \
             or write the result elsewhere with `--output PATH`"
        }
        ErrorKind::NotFound => "look whether the path is right, and whether its directory is there",
        _ => "run the command again; if it stays like this, write the result elsewhere with `--output PATH`",
    }
}
