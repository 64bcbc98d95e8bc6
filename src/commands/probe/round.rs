//! One round over all targets, and the pauses between rounds; Ctrl-C ends both.

use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};

use crate::model::health::{Event, Events, Health};
use crate::probe::{self, Options, Target};
use crate::terminal::{Interrupt, Progress};

use super::logs::Log;

/// How often a pause looks whether Ctrl-C came.
const LOOK: Duration = Duration::from_millis(50);

/// Runs rounds until somebody interrupts them.
#[derive(Debug)]
pub(super) struct Rounds {
    interrupt: Interrupt,
    log: Log,
}

/// Who hears what happens in a round.
struct Listeners {
    log: Log,
    /// Taken away when the round is over: a task that is slow to end must not draw beside the result.
    progress: Mutex<Option<Progress>>,
}

impl Rounds {
    /// With such a log, and until such an interrupt.
    pub(super) fn new(interrupt: Interrupt, log: Log) -> Self {
        Self { interrupt, log }
    }

    /// Tries targets. If somebody interrupts it, what is known by then is the result.
    pub(super) fn round(&self, targets: &[Target], options: &Options, progress: Option<Progress>) -> Result<Health> {
        let listeners = Arc::new(Listeners { log: self.log, progress: Mutex::new(progress) });
        let events: Arc<dyn Events> = Arc::clone(&listeners) as Arc<dyn Events>;
        let health = probe::run_blocking(targets, options, &events, || self.is_interrupted());
        drop(listeners.progress.lock().unwrap_or_else(PoisonError::into_inner).take());
        health.context("the system gives no threads to probe with")
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

    fn is_interrupted(&self) -> bool {
        self.interrupt.is_set()
    }
}

impl Events for Listeners {
    fn event(&self, event: Event<'_>) {
        self.log.event(event.clone());
        if let Some(progress) = &*self.progress.lock().unwrap_or_else(PoisonError::into_inner) {
            progress.event(event);
        }
    }
}
