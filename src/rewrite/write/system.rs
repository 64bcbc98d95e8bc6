//! What writing asks of the system, one method for each call, so that a test can make every single one fail or be the
//! last.

use std::ffi::{OsStr, OsString};
use std::io;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Mode bits of a file with secrets, and of every temporary one.
pub(super) const PRIVATE: u32 = 0o600;

/// How often an interrupted call is made again.
const MOST_INTERRUPTIONS: usize = 100;

/// What a file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    File,
    Directory,
    Other,
}

/// What the system says of a file.
#[derive(Clone, Debug)]
pub(super) struct Status {
    pub(super) kind: Kind,
    /// File system and number of the file there: together they tell it from every other file.
    pub(super) identity: (u64, u64),
    /// Permission bits, set-id and sticky bits included.
    pub(super) mode: u32,
    pub(super) owner: u32,
    pub(super) group: u32,
    /// How many names it has.
    pub(super) links: u64,
    /// Whether something is mounted on exactly this file.
    pub(super) is_mount_point: bool,
    /// Whether it was made immutable or append-only (`chattr`).
    pub(super) is_immutable: bool,
}

/// What a file is opened for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Purpose {
    /// Reading; a symbolic link is an error, and a pipe does not block.
    Read,
    /// Reading and writing; the file is made, 0600, if there is none.
    Extend,
}

/// The calls. Names are relative to a directory that is open, so that nothing that happens above it matters.
pub(super) trait FileSystem {
    /// The absolute path with all symbolic links resolved.
    fn resolve(&self, path: &Path) -> io::Result<PathBuf>;
    /// Makes a directory, 0700.
    fn make_directory(&self, path: &Path) -> io::Result<()>;
    fn open_directory(&self, path: &Path) -> io::Result<OwnedFd>;
    /// The names in a directory.
    fn list(&self, directory: &OwnedFd) -> io::Result<Vec<OsString>>;
    fn open(&self, directory: &OwnedFd, name: &OsStr, purpose: Purpose) -> io::Result<OwnedFd>;
    /// Makes a file that must not be there.
    fn create(&self, directory: &OwnedFd, name: &OsStr, mode: u32) -> io::Result<OwnedFd>;
    /// Makes a file without a name, which is gone when it is closed.
    fn create_nameless(&self, directory: &OwnedFd, mode: u32) -> io::Result<OwnedFd>;
    /// Gives a nameless file a name that must not be there.
    fn give_name(&self, file: &OwnedFd, directory: &OwnedFd, name: &OsStr) -> io::Result<()>;
    fn status(&self, file: &OwnedFd) -> io::Result<Status>;
    /// Whether this process may write to the file.
    fn may_write(&self, directory: &OwnedFd, name: &OsStr) -> io::Result<bool>;
    /// Reads some bytes; 0 at the end.
    fn read(&self, file: &OwnedFd, buffer: &mut [u8], offset: u64) -> io::Result<usize>;
    /// Writes some of the bytes.
    fn write(&self, file: &OwnedFd, bytes: &[u8], offset: u64) -> io::Result<usize>;
    fn truncate(&self, file: &OwnedFd, length: u64) -> io::Result<()>;
    fn set_owner(&self, file: &OwnedFd, owner: u32, group: u32) -> io::Result<()>;
    fn set_mode(&self, file: &OwnedFd, mode: u32) -> io::Result<()>;
    /// The names of the extended attributes, ACLs among them.
    fn attributes(&self, file: &OwnedFd) -> io::Result<Vec<OsString>>;
    fn attribute(&self, file: &OwnedFd, name: &OsStr) -> io::Result<Vec<u8>>;
    fn set_attribute(&self, file: &OwnedFd, name: &OsStr, value: &[u8]) -> io::Result<()>;
    fn remove_attribute(&self, file: &OwnedFd, name: &OsStr) -> io::Result<()>;
    /// Waits until a file or directory is on the disk.
    fn sync(&self, file: &OwnedFd) -> io::Result<()>;
    /// Locks a file or directory, or fails at once with `WouldBlock`.
    fn lock(&self, file: &OwnedFd) -> io::Result<()>;
    /// Exchanges what two names stand for, in one step.
    fn exchange(&self, directory: &OwnedFd, one: &OsStr, other: &OsStr) -> io::Result<()>;
    /// Renames to a name that must not be there.
    fn rename(&self, directory: &OwnedFd, from: &OsStr, to: &OsStr) -> io::Result<()>;
    /// Gives a file another name, which must not be there.
    fn link(&self, directory: &OwnedFd, from: &OsStr, to: &OsStr) -> io::Result<()>;
    fn unlink(&self, directory: &OwnedFd, name: &OsStr) -> io::Result<()>;
    fn pause(&self, time: Duration);
}

/// Makes a call again when a signal interrupted it before it did anything.
pub(super) fn steadily<T>(mut call: impl FnMut() -> io::Result<T>) -> io::Result<T> {
    for _ in 0..MOST_INTERRUPTIONS {
        match call() {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            result => return result,
        }
    }
    call()
}

/// Reads a file from its beginning to its end.
pub(super) fn read_all(system: &dyn FileSystem, file: &OwnedFd) -> io::Result<Vec<u8>> {
    const PIECE: usize = 64 * 1024;
    let mut piece = vec![0; PIECE];
    let mut bytes = Vec::new();
    loop {
        match steadily(|| system.read(file, &mut piece, bytes.len() as u64))? {
            0 => return Ok(bytes),
            read => bytes.extend_from_slice(&piece[..read]),
        }
    }
}

/// Writes all bytes from an offset on.
pub(super) fn write_all(system: &dyn FileSystem, file: &OwnedFd, bytes: &[u8], offset: u64) -> io::Result<()> {
    let mut written = 0;
    while written < bytes.len() {
        match steadily(|| system.write(file, &bytes[written..], offset + written as u64))? {
            0 => return Err(io::ErrorKind::WriteZero.into()),
            more => written += more,
        }
    }
    Ok(())
}

/// Whether the file system cannot do what was asked for at all.
pub(super) fn is_unsupported(error: &io::Error) -> bool {
    use rustix::io::Errno;
    let unsupported = [Errno::INVAL, Errno::NOSYS, Errno::OPNOTSUPP, Errno::NOTSUP];
    unsupported.iter().any(|errno| error.raw_os_error() == Some(errno.raw_os_error()))
        || error.kind() == io::ErrorKind::Unsupported
}

/// Why a call failed, in our words.
pub(super) fn reason(error: &io::Error) -> String {
    use io::ErrorKind;
    let words = match error.kind() {
        ErrorKind::StorageFull => "the disk is full",
        ErrorKind::QuotaExceeded => "the disk quota is used up",
        ErrorKind::FileTooLarge => "the file would be larger than this process may write (ulimit -f)",
        ErrorKind::ReadOnlyFilesystem => "the file system is mounted read-only",
        ErrorKind::PermissionDenied => "permission denied",
        ErrorKind::NotFound => "there is no such file or directory",
        ErrorKind::NotADirectory => "a part of the path is no directory",
        ErrorKind::AlreadyExists => "the name exists already",
        ErrorKind::ResourceBusy => "it is in use by the system",
        _ if error.raw_os_error() == Some(rustix::io::Errno::IO.raw_os_error()) => "the disk reported an error",
        _ => return error.to_string(),
    };
    words.to_owned()
}
