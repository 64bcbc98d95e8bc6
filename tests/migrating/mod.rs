//! What tests of migrations share: a project of a few texts, its plan, and everything that must hold whatever is in it.

pub(crate) mod generator;
pub(crate) mod judges;
mod kept;
mod meaning;

use std::collections::BTreeMap;
use std::fs;

use dbcfg::document::{Document, Format, Span};
use dbcfg::layouts::Names;
use dbcfg::load::{Query, Read, projects};
use dbcfg::model::{Decisions, Origin, Plan, Relocation, Role, SecretForm, ServerForm, SourceId, SourceKind};
use dbcfg::rewrite::plan::{PlanError, plan};

use super::support::TestDirectory;
use meaning::Meaning;

/// The files of a project, by their names.
pub(crate) type Files = BTreeMap<String, Vec<u8>>;

/// What a migration is asked for.
#[derive(Default)]
pub(crate) struct Wishes {
    pub(crate) decisions: Decisions,
    /// Names that mean a role (`--map`).
    pub(crate) names: BTreeMap<String, Role>,
    /// The files to migrate; none for all settings files.
    pub(crate) targets: Vec<String>,
}

impl Wishes {
    /// What somebody types, one argument a line: `--server=shared`, or a file.
    pub(crate) fn of_arguments(text: &str) -> Self {
        let mut wishes = Self::default();
        for line in text.lines() {
            let (flag, value) = line.split_once('=').unwrap_or((line, ""));
            let decisions = &mut wishes.decisions;
            match (flag, value) {
                ("--server", "shared") => decisions.server = Some(ServerForm::Shared),
                ("--server", "separate") => decisions.server = Some(ServerForm::Separate),
                ("--secrets", "env") => decisions.secrets = Some(SecretForm::Env),
                ("--secrets", "keep") => decisions.secrets = Some(SecretForm::Keep),
                ("--keep-legacy", "") => decisions.keep_legacy = true,
                ("--prefer", name) => decisions.prefer.push(name.to_owned()),
                ("--map", pair) => {
                    let (name, role) = pair.split_once('=').expect("--map=NAME=ROLE");
                    wishes.names.insert(name.to_owned(), Role::of_name(role));
                }
                ("--relocate", pair) => {
                    let (role, place) = pair.split_once('=').expect("--relocate=ROLE=PLACE");
                    decisions.relocate.insert(Role::of_name(role), relocation(place));
                }
                (file, "") if !file.starts_with("--") => wishes.targets.push(file.to_owned()),
                _ => panic!("nobody knows the argument {line}"),
            }
        }
        wishes
    }
}

fn relocation(place: &str) -> Relocation {
    let (host, port) = match place.split_once(':') {
        Some((host, port)) => (host, Some(port.parse().expect("a port"))),
        None => (place, None),
    };
    match Role::of_name(place) {
        Role::Other(_) => Relocation::Host { host: host.to_owned(), port },
        role => Relocation::Server(role),
    }
}

/// A project in a directory of its own.
struct Project {
    directory: TestDirectory,
}

impl Project {
    fn new(files: &Files) -> Self {
        let directory = TestDirectory::new();
        for (name, bytes) in files {
            fs::write(directory.path().join(name), bytes).expect("write a file of the project");
        }
        Self { directory }
    }

    fn read(&self, wishes: &Wishes) -> Read {
        let names = Names::with(wishes.names.clone());
        let query = Query { paths: vec![self.directory.path().to_path_buf()], names, ..Query::default() };
        let mut read = projects(&query, Result::ok);
        assert_eq!(read.len(), 1, "one directory is one project");
        read.pop().flatten().expect("the project can be read")
    }
}

/// A file before and after its migration.
pub(crate) struct Change {
    pub(crate) name: String,
    pub(crate) before: Document,
    pub(crate) after: Document,
    pub(crate) plan: dbcfg::model::FilePlan,
    /// Where the old text says something of a database or service.
    said: Vec<Span>,
}

/// What came of a migration.
pub(crate) struct Migrated {
    /// All files of the project as they are then.
    pub(crate) files: Files,
    /// Those that the plan speaks of.
    pub(crate) changes: Vec<Change>,
    /// Whether the plan asks something.
    pub(crate) has_questions: bool,
    /// How many hosts, ports, names, users and passwords of databases were found to be the same before and after.
    pub(crate) places: usize,
}

/// Plans a migration, and tests what holds for every one. An error says what does not, and shows the new texts.
pub(crate) fn migrate(files: &Files, wishes: &Wishes) -> Result<Migrated, String> {
    let project = Project::new(files);
    let read = project.read(wishes);
    let before = Meaning::of(&read.project, wishes);
    let mut migrated = planned(&read, files, wishes)?;
    migrated.places = before.places();
    let show = |what: String| format!("{what}\n{}", shown(&migrated));
    for change in &migrated.changes {
        kept::check(change, wishes).map_err(show)?;
    }
    if before.is_empty() && migrated.changes.iter().any(|change| change.plan.is_changed()) {
        return Err(show("something changes in a project that means nothing to the reader".to_owned()));
    }
    let next = Project::new(&migrated.files);
    let read = next.read(wishes);
    before.compare(&Meaning::of(&read.project, wishes)).map_err(show)?;
    let again = planned(&read, &migrated.files, wishes).map_err(show)?;
    if let Some(change) = again.changes.iter().find(|change| change.plan.is_changed()) {
        let text = change.after.text();
        return Err(show(format!("a second run changes {} again:\n{text}", change.name)));
    }
    Ok(migrated)
}

/// Plans a migration, and tests nothing of it.
pub(crate) fn plan_of(files: &Files, wishes: &Wishes) -> Result<Migrated, String> {
    let project = Project::new(files);
    planned(&project.read(wishes), files, wishes)
}

fn planned(read: &Read, files: &Files, wishes: &Wishes) -> Result<Migrated, String> {
    let targets = targets(read, wishes);
    let Plan { files: plans, questions } =
        plan(&read.project, &read.names, &targets, &wishes.decisions).map_err(|error| {
            let PlanError::Meaning { path, what } = error;
            let what = format!("there is no plan for {}: the meaning of {what} would change", name_of(&path));
            let texts = files.values().map(|text| String::from_utf8_lossy(text));
            std::iter::once(what.into()).chain(texts).collect::<Vec<_>>().join("\n")
        })?;
    let mut all = files.clone();
    let mut changes = Vec::new();
    for plan in plans {
        let name = name_of(&plan.path);
        let format = format_of(&name);
        let bytes = files.get(&name).map_or(&b""[..], Vec::as_slice);
        if std::str::from_utf8(bytes).is_err() && !plan.is_changed() {
            continue;
        }
        if plan.before.as_bytes() != bytes {
            return Err(format!("the plan of {name} is made from another text"));
        }
        all.insert(name.clone(), plan.after.clone().into_bytes());
        let parse = |text: &str| Document::parse(text.as_bytes(), format);
        let said = plan.source.map(|source| said(&read.project, source)).unwrap_or_default();
        changes.push(Change { name, before: parse(&plan.before), after: parse(&plan.after), plan, said });
    }
    if let Some(name) = wishes.targets.iter().find(|name| !changes.iter().any(|change| change.name == **name)) {
        return Err(format!("the plan does not speak of {name}"));
    }
    Ok(Migrated { files: all, changes, has_questions: !questions.is_empty(), places: 0 })
}

/// Everything in a file that any reader made something of.
fn said(project: &dbcfg::model::Project, source: SourceId) -> Vec<Span> {
    let mut origins: Vec<Origin> = Vec::new();
    for configuration in &project.configurations {
        for database in &configuration.databases {
            let definitions = database.definitions.iter().map(|definition| &definition.connection);
            let connections = definitions.chain(&database.replicas).chain(&database.failover);
            let settings = connections.flat_map(|it| {
                let settings = it.settings.iter().map(|(_, setting)| setting);
                settings.chain(it.parameters.iter().map(|(_, setting)| setting))
            });
            origins.extend(settings.map(|setting| setting.origin.clone()));
            origins.extend(database.used_by.iter().map(|it| it.origin.clone()));
        }
        let services = configuration.services.iter().flat_map(|service| service.settings.iter());
        origins.extend(services.map(|(_, setting)| setting.origin.clone()));
        origins.extend(configuration.stores.iter().map(|store| store.setting.origin.clone()));
        origins.extend(configuration.needs.iter().map(|need| need.origin.clone()));
    }
    let here = origins.into_iter().filter(|origin| origin.source() == Some(source));
    let spans = here.filter_map(|origin| match origin {
        Origin::Node { span, .. } | Origin::Place { span, .. } => Some(span),
        _ => None,
    });
    spans.collect()
}

fn targets(read: &Read, wishes: &Wishes) -> Vec<SourceId> {
    let is_wanted = |name: &str, kind: &SourceKind| match wishes.targets.as_slice() {
        [] => matches!(kind, SourceKind::Settings { .. }),
        wanted => wanted.iter().any(|wanted| wanted == name),
    };
    let sources = read.project.sources.iter();
    sources.filter(|(_, source)| is_wanted(&name_of(&source.name), &source.kind)).map(|(id, _)| id).collect()
}

/// The name of the file of a path.
fn name_of(path: &str) -> String {
    path.rsplit('/').next().unwrap_or(path).to_owned()
}

fn format_of(name: &str) -> Format {
    Format::of_name(name).expect("the name of a fixture tells its format")
}

/// All texts of a migration, old and new.
pub(crate) fn shown(migrated: &Migrated) -> String {
    let show = |change: &Change| {
        let (name, before, after) = (&change.name, change.before.text(), change.after.text());
        let notes: Vec<_> = change.plan.notes.iter().map(|note| format!("note: {}\n", note.message)).collect();
        let moves = change.plan.moves.iter().map(|it| format!("move: {} -> {}\n", it.from, it.to));
        let moves: Vec<_> = moves.collect();
        format!("--- {name} before\n{before}--- {name} after\n{after}{}{}", moves.concat(), notes.concat())
    };
    migrated.changes.iter().map(show).collect()
}
