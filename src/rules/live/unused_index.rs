//! `unused-index`.

use crate::model::Key;
use crate::rules::live_check::{Found, Live, name};

use super::listed;

rule! {
    /// Indexes that no query has used since the statistics were reset.
    ///
    /// Found with `--deep`; those that keep values unique are not, nor those on a standby, which does not know what the
    /// primary reads.
    /// # Why it matters
    /// Every write keeps them up to date, every backup and vacuum reads them, and nobody reads them.
    /// # How to mend it
    /// See first how long the statistics go back (`select stats_reset from pg_stat_database`), and whether a standby uses the index, whose reads are not counted here.
    /// Then `drop index concurrently`.
    /// # Example
    /// ```text
    /// app=> select indexrelname, idx_scan from pg_stat_user_indexes where idx_scan = 0;
    ///  documents_title_idx | 0
    /// ```
    "unused-index": Live, Info
}

pub(super) fn judge(live: &Live<'_>, findings: &mut Vec<Found>) {
    for answer in live.primaries().filter(|answer| !answer.facts.in_recovery) {
        let found = answer.facts.deep.as_ref().and_then(|deep| deep.unused_indexes.as_ref());
        let Some(found) = found.filter(|found| !found.is_empty()) else { continue };
        let bytes = found.iter().map(|index| index.bytes).sum();
        let message = format!(
            "no query has used {} of {}: {}, {} in all",
            if found.len() == 1 { "1 index".to_owned() } else { format!("{} indexes", found.len()) },
            name(&answer.target.subject),
            listed::indexes(found),
            listed::size(bytes)
        );
        let finding = live.finding(&INFO, &answer, &[Key::Database], message).help(
            "see how long the statistics go back (`select stats_reset from pg_stat_database`), and whether a standby uses \
             them; then `drop index concurrently`",
        );
        findings.push((answer.target.subject.clone(), finding));
    }
}
