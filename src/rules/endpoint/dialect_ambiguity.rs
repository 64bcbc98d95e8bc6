//! `dialect-ambiguity`: met while reading.

rule! {
    /// A URL that libpq and SQLAlchemy read differently.
    "dialect-ambiguity": Endpoint, Warning
}
