//! What a probe found, as fixtures say it: a subset of what `probe --format json` prints, in which nearly everything may
//! be left out.

use std::time::Duration;

use dbcfg::model::health::{
    Address, Attempt, Engine, Facts, Failure, Health, Part, ServicePart, Stage, Status, Subject, TargetHealth, Via,
};
use dbcfg::model::{Configuration, Key, Role};
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Report {
    targets: Vec<Target>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Target {
    name: String,
    status: Status,
    stage: Option<Stage>,
    via: Option<String>,
    error: Option<Failure>,
    /// The key that the error is about, as files have it.
    key: Option<String>,
    #[serde(default)]
    attempts: Vec<Tried>,
    facts: Option<Facts>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Tried {
    #[serde(default)]
    addresses: Vec<String>,
}

/// Reads `health.json`. Where a target is, the configuration says.
pub(crate) fn health(configuration: &Configuration, json: &str) -> Health {
    let report: Report = serde_json::from_str(json).unwrap_or_else(|error| panic!("{error} in {json}"));
    Health {
        targets: report.targets.into_iter().map(|target| read(configuration, target)).collect(),
        ..Health::default()
    }
}

fn read(configuration: &Configuration, target: Target) -> TargetHealth {
    let subject = subject(&target.name);
    let way = target.via.as_deref().map(via);
    let failure = target.error.map(|mut failure| {
        failure.stage = target.stage.unwrap_or_default();
        failure.key = target
            .key
            .as_deref()
            .map(|path| Key::all().find(|key| key.path() == path).unwrap_or_else(|| panic!("there is no key {path}")));
        failure
    });
    let database = value(configuration, &subject, Key::Database);
    let endpoint = endpoint(configuration, &subject);
    let mut attempts: Vec<Attempt> = Vec::new();
    if let Some(failure) = &failure {
        let addresses = target.attempts.into_iter().flat_map(|tried| tried.addresses);
        let addresses = addresses.map(|address| Address { address, is_ok: Some(false), error: None }).collect();
        let (endpoint, database, failure) = (endpoint.clone(), database, Some(failure.clone()));
        attempts.push(Attempt { endpoint, database, addresses, failure, ..Attempt::default() });
    }
    // What answered, in place of the first choice or as it.
    if target.facts.is_some() {
        let part = match way {
            Some(Via::Replica(index)) => Some(Part::Replica(index)),
            Some(Via::Failover(index)) => Some(Part::Failover(index)),
            _ => None,
        };
        let role = subject.role().cloned();
        let other = part.zip(role).map(|(part, role)| Subject::Database { role, part });
        let other = other.as_ref().unwrap_or(&subject);
        let database = value(configuration, other, Key::Database);
        attempts.push(Attempt { endpoint: self::endpoint(configuration, other), database, ..Attempt::default() });
    }
    let answered = target.facts.is_some().then_some(Via::Primary);
    TargetHealth {
        engine: engine(configuration, &subject, target.facts.as_ref()),
        subject,
        endpoint,
        status: target.status,
        via: way.or(answered),
        failure,
        attempts,
        facts: target.facts,
        remarks: Vec::new(),
        time: Duration::ZERO,
    }
}

/// The target of a name, as [`Subject::name`] has it.
fn subject(name: &str) -> Subject {
    if let Some(service) = name.strip_prefix("services.") {
        return match service.strip_suffix(".artifact_store") {
            Some(name) => Subject::Service { name: name.to_owned(), part: ServicePart::ArtifactStore },
            None => Subject::Service { name: service.to_owned(), part: ServicePart::Server },
        };
    }
    let Some((role, part)) = name.split_once('.') else { return Subject::primary(Role::of_name(name)) };
    let (kind, index) = part.trim_end_matches(']').split_once('[').expect("a part with an index");
    let index = index.parse().expect("an index");
    let part = match kind {
        "replicas" => Part::Replica(index),
        "failover" => Part::Failover(index),
        "definitions" => Part::Lost(index),
        other => panic!("there is no part {other}"),
    };
    Subject::Database { role: Role::of_name(role), part }
}

fn via(name: &str) -> Via {
    let index =
        || name.trim_end_matches(']').split_once('[').and_then(|(_, index)| index.parse().ok()).expect("an index");
    match name {
        "primary" => Via::Primary,
        "fallback_database" => Via::FallbackDatabase,
        _ if name.starts_with("replicas") => Via::Replica(index()),
        _ if name.starts_with("failover") => Via::Failover(index()),
        other => panic!("there is no way {other}"),
    }
}

fn value(configuration: &Configuration, subject: &Subject, key: Key) -> Option<String> {
    configuration.settings(subject)?.get(key)?.effective()
}

/// Where a target is, as a probe tells it.
fn endpoint(configuration: &Configuration, subject: &Subject) -> String {
    let value = |key| value(configuration, subject, key);
    if let Some(place) = value(Key::Path).or_else(|| value(Key::Url)).or_else(|| value(Key::TrackingUri)) {
        return place;
    }
    let database = value(Key::Database).map(|database| format!("/{database}")).unwrap_or_default();
    let (host, port) = (value(Key::Host).unwrap_or_default(), value(Key::Port).unwrap_or_else(|| "5432".to_owned()));
    format!("{host}:{port}{database}")
}

fn engine(configuration: &Configuration, subject: &Subject, facts: Option<&Facts>) -> Engine {
    match (facts, subject) {
        (Some(Facts::Redis(_)), _) => Engine::Redis,
        (Some(Facts::Sqlite(_)), _) => Engine::Sqlite,
        (_, Subject::Service { name, part: ServicePart::Server }) if name == "redis" => Engine::Redis,
        (_, Subject::Service { name, part: ServicePart::Server }) if name == "mlflow" => Engine::Mlflow,
        (_, Subject::Service { part: ServicePart::ArtifactStore, .. }) => Engine::S3,
        (_, Subject::Service { .. }) => Engine::Http,
        _ if configuration.connection(subject).is_some_and(dbcfg::model::Connection::is_sqlite) => Engine::Sqlite,
        _ => Engine::Postgresql,
    }
}
