//! `unknown-key`: met while reading.

rule! {
    /// A key in a description of a database that dbcfg does not know.
    ///
    /// In the canonical layout every unknown key is found; in other layouts, which hold keys of the application too,
    /// only those that look like a misspelt one.
    /// A parameter in a URL is found if neither libpq nor another known program takes it.
    ///
    /// # Why it matters
    /// A misspelt key has no effect, and nobody says so: `prot: 6432` leaves the port at 5432.
    /// A parameter that libpq does not know makes it refuse the whole URL.
    ///
    /// # How to mend it
    /// Take the key that the finding suggests.
    /// A libpq parameter without a key of its own goes below `parameters`; what belongs to the application goes outside
    /// the section.
    ///
    /// # Example
    /// ```yaml
    /// databases:
    ///   main:
    ///     host: db.example.com
    ///     prot: 6432
    /// ```
    /// Mended:
    /// ```yaml
    /// databases:
    ///   main:
    ///     host: db.example.com
    ///     port: 6432
    /// ```
    "unknown-key": Syntax, Warning; fixable
}
