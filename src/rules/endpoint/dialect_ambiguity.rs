//! `dialect-ambiguity`: met while reading.

rule! {
    /// A URL that libpq and SQLAlchemy read differently.
    ///
    /// # Why it matters
    /// In `postgresql://u:p/w@h/d` libpq sees the host `u`, and SQLAlchemy the password `p/w`.
    /// A `+` in a parameter is a plus to libpq and a space to SQLAlchemy, and of `h1,h2:5433` libpq takes the port for
    /// the second host only.
    /// So `psql` and the application look for different servers, and a part of the password may show up in an error
    /// message as the name of a host.
    ///
    /// # How to mend it
    /// Percent-encode the special characters of user and password: `@` is `%40`, `/` is `%2F`, `:` is `%3A`, `#` is
    /// `%23`, `?` is `%3F`, `%` is `%25`.
    /// Write a port behind each of several hosts.
    ///
    /// # Example
    /// ```env
    /// DATABASE_URL=postgresql://app_user@db.example.com,standby.example.com:5433/app
    /// ```
    /// Mended:
    /// ```env
    /// DATABASE_URL=postgresql://app_user@db.example.com:5433,standby.example.com:5433/app
    /// ```
    "dialect-ambiguity": Endpoint, Warning
}
