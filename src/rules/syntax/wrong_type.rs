//! `wrong-type`: met while reading.

rule! {
    /// A value of another type than its key takes.
    "wrong-type": Syntax, Error
}
