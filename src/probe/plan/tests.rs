//! Which targets there are, and by which names.

use std::time::Duration;

use crate::model::health::{Cause, Engine};
use crate::model::{Configuration, Connection, Database, Definition, Key, Origin, Outcome, Role, Setting, Value};
use crate::probe::options::Options;

use super::{Peer, PlanError, Target, Which, plan};

fn connection(values: &[(Key, &str)]) -> Connection {
    let mut connection = Connection::default();
    for (key, text) in values {
        connection.settings.set(*key, Setting::new(Value::text(*text), Origin::Default));
    }
    connection
}

fn database(name: &str, values: &[(Key, &str)]) -> Database {
    Database {
        role: Role::of_name(name),
        names: Vec::new(),
        connection: connection(values),
        replicas: Vec::new(),
        failover: Vec::new(),
        definitions: Vec::new(),
        used_by: Vec::new(),
    }
}

fn definition(host: &str, outcome: Outcome) -> Definition {
    Definition {
        name: "postgres_primary".to_owned(),
        layout: "legacy sections",
        origin: Origin::Default,
        outcome,
        connection: connection(&[(Key::Host, host)]),
        stands_alone: false,
    }
}

/// main with members and a definition that lost, mlflow, and another database.
fn configuration() -> Configuration {
    let host = |name| (Key::Host, name);
    let main = Database {
        replicas: vec![connection(&[host("replica.example.com")])],
        failover: vec![
            connection(&[host("standby.example.com")]),
            connection(&[host("<STANDBY_HOST>")]),
            connection(&[(Key::Path, "./data/backup.db")]),
        ],
        definitions: vec![
            definition("main.example.com", Outcome::Used),
            definition("old.example.com", Outcome::Lost),
            definition("older.example.com", Outcome::Lost),
        ],
        ..database("main", &[host("Main.example.com"), (Key::Database, "app"), (Key::FallbackDatabase, "app_old")])
    };
    let mlflow = database("mlflow", &[host("ml.example.com"), (Key::FallbackDatabase, ""), (Key::Database, "ml")]);
    let other = database("billing", &[host("bill.example.com"), (Key::Port, "6432"), (Key::ConnectTimeout, "4")]);
    Configuration { databases: vec![main, mlflow, other], ..Configuration::default() }
}

fn planned(which: &Which) -> Vec<Target> {
    plan(&configuration(), which, &Options::default()).expect("a plan")
}

fn names(which: &Which) -> Vec<String> {
    let targets = planned(which);
    targets.iter().map(|target| target.subject.name()).collect()
}

fn named(names: &[&str]) -> Which {
    Which::Named(names.iter().map(|name| (*name).to_owned()).collect())
}

#[test]
fn what_is_wanted_is_planned_in_the_order_of_the_configuration() {
    for (which, expected) in [
        (Which::Roles, &["main", "mlflow"][..]),
        (
            Which::All,
            &[
                "main",
                "main.replicas[0]",
                "main.failover[0]",
                "main.failover[1]",
                "main.failover[2]",
                "main.definitions[1]",
                "main.definitions[2]",
                "mlflow",
                "billing",
            ],
        ),
        (named(&["billing", "main.failover[0]", "billing"]), &["main.failover[0]", "billing"]),
        (named(&["mlflow"]), &["mlflow"]),
    ] {
        assert_eq!(names(&which), expected, "{which:?}");
    }
}

#[test]
fn a_name_that_is_not_there_is_told_with_those_that_are() {
    for name in ["nothing", "services.main", "main.replicas[1]", ""] {
        let error = plan(&configuration(), &named(&["main", name]), &Options::default()).expect_err("no plan");
        let PlanError::UnknownName { name: told, known } = error;
        assert_eq!(told, name);
        assert_eq!(known, names(&Which::All));
    }
}

fn main_target() -> Target {
    planned(&Which::Roles).remove(0)
}

#[test]
fn a_database_carries_its_members_and_its_older_name() {
    let main = main_target();
    let members: Vec<String> = main.members.iter().map(|member| member.subject.name()).collect();
    assert_eq!(members, ["main.replicas[0]", "main.failover[0]", "main.failover[1]", "main.failover[2]"]);
    assert_eq!((main.endpoint.as_str(), &main.engine), ("Main.example.com:5432/app", &Engine::Postgresql));
    let fallback = main.fallback.as_ref().and_then(Peer::database);
    assert_eq!(fallback.as_deref(), Some("app_old"));
    let peer = main.peer.as_ref().expect("a server");
    assert_eq!((peer.database().as_deref(), peer.servers()), (Some("app"), vec!["main.example.com:5432".to_owned()]));
    assert_eq!(main.fallback.map(|fallback| fallback.servers()), Some(peer.servers()));
}

#[test]
fn an_empty_older_name_is_none() {
    let targets = planned(&named(&["mlflow"]));
    assert!(targets[0].fallback.is_none());
}

#[test]
fn a_place_that_cannot_be_tried_is_shown_as_it_is_written() {
    let main = main_target();
    let standby = &main.members[2];
    assert_eq!(standby.endpoint, "<STANDBY_HOST>:5432");
    assert_eq!(standby.peer.as_ref().map_err(|failure| failure.cause).err(), Some(Cause::Placeholder));
}

#[test]
fn the_policy_is_the_configurations() {
    let targets = planned(&named(&["billing"]));
    let billing = &targets[0];
    assert_eq!((billing.timeout, billing.attempts), (Duration::from_secs(4), 3));
    assert_eq!(billing.peer.as_ref().expect("a server").servers(), ["bill.example.com:6432"]);
}

#[test]
fn other_engines_are_targets_too() {
    let sqlite = &main_target().members[3];
    assert_eq!((&sqlite.engine, sqlite.endpoint.as_str()), (&Engine::Sqlite, "./data/backup.db"));
    let values = [(Key::Engine, "mysql"), (Key::Host, "my.example.com"), (Key::Port, "70000")];
    let databases = vec![database("billing", &values)];
    let configuration = Configuration { databases, ..Configuration::default() };
    let target = plan(&configuration, &Which::All, &Options::default()).expect("a plan").remove(0);
    assert_eq!(target.engine, Engine::Other("mysql".to_owned()));
    assert_eq!(target.peer.map_err(|failure| failure.cause).err(), Some(Cause::Configuration));
}
