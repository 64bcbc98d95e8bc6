//! How far a probe is.

use crate::model::health::{Event, Events};

/// How far a probe is.
#[derive(Debug)]
pub struct Progress;

impl Progress {
    /// Of so many targets.
    pub fn new(_total: usize, _is_coloured: bool) -> Self {
        Self
    }
}

impl Events for Progress {
    fn event(&self, _event: Event<'_>) {}
}
