//! `slow-queries`.

use crate::model::Key;
use crate::redact::show_text;
use crate::rules::live_check::{Found, Live, name};

rule! {
    /// Statements that take longer than 100 milliseconds on average.
    ///
    /// Found with `--deep`, as `pg_stat_statements` has them since it was reset; statements that are no queries (`vacuum`, `copy`) are left out.
    /// # Why it matters
    /// A statement that takes long and comes often is what the server does all day: an index for it may be worth more than a larger machine.
    /// # How to mend it
    /// Ask for its plan, with `explain (analyze, buffers)`, and look for sequential scans of large tables.
    /// # Example
    /// ```text
    /// app=> select mean_exec_time, calls, query from pg_stat_statements order by 1 desc limit 1;
    ///  1240.5 | 311 | select * from documents where lower(title) = $1
    /// ```
    "slow-queries": Live, Info
}

/// From this average on a statement is slow, in milliseconds.
const SLOW: f64 = 100.0;

/// How much of a statement a message shows, in characters.
const SHOWN: usize = 80;

pub(super) fn judge(live: &Live<'_>, findings: &mut Vec<Found>) {
    for answer in live.primaries() {
        let queries = answer.facts.deep.as_ref().and_then(|deep| deep.slow_queries.as_ref());
        let slow: Vec<_> = queries.into_iter().flatten().filter(|query| query.mean_millis > SLOW).collect();
        let Some(worst) = slow.iter().max_by(|one, other| one.mean_millis.total_cmp(&other.mean_millis)) else {
            continue;
        };
        let count = if slow.len() == 1 { "1 statement".to_owned() } else { format!("{} statements", slow.len()) };
        let verb = if slow.len() == 1 { "takes" } else { "take" };
        let message = format!(
            "{count} of {} {verb} more than 100 ms on average; the slowest {:.0} ms, in {}: {}",
            name(&answer.target.subject),
            worst.mean_millis,
            if worst.calls == 1 { "1 call".to_owned() } else { format!("{} calls", worst.calls) },
            shown(&worst.query)
        );
        let help = "`explain (analyze, buffers)` shows where the time goes";
        let finding = live.finding(&INFO, &answer, &[Key::Database], message).help(help);
        findings.push((answer.target.subject.clone(), finding));
    }
}

/// The beginning of a statement, in one line.
fn shown(query: &str) -> String {
    let line = query.split_whitespace().collect::<Vec<_>>().join(" ");
    let short: String = line.chars().take(SHOWN).collect();
    let dots = if short.len() < line.len() { " ..." } else { "" };
    format!("`{}{dots}`", show_text(short.trim_end()))
}
