//! `masked-value`: met while reading.

rule! {
    /// A mask in place of a secret.
    "masked-value": Syntax, Error
}
