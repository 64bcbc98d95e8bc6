//! `scrubbed-value`: met while reading.

rule! {
    /// A marker that a tool for removing secrets left in place of a value.
    ///
    /// Found are markers such as `***REMOVED***`, which git-filter-repo and BFG leave behind.
    /// A placeholder that says what belongs there (`<DB_PASSWORD>`, `CHANGE_ME`) is not found by this rule.
    ///
    /// # Why it matters
    /// The value is lost, and whoever reads the file logs in with the marker.
    /// Unquoted, a text that starts with `*` is an alias in YAML, so that the whole file cannot be read.
    ///
    /// # How to mend it
    /// Put the value back as a reference, in quotes.
    /// The secret that was removed has been in the history of the repository: change it.
    ///
    /// # Example
    /// ```yaml
    /// databases:
    ///   main:
    ///     host: db.example.com
    ///     password: ***REMOVED***
    /// ```
    /// Mended:
    /// ```yaml
    /// databases:
    ///   main:
    ///     host: db.example.com
    ///     password: "${DB_PASSWORD}"
    /// ```
    "scrubbed-value": Syntax, Error
}
