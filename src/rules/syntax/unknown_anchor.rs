//! `unknown-anchor`: met while reading.

rule! {
    /// An alias of YAML whose anchor is nowhere above it.
    ///
    /// If a section of that name stands above (`defaults`, `_defaults`, `.defaults`, `x-defaults`), its anchor was most
    /// likely forgotten: the finding says so, and the file is read as if it stood there.
    ///
    /// # Why it matters
    /// `<<: *defaults` without `&defaults` is not YAML, and every parser refuses the whole file.
    ///
    /// # How to mend it
    /// Write the anchor behind the colon of the section that is meant: `_defaults: &defaults`.
    /// If the value is a text that starts with `*`, put it in quotes.
    ///
    /// # Example
    /// ```yaml
    /// databases:
    ///   _defaults:
    ///     host: db.example.com
    ///   main:
    ///     <<: *defaults
    ///     database: app
    /// ```
    /// Mended:
    /// ```yaml
    /// databases:
    ///   _defaults: &defaults
    ///     host: db.example.com
    ///   main:
    ///     <<: *defaults
    ///     database: app
    /// ```
    "unknown-anchor": Syntax, Error
}
