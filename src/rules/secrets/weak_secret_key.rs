//! `weak-secret-key`.

use crate::finding::Finding;
use crate::rules::Leaf;

rule! {
    /// stub
    "weak-secret-key": Secrets, Warning
}

pub(super) fn judge(_leaf: &Leaf<'_>, _findings: &mut Vec<Finding>) {}
