//! `unparsable`: met while reading.

rule! {
    /// Text that does not follow the rules of its format.
    ///
    /// Found are mistakes in YAML, TOML, JSON, INI and `.env` files, bytes that are not UTF-8, and connection strings
    /// that libpq refuses.
    /// The finding names the likely cause: a tab, an unquoted `@` or `%`, a quote that is not closed.
    /// What precedes and follows is read as far as possible, so that one mistake does not hide the others.
    ///
    /// # Why it matters
    /// Most programs refuse the whole file and do not start.
    /// Some read what they can and take their defaults for the rest, which is worse.
    ///
    /// # How to mend it
    /// Follow the help of the finding; most often the value needs quotes.
    ///
    /// # Example
    /// ```yaml
    /// databases:
    ///   main:
    ///     host: db.example.com
    ///     password: @DB_PASSWORD@
    /// ```
    /// Mended:
    /// ```yaml
    /// databases:
    ///   main:
    ///     host: db.example.com
    ///     password: "${DB_PASSWORD}"
    /// ```
    "unparsable": Syntax, Error
}
