//! `unused-suppression`: judged when all other findings are known.

rule! {
    /// A comment that suppresses nothing.
    "unused-suppression": Syntax, Warning
}
