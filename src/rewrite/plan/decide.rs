//! What was decided, done: a new host, one server for several databases, passwords in `.env`.

use std::collections::BTreeSet;

use crate::connstr::provider::{Provider, provider};
use crate::document::edit::{At, NewValue, Place};
use crate::model::{
    Connection, Decisions, Key, NoteKind, Project, Question, Relocation, Role, SecretForm, ServerForm, Value,
    ValueChange,
};
use crate::redact::{MASK, Secret};
use crate::template;

use super::settings::Settled;
use super::url;
use super::work::Work;

/// A password that moves to a `.env` file.
pub(super) struct Moved {
    /// The variable.
    pub(super) name: String,
    /// What it holds.
    pub(super) value: Secret,
}

impl Work<'_> {
    /// Does what was decided about the databases of a scope, and asks what was not.
    pub(super) fn decide(&mut self, settled: &mut Settled, decisions: &Decisions) -> Vec<Moved> {
        self.relocate(settled, decisions);
        self.share_server(settled, decisions);
        self.move_secrets(settled, decisions)
    }

    fn relocate(&mut self, settled: &mut Settled, decisions: &Decisions) {
        let roles: Vec<Role> = settled.sections.keys().cloned().collect();
        for role in roles {
            let (Some(section), Some(own)) =
                (settled.sections.get(&role).copied(), settled.connections.get(&role).cloned())
            else {
                continue;
            };
            let Some(target) = decisions.relocate.get(&role) else {
                if let Some((reason, setting)) = dead(&own) {
                    let servers = settled.connections.iter().filter(|(other, connection)| {
                        **other != role && dead(connection).is_none() && connection.settings.get(Key::Host).is_some()
                    });
                    let servers = servers.map(|(other, _)| other.clone()).collect();
                    let origin = setting.origin.clone();
                    settled.questions.push(Question::Relocate { role, reason, origin, servers });
                }
                continue;
            };
            let (host, port) = match target {
                Relocation::Server(other) => {
                    let Some(server) = settled.connections.get(other) else { continue };
                    let value = |key: Key| server.settings.value(key).map(super::value::of_value);
                    let Some(host) = value(Key::Host) else { continue };
                    (host, value(Key::Port).or(Some(NewValue::Integer(5432))))
                }
                Relocation::Host { host, port } => {
                    (NewValue::Text(host.clone()), port.map(|port| NewValue::Integer(i64::from(port))))
                }
            };
            self.set(section, &own, Key::Host, host);
            if let Some(port) = port {
                let is_default = own.settings.get(Key::Port).is_none() && port == NewValue::Integer(5432);
                if !is_default {
                    self.set(section, &own, Key::Port, port);
                }
            }
        }
    }

    /// Sets a key of a section to a new value.
    fn set(&mut self, section: Place, own: &Connection, key: Key, value: NewValue) {
        let old = own.settings.value(key).map(Value::shown);
        let new = url::as_text(&value);
        if own.settings.value(key).map(Value::expose) == new {
            return;
        }
        let path = format!("{}.{}", self.draft.path(section), key.path());
        self.changes.push(ValueChange { key: path, old, new });
        if let Some(place) = self.draft.find(section, key.path()) {
            return self.replace(place, value);
        }
        let at = self.draft.find(section, Key::Host.path()).map_or(At::End, At::After);
        self.draft.insert(section, at, Some(key.path()), value);
    }

    fn share_server(&mut self, settled: &mut Settled, decisions: &Decisions) {
        let Some(main) = settled.connections.get(&Role::Main).cloned() else { return };
        if !settled.sections.contains_key(&Role::Main) {
            return;
        }
        let mut sharing = Vec::new();
        for (role, section) in settled.sections.clone() {
            let Some(own) = settled.connections.get(&role).filter(|_| role != Role::Main).cloned() else { continue };
            let same =
                |key: Key| own.settings.value(key).map(Value::expose) == main.settings.value(key).map(Value::expose);
            let is_on_main = own.settings.get(Key::Host).is_some() && same(Key::Host) && same(Key::Port);
            if !is_on_main || own.settings.get(Key::SameServerAs).is_some() || decisions.relocate.contains_key(&role) {
                continue;
            }
            let inherited = main.settings.iter().find(|(key, _)| {
                !matches!(key, Key::Database | Key::FallbackDatabase | Key::Engine) && own.settings.get(*key).is_none()
            });
            let inherits_parameter = main.parameters.iter().find(|(name, _)| !own.parameters.contains_key(*name));
            let inherited = inherited.map(|(key, _)| key.path().to_owned());
            let inherited = inherited.or(inherits_parameter.map(|(name, _)| name.clone()));
            let merges = self.draft.find(section, "<<").is_some();
            let is_apart = self.apart.contains(&role).then(|| Key::Host.path().to_owned());
            if let Some(key) = inherited.or(merges.then(|| "<<".to_owned())).or(is_apart) {
                if decisions.server == Some(ServerForm::Shared)
                    && let Some(node) = own.first_origin().and_then(node_of)
                {
                    let message =
                        format!("{role} stays in full: as a part of main's server it would take over `{key}`");
                    self.note(NoteKind::Care, node, message);
                }
                continue;
            }
            sharing.push(role.clone());
            if decisions.server == Some(ServerForm::Shared) {
                self.share(section, &own, &main);
            }
        }
        if !sharing.is_empty() && decisions.server.is_none() {
            settled.questions.push(Question::Server { roles: sharing });
        }
    }

    /// Leaves to main's server what a section says the same.
    fn share(&mut self, section: Place, own: &Connection, main: &Connection) {
        let first = self.draft.entries(section).first().map(|(_, place)| *place);
        let at = first.map_or(At::End, At::Before);
        let reference =
            self.draft.insert(section, at, Some(Key::SameServerAs.path()), NewValue::Text("main".to_owned()));
        let is_same = |key: Key| {
            let (one, other) = (own.settings.value(key), main.settings.value(key));
            one.is_some() && one.map(Value::expose) == other.map(Value::expose)
        };
        for (name, place) in self.draft.entries(section) {
            let keys: Vec<Key> = Key::all()
                .filter(|key| key.path() == name || key.path().split_once('.').is_some_and(|(group, _)| group == name))
                .filter(|key| own.settings.get(*key).is_some())
                .collect();
            let is_own = matches!(name.as_str(), "database" | "fallback_database" | "same_server_as");
            if !is_own && !keys.is_empty() && keys.iter().all(|key| is_same(*key)) {
                self.drop_entry(place, Some(reference));
            }
        }
    }

    fn move_secrets(&mut self, settled: &mut Settled, decisions: &Decisions) -> Vec<Moved> {
        let mut moved = Vec::new();
        let mut count = 0;
        for (role, section) in settled.sections.clone() {
            let own = settled.connections.get(&role);
            let password = own.and_then(|own| own.settings.value(Key::Password)).cloned();
            let Some(password) = password.filter(is_literal) else { continue };
            let Some(place) = self.draft.find(section, Key::Password.path()) else { continue };
            count += 1;
            if decisions.secrets != Some(SecretForm::Env) {
                continue;
            }
            let of_role = role.name().to_ascii_uppercase().replace(|c: char| !c.is_ascii_alphanumeric(), "_");
            let environment = settled.environment.as_ref().map(|name| {
                format!("{}_", name.to_ascii_uppercase().replace(|c: char| !c.is_ascii_alphanumeric(), "_"))
            });
            let mut name = format!("{}{of_role}_DB_PASSWORD", environment.unwrap_or_default());
            // A variable of this name that holds something else is somebody else's.
            while self.variables.get(&name).is_some_and(|known| *known != password.expose()) {
                name.push_str("_2");
            }
            let is_known = self.variables.contains_key(&name);
            let key = format!("{}.{}", self.draft.path(section), Key::Password.path());
            let new = format!("${{{name}}}");
            self.changes.push(ValueChange { key, old: Some(MASK.to_owned()), new: Some(new.clone()) });
            self.replace(place, NewValue::Text(new));
            if !is_known {
                moved.push(Moved { name, value: Secret::new(password.expose()) });
            }
        }
        if count > 0 && decisions.secrets.is_none() {
            settled.questions.push(Question::Secrets { count });
        }
        moved
    }
}

/// Whether a password is one, and no variable, placeholder or blank.
fn is_literal(password: &Value) -> bool {
    let text = password.expose();
    !text.is_empty() && !password.is_template() && !template::is_placeholder(&text)
}

fn node_of(origin: &crate::model::Origin) -> Option<crate::document::NodeId> {
    match origin {
        crate::model::Origin::Node { node, .. } => Some(*node),
        _ => None,
    }
}

/// Why the host of a connection cannot exist, with the setting that says it.
fn dead(connection: &Connection) -> Option<(String, &crate::model::Setting)> {
    let setting = connection.settings.get(Key::Host)?;
    let host = setting.effective()?;
    let shown = Work::shown(&setting.value.shown());
    let lower = host.trim_end_matches('.').to_ascii_lowercase();
    let is_impossible = matches!(provider(&host, None, None), Some(Provider::Rds { account: None, .. }));
    if is_impossible {
        return Some((format!("`{shown}` lacks the account part that every host of RDS has"), setting));
    }
    let last = lower.rsplit('.').next().unwrap_or_default();
    (last == "invalid").then(|| (format!("`{shown}` is below `.invalid`, where no host can be"), setting))
}

/// The databases that are not on main's server in every environment.
pub(super) fn apart(project: &Project) -> BTreeSet<Role> {
    let mut apart = BTreeSet::new();
    for configuration in &project.configurations {
        let Some(main) = configuration.database(&Role::Main) else { continue };
        let differs = |connection: &Connection| {
            [Key::Host, Key::Port].into_iter().any(|key| {
                let text = |of: &Connection| of.settings.get(key).map(|it| it.effective().unwrap_or(it.value.expose()));
                text(connection) != text(&main.connection)
            })
        };
        let others = configuration.databases.iter().filter(|database| differs(&database.connection));
        apart.extend(others.map(|database| database.role.clone()));
    }
    apart
}
