//! `unreachable`.

use crate::model::health::Cause;
use crate::rules::live_check::{Found, Live};

use super::failed;

rule! {
    /// A server, file or store that does not answer as it should.
    ///
    /// Found is what refuses the connection, is silent, cuts it, speaks another protocol, is just starting or stopping, or answers with an error of its own; of SQLite a file that is missing, damaged or not to be read, of a store a bucket that is not there.
    /// What has a rule of its own is not found here: names, encryption, logins, missing databases, and servers without a free connection.
    /// # Why it matters
    /// Whatever depends on it stands still.
    /// The stage says how far it is known to be well: a connection that is refused at `tcp` has found its machine, one that times out at `query` has found its server and its user.
    /// # How to mend it
    /// The help says what such a failure most often means, and what to try next.
    /// # Example
    /// ```yaml
    /// databases:
    ///   main:
    ///     host: db.example.com
    ///     port: 5433                      # nothing listens there; the server is on 5432
    /// ```
    "unreachable": Live, Error
}

/// What other rules find, or nobody but the configuration is to blame for.
fn is_of_others(cause: Cause) -> bool {
    use super::{database_missing, extension_missing, read_only_server};
    cause.is_login()
        || cause.is_tls()
        || database_missing::is_meant(cause)
        || extension_missing::is_meant(cause)
        || read_only_server::is_meant(cause)
        || matches!(
            cause,
            Cause::NameNotFound
                | Cause::NameWithoutAddress
                | Cause::TooManyConnections
                | Cause::Configuration
                | Cause::Deadline
        )
}

pub(super) fn judge(live: &Live<'_>, findings: &mut Vec<Found>) {
    for failed in failed::all(live, |cause| !is_of_others(cause)) {
        let message = format!("{} cannot be used: {}", failed.names(), failed.said());
        findings.extend(failed.finding(live, &INFO, message));
    }
}
