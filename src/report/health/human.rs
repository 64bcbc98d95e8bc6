//! A checkup for people: the table, the causes, what the live rules found, and one line that counts.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::report::entry::Entry;
use crate::report::findings;
use crate::report::style::Style;
use crate::report::wrap::wrap_all;

use super::{Checkup, causes, deep, table, words};

/// Of names, causes, and findings of one rule, so many are told: as many as somebody reads.
pub(super) const MOST: usize = 20;

/// The checkup as text. On a terminal of `width` columns nothing is wider than that.
pub fn human(checkup: &Checkup<'_>, style: Style, width: Option<usize>) -> String {
    let parts = [
        table::table(checkup, style, width),
        causes::causes(checkup, style, width),
        causes::remarks(checkup, style, width),
        deep::deep(checkup, style, width),
        entries(checkup, style, width),
        end(checkup, style, width),
    ];
    let parts: Vec<String> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    parts.join("\n")
}

/// What the live rules found. Of a rule that thousands break, the first are told and the rest is counted.
fn entries(checkup: &Checkup<'_>, style: Style, width: Option<usize>) -> String {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    let told: Vec<&Entry> = checkup
        .entries
        .iter()
        .filter(|entry| {
            let count = counts.entry(entry.rule.id).or_default();
            *count += 1;
            *count <= MOST
        })
        .collect();
    let mut text = findings::entries(told, style, width);
    for (rule, count) in counts.into_iter().filter(|(_, count)| *count > MOST) {
        let line = format!("and {} more of {rule}; `--format json` tells all", count - MOST);
        for line in wrap_all(&line, 0, 4, width) {
            let _ = writeln!(text, "{line}");
        }
    }
    text
}

/// `1 down, 1 degraded, 2 healthy in 1.2 s`
fn end(checkup: &Checkup<'_>, style: Style, width: Option<usize>) -> String {
    let time = words::time(checkup.health.time);
    let line = if checkup.health.targets.is_empty() {
        "Nothing was probed.".to_owned()
    } else {
        format!("{} in {time}", counts(checkup))
    };
    let mut lines = vec![line];
    if checkup.health.is_interrupted {
        lines.push("Interrupted: what had no answer by then is not measured.".to_owned());
    }
    let mut text = String::new();
    for line in lines.iter().flat_map(|line| wrap_all(line, 0, 0, width)) {
        let _ = writeln!(text, "{}", style.bold(&line));
    }
    text
}

/// `1 down, 1 degraded, 2 healthy`
pub(super) fn counts(checkup: &Checkup<'_>) -> String {
    let counts = checkup.counts().into_iter();
    let counts: Vec<String> =
        counts.map(|(status, count)| format!("{count} {}", status.name().replace('-', " "))).collect();
    counts.join(", ")
}

/// `main, mlflow`, and of many the first `most` with `and 96 more`.
pub(super) fn some(names: &[String], most: usize) -> String {
    match names.get(most..) {
        Some(rest) if !rest.is_empty() => format!("{} and {} more", names[..most].join(", "), rest.len()),
        _ => names.join(", "),
    }
}
