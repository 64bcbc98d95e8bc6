//! `role-inferred`: met while reading.

rule! {
    /// A role that only the name of the database tells.
    "role-inferred": Layout, Info
}
