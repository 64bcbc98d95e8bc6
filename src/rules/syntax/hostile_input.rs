//! `hostile-input`: met while reading.

rule! {
    /// Text of a size or depth that no settings have.
    "hostile-input": Syntax, Error
}
