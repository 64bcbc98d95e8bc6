//! Rewriting: what `migrate` and `check --fix` change, and how it gets into the files without a loss.
//!
//! [`plan`] and [`fix`] are pure: from what a project says, or from findings, to what its files are to become. [`mod@write`]
//! puts the new texts into the files, each wholly or not at all.

pub mod fix;
pub mod plan;
pub mod write;
