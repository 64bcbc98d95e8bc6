//! One run: all its files, or none.
//!
//! Everything that can fail for want of room or rights happens before the first exchange, and what was displaced
//! stays until the last, so that a failure in between is taken back without writing anything.

use std::path::PathBuf;

use crate::model::ValueChange;

use super::exchange::{Stage, Swap};
use super::journal::{Begin, FileRecord, Outcome, Record, as_changes};
use super::place::{Directories, resolve};
use super::recover::settle;
use super::stamp::{fingerprint, now, run_number, user};
use super::store::{Session, demand_outside};
use super::system::{FileSystem, reason};
use super::trouble::{NOTHING_CHANGED, Trouble, shown};
use super::{FileChange, Job, Store, WriteError, Written, leftovers};

/// What one file is to become.
#[derive(Debug)]
pub(super) struct Target {
    /// The file as it was named.
    pub(super) path: PathBuf,
    pub(super) contents: Contents,
    pub(super) mode: Mode,
    pub(super) changes: Vec<ValueChange>,
    /// For `undo`: the run that is undone.
    pub(super) undoes: Option<String>,
}

/// A file as it was read, and what it becomes; none for no file. Holds secrets, so that it shows nothing of itself.
pub(super) struct Contents {
    pub(super) before: Option<Vec<u8>>,
    pub(super) after: Option<Vec<u8>>,
}

impl std::fmt::Debug for Contents {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Contents").finish_non_exhaustive()
    }
}

/// What becomes of the mode.
#[derive(Debug, Clone, Copy)]
pub(super) enum Mode {
    /// It stays.
    Keep,
    /// Nobody but the owner gets in any more.
    Private,
    /// If it is still the second one, it becomes the first one again.
    Back(u32, u32),
}

/// The files of a run while it is under way.
struct Files {
    records: Vec<FileRecord>,
    /// With the place of the record.
    swaps: Vec<(usize, Swap)>,
    /// The locks, which end with this.
    directories: Directories,
}

/// Writes all files of a job, or none.
pub(super) fn write(system: &dyn FileSystem, store: Option<&Store>, job: &Job) -> Result<Written, WriteError> {
    let changed = job.files.iter().filter(|file| file.before.as_ref() != Some(&file.after));
    let targets: Vec<Target> = changed.map(Target::of).collect();
    let Some(store) = store.filter(|_| !targets.is_empty()) else {
        return perform(system, None, job.action, targets);
    };
    let files: Result<Vec<PathBuf>, Trouble> =
        targets.iter().map(|target| resolve(system, &target.path, target.contents.before.is_some())).collect();
    let files = files.map_err(Trouble::before_all)?;
    demand_outside(system, store, &files).map_err(Trouble::before_all)?;
    let mut session = Session::open(system, store).map_err(|refusal| refusal.trouble(store).before_all())?;
    settle(system, &mut session);
    session.demand_finished(files.iter().map(PathBuf::as_path)).map_err(Trouble::before_all)?;
    perform(system, Some(&mut session), job.action, targets)
}

impl Target {
    fn of(file: &FileChange) -> Self {
        Self {
            path: file.path.clone(),
            contents: Contents { before: file.before.clone(), after: Some(file.after.clone()) },
            mode: if file.is_private { Mode::Private } else { Mode::Keep },
            changes: file.changes.clone(),
            undoes: None,
        }
    }
}

/// Writes all targets, or none.
pub(super) fn perform(
    system: &dyn FileSystem,
    mut session: Option<&mut Session>,
    action: &str,
    targets: Vec<Target>,
) -> Result<Written, WriteError> {
    if targets.is_empty() {
        return Ok(Written::default());
    }
    let time = now();
    let run = run_number(&time);
    let mut warnings = Vec::new();
    let mut files = read(system, &run, targets).map_err(Trouble::before_all)?;
    match session.as_deref_mut() {
        Some(session) => {
            let begin = Begin { run: run.clone(), time, user: user(), action: action.to_owned(), files: Vec::new() };
            begin_run(system, session, begin, &mut files).map_err(Trouble::before_all)?;
        }
        None => {
            for (_, swap) in &files.swaps {
                warnings.extend(leftovers::clear(system, swap));
            }
        }
    }
    let written = exchange_all(system, session.as_deref_mut(), &run, &mut files);
    match written {
        Ok(more) => warnings.extend(more),
        Err(trouble) => return Err(take_back(system, session, &run, &mut files, trouble)),
    }
    let mut written = Written { files: Vec::new(), warnings };
    for (_, swap) in &mut files.swaps {
        written.warnings.extend(swap.finish(system));
        written.files.push(swap.place.named.clone());
    }
    if let Some(session) = session {
        if let Err(error) = session.end(system, &run, Outcome::Done) {
            // The next run sees from the files that they are new, and completes the journal.
            let why = reason(&error);
            written.warnings.push(format!("everything was written, but the journal could not be completed ({why})"));
        }
        for record in &files.records {
            // Backups that are too many go with the next run at the latest.
            let _ = session.prune(system, &record.file);
        }
    }
    Ok(written)
}

/// Finds, locks and reads all files, and refuses what cannot be written as promised.
fn read(system: &dyn FileSystem, run: &str, targets: Vec<Target>) -> Result<Files, Trouble> {
    let mut files = Files { records: Vec::new(), swaps: Vec::new(), directories: Directories::default() };
    for (index, target) in targets.into_iter().enumerate() {
        let Target { path, contents: Contents { before, after }, mode, changes, undoes } = target;
        let resolved = resolve(system, &path, before.is_some())?;
        if let Some(twice) = files.records.iter().find(|record| record.file == resolved) {
            let message = format!("it is the same file as {}", shown(&twice.file));
            return Err(Trouble::new(&path, message, "name each file once"));
        }
        let temporary = format!(".dbcfg-{run}-{index}");
        let print = |contents: &Option<Vec<u8>>| contents.as_deref().map(fingerprint);
        let mut record = FileRecord {
            file: resolved.clone(),
            changes: as_changes(&changes),
            snapshot: None,
            before: print(&before),
            after: print(&after),
            temporary: temporary.clone(),
            mode: None,
            undoes,
        };
        // What is already as it is to be is only noted.
        if before != after {
            let place = files.directories.place(system, &path, resolved)?;
            let mut swap = Swap::read(system, place, (before, after), &temporary)?;
            match (mode, swap.modes().0) {
                (Mode::Private, now) => swap.set_mode(now.unwrap_or(0o600) & !0o077),
                (Mode::Back(was, became), Some(now)) if now == became => swap.set_mode(was),
                _ => {}
            }
            if let (Some(now), Some(wanted)) = swap.modes()
                && now != wanted
            {
                record.mode = Some((now, wanted));
            }
            files.swaps.push((index, swap));
        }
        files.records.push(record);
    }
    Ok(files)
}

/// Backs up all files, and says in the journal what is going to happen.
fn begin_run(
    system: &dyn FileSystem,
    session: &mut Session,
    mut begin: Begin,
    files: &mut Files,
) -> Result<(), Trouble> {
    let mut result = Ok(());
    for (index, swap) in &files.swaps {
        if swap.place.path.to_str().is_none() {
            let help = "rename it, or go without a backup with `--no-backup`";
            result = Err(Trouble::new(&swap.place.named, "its name is no text that the journal could hold", help));
            break;
        }
        let Some(before) = swap.before() else { continue };
        match session.back_up(system, &swap.place.path, &begin.run, before) {
            Ok(snapshot) => files.records[*index].snapshot = Some(snapshot),
            Err(trouble) => {
                result = Err(trouble);
                break;
            }
        }
    }
    begin.files.clone_from(&files.records);
    let run = begin.run.clone();
    let result = result.and_then(|()| {
        let recorded = session.record(system, Record::Begin(begin));
        recorded.map_err(|error| session.cannot_write(&error))
    });
    if result.is_err() {
        forget(system, session, &run, files);
    }
    result
}

/// Prepares all files, then exchanges all. Returns what went wrong without consequences.
fn exchange_all(
    system: &dyn FileSystem,
    mut session: Option<&mut Session>,
    run: &str,
    files: &mut Files,
) -> Result<Vec<String>, Trouble> {
    for (_, swap) in &mut files.swaps {
        swap.prepare(system)?;
    }
    let mut warnings = Vec::new();
    let last = files.swaps.len().saturating_sub(1);
    for (at, (index, swap)) in files.swaps.iter_mut().enumerate() {
        warnings.extend(swap.exchange(system)?);
        if let Some(session) = session.as_deref_mut()
            && at < last
        {
            // The files say the same as this record; it helps only if one is edited after a kill. So no failure.
            let _ = session.record(system, Record::Written { run: run.to_owned(), index: *index });
        }
    }
    Ok(warnings)
}

/// Takes back what was written, and says what state that leaves.
fn take_back(
    system: &dyn FileSystem,
    session: Option<&mut Session>,
    run: &str,
    files: &mut Files,
    trouble: Trouble,
) -> WriteError {
    let mut was_written = false;
    let mut stuck = Vec::new();
    for (_, swap) in files.swaps.iter_mut().rev() {
        if swap.stage == Stage::Exchanged {
            was_written = true;
            // Whether it has worked is what the stage says.
            let _ = swap.put_back(system);
        }
        if swap.stage == Stage::Stuck {
            let (file, kept) = (shown(&swap.place.named), shown(&swap.displaced()));
            stuck.push(format!("{file} holds the new text, and {kept} what stood there before"));
        }
        swap.abandon(system);
    }
    if stuck.is_empty() {
        if let Some(session) = session {
            // Without this record the next run finds out from the files.
            let _ = session.end(system, run, Outcome::Void);
            forget(system, session, run, files);
        }
        let state = if was_written {
            "all files are as they were: what was written has been put back"
        } else {
            NOTHING_CHANGED
        };
        return trouble.leaving(state);
    }
    trouble.leaving(format!("the other files are as they were, but {}", stuck.join("; ")))
}

/// Removes the backups of a run that came to nothing.
fn forget(system: &dyn FileSystem, session: &Session, run: &str, files: &Files) {
    for record in files.records.iter().filter(|record| record.before.is_some()) {
        session.forget(system, &record.file, run);
    }
}
