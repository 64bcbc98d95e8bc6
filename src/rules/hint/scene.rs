//! What a hint is told from: a target, why it failed, and what the configuration says about it.

use std::fmt::Write as _;

use crate::model::health::{Cause, Failure, Health, ServicePart, Subject, TargetHealth};
use crate::model::{Configuration, Connection, Key, Origin, Setting, Settings, SourceKind};
use crate::redact::show_text;
use crate::rules::case::known;
use crate::rules::{command, live_check, server};

/// A target, why it failed, and what the configuration says about it.
pub(super) struct Scene<'run> {
    pub(super) configuration: &'run Configuration,
    pub(super) health: &'run Health,
    pub(super) target: &'run TargetHealth,
    pub(super) failure: &'run Failure,
    /// None for a service.
    pub(super) connection: Option<&'run Connection>,
    settings: Option<&'run Settings>,
}

/// The keys that say where something is, in the order in which they count.
const PLACES: &[Key] = &[Key::Host, Key::HostAddress, Key::Path, Key::Url, Key::TrackingUri, Key::Database];

impl<'run> Scene<'run> {
    pub(super) fn new(
        configuration: &'run Configuration,
        health: &'run Health,
        target: &'run TargetHealth,
        failure: &'run Failure,
    ) -> Self {
        let connection = configuration.connection(&target.subject);
        let settings = configuration.settings(&target.subject);
        Self { configuration, health, target, failure, connection, settings }
    }

    pub(super) fn cause(&self) -> Cause {
        self.failure.cause
    }

    /// The name of the target.
    pub(super) fn name(&self) -> String {
        live_check::name(&self.target.subject)
    }

    /// What a key comes down to, if that may be shown, escaped.
    pub(super) fn get(&self, key: Key) -> Option<String> {
        let setting = self.settings?.get(key).filter(|setting| !server::is_hidden(setting))?;
        known(setting).map(|text| show_text(&text))
    }

    /// Whether the files say something for a key.
    pub(super) fn has(&self, key: Key) -> bool {
        self.settings.is_some_and(|settings| settings.get(key).is_some_and(|setting| !setting.value.is_empty()))
    }

    /// The keys that say where the target is.
    pub(super) fn places(&self) -> &'static [Key] {
        places(&self.target.subject)
    }

    /// Whether it was a pooler that said no, and not the server behind it: PgBouncer says everything by one code.
    pub(super) fn is_of_pooler(&self) -> bool {
        self.failure.code == "08P01" && !self.failure.message.contains("login failed")
    }

    /// What a parameter of the connection comes down to, if that may be shown, escaped.
    pub(super) fn parameter(&self, name: &str) -> Option<String> {
        let setting = self.connection?.parameters.get(name).filter(|setting| !server::is_hidden(setting))?;
        known(setting).map(|text| show_text(&text))
    }

    /// Where a parameter of the connection is to be changed, in brackets: ` (settings.yaml:4:11)`.
    pub(super) fn at_parameter(&self, name: &str) -> String {
        let origin = parameter_origin(self.configuration, &self.target.subject, name);
        origin.map(|origin| format!(" ({})", self.configuration.sources.describe(&origin))).unwrap_or_default()
    }

    /// The only host, if it is known.
    pub(super) fn host(&self) -> Option<String> {
        self.get(Key::Host).filter(|host| !host.contains(','))
    }

    /// The port of a database, said or by default.
    pub(super) fn port(&self) -> Option<String> {
        self.connection?;
        self.get(Key::Port).or_else(|| Key::Port.info().default.map(str::to_owned))
    }

    /// Where the first of some keys is to be changed: `settings.yaml:4:11`, `environment variable DB_HOST`.
    pub(super) fn line(&self, keys: &[Key]) -> Option<String> {
        let given: Vec<Key> = keys.iter().copied().filter(|key| self.has(*key)).collect();
        if given.is_empty() {
            return None;
        }
        let origin = origin(self.configuration, &self.target.subject, &given)?;
        Some(self.configuration.sources.describe(&origin))
    }

    /// The same in brackets behind a word, if there is such a place: ` (settings.yaml:4:11)`.
    pub(super) fn at(&self, keys: &[Key]) -> String {
        self.line(keys).map(|line| format!(" ({line})")).unwrap_or_default()
    }

    /// The file in which the host is to be changed, if `migrate` can do that.
    pub(super) fn file(&self) -> Option<String> {
        let origin = origin(self.configuration, &self.target.subject, &[Key::Host])?;
        let source = self.configuration.sources.get(origin.source()?);
        let is_settings = matches!(source.kind, SourceKind::Settings { .. });
        is_settings.then(|| command::quoted(&show_text(&source.name)))
    }

    /// The command that probes the target again: `dbcfg probe main --timeout 60s`. What else was said on the command line
    /// is not known here, so that the command is written only where the files are found without.
    pub(super) fn again(&self, option: &str) -> String {
        let origin = origin(self.configuration, &self.target.subject, &[]);
        let source = origin.and_then(|origin| origin.source()).map(|source| self.configuration.sources.get(source));
        let is_found = source.is_some_and(|source| !source.name.contains('/'));
        match (is_found && self.configuration.environment.is_none(), option.is_empty()) {
            (true, true) => format!("`dbcfg probe {}`", command::quoted(&self.name())),
            (true, false) => format!("`dbcfg probe {} {option}`", command::quoted(&self.name())),
            (false, true) => "probe again".to_owned(),
            (false, false) => format!("the same command with `{option}`"),
        }
    }

    /// The command that tries the same with libpq: it asks for the password. The user and the database may be others.
    pub(super) fn psql(&self, database: Option<&str>) -> String {
        let mut text = "psql".to_owned();
        let service = self.parameter("service").map(|service| format!("service={service}"));
        let database = database.map(str::to_owned).or_else(|| self.get(Key::Database)).or(service);
        // Several hosts are as good to psql as one.
        let host = self.get(Key::Host).or_else(|| self.get(Key::HostAddress));
        let values = [("-h", host), ("-p", self.get(Key::Port)), ("-U", self.get(Key::Username)), ("-d", database)];
        for (flag, value) in values {
            if let Some(value) = value {
                let _ = write!(text, " {flag} {}", command::quoted(&value));
            }
        }
        text
    }

    /// Other targets that answered, those with a role of their own first.
    pub(super) fn live(&self) -> impl Iterator<Item = &'run TargetHealth> + use<'run> {
        let (health, own) = (self.health, &self.target.subject);
        let others = move |is_primary: bool| {
            let targets = health.targets.iter();
            targets.filter(move |it| it.subject != *own && it.subject.is_primary() == is_primary)
        };
        others(true).chain(others(false)).filter(|target| target.facts.is_some())
    }
}

/// Where the first of some keys is to be changed: a value that is a variable, where that gets its value. If the files
/// give none of them, where they say where the target is.
pub(in crate::rules) fn origin(configuration: &Configuration, subject: &Subject, keys: &[Key]) -> Option<Origin> {
    let settings = configuration.settings(subject)?;
    let mut settings = keys.iter().chain(places(subject)).filter_map(|key| settings.get(*key));
    let setting = settings.find(|setting| is_said(setting));
    // A service of libpq says where a server is, too.
    let service = || configuration.connection(subject)?.parameters.get("service").filter(|setting| is_said(setting));
    setting.or_else(service).map(|setting| changed(configuration, setting))
}

/// Where a parameter of a connection is to be changed, if the files say it.
pub(in crate::rules) fn parameter_origin(
    configuration: &Configuration,
    subject: &Subject,
    name: &str,
) -> Option<Origin> {
    let setting = configuration.connection(subject)?.parameters.get(name).filter(|setting| is_said(setting))?;
    Some(changed(configuration, setting))
}

/// The keys that say where a target is.
fn places(subject: &Subject) -> &'static [Key] {
    let is_store = matches!(subject, Subject::Service { part: ServicePart::ArtifactStore, .. });
    if is_store { &[Key::ArtifactStore] } else { PLACES }
}

/// Whether somebody has said a value.
fn is_said(setting: &Setting) -> bool {
    !setting.value.is_empty() && setting.origin != Origin::Default
}

/// Where a value is to be changed: one that is a variable, where that gets its value.
fn changed(configuration: &Configuration, setting: &Setting) -> Origin {
    let template = setting.value.template();
    let variable = template.only_variable().and_then(|name| configuration.variables.get(name));
    variable.map_or_else(|| setting.origin.clone(), |(_, origin)| origin.clone())
}
