//! The library's front door: finds and reads the files that belong together, and says what they come down to.

mod discover;
mod facts;
mod mentions;
mod parallel;
mod plan;
mod projects;
mod read;
mod settings;

use std::collections::{HashMap, HashSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::finding::{Finding, Severity};
use crate::layouts::{self, Names, Reading};
use crate::model::{Configuration, FileFacts, Source, SourceId, SourceKind, Sources};
use crate::normalize::{self, Normalized};
use crate::redact::Secret;
use crate::settings::{Mistake, Settings};

pub use mentions::{Mention, mentions};
pub use projects::{Query, Read, projects};
pub use read::Stdin;

/// What to read.
#[derive(Debug, Default)]
pub struct Request {
    /// Files and directories. A directory is a configuration; of several files all are read.
    pub paths: Vec<PathBuf>,
    /// The text of standard input.
    pub stdin: Option<Stdin>,
    /// A URL that wins over everything else.
    pub url: Option<Secret>,
    /// The process environment; none for commands that must say the same everywhere.
    pub process: Option<Vec<(String, String)>>,
    /// The environment (`--env`).
    pub environment: Option<String>,
    /// The table of names.
    pub names: Names,
}

/// What was read.
#[derive(Debug, Default)]
pub struct Loaded {
    /// What the sources say.
    pub configuration: Configuration,
    /// What was met while reading, in the order of the sources.
    pub findings: Vec<Finding>,
    /// Whether a path is missing or a file could not be read: status 2, whatever the findings are.
    pub has_unreadable: bool,
    /// The files that were named and not used: each is for an environment of its own, and none was chosen.
    pub unchosen: Vec<String>,
    /// The settings of the tool.
    pub settings: Settings,
    /// For each source that they speak of, the rules that do not count there.
    pub ignores: Vec<(SourceId, Vec<String>)>,
    /// The directory that relative paths of values start from.
    pub base: PathBuf,
}

/// Why nothing was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LoadError {
    /// No source knows the environment.
    UnknownEnvironment {
        /// The name that was asked for.
        name: String,
        /// The names that the sources know.
        known: Vec<String>,
    },
    /// More than one directory: each is a configuration of its own.
    SeveralDirectories,
    /// The settings of the tool have mistakes.
    Settings {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        mistakes: Vec<Mistake>,
    },
}

impl Loaded {
    /// The worst severity among the findings.
    pub fn worst(&self) -> Option<Severity> {
        self.findings.iter().map(|finding| finding.severity).max()
    }

    /// Whether there is anything that describes a database or service.
    pub fn is_empty(&self) -> bool {
        self.configuration.databases.is_empty() && self.configuration.services.is_empty()
    }
}

/// Reads what is asked for.
///
/// # Errors
///
/// Only requests that make no sense are errors; what is wrong with files is a finding, and the rest is still read.
pub fn load(request: &Request) -> Result<Loaded, LoadError> {
    let mut findings = Vec::new();
    let settings = settings::find(&start(request), &settings::Files::default())
        .map_err(|(path, mistakes)| LoadError::Settings { path, mistakes })?;
    let names = request.names.clone().and(settings.settings.roles.clone());
    let ignores = facts::Ignores::default();
    let Inputs { mut sources, base, has_unreadable } = inputs(request, &settings, &ignores, &mut findings)?;
    let all: Vec<(SourceId, &Source)> = sources.iter().collect();
    let readings = parallel::map(&all, |(id, source)| (*id, layouts::read(*id, source, &names)));
    let environments = environments(&sources, &readings);
    let environment = choose(request, &sources, &environments)?;
    let Normalized { databases, services, stores, needs, findings: met, variables } =
        normalize::normalize(&sources, readings, environment.as_deref());
    findings.extend(met);
    order(&mut findings);
    if let Some(base) = &base {
        facts::ignored_by_git(&mut sources, base, &ignores);
    }
    let base = base.unwrap_or_else(|| PathBuf::from("."));
    let files = facts::named_files(&databases, &base, &ignores);
    let unchosen = match environment {
        Some(_) => Vec::new(),
        None => alternatives(request, &sources).into_iter().map(|source| source.name.clone()).collect(),
    };
    let ignores = settings.file_ignores(&sources);
    let sources = Arc::new(sources);
    let configuration =
        Configuration { sources, databases, services, stores, needs, environment, environments, variables, files };
    Ok(Loaded { configuration, findings, has_unreadable, unchosen, settings: settings.settings, ignores, base })
}

/// Whether git ignores a file, or would if it were there; nothing outside a work tree.
pub fn is_ignored_by_git(path: &Path) -> Option<bool> {
    facts::is_ignored(&Path::new(".").join(path), &facts::Ignores::default())
}

/// The directory from which the settings of the tool are looked for.
fn start(request: &Request) -> PathBuf {
    let first = request.paths.first().map(PathBuf::as_path);
    match first {
        Some(path) if path.is_dir() => path.to_path_buf(),
        Some(path) => {
            path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new(".")).to_path_buf()
        }
        None => PathBuf::from("."),
    }
}

/// What there is to read.
struct Inputs {
    sources: Sources,
    /// The directory that relative paths start from.
    base: Option<PathBuf>,
    /// Whether a path is missing or could not be read.
    has_unreadable: bool,
}

/// All inputs, the strongest first.
fn inputs(
    request: &Request,
    settings: &settings::Found,
    ignores: &facts::Ignores,
    findings: &mut Vec<Finding>,
) -> Result<Inputs, LoadError> {
    let mut sources = Sources::default();
    if let Some(url) = &request.url {
        sources.add(named("--url", SourceKind::Url(url.clone())));
    }
    if let Some(process) = &request.process {
        let variables = process.iter().map(|(name, value)| (name.clone(), Secret::new(value.as_str()))).collect();
        sources.add(named("process environment", SourceKind::Process(variables)));
    }
    let is_directory: Vec<bool> = request.paths.iter().map(|path| path.is_dir()).collect();
    let mut directories = request.paths.iter().zip(&is_directory).filter(|(_, is_directory)| **is_directory);
    let mut base = directories.next().map(|(directory, _)| directory.clone());
    if directories.next().is_some() {
        return Err(LoadError::SeveralDirectories);
    }
    let mut paths = Vec::new();
    for (path, is_directory) in request.paths.iter().zip(is_directory) {
        if is_directory {
            let found = discover::configuration(path, ignores).into_iter().filter(|path| !settings.excludes(path));
            paths.extend(found.chain(settings.included()));
        } else {
            let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty());
            base.get_or_insert_with(|| parent.unwrap_or(Path::new(".")).to_path_buf());
            paths.push(path.clone());
        }
    }
    // Named twice, or named and found: it is one file, and does not contradict itself.
    let (mut seen, mut folders) = (HashSet::new(), Folders::default());
    paths.retain(|path| seen.insert(folders.identity(path)));
    let mut has_unreadable = false;
    for read in read::all(&paths) {
        match read {
            Ok(source) => {
                sources.add(source);
            }
            Err(unreadable) => {
                has_unreadable = true;
                let (source, problem) = *unreadable;
                let id = sources.add(source);
                findings.push(problem.finding(id));
            }
        }
    }
    if let Some(stdin) = &request.stdin {
        sources.add(read::stdin(stdin));
    }
    Ok(Inputs { sources, base, has_unreadable })
}

/// Folders without detours. Each is looked up once: thousands of files most often lie in few.
#[derive(Default)]
struct Folders(HashMap<PathBuf, Option<PathBuf>>);

impl Folders {
    /// Knows a directory that was found in another one, and is no link, by that one.
    fn found(&mut self, directory: &Path) {
        let above = directory.parent().map(|above| if above.as_os_str().is_empty() { Path::new(".") } else { above });
        let above = above.and_then(|above| self.0.get(above)?.as_ref());
        if let (Some(above), Some(name)) = (above, directory.file_name()) {
            let folder = above.join(name);
            self.0.entry(directory.to_path_buf()).or_insert(Some(folder));
        }
    }

    /// The path of a file without detours. A symbolic link stays one, since its name tells the kind of the file.
    fn identity(&mut self, path: &Path) -> PathBuf {
        let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
        if !self.0.contains_key(parent) {
            self.0.insert(parent.to_path_buf(), fs::canonicalize(parent).ok());
        }
        match (self.0.get(parent), path.file_name()) {
            (Some(Some(folder)), Some(name)) => folder.join(name),
            _ => path.to_path_buf(),
        }
    }
}

fn named(name: &str, kind: SourceKind) -> Source {
    Source { name: name.to_owned(), kind, document: None, facts: FileFacts::default() }
}

/// All environments that files and sections are for.
fn environments(sources: &Sources, readings: &[(SourceId, Reading)]) -> Vec<String> {
    let files = sources.iter().filter_map(|(_, source)| source.kind.environment().map(str::to_owned));
    let sections = readings.iter().flat_map(|(_, reading)| reading.environments.iter().cloned());
    let mut all: Vec<String> = files.chain(sections).collect();
    all.sort_unstable();
    all.dedup();
    all
}

/// The environment: the one that is asked for, `ENVIRONMENT` if the sources know it, or the one of the only
/// alternative (`.env.NAME`, `settings.NAME.yaml`) among the files that were named.
fn choose(request: &Request, sources: &Sources, known: &[String]) -> Result<Option<String>, LoadError> {
    // As the sources write it, for whatever case it is asked for in.
    let find = |name: &str| {
        let same = || known.iter().find(|known| known.eq_ignore_ascii_case(name));
        known.iter().find(|known| *known == name).or_else(same).cloned()
    };
    if let Some(name) = &request.environment {
        let unknown = || LoadError::UnknownEnvironment { name: name.clone(), known: known.to_vec() };
        return find(name).map(Some).ok_or_else(unknown);
    }
    let process = request.process.iter().flatten().find(|(name, _)| name == "ENVIRONMENT");
    if let Some(name) = process.and_then(|(_, name)| find(name)) {
        return Ok(Some(name));
    }
    let mut alternatives: Vec<&str> =
        alternatives(request, sources).into_iter().filter_map(|source| source.kind.environment()).collect();
    alternatives.sort_unstable();
    alternatives.dedup();
    Ok(if let [only] = alternatives[..] { Some(only.to_owned()) } else { None })
}

/// The files for one environment each that were named, and not only found.
fn alternatives<'sources>(request: &Request, sources: &'sources Sources) -> Vec<&'sources Source> {
    let all = sources.iter().map(|(_, source)| source).filter(|source| source.kind.environment().is_some());
    let all: Vec<&Source> = all.collect();
    if all.is_empty() {
        return all;
    }
    let mut folders = Folders::default();
    let files = request.paths.iter().filter(|path| !path.is_dir());
    let named: HashSet<PathBuf> = files.map(|path| folders.identity(path)).collect();
    all.into_iter().filter(|source| named.contains(&folders.identity(Path::new(&source.name)))).collect()
}

/// Findings in the order of the sources, and of the text within a source.
fn order(findings: &mut [Finding]) {
    findings.sort_by_key(|finding| (finding.origin.source(), finding.origin.start()));
}
