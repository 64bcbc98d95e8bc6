//! `url-fields-disagree`: met while reading.

rule! {
    /// A URL and the fields beside it, or a second URL, that say different things.
    ///
    /// A field that says the same as the URL is not found, nor is one whose value is a variable: it may come down to
    /// the same.
    ///
    /// # Why it matters
    /// dbcfg lets the URL win.
    /// An application that takes the fields connects to another server, and both look right to whoever reads one half
    /// only.
    ///
    /// # How to mend it
    /// Keep one of the two.
    ///
    /// # Example
    /// ```yaml
    /// databases:
    ///   main:
    ///     url: postgresql://app_user@db.example.com:5432/app
    ///     host: old.example.com
    /// ```
    /// Mended:
    /// ```yaml
    /// databases:
    ///   main:
    ///     url: postgresql://app_user@db.example.com:5432/app
    /// ```
    "url-fields-disagree": Endpoint, Error
}
