//! Where a PostgreSQL server is and how to log in, when everything that libpq reads has been read.

use std::fmt;
use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;

use crate::probe::tls::TlsSettings;
use crate::redact::Secret;

/// Where a PostgreSQL server is and how to log in. `Display` shows hosts and ports: `db.example.com:5432`.
#[derive(Clone, Debug)]
pub(in crate::probe) struct Endpoint {
    /// The hosts, in the order in which they are tried; at least one.
    pub(in crate::probe) hosts: Vec<Host>,
    /// Whether the hosts and their addresses are tried in any order (`load_balance_hosts=random`).
    pub(in crate::probe) is_shuffled: bool,
    /// The database.
    pub(in crate::probe) database: String,
    /// The user.
    pub(in crate::probe) user: String,
    /// How to encrypt.
    pub(in crate::probe) tls: TlsSettings,
    /// Whether the password is bound to the encrypted connection.
    pub(in crate::probe) binding: Binding,
    /// Which session is wanted.
    pub(in crate::probe) session: SessionKind,
    /// `application_name`, which is shown in the server's views.
    pub(in crate::probe) application_name: String,
    /// `options`, for the server's command line.
    pub(in crate::probe) options: Option<String>,
    /// How long an attempt may take (`connect_timeout`, wherever libpq reads it); none if nobody says, or says 0.
    pub(in crate::probe) connect_timeout: Option<Duration>,
    /// Settings of the session that variables ask for (`PGTZ`), by the server's names.
    pub(in crate::probe) settings: Vec<(&'static str, String)>,
    /// Which ways to log in are allowed (`require_auth`); none if all are.
    pub(in crate::probe) methods: Option<Methods>,
    /// Who has to run the server at a Unix socket (`requirepeer`).
    pub(in crate::probe) peer: Option<Peer>,
    /// What libpq would do or demand and the driver cannot (`gssencmode=require`): each is a sentence. If there is one,
    /// neither an answer nor a failure says anything about the server.
    pub(in crate::probe) limitations: Vec<String>,
    /// What the driver lacks for a login that the configuration makes possible (`scram_client_key`): each is a sentence. If
    /// there is one, a failure says nothing about the server.
    pub(in crate::probe) excuses: Vec<String>,
    /// What is worth knowing: that a `.pgpass` was passed over since others can read it.
    pub(in crate::probe) remarks: Vec<String>,
}

/// One host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::probe) struct Host {
    /// Where.
    pub(in crate::probe) place: Place,
    /// The port; of a Unix socket, the number at the end of its name.
    pub(in crate::probe) port: u16,
    /// The password; it may differ by host (`.pgpass`).
    pub(in crate::probe) password: Option<Secret>,
}

/// Which ways to log in are allowed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::probe) struct Methods {
    /// Their names in `require_auth`.
    pub(in crate::probe) names: Vec<String>,
    /// Whether these are forbidden, and all others allowed.
    pub(in crate::probe) is_negated: bool,
}

impl Methods {
    /// Why a request of the server is refused, by its number in the protocol (`AuthenticationRequest`); nothing if it is
    /// allowed. 0, the number of success, stands for a server that lets everybody in.
    pub(in crate::probe) fn refusal(&self, request: u32) -> Option<String> {
        let (name, asked) = match request {
            0 => ("none", "the server asks for no proof of the user"),
            3 => ("password", "the server asks for the password in the clear"),
            5 => ("md5", "the server asked for a login by md5"),
            7 | 8 => ("gss", "the server asked for a login by GSSAPI"),
            9 => ("sspi", "the server asked for a login by SSPI"),
            10..=12 => ("scram-sha-256", "the server asked for a login by scram-sha-256"),
            _ => ("", "the server asked for a login by another method"),
        };
        let is_allowed = self.names.iter().any(|known| known == name) != self.is_negated;
        let names = self.names.join(", ");
        let rule = if self.is_negated { format!("forbids {names}") } else { format!("allows {names} only") };
        (!is_allowed).then(|| format!("{asked}, and require_auth {rule}"))
    }
}

/// Who has to run the server at a Unix socket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::probe) struct Peer {
    /// The name of the user, of the configuration.
    pub(in crate::probe) name: String,
    /// Its number.
    pub(in crate::probe) number: u32,
}

impl Peer {
    /// Why a server is refused, by the number of the user who runs it, if the system tells; nothing if it is the right one.
    pub(in crate::probe) fn refusal(&self, number: Option<u32>) -> Option<String> {
        let Self { name, number: wanted } = self;
        match number {
            Some(number) if number == *wanted => None,
            Some(number) => Some(format!(
                "requirepeer names `{name}`, user {wanted}, and user {number} runs the server at the socket"
            )),
            None => Some(format!("requirepeer names `{name}`, and the system does not say who runs the server")),
        }
    }
}

/// Where a host is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::probe) enum Place {
    /// A name that has to be looked up.
    Name(String),
    /// An address.
    Address {
        /// The address.
        address: IpAddr,
        /// What certificates are verified against: `host`, which may be the address itself. None if only `hostaddr` is
        /// given: then libpq has no name to verify.
        name: Option<String>,
    },
    /// The directory of a Unix socket, or `@name` of an abstract one.
    Socket(PathBuf),
}

/// Whether the password is bound to the encrypted connection (`channel_binding`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::probe) enum Binding {
    /// Never.
    Disable,
    /// Where the server can.
    #[default]
    Prefer,
    /// Otherwise the login fails.
    Require,
}

/// Which session is wanted (`target_session_attrs`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::probe) enum SessionKind {
    /// Any.
    #[default]
    Any,
    /// One that takes writes.
    ReadWrite,
    /// One that does not.
    ReadOnly,
    /// Of a server that is no standby.
    Primary,
    /// Of a standby.
    Standby,
    /// Of a standby if any host has one, otherwise any.
    PreferStandby,
}

impl Host {
    /// What certificates are verified against.
    pub(in crate::probe) fn name(&self) -> Option<String> {
        match &self.place {
            Place::Name(name) => Some(name.clone()),
            Place::Address { name, .. } => name.clone(),
            Place::Socket(_) => None,
        }
    }
}

impl fmt::Display for Host {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let port = self.port;
        match &self.place {
            Place::Address { address: IpAddr::V6(address), name } => match name {
                Some(name) if !name.contains(':') => write!(formatter, "{name}:{port}"),
                _ => write!(formatter, "[{address}]:{port}"),
            },
            Place::Name(name) | Place::Address { name: Some(name), .. } => write!(formatter, "{name}:{port}"),
            Place::Address { address, .. } => write!(formatter, "{address}:{port}"),
            Place::Socket(directory) => write!(formatter, "{}:{port}", directory.display()),
        }
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, host) in self.hosts.iter().enumerate() {
            let comma = if index == 0 { "" } else { "," };
            write!(formatter, "{comma}{host}")?;
        }
        Ok(())
    }
}
