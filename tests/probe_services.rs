//! `dbcfg probe` and real services: MLflow's tracking server and its schema, artifact stores, Redis, and an auth service.

use std::io::Read as _;

use crate::probing::{Found, Probe, entry, expected};
use crate::servers::certificates::{self, ServerCertificate};
use crate::servers::hostile::{Conversation, Listener};
use crate::servers::mlflow::Mlflow;
use crate::servers::moto::{BUCKET, Moto};
use crate::servers::redis::{Access, Redis, USER};
use crate::servers::running::free_port;
use crate::servers::{PASSWORD_IN_URL, pgvector, postgres};

/// A revision of MLflow's schema that is older than every server of the tests.
const OLD_REVISION: &str = "acf3f17fdcc7";

/// A web server that answers every request with this status and body, until the client leaves.
fn web(status: &'static str, body: &'static str) -> Listener {
    Listener::start(move |mut client: &Conversation| {
        let mut heard = Vec::new();
        let mut bytes = [0; 1024];
        while let Ok(count @ 1..) = client.read(&mut bytes) {
            heard.extend_from_slice(&bytes[..count]);
            if heard.ends_with(b"\r\n\r\n") {
                heard.clear();
                let answer = format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\n\r\n{body}", body.len());
                if client.send(answer.as_bytes()).is_err() {
                    return;
                }
            }
        }
    })
}

/// Probes services alone.
fn services(text: &str) -> Probe {
    Probe::settings(&format!("services:\n  {text}\n"))
}

/// Probes MLflow's database of a name, and its tracking server at a port.
fn tracked(mlflow: &Mlflow, database: &str, port: u16) -> Found {
    let database = entry("mlflow", mlflow.cluster().port(), database);
    let services = format!("services:\n  mlflow: {{tracking_uri: 'http://127.0.0.1:{port}'}}\n");
    Probe::settings(&format!("databases:\n{database}{services}")).run()
}

#[test]
fn a_tracking_server_and_its_schema_are_healthy() {
    let mlflow = Mlflow::standard();
    let found = tracked(mlflow, "mlflow_db", mlflow.port()).expect_status(0);
    let server = found.target("services.mlflow").expect_status("healthy");
    assert_eq!((server.get("/engine"), server.get("/facts/status")), (&"mlflow".into(), &200.into()));
    let version = server.get("/facts/version").as_str().unwrap_or_default();
    assert!(version.starts_with("3."), "{:#}", found.json);
    let head = mlflow.cluster().sql("mlflow_db", "select version_num from alembic_version");
    let database = found.target("mlflow").expect_status("healthy");
    assert_eq!(database.get("/facts/alembic/version"), head.trim());
    assert!(!found.rules().contains(&"mlflow-schema-behind"), "{:#}", found.json);
}

#[test]
fn an_old_schema_is_told_and_no_outage() {
    let mlflow = Mlflow::standard();
    let cluster = mlflow.cluster();
    cluster.sql("postgres", "create database old owner scram_role");
    let version = "create table alembic_version (version_num varchar(32) primary key)";
    let insert = format!("insert into alembic_version values ('{OLD_REVISION}')");
    cluster.sql("old", &format!("{version}; {insert}; alter table alembic_version owner to scram_role"));
    let found = tracked(mlflow, "old", mlflow.port()).expect_status(0);
    assert_eq!(found.target("mlflow").expect_status("healthy").get("/facts/alembic/version"), OLD_REVISION);
    let findings = found.json["findings"].as_array().expect("there are findings");
    let behind = findings.iter().find(|finding| finding["rule"] == "mlflow-schema-behind").expect("it is told");
    assert_eq!(behind["severity"], "warning");
    let message = behind["message"].as_str().unwrap_or_default();
    assert!(message.contains(OLD_REVISION) && message.contains("MLflow 2.8.1"), "{message}");
    // What the role may not read is not known, which is nothing to be told as a fault.
    cluster.sql("old", "alter table alembic_version owner to postgres; revoke all on alembic_version from public");
    let found = tracked(mlflow, "old", mlflow.port()).expect_status(0);
    assert_eq!(found.target("mlflow").expect_status("healthy").get("/facts/alembic"), "hidden");
    assert!(found.rules().iter().all(|rule| !rule.starts_with("mlflow")), "{:#}", found.json);
}

#[test]
fn a_tracking_server_that_is_down_takes_nobody_along() {
    let (main, vector) = (postgres::standard(), pgvector::standard());
    let databases = entry("main", main.port(), "app") + &entry("vector", vector.port(), "app");
    let settings = |uri: &str| format!("databases:\n{databases}services:\n  mlflow: {{tracking_uri: '{uri}'}}\n");
    let found = Probe::settings(&settings(&format!("http://127.0.0.1:{}", free_port()))).run().expect_status(1);
    let tracker = found.target("services.mlflow").expect_status("down");
    tracker.expect(expected("tcp", "refused", "transient", "refused", "is the service running"));
    found.target("main").expect_status("healthy");
    found.target("vector").expect_status("healthy");
    for (status, body) in [("404 Not Found", "nothing here"), ("200 OK", "<html>a page for everything</html>")] {
        let other = web(status, body);
        let found = Probe::settings(&settings(&format!("http://127.0.0.1:{}", other.port()))).run().expect_status(1);
        let wrong = expected("query", "wrong-protocol", "permanent", "wrong-protocol", "check host and port");
        found.target("services.mlflow").expect_status("down").expect(wrong);
        found.target("main").expect_status("healthy");
    }
}

#[test]
fn a_bucket_is_found_missed_and_elsewhere() {
    let endpoint = format!("http://127.0.0.1:{}", Moto::standard().port());
    let probe = |bucket: &str, variables: &[(&str, &str)]| {
        let probe = services(&format!("mlflow: {{artifact_store: 's3://{bucket}/runs/'}}"));
        variables.iter().fold(probe, |probe, (name, value)| probe.env(name, value)).run()
    };
    for name in ["MLFLOW_S3_ENDPOINT_URL", "AWS_ENDPOINT_URL"] {
        let found = probe(BUCKET, &[(name, &endpoint), ("AWS_REGION", "us-east-1")]).expect_status(0);
        let store = found.target("services.mlflow.artifact_store").expect_status("healthy");
        assert_eq!((store.get("/engine"), store.get("/facts/region")), (&"s3".into(), &"us-east-1".into()));
    }
    let missing = probe("nowhere", &[("AWS_ENDPOINT_URL", &endpoint)]).expect_status(1);
    missing.target("services.mlflow.artifact_store").expect_status("down").expect(expected(
        "query",
        "bucket-missing",
        "permanent",
        "bucket-missing",
        "bucket",
    ));
    let elsewhere = probe(BUCKET, &[("AWS_ENDPOINT_URL", &endpoint), ("AWS_REGION", "eu-west-1")]).expect_status(1);
    elsewhere.target("services.mlflow.artifact_store").expect_status("degraded").expect(expected(
        "query",
        "bucket-elsewhere",
        "permanent",
        "bucket-elsewhere",
        "us-east-1",
    ));
    // A server without buckets.
    let other = web("503 Service Unavailable", "");
    let down = probe(BUCKET, &[("AWS_ENDPOINT_URL", &format!("http://127.0.0.1:{}", other.port()))]).expect_status(1);
    down.target("services.mlflow.artifact_store").expect_status("down").expect(expected(
        "query",
        "http-status",
        "transient",
        "503",
        "",
    ));
}

#[test]
fn a_folder_for_artifacts_is_tried_and_left_as_it_was() {
    let probe = |path: &str| {
        let probe = services(&format!("mlflow: {{artifact_store: '{path}'}}"));
        let probe = probe.with(|dbcfg| dbcfg.file("artifacts/run/model", "weights").file("taken", "no folder"));
        let found = probe.run();
        assert_eq!(found.output.files.len(), 3, "{:?}", found.output.files.keys());
        found
    };
    let found = probe("./artifacts").expect_status(0);
    let store = found.target("services.mlflow.artifact_store").expect_status("healthy");
    assert_eq!((store.get("/engine"), store.get("/facts/writable")), (&"folder".into(), &true.into()));
    let found = probe("file:./not/yet").expect_status(0);
    let store = found.target("services.mlflow.artifact_store").expect_status("healthy");
    assert!(store.get("/remarks/0").as_str().is_some_and(|remark| remark.contains("not there yet")));
    let found = probe("./taken").expect_status(1);
    let taken = expected("session", "file-not-writable", "permanent", "file-not-writable", "can make no files");
    found.target("services.mlflow.artifact_store").expect_status("down").expect(taken);
    let found = probe("./taken/runs").expect_status(1);
    let missing = expected("session", "file-missing", "permanent", "file-missing", "");
    found.target("services.mlflow.artifact_store").expect_status("down").expect(missing);
}

/// Probes Redis by its URL.
fn redis(url: &str) -> Found {
    services(&format!("redis: {{url: '{url}'}}")).run()
}

#[test]
fn redis_lets_in_whom_it_should() {
    let healthy = |url: &str| {
        let found = redis(url).expect_status(0);
        let target = found.only().expect_status("healthy");
        assert_eq!((target.get("/engine"), target.get("/facts/role")), (&"redis".into(), &"master".into()));
        assert!(target.get("/facts/version").as_str().is_some_and(|version| version.contains('.')), "{:#}", found.json);
    };
    let refused = |url: &str, cause: &'static str, code: &'static str, hint: &'static str| {
        let found = redis(url).expect_status(1);
        found.only().expect_status("down").expect(expected("auth", cause, "permanent", code, hint));
        assert!(!found.output.stdout.contains("nobodys"), "{}", found.output.stdout);
    };
    let servers = [Access::Open, Access::Password, Access::Users].map(Redis::start);
    let [open, locked, users] = servers.each_ref().map(Redis::port);
    healthy(&format!("redis://127.0.0.1:{open}"));
    healthy(&format!("redis://127.0.0.1:{open}/3"));
    refused(&format!("redis://:nobodys@127.0.0.1:{open}/0"), "password-rejected", "ERR", "password");
    let found = redis(&format!("redis://127.0.0.1:{open}/9")).expect_status(1);
    let missing = expected("session", "database-missing", "permanent", "ERR", "");
    found.only().expect_status("down").expect(missing);
    healthy(&format!("redis://:{PASSWORD_IN_URL}@127.0.0.1:{locked}/0"));
    refused(&format!("redis://:nobodys@127.0.0.1:{locked}/0"), "password-rejected", "WRONGPASS", "password");
    refused(&format!("redis://127.0.0.1:{locked}/0"), "password-missing", "NOAUTH", "password");
    healthy(&format!("redis://{USER}:{PASSWORD_IN_URL}@127.0.0.1:{users}/0"));
    refused(&format!("redis://:{PASSWORD_IN_URL}@127.0.0.1:{users}/0"), "password-rejected", "WRONGPASS", "user");
    refused(&format!("redis://127.0.0.1:{users}/0"), "password-missing", "NOAUTH", "password");
}

#[test]
fn redis_is_encrypted_as_its_url_says() {
    let server = Redis::with_tls(Access::Password, ServerCertificate::Good);
    let url = |more: &str| format!("rediss://:{PASSWORD_IN_URL}@127.0.0.1:{}/0{more}", server.port());
    let root = certificates::root_file();
    let found = redis(&url(&format!("?ssl_ca_certs={}", root.display()))).expect_status(0);
    let target = found.only().expect_status("healthy");
    assert!(target.get("/facts/tls/version").as_str().is_some_and(|name| name.starts_with("TLS")), "{:#}", found.json);
    assert_eq!(target.stages(), ["tcp", "tls", "auth", "query"]);
    redis(&url("?ssl_cert_reqs=none")).expect_status(0);
    let untrusted = expected("tls", "certificate-untrusted", "permanent", "certificate-untrusted", "");
    redis(&url("")).expect_status(1).only().expect_status("down").expect(untrusted);
    let other = format!("?ssl_ca_certs={}", certificates::other_root_file().display());
    redis(&url(&other)).expect_status(1).only().expect_status("down").expect(untrusted);
    let expired = Redis::with_tls(Access::Open, ServerCertificate::Expired);
    let found =
        redis(&format!("rediss://127.0.0.1:{}/0?ssl_ca_certs={}", expired.port(), root.display())).expect_status(1);
    let ended = expected("tls", "certificate-expired", "permanent", "certificate-expired", "certificate");
    found.only().expect_status("down").expect(ended);
    // Neither side understands the other where only one of them encrypts.
    redis(&format!("redis://127.0.0.1:{}/0", server.port())).expect_status(1).only().expect_status("down");
    let plain = Redis::start(Access::Open);
    let found = redis(&format!("rediss://127.0.0.1:{}/0", plain.port())).expect_status(1);
    assert_eq!(found.only().expect_status("down").get("/error/stage"), "tls", "{:#}", found.json);
}

#[test]
fn what_is_no_redis_or_no_redis_yet_is_told() {
    let loading = Listener::start(|client: &Conversation| {
        let _ = client.send(b"-LOADING Redis is loading the dataset in memory\r\n");
        let _ = client.wait_for_end();
    });
    let found = redis(&format!("redis://127.0.0.1:{}/0", loading.port())).expect_status(1);
    assert_eq!(found.only().expect_status("down").get("/error/cause"), "starting-up", "{:#}", found.json);
    assert_eq!(found.only().get("/error/class"), "transient");
    for port in [Moto::standard().port(), postgres::standard().port()] {
        let found = redis(&format!("redis://127.0.0.1:{port}/0")).expect_status(1);
        let cause = found.only().expect_status("down").get("/error/cause");
        assert!(cause == "wrong-protocol" || cause == "closed", "{:#}", found.json);
    }
}

#[test]
fn an_auth_service_is_judged_by_its_status() {
    let probe = |scheme: &str, port: u16| {
        services(&format!("auth: {{url: '{scheme}://127.0.0.1:{port}/health?token=nobodys'}}")).run()
    };
    let well = web("200 OK", "well");
    let found = probe("http", well.port()).expect_status(0);
    assert_eq!(found.target("services.auth").expect_status("healthy").get("/facts/status"), 200);
    assert!(String::from_utf8_lossy(&well.received()[0]).starts_with("GET /health?token=nobodys HTTP/1.1\r\n"));
    assert!(!found.output.stdout.contains("nobodys"), "{}", found.output.stdout);
    let closed = web("401 Unauthorized", "who are you?");
    let found = probe("http", closed.port()).expect_status(0);
    let remark = found.target("services.auth").expect_status("healthy").get("/remarks/0");
    assert!(remark.as_str().is_some_and(|remark| remark.contains("login")), "{remark}");
    let broken = web("500 Internal Server Error", "");
    let found = probe("http", broken.port()).expect_status(1);
    let failed = expected("query", "http-status", "transient", "500", "");
    found.target("services.auth").expect_status("down").expect(failed);
    // It does not encrypt.
    let found = probe("https", well.port()).expect_status(1);
    assert_eq!(found.target("services.auth").expect_status("down").get("/error/stage"), "tls", "{:#}", found.json);
}
