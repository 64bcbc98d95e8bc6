//! The table of the targets: the worst first.
//!
//! Where a terminal is too narrow for a row, that row alone goes on below: what is known in its own column if it is wide
//! enough, or from the second column on. Where even the endpoints have no room, each target is a block of its own.

use std::fmt::Write as _;
use std::iter;

use unicode_width::UnicodeWidthStr as _;

use crate::model::health::{Status, TargetHealth};
use crate::report::style::Style;
use crate::report::wrap::wrap_all;

use super::{Checkup, words};

const HEADER: [&str; 6] = ["TARGET", "STATUS", "STAGE", "TIME", "ENDPOINT", "DETAILS"];

/// The column of the times, which stand below each other by their ends.
const TIME: usize = 3;

/// The column of the endpoints, the last but one.
const ENDPOINT: usize = 4;

/// Columns have so much room between them.
const GAP: usize = 2;

/// What is known goes on in a column of its own if that is so wide; lines in a smaller one would be too many.
const MUCH: usize = 36;

/// Of so many rows, one may have an endpoint that is wider than its column.
const ONE_OF: usize = 3;

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

/// How rows are laid out on a terminal.
#[derive(Clone, Copy)]
struct Layout {
    /// The columns up to the endpoints.
    before: [usize; ENDPOINT],
    /// The column of the endpoints.
    endpoint: usize,
    /// The column of what is known.
    known: usize,
    /// Where what has no room in its column goes on below.
    indent: usize,
    /// The columns of the terminal.
    width: usize,
}

/// The table as text; nothing if there are no targets.
pub(super) fn table(checkup: &Checkup<'_>, style: Style, width: Option<usize>) -> String {
    let rows: Vec<Row> = checkup.worst_first().into_iter().map(Row::of).collect();
    if rows.is_empty() {
        return String::new();
    }
    match Layout::of(&rows, width.unwrap_or(usize::MAX)) {
        Some(layout) => layout.draw(&rows, style),
        None => cards(&rows, width.unwrap_or_default(), style),
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

impl Layout {
    /// The layout in which the least goes on below; none if most endpoints have no room.
    fn of(rows: &[Row], width: usize) -> Option<Self> {
        let before = [0, 1, 2, TIME].map(|column| widest(rows, column));
        let start: usize = before.iter().map(|column| column + GAP).sum();
        let room = width.saturating_sub(start);
        let fits = |endpoint: usize| {
            let wider = rows.iter().filter(|row| row.endpoint.width() > endpoint).count();
            wider <= rows.len() / ONE_OF
        };
        let mut endpoints: Vec<usize> = rows.iter().map(|row| row.endpoint.width()).collect();
        endpoints.push(HEADER[ENDPOINT].len());
        endpoints.sort_unstable();
        endpoints.dedup();
        endpoints.retain(|endpoint| *endpoint >= HEADER[ENDPOINT].len() && *endpoint <= room && fits(*endpoint));
        let layouts = endpoints.into_iter().rev().flat_map(|endpoint| {
            let known = room.saturating_sub(endpoint + GAP);
            // What goes on below stands below what is known, or from the second column on.
            let column = (known >= MUCH).then_some(start + endpoint + GAP);
            let indents = column.into_iter().chain(iter::once(before[0] + GAP));
            indents.map(move |indent| Self { before, endpoint, known, indent, width })
        });
        layouts.min_by_key(|layout| layout.weight() * rows.iter().map(|row| layout.below(row).len()).sum::<usize>())
    }

    /// What a line below counts: three in their column are as easy to read as two across all columns.
    fn weight(self) -> usize {
        if self.indent == self.column() { 2 } else { 3 }
    }

    /// The column in which what is known begins.
    fn column(self) -> usize {
        self.start() + self.endpoint + GAP
    }

    /// The column in which the endpoints begin.
    fn start(self) -> usize {
        self.before.iter().map(|column| column + GAP).sum()
    }

    /// Whether an endpoint has room before the end of the line.
    fn has_place(self, row: &Row) -> bool {
        row.endpoint.width() <= self.width.saturating_sub(self.start())
    }

    /// What stands in the first line of a row, in the last column.
    fn beside(self, row: &Row) -> String {
        if row.endpoint.width() > self.endpoint {
            String::new()
        } else if self.indent == self.column() {
            row.lines(self.known).into_iter().next().unwrap_or_default()
        } else if row.known.width() <= self.known {
            row.known.clone()
        } else {
            String::new()
        }
    }

    /// The lines of a row that have no room in its first one.
    fn below(self, row: &Row) -> Vec<String> {
        let room = self.width.saturating_sub(self.indent);
        if !self.has_place(row) {
            let both = format!("{}{:GAP$}{}", row.endpoint, "", row.known);
            let lines = wrap_all(&row.endpoint, 0, 0, Some(room));
            let apart = || lines.into_iter().chain(row.lines(room)).collect();
            return if both.width() <= room { vec![both.trim_end().to_owned()] } else { apart() };
        }
        let is_in_column = self.indent == self.column();
        match row.endpoint.width() > self.endpoint {
            false if row.known.width() <= self.known => Vec::new(),
            false if is_in_column => row.lines(room).split_off(1),
            _ => row.lines(room),
        }
    }

    fn draw(self, rows: &[Row], style: Style) -> String {
        let mut text = String::new();
        let beside: Vec<String> = rows.iter().map(|row| self.beside(row)).collect();
        // A header with nothing below it is left out.
        let has_known = beside.iter().any(|known| !known.is_empty());
        let known = if has_known { HEADER[ENDPOINT + 1] } else { "" };
        let [name, status, stage, time, endpoint, _] = HEADER;
        let header = self.line([name, status, stage, time, endpoint, known], status);
        let _ = writeln!(text, "{}", style.bold(&header));
        for (row, known) in rows.iter().zip(&beside) {
            let endpoint = if self.has_place(row) { &row.endpoint } else { "" };
            let painted = style.as_status(row.status, row.status.name());
            let cells = [&row.name, row.status.name(), &row.stage, &row.time, endpoint, known];
            let _ = writeln!(text, "{}", self.line(cells, &painted));
            for line in self.below(row) {
                let _ = writeln!(text, "{:indent$}{}", "", style.faint(&line), indent = self.indent);
            }
        }
        text
    }

    /// A line of the table; the verdict is as wide as it was before it was painted.
    fn line(self, cells: [&str; 6], painted: &str) -> String {
        let mut line = String::new();
        for (column, cell) in cells.into_iter().enumerate() {
            let wide = self.before.get(column).copied().unwrap_or(self.endpoint);
            let pad = " ".repeat(wide.saturating_sub(cell.width()));
            let _ = match column {
                1 => write!(line, "{painted}{pad}"),
                TIME => write!(line, "{pad}{cell}"),
                ENDPOINT if cells[ENDPOINT + 1].is_empty() => write!(line, "{cell}"),
                0..=ENDPOINT => write!(line, "{cell}{pad}"),
                _ => write!(line, "{cell}"),
            };
            if column < ENDPOINT || column == ENDPOINT && !cells[ENDPOINT + 1].is_empty() {
                line.push_str(&" ".repeat(GAP));
            }
        }
        line.trim_end().to_owned()
    }
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
        let way = iter::once(way.join(", ")).filter(|line| !line.is_empty());
        for line in way.chain(row.lines(width.saturating_sub(INDENT))) {
            let _ = writeln!(text, "{:INDENT$}{}", "", style.faint(&line));
        }
    }
    text
}
