//! `database-missing`.

use crate::model::health::Cause;
use crate::rules::live_check::{Found, Live};

use super::failed;

rule! {
    /// A database that its server does not have, or that accepts no connections.
    ///
    /// It is found although `fallback_database` may have answered: what the files name first is not there.
    /// # Why it matters
    /// Either the name is wrong, as `mlflow` where the server has `mlflow_db`, or the database was never made, renamed or dropped.
    /// A program that makes what it does not find then begins with an empty one beside the data.
    /// # How to mend it
    /// The help names a database of the server that is called nearly the same, if there is one.
    /// Otherwise `psql -l` lists them.
    /// # Example
    /// ```yaml
    /// databases:
    ///   mlflow:
    ///     host: db.example.com
    ///     database: mlflow                # the server has `mlflow_db`
    /// ```
    "database-missing": Live, Error
}

/// Whether a cause is this rule's.
pub(super) fn is_meant(cause: Cause) -> bool {
    matches!(cause, Cause::DatabaseMissing | Cause::DatabaseClosed)
}

pub(super) fn judge(live: &Live<'_>, findings: &mut Vec<Found>) {
    for failed in failed::all(live, is_meant) {
        let name = failed.database().map_or_else(|| "the database".to_owned(), |name| format!("the database `{name}`"));
        let (whose, server) = (failed.names(), failed.server());
        let message = match failed.failure.cause {
            Cause::DatabaseClosed => format!("{name} of {whose} accepts no connections on {server}"),
            _ => format!("{name} of {whose} does not exist on {server}"),
        };
        findings.extend(failed.finding(live, &INFO, message));
    }
}
