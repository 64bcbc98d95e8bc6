//! What `--deep` asked of servers, for people: what their tables and connections are like, target by target.
//!
//! Settings and row-level security are left to the live rules, which know what they ought to be.

use std::fmt::Write as _;
use std::time::Duration;

use crate::model::health::{Activity, Archiver, Deep, Facts, Index, Replication, SlowQuery, TableSize, Unmeasured};
use crate::report::counts::counted;
use crate::report::style::Style;
use crate::report::wrap::wrap_all;

use super::{Checkup, words};

/// The columns of the words before the lines.
const LABEL: usize = 14;

/// The columns before these words.
const INDENT: usize = 2;

/// Of a list, so many are shown; JSON has all.
const MOST: usize = 10;

/// What was asked as text; nothing if nothing was.
pub(super) fn deep(checkup: &Checkup<'_>, style: Style, width: Option<usize>) -> String {
    let mut text = String::new();
    for target in checkup.worst_first() {
        let postgres = target.facts.as_ref().and_then(Facts::postgres);
        let Some(deep) = postgres.and_then(|facts| facts.deep.as_deref()) else { continue };
        let lines = lines(deep);
        if lines.is_empty() {
            continue;
        }
        if !text.is_empty() {
            text.push('\n');
        }
        for line in wrap_all(&words::name(&target.subject), 0, 0, width) {
            let _ = writeln!(text, "{}", style.bold(&line));
        }
        for (label, said) in lines {
            push(&mut text, label, &words::said(&said), style, width);
        }
    }
    text
}

/// One line, which goes on below its own beginning.
fn push(text: &mut String, label: &str, said: &str, style: Style, width: Option<usize>) {
    const START: usize = INDENT + LABEL;
    for (index, line) in wrap_all(said, START, START, width).iter().enumerate() {
        let label = style.faint(&format!("{:LABEL$}", if index == 0 { label } else { "" }));
        let _ = writeln!(text, "{}", format!("{:INDENT$}{label}{line}", "").trim_end());
    }
}

/// The lines, each with the word before it, which only the first of a list has.
fn lines(deep: &Deep) -> Vec<(&'static str, String)> {
    let mut lines = Vec::new();
    if let Some(states) = deep.activity.as_ref().filter(|states| !states.is_empty()) {
        let states: Vec<String> = states.iter().map(activity).collect();
        lines.push(("connections", states.join(", ")));
    }
    list(&mut lines, "replication", deep.replication.as_deref(), replication);
    lines.extend(deep.archiver.as_ref().map(|it| ("archiving", archiver(it))));
    list(&mut lines, "tables", deep.tables.as_deref(), table);
    list(&mut lines, "slow queries", deep.slow_queries.as_deref(), query);
    list(&mut lines, "unused", deep.unused_indexes.as_deref(), index);
    list(&mut lines, "invalid", deep.invalid_indexes.as_deref(), index);
    list(&mut lines, "not analysed", deep.never_analysed.as_deref(), Clone::clone);
    list(&mut lines, "not measured", Some(&deep.not_measured), unmeasured);
    lines
}

fn list<Item>(
    lines: &mut Vec<(&'static str, String)>,
    label: &'static str,
    items: Option<&[Item]>,
    say: impl Fn(&Item) -> String,
) {
    let items = items.unwrap_or_default();
    let labels = std::iter::once(label).chain(std::iter::repeat(""));
    lines.extend(labels.zip(items.iter().take(MOST).map(say)));
    if let Some(rest) = items.len().checked_sub(MOST).filter(|rest| *rest > 0) {
        lines.push(("", format!("and {rest} more")));
    }
}

/// `2 active (longest 4.2 s)`
fn activity(activity: &Activity) -> String {
    let longest = activity.longest_seconds.and_then(seconds).map(|time| format!(" (longest {time})"));
    format!("{} {}{}", activity.connections, activity.state, longest.unwrap_or_default())
}

/// `standby1: streaming, 1.2 MB and 0.3 s behind`
fn replication(replication: &Replication) -> String {
    let bytes = replication.lag_bytes.map(words::bytes);
    let lag: Vec<String> = bytes.into_iter().chain(replication.lag_seconds.and_then(seconds)).collect();
    let behind = if lag.is_empty() { String::new() } else { format!(", {} behind", lag.join(" and ")) };
    format!("{}: {}{behind}", replication.name, replication.state)
}

fn archiver(archiver: &Archiver) -> String {
    let state = if archiver.failing { "failing" } else { "works" };
    let last =
        archiver.last_success_age.map(|age| format!(", last success {} ago", words::time(Duration::from_secs(age))));
    let failures = counted(usize::try_from(archiver.failed_count).unwrap_or(usize::MAX), "failure");
    format!("{state}, {failures} so far{}", last.unwrap_or_default())
}

/// `1.2 GB  public.documents (762.9 MB without indexes)`
fn table(table: &TableSize) -> String {
    let (total, own) = (words::bytes(table.total_bytes), words::bytes(table.bytes));
    format!("{total:>8}  {} ({own} without indexes)", table.name)
}

/// `182 ms  select ... (1203 calls)`
fn query(query: &SlowQuery) -> String {
    let time = seconds(query.mean_millis / 1000.0).unwrap_or_default();
    let text: Vec<&str> = query.query.split_whitespace().collect();
    format!("{time:>8}  {} ({})", text.join(" "), counted(usize::try_from(query.calls).unwrap_or(usize::MAX), "call"))
}

/// `12.0 MB  documents_old_idx on public.documents`
fn index(index: &Index) -> String {
    format!("{:>8}  {} on {}", words::bytes(index.bytes), index.name, index.table)
}

fn unmeasured(unmeasured: &Unmeasured) -> String {
    format!("{}: {}", unmeasured.what.replace('_', " "), unmeasured.why)
}

/// A number of seconds that a server told; none if it is no time.
fn seconds(seconds: f64) -> Option<String> {
    Duration::try_from_secs_f64(seconds).ok().map(words::time)
}
