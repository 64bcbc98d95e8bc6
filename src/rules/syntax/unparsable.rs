//! `unparsable`: met while reading.

rule! {
    /// Text that does not follow the rules of its format.
    "unparsable": Syntax, Error
}
