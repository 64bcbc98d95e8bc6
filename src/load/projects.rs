//! The projects below some paths: each directory that holds a configuration is one, and each is judged in every
//! environment.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::document::Document;
use crate::finding::Finding;
use crate::layouts::{self, Names, Reading};
use crate::model::{Configuration, Project, Source, SourceId, Sources};
use crate::normalize::{self, Normalized};
use crate::rules::syntax::{hostile_input, unparsable, unreadable};
use crate::settings::Settings;

use super::facts::Ignores;
use super::plan::{Input, Plan, plans};
use super::read::Stdin;
use super::{LoadError, facts, parallel, read};

/// More environments than this are no environments; each is judged on its own.
const ENVIRONMENT_LIMIT: usize = 100;

/// More databases than this in all environments together are not looked at: a file of a few megabytes may describe
/// thousands, and each again in a hundred environments.
const DATABASE_LIMIT: usize = 100_000;

/// What to check.
#[derive(Debug, Default)]
pub struct Query {
    /// Directories, which are searched for projects, and single files, whose projects are read as context.
    pub paths: Vec<PathBuf>,
    /// The text of standard input.
    pub stdin: Option<Stdin>,
    /// Texts that are read in place of what files hold, by the paths of the files without detours and links.
    pub texts: HashMap<PathBuf, Vec<u8>>,
    /// Names that mean a role, before those of the settings of the tool.
    pub names: Names,
}

/// One project as it was read.
#[derive(Debug, Default)]
pub struct Read {
    /// What its files say.
    pub project: Project,
    /// What was met while reading.
    pub findings: Vec<Finding>,
    /// The sources whose findings are asked for; none for all.
    pub asked: Option<HashSet<SourceId>>,
    /// The settings of the tool that count here.
    pub settings: Settings,
    /// The table of names that was read by.
    pub names: Names,
    /// For each source, the rules that the settings of the tool ignore in it.
    pub ignores: Vec<(SourceId, Vec<String>)>,
    /// The directory of the project, as it was named or found.
    pub directory: PathBuf,
    /// The file of the settings of the tool, if there is one.
    pub settings_file: Option<PathBuf>,
    /// The files that were named and that the settings of the tool leave out.
    pub excluded: Vec<PathBuf>,
    /// The file of known findings that the settings of the tool name.
    pub baseline: Option<PathBuf>,
    /// Whether a path is missing or a file could not be read: status 2, whatever the findings are.
    pub has_unreadable: bool,
    /// The source that was read from standard input.
    pub stdin: Option<SourceId>,
}

/// Finds the projects, reads each and hands it to `work`; what it says of each comes back in the order of the paths.
/// Projects are read in parallel, and no longer kept than `work` needs them.
pub fn projects<Out: Send>(query: &Query, work: impl Fn(Result<Read, LoadError>) -> Out + Sync) -> Vec<Out> {
    let ignores = Arc::new(Ignores::default());
    let plans = plans(query, &ignores);
    parallel::map(&plans, |plan| work(read_plan(plan, query, &ignores)))
}

fn read_plan(plan: &Plan, query: &Query, ignores: &Ignores) -> Result<Read, LoadError> {
    if !plan.is_something(ignores) {
        return Ok(Read::default());
    }
    let found = match plan.directory.settings() {
        Ok(found) => found,
        Err(error) => return Err(error.clone()),
    };
    let directory = plan.directory.path.as_path();
    let inputs = plan.inputs(found, ignores, query.stdin.as_ref());
    let mut files = Files::read(inputs.all, query);
    let names = query.names.clone().and(found.settings.roles.clone());
    let all: Vec<(SourceId, &Source)> = files.sources.iter().collect();
    let mut readings = parallel::map(&all, |(id, source)| (*id, layouts::read(*id, source, &names)));
    for (id, reading) in &mut readings {
        pass_over(files.sources.get(*id), reading, inputs.by_name.contains(&files.identities[&*id]));
    }
    facts::ignored_by_git(&mut files.sources, directory, ignores);
    let sources = Arc::new(files.sources);
    let (configurations, met) = judge_environments(&sources, readings, directory, ignores);
    let mut findings = files.findings;
    findings.extend(met);
    let asked = inputs.asked.map(|asked| {
        let wanted = files.identities.iter().filter(|(_, identity)| asked.contains(*identity));
        wanted.map(|(id, _)| *id).collect()
    });
    let file_ignores = found.file_ignores(&sources);
    let project = Project { sources, configurations };
    let (baseline, settings) = (found.baseline(), found.settings.clone());
    Ok(Read {
        project,
        findings,
        asked,
        settings,
        names,
        ignores: file_ignores,
        directory: directory.to_path_buf(),
        settings_file: found.path.clone(),
        excluded: inputs.excluded,
        baseline,
        has_unreadable: files.has_unreadable,
        stdin: files.stdin,
    })
}

/// The files of a project as they were read.
struct Files {
    sources: Sources,
    identities: BTreeMap<SourceId, PathBuf>,
    findings: Vec<Finding>,
    has_unreadable: bool,
    stdin: Option<SourceId>,
}

impl Files {
    fn read(inputs: Vec<(PathBuf, Input)>, query: &Query) -> Self {
        let mut files = Self {
            sources: Sources::default(),
            identities: BTreeMap::new(),
            findings: Vec::new(),
            has_unreadable: false,
            stdin: None,
        };
        let read = parallel::map(&inputs, |(identity, input)| match (input, &query.stdin) {
            (Input::File(path), _) => match text_of(query, identity) {
                Some(text) => Ok(read::in_place_of(path, text)),
                None => read::file(path),
            },
            (Input::Stdin, Some(stdin)) => Ok(read::stdin(stdin)),
            (Input::Stdin, None) => Ok(read::stdin(&Stdin::default())),
        });
        for ((identity, input), read) in inputs.into_iter().zip(read) {
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
            if input == Input::Stdin {
                files.stdin = Some(id);
            }
            files.identities.insert(id, identity);
        }
        files
    }
}

/// The text that is read in place of what a file holds.
fn text_of<'query>(query: &'query Query, identity: &Path) -> Option<&'query Vec<u8>> {
    if query.texts.is_empty() {
        return None;
    }
    query.texts.get(&fs::canonicalize(identity).ok()?)
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
    ignores: &Ignores,
) -> (Vec<Configuration>, Vec<Finding>) {
    let environments = super::environments(sources, &readings);
    let mut configurations = Vec::new();
    let mut findings = Vec::new();
    let mut all: Vec<Option<&str>> = vec![None];
    all.extend(environments.iter().take(ENVIRONMENT_LIMIT).map(|name| Some(name.as_str())));
    let mut left = Some(readings);
    let last = all.len() - 1;
    for (index, environment) in all.into_iter().enumerate() {
        let described: usize = configurations.iter().map(|it: &Configuration| it.databases.len()).sum();
        if described > DATABASE_LIMIT {
            break;
        }
        let own = if index == last { left.take() } else { left.clone() };
        let Some(own) = own else { break };
        let Normalized { databases, services, stores, needs, findings: met, variables } =
            normalize::normalize(sources, own, environment);
        findings.extend(met);
        let files = facts::named_files(&databases, directory, ignores);
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
    /// How many files were read whose findings are asked for.
    pub fn file_count(&self) -> usize {
        let is_asked = |id: &SourceId| self.asked.as_ref().is_none_or(|asked| asked.contains(id));
        let files = self.project.sources.iter().filter(|(_, source)| source.document.is_some());
        files.filter(|(id, _)| is_asked(id)).count()
    }
}
