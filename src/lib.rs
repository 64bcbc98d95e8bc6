//! dbcfg as a library.
pub mod redact;
