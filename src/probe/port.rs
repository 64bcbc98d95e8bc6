//! An engine that dbcfg does not speak.

use crate::model::health::{Cause, Failure};

use super::plan::Peer;

/// How to get to an engine that dbcfg does not speak.
pub(super) fn peer(
    _engine: &str,
    _host: Option<&str>,
    _port: Option<u16>,
    _database: Option<&str>,
) -> Result<Peer, Failure> {
    Err(Failure { cause: Cause::Unsupported, ..Failure::default() })
}
