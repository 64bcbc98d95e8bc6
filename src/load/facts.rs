//! What is known about files without reading them, so that rules need no file system.

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::path::{Component, Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use ignore::gitignore::{Gitignore, GitignoreBuilder};

use crate::model::{Database, FileFacts, Key, Setting, Sources};

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

/// Whether git would ignore a file that is not there. Its folder need not be there either.
fn is_ignored(path: &Path, ignores: &Ignores) -> Option<bool> {
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
    fn of(&self, directory: &Path) -> Arc<Ignore> {
        // Whoever panicked with the lock has left the map whole.
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(ignore) = known.get(directory) {
            return Arc::clone(ignore);
        }
        let ignore = Arc::new(Ignore::of(directory));
        known.insert(directory.to_path_buf(), Arc::clone(&ignore));
        ignore
    }
}

/// The ignore files that count for one directory, the nearest first.
#[derive(Debug)]
pub(super) struct Ignore {
    root: Option<PathBuf>,
    folder: PathBuf,
    rules: Vec<Gitignore>,
}

impl Ignore {
    /// Collects the `.gitignore` files from a directory up to the top of its work tree.
    pub(super) fn of(directory: &Path) -> Self {
        let folder = fs::canonicalize(directory).unwrap_or_else(|_| directory.to_path_buf());
        let Some(root) = folder.ancestors().find(|at| at.join(".git").exists()).map(Path::to_path_buf) else {
            return Self { root: None, folder, rules: Vec::new() };
        };
        let mut rules = Vec::new();
        for at in folder.ancestors() {
            let mut builder = GitignoreBuilder::new(at);
            // A line of an ignore file that does not parse counts for nothing, as in git.
            let _ = builder.add(at.join(".gitignore"));
            if *at == root {
                let _ = builder.add(at.join(".git/info/exclude"));
            }
            rules.extend(builder.build().ok().filter(|rules| !rules.is_empty()));
            if *at == root {
                break;
            }
        }
        Self { root: Some(root), folder, rules }
    }

    /// Whether git ignores the directory itself.
    pub(super) fn is_itself_ignored(&self) -> bool {
        let is_top = self.root.as_ref().is_none_or(|root| *root == self.folder);
        // The nearest ignore file that says anything decides; what stands in the directory itself is about its files.
        let above = self.rules.iter().filter(|rules| rules.path() != self.folder);
        let mut matched = above.map(|rules| rules.matched_path_or_any_parents(&self.folder, true));
        !is_top && matched.find(|matched| !matched.is_none()).is_some_and(|matched| matched.is_ignore())
    }

    /// Whether git ignores a file of the directory; nothing outside a work tree.
    pub(super) fn is_ignored(&self, path: &Path) -> Option<bool> {
        self.is_ignored_below(Path::new(path.file_name()?))
    }

    /// Whether git ignores a file below the directory, by its path from there; nothing outside a work tree.
    fn is_ignored_below(&self, path: &Path) -> Option<bool> {
        let is_plain = path.components().all(|part| matches!(part, Component::Normal(_) | Component::CurDir));
        self.root.as_ref().filter(|_| is_plain)?;
        let path = self.folder.join(path);
        for rules in &self.rules {
            let matched = rules.matched_path_or_any_parents(&path, false);
            if !matched.is_none() {
                return Some(matched.is_ignore());
            }
        }
        Some(false)
    }
}
