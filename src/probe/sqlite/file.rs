//! What can be seen of a SQLite file without opening it as a database.

use std::ffi::OsString;
use std::fs::{self, File, Metadata};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use crate::model::health::SqliteFacts;
use crate::probe::fault::{Fault, FileFault};
use crate::probe::folder::is_writable;

/// What every SQLite file begins with.
const MAGIC: &[u8; 16] = b"SQLite format 3\0";

/// Where the header says whether the file has a write-ahead log: both bytes are 2 if it has.
const VERSIONS: std::ops::Range<usize> = 18..20;

/// So many bytes of the header are looked at.
const HEADER: usize = 20;

/// A SQLite file, before it is opened as a database.
#[derive(Debug)]
pub(super) struct Found {
    /// What is known of it.
    pub(super) facts: SqliteFacts,
    /// How it can be opened without changing anything; none if it need not or cannot be.
    pub(super) way: Option<Way>,
    /// Why it cannot be, for people.
    pub(super) reason: Option<&'static str>,
}

/// How a database can be opened so that nothing is made or recovered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    /// To read only. A file without a write-ahead log needs no more.
    ReadOnly,
    /// The same, with the index of the write-ahead log as whoever has the database open keeps it.
    SharedIndex,
    /// As a file that nobody changes: SQLite then makes no index for a log that is not there.
    Immutable,
}

/// Looks at a file.
pub(super) fn look(path: &Path) -> Result<Found, Fault> {
    let metadata = fs::metadata(path).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => Fault::File(FileFault::Missing),
        _ => Fault::File(FileFault::Unreadable),
    })?;
    if !metadata.is_file() {
        // Opening a pipe would wait for somebody to write into it.
        let what = if metadata.is_dir() { "it is a directory" } else { "it is no regular file" };
        return Err(Fault::File(FileFault::Damaged(what.to_owned())));
    }
    let header = header(path).map_err(|_| Fault::File(FileFault::Unreadable))?;
    let facts = facts(path, &metadata);
    if header.is_empty() {
        // SQLite makes an empty file and fills it with the first table.
        return Ok(Found { facts, way: None, reason: Some("it is empty: a database without a table") });
    }
    if !header.starts_with(MAGIC) {
        return Err(Fault::File(FileFault::Damaged("it is no SQLite database".to_owned())));
    }
    if header.get(VERSIONS) != Some(&[2, 2]) {
        return Ok(Found { facts, way: Some(Way::ReadOnly), reason: None });
    }
    Ok(with_log(path, SqliteFacts { journal_mode: "wal".to_owned(), ..facts }))
}

/// The first bytes.
fn header(path: &Path) -> io::Result<Vec<u8>> {
    let mut header = Vec::new();
    let most = u64::try_from(HEADER).unwrap_or(u64::MAX);
    File::open(path)?.take(most).read_to_end(&mut header)?;
    Ok(header)
}

fn facts(path: &Path, metadata: &Metadata) -> SqliteFacts {
    let log = fs::metadata(beside(path, "-wal")).ok();
    let changed = [Some(metadata), log.as_ref()].into_iter().flatten().filter_map(|it| it.modified().ok()).max();
    let age = changed.and_then(|changed| SystemTime::now().duration_since(changed).ok());
    SqliteFacts {
        bytes: metadata.len(),
        age: age.map(|age| age.as_secs()),
        journal_mode: "delete".to_owned(),
        writable: is_writable(path),
        directory_writable: is_writable(&directory(path)),
    }
}

/// The directory in which SQLite makes its other files.
fn directory(path: &Path) -> PathBuf {
    // A link leads to the file that the journal is made beside.
    let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    match path.parent() {
        Some(parent) if parent != Path::new("") => parent.to_owned(),
        _ => PathBuf::from("."),
    }
}

/// A file of SQLite's own beside a database.
fn beside(path: &Path, ending: &str) -> PathBuf {
    let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let mut name = OsString::from(path);
    name.push(ending);
    PathBuf::from(name)
}

/// A database in the mode `wal` is opened with its log and the index of the log, which SQLite makes if they are missing.
fn with_log(path: &Path, facts: SqliteFacts) -> Found {
    let log = fs::metadata(beside(path, "-wal")).map_or(0, |log| log.len());
    let has_index = beside(path, "-shm").exists();
    let (way, reason) = match (log, has_index) {
        (_, true) => (Some(Way::SharedIndex), None),
        (0, false) => (Some(Way::Immutable), None),
        (_, false) => (None, Some("not checked: its log has not been recovered since a writer broke off")),
    };
    Found { facts, way, reason }
}
