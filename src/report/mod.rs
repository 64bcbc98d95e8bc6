//! What dbcfg prints, one file for each format. Everything is masked and escaped here, at the one way out.

mod concise;
mod counts;
mod entry;
mod explain;
mod findings;
mod forge;
mod github;
mod gitlab;
mod human;
mod json;
mod junit;
mod quote;
mod sarif;
mod snippet;
mod style;
mod table;
mod tree;
mod view;
mod wrap;

pub use concise::concise;
pub use entry::{Entry, Place, Quotes, Summary};
pub use explain::{rule, rules, rules_as_json};
pub use findings::{ends, findings};
pub use forge::{Run, relative};
pub use github::github;
pub use gitlab::gitlab;
pub use human::{human, human_end, human_findings};
pub use json::json;
pub use junit::junit;
pub use quote::Quote;
pub use sarif::sarif;
pub use style::Style;
pub use table::{Shape, table};
pub use tree::Tree;
pub use view::{View, view};
