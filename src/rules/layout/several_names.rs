//! `several-names`: met while reading.

rule! {
    /// One database that is defined under several names.
    "several-names": Layout, Warning
}
