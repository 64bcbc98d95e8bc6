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

/// Puts files back to what they were before their last change; without paths all files of the last run.
pub(super) fn undo(
    system: &dyn FileSystem,
    store: &Store,
    paths: &[PathBuf],
    force: bool,
) -> Result<Written, WriteError> {
    let everywhere = Path::new("/");
    let mut session = session(system, store, paths.first().map_or(store.directory(), PathBuf::as_path))?;
    let chosen = chosen(system, &session.runs, paths, everywhere).map_err(Trouble::before_all)?;
    let chosen: Vec<Taken> = chosen.into_iter().map(owned).collect();
    if chosen.is_empty() {
        return Err(nothing(paths.first().map_or(store.directory(), PathBuf::as_path)).before_all());
    }
    put_back(system, &mut session, chosen, force)
}

/// Takes back the changes that [`undoable`] told, and no other one.
pub(super) fn take_back(
    system: &dyn FileSystem,
    store: &Store,
    entries: &[HistoryEntry],
    force: bool,
) -> Result<Written, WriteError> {
    let mut session = session(system, store, entries.first().map_or(store.directory(), |entry| &entry.file))?;
    let last = |entry: &HistoryEntry| match stack(&session.runs, &entry.file).pop() {
        Some(top) if top.0.begin.run == entry.id => Ok(owned(top)),
        // Another run has come in between.
        _ => Err(Trouble::changed(&entry.file)),
    };
    let chosen: Result<Vec<Taken>, Trouble> = entries.iter().map(last).collect();
    let chosen = chosen.map_err(Trouble::before_all)?;
    put_back(system, &mut session, chosen, force)
}

/// The changes that are taken back next.
pub(super) fn undoable(
    system: &dyn FileSystem,
    store: &Store,
    paths: &[PathBuf],
    below: &Path,
) -> Result<Vec<HistoryEntry>, WriteError> {
    let runs = runs(system, store).map_err(Trouble::before_all)?;
    let chosen = chosen(system, &runs, paths, below).map_err(Trouble::before_all)?;
    Ok(chosen.into_iter().map(|(run, record)| entry(system, run, record)).collect())
}

/// A change with the number of its run.
type Taken = (String, FileRecord);

fn owned((run, record): (&Run, &FileRecord)) -> Taken {
    (run.begin.run.clone(), record.clone())
}

fn nothing(path: &Path) -> Trouble {
    Trouble::new(path, "there is nothing to undo", "`dbcfg migrate --history` lists what was written")
}

/// The store, if there is one, with the runs closed that were killed and can be.
fn session(system: &dyn FileSystem, store: &Store, path: &Path) -> Result<Session, WriteError> {
    if store::look(system, store).map_err(Trouble::before_all)?.is_none() {
        return Err(nothing(path).before_all());
    }
    let mut session = Session::open(system, store).map_err(|refusal| refusal.trouble(store).before_all())?;
    settle(system, &mut session);
    Ok(session)
}

fn put_back(
    system: &dyn FileSystem,
    session: &mut Session,
    chosen: Vec<Taken>,
    force: bool,
) -> Result<Written, WriteError> {
    session.demand_finished(chosen.iter().map(|(_, record)| record.file.as_path())).map_err(Trouble::before_all)?;
    let targets: Result<Vec<Target>, Trouble> =
        chosen.into_iter().map(|(run, record)| target(system, run, &record, force)).collect();
    perform(system, Some(session), "undo", targets.map_err(Trouble::before_all)?)
}

/// Decides what is taken back: of each file at or below one of the paths its last change, without paths the files of
/// the last run that has any below a directory, and of that run no others.
fn chosen<'runs>(
    system: &dyn FileSystem,
    runs: &'runs [Run],
    paths: &[PathBuf],
    below: &Path,
) -> Result<Vec<(&'runs Run, &'runs FileRecord)>, Trouble> {
    let wanted: Vec<PathBuf> = if paths.is_empty() {
        vec![steadily(|| system.resolve(below)).map_err(|error| Trouble::failed(below, "it cannot be found", &error))?]
    } else {
        paths.iter().map(|path| known(system, runs, path)).collect::<Result<_, _>>()?
    };
    let files: BTreeSet<&Path> =
        runs.iter().flat_map(|run| &run.begin.files).map(|record| record.file.as_path()).collect();
    let files = files.into_iter().filter(|file| wanted.iter().any(|path| file.starts_with(path)));
    let mut tops: Vec<(&Run, &FileRecord)> = files.filter_map(|file| stack(runs, file).pop()).collect();
    if paths.is_empty() {
        let last = runs.iter().rev().map(|run| run.begin.run.as_str());
        let last = last.into_iter().find(|last| tops.iter().any(|(run, _)| run.begin.run == *last));
        tops.retain(|(run, _)| Some(run.begin.run.as_str()) == last);
    }
    Ok(tops)
}

/// The path of something that is there, or that the journal knows: it may have been removed.
fn known(system: &dyn FileSystem, runs: &[Run], path: &Path) -> Result<PathBuf, Trouble> {
    match steadily(|| system.resolve(path)) {
        Ok(path) => return Ok(path),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(Trouble::failed(path, "it cannot be found", &error)),
    }
    let file = resolve(system, path, false).unwrap_or_else(|_| path.to_owned());
    if runs.iter().flat_map(|run| &run.begin.files).any(|record| record.file.starts_with(&file)) {
        return Ok(file);
    }
    let help = "`dbcfg migrate --history` lists what was written";
    Err(Trouble::new(path, "it is not there, and dbcfg has never written it", help))
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
    let runs = runs(system, store).map_err(Trouble::before_all)?;
    let wanted: Result<Vec<PathBuf>, Trouble> = paths.iter().map(|path| known(system, &runs, path)).collect();
    let wanted = wanted.map_err(Trouble::before_all)?;
    let is_wanted = |file: &Path| wanted.is_empty() || wanted.iter().any(|path| file.starts_with(path));
    let done = runs.iter().rev().filter(|run| run.outcome == Some(Outcome::Done));
    let entries = done.flat_map(|run| run.begin.files.iter().map(move |record| (run, record)));
    let entries = entries.filter(|(_, record)| is_wanted(&record.file));
    Ok(entries.map(|(run, record)| entry(system, run, record)).collect())
}

/// The runs in the journal; none if there is no journal.
fn runs(system: &dyn FileSystem, store: &Store) -> Result<Vec<Run>, Trouble> {
    let Some(seen) = store::look(system, store)? else { return Ok(Vec::new()) };
    let is_open = seen.runs.iter().any(|run| run.outcome.is_none());
    // Runs that were killed are closed first, if they can be. Otherwise they are not in the history yet.
    Ok(match is_open.then(|| Session::open(system, store)) {
        Some(Ok(mut session)) => {
            settle(system, &mut session);
            session.runs
        }
        _ => seen.runs,
    })
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
