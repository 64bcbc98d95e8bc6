//! Where a file is, and whether it can be replaced there as promised.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use super::store::wait_for_lock;
use super::system::{FileSystem, Kind, Purpose, Status, is_unsupported, read_all, steadily};
use super::trouble::{Trouble, shown};

/// A name in a directory that is open and locked.
#[derive(Debug, Clone)]
pub(super) struct Place {
    /// The file as it was named.
    pub(super) named: PathBuf,
    /// The same as an absolute path, with symbolic links resolved.
    pub(super) path: PathBuf,
    pub(super) directory: Rc<OwnedFd>,
    pub(super) name: OsString,
}

/// The directories of a run. Each is locked once, until the run is over.
#[derive(Debug, Default)]
pub(super) struct Directories(BTreeMap<PathBuf, Rc<OwnedFd>>);

/// Resolves a path: the file itself if it is to be there, otherwise the directory that it is to be in.
pub(super) fn resolve(system: &dyn FileSystem, path: &Path, is_there: bool) -> Result<PathBuf, Trouble> {
    let failed = |error: io::Error| {
        if error.kind() == io::ErrorKind::NotFound && is_there {
            Trouble::changed(path)
        } else {
            Trouble::failed(path, "it cannot be found", &error)
        }
    };
    if is_there {
        return steadily(|| system.resolve(path)).map_err(failed);
    }
    let above = path.parent().filter(|above| *above != Path::new("")).unwrap_or(Path::new("."));
    let Some(name) = path.file_name() else {
        return Err(Trouble::new(path, "this is no name of a file", "name a file"));
    };
    Ok(steadily(|| system.resolve(above)).map_err(failed)?.join(name))
}

impl Directories {
    /// Opens and locks the directory of a file.
    pub(super) fn place(&mut self, system: &dyn FileSystem, named: &Path, path: PathBuf) -> Result<Place, Trouble> {
        let (Some(above), Some(name)) = (path.parent(), path.file_name()) else {
            return Err(Trouble::new(named, "this is no file", "name a file"));
        };
        let (above, name) = (above.to_owned(), name.to_owned());
        let directory = match self.0.get(&above) {
            Some(directory) => Rc::clone(directory),
            None => self.open(system, named, &above)?,
        };
        Ok(Place { named: named.to_owned(), path, directory, name })
    }

    fn open(&mut self, system: &dyn FileSystem, named: &Path, path: &Path) -> Result<Rc<OwnedFd>, Trouble> {
        let opened = steadily(|| system.open_directory(path));
        let directory = opened.map_err(|error| Trouble::failed(named, "its directory cannot be opened", &error))?;
        match wait_for_lock(system, &directory) {
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                let help = "wait until it has ended, and run the command again";
                return Err(Trouble::new(named, "another program has locked its directory", help));
            }
            // Some network file systems lock no directories. The lock only keeps two runs of dbcfg from getting in
            // each other's way; what keeps edits from being lost is the exchange.
            Err(error) if is_unsupported(&error) || cannot_lock(&error) => {}
            Err(error) => return Err(Trouble::failed(named, "its directory cannot be locked", &error)),
        }
        let directory = Rc::new(directory);
        self.0.insert(path.to_owned(), Rc::clone(&directory));
        Ok(directory)
    }
}

/// Whether the file system has no locks for directories.
fn cannot_lock(error: &io::Error) -> bool {
    use rustix::io::Errno;
    [Errno::BADF, Errno::NOLCK].iter().any(|errno| error.raw_os_error() == Some(errno.raw_os_error()))
}

impl Place {
    /// The path of another name in the same directory.
    pub(super) fn beside(&self, name: &OsString) -> PathBuf {
        self.path.with_file_name(name)
    }

    /// What a name in the directory stands for now; none if for nothing.
    pub(super) fn find(&self, system: &dyn FileSystem, name: &OsString) -> io::Result<Option<(OwnedFd, Status)>> {
        match steadily(|| system.open(&self.directory, name, Purpose::Read)) {
            Ok(file) => {
                let status = steadily(|| system.status(&file))?;
                Ok(Some((file, status)))
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// The contents of what a name stands for now; none if it stands for nothing, or not for a file.
    pub(super) fn contents(&self, system: &dyn FileSystem, name: &OsString) -> io::Result<Option<Vec<u8>>> {
        match self.find(system, name)? {
            Some((file, status)) if status.kind == Kind::File => read_all(system, &file).map(Some),
            _ => Ok(None),
        }
    }

    /// Finds the file, and refuses one that cannot be replaced as promised.
    pub(super) fn demand(&self, system: &dyn FileSystem) -> Result<(OwnedFd, Status), Trouble> {
        let found = self.find(system, &self.name);
        let found = found.map_err(|error| Trouble::failed(&self.named, "it cannot be read", &error))?;
        let Some((file, status)) = found else { return Err(Trouble::changed(&self.named)) };
        let refuse = |message: &str, help: String| Err(Trouble::new(&self.named, message, help));
        let path = shown(&self.named);
        if status.kind != Kind::File {
            return refuse("it is no regular file", "write the result elsewhere with `--output PATH`".to_owned());
        }
        if status.is_mount_point {
            let help = "the file is mounted on its own, as containers do; run the command where the file itself is, \
                        or mount its directory instead";
            return refuse("it is a mount point, and cannot be exchanged for another file", help.to_owned());
        }
        if status.links > 1 {
            let message =
                format!("it has {} names (hard links), and only this one would get the new text", status.links);
            let help = format!("give it a file of its own: cp -p {path} {path}.copy && mv {path}.copy {path}");
            return refuse(&message, help);
        }
        if status.is_immutable {
            let help = format!("allow changes with `chattr -i -a {path}`");
            return refuse("it is marked immutable or append-only", help);
        }
        if status.mode & 0o200 == 0 {
            let message = format!("it is read-only (mode {:04o})", status.mode);
            return refuse(&message, format!("allow changes with `chmod u+w {path}`"));
        }
        match steadily(|| system.may_write(&self.directory, &self.name)) {
            Ok(true) => Ok((file, status)),
            Ok(false) => refuse("you may not write to it", "run the command as its owner".to_owned()),
            Err(error) => Err(Trouble::failed(&self.named, "it cannot be looked at", &error)),
        }
    }
}
