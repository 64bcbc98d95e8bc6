//! What was decided, done: a new host, one server for several databases, passwords in `.env`.

use crate::connstr::provider::{Provider, provider};
use crate::document::edit::{At, NewValue, Place};
use crate::model::{
    Connection, Decisions, Key, NoteKind, Question, Relocation, Role, SecretForm, ServerForm, Setting, Value,
    ValueChange,
};
use crate::redact::{MASK, Secret};
use crate::template::{self, Syntax};

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
                    let has_host = |server: &&Connection| server.settings.get(Key::Host).is_some();
                    let known = settled.connections.get(other).filter(has_host);
                    let server = known.or_else(|| self.around.servers.get(other).filter(has_host)).cloned();
                    let value =
                        |key: Key| server.as_ref().and_then(|it| it.settings.value(key)).map(super::value::of_value);
                    let Some(host) = value(Key::Host) else {
                        if let Some(node) = own.first_origin().and_then(node_of) {
                            let message = format!("{role} keeps its host: {other} does not say where its server is");
                            self.note(NoteKind::Left, node, message);
                        }
                        continue;
                    };
                    (host, value(Key::Port).or(Some(NewValue::Integer(5432))))
                }
                Relocation::Host { host, port } => {
                    (NewValue::Text(host.clone()), port.map(|port| NewValue::Integer(i64::from(port))))
                }
            };
            self.set(section, &own, Key::Host, host.clone());
            let mut moved = own.clone();
            let set = |moved: &mut Connection, key: Key, value: &NewValue| {
                let text = url::as_text(value).unwrap_or_default();
                moved.settings.set(key, Setting::new(Value::text(text), crate::model::Origin::Default));
            };
            set(&mut moved, Key::Host, &host);
            if let Some(port) = port {
                let is_default = own.settings.get(Key::Port).is_none() && port == NewValue::Integer(5432);
                if !is_default {
                    set(&mut moved, Key::Port, &port);
                    self.set(section, &own, Key::Port, port);
                }
            }
            settled.connections.insert(role, moved);
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
            if !is_on_main || own.settings.get(Key::SameServerAs).is_some() {
                continue;
            }
            let inherited = main.settings.iter().find(|(key, _)| {
                !matches!(key, Key::Database | Key::FallbackDatabase | Key::Engine) && own.settings.get(*key).is_none()
            });
            let inherits_parameter = main.parameters.iter().find(|(name, _)| !own.parameters.contains_key(*name));
            let inherited = inherited.map(|(key, _)| key.path().to_owned());
            let inherited = inherited.or(inherits_parameter.map(|(name, _)| name.clone()));
            let merges = self.draft.find(section, "<<").is_some();
            let is_on_mains = decisions.relocate.get(&role) == Some(&Relocation::Server(Role::Main));
            let is_apart = (self.around.apart.contains(&role) && !is_on_mains).then(|| Key::Host.path().to_owned());
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
            let prefix = variable_of(&role, settled.environment.as_deref());
            if let Some(place) = self.draft.find(section, Key::Password.path())
                && let Some(password) = password.filter(|password| self.is_literal(place, password))
            {
                count += 1;
                self.move_secret(place, format!("{prefix}PASSWORD"), password.expose(), decisions, &mut moved);
            }
            for (list, name) in [("replicas", "REPLICA"), ("failover", "FAILOVER")] {
                let Some(list) = self.draft.find(section, list) else { continue };
                for (number, item) in self.draft.items(list).into_iter().enumerate() {
                    let Some(place) = self.draft.find(item, Key::Password.path()) else { continue };
                    let Some(text) = self.text(place).map(str::to_owned) else { continue };
                    let password = Value::Secret { text: Secret::new(text.as_str()), syntax: Syntax::Braces };
                    if self.is_literal(place, &password) {
                        count += 1;
                        let name = format!("{prefix}{name}_{}_PASSWORD", number + 1);
                        self.move_secret(place, name, text, decisions, &mut moved);
                    }
                }
            }
        }
        if count > 0 && decisions.secrets.is_none() {
            settled.questions.push(Question::Secrets { count });
        }
        moved
    }

    /// Puts a variable in the place of a password, if that was decided.
    fn move_secret(
        &mut self,
        place: Place,
        mut name: String,
        password: String,
        decisions: &Decisions,
        moved: &mut Vec<Moved>,
    ) {
        if decisions.secrets != Some(SecretForm::Env) {
            return;
        }
        let why = match &self.no_secrets {
            Some(why) => Some(format!("the `.env` beside it cannot take it ({why})")),
            // Readers of `.env` files differ in how they read these.
            None if password.contains(['\'', '\\', '\n', '\r']) => {
                Some("its characters mean something else to some readers of `.env`".to_owned())
            }
            None => None,
        };
        if let Some(why) = why {
            if let Some(node) = self.draft.node(place) {
                self.note(NoteKind::Left, node, format!("the password stays: {why}"));
            }
            return;
        }
        // A variable of this name that holds something else is somebody else's.
        while self.variables.get(&name).is_some_and(|known| *known != password) {
            name.push_str("_2");
        }
        let key = self.draft.path(place).to_string();
        let new = format!("${{{name}}}");
        self.changes.push(ValueChange { key, old: Some(MASK.to_owned()), new: Some(new.clone()) });
        self.replace(place, NewValue::Text(new));
        if !self.variables.contains_key(&name) {
            self.variables.insert(name.clone(), password.clone());
            moved.push(Moved { name, value: Secret::new(password) });
        }
    }

    /// Whether a password is one, and no variable, placeholder, mask, encrypted value or blank.
    fn is_literal(&mut self, place: Place, password: &Value) -> bool {
        let text = password.expose();
        let is_encrypted = text.starts_with("ENC[") || text.starts_with("$ANSIBLE_VAULT");
        let is_mask = text.len() >= 3 && text.bytes().all(|byte| byte == b'*');
        let is_scrubbed = text.starts_with("***") && text.ends_with("***");
        let is_tagged = self
            .draft
            .node(place)
            .and_then(|node| self.document.marks(node))
            .is_some_and(|marks| marks.tag.is_some() || marks.anchor.is_some());
        let is_open = text.is_empty() || password.is_template() || template::is_placeholder(&text);
        !(is_open || is_encrypted || is_mask || is_scrubbed || is_tagged)
    }
}

/// What the names of variables for a database begin with. They are none that dbcfg reads as settings of a database
/// (`MAIN_DB_PASSWORD` would be the password of main in every environment).
fn variable_of(role: &Role, environment: Option<&str>) -> String {
    let word = |text: &str| text.to_ascii_uppercase().replace(|c: char| !c.is_ascii_alphanumeric(), "_");
    let environment = environment.map(|name| format!("{}_", word(name))).unwrap_or_default();
    let role = word(role.name());
    let role = if role.starts_with(|c: char| c.is_ascii_digit()) { format!("DATABASE_{role}") } else { role };
    format!("{environment}{role}_")
}

fn node_of(origin: &crate::model::Origin) -> Option<crate::document::NodeId> {
    match origin {
        crate::model::Origin::Node { node, .. } => Some(*node),
        _ => None,
    }
}

/// Why the host of a connection cannot exist, with the setting that says it.
fn dead(connection: &Connection) -> Option<(String, &Setting)> {
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
