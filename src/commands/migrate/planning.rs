//! Reads what is asked for and plans it: each project by itself, with what was decided for it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use anyhow::{Result, anyhow};

use crate::document::{Document, ProblemKind};
use crate::finding::Finding;
use crate::layouts::Names;
use crate::load::{self, Query, Read};
use crate::model::{Decisions, Note, NoteKind, Origin, Plan, Question, Role, SourceId, SourceKind};
use crate::redact;
use crate::report::{Mention, Migration};
use crate::rewrite::plan::{PlanError, plan};
use crate::rules::syntax::{hostile_input, unparsable, unreadable};

use super::super::input;
use super::arguments::Wishes;

/// What was decided: beforehand for all projects, or asked for one.
#[derive(Clone, Debug)]
pub(super) struct Decided {
    paths: Vec<PathBuf>,
    roles: BTreeMap<String, Role>,
    all: Decisions,
    each: BTreeMap<String, Decisions>,
}

impl Decided {
    pub(super) fn new(wishes: Wishes) -> Self {
        Self { paths: wishes.paths, roles: wishes.roles, all: wishes.decisions, each: BTreeMap::new() }
    }

    /// What a name is for, in all projects: they are read by it.
    pub(super) fn name(&mut self, name: String, role: Role) {
        self.roles.insert(name, role);
    }

    /// The decisions for one project, to add to them.
    pub(super) fn of(&mut self, project: &str) -> &mut Decisions {
        self.each.entry(project.to_owned()).or_insert_with(|| self.all.clone())
    }

    fn get(&self, project: &str) -> &Decisions {
        self.each.get(project).unwrap_or(&self.all)
    }
}

/// One project with its plan.
pub(super) struct Planned {
    /// What tells it from the others, from one reading to the next.
    pub(super) key: String,
    pub(super) read: Read,
    pub(super) plan: Plan,
    /// What is wrong with the files that are to be migrated, so that they cannot be, or not wholly.
    pub(super) findings: Vec<Finding>,
    pub(super) mentions: Vec<Mention>,
}

impl Planned {
    pub(super) fn migration(&self) -> Migration<'_> {
        Migration { sources: &self.read.project.sources, plan: &self.plan, mentions: &self.mentions }
    }

    /// Whether something stays as it is until somebody decides.
    pub(super) fn is_undecided(&self) -> bool {
        self.plan.questions.iter().any(|question| matches!(question, Question::Prefer { .. }))
    }

    /// Whether something is wrong with a file, so that it is left, or a part of it.
    pub(super) fn has_to_be_mended(&self) -> bool {
        let sources = &self.read.project.sources;
        // A file that somebody names is to be migrated, whatever it is about; others may be none of our business.
        let is_broken = |id: &SourceId| {
            let problems = sources.get(*id).document.iter().flat_map(Document::problems);
            problems.into_iter().any(|problem| !matches!(problem.kind, ProblemKind::DuplicateKey { .. }))
        };
        !self.findings.is_empty()
            || self.read.asked.iter().flatten().any(is_broken)
            || self.plan.files.iter().flat_map(|file| &file.notes).any(|note| self.is_left_for_a_key(note))
    }

    /// Whether a section is left since a key stands in it twice.
    fn is_left_for_a_key(&self, note: &Note) -> bool {
        let (NoteKind::Left, Origin::Node { source, node, .. }) = (note.kind, &note.origin) else { return false };
        let Some(document) = &self.read.project.sources.get(*source).document else { return false };
        let Some(entry) = document.entry(*node) else { return false };
        let (key, value) = (document.node(entry.key).span, document.node(entry.value).span);
        document.problems().iter().any(|problem| match &problem.kind {
            ProblemKind::DuplicateKey { first, .. } => {
                *first == key || problem.span == key || value.contains(problem.span)
            }
            _ => false,
        })
    }

    /// Looks for what files mention that are none of the run.
    fn look_around(&mut self, files_of_the_run: &[PathBuf]) {
        let changed = self.plan.files.iter().filter(|file| file.is_changed());
        let gone: BTreeSet<String> = changed.flat_map(|file| &file.gone).map(|key| telling(key).to_owned()).collect();
        let gone: Vec<String> = gone.into_iter().collect();
        if !gone.is_empty() {
            let found = load::mentions(&self.read.directory, &gone, files_of_the_run);
            self.mentions = found.into_iter().map(|it| Mention { path: it.path, line: it.line, key: it.key }).collect();
        }
    }
}

/// Looks for what other files mention, for each project.
pub(super) fn look_around(planned: &mut [Planned]) {
    let named = planned.iter().flat_map(|project| &project.plan.files).map(|file| PathBuf::from(&file.path));
    // What a link leads to is the file that is migrated, by its other name.
    let files: Vec<PathBuf> = named.flat_map(|path| [input::identity(&path), path]).collect();
    for project in planned {
        project.look_around(&files);
    }
}

/// By what other files may mention a key: `credentials.mlflow_alt_db` by its last name, which is no general word.
fn telling(key: &str) -> &str {
    let last = key.rsplit('.').next().unwrap_or(key);
    if last.contains('_') && !last.contains(['"', '[']) { last } else { key }
}

/// All projects that are asked for, each with its plan.
///
/// # Errors
///
/// A project whose settings of the tool are wrong, or of which there is no plan; then nothing at all is done.
pub(super) fn plans(decided: &Decided) -> Result<Vec<Planned>> {
    let query = Query { paths: decided.paths.clone(), names: Names::with(decided.roles.clone()), ..Query::default() };
    let mut planned = Vec::new();
    let mut errors: Vec<String> = Vec::new();
    for outcome in load::projects(&query, |read| of_project(read.map_err(|error| input::explain(&error))?, decided)) {
        match outcome {
            Ok(project) => planned.push(project),
            // One file may hold the settings of many projects.
            Err(error) if errors.contains(&error.to_string()) => {}
            Err(error) => errors.push(error.to_string()),
        }
    }
    if !errors.is_empty() {
        return Err(anyhow!("{}", errors.join("\n")));
    }
    let relocated = planned.iter().filter(|project| project.plan.files.iter().any(|it| !it.moves.is_empty()));
    if !decided.all.relocate.is_empty() && relocated.count() > 1 {
        return Err(anyhow!("`--relocate` is about the databases of one project, and there are several; name one"));
    }
    unknown_roles(decided, &planned)?;
    unknown_names(decided, &planned)?;
    Ok(planned)
}

fn of_project(read: Read, decided: &Decided) -> Result<Planned> {
    let targets = targets(&read);
    let sources = &read.project.sources;
    let first = targets.first().map(|id| sources.get(*id).name.as_str()).unwrap_or_default();
    let key = format!("{}\n{first}", read.directory.to_string_lossy());
    let mut plan = plan(&read.project, &read.names, &targets, decided.get(&key)).map_err(|error| explain(&error))?;
    for file in plan.files.iter_mut().filter(|file| file.is_private && file.is_changed()) {
        if load::is_ignored_by_git(Path::new(&file.path)) == Some(false) {
            let message = "git does not ignore it; add it to .gitignore, so that its passwords are not committed";
            let origin = file.source.map_or(Origin::Default, |source| Origin::File { source });
            file.notes.push(Note { kind: NoteKind::Care, message: message.to_owned(), origin });
        }
    }
    let is_target = |finding: &Finding| finding.origin.source().is_none_or(|source| targets.contains(&source));
    let broken = [&unparsable::INFO, &hostile_input::INFO, &unreadable::INFO];
    let is_serious = |finding: &&Finding| broken.contains(&finding.rule) && is_target(finding);
    let findings = read.findings.iter().filter(is_serious).cloned().collect();
    Ok(Planned { key, read, plan, findings, mentions: Vec::new() })
}

/// The files that are to be migrated: those that were named, or the settings files of a directory.
fn targets(read: &Read) -> Vec<SourceId> {
    let is_target = |(id, kind): &(SourceId, &SourceKind)| match &read.asked {
        Some(asked) => asked.contains(id),
        None => matches!(kind, SourceKind::Settings { .. }),
    };
    let all = read.project.sources.iter().map(|(id, source)| (id, &source.kind));
    all.filter(is_target).map(|(id, _)| id).collect()
}

/// Refuses a relocation of a database that no project has.
fn unknown_roles(decided: &Decided, planned: &[Planned]) -> Result<()> {
    if decided.all.relocate.is_empty() {
        return Ok(());
    }
    let mut known: Vec<&Role> = Vec::new();
    let configurations = planned.iter().flat_map(|project| &project.read.project.configurations);
    for database in configurations.flat_map(|configuration| &configuration.databases) {
        if !known.contains(&&database.role) {
            known.push(&database.role);
        }
    }
    if known.is_empty() || decided.all.relocate.keys().all(|role| known.contains(&role)) {
        return Ok(());
    }
    let names: Vec<String> = known.iter().map(|role| redact::show_text(role.name())).collect();
    Err(anyhow!("`--relocate` names a database that is not there; there are {}", names.join(", ")))
}

/// So many names are listed where a name is not known; of more, it is only said that there are more.
const LISTED: usize = 12;

/// Refuses names by which no definition is known. They are not repeated: they may be anything.
fn unknown_names(decided: &Decided, planned: &[Planned]) -> Result<()> {
    let known = known_names(planned);
    let is_known = |name: &str| {
        let is_end = |long: &str, short: &str| long.strip_suffix(short).is_some_and(|rest| rest.ends_with('.'));
        known.iter().any(|known| *known == name || is_end(known, name) || is_end(name, known))
    };
    let flags = [
        ("--map", decided.roles.keys().all(|name| is_known(name))),
        ("--prefer", decided.all.prefer.iter().all(|name| is_known(name))),
    ];
    // What a file defines that cannot be read, nobody knows.
    let is_broken = planned.iter().all(|project| project.plan.files.is_empty() || project.has_to_be_mended());
    match flags.iter().find(|(_, is_known)| !is_known) {
        Some((flag, _)) if !(known.is_empty() && is_broken) => {
            let shown: Vec<String> = known.iter().take(LISTED).map(|name| redact::show_text(name)).collect();
            let more = if known.len() > LISTED { " and more" } else { "" };
            let there = match shown.as_slice() {
                [] => "no file defines a database".to_owned(),
                [one] => format!("there is {one}"),
                _ => format!("there are {}{more}", shown.join(", ")),
            };
            Err(anyhow!("`{flag}` names a section that is in none of the files; {there}"))
        }
        _ => Ok(()),
    }
}

/// The names of everything that defines a database.
fn known_names(planned: &[Planned]) -> BTreeSet<&str> {
    let mut known: BTreeSet<&str> = BTreeSet::new();
    for project in planned {
        for configuration in &project.read.project.configurations {
            for database in &configuration.databases {
                known.extend(database.names.iter().map(String::as_str));
                known.extend(database.definitions.iter().map(|definition| definition.name.as_str()));
            }
            known.extend(configuration.needs.iter().map(|need| need.name.as_str()));
        }
        for question in &project.plan.questions {
            match question {
                Question::Prefer { candidates, .. } => known.extend(candidates.iter().map(|it| it.name.as_str())),
                Question::Map { name, .. } => {
                    known.insert(name);
                }
                Question::Relocate { .. } | Question::Server { .. } | Question::Secrets { .. } => {}
            }
        }
    }
    known
}

fn explain(error: &PlanError) -> anyhow::Error {
    let PlanError::Meaning { path, what } = error;
    anyhow!(
        "{}: the new text would not mean the same ({}), so nothing is changed\nthis is a bug, please report it",
        redact::show_text(path),
        redact::escape(what)
    )
}
