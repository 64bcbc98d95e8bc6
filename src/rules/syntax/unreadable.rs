//! `unreadable`: met while reading.

rule! {
    /// A file that could not be read.
    "unreadable": Syntax, Error
}
