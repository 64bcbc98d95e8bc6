//! How databases are with all that belongs to them: a database as it is configured, its replicas and what takes over,
//! wherever each of them was tried.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::model::Role;
use crate::model::health::{
    Attempt, Cause, Connections, Facts, Failure, Part, Stage, Status, Subject, TargetHealth, Via,
};
use crate::redact;

use super::words;

/// How a database is with all that belongs to it.
#[derive(Serialize)]
pub(super) struct Database {
    status: &'static str,
    primary: &'static str,
    replicas: Vec<Member>,
    failover: Vec<Member>,
    connections: Option<ConnectionCounts>,
}

/// A replica, or what takes over.
#[derive(Serialize)]
struct Member {
    index: usize,
    endpoint: String,
    status: &'static str,
}

#[derive(Serialize)]
struct ConnectionCounts {
    active: Option<u32>,
    idle: Option<u32>,
    used: u32,
    allowed: u32,
}

/// The databases that were probed themselves, by their names.
pub(super) fn databases(targets: &[TargetHealth]) -> BTreeMap<String, Database> {
    let mut parts: BTreeMap<&Role, Vec<&TargetHealth>> = BTreeMap::new();
    for target in targets {
        if let Some(role) = target.subject.role() {
            parts.entry(role).or_default().push(target);
        }
    }
    let view = |(role, parts): (&Role, Vec<&TargetHealth>)| {
        let target = parts.iter().find(|target| target.subject.is_primary())?;
        let replicas = |via| if let Via::Replica(index) = via { Some(index) } else { None };
        let failover = |via| if let Via::Failover(index) = via { Some(index) } else { None };
        let view = Database {
            status: target.status.name(),
            primary: primary(target),
            replicas: members(target, &parts, replicas),
            failover: members(target, &parts, failover),
            connections: target
                .facts
                .as_ref()
                .and_then(Facts::postgres)
                .and_then(|facts| facts.connections)
                .map(connections),
        };
        Some((redact::show_text(role.name()), view))
    };
    parts.into_iter().filter_map(view).collect()
}

fn connections(connections: Connections) -> ConnectionCounts {
    let Connections { used, active, idle, allowed, .. } = connections;
    ConnectionCounts { active, idle, used, allowed }
}

/// How the way is that is configured first, whatever took over.
fn primary(target: &TargetHealth) -> &'static str {
    match (target.via, &target.failure) {
        (Some(Via::Primary), _) => "healthy",
        _ if target.status == Status::NotMeasured => "not-measured",
        (_, Some(failure)) => state(failure, words::failed_attempts(target).last().copied()),
        (_, None) => {
            if target.status == Status::Healthy {
                "healthy"
            } else {
                "down"
            }
        }
    }
}

/// The members that were tried: as targets of their own, or for want of the primary.
fn members(target: &TargetHealth, parts: &[&TargetHealth], index: impl Fn(Via) -> Option<usize>) -> Vec<Member> {
    let mut members: BTreeMap<usize, Member> = BTreeMap::new();
    for attempt in &target.attempts {
        if let Some(index) = index(attempt.via) {
            let status = attempt.failure.as_ref().map_or("healthy", |failure| state(failure, Some(attempt)));
            members.insert(index, Member { index, endpoint: words::place(&attempt.endpoint), status });
        }
    }
    for part in parts {
        let Subject::Database { part: which, .. } = &part.subject else { continue };
        let via = match which {
            Part::Replica(index) => Via::Replica(*index),
            Part::Failover(index) => Via::Failover(*index),
            Part::Primary | Part::Lost(_) => continue,
        };
        if let Some(index) = index(via) {
            let status = if part.status == Status::Degraded { "degraded" } else { primary(part) };
            members.insert(index, Member { index, endpoint: words::place(&part.endpoint), status });
        }
    }
    members.into_values().collect()
}

/// `hung` is what accepts connections and then says nothing in time.
fn state(failure: &Failure, attempt: Option<&Attempt>) -> &'static str {
    let accepts = |attempt: &Attempt| attempt.stages.iter().any(|it| it.stage == Stage::Tcp && it.is_ok);
    if failure.cause.is_not_measured() {
        "not-measured"
    } else if failure.cause == Cause::Timeout && attempt.is_some_and(accepts) {
        "hung"
    } else {
        "down"
    }
}
