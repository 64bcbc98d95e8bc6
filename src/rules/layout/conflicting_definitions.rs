//! `conflicting-definitions`: met while reading.

rule! {
    /// Two descriptions of one database that name different places.
    ///
    /// Both stand in sources of the same rank: in settings files, or among the variables of one file.
    /// That a variable beats a settings file, and an environment its base, is what they are for, and is no conflict.
    ///
    /// # Why it matters
    /// Only one of the two can be right.
    /// dbcfg takes the first, with the canonical layout before all others; another program may well take the second,
    /// and then two parts of one application write to different servers.
    ///
    /// # How to mend it
    /// Remove the one that is wrong, or make them agree.
    /// If they are two databases, give them names that say so.
    ///
    /// # Example
    /// ```yaml
    /// databases:
    ///   main:
    ///     host: db.example.com
    ///     database: app
    /// postgres_primary:
    ///   host: old.example.com
    ///   database: app
    /// ```
    /// Mended:
    /// ```yaml
    /// databases:
    ///   main:
    ///     host: db.example.com
    ///     database: app
    /// ```
    "conflicting-definitions": Layout, Error
}
