//! Writing on systems where the promises can be kept: the calls of the front door, on the real file system.

use std::path::{Path, PathBuf};

use crate::model::{HistoryEntry, Unfinished};

use super::disk::Disk;
use super::{Job, Store, WriteError, Written};

pub(super) fn write(store: Option<&Store>, job: &Job) -> Result<Written, WriteError> {
    super::run::write(&Disk, store, job)
}

pub(super) fn undo(store: &Store, paths: &[PathBuf], force: bool) -> Result<Written, WriteError> {
    super::undo::undo(&Disk, store, paths, force)
}

pub(super) fn undoable(store: &Store, paths: &[PathBuf], below: &Path) -> Result<Vec<HistoryEntry>, WriteError> {
    super::undo::undoable(&Disk, store, paths, below)
}

pub(super) fn take_back(store: &Store, entries: &[HistoryEntry], force: bool) -> Result<Written, WriteError> {
    super::undo::take_back(&Disk, store, entries, force)
}

pub(super) fn history(store: &Store, paths: &[PathBuf]) -> Result<Vec<HistoryEntry>, WriteError> {
    super::undo::history(&Disk, store, paths)
}

pub(super) fn unfinished(store: &Store) -> Result<Vec<Unfinished>, WriteError> {
    super::recover::unfinished(&Disk, store)
}

pub(super) fn recover(store: &Store, run: &Unfinished) -> Result<Written, WriteError> {
    super::recover::recover(&Disk, store, run)
}
