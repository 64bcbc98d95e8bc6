//! The table of the targets: the worst first.
//!
//! Where a terminal is too narrow for all columns, what is known stands below the endpoint; where even that has no room,
//! each target is a block of its own.

use std::fmt::Write as _;

use comfy_table::{CellAlignment, ContentArrangement, Table, presets};
use unicode_width::UnicodeWidthStr as _;

use crate::model::health::{Status, TargetHealth};
use crate::report::style::Style;
use crate::report::wrap::wrap_all;

use super::{Checkup, words};

const HEADER: [&str; 6] = ["TARGET", "STATUS", "STAGE", "TIME", "ENDPOINT", "DETAILS"];

/// The column of the times, which stand below each other by their ends.
const TIME: usize = 3;

/// Columns have so much room between them.
const GAP: usize = 2;

/// What is known has a column of its own if there is so much room for it.
const MUCH: usize = 36;

/// What is known has at least so much room, or the table becomes blocks.
const LEAST: usize = 24;

/// One target.
struct Row {
    name: String,
    status: Status,
    stage: String,
    time: String,
    endpoint: String,
    /// What is known, in parts.
    parts: Vec<String>,
    /// The same in one line.
    known: String,
}

/// The table as text; nothing if there are no targets.
pub(super) fn table(checkup: &Checkup<'_>, style: Style, width: Option<usize>) -> String {
    let rows: Vec<Row> = checkup.worst_first().into_iter().map(Row::of).collect();
    if rows.is_empty() {
        return String::new();
    }
    let Some(width) = width else { return wide(&rows, style) };
    let columns = |count: usize| -> usize { (0..count).map(|column| widest(&rows, column) + GAP).sum() };
    if columns(HEADER.len()) - GAP <= width {
        return wide(&rows, style);
    }
    let room = width.saturating_sub(columns(HEADER.len() - 1));
    if room >= MUCH {
        return broken(&rows, room, style);
    }
    let room = width.saturating_sub(columns(HEADER.len() - 2));
    if room >= widest(&rows, HEADER.len() - 2).max(LEAST) {
        stacked(&rows, room, style)
    } else {
        cards(&rows, width, style)
    }
}

impl Row {
    fn of(target: &TargetHealth) -> Self {
        let known = words::known(target);
        let is_tried = !target.attempts.is_empty();
        let or_dash = |text: Option<String>| text.unwrap_or_else(|| "-".to_owned());
        Self {
            name: words::name(&target.subject),
            status: target.status,
            stage: or_dash(words::stage(target).map(|stage| stage.name().to_owned())),
            time: or_dash(is_tried.then(|| words::time(target.time))),
            endpoint: words::place(&target.endpoint),
            known: known.join(", "),
            parts: known,
        }
    }

    fn cells(&self) -> [&str; 6] {
        [&self.name, self.status.name(), &self.stage, &self.time, &self.endpoint, &self.known]
    }
}

impl Row {
    /// What is known in lines of at most `room` columns; none if nothing is.
    fn lines(&self, room: usize) -> Vec<String> {
        // A line ends between two parts, unless one is wider than it.
        const TIED: &str = "\u{a0}";
        let tied = |part: &String| if part.width() < room { part.replace(' ', TIED) } else { part.clone() };
        let parts: Vec<String> = self.parts.iter().map(tied).collect();
        if parts.is_empty() {
            return Vec::new();
        }
        wrap_all(&parts.join(", "), 0, 0, Some(room)).iter().map(|line| line.replace(TIED, " ")).collect()
    }
}

fn widest(rows: &[Row], column: usize) -> usize {
    rows.iter().map(|row| row.cells()[column].width()).chain([HEADER[column].len()]).max().unwrap_or(0)
}

/// All columns, one line a target.
fn wide(rows: &[Row], style: Style) -> String {
    let mut table = empty(&HEADER);
    for row in rows {
        table.add_row(row.cells());
    }
    align(&mut table);
    painted(&table, rows, |_| 1, style)
}

/// All columns, what is known in lines of at most `room` columns.
fn broken(rows: &[Row], room: usize, style: Style) -> String {
    let mut table = empty(&HEADER);
    for row in rows {
        let [name, status, stage, time, endpoint, _] = row.cells();
        table.add_row([name, status, stage, time, endpoint, &row.lines(room).join("\n")]);
    }
    align(&mut table);
    painted(&table, rows, |row| row.lines(room).len().max(1), style)
}

/// What is known stands below the endpoint, in lines of at most `room` columns.
fn stacked(rows: &[Row], room: usize, style: Style) -> String {
    let mut table = empty(&HEADER[..5]);
    for row in rows {
        let [name, status, stage, time, endpoint, _] = row.cells();
        let lines: Vec<String> = std::iter::once(endpoint.to_owned()).chain(row.lines(room)).collect();
        table.add_row([name, status, stage, time, &lines.join("\n")]);
    }
    align(&mut table);
    painted(&table, rows, |row| 1 + row.lines(room).len(), style)
}

fn empty(header: &[&str]) -> Table {
    let mut table = Table::new();
    table.load_preset(presets::NOTHING).set_content_arrangement(ContentArrangement::Disabled).set_header(header);
    table
}

fn align(table: &mut Table) {
    for column in table.column_iter_mut() {
        column.set_padding((0, u16::try_from(GAP).unwrap_or_default()));
    }
    if let Some(column) = table.column_mut(TIME) {
        column.set_cell_alignment(CellAlignment::Right);
    }
}

/// The drawn table in colours: comfy-table counts them as text, so they come last. `lines` says how many lines a row has.
fn painted(table: &Table, rows: &[Row], lines: impl Fn(&Row) -> usize, style: Style) -> String {
    let mut text = String::new();
    let mut drawn = table.lines();
    if let Some(header) = drawn.next() {
        let _ = writeln!(text, "{}", style.bold(header.trim_end()));
    }
    for row in rows {
        for (index, line) in drawn.by_ref().take(lines(row)).enumerate() {
            let line = line.trim_end();
            let status = row.status.name();
            // The name may hold the word for a verdict, too.
            let at = line.get(row.name.len()..).and_then(|rest| rest.find(status)).map(|at| at + row.name.len());
            let _ = match at.filter(|_| index == 0) {
                Some(at) => {
                    let (before, after) = (&line[..at], &line[at + status.len()..]);
                    writeln!(text, "{before}{}{after}", style.as_status(row.status, status))
                }
                None => writeln!(text, "{}", style.faint(line)),
            };
        }
    }
    text
}

/// One block a target, for narrow terminals.
fn cards(rows: &[Row], width: usize, style: Style) -> String {
    const INDENT: usize = 2;
    let mut text = String::new();
    for (index, row) in rows.iter().enumerate() {
        if index > 0 {
            text.push('\n');
        }
        let status = row.status.name();
        if row.name.width() + GAP + status.len() <= width {
            let _ = writeln!(text, "{}  {}", style.bold(&row.name), style.as_status(row.status, status));
        } else {
            for line in wrap_all(&row.name, 0, 0, Some(width)) {
                let _ = writeln!(text, "{}", style.bold(&line));
            }
            let _ = writeln!(text, "{:INDENT$}{}", "", style.as_status(row.status, status));
        }
        for line in wrap_all(&row.endpoint, INDENT, INDENT, Some(width)) {
            let _ = writeln!(text, "{:INDENT$}{line}", "");
        }
        let way: Vec<&str> = [row.stage.as_str(), row.time.as_str()].into_iter().filter(|part| *part != "-").collect();
        let way = std::iter::once(way.join(", ")).filter(|line| !line.is_empty());
        for line in way.chain(row.lines(width.saturating_sub(INDENT))) {
            let _ = writeln!(text, "{:INDENT$}{}", "", style.faint(&line));
        }
    }
    text
}
