//! After a kill: what a run has left is found from its files, completed or taken back.
//!
//! A run that was killed before its first exchange, or after its last, needs nobody: it is void, or done. In between,
//! some files are new and others are not, and the next run offers to put the new ones back.

use std::ffi::OsString;
use std::io;
use std::path::PathBuf;

use crate::model::Unfinished;

use super::exchange::{PART, Swap};
use super::journal::{FileRecord, Outcome, Run};
use super::place::{Directories, Place};
use super::stamp::fingerprint;
use super::store::Session;
use super::system::{FileSystem, is_unsupported, reason, steadily};
use super::trouble::{Trouble, shown};
use super::{Store, WriteError, Written, store};

/// What a name holds, measured by what a run read and wrote.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Found {
    Old,
    New,
    Other,
}

/// One file of a run that has no end.
struct Survey<'run> {
    record: &'run FileRecord,
    /// None if even its directory is gone.
    place: Option<Place>,
    temporary: OsString,
    file: Found,
    /// What stands under the temporary name; none for nothing.
    beside: Option<Found>,
    /// Whether the new text has stood under the name.
    is_written: bool,
}

/// Looks at the files that a run changes.
fn survey<'run>(
    system: &dyn FileSystem,
    run: &'run Run,
    directories: &mut Directories,
) -> Result<Vec<Survey<'run>>, Trouble> {
    // What is only noted has nothing to put back.
    let files = run.begin.files.iter().enumerate().filter(|(_, record)| record.before != record.after);
    files.map(|(index, record)| look(system, record, run.written.contains(&index), directories)).collect()
}

fn look<'run>(
    system: &dyn FileSystem,
    record: &'run FileRecord,
    is_noted: bool,
    directories: &mut Directories,
) -> Result<Survey<'run>, Trouble> {
    let temporary = OsString::from(&record.temporary);
    let above = record.file.parent().map(|above| steadily(|| system.resolve(above)));
    if matches!(&above, Some(Err(error)) if error.kind() == io::ErrorKind::NotFound) {
        return Ok(Survey { record, place: None, temporary, file: Found::Other, beside: None, is_written: is_noted });
    }
    let place = directories.place(system, &record.file, record.file.clone())?;
    let judge = |name: &OsString| -> Result<(Found, bool), Trouble> {
        let contents = place.contents(system, name);
        let contents = contents.map_err(|error| Trouble::failed(&place.beside(name), "it cannot be read", &error))?;
        let print = contents.as_deref().map(fingerprint);
        let found = match &print {
            print if *print == record.after => Found::New,
            print if *print == record.before => Found::Old,
            _ => Found::Other,
        };
        Ok((found, print.is_some()))
    };
    let (file, _) = judge(&place.name)?;
    let (beside, is_there) = judge(&temporary)?;
    let beside = is_there.then_some(beside);
    let is_written = file == Found::New || file == Found::Other && (is_noted || beside == Some(Found::Old));
    Ok(Survey { record, place: Some(place), temporary, file, beside, is_written })
}

/// Closes all runs that need nobody's decision, and removes what they left. Whoever calls this has the lock.
pub(super) fn settle(system: &dyn FileSystem, session: &mut Session) {
    let open: Vec<Run> = session.runs.iter().filter(|run| run.outcome.is_none()).cloned().collect();
    for run in open {
        // What cannot be looked at today stays open; the rest is not held up by it.
        let _ = settle_run(system, session, &run);
    }
}

fn settle_run(system: &dyn FileSystem, session: &mut Session, run: &Run) -> Result<(), Trouble> {
    let mut directories = Directories::default();
    let mut files = survey(system, run, &mut directories)?;
    for survey in &mut files {
        let Some(place) = survey.place.clone() else { continue };
        let mut part = survey.temporary.clone();
        part.push(PART);
        remove(system, &place, &part)?;
        match (survey.file, survey.beside) {
            // Killed between the exchange and the look at what it displaced, which was an edit by another program.
            (Found::New, Some(Found::Other)) => {
                reclaim(system, &place, survey.record, &survey.temporary)?;
                (survey.file, survey.beside, survey.is_written) = (Found::Other, None, false);
            }
            // The old text is in the backup, the new one is not wanted any more.
            (Found::Old | Found::Other, Some(Found::Old | Found::New)) => {
                remove(system, &place, &survey.temporary)?;
                survey.beside = None;
            }
            _ => {}
        }
    }
    let is_kept = files.iter().any(|survey| survey.beside == Some(Found::Other));
    let written = files.iter().filter(|survey| survey.is_written).count();
    let outcome = if is_kept || (written > 0 && written < files.len()) {
        return Ok(());
    } else if written == 0 {
        Outcome::Void
    } else {
        for survey in &files {
            if let Some(place) = &survey.place {
                remove(system, place, &survey.temporary)?;
            }
        }
        Outcome::Done
    };
    session.end(system, &run.begin.run, outcome).map_err(|error| session.cannot_write(&error))?;
    for record in &run.begin.files {
        if outcome == Outcome::Void {
            session.forget(system, &record.file, &run.begin.run);
        } else {
            // As after any run; see there.
            let _ = session.prune(system, &record.file);
        }
    }
    Ok(())
}

/// Removes a temporary file, and brings that to the disk.
fn remove(system: &dyn FileSystem, place: &Place, name: &OsString) -> Result<(), Trouble> {
    let removed = steadily(|| system.unlink(&place.directory, name));
    let removed = removed.and_then(|()| steadily(|| system.sync(&place.directory)));
    match removed {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(Trouble::failed(&place.beside(name), "it cannot be removed", &error))
        }
        _ => Ok(()),
    }
}

/// Puts back what stands under the temporary name, and removes the new text, which is then there.
fn reclaim(system: &dyn FileSystem, place: &Place, record: &FileRecord, temporary: &OsString) -> Result<(), Trouble> {
    let directory = &place.directory;
    let swap = || match (&record.before, &record.after) {
        (Some(_), Some(_)) => system.exchange(directory, temporary, &place.name),
        (None, _) => rename(system, place, &place.name, temporary),
        (Some(_), None) => rename(system, place, temporary, &place.name),
    };
    let failed = |error: io::Error| Trouble::failed(&place.named, "it cannot be put back", &error);
    let is_new_beside = || -> io::Result<bool> {
        let found = place.contents(system, temporary)?;
        Ok(found.as_deref().map(fingerprint) == record.after)
    };
    if let Err(error) = steadily(swap)
        && !is_new_beside().map_err(failed)?
    {
        return Err(failed(error));
    }
    if !is_new_beside().map_err(failed)? {
        // Another program has changed it in this moment; what it wrote goes back to where it was written.
        steadily(swap).map_err(failed)?;
        return Err(Trouble::changed(&place.named));
    }
    remove(system, place, temporary)?;
    steadily(|| system.sync(directory)).map_err(failed)
}

/// Renames to a name that must not be there.
fn rename(system: &dyn FileSystem, place: &Place, from: &OsString, to: &OsString) -> io::Result<()> {
    match system.rename(&place.directory, from, to) {
        Err(error) if is_unsupported(&error) => {}
        result => return result,
    }
    system.link(&place.directory, from, to)?;
    system.unlink(&place.directory, from)
}

/// The runs that were killed between two files, after the others were closed.
pub(super) fn unfinished(system: &dyn FileSystem, store: &Store) -> Result<Vec<Unfinished>, WriteError> {
    let Some(seen) = store::look(system, store).map_err(Trouble::before_all)? else { return Ok(Vec::new()) };
    if !seen.is_torn && seen.runs.iter().all(|run| run.outcome.is_some()) {
        return Ok(Vec::new());
    }
    let runs = match Session::open(system, store) {
        Ok(mut session) => {
            settle(system, &mut session);
            session.runs
        }
        // What is open belongs to a run that is under way.
        Err(refusal) if refusal.is_busy() => return Ok(Vec::new()),
        // A store that cannot be written, as in a container, can still be read.
        Err(_) => seen.runs,
    };
    let open = runs.iter().filter(|run| run.outcome.is_none());
    Ok(open.filter_map(|run| as_unfinished(system, run)).collect())
}

/// An open run in the form of the model; none if it is wholly done, or nothing of it is.
fn as_unfinished(system: &dyn FileSystem, run: &Run) -> Option<Unfinished> {
    let (id, time) = (run.begin.run.clone(), run.begin.time.clone());
    let Ok(files) = survey(system, run, &mut Directories::default()) else {
        // Nobody can say how far it came; recovery says why.
        let written = run.begin.files.iter().map(|record| record.file.clone()).collect();
        return Some(Unfinished { id, time, written, waiting: Vec::new() });
    };
    let is_kept = |survey: &&Survey<'_>| survey.beside == Some(Found::Other);
    let is_whole = files.iter().all(|survey| survey.is_written) && !files.iter().any(|survey| is_kept(&survey));
    let (written, waiting): (Vec<_>, Vec<_>) = files.iter().partition(|survey| survey.is_written || is_kept(survey));
    let paths =
        |files: Vec<&Survey<'_>>| files.into_iter().map(|survey| survey.record.file.clone()).collect::<Vec<PathBuf>>();
    let (written, waiting) = (paths(written), paths(waiting));
    (!is_whole && !written.is_empty()).then_some(Unfinished { id, time, written, waiting })
}

/// Puts back what a killed run has written.
pub(super) fn recover(system: &dyn FileSystem, store: &Store, wanted: &Unfinished) -> Result<Written, WriteError> {
    let session = Session::open(system, store);
    let mut session = session.map_err(|refusal| refusal.trouble(store).before_all())?;
    settle(system, &mut session);
    let run = session.runs.iter().find(|run| run.begin.run == wanted.id && run.outcome.is_none()).cloned();
    let Some(run) = run else { return Ok(Written::default()) };
    let mut directories = Directories::default();
    let files = survey(system, &run, &mut directories).map_err(Trouble::before_all)?;
    let mut written = Written::default();
    for survey in &files {
        match put_back(system, survey) {
            Ok(None) => {}
            Ok(Some(warning)) => written.warnings.push(warning),
            Err(trouble) => {
                let back: Vec<String> = written.files.iter().map(|path| shown(path)).collect();
                let state = if back.is_empty() {
                    "nothing was put back".to_owned()
                } else {
                    format!("these are put back: {}", back.join(", "))
                };
                return Err(trouble.leaving(state));
            }
        }
        if survey.is_written && survey.file == Found::New {
            written.files.push(survey.record.file.clone());
        }
    }
    if let Err(error) = session.end(system, &run.begin.run, Outcome::Recovered) {
        let why = reason(&error);
        written.warnings.push(format!("the files are put back, but the journal could not be completed ({why})"));
    }
    Ok(written)
}

/// Puts one file back. Returns what somebody has to look at.
fn put_back(system: &dyn FileSystem, survey: &Survey<'_>) -> Result<Option<String>, Trouble> {
    let record = survey.record;
    let file = shown(&record.file);
    let backup = || {
        record
            .snapshot
            .as_deref()
            .map_or_else(String::new, |path| format!("; what it was before is in {}", shown(path)))
    };
    let Some(place) = &survey.place else {
        return Ok(survey.is_written.then(|| format!("{file} is gone, with its directory{}", backup())));
    };
    match (survey.file, survey.beside) {
        (Found::New, Some(_)) => reclaim(system, place, record, &survey.temporary).map(|()| None),
        // What the run made is taken away.
        (Found::New, None) if record.before.is_none() => {
            reclaim(system, place, record, &survey.temporary).map(|()| None)
        }
        (Found::New, None) => from_snapshot(system, place, record).map(|()| None),
        (_, Some(Found::Other)) => {
            let kept = shown(&place.beside(&survey.temporary));
            Ok(Some(format!("{file} was changed by another program; what stood there before is kept as {kept}")))
        }
        (Found::Other, _) if survey.is_written => {
            Ok(Some(format!("{file} was changed since, and stays as it is{}", backup())))
        }
        _ => Ok(None),
    }
}

/// Puts a file back from its backup, where what it displaced is gone.
fn from_snapshot(system: &dyn FileSystem, place: &Place, record: &FileRecord) -> Result<(), Trouble> {
    let old = store::snapshot(system, record)?;
    let current = place.contents(system, &place.name);
    let current = current.map_err(|error| Trouble::failed(&place.named, "it cannot be read", &error))?;
    let mut swap = Swap::read(system, place.clone(), (current, Some(old)), &record.temporary)?;
    if let Some((was, became)) = record.mode
        && swap.modes().0 == Some(became)
    {
        swap.set_mode(was);
    }
    swap.prepare(system)?;
    if let Err(trouble) = swap.exchange(system) {
        swap.abandon(system);
        return Err(trouble);
    }
    swap.finish(system);
    Ok(())
}
