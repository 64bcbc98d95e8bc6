//! `duplicate-key`: met while reading.

rule! {
    /// A key that stands twice in the same section.
    ///
    /// Of a `.env` file the names count as they are written; a key that a merge (`<<`) brings along may be overridden.
    ///
    /// # Why it matters
    /// Most parsers take the last of the two and say nothing, some take the first, others refuse the file.
    /// So two programs can read one file and connect to different servers.
    ///
    /// # How to mend it
    /// Remove the one that is not meant.
    ///
    /// # Example
    /// ```yaml
    /// databases:
    ///   main:
    ///     host: old.example.com
    ///     database: app
    ///     host: db.example.com
    /// ```
    /// Mended:
    /// ```yaml
    /// databases:
    ///   main:
    ///     host: db.example.com
    ///     database: app
    /// ```
    "duplicate-key": Syntax, Error
}
