//! Temporary files that a killed run without a journal has left beside a file.

use std::os::fd::OwnedFd;

use super::exchange::{PART, Swap};
use super::system::{FileSystem, Kind, read_all, steadily};
use super::trouble::shown;

/// How the names of temporary files begin.
const PREFIX: &str = ".dbcfg-";

/// Removes what certainly holds nothing that is not elsewhere, and names the rest.
///
/// Whoever calls this holds the lock of the directory, so that no run is under way there.
pub(super) fn clear(system: &dyn FileSystem, swap: &Swap) -> Vec<String> {
    let directory: &OwnedFd = &swap.place.directory;
    let mut warnings = Vec::new();
    // A directory that cannot be listed can still be written to.
    let mut names = steadily(|| system.list(directory)).unwrap_or_default();
    names.sort();
    for name in names.iter().filter(|name| name.as_encoded_bytes().starts_with(PREFIX.as_bytes())) {
        let Ok(Some((file, status))) = swap.place.find(system, name) else { continue };
        if status.kind != Kind::File {
            continue;
        }
        let contents = read_all(system, &file).ok();
        let is_known = contents.is_some() && [swap.before(), swap.after()].contains(&contents.as_deref());
        let is_part = name.as_encoded_bytes().ends_with(PART.as_bytes());
        if (is_known || is_part) && steadily(|| system.unlink(directory, name)).is_ok() {
            continue;
        }
        let path = shown(&swap.place.beside(name));
        warnings.push(format!("{path} was left by a run that was killed; compare it with the file, and remove it"));
    }
    warnings
}
