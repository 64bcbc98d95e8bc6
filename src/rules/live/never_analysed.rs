//! `never-analysed`.

use crate::model::Key;
use crate::rules::live_check::{Found, Live, name};

use super::listed;

rule! {
    /// Tables with rows that neither `analyze` nor autovacuum has ever looked at.
    ///
    /// Found with `--deep`.
    /// # Why it matters
    /// The planner does not know how many rows there are or what is in them, and guesses: the same query takes seconds instead of milliseconds.
    /// It is usual after a restore or an upgrade, for which statistics are not kept, and a sign of an autovacuum that is off or does not keep up.
    /// # How to mend it
    /// `analyze`, once and for all tables, as their owner: `vacuumdb --analyze-in-stages`.
    /// # Example
    /// ```text
    /// app=> select relname from pg_stat_user_tables where last_analyze is null and last_autoanalyze is null;
    ///  documents
    /// ```
    "never-analysed": Live, Info
}

pub(super) fn judge(live: &Live<'_>, findings: &mut Vec<Found>) {
    for answer in live.primaries() {
        let found = answer.facts.deep.as_ref().and_then(|deep| deep.never_analysed.as_ref());
        let Some(found) = found.filter(|found| !found.is_empty()) else { continue };
        let message = format!(
            "{} of {} never analysed: {}",
            if found.len() == 1 { "1 table".to_owned() } else { format!("{} tables", found.len()) },
            format_args!("{} {}", name(&answer.target.subject), if found.len() == 1 { "was" } else { "were" }),
            listed::names(found.iter().map(String::as_str))
        );
        let finding = live
            .finding(&INFO, &answer, &[Key::Database], message)
            .help("run `analyze` as the owner of the tables, and see whether autovacuum is on");
        findings.push((answer.target.subject.clone(), finding));
    }
}
