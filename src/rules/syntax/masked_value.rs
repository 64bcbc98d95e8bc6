//! `masked-value`: met while reading.

rule! {
    /// A mask in place of a value: three or more asterisks and nothing else.
    ///
    /// # Why it matters
    /// Programs print `********` where they hide a secret.
    /// Copied from such an output into a file, the mask is the password, the login fails, and the secret itself is
    /// lost.
    ///
    /// # How to mend it
    /// Put the value back, best as a reference to where it is kept.
    ///
    /// # Example
    /// ```yaml
    /// databases:
    ///   main:
    ///     host: db.example.com
    ///     password: "********"
    /// ```
    /// Mended:
    /// ```yaml
    /// databases:
    ///   main:
    ///     host: db.example.com
    ///     password: "${DB_PASSWORD}"
    /// ```
    "masked-value": Syntax, Error
}
