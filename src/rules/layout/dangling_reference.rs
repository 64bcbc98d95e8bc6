//! `dangling-reference`: met while reading.

rule! {
    /// A reference to something that is not defined.
    "dangling-reference": Layout, Error
}
