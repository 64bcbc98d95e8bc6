//! `scrubbed-value`: met while reading.

rule! {
    /// A marker of a removed secret in place of the value.
    "scrubbed-value": Syntax, Error
}
