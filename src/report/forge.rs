//! What the formats for forges and their viewers share: paths as a forge knows them, fingerprints, and words.

use std::collections::BTreeMap;
use std::path::{Component, MAIN_SEPARATOR_STR, Path, PathBuf};

use crate::redact;

use super::entry::{Entry, Place};

/// A run, as far as these formats tell of it beside its findings.
#[derive(Clone, Copy, Debug)]
pub struct Run<'run> {
    /// The working directory, from which paths are told: forges match them with those of the repository.
    pub root: &'run Path,
    /// Whether something kept it from doing its job, so that findings may be missing.
    pub has_failed: bool,
}

/// The path of a file from the root, if it is below it, with `/` between its parts and without a leading `./`. Nothing
/// is looked up, so that a link keeps its name. The path is not masked.
pub fn relative(path: &str, root: &Path) -> String {
    let path = Path::new(path);
    let below = path.strip_prefix(root).unwrap_or(path);
    let kept: PathBuf = below.components().filter(|part| *part != Component::CurDir).collect();
    kept.to_string_lossy().replace(MAIN_SEPARATOR_STR, "/")
}

/// The file of a place, masked and escaped; for what is in no file, the words for it.
pub(super) fn file(place: &Place, root: &Path) -> String {
    if place.location.path.is_empty() {
        return place.name.clone();
    }
    redact::show_text(&relative(&place.location.path, root))
}

/// A fingerprint for each entry, which no other has: several with the same one count from 1.
pub(super) fn fingerprints(entries: &[Entry]) -> Vec<String> {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    let unique = entries.iter().map(|entry| {
        let count = counts.entry(&entry.fingerprint).or_default();
        *count += 1;
        format!("{}:{count}", entry.fingerprint)
    });
    unique.collect()
}

/// What is wrong and what to do about it, in one line, for viewers that show only one text.
pub(super) fn sentence(entry: &Entry) -> String {
    let message = redact::escape(&entry.message);
    match &entry.help {
        Some(help) => format!("{message}. Help: {}", redact::escape(help)),
        None => message.into_owned(),
    }
}

/// The other places that a finding is about and what to do about it, one line each.
pub(super) fn details(entry: &Entry) -> Vec<String> {
    let related = entry.related.iter().map(|(place, part)| format!("{}: {}", place.name, redact::escape(part)));
    let help = entry.help.iter().map(|help| format!("help: {}", redact::escape(help)));
    related.chain(help).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_told_from_the_root() {
        for (path, expected) in [
            ("settings.yaml", "settings.yaml"),
            ("./a/./settings.yaml", "a/settings.yaml"),
            ("../settings.yaml", "../settings.yaml"),
            ("/srv/project/a/settings.yaml", "a/settings.yaml"),
            ("/srv/projects/settings.yaml", "/srv/projects/settings.yaml"),
        ] {
            assert_eq!(relative(path, Path::new("/srv/project")), expected);
        }
        assert_eq!(relative("/a/b", Path::new("")), "/a/b");
    }
}
