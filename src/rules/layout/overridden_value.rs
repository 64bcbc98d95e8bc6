//! `overridden-value`: met while reading.

rule! {
    /// A value that another source overrides.
    "overridden-value": Layout, Info
}
