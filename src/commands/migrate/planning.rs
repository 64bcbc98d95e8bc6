//! Reads what is asked for and plans it: each project by itself, with what was decided for it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use anyhow::{Result, anyhow};

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

    /// Looks for what other files mention.
    pub(super) fn look_around(&mut self) {
        let changed = || self.plan.files.iter().filter(|file| file.is_changed());
        let gone: BTreeSet<String> = changed().flat_map(|file| &file.gone).map(|key| telling(key).to_owned()).collect();
        let gone: Vec<String> = gone.into_iter().collect();
        let skip: Vec<PathBuf> = changed().map(|file| PathBuf::from(&file.path)).collect();
        if !gone.is_empty() {
            let found = load::mentions(&self.read.directory, &gone, &skip);
            self.mentions = found.into_iter().map(|it| Mention { path: it.path, line: it.line, key: it.key }).collect();
        }
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

/// Refuses names of sections that stand in no file. They are not repeated: they may be anything.
fn unknown_names(decided: &Decided, planned: &[Planned]) -> Result<()> {
    let sources = || planned.iter().flat_map(|project| project.read.project.sources.iter());
    let texts = || sources().filter_map(|(_, source)| Some(source.document.as_ref()?.text()));
    // The last part of a key path stands in the file as it is.
    let is_there = |name: &str| texts().any(|text| text.contains(name.rsplit('.').next().unwrap_or(name)));
    let flags = [
        ("--map", decided.roles.keys().all(|name| is_there(name))),
        ("--prefer", decided.all.prefer.iter().all(|name| is_there(name))),
    ];
    match flags.iter().find(|(_, is_known)| !is_known) {
        Some((flag, _)) if texts().next().is_some() => {
            Err(anyhow!("`{flag}` names a section that is in none of the files"))
        }
        _ => Ok(()),
    }
}

fn explain(error: &PlanError) -> anyhow::Error {
    let PlanError::Meaning { path, what } = error;
    anyhow!(
        "{}: the new text would not mean the same ({}), so nothing is changed\nthis is a bug, please report it",
        redact::show_text(path),
        redact::escape(what)
    )
}
