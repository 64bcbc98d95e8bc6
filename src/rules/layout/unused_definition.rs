//! `unused-definition`: met while reading.

rule! {
    /// A section of credentials that nothing refers to.
    ///
    /// Found are sections under `credentials` that describe a database, in a file whose databases name theirs by
    /// `credential_ref` or `backend_options`, if neither a reference nor any other value names them.
    /// Databases under `databases` are used by their names, and are never found.
    ///
    /// # Why it matters
    /// A section that nobody uses is not tried, and keeps a login alive that nobody will think of when passwords
    /// change.
    /// Often it is the sign of a reference that was meant for it and names another section.
    ///
    /// # How to mend it
    /// Let the database that it is for refer to it, or remove it and revoke the login.
    ///
    /// # Example
    /// ```yaml
    /// credentials:
    ///   app_login: {host: db.example.com, database: app, username: app_user}
    ///   reports_login: {host: db.example.com, database: reports, username: reports_user}
    /// databases:
    ///   main: {credential_ref: app_login}
    /// ```
    "unused-definition": Layout, Warning
}
