//! toml.

use super::decode::Decoded;
use super::tree::Tree;

/// Reads.
pub(super) fn parse(_decoded: &Decoded) -> Tree {
    Tree::default()
}
