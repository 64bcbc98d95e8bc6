//! `--password-file`: the password that is used instead of every configured one.

use std::fs::{self, File};
use std::io::{ErrorKind, Read as _};
use std::path::Path;

use anyhow::{Result, anyhow, bail};

use crate::redact::Secret;

use super::super::input::shown;
use super::super::output::Output;

/// No password is longer; of what is named by mistake, no more is read.
const LONGEST: u64 = 64 * 1024;

/// The first line of a file, without its end. Tells if others may read the file.
pub(super) fn read(path: &Path, output: Output) -> Result<Secret> {
    let name = shown(path);
    let mut bytes = Vec::new();
    let outcome = File::open(path).and_then(|file| file.take(LONGEST).read_to_end(&mut bytes));
    // Words of our own: what the system says may quote the path, which may be a password in the wrong place.
    outcome.map_err(|error| anyhow!("`--password-file`: {name} {}", reason(error.kind())))?;
    let line = bytes.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    let Ok(password) = std::str::from_utf8(line) else { bail!("`--password-file`: {name} is not UTF-8") };
    if password.is_empty() {
        bail!("`--password-file`: the first line of {name} is empty");
    }
    if is_open(path) {
        output.talk(&format!("Everybody on this machine can read {name}; `chmod 600` it.\n"));
    }
    Ok(Secret::new(password))
}

fn reason(kind: ErrorKind) -> &'static str {
    match kind {
        ErrorKind::NotFound => "does not exist",
        ErrorKind::PermissionDenied => "may not be read",
        ErrorKind::IsADirectory => "is a directory",
        _ => "could not be read",
    }
}

/// Whether everybody may read a file. Docker and Kubernetes decide themselves on what lies below `/run/secrets`, and a
/// pipe has no readers but this one.
#[cfg(unix)]
fn is_open(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    let is_ours = !path.starts_with("/run/secrets");
    is_ours && fs::metadata(path).is_ok_and(|it| it.is_file() && it.permissions().mode() & 0o004 != 0)
}

#[cfg(not(unix))]
fn is_open(_path: &Path) -> bool {
    false
}
