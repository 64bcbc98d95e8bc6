//! `duplicate-key`: met while reading.

rule! {
    /// A key that stands twice.
    "duplicate-key": Syntax, Error
}
