//! Writes connection strings, so that [`parse`](super::parse) reads the same values again.

use std::fmt;
use std::net::Ipv6Addr;

use crate::redact::Secret;

use super::opaque;
use super::parts::{ConnectionString, Dialect, Host};
use super::percent::{encode, encode_path};
use super::source::Source;
use super::url::host_with_port;

/// Why a connection string cannot be written in a dialect.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WriteError {
    /// The dialect is not one of this engine's (a `SQLite` path as a libpq URI).
    EngineMismatch,
    /// A value holds a NUL, which no connection can carry.
    Nul,
    /// The dialect has no place for this part, or no way to write this value of it.
    NotExpressible {
        /// The part, as a word (`hostaddr`, `host`).
        part: &'static str,
    },
}

impl fmt::Display for WriteError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::EngineMismatch => formatter.write_str("this engine has no connection string of this kind"),
            Self::Nul => formatter.write_str("a value holds a NUL character"),
            Self::NotExpressible { part } => {
                write!(formatter, "this kind of connection string cannot express its {part}")
            }
        }
    }
}

impl std::error::Error for WriteError {}

/// Writes a connection string in a dialect, with its password: hence a secret.
///
/// Values are encoded as far as the dialect demands; placeholders (`${VAR}`) stay as they are. Parameters are
/// written under the names that they have: nothing is translated between dialects. A name among
/// [`ConnectionString::parameters`] that belongs to a part (`host`, `user`) is read back as that part.
///
/// # Errors
///
/// See [`WriteError`]. A comma in one host or port would make two of it and is refused.
pub fn write(connection: &ConnectionString, dialect: Dialect) -> Result<Secret, WriteError> {
    let parts = Parts::of(connection)?;
    let engine = connection.engine.as_str();
    let text = match dialect {
        Dialect::LibpqUri if engine == "postgresql" => libpq_uri(&parts),
        Dialect::LibpqKeywords if engine == "postgresql" => libpq_keywords(&parts),
        Dialect::Sqlite | Dialect::SqlAlchemy if engine == "sqlite" => sqlite(&parts),
        Dialect::SqlAlchemy | Dialect::Other if engine != "sqlite" => url(&parts, engine)?,
        Dialect::Jdbc if engine == "postgresql" => jdbc(&parts)?,
        Dialect::Jdbc if engine == "sqlite" => jdbc_sqlite(&parts)?,
        _ => return Err(WriteError::EngineMismatch),
    };
    Ok(Secret::new(text))
}

/// The values to write, without their places.
struct Parts<'a> {
    driver: Option<&'a str>,
    user: Option<&'a str>,
    password: Option<&'a str>,
    hosts: &'a [Host],
    host_list: Option<String>,
    hostaddr_list: Option<String>,
    port_list: Option<String>,
    database: Option<&'a str>,
    path: &'a str,
    parameters: Vec<(&'a str, &'a str)>,
}

impl<'a> Parts<'a> {
    fn of(connection: &'a ConnectionString) -> Result<Self, WriteError> {
        let parts = Self {
            driver: connection.driver.as_ref().map(|part| part.value.as_str()),
            user: connection.user.as_ref().map(|part| part.value.as_str()),
            password: connection.password.as_ref().map(|part| part.value.expose()),
            hosts: &connection.hosts,
            host_list: connection.host_list(),
            hostaddr_list: connection.hostaddr_list(),
            port_list: connection.port_list(),
            database: connection.database.as_ref().map(|part| part.value.as_str()),
            path: connection.path.as_ref().map_or("", |part| part.value.as_str()),
            parameters: connection
                .parameters
                .iter()
                .map(|parameter| (parameter.name.as_str(), parameter.value.expose()))
                .collect(),
        };
        let lists = [&parts.host_list, &parts.hostaddr_list, &parts.port_list];
        let texts = [parts.user, parts.password, parts.database, Some(parts.path)].into_iter().flatten();
        let listed = lists.into_iter().flatten().map(String::as_str);
        let named = parts.parameters.iter().flat_map(|(name, value)| [*name, *value]);
        let nul = texts.chain(listed).chain(named).any(|value| value.contains('\0'));
        if nul {
            return Err(WriteError::Nul);
        }
        for (list, part) in lists.into_iter().zip(["host", "hostaddr", "port"]) {
            if list.as_ref().is_some_and(|list| !splits_again(list, connection.hosts.len())) {
                return Err(WriteError::NotExpressible { part });
            }
        }
        Ok(parts)
    }

    /// `user:password@`, percent-encoded. Empty values cannot stand there and follow in the query.
    fn user_info(&self) -> String {
        let (user, password) = (self.user.unwrap_or(""), self.password.unwrap_or(""));
        match (user.is_empty(), password.is_empty()) {
            (true, true) => String::new(),
            (false, true) => format!("{}@", encode(user)),
            _ => format!("{}:{}@", encode(user), encode(password)),
        }
    }

    /// Empty values of `user`, `password` and `dbname`, which differ from absent ones, as parameters.
    fn empty_values(&self) -> Vec<(&'a str, &'a str)> {
        [("user", self.user), ("password", self.password), ("dbname", self.database)]
            .into_iter()
            .filter(|(_, value)| *value == Some(""))
            .map(|(name, _)| (name, ""))
            .collect()
    }
}

/// Whether a joined list falls into so many items again: a comma in one of them makes two, and a placeholder that is
/// opened in one and closed in the next makes one of both.
fn splits_again(list: &str, count: usize) -> bool {
    Source::with_placeholders(list).split(0..list.len(), b',').len() == count
}

/// `?name=value&...`, or nothing.
fn query<'a>(parameters: impl Iterator<Item = (&'a str, &'a str)>) -> String {
    let pairs: Vec<String> = parameters.map(|(name, value)| format!("{}={}", encode(name), encode(value))).collect();
    if pairs.is_empty() { String::new() } else { format!("?{}", pairs.join("&")) }
}

/// A host as it stands before the port: an IPv6 address in brackets.
fn netloc_host(host: &str) -> String {
    let address = host.split('%').next().unwrap_or(host);
    if address.parse::<Ipv6Addr>().is_ok() { format!("[{}]", encode_zone(host)) } else { encode(host) }
}

/// An IPv6 address with the `%` of its zone encoded.
fn encode_zone(address: &str) -> String {
    encode(address).replace("%3A", ":")
}

fn value_of(part: Option<&super::parts::Part<String>>) -> &str {
    part.map_or("", |part| part.value.as_str())
}

fn libpq_uri(parts: &Parts<'_>) -> String {
    let netlocs: Vec<String> = parts
        .hosts
        .iter()
        .map(|host| {
            let (name, port) = (value_of(host.host.as_ref()), value_of(host.port.as_ref()));
            if port.is_empty() { netloc_host(name) } else { format!("{}:{}", netloc_host(name), encode(port)) }
        })
        .collect();
    let hostaddr = parts.hostaddr_list.as_deref().map(|list| ("hostaddr", list));
    let query = query(hostaddr.into_iter().chain(parts.empty_values()).chain(parts.parameters.iter().copied()));
    let database = encode(parts.database.unwrap_or(""));
    let slash = if database.is_empty() && query.is_empty() { "" } else { "/" };
    format!("postgresql://{}{}{slash}{database}{query}", parts.user_info(), netlocs.join(","))
}

fn libpq_keywords(parts: &Parts<'_>) -> String {
    let named = [
        ("host", parts.host_list.as_deref()),
        ("hostaddr", parts.hostaddr_list.as_deref()),
        ("port", parts.port_list.as_deref()),
        ("dbname", parts.database),
        ("user", parts.user),
        ("password", parts.password),
    ];
    let pairs: Vec<String> = named
        .into_iter()
        .filter_map(|(name, value)| Some((name, value?)))
        .chain(parts.parameters.iter().copied())
        .map(|(name, value)| format!("{name}={}", quoted(value)))
        .collect();
    pairs.join(" ")
}

/// A value of a key=value string, in quotes where it needs them.
fn quoted(value: &str) -> String {
    let mut at = 0;
    let bare = !value.is_empty()
        && loop {
            let Some(character) = value[at..].chars().next() else { break true };
            if let Some(end) = opaque::placeholder_end(value, at) {
                if value[at..end].contains([' ', '\t', '\n', '\r', '\x0B', '\x0C', '\'', '\\']) {
                    break false;
                }
                at = end;
            } else if character.is_ascii_alphanumeric() || "_-./:,@+=~".contains(character) {
                at += 1;
            } else {
                break false;
            }
        };
    if bare { value.to_owned() } else { format!("'{}'", value.replace('\\', "\\\\").replace('\'', "\\'")) }
}

/// A URL for `SQLAlchemy`, which drops empty values. Several hosts, and hosts and ports that its pattern does not take, go into the query.
fn url<'a>(parts: &'a Parts<'a>, engine: &str) -> Result<String, WriteError> {
    let scheme = parts.driver.map_or_else(|| engine.to_owned(), |driver| format!("{engine}+{driver}"));
    let (netloc, in_query) = match parts.hosts {
        [] => (String::new(), false),
        [host] if fits_netloc(host) => {
            let (name, port) = (value_of(host.host.as_ref()), value_of(host.port.as_ref()));
            let name = if name.contains(':') && name.parse::<Ipv6Addr>().is_ok() {
                format!("[{name}]")
            } else {
                name.to_owned()
            };
            (if port.is_empty() { name } else { format!("{name}:{port}") }, false)
        }
        _ => (String::new(), true),
    };
    let list = |list: &'a Option<String>| list.as_deref().filter(|_| in_query);
    let (host, port) = (list(&parts.host_list), list(&parts.port_list));
    if port.is_none() && host.is_some_and(|host| host_with_port(host).is_some()) {
        // It would be read as a host and its port.
        return Err(WriteError::NotExpressible { part: "host" });
    }
    let named = [("host", host), ("hostaddr", parts.hostaddr_list.as_deref()), ("port", port)];
    let named = named.into_iter().filter_map(|(name, value)| Some((name, value?)));
    let query = query(named.chain(parts.parameters.iter().copied()));
    let database = parts.database.unwrap_or("");
    // libpq refuses a stray `%`, and reads a plain `postgresql://` too.
    let database = if engine == "postgresql" { encode(database) } else { encode_path(database, &['@']) };
    let slash = if database.is_empty() && query.is_empty() { "" } else { "/" };
    Ok(format!("{scheme}://{}{netloc}{slash}{database}{query}", parts.user_info()))
}

/// Whether host and port can stand before the slash of a `SQLAlchemy` URL, where nothing is decoded.
fn fits_netloc(host: &Host) -> bool {
    let (name, port) = (value_of(host.host.as_ref()), value_of(host.port.as_ref()));
    let plain_name = name.parse::<Ipv6Addr>().is_ok()
        || is_plain(name, |byte| byte.is_ascii_alphanumeric() || b"-._".contains(&byte));
    plain_name && is_plain(port, |byte| byte.is_ascii_digit())
}

/// Whether all bytes outside placeholders are of a kind.
fn is_plain(value: &str, kind: impl Fn(u8) -> bool) -> bool {
    let placeholders = opaque::placeholders(value);
    value.bytes().enumerate().all(|(at, byte)| kind(byte) || placeholders.iter().any(|range| range.contains(&at)))
}

fn sqlite(parts: &Parts<'_>) -> String {
    let scheme = parts.driver.map_or_else(|| "sqlite".to_owned(), |driver| format!("sqlite+{driver}"));
    let query = query(parts.parameters.iter().copied());
    let slash = if parts.path.is_empty() { "" } else { "/" };
    format!("{scheme}://{}{slash}{}{query}", parts.user_info(), encode_path(parts.path, &[]))
}

fn jdbc(parts: &Parts<'_>) -> Result<String, WriteError> {
    if parts.hostaddr_list.is_some() {
        return Err(WriteError::NotExpressible { part: "hostaddr" });
    }
    let mut netlocs = Vec::new();
    for host in parts.hosts {
        if !fits_netloc(host) {
            return Err(WriteError::NotExpressible { part: "host" });
        }
        let (name, port) = (value_of(host.host.as_ref()), value_of(host.port.as_ref()));
        let name = if name.parse::<Ipv6Addr>().is_ok() { format!("[{name}]") } else { name.to_owned() };
        netlocs.push(if port.is_empty() { name } else { format!("{name}:{port}") });
    }
    let database = encode(parts.database.unwrap_or(""));
    let place = if netlocs.is_empty() { database } else { format!("//{}/{database}", netlocs.join(",")) };
    let login = [("user", parts.user), ("password", parts.password)];
    let login = login.into_iter().filter_map(|(name, value)| Some((name, value?)));
    Ok(format!("jdbc:postgresql:{place}{}", query(login.chain(parts.parameters.iter().copied()))))
}

fn jdbc_sqlite(parts: &Parts<'_>) -> Result<String, WriteError> {
    // sqlite-jdbc decodes nothing in the path.
    if parts.path.contains('?') {
        return Err(WriteError::NotExpressible { part: "path" });
    }
    Ok(format!("jdbc:sqlite:{}{}", parts.path, query(parts.parameters.iter().copied())))
}
