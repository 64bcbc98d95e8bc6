//! A file system that fails at a chosen call, or from there on, and that may lack what not every one has.

use std::cell::{Cell, RefCell};
use std::ffi::{OsStr, OsString};
use std::io;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rustix::io::Errno;

use crate::rewrite::write::disk::Disk;
use crate::rewrite::write::system::{FileSystem, Kind, Purpose, Status};

/// What goes wrong at the chosen call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// The call fails, once. A write has written a half of its bytes.
    Error(Errno),
    /// From the call on the disk is full.
    Full,
    /// The process is killed in the call: a write has written a half, and nothing else happens any more.
    Killed,
    /// The process is killed as soon as the call is done.
    KilledAfter,
}

/// The faults that every call is tried with.
pub(super) const FAULTS: &[Fault] = &[
    Fault::Error(Errno::NOSPC),
    Fault::Error(Errno::IO),
    Fault::Error(Errno::ACCESS),
    Fault::Error(Errno::INTR),
    Fault::Full,
    Fault::Killed,
    Fault::KilledAfter,
];

/// The calls that a file system lacks.
pub(super) type Lacks = &'static [&'static str];

/// What another program does just before a call happens.
type Interference = (usize, Box<dyn Fn()>);

/// The file system. Calls are counted from 0.
#[derive(Default)]
pub(super) struct Faulty {
    fault: Option<(usize, Fault)>,
    lacks: Lacks,
    interference: Option<Interference>,
    pub(super) calls: RefCell<Vec<&'static str>>,
    killed: Cell<bool>,
}

/// How a call goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Course {
    Through,
    Half(Errno),
}

impl Faulty {
    pub(super) fn new(fault: Option<(usize, Fault)>, lacks: Lacks) -> Self {
        Self { fault, lacks, ..Self::default() }
    }

    /// A sound one on which another program acts just before a call.
    pub(super) fn disturbed(at: usize, act: impl Fn() + 'static) -> Self {
        Self { interference: Some((at, Box::new(act))), ..Self::default() }
    }

    /// The same, and the process is killed as soon as that call is done.
    pub(super) fn disturbed_and_killed(at: usize, act: impl Fn() + 'static) -> Self {
        Self { fault: Some((at, Fault::KilledAfter)), ..Self::disturbed(at, act) }
    }

    pub(super) fn is_killed(&self) -> bool {
        self.killed.get()
    }

    /// Counts a call, and says whether it happens.
    fn course(&self, name: &'static str) -> io::Result<Course> {
        // Whoever is dead makes no calls; the error only makes the code come to its end.
        if self.killed.get() {
            return Err(Errno::IO.into());
        }
        let number = self.calls.borrow().len();
        if let Some((at, act)) = &self.interference
            && *at == number
        {
            act();
        }
        self.calls.borrow_mut().push(name);
        let Some((at, fault)) = self.fault else { return Ok(Course::Through) };
        let takes_room = ["make_directory", "create", "write", "set_attribute", "give_name", "link", "rename"];
        match fault {
            Fault::Error(errno) if number == at => Ok(Course::Half(errno)),
            Fault::Full if number >= at && takes_room.contains(&name) => Ok(Course::Half(Errno::NOSPC)),
            Fault::Killed if number == at => {
                self.killed.set(true);
                Ok(Course::Half(Errno::IO))
            }
            Fault::KilledAfter if number == at => {
                self.killed.set(true);
                Ok(Course::Through)
            }
            _ => Ok(Course::Through),
        }
    }

    /// Makes a call that happens as a whole or not at all.
    fn call<T>(&self, name: &'static str, call: impl FnOnce() -> io::Result<T>) -> io::Result<T> {
        match self.course(name)? {
            Course::Through if self.lacks.contains(&name) => Err(Errno::INVAL.into()),
            Course::Through => call(),
            Course::Half(errno) => Err(errno.into()),
        }
    }
}

impl FileSystem for Faulty {
    fn resolve(&self, path: &Path) -> io::Result<PathBuf> {
        self.call("resolve", || Disk.resolve(path))
    }

    fn make_directory(&self, path: &Path) -> io::Result<()> {
        self.call("make_directory", || Disk.make_directory(path))
    }

    fn open_directory(&self, path: &Path) -> io::Result<OwnedFd> {
        self.call("open_directory", || Disk.open_directory(path))
    }

    fn list(&self, directory: &OwnedFd) -> io::Result<Vec<OsString>> {
        self.call("list", || Disk.list(directory))
    }

    fn open(&self, directory: &OwnedFd, name: &OsStr, purpose: Purpose) -> io::Result<OwnedFd> {
        self.call("open", || Disk.open(directory, name, purpose))
    }

    fn create(&self, directory: &OwnedFd, name: &OsStr, mode: u32) -> io::Result<OwnedFd> {
        self.call("create", || Disk.create(directory, name, mode))
    }

    fn create_nameless(&self, directory: &OwnedFd, mode: u32) -> io::Result<OwnedFd> {
        self.call("create_nameless", || Disk.create_nameless(directory, mode))
    }

    fn give_name(&self, file: &OwnedFd, directory: &OwnedFd, name: &OsStr) -> io::Result<()> {
        self.call("give_name", || Disk.give_name(file, directory, name))
    }

    fn status(&self, file: &OwnedFd) -> io::Result<Status> {
        self.call("status", || Disk.status(file))
    }

    fn may_write(&self, directory: &OwnedFd, name: &OsStr) -> io::Result<bool> {
        self.call("may_write", || Disk.may_write(directory, name))
    }

    fn read(&self, file: &OwnedFd, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        self.call("read", || Disk.read(file, buffer, offset))
    }

    fn write(&self, file: &OwnedFd, bytes: &[u8], offset: u64) -> io::Result<usize> {
        match self.course("write")? {
            Course::Through => Disk.write(file, bytes, offset),
            Course::Half(Errno::INTR) => Err(Errno::INTR.into()),
            Course::Half(errno) => {
                Disk.write(file, &bytes[..bytes.len() / 2], offset)?;
                Err(errno.into())
            }
        }
    }

    fn truncate(&self, file: &OwnedFd, length: u64) -> io::Result<()> {
        self.call("truncate", || Disk.truncate(file, length))
    }

    fn set_owner(&self, file: &OwnedFd, owner: u32, group: u32) -> io::Result<()> {
        self.call("set_owner", || Disk.set_owner(file, owner, group))
    }

    fn set_mode(&self, file: &OwnedFd, mode: u32) -> io::Result<()> {
        self.call("set_mode", || Disk.set_mode(file, mode))
    }

    fn attributes(&self, file: &OwnedFd) -> io::Result<Vec<OsString>> {
        self.call("attributes", || Disk.attributes(file))
    }

    fn attribute(&self, file: &OwnedFd, name: &OsStr) -> io::Result<Vec<u8>> {
        self.call("attribute", || Disk.attribute(file, name))
    }

    fn set_attribute(&self, file: &OwnedFd, name: &OsStr, value: &[u8]) -> io::Result<()> {
        self.call("set_attribute", || Disk.set_attribute(file, name, value))
    }

    fn remove_attribute(&self, file: &OwnedFd, name: &OsStr) -> io::Result<()> {
        self.call("remove_attribute", || Disk.remove_attribute(file, name))
    }

    /// Counted and not made: thousands of runs would wait for the disk, and none of them cuts its power.
    fn sync(&self, _: &OwnedFd) -> io::Result<()> {
        self.call("sync", || Ok(()))
    }

    fn lock(&self, file: &OwnedFd) -> io::Result<()> {
        let is_directory = Disk.status(file)?.kind == Kind::Directory;
        self.call(if is_directory { "lock_directory" } else { "lock" }, || Disk.lock(file))
    }

    fn exchange(&self, directory: &OwnedFd, one: &OsStr, other: &OsStr) -> io::Result<()> {
        self.call("exchange", || Disk.exchange(directory, one, other))
    }

    fn rename(&self, directory: &OwnedFd, from: &OsStr, to: &OsStr) -> io::Result<()> {
        self.call("rename", || Disk.rename(directory, from, to))
    }

    fn link(&self, directory: &OwnedFd, from: &OsStr, to: &OsStr) -> io::Result<()> {
        self.call("link", || Disk.link(directory, from, to))
    }

    fn unlink(&self, directory: &OwnedFd, name: &OsStr) -> io::Result<()> {
        self.call("unlink", || Disk.unlink(directory, name))
    }

    fn pause(&self, _: Duration) {}
}
