//! What dbcfg prints, one file for each format. Everything is masked and escaped here, at the one way out.

mod concise;
mod entry;
mod findings;
mod style;
mod table;
mod tree;
mod view;

pub use concise::concise;
pub use entry::{Entry, Summary};
pub use findings::{ends, findings};
pub use style::Style;
pub use table::{Shape, table};
pub use tree::Tree;
pub use view::{View, view};
