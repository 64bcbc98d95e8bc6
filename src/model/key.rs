//! The keys of the canonical schema, in one table.

/// A key of the canonical schema (version 1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[allow(missing_docs, reason = "each is described by its line in KEYS")]
pub enum Key {
    SameServerAs,
    Engine,
    Driver,
    Path,
    Host,
    HostAddress,
    Port,
    Database,
    Username,
    Password,
    PasswordFile,
    SslMode,
    SslRootCert,
    SslCert,
    SslKey,
    ConnectTimeout,
    CommandTimeout,
    PoolMin,
    PoolMax,
    PoolOverflow,
    PoolAcquireTimeout,
    PoolRecycle,
    PoolPrePing,
    RetryAttempts,
    RetryDelay,
    FallbackDatabase,
    Url,
    TrackingUri,
    ArtifactStore,
    ExperimentName,
    Timeout,
    BreakerThreshold,
    BreakerRecovery,
    BreakerTrials,
}

/// What kind of value a key takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Any text.
    Text,
    /// A text that is never shown.
    Secret,
    /// A URL, whose password is never shown.
    Url,
    /// A path of the file system.
    Path,
    /// A TCP port, 1 to 65535; several hosts have several, separated by commas.
    Port,
    /// A whole number, 0 or more.
    Count,
    /// Seconds, 0 or more, perhaps with a fraction.
    Seconds,
    /// True or false.
    Switch,
}

/// One line of the table.
#[derive(Debug)]
pub struct KeyInfo {
    /// The key.
    pub key: Key,
    /// Where it stands in a canonical section; a dot separates a nested key.
    pub path: &'static str,
    /// What it takes.
    pub kind: Kind,
    /// The libpq parameter of the same meaning.
    pub libpq: Option<&'static str>,
    /// What holds if nothing is said; used to judge and to probe, never written into a file.
    pub default: Option<&'static str>,
}

const fn line(key: Key, path: &'static str, kind: Kind) -> KeyInfo {
    KeyInfo { key, path, kind, libpq: None, default: None }
}

const fn libpq(key: Key, path: &'static str, kind: Kind, parameter: &'static str) -> KeyInfo {
    KeyInfo { key, path, kind, libpq: Some(parameter), default: None }
}

const fn with_default(mut info: KeyInfo, default: &'static str) -> KeyInfo {
    info.default = Some(default);
    info
}

/// All keys, in the order of the canonical schema and of [`Key`].
pub(super) const KEYS: &[KeyInfo] = &[
    line(Key::SameServerAs, "same_server_as", Kind::Text),
    with_default(line(Key::Engine, "engine", Kind::Text), "postgresql"),
    line(Key::Driver, "driver", Kind::Text),
    line(Key::Path, "path", Kind::Path),
    libpq(Key::Host, "host", Kind::Text, "host"),
    libpq(Key::HostAddress, "hostaddr", Kind::Text, "hostaddr"),
    with_default(libpq(Key::Port, "port", Kind::Port, "port"), "5432"),
    libpq(Key::Database, "database", Kind::Text, "dbname"),
    libpq(Key::Username, "username", Kind::Text, "user"),
    libpq(Key::Password, "password", Kind::Secret, "password"),
    line(Key::PasswordFile, "password_file", Kind::Path),
    with_default(libpq(Key::SslMode, "ssl_mode", Kind::Text, "sslmode"), "prefer"),
    libpq(Key::SslRootCert, "ssl_root_cert", Kind::Path, "sslrootcert"),
    libpq(Key::SslCert, "ssl_cert", Kind::Path, "sslcert"),
    libpq(Key::SslKey, "ssl_key", Kind::Path, "sslkey"),
    libpq(Key::ConnectTimeout, "connect_timeout", Kind::Seconds, "connect_timeout"),
    line(Key::CommandTimeout, "command_timeout", Kind::Seconds),
    line(Key::PoolMin, "pool.min_connections", Kind::Count),
    line(Key::PoolMax, "pool.max_connections", Kind::Count),
    line(Key::PoolOverflow, "pool.max_overflow", Kind::Count),
    line(Key::PoolAcquireTimeout, "pool.acquire_timeout", Kind::Seconds),
    line(Key::PoolRecycle, "pool.recycle", Kind::Seconds),
    line(Key::PoolPrePing, "pool.pre_ping", Kind::Switch),
    line(Key::RetryAttempts, "retry.max_attempts", Kind::Count),
    line(Key::RetryDelay, "retry.base_delay", Kind::Seconds),
    line(Key::FallbackDatabase, "fallback_database", Kind::Text),
    line(Key::Url, "url", Kind::Url),
    line(Key::TrackingUri, "tracking_uri", Kind::Url),
    line(Key::ArtifactStore, "artifact_store", Kind::Url),
    line(Key::ExperimentName, "experiment_name", Kind::Text),
    line(Key::Timeout, "timeout", Kind::Seconds),
    line(Key::BreakerThreshold, "circuit_breaker.failure_threshold", Kind::Count),
    line(Key::BreakerRecovery, "circuit_breaker.recovery_timeout", Kind::Seconds),
    line(Key::BreakerTrials, "circuit_breaker.max_recovery_attempts", Kind::Count),
];

impl Key {
    /// All keys, in the order of the schema.
    pub fn all() -> impl Iterator<Item = Self> {
        KEYS.iter().map(|info| info.key)
    }

    /// The line of the table.
    pub fn info(self) -> &'static KeyInfo {
        &KEYS[self as usize]
    }

    /// Where it stands in a canonical section.
    pub fn path(self) -> &'static str {
        self.info().path
    }

    /// The key of a libpq parameter (`dbname` is `database`).
    pub fn of_libpq(parameter: &str) -> Option<Self> {
        KEYS.iter().find(|info| info.libpq == Some(parameter)).map(|info| info.key)
    }

    /// Whether the key says where to connect and as whom, rather than how.
    pub fn is_identity(self) -> bool {
        use Key::{
            Database, Driver, Engine, Host, HostAddress, Password, PasswordFile, Path, Port, SameServerAs, Username,
        };
        matches!(
            self,
            SameServerAs
                | Engine
                | Driver
                | Path
                | Host
                | HostAddress
                | Port
                | Database
                | Username
                | Password
                | PasswordFile
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_in_the_order_of_the_keys() {
        for (index, info) in KEYS.iter().enumerate() {
            assert_eq!(info.key as usize, index, "{}", info.path);
        }
    }
}
