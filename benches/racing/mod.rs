//! What the benchmarks share: whole processes that race each other, and the table of how they did.

pub(crate) mod bare;
mod measure;
mod table;

pub(crate) use bare::{BARE, BARE_NAME, bare_pass};
pub(crate) use measure::{Contender, race};
pub(crate) use table::{Case, Limit, size, table};
