//! `wrong-type`: met while reading.

rule! {
    /// A value of another type than its key takes.
    ///
    /// A number or switch in quotes is found too, less gravely: as information, and as a warning.
    /// A variable (`${DB_PORT}`) and a placeholder are not found: their values are not known yet.
    ///
    /// # Why it matters
    /// The key has no effect in dbcfg, and what an application does with `port: "54a2"` or `pre_ping: perhaps` is its
    /// own secret: some stop, others take their default.
    /// In quotes `port: "5432"` is text: Python joins it into a URL, Go and Rust refuse it, and `pre_ping: "false"` is
    /// true to whoever asks only whether there is a value.
    ///
    /// # How to mend it
    /// Write a value of the type that the finding names.
    ///
    /// # Example
    /// ```yaml
    /// databases:
    ///   main:
    ///     host: db.example.com
    ///     port: standard
    /// ```
    /// Mended:
    /// ```yaml
    /// databases:
    ///   main:
    ///     host: db.example.com
    ///     port: 5432
    /// ```
    "wrong-type": Syntax, Error; fixable
}
