//! Connection strings in settings: from the parts of a string to canonical keys, each with its own place.

use std::ops::Range;

use crate::connstr::{self, ConnectionString, Dialect, Part};
use crate::document::NodeId;
use crate::finding::{self, Finding};
use crate::model::{Connection, Key, Origin, Setting, Value};
use crate::redact::Secret;
use crate::template::Syntax;

use super::reader::{Reader, Reading};

/// Whether a text is a connection string of a database. `Alembic`'s example (`driver://user:pass@...`) is none.
pub fn is_database_url(text: &str) -> bool {
    connstr::looks_like(text).is_some()
}

/// Reads the connection string at a node; nothing if it is none. What is wrong with it is reported.
pub(super) fn connection_at(reader: &mut Reader<'_>, node: NodeId) -> Option<Connection> {
    let document = reader.document;
    let scalar = document.scalar(node)?;
    let syntax = reader.syntax(node);
    let source = reader.source;
    let place = |range: Range<usize>| Origin::part(source, node, scalar.part(range));
    let mut findings = Vec::new();
    let connection = connection_of_text(scalar.text, syntax, &place, &mut findings);
    for finding in findings {
        reader.report(finding);
    }
    connection
}

/// Reads the connection string of a resolved `${DATABASE_URL}`: all its parts come from one place.
pub fn connection_of_url(text: &str, origin: &Origin) -> Option<Connection> {
    connection_of_text(text, Syntax::Verbatim, &|_| origin.clone(), &mut Vec::new())
}

/// Reads the connection string of the command line.
pub(super) fn connection_of_argument(url: &Secret, reading: &mut Reading) -> Option<Connection> {
    let place = |_: Range<usize>| Origin::CommandLine;
    let connection = connection_of_text(url.expose(), Syntax::Verbatim, &place, &mut reading.findings);
    if connection.is_none() {
        let what = "`--url` is not a connection string of a database";
        let help = "write postgresql://user@host:5432/database, or host=... dbname=...";
        reading.findings.push(Finding::new(&finding::UNPARSABLE, Origin::CommandLine, what).help(help));
    }
    connection
}

/// Reads the connection string of a variable.
pub(super) fn connection_of_variable(
    text: &str,
    syntax: Syntax,
    origin: &Origin,
    findings: &mut Vec<Finding>,
) -> Option<Connection> {
    connection_of_text(text, syntax, &|_| origin.clone(), findings)
}

/// Reads the connection string of a text of which each part has its own place.
pub(super) fn connection_of_text(
    text: &str,
    syntax: Syntax,
    place: &dyn Fn(Range<usize>) -> Origin,
    findings: &mut Vec<Finding>,
) -> Option<Connection> {
    let read = connstr::parse(text).ok()?;
    let mut parts = Parts { connection: Connection::default(), syntax, place, hide: read.parts_may_hold_password() };
    parts.endpoint(&read);
    parts.parameters(&read);
    judge(&read, text, place, findings);
    Some(parts.connection)
}

/// What is wrong with a connection string, or read differently by different programs.
fn judge(read: &ConnectionString, text: &str, place: &dyn Fn(Range<usize>) -> Origin, findings: &mut Vec<Finding>) {
    for problem in &read.problems {
        // Several of these have rules of their own, which judge the whole configuration.
        let is_broken = matches!(read.dialect, Dialect::LibpqUri | Dialect::LibpqKeywords)
            && problem.kind.refused_by_libpq()
            && !matches!(problem.kind, connstr::ProblemKind::SurroundingSpace);
        if is_broken {
            let message = format!("libpq refuses this connection string: {}", problem.kind);
            let help = "write special characters of a password percent-encoded: @ is %40, / is %2F, # is %23, % is %25";
            findings.push(Finding::new(&finding::UNPARSABLE, place(problem.span.clone()), message).help(help));
        }
    }
    let differing: Vec<&str> =
        read.ambiguity.iter().flat_map(|it| it.parts.iter()).filter_map(|part| word(*part)).collect();
    if !differing.is_empty() && !read.problems.iter().any(|problem| problem.kind.refused_by_libpq()) {
        let message = format!("libpq and SQLAlchemy read a different {} in this URL", differing.join(" and "));
        let help = "percent-encode the special characters: @ is %40, : is %3A, / is %2F, # is %23, ? is %3F, + is %2B";
        findings.push(Finding::new(&finding::DIALECT_AMBIGUITY, place(0..text.len()), message).help(help));
    }
}

/// The parts that make a difference worth a finding. That `SQLAlchemy` wants `postgresql://` is one of another rule.
fn word(part: connstr::PartName) -> Option<&'static str> {
    use connstr::PartName;
    match part {
        PartName::Scheme => None,
        PartName::User => Some("user"),
        PartName::Password => Some("password"),
        PartName::Host => Some("host"),
        PartName::Port => Some("port"),
        PartName::Database => Some("database"),
        PartName::Parameter => Some("parameter"),
    }
}

struct Parts<'text> {
    connection: Connection,
    syntax: Syntax,
    place: &'text dyn Fn(Range<usize>) -> Origin,
    /// Whether any part may hold a piece of the password, so that none may be shown.
    hide: bool,
}

impl Parts<'_> {
    fn endpoint(&mut self, read: &ConnectionString) {
        let scheme = 0..read.driver.as_ref().map_or(0, |driver| driver.span.end);
        let engine = Value::Text { text: read.engine.clone(), syntax: Syntax::Verbatim };
        self.connection.settings.set(Key::Engine, Setting::new(engine, (self.place)(scheme)));
        if let Some(driver) = &read.driver {
            let value = Value::Text { text: driver.value.clone(), syntax: Syntax::Verbatim };
            self.connection.settings.set(Key::Driver, Setting::new(value, (self.place)(driver.span.clone())));
        }
        self.text(Key::Username, read.user.as_ref());
        if let Some(password) = &read.password {
            let value = Value::Secret { text: password.value.clone(), syntax: self.syntax };
            self.connection.settings.set(Key::Password, Setting::new(value, (self.place)(password.span.clone())));
        }
        let first = |part: fn(&connstr::Host) -> Option<&Part<String>>| read.hosts.iter().find_map(part);
        self.list(Key::Host, read.host_list(), first(|host| host.host.as_ref()));
        self.list(Key::HostAddress, read.hostaddr_list(), first(|host| host.hostaddr.as_ref()));
        self.list(Key::Port, read.port_list(), first(|host| host.port.as_ref()));
        self.text(Key::Database, read.database.as_ref());
        if read.engine == "sqlite" {
            match &read.path {
                Some(path) => self.text(Key::Path, Some(path)),
                None => self.set(Key::Path, ":memory:", 0..0),
            }
        }
    }

    fn parameters(&mut self, read: &ConnectionString) {
        for parameter in &read.parameters {
            let origin = (self.place)(parameter.span.clone());
            let text = parameter.value.expose();
            if let Some(key) = Key::of_libpq(&parameter.name) {
                self.set(key, text, parameter.span.clone());
                continue;
            }
            let value = if parameter.value.is_secret() || self.hide {
                Value::Secret { text: Secret::new(text), syntax: self.syntax }
            } else {
                Value::Text { text: text.to_owned(), syntax: self.syntax }
            };
            self.connection.parameters.insert(parameter.name.clone(), Setting::new(value, origin));
        }
    }

    fn text(&mut self, key: Key, part: Option<&Part<String>>) {
        if let Some(part) = part {
            self.set(key, &part.value, part.span.clone());
        }
    }

    fn list(&mut self, key: Key, list: Option<String>, first: Option<&Part<String>>) {
        if let (Some(list), Some(first)) = (list, first) {
            self.set(key, &list, first.span.clone());
        }
    }

    fn set(&mut self, key: Key, text: &str, span: Range<usize>) {
        let hidden = self.hide && !matches!(key, Key::SslMode | Key::ConnectTimeout);
        let value = super::values::typed(key, text, self.syntax, hidden);
        self.connection.settings.set(key, Setting::new(value, (self.place)(span)));
    }
}
