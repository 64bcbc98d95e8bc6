//! What a fault means: its cause, and whether it may pass by itself. One pure function decides what is tried again.

use crate::model::health::{Cause, Failure, Stage};

use super::fault::Fault;

/// A value of the configuration that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Misfit {
    /// What the matter is.
    pub(super) cause: Cause,
    /// A sentence without its full stop.
    pub(super) message: String,
}

/// What a fault at a stage means.
pub(super) fn classify(stage: Stage, _fault: &Fault) -> Failure {
    Failure { stage, ..Failure::default() }
}
