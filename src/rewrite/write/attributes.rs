//! Extended attributes: access control lists, labels, and what users keep there.

use std::ffi::{OsStr, OsString};
use std::io;
use std::os::fd::OwnedFd;
use std::path::Path;

use crate::redact::escape;

use super::system::{FileSystem, is_unsupported, steadily};
use super::trouble::Trouble;

/// Checksums over the contents, which the system makes itself.
const OF_THE_CONTENTS: &[&str] = &["security.ima", "security.evm"];

/// What a new file may inherit from its directory, and must not have if the old one has not.
const INHERITED: &str = "system.posix_acl_access";

/// Gives one file the attributes of another.
pub(super) fn copy(system: &dyn FileSystem, from: &OwnedFd, to: &OwnedFd, path: &Path) -> Result<(), Trouble> {
    let failed = |error: io::Error| Trouble::failed(path, "its extended attributes cannot be read", &error);
    let wanted = names(system, from).map_err(failed)?;
    let present = names(system, to).map_err(failed)?;
    if present.iter().any(|name| name == INHERITED) && !wanted.iter().any(|name| name == INHERITED) {
        let removed = steadily(|| system.remove_attribute(to, OsStr::new(INHERITED)));
        removed.map_err(|error| Trouble::failed(path, "its access control list cannot be kept", &error))?;
    }
    for name in wanted.iter().filter(|name| !OF_THE_CONTENTS.iter().any(|own| own == name)) {
        let value = steadily(|| system.attribute(from, name)).map_err(failed)?;
        // Labels that the system gives to every file here are often there already, and not ours to set.
        if present.contains(name) && steadily(|| system.attribute(to, name)).is_ok_and(|present| present == value) {
            continue;
        }
        steadily(|| system.set_attribute(to, name, &value)).map_err(|error| {
            let name = escape(&name.to_string_lossy()).into_owned();
            Trouble::failed(path, &format!("its extended attribute {name} cannot be kept"), &error)
        })?;
    }
    Ok(())
}

/// The attributes of a file; none where the file system has no such thing.
fn names(system: &dyn FileSystem, file: &OwnedFd) -> io::Result<Vec<OsString>> {
    match steadily(|| system.attributes(file)) {
        Err(error) if is_unsupported(&error) => Ok(Vec::new()),
        result => result,
    }
}
