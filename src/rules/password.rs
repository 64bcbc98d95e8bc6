//! The passwords that the files of a case spell out, with whose they are, where they stand and whether they matter.

use crate::connstr;
use crate::document::{Document, NodeId};
use crate::model::{Connection, Database, Definition, Key, Origin, Service, Setting, Source, Value};
use crate::redact::{is_secret_name, show_text};
use crate::template::{Syntax, Template};

use super::case::{is_loopback, is_own_compose, is_production, known};
use super::named_secret::syntax;
use super::{Case, compose, secret};

/// One password that stands in a file.
#[derive(Debug)]
pub(super) struct Password<'project> {
    /// Whose it is, in words: `the password of main`.
    pub(super) what: String,
    /// The password itself.
    pub(super) text: String,
    /// Where it stands.
    pub(super) origin: Origin,
    /// The file in which it stands.
    pub(super) source: &'project Source,
    /// Whether it stands within a connection string.
    pub(super) is_in_url: bool,
    /// Whether the place that it opens is on the own machine, or nothing but a part of development.
    pub(super) is_local: bool,
    /// Names that make a bad password: those of the user and of the database.
    names: [Option<String>; 2],
}

impl Password<'_> {
    /// Whether everybody knows it.
    pub(super) fn is_well_known(&self) -> bool {
        secret::is_well_known(&self.text, &self.names.each_ref().map(Option::as_deref))
    }

    /// Whether it stands in a file of variables, which is what such files are for.
    pub(super) fn is_variable(&self) -> bool {
        self.source.kind.is_variables()
    }
}

/// A literal value, and where it stands.
pub(super) struct Literal<'project> {
    pub(super) text: String,
    pub(super) origin: Origin,
    source: &'project Source,
    is_in_url: bool,
}

/// Every password that stands in a file and counts in this case: of each place, of definitions that lost against
/// others, and in the URLs of services. What the environment of the case replaces is judged without an environment.
pub(super) fn all<'project>(case: &Case<'project>) -> Vec<Password<'project>> {
    let mut found = Vec::new();
    for database in &case.configuration.databases {
        let start = found.len();
        let role = show_text(database.role.name());
        let replica = |place| (format!("a replica of {role}"), place);
        let failover = |place| (format!("the failover of {role}"), place);
        let places = std::iter::once((role.clone(), &database.connection))
            .chain(database.replicas.iter().map(replica))
            .chain(database.failover.iter().map(failover));
        for (what, place) in places {
            of_connection(case, place, place, &what, is_local(case, place), &mut found);
        }
        lost(case, database, start, &mut found);
    }
    for service in &case.configuration.services {
        of_service(case, service, &mut found);
    }
    found
}

/// What definitions say that others replace. The passwords that count begin at `start`.
fn lost<'project>(
    case: &Case<'project>,
    database: &'project Database,
    start: usize,
    found: &mut Vec<Password<'project>>,
) {
    if database.definitions.len() < 2 {
        return;
    }
    // What does not count in production is not production's, except in files that are for it.
    let ordinary = Case { is_production: false, ..*case };
    let known: Vec<Origin> = found[start..].iter().map(|password| password.origin.clone()).collect();
    for definition in &database.definitions {
        let own = &definition.connection;
        let says_where =
            [Key::Host, Key::HostAddress, Key::Path, Key::Url].iter().any(|key| own.settings.get(*key).is_some());
        let place = if says_where { own } else { &database.connection };
        let mut all = Vec::new();
        let what = format!("`{}`", show_text(&definition.name));
        let judged = if is_for_production(case, &definition.origin) { case } else { &ordinary };
        of_connection(case, own, place, &what, is_local(judged, place), &mut all);
        all.retain(|password| !known.contains(&password.origin) && is_of_case(case, definition, password));
        found.append(&mut all);
    }
}

/// Whether a value that lost is judged in this case: in its own environment, and without one if it has none.
fn is_of_case(case: &Case<'_>, definition: &Definition, password: &Password<'_>) -> bool {
    let own = password.source.kind.environment();
    if own.is_some() || case.environment().is_none() {
        return own == case.environment();
    }
    let (Some(document), Origin::Node { node, .. }) = (case.document(&definition.origin), &definition.origin) else {
        return false;
    };
    document.path(*node).to_string().starts_with("environments.")
}

fn of_connection<'project>(
    case: &Case<'project>,
    connection: &'project Connection,
    place: &'project Connection,
    what: &str,
    is_local: bool,
    found: &mut Vec<Password<'project>>,
) {
    let password = connection.settings.get(Key::Password).map(|setting| ("password", setting));
    let parameters = connection.parameters.iter().filter(|(name, _)| is_secret_name(name));
    let parameters = parameters.map(|(name, setting)| (name.as_str(), setting));
    for (name, setting) in password.into_iter().chain(parameters) {
        let Some(literal) = literal(case, setting) else { continue };
        let names = [Key::Username, Key::Database].map(|key| place.settings.get(key).and_then(known));
        let what = if name == "password" {
            format!("the password of {what}")
        } else {
            format!("the parameter `{}` of {what}", show_text(name))
        };
        let Literal { text, origin, source, is_in_url } = literal;
        found.push(Password { what, text, origin, source, is_in_url, is_local, names });
    }
}

/// The secret that a setting comes down to, if it stands in a file: as its value, or as that of the one variable that
/// the value consists of. Nothing for placeholders and references.
pub(super) fn literal<'project>(case: &Case<'project>, setting: &Setting) -> Option<Literal<'project>> {
    let template = setting.value.template();
    let (text, origin, is_own) = if let Some(text) = template.literal() {
        (text, &setting.origin, true)
    } else {
        let (value, origin) = case.configuration.variables.get(template.only_variable()?)?;
        (value.template().literal()?, origin, false)
    };
    if !secret::is_literal(&text) {
        return None;
    }
    let Origin::Node { node, span, .. } = *origin else { return None };
    let (source, document) = (case.source(origin)?, case.document(origin)?);
    let written = written(source, document, node)?;
    // A `${DATABASE_URL}` has become what it leads to, and its parts stand elsewhere.
    let part = if document.node(node).span == span { written } else { document.slice(span) };
    let style = document.scalar(node)?.style;
    let is_led_to = is_own && !Template::parse(part, syntax(&source.kind, style)).is_literal();
    if is_led_to || is_tagged(document, node) {
        return None;
    }
    let is_in_url = written != text && (written.contains("://") || connstr::looks_like(written).is_some());
    Some(Literal { text, origin: origin.clone(), source, is_in_url })
}

/// The value that a node holds: of an item `NAME=value` of a compose file, what stands behind the sign.
fn written<'project>(source: &Source, document: &'project Document, node: NodeId) -> Option<&'project str> {
    let text = document.text_of(node)?;
    if source.kind.is_compose()
        && let Some((name, value)) = text.split_once('=')
        && name.chars().all(|character| character.is_ascii_uppercase() || character == '_')
    {
        return Some(value);
    }
    Some(text)
}

/// Whether a value has a tag of its own (`!vault`, `!secret`): then it is not the text that stands there.
pub(super) fn is_tagged(document: &Document, node: NodeId) -> bool {
    let tag = document.marks(node).and_then(|marks| marks.tag);
    tag.is_some_and(|tag| {
        let tag = document.slice(tag);
        tag.starts_with('!') && !tag.starts_with("!!") && tag.len() > 1
    })
}

/// Whether a place is local: as [`Case::is_local`] says, or a container beside the application, whose host is the name
/// of a service of the compose file.
pub(super) fn is_local(case: &Case<'_>, connection: &Connection) -> bool {
    if case.is_local(connection) {
        return true;
    }
    let Some(setting) = connection.settings.get(Key::Host) else { return false };
    known(setting).is_some_and(|hosts| hosts.split(',').all(|host| is_beside(case, &setting.origin, host)))
}

/// Whether a value stands in a compose file for production, `docker-compose.prod.yml`.
fn is_for_production(case: &Case<'_>, origin: &Origin) -> bool {
    let compose = case.source(origin).filter(|source| source.kind.is_compose());
    case.is_production && compose.and_then(|source| source.kind.environment()).is_some_and(is_production)
}

/// Whether a host is that of a container of the own compose file. That file is somebody's own machine's, as long as
/// it does not itself say that it is production's.
fn is_beside(case: &Case<'_>, origin: &Origin, host: &str) -> bool {
    let is_said = case.is_production && (case.environment().is_none() || is_for_production(case, origin));
    if host.is_empty() || host.contains('.') || is_said {
        return false;
    }
    match case.source(origin) {
        Some(source) if is_own_compose(source) => return true,
        Some(source) if source.kind.is_compose() => return false,
        _ => {}
    }
    let compose = case.project.sources.iter().filter(|(_, source)| source.kind.is_compose());
    !case.is_production
        && compose
            .filter_map(|(_, source)| source.document.as_ref())
            .any(|document| compose::has_service(document, host))
}

fn of_service<'project>(case: &Case<'project>, service: &'project Service, found: &mut Vec<Password<'project>>) {
    for key in [Key::Url, Key::TrackingUri, Key::ArtifactStore] {
        let Some(setting) = service.settings.get(key) else { continue };
        let Value::Url { text, syntax } = &setting.value else { continue };
        let Some(url) = UrlPassword::of(text.expose(), *syntax).filter(|url| secret::is_literal(&url.text)) else {
            continue;
        };
        let (Some(source), Some(document)) = (case.source(&setting.origin), case.document(&setting.origin)) else {
            continue;
        };
        let Origin::Node { source: id, node, span } = setting.origin else { continue };
        let Some(scalar) = document.scalar(node) else { continue };
        // A URL that was put together stands nowhere.
        if !scalar.text.ends_with(text.expose()) {
            continue;
        }
        let start = scalar.text.len() - text.expose().len();
        let part = scalar.part(start + url.span.start..start + url.span.end);
        let part = if span.contains(part) { part } else { span };
        let is_near = |host: &str| (!case.is_production && is_loopback(host)) || is_beside(case, &setting.origin, host);
        found.push(Password {
            what: format!("the password of {}", show_text(&service.name)),
            text: url.text,
            origin: Origin::part(id, node, part),
            source,
            is_in_url: true,
            is_local: case.is_development || url.hosts.iter().all(|host| is_near(host)),
            names: [url.user, None],
        });
    }
}

/// The password that stands in a URL.
pub(super) struct UrlPassword {
    /// The password, decoded.
    pub(super) text: String,
    /// Where it stands in the text.
    pub(super) span: std::ops::Range<usize>,
    /// The user.
    pub(super) user: Option<String>,
    /// The database.
    pub(super) database: Option<String>,
    /// The hosts.
    pub(super) hosts: Vec<String>,
}

impl UrlPassword {
    /// Takes a URL apart; nothing if it holds no password, or a variable in place of it.
    pub(super) fn of(text: &str, syntax: Syntax) -> Option<Self> {
        Self::written(text).filter(|url| Template::parse(&url.text, syntax).is_literal())
    }

    /// Takes a URL apart, whatever stands in place of the password.
    pub(super) fn written(text: &str) -> Option<Self> {
        if !text.contains("://") {
            return None;
        }
        let read = connstr::parse_url(text).ok()?;
        let password = read.password.as_ref().filter(|password| !password.value.is_empty())?;
        let hosts = read.hosts.iter().filter_map(|host| host.host.as_ref().map(|host| host.value.clone()));
        Some(Self {
            text: password.value.expose().to_owned(),
            span: password.span.clone(),
            user: read.user.as_ref().map(|user| user.value.clone()),
            database: read.database.as_ref().map(|database| database.value.clone()),
            hosts: hosts.collect(),
        })
    }
}
