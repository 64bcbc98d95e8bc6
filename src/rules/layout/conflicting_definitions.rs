//! `conflicting-definitions`: met while reading.

rule! {
    /// Two definitions of one database that name different places.
    "conflicting-definitions": Layout, Error
}
