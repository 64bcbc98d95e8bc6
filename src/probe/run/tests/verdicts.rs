//! Attempts, the older name of a database, replicas and failover, and what the verdict is.

use std::slice;
use std::sync::Arc;

use crate::model::Key;
use crate::model::health::{Cause, Failure, Part, Stage, Status, TargetHealth, Via};
use crate::probe::classify::Misfit;
use crate::probe::fault::Fault;
use crate::probe::options::Options;
use crate::probe::plan::{Peer, Target};

use super::{Act, Fake, SECOND, run, run_told, target};

async fn only(target: Target) -> TargetHealth {
    run(&[target], &Options::default()).await.targets.remove(0)
}

/// By which ways it was tried, in their order.
fn ways(health: &TargetHealth) -> String {
    health.attempts.iter().map(|attempt| attempt.via.to_string()).collect::<Vec<_>>().join(" ")
}

fn cause(health: &TargetHealth) -> Option<Cause> {
    health.failure.as_ref().map(|failure| failure.cause)
}

#[tokio::test(start_paused = true)]
async fn what_may_pass_is_tried_again_and_what_does_not_is_not() {
    for (acts, attempts, status, expected) in [
        (&[Act::answers()][..], 1, Status::Healthy, None),
        (&[Act::refuses()], 3, Status::Down, Some(Cause::Refused)),
        (&[Act::refuses(), Act::answers()], 2, Status::Healthy, None),
        (&[Act::says("57P03"), Act::refuses(), Act::answers()], 3, Status::Healthy, None),
        (&[Act::says("28P01"), Act::answers()], 1, Status::Down, Some(Cause::PasswordRejected)),
        (&[Act::refuses(), Act::says("28P01"), Act::answers()], 2, Status::Down, Some(Cause::PasswordRejected)),
        (&[Act::has_no_name()], 2, Status::Down, Some(Cause::NameNotFound)),
        (&[Act::has_no_name(), Act::answers()], 2, Status::Healthy, None),
        (&[Act::hangs(Stage::Auth)], 3, Status::Down, Some(Cause::Timeout)),
        (
            &[Act::answers_with(Fault::NoExtension { is_available: true })],
            1,
            Status::Degraded,
            Some(Cause::ExtensionMissing),
        ),
        (
            &[Act::fails(Stage::Auth, Fault::Limitation("too many iterations".to_owned()))],
            1,
            Status::NotMeasured,
            Some(Cause::Limitation),
        ),
    ] {
        let fake = Fake::new("db.example.com:5432", acts);
        let health = only(target("main", Part::Primary, &fake)).await;
        assert_eq!((fake.calls(), health.attempts.len()), (attempts, attempts), "{acts:?}");
        assert_eq!((health.status, cause(&health)), (status, expected), "{acts:?}");
        let answers = matches!(status, Status::Healthy | Status::Degraded);
        assert_eq!(health.via, answers.then_some(Via::Primary), "{acts:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn one_attempt_is_one_attempt() {
    for act in [Act::refuses(), Act::has_no_name()] {
        let fake = Fake::new("db.example.com:5432", &[act]);
        only(Target { attempts: 1, ..target("main", Part::Primary, &fake) }).await;
        assert_eq!(fake.calls(), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn waits_are_told_and_within_their_bounds() {
    let health = only(target("main", Part::Primary, &Fake::new("db.example.com:5432", &[Act::refuses()]))).await;
    let delays: Vec<_> = health.attempts.iter().map(|attempt| attempt.delay).collect();
    assert!(delays[0].is_zero() && delays[1] <= SECOND && delays[2] <= SECOND * 2, "{delays:?}");
    assert!(health.time >= delays[1] + delays[2], "{delays:?} {:?}", health.time);
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_tried_is_not_measured_and_needs_no_failover() {
    let standby = Fake::new("standby.example.com:5432", &[Act::answers()]);
    let failure = Failure { cause: Cause::UnresolvedVariable, ..Failure::default() };
    let health = only(Target {
        peer: Err(failure.clone()),
        members: vec![target("main", Part::Failover(0), &standby)],
        ..target("main", Part::Primary, &standby)
    })
    .await;
    assert_eq!((health.status, health.failure, standby.calls()), (Status::NotMeasured, Some(failure), 0));
}

fn with_fallback(primary: &Arc<Fake>, older: &Arc<Fake>) -> Target {
    Target { fallback: Some(Peer::Fake(Arc::clone(older))), ..target("main", Part::Primary, primary) }
}

#[tokio::test(start_paused = true)]
async fn the_older_name_is_tried_at_once_if_the_server_asks_for_it() {
    for code in ["3D000", "55000"] {
        let (primary, older) = (Fake::new("new", &[Act::says(code)]), Fake::new("old", &[Act::answers()]));
        let health = only(with_fallback(&primary, &older)).await;
        assert_eq!((primary.calls(), older.calls()), (1, 1), "{code}");
        assert_eq!((health.status, health.via), (Status::Degraded, Some(Via::FallbackDatabase)), "{code}");
        assert_eq!(ways(&health), "primary fallback_database");
        assert!(health.failure.is_some() && health.time.is_zero() && health.remarks == ["answered"], "{health:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_older_name_is_not_tried_after_other_failures() {
    for act in [Act::refuses(), Act::has_no_name(), Act::says("28P01"), Act::hangs(Stage::Tls)] {
        let older = Fake::new("old", &[Act::answers()]);
        let health = only(with_fallback(&Fake::new("new", slice::from_ref(&act)), &older)).await;
        assert_eq!((older.calls(), health.status), (0, Status::Down), "{act:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn each_round_tries_both_names() {
    let primary = Fake::new("new", &[Act::refuses(), Act::says("3D000")]);
    let older = Fake::new("old", &[Act::says("57P03"), Act::answers()]);
    let (health, events) = run_told(&[with_fallback(&primary, &older)], &Options::default()).await;
    let health = &health.targets[0];
    assert_eq!(ways(health), "primary primary fallback_database primary fallback_database");
    assert_eq!((health.status, cause(health)), (Status::Degraded, Some(Cause::DatabaseMissing)));
    let told: Vec<&str> = events.iter().map(String::as_str).filter(|line| !line.contains(" is at ")).collect();
    let expected = [
        "main starts",
        "main tries new, 1 of 3",
        "main fails at new: refused, again",
        "main tries new, 2 of 3",
        "main fails at new: database-missing",
        "main tries old, 2 of 3",
        "main fails at old: starting-up, again",
        "main tries new, 3 of 3",
        "main fails at new: database-missing",
        "main tries old, 3 of 3",
        "main is degraded",
    ];
    assert_eq!(told, expected);
}

#[tokio::test(start_paused = true)]
async fn both_names_missing_is_down_for_the_configured_one() {
    let (primary, older) = (Fake::new("new", &[Act::says("3D000")]), Fake::new("old", &[Act::says("28P01")]));
    let health = only(with_fallback(&primary, &older)).await;
    assert_eq!((health.status, cause(&health)), (Status::Down, Some(Cause::DatabaseMissing)));
    assert_eq!((primary.calls(), older.calls()), (1, 1));
}

/// A database that refuses, with members that do what they are told.
fn with_members(replicas: &[Act], failover: &[Act]) -> (Target, Vec<Arc<Fake>>) {
    let fakes = |name: &str, acts: &[Act]| -> Vec<Arc<Fake>> {
        acts.iter().enumerate().map(|(index, act)| Fake::new(&format!("{name}{index}"), slice::from_ref(act))).collect()
    };
    let (replicas, failover) = (fakes("replica", replicas), fakes("failover", failover));
    let members = replicas
        .iter()
        .enumerate()
        .map(|(index, fake)| target("main", Part::Replica(index), fake))
        .chain(failover.iter().enumerate().map(|(index, fake)| target("main", Part::Failover(index), fake)))
        .collect();
    let primary = Target { members, ..target("main", Part::Primary, &Fake::new("db", &[Act::refuses()])) };
    (primary, replicas.into_iter().chain(failover).collect())
}

#[tokio::test(start_paused = true)]
async fn replicas_and_failover_take_their_turns_when_it_is_down() {
    let (yes, no) = (Act::answers, || Act::says("28P01"));
    for (replicas, failover, status, via, calls) in [
        (&[][..], &[yes()][..], Status::Degraded, Some(Via::Failover(0)), &[1][..]),
        (&[], &[no(), yes(), yes()], Status::Degraded, Some(Via::Failover(1)), &[1, 1, 0]),
        (&[yes(), yes()], &[no()], Status::Down, Some(Via::Replica(0)), &[1, 0, 1]),
        (&[no(), yes()], &[], Status::Down, Some(Via::Replica(1)), &[1, 1]),
        (&[yes()], &[yes()], Status::Degraded, Some(Via::Failover(0)), &[1, 1]),
        (&[no()], &[Act::refuses()], Status::Down, None, &[1, 3]),
    ] {
        let (target, fakes) = with_members(replicas, failover);
        let health = only(target).await;
        assert_eq!((health.status, health.via), (status, via), "{replicas:?} {failover:?}");
        assert_eq!(cause(&health), Some(Cause::Refused));
        let found: Vec<usize> = fakes.iter().map(|fake| fake.calls()).collect();
        assert_eq!(found, calls, "{replicas:?} {failover:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_healthy_database_needs_no_members() {
    let (mut target, fakes) = with_members(&[Act::answers()], &[Act::answers()]);
    target.peer = Ok(Peer::Fake(Fake::new("db", &[Act::answers()])));
    assert_eq!(only(target).await.status, Status::Healthy);
    assert!(fakes.iter().all(|fake| fake.calls() == 0));
}

#[tokio::test(start_paused = true)]
async fn a_member_that_cannot_be_tried_is_told() {
    let (mut target, _) = with_members(&[], &[Act::answers(), Act::answers()]);
    let message = "`password` needs `X`, which has no value here".to_owned();
    target.members[0].peer = Err(Failure { cause: Cause::UnresolvedVariable, message, ..Failure::default() });
    let health = only(target).await;
    assert_eq!((health.status, health.via), (Status::Degraded, Some(Via::Failover(1))));
    let told = "failover[0] could not be tried: `password` needs `X`, which has no value here";
    assert!(health.remarks.iter().any(|remark| remark == told), "{:?}", health.remarks);
}

#[tokio::test(start_paused = true)]
async fn members_that_are_targets_are_tried_once_and_do_not_touch_each_other() {
    let (target, fakes) = with_members(&[Act::says("28P01")], &[Act::answers_with(pgvector()), Act::refuses()]);
    let targets: Vec<Target> = std::iter::once(target.clone()).chain(target.members.clone()).collect();
    let health = run(&targets, &Options::default()).await;
    let found: Vec<_> = health.targets.iter().map(|it| (it.subject.name(), it.status, it.via)).collect();
    let expected = [
        ("main", Status::Degraded, Some(Via::Failover(0))),
        ("main.replicas[0]", Status::Down, None),
        ("main.failover[0]", Status::Degraded, Some(Via::Primary)),
        ("main.failover[1]", Status::Down, None),
    ];
    assert_eq!(found, expected.map(|(name, status, via)| (name.to_owned(), status, via)));
    assert_eq!(fakes.iter().map(|fake| fake.calls()).collect::<Vec<_>>(), [1, 1, 3]);
    assert_eq!(ways(&health.targets[0]), "primary primary primary replicas[0] failover[0]");
}

fn pgvector() -> Fault {
    Fault::NoExtension { is_available: false }
}

#[tokio::test(start_paused = true)]
async fn a_value_that_cannot_be_used_takes_one_attempt() {
    let misfit =
        Misfit { cause: Cause::Configuration, message: "`port` is no port".to_owned(), key: None, stage: None };
    let fake = Fake::new("db", &[Act::fails(Stage::Dns, Fault::Configuration(misfit))]);
    let health = only(target("main", Part::Primary, &fake)).await;
    assert_eq!((health.status, cause(&health), fake.calls()), (Status::Down, Some(Cause::Configuration), 1));
    assert_eq!(health.attempts.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn where_nobody_is_asked_there_is_no_attempt() {
    let misfit = Misfit {
        cause: Cause::Configuration,
        message: "no certificate".to_owned(),
        key: Some(Key::SslCert),
        stage: Some(Stage::Tls),
    };
    let health =
        only(target("main", Part::Primary, &Fake::new("db", &[Act::gives_up(Fault::Configuration(misfit))]))).await;
    let told = health.failure.as_ref().map(|failure| (failure.stage, failure.key));
    assert_eq!((health.status, told), (Status::Down, Some((Stage::Tls, Some(Key::SslCert)))));
    assert!(health.attempts.is_empty() && health.time.is_zero());
}
