//! What dbcfg prints, one file for each format. Everything is masked and escaped here, at the one way out.

mod findings;
mod style;
mod table;
mod tree;
mod view;

pub use findings::{ends, findings};
pub use style::Style;
pub use table::{Shape, table};
pub use tree::Tree;
pub use view::{View, view};
