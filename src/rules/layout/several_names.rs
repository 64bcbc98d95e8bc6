//! `several-names`: met while reading.

rule! {
    /// One database that is described under several names.
    ///
    /// Found are descriptions of one source, or of several settings files, with the same host and database (or the same
    /// SQLite file), if none of them refers to the other.
    /// Two URLs for two drivers (`+psycopg2` and `+asyncpg`) are not found: an application may need both.
    ///
    /// # Why it matters
    /// `postgres_primary` and `postgres_std` look like two databases and are one.
    /// A change of the host or the password has to be made in each place, and is forgotten in one of them.
    ///
    /// # How to mend it
    /// Keep one description, best the canonical one, and let the others refer to it or remove them.
    ///
    /// # Example
    /// ```yaml
    /// databases:
    ///   main:
    ///     host: db.example.com
    ///     database: app
    ///   app_postgres:
    ///     host: db.example.com
    ///     database: app
    /// ```
    /// Mended:
    /// ```yaml
    /// databases:
    ///   main:
    ///     host: db.example.com
    ///     database: app
    /// ```
    "several-names": Layout, Warning
}
