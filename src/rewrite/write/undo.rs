//! The way back: which change of a file is undone next, and the history of all.

use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};

use crate::model::HistoryEntry;

use super::journal::{FileRecord, Outcome, Run, from_changes, reversed};
use super::place::{Directories, resolve};
use super::recover::settle;
use super::run::{Contents, Mode, Target, perform};
use super::stamp::fingerprint;
use super::store::{self, Session};
use super::system::{FileSystem, steadily};
use super::trouble::Trouble;
use super::{Store, WriteError, Written};

/// The changes of a file that can be undone, the last one at the end. Each undo takes the last one away.
pub(super) fn stack<'runs>(runs: &'runs [Run], file: &Path) -> Vec<(&'runs Run, &'runs FileRecord)> {
    let mut stack: Vec<(&Run, &FileRecord)> = Vec::new();
    for run in runs.iter().filter(|run| run.outcome == Some(Outcome::Done)) {
        for record in run.begin.files.iter().filter(|record| record.file == file) {
            match &record.undoes {
                Some(undone) => stack.retain(|(run, _)| run.begin.run != *undone),
                None => stack.push((run, record)),
            }
        }
    }
    stack
}

/// Puts files back to what they were before their last change.
pub(super) fn undo(
    system: &dyn FileSystem,
    store: &Store,
    paths: &[PathBuf],
    force: bool,
) -> Result<Written, WriteError> {
    let nothing = |path: &Path| {
        let help = "`dbcfg migrate --history` lists what was written";
        Trouble::new(path, "there is nothing to undo", help)
    };
    if store::look(system, store).map_err(Trouble::before_all)?.is_none() {
        return Err(nothing(paths.first().map_or(store.directory(), PathBuf::as_path)).before_all());
    }
    let mut session = Session::open(system, store).map_err(|refusal| refusal.trouble(store).before_all())?;
    settle(system, &mut session);
    let chosen = if paths.is_empty() {
        let chosen = last_run(&session.runs);
        if chosen.is_empty() { Err(nothing(store.directory())) } else { Ok(chosen) }
    } else {
        paths
            .iter()
            .map(|path| last_of(system, &session.runs, path).and_then(|last| last.ok_or_else(|| nothing(path))))
            .collect()
    };
    let chosen: Vec<(String, FileRecord)> = chosen.map_err(Trouble::before_all)?;
    session.demand_finished(chosen.iter().map(|(_, record)| record.file.as_path())).map_err(Trouble::before_all)?;
    let targets: Result<Vec<Target>, Trouble> =
        chosen.into_iter().map(|(run, record)| target(system, run, &record, force)).collect();
    perform(system, Some(&mut session), "undo", targets.map_err(Trouble::before_all)?)
}

/// The files of the last run that has any left to undo.
fn last_run(runs: &[Run]) -> Vec<(String, FileRecord)> {
    let files: BTreeSet<&Path> =
        runs.iter().flat_map(|run| &run.begin.files).map(|record| record.file.as_path()).collect();
    let tops: Vec<(&Run, &FileRecord)> = files.iter().filter_map(|file| stack(runs, file).pop()).collect();
    let last = runs.iter().rev().find(|run| tops.iter().any(|(top, _)| top.begin.run == run.begin.run));
    let of_last = |top: &&(&Run, &FileRecord)| last.is_some_and(|last| top.0.begin.run == last.begin.run);
    tops.iter().filter(of_last).map(|(run, record)| (run.begin.run.clone(), (*record).clone())).collect()
}

/// The last change of a file.
fn last_of(system: &dyn FileSystem, runs: &[Run], path: &Path) -> Result<Option<(String, FileRecord)>, Trouble> {
    let file = resolved(system, path)?;
    Ok(stack(runs, &file).pop().map(|(run, record)| (run.begin.run.clone(), record.clone())))
}

/// The path of a file that may have been removed.
fn resolved(system: &dyn FileSystem, path: &Path) -> Result<PathBuf, Trouble> {
    resolve(system, path, true).or_else(|_| resolve(system, path, false))
}

/// What undoing one change comes to.
fn target(system: &dyn FileSystem, run: String, record: &FileRecord, force: bool) -> Result<Target, Trouble> {
    let path = &record.file;
    let mut directories = Directories::default();
    let place = directories.place(system, path, path.clone())?;
    let current = place.contents(system, &place.name);
    let current = current.map_err(|error| Trouble::failed(path, "it cannot be read", &error))?;
    let print = current.as_deref().map(fingerprint);
    // Whoever has put the old text back by hand already has changed it too, and loses nothing.
    if print != record.after && print != record.before && !force {
        let help =
            "look at what was changed; `--force` puts the backup over it, and keeps a backup of what is there now";
        return Err(Trouble::new(path, "it was changed since dbcfg wrote it", help));
    }
    let after = record.before.is_some().then(|| store::snapshot(system, record)).transpose()?;
    let mode = match record.mode {
        // Nobody knows the rights of a file that is gone.
        _ if current.is_none() => Mode::Private,
        Some((was, became)) => Mode::Back(was, became),
        None => Mode::Keep,
    };
    Ok(Target {
        path: path.clone(),
        contents: Contents { before: current, after },
        mode,
        changes: reversed(&record.changes),
        undoes: Some(run),
    })
}

/// The journal, the newest first.
pub(super) fn history(
    system: &dyn FileSystem,
    store: &Store,
    paths: &[PathBuf],
) -> Result<Vec<HistoryEntry>, WriteError> {
    let Some(seen) = store::look(system, store).map_err(Trouble::before_all)? else { return Ok(Vec::new()) };
    let is_open = seen.runs.iter().any(|run| run.outcome.is_none());
    // Runs that were killed are closed first, if they can be. Otherwise they are not in the history yet.
    let runs = match is_open.then(|| Session::open(system, store)) {
        Some(Ok(mut session)) => {
            settle(system, &mut session);
            session.runs
        }
        _ => seen.runs,
    };
    let wanted: Result<Vec<PathBuf>, Trouble> = paths.iter().map(|path| resolved(system, path)).collect();
    let wanted = wanted.map_err(Trouble::before_all)?;
    let done = runs.iter().rev().filter(|run| run.outcome == Some(Outcome::Done));
    let entries = done.flat_map(|run| run.begin.files.iter().map(move |record| (run, record)));
    let entries = entries.filter(|(_, record)| wanted.is_empty() || wanted.contains(&record.file));
    Ok(entries.map(|(run, record)| entry(system, run, record)).collect())
}

/// An entry in the form of the model.
fn entry(system: &dyn FileSystem, run: &Run, record: &FileRecord) -> HistoryEntry {
    let is_kept = |snapshot: &PathBuf| match steadily(|| system.resolve(snapshot)) {
        Ok(_) => true,
        Err(error) => error.kind() != io::ErrorKind::NotFound,
    };
    HistoryEntry {
        id: run.begin.run.clone(),
        time: run.begin.time.clone(),
        user: run.begin.user.clone(),
        file: record.file.clone(),
        action: run.begin.action.clone(),
        changes: from_changes(&record.changes),
        snapshot: record.snapshot.clone().filter(is_kept),
    }
}
