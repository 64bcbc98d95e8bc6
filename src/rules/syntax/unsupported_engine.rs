//! `unsupported-engine`: met while reading.

rule! {
    /// A database on an engine that dbcfg does not speak.
    ///
    /// dbcfg speaks PostgreSQL and SQLite.
    ///
    /// # Why it matters
    /// The database is shown and carried along, but most rules do not judge it, and a probe comes no further than its
    /// port.
    /// Where PostgreSQL is meant, the engine is a slip that makes an application load the wrong driver.
    ///
    /// # How to mend it
    /// Write `engine: postgresql`, or leave it out, if that is what the server is.
    /// Otherwise nothing is to be done; suppress the finding.
    ///
    /// # Example
    /// ```yaml
    /// databases:
    ///   reports:
    ///     engine: mysql
    ///     host: db.example.com
    ///     database: reports
    /// ```
    "unsupported-engine": Syntax, Warning
}
