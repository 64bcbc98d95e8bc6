//! Runs that end before they are done, and targets that break down.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::time::sleep;

use crate::model::health::{Cause, Events, Health, Part, Silence, Stage, Status, Via};
use crate::probe::options::Options;
use crate::probe::plan::Target;
use crate::probe::run::run_blocking;

use super::{Act, Fake, SECOND, jobs, many, run, target};

fn found(health: &Health) -> Vec<(Status, Option<Cause>, usize)> {
    let cause = |it: &crate::model::health::TargetHealth| it.failure.as_ref().map(|failure| failure.cause);
    health.targets.iter().map(|it| (it.status, cause(it), it.attempts.len())).collect()
}

/// One that answers, one that hangs, one that said something before it hangs, one that waits, and one without a turn.
fn mixed() -> Vec<Target> {
    let one = |name: &str, acts: &[Act]| target(name, Part::Primary, &Fake::new(name, acts));
    let mut waits = one("waits", &[Act::refuses()]);
    // The wait is up to a minute, so that it is hardly ever over by then.
    (waits.base_delay, waits.attempts) = (SECOND * 60, 2);
    let mut said = one("said", &[Act::says("57P03"), Act::hangs(Stage::Tls)]);
    said.base_delay = Duration::ZERO;
    let busy = one("busy", &[Act::hangs(Stage::Auth)]);
    let mut targets = vec![one("lives", &[Act::answers()]), one("hangs", &[Act::hangs(Stage::Tcp)]), said, waits];
    targets.extend((0..5).map(|_| busy.clone()));
    targets
}

fn check(health: &Health, of_the_hanging: (Status, Cause)) {
    let (status, cause) = of_the_hanging;
    let found = found(health);
    assert_eq!(found[0], (Status::Healthy, None, 1));
    assert_eq!(found[1], (status, Some(cause), 1));
    assert_eq!(found[2], (Status::Down, Some(Cause::StartingUp), 2));
    assert_eq!((found[3].0, found[3].1), (Status::Down, Some(Cause::Refused)));
    assert_eq!(found[4..8], [(status, Some(cause), 1); 4]);
    // Four are let through to one server.
    assert_eq!(found[8], (Status::NotMeasured, Some(Cause::Deadline), 0));
    let cut_off = &health.targets[1].attempts[0];
    assert_eq!(cut_off.stages.iter().map(|it| (it.stage, it.is_ok)).collect::<Vec<_>>(), [(Stage::Tcp, false)]);
    assert!(health.time >= SECOND * 3 && health.time < SECOND * 4, "{:?}", health.time);
}

#[tokio::test(start_paused = true)]
async fn the_deadline_tells_what_is_known_by_then() {
    let health = run(&mixed(), &Options { deadline: Some(SECOND * 3), ..Options::default() }).await;
    check(&health, (Status::NotMeasured, Cause::Deadline));
    assert!(!health.is_interrupted);
    let failure = health.targets[1].failure.as_ref().expect("a failure");
    assert_eq!((failure.stage, failure.code.as_str()), (Stage::Tcp, "deadline"));
    assert_eq!(failure.message, "the deadline of the run ended it at the stage tcp");
}

#[tokio::test(start_paused = true)]
async fn an_interrupted_run_tells_what_is_known_by_then() {
    let events: Arc<dyn Events> = Arc::new(Silence);
    let health = super::super::run(&mixed(), &Options::default(), &events, sleep(SECOND * 3)).await;
    check(&health, (Status::NotMeasured, Cause::Deadline));
    assert!(health.is_interrupted);
}

#[tokio::test(start_paused = true)]
async fn failover_that_has_no_turn_leaves_the_verdict() {
    let hangs = Fake::new("standby", &[Act::hangs(Stage::Tcp)]);
    let never = Fake::new("never", &[Act::hangs(Stage::Tls)]);
    let members = vec![target("main", Part::Failover(0), &hangs), target("main", Part::Failover(1), &never)];
    let primary = target("main", Part::Primary, &Fake::new("db", &[Act::says("28P01")]));
    let main = Target { members, ..primary };
    let options = Options { deadline: Some(SECOND), ..Options::default() };
    for targets in [vec![main.clone()], vec![main.clone(), main.members[0].clone(), main.members[1].clone()]] {
        let health = run(&targets, &options).await;
        let main = &health.targets[0];
        assert_eq!((main.status, main.via), (Status::Down, None));
        assert_eq!(main.failure.as_ref().map(|failure| failure.cause), Some(Cause::PasswordRejected));
        assert!(health.time < SECOND * 2);
    }
}

#[tokio::test(start_paused = true)]
async fn failover_that_is_known_to_answer_counts_after_the_deadline() {
    let standby = target("main", Part::Failover(0), &Fake::new("standby", &[Act::answers()]));
    let main = target("main", Part::Primary, &Fake::new("db", &[Act::hangs(Stage::Tcp)]));
    let main = Target { members: vec![standby.clone()], ..main };
    let options = Options { deadline: Some(SECOND), ..Options::default() };
    let health = run(&[main, standby], &options).await;
    assert_eq!((health.targets[0].status, health.targets[0].via), (Status::Degraded, Some(Via::Failover(0))));
}

#[tokio::test(start_paused = true)]
async fn a_target_that_breaks_down_takes_no_other_along() {
    let member = target("main", Part::Failover(0), &Fake::new("standby", &[Act::panics()]));
    let next = target("main", Part::Failover(1), &Fake::new("next", &[Act::answers()]));
    let main = target("main", Part::Primary, &Fake::new("db", &[Act::refuses()]));
    let main = Target { members: vec![member.clone(), next], ..main };
    let mut targets = vec![main, member];
    targets.extend(many(3, &Act::answers(), &Arc::default()));
    let health = run(&targets, &jobs(1)).await;
    assert_eq!((health.targets[0].status, health.targets[0].via), (Status::Degraded, Some(Via::Failover(1))));
    let broken = &health.targets[1];
    assert_eq!((broken.status, broken.subject.name().as_str()), (Status::Down, "main.failover[0]"));
    assert!(broken.failure.as_ref().expect("a failure").message.contains("bug of dbcfg"));
    assert!(health.targets[2..].iter().all(|it| it.status == Status::Healthy));
}

#[test]
fn a_run_of_its_own_runtime_is_stopped_from_outside() {
    let events: Arc<dyn Events> = Arc::new(Silence);
    for count in [1, 2] {
        let targets = many(count, &Act::hangs(Stage::Tcp), &Arc::default());
        let start = Instant::now();
        let is_stopped = || start.elapsed() > Duration::from_millis(200);
        let health = run_blocking(&targets, &Options::default(), &events, is_stopped).expect("a runtime");
        assert!(health.is_interrupted && health.targets.len() == count);
        assert!(start.elapsed() < SECOND * 5, "{:?}", start.elapsed());
    }
}
