//! HTTP servers: MLflow's tracking server, and services of which the status alone counts.

mod client;
#[cfg(test)]
mod tests;

use std::fmt;
use std::time::Duration;

use hyper::Method;
use tokio::time::timeout;

pub(super) use client::{Client, Reply, Site};

use crate::model::health::{Facts, HttpFacts, Stage};
use crate::redact;

use super::attempt::{Answer, Context};
use super::fault::Fault;
use super::recorder::Recorder;

/// An HTTP server and what is asked of it. `Display` shows it without login and query: `https://auth.example.com/health`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Endpoint {
    /// Where it is.
    pub(super) site: Site,
    /// The path of the URL, as it is written; empty or beginning with a slash.
    pub(super) path: String,
    /// What follows the path in the URL, without its question mark. It may hold a token, and is never shown.
    pub(super) query: Option<redact::Secret>,
    /// What is expected there.
    pub(super) kind: Kind,
}

/// What is expected of an HTTP server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// MLflow's tracking server: `/health` below the path, then `/version`.
    Tracker,
    /// Any service: the URL itself.
    Any,
}

impl Kind {
    /// So many bytes of the body are read. Where the status alone counts, none: a stream of events has no end.
    fn most_body(self) -> usize {
        match self {
            Self::Tracker => MOST_BODY,
            Self::Any => 0,
        }
    }
}

/// So many bytes of an answer of MLflow are read; what it says of itself is far shorter.
const MOST_BODY: usize = 64 * 1024;

/// The version is an extra: nobody waits longer for it.
const PATIENCE: Duration = Duration::from_secs(2);

/// No version is longer, in bytes.
const LONGEST_VERSION: usize = 40;

/// No more of a server's text is shown, in characters.
const SHOWN: usize = 200;

/// Tries once.
pub(super) async fn attempt(endpoint: &Endpoint, context: &Context, recorder: &Recorder) -> Result<Answer, Fault> {
    let mut client = Client::open(&endpoint.site, context, recorder).await?;
    recorder.begin(Stage::Query);
    let reply = client.send(Method::GET, &endpoint.target(), endpoint.kind.most_body()).await?;
    let (version, remark) = match endpoint.kind {
        Kind::Any => (None, judge(&reply)?),
        Kind::Tracker => {
            let remark = judge(&reply).map_err(no_tracker)?;
            // Whoever does not let us in, or sends us elsewhere, does not say its version either.
            let version = match remark {
                Some(_) => None,
                None => timeout(PATIENCE, version(endpoint, &mut client, context)).await.ok().flatten(),
            };
            if remark.is_none() && version.is_none() && !is_ok_of_mlflow(&reply) {
                return Err(Fault::NoTracker(reply.status));
            }
            (version, remark)
        }
    };
    let facts = HttpFacts { status: reply.status, version, tls: client.tls.take() };
    Ok(Answer { facts: Some(Facts::Http(facts)), remarks: remark.into_iter().collect(), trouble: None })
}

/// Whether an answer counts as alive, and what is worth knowing of it.
fn judge(reply: &Reply) -> Result<Option<String>, Fault> {
    let status = reply.status;
    match status {
        200..=299 => Ok(None),
        300..=399 => Ok(Some(match reply.header("location") {
            Some(place) => format!("it answers with a redirect ({status}) to {}", shown_place(place)),
            None => format!("it answers with a redirect ({status})"),
        })),
        401 | 403 => Ok(Some(format!("it answers, and wants a login first ({status})"))),
        _ => Err(Fault::Http(status)),
    }
}

/// Where a redirect leads, for people: without login and query, which may hold a token.
fn shown_place(place: &str) -> String {
    let place = place.split(['?', '#']).next().unwrap_or_default();
    redact::mask_text(&place.chars().take(SHOWN).collect::<String>()).into_owned()
}

/// A server that has no `/health` is none of MLflow's.
fn no_tracker(fault: Fault) -> Fault {
    match fault {
        Fault::Http(status @ (404 | 405 | 410)) => Fault::NoTracker(status),
        other => other,
    }
}

/// What MLflow says at `/health`; other servers answer with a page there.
fn is_ok_of_mlflow(reply: &Reply) -> bool {
    reply.body.trim_ascii() == b"OK"
}

/// The version that a tracking server says, if it does. Its times are those of the stage that goes on.
async fn version(endpoint: &Endpoint, client: &mut Client, context: &Context) -> Option<String> {
    let target = endpoint.below("/version");
    let reply = if let Ok(reply) = client.send(Method::GET, &target, MOST_BODY).await {
        reply
    } else {
        // Some servers close the connection after each answer. The new one is no part of what is timed.
        let mut client = Client::open(&endpoint.site, context, &Recorder::default()).await.ok()?;
        client.send(Method::GET, &target, MOST_BODY).await.ok()?
    };
    (reply.status == 200).then(|| version_in(&reply.body)).flatten()
}

/// A version, if the text is one: `2.9.2`, `3.1.0rc0`.
fn version_in(body: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(body.trim_ascii()).ok()?;
    let is_version = text.len() <= LONGEST_VERSION
        && text.starts_with(|first: char| first.is_ascii_digit())
        && text.contains('.')
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".+-".contains(&byte));
    is_version.then(|| text.to_owned())
}

impl Endpoint {
    /// What is asked for first.
    fn target(&self) -> String {
        match self.kind {
            Kind::Tracker => self.below("/health"),
            Kind::Any => {
                let path = if self.path.is_empty() { "/" } else { &self.path };
                match &self.query {
                    Some(query) => format!("{path}?{}", query.expose()),
                    None => path.to_owned(),
                }
            }
        }
    }

    /// A path below that of the URL.
    fn below(&self, path: &str) -> String {
        format!("{}{path}", self.path.trim_end_matches('/'))
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}{}", self.site, self.path)
    }
}
