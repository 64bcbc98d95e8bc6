//! The projects below some paths: each directory that holds a configuration is one, and each is judged in every
//! environment.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use ignore::WalkBuilder;

use crate::document::Document;
use crate::finding::Finding;
use crate::layouts::{self, Names, Reading};
use crate::model::{Configuration, Project, Source, SourceId, SourceKind, Sources};
use crate::normalize::{self, Normalized};
use crate::rules::syntax::{hostile_input, unparsable, unreadable};
use crate::settings::Settings;

use super::{LoadError, discover, facts, parallel, read, settings};

/// Directories that hold other people's files, also where no ignore file says so.
const FOREIGN: &[&str] = &["node_modules", "__pycache__", "site-packages", "venv"];

/// More environments than this are no environments; each is judged on its own.
const ENVIRONMENT_LIMIT: usize = 100;

/// What to check.
#[derive(Debug, Default)]
pub struct Query {
    /// Directories, which are searched for projects, and single files, whose projects are read as context.
    pub paths: Vec<PathBuf>,
    /// The text of standard input, with the name of the file that it stands for.
    pub stdin: Option<(Vec<u8>, Option<String>)>,
}

/// One project as it was read.
#[derive(Debug)]
pub struct Read {
    /// What its files say.
    pub project: Project,
    /// What was met while reading.
    pub findings: Vec<Finding>,
    /// The sources whose findings are asked for; none for all.
    pub asked: Option<HashSet<SourceId>>,
    /// The settings of the tool that count here.
    pub settings: Settings,
    /// For each source, the rules that the settings of the tool ignore in it.
    pub ignores: Vec<(SourceId, Vec<String>)>,
    /// The file of known findings that the settings of the tool name.
    pub baseline: Option<PathBuf>,
    /// Whether a path is missing or a file could not be read: status 2, whatever the findings are.
    pub has_unreadable: bool,
}

/// One project before it is read.
#[derive(Debug)]
struct Plan {
    directory: PathBuf,
    /// The files that were named, if not the whole directory is asked for.
    named: Vec<PathBuf>,
    is_whole: bool,
    /// Files that belong to the project of the directory above.
    taken: bool,
}

/// Finds the projects, reads each and hands it to `work`; what it says of each comes back in the order of the paths.
/// Projects are read in parallel, and no longer kept than `work` needs them.
pub fn projects<Out: Send>(query: &Query, work: impl Fn(Result<Read, LoadError>) -> Out + Sync) -> Vec<Out> {
    let plans = plans(query);
    parallel::map(&plans, |plan| work(read_plan(plan, query)))
}

fn plans(query: &Query) -> Vec<Plan> {
    let mut plans = Plans::default();
    for path in &query.paths {
        if path.is_dir() {
            for (directory, taken) in directories(path) {
                plans.of(&directory, taken).is_whole = true;
            }
        } else {
            plans.of(&project_of(path), false).named.push(path.clone());
        }
    }
    if let Some((_, name)) = &query.stdin {
        let name = name.as_deref().map(Path::new);
        plans.of(&name.map_or_else(|| PathBuf::from("<stdin>"), project_of), false);
    }
    plans.all
}

/// The plans in the order in which they were begun.
#[derive(Default)]
struct Plans {
    all: Vec<Plan>,
    /// The plan of a directory, by its path without detours.
    known: HashMap<PathBuf, usize>,
    /// Directories as they were named, with their paths without detours: thousands of files lie in few.
    named: HashMap<PathBuf, PathBuf>,
}

impl Plans {
    fn of(&mut self, directory: &Path, taken: bool) -> &mut Plan {
        if !self.named.contains_key(directory) {
            let real = fs::canonicalize(directory).unwrap_or_else(|_| directory.to_path_buf());
            self.named.insert(directory.to_path_buf(), real);
        }
        let key = self.named[directory].clone();
        let index = *self.known.entry(key).or_insert_with(|| {
            self.all.push(Plan { directory: directory.to_path_buf(), named: Vec::new(), is_whole: false, taken });
            self.all.len() - 1
        });
        &mut self.all[index]
    }
}

/// A directory and those below it that may hold a project, and of each whether the settings files in it belong to the
/// directory above.
fn directories(top: &Path) -> Vec<(PathBuf, bool)> {
    let walk = WalkBuilder::new(top)
        .git_global(false)
        .ignore(false)
        .filter_entry(|entry| !entry.file_name().to_str().is_some_and(|name| FOREIGN.contains(&name)))
        .sort_by_file_name(std::ffi::OsStr::cmp)
        .build();
    let folders = walk.flatten().filter(|entry| entry.file_type().is_some_and(|kind| kind.is_dir()));
    let folders = folders.map(|entry| (entry.depth() > 0 && entry.file_name() == "config", entry.into_path()));
    folders.map(|(taken, path)| (plain(path), taken)).collect()
}

/// `web` for `./web`, as people write it.
fn plain(path: PathBuf) -> PathBuf {
    match path.strip_prefix("./") {
        Ok(rest) if !rest.as_os_str().is_empty() => rest.to_path_buf(),
        _ => path,
    }
}

/// The directory of the project that a file belongs to.
fn project_of(file: &Path) -> PathBuf {
    let or_here =
        |path: Option<&Path>| path.filter(|path| !path.as_os_str().is_empty()).unwrap_or(Path::new(".")).to_path_buf();
    let parent = or_here(file.parent());
    if is_settings(file) && parent.file_name().is_some_and(|name| name == "config") {
        or_here(parent.parent())
    } else {
        parent
    }
}

/// Whether a file belongs to the directory above if it lies in `config`.
fn is_settings(file: &Path) -> bool {
    file.file_name().is_some_and(|name| name.to_string_lossy().to_lowercase().starts_with("settings"))
}

/// Where a text comes from.
enum Input {
    File(PathBuf),
    Stdin,
}

/// What there is to read for a project.
struct Inputs {
    /// The files with their paths without detours, the strongest of a kind first.
    all: Vec<(PathBuf, Input)>,
    /// Those whose names say that they belong to a configuration.
    by_name: HashSet<PathBuf>,
    /// Those that were named.
    asked: HashSet<PathBuf>,
}

impl Inputs {
    fn of(plan: &Plan, query: &Query, found: &settings::Found) -> Self {
        let mut folders = super::Folders::default();
        let mut inputs = Self { all: Vec::new(), by_name: HashSet::new(), asked: HashSet::new() };
        let is_taken = |path: &PathBuf| plan.taken && is_settings(path);
        let discovered = discover::configuration(&plan.directory).into_iter().filter(|path| !is_taken(path));
        let included = if found.is_of(&plan.directory) { found.included() } else { Vec::new() };
        for path in discovered.chain(included).filter(|path| !found.excludes(path)) {
            let identity = folders.identity(&path);
            if inputs.by_name.insert(identity.clone()) {
                inputs.all.push((identity, Input::File(path)));
            }
        }
        for path in plan.named.iter().filter(|path| !found.excludes(path)) {
            let identity = folders.identity(path);
            if inputs.asked.insert(identity.clone()) && !inputs.by_name.contains(&identity) {
                inputs.all.push((identity, Input::File(path.clone())));
            }
        }
        if let Some((_, name)) = query.stdin.as_ref().filter(|(_, name)| is_stdin_of(plan, name.as_deref())) {
            let identity = folders.identity(Path::new(name.as_deref().unwrap_or("<stdin>")));
            match inputs.all.iter_mut().find(|(known, _)| *known == identity) {
                Some((_, input)) => *input = Input::Stdin,
                None => inputs.all.push((identity.clone(), Input::Stdin)),
            }
            inputs.asked.insert(identity);
        }
        inputs
    }
}

fn read_plan(plan: &Plan, query: &Query) -> Result<Read, LoadError> {
    let found = settings::find(&plan.directory).map_err(|(path, mistakes)| LoadError::Settings { path, mistakes })?;
    let inputs = Inputs::of(plan, query, &found);
    let stdin = query.stdin.as_ref().map(|(bytes, name)| (&bytes[..], name.as_deref()));
    let mut files = Files::read(inputs.all, stdin);
    let names = Names::default().and(found.settings.roles.clone());
    let all: Vec<(SourceId, &Source)> = files.sources.iter().collect();
    let mut readings = parallel::map(&all, |(id, source)| (*id, layouts::read(*id, source, &names)));
    for (id, reading) in &mut readings {
        pass_over(files.sources.get(*id), reading, inputs.by_name.contains(&files.identities[&*id]));
    }
    facts::ignored_by_git(&mut files.sources, &plan.directory);
    let sources = Arc::new(files.sources);
    let (configurations, met) = judge_environments(&sources, readings, &plan.directory);
    let mut findings = files.findings;
    findings.extend(met);
    let wanted = |id: &SourceId| inputs.asked.contains(&files.identities[id]);
    let is_partial = !plan.is_whole;
    let asked = is_partial.then(|| files.identities.keys().filter(|id| wanted(id)).copied().collect());
    let ignores = found.file_ignores(&sources);
    let project = Project { sources, configurations };
    let (baseline, settings) = (found.baseline(), found.settings);
    Ok(Read { project, findings, asked, settings, ignores, baseline, has_unreadable: files.has_unreadable })
}

fn is_stdin_of(plan: &Plan, name: Option<&str>) -> bool {
    let directory = name.map_or_else(|| PathBuf::from("<stdin>"), |name| project_of(Path::new(name)));
    let identity = |path: &Path| fs::canonicalize(path).unwrap_or_else(|_| path.to_path_buf());
    identity(&directory) == identity(&plan.directory)
}

/// The files of a project as they were read.
struct Files {
    sources: Sources,
    identities: BTreeMap<SourceId, PathBuf>,
    findings: Vec<Finding>,
    has_unreadable: bool,
}

impl Files {
    fn read(inputs: Vec<(PathBuf, Input)>, stdin: Option<(&[u8], Option<&str>)>) -> Self {
        let mut files = Self {
            sources: Sources::default(),
            identities: BTreeMap::new(),
            findings: Vec::new(),
            has_unreadable: false,
        };
        let read = parallel::map(&inputs, |(_, input)| match (input, stdin) {
            (Input::File(path), _) => read::file(path),
            (Input::Stdin, Some((bytes, name))) => Ok(read::stdin(bytes, name)),
            (Input::Stdin, None) => Ok(read::stdin(b"", None)),
        });
        for ((identity, _), read) in inputs.into_iter().zip(read) {
            let id = match read {
                Ok(source) => files.sources.add(source),
                Err(unreadable_file) => {
                    files.has_unreadable = true;
                    let (source, problem) = *unreadable_file;
                    let id = files.sources.add(source);
                    files.findings.push(problem.finding(id));
                    id
                }
            };
            files.identities.insert(id, identity);
        }
        files
    }
}

/// What files say that describe no database is none of our business, except that a settings file cannot be read.
fn pass_over(source: &Source, reading: &mut Reading, is_by_name: bool) {
    let is_ours = !reading.found.is_empty() || !reading.services.is_empty() || !reading.uses.is_empty();
    if is_ours {
        return;
    }
    let Some(document) = &source.document else { return };
    // Of a settings file in which nothing can be read at all, nobody knows what it is about.
    let is_kept = mentions_databases(document) || (is_by_name && document.roots().is_empty());
    let stays = [&unparsable::INFO, &hostile_input::INFO, &unreadable::INFO];
    reading.findings.retain(|finding| is_kept && stays.contains(&finding.rule));
}

/// Whether a text that says nothing, perhaps since it is broken, is about databases.
fn mentions_databases(document: &Document) -> bool {
    let text = document.text().to_ascii_lowercase();
    ["postgres", "database", "sqlite", "mlflow", "db_", "_db"].iter().any(|word| text.contains(word))
}

/// What the sources say without an environment and in each, and what was met on the way.
fn judge_environments(
    sources: &Arc<Sources>,
    readings: Vec<(SourceId, Reading)>,
    directory: &Path,
) -> (Vec<Configuration>, Vec<Finding>) {
    let environments = super::environments(sources, &readings);
    let mut configurations = Vec::new();
    let mut findings = Vec::new();
    let mut all: Vec<Option<&str>> = vec![None];
    all.extend(environments.iter().take(ENVIRONMENT_LIMIT).map(|name| Some(name.as_str())));
    let mut left = Some(readings);
    let last = all.len() - 1;
    for (index, environment) in all.into_iter().enumerate() {
        let own = if index == last { left.take() } else { left.clone() };
        let Some(own) = own else { break };
        let Normalized { databases, services, stores, needs, findings: met, variables } =
            normalize::normalize(sources, own, environment);
        findings.extend(met);
        let files = facts::named_files(&databases, directory);
        configurations.push(Configuration {
            sources: Arc::clone(sources),
            databases,
            services,
            stores,
            needs,
            environment: environment.map(str::to_owned),
            environments: environments.clone(),
            variables,
            files,
        });
    }
    (configurations, findings)
}

impl Read {
    /// Whether there is anything that describes a database or service.
    pub fn is_empty(&self) -> bool {
        let says = |it: &Configuration| !it.databases.is_empty() || !it.services.is_empty();
        !self.project.configurations.iter().any(says)
    }

    /// How many files were read and say something.
    pub fn file_count(&self) -> usize {
        let is_file = |source: &Source| source.document.is_some() && !matches!(source.kind, SourceKind::Process(_));
        self.project.sources.iter().filter(|(_, source)| is_file(source)).count()
    }
}
