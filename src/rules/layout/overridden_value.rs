//! `overridden-value`: met while reading.

rule! {
    /// A value that is written and never used, since a stronger source says otherwise.
    ///
    /// Variables are stronger than settings files, and `.env.NAME` is stronger than `.env`.
    /// What the settings of an environment override, in a section or in a file such as `settings.production.yaml`, is
    /// not found: that is what they are for.
    /// It is a warning where SQLite takes the place of a database server as a whole.
    ///
    /// # Why it matters
    /// It is most often as it should be.
    /// But in an incident the value in the file that you look at is not the one that the application has: this tells
    /// where that one stands.
    ///
    /// # How to mend it
    /// Nothing, if it is meant so.
    /// Otherwise remove one of the two.
    ///
    /// # Example
    /// ```yaml
    /// databases:
    ///   main:
    ///     host: db.example.com
    ///     database: app
    ///     connect_timeout: 10
    /// postgres_primary:
    ///   host: db.example.com
    ///   database: app
    ///   connect_timeout: 30
    /// ```
    "overridden-value": Layout, Info
}
