//! SQLite files.

use std::path::Path;

use crate::model::health::{Cause, Failure};

use super::plan::Peer;

/// How to get to a SQLite file.
pub(super) fn peer(_written: &str, _base: &Path) -> Result<Peer, Failure> {
    Err(Failure { cause: Cause::Unsupported, ..Failure::default() })
}
