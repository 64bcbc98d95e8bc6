//! The parameters of libpq, each from the strongest place that gives it: the connection, its service, a variable.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::failure::{configuration, unresolved};
use super::service;
use super::surroundings::Surroundings;
use crate::model::health::Failure;
use crate::model::{Connection, Key, Setting, Value};
use crate::probe::options::{Environment, Options};
use crate::redact::{Secret, is_secret_name, show_text};

/// Every parameter of libpq 18 that a service file may hold, with the variable that stands in for it (`libpq-envars`).
const PARAMETERS: &[(&str, Option<&str>)] = &[
    ("user", Some("PGUSER")),
    ("password", Some("PGPASSWORD")),
    ("passfile", Some("PGPASSFILE")),
    ("channel_binding", Some("PGCHANNELBINDING")),
    ("connect_timeout", Some("PGCONNECT_TIMEOUT")),
    ("dbname", Some("PGDATABASE")),
    ("host", Some("PGHOST")),
    ("hostaddr", Some("PGHOSTADDR")),
    ("port", Some("PGPORT")),
    ("client_encoding", Some("PGCLIENTENCODING")),
    ("options", Some("PGOPTIONS")),
    ("application_name", Some("PGAPPNAME")),
    ("fallback_application_name", None),
    ("keepalives", None),
    ("keepalives_idle", None),
    ("keepalives_interval", None),
    ("keepalives_count", None),
    ("tcp_user_timeout", None),
    ("sslmode", Some("PGSSLMODE")),
    ("sslnegotiation", Some("PGSSLNEGOTIATION")),
    ("sslcompression", Some("PGSSLCOMPRESSION")),
    ("sslcert", Some("PGSSLCERT")),
    ("sslkey", Some("PGSSLKEY")),
    ("sslcertmode", Some("PGSSLCERTMODE")),
    ("sslpassword", None),
    ("sslrootcert", Some("PGSSLROOTCERT")),
    ("sslcrl", Some("PGSSLCRL")),
    ("sslcrldir", Some("PGSSLCRLDIR")),
    ("sslsni", Some("PGSSLSNI")),
    ("requirepeer", Some("PGREQUIREPEER")),
    ("require_auth", Some("PGREQUIREAUTH")),
    ("min_protocol_version", Some("PGMINPROTOCOLVERSION")),
    ("max_protocol_version", Some("PGMAXPROTOCOLVERSION")),
    ("ssl_min_protocol_version", Some("PGSSLMINPROTOCOLVERSION")),
    ("ssl_max_protocol_version", Some("PGSSLMAXPROTOCOLVERSION")),
    ("gssencmode", Some("PGGSSENCMODE")),
    ("krbsrvname", Some("PGKRBSRVNAME")),
    ("gsslib", Some("PGGSSLIB")),
    ("gssdelegation", Some("PGGSSDELEGATION")),
    ("replication", None),
    ("target_session_attrs", Some("PGTARGETSESSIONATTRS")),
    ("load_balance_hosts", Some("PGLOADBALANCEHOSTS")),
    ("scram_client_key", None),
    ("scram_server_key", None),
    ("oauth_issuer", None),
    ("oauth_client_id", None),
    ("oauth_client_secret", None),
    ("oauth_scope", None),
    ("sslkeylogfile", None),
];

/// Whether libpq has a parameter of this name.
pub(super) fn is_parameter(name: &str) -> bool {
    PARAMETERS.iter().any(|(known, _)| *known == name)
}

/// A value, and who gives it.
#[derive(Clone, Debug)]
pub(super) struct Given {
    text: Secret,
    source: Source,
}

/// Who gives a value.
#[derive(Clone, Debug)]
enum Source {
    /// The connection.
    Connection {
        /// How it is called in messages.
        name: String,
        /// The key, unless it is one of the parameters that have none.
        key: Option<Key>,
        /// Whether a message may show it: it is no secret, and no variable stands in it, which could be one.
        is_open: bool,
    },
    /// A service file.
    Service { name: &'static str, file: PathBuf },
    /// A variable of the process.
    Variable(&'static str),
    /// The words of other drivers (`ssl`, `requiressl`), or another parameter.
    Implied,
}

impl Given {
    /// The text itself.
    pub(super) fn text(&self) -> &str {
        self.text.expose()
    }

    /// As a path: what the configuration names starts where the configuration does.
    pub(super) fn path(&self, base: &Path) -> PathBuf {
        match self.source {
            Source::Connection { .. } => base.join(self.text()),
            _ => PathBuf::from(self.text()),
        }
    }

    /// Who gives it, for messages.
    pub(super) fn name(&self) -> String {
        match &self.source {
            Source::Connection { name, .. } => format!("`{}`", show_text(name)),
            Source::Service { name, file } => format!("`{name}` of the service file `{}`", service::shown(file)),
            Source::Variable(name) => format!("`{name}`"),
            Source::Implied => "`sslmode`".to_owned(),
        }
    }

    /// The key of the configuration, if it stands there under one.
    pub(super) fn key(&self) -> Option<Key> {
        match self.source {
            Source::Connection { key, .. } => key,
            _ => None,
        }
    }

    /// That the value cannot be used, and what could: `valid` follows "valid is" or "valid are".
    pub(super) fn misfit(&self, valid: &str) -> Failure {
        let is_open = match &self.source {
            Source::Connection { is_open, .. } => *is_open,
            Source::Service { name, .. } | Source::Variable(name) => !is_secret_name(name),
            Source::Implied => true,
        };
        let value = if is_open { format!("`{}`", show_text(self.text())) } else { "what cannot be used".to_owned() };
        configuration(format!("{} is {value}; valid {valid}", self.name())).about(self.key())
    }

    /// The value that one of some words stands for.
    pub(super) fn choose<Choice: Copy>(&self, words: &[(&str, Choice)]) -> Result<Choice, Failure> {
        let found = words.iter().find(|(word, _)| *word == self.text()).map(|(_, choice)| *choice);
        found.ok_or_else(|| self.misfit(&listed(words.iter().map(|(word, _)| *word))))
    }
}

/// `are a, b and c`.
pub(super) fn listed<'a>(words: impl Iterator<Item = &'a str>) -> String {
    let words: Vec<&str> = words.collect();
    match words.split_last() {
        Some((last, [])) => format!("is {last}"),
        Some((last, others)) => format!("are {} and {last}", others.join(", ")),
        None => String::new(),
    }
}

/// All parameters that somebody gives.
#[derive(Debug, Default)]
pub(super) struct Parameters {
    given: BTreeMap<&'static str, Given>,
    /// Whether the service sends to an LDAP server.
    pub(super) asks_ldap: bool,
}

impl Parameters {
    /// What is given, the empty text included.
    pub(super) fn get(&self, name: &str) -> Option<&Given> {
        self.given.get(name)
    }

    /// What is given, unless it is the empty text, for which libpq takes its default in most cases.
    pub(super) fn filled(&self, name: &str) -> Option<&Given> {
        self.get(name).filter(|given| !given.text.is_empty())
    }

    /// The text of a parameter, unless it is empty.
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        self.filled(name).map(Given::text)
    }

    /// The value that the word of a parameter stands for, or the default.
    pub(super) fn choice<Choice: Copy + Default>(
        &self,
        name: &str,
        words: &[(&str, Choice)],
    ) -> Result<Choice, Failure> {
        self.get(name).map_or_else(|| Ok(Choice::default()), |given| given.choose(words))
    }

    fn weaker(&mut self, name: &'static str, text: impl FnOnce() -> Option<Given>) {
        if !self.given.contains_key(name)
            && let Some(given) = text()
        {
            self.given.insert(name, given);
        }
    }

    /// The parameters of a connection, from all places that libpq reads. A password that somebody has given in place of
    /// all others is not among them: those need not even be known.
    pub(super) fn of(connection: &Connection, options: &Options, surroundings: &Surroundings) -> Result<Self, Failure> {
        let (environment, base) = (&options.environment, options.base.as_path());
        let mut parameters = Self::default();
        let is_wanted = |name: &str| name != "password" || options.password.is_none();
        for (name, _) in PARAMETERS.iter().filter(|(name, _)| is_wanted(name)) {
            if let Some(given) = from_connection(connection, name)? {
                parameters.given.insert(name, given);
            }
        }
        parameters.other_words(connection)?;
        parameters.service(connection, environment, surroundings, base)?;
        for (name, variable) in PARAMETERS {
            let Some(variable) = variable else { continue };
            let value = || environment.get(variable);
            let given = || value().map(|text| Given { text: Secret::new(text), source: Source::Variable(variable) });
            parameters.weaker(name, given);
        }
        let wants_tls = environment.get("PGREQUIRESSL").is_some_and(|text| text.starts_with('1'));
        parameters.weaker("sslmode", || wants_tls.then(|| implied("require")));
        let is_system = parameters.text("sslrootcert") == Some("system");
        parameters.weaker("sslmode", || is_system.then(|| implied("verify-full")));
        Ok(parameters)
    }

    /// `requiressl` of old connection strings, and `ssl` of other drivers, which the layouts leave among the parameters
    /// if nobody says there which driver it is.
    fn other_words(&mut self, connection: &Connection) -> Result<(), Failure> {
        if let Some(given) = from_connection(connection, "requiressl")? {
            let mode = if given.text().starts_with('1') { "require" } else { "prefer" };
            self.weaker("sslmode", || Some(implied(mode)));
        }
        if let Some(given) = from_connection(connection, "ssl")? {
            let mode = match given.text() {
                "true" | "on" | "yes" | "1" => "require",
                "false" | "off" | "no" | "0" => "disable",
                other => other,
            };
            self.weaker("sslmode", || Some(Given { text: Secret::new(mode), ..given.clone() }));
        }
        Ok(())
    }

    fn service(
        &mut self,
        connection: &Connection,
        environment: &Environment,
        surroundings: &Surroundings,
        base: &Path,
    ) -> Result<(), Failure> {
        let own = from_connection(connection, "service")?;
        let Some(name) = own.as_ref().map(Given::text).or_else(|| environment.get("PGSERVICE")) else { return Ok(()) };
        let file = from_connection(connection, "servicefile")?.map(|file| file.path(base));
        let (service, file) = service::find(name, file, environment, surroundings)?;
        self.asks_ldap = service.asks_ldap;
        for (key, text) in service.parameters {
            let Some((name, _)) = PARAMETERS.iter().find(|(name, _)| *name == key) else { continue };
            self.weaker(name, || Some(Given { text, source: Source::Service { name, file: file.clone() } }));
        }
        Ok(())
    }
}

fn implied(mode: &str) -> Given {
    Given { text: Secret::new(mode), source: Source::Implied }
}

/// What a connection says of a parameter, as a setting of its own or among the others.
fn from_connection(connection: &Connection, name: &str) -> Result<Option<Given>, Failure> {
    if let Some(key) = Key::of_libpq(name)
        && let Some(setting) = connection.settings.get(key)
    {
        return of_key(key, setting).map(Some);
    }
    let other = connection.parameters.get(name);
    other.map(|setting| of_setting(format!("parameters.{name}"), None, setting)).transpose()
}

/// The setting of a key as it counts here.
pub(super) fn of_key(key: Key, setting: &Setting) -> Result<Given, Failure> {
    of_setting(key.path().to_owned(), Some(key), setting)
}

fn of_setting(name: String, key: Option<Key>, setting: &Setting) -> Result<Given, Failure> {
    let Some(text) = setting.effective() else {
        let missing = setting.resolution.as_ref().map(|it| it.missing.join(", ")).unwrap_or_default();
        let message = format!("`{name}` holds what has no value here: {}", show_text(&missing));
        return Err(unresolved(message).about(key));
    };
    let is_plain = !matches!(setting.value, Value::Secret { .. } | Value::Url { .. });
    let is_open = is_plain && setting.resolution.is_none() && !is_secret_name(&name);
    Ok(Given { text: Secret::new(text), source: Source::Connection { name, key, is_open } })
}
