//! Databases as targets: the place itself, its replicas and failover, and definitions that lost.

use crate::model::health::{Cause, Engine, Failure, Part, Subject};
use crate::model::{Connection, Database, Key, Outcome, Role, Setting, Value};
use crate::probe::options::Options;
use crate::probe::{libpq, port, sqlite};

use super::policy::Policy;
use super::unusable::{failure, unusable};
use super::{Endpoint, Peer, Target};

/// Every target of a database: itself, its replicas, its failover, and the definitions that lost.
pub(super) fn targets(database: &Database, options: &Options) -> Vec<Target> {
    let target = |connection, part| target(connection, &database.role, part, options);
    let replicas = database.replicas.iter().enumerate().map(|(index, it)| target(it, Part::Replica(index)));
    let failover = database.failover.iter().enumerate().map(|(index, it)| target(it, Part::Failover(index)));
    let members: Vec<Target> = replicas.chain(failover).collect();
    let lost = database
        .definitions
        .iter()
        .enumerate()
        .filter(|(_, definition)| definition.outcome == Outcome::Lost)
        .map(|(index, definition)| target(&definition.connection, Part::Lost(index)));
    let primary = Target { members: members.clone(), ..target(&database.connection, Part::Primary) };
    std::iter::once(primary).chain(members).chain(lost).collect()
}

fn target(connection: &Connection, role: &Role, part: Part, options: &Options) -> Target {
    let engine = engine(connection);
    let (peer, no_password) = match peer(connection, &engine, options) {
        Err(failure) => match without_password(connection, &engine, options) {
            Some(peer) => (Ok(peer), Some(failure)),
            None => (Err(failure), None),
        },
        Ok(peer) => (Ok(peer), None),
    };
    let fallback = peer.as_ref().ok().and_then(|peer| fallback(peer, connection));
    let endpoint = match &peer {
        Ok(peer) => peer.place(),
        Err(_) => shown(connection, &engine),
    };
    let policy = Policy::of(&connection.settings, Key::ConnectTimeout, options);
    // libpq reads it from variables and services too.
    let elsewhere = match &peer {
        Ok(Peer::Postgres(endpoint)) if options.timeout.is_none() => endpoint.connect_timeout,
        _ => None,
    };
    Target {
        subject: Subject::Database { role: role.clone(), part },
        engine,
        endpoint,
        peer,
        no_password,
        fallback,
        timeout: elsewhere.filter(|time| !time.is_zero()).unwrap_or(policy.timeout),
        attempts: policy.attempts,
        base_delay: policy.base_delay,
        members: Vec::new(),
    }
}

fn engine(connection: &Connection) -> Engine {
    let said = connection.settings.get(Key::Engine).and_then(Setting::effective);
    match said.unwrap_or_else(|| connection.engine()).as_str() {
        "postgresql" => Engine::Postgresql,
        "sqlite" => Engine::Sqlite,
        other => Engine::Other(other.to_owned()),
    }
}

fn peer(connection: &Connection, engine: &Engine, options: &Options) -> Result<Peer, Failure> {
    if let Some(failure) = unusable(connection, engine.name(), options) {
        return Err(failure);
    }
    match engine {
        Engine::Postgresql => libpq::endpoint(connection, options).map(|endpoint| Peer::Postgres(Box::new(endpoint))),
        Engine::Sqlite => sqlite::peer(&text(connection, Key::Path).unwrap_or_default(), &options.base),
        _ => other(connection, engine.name()),
    }
}

/// A server whose password alone is not known here. Whether its host exists and listens can be found out all the same,
/// and a dead one is told where nobody has the secrets at hand.
fn without_password(connection: &Connection, engine: &Engine, options: &Options) -> Option<Peer> {
    let mut open = connection.clone();
    let is_removed = [Key::Password, Key::PasswordFile].map(|key| open.settings.remove(key).is_some());
    if *engine != Engine::Postgresql || !is_removed.contains(&true) {
        return None;
    }
    let Ok(Peer::Postgres(mut endpoint)) = peer(&open, engine, options) else { return None };
    // Another password than the one that is meant, of a variable or of `.pgpass`, is not tried in its place.
    endpoint.hosts.iter_mut().for_each(|host| host.password = None);
    Some(Peer::Postgres(endpoint))
}

/// The port of an engine that dbcfg does not speak.
fn other(connection: &Connection, engine: &str) -> Result<Peer, Failure> {
    let host = text(connection, Key::Host).or_else(|| text(connection, Key::HostAddress));
    let port = match text(connection, Key::Port).map(|port| port.trim().parse::<u16>()) {
        None => None,
        Some(Ok(port)) if port > 0 => Some(port),
        Some(_) => {
            return Err(failure(Cause::Configuration, "`port` is no number from 1 to 65535").about(Key::Port));
        }
    };
    port::peer(engine, host.as_deref(), port, text(connection, Key::Database).as_deref())
}

/// The text of a key that counts, unless it is empty.
fn text(connection: &Connection, key: Key) -> Option<String> {
    connection.settings.get(key).and_then(Setting::effective).filter(|text| !text.is_empty())
}

/// The same server with the older name of the database, if there is one.
fn fallback(peer: &Peer, connection: &Connection) -> Option<Peer> {
    let Peer::Postgres(endpoint) = peer else { return None };
    let database = text(connection, Key::FallbackDatabase).filter(|name| *name != endpoint.database)?;
    Some(Peer::Postgres(Box::new(Endpoint { database, ..(**endpoint).clone() })))
}

/// Where a place that cannot be tried would be, as it is written.
fn shown(connection: &Connection, engine: &Engine) -> String {
    let text = |key| connection.settings.value(key).filter(|value| !value.is_empty()).map(Value::shown);
    if *engine == Engine::Sqlite {
        return text(Key::Path).unwrap_or_default();
    }
    let Some(host) = text(Key::Host).or_else(|| text(Key::HostAddress)) else {
        let service =
            || connection.parameters.get("service").map(|setting| format!("service={}", setting.value.shown()));
        return text(Key::Url).or_else(service).or_else(|| text(Key::Database)).unwrap_or_default();
    };
    let port = text(Key::Port).or_else(|| Key::Port.info().default.map(str::to_owned));
    let port = port.filter(|_| *engine == Engine::Postgresql).map(|port| format!(":{port}")).unwrap_or_default();
    let database = text(Key::Database).map(|database| format!("/{database}")).unwrap_or_default();
    format!("{host}{port}{database}")
}
