//! One file: the new text beside the old one, the exchange, and the way back.
//!
//! The new text waits under a temporary name, whole and on the disk. One call exchanges the two names; then the
//! temporary name stands for what was displaced, which must be what was read. If it is not, another program has
//! changed the file in between, and the names are exchanged again.

use std::ffi::OsString;
use std::io;
use std::os::fd::OwnedFd;
use std::path::PathBuf;

use rustix::io::Errno;

use super::attributes;
use super::place::Place;
use super::system::{FileSystem, PRIVATE, Purpose, Status, is_unsupported, read_all, reason, steadily, write_all};
use super::trouble::{Trouble, shown};

/// What is added to the temporary name while the text is not whole, where files without a name are not to be had.
pub(super) const PART: &str = ".part";

/// How far one file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stage {
    /// The file was read.
    Read,
    /// The new text waits beside it.
    Prepared,
    /// The new text stands under the name, what it displaced under the temporary one.
    Exchanged,
    /// The same, and it cannot be taken back without a loss.
    Stuck,
}

/// One file of a run.
#[derive(Debug)]
pub(super) struct Swap {
    pub(super) place: Place,
    /// What was read; none if there is no file.
    before: Option<Vec<u8>>,
    /// What it becomes; none if it is to be removed.
    after: Option<Vec<u8>>,
    /// The file that was read.
    old: Option<(OwnedFd, Status)>,
    /// The file with the new text.
    new: Option<Status>,
    /// The mode of the file with the new text; none for what the system gives to new files.
    mode: Option<u32>,
    temporary: OsString,
    pub(super) stage: Stage,
}

impl Swap {
    /// Reads the file, and refuses one that is not as it was, or cannot be replaced.
    pub(super) fn read(
        system: &dyn FileSystem,
        place: Place,
        (before, after): (Option<Vec<u8>>, Option<Vec<u8>>),
        temporary: &str,
    ) -> Result<Self, Trouble> {
        let old = if let Some(expected) = &before {
            let (file, status) = place.demand(system)?;
            let found = read_all(system, &file);
            let found = found.map_err(|error| Trouble::failed(&place.named, "it cannot be read", &error))?;
            if found != *expected {
                return Err(Trouble::changed(&place.named));
            }
            Some((file, status))
        } else {
            demand_absence(system, &place)?;
            None
        };
        let mode = old.as_ref().map(|(_, status)| status.mode);
        let temporary = OsString::from(temporary);
        Ok(Self { place, before, after, old, new: None, mode, temporary, stage: Stage::Read })
    }

    /// The mode now, and the one that the file will have; none if that is not for us to say.
    pub(super) fn modes(&self) -> (Option<u32>, Option<u32>) {
        (self.old.as_ref().map(|(_, status)| status.mode), self.mode)
    }

    /// Gives the new file another mode than the old one's.
    pub(super) fn set_mode(&mut self, mode: u32) {
        self.mode = Some(mode);
    }

    /// Where what was displaced is, or the new text waits.
    pub(super) fn displaced(&self) -> PathBuf {
        self.place.beside(&self.temporary)
    }

    /// What was read.
    pub(super) fn before(&self) -> Option<&[u8]> {
        self.before.as_deref()
    }

    /// What it becomes.
    pub(super) fn after(&self) -> Option<&[u8]> {
        self.after.as_deref()
    }

    /// Puts the new text beside the file, whole, on the disk and with everything that the old one has.
    pub(super) fn prepare(&mut self, system: &dyn FileSystem) -> Result<(), Trouble> {
        let Some(after) = &self.after else {
            self.stage = Stage::Prepared;
            return Ok(());
        };
        let failed = |error: &io::Error| Trouble::failed(&self.place.named, "the new text cannot be written", error);
        // What nobody is to see yet is private; only a new file has the mode that the system gives it from the start.
        let mode = if self.old.is_some() { PRIVATE } else { self.mode.unwrap_or(0o666) };
        let directory = &self.place.directory;
        if let Some(file) = nameless(system, directory, mode).map_err(|error| failed(&error))? {
            let status = self.fill(system, &file, after)?;
            match steadily(|| system.give_name(&file, directory, &self.temporary)) {
                Ok(()) => {
                    self.new = Some(status);
                    self.stage = Stage::Prepared;
                    return Ok(());
                }
                // Where /proc is not mounted there is no path to a file without a name.
                Err(error) if error.kind() == io::ErrorKind::NotFound || is_unsupported(&error) => {}
                Err(error) => return Err(failed(&error)),
            }
        }
        let mut part = self.temporary.clone();
        part.push(PART);
        let file = steadily(|| system.create(directory, &part, mode)).map_err(|error| failed(&error))?;
        let filled = self.fill(system, &file, after).and_then(|status| {
            rename(system, directory, &part, &self.temporary).map_err(|error| failed(&error))?;
            Ok(status)
        });
        match filled {
            Ok(status) => {
                self.new = Some(status);
                self.stage = Stage::Prepared;
                Ok(())
            }
            Err(trouble) => {
                // The error that comes first says more than a second one would. A rename in two calls may have left
                // both names.
                let _ = steadily(|| system.unlink(directory, &part));
                let _ = steadily(|| system.unlink(directory, &self.temporary));
                Err(trouble)
            }
        }
    }

    /// Writes the new text into its file, and gives it what the old one has.
    fn fill(&self, system: &dyn FileSystem, file: &OwnedFd, after: &[u8]) -> Result<Status, Trouble> {
        let path = &self.place.named;
        let failed = |what: &str, error: &io::Error| Trouble::failed(path, what, error);
        let unwritten = |error: io::Error| failed("the new text cannot be written", &error);
        write_all(system, file, after, 0).map_err(unwritten)?;
        if let Some((old, status)) = &self.old {
            attributes::copy(system, old, file, path)?;
            let fresh = steadily(|| system.status(file)).map_err(unwritten)?;
            if (fresh.owner, fresh.group) != (status.owner, status.group) {
                let set = steadily(|| system.set_owner(file, status.owner, status.group));
                set.map_err(|error| failed("its owner and group cannot be kept", &error))?;
            }
            if let Some(mode) = self.mode {
                let set = steadily(|| system.set_mode(file, mode));
                set.map_err(|error| failed("its mode cannot be kept", &error))?;
            }
        }
        steadily(|| system.sync(file)).map_err(unwritten)?;
        steadily(|| system.status(file)).map_err(unwritten)
    }

    /// Puts the new text under the name. The stage says whether it stands there, also after an error.
    /// Returns what went wrong afterwards.
    pub(super) fn exchange(&mut self, system: &dyn FileSystem) -> Result<Option<String>, Trouble> {
        self.demand_unchanged(system)?;
        self.swap(system, true)?;
        self.stage = Stage::Exchanged;
        if self.old.is_none() {
            return Ok(None);
        }
        match self.is_as_read(system, &self.temporary) {
            Ok(true) => Ok(None),
            Ok(false) => match self.put_back(system) {
                Ok(()) => Err(Trouble::changed(&self.place.named)),
                Err(trouble) => Err(trouble),
            },
            Err(error) => {
                self.stage = Stage::Stuck;
                let kept = shown(&self.displaced());
                let why = reason(&error);
                Ok(Some(format!(
                    "{} was written, but what it displaced could not be read again ({why}); it is kept as {kept}",
                    shown(&self.place.named)
                )))
            }
        }
    }

    /// Takes the new text away again, and puts back what it displaced.
    pub(super) fn put_back(&mut self, system: &dyn FileSystem) -> Result<(), Trouble> {
        let kept = shown(&self.displaced());
        let stuck = |swap: &mut Self, message: &str| {
            swap.stage = Stage::Stuck;
            let help = format!("compare it with {kept}, which is what stood there before");
            Trouble::new(&swap.place.named, message, help)
        };
        // What somebody wrote over the new text in the meantime is not ours to take away.
        if !self.is_ours(system, &self.place.name).unwrap_or(false) {
            return Err(stuck(self, "another program changed it while it was written"));
        }
        if let Err(trouble) = self.swap(system, false) {
            self.stage = Stage::Stuck;
            return Err(trouble);
        }
        self.stage = Stage::Prepared;
        if self.is_ours(system, &self.temporary).unwrap_or(false) {
            return Ok(());
        }
        // Two edits within a moment: what stood there first is back, and the later one is beside it.
        let help = format!("compare it with {kept}, which another program wrote in the same moment");
        self.stage = Stage::Read;
        Err(Trouble::new(&self.place.named, "another program changed it while it was written", help))
    }

    /// Removes what was prepared, after it has come to nothing.
    pub(super) fn abandon(&mut self, system: &dyn FileSystem) {
        // A temporary that cannot be removed is removed by the next run.
        if self.stage == Stage::Prepared
            && self.after.is_some()
            && self.is_ours(system, &self.temporary).unwrap_or(false)
        {
            let _ = steadily(|| system.unlink(&self.place.directory, &self.temporary));
        }
        self.stage = Stage::Read;
    }

    /// Removes what was displaced, and brings the new name to the disk. Returns what went wrong.
    pub(super) fn finish(&mut self, system: &dyn FileSystem) -> Vec<String> {
        let mut warnings = Vec::new();
        let path = shown(&self.place.named);
        if self.stage == Stage::Exchanged
            && let Some((old, _)) = &self.old
        {
            // If it cannot be removed, or nobody comes to it, it holds what has left the file, perhaps a password.
            let _ = steadily(|| system.set_mode(old, 0o600));
        }
        if self.stage == Stage::Exchanged
            && self.old.is_some()
            && let Err(error) = steadily(|| system.unlink(&self.place.directory, &self.temporary))
        {
            let (kept, why) = (shown(&self.displaced()), reason(&error));
            warnings.push(format!("{path} was written, but the old text is still there as {kept} ({why})"));
        }
        if self.old.is_none() {
            // Only where a rename took two calls is there a second name; nothing is lost if it stays.
            let _ = steadily(|| system.unlink(&self.place.directory, &self.temporary));
        }
        if let Err(error) = steadily(|| system.sync(&self.place.directory)) {
            let why = reason(&error);
            warnings.push(format!("{path} was written, but a power cut may still undo that ({why})"));
        }
        warnings
    }

    /// One call that makes the new text appear, or disappear. If it fails, nothing has happened.
    fn swap(&self, system: &dyn FileSystem, forth: bool) -> Result<(), Trouble> {
        let Place { named, directory, name, .. } = &self.place;
        let (from, to) = if forth { (&self.temporary, name) } else { (name, &self.temporary) };
        for _ in 0..3 {
            let result = match (&self.old, &self.after) {
                (Some(_), Some(_)) => system.exchange(directory, from, to),
                (None, _) => rename(system, directory, from, to),
                (Some(_), None) => system.rename(directory, to, from),
            };
            let Err(error) = result else { return Ok(()) };
            // A file system on a network may have done what it says it has not.
            if self.has_happened(system, forth) {
                return Ok(());
            }
            if error.kind() != io::ErrorKind::Interrupted {
                return Err(self.refusal(&error));
            }
        }
        Err(Trouble::new(named, "the exchange was interrupted again and again", "run the command again"))
    }

    /// Whether an exchange that failed has happened all the same.
    fn has_happened(&self, system: &dyn FileSystem, forth: bool) -> bool {
        let expected = if forth { &self.place.name } else { &self.temporary };
        let (status, expected) = match (&self.new, &self.old) {
            (Some(new), _) => (new, expected),
            // What is to be removed stands where the new text would not.
            (None, Some((_, old))) => (old, if forth { &self.temporary } else { &self.place.name }),
            (None, None) => return false,
        };
        let found = self.place.find(system, expected);
        found.is_ok_and(|found| found.is_some_and(|(_, found)| found.identity == status.identity))
    }

    /// Why there was no exchange.
    fn refusal(&self, error: &io::Error) -> Trouble {
        let path = &self.place.named;
        if error.raw_os_error() == Some(Errno::BUSY.raw_os_error()) {
            let help = "the file is mounted on its own, as containers do; run the command where the file itself is, \
                        or mount its directory instead";
            return Trouble::new(path, "it is a mount point, and cannot be exchanged for another file", help);
        }
        if is_unsupported(error) {
            let message = "its file system cannot exchange two files in one step, \
                           so that an edit by another program at the same moment could be lost";
            let help = "write the result elsewhere with `--output PATH`, and put it in place yourself";
            return Trouble::new(path, message, help);
        }
        if error.kind() == io::ErrorKind::AlreadyExists {
            return Trouble::changed(path);
        }
        Trouble::failed(path, "it cannot be replaced", error)
    }

    /// The file is still the one that was read, in every respect.
    fn demand_unchanged(&self, system: &dyn FileSystem) -> Result<(), Trouble> {
        if self.old.is_none() {
            // The call that makes the name fails if it is there.
            return Ok(());
        }
        match self.is_as_read(system, &self.place.name) {
            Ok(true) => Ok(()),
            Ok(false) => Err(Trouble::changed(&self.place.named)),
            Err(error) => Err(Trouble::failed(&self.place.named, "it cannot be read again", &error)),
        }
    }

    /// Whether a name stands for the file that was read, and that is as it was.
    fn is_as_read(&self, system: &dyn FileSystem, name: &OsString) -> io::Result<bool> {
        let Some((_, old)) = &self.old else { return Ok(false) };
        let Some((file, found)) = self.place.find(system, name)? else { return Ok(false) };
        let rights = |status: &Status| (status.identity, status.mode, status.owner, status.group);
        Ok(rights(&found) == rights(old) && Some(read_all(system, &file)?) == self.before)
    }

    /// Whether a name stands for our new text, and that is as we wrote it.
    fn is_ours(&self, system: &dyn FileSystem, name: &OsString) -> io::Result<bool> {
        let found = self.place.find(system, name)?;
        let Some(new) = &self.new else { return Ok(found.is_none()) };
        let Some((file, found)) = found else { return Ok(false) };
        Ok(found.identity == new.identity && Some(read_all(system, &file)?) == self.after)
    }
}

/// A file that must not be there is not.
fn demand_absence(system: &dyn FileSystem, place: &Place) -> Result<(), Trouble> {
    let exists = || Trouble::new(&place.named, "it exists already", "remove it, or name another file");
    match steadily(|| system.open(&place.directory, &place.name, Purpose::Read)) {
        Ok(_) => Err(exists()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) if error.raw_os_error() == Some(Errno::LOOP.raw_os_error()) => Err(exists()),
        Err(error) => Err(Trouble::failed(&place.named, "it cannot be looked at", &error)),
    }
}

/// A file without a name, or none where the file system has no such thing.
fn nameless(system: &dyn FileSystem, directory: &OwnedFd, mode: u32) -> io::Result<Option<OwnedFd>> {
    match steadily(|| system.create_nameless(directory, mode)) {
        Ok(file) => Ok(Some(file)),
        Err(error) if is_unsupported(&error) || error.kind() == io::ErrorKind::IsADirectory => Ok(None),
        Err(error) => Err(error),
    }
}

/// Renames to a name that must not be there, also where only the older calls can do that.
fn rename(system: &dyn FileSystem, directory: &OwnedFd, from: &OsString, to: &OsString) -> io::Result<()> {
    match steadily(|| system.rename(directory, from, to)) {
        Err(error) if is_unsupported(&error) => {}
        result => return result,
    }
    steadily(|| system.link(directory, from, to))?;
    steadily(|| system.unlink(directory, from))
}
