//! How a rule and a group of rules are declared.

/// Declares the rule of a file. Its documentation comment is what `dbcfg explain` and the documentation say, so that
/// nothing is written twice:
///
/// ```text
/// rule! {
///     /// What it finds, in one line.
///     ///
///     /// # Why it matters
///     /// ..
///     /// # How to mend it
///     /// ..
///     /// # Example
///     /// ..
///     "the-id": Group, Severity, raised in production; fixable
/// }
/// ```
///
/// `raised in production` and `; fixable`, if `check --fix` can mend some of its findings, may be left out.
macro_rules! rule {
    ($(#[doc = $line:literal])+ $id:literal: $group:ident, $severity:ident $(, $raised:ident in production)? $(; $fixable:ident)?) => {
        $(#[doc = $line])+
        pub static INFO: crate::finding::RuleInfo = crate::finding::RuleInfo {
            id: $id,
            group: crate::finding::Group::$group,
            severity: crate::finding::Severity::$severity,
            is_raised_in_production: {
                let words: &[&str] = &[$(stringify!($raised))?];
                !words.is_empty()
            },
            is_fixable: {
                let words: &[&str] = &[$(stringify!($fixable))?];
                !words.is_empty()
            },
            comment: concat!($($line, "\n"),+),
        };
    };
}

/// Declares the rules of a group, in the order in which they are listed, each with what it is judged by. What a rule of
/// `check` says of a server that was probed stands behind `and Live`: `judge_live`.
macro_rules! group {
    ($($rule:ident: $judge:ident $(and $live:ident)?;)*) => {
        /// The rules of the group.
        pub(super) static RULES: &[crate::rules::Rule] = &[$(crate::rules::Rule {
            info: &$rule::INFO,
            judges: &[group!(@ $rule, $judge) $(, crate::rules::Judge::$live($rule::judge_live))?],
        }),*];
    };
    (@ $rule:ident, Reading) => { crate::rules::Judge::Reading };
    (@ $rule:ident, Control) => { crate::rules::Judge::Control };
    (@ $rule:ident, $judge:ident) => { crate::rules::Judge::$judge($rule::judge) };
}
