//! How to encrypt a connection, in the words of libpq.

use std::path::PathBuf;

use crate::redact::Secret;

/// How to encrypt a connection.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(in crate::probe) struct TlsSettings {
    /// Whether, and what is verified (`sslmode`).
    pub(in crate::probe) mode: Mode,
    /// Whom certificates are trusted from (`sslrootcert`).
    pub(in crate::probe) root: Root,
    /// The client certificate, if there is such a file (`sslcert`).
    pub(in crate::probe) certificate: Option<PathBuf>,
    /// Its key (`sslkey`).
    pub(in crate::probe) key: Option<PathBuf>,
    /// What the key is encrypted with (`sslpassword`).
    pub(in crate::probe) key_password: Option<Secret>,
    /// Whether the client certificate is sent (`sslcertmode`).
    pub(in crate::probe) certificate_mode: CertificateMode,
    /// Certificates that are no longer valid (`sslcrl`).
    pub(in crate::probe) revoked: Option<PathBuf>,
    /// The oldest version (`ssl_min_protocol_version`); libpq's default is TLS 1.2.
    pub(in crate::probe) oldest: Version,
    /// The newest version (`ssl_max_protocol_version`); none for the newest that there is.
    pub(in crate::probe) newest: Option<Version>,
    /// Whether the host is not named in the clear (`sslsni=0`).
    pub(in crate::probe) is_unnamed: bool,
    /// How TLS begins (`sslnegotiation`).
    pub(in crate::probe) negotiation: Negotiation,
}

impl TlsSettings {
    /// Whether the certificate has to be signed by somebody who is trusted: by the mode, or because there is a root
    /// certificate, which makes `require` and weaker modes verify too, as in libpq.
    pub(in crate::probe) fn verifies(&self) -> bool {
        match &self.root {
            Root::System => true,
            Root::File(path) => path.exists(),
            Root::Missing => false,
        }
    }

    /// Whether the name in the certificate has to be the right one.
    pub(in crate::probe) fn checks_name(&self) -> bool {
        self.mode == Mode::VerifyFull
    }
}

/// `sslmode`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(in crate::probe) enum Mode {
    /// Never encrypt.
    Disable,
    /// Plain first, then encrypted if the server does not let a plain connection in.
    Allow,
    /// Encrypted first, then plain.
    #[default]
    Prefer,
    /// Encrypted, whoever it is; with a root certificate, as `verify-ca`.
    Require,
    /// Encrypted, and signed by somebody who is trusted.
    VerifyCa,
    /// The same, and with the right name.
    VerifyFull,
}

/// `sslrootcert`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(in crate::probe) enum Root {
    /// None is configured, and libpq's default (`~/.postgresql/root.crt`) is not there. The modes that verify fail.
    #[default]
    Missing,
    /// A file. It need not be there: the modes that verify fail then.
    File(PathBuf),
    /// Whom the system trusts (`system`).
    System,
}

/// A version of TLS.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(in crate::probe) enum Version {
    /// TLS 1.0.
    Tls10,
    /// TLS 1.1.
    Tls11,
    /// TLS 1.2.
    #[default]
    Tls12,
    /// TLS 1.3.
    Tls13,
}

/// `sslnegotiation`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(in crate::probe) enum Negotiation {
    /// The client asks first, in the clear.
    #[default]
    Postgres,
    /// TLS begins at once (PostgreSQL 17 and later).
    Direct,
}

/// `sslcertmode`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(in crate::probe) enum CertificateMode {
    /// Never send it.
    Disable,
    /// Send it if the server asks and there is one.
    #[default]
    Allow,
    /// The server has to ask for it.
    Require,
}
