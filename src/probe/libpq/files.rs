//! The only place of this room that reads files: everything else works on texts.

use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::Path;

/// No file of passwords or services is longer (1 MiB); what follows is not read, so that no file can fill the memory.
const MOST_BYTES: u64 = 1 << 20;

/// The text of a file. What is no UTF-8 becomes a sign that stands in no name.
pub(super) fn read(path: &Path) -> io::Result<String> {
    let mut bytes = Vec::new();
    File::open(path)?.take(MOST_BYTES).read_to_end(&mut bytes)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// Why a file cannot be read, in words that end a sentence.
pub(super) fn reason(error: &io::Error) -> &'static str {
    match error.kind() {
        io::ErrorKind::NotFound => "there is no such file",
        io::ErrorKind::NotADirectory => "a part of its path is no directory",
        io::ErrorKind::IsADirectory => "it is a directory",
        io::ErrorKind::PermissionDenied => "this user may not read it",
        io::ErrorKind::InvalidFilename => "no file can have this name",
        _ => "the system gives no file for it",
    }
}

/// What the system knows of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Facts {
    /// Whether it is a plain file.
    pub(super) is_plain: bool,
    /// The user whose file it is; 0 is root.
    pub(super) owner: u32,
    /// Who may do what with it (`0o600`).
    pub(super) mode: u32,
}

/// What the system knows of a file; symbolic links are followed.
#[cfg(unix)]
pub(super) fn facts(path: &Path) -> io::Result<Facts> {
    use std::os::unix::fs::MetadataExt as _;
    let metadata = fs::metadata(path)?;
    Ok(Facts { is_plain: metadata.is_file(), owner: metadata.uid(), mode: metadata.mode() & 0o7777 })
}

/// What the system knows of a file. libpq looks at nobody's rights here.
#[cfg(not(unix))]
pub(super) fn facts(path: &Path) -> io::Result<Facts> {
    let metadata = fs::metadata(path)?;
    Ok(Facts { is_plain: metadata.is_file(), owner: 1, mode: 0o600 })
}

/// Whether an error says that there is no such file, as libpq has it (`ENOENT`, `ENOTDIR`).
pub(super) fn is_absence(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
}
