//! Variables: the families `POSTGRES_*`, `DATABASE_*`, `DB_*`, `PG*`, their URLs, and those of `MLflow` and services.
//!
//! The same names in lower case are the flat keys of settings files, so they are classified here for both.

use crate::document::{Entry, NodeId};
use crate::finding::{self, Finding};
use crate::model::{Key, Origin, Role, Setting, Settings, Value};
use crate::redact::{self, Secret};
use crate::template::Syntax;

use super::Names;
use super::reader::{Found, Place, Reader, Reading};
use super::section::settle_sqlite;
use super::synonyms::{self, Field};
use super::url;

/// What a variable is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Variable {
    pub(super) subject: Subject,
    pub(super) field: Field,
    /// Which of several families wins within one definition: the lowest.
    rank: u8,
}

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
    fn title(self, role: &str) -> String {
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
    match lower {
        "mlflow_backend_store_uri" => {
            return variable(database(Place::Role(Role::Mlflow), Family::Mlflow), Field::Url, 0);
        }
        "postgres_uri" | "postgres_url" | "postgresql_url" | "postgresql_uri" => {
            return variable(database(Place::Role(Role::Main), Family::Postgres), Field::Url, 0);
        }
        "database_url"
        | "database_uri"
        | "db_url"
        | "db_uri"
        | "sqlalchemy_database_uri"
        | "sqlalchemy_database_url" => {
            return variable(database(Place::ByDatabaseName, Family::Database), Field::Url, 0);
        }
        "primary_database_url" | "primary_db_url" => {
            return variable(database(Place::Role(Role::Main), Family::Database), Field::Url, 0);
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
                // `FOO_DB_HOST` is a database of its own only if it says where; others may mean anything.
                None if matches!(field, Field::Key(Key::Host) | Field::Url) || family == Family::Postgres => {
                    Place::Role(Role::Other(role.to_owned()))
                }
                None => return None,
            },
        };
        return variable(Subject::Database { place, family }, field, rank);
    }
    None
}

/// `mlflow_postgres_host` is `mlflow` and `host`; `postgres_host` is nobody's and `host`.
fn split_prefix<'name>(name: &'name str, prefix: &str) -> Option<(&'name str, &'name str)> {
    if let Some(rest) = name.strip_prefix(prefix) {
        return Some(("", rest));
    }
    let at = name.find(&format!("_{prefix}"))?;
    Some((&name[..at], &name[at + 1 + prefix.len()..]))
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
    if let Some(at) = name.find("auth_service_") {
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

/// Collects variables, in whatever order they come, into one definition for each family.
#[derive(Default)]
pub(super) struct Collector {
    drafts: Vec<Draft>,
    services: Vec<(&'static str, Settings)>,
    replicas: Vec<crate::model::Connection>,
    findings: Vec<Finding>,
}

struct Draft {
    place: Place,
    family: Family,
    fields: Vec<(u8, Key, Setting)>,
    parameters: Vec<(String, Setting)>,
    url: Option<crate::model::Connection>,
    unresolved_url: Option<Setting>,
}

impl Collector {
    /// Takes a variable; false if it is nobody's here.
    pub(super) fn take(&mut self, name: &str, text: &str, syntax: Syntax, origin: &Origin, names: &Names) -> bool {
        let Some(variable) = classify(name, names) else { return false };
        let is_password = variable.field == Field::Key(Key::Password);
        if text.is_empty() && !is_password {
            return true;
        }
        match variable.subject {
            Subject::Replicas => self.replicas(text, syntax, origin),
            Subject::Service(service) => {
                if let Field::Key(key) = variable.field
                    && let Some(value) = self.value(key, name, text, syntax, origin)
                {
                    let settings = self.service(service);
                    settings.add_weaker(key, Setting::new(value, origin.clone()));
                }
            }
            Subject::Database { place, family } => {
                self.database(place, family, &variable.field, variable.rank, name, text, syntax, origin);
            }
        }
        true
    }

    #[allow(clippy::too_many_arguments, reason = "a variable is all of these, and only take() calls this")]
    fn database(
        &mut self,
        place: Place,
        family: Family,
        field: &Field,
        rank: u8,
        name: &str,
        text: &str,
        syntax: Syntax,
        origin: &Origin,
    ) {
        match field {
            Field::Url => {
                let connection = url::connection_of_variable(text, syntax, origin, &mut self.findings);
                let is_open = text.contains('$');
                let draft = self.draft(place, family);
                match connection {
                    Some(connection) => match &mut draft.url {
                        None => draft.url = Some(connection),
                        Some(first) => {
                            first.fill(connection, |_| true);
                        }
                    },
                    None if is_open => {
                        let value = Value::Url { text: Secret::new(text), syntax };
                        draft.unresolved_url = Some(Setting::new(value, origin.clone()));
                    }
                    None => {}
                }
            }
            Field::Key(key) => {
                if let Some(value) = self.value(*key, name, text, syntax, origin) {
                    self.draft(place, family).fields.push((rank, *key, Setting::new(value, origin.clone())));
                }
            }
            Field::PerhapsEngine => {
                if let Some(engine) = super::section::engine(text) {
                    let setting = Setting::new(Value::text(engine), origin.clone());
                    self.draft(place, family).fields.push((rank, Key::Engine, setting));
                }
            }
            Field::Parameter(parameter) => {
                let value = if redact::is_secret_name(parameter) {
                    Value::Secret { text: Secret::new(text), syntax }
                } else {
                    Value::Text { text: text.to_owned(), syntax }
                };
                let setting = Setting::new(value, origin.clone());
                self.draft(place, family).parameters.push((parameter.clone(), setting));
            }
            Field::Ssl => {
                let mode = match text.to_ascii_lowercase().as_str() {
                    "true" | "1" | "yes" | "on" => "require",
                    "false" | "0" | "no" | "off" => "disable",
                    _ => text,
                };
                let setting = Setting::new(Value::Text { text: mode.to_owned(), syntax }, origin.clone());
                self.draft(place, family).fields.push((rank, Key::SslMode, setting));
            }
            Field::Replicas => self.replicas(text, syntax, origin),
            _ => {}
        }
    }

    fn value(&mut self, key: Key, name: &str, text: &str, syntax: Syntax, origin: &Origin) -> Option<Value> {
        let value = super::section::checked(key, text, syntax);
        if value.is_none() {
            let message =
                format!("`{}` takes {}, and this is text", redact::show_text(name), super::section::wanted(key));
            let help = format!("write {}, or `${{VARIABLE}}`", super::section::wanted(key));
            self.findings.push(Finding::new(&finding::WRONG_TYPE, origin.clone(), message).help(help));
        }
        value
    }

    fn replicas(&mut self, text: &str, syntax: Syntax, origin: &Origin) {
        for piece in super::section::split_urls(text.trim_matches(['[', ']', '"', '\'', ' '])) {
            let piece = piece.trim_matches([',', ' ', '"', '\'']);
            self.replicas.extend(url::connection_of_variable(piece, syntax, origin, &mut self.findings));
        }
    }

    fn service(&mut self, name: &'static str) -> &mut Settings {
        let at = self.services.iter().position(|(known, _)| *known == name).unwrap_or_else(|| {
            self.services.push((name, Settings::default()));
            self.services.len() - 1
        });
        &mut self.services[at].1
    }

    fn draft(&mut self, place: Place, family: Family) -> &mut Draft {
        // `DB_*` belongs to whatever `PRIMARY_DATABASE_URL` or `DATABASE_URL` defines.
        let known = |draft: &Draft| {
            draft.family == family
                && (draft.place == place
                    || (family == Family::Database && [&draft.place, &place].iter().all(|place| is_general(place))))
        };
        let at = self.drafts.iter().position(known).unwrap_or_else(|| {
            let (fields, parameters) = (Vec::new(), Vec::new());
            self.drafts.push(Draft {
                place: place.clone(),
                family,
                fields,
                parameters,
                url: None,
                unresolved_url: None,
            });
            self.drafts.len() - 1
        });
        let draft = &mut self.drafts[at];
        if place == Place::Role(Role::Main) {
            draft.place = place;
        }
        draft
    }

    /// The definitions, and the findings on the way.
    pub(super) fn finish(self, layout: &'static str) -> (Vec<Found>, Vec<(&'static str, Settings)>, Vec<Finding>) {
        let mut findings = self.findings;
        let mut found: Vec<Found> = self.drafts.into_iter().map(|draft| draft.finish(layout, &mut findings)).collect();
        found.retain(|found| !found.connection.settings.is_empty() || !found.connection.parameters.is_empty());
        for replica in self.replicas {
            found.push(Found::new("REPLICA_DATABASE_URLS", layout, Place::Replica, replica));
        }
        (found, self.services, findings)
    }
}

fn is_general(place: &Place) -> bool {
    matches!(place, Place::ByDatabaseName | Place::Role(Role::Main))
}

impl Draft {
    fn finish(mut self, layout: &'static str, findings: &mut Vec<Finding>) -> Found {
        let is_whole = self.url.is_some() || self.unresolved_url.is_some();
        let has_url = self.url.is_some();
        let mut connection = self.url.unwrap_or_default();
        if let Some(url) = self.unresolved_url {
            connection.settings.set(Key::Url, url);
        }
        let of_url: Vec<Key> = connection.settings.iter().map(|(key, _)| key).collect();
        self.fields.sort_by_key(|(rank, key, _)| (*key, *rank));
        for (_, key, setting) in self.fields {
            let origin = setting.origin.clone();
            let differs = connection.settings.add_weaker(key, setting);
            if differs
                && has_url
                && of_url.contains(&key)
                && let Some(winner) = connection.settings.get(key)
            {
                let message = format!("the URL beside it names another {}, and wins", key.path().replace('_', " "));
                findings.push(
                    Finding::new(&finding::URL_FIELDS_DISAGREE, origin, message)
                        .help("remove the field, or the URL")
                        .related(winner.origin.clone(), "this is used"),
                );
            }
        }
        for (name, setting) in self.parameters {
            connection.parameters.insert_if_absent(name, setting);
        }
        settle_sqlite(&mut connection);
        let role = match &self.place {
            Place::Role(role) => role.name().to_owned(),
            _ => String::new(),
        };
        let title = self.family.title(&role);
        let title = if layout == "flat keys" { title.to_ascii_lowercase() } else { title };
        Found { is_whole, ..Found::new(title, layout, self.place, connection) }
    }
}

/// Reads an `.env` file.
pub(super) fn read_file(reader: &mut Reader<'_>, root: NodeId) {
    let mut collector = Collector::default();
    for (name, entry) in reader.named(root) {
        take_entry(reader, &mut collector, &name, entry);
    }
    reader.add_collected(collector, "variables");
}

/// Takes the variable at an entry; false if it is nobody's here.
pub(super) fn take_entry(reader: &Reader<'_>, collector: &mut Collector, name: &str, entry: Entry) -> bool {
    let Some(text) = reader.document.text_of(entry.value) else { return false };
    let (syntax, origin) = (reader.syntax(entry.value), reader.origin(entry.value));
    collector.take(name, text, syntax, &origin, reader.names)
}

/// Reads the process environment.
pub(super) fn read_process(variables: &[(String, Secret)], names: &Names, reading: &mut Reading) {
    let mut collector = Collector::default();
    for (name, value) in variables {
        let origin = Origin::Variable { name: name.as_str().into() };
        collector.take(name, value.expose(), Syntax::Verbatim, &origin, names);
    }
    let (found, services, findings) = collector.finish("variables");
    reading.found.extend(found);
    for (name, settings) in services {
        let name = name.to_owned();
        reading.services.push(super::FoundService { name, environment: None, settings });
    }
    reading.findings.extend(findings);
}

impl Reader<'_> {
    /// Adds what a collector has collected.
    pub(super) fn add_collected(&mut self, collector: Collector, layout: &'static str) {
        let (found, services, findings) = collector.finish(layout);
        for found in found {
            self.add(found);
        }
        for (name, settings) in services {
            self.add_service(name, settings);
        }
        for finding in findings {
            self.report(finding);
        }
    }
}
