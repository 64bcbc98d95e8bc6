//! The numbers of pools, as far as they are known.

use crate::model::Key;
use crate::rules::{Case, Part, Site};

/// The places that are used; what lost opens no pool.
pub(super) fn used<'project>(case: &Case<'project>) -> impl Iterator<Item = Site<'project>> {
    case.sites().filter(|site| !matches!(site.part, Part::Lost(_)))
}

/// The number of a key; none if it is not said or not known.
pub(super) fn number(site: &Site<'_>, key: Key) -> Option<f64> {
    site.known(key)?.trim().parse::<f64>().ok().filter(|number| number.is_finite())
}

/// The whole number of a key; none if it is not said or not known.
pub(super) fn count(site: &Site<'_>, key: Key) -> Option<i64> {
    site.known(key)?.trim().parse::<i64>().ok()
}

/// Whether a switch is on; none if it is not said or not known.
pub(super) fn switch(site: &Site<'_>, key: Key) -> Option<bool> {
    match site.known(key)?.trim().to_ascii_lowercase().as_str() {
        "true" | "yes" | "on" | "1" => Some(true),
        "false" | "no" | "off" | "0" => Some(false),
        _ => None,
    }
}
