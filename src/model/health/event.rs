//! What happens during a run, as it happens: for progress and logs.

use std::time::Duration;

use super::failure::Failure;
use super::status::Stage;
use super::target::{Subject, TargetHealth};

/// What happens during a run. Everything in it is known to nobody else yet; all of it comes again in the result.
#[derive(Clone, Debug)]
pub enum Event<'run> {
    /// A target has its turn.
    Started {
        /// Which.
        subject: &'run Subject,
    },
    /// An attempt begins.
    Attempt {
        /// Of which target.
        subject: &'run Subject,
        /// Where it goes; holds no secret.
        endpoint: &'run str,
        /// The database, if there is one.
        database: Option<&'run str>,
        /// Which attempt of how many, from 1.
        number: u32,
        /// How many there are at most.
        of: u32,
        /// How long it may take.
        timeout: Duration,
    },
    /// An attempt has come to a stage.
    Stage {
        /// Of which target.
        subject: &'run Subject,
        /// The stage.
        stage: Stage,
    },
    /// An attempt failed.
    Failed {
        /// Of which target.
        subject: &'run Subject,
        /// Where it went.
        endpoint: &'run str,
        /// Which attempt of how many, from 1.
        number: u32,
        /// How many there are at most.
        of: u32,
        /// Why.
        failure: &'run Failure,
        /// After how long it is tried again; none if it is not.
        retry_in: Option<Duration>,
    },
    /// A target is done.
    Finished {
        /// What became of it.
        target: &'run TargetHealth,
    },
}

/// Who is told what happens during a run. Called from several threads.
pub trait Events: Send + Sync {
    /// Something happened.
    fn event(&self, event: Event<'_>);
}

/// Nobody is told.
#[derive(Clone, Copy, Debug)]
pub struct Silence;

impl Events for Silence {
    fn event(&self, _event: Event<'_>) {}
}
