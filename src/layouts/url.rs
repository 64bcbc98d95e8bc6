//! Connection strings in settings: from the parts of a string to canonical keys, each with its own place.

use std::ops::Range;

use crate::connstr::{self, ConnectionString, Dialect, Part, PartName, ProblemKind};
use crate::document::NodeId;
use crate::finding::{Finding, Fix, Safety, suggest};
use crate::model::{Connection, Key, Origin, Setting, Value};
use crate::redact::Secret;
use crate::rules;
use crate::template::{Syntax, Template, is_placeholder};

use super::reader::{Reader, Reading};

/// Whether a text is a connection string of a database. `Alembic`'s example (`driver://user:pass@...`) is none.
pub fn is_database_url(text: &str) -> bool {
    connstr::looks_like(text).is_some() || other_scheme(text).is_some()
}

/// Schemes by which Django's and other readers of URLs know PostgreSQL, and no other program does.
const OTHER_SCHEMES: &[&str] = &["postgis", "psql", "pgsql", "timescale", "timescalegis"];

/// The place of such a scheme.
fn other_scheme(text: &str) -> Option<Range<usize>> {
    let start = text.len() - text.trim_start().len();
    let end = start + text[start..].find("://")?;
    OTHER_SCHEMES.iter().any(|scheme| text[start..end].eq_ignore_ascii_case(scheme)).then_some(start..end)
}

/// Reads the connection string at a node; nothing if it is none. What is wrong with it is reported.
pub(super) fn connection_at(reader: &mut Reader<'_>, node: NodeId) -> Option<Connection> {
    let document = reader.document;
    let scalar = document.scalar(node)?;
    let syntax = reader.syntax(node);
    let source = reader.source;
    let part = scalar.parts();
    let place = |range: Range<usize>| Origin::part(source, node, part(range));
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
        reading.findings.push(Finding::new(&rules::syntax::unparsable::INFO, Origin::CommandLine, what).help(help));
    }
    connection
}

/// Reads the connection string of a variable.
pub fn connection_of_variable(
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
    if let Some(scheme) = other_scheme(text) {
        const OURS: &str = "postgresql";
        let text = format!("{}{OURS}{}", &text[..scheme.start], &text[scheme.end..]);
        let back = |at: usize| {
            if at < scheme.start + OURS.len() { at.min(scheme.end) } else { at - OURS.len() + scheme.len() }
        };
        return connection_of_text(&text, syntax, &|range| place(back(range.start)..back(range.end)), findings);
    }
    let read = connstr::parse(text).ok()?;
    let hide = read.parts_may_hold_password() || has_odd_port(&read, syntax);
    let mut parts = Parts { connection: Connection::default(), syntax, place, hide };
    parts.endpoint(&read, text);
    parts.parameters(&read);
    parts.ssl(&read);
    judge(&read, text, place, findings);
    Some(parts.connection)
}

/// Whether a port cannot be one: `user:password` without a host reads as host and port, and then any part may hold a
/// piece of the password.
fn has_odd_port(read: &ConnectionString, syntax: Syntax) -> bool {
    let ports = read.hosts.iter().filter_map(|host| host.port.as_ref());
    let mut texts = ports.map(|port| port.value.as_str()).filter(|_| read.user.is_none());
    texts.any(|text| {
        !text.bytes().all(|byte| byte.is_ascii_digit())
            && Template::parse(text, syntax).is_literal()
            && !is_placeholder(text)
    })
}

/// Parameters of other programs, which take them out of the URL before libpq sees it.
const FOREIGN: &[&str] = &[
    "allowPublicKeyRetrieval",
    "autosave",
    "charset",
    "command_timeout",
    "connection_limit",
    "connectTimeout",
    "currentSchema",
    "max_overflow",
    "pgbouncer",
    "pool_max_conns",
    "pool_min_conns",
    "pool_pre_ping",
    "pool_recycle",
    "pool_size",
    "pool_timeout",
    "prepareThreshold",
    "prepared_statement_cache_size",
    "preparedStatements",
    "schema",
    "search_path",
    "serverTimezone",
    "server_settings",
    "socketTimeout",
    "socket_timeout",
    "ssl",
    "sslaccept",
    "sslidentity",
    "statement_cache_size",
    "supa",
    "timezone",
    "useSSL",
    "useUnicode",
];

const ENCODE: &str =
    "percent-encode the special characters: @ is %40, : is %3A, / is %2F, # is %23, ? is %3F, + is %2B, % is %25";

/// Nobody mends more mistakes than this in one connection string at once.
const MOST: usize = 20;

/// What is wrong with a connection string, or read differently by different programs.
fn judge(read: &ConnectionString, text: &str, place: &dyn Fn(Range<usize>) -> Origin, findings: &mut Vec<Finding>) {
    let is_libpq = matches!(read.dialect, Dialect::LibpqUri | Dialect::LibpqKeywords);
    // The boundaries of an unknown parameter are in doubt if it may be a piece of a password (`u:pa?ss=x@h`).
    let is_parameter =
        |kind: &ProblemKind| matches!(kind, ProblemKind::UnknownParameter { .. }) && !read.parts_may_hold_password();
    for problem in read.problems.iter().filter(|_| is_libpq).take(MOST) {
        // Several of these have rules of their own, which judge the whole configuration.
        if is_parameter(&problem.kind) {
            unknown_parameter(read, problem, text, place, findings);
        } else if problem.kind.refused_by_libpq() && problem.kind != ProblemKind::SurroundingSpace {
            let message = format!("libpq refuses this connection string: {}", problem.kind);
            let origin = place(problem.span.clone());
            findings.push(
                Finding::new(&rules::syntax::unparsable::INFO, origin, message).help(help(&problem.kind, read.dialect)),
            );
        }
    }
    if read.problems.iter().any(|problem| problem.kind.refused_by_libpq() && !is_parameter(&problem.kind)) {
        return;
    }
    let parts: Vec<PartName> = read.ambiguity.iter().flat_map(|it| it.parts.iter().copied()).collect();
    let differing: Vec<&str> = parts.iter().filter_map(|part| word(*part)).collect();
    if differing == ["port"] && read.hosts.len() > 1 {
        return several_hosts(read, text, place, findings);
    }
    if !differing.is_empty() {
        let message = format!("libpq and SQLAlchemy read a different {} in this URL", differing.join(" and "));
        findings
            .push(Finding::new(&rules::endpoint::dialect_ambiguity::INFO, place(0..text.len()), message).help(ENCODE));
    }
}

/// A parameter of another program is nobody's mistake; any other may be a misspelt one.
fn unknown_parameter(
    read: &ConnectionString,
    problem: &connstr::Problem,
    text: &str,
    place: &dyn Fn(Range<usize>) -> Origin,
    findings: &mut Vec<Finding>,
) {
    let is_foreign = |name: &str| FOREIGN.contains(&name);
    let written = text.get(problem.span.clone()).unwrap_or_default();
    let written = written.split('=').next().unwrap_or_default();
    let name = match &problem.kind {
        ProblemKind::UnknownParameter { name: Some(name) } => name.as_str(),
        _ => written,
    };
    if is_foreign(name) && read.dialect == Dialect::LibpqUri {
        return;
    }
    // A name that is no plain word is not shown.
    let message = match &problem.kind {
        ProblemKind::UnknownParameter { name: Some(name) } => format!("libpq does not know the parameter `{name}`"),
        _ => "libpq does not know this parameter".to_owned(),
    };
    let meant = suggest(name, &["sslmode", "application_name", "connect_timeout", "options", "sslrootcert"]);
    let help = match meant {
        Some(meant) => format!("did you mean `{meant}`?"),
        None => "psql and everything else on libpq refuse it; remove it unless another program takes it".to_owned(),
    };
    let origin = place(problem.span.clone());
    let meant = meant.filter(|meant| read.parameter(meant).is_none());
    let fix = meant.and_then(|meant| Fix::words(&origin, Safety::Unsafe, name, meant));
    findings.push(Finding::new(&rules::syntax::unknown_key::INFO, origin, message).help(help).fix(fix));
}

/// libpq's way of writing several hosts. `SQLAlchemy` refuses a port before a comma, and nobody is misled by that.
/// But it reads the port of `h1,h2:5433` as that of both.
fn several_hosts(
    read: &ConnectionString,
    text: &str,
    place: &dyn Fn(Range<usize>) -> Origin,
    findings: &mut Vec<Finding>,
) {
    let Some((last, others)) = read.hosts.split_last() else { return };
    if last.port.is_none() || others.iter().any(|host| host.port.is_some()) {
        return;
    }
    let message = "libpq takes the port for the last host, and SQLAlchemy for all of them";
    let help = "write a port behind each host; SQLAlchemy wants ?host=h1:5432&host=h2:5433";
    findings.push(Finding::new(&rules::endpoint::dialect_ambiguity::INFO, place(0..text.len()), message).help(help));
}

/// How to mend what libpq refuses.
fn help(kind: &ProblemKind, dialect: Dialect) -> &'static str {
    match kind {
        ProblemKind::SchemeCase => "write the scheme in lower case: postgresql://",
        ProblemKind::UnclosedBracket | ProblemKind::EmptyBracket | ProblemKind::TextAfterBracket => {
            "write an IPv6 address in brackets, as [::1]:5432; a [ of a password is %5B"
        }
        ProblemKind::BadPercent => "write a % that stands for itself as %25",
        ProblemKind::PercentNul => "remove the %00: no value can hold it",
        ProblemKind::UnterminatedQuote => "close the quote; one that stands for itself is \\'",
        ProblemKind::MissingEquals | ProblemKind::ExtraEquals | ProblemKind::UnknownParameter { .. }
            if dialect == Dialect::LibpqKeywords =>
        {
            "write name=value with spaces between; a value with spaces stands in single quotes"
        }
        ProblemKind::MissingEquals | ProblemKind::ExtraEquals => {
            "write parameters as ?name=value&name=value; in a value = is %3D and & is %26"
        }
        _ => ENCODE,
    }
}

/// The parts that make a difference worth a finding. That `SQLAlchemy` wants `postgresql://` is one of another rule.
fn word(part: PartName) -> Option<&'static str> {
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

/// Where the scheme ends, which tells the engine; `host=.. dbname=..` tells it as a whole.
fn scheme_end(text: &str) -> usize {
    let is_scheme = |c: char| c.is_ascii_alphanumeric() || "+-._: \t".contains(c);
    text.find("://").filter(|end| text[..*end].chars().all(is_scheme)).unwrap_or(text.len())
}

/// libpq's modes of TLS.
const MODES: &[&str] = &["disable", "allow", "prefer", "require", "verify-ca", "verify-full"];

struct Parts<'text> {
    connection: Connection,
    syntax: Syntax,
    place: &'text dyn Fn(Range<usize>) -> Origin,
    /// Whether any part may hold a piece of the password, so that none may be shown.
    hide: bool,
}

impl Parts<'_> {
    fn endpoint(&mut self, read: &ConnectionString, text: &str) {
        let scheme = 0..read.driver.as_ref().map_or_else(|| scheme_end(text), |driver| driver.span.end);
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

    /// `ssl=` of asyncpg, pgjdbc and others. `sslmode` wins, as it does there.
    fn ssl(&mut self, read: &ConnectionString) {
        let Some(parameter) = read.parameter("ssl").filter(|_| read.engine == "postgresql" && !self.hide) else {
            return;
        };
        let is_jdbc = read.dialect == Dialect::Jdbc;
        let text = parameter.value.expose();
        let mode = match super::values::switch(text) {
            // pgjdbc verifies the server since 42.2.5, and `ssl=false` is its default, which is to try.
            Some(true) if is_jdbc => "verify-full",
            Some(false) if is_jdbc => "prefer",
            None if is_jdbc && text.is_empty() => "verify-full",
            Some(true) => "require",
            Some(false) => "disable",
            None if MODES.contains(&text) => text,
            None => return,
        };
        let value = super::values::typed(Key::SslMode, mode, self.syntax, false);
        let setting = Setting::new(value, (self.place)(parameter.span.clone()));
        self.connection.parameters.remove("ssl");
        self.connection.settings.add_weaker(Key::SslMode, setting);
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
