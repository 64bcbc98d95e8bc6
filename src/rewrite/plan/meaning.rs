//! What a project means before and after: the promise that nothing is lost, checked before anybody writes.

use std::collections::{BTreeMap, HashMap, HashSet};

use crate::document::Document;
use crate::layouts::{self, Names, Reading};
use crate::model::{
    Configuration, Connection, Database, Decisions, Key, Origin, Project, Role, Service, Setting, Source, SourceId,
    Sources, Store,
};
use crate::normalize::{self, Normalized};
use crate::redact;

/// What a project says in one environment.
struct Meaning<'project> {
    databases: &'project [Database],
    services: &'project [Service],
    stores: &'project [Store],
}

/// What the new texts would mean otherwise.
pub(super) struct Difference {
    /// The part of the canonical schema: `databases.main`, `services`.
    pub(super) part: String,
    /// What differs, safe to print.
    pub(super) what: String,
}

impl Difference {
    fn of(role: &Role, what: impl Into<String>) -> Self {
        Self { part: format!("databases.{}", role.name()), what: what.into() }
    }
}

/// Compares what the project means with what it will. Gives back the first difference.
pub(super) fn difference(
    project: &Project,
    after: &Sources,
    names: &Names,
    losers: &[Origin],
    decisions: &Decisions,
) -> Option<Difference> {
    let environments: Vec<Option<String>> = project.configurations.iter().map(|it| it.environment.clone()).collect();
    let readings = read(after, names);
    // Who was decided against says nothing any more.
    let before: Vec<Normalized> = if losers.is_empty() {
        Vec::new()
    } else {
        let mut readings = read(&project.sources, names);
        for (_, reading) in &mut readings {
            reading.found.retain(|found| !losers.contains(&found.origin()));
        }
        let normalize =
            |name: &Option<String>| normalize::normalize(&project.sources, readings.clone(), name.as_deref());
        environments.iter().map(normalize).collect()
    };
    for (index, environment) in environments.iter().enumerate() {
        let now = normalize::normalize(after, readings.clone(), environment.as_deref());
        let now = Meaning { databases: &now.databases, services: &now.services, stores: &now.stores };
        let then = match before.get(index) {
            Some(it) => Meaning { databases: &it.databases, services: &it.services, stores: &it.stores },
            None => of_configuration(project.configurations.get(index)?),
        };
        if let Some(difference) = between(&then, &now, decisions) {
            let place = environment.as_ref().map(|name| format!(" in {}", redact::show_text(name)));
            let what = format!("{}{}", difference.what, place.unwrap_or_default());
            return Some(Difference { what, ..difference });
        }
    }
    None
}

fn of_configuration(configuration: &Configuration) -> Meaning<'_> {
    Meaning { databases: &configuration.databases, services: &configuration.services, stores: &configuration.stores }
}

/// What each source says.
fn read(sources: &Sources, names: &Names) -> Vec<(SourceId, Reading)> {
    sources.iter().map(|(id, source)| (id, layouts::read(id, source, names))).collect()
}

/// All inputs of a project with new texts for some, and files that are new.
pub(super) fn sources(project: &Project, mut new: BTreeMap<SourceId, Document>, added: Vec<Source>) -> Sources {
    let mut sources = Sources::default();
    for (id, source) in project.sources.iter() {
        let again = |document: &Document| Document::parse(document.text().as_bytes(), document.format());
        let document = new.remove(&id).or_else(|| source.document.as_ref().map(again));
        sources.add(Source { name: source.name.clone(), kind: source.kind.clone(), document, facts: source.facts });
    }
    for source in added {
        sources.add(source);
    }
    sources
}

fn between(then: &Meaning<'_>, now: &Meaning<'_>, decisions: &Decisions) -> Option<Difference> {
    let by_role: HashMap<&Role, &Database> = now.databases.iter().map(|it| (&it.role, it)).collect();
    for database in then.databases {
        let role = redact::show_text(database.role.name());
        let Some(same) = by_role.get(&database.role) else {
            return Some(Difference::of(&database.role, format!("{role} is gone")));
        };
        let is_moved = is_moved(then, &database.role, decisions);
        if let Some(key) = connections(&database.connection, &same.connection, is_moved) {
            // The word itself would be taken for the beginning of a password, and what follows be masked.
            let key = if key == Key::Password.path() { "the login".to_owned() } else { key };
            return Some(Difference::of(&database.role, format!("{key} of {role}")));
        }
        for (what, one, other) in
            [("replicas", &database.replicas, &same.replicas), ("failover", &database.failover, &same.failover)]
        {
            // What follows main to another server is a member of it still.
            let is_moved = is_moved || decisions.relocate.contains_key(&Role::Main);
            let differs = one.iter().zip(other).find_map(|(one, other)| connections(one, other, is_moved));
            if one.len() != other.len() || differs.is_some() {
                return Some(Difference::of(&database.role, format!("{what} of {role}")));
            }
        }
    }
    let known: HashSet<&Role> = then.databases.iter().map(|it| &it.role).collect();
    if let Some(new) = now.databases.iter().find(|it| !known.contains(&it.role)) {
        return Some(Difference::of(&new.role, format!("{} is new", redact::show_text(new.role.name()))));
    }
    for service in then.services.iter().chain(now.services) {
        let settings = |of: &Meaning<'_>| {
            let found = of.services.iter().find(|it| it.name == service.name);
            found.map(|it| it.settings.iter().map(|(key, setting)| (key, text(setting))).collect::<Vec<_>>())
        };
        if settings(then) != settings(now) {
            let what = format!("the service {}", redact::show_text(&service.name));
            return Some(Difference { part: "services".to_owned(), what });
        }
    }
    let stores = |of: &Meaning<'_>| of.stores.iter().map(|it| (it.part, text(&it.setting))).collect::<Vec<_>>();
    let what = || Difference { part: "services".to_owned(), what: "a store of MLflow".to_owned() };
    (stores(then) != stores(now)).then(what)
}

/// Whether a database gets another host: by its own decision, or by that for the one whose server it is on.
fn is_moved(meaning: &Meaning<'_>, role: &Role, decisions: &Decisions) -> bool {
    if decisions.relocate.is_empty() {
        return false;
    }
    let mut at = role.clone();
    for _ in 0..meaning.databases.len().min(16) {
        if decisions.relocate.contains_key(&at) {
            return true;
        }
        let own = meaning.databases.iter().find(|database| database.role == at);
        let Some(server) = own.and_then(|own| own.connection.settings.value(Key::SameServerAs)) else { return false };
        at = Role::of_name(&server.expose());
    }
    false
}

/// The first key in which two connections differ.
fn connections(one: &Connection, other: &Connection, is_moved: bool) -> Option<String> {
    if one.engine() != other.engine() {
        return Some(Key::Engine.path().to_owned());
    }
    let differs = |key: &Key| one.settings.get(*key).map(text) != other.settings.get(*key).map(text);
    let is_left_out = |key: &Key| {
        matches!(key, Key::Engine | Key::SameServerAs) || (is_moved && matches!(key, Key::Host | Key::Port))
    };
    if let Some(key) = Key::all().find(|key| !is_left_out(key) && differs(key)) {
        return Some(key.path().to_owned());
    }
    let parameters =
        |of: &Connection| of.parameters.iter().map(|(name, it)| (name.clone(), text(it))).collect::<Vec<_>>();
    (parameters(one) != parameters(other)).then(|| "a parameter".to_owned())
}

/// What a value comes down to, secrets included; as it is written while a variable is unknown.
fn text(setting: &Setting) -> String {
    setting.effective().unwrap_or_else(|| setting.value.expose())
}
