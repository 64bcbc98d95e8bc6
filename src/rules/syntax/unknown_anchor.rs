//! `unknown-anchor`: met while reading.

rule! {
    /// A YAML alias without its anchor.
    "unknown-anchor": Syntax, Error
}
