//! `unreadable`: met while reading.

rule! {
    /// A file that could not be read at all.
    ///
    /// Found are files that were named and are not there, files and directories without permission, links that lead
    /// nowhere, and what is no regular file.
    /// The rest is checked all the same, and the exit status is 2.
    ///
    /// # Why it matters
    /// What stands in the file is not checked, so a green result would mean nothing.
    ///
    /// # How to mend it
    /// Check the path and the permissions; run `dbcfg` as a user who may read the file.
    /// A file that is not meant can be left out with `exclude` in `dbcfg.toml`.
    ///
    /// # Example
    /// ```sh
    /// dbcfg check config/setings.yaml
    /// ```
    "unreadable": Syntax, Error
}
