//! What the names of variables mean: families of databases, libpq's own, and services.
//!
//! The same names in lower case are the flat keys of settings files, so they are classified here for both.

use crate::model::{Key, Role};

use super::Names;
use super::reader::Place;
use super::synonyms::{self, Field};
use super::values;

/// What a variable is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Variable {
    pub(super) subject: Subject,
    pub(super) field: Field,
    /// Which of several families wins within one definition: the lowest.
    pub(super) rank: u8,
}

/// The rank of `MLFLOW_TRACKING_URI` where it is a database: behind `MLFLOW_BACKEND_STORE_URI`.
pub(super) const TRACKING_URI: u8 = 1;

/// Whose variable it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Subject {
    /// A database, and the family of names that defines it.
    Database { place: Place, family: Family },
    /// A service.
    Service(&'static str),
    /// Replicas of main.
    Replicas,
}

/// Names that belong together: one family is one definition.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Family {
    /// `POSTGRES_*`, `MLFLOW_POSTGRES_*` and their kin.
    Postgres,
    /// `DATABASE_*`, `DB_*`, `DATABASE_URL`.
    Database,
    /// `MLFLOW_BACKEND_STORE_URI`.
    Mlflow,
    /// libpq's own, which fill gaps only.
    Libpq,
}

impl Family {
    pub(super) fn title(self, role: &str) -> String {
        match self {
            Self::Postgres if role == "main" => "POSTGRES_*".to_owned(),
            Self::Postgres => format!("{}_POSTGRES_*", role.to_ascii_uppercase()),
            Self::Database if role == "main" || role.is_empty() => "DATABASE_*".to_owned(),
            Self::Database => format!("{}_DATABASE_*", role.to_ascii_uppercase()),
            Self::Mlflow => "MLFLOW_BACKEND_STORE_URI".to_owned(),
            Self::Libpq => "PG*".to_owned(),
        }
    }
}

/// The variables that hold a whole URL. The strongest has the lowest rank within its family.
const URLS: &[(&str, Place, Family, u8)] = &[
    ("postgres_url", Place::Role(Role::Main), Family::Postgres, 1),
    ("postgresql_url", Place::Role(Role::Main), Family::Postgres, 3),
    ("postgresql_uri", Place::Role(Role::Main), Family::Postgres, 4),
    ("primary_database_url", Place::Role(Role::Main), Family::Database, 0),
    ("primary_db_url", Place::Role(Role::Main), Family::Database, 1),
    ("database_url", Place::ByDatabaseName, Family::Database, 2),
    ("database_uri", Place::ByDatabaseName, Family::Database, 3),
    ("db_url", Place::ByDatabaseName, Family::Database, 4),
    ("db_uri", Place::ByDatabaseName, Family::Database, 5),
    ("sqlalchemy_database_url", Place::ByDatabaseName, Family::Database, 6),
    ("sqlalchemy_database_uri", Place::ByDatabaseName, Family::Database, 7),
    // The older name of what `DATABASE_*` say, in the application that has both.
    ("postgres_uri", Place::ByDatabaseName, Family::Database, 8),
];

/// What a variable or flat key of this name is about; nothing if it is somebody else's.
pub(super) fn classify(name: &str, names: &Names) -> Option<Variable> {
    let lower = name.to_ascii_lowercase().replace('-', "_");
    let lower = lower.as_str();
    let variable = |subject, field, rank| Some(Variable { subject, field, rank });
    let database = |place, family| Subject::Database { place, family };
    if let Some(parameter) = libpq_variable(lower) {
        let field = Key::of_libpq(parameter).map_or_else(|| Field::Parameter(parameter.to_owned()), Field::Key);
        return variable(database(Place::Role(Role::Main), Family::Libpq), field, 3);
    }
    if let Some((service, key)) = service_variable(lower) {
        return variable(Subject::Service(service), Field::Key(key), 0);
    }
    if let Some((_, place, family, rank)) = URLS.iter().find(|(known, ..)| *known == lower) {
        return variable(database(place.clone(), *family), Field::Url, *rank);
    }
    match lower {
        "mlflow_backend_store_uri" => {
            return variable(database(Place::Role(Role::Mlflow), Family::Mlflow), Field::Url, 0);
        }
        "replica_database_urls" | "replica_database_url" | "read_replica_urls" => {
            return variable(Subject::Replicas, Field::Replicas, 0);
        }
        "health_check_timeout" => {
            let subject = database(Place::ByDatabaseName, Family::Database);
            return variable(subject, Field::Key(Key::ConnectTimeout), 9);
        }
        _ => {}
    }
    // The longest prefix first; pydantic's `env_prefix` doubles `DB_`.
    for (prefix, family, rank) in [
        ("postgresql_", Family::Postgres, 2),
        ("postgres_", Family::Postgres, 1),
        ("db_db_", Family::Database, 3),
        ("db_", Family::Database, 2),
        ("database_", Family::Database, 4),
    ] {
        let Some((role, rest)) = split_prefix(lower, prefix) else { continue };
        let Some(field) = field_of(rest) else { continue };
        let place = match (role, family) {
            ("", Family::Postgres) => Place::Role(Role::Main),
            ("", _) => Place::ByDatabaseName,
            (role, _) => match names.role(role) {
                Some(role) => Place::Role(role),
                // `MYSQL_DB_HOST`; a URL says itself which engine it is of.
                None if is_of_another_engine(role) && field != Field::Url => return None,
                // `FOO_DB_HOST` is a database of its own only if it says where; others may mean anything.
                None if matches!(field, Field::Key(Key::Host) | Field::Url) || family == Family::Postgres => {
                    Place::Role(Role::Other(role.to_owned()))
                }
                None => return None,
            },
        };
        // Among URLs those without a prefix are the strongest, and `DATABASE_URL` is stronger than `DB_URL`.
        let rank = match (&field, prefix) {
            (Field::Url, "database_" | "postgres_") => 8,
            (Field::Url, _) => 9,
            _ => rank,
        };
        return variable(Subject::Database { place, family }, field, rank);
    }
    None
}

/// Whether the words before `_DB_` name an engine other than PostgreSQL.
fn is_of_another_engine(prefix: &str) -> bool {
    prefix.split('_').any(|word| values::engine(word).is_some_and(|engine| engine != "postgresql"))
}

/// `mlflow_postgres_host` is `mlflow` and `host`; `postgres_host` is nobody's and `host`.
fn split_prefix<'name>(name: &'name str, prefix: &str) -> Option<(&'name str, &'name str)> {
    if let Some(rest) = name.strip_prefix(prefix) {
        return Some(("", rest));
    }
    let at = behind_an_underscore(name, prefix)?;
    Some((&name[..at - 1], &name[at + prefix.len()..]))
}

/// Where a word begins behind an underscore. Every key of every file is asked, so this looks at underscores only.
fn behind_an_underscore(name: &str, word: &str) -> Option<usize> {
    name.match_indices('_').map(|(at, _)| at + 1).find(|at| name[*at..].starts_with(word))
}

/// What the rest of a variable's name means. Only keys of a connection count: `DB_BACKUP_DIR` is somebody else's.
fn field_of(rest: &str) -> Option<Field> {
    if rest.is_empty() {
        return None;
    }
    match synonyms::field(rest)? {
        Field::Known | Field::CredentialRef | Field::Group(_) | Field::Failover => None,
        Field::PerhapsEngine => Some(Field::PerhapsEngine),
        field => Some(field),
    }
}

/// libpq's variables (PostgreSQL's documentation, "Environment Variables").
fn libpq_variable(name: &str) -> Option<&'static str> {
    Some(match name {
        "pghost" => "host",
        "pghostaddr" => "hostaddr",
        "pgport" => "port",
        "pgdatabase" => "dbname",
        "pguser" => "user",
        "pgpassword" => "password",
        "pgpassfile" => "passfile",
        "pgservice" => "service",
        "pgoptions" => "options",
        "pgappname" => "application_name",
        "pgsslmode" => "sslmode",
        "pgsslcert" => "sslcert",
        "pgsslkey" => "sslkey",
        "pgsslrootcert" => "sslrootcert",
        "pgsslcrl" => "sslcrl",
        "pgconnect_timeout" => "connect_timeout",
        "pgclientencoding" => "client_encoding",
        "pgtargetsessionattrs" => "target_session_attrs",
        "pgchannelbinding" => "channel_binding",
        "pggssencmode" => "gssencmode",
        _ => return None,
    })
}

/// Variables of services. Redis' host, port and password become one URL later.
fn service_variable(name: &str) -> Option<(&'static str, Key)> {
    let auth = if name.starts_with("auth_service_") { Some(0) } else { behind_an_underscore(name, "auth_service_") };
    if let Some(at) = auth {
        return match &name[at + "auth_service_".len()..] {
            "url" | "uri" | "health_url" => Some(("auth", Key::Url)),
            "timeout" => Some(("auth", Key::Timeout)),
            _ => None,
        };
    }
    Some(match name {
        "mlflow_tracking_uri" => ("mlflow", Key::TrackingUri),
        "mlflow_default_artifact_root"
        | "mlflow_artifact_root"
        | "mlflow_artifact_uri"
        | "mlflow_artifact_store"
        | "mlflow_artifacts_destination" => ("mlflow", Key::ArtifactStore),
        "mlflow_experiment_name" => ("mlflow", Key::ExperimentName),
        "mlflow_timeout" | "mlflow_connection_timeout" | "mlflow_connect_timeout" => ("mlflow", Key::Timeout),
        "mlflow_cb_failure_threshold" => ("mlflow", Key::BreakerThreshold),
        "mlflow_cb_recovery_timeout" => ("mlflow", Key::BreakerRecovery),
        "mlflow_cb_max_recovery_attempts" => ("mlflow", Key::BreakerTrials),
        "redis_url" | "redis_uri" => ("redis", Key::Url),
        "redis_timeout" | "redis_connect_timeout" => ("redis", Key::Timeout),
        "redis_host" => ("redis", Key::Host),
        "redis_port" => ("redis", Key::Port),
        "redis_db" | "redis_database" => ("redis", Key::Database),
        "redis_password" => ("redis", Key::Password),
        "redis_username" | "redis_user" => ("redis", Key::Username),
        _ => return None,
    })
}
