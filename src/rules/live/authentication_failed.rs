//! `authentication-failed`.

use crate::model::health::Cause;
use crate::rules::live_check::{Found, Live};

use super::failed;

rule! {
    /// A server that does not let the user in.
    ///
    /// Found are wrong and missing passwords, roles that there are not or that may not log in, users that `pg_hba.conf` has no line for, roles and databases that are locked by a limit of 0, and the right to connect to the database.
    /// Redis is found too.
    /// # Why it matters
    /// The server answers, so nothing but the login is wrong.
    /// It is not tried again: after some wrong passwords many servers lock the account.
    /// # How to mend it
    /// The finding names the line or the variable that holds the password.
    /// Try the same by hand with the `psql` command in the help, and write what works there.
    /// # Example
    /// ```yaml
    /// databases:
    ///   main:
    ///     host: db.example.com
    ///     username: app_user
    ///     password: "${DB_PASSWORD}"      # still last year's
    /// ```
    "authentication-failed": Live, Error
}

pub(super) fn judge(live: &Live<'_>, findings: &mut Vec<Found>) {
    for failed in failed::all(live, Cause::is_login) {
        let message = format!("{} is not let in by {}: {}", failed.names(), failed.server(), failed.said());
        findings.extend(failed.finding(live, &INFO, message));
    }
}
