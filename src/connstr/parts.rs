//! The parts of a connection string: plain data, each with its place in the text.

use std::fmt;
use std::ops::Range;

use crate::redact::{self, Secret};

use super::ambiguity::Ambiguity;
use super::problem::{Problem, ProblemKind};

/// The ways of writing a connection string.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Dialect {
    /// `postgresql://` or `postgres://`, read as libpq does.
    LibpqUri,
    /// `host=... dbname=...`, read as libpq does.
    LibpqKeywords,
    /// `postgresql+driver://`, read as `SQLAlchemy`'s `make_url` does (rules of 1.4 and later).
    SqlAlchemy,
    /// `jdbc:...`.
    Jdbc,
    /// `sqlite:///path`, read as `SQLAlchemy` does.
    Sqlite,
    /// A URL of an engine that dbcfg does not speak (`mysql://`, `oracle://`), read generically.
    Other,
}

/// A decoded value and where it came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part<T> {
    /// The decoded value.
    pub value: T,
    /// The place of its undecoded form: bytes of the input text, on character boundaries.
    pub span: Range<usize>,
}

/// One place to connect to. All parts absent means the default (a local socket for libpq).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Host {
    /// A name, an address without brackets, or the directory of a Unix socket (`/var/run`).
    pub host: Option<Part<String>>,
    /// libpq's `hostaddr`: the numeric address to use instead of looking `host` up.
    pub hostaddr: Option<Part<String>>,
    /// Text, as in libpq: it may be a placeholder or no number at all.
    pub port: Option<Part<String>>,
}

/// The value of a parameter; secret if the parameter's name says so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ParameterValue {
    /// A value that may be shown.
    Plain(String),
    /// A value that may not (`sslpassword`, `oauth_client_secret` ...).
    Secret(Secret),
}

impl ParameterValue {
    /// Wraps a value as the name of its parameter demands.
    pub fn new(name: &str, value: String) -> Self {
        if is_secret_parameter(name) { Self::Secret(Secret::new(value)) } else { Self::Plain(value) }
    }

    /// The value itself, secret or not: for comparing and for connecting, never for output.
    pub fn expose(&self) -> &str {
        match self {
            Self::Plain(value) => value,
            Self::Secret(secret) => secret.expose(),
        }
    }

    /// Whether the value must not be shown.
    pub fn is_secret(&self) -> bool {
        matches!(self, Self::Secret(_))
    }
}

/// Whether the value of a connection parameter is a secret.
pub fn is_secret_parameter(name: &str) -> bool {
    // SCRAM keys log in like the password (libpq 18); an ODBC string holds one.
    matches!(name, "scram_client_key" | "scram_server_key" | "odbc_connect") || redact::is_secret_name(name)
}

/// A parameter that is no part of its own (`sslmode`, `application_name`).
#[derive(Clone, PartialEq, Eq)]
pub struct Parameter {
    /// The decoded name.
    pub name: String,
    /// The decoded value.
    pub value: ParameterValue,
    /// The place of the value: bytes of the input text.
    pub span: Range<usize>,
}

impl fmt::Debug for Parameter {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        // In a broken string a name can be a piece of a password.
        let name = if is_plain_word(&self.name) { self.name.as_str() } else { redact::MASK };
        formatter.debug_struct("Parameter").field("name", &name).field("value", &self.value).finish_non_exhaustive()
    }
}

/// Whether a name can be shown without risk: `[a-z0-9_]`, at most 40 characters.
pub(super) fn is_plain_word(name: &str) -> bool {
    !name.is_empty()
        && name.len() <= 40
        && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
}

/// A connection string, taken apart.
#[derive(Clone, PartialEq, Eq)]
pub struct ConnectionString {
    /// How it is written.
    pub dialect: Dialect,
    /// The engine: `postgresql`, `sqlite`, or the name in the scheme (`mysql`).
    pub engine: String,
    /// The driver that the scheme names (`asyncpg`), as written.
    pub driver: Option<Part<String>>,
    /// The user.
    pub user: Option<Part<String>>,
    /// The password. An empty one counts as none for every server.
    pub password: Option<Part<Secret>>,
    /// Where to connect, in order. Empty if the string says nothing about it.
    pub hosts: Vec<Host>,
    /// The database. Empty text (`?dbname=`) means the default in libpq, the user's name.
    pub database: Option<Part<String>>,
    /// The file of a `SQLite` database as written: relative, absolute, or `:memory:`.
    pub path: Option<Part<String>>,
    /// Everything else, in order. Names are those of the dialect; only libpq's own translations were done
    /// (`ssl=true` and `requiressl=1` in a libpq string stand here as `sslmode=require`).
    pub parameters: Vec<Parameter>,
    /// What is wrong with it.
    pub problems: Vec<Problem>,
    /// Which parts libpq and `SQLAlchemy` read differently.
    pub ambiguity: Option<Ambiguity>,
    /// See [`ConnectionString::parts_may_hold_password`].
    pub(super) boundaries_in_doubt: bool,
}

impl ConnectionString {
    /// A connection string with nothing but its engine, to be filled in and written.
    pub fn new(dialect: Dialect, engine: impl Into<String>) -> Self {
        Self {
            dialect,
            engine: engine.into(),
            driver: None,
            user: None,
            password: None,
            hosts: Vec::new(),
            database: None,
            path: None,
            parameters: Vec::new(),
            problems: Vec::new(),
            ambiguity: None,
            boundaries_in_doubt: false,
        }
    }

    /// The hosts as libpq's `host` has them, with commas between; nothing if none is named.
    pub fn host_list(&self) -> Option<String> {
        self.joined(|host| host.host.as_ref())
    }

    /// The addresses as libpq's `hostaddr` has them.
    pub fn hostaddr_list(&self) -> Option<String> {
        self.joined(|host| host.hostaddr.as_ref())
    }

    /// The ports as libpq's `port` has them: one for each host, empty where the default is meant.
    pub fn port_list(&self) -> Option<String> {
        self.joined(|host| host.port.as_ref())
    }

    /// The values of all hosts with commas between, or nothing if no host has one.
    ///
    /// Of lists that do not match each has its own length, so that whoever reads them sees that they do not.
    fn joined(&self, part: impl Fn(&Host) -> Option<&Part<String>>) -> Option<String> {
        let mut values: Vec<&str> =
            self.hosts.iter().map(|host| part(host).map_or("", |part| part.value.as_str())).collect();
        let last = self.hosts.iter().rposition(|host| part(host).is_some())?;
        if self.has_problem(&ProblemKind::CountMismatch) {
            values.truncate(last + 1);
        }
        Some(values.join(","))
    }

    /// The first parameter of this name.
    pub fn parameter(&self, name: &str) -> Option<&Parameter> {
        self.parameters.iter().find(|parameter| parameter.name == name)
    }

    /// Whether the string means a `SQLite` database in memory.
    pub fn is_memory(&self) -> bool {
        self.engine == "sqlite"
            && match self.path.as_ref().map(|path| path.value.as_str()) {
                None | Some("" | ":memory:" | "file::memory:") => true,
                Some(_) => self.parameter("mode").is_some_and(|mode| mode.value.expose() == "memory"),
            }
    }

    /// Whether user, hosts, ports, database or parameters may hold a piece of the password, so that they must be
    /// masked: an unencoded `@`, `/` or `&` in a password moves every later boundary, and the reading up to the last
    /// `@` is what was meant. Says rather too often yes than too seldom.
    pub fn parts_may_hold_password(&self) -> bool {
        self.boundaries_in_doubt || self.problems.iter().any(|problem| problem.kind.moves_boundaries())
    }

    /// Whether something is wrong of which this kind is told.
    pub fn has_problem(&self, kind: &ProblemKind) -> bool {
        self.problems.iter().any(|problem| problem.kind == *kind)
    }
}

impl fmt::Debug for ConnectionString {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = formatter.debug_struct("ConnectionString");
        shown.field("dialect", &self.dialect).field("engine", &self.engine).field("driver", &self.driver);
        if self.parts_may_hold_password() {
            shown.field("parts", &redact::MASK);
        } else {
            shown
                .field("user", &self.user)
                .field("password", &self.password)
                .field("hosts", &self.hosts)
                .field("database", &self.database)
                .field("path", &self.path)
                .field("parameters", &self.parameters);
        }
        shown.field("problems", &self.problems).field("ambiguity", &self.ambiguity).finish_non_exhaustive()
    }
}
