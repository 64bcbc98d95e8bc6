//! `extension-missing`.

use crate::model::health::Cause;
use crate::rules::live_check::{Found, Live};

use super::failed;

rule! {
    /// A database for embeddings without pgvector, or with one that does not work.
    ///
    /// Found is the vector database if the extension `vector` is not installed in it, or if `<->` fails.
    /// # Why it matters
    /// Every table with a column of type `vector` and every search for neighbours fails, while the database looks healthy to everybody else.
    /// An extension belongs to one database: that another on the same server has it does not help.
    /// # How to mend it
    /// Connect to the database as its owner or as a superuser, and say `create extension vector`.
    /// If the server does not have it to install, its package comes first.
    /// # Example
    /// ```yaml
    /// databases:
    ///   vector:
    ///     host: db.example.com
    ///     database: vector_db             # a new one, in which nobody has said `create extension vector`
    /// ```
    "extension-missing": Live, Error
}

/// Whether a cause is this rule's.
pub(super) fn is_meant(cause: Cause) -> bool {
    matches!(cause, Cause::ExtensionMissing | Cause::ExtensionBroken)
}

pub(super) fn judge(live: &Live<'_>, findings: &mut Vec<Found>) {
    for failed in failed::all(live, is_meant) {
        let database = failed.database().map_or_else(|| "the database".to_owned(), |name| format!("`{name}`"));
        let message = match failed.failure.cause {
            Cause::ExtensionBroken => format!("pgvector fails in {database} of {}: {}", failed.names(), failed.said()),
            _ => format!("{database} of {} has no pgvector", failed.names()),
        };
        findings.extend(failed.finding(live, &INFO, message));
    }
}
