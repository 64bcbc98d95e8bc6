//! The store on the disk: its directory, its lock, its journal and its snapshots.
//!
//! ```text
//! dbcfg/                     0700
//!     lock                   held by the run that is under way
//!     journal.jsonl          one record a line
//!     snapshots/<file>/<run> the file as it was before the run, 0600
//! ```

use std::ffi::OsStr;
use std::io;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::Store;
use super::journal::{FileRecord, Glance, Journal, Outcome, Record, Run};
use super::stamp;
use super::system::{FileSystem, PRIVATE, Purpose, read_all, reason, steadily, write_all};
use super::trouble::{Trouble, shown};

/// How long a lock is waited for: a run of dbcfg takes milliseconds.
const PATIENCE: Duration = Duration::from_secs(2);

/// How often a lock is tried again meanwhile.
const TRY_EVERY: Duration = Duration::from_millis(20);

/// How many backups of one file are kept.
pub(super) const KEPT: usize = 5;

/// The store, locked, with its journal open.
#[derive(Debug)]
pub(super) struct Session {
    directory: PathBuf,
    /// The lock, which ends with its file.
    _lock: OwnedFd,
    journal: Journal,
    pub(super) runs: Vec<Run>,
}

impl Session {
    /// Opens the store, and makes it if need be.
    pub(super) fn open(system: &dyn FileSystem, store: &Store) -> Result<Self, Refusal> {
        let folder = ensure_directory(system, &store.directory).map_err(Refusal)?;
        let status = steadily(|| system.status(&folder)).map_err(Refusal)?;
        if status.mode & 0o077 != 0 {
            // Snapshots and journal are private themselves; this only hides their names.
            let _ = steadily(|| system.set_mode(&folder, 0o700));
        }
        let open = || system.open(&folder, OsStr::new("lock"), Purpose::Extend);
        let lock = steadily(open).map_err(Refusal)?;
        wait_for_lock(system, &lock).map_err(Refusal)?;
        let (journal, runs) = Journal::open(system, &folder).map_err(Refusal)?;
        Ok(Self { directory: store.directory.clone(), _lock: lock, journal, runs })
    }

    /// Adds a record to the journal, and to what is known of the runs.
    pub(super) fn record(&mut self, system: &dyn FileSystem, record: Record) -> io::Result<()> {
        self.journal.append(system, &record)?;
        match record {
            Record::Begin(begin) => self.runs.push(Run { begin, written: [].into(), outcome: None }),
            Record::Written { run, index } => {
                self.runs.iter_mut().filter(|known| known.begin.run == run).for_each(|known| {
                    known.written.insert(index);
                });
            }
            Record::End { run, outcome, .. } => {
                let known = self.runs.iter_mut().filter(|known| known.begin.run == run);
                known.for_each(|known| known.outcome = Some(outcome));
            }
        }
        Ok(())
    }

    /// Closes a run.
    pub(super) fn end(&mut self, system: &dyn FileSystem, run: &str, outcome: Outcome) -> io::Result<()> {
        self.record(system, Record::End { run: run.to_owned(), time: stamp::now(), outcome })
    }

    /// Copies the contents of a file to where `undo` finds it, and returns when the copy is on the disk.
    pub(super) fn back_up(
        &self,
        system: &dyn FileSystem,
        file: &Path,
        run: &str,
        contents: &[u8],
    ) -> Result<PathBuf, Trouble> {
        let folder = self.snapshots_of(file);
        let save = || -> io::Result<()> {
            let directory = ensure_directory(system, &folder)?;
            let copy = steadily(|| system.create(&directory, OsStr::new(run), PRIVATE))?;
            write_all(system, &copy, contents, 0)?;
            steadily(|| system.sync(&copy))?;
            steadily(|| system.sync(&directory))
        };
        match save() {
            Ok(()) => Ok(folder.join(run)),
            Err(error) => {
                self.forget(system, file, run);
                Err(cannot_write(&self.directory, &error))
            }
        }
    }

    /// Removes the backup that a run made which came to nothing.
    pub(super) fn forget(&self, system: &dyn FileSystem, file: &Path, run: &str) {
        // What is left behind does no harm, and goes with the next backups that are too many.
        if let Ok(directory) = system.open_directory(&self.snapshots_of(file)) {
            let _ = steadily(|| system.unlink(&directory, OsStr::new(run)));
        }
    }

    /// Removes the backups of a file that are too many: first those that nothing can be undone with any more.
    pub(super) fn prune(&self, system: &dyn FileSystem, file: &Path) -> io::Result<()> {
        let directory = steadily(|| system.open_directory(&self.snapshots_of(file)))?;
        let needed = super::undo::stack(&self.runs, file);
        let is_needed = |run: &str| needed.iter().any(|(known, _)| known.begin.run == run);
        let mut names = steadily(|| system.list(&directory))?;
        // A run's number begins with its time, to the second; the journal knows the order within one.
        let age = |name: &OsStr| self.runs.iter().rposition(|run| OsStr::new(&run.begin.run) == name);
        names.sort_by_cached_key(|name| (name.to_str().is_some_and(is_needed), age(name), name.clone()));
        let surplus = names.len().saturating_sub(KEPT);
        for name in &names[..surplus] {
            steadily(|| system.unlink(&directory, name))?;
        }
        Ok(())
    }

    /// What to say when the store is of no use.
    pub(super) fn cannot_write(&self, error: &io::Error) -> Trouble {
        cannot_write(&self.directory, error)
    }

    /// Refuses files that a killed run has not left in order, since their true state is not what a plan was made from.
    pub(super) fn demand_finished<'paths>(&self, files: impl Iterator<Item = &'paths Path>) -> Result<(), Trouble> {
        let open: Vec<&Run> = self.runs.iter().filter(|run| run.outcome.is_none()).collect();
        for file in files {
            if open.iter().any(|run| run.begin.files.iter().any(|record| record.file == file)) {
                let help = "run `dbcfg migrate` again, and let it put back what that run has written";
                return Err(Trouble::new(file, "a run that was killed has written only a part of its files", help));
            }
        }
        Ok(())
    }

    /// Where the backups of a file are.
    fn snapshots_of(&self, file: &Path) -> PathBuf {
        self.directory.join("snapshots").join(stamp::fingerprint(file.as_os_str().as_encoded_bytes()))
    }
}

/// Why a store could not be opened.
#[derive(Debug)]
pub(super) struct Refusal(io::Error);

impl Refusal {
    /// Whether another process is writing.
    pub(super) fn is_busy(&self) -> bool {
        self.0.kind() == io::ErrorKind::WouldBlock
    }

    /// What to say of it.
    pub(super) fn trouble(&self, store: &Store) -> Trouble {
        if self.is_busy() {
            let help = "wait until it has ended, and run the command again";
            return Trouble::new(&store.directory, "another run of dbcfg is writing at this moment", help);
        }
        cannot_write(&store.directory, &self.0)
    }
}

/// The contents of a file before a run, which must be what they were when they were saved.
pub(super) fn snapshot(system: &dyn FileSystem, record: &FileRecord) -> Result<Vec<u8>, Trouble> {
    let missing = |message: &str| {
        let help = "take it from your version control; `dbcfg migrate --history` lists the backups that are kept";
        Trouble::new(&record.file, message, help)
    };
    let Some((path, (above, name))) =
        record.snapshot.as_deref().and_then(|path| Some((path, (path.parent()?, path.file_name()?))))
    else {
        return Err(missing("there is no backup of it"));
    };
    let read = || -> io::Result<Vec<u8>> {
        let directory = steadily(|| system.open_directory(above))?;
        read_all(system, &steadily(|| system.open(&directory, name, Purpose::Read))?)
    };
    match read() {
        Ok(contents) if Some(stamp::fingerprint(&contents)) == record.before => Ok(contents),
        Ok(_) => Err(missing("its backup is not what was saved")),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Err(missing("its backup is not kept any more")),
        Err(error) => Err(Trouble::failed(path, "this backup cannot be read", &error)),
    }
}

/// Reads the journal of a store without touching anything; none if there is no store.
pub(super) fn look(system: &dyn FileSystem, store: &Store) -> Result<Option<Glance>, Trouble> {
    let directory = store.directory.as_path();
    let read = || -> io::Result<Option<Glance>> {
        match steadily(|| system.open_directory(directory)) {
            Ok(folder) => Journal::look(system, &folder).map(Some),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    };
    read().map_err(|error| Trouble::failed(directory, "the journal cannot be read", &error))
}

/// Backups hold secrets, so that they must not get into a repository: the store is outside of those of the files.
pub(super) fn demand_outside(system: &dyn FileSystem, store: &Store, files: &[PathBuf]) -> Result<(), Trouble> {
    // The store need not exist yet; what exists above it says where it will be.
    let mut above = store.directory.ancestors();
    let resolved = above.find_map(|above| {
        let below = store.directory.strip_prefix(above).ok()?;
        Some(steadily(|| system.resolve(above)).ok()?.join(below))
    });
    let resolved = resolved.as_deref().unwrap_or(&store.directory);
    for file in files {
        let root = file.ancestors().skip(1).find(|above| above.join(".git").exists());
        if root.is_some_and(|root| resolved.starts_with(root)) || file.starts_with(resolved) {
            let message = format!("its backup would be within the same project, in {}", shown(&store.directory));
            let help =
                "set XDG_STATE_HOME to a directory outside of the project, or go without a backup with `--no-backup`";
            return Err(Trouble::new(file, message, help));
        }
    }
    Ok(())
}

/// Locks a file, and waits for a moment if another process has the lock.
pub(super) fn wait_for_lock(system: &dyn FileSystem, file: &OwnedFd) -> io::Result<()> {
    let mut waited = Duration::ZERO;
    loop {
        match steadily(|| system.lock(file)) {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock && waited < PATIENCE => {
                system.pause(TRY_EVERY);
                waited += TRY_EVERY;
            }
            result => return result,
        }
    }
}

/// Opens a directory, and makes it and those above it if need be, each on the disk before the next.
fn ensure_directory(system: &dyn FileSystem, path: &Path) -> io::Result<OwnedFd> {
    match steadily(|| system.open_directory(path)) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        result => return result,
    }
    let Some(above) = path.parent().filter(|above| *above != Path::new("")) else {
        return Err(io::ErrorKind::NotFound.into());
    };
    let above = ensure_directory(system, above)?;
    match steadily(|| system.make_directory(path)) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
        _ => {}
    }
    steadily(|| system.sync(&above))?;
    steadily(|| system.open_directory(path))
}

/// The store is of no use.
fn cannot_write(directory: &Path, error: &io::Error) -> Trouble {
    let message = format!("no backup and no journal can be written there: {}", reason(error));
    let help = "set XDG_STATE_HOME to a directory that can be written, or go without a way back with `--no-backup`";
    Trouble::new(directory, message, help)
}
