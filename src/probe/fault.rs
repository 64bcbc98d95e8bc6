//! What went wrong with an attempt, as the evidence has it: before anybody says what it means.

use std::io;

/// What went wrong. [`classify`](super::classify::classify) says what it means.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Fault {
    /// The name has no address, or the resolver could not say.
    Name(NameFault),
    /// A call of the system failed; where, the stage says.
    Io(IoFault),
    /// The peer closed the connection where it should have answered.
    Closed,
    /// The time of the attempt was up.
    Timeout,
    /// The peer sent more than is read.
    TooMuch,
    /// What answers is no such server. The first bytes tell what it is.
    Protocol(Protocol),
    /// The handshake of TLS failed.
    Tls(TlsFault),
    /// The server has no TLS, and the mode wants it.
    TlsRefused,
    /// A PostgreSQL server, or a pooler, said no.
    Server(ServerFault),
    /// The server wants a password, and there is none.
    NoPassword,
    /// `channel_binding=require` could not be met.
    ChannelBinding(&'static str),
    /// The server is not as `require_auth` or `requirepeer` demands. A sentence that says how.
    Refused(String),
    /// No host has a session of the wanted kind; the kind.
    Session(&'static str),
    /// pgvector is not installed in the database; whether the server has it to install.
    NoExtension {
        /// Whether `create extension vector` would work.
        is_available: bool,
    },
    /// pgvector is installed and fails, with what the server said.
    BrokenExtension(ServerFault),
    /// A value of the configuration cannot be used. A sentence that names it.
    Configuration(super::classify::Misfit),
    /// The driver cannot do what libpq could. A sentence that says what.
    Limitation(String),
    /// The driver gave up on what the server sent.
    Driver(String),
    /// An HTTP server answered with a status that is no success.
    Http(u16),
    /// An HTTP server answered that is none of MLflow's: the status of its answer to `/health`.
    NoTracker(u16),
    /// A bucket is not there, or not where it should be.
    Bucket(BucketFault),
    /// Redis said no: what it said, `WRONGPASS ...`.
    Redis(String),
    /// A file cannot be used.
    File(FileFault),
}

/// Why a name has no address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum NameFault {
    /// There is no such name.
    NotFound,
    /// The name has no address.
    NoAddress,
    /// The resolver could not say.
    TryAgain,
    /// What the resolver said.
    Other(String),
}

/// A failed call of the system.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct IoFault {
    /// What kind of failure it is.
    pub(super) kind: io::ErrorKind,
    /// The number of the system's error.
    pub(super) code: Option<i32>,
}

impl From<&io::Error> for IoFault {
    fn from(error: &io::Error) -> Self {
        Self { kind: error.kind(), code: error.raw_os_error() }
    }
}

/// What answers instead of the server that was expected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Protocol {
    /// A web server.
    Http,
    /// OpenSSH and its kin.
    Ssh,
    /// `MySQL` or `MariaDB`.
    Mysql,
    /// Redis.
    Redis,
    /// TLS, where plain text was expected.
    Tls,
    /// SMTP, FTP and others that greet with a number.
    Mail,
    /// A PostgreSQL server, where another was expected.
    Postgresql,
    /// Nobody knows.
    Unknown,
}

/// Why the handshake of TLS failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum TlsFault {
    /// The certificate is not accepted: the number that OpenSSL gives the reason (`X509_V_ERR_*`), and its words.
    Certificate {
        /// The number.
        code: i32,
        /// The words.
        text: String,
    },
    /// The peer sent an alert, or the handshake broke: OpenSSL's reason.
    Handshake(String),
}

/// What a PostgreSQL server says when it says no.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct ServerFault {
    /// The SQLSTATE.
    pub(super) code: String,
    /// The message, every password taken out of it.
    pub(super) message: String,
    /// Whether the password was accepted before.
    pub(super) is_after_login: bool,
}

/// Why a bucket cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum BucketFault {
    /// There is none of this name.
    Missing,
    /// It is in another region; which, if it is told.
    Elsewhere(Option<String>),
}

/// Why a file cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum FileFault {
    /// It is not there.
    Missing,
    /// It cannot be read.
    Unreadable,
    /// It, or its directory, cannot be written.
    NotWritable,
    /// It is no database, or damaged: in words.
    Damaged(String),
    /// Somebody keeps the database to himself.
    Locked,
    /// A folder is wanted, and it is none.
    NoFolder,
}
