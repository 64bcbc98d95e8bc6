//! Which files are read together: what the paths of a query come down to, before anything but names is looked at.

use std::collections::{HashMap, HashSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use ignore::{DirEntry, WalkBuilder};

use super::facts::Ignores;
use super::projects::Query;
use super::read::Stdin;
use super::settings::Found;
use super::{Folders, LoadError, discover, settings};

/// Directories that hold other people's files, also where no ignore file says so.
pub(super) const FOREIGN: &[&str] = &["node_modules", "__pycache__", "site-packages", "venv"];

/// One project before it is read.
#[derive(Debug)]
pub(super) struct Plan {
    /// Where it is.
    pub(super) directory: Arc<Directory>,
    /// What of it is asked for.
    asked: Asked,
}

/// What of a directory is asked for.
#[derive(Debug)]
enum Asked {
    /// All that belongs to its configuration.
    Whole,
    /// Some files of its configuration; the rest is context.
    Files(Vec<PathBuf>),
    /// One file that belongs to no configuration by its name, and is one of its own. The variables of the directory
    /// are context.
    Alone(PathBuf),
    /// Standard input, for a file of the configuration.
    Stdin,
}

/// A directory, and what several plans ask of it. Thousands of files may lie in one.
#[derive(Debug)]
pub(super) struct Directory {
    /// Its path as it was named or found.
    pub(super) path: PathBuf,
    place: Place,
    files: Arc<settings::Files>,
    settings: OnceLock<Result<Found, LoadError>>,
    discovered: OnceLock<Vec<PathBuf>>,
}

/// How a directory came to be looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    /// It was named, or a file in it.
    Named,
    /// It was found below one that was named.
    Found,
    /// So it was, and its settings files belong to the directory above.
    Config,
}

/// Where a text comes from.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Input {
    /// A file.
    File(PathBuf),
    /// Standard input.
    Stdin,
}

/// What there is to read for a project.
#[derive(Debug, Default)]
pub(super) struct Inputs {
    /// The files with their paths without detours, the strongest of a kind first.
    pub(super) all: Vec<(PathBuf, Input)>,
    /// Those whose names say that they belong to a configuration.
    pub(super) by_name: HashSet<PathBuf>,
    /// Those whose findings are wanted; none for all.
    pub(super) asked: Option<HashSet<PathBuf>>,
    /// Those that were named, and that the settings of the tool leave out.
    pub(super) excluded: Vec<PathBuf>,
}

/// The projects that a query asks for, in the order of its paths.
pub(super) fn plans(query: &Query, ignores: &Arc<Ignores>) -> Vec<Plan> {
    let mut plans = Plans::default();
    for path in &query.paths {
        if path.is_dir() {
            plans.tree(path, ignores);
        } else {
            plans.file(path);
        }
    }
    if let Some(stdin) = &query.stdin {
        plans.stdin(stdin.name.as_deref().map(Path::new));
    }
    plans.all
}

/// The plans in the order in which they were begun.
#[derive(Default)]
struct Plans {
    all: Vec<Plan>,
    /// The plan of the configuration of a directory, by its path without detours.
    known: HashMap<PathBuf, usize>,
    directories: HashMap<PathBuf, Arc<Directory>>,
    folders: Folders,
    files: Arc<settings::Files>,
}

impl Plans {
    fn directory(&mut self, path: &Path, place: Place) -> (PathBuf, Arc<Directory>) {
        // What `identity` says of a file in it costs nothing once the directory is known.
        let key = self.folders.identity(&path.join("x"));
        let directory = self.directories.entry(key.clone()).or_insert_with(|| {
            let (settings, discovered) = (OnceLock::new(), OnceLock::new());
            let files = Arc::clone(&self.files);
            Arc::new(Directory { path: path.to_path_buf(), place, files, settings, discovered })
        });
        (key, Arc::clone(directory))
    }

    fn of(&mut self, path: &Path, place: Place, asked: Asked) -> &mut Asked {
        let (key, directory) = self.directory(path, place);
        let index = *self.known.entry(key).or_insert_with(|| {
            self.all.push(Plan { directory, asked });
            self.all.len() - 1
        });
        &mut self.all[index].asked
    }

    /// All projects below a directory.
    fn tree(&mut self, top: &Path, ignores: &Arc<Ignores>) {
        let (ignores, own_ignores) = (Arc::clone(ignores), Arc::clone(ignores));
        let is_wanted = move |entry: &DirEntry| {
            if entry.depth() == 0 || !entry.file_type().is_some_and(|kind| kind.is_dir()) {
                return entry.depth() == 0;
            }
            let above = entry.path().parent().unwrap_or(Path::new("."));
            !entry.file_name().to_str().is_some_and(|name| FOREIGN.contains(&name))
                && !ignores.of_found(above).is_directory_ignored(entry.file_name())
        };
        // Ignore files are read elsewhere: they may be pipes, or without end.
        let walk = WalkBuilder::new(top)
            .standard_filters(false)
            .hidden(true)
            .filter_entry(is_wanted)
            .sort_by_file_name(std::ffi::OsStr::cmp)
            .build();
        for entry in walk {
            match entry {
                // What was named is a directory, also if it is a link to one.
                Ok(entry) if entry.depth() == 0 || entry.file_type().is_some_and(|kind| kind.is_dir()) => {
                    let is_named = entry.depth() == 0;
                    let place = match is_config(entry.path()) {
                        true => Place::Config,
                        false if is_named => Place::Named,
                        false => Place::Found,
                    };
                    let path = plain(entry.into_path());
                    if is_named && place == Place::Config {
                        self.settings_of(&path, &own_ignores);
                    }
                    if !is_named {
                        self.folders.found(&path);
                    }
                    *self.of(&path, place, Asked::Whole) = Asked::Whole;
                }
                Err(error) => {
                    // A directory that cannot be listed is told as a file that cannot be read is.
                    if let Some(path) = path_of(error) {
                        self.file(&plain(path));
                    }
                }
                Ok(_) => {}
            }
        }
    }

    /// The settings files of a directory `config` that was named: they belong to the configuration of the directory
    /// above, of which nothing else is asked for.
    fn settings_of(&mut self, folder: &Path, ignores: &Ignores) {
        for path in discover::configuration(folder, ignores).into_iter().filter(|path| is_settings(path)) {
            self.file(&path);
        }
    }

    /// One file.
    fn file(&mut self, file: &Path) {
        let parent = parent(file);
        if !is_by_name(file) {
            let (_, directory) = self.directory(&parent, Place::Named);
            if !directory.includes(file) {
                return self.all.push(Plan { directory, asked: Asked::Alone(file.to_path_buf()) });
            }
        }
        match self.of(&project_of(file), Place::Named, Asked::Files(Vec::new())) {
            Asked::Files(files) => files.push(file.to_path_buf()),
            asked @ Asked::Stdin => *asked = Asked::Files(vec![file.to_path_buf()]),
            Asked::Whole | Asked::Alone(_) => {}
        }
    }

    fn stdin(&mut self, name: Option<&Path>) {
        match name {
            Some(name) if is_by_name(name) => {
                self.of(&project_of(name), Place::Named, Asked::Stdin);
            }
            _ => {
                // It may be anything's, so nothing belongs to it but the variables beside the file that it stands for.
                let name = name.unwrap_or(Path::new("<stdin>"));
                let (_, directory) = self.directory(&parent(name), Place::Named);
                self.all.push(Plan { directory, asked: Asked::Stdin });
            }
        }
    }
}

impl Directory {
    /// The settings of the tool that count for it.
    pub(super) fn settings(&self) -> &Result<Found, LoadError> {
        self.settings.get_or_init(|| {
            settings::find(&self.path, &self.files).map_err(|(path, mistakes)| LoadError::Settings { path, mistakes })
        })
    }

    /// The files that belong to its configuration by their names.
    fn discovered(&self, ignores: &Ignores) -> &[PathBuf] {
        self.discovered.get_or_init(|| {
            let found = discover::configuration(&self.path, ignores);
            found.into_iter().filter(|path| self.place != Place::Config || !is_settings(path)).collect()
        })
    }

    /// Whether the settings of the tool say that a file belongs to its configuration.
    fn includes(&self, file: &Path) -> bool {
        let Ok(found) = self.settings() else { return false };
        let mut folders = Folders::default();
        let identity = folders.identity(file);
        found.has_includes()
            && found.is_of(&self.path)
            && found.included().iter().any(|path| folders.identity(path) == identity)
    }
}

impl Plan {
    /// Whether there may be anything to read. Most directories of a tree hold neither files of a configuration nor
    /// settings of the tool, and need no look at those above.
    pub(super) fn is_something(&self, ignores: &Ignores) -> bool {
        let directory = &self.directory;
        let is_empty = || {
            let is_there = |name: &str| directory.path.join(name).exists();
            directory.discovered(ignores).is_empty() && !is_there("dbcfg.toml") && !is_there("pyproject.toml")
        };
        directory.place == Place::Named || !matches!(self.asked, Asked::Whole) || !is_empty()
    }

    /// What is to be read, and which of it is asked for.
    pub(super) fn inputs(&self, found: &Found, ignores: &Ignores, stdin: Option<&Stdin>) -> Inputs {
        let mut folders = Folders::default();
        let mut inputs = Inputs::default();
        let directory = &self.directory;
        let name = stdin.and_then(|stdin| stdin.name.as_deref());
        let is_context = |path: &&PathBuf| match &self.asked {
            Asked::Whole | Asked::Files(_) => true,
            Asked::Alone(_) => is_env(path),
            Asked::Stdin => name.is_some_and(|name| is_env(path) || is_by_name(Path::new(name))),
        };
        let included = match self.asked {
            Asked::Whole | Asked::Files(_) if found.has_includes() && found.is_of(&directory.path) => found.included(),
            _ => Vec::new(),
        };
        for path in directory.discovered(ignores).iter().filter(is_context).chain(&included) {
            let identity = folders.identity(path);
            if !found.excludes(path) && inputs.by_name.insert(identity.clone()) {
                inputs.all.push((identity, Input::File(path.clone())));
            }
        }
        let named = match &self.asked {
            Asked::Files(files) => files.as_slice(),
            Asked::Alone(file) => std::slice::from_ref(file),
            Asked::Whole | Asked::Stdin => &[],
        };
        let mut asked = HashSet::new();
        for path in named {
            if found.excludes(path) {
                inputs.excluded.push(path.clone());
                continue;
            }
            let identity = folders.identity(path);
            if asked.insert(identity.clone()) && !inputs.by_name.contains(&identity) {
                inputs.all.push((identity, Input::File(path.clone())));
            }
        }
        let is_whole = matches!(self.asked, Asked::Whole);
        if stdin.is_some() && self.is_of_stdin(name, &mut folders) {
            let identity = folders.identity(Path::new(name.unwrap_or("<stdin>")));
            match inputs.all.iter_mut().find(|(known, _)| *known == identity) {
                Some((_, input)) => *input = Input::Stdin,
                None => inputs.all.push((identity.clone(), Input::Stdin)),
            }
            asked.insert(identity);
        }
        inputs.asked = (!is_whole).then_some(asked);
        inputs
    }

    /// Whether standard input stands for a file of this project.
    fn is_of_stdin(&self, name: Option<&str>, folders: &mut Folders) -> bool {
        match (&self.asked, name) {
            (Asked::Stdin, _) => true,
            (Asked::Alone(_), _) | (_, None) => false,
            (_, Some(name)) => {
                let name = Path::new(name);
                is_by_name(name)
                    && folders.identity(&project_of(name).join("x")) == folders.identity(&self.directory.path.join("x"))
            }
        }
    }
}

/// Where a walk met an error.
fn path_of(error: ignore::Error) -> Option<PathBuf> {
    match error {
        ignore::Error::WithPath { path, .. } => Some(path),
        ignore::Error::WithDepth { err, .. } => path_of(*err),
        _ => None,
    }
}

/// `web` for `./web`, as people write it.
pub(super) fn plain(path: PathBuf) -> PathBuf {
    match path.strip_prefix("./") {
        Ok(rest) if !rest.as_os_str().is_empty() => rest.to_path_buf(),
        _ => path,
    }
}

/// The directory that a file lies in.
fn parent(file: &Path) -> PathBuf {
    let parent = file.parent().filter(|path| !path.as_os_str().is_empty());
    parent.unwrap_or(Path::new(".")).to_path_buf()
}

/// The directory whose configuration a file belongs to.
fn project_of(file: &Path) -> PathBuf {
    let own = parent(file);
    if is_settings(file) && is_config(&own) { above(&own) } else { own }
}

/// Whether a directory is the `config` of the one above, by its name or, if that says nothing, by its true name.
fn is_config(directory: &Path) -> bool {
    match directory.file_name() {
        Some(name) => name == "config",
        None => fs::canonicalize(directory).is_ok_and(|path| path.file_name().is_some_and(|name| name == "config")),
    }
}

/// The directory above one that may be called `.`.
fn above(directory: &Path) -> PathBuf {
    if directory.file_name().is_some() { parent(directory) } else { directory.join("..") }
}

/// Whether a file belongs to the directory above if it lies in `config`.
fn is_settings(file: &Path) -> bool {
    file.file_name().is_some_and(|name| name.to_string_lossy().to_lowercase().starts_with("settings"))
}

/// Whether the name of a file says that it belongs to a configuration.
fn is_by_name(file: &Path) -> bool {
    file.file_name().is_some_and(|name| discover::is_by_name(&name.to_string_lossy()))
}

/// Whether a file holds variables.
fn is_env(file: &Path) -> bool {
    file.file_name().is_some_and(|name| name.to_string_lossy().to_lowercase().starts_with(".env"))
}
