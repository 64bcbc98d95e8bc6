//! A configuration as an ordered tree: what `show` prints as YAML, TOML and JSON.

use crate::model::{
    Configuration, Connection, Database, Key, Kind, Origin, Outcome, Resolution, Role, Setting, Settings, Sources,
    Value,
};
use crate::redact;
use crate::template::Syntax;

use super::tree::Tree;

/// What is shown of a configuration.
#[derive(Clone, Copy, Debug, Default)]
pub struct View {
    /// Where each value comes from, what it won against, and what uses each database.
    pub has_origins: bool,
}

/// Keys whose defaults are shown: those that surprise people.
const SHOWN_DEFAULTS: &[Key] = &[Key::Engine, Key::Port, Key::SslMode];

/// The canonical view of a configuration, secrets masked.
pub fn view(configuration: &Configuration, view: View) -> Tree {
    let writer = Writer { sources: &configuration.sources, view };
    let mut top = vec![("version".to_owned(), Tree::Integer(1))];
    if let Some(environment) = &configuration.environment {
        top.push(("environment".to_owned(), safe(environment)));
    }
    let databases = configuration.databases.iter();
    let databases = databases.map(|database| (role(&database.role), writer.database(database))).collect();
    top.push(("databases".to_owned(), Tree::Map(databases)));
    let services = configuration.services.iter();
    let services = services.map(|service| {
        let mut tree = Tree::Map(Vec::new());
        writer.settings(&mut tree, &service.settings);
        (service.name.clone(), tree)
    });
    top.push(("services".to_owned(), Tree::Map(services.collect())));
    Tree::Map(top)
}

/// The value of a setting as people are to see it: resolved where all variables are known and none holds a secret,
/// otherwise as it stands, secrets masked.
pub(super) fn shown(setting: &Setting) -> String {
    if let Value::Float(number) = setting.value {
        // `1.0`, as YAML, TOML and JSON have it.
        return format!("{number:?}");
    }
    let is_secret = |used: &String| used.rsplit('.').next().is_some_and(redact::is_secret_name);
    let is_known = |it: &&Resolution| it.missing.is_empty() && !it.used.iter().any(is_secret);
    match (&setting.value, setting.resolution.as_deref().filter(is_known)) {
        (Value::Text { .. }, Some(resolution)) => redact::mask_text(resolution.text.expose()).into_owned(),
        (Value::Url { .. }, Some(resolution)) if is_maskable(resolution.text.expose()) => {
            Value::Url { text: resolution.text.clone(), syntax: Syntax::Verbatim }.shown()
        }
        _ => setting.value.shown(),
    }
}

/// Whether it is certain which part of a text is a password: it begins with a scheme, and what stands before its only
/// `@` is a user and a password, and no token in place of both.
fn is_maskable(url: &str) -> bool {
    let Some((scheme, rest)) = url.split_once("://") else { return false };
    let is_scheme = |byte: u8| byte.is_ascii_alphanumeric() || b"+-._".contains(&byte);
    let is_plain = !scheme.is_empty() && scheme.bytes().all(is_scheme) && !rest.contains("://");
    // A second `@`, or one behind a slash, may be part of the password or of another secret in the query.
    let is_login = |login: &str| login.contains(':') && !login.contains(['/', '?', '#', '@']);
    is_plain && rest.rsplit_once('@').is_none_or(|(login, _)| is_login(login))
}

/// Keys that a SQLite file has no use for.
pub(super) fn is_shown(connection: &Connection, key: Key) -> bool {
    let network = matches!(
        key,
        Key::Host
            | Key::HostAddress
            | Key::Port
            | Key::Database
            | Key::SslMode
            | Key::SslCert
            | Key::SslKey
            | Key::SslRootCert
    );
    !(network && connection.is_sqlite())
}

/// The settings of a database with the defaults that are shown.
pub(super) fn with_defaults_of(connection: &Connection) -> Settings {
    let mut settings = connection.settings.clone();
    let speaks = matches!(connection.engine().as_str(), "postgresql" | "sqlite");
    if !speaks || settings.get(Key::Url).is_some() {
        return settings;
    }
    for key in SHOWN_DEFAULTS {
        let Some(default) = key.info().default.filter(|_| settings.get(*key).is_none()) else { continue };
        let value = if *key == Key::Engine {
            Value::text(connection.engine())
        } else if let Ok(number) = default.parse() {
            Value::Integer(number)
        } else {
            Value::text(default)
        };
        settings.set(*key, Setting::new(value, Origin::Default));
    }
    settings
}

struct Writer<'configuration> {
    sources: &'configuration Sources,
    view: View,
}

impl Writer<'_> {
    fn database(&self, database: &Database) -> Tree {
        let mut tree = self.connection(&database.connection, true);
        let members = [("replicas", &database.replicas), ("failover", &database.failover)];
        for (name, members) in members.into_iter().filter(|(_, members)| !members.is_empty()) {
            let members = members.iter().map(|member| self.connection(member, false)).collect();
            tree.insert(name, Tree::List(members));
        }
        if self.view.has_origins {
            tree.insert("used_by", self.used_by(database));
            let definitions = database.definitions.iter().map(|definition| {
                let mut tree = Tree::Map(vec![
                    ("name".to_owned(), safe(&definition.name)),
                    ("layout".to_owned(), Tree::text(definition.layout)),
                    ("used".to_owned(), Tree::Bool(definition.outcome == Outcome::Used)),
                ]);
                tree.insert("origin", self.origin(&definition.origin));
                tree
            });
            tree.insert("definitions", Tree::List(definitions.collect()));
        }
        tree
    }

    fn connection(&self, connection: &Connection, with_defaults: bool) -> Tree {
        let mut tree = Tree::Map(Vec::new());
        let settings = if with_defaults { with_defaults_of(connection) } else { connection.settings.clone() };
        for (key, setting) in settings.iter().filter(|(key, _)| is_shown(connection, *key)) {
            if let Some(value) = self.setting(setting, key.info().kind) {
                tree.insert(key.path(), value);
            }
        }
        // The name of a parameter may hold a dot, so it is no path.
        let parameter = |(name, setting): (&String, &Setting)| {
            self.setting(setting, Kind::Text).map(|value| (redact::show_text(name), value))
        };
        let parameters: Vec<(String, Tree)> = connection.parameters.iter().filter_map(parameter).collect();
        if !parameters.is_empty() {
            tree.insert("parameters", Tree::Map(parameters));
        }
        tree
    }

    fn settings(&self, tree: &mut Tree, settings: &Settings) {
        for (key, setting) in settings.iter() {
            if let Some(value) = self.setting(setting, key.info().kind) {
                tree.insert(key.path(), value);
            }
        }
    }

    /// The value of a setting, with its origin if that is wanted; nothing for an empty one.
    fn setting(&self, setting: &Setting, kind: Kind) -> Option<Tree> {
        if setting.value.is_empty() {
            return None;
        }
        let value = leaf(setting, kind);
        if !self.view.has_origins {
            return Some(value);
        }
        let mut entry = vec![("value".to_owned(), value), ("origin".to_owned(), self.origin(&setting.origin))];
        if setting.resolution.is_some() {
            entry.push(("written".to_owned(), safe(&setting.value.shown())));
        }
        if !setting.lost.is_empty() {
            let lost = setting.lost.iter().map(|loss| {
                let value = leaf(&Setting::new(loss.value.clone(), loss.origin.clone()), kind);
                Tree::Map(vec![("value".to_owned(), value), ("origin".to_owned(), self.origin(&loss.origin))])
            });
            entry.push(("lost".to_owned(), Tree::List(lost.collect())));
        }
        Some(Tree::Map(entry))
    }

    fn used_by(&self, database: &Database) -> Tree {
        let uses = database.used_by.iter().map(|used| {
            let location = self.sources.locate(&used.origin);
            let key = location.key.map(|key| key.to_string()).or(location.variable).unwrap_or_default();
            let mut entry = vec![
                ("key".to_owned(), Tree::text(key)),
                ("path".to_owned(), Tree::Text(redact::show_text(&location.path))),
            ];
            entry.extend(location.start.map(|start| ("line".to_owned(), Tree::count(start.line))));
            Tree::Map(entry)
        });
        Tree::List(uses.collect())
    }

    fn origin(&self, origin: &Origin) -> Tree {
        let location = self.sources.locate(origin);
        Tree::Map(match origin {
            Origin::Default => vec![("default".to_owned(), Tree::Bool(true))],
            Origin::CommandLine => vec![("command_line".to_owned(), Tree::Bool(true))],
            Origin::Variable { name } => vec![("variable".to_owned(), safe(name))],
            _ => {
                let mut entry = vec![("path".to_owned(), Tree::Text(redact::show_text(&location.path)))];
                if let Some(start) = location.start {
                    entry.push(("line".to_owned(), Tree::count(start.line)));
                    entry.push(("column".to_owned(), Tree::count(start.column)));
                }
                entry
            }
        })
    }
}

/// A value of the type that its key takes; text where it does not come down to one.
fn leaf(setting: &Setting, kind: Kind) -> Tree {
    match &setting.value {
        Value::Integer(number) => return Tree::Integer(*number),
        Value::Float(number) => return Tree::Float(*number),
        Value::Bool(switch) => return Tree::Bool(*switch),
        _ => {}
    }
    let text = shown(setting);
    match kind {
        Kind::Port | Kind::Count | Kind::Seconds => match (text.parse::<i64>(), text.parse::<f64>()) {
            (Ok(number), _) => Tree::Integer(number),
            (_, Ok(number)) if number.is_finite() => Tree::Float(number),
            _ => safe(&text),
        },
        Kind::Switch => text.parse().map_or_else(|_| safe(&text), Tree::Bool),
        _ => safe(&text),
    }
}

/// Text without control characters: JSON, YAML and TOML escape some of them, but a terminal shows what they print.
fn safe(text: &str) -> Tree {
    Tree::Text(redact::escape(text).into_owned())
}

/// The roles in the words of a person: `main`, or the name in quotes.
pub(super) fn role(role: &Role) -> String {
    redact::show_text(role.name())
}
