//! Checkups made by hand, and what becomes of them in each format.

mod deep;
mod formats;
mod human;
mod json;
mod log;
mod secrets;

use std::collections::BTreeMap;
use std::time::Duration;

use crate::document::{Document, Format};
use crate::finding::{Finding, Group, RuleInfo, Severity};
use crate::model::health::{
    Address, Attempt, Cause, Class, Connections, Engine, Facts, Failure, Health, Part, PostgresFacts, RedisFacts,
    ServicePart, SqliteFacts, Stage, StageTime, Status, Subject, TargetHealth, TlsFacts, VectorFacts, Via,
};
use crate::model::{FileFacts, Origin, Role, Source, SourceKind, Sources};
use crate::report::entry::{Entry, Quotes};

use super::{Checkup, HealthNote};

const SETTINGS: &str = "\
databases:
  main:
    host: db.example.com
    database: app
    failover:
      - {engine: sqlite, path: ./data/backup.db}
  mlflow:
    host: old-db.example.com
    database: mlflow
  vector:
    host: db.example.com
    database: vector
  archive:
    host: old-db.example.com
";

static RULE: RuleInfo = RuleInfo {
    id: "connections-nearly-used",
    group: Group::Pool,
    severity: Severity::Warning,
    is_raised_in_production: false,
    is_fixable: false,
    comment: "",
};

/// A run as it may have been, with what its checkup refers to.
struct Sample {
    health: Health,
    sources: Sources,
    notes: BTreeMap<Subject, HealthNote>,
    entries: Vec<Entry>,
}

impl Sample {
    /// A run over targets, which took 2.4 s.
    fn new(targets: Vec<TargetHealth>) -> Self {
        let mut sources = Sources::default();
        sources.add(Source {
            name: "settings.yaml".to_owned(),
            kind: SourceKind::Settings { environment: None },
            document: Some(Document::parse(SETTINGS.as_bytes(), Format::Yaml)),
            facts: FileFacts::default(),
        });
        let health = Health { targets, time: Duration::from_millis(2_431), is_interrupted: false };
        Self { health, sources, notes: BTreeMap::new(), entries: Vec::new() }
    }

    /// Says which value to look at first, and what to try.
    fn note(mut self, subject: Subject, path: &[&str], hint: Option<&str>) -> Self {
        let note = HealthNote { origin: Some(self.origin(path)), hint: hint.map(str::to_owned) };
        self.notes.insert(subject, note);
        self
    }

    /// Adds what a live rule found about a value.
    fn finding(mut self, path: &[&str], message: &str, help: &str) -> Self {
        let finding = Finding::new(&RULE, self.origin(path), message).help(help);
        self.entries.push(Entry::new(&self.sources, finding, "fingerprint".to_owned(), Quotes::Unwanted));
        self
    }

    fn origin(&self, path: &[&str]) -> Origin {
        let (id, source) = self.sources.iter().next().expect("there is one source");
        let document = source.document.as_ref().expect("it is a file");
        let node = document.get_path(document.roots()[0], path.iter().copied()).expect("the path leads somewhere");
        Origin::node(id, document, node)
    }

    fn checkup(&self) -> Checkup<'_> {
        Checkup { health: &self.health, sources: &self.sources, notes: &self.notes, entries: &self.entries }
    }
}

fn database(name: &str) -> Subject {
    Subject::primary(Role::of_name(name))
}

fn redis() -> Subject {
    Subject::Service { name: "redis".to_owned(), part: ServicePart::Server }
}

/// A target that nothing is known of yet.
fn target(subject: Subject, engine: Engine, endpoint: &str, status: Status) -> TargetHealth {
    TargetHealth {
        subject,
        engine,
        endpoint: endpoint.to_owned(),
        status,
        via: (status == Status::Healthy).then_some(Via::Primary),
        failure: None,
        attempts: Vec::new(),
        facts: None,
        remarks: Vec::new(),
        time: Duration::ZERO,
    }
}

fn failure(stage: Stage, cause: Cause, class: Class, message: &str) -> Failure {
    Failure { stage, cause, class, code: cause.name(), message: message.to_owned(), key: None }
}

/// An attempt whose stages took so many milliseconds, and the last of which failed if there is a failure.
fn attempt(via: Via, endpoint: &str, stages: &[(Stage, u64)], failure: Option<&Failure>) -> Attempt {
    let stages = stages.iter().map(|(stage, millis)| StageTime {
        stage: *stage,
        time: Duration::from_millis(*millis),
        is_ok: failure.is_none_or(|failure| failure.stage != *stage),
    });
    Attempt {
        via,
        endpoint: endpoint.to_owned(),
        database: endpoint.split_once('/').map(|(_, database)| database.to_owned()),
        timeout: Duration::from_secs(10),
        stages: stages.collect(),
        failure: failure.cloned(),
        ..Attempt::default()
    }
}

fn postgres(used: u32, has_vector: bool) -> Facts {
    let vector = has_vector.then(|| VectorFacts { version: Some("0.8.0".to_owned()), ..VectorFacts::default() });
    let tls = TlsFacts { version: "TLSv1.3".to_owned(), certificate_days_left: Some(61), ..TlsFacts::default() };
    Facts::Postgresql(Box::new(PostgresFacts {
        version: "15.18".to_owned(),
        connections: Some(Connections { used, active: Some(2), idle: Some(used - 2), allowed: 97, max: 100 }),
        tls: Some(tls),
        vector,
        ..PostgresFacts::default()
    }))
}

/// vector: healthy.
fn vector() -> TargetHealth {
    let endpoint = "db.example.com:5432/vector";
    let stages =
        [(Stage::Dns, 1), (Stage::Tcp, 2), (Stage::Tls, 5), (Stage::Auth, 7), (Stage::Session, 1), (Stage::Query, 2)];
    TargetHealth {
        attempts: vec![attempt(Via::Primary, endpoint, &stages, None)],
        facts: Some(postgres(12, true)),
        time: Duration::from_millis(18),
        ..target(database("vector"), Engine::Postgresql, endpoint, Status::Healthy)
    }
}

/// A database whose host does not resolve: tried twice.
fn unresolved(name: &str) -> TargetHealth {
    let endpoint = format!("old-db.example.com:5432/{name}");
    let fault =
        failure(Stage::Dns, Cause::NameNotFound, Class::Permanent, "the name old-db.example.com does not exist");
    let first = attempt(Via::Primary, &endpoint, &[(Stage::Dns, 4)], Some(&fault));
    let second = Attempt { delay: Duration::from_millis(900), ..first.clone() };
    TargetHealth {
        failure: Some(fault),
        attempts: vec![first, second],
        time: Duration::from_millis(908),
        ..target(database(name), Engine::Postgresql, &endpoint, Status::Down)
    }
}

/// main: the server does not accept connections, and the file takes over.
fn failed_over() -> TargetHealth {
    let endpoint = "db.example.com:5433/app";
    let fault = failure(Stage::Tcp, Cause::Refused, Class::Transient, "db.example.com refuses the connection");
    let address = |address: &str, error: &str| Address {
        address: address.to_owned(),
        is_ok: Some(false),
        error: Some(error.to_owned()),
    };
    let mut first = attempt(Via::Primary, endpoint, &[(Stage::Dns, 1), (Stage::Tcp, 2)], Some(&fault));
    first.addresses =
        vec![address("[2001:db8::7]:5433", "network is unreachable"), address("192.0.2.7:5433", "connection refused")];
    let second = Attempt { delay: Duration::from_millis(620), ..first.clone() };
    let third = Attempt { delay: Duration::from_millis(1_402), ..first.clone() };
    let last = attempt(Via::Failover(0), "./data/backup.db", &[(Stage::Session, 1), (Stage::Query, 3)], None);
    TargetHealth {
        via: Some(Via::Failover(0)),
        failure: Some(fault),
        attempts: vec![first, second, third, Attempt { database: None, ..last }],
        facts: Some(Facts::Sqlite(SqliteFacts {
            bytes: 1_240_000,
            age: Some(3 * 86_400),
            journal_mode: "wal".to_owned(),
            writable: true,
            directory_writable: true,
        })),
        remarks: vec!["~/.pgpass is passed over, since others may read it".to_owned()],
        time: Duration::from_millis(2_035),
        ..target(database("main"), Engine::Postgresql, endpoint, Status::Degraded)
    }
}

/// A service whose address is a variable without a value.
fn unmeasured() -> TargetHealth {
    let fault =
        failure(Stage::Dns, Cause::UnresolvedVariable, Class::Permanent, "the variable REDIS_URL has no value here");
    TargetHealth { failure: Some(fault), ..target(redis(), Engine::Redis, "${REDIS_URL}", Status::NotMeasured) }
}

/// An incident with a bit of everything.
fn incident() -> Sample {
    let targets = vec![failed_over(), unresolved("mlflow"), vector(), unresolved("archive"), unmeasured()];
    Sample::new(targets)
        .note(
            database("main"),
            &["databases", "main", "host"],
            Some("start the server on db.example.com, or correct `port`"),
        )
        .note(
            database("mlflow"),
            &["databases", "mlflow", "host"],
            Some("set `host` to `db.example.com`: main's server holds a database `mlflow`"),
        )
        .note(database("archive"), &["databases", "archive", "host"], None)
        .finding(
            &["databases", "vector"],
            "90 of 97 connections of db.example.com:5432 are used",
            "make the pools smaller, or raise `max_connections`",
        )
}
