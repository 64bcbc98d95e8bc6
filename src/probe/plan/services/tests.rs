//! What the settings of services come down to as targets.

use std::time::Duration;

use super::*;
use crate::model::{Origin, Resolution, Settings, Value};

fn setting(text: &str) -> Setting {
    Setting::new(Value::text(text), Origin::CommandLine)
}

fn service(name: &str, settings: &[(Key, &str)]) -> Service {
    let mut service = Service { name: name.to_owned(), settings: Settings::default() };
    for (key, text) in settings {
        service.settings.set(*key, setting(text));
    }
    service
}

fn options() -> Options {
    Options { base: PathBuf::from("/srv/app"), ..Options::default() }
}

fn planned(name: &str, settings: &[(Key, &str)]) -> Vec<Target> {
    targets(&[service(name, settings)], &options())
}

/// The one target of a service.
#[track_caller]
fn only(name: &str, settings: &[(Key, &str)]) -> Target {
    let mut targets = planned(name, settings);
    assert_eq!(targets.len(), 1, "{name} {settings:?}: {targets:?}");
    targets.remove(0)
}

#[track_caller]
fn check(name: &str, key: Key, text: &str, engine: &str, endpoint: &str) {
    let target = only(name, &[(key, text)]);
    assert_eq!((target.engine.name(), target.endpoint.as_str()), (engine, endpoint), "{text}");
    let peer = target.peer.expect("a way to get there");
    assert_eq!(peer.endpoint(), endpoint, "{text}");
    assert!(!format!("{peer:?}").contains("canary"), "{peer:?}");
}

#[track_caller]
fn check_failure(name: &str, key: Key, text: &str, engine: &str, cause: Cause) {
    let target = only(name, &[(key, text)]);
    let failure = target.peer.expect_err("nothing to try");
    assert_eq!((target.engine.name(), failure.cause), (engine, cause), "{text}");
    assert!(!target.endpoint.contains("canary") && !failure.message.contains("canary"), "{failure:?}");
}

#[test]
fn the_scheme_says_what_speaks() {
    use Key::{ArtifactStore, TrackingUri, Url};
    check("mlflow", TrackingUri, "http://localhost:5000", "mlflow", "http://localhost:5000");
    check("mlflow", Url, "https://u:canary@mlflow.example.com/ml", "mlflow", "https://mlflow.example.com/ml");
    check("mlflow", TrackingUri, "./mlruns", "folder", "./mlruns");
    check("mlflow", TrackingUri, "file:///srv/ml%20runs", "folder", "/srv/ml runs");
    check("mlflow", TrackingUri, "file:mlruns", "folder", "mlruns");
    check("mlflow", ArtifactStore, "s3://bucket/mlflow/", "s3", "s3://bucket/mlflow/");
    check("mlflow", ArtifactStore, "/srv/artifacts", "folder", "/srv/artifacts");
    check("auth", Url, "https://auth.example.com/health?t=canary", "http", "https://auth.example.com/health");
    check("redis", Url, "redis://cache.example.com", "redis", "redis://cache.example.com:6379/0");
    check("redis", Url, "rediss://:canary@cache.example.com:6380/2", "redis", "rediss://cache.example.com:6380/2");
    check("redis", Url, "redis://[::1]/1?db=4", "redis", "redis://[::1]:6379/4");
    check("redis", Url, "unix:///run/redis.sock?db=2&password=canary", "redis", "unix:///run/redis.sock?db=2");
    check("queue", Url, "amqp://u:canary@mq.example.com", "amqp", "mq.example.com:5672");
}

#[test]
fn what_cannot_be_tried_says_why() {
    use Key::{ArtifactStore, TrackingUri, Url};
    check_failure("mlflow", TrackingUri, "databricks", "databricks", Cause::Unsupported);
    check_failure("mlflow", TrackingUri, "databricks://profile", "databricks", Cause::Unsupported);
    check_failure("mlflow", ArtifactStore, "gs://bucket/x", "gs", Cause::Unsupported);
    check_failure("mlflow", ArtifactStore, "wasbs://c@a.example.com/x", "wasbs", Cause::Unsupported);
    check_failure("mlflow", ArtifactStore, "hdfs://n.example.com:8020/x", "hdfs", Cause::Unsupported);
    check_failure("mlflow", ArtifactStore, "dbfs:/x", "dbfs", Cause::Unsupported);
    check_failure("mlflow", ArtifactStore, "s3://", "s3", Cause::NoPlace);
    check_failure("mlflow", TrackingUri, "auto_select", "mlflow", Cause::Placeholder);
    check_failure("mlflow", TrackingUri, "<<MANAGED_BY_CONNECTION_POOL>>", "mlflow", Cause::Placeholder);
    check_failure("auth", Url, "", "http", Cause::NoPlace);
    check_failure("auth", Url, "auth.example.com/health", "http", Cause::Configuration);
    check_failure("auth", Url, "https://auth.example.com:port/", "http", Cause::Configuration);
    check_failure("redis", Url, "cache.example.com:6379", "redis", Cause::Configuration);
    check_failure("redis", Url, "redis://cache.example.com/sessions", "redis", Cause::Configuration);
    check_failure("redis", Url, "unix://", "redis", Cause::NoPlace);
    check_failure("queue", Url, "nats://mq.example.com", "nats", Cause::NoPlace);
    // Programs disagree about what of this is the password.
    check_failure("redis", Url, "redis://:ca@nary/x@cache.example.com/0", "redis", Cause::Configuration);
    check_failure("redis", Url, "redis://:canary?x@cache.example.com/0", "redis", Cause::Configuration);
    check_failure("redis", Url, "redis://:canary#x@cache.example.com/0", "redis", Cause::Configuration);
    check_failure("redis", Url, "redis://:canary/x@cache.example.com/0", "redis", Cause::Configuration);
}

#[test]
fn what_is_a_target_elsewhere_is_none_here() {
    for text in ["postgresql://u:p@db.example.com/mlflow", "sqlite:///mlflow.db", "mysql+pymysql://db.example.com/m"] {
        assert_eq!(planned("mlflow", &[(Key::TrackingUri, text)]).len(), 0, "{text}");
    }
    for text in ["mlflow-artifacts:/", "mlflow-artifacts://mlflow.example.com/x"] {
        assert_eq!(planned("mlflow", &[(Key::ArtifactStore, text)]).len(), 0, "{text}");
    }
    assert_eq!(planned("mlflow", &[(Key::ExperimentName, "demo")]).len(), 0);
}

#[test]
fn a_service_has_its_server_and_its_store() {
    let both = [(Key::TrackingUri, "http://localhost:5000"), (Key::ArtifactStore, "mlruns")];
    let targets = targets(&[service("mlflow", &both), service("auth", &[(Key::Url, "http://localhost")])], &options());
    let names: Vec<String> = targets.iter().map(|target| target.subject.name()).collect();
    assert_eq!(names, ["services.mlflow", "services.mlflow.artifact_store", "services.auth"]);
    let Ok(Peer::Folder(folder)) = &targets[1].peer else { panic!("no folder: {:?}", targets[1]) };
    assert_eq!(folder.path, Path::new("/srv/app/mlruns"));
}

#[test]
fn times_come_from_the_options_then_from_the_configuration() {
    let url = (Key::Url, "http://localhost");
    assert_eq!(only("auth", &[url]).timeout, Duration::from_secs(10));
    assert_eq!(only("auth", &[url, (Key::Timeout, "2.5")]).timeout, Duration::from_millis(2500));
    for none in ["0", "-1", "soon", "1e300"] {
        assert_eq!(only("auth", &[url, (Key::Timeout, none)]).timeout, Duration::from_secs(10), "{none}");
    }
    let options = Options { timeout: Some(Duration::from_secs(3)), attempts: Some(0), ..options() };
    let target = targets(&[service("auth", &[url, (Key::Timeout, "5")])], &options).remove(0);
    assert_eq!(
        (target.timeout, target.attempts, target.base_delay),
        (Duration::from_secs(3), 1, Duration::from_secs(1))
    );
}

#[test]
fn unknown_variables_are_named() {
    let mut service = service("redis", &[]);
    let mut url = setting("redis://:${REDIS_PASSWORD:-canary}@${REDIS_HOST}/0");
    let missing = vec!["REDIS_HOST".to_owned(), "REDIS_ZONE".to_owned()];
    url.resolution = Some(Box::new(Resolution { text: Secret::new("canary"), missing, used: Vec::new() }));
    service.settings.set(Key::Url, url.clone());
    let target = targets(std::slice::from_ref(&service), &options()).remove(0);
    assert_eq!(target.endpoint, "redis://:${REDIS_PASSWORD:-********}@${REDIS_HOST}/0");
    let failure = target.peer.expect_err("nothing to try");
    assert_eq!((target.engine, failure.cause), (Engine::Redis, Cause::UnresolvedVariable));
    assert_eq!(failure.message, "`url` needs `REDIS_HOST` and `REDIS_ZONE`, which have no value here");
    let text = Secret::new("redis://:canary@cache.example.com/0");
    url.resolution = Some(Box::new(Resolution { text, missing: Vec::new(), used: Vec::new() }));
    service.settings.set(Key::Url, url);
    let target = targets(&[service], &options()).remove(0);
    assert_eq!(target.endpoint, "redis://cache.example.com:6379/0");
}

#[test]
fn encryption_is_what_the_client_would_do() {
    let tls = |text: &str| match only("redis", &[(Key::Url, text)]).peer {
        Ok(Peer::Redis(redis::Endpoint { place: redis::Place::Host { tls, .. }, .. })) => tls.map(|tls| *tls),
        other => panic!("no Redis: {other:?}"),
    };
    assert_eq!(tls("redis://localhost"), None);
    assert_eq!(tls("rediss://localhost"), Some(verified()));
    assert_eq!(tls("rediss://localhost?ssl_cert_reqs=none").map(|it| it.mode), Some(Mode::Require));
    assert_eq!(tls("rediss://localhost?ssl_check_hostname=False").map(|it| it.mode), Some(Mode::VerifyCa));
    let own = tls("rediss://localhost?ssl_ca_certs=ca.pem").map(|it| (it.mode, it.root));
    assert_eq!(own, Some((Mode::VerifyFull, Root::File("/srv/app/ca.pem".into()))));
}

#[test]
fn logins_reach_the_server() {
    let login = |text: &str| match only("redis", &[(Key::Url, text)]).peer {
        Ok(Peer::Redis(redis::Endpoint { user, password, .. })) => (user, password.map(|it| it.expose().to_owned())),
        other => panic!("no Redis: {other:?}"),
    };
    let expected = |user: Option<&str>, password: &str| (user.map(str::to_owned), Some(password.to_owned()));
    assert_eq!(login("redis://:p%40ss%2Fw@localhost/0"), expected(None, "p@ss/w"));
    assert_eq!(login("redis://app:pw@localhost/0"), expected(Some("app"), "pw"));
    assert_eq!(login("redis://localhost/0?username=app&password=pw"), expected(Some("app"), "pw"));
    let auth = only("auth", &[(Key::Url, "http://app:pw@localhost")]).peer;
    let Ok(Peer::Http(endpoint)) = auth else { panic!("no web server: {auth:?}") };
    assert_eq!(endpoint.site.login, Some(("app".to_owned(), Secret::new("pw"))));
}
