//! dbcfg as a library.
pub mod document;
pub mod finding;
pub mod model;
pub mod redact;
pub mod template;
