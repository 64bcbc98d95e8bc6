//! Services as targets.

use crate::model::Service;
use crate::probe::options::Options;

use super::Target;

/// The targets that services are.
pub(super) fn targets(_services: &[Service], _options: &Options) -> Vec<Target> {
    Vec::new()
}
