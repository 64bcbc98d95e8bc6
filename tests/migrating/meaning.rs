//! What a project means, written down by itself for these tests: it shares nothing with the comparison of the planner.

use std::collections::BTreeMap;

use dbcfg::model::{Configuration, Connection, Key, Project, Relocation, Role, SecretForm, ServerForm, Setting};

use super::Wishes;

/// A line for everything that a project says in each of its environments: `production main.host` is `db.example.com`.
#[derive(Default)]
pub(super) struct Meaning(BTreeMap<String, String>);

impl Meaning {
    pub(super) fn of(project: &Project, wishes: &Wishes) -> Self {
        let mut meaning = Self::default();
        for configuration in &project.configurations {
            let environment = configuration.environment.as_deref().unwrap_or("always");
            meaning.read(environment, configuration, wishes);
        }
        meaning
    }

    fn read(&mut self, environment: &str, configuration: &Configuration, wishes: &Wishes) {
        for database in &configuration.databases {
            let place = format!("{environment} {}", database.role);
            let moved = moved(configuration, &database.role, wishes);
            self.connection(&place, &database.connection, moved.as_ref(), wishes);
            for (kind, members) in [("replicas", &database.replicas), ("failover", &database.failover)] {
                for (index, member) in members.iter().enumerate() {
                    self.connection(&format!("{place}.{kind}[{index}]"), member, None, wishes);
                }
            }
        }
        for service in &configuration.services {
            for (key, setting) in service.settings.iter() {
                self.setting(&format!("{environment} services.{}.{}", service.name, key.path()), setting, wishes);
            }
        }
        for (index, store) in configuration.stores.iter().enumerate() {
            self.setting(&format!("{environment} stores[{index}]"), &store.setting, wishes);
        }
    }

    fn connection(&mut self, place: &str, from: &Connection, moved: Option<&(String, String)>, wishes: &Wishes) {
        // Whether the engine is said or only understood, it is the same.
        self.0.insert(format!("{place}.engine"), from.engine());
        for (key, setting) in from.settings.iter() {
            let is_new_form = key == Key::SameServerAs && wishes.decisions.server == Some(ServerForm::Shared);
            let is_moved = moved.is_some() && matches!(key, Key::Host | Key::Port);
            if key != Key::Engine && !is_new_form && !is_moved {
                self.setting(&format!("{place}.{}", key.path()), setting, wishes);
            }
        }
        if let Some((host, port)) = moved {
            self.0.insert(format!("{place}.host"), host.clone());
            self.0.insert(format!("{place}.port"), port.clone());
        }
        for (name, setting) in from.parameters.iter() {
            self.setting(&format!("{place}.parameters.{name}"), setting, wishes);
        }
    }

    fn setting(&mut self, place: &str, setting: &Setting, wishes: &Wishes) {
        if let Some(text) = setting.effective() {
            self.0.insert(place.to_owned(), text);
        }
        let is_secret_moved = wishes.decisions.secrets == Some(SecretForm::Env) && place.ends_with("password");
        if !is_secret_moved {
            self.0.insert(format!("{place} (as written)"), unnamed(&setting.value.expose(), wishes));
        }
    }

    /// How many values say where a database is and who enters it: what no migration may lose.
    pub(super) fn places(&self) -> usize {
        let fields = [".host", ".port", ".database", ".username", ".password", ".path", ".url"];
        // Services are not databases.
        self.0
            .keys()
            .filter(|key| !key.contains(" services.") && fields.iter().any(|field| key.ends_with(field)))
            .count()
    }

    /// Whether it says nothing at all, so that comparing it means nothing.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What the other says differently, as an error.
    pub(super) fn compare(&self, other: &Self) -> Result<(), String> {
        let keys: std::collections::BTreeSet<&String> = self.0.keys().chain(other.0.keys()).collect();
        let differs = keys.into_iter().filter(|key| self.0.get(*key) != other.0.get(*key));
        let told = |text: Option<&String>| text.map_or("nothing".to_owned(), |text| format!("`{text}`"));
        let lines = differs.map(|key| format!("{key}: {}, then {}", told(self.0.get(key)), told(other.0.get(key))));
        let lines: Vec<String> = lines.collect();
        if lines.is_empty() { Ok(()) } else { Err(format!("the meaning changes:\n{}", lines.join("\n"))) }
    }
}

/// The text with the names of other keys taken out, since references follow keys to their new names.
fn unnamed(text: &str, wishes: &Wishes) -> String {
    let renames_variables = wishes.targets.iter().any(|name| name.starts_with(".env"));
    let mut shown = String::new();
    let mut rest = text;
    while let Some(at) = rest.find("${") {
        let (before, behind) = rest.split_at(at + 2);
        shown.push_str(before);
        let end = behind.find(|c: char| !(c.is_alphanumeric() || "_.-".contains(c))).unwrap_or(behind.len());
        let (name, tail) = behind.split_at(end);
        let is_reference = name.contains('.');
        shown.push_str(if is_reference || renames_variables { "*" } else { name });
        rest = tail;
    }
    shown.push_str(rest);
    shown
}

/// Host and port of a database that is relocated.
fn moved(configuration: &Configuration, role: &Role, wishes: &Wishes) -> Option<(String, String)> {
    let text = |role: &Role, key: Key| {
        let setting = configuration.database(role)?.connection.settings.get(key)?;
        Some(setting.value.expose())
    };
    let port_of = |role: &Role| text(role, Key::Port).unwrap_or_else(|| "5432".to_owned());
    Some(match wishes.decisions.relocate.get(role)? {
        Relocation::Server(server) => (text(server, Key::Host)?, port_of(server)),
        Relocation::Host { host, port } => (host.clone(), port.map_or_else(|| port_of(role), |port| port.to_string())),
    })
}
