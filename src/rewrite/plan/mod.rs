//! The plan of a migration: what each file is to become, what moves where, and what somebody has to decide.
//!
//! A file is read into pieces (`pieces`), each of which has a role and a shape. Role by role its sections are brought to
//! their place in `databases` (`settings`, `sources`), in the keys of the canonical schema (`canonical`, `url`), and
//! merged (`merge`). Then come services, references and what was decided. All of this changes a draft of the text. In
//! the end the new texts are read as a project, whose meaning has to be that of the old one (`meaning`).

mod around;
mod canonical;
mod changes;
mod decide;
mod keep;
mod meaning;
mod merge;
mod pieces;
mod references;
mod refusal;
mod secrets;
mod services;
mod settings;
mod sources;
mod url;
mod value;
mod variables;
mod work;

use std::collections::{BTreeMap, BTreeSet};

use crate::document::Document;
use crate::layouts::Names;
use crate::model::{
    Decisions, FilePlan, Note, NoteKind, Origin, Plan, Project, Question, ServerForm, Source, SourceId, SourceKind,
};
use crate::redact;

use around::Around;
use work::{Done, Failure, Work};

/// Why there is no plan at all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PlanError {
    /// The new text of a file does not mean what the old one means: a fault of dbcfg. Nothing was changed.
    Meaning {
        /// The file.
        path: String,
        /// What differs, safe to print.
        what: String,
    },
}

/// Plans the migration of some files of a project.
///
/// # Errors
///
/// After planning, each new text is read again, and what the project then means is compared with what it means now and
/// with what was decided. A difference is an error, and nobody gets the new texts.
pub fn plan(project: &Project, names: &Names, targets: &[SourceId], decisions: &Decisions) -> Result<Plan, PlanError> {
    let mut decisions = decisions.clone();
    let mut left: BTreeMap<String, String> = BTreeMap::new();
    let mut remark = None;
    let around = Around::of(project);
    loop {
        match attempt(project, names, targets, &decisions, &around, &left) {
            Ok(mut plan) => {
                if let (Some(message), Some(file)) = (remark, plan.files.first_mut()) {
                    let origin = file.source.map_or(Origin::Default, |source| Origin::File { source });
                    file.notes.push(Note { kind: NoteKind::Care, message, origin });
                }
                return Ok(plan);
            }
            Err(Refusal::Error(error)) => return Err(error),
            Err(Refusal::Meaning { difference, path }) => {
                // What several databases share, one of them may not have everywhere.
                if decisions.server == Some(ServerForm::Shared) {
                    decisions.server = Some(ServerForm::Separate);
                    remark = Some(format!(
                        "each database is written in full: as parts of one server, {} would be another",
                        difference.what
                    ));
                    continue;
                }
                let why = format!("its new text would not mean the same ({}); please report it", difference.what);
                if left.len() > LEFT_LIMIT || left.insert(difference.part, why).is_some() {
                    return Err(PlanError::Meaning { path, what: difference.what });
                }
            }
        }
    }
}

/// More parts than this are not left alone one by one: then something is wrong with the whole.
const LEFT_LIMIT: usize = 16;

/// Why an attempt came to nothing.
enum Refusal {
    /// The new texts mean something else.
    Meaning { difference: meaning::Difference, path: String },
    /// A fault.
    Error(PlanError),
}

impl From<PlanError> for Refusal {
    fn from(error: PlanError) -> Self {
        Self::Error(error)
    }
}

/// A plan without some parts.
fn attempt(
    project: &Project,
    names: &Names,
    targets: &[SourceId],
    decisions: &Decisions,
    around: &Around,
    left_out: &BTreeMap<String, String>,
) -> Result<Plan, Refusal> {
    let mut planner = Planner {
        project,
        names,
        decisions,
        around,
        left_out,
        losers: Vec::new(),
        secrets: BTreeMap::new(),
        questions: Vec::new(),
    };
    let mut done: BTreeMap<SourceId, Done> = BTreeMap::new();
    let mut left: BTreeMap<SourceId, FilePlan> = BTreeMap::new();
    let renamed = planner.variables(targets, &mut done, &mut left)?;
    let settings: Vec<SourceId> = targets.iter().copied().filter(|id| !planner.is_variables(*id)).collect();
    for id in settings {
        planner.settings(id, &renamed, &mut done, &mut left)?;
    }
    let added = planner.add_secrets(&mut done);
    planner.finish(targets, done, left, added)
}

struct Planner<'project> {
    project: &'project Project,
    names: &'project Names,
    decisions: &'project Decisions,
    around: &'project Around,
    /// What is not touched, with the reason.
    left_out: &'project BTreeMap<String, String>,
    losers: Vec<Origin>,
    /// The passwords that move, by the path of the `.env` file that takes them.
    secrets: BTreeMap<String, Vec<decide::Moved>>,
    questions: Vec<Question>,
}

impl<'project> Planner<'project> {
    fn source(&self, id: SourceId) -> &'project Source {
        self.project.sources.get(id)
    }

    fn is_variables(&self, id: SourceId) -> bool {
        matches!(self.source(id).kind, SourceKind::Env { .. })
    }

    fn error(&self, id: SourceId, what: impl Into<String>) -> PlanError {
        PlanError::Meaning { path: redact::show_text(&self.source(id).name), what: what.into() }
    }

    /// A file that stays as it is, with the reason.
    fn refused(&self, id: SourceId) -> Option<FilePlan> {
        let source = self.source(id);
        let (why, span) = refusal::refusal(source)?;
        let origin = if span.is_empty() { Origin::File { source: id } } else { Origin::Place { source: id, span } };
        let mut file = unchanged(id, source);
        file.notes.push(Note { kind: NoteKind::Left, message: format!("not migrated: {why}"), origin });
        Some(file)
    }

    /// Renames variables of the `.env` files that were asked for.
    fn variables(
        &mut self,
        targets: &[SourceId],
        done: &mut BTreeMap<SourceId, Done>,
        left: &mut BTreeMap<SourceId, FilePlan>,
    ) -> Result<BTreeMap<String, String>, PlanError> {
        let used = self.used_elsewhere(targets);
        let mut works = Vec::new();
        let mut renamed = BTreeMap::new();
        for id in targets.iter().copied().filter(|id| self.is_variables(*id)) {
            if let Some(file) = self.refused(id) {
                left.insert(id, file);
                continue;
            }
            let source = self.source(id);
            let Some(document) = &source.document else { continue };
            let mut work = Work::new(id, document, self.names, self.around);
            let scopes = pieces::scopes(self.project, id, source, document, self.names);
            for scope in &scopes {
                renamed.extend(work.rename_variables(scope, &used));
            }
            works.push((id, work));
        }
        for (id, mut work) in works {
            work.follow_references(&renamed);
            let file = work.done(self.source(id)).map_err(|failure| match failure {
                Failure::Fault(what) => self.error(id, what),
                Failure::Cannot { path, what } => self.error(id, format!("{path}: {what}")),
            })?;
            done.insert(id, file);
        }
        Ok(renamed)
    }

    /// The variables that files refer to which are not migrated now.
    fn used_elsewhere(&self, targets: &[SourceId]) -> BTreeSet<String> {
        let others = self.project.sources.iter().filter(|(id, _)| !targets.contains(id));
        let mut used = BTreeSet::new();
        let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
        for (_, source) in others {
            let Some(text) = source.document.as_ref().map(Document::text) else { continue };
            if source.kind.is_compose() {
                // `environment: [DB_HOST]` hands a variable on by its name alone.
                used.extend(text.split(|c| !is_name(c)).map(str::to_owned));
            }
            for behind in text.split('$').skip(1) {
                let behind = behind.trim_start_matches('{').trim_start_matches("oc.env:");
                let end = behind.find(|c| !is_name(c)).unwrap_or(behind.len());
                used.insert(behind[..end].to_owned());
            }
        }
        used
    }

    fn settings(
        &mut self,
        id: SourceId,
        renamed: &BTreeMap<String, String>,
        done: &mut BTreeMap<SourceId, Done>,
        left: &mut BTreeMap<SourceId, FilePlan>,
    ) -> Result<(), PlanError> {
        if let Some(file) = self.refused(id) {
            left.insert(id, file);
            return Ok(());
        }
        let source = self.source(id);
        let Some(document) = &source.document else { return Ok(()) };
        let mut excluded = self.left_out.clone();
        let (mut file, settled, secrets) = loop {
            let (work, settled, secrets) = self.draft(id, source, document, renamed, &excluded);
            match work.done(source) {
                Ok(file) => break (file, settled, secrets),
                Err(Failure::Fault(what)) => {
                    // Nothing of the file is changed then.
                    let why = format!("its new text would not say the same ({what}); please report it");
                    if excluded.insert(String::new(), why).is_some() {
                        return Err(self.error(id, what));
                    }
                }
                Err(Failure::Cannot { path, what }) => {
                    // The rest is still migrated.
                    if excluded.insert(part_of(&path), what.to_owned()).is_some()
                        && excluded.insert(String::new(), what.to_owned()).is_some()
                    {
                        return Err(self.error(id, format!("{path}: {what}")));
                    }
                }
            }
        };
        for mut settled in settled {
            self.losers.append(&mut settled.losers);
            self.questions.append(&mut settled.questions);
        }
        if !secrets.is_empty() {
            self.secrets.entry(secrets::env_file(source)).or_default().extend(secrets);
        }
        if self.decisions.keep_legacy && file.file.is_changed() {
            file = match keep::beside(document, file) {
                Ok(file) => file,
                Err(what) => {
                    let mut file = unchanged(id, source);
                    let what = redact::show_text(&what);
                    let message =
                        format!("not migrated: the new sections cannot be written beside the old ones ({what})");
                    file.notes.push(Note { kind: NoteKind::Left, message, origin: Origin::File { source: id } });
                    left.insert(id, file);
                    return Ok(());
                }
            };
        }
        done.insert(id, file);
        Ok(())
    }

    /// A draft of a settings file without what is excluded.
    fn draft(
        &self,
        id: SourceId,
        source: &'project Source,
        document: &'project Document,
        renamed: &BTreeMap<String, String>,
        excluded: &BTreeMap<String, String>,
    ) -> (Work<'project>, Vec<settings::Settled>, Vec<decide::Moved>) {
        let mut work = Work::new(id, document, self.names, self.around);
        work.excluded.clone_from(excluded);
        work.variables.clone_from(&self.around.variables);
        let path = secrets::env_file(source);
        let taker = self.project.sources.iter().find(|(_, source)| source.name == path);
        work.no_secrets = taker.and_then(|(_, source)| refusal::refusal(source)).map(|(why, _)| why);
        let scopes = pieces::scopes(self.project, id, source, document, self.names);
        let mut all = Vec::new();
        let mut secrets = Vec::new();
        for scope in scopes {
            let mut settled = work.settle_scope(scope, self.decisions);
            secrets.extend(work.decide(&mut settled, self.decisions));
            all.push(settled);
        }
        work.follow_references(renamed);
        (work, all, secrets)
    }

    /// Compares the meaning, and puts the files of the plan in order.
    fn finish(
        self,
        targets: &[SourceId],
        done: BTreeMap<SourceId, Done>,
        mut left: BTreeMap<SourceId, FilePlan>,
        added: Vec<(FilePlan, Source)>,
    ) -> Result<Plan, Refusal> {
        let mut files = BTreeMap::new();
        let mut documents = BTreeMap::new();
        let mut is_changed = false;
        for (id, Done { file, document }) in done {
            is_changed |= file.is_changed();
            files.insert(id, file);
            documents.insert(id, document);
        }
        let (new_files, new_sources): (Vec<FilePlan>, Vec<Source>) = added.into_iter().unzip();
        if is_changed {
            let after = meaning::sources(self.project, documents, new_sources);
            if let Some(difference) =
                meaning::difference(self.project, &after, self.names, &self.losers, self.decisions)
            {
                let changed = files.values().find(|file: &&FilePlan| file.is_changed());
                let path = changed.map(|file| redact::show_text(&file.path)).unwrap_or_default();
                return Err(Refusal::Meaning { difference, path });
            }
        }
        let mut plan = Plan { files: Vec::new(), questions: self.questions };
        for id in targets {
            plan.files.extend(files.remove(id).or_else(|| left.remove(id)));
        }
        plan.files.extend(files.into_values().filter(FilePlan::is_changed));
        plan.files.extend(new_files);
        Ok(plan)
    }
}

/// The plan of a file that stays as it is.
fn unchanged(id: SourceId, source: &Source) -> FilePlan {
    let before = source.document.as_ref().map(|document| document.text().to_owned()).unwrap_or_default();
    FilePlan::unchanged(Some(id), source.name.clone(), before)
}

/// The part of a plan that a path of the new text belongs to.
fn part_of(path: &str) -> String {
    let mut parts: Vec<&str> = path.split(['.', '[']).collect();
    let prefix = if parts.first() == Some(&"environments") && parts.len() > 2 {
        let rest = parts.split_off(2);
        let prefix = format!("{}.", parts.join("."));
        parts = rest;
        prefix
    } else {
        String::new()
    };
    let part = match parts.as_slice() {
        ["databases", "main", "failover", ..] => "databases.main.failover".to_owned(),
        ["databases", role, ..] => format!("databases.{role}"),
        ["services", ..] => "services".to_owned(),
        _ => String::new(),
    };
    format!("{prefix}{part}")
}
