//! Writing on systems where the promises cannot be kept: refused.

use std::path::{Path, PathBuf};

use crate::model::{HistoryEntry, Unfinished};

use super::{Job, Store, WriteError, Written};

fn refusal(path: &Path) -> WriteError {
    WriteError {
        path: path.to_owned(),
        message: "on this system a file cannot be replaced without the risk of losing it or its rights".to_owned(),
        help: "look at the changes with `--diff`, and apply them with your editor".to_owned(),
        state: "nothing was changed".to_owned(),
    }
}

pub(super) fn write(_: Option<&Store>, job: &Job) -> Result<Written, WriteError> {
    match job.files.first() {
        Some(file) => Err(refusal(&file.path)),
        None => Ok(Written::default()),
    }
}

pub(super) fn undo(store: &Store, paths: &[PathBuf], _: bool) -> Result<Written, WriteError> {
    Err(refusal(paths.first().map_or(store.directory(), PathBuf::as_path)))
}

pub(super) fn undoable(_: &Store, _: &[PathBuf], _: &Path) -> Result<Vec<HistoryEntry>, WriteError> {
    Ok(Vec::new())
}

pub(super) fn take_back(store: &Store, entries: &[HistoryEntry], _: bool) -> Result<Written, WriteError> {
    Err(refusal(entries.first().map_or(store.directory(), |entry| entry.file.as_path())))
}

pub(super) fn history(_: &Store, _: &[PathBuf]) -> Result<Vec<HistoryEntry>, WriteError> {
    Ok(Vec::new())
}

pub(super) fn unfinished(_: &Store) -> Result<Vec<Unfinished>, WriteError> {
    Ok(Vec::new())
}

pub(super) fn recover(store: &Store, _: &Unfinished) -> Result<Written, WriteError> {
    Err(refusal(store.directory()))
}
