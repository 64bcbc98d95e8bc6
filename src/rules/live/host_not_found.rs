//! `host-not-found`.

use crate::model::health::{Cause, Engine};
use crate::rules::live_check::{Found, Live};

use super::failed;

rule! {
    /// A host whose name leads nowhere: the name servers do not know it, or it has no address.
    ///
    /// Found is what `dbcfg probe` could not look up, after a second try.
    /// A resolver that gives no answer at all is found as `unreachable`.
    /// Targets that share the host are told once.
    /// # Why it matters
    /// Nothing behind the name can be reached, and trying again does not help.
    /// Most often the server was deleted, renamed or never there, or the name belongs to a network that this machine is not in.
    /// # How to mend it
    /// Write the right host at the line that the finding names.
    /// Where another server of the same configuration holds the database, the help says so, with the command that writes that server here: `dbcfg migrate settings.yaml --relocate mlflow=main`.
    /// # Example
    /// ```yaml
    /// databases:
    ///   mlflow:
    ///     host: mlflow-old.example.com    # deleted last week
    ///     database: mlflow_db
    /// ```
    "host-not-found": Live, Error
}

pub(super) fn judge(live: &Live<'_>, findings: &mut Vec<Found>) {
    for failed in failed::all(live, |cause| matches!(cause, Cause::NameNotFound | Cause::NameWithoutAddress)) {
        let what = match failed.failure.cause {
            Cause::NameWithoutAddress => "has no address",
            _ => "does not exist",
        };
        let is_bucket = failed.targets.first().is_some_and(|target| target.engine == Engine::S3);
        // What stands in the files is the name of the bucket, and that of its server in the environment.
        let host = if is_bucket { "the host of S3 for".to_owned() } else { format!("the host `{}` of", failed.host()) };
        let message = format!("{host} {} {what}", failed.names());
        findings.extend(failed.finding(live, &INFO, message));
    }
}
