//! `unknown-key`: met while reading.

rule! {
    /// A key that is not known here, most likely misspelt.
    "unknown-key": Syntax, Warning
}
