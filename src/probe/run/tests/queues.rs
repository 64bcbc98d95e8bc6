//! Many targets: who waits for whom, and that nobody pays for another's time.

use std::slice;
use std::sync::Arc;
use std::time::Duration;

use crate::model::health::{Part, Stage, Status};
use crate::probe::options::Options;
use crate::probe::plan::Target;

use super::{Act, Fake, Gauge, SECOND, jobs, many, run, run_told, target};

#[tokio::test(start_paused = true)]
async fn time_in_a_queue_is_nobodys() {
    let gauge = Arc::new(Gauge::default());
    let targets = many(500, &Act::answers_after(SECOND * 2), &gauge);
    let targets: Vec<Target> = targets.into_iter().map(|it| Target { timeout: SECOND * 3, ..it }).collect();
    let health = run(&targets, &jobs(64)).await;
    assert_eq!(gauge.most(), 64);
    // 8 rounds of 64.
    assert!(health.time >= SECOND * 16 && health.time < SECOND * 17, "{:?}", health.time);
    for target in &health.targets {
        assert_eq!((target.status, target.attempts.len()), (Status::Healthy, 1));
        assert!(target.time >= SECOND * 2 && target.time < SECOND * 3, "{:?}", target.time);
    }
}

#[tokio::test(start_paused = true)]
async fn results_come_in_the_order_of_the_targets() {
    let targets: Vec<Target> = ["slow", "fast"]
        .iter()
        .zip([5, 1])
        .map(|(name, time)| target(name, Part::Primary, &Fake::new(name, &[Act::answers_after(SECOND * time)])))
        .collect();
    let (health, events) = run_told(&targets, &Options::default()).await;
    let names: Vec<String> = health.targets.iter().map(|it| it.subject.name()).collect();
    assert_eq!(names, ["slow", "fast"]);
    let done: Vec<&String> = events.iter().filter(|line| line.ends_with("is healthy")).collect();
    assert_eq!(done, ["fast is healthy", "slow is healthy"]);
    assert!(events.contains(&"slow is at query".to_owned()), "{events:?}");
}

/// Targets on one server.
fn one_server(count: usize, act: &Act, gauge: &Arc<Gauge>) -> Vec<Target> {
    let fake = Fake::watched("db.example.com:5432", slice::from_ref(act), gauge);
    (0..count).map(|index| target(&format!("db{index}"), Part::Primary, &fake)).collect()
}

#[tokio::test(start_paused = true)]
async fn a_server_gets_so_many_sessions_at_once() {
    let gauge = Arc::new(Gauge::default());
    let targets = one_server(40, &Act::answers_after(SECOND), &gauge);
    let health = run(&targets, &Options::default()).await;
    assert_eq!(gauge.most(), 4);
    assert!(health.targets.iter().all(|it| it.status == Status::Healthy && it.time < SECOND * 2));
    let health = run(&targets, &Options { per_server: 40, ..Options::default() }).await;
    assert!(health.time < SECOND * 2, "{:?}", health.time);
    assert_eq!(gauge.most(), 40);
}

#[tokio::test(start_paused = true)]
async fn who_waits_for_a_server_keeps_nobody_from_another() {
    let gauge = Arc::new(Gauge::default());
    let mut targets = one_server(100, &Act::answers_after(SECOND), &gauge);
    targets.push(target("other", Part::Primary, &Fake::new("other", &[Act::answers()])));
    let (_, events) = run_told(&targets, &jobs(8)).await;
    let first = events.iter().find(|line| line.ends_with(" is healthy"));
    assert_eq!(first.map(String::as_str), Some("other is healthy"));
}

#[tokio::test(start_paused = true)]
async fn a_connection_that_hangs_gives_its_place_to_the_next() {
    for (stage, most) in [(Stage::Dns, 40), (Stage::Tcp, 40), (Stage::Tls, 4), (Stage::Auth, 4)] {
        let gauge = Arc::new(Gauge::default());
        let targets = one_server(40, &Act::hangs(stage), &gauge);
        run(&targets, &Options { attempts: Some(1), ..Options::default() }).await;
        assert_eq!(gauge.most(), most, "{stage}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_server_that_is_far_away_gets_no_flood_of_sessions() {
    let gauge = Arc::new(Gauge::default());
    let targets = one_server(60, &Act::is_far_away(SECOND / 4, SECOND * 2), &gauge);
    let health = run(&targets, &Options::default()).await;
    assert!(health.targets.iter().all(|it| it.status == Status::Healthy));
    // Four at the start, and four more after 100 ms and 200 ms, until the first has its connection.
    assert_eq!(gauge.most(), 12);
}

/// How long three attempts of 10 s take at most, with waits of up to 1 s and 2 s.
const BLACK_HOLE: Duration = Duration::from_secs(33);

#[tokio::test(start_paused = true)]
async fn a_hundred_black_holes_delay_nobody() {
    for is_one_server in [false, true] {
        let gauge = Arc::new(Gauge::default());
        let hole = Act::hangs(Stage::Tcp);
        let mut targets = if is_one_server { one_server(100, &hole, &gauge) } else { many(100, &hole, &gauge) };
        targets.extend((0..10).map(|index| {
            let name = format!("live{index}");
            target(&name, Part::Primary, &Fake::new(&name, &[Act::answers_after(SECOND / 100)]))
        }));
        let (health, events) = run_told(&targets, &jobs(256)).await;
        assert!(health.time <= BLACK_HOLE * 11 / 10, "{:?}", health.time);
        let finished = events.iter().filter(|line| line.ends_with(" is healthy") || line.ends_with(" is down"));
        assert!(finished.take(10).all(|line| line.starts_with("live")), "{events:?}");
        // Those that live were told before any of the others failed once.
        let last_live = events.iter().rposition(|line| line.ends_with(" is healthy"));
        let first_failed = events.iter().position(|line| line.contains(" fails "));
        assert!(last_live < first_failed, "{last_live:?} {first_failed:?}");
        let (down, live) = health.targets.split_at(100);
        assert!(down.iter().all(|it| it.status == Status::Down && it.attempts.len() == 3));
        assert!(live.iter().all(|it| it.status == Status::Healthy));
    }
}

#[tokio::test(start_paused = true)]
async fn places_are_given_back_between_attempts() {
    let gauge = Arc::new(Gauge::default());
    let mut targets = many(1, &Act::refuses(), &gauge);
    targets[0].base_delay = SECOND * 60;
    targets.push(target("other", Part::Primary, &Fake::new("other", &[Act::answers()])));
    let (health, events) = run_told(&targets, &jobs(1)).await;
    assert_eq!(health.targets[1].status, Status::Healthy);
    let position = |wanted: &str| events.iter().position(|line| line == wanted);
    assert!(position("other is healthy") < position("db0 tries db0.example.com:5432, 2 of 3"), "{events:?}");
}
