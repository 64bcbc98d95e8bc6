//! A case: what the files of a configuration come down to in one environment, as rules see it.

use crate::document::{Document, NodeId};
use crate::model::{
    Configuration, Connection, Database, Definition, Key, Origin, Outcome, Project, Resolution, Setting, Source,
    SourceKind,
};
use crate::redact::is_secret_name;
use crate::settings::Settings;
use crate::template::is_placeholder;

use super::compose;

/// One configuration in one environment.
#[derive(Clone, Copy, Debug)]
pub struct Case<'project> {
    /// The files, and what they say in every environment.
    pub project: &'project Project,
    /// What they say in this one.
    pub configuration: &'project Configuration,
    /// The settings of the tool.
    pub settings: &'project Settings,
    /// Whether this is production: an environment, a file or `ENVIRONMENT` says so.
    pub is_production: bool,
    /// Whether nobody but compose files knows the environment.
    pub is_of_compose: bool,
    /// Whether this is somebody's own machine or a test: an environment, a file or `ENVIRONMENT` says so.
    pub is_development: bool,
}

/// One place to connect to, and which part it has in a database.
#[derive(Clone, Copy, Debug)]
pub struct Site<'project> {
    /// The database.
    pub database: &'project Database,
    /// The part that the place has.
    pub part: Part<'project>,
    /// The place.
    pub connection: &'project Connection,
}

/// The part of a place in a database.
#[derive(Clone, Copy, Debug)]
pub enum Part<'project> {
    /// It is the database.
    Primary,
    /// Reads can go there too.
    Replica,
    /// It takes over.
    Failover,
    /// A service of a compose file says the same for itself.
    Service(&'project Definition),
    /// A definition that lost against another.
    Lost(&'project Definition),
}

impl Site<'_> {
    /// What it is, in words: `main`, `a replica of main`, `mlflow_alt_db`.
    pub fn what(&self) -> String {
        let role = crate::redact::show_text(self.database.role.name());
        match self.part {
            Part::Primary => role,
            Part::Replica => format!("a replica of {role}"),
            Part::Failover => format!("the failover of {role}"),
            Part::Service(definition) | Part::Lost(definition) => {
                format!("`{}`", crate::redact::show_text(&definition.name))
            }
        }
    }

    /// The setting of a key.
    pub fn get(&self, key: Key) -> Option<&Setting> {
        self.connection.settings.get(key)
    }

    /// What a key comes down to, if it is known: not empty, no placeholder, no unknown variable.
    pub fn known(&self, key: Key) -> Option<String> {
        known(self.get(key)?)
    }

    /// Whether it lost against another definition, so that nothing of it is used.
    pub fn is_lost(&self) -> bool {
        matches!(self.part, Part::Lost(_))
    }

    /// Whether it is the database itself, and not a part of it or what lost.
    pub fn is_primary(&self) -> bool {
        matches!(self.part, Part::Primary)
    }
}

/// What a setting comes down to, if it is known: not empty, no placeholder, no unknown variable. What a secret variable
/// holds is not known, whatever the setting: it must come out in no message.
pub(super) fn known(setting: &Setting) -> Option<String> {
    let is_secret = |resolution: &Resolution| resolution.used.iter().any(|name| is_secret_name(name));
    if setting.resolution.as_deref().is_some_and(is_secret) {
        return None;
    }
    setting.effective().filter(|text| !text.is_empty() && !is_placeholder(text))
}

impl<'project> Case<'project> {
    /// The case of one environment.
    pub(super) fn new(
        project: &'project Project,
        configuration: &'project Configuration,
        settings: &'project Settings,
    ) -> Self {
        let named = configuration.environment.clone().or_else(|| said_environment(configuration));
        let is_production = named.as_deref().is_some_and(is_production);
        let is_development = named.as_deref().is_some_and(is_development);
        let environment = configuration.environment.as_deref();
        let is_of_compose = environment.is_some_and(|name| project.sources.is_compose_environment(name));
        Self { project, configuration, settings, is_production, is_of_compose, is_development }
    }

    /// The environment that is judged; none for what holds without one.
    pub fn environment(&self) -> Option<&'project str> {
        self.configuration.environment.as_deref()
    }

    /// Every place that is described: each database, its replicas and failover, the definitions that lost, and those of
    /// further services of a compose file.
    pub fn sites(&self) -> impl Iterator<Item = Site<'project>> + use<'project> {
        self.configuration.databases.iter().flat_map(|database| {
            let site = move |part, connection| Site { database, part, connection };
            let others = database.definitions.iter().filter_map(move |definition| {
                let part = match definition.outcome {
                    Outcome::Lost => Part::Lost(definition),
                    Outcome::Used if definition.stands_alone => Part::Service(definition),
                    Outcome::Used => return None,
                };
                Some(site(part, &definition.connection))
            });
            std::iter::once(site(Part::Primary, &database.connection))
                .chain(database.replicas.iter().map(move |connection| site(Part::Replica, connection)))
                .chain(database.failover.iter().map(move |connection| site(Part::Failover, connection)))
                .chain(others)
        })
    }

    /// The databases themselves.
    pub fn primaries(&self) -> impl Iterator<Item = Site<'project>> + use<'project> {
        self.sites().filter(Site::is_primary)
    }

    /// Whether a value counts in this case. What all files of a project say is another machine's where only compose
    /// files know the environment: `.env` is somebody's own, beside `docker-compose.prod.yml`.
    pub(super) fn counts(&self, origin: &Origin) -> bool {
        !self.is_of_compose || self.source(origin).is_some_and(|source| source.kind.is_compose())
    }

    /// Whether a place of a text is what a variable makes of it.
    pub(super) fn is_variable(&self, origin: &Origin) -> bool {
        let Origin::Node { span, .. } = origin else { return false };
        self.document(origin).is_some_and(|document| document.slice(*span).contains("${"))
    }

    /// The source that an origin points into.
    pub fn source(&self, origin: &Origin) -> Option<&'project Source> {
        origin.source().map(|id| self.project.sources.get(id))
    }

    /// The document that an origin points into.
    pub fn document(&self, origin: &Origin) -> Option<&'project Document> {
        self.source(origin)?.document.as_ref()
    }

    /// Whether a value is one person's own in place of that of an environment.
    pub fn is_own(&self, origin: &Origin) -> bool {
        self.source(origin).is_some_and(Source::is_local_override)
    }

    /// Whether a place is on the own machine, or beside it in a network of containers: what stands there is no secret
    /// of anybody, and needs no encryption. What is production's is never local, except what somebody has put in its place
    /// on the own machine (`.env.production.local`).
    pub fn is_local(&self, connection: &Connection) -> bool {
        if self.is_production && !connection.settings.get(Key::Host).is_some_and(|host| self.is_own(&host.origin)) {
            return false;
        }
        if connection.is_sqlite() || self.is_development {
            return true;
        }
        let Some(setting) = connection.settings.get(Key::Host).or_else(|| connection.settings.get(Key::HostAddress))
        else {
            // The default socket, or a service that somebody else describes.
            return connection.settings.get(Key::Url).is_none();
        };
        let is_compose = self.source(&setting.origin).is_some_and(is_own_compose);
        let Some(hosts) = known(setting) else { return false };
        hosts.split(',').all(|host| is_loopback(host) || (is_compose && !host.contains('.')))
    }
}

/// Whether a source is a compose file that is not production's: what it starts is on somebody's own machine.
pub(super) fn is_own_compose(source: &Source) -> bool {
    source.kind.is_compose() && !source.kind.environment().is_some_and(is_production)
}

/// Whether a host is this machine.
pub(super) fn is_loopback(host: &str) -> bool {
    let host = host.trim_matches(['[', ']']).trim_end_matches('.').to_ascii_lowercase();
    host.starts_with('/')
        || matches!(host.as_str(), "localhost" | "::1" | "0.0.0.0" | "host.docker.internal")
        || host.ends_with(".localhost")
        || host.parse::<std::net::Ipv4Addr>().is_ok_and(|address| address.is_loopback())
}

/// The environment that the files say they are for: `ENVIRONMENT=production` in `.env`, `environment: production` at
/// the top of a settings file, `ENVIRONMENT: production` in the services of a compose file.
fn said_environment(configuration: &Configuration) -> Option<String> {
    if let Some((value, _)) = configuration.variables.get("ENVIRONMENT") {
        return Some(value.expose());
    }
    configuration.sources.iter().find_map(|(_, source)| {
        let document = source.document.as_ref()?;
        let said = match source.kind {
            SourceKind::Settings { environment: None } => {
                let said = |root: &NodeId| document.text_of(document.get(*root, "environment")?.value);
                document.roots().iter().find_map(said)
            }
            SourceKind::Compose { environment: None } => compose::environment(document),
            _ => None,
        };
        said.map(str::to_owned)
    })
}

/// Names of production.
pub(super) fn is_production(name: &str) -> bool {
    ["prod", "production", "live"].iter().any(|known| name.eq_ignore_ascii_case(known))
}

/// Names of somebody's own machine, and of tests.
pub(super) fn is_development(name: &str) -> bool {
    ["dev", "development", "local", "test", "testing", "ci"].iter().any(|known| name.eq_ignore_ascii_case(known))
}
