//! What programs read: the shape of the JSON, key by key.

use serde_json::{Value, json};

use super::super::json as write;
use super::*;

fn written(sample: &Sample) -> Value {
    let text = write(&sample.checkup());
    assert!(text.ends_with("}\n"));
    serde_json::from_str(&text).expect("it is JSON")
}

/// The keys of an object, in the order in which they are written.
fn keys(text: &str) -> Vec<&str> {
    let of_object =
        text.lines().filter_map(|line| line.strip_prefix("      \"").and_then(|rest| rest.split_once("\":")));
    of_object.map(|(key, _)| key).collect()
}

#[test]
fn the_run_has_a_version_and_a_verdict() {
    let json = written(&incident());
    assert_eq!(json["version"], 1);
    assert_eq!(json["status"], "down");
    assert_eq!(json["interrupted"], false);
    assert_eq!(json["millis"], 2431.0);
    let names: Vec<&Value> =
        json["targets"].as_array().expect("targets are a list").iter().map(|target| &target["name"]).collect();
    assert_eq!(names, ["main", "mlflow", "vector", "archive", "services.redis"]);
    assert_eq!(json["findings"][0]["rule"], "connections-nearly-used");
    assert_eq!(json["findings"][0]["start"], json!({"line": 11, "column": 5}));
    assert_eq!(written(&Sample::new(Vec::new()))["status"], "not-measured");
}

#[test]
fn a_target_says_all_that_is_known() {
    let json = written(&incident());
    let main = &json["targets"][0];
    let text = write(&Sample::new(vec![failed_over()]).checkup());
    let expected = [
        "name", "role", "engine", "endpoint", "status", "stage", "error", "hint", "origin", "via", "attempts", "facts",
        "remarks", "millis",
    ];
    assert_eq!(keys(&text)[..expected.len()], expected);
    assert_eq!(main["role"], "main");
    assert_eq!(main["engine"], "postgresql");
    assert_eq!(main["endpoint"], "db.example.com:5433/app");
    assert_eq!(main["status"], "degraded");
    assert_eq!(main["stage"], "tcp");
    let error = json!({
        "class": "transient", "code": "refused", "message": "db.example.com refuses the connection",
        "cause": "refused", "stage": "tcp",
    });
    assert_eq!(main["error"], error);
    assert_eq!(main["hint"], "start the server on db.example.com, or correct `port`");
    assert_eq!(main["origin"], json!({"path": "settings.yaml", "line": 3, "column": 11}));
    assert_eq!(main["via"], "failover[0]");
    assert_eq!(main["millis"], 2035.0);
    assert_eq!(main["remarks"], json!(["~/.pgpass is passed over, since others may read it"]));
    let first = json!({
        "via": "primary",
        "endpoint": "db.example.com:5433/app",
        "database": "app",
        "timeout_millis": 10000,
        "delay_millis": 0,
        "addresses": [
            {"address": "[2001:db8::7]:5433", "ok": false, "error": "network is unreachable"},
            {"address": "192.0.2.7:5433", "ok": false, "error": "connection refused"},
        ],
        "stages": [{"stage": "dns", "millis": 1.0, "ok": true}, {"stage": "tcp", "millis": 2.0, "ok": false}],
        "error": error,
    });
    assert_eq!(main["attempts"][0], first);
    assert_eq!(main["attempts"][1]["delay_millis"], 620);
    let last = &main["attempts"][3];
    assert_eq!((&last["via"], &last["database"], &last["error"]), (&json!("failover[0]"), &Value::Null, &Value::Null));
    let facts = json!({
        "engine": "sqlite", "bytes": 1_240_000, "age": 259_200, "journal_mode": "wal", "writable": true,
        "directory_writable": true,
    });
    assert_eq!(main["facts"], facts);
}

#[test]
fn what_a_target_has_not_is_null() {
    let json = written(&incident());
    let redis = &json["targets"][4];
    for key in ["role", "stage", "hint", "origin", "via", "facts"] {
        assert_eq!(redis.get(key), Some(&Value::Null), "{key}");
    }
    assert_eq!(redis["attempts"], json!([]));
    assert_eq!(redis["error"]["cause"], "unresolved-variable");
    let vector = &json["targets"][2];
    assert_eq!((&vector["error"], &vector["via"]), (&Value::Null, &json!("primary")));
    assert_eq!(vector["facts"]["vector"]["version"], "0.8.0");
}

#[test]
fn the_health_of_databases_stands_together() {
    let json = written(&incident());
    let main = json!({
        "status": "degraded", "primary": "down", "replicas": [],
        "failover": [{"index": 0, "endpoint": "./data/backup.db", "status": "healthy"}],
        "connections": null,
    });
    assert_eq!(json["databases"]["main"], main);
    let vector = json!({
        "status": "healthy", "primary": "healthy", "replicas": [], "failover": [],
        "connections": {"active": 2, "idle": 10, "used": 12, "allowed": 97},
    });
    assert_eq!(json["databases"]["vector"], vector);
    let names: Vec<&String> = json["databases"].as_object().expect("databases have names").keys().collect();
    assert_eq!(names, ["archive", "main", "mlflow", "vector"]);
}

#[test]
fn what_accepts_connections_and_says_nothing_hangs() {
    let hung = failure(Stage::Auth, Cause::Timeout, Class::Transient, "the server did not answer in time");
    let silent = failure(Stage::Tcp, Cause::Timeout, Class::Transient, "the host did not answer in time");
    let unsaid = failure(Stage::Dns, Cause::Placeholder, Class::Permanent, "`host` is a placeholder");
    let endpoint = "db.example.com:5432/main";
    for (failure, stages, status, expected) in [
        (&hung, &[(Stage::Dns, 1), (Stage::Tcp, 2), (Stage::Auth, 9_997)][..], Status::Down, "hung"),
        (&silent, &[(Stage::Dns, 1), (Stage::Tcp, 9_999)][..], Status::Down, "down"),
        (&unsaid, &[][..], Status::NotMeasured, "not-measured"),
    ] {
        let target = TargetHealth {
            attempts: vec![attempt(Via::Primary, endpoint, stages, Some(failure))],
            failure: Some(failure.clone()),
            ..target(database("main"), Engine::Postgresql, endpoint, status)
        };
        assert_eq!(written(&Sample::new(vec![target]))["databases"]["main"]["primary"], expected);
    }
}

#[test]
fn members_of_their_own_are_told_with_their_database() {
    let part = |part| Subject::Database { role: Role::Main, part };
    let replica = target(part(Part::Replica(1)), Engine::Postgresql, "replica.example.com:5432/app", Status::Healthy);
    let fault = failure(Stage::Tcp, Cause::Refused, Class::Transient, "no");
    let standby = TargetHealth {
        failure: Some(fault),
        ..target(part(Part::Failover(0)), Engine::Postgresql, "standby.example.com:5432/app", Status::Down)
    };
    let main = target(database("main"), Engine::Postgresql, "db.example.com:5432/app", Status::Healthy);
    let json = written(&Sample::new(vec![main, replica, standby]));
    let main = json!({
        "status": "healthy", "primary": "healthy",
        "replicas": [{"index": 1, "endpoint": "replica.example.com:5432/app", "status": "healthy"}],
        "failover": [{"index": 0, "endpoint": "standby.example.com:5432/app", "status": "down"}],
        "connections": null,
    });
    assert_eq!(json["databases"], json!({"main": main}));
}
