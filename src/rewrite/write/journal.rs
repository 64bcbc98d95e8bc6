//! The journal: one line of JSON for each step of a run, on the disk before the next step is taken.
//!
//! A run has a `begin` with all that it takes to undo it, a `written` for each file that is not its last, and an `end`.
//! A run without an end was killed, and what its files hold says how far it came.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;
use std::io;
use std::os::fd::OwnedFd;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::model::ValueChange;

use super::system::{FileSystem, Purpose, read_all, steadily, write_all};

/// The name of the journal in the store.
const NAME: &str = "journal.jsonl";

/// One line.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "record", rename_all = "kebab-case")]
pub(super) enum Record {
    Begin(Begin),
    Written {
        run: String,
        /// The place of the file in the run, from 0.
        index: usize,
    },
    End {
        run: String,
        time: String,
        outcome: Outcome,
    },
}

/// What a run sets out to do.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Begin {
    pub(super) run: String,
    pub(super) time: String,
    pub(super) user: String,
    pub(super) action: String,
    pub(super) files: Vec<FileRecord>,
}

/// What a run sets out to do with one file.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct FileRecord {
    /// As an absolute path with links resolved.
    pub(super) file: PathBuf,
    /// By key path, with secrets masked.
    #[serde(default)]
    pub(super) changes: BTreeMap<String, Change>,
    /// The backup; none if there was no file.
    pub(super) snapshot: Option<PathBuf>,
    /// The fingerprint of the file before; none if there is none.
    pub(super) before: Option<String>,
    /// The same for what it becomes.
    pub(super) after: Option<String>,
    /// The name beside it under which the new text waits, and the old one leaves.
    pub(super) temporary: String,
    /// The mode before and after, if the run changes it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) mode: Option<(u32, u32)>,
    /// For `undo`: the run that is undone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) undoes: Option<String>,
}

/// One value of the history.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Change {
    old: Option<String>,
    new: Option<String>,
}

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Outcome {
    /// All files are new.
    Done,
    /// None is.
    Void,
    /// What was written has been put back.
    Recovered,
}

/// One run, from all that the journal says of it.
#[derive(Debug, Clone)]
pub(super) struct Run {
    pub(super) begin: Begin,
    /// The files that are known to have been written, by their places.
    pub(super) written: BTreeSet<usize>,
    /// None for a run that was killed, or is under way.
    pub(super) outcome: Option<Outcome>,
}

/// The journal at a glance, while others may be at it.
#[derive(Debug)]
pub(super) struct Glance {
    pub(super) runs: Vec<Run>,
    /// Whether it ends within a line: of a run that was killed, or is just adding it.
    pub(super) is_torn: bool,
}

/// Changes in the form of the journal.
pub(super) fn as_changes(changes: &[ValueChange]) -> BTreeMap<String, Change> {
    let change = |change: &ValueChange| Change { old: change.old.clone(), new: change.new.clone() };
    changes.iter().map(|value| (value.key.clone(), change(value))).collect()
}

/// Changes in the form of the model.
pub(super) fn from_changes(changes: &BTreeMap<String, Change>) -> Vec<ValueChange> {
    let change = |(key, change): (&String, &Change)| ValueChange {
        key: key.clone(),
        old: change.old.clone(),
        new: change.new.clone(),
    };
    changes.iter().map(change).collect()
}

/// The same changes the other way round.
pub(super) fn reversed(changes: &BTreeMap<String, Change>) -> Vec<ValueChange> {
    from_changes(changes)
        .into_iter()
        .map(|ValueChange { key, old, new }| ValueChange { key, old: new, new: old })
        .collect()
}

/// The journal, open to be extended. Whoever holds it holds the lock of the store.
#[derive(Debug)]
pub(super) struct Journal {
    file: OwnedFd,
    end: u64,
}

impl Journal {
    /// Opens the journal, mends what a kill in the middle of a line left, and reads its runs.
    pub(super) fn open(system: &dyn FileSystem, store: &OwnedFd) -> io::Result<(Self, Vec<Run>)> {
        let file = steadily(|| system.open(store, OsStr::new(NAME), Purpose::Extend))?;
        let bytes = read_all(system, &file)?;
        let whole = bytes.iter().rposition(|&byte| byte == b'\n').map_or(0, |last| last + 1);
        if whole < bytes.len() {
            // A record without its line end was never synced, so nothing was built on it.
            steadily(|| system.truncate(&file, whole as u64))?;
            steadily(|| system.sync(&file))?;
        }
        if whole == 0 {
            // The file may have been made just now, and its name is not on the disk yet.
            steadily(|| system.sync(store))?;
        }
        let runs = runs(&bytes[..whole]);
        Ok((Self { file, end: whole as u64 }, runs))
    }

    /// Reads without writing and without the lock.
    pub(super) fn look(system: &dyn FileSystem, store: &OwnedFd) -> io::Result<Glance> {
        match steadily(|| system.open(store, OsStr::new(NAME), Purpose::Read)) {
            Ok(file) => {
                let bytes = read_all(system, &file)?;
                Ok(Glance { runs: runs(&bytes), is_torn: bytes.last().is_some_and(|&byte| byte != b'\n') })
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Glance { runs: Vec::new(), is_torn: false }),
            Err(error) => Err(error),
        }
    }

    /// Adds a record, and returns when it is on the disk. If that fails the record is taken away again.
    pub(super) fn append(&mut self, system: &dyn FileSystem, record: &Record) -> io::Result<()> {
        let mut line = serde_json::to_vec(record)?;
        line.push(b'\n');
        let added = write_all(system, &self.file, &line, self.end).and_then(|()| steadily(|| system.sync(&self.file)));
        if added.is_err() {
            // If this fails as well, half a line stays, which the next run removes, or a whole one, which is as true
            // as it would have been with its sync.
            let _ = steadily(|| system.truncate(&self.file, self.end));
            return added;
        }
        self.end += line.len() as u64;
        Ok(())
    }
}

/// The runs of a journal, in their order. Lines that say nothing to us are passed over: of newer versions, or damaged.
fn runs(bytes: &[u8]) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    for line in bytes.split(|&byte| byte == b'\n') {
        let Ok(record) = serde_json::from_slice(line) else { continue };
        // What follows is almost always about the last one.
        let of = |runs: &mut Vec<Run>, number: &str| runs.iter().rposition(|run| run.begin.run == number);
        match record {
            Record::Begin(begin) => runs.push(Run { begin, written: BTreeSet::new(), outcome: None }),
            Record::Written { run, index } => {
                if let Some(at) = of(&mut runs, &run) {
                    runs[at].written.insert(index);
                }
            }
            Record::End { run, outcome, .. } => {
                if let Some(at) = of(&mut runs, &run) {
                    runs[at].outcome = Some(outcome);
                }
            }
        }
    }
    runs
}
