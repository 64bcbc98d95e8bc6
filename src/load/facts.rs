//! What is known about files without reading them, so that rules need no file system.

use std::collections::{BTreeMap, HashMap};
use std::ffi::OsStr;
use std::fs;
use std::path::{Component, Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use ignore::Match;
use ignore::gitignore::{Gitignore, GitignoreBuilder, Glob};

use crate::model::{Database, FileFacts, Key, Setting, Sources};

use super::read;

/// Facts of one file.
pub(super) fn of(path: &Path) -> FileFacts {
    fs::metadata(path).map_or_else(|_| FileFacts::default(), |metadata| of_metadata(&metadata))
}

/// Facts of a file that is there.
pub(super) fn of_metadata(metadata: &fs::Metadata) -> FileFacts {
    FileFacts {
        exists: true,
        mode: mode(metadata),
        belongs_to_root: belongs_to_root(metadata),
        length: metadata.len(),
        is_directory: metadata.is_dir(),
        ignored_by_git: None,
    }
}

#[cfg(unix)]
#[allow(clippy::unnecessary_wraps, reason = "other platforms have no permission bits")]
fn mode(metadata: &fs::Metadata) -> Option<u32> {
    use std::os::unix::fs::PermissionsExt as _;
    Some(metadata.permissions().mode() & 0o7777)
}

#[cfg(not(unix))]
fn mode(_metadata: &fs::Metadata) -> Option<u32> {
    None
}

#[cfg(unix)]
fn belongs_to_root(metadata: &fs::Metadata) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    metadata.uid() == 0
}

#[cfg(not(unix))]
fn belongs_to_root(_metadata: &fs::Metadata) -> bool {
    false
}

/// Facts of the files that values name: certificates, password files, SQLite files. Relative paths start at `base`.
pub(super) fn named_files(databases: &[Database], base: &Path, ignores: &Ignores) -> BTreeMap<PathBuf, FileFacts> {
    let keys = [Key::SslRootCert, Key::SslCert, Key::SslKey, Key::PasswordFile, Key::Path];
    let connections = databases
        .iter()
        .flat_map(|database| std::iter::once(&database.connection).chain(&database.replicas).chain(&database.failover));
    let mut files = BTreeMap::new();
    for connection in connections {
        for key in keys {
            let Some(text) = connection.settings.get(key).and_then(Setting::effective) else { continue };
            if text.is_empty() || matches!(text.as_str(), "system" | ":memory:") {
                continue;
            }
            let path = base.join(&text);
            files.entry(PathBuf::from(text)).or_insert_with(|| {
                let facts = of(&path);
                // Git tells nothing of interest about a file that is there.
                let ignored_by_git = if facts.exists { None } else { is_ignored(&path, ignores) };
                FileFacts { ignored_by_git, ..facts }
            });
        }
    }
    files
}

/// Whether git ignores a file, or would if it were there. Its folder need not be there either.
pub(super) fn is_ignored(path: &Path, ignores: &Ignores) -> Option<bool> {
    let folder = path.ancestors().skip(1).find(|folder| folder.is_dir())?;
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    ignores.of(folder).is_ignored_below(path.strip_prefix(folder).unwrap_or(path))
}

/// Says of each file whether git ignores it.
pub(super) fn ignored_by_git(sources: &mut Sources, base: &Path, ignores: &Ignores) {
    let mut known: Option<(PathBuf, Arc<Ignore>)> = None;
    for source in sources.iter_mut().filter(|source| source.facts.exists) {
        let path = Path::new(&source.name);
        let folder = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(base);
        // Files of one folder follow each other.
        let ignore = match &known {
            Some((at, ignore)) if at == folder => Arc::clone(ignore),
            _ => ignores.of(folder),
        };
        source.facts.ignored_by_git = ignore.is_ignored(path);
        known = Some((folder.to_path_buf(), ignore));
    }
}

/// The ignore files of directories, each read once, however many projects and threads ask.
#[derive(Debug, Default)]
pub(super) struct Ignores(Mutex<HashMap<PathBuf, Arc<Ignore>>>);

impl Ignores {
    /// Those that count for a directory.
    pub(super) fn of(&self, directory: &Path) -> Arc<Ignore> {
        // Whoever panicked with the lock has left the map whole.
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(ignore) = known.get(directory) {
            return Arc::clone(ignore);
        }
        let folder = fs::canonicalize(directory).unwrap_or_else(|_| directory.to_path_buf());
        let ignore = chain(&mut known, &folder);
        known.insert(directory.to_path_buf(), Arc::clone(&ignore));
        ignore
    }

    /// Those that count for a directory that was found in another one, and is no link. Of that one it is known where it
    /// is, so that a deep tree is not looked up from its top for each directory.
    pub(super) fn of_found(&self, directory: &Path) -> Arc<Ignore> {
        let above = directory.parent().zip(directory.file_name());
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Some((above, name)) = above.and_then(|(above, name)| Some((Arc::clone(known.get(above)?), name))) else {
            drop(known);
            return self.of(directory);
        };
        if let Some(ignore) = known.get(directory) {
            return Arc::clone(ignore);
        }
        let ignore = Arc::new(Ignore::new(above.folder.join(name), Some(above)));
        known.insert(directory.to_path_buf(), Arc::clone(&ignore));
        ignore
    }
}

/// The ignore files that count for a directory without detours, with those above it up to the top of its work tree.
fn chain(known: &mut HashMap<PathBuf, Arc<Ignore>>, folder: &Path) -> Arc<Ignore> {
    let unknown: Vec<&Path> = folder.ancestors().take_while(|at| !known.contains_key(*at)).collect();
    let mut last = folder.ancestors().nth(unknown.len()).and_then(|at| known.get(at).cloned());
    for at in unknown.into_iter().rev() {
        let ignore = Arc::new(Ignore::new(at.to_path_buf(), last));
        known.insert(at.to_path_buf(), Arc::clone(&ignore));
        last = Some(ignore);
    }
    last.unwrap_or_else(|| Arc::new(Ignore::new(folder.to_path_buf(), None)))
}

/// The ignore files that count for one directory.
#[derive(Debug)]
pub(super) struct Ignore {
    /// The directory, without detours.
    folder: PathBuf,
    /// Whether it lies in a work tree.
    is_in_tree: bool,
    /// Its own.
    own: Option<Gitignore>,
    /// Those of the directory above, if it lies in the same work tree.
    above: Option<Arc<Ignore>>,
}

/// More lines of an ignore file than this are not read: each becomes a matcher of a few kilobytes.
const LINES: usize = 5_000;

impl Ignore {
    fn new(folder: PathBuf, above: Option<Arc<Ignore>>) -> Self {
        let is_top = folder.join(".git").exists();
        let above = above.filter(|above| above.is_in_tree && !is_top);
        let is_in_tree = is_top || above.is_some();
        if !is_in_tree {
            return Self { folder, is_in_tree, own: None, above: None };
        }
        let files = [Some(".gitignore"), is_top.then_some(".git/info/exclude")];
        let mut builder = None;
        for file in files.into_iter().flatten().map(|name| folder.join(name)) {
            let Ok(Some(text)) = read::whole(&file) else { continue };
            let builder = builder.get_or_insert_with(|| GitignoreBuilder::new(&folder));
            for line in String::from_utf8_lossy(&text).lines().take(LINES) {
                // A line of an ignore file that does not parse counts for nothing, as in git.
                let _ = builder.add_line(None, line);
            }
        }
        let own = builder.and_then(|builder| builder.build().ok()).filter(|rules| !rules.is_empty());
        Self { folder, is_in_tree, own, above }
    }

    /// Whether git ignores the directory itself. What stands in it is about its files.
    pub(super) fn is_itself_ignored(&self) -> bool {
        let ask = |above: &Arc<Self>| above.judge(|rules| rules.matched_path_or_any_parents(&self.folder, true));
        self.above.as_ref().is_some_and(ask)
    }

    /// Whether git ignores a file of the directory; nothing outside a work tree.
    pub(super) fn is_ignored(&self, path: &Path) -> Option<bool> {
        self.is_ignored_below(Path::new(path.file_name()?))
    }

    /// Whether git ignores a file below the directory, by its path from there; nothing outside a work tree.
    fn is_ignored_below(&self, path: &Path) -> Option<bool> {
        let is_plain = path.components().all(|part| matches!(part, Component::Normal(_) | Component::CurDir));
        if !is_plain || !self.is_in_tree {
            return None;
        }
        let path = self.folder.join(path);
        Some(self.judge(|rules| rules.matched_path_or_any_parents(&path, false)))
    }

    /// Whether git ignores a directory of the directory, in which it looks for what it does not ignore.
    pub(super) fn is_directory_ignored(&self, name: &OsStr) -> bool {
        let path = self.folder.join(name);
        self.judge(|rules| rules.matched(&path, true))
    }

    /// What the nearest ignore file says that says anything.
    fn judge(&self, ask: impl for<'rules> Fn(&'rules Gitignore) -> Match<&'rules Glob>) -> bool {
        let mut at = Some(self);
        while let Some(ignore) = at {
            let matched = ignore.own.as_ref().map_or(Match::None, &ask);
            if !matched.is_none() {
                return matched.is_ignore();
            }
            at = ignore.above.as_deref();
        }
        false
    }
}
