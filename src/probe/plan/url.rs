//! The URL of a service, in the parts that a probe needs.

use crate::connstr::{self, Host, ParameterValue};
use crate::redact::Secret;

/// A URL of a service.
#[derive(Clone, Debug)]
pub(super) struct Url {
    /// The scheme, in small letters.
    pub(super) scheme: String,
    /// The user, decoded.
    pub(super) user: Option<String>,
    /// The password, decoded.
    pub(super) password: Option<Secret>,
    /// The host, without brackets; empty if there is none.
    pub(super) host: String,
    /// The port.
    pub(super) port: Option<u16>,
    /// The path, as it is written; empty or beginning with a slash.
    pub(super) path: String,
    /// The query, as it is written, without its question mark. It may hold a token.
    pub(super) query: Option<Secret>,
    /// The parameters of the query, decoded.
    pub(super) parameters: Vec<(String, ParameterValue)>,
    /// Whether host, port or path may hold a piece of the password, so that they are not shown.
    pub(super) is_doubtful: bool,
}

/// Why a text is no URL of a service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum UrlError {
    /// It has no scheme.
    NoScheme,
    /// Its port is no number from 1 to 65535.
    Port,
    /// It names several hosts.
    SeveralHosts,
}

impl Url {
    /// Takes a URL apart.
    pub(super) fn parse(text: &str) -> Result<Self, UrlError> {
        let text = text.trim();
        let (scheme, rest) = text.split_once("://").ok_or(UrlError::NoScheme)?;
        let read = connstr::parse_url(text).map_err(|_| UrlError::NoScheme)?;
        let host = match read.hosts.as_slice() {
            [] => None,
            [host] => Some(host),
            _ => return Err(UrlError::SeveralHosts),
        };
        let port = host.and_then(|host| host.port.as_ref()).filter(|port| !port.value.is_empty());
        let port = port.map(|port| port.value.parse().ok().filter(|port: &u16| *port > 0).ok_or(UrlError::Port));
        // The path begins behind the last part that stands before its first sign; others stand in the query.
        let start = text.len() - rest.len();
        let sign = rest.find(['/', '?', '#']).map_or(text.len(), |at| start + at);
        let last = [
            host.and_then(|host| host.port.as_ref()).map(|port| port.span.end),
            host.and_then(|host| host.host.as_ref()).map(|host| host.span.end),
            read.password.as_ref().map(|password| password.span.end),
            read.user.as_ref().map(|user| user.span.end),
            Some(start),
        ];
        let tail = &text[last.into_iter().flatten().filter(|end| *end <= sign).max().unwrap_or_default()..];
        let tail = tail.split('#').next().unwrap_or_default();
        let (path, query) = match tail.split_once('?') {
            Some((path, query)) => (path, Some(Secret::new(query))),
            None => (tail, None),
        };
        let path = path.find('/').map_or("", |at| &path[at..]);
        Ok(Self {
            scheme: scheme.to_ascii_lowercase(),
            is_doubtful: read.parts_may_hold_password() || is_behind(host, sign),
            user: read.user.map(|user| user.value),
            password: read.password.map(|password| password.value),
            host: host.and_then(|host| host.host.as_ref()).map(|host| host.value.clone()).unwrap_or_default(),
            port: port.transpose()?,
            path: path.to_owned(),
            query,
            parameters: read.parameters.into_iter().map(|it| (it.name, it.value)).collect(),
        })
    }

    /// The value of a parameter of the query.
    pub(super) fn parameter(&self, name: &str) -> Option<&str> {
        self.parameters.iter().find(|(known, _)| known == name).map(|(_, value)| value.expose())
    }
}

/// Whether the host stands behind what ends it for most programs, which then is a sign of the password.
fn is_behind(host: Option<&Host>, sign: usize) -> bool {
    host.and_then(|host| host.host.as_ref()).is_some_and(|host| host.span.end > sign)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, host: &str, port: Option<u16>, path: &str, query: Option<&str>) {
        let url = Url::parse(text).expect("a URL");
        let found = (url.host.as_str(), url.port, url.path.as_str(), url.query.as_ref().map(Secret::expose));
        assert_eq!(found, (host, port, path, query), "{text}");
    }

    #[test]
    fn urls_are_taken_apart() {
        check("http://mlflow.example.com", "mlflow.example.com", None, "", None);
        check("http://localhost:5000/", "localhost", Some(5000), "/", None);
        check("https://u:p@auth.example.com/a/health?x=1#top", "auth.example.com", None, "/a/health", Some("x=1"));
        check("http://[::1]:5000/m%20l", "::1", Some(5000), "/m%20l", None);
        check("http://[2001:db8::1]/x", "2001:db8::1", None, "/x", None);
        check("redis://:p%40ss@cache.example.com/3", "cache.example.com", None, "/3", None);
        check("unix:///run/redis.sock?db=2", "", None, "/run/redis.sock", Some("db=2"));
        check("s3://bucket/mlflow/", "bucket", None, "/mlflow/", None);
        check("HTTPS://auth.example.com?token=x", "auth.example.com", None, "", Some("token=x"));
    }

    #[test]
    fn logins_are_decoded_and_hidden() {
        let url = Url::parse("redis://app:can%40ry@cache.example.com/0?token=canary").expect("a URL");
        assert_eq!(url.user.as_deref(), Some("app"));
        assert_eq!(url.password.as_ref().map(Secret::expose), Some("can@ry"));
        assert!(!format!("{url:?}").contains("canary"), "{url:?}");
    }

    #[test]
    fn what_is_no_url_is_refused() {
        assert_eq!(Url::parse("mlruns").err(), Some(UrlError::NoScheme));
        assert_eq!(Url::parse("http://localhost:port/").err(), Some(UrlError::Port));
        assert_eq!(Url::parse("http://localhost:70000/").err(), Some(UrlError::Port));
        assert_eq!(Url::parse("redis://a.example.com,b.example.com/0").err(), Some(UrlError::SeveralHosts));
    }
}
