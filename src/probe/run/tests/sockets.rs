//! From a configuration to verdicts, with sockets of this machine.

use std::net::TcpListener;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::model::health::{Cause, Events, Stage, Status};
use crate::model::{Configuration, Connection, Database, Key, Origin, Role, Setting, Value};
use crate::probe::options::Options;
use crate::probe::plan::{Which, plan};
use crate::probe::run::run_blocking;

use super::Diary;

/// A database at a port of this machine.
fn database(name: &str, port: u16) -> Database {
    let mut connection = Connection::default();
    let values = [
        (Key::Host, Value::text("127.0.0.1")),
        (Key::Port, Value::Integer(port.into())),
        (Key::Database, Value::text("app")),
        (Key::Username, Value::text("app")),
        (Key::RetryDelay, Value::Float(0.01)),
    ];
    for (key, value) in values {
        connection.settings.set(key, Setting::new(value, Origin::Default));
    }
    Database {
        role: Role::of_name(name),
        names: Vec::new(),
        connection,
        replicas: Vec::new(),
        failover: Vec::new(),
        definitions: Vec::new(),
        used_by: Vec::new(),
    }
}

#[test]
fn a_silent_server_does_not_delay_one_that_refuses() {
    let silent = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = |listener: &TcpListener| listener.local_addr().expect("an address").port();
    // Nobody listens at a port that was just given back.
    let refusing = port(&TcpListener::bind("127.0.0.1:0").expect("a port"));
    let databases = vec![database("main", port(&silent)), database("mlflow", refusing)];
    let configuration = Configuration { databases, ..Configuration::default() };
    let options = Options { timeout: Some(Duration::from_millis(400)), attempts: Some(2), ..Options::default() };
    let targets = plan(&configuration, &Which::Roles, &options).expect("a plan");
    let diary = Arc::new(Diary::default());
    let events: Arc<dyn Events> = Arc::<Diary>::clone(&diary);
    let start = Instant::now();
    let health = run_blocking(&targets, &options, &events, || false).expect("a runtime");
    assert!(start.elapsed() < Duration::from_secs(5), "{:?}", start.elapsed());
    let found: Vec<_> = health
        .targets
        .iter()
        .map(|it| (it.status, it.failure.as_ref().map(|it| (it.stage, it.cause)), it.attempts.len()))
        .collect();
    let expected =
        [(Status::Down, Some((Stage::Tls, Cause::Timeout)), 2), (Status::Down, Some((Stage::Tcp, Cause::Refused)), 2)];
    assert_eq!(found, expected);
    let done: Vec<String> = diary.lines().into_iter().filter(|line| line.ends_with("is down")).collect();
    assert_eq!(done, ["mlflow is down", "main is down"]);
}
