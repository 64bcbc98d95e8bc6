//! One section that describes one connection: its keys, by whatever names, to canonical settings.

use crate::document::scalar::yaml_1_1;
use crate::document::{Entry, Format, NodeId, ScalarStyle, ScalarType};
use crate::finding::Finding;
use crate::model::{Connection, Key, Setting, Settings, SourceKind, Value};
use crate::redact;
use crate::rules;
use crate::template::{self, Syntax, Template};

use super::reader::Reader;
use super::synonyms::{self, Field, GroupName};
use super::url;
use super::values::{checked, engine, split_urls, switch, text_value, typed, wanted};

/// What a section says.
#[derive(Debug, Default)]
pub(super) struct Section {
    pub(super) connection: Connection,
    pub(super) replicas: Option<Vec<Connection>>,
    pub(super) failover: Option<Vec<Connection>>,
    /// The value of `credential_ref`.
    pub(super) credential_ref: Option<NodeId>,
    /// Whether a connection string says where it is.
    pub(super) has_url: bool,
}

/// How strictly keys are judged.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Strictness {
    /// The canonical schema: every key that it does not know is reported.
    Canonical,
    /// A legacy section: only keys that are most likely misspelt are.
    Legacy,
}

impl Reader<'_> {
    /// What a `$` means at a node.
    pub(super) fn syntax(&self, node: NodeId) -> Syntax {
        let style = self.document.scalar(node).map(|scalar| scalar.style);
        match (self.kind, style) {
            (SourceKind::Env { .. }, Some(ScalarStyle::SingleQuoted)) => Syntax::Verbatim,
            (SourceKind::Env { .. }, _) => Syntax::Shell,
            (SourceKind::Compose { .. }, _) => Syntax::Compose,
            _ => Syntax::Braces,
        }
    }

    /// Reads a section, a connection string, or what an alias stands for.
    pub(super) fn section(&mut self, node: NodeId, strictness: Strictness) -> Section {
        let mut section = Section::default();
        if !self.document.is_mapping(node) {
            if let Some(connection) = self.connection_or_open_url(node) {
                section.connection = connection;
                section.has_url = true;
            }
            return section;
        }
        let entries = self.named(node);
        // The connection string first: it wins over the fields beside it.
        for (key, entry) in &entries {
            if synonyms::field(key) == Some(Field::Url) {
                self.url_field(*entry, &mut section);
            }
        }
        for (key, entry) in entries {
            match synonyms::field(&key) {
                Some(field) => self.field(&field, &key, entry, &mut section),
                None => self.unknown(&key, entry, strictness, &synonyms::field_names()),
            }
        }
        settle_sqlite(&mut section.connection);
        section
    }

    fn url_field(&mut self, entry: Entry, section: &mut Section) {
        if self.document.is_blank(entry.value) {
            return;
        }
        if let Some(connection) = self.connection_or_open_url(entry.value) {
            section.has_url = true;
            section.connection.fill(connection, |_| true);
        } else if self.document.scalar(entry.value).is_none() {
            self.wrong_type(entry, "a connection string");
        } else if !self.document.text_of(entry.value).is_some_and(template::is_placeholder) {
            self.no_connection_string(entry);
        }
    }

    /// The connection string at a node, or the template that will be one once its variables are known.
    pub(super) fn connection_or_open_url(&mut self, node: NodeId) -> Option<Connection> {
        if let Some(connection) = url::connection_at(self, node) {
            return Some(connection);
        }
        let text = self.document.text_of(node)?;
        let syntax = self.syntax(node);
        // Only a text that begins with a variable can become one: `file:///${DIR}` is something else.
        let is_open = text.starts_with("${") && !Template::parse(text, syntax).is_literal();
        is_open.then(|| {
            let mut connection = Connection::default();
            let value = Value::Url { text: redact::Secret::new(text), syntax };
            connection.settings.set(Key::Url, Setting::new(value, self.origin(node)));
            connection
        })
    }

    fn no_connection_string(&mut self, entry: Entry) {
        let name = redact::show_text(self.document.key(entry).unwrap_or_default());
        let message = format!("`{name}` takes a connection string, and this is none");
        let help = "write postgresql://user@host:5432/database, or host=... dbname=...";
        let origin = self.origin(entry.value);
        self.report(Finding::new(&rules::syntax::unparsable::INFO, origin, message).help(help));
    }

    fn field(&mut self, field: &Field, name: &str, entry: Entry, section: &mut Section) {
        let document = self.document;
        match field {
            Field::Key(key) => {
                let is_password = *key == Key::Password && document.text_of(entry.value) == Some("");
                if !document.is_blank(entry.value) || is_password {
                    self.key(*key, entry, section);
                }
            }
            Field::PerhapsEngine => {
                if document.text_of(entry.value).is_some_and(|text| engine(text).is_some()) {
                    self.key(Key::Engine, entry, section);
                }
            }
            Field::Parameter(parameter) => self.parameter(parameter, entry, section),
            Field::Ssl if document.is_mapping(entry.value) => self.group(GroupName::Ssl, entry.value, section),
            Field::Ssl => self.ssl_switch(entry, section),
            Field::Group(GroupName::Breaker) | Field::Known | Field::Url => {}
            Field::Group(group) if document.is_mapping(entry.value) => self.group(*group, entry.value, section),
            Field::Group(group) => self.group_scalar(*group, name, entry, section),
            Field::CredentialRef => section.credential_ref = Some(entry.value),
            Field::Replicas => section.replicas = Some(self.members(entry.value)),
            Field::Failover => section.failover = Some(self.members(entry.value)),
        }
    }

    fn key(&mut self, key: Key, entry: Entry, section: &mut Section) {
        let Some(setting) = self.setting(key, entry) else { return };
        let has_url = section.has_url;
        let settings = &mut section.connection.settings;
        if has_url && setting.value.is_empty() {
            return;
        }
        let disagrees =
            has_url && settings.get(key).is_some_and(|winner| winner.value.expose() != setting.value.expose());
        let origin = setting.origin.clone();
        if has_url && key == Key::Engine && !disagrees {
            return;
        }
        settings.add_weaker(key, setting);
        if disagrees && let Some(winner) = section.connection.settings.get(key) {
            let message = format!("the URL beside it names another {}, and wins", key.path().replace('_', " "));
            let winner = winner.origin.clone();
            let finding = Finding::new(&rules::endpoint::url_fields_disagree::INFO, origin, message)
                .help("remove the field, or the URL")
                .related(winner, "this is used");
            self.report(finding);
        }
    }

    fn parameter(&mut self, name: &str, entry: Entry, section: &mut Section) {
        if self.document.is_blank(entry.value) {
            return;
        }
        if let Some(key) = Key::of_libpq(name) {
            return self.key(key, entry, section);
        }
        let Some(scalar) = self.document.scalar(entry.value) else { return self.wrong_type(entry, "a single value") };
        let value = text_value(scalar.text, self.syntax(entry.value), redact::is_secret_name(name));
        let setting = Setting::new(value, self.origin(entry.value));
        section.connection.parameters.insert_if_absent(name.to_owned(), setting);
    }

    fn group(&mut self, group: GroupName, mapping: NodeId, section: &mut Section) {
        for (name, entry) in self.named(mapping) {
            let normal = synonyms::normalise(&name).into_owned();
            match group.key(&normal) {
                Some(key) if !self.document.is_blank(entry.value) => self.key(key, entry, section),
                Some(_) => {}
                None if group == GroupName::Parameters => self.parameter(&name, entry, section),
                None if normal == "enabled" => {}
                None => self.unknown(&name, entry, Strictness::Legacy, &group.names()),
            }
        }
    }

    /// `pool: 5`, `retry: 3`: the number that the group is about.
    fn group_scalar(&mut self, group: GroupName, name: &str, entry: Entry, section: &mut Section) {
        let key = match group {
            GroupName::Pool => Key::PoolMax,
            GroupName::Retry => Key::RetryAttempts,
            _ => return self.wrong_type(entry, "a mapping"),
        };
        let is_number = self.document.scalar(entry.value).is_some_and(|scalar| scalar.kind() != ScalarType::Text);
        if is_number && name != "enabled" && !self.document.is_blank(entry.value) {
            self.key(key, entry, section);
        }
    }

    /// `ssl: true` is `require`, `ssl: false` is `disable`, anything else a mode.
    fn ssl_switch(&mut self, entry: Entry, section: &mut Section) {
        let Some(scalar) = self.document.scalar(entry.value).filter(|_| !self.document.is_blank(entry.value)) else {
            return;
        };
        let mode = match switch(scalar.text) {
            Some(true) => "require",
            Some(false) => "disable",
            None => scalar.text,
        };
        let value = text_value(mode, self.syntax(entry.value), false);
        let setting = Setting::new(value, self.origin(entry.value));
        section.connection.settings.add_weaker(Key::SslMode, setting);
    }

    /// Replicas and failover: a list of URLs or sections, or one of them, or text with commas.
    fn members(&mut self, node: NodeId) -> Vec<Connection> {
        let items = self.document.items(node).to_vec();
        if !items.is_empty() {
            return items.into_iter().flat_map(|item| self.members_of_item(item)).collect();
        }
        self.members_at(node, says_where)
    }

    /// What one item of a list stands for. What it leaves out is main's, so that a port alone is a place.
    fn members_of_item(&mut self, node: NodeId) -> Vec<Connection> {
        let items = self.document.items(node).to_vec();
        if !items.is_empty() {
            return items.into_iter().flat_map(|item| self.members_of_item(item)).collect();
        }
        self.members_at(node, |connection| !connection.settings.is_empty() || !connection.parameters.is_empty())
    }

    /// What a text or a section stands for, if `is_one` takes the section for a place.
    fn members_at(&mut self, node: NodeId, is_one: impl Fn(&Connection) -> bool) -> Vec<Connection> {
        if self.document.is_blank(node) {
            return Vec::new();
        }
        if let Some(scalar) = self.document.scalar(node)
            && scalar.text.contains("://")
        {
            return self.url_list(node);
        }
        if let Some(scalar) = self.document.scalar(node).filter(|scalar| !scalar.text.contains("${")) {
            // `replicas: [r1, r2]` names hosts.
            let mut connection = Connection::default();
            let value = typed(Key::Host, scalar.text, self.syntax(node), false);
            connection.settings.set(Key::Host, Setting::new(value, self.origin(node)));
            return vec![connection];
        }
        let section = self.section(node, Strictness::Legacy);
        if is_one(&section.connection) { vec![section.connection] } else { Vec::new() }
    }

    /// URLs in one text, separated by commas or white space (`REPLICA_DATABASE_URLS`).
    fn url_list(&mut self, node: NodeId) -> Vec<Connection> {
        let Some(scalar) = self.document.scalar(node) else { return Vec::new() };
        let text = scalar.text.trim_matches(['[', ']', '"', '\'', ' ']);
        if text.matches("://").count() < 2 {
            return url::connection_at(self, node).into_iter().collect();
        }
        let origin = self.origin(node);
        let syntax = self.syntax(node);
        let mut findings = Vec::new();
        let mut found = Vec::new();
        for piece in split_urls(text) {
            let piece = piece.trim_matches([',', ' ', '"', '\'']);
            found.extend(url::connection_of_variable(piece, syntax, &origin, &mut findings));
        }
        for finding in findings {
            self.report(finding);
        }
        found
    }

    /// The setting of a key: the value at an entry, of the type that the key takes. Another type is reported.
    pub(super) fn setting(&mut self, key: Key, entry: Entry) -> Option<Setting> {
        let Some(scalar) = self.document.scalar(entry.value) else {
            self.wrong_type(entry, wanted(key));
            return None;
        };
        let (text, syntax) = (scalar.text, self.syntax(entry.value));
        let origin = self.origin(entry.value);
        self.judge_text(text, scalar.span, &origin);
        let value = checked(key, text, syntax).or_else(|| self.whole_number(key, entry.value));
        match &value {
            None => self.wrong_type(entry, wanted(key)),
            Some(value) => self.quoted(entry, value),
        }
        // A port that is none is kept all the same: without it the default would count, and another server would be meant.
        let value = value.or_else(|| (key == Key::Port).then(|| text_value(text, syntax, false)));
        value.map(|value| Setting::new(value, origin))
    }

    /// A number in a spelling of its format: `1_000` in TOML, or in YAML as its readers of 1.1 have it.
    fn whole_number(&self, key: Key, node: NodeId) -> Option<Value> {
        let scalar = self.document.scalar(node).filter(|scalar| scalar.style == ScalarStyle::Plain)?;
        let old = || match self.document.format() {
            Format::Yaml => yaml_1_1(scalar.text),
            _ => ScalarType::Text,
        };
        match [scalar.kind(), old()] {
            [ScalarType::Integer(number), _] | [_, ScalarType::Integer(number)] => {
                checked(key, &number.to_string(), Syntax::Verbatim)
            }
            _ => None,
        }
    }
}

/// Whether a section says where something is, or as whom: one without a list may as well say how to fail over.
fn says_where(connection: &Connection) -> bool {
    let says = |(key, _): (Key, &Setting)| key.is_identity() || key == Key::Url;
    connection.settings.iter().any(says) || connection.parameters.contains_key("service")
}

/// A SQLite section may call its file `db_path`, `host` or `database`; it has one place, and that is `path`.
/// A driver behind a plus (`postgresql+asyncpg`) is a key of its own.
pub(super) fn settle_sqlite(connection: &mut Connection) {
    let settings = &mut connection.settings;
    split_driver(settings);
    let is_sqlite = match settings.value(Key::Engine) {
        Some(engine) => engine.expose() == "sqlite",
        None => settings.get(Key::Path).is_some() && settings.get(Key::Host).is_none(),
    };
    if !is_sqlite {
        return;
    }
    if let Some(path) = settings.get(Key::Path)
        && settings.get(Key::Engine).is_none()
    {
        let origin = path.origin.clone();
        settings.set(Key::Engine, Setting::new(Value::text("sqlite"), origin));
    }
    for key in [Key::Database, Key::Host] {
        let Some(setting) = settings.remove(key) else { continue };
        settings.add_weaker(Key::Path, setting);
    }
}

fn split_driver(settings: &mut Settings) {
    let Some(setting) = settings.get(Key::Engine).cloned() else { return };
    let text = setting.value.expose();
    let Some((base, driver)) = text.split_once('+') else { return };
    if let Some(engine) = engine(base) {
        settings.add_weaker(Key::Driver, Setting::new(Value::text(driver), setting.origin.clone()));
        settings.set(Key::Engine, Setting { value: Value::text(engine), ..setting });
    }
}
