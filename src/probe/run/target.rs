//! One target: attempts and waits, the older name of the database, and what takes over when it is down.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::sleep;

use crate::model::health::{Attempt, Cause, Class, Failure, Part, Status, Subject, TargetHealth, Via};
use crate::probe::attempt::Ask;
use crate::probe::backoff;
use crate::probe::plan::{Peer, Target};

use super::Run;
use super::retry::{Retry, asks_for_fallback};
use super::turn::{Teller, Tried, Turn, no_turn};

/// Probes a target, and its members if it is down.
pub(super) async fn probe(run: &Run, target: &Target) -> TargetHealth {
    let mut teller = Teller { run, subject: &target.subject, is_started: false };
    let mut health = own(&mut teller, target).await;
    // What takes over counts as well where the end of the run has cut the first choice off.
    let is_cut_off = health.failure.as_ref().is_some_and(|failure| failure.cause == Cause::Deadline);
    if health.status == Status::Down || is_cut_off {
        members(&mut teller, target, &mut health).await;
    }
    health
}

/// A target of which nothing is known yet.
pub(super) fn untold(target: &Target) -> TargetHealth {
    TargetHealth {
        subject: target.subject.clone(),
        engine: target.engine.clone(),
        endpoint: target.endpoint.clone(),
        status: Status::NotMeasured,
        via: None,
        failure: None,
        attempts: Vec::new(),
        facts: None,
        remarks: Vec::new(),
        time: Duration::ZERO,
    }
}

/// Probes a target itself: its primary place, and the older name of its database.
async fn own(teller: &mut Teller<'_>, target: &Target) -> TargetHealth {
    let mut health = untold(target);
    match &target.peer {
        Ok(peer) => attempts(teller, target, peer, &mut health).await,
        Err(failure) => health.failure = Some(failure.clone()),
    }
    // Without the password that is meant nothing is said about the login.
    if let (Some(failure), Some(unknown)) = (&mut health.failure, &target.no_password)
        && failure.cause == Cause::PasswordMissing
    {
        *failure = Failure { stage: failure.stage, ..unknown.clone() };
    }
    health.status = status(&health);
    health
}

/// The verdict about a target itself.
fn status(health: &TargetHealth) -> Status {
    match (&health.via, &health.failure) {
        (Some(_), None) => Status::Healthy,
        (Some(_), Some(_)) => Status::Degraded,
        (None, Some(failure)) if !failure.cause.is_not_measured() => Status::Down,
        (None, _) => Status::NotMeasured,
    }
}

/// Tries until it answers, until trying again is of no use, or until the run ends.
async fn attempts(teller: &mut Teller<'_>, target: &Target, peer: &Peer, health: &mut TargetHealth) {
    remember(peer.remarks().to_vec(), health);
    let ask = Ask { role: target.subject.role().cloned() };
    let mut retry = Retry::default();
    let mut turn =
        Turn { via: Via::Primary, number: 1, of: target.attempts.max(1), limit: target.timeout, delay: Duration::ZERO };
    loop {
        let Some(failure) = one(teller, peer, &ask, turn, health).await else { return };
        let mut failures = vec![failure];
        if let Some(fallback) = target.fallback.as_ref().filter(|_| asks_for_fallback(&failures[0])) {
            teller.failed(health, turn, None);
            let turn = Turn { via: Via::FallbackDatabase, delay: Duration::ZERO, ..turn };
            let Some(failure) = one(teller, fallback, &ask, turn, health).await else { return };
            failures.push(failure);
        }
        let is_again = retry.is_worthwhile(&failures) && turn.number < turn.of;
        let delay = is_again.then(|| backoff::wait(target.base_delay, turn.number, backoff::random()));
        teller.failed(health, turn, delay);
        let Some(delay) = delay else { return };
        if teller.run.unless_ended(sleep(delay)).await.is_err() {
            return;
        }
        health.time += delay;
        turn = Turn { number: turn.number + 1, delay, ..turn };
    }
}

/// Tries one peer once, and adds what became of it. The failure, unless that settles it: it answered, or the run ended.
async fn one(
    teller: &mut Teller<'_>,
    peer: &Peer,
    ask: &Ask,
    turn: Turn,
    health: &mut TargetHealth,
) -> Option<Failure> {
    match teller.turn(peer, ask, turn).await {
        Ok(tried) => add(tried, health),
        Err(end) => {
            health.failure.get_or_insert_with(|| no_turn(end));
            None
        }
    }
}

/// Adds an attempt to what is known of its target. The failure, unless the attempt settles it.
fn add(tried: Tried, health: &mut TargetHealth) -> Option<Failure> {
    let Tried { attempt, answer, time, is_cut_off } = tried;
    let (via, failure) = (attempt.via, attempt.failure.clone());
    if !is_unusable(&attempt) {
        health.time += time;
        health.attempts.push(attempt);
    }
    if via == Via::Primary {
        // The end of the run says less than what the server said before.
        let earlier = health.failure.take().filter(|_| is_cut_off);
        health.failure = earlier.or_else(|| failure.clone());
    }
    if let Some(answer) = answer {
        health.via = Some(via);
        health.facts = answer.facts;
        remember(answer.remarks, health);
        return None;
    }
    failure.filter(|_| !is_cut_off)
}

/// Whether nobody was asked, since what is configured cannot be used. That is no attempt: it has no stage and no address.
fn is_unusable(attempt: &Attempt) -> bool {
    let is_permanent = |failure: &Failure| failure.class == Class::Permanent;
    attempt.stages.is_empty() && attempt.addresses.is_empty() && attempt.failure.as_ref().is_some_and(is_permanent)
}

/// Adds remarks that are not known yet.
fn remember(remarks: Vec<String>, health: &mut TargetHealth) {
    for remark in remarks {
        if !health.remarks.contains(&remark) {
            health.remarks.push(remark);
        }
    }
}

/// Tries the replicas of a database that is down until one answers, then what takes over until one answers.
async fn members(teller: &mut Teller<'_>, target: &Target, health: &mut TargetHealth) {
    for member in &target.members {
        let via = match &member.subject {
            Subject::Database { part: Part::Replica(index), .. } => Via::Replica(*index),
            Subject::Database { part: Part::Failover(index), .. } => Via::Failover(*index),
            _ => continue,
        };
        if matches!(via, Via::Replica(_)) && health.via.is_some() {
            continue;
        }
        let Some(found) = member_health(teller, member, health).await else { continue };
        let failure = found.failure.as_ref().filter(|_| found.attempts.is_empty());
        if let Some(failure) = failure.filter(|failure| failure.cause != Cause::Deadline) {
            remember(vec![format!("{via} could not be tried: {}", failure.message)], health);
        }
        health.attempts.extend(found.attempts.iter().cloned().map(|attempt| Attempt { via, ..attempt }));
        if found.via.is_none() {
            continue;
        }
        health.via = Some(via);
        health.facts.clone_from(&found.facts);
        remember(found.remarks.clone(), health);
        if matches!(via, Via::Failover(_)) {
            health.status = Status::Degraded;
            return;
        }
    }
}

/// What became of a member; none if nobody knows, since its task broke down or the run ended.
async fn member_health(
    teller: &mut Teller<'_>,
    member: &Target,
    health: &mut TargetHealth,
) -> Option<Arc<TargetHealth>> {
    let Some(hearer) = teller.run.members.get(&member.subject) else {
        let found = own(teller, member).await;
        health.time += found.time;
        return Some(Arc::new(found));
    };
    // It is a target of this run too, and its time is its own. What is known of it counts after the end as well.
    let mut hearer = hearer.clone();
    tokio::select! {
        biased;
        found = hearer.wait_for(Option::is_some) => found.ok().and_then(|found| found.clone()),
        _ = teller.run.ended() => None,
    }
}
