//! Hints: what to try next when a target does not answer as it should.

use crate::model::health::{Health, TargetHealth};
use crate::model::{Configuration, Origin};

/// What to try next for a target: nothing if it is well, or if nobody knows.
pub fn hint(_: &Configuration, _: &Health, _: &TargetHealth) -> Option<String> {
    None
}

/// The line to change for a target that failed.
pub fn place(_: &Configuration, _: &TargetHealth) -> Option<Origin> {
    None
}
