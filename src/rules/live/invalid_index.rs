//! `invalid-index`.

use crate::model::Key;
use crate::redact::show_text;
use crate::rules::hint::identifier;
use crate::rules::live_check::{Found, Live, name};

use super::listed;

rule! {
    /// Indexes that are broken: a `create index concurrently` has failed and left them.
    ///
    /// Found with `--deep`.
    /// # Why it matters
    /// No query uses such an index, and every write still keeps it up to date.
    /// A unique index that is invalid keeps nothing unique.
    /// # How to mend it
    /// `reindex index concurrently NAME`, or drop it and make it again.
    /// One that is to be unique fails again as long as the table has values twice.
    /// # Example
    /// ```text
    /// app=> select indexrelid::regclass from pg_index where not indisvalid;
    ///  documents_embedding_idx
    /// ```
    "invalid-index": Live, Warning
}

pub(super) fn judge(live: &Live<'_>, findings: &mut Vec<Found>) {
    for answer in live.primaries() {
        let found = answer.facts.deep.as_ref().and_then(|deep| deep.invalid_indexes.as_ref());
        let Some(found) = found.filter(|found| !found.is_empty()) else { continue };
        let message = match found.as_slice() {
            [index] => {
                format!(
                    "the index {} of {} is invalid",
                    listed::indexes(std::slice::from_ref(index)),
                    name(&answer.target.subject)
                )
            }
            _ => format!(
                "{} indexes of {} are invalid: {}",
                found.len(),
                name(&answer.target.subject),
                listed::indexes(found)
            ),
        };
        let index = match found.as_slice() {
            [index] => show_text(&identifier(&index.name)),
            _ => "NAME".to_owned(),
        };
        let finding = live.finding(&INFO, &answer, &[Key::Database], message).help(format!(
            "`reindex index concurrently {index}` as the owner of its table; a unique index first needs its doubles \
             removed from the table"
        ));
        findings.push((answer.target.subject.clone(), finding));
    }
}
