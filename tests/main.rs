//! The one integration test binary: a file per command, and the builder that they share.
//!
//! One binary is linked once; a file of tests that is not named here does not run.

mod support;
