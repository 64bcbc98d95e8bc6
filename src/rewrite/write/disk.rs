//! The real file system.

use std::ffi::{OsStr, OsString};
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};
use std::time::Duration;

use rustix::fs::{
    Access, AtFlags, CWD, Dir, FlockOperation, Gid, Mode, OFlags, RenameFlags, Uid, XattrFlags, accessat, fchmod,
    fchown, fgetxattr, flistxattr, flock, fremovexattr, fsetxattr, fsync, ftruncate, linkat, mkdirat, openat,
    renameat_with, unlinkat,
};
use rustix::io::{Errno, pread, pwrite};
use rustix::process::{Resource, getrlimit};

use super::system::{FileSystem, Kind, PRIVATE, Purpose, Status};

/// Asks the system itself.
#[derive(Debug)]
pub(super) struct Disk;

impl FileSystem for Disk {
    fn resolve(&self, path: &Path) -> io::Result<PathBuf> {
        path.canonicalize()
    }

    fn make_directory(&self, path: &Path) -> io::Result<()> {
        Ok(mkdirat(CWD, path, Mode::RWXU)?)
    }

    fn open_directory(&self, path: &Path) -> io::Result<OwnedFd> {
        Ok(openat(CWD, path, OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty())?)
    }

    fn list(&self, directory: &OwnedFd) -> io::Result<Vec<OsString>> {
        let mut names = Vec::new();
        for entry in Dir::read_from(directory)? {
            let entry = entry?;
            let name = entry.file_name().to_bytes();
            if name != b"." && name != b".." {
                names.push(OsStr::from_bytes(name).to_owned());
            }
        }
        Ok(names)
    }

    fn open(&self, directory: &OwnedFd, name: &OsStr, purpose: Purpose) -> io::Result<OwnedFd> {
        let flags = OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let flags = match purpose {
            Purpose::Read => flags | OFlags::RDONLY | OFlags::NONBLOCK | OFlags::NOCTTY,
            Purpose::Extend => flags | OFlags::RDWR | OFlags::CREATE,
        };
        Ok(openat(directory, name, flags, mode(PRIVATE))?)
    }

    fn create(&self, directory: &OwnedFd, name: &OsStr, bits: u32) -> io::Result<OwnedFd> {
        let flags = OFlags::RDWR | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        Ok(openat(directory, name, flags, mode(bits))?)
    }

    #[cfg(target_os = "linux")]
    fn create_nameless(&self, directory: &OwnedFd, bits: u32) -> io::Result<OwnedFd> {
        Ok(openat(directory, c".", OFlags::RDWR | OFlags::TMPFILE | OFlags::CLOEXEC, mode(bits))?)
    }

    #[cfg(not(target_os = "linux"))]
    fn create_nameless(&self, _: &OwnedFd, _: u32) -> io::Result<OwnedFd> {
        Err(io::ErrorKind::Unsupported.into())
    }

    fn give_name(&self, file: &OwnedFd, directory: &OwnedFd, name: &OsStr) -> io::Result<()> {
        use std::os::fd::AsRawFd;
        // The other way, with an empty path, takes a right that only root has.
        let path = format!("/proc/self/fd/{}", file.as_raw_fd());
        Ok(linkat(CWD, path, directory, name, AtFlags::SYMLINK_FOLLOW)?)
    }

    #[cfg(target_os = "linux")]
    fn status(&self, file: &OwnedFd) -> io::Result<Status> {
        use rustix::fs::{FileType, StatxAttributes, StatxFlags, makedev, statx};
        let found = statx(file, c"", AtFlags::EMPTY_PATH, StatxFlags::BASIC_STATS)?;
        let kind = match FileType::from_raw_mode(found.stx_mode.into()) {
            FileType::RegularFile => Kind::File,
            FileType::Directory => Kind::Directory,
            _ => Kind::Other,
        };
        let has = |attribute| found.stx_attributes.contains(attribute);
        Ok(Status {
            kind,
            identity: (makedev(found.stx_dev_major, found.stx_dev_minor), found.stx_ino),
            mode: u32::from(found.stx_mode) & 0o7777,
            owner: found.stx_uid,
            group: found.stx_gid,
            links: found.stx_nlink.into(),
            is_mount_point: has(StatxAttributes::MOUNT_ROOT),
            is_immutable: has(StatxAttributes::IMMUTABLE) || has(StatxAttributes::APPEND),
        })
    }

    #[cfg(not(target_os = "linux"))]
    fn status(&self, file: &OwnedFd) -> io::Result<Status> {
        use std::os::unix::fs::MetadataExt;
        let found = std::fs::File::from(file.try_clone()?).metadata()?;
        let kind = if found.is_file() {
            Kind::File
        } else if found.is_dir() {
            Kind::Directory
        } else {
            Kind::Other
        };
        Ok(Status {
            kind,
            identity: (found.dev(), found.ino()),
            mode: found.mode() & 0o7777,
            owner: found.uid(),
            group: found.gid(),
            links: found.nlink(),
            is_mount_point: false,
            is_immutable: false,
        })
    }

    fn may_write(&self, directory: &OwnedFd, name: &OsStr) -> io::Result<bool> {
        match accessat(directory, name, Access::WRITE_OK, AtFlags::empty()) {
            Ok(()) => Ok(true),
            Err(Errno::ACCESS | Errno::PERM) => Ok(false),
            Err(errno) => Err(errno.into()),
        }
    }

    fn read(&self, file: &OwnedFd, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        Ok(pread(file, buffer, offset)?)
    }

    fn write(&self, file: &OwnedFd, bytes: &[u8], offset: u64) -> io::Result<usize> {
        // A write beyond the limit would end the process by SIGXFSZ, and ignoring a signal takes unsafe code.
        // The limit is the only cause of that signal, so it is looked at first.
        let end = offset.saturating_add(bytes.len() as u64);
        if getrlimit(Resource::Fsize).current.is_some_and(|most| end > most) {
            return Err(Errno::FBIG.into());
        }
        Ok(pwrite(file, bytes, offset)?)
    }

    fn truncate(&self, file: &OwnedFd, length: u64) -> io::Result<()> {
        Ok(ftruncate(file, length)?)
    }

    fn set_owner(&self, file: &OwnedFd, owner: u32, group: u32) -> io::Result<()> {
        Ok(fchown(file, Some(Uid::from_raw(owner)), Some(Gid::from_raw(group)))?)
    }

    fn set_mode(&self, file: &OwnedFd, bits: u32) -> io::Result<()> {
        Ok(fchmod(file, mode(bits))?)
    }

    fn attributes(&self, file: &OwnedFd) -> io::Result<Vec<OsString>> {
        let list = grown(|buffer| flistxattr(file, buffer))?;
        let names = list.split(|&byte| byte == 0).filter(|name| !name.is_empty());
        Ok(names.map(|name| OsString::from_vec(name.to_vec())).collect())
    }

    fn attribute(&self, file: &OwnedFd, name: &OsStr) -> io::Result<Vec<u8>> {
        grown(|buffer| fgetxattr(file, name, buffer))
    }

    fn set_attribute(&self, file: &OwnedFd, name: &OsStr, value: &[u8]) -> io::Result<()> {
        Ok(fsetxattr(file, name, value, XattrFlags::empty())?)
    }

    fn remove_attribute(&self, file: &OwnedFd, name: &OsStr) -> io::Result<()> {
        Ok(fremovexattr(file, name)?)
    }

    #[cfg(not(target_vendor = "apple"))]
    fn sync(&self, file: &OwnedFd) -> io::Result<()> {
        Ok(fsync(file)?)
    }

    /// On macOS `fsync` leaves the bytes in the cache of the disk.
    #[cfg(target_vendor = "apple")]
    fn sync(&self, file: &OwnedFd) -> io::Result<()> {
        rustix::fs::fcntl_fullfsync(file).or_else(|_| fsync(file))?;
        Ok(())
    }

    fn lock(&self, file: &OwnedFd) -> io::Result<()> {
        Ok(flock(file, FlockOperation::NonBlockingLockExclusive)?)
    }

    fn exchange(&self, directory: &OwnedFd, one: &OsStr, other: &OsStr) -> io::Result<()> {
        Ok(renameat_with(directory, one, directory, other, RenameFlags::EXCHANGE)?)
    }

    fn rename(&self, directory: &OwnedFd, from: &OsStr, to: &OsStr) -> io::Result<()> {
        Ok(renameat_with(directory, from, directory, to, RenameFlags::NOREPLACE)?)
    }

    fn link(&self, directory: &OwnedFd, from: &OsStr, to: &OsStr) -> io::Result<()> {
        Ok(linkat(directory, from, directory, to, AtFlags::empty())?)
    }

    fn unlink(&self, directory: &OwnedFd, name: &OsStr) -> io::Result<()> {
        Ok(unlinkat(directory, name, AtFlags::empty())?)
    }

    fn pause(&self, time: Duration) {
        std::thread::sleep(time);
    }
}

/// Mode bits in the type of the system's calls, which is narrower on macOS.
fn mode(bits: u32) -> Mode {
    Mode::from_bits_truncate(rustix::fs::RawMode::try_from(bits).unwrap_or_default())
}

/// Calls with a buffer that grows until the answer fits.
fn grown(mut call: impl FnMut(&mut [u8]) -> rustix::io::Result<usize>) -> io::Result<Vec<u8>> {
    // Linux allows 64 KiB for a value and for the list of names.
    const MOST: usize = 1 << 20;
    let mut buffer = vec![0; 1024];
    loop {
        match call(&mut buffer) {
            Ok(length) => {
                buffer.truncate(length);
                return Ok(buffer);
            }
            Err(Errno::RANGE) if buffer.len() < MOST => buffer.resize(buffer.len() * 4, 0),
            Err(errno) => return Err(errno.into()),
        }
    }
}
