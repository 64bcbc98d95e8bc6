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
    /// What libpq could do and the driver cannot, of what the configuration asks for (`gssencmode=require`): each is a
    /// sentence. If there is one, a failure says nothing about the server.
    pub(in crate::probe) limitations: Vec<String>,
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
