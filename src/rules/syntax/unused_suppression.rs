//! `unused-suppression`: judged when all other findings are known.

rule! {
    /// A comment that suppresses nothing.
    ///
    /// Found is `# dbcfg: ignore[rule]` where the line and the one below have no finding of that rule, where there is
    /// no such rule, and where no rule is named.
    /// In a run with `--select` or `--ignore` a comment for a rule that does not count is not found.
    ///
    /// # Why it matters
    /// The problem has been mended and the comment has stayed: it will hide the next one in silence.
    /// A misspelt rule suppresses nothing, although its author believes so.
    ///
    /// # How to mend it
    /// Remove the comment, or name the rule as `dbcfg explain` lists it.
    ///
    /// # Example
    /// ```yaml
    /// databases:
    ///   main:
    ///     host: db.example.com
    ///     port: 5432 # dbcfg: ignore[invalid-port] the server is being moved
    /// ```
    "unused-suppression": Syntax, Warning
}
