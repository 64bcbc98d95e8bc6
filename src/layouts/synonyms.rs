//! What keys are called in the wild: the one table of synonyms.
//!
//! It serves the keys of sections (`db_name`), the ends of variables (`DATABASE_` + `FALLBACK_NAME`) and flat keys
//! (`mlflow_postgres_` + `host`) alike, so a synonym is written once.

use std::borrow::Cow;
use std::sync::LazyLock;

use crate::connstr;
use crate::finding::suggest;
use crate::model::Key;

/// What a key of a section means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Field {
    /// A key of the canonical schema.
    Key(Key),
    /// A connection string that says several things at once.
    Url,
    /// A word that is the engine if it names one (`type: postgres`), and otherwise a label of the application.
    PerhapsEngine,
    /// A libpq parameter that has no key of its own.
    Parameter(String),
    /// `ssl: true`, or a mapping of TLS settings.
    Ssl,
    /// A mapping of keys of this kind.
    Group(GroupName),
    /// The name of a section with credentials.
    CredentialRef,
    /// A list of replicas, as URLs or sections.
    Replicas,
    /// A list of what takes over.
    Failover,
    /// Something of the application's own, carried along.
    Known,
}

/// A nested mapping, with names of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GroupName {
    /// `pool:`.
    Pool,
    /// `retry:`.
    Retry,
    /// `ssl:`.
    Ssl,
    /// `parameters:`.
    Parameters,
    /// `circuit_breaker:`.
    Breaker,
}

const FIELDS: &[(Key, &[&str])] = &[
    (Key::SameServerAs, &["same_server_as"]),
    (Key::Engine, &["engine", "dialect", "adapter", "db_engine", "connection"]),
    (Key::Driver, &["driver"]),
    (
        Key::Path,
        &[
            "path",
            "db_path",
            "sqlite_path",
            "database_path",
            "db_file",
            "database_file",
            "sqlite_file",
            "file",
            "filename",
        ],
    ),
    (Key::Host, &["host", "hostname", "server", "db_host", "database_host", "host_name"]),
    (Key::HostAddress, &["hostaddr"]),
    (Key::Port, &["port", "db_port", "database_port"]),
    (Key::Database, &["database", "dbname", "db_name", "name", "database_name", "db"]),
    (Key::Username, &["username", "user", "db_user", "db_username", "user_name", "database_user", "login"]),
    (Key::Password, &["password", "passwd", "pass", "pwd", "db_password", "db_pass", "database_password"]),
    (Key::PasswordFile, &["password_file", "db_password_file"]),
    (Key::SslMode, &["ssl_mode", "sslmode", "tls_mode", "db_ssl_mode"]),
    (
        Key::SslRootCert,
        &[
            "ssl_root_cert",
            "sslrootcert",
            "ssl_ca",
            "ssl_ca_path",
            "ssl_ca_cert",
            "ssl_ca_file",
            "ssl_root_cert_path",
            "ca_cert",
            "root_cert",
        ],
    ),
    (Key::SslCert, &["ssl_cert", "sslcert", "ssl_cert_path", "ssl_cert_file", "client_cert"]),
    (Key::SslKey, &["ssl_key", "sslkey", "ssl_key_path", "ssl_key_file", "client_key"]),
    (Key::ConnectTimeout, &["connect_timeout", "connection_timeout", "timeout", "health_check_timeout"]),
    (Key::CommandTimeout, &["command_timeout", "query_timeout"]),
    (Key::PoolMin, &["min_connections", "pool_min", "pool_min_size", "min_pool_size", "pool_min_connections"]),
    (
        Key::PoolMax,
        &[
            "connection_pool_size",
            "pool_size",
            "max_pool_size",
            "pool_max_size",
            "max_connections",
            "pool_max",
            "pool_max_connections",
        ],
    ),
    (Key::PoolOverflow, &["max_overflow", "pool_max_overflow"]),
    (Key::PoolAcquireTimeout, &["pool_timeout", "acquire_timeout", "pool_acquire_timeout"]),
    (Key::PoolRecycle, &["pool_recycle"]),
    (Key::PoolPrePing, &["pool_pre_ping", "pre_ping"]),
    (Key::RetryAttempts, &["max_retries", "retry_attempts", "max_attempts", "retry_max_attempts"]),
    (Key::RetryDelay, &["retry_delay", "base_delay", "retry_base_delay"]),
    (
        Key::FallbackDatabase,
        &["fallback_database", "fallback_name", "database_fallback_name", "fallback_database_name"],
    ),
];

const URLS: &[&str] = &[
    "url",
    "uri",
    "dsn",
    "connection_string",
    "database_url",
    "database_uri",
    "connection_url",
    "db_url",
    "db_uri",
    "sqlalchemy_url",
    "sqlalchemy_database_uri",
    "postgres_uri",
    "postgres_url",
    "postgresql_url",
    "jdbc_url",
    "primary_database_url",
    "primary_url",
];

const POOL: &[(Key, &[&str])] = &[
    (Key::PoolMin, &["min_connections", "min_size", "min", "minconn", "min_pool_size"]),
    (Key::PoolMax, &["max_connections", "max_size", "max", "size", "pool_size", "maxconn", "max_pool_size"]),
    (Key::PoolOverflow, &["max_overflow", "overflow"]),
    (Key::PoolAcquireTimeout, &["acquire_timeout", "timeout", "pool_timeout"]),
    (Key::PoolRecycle, &["recycle", "pool_recycle"]),
    (Key::PoolPrePing, &["pre_ping", "pool_pre_ping"]),
];

const RETRY: &[(Key, &[&str])] = &[
    (Key::RetryAttempts, &["max_attempts", "max_retries", "attempts", "retries"]),
    (Key::RetryDelay, &["base_delay", "delay", "retry_delay"]),
];

const SSL: &[(Key, &[&str])] = &[
    (Key::SslMode, &["mode", "ssl_mode", "sslmode"]),
    (Key::SslRootCert, &["root_cert", "ca", "ca_cert", "ca_path", "ca_file", "rootcert"]),
    (Key::SslCert, &["cert", "client_cert", "cert_path", "cert_file"]),
    (Key::SslKey, &["key", "client_key", "key_path", "key_file"]),
];

const BREAKER: &[(Key, &[&str])] = &[
    (Key::BreakerThreshold, &["failure_threshold"]),
    (Key::BreakerRecovery, &["recovery_timeout"]),
    (Key::BreakerTrials, &["max_recovery_attempts"]),
];

/// Labels and switches of applications that say nothing about the connection.
const KNOWN: &[&str] = &[
    "type",
    "purpose",
    "description",
    "comment",
    "comments",
    "notes",
    "enabled",
    "security",
    "auto_create",
    "tags",
    "databases",
    "echo",
    "schema",
    "schemas",
    "poolclass",
    "pool_class",
    "encoding",
    "charset",
    "migrations",
    "role",
    "label",
    "environment",
    "region",
    "backup",
    "health_check",
];

impl GroupName {
    fn table(self) -> &'static [(Key, &'static [&'static str])] {
        match self {
            Self::Pool => POOL,
            Self::Retry => RETRY,
            Self::Ssl => SSL,
            Self::Breaker => BREAKER,
            Self::Parameters => &[],
        }
    }

    /// The key of a name inside the group; the name is normalised first.
    pub fn key_of(self, name: &str) -> Option<Key> {
        self.key(&normalise(name))
    }

    /// The key of a name inside the group.
    pub(super) fn key(self, name: &str) -> Option<Key> {
        find(self.table(), name)
    }

    /// All names inside the group.
    pub(super) fn names(self) -> Vec<&'static str> {
        self.table().iter().flat_map(|(_, names)| names.iter().copied()).collect()
    }
}

/// What a key of a section means; the name is normalised first.
pub fn field(name: &str) -> Option<Field> {
    let name = normalise(name);
    let name = name.as_ref();
    if let Some(key) = find(FIELDS, name) {
        return Some(Field::Key(key));
    }
    if URLS.contains(&name) {
        return Some(Field::Url);
    }
    Some(match name {
        "pool" | "connection_pool" | "pool_settings" | "pooling" => Field::Group(GroupName::Pool),
        "retry" | "retries" | "retry_policy" => Field::Group(GroupName::Retry),
        "parameters" | "params" | "connect_args" | "connection_parameters" | "query" => {
            Field::Group(GroupName::Parameters)
        }
        "circuit_breaker" => Field::Group(GroupName::Breaker),
        "ssl" | "tls" => Field::Ssl,
        "credential_ref" | "credentials_ref" | "credential" | "credentials" => Field::CredentialRef,
        "replicas" | "read_replicas" | "replica_urls" | "replica_database_urls" => Field::Replicas,
        "failover" | "fallbacks" => Field::Failover,
        "type" => Field::PerhapsEngine,
        known if KNOWN.contains(&known) => Field::Known,
        parameter if connstr::is_libpq_parameter(parameter) => Field::Parameter(parameter.to_owned()),
        _ => return None,
    })
}

/// The known name that an unknown one was most likely meant to be.
pub(super) fn suggestion(name: &str, among: &[&'static str]) -> Option<&'static str> {
    suggest(&normalise(name), among)
}

/// All names of fields, for suggestions: of each key the canonical one first.
pub(super) fn field_names() -> Cow<'static, [&'static str]> {
    static NAMES: LazyLock<Vec<&str>> = LazyLock::new(|| {
        let keys = FIELDS.iter().flat_map(|(_, names)| names.iter().copied());
        let rest = ["pool", "retry", "parameters", "ssl", "credential_ref", "replicas", "failover", "url"];
        keys.filter(|name| name.len() > 2).chain(rest).collect()
    });
    Cow::Borrowed(&NAMES)
}

fn find(table: &[(Key, &'static [&'static str])], name: &str) -> Option<Key> {
    table.iter().find(|(_, names)| names.contains(&name)).map(|(key, _)| *key)
}

/// `maxConnections`, `max-connections` and `MAX_CONNECTIONS` are `max_connections`.
pub(super) fn normalise(name: &str) -> Cow<'_, str> {
    if name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_' || byte.is_ascii_digit()) {
        return Cow::Borrowed(name);
    }
    let mut normal = String::with_capacity(name.len() + 4);
    let mut after_lower = false;
    for character in name.chars() {
        if character.is_ascii_uppercase() && after_lower {
            normal.push('_');
        }
        after_lower = character.is_ascii_lowercase();
        normal.push(if character == '-' { '_' } else { character.to_ascii_lowercase() });
    }
    Cow::Owned(normal)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn synonyms_and_spellings() {
        for (name, field_expected) in [
            ("db_name", Some(Field::Key(Key::Database))),
            ("sslMode", Some(Field::Key(Key::SslMode))),
            ("POOL_SIZE", Some(Field::Key(Key::PoolMax))),
            ("connection-pool", Some(Field::Group(GroupName::Pool))),
            ("application_name", Some(Field::Parameter("application_name".to_owned()))),
            ("postgres_uri", Some(Field::Url)),
            ("prot", None),
        ] {
            assert_eq!(field(name), field_expected, "{name}");
        }
        assert_eq!(suggestion("prot", &field_names()), Some("port"));
        assert_eq!(suggestion("usrname", &field_names()), Some("username"));
        assert_eq!(suggestion("colour", &field_names()), None);
    }

    #[test]
    fn no_name_stands_twice() {
        for table in [FIELDS, POOL, RETRY, SSL, BREAKER] {
            let mut seen = std::collections::HashSet::new();
            for name in table.iter().flat_map(|(_, names)| names.iter()) {
                assert!(seen.insert(name), "{name}");
            }
        }
    }
}
