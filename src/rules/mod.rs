//! Rules: what can be wrong with a configuration. One file a rule, in the folder of its group.
//!
//! A new rule is a file with `rule!` and `judge`, a line in the `group!` of its folder, and fixtures in
//! `fixtures/rules/<id>/`. What a rule sees is one of five things (see [`Judge`]); it speaks of databases, settings and
//! leaves, and returns findings with origins. Severity in production, selection, suppressions and the order of
//! findings are nobody's business here but `check`'s.
//!
//! Rules whose findings are met while reading have a file here too, for their text; the finding comes from where it
//! is met.

#[macro_use]
mod declare;

mod baseline;
mod case;
mod check;
mod command;
mod compose;
mod leaf;
mod live_check;
mod named_secret;
mod password;
mod place;
mod placeholder;
mod secret;
mod selection;
mod server;
mod suppression;

pub mod endpoint;
pub mod environment;
pub mod hint;
pub mod layout;
pub mod live;
pub mod mlflow;
pub mod pool;
pub mod secrets;
pub mod syntax;
pub mod tls;
pub mod vector;

pub use baseline::{Baseline, BaselineError, Known};
pub use case::{Case, Part, Site};
pub use check::{Verdict, Wanted, check};
pub use leaf::Leaf;
pub use live_check::{Answer, Found, Live, LiveVerdict, LiveWanted, check_live};
pub use selection::{Selection, UnknownRule, unknown};

use crate::finding::{Finding, RuleInfo};

/// A rule, and what it is judged by.
#[derive(Debug)]
pub struct Rule {
    /// Its id, severity and text.
    pub info: &'static RuleInfo,
    /// How it comes to its findings. Most have one way; what `check` can only guess, `probe` may know.
    pub judges: &'static [Judge],
}

impl Rule {
    /// Whether `check` can find it: it needs no server.
    pub fn is_offline(&self) -> bool {
        self.judges.iter().any(|judge| !matches!(judge, Judge::Live(_)))
    }

    /// Whether `probe` can find it.
    pub fn is_live(&self) -> bool {
        self.judges.iter().any(|judge| matches!(judge, Judge::Live(_)))
    }
}

/// How a rule comes to its findings.
#[derive(Debug)]
pub enum Judge {
    /// They are met while reading, where the files become a configuration.
    Reading,
    /// It looks at each single value of each file, whatever it is for.
    Leaf(fn(&Leaf<'_>, &mut Vec<Finding>)),
    /// It looks at what the files come down to in one environment.
    Case(fn(&Case<'_>, &mut Vec<Finding>)),
    /// It compares environments, or looks at the files themselves: all cases, the one without an environment first.
    Project(fn(&[Case<'_>], &mut Vec<Finding>)),
    /// It looks at what a probe found, and at what the files say about it.
    Live(fn(&Live<'_>, &mut Vec<Found>)),
    /// It is judged when all other findings are known.
    Control,
}

/// The groups, in the order in which they are listed.
static GROUPS: &[&[Rule]] = &[
    syntax::RULES,
    layout::RULES,
    secrets::RULES,
    tls::RULES,
    endpoint::RULES,
    pool::RULES,
    mlflow::RULES,
    vector::RULES,
    environment::RULES,
    live::RULES,
];

/// All rules, in the order in which they are listed.
pub fn all() -> impl Iterator<Item = &'static Rule> {
    GROUPS.iter().flat_map(|rules| rules.iter())
}

/// The rule of an id.
pub fn find(id: &str) -> Option<&'static Rule> {
    all().find(|rule| rule.info.id == id)
}
