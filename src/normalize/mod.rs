//! From what the sources say to what it comes down to: one database for each role, and the conflicts as findings.
//!
//! Pure: the same readings and the same environment give the same databases. `check` calls it once for each
//! environment, `show` once.

mod disagreement;
mod identity;
mod infer;
mod inherit;
mod merge;
mod references;
mod resolve;
mod services;

use crate::finding::Finding;
use crate::layouts::{Found, FoundUse, Reading};
use crate::model::{Database, Key, Need, Selection, Service, Source, SourceId, SourceKind, Sources, Store};

use crate::redact;
use crate::rules;
pub use identity::differences;
pub use resolve::variables;

/// What the readings come down to for one environment.
#[derive(Debug, Default)]
pub struct Normalized {
    /// The databases: main, mlflow, vector, then others.
    pub databases: Vec<Database>,
    /// The services: mlflow, redis, auth.
    pub services: Vec<Service>,
    /// Stores of `MLflow` that are no databases, the strongest source first.
    pub stores: Vec<Store>,
    /// What is about a database that nothing defines.
    pub needs: Vec<Need>,
    /// What was met on the way.
    pub findings: Vec<Finding>,
    /// The variables that were used to resolve.
    pub variables: Selection,
}

/// Where a definition ranks: the lower wins (DESIGN, section 4).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Tier {
    CommandLine,
    Process,
    /// `.env.NAME.local`.
    OwnEnvironmentFile,
    EnvironmentFile,
    /// `docker-compose.NAME.yml` where nothing else knows NAME. What it sets wins over what the application reads.
    EnvironmentCompose,
    EnvFile,
    /// `settings.NAME.local.yaml`.
    OwnEnvironmentSection,
    EnvironmentSection,
    Settings,
    Ini,
    Compose,
    /// libpq's own variables fill gaps only.
    Libpq,
}

impl Tier {
    /// The definitions that are expected to agree: files among each other, and the variables of one source. That a
    /// stronger kind of source says something else is what it is for.
    fn peers(self) -> Self {
        match self {
            Self::Ini => Self::Settings,
            other => other,
        }
    }

    /// Whether it is one of compose files.
    fn is_compose(self) -> bool {
        matches!(self, Self::Compose | Self::EnvironmentCompose)
    }
}

/// A definition with its rank.
#[derive(Debug)]
struct Ranked {
    tier: Tier,
    found: Found,
}

/// Normalises what the sources say for one environment (none: what holds without one).
pub fn normalize(sources: &Sources, readings: Vec<(SourceId, Reading)>, environment: Option<&str>) -> Normalized {
    let variables = variables(sources, environment);
    let is_of_compose = environment.is_some_and(|name| sources.is_compose_environment(name));
    let rank =
        |source: &Source, is_fallback: bool, has_environment: bool| match tier(source, is_fallback, has_environment) {
            Tier::Compose if has_environment && is_of_compose => Tier::EnvironmentCompose,
            other => other,
        };
    let mut normalized = Normalized::default();
    let mut open = Vec::new();
    let (mut ranked, mut services, mut stores, mut uses) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for (source, reading) in readings {
        let source = sources.get(source);
        let applies = |of: &Option<String>| of.is_none() || of.as_deref() == environment;
        for found in reading.found.into_iter().filter(|found| applies(&found.environment)) {
            let tier = rank(source, found.is_fallback, found.environment.is_some());
            ranked.push(Ranked { tier, found });
        }
        for service in reading.services.into_iter().filter(|service| applies(&service.environment)) {
            services.push((rank(source, false, service.environment.is_some()), service));
        }
        for found in reading.stores.into_iter().filter(|found| applies(&found.environment)) {
            stores.push((rank(source, false, found.environment.is_some()), found.store));
        }
        uses.extend(reading.uses.into_iter().filter(|found: &FoundUse| applies(&found.environment)));
        open.extend(reading.open);
        // What is wrong with a file is wrong in every environment.
        normalized.findings.extend(reading.findings);
    }
    references::dangling(sources, open, &mut normalized.findings);
    // `docker-compose.prod.yml` changes what `docker-compose.yml` says.
    ranked.sort_by_key(|ranked| (ranked.tier, ranked.tier == Tier::Compose && ranked.found.environment.is_none()));
    services.sort_by_key(|(tier, _)| *tier);
    stores.sort_by_key(|(tier, _)| *tier);
    let mut resolver = resolve::Resolver::new(sources, &variables, environment);
    for ranked in &mut ranked {
        resolver.resolve_found(&mut ranked.found);
    }
    let mut databases = merge::databases(ranked, &mut normalized.needs, &mut normalized.findings);
    unsupported_engines(&databases, &mut normalized.findings);
    inherit::same_server(&mut databases, &mut normalized.findings);
    resolver.assign_uses(&mut databases, uses);
    normalized.services = services::services(services, &mut resolver);
    normalized.stores = stores.into_iter().map(|(_, store)| store).collect();
    for store in &mut normalized.stores {
        resolver.setting(&mut store.setting);
    }
    normalized.databases = databases;
    normalized.findings.append(&mut resolver.findings);
    normalized.variables = variables;
    normalized
}

/// Engines that are carried along without being spoken.
fn unsupported_engines(databases: &[Database], findings: &mut Vec<Finding>) {
    for database in databases {
        let engine = database.connection.engine();
        let Some(setting) = database.connection.settings.get(Key::Engine) else { continue };
        if matches!(engine.as_str(), "postgresql" | "sqlite") || setting.value.is_template() {
            continue;
        }
        let message = format!("{} is on {}, which dbcfg does not speak", database.role, redact::show_text(&engine));
        let help = "it is shown and carried along, but neither judged nor probed beyond its port";
        findings
            .push(Finding::new(&rules::syntax::unsupported_engine::INFO, setting.origin.clone(), message).help(help));
    }
}

fn tier(source: &Source, is_fallback: bool, has_environment: bool) -> Tier {
    let is_own = source.is_local_override();
    match source.kind {
        _ if is_fallback => Tier::Libpq,
        SourceKind::Url(_) => Tier::CommandLine,
        SourceKind::Process(_) => Tier::Process,
        SourceKind::Env { .. } if is_own => Tier::OwnEnvironmentFile,
        SourceKind::Env { .. } if has_environment => Tier::EnvironmentFile,
        SourceKind::Env { .. } | SourceKind::Template => Tier::EnvFile,
        SourceKind::Compose { .. } => Tier::Compose,
        _ if is_own => Tier::OwnEnvironmentSection,
        _ if has_environment => Tier::EnvironmentSection,
        SourceKind::Settings { .. } => Tier::Settings,
        SourceKind::Ini => Tier::Ini,
    }
}
