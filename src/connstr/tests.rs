//! The module as its callers see it.

mod dialects;
mod libpq_suite;
mod properties;
