//! One round over all targets, on a runtime that does not outlive its use, and that Ctrl-C ends with what is known.

use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use tokio::runtime::{Builder, Runtime};
use tokio::time::sleep;

use crate::model::health::{Cause, Class, Event, Events, Failure, Health, Status, TargetHealth};
use crate::probe::{self, Options, Target};
use crate::terminal::Interrupt;

/// How often somebody looks whether Ctrl-C came.
const LOOK: Duration = Duration::from_millis(50);

/// Threads that the targets share. What takes time is waiting, not computing; so two keep one busy while the other
/// works.
const WORKERS: usize = 2;

/// Runs rounds.
#[derive(Debug)]
pub(super) struct Rounds {
    /// None once it ends.
    runtime: Option<Runtime>,
    interrupt: Interrupt,
}

impl Rounds {
    /// For so many targets.
    pub(super) fn new(targets: usize, interrupt: Interrupt) -> Result<Self> {
        let mut builder = if targets > 1 { Builder::new_multi_thread() } else { Builder::new_current_thread() };
        let runtime = builder.worker_threads(WORKERS).enable_all().build();
        Ok(Self { runtime: Some(runtime.context("the system gives no threads to probe with")?), interrupt })
    }

    /// Tries all targets. If somebody interrupts it, what is known by then is the result.
    pub(super) fn round(&self, targets: &[Target], options: &Options, listener: &dyn Events) -> Health {
        let Some(runtime) = &self.runtime else { return Health::default() };
        let known = Known { finished: Mutex::default(), listener };
        let begin = Instant::now();
        runtime.block_on(async {
            tokio::select! {
                biased;
                health = probe::run(targets, options, &known) => health,
                () = interrupted(&self.interrupt) => known.health(targets, begin.elapsed()),
            }
        })
    }

    /// Waits. False if somebody interrupts it.
    pub(super) fn pause(&self, time: Duration) -> bool {
        let end = Instant::now() + time;
        while !self.is_interrupted() {
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return true;
            }
            thread::sleep(left.min(LOOK));
        }
        false
    }

    /// Whether somebody wants it to end.
    pub(super) fn is_interrupted(&self) -> bool {
        self.interrupt.is_set()
    }
}

impl Drop for Rounds {
    fn drop(&mut self) {
        // A thread that hangs in the system's resolver would keep the program from its end.
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

async fn interrupted(interrupt: &Interrupt) {
    while !interrupt.is_set() {
        sleep(LOOK).await;
    }
}

/// Keeps what is known already, and tells it on.
struct Known<'run> {
    finished: Mutex<Vec<TargetHealth>>,
    listener: &'run dyn Events,
}

impl Events for Known<'_> {
    fn event(&self, event: Event<'_>) {
        if let Event::Finished { target } = &event {
            self.finished.lock().unwrap_or_else(PoisonError::into_inner).push((*target).clone());
        }
        self.listener.event(event);
    }
}

impl Known<'_> {
    /// What is known when it is interrupted.
    fn health(&self, targets: &[Target], time: Duration) -> Health {
        let finished = self.finished.lock().unwrap_or_else(PoisonError::into_inner);
        let of = |target: &Target| {
            let known = finished.iter().find(|known| known.subject == target.subject);
            known.cloned().unwrap_or_else(|| unfinished(target))
        };
        Health { targets: targets.iter().map(of).collect(), time, is_interrupted: true }
    }
}

/// A target that had no answer when it was interrupted.
fn unfinished(target: &Target) -> TargetHealth {
    let failure = Failure {
        cause: Cause::Deadline,
        class: Class::Transient,
        code: Cause::Deadline.name(),
        message: "the run was interrupted before it answered".to_owned(),
        ..Failure::default()
    };
    TargetHealth {
        subject: target.subject.clone(),
        engine: target.engine.clone(),
        endpoint: target.endpoint.clone(),
        status: Status::NotMeasured,
        via: None,
        failure: Some(failure),
        attempts: Vec::new(),
        facts: None,
        remarks: Vec::new(),
        time: Duration::ZERO,
    }
}
