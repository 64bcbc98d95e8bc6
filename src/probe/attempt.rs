//! One attempt: whatever the peer is, under one deadline.

use std::time::Duration;

use tokio::time::timeout;

use crate::model::Role;
use crate::model::health::{Attempt, Facts, Failure, Via};

use super::classify::classify;
use super::fault::Fault;
use super::plan::Peer;
use super::recorder::Recorder;
use super::resolve::Resolver;
use super::tls::Connectors;

/// What the attempts of a run share.
#[derive(Debug)]
pub(super) struct Context {
    /// Names become addresses here.
    pub(super) resolver: Resolver,
    /// Contexts of TLS, each built once.
    pub(super) connectors: Connectors,
    /// Whether to ask for what takes longer.
    pub(super) is_deep: bool,
}

/// What an attempt is to find out besides whether somebody answers.
#[derive(Clone, Debug)]
pub(super) struct Ask {
    /// What the database is for: of vector, pgvector is tried; of MLflow, the version of the schema is asked for.
    pub(super) role: Option<Role>,
}

/// What answered.
#[derive(Clone, Debug, Default)]
pub(super) struct Answer {
    /// What is known of it.
    pub(super) facts: Option<Facts>,
    /// What else is worth knowing.
    pub(super) remarks: Vec<String>,
    /// What does not work although it answers: pgvector is missing.
    pub(super) trouble: Option<Fault>,
}

/// Tries once. The outcome is in the attempt, too: its stages, its addresses, and why it failed.
pub(super) async fn attempt(
    peer: &Peer,
    context: &Context,
    ask: &Ask,
    limit: Duration,
    recorder: &Recorder,
) -> (Attempt, Option<Answer>) {
    recorder.limit(limit);
    let outcome = timeout(limit, peer.attempt(context, ask, recorder)).await.unwrap_or(Err(Fault::Timeout));
    let stage = recorder.stage();
    let trouble = match &outcome {
        Ok(answer) => answer.trouble.as_ref(),
        Err(fault) => Some(fault),
    };
    let failure = trouble.map(|fault| classify(stage, fault));
    (told(peer, limit, recorder, failure), outcome.ok())
}

/// What is known of an attempt that somebody ended in the middle, and why.
pub(super) fn cut_off(peer: &Peer, limit: Duration, recorder: &Recorder, failure: Failure) -> Attempt {
    told(peer, limit, recorder, Some(failure))
}

/// All that is told of an attempt. By which way and after which wait it was made, only the run knows.
fn told(peer: &Peer, limit: Duration, recorder: &Recorder, failure: Option<Failure>) -> Attempt {
    let (stages, addresses) = recorder.finish(failure.is_none());
    Attempt {
        via: Via::Primary,
        endpoint: peer.endpoint(),
        database: peer.database(),
        timeout: limit,
        delay: Duration::ZERO,
        addresses,
        stages,
        failure,
    }
}
