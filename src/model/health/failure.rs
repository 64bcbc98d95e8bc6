//! Why an attempt failed: one cause, whether it passes by itself, and what was said about it.

use serde::{Deserialize, Serialize};

use super::status::Stage;
use crate::model::Key;

/// Why an attempt failed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Failure {
    /// Where it failed.
    pub stage: Stage,
    /// What the matter is, by which hints and live rules are chosen.
    pub cause: Cause,
    /// Whether it may pass by itself.
    pub class: Class,
    /// The SQLSTATE if the server gave one, otherwise the name of the cause (`name-not-found`), an HTTP status, or what
    /// Redis puts first (`WRONGPASS`).
    pub code: String,
    /// A sentence without its full stop, in our words where the cause is known. What a server said may stand in it, with
    /// every password taken out, but not escaped.
    pub message: String,
    /// The key of the configuration that it is about, if one is.
    #[serde(skip)]
    pub key: Option<Key>,
}

impl Failure {
    /// The same failure, about a key of the configuration.
    #[must_use]
    pub fn about(self, key: impl Into<Option<Key>>) -> Self {
        Self { key: key.into(), ..self }
    }
}

/// Whether a failure may pass by itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Class {
    /// It may: it is tried again.
    Transient,
    /// It does not: trying again would only take time, and may lock the account.
    #[default]
    Permanent,
}

impl Class {
    /// The word for it, in every output.
    pub fn name(self) -> &'static str {
        match self {
            Self::Transient => "transient",
            Self::Permanent => "permanent",
        }
    }
}

/// What the matter is. Several texts and codes may mean the same.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[allow(missing_docs, reason = "each says what it is; those that need more have it")]
pub enum Cause {
    /// Something that has no name of its own: the code says more.
    #[default]
    Other,

    // dns
    NameNotFound,
    /// The name exists and has no address (`EAI_NODATA`).
    NameWithoutAddress,
    /// The resolver could not say (`EAI_AGAIN`).
    ResolverFailed,

    // tcp
    Refused,
    /// No route to the network or host; of a name with IPv6 addresses only, most often no IPv6 here.
    Unreachable,
    SocketMissing,
    /// The system does not allow it: a firewall, or the rights of a Unix socket.
    NotPermitted,
    /// No descriptors or ports are left on this machine: nothing is said about the server.
    OutOfDescriptors,

    // any stage
    /// The stage did not end in time.
    Timeout,
    Reset,
    /// The peer closed the connection without a word.
    Closed,
    /// The peer sent more than a probe reads.
    TooMuchData,
    /// What answers speaks another protocol; the message names it if it is known.
    WrongProtocol,
    /// The driver cannot do what libpq could: nothing is said about the server.
    Limitation,
    /// A value of the configuration cannot be used: a port that is none, a file that cannot be read.
    Configuration,
    /// The run ended before the target had its turn, or its answer.
    Deadline,

    // tls
    /// The server has no TLS, and the mode wants it.
    TlsRefused,
    /// The server wants TLS, and the mode does not allow it.
    TlsRequired,
    CertificateExpired,
    CertificateNotYetValid,
    CertificateHostMismatch,
    /// No trusted authority has signed it.
    CertificateUntrusted,
    CertificateRevoked,
    /// It is invalid for another reason.
    CertificateInvalid,
    /// The root certificate that the mode needs is not there.
    RootCertificateMissing,
    /// A client certificate or key cannot be used.
    ClientCertificateUnusable,
    /// The server wants a client certificate, or takes another one.
    ClientCertificateRefused,
    /// Versions or ciphers do not meet, or the handshake broke.
    TlsHandshake,

    // auth
    PasswordRejected,
    /// The server asks for a password, and none is configured.
    PasswordMissing,
    /// No rule of `pg_hba.conf` lets this user, database, address and encryption in.
    NotAllowed,
    RoleMissing,
    /// The configuration refuses the server: it asks for another proof of the user than `require_auth` allows, or another
    /// user runs it than `requirepeer` names.
    ServerRefused,
    /// The role exists and may not log in.
    RoleCannotLogin,
    ChannelBinding,

    // session
    DatabaseMissing,
    /// The database accepts no connections (`datallowconn`).
    DatabaseClosed,
    /// The role may not connect to the database.
    ConnectDenied,
    TooManyConnections,
    /// The limit of the role or of the database is 0.
    ConnectionsForbidden,
    StartingUp,
    ShuttingDown,
    /// None of the hosts has a session of the wanted kind (`target_session_attrs`).
    WrongSession,
    /// A pooler refuses a parameter of the startup.
    UnsupportedParameter,
    /// A pooler had no connection to the server in time.
    PoolerBusy,

    // query
    QueryFailed,
    /// HTTP answered with a status that is no success.
    HttpStatus,

    // extension
    ExtensionMissing,
    /// It is installed and fails.
    ExtensionBroken,

    // files and stores
    FileMissing,
    FileUnreadable,
    FileNotWritable,
    /// No SQLite database, or a damaged one.
    FileDamaged,
    /// A program keeps the database to itself.
    FileLocked,
    BucketMissing,
    /// The bucket is in another region than the one that is configured.
    BucketElsewhere,

    // not measured
    /// A value is a placeholder.
    Placeholder,
    /// A variable has no value here.
    UnresolvedVariable,
    /// dbcfg does not speak to such a thing.
    Unsupported,
    /// It is not said where it is.
    NoPlace,
}

impl Cause {
    /// The word for it, in every output.
    pub fn name(self) -> String {
        let name = serde_json::to_value(self).ok();
        name.as_ref().and_then(serde_json::Value::as_str).unwrap_or("other").to_owned()
    }

    /// Whether it is about encryption: the server has none, wants it, or is not trusted.
    pub fn is_tls(self) -> bool {
        matches!(
            self,
            Self::TlsRefused
                | Self::TlsRequired
                | Self::CertificateExpired
                | Self::CertificateNotYetValid
                | Self::CertificateHostMismatch
                | Self::CertificateUntrusted
                | Self::CertificateRevoked
                | Self::CertificateInvalid
                | Self::RootCertificateMissing
                | Self::ClientCertificateUnusable
                | Self::ClientCertificateRefused
                | Self::TlsHandshake
        )
    }

    /// Whether it is about who may come in.
    pub fn is_login(self) -> bool {
        matches!(
            self,
            Self::PasswordRejected
                | Self::PasswordMissing
                | Self::NotAllowed
                | Self::RoleMissing
                | Self::RoleCannotLogin
                | Self::ChannelBinding
                | Self::ConnectDenied
                | Self::ConnectionsForbidden
                | Self::ServerRefused
        )
    }

    /// Whether the target could not be tried at all, so that nothing is said about the server.
    pub fn is_not_measured(self) -> bool {
        matches!(
            self,
            Self::Placeholder
                | Self::UnresolvedVariable
                | Self::Unsupported
                | Self::NoPlace
                | Self::Limitation
                | Self::OutOfDescriptors
                | Self::Deadline
        )
    }
}
