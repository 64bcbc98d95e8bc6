//! `unsupported-engine`: met while reading.

rule! {
    /// A database engine that dbcfg carries along but does not speak.
    "unsupported-engine": Syntax, Warning
}
