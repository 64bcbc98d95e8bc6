//! Runs over peers that do what they are told, on a clock that jumps while everybody waits.

mod ends;
mod fake;
mod queues;
mod sockets;
mod verdicts;

use std::future::pending;
use std::slice;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use crate::model::Role;
use crate::model::health::{Engine, Event, Events, Health, Part, Subject};
use crate::probe::options::Options;
use crate::probe::plan::{Peer, Target};

pub(in crate::probe) use fake::Fake;
use fake::{Act, Gauge};

const SECOND: Duration = Duration::from_secs(1);

/// A target of three attempts of 10 s, with waits of up to 1 s and 2 s between them.
fn target(name: &str, part: Part, fake: &Arc<Fake>) -> Target {
    Target {
        subject: Subject::Database { role: Role::of_name(name), part },
        engine: Engine::Postgresql,
        endpoint: fake.server.clone(),
        peer: Ok(Peer::Fake(Arc::clone(fake))),
        fallback: None,
        timeout: SECOND * 10,
        attempts: 3,
        base_delay: SECOND,
        no_password: None,
        members: Vec::new(),
    }
}

/// Many targets, each on a server of its own, that do the same.
fn many(count: usize, act: &Act, gauge: &Arc<Gauge>) -> Vec<Target> {
    (0..count)
        .map(|index| {
            let name = format!("db{index}");
            target(
                &name,
                Part::Primary,
                &Fake::watched(&format!("{name}.example.com:5432"), slice::from_ref(act), gauge),
            )
        })
        .collect()
}

/// What happened, one line each.
#[derive(Debug, Default)]
struct Diary(Mutex<Vec<String>>);

impl Events for Diary {
    fn event(&self, event: Event<'_>) {
        let line = match event {
            Event::Started { subject } => format!("{} starts", subject.name()),
            Event::Attempt { subject, endpoint, number, of, .. } => {
                format!("{} tries {endpoint}, {number} of {of}", subject.name())
            }
            Event::Stage { subject, stage } => format!("{} is at {stage}", subject.name()),
            Event::Failed { subject, endpoint, failure, retry_in, .. } => {
                let again = if retry_in.is_some() { ", again" } else { "" };
                format!("{} fails at {endpoint}: {}{again}", subject.name(), failure.cause.name())
            }
            Event::Finished { target } => format!("{} is {}", target.subject.name(), target.status),
        };
        self.0.lock().expect("nobody panics here").push(line);
    }
}

impl Diary {
    fn lines(&self) -> Vec<String> {
        self.0.lock().expect("nobody panics here").clone()
    }
}

/// A run without an end from outside.
async fn run(targets: &[Target], options: &Options) -> Health {
    run_told(targets, options).await.0
}

async fn run_told(targets: &[Target], options: &Options) -> (Health, Vec<String>) {
    let diary = Arc::new(Diary::default());
    let events: Arc<dyn Events> = Arc::<Diary>::clone(&diary);
    let health = super::run(targets, options, &events, pending()).await;
    (health, diary.lines())
}

/// Options for so many at once.
fn jobs(jobs: usize) -> Options {
    Options { jobs: Some(jobs), ..Options::default() }
}
