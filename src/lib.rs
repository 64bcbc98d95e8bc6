//! dbcfg as a library.
pub mod connstr;
pub mod document;
pub mod finding;
pub mod layouts;
pub mod model;
pub mod redact;
pub mod template;
