//! Services as targets: MLflow's tracking server and artifact store, Redis, and whatever answers HTTP.

use std::path::{Path, PathBuf};

use crate::connstr;
use crate::model::health::{Cause, Engine, Failure, ServicePart, Subject};
use crate::model::{Key, Service, Setting};
use crate::probe::http::{self, Kind, Site};
use crate::probe::options::Options;
use crate::probe::tls::{Mode, Root, TlsSettings};
use crate::probe::{folder, port, redis};
use crate::redact::{self, Secret};
use crate::template;

use super::buckets;
use super::policy::Policy;
use super::unusable::{failure, unresolved};
use super::url::{Url, UrlError};
use super::{Peer, Target};

/// What speaks at a place, and how to get there, or why it cannot be tried.
pub(super) type Found = (Engine, Result<Peer, Failure>);

/// The targets that services are, in their order; of each its server, then its artifact store.
///
/// A tracking URI that is a database's is none of them, since that database is a target already. Nor is an artifact
/// store that the tracking server stands in for.
pub(super) fn targets(services: &[Service], options: &Options) -> Vec<Target> {
    services.iter().flat_map(|service| [server(service, options), artifact_store(service, options)]).flatten().collect()
}

/// Where a service answers.
fn server(service: &Service, options: &Options) -> Option<Target> {
    let settings = &service.settings;
    let key = if settings.get(Key::TrackingUri).is_some() { Key::TrackingUri } else { Key::Url };
    let setting = settings.get(key)?;
    let is_tracker = service.name == "mlflow" || key == Key::TrackingUri;
    let (engine, peer) = match text_of(key, setting) {
        Ok(text) if is_tracker => tracker(&text, options)?,
        Ok(text) => of_url(&text, &service.name, Kind::Any, options),
        Err(failure) if is_tracker => (Engine::Mlflow, Err(failure)),
        Err(failure) if service.name == "redis" => (Engine::Redis, Err(failure)),
        Err(failure) => (Engine::Http, Err(failure)),
    };
    Some(target(service, ServicePart::Server, (key, setting), (engine, peer), options))
}

/// Where MLflow keeps artifacts.
fn artifact_store(service: &Service, options: &Options) -> Option<Target> {
    let setting = service.settings.get(Key::ArtifactStore)?;
    let found = match text_of(Key::ArtifactStore, setting) {
        Ok(text) => store(&text, options)?,
        Err(failure) => {
            let is_bucket = setting.value.as_text().is_some_and(|text| text.starts_with("s3:"));
            let engine = if is_bucket { Engine::S3 } else { Engine::Other("artifact store".to_owned()) };
            (engine, Err(failure))
        }
    };
    Some(target(service, ServicePart::ArtifactStore, (Key::ArtifactStore, setting), found, options))
}

fn target(
    service: &Service,
    part: ServicePart,
    (key, setting): (Key, &Setting),
    (engine, peer): Found,
    options: &Options,
) -> Target {
    let peer = peer.map_err(|failure| failure.about(key));
    let Policy { timeout, attempts, base_delay } = Policy::of(&service.settings, Key::Timeout, options);
    Target {
        subject: Subject::Service { name: service.name.clone(), part },
        engine,
        endpoint: peer.as_ref().map_or_else(|_| setting.value.shown(), Peer::endpoint),
        peer,
        no_password: None,
        fallback: None,
        timeout,
        attempts,
        base_delay,
        members: Vec::new(),
    }
}

/// The text of the setting of a key that says where something is; or why there is none.
fn text_of(key: Key, setting: &Setting) -> Result<String, Failure> {
    if let Some(failure) = unresolved(&[(key.path(), setting)]) {
        return Err(failure);
    }
    let text = setting.effective().unwrap_or_default();
    let text = text.trim();
    if text.is_empty() {
        return Err(failure(Cause::NoPlace, "no place is given"));
    }
    if template::is_placeholder(text) || text == "auto_select" {
        return Err(failure(Cause::Placeholder, "a placeholder stands where the place should"));
    }
    Ok(text.to_owned())
}

/// Where MLflow keeps its runs; none if that is a database, which is a target of its own.
fn tracker(text: &str, options: &Options) -> Option<Found> {
    let scheme = scheme_of(text);
    let first = scheme.as_deref().unwrap_or(text);
    // It is a database's scheme, too, and never one that MLflow keeps its runs in.
    if first == "databricks" || first == "databricks-uc" {
        return Some(unsupported(first));
    }
    if connstr::looks_like(text).is_some() {
        return None;
    }
    Some(match scheme.as_deref() {
        None | Some("file") => of_folder(text, options),
        Some("http" | "https") => of_url(text, "mlflow", Kind::Tracker, options),
        Some(other) => unsupported(other),
    })
}

/// Where MLflow keeps artifacts; none if its server stands in for the place.
fn store(text: &str, options: &Options) -> Option<Found> {
    match scheme_of(text).as_deref() {
        Some("mlflow-artifacts" | "http" | "https") => None,
        Some("s3") => Some((Engine::S3, buckets::peer(text, options))),
        None | Some("file") => Some(of_folder(text, options)),
        Some(other) => Some(unsupported(other)),
    }
}

/// The scheme of a URL in small letters. One letter is a drive of Windows.
fn scheme_of(text: &str) -> Option<String> {
    let (scheme, _) = text.split_once(':')?;
    let is_scheme = scheme.len() > 1
        && scheme.starts_with(|first: char| first.is_ascii_alphabetic())
        && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte));
    is_scheme.then(|| scheme.to_ascii_lowercase())
}

fn of_folder(text: &str, options: &Options) -> Found {
    let path = path_of(text);
    let endpoint = folder::Endpoint { path: options.base.join(&path), shown: path.to_string_lossy().into_owned() };
    (Engine::Folder, Ok(Peer::Folder(endpoint)))
}

/// The path that a folder is written as, with or without `file:`.
fn path_of(text: &str) -> PathBuf {
    let Some(rest) = text.get(..5).filter(|head| head.eq_ignore_ascii_case("file:")).map(|_| &text[5..]) else {
        return PathBuf::from(text);
    };
    if !rest.starts_with("//") {
        return PathBuf::from(rest);
    }
    match connstr::parse_url(text).ok().and_then(|read| read.database) {
        Some(path) => Path::new("/").join(path.value),
        None => PathBuf::from("/"),
    }
}

/// A service by its URL, whose scheme says what it speaks.
fn of_url(text: &str, name: &str, kind: Kind, options: &Options) -> Found {
    let url = match url_of(text) {
        Ok(url) => url,
        Err(failure) => {
            let engine = match (kind, name) {
                (Kind::Tracker, _) => Engine::Mlflow,
                (Kind::Any, "redis") => Engine::Redis,
                (Kind::Any, _) => Engine::Http,
            };
            return (engine, Err(failure));
        }
    };
    match (url.scheme.as_str(), kind) {
        ("http" | "https", Kind::Tracker) => (Engine::Mlflow, of_http(url, kind)),
        ("http" | "https", Kind::Any) => (Engine::Http, of_http(url, kind)),
        ("redis" | "rediss" | "unix" | "redis+unix" | "redis+socket", _) => (Engine::Redis, of_redis(&url, options)),
        (scheme, _) if name == "redis" => unsupported(scheme),
        (scheme, _) => {
            let engine = Engine::Other(scheme.to_owned());
            (engine, port::peer(scheme, Some(url.host.as_str()), url.port, None))
        }
    }
}

/// A URL that every program reads the same way.
pub(super) fn url_of(text: &str) -> Result<Url, Failure> {
    let url = Url::parse(text).map_err(|error| {
        let message = match error {
            UrlError::NoScheme => "it is no URL: the scheme is missing",
            UrlError::Port => "the port is no number from 1 to 65535",
            UrlError::SeveralHosts => "it names several hosts, and dbcfg tries only one",
        };
        failure(Cause::Configuration, message)
    })?;
    if url.is_doubtful {
        let message = "programs read this URL in different ways: a sign of its password has to be percent-encoded";
        return Err(failure(Cause::Configuration, message));
    }
    Ok(url)
}

fn of_http(url: Url, kind: Kind) -> Result<Peer, Failure> {
    let tls = (url.scheme == "https").then(verified);
    let login = url.user.clone().zip(url.password.clone().or_else(|| Some(Secret::new(""))));
    let Url { path, query, .. } = url.clone();
    let endpoint = http::Endpoint { site: site(url, tls, login)?, path, query, kind };
    Ok(Peer::Http(Box::new(endpoint)))
}

/// The server of a URL.
pub(super) fn site(url: Url, tls: Option<TlsSettings>, login: Option<(String, Secret)>) -> Result<Site, Failure> {
    if url.host.is_empty() {
        return Err(failure(Cause::NoPlace, "the URL names no host"));
    }
    Ok(Site { tls, host: url.host, port: url.port, login })
}

/// How web servers and others that are encrypted from the first byte are trusted.
pub(super) fn verified() -> TlsSettings {
    TlsSettings { mode: Mode::VerifyFull, root: Root::System, ..TlsSettings::default() }
}

fn of_redis(url: &Url, options: &Options) -> Result<Peer, Failure> {
    let is_socket = !url.scheme.starts_with("rediss") && url.scheme != "redis";
    let place = if is_socket {
        if url.path.len() < 2 {
            return Err(failure(Cause::NoPlace, "the URL names no Unix socket"));
        }
        redis::Place::Socket(PathBuf::from(&url.path))
    } else {
        // Redis' own client takes a URL without a host for this machine.
        let host = if url.host.is_empty() { "localhost".to_owned() } else { url.host.clone() };
        let tls = (url.scheme == "rediss").then(|| Box::new(tls_of_redis(url, options)));
        redis::Place::Host { host, port: url.port.unwrap_or(redis::PORT), tls }
    };
    let from_path = if is_socket { "" } else { url.path.trim_matches('/') };
    let database = match url.parameter("db").unwrap_or(from_path) {
        "" => 0,
        number => number.parse().map_err(|_| {
            let shown = redact::show_text(number);
            failure(Cause::Configuration, format!("the databases of Redis have numbers, and `{shown}` is none"))
        })?,
    };
    let user = url.user.clone().or_else(|| url.parameter("username").map(str::to_owned));
    let endpoint = redis::Endpoint { place, user, password: url.password.clone(), database };
    Ok(Peer::Redis(endpoint))
}

/// What the parameters of Redis' Python client say about encryption.
fn tls_of_redis(url: &Url, options: &Options) -> TlsSettings {
    let is = |name: &str, values: &[&str]| {
        url.parameter(name).is_some_and(|value| values.iter().any(|known| value.eq_ignore_ascii_case(known)))
    };
    let root = match url.parameter("ssl_ca_certs") {
        Some(file) => Root::File(options.base.join(file)),
        None => Root::System,
    };
    if is("ssl_cert_reqs", &["none", "CERT_NONE"]) {
        return TlsSettings { mode: Mode::Require, ..TlsSettings::default() };
    }
    let mode = if is("ssl_check_hostname", &["false", "no", "0"]) { Mode::VerifyCa } else { Mode::VerifyFull };
    TlsSettings { mode, root, ..TlsSettings::default() }
}

/// What dbcfg does not speak, by its name.
fn unsupported(name: &str) -> Found {
    let message = format!("dbcfg does not speak to {name}");
    (Engine::Other(name.to_owned()), Err(failure(Cause::Unsupported, message)))
}

#[cfg(test)]
mod tests;
