//! Finds the settings of the tool: the nearest `dbcfg.toml`, or `pyproject.toml` with a `[tool.dbcfg]`, upwards.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use ignore::WalkBuilder;
use ignore::gitignore::{Gitignore, GitignoreBuilder};
use ignore::overrides::{Override, OverrideBuilder};

use crate::document::{Document, Format};
use crate::model::{SourceId, Sources};
use crate::rules;
use crate::settings::{self, Mistake, Settings};

use super::read;

/// Directories below the settings that `include` looks into.
const INCLUDE_DEPTH: usize = 8;

/// Settings, and the directory that their paths are relative to.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) settings: Settings,
    /// Where they stand; nowhere if there are none.
    pub(super) path: Option<PathBuf>,
    directory: PathBuf,
    /// The same without symbolic links.
    root: PathBuf,
    /// What all directories that it counts for have in common.
    file: Arc<File>,
}

/// A file with settings of the tool.
#[derive(Debug, Default)]
struct File {
    /// What it says; nothing if it is not there or says nothing about dbcfg.
    settings: Option<Result<Settings, Vec<Mistake>>>,
    /// What `exclude` means, once somebody has asked.
    excluded: OnceLock<Option<Gitignore>>,
}

/// The files with settings of the tool, each read once for all the directories that it counts for.
#[derive(Debug, Default)]
pub(super) struct Files(Mutex<HashMap<PathBuf, Arc<File>>>);

impl Files {
    fn of(&self, path: &Path, table: &[&str]) -> Arc<File> {
        // Whoever panicked with the lock has left the map whole.
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(file) = known.get(path) {
            return Arc::clone(file);
        }
        let file = Arc::new(File { settings: read_settings(path, table), excluded: OnceLock::new() });
        known.insert(path.to_path_buf(), Arc::clone(&file));
        file
    }
}

fn read_settings(path: &Path, table: &[&str]) -> Option<Result<Settings, Vec<Mistake>>> {
    let is_own = table.is_empty();
    let text = match read::whole(path) {
        Ok(text) => text?,
        Err(reason) if is_own => {
            let message = format!("the settings of dbcfg could not be read: {reason}");
            return Some(Err(vec![Mistake { line: 1, column: 1, message }]));
        }
        Err(_) => return None,
    };
    // A `pyproject.toml` without a word about dbcfg is none of its business, mistakes included.
    if !is_own && !String::from_utf8_lossy(&text).contains("dbcfg") {
        return None;
    }
    match settings::parse(&Document::parse(&text, Format::Toml), table, &judge_rule) {
        Ok(None) if is_own => Some(Ok(Settings::default())),
        parsed => parsed.transpose(),
    }
}

/// The settings that count for a directory.
///
/// # Errors
///
/// The file and its mistakes.
pub(super) fn find(directory: &Path, files: &Files) -> Result<Found, (PathBuf, Vec<Mistake>)> {
    let absolute = fs::canonicalize(directory).unwrap_or_else(|_| directory.to_path_buf());
    for at in absolute.ancestors() {
        for (name, table) in [("dbcfg.toml", &[][..]), ("pyproject.toml", &["tool", "dbcfg"][..])] {
            let path = at.join(name);
            let file = files.of(&path, table);
            match file.settings.clone() {
                Some(Ok(settings)) => {
                    let directory = if at == absolute { directory.to_path_buf() } else { at.to_path_buf() };
                    let path = Some(directory.join(name));
                    return Ok(Found { settings, path, directory, root: at.to_path_buf(), file });
                }
                Some(Err(mistakes)) => return Err((path, mistakes)),
                None => {}
            }
        }
    }
    Ok(Found::default())
}

/// What is wrong with the name of a rule.
fn judge_rule(name: &str) -> Option<String> {
    let unknown = rules::unknown(name)?;
    let hint = match unknown.suggestion {
        Some(known) => format!("did you mean `{known}`?"),
        None => "`dbcfg explain` lists them".to_owned(),
    };
    Some(match unknown.shown() {
        Some(name) => format!("`{name}` is neither a rule nor a group; {hint}"),
        None => format!("this is neither a rule nor a group; {hint}"),
    })
}

impl Found {
    /// Where the known findings stand.
    pub(super) fn baseline(&self) -> Option<PathBuf> {
        self.settings.baseline.as_ref().map(|path| self.directory.join(path))
    }

    /// Whether `include` names anything.
    pub(super) fn has_includes(&self) -> bool {
        !self.settings.include.is_empty()
    }

    /// The files that `include` names.
    pub(super) fn included(&self) -> Vec<PathBuf> {
        let Some(globs) = Self::globs(&self.directory, &self.settings.include) else { return Vec::new() };
        let walk = WalkBuilder::new(&self.directory)
            .overrides(globs)
            .standard_filters(false)
            .max_depth(Some(INCLUDE_DEPTH))
            .sort_by_file_path(Path::cmp)
            .build();
        let files = walk.flatten().filter(|entry| entry.file_type().is_some_and(|kind| kind.is_file()));
        let plain = |path: PathBuf| path.strip_prefix(".").map(Path::to_path_buf).unwrap_or(path);
        files.map(ignore::DirEntry::into_path).map(plain).collect()
    }

    /// Whether these are the settings of this very directory.
    pub(super) fn is_of(&self, directory: &Path) -> bool {
        !self.root.as_os_str().is_empty() && fs::canonicalize(directory).is_ok_and(|absolute| absolute == self.root)
    }

    /// For each source, the rules that are ignored in it.
    pub(super) fn file_ignores(&self, sources: &Sources) -> Vec<(SourceId, Vec<String>)> {
        if self.settings.file_ignores.is_empty() {
            return Vec::new();
        }
        let paths: Vec<(SourceId, PathBuf)> =
            sources.iter().map(|(id, source)| (id, without_links(Path::new(&source.name)))).collect();
        let mut ignores = Vec::new();
        for (glob, names) in &self.settings.file_ignores {
            let Some(matcher) = self.matcher(std::slice::from_ref(glob)) else { continue };
            let here = paths.iter().filter(|(_, path)| self.matches(&matcher, path));
            ignores.extend(here.map(|(id, _)| (*id, names.clone())));
        }
        ignores
    }

    /// Whether `exclude` names a file.
    pub(super) fn excludes(&self, path: &Path) -> bool {
        if self.settings.exclude.is_empty() {
            return false;
        }
        let matcher = self.file.excluded.get_or_init(|| self.matcher(&self.settings.exclude));
        matcher.as_ref().is_some_and(|matcher| self.matches(matcher, &without_links(path)))
    }

    /// Some globs as the lines of an ignore file. One that is no glob matches nothing.
    fn matcher(&self, globs: &[String]) -> Option<Gitignore> {
        let mut builder = GitignoreBuilder::new(&self.root);
        for glob in globs {
            let _ = builder.add_line(None, glob);
        }
        builder.build().ok()
    }

    /// Whether one of some globs means a file or a directory that it lies in.
    fn matches(&self, globs: &Gitignore, path: &Path) -> bool {
        path.starts_with(&self.root) && globs.matched_path_or_any_parents(path, false).is_ignore()
    }

    /// Globs as a matcher; one that is none matches nothing.
    fn globs(root: &Path, globs: &[String]) -> Option<Override> {
        if globs.is_empty() {
            return None;
        }
        let mut builder = OverrideBuilder::new(root);
        for glob in globs {
            let _ = builder.add(glob);
        }
        builder.build().ok()
    }
}

fn without_links(path: &Path) -> PathBuf {
    fs::canonicalize(path).unwrap_or_else(|_| path.to_path_buf())
}
