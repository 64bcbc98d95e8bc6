//! dbcfg as a library.
pub mod document;
pub mod redact;
