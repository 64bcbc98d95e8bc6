//! What dbcfg changed in files, from its journal: a table, or for programs.

use std::fmt::Write as _;

use serde::Serialize;
use unicode_width::UnicodeWidthStr as _;

use crate::model::HistoryEntry;
use crate::redact;

use super::json::VERSION;
use super::migration_json::{Changed, changed};
use super::plan::put;
use super::style::Style;

const HEADER: [&str; 5] = ["TIME", "WHO", "ACTION", "CHANGES", "FILE"];

/// The entries of a journal as a table, each with the values that changed if they are wanted. On a terminal of `width`
/// columns that has no room for it, each entry is a few lines.
pub fn history(entries: &[HistoryEntry], has_values: bool, style: Style, width: Option<usize>) -> String {
    if entries.is_empty() {
        return String::new();
    }
    let rows: Vec<[String; 5]> = entries.iter().map(row).collect();
    let column = |index: usize| {
        rows.iter().map(|row| row[index].width()).chain([HEADER[index].width()]).max().unwrap_or_default()
    };
    let columns: [usize; 5] = std::array::from_fn(column);
    let is_wide = width.is_none_or(|width| columns.iter().sum::<usize>() + 2 * (columns.len() - 1) <= width);
    let mut text = String::new();
    if is_wide {
        let _ = writeln!(text, "{}", style.bold(&line(&HEADER.map(str::to_owned), columns)));
    }
    for (entry, row) in entries.iter().zip(&rows) {
        if is_wide {
            let _ = writeln!(text, "{}", line(row, columns));
        } else {
            let [time, who, action, changes, file] = row;
            let _ = writeln!(text, "{}", style.bold(time));
            put(file, 2, 2, width, &mut text);
            put(&format!("{action} by {who}, {changes} changed"), 2, 2, width, &mut text);
        }
        if has_values {
            values(entry, width, &mut text);
        }
    }
    text
}

/// The same for programs: version 1, which changes only by addition.
pub fn history_json(entries: &[HistoryEntry]) -> String {
    let entries = entries.iter().map(|entry| Entry {
        id: redact::show_text(&entry.id),
        time: redact::show_text(&entry.time),
        user: redact::show_text(&entry.user),
        file: redact::show_text(&entry.file.to_string_lossy()),
        action: redact::show_text(&entry.action),
        changes: entry.changes.iter().map(changed).collect(),
        snapshot: entry.snapshot.as_ref().map(|path| redact::show_text(&path.to_string_lossy())),
    });
    let report = Report { version: VERSION, entries: entries.collect() };
    serde_json::to_string_pretty(&report).unwrap_or_default() + "\n"
}

#[derive(Serialize)]
struct Report {
    version: u32,
    entries: Vec<Entry>,
}

#[derive(Serialize)]
struct Entry {
    id: String,
    time: String,
    user: String,
    file: String,
    action: String,
    changes: Vec<Changed>,
    snapshot: Option<String>,
}

fn row(entry: &HistoryEntry) -> [String; 5] {
    [
        redact::show_text(&entry.time),
        redact::show_text(&entry.user),
        redact::show_text(&entry.action),
        entry.changes.len().to_string(),
        redact::show_text(&entry.file.to_string_lossy()),
    ]
}

/// Cells below each other; numbers end where the others begin.
fn line(cells: &[String; 5], columns: [usize; 5]) -> String {
    let mut text = String::new();
    for (index, (cell, column)) in cells.iter().zip(columns).enumerate() {
        let gap = " ".repeat(column - cell.width());
        let _ = if index == 3 { write!(text, "{gap}{cell}  ") } else { write!(text, "{cell}{gap}  ") };
    }
    text.trim_end().to_owned()
}

/// `key: old -> new`
fn values(entry: &HistoryEntry, width: Option<usize>, text: &mut String) {
    let shown = |value: &Option<String>| value.as_deref().map(|value| redact::escape(value).into_owned());
    for change in &entry.changes {
        let (old, new) = (shown(&change.old), shown(&change.new));
        let words = match (old, new) {
            (Some(old), Some(new)) => format!("{old} -> {new}"),
            (None, Some(new)) => format!("{new} (new)"),
            (Some(old), None) => format!("{old} (gone)"),
            (None, None) => String::new(),
        };
        put(&format!("{}: {words}", redact::escape(&change.key)), 4, 8, width, text);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::ValueChange;

    fn entries() -> Vec<HistoryEntry> {
        let change = |key: &str, old: &str, new: &str| ValueChange {
            key: key.to_owned(),
            old: Some(old.to_owned()).filter(|old| !old.is_empty()),
            new: Some(new.to_owned()).filter(|new| !new.is_empty()),
        };
        let entry = |time: &str, action: &str, changes| HistoryEntry {
            id: "7".to_owned(),
            time: time.to_owned(),
            user: "ada".to_owned(),
            file: "/srv/app/settings.yaml".into(),
            action: action.to_owned(),
            changes,
            snapshot: None,
        };
        vec![
            entry("2026-11-20T10:00:00Z", "undo", Vec::new()),
            entry(
                "2026-11-20T09:00:00Z",
                "migrate",
                vec![
                    change("databases.main.port", "\"5432\"", "5432"),
                    change("databases.main.password", "", "********"),
                ],
            ),
        ]
    }

    #[test]
    fn entries_stand_in_a_table() {
        let plain = Style { is_coloured: false };
        let expected = "\
TIME                  WHO  ACTION   CHANGES  FILE
2026-11-20T10:00:00Z  ada  undo           0  /srv/app/settings.yaml
2026-11-20T09:00:00Z  ada  migrate        2  /srv/app/settings.yaml
    databases.main.port: \"5432\" -> 5432
    databases.main.password: ******** (new)
";
        assert_eq!(history(&entries(), true, plain, Some(80)), expected);
        let narrow = "\
2026-11-20T10:00:00Z
  /srv/app/settings.yaml
  undo by ada, 0 changed
";
        assert!(history(&entries(), false, plain, Some(40)).starts_with(narrow));
        assert_eq!(history(&[], true, plain, None), "");
    }

    #[test]
    fn programs_get_all_of_it() {
        let text = history_json(&entries());
        let value: serde_json::Value = serde_json::from_str(&text).expect("JSON");
        assert_eq!(value["version"], 1);
        assert_eq!(value["entries"][1]["changes"][1]["new"], "********");
        assert_eq!(value["entries"][1]["changes"][1]["old"], serde_json::Value::Null);
        assert_eq!(value["entries"][0]["file"], "/srv/app/settings.yaml");
    }
}
