//! dbcfg as a library.
pub mod cli;
pub mod commands;
pub mod connstr;
pub mod document;
pub mod exit;
pub mod finding;
pub mod layouts;
pub mod load;
pub mod model;
pub mod normalize;
pub mod redact;
pub mod report;
pub mod template;
