//! Data as YAML, in every style that there is, with comments wherever there may be one.

use std::fmt::Write as _;

use super::{Data, Dice, Map};

/// How one file is written.
struct Writer<'dice, 'tape> {
    dice: &'dice mut Dice<'tape>,
    out: String,
    /// Columns of a block within another.
    step: usize,
    /// One comment in so many places; 0 for none.
    comments: usize,
    count: usize,
}

/// A text that says the data.
pub(super) fn write(dice: &mut Dice<'_>, data: &Map) -> String {
    let step = dice.pick(&[2, 4, 3, 1, 8, 5, 6, 7]);
    let comments = dice.pick(&[0, 2, 6]);
    let mut writer = Writer { dice, out: String::new(), step, comments, count: 0 };
    let is_flow = writer.dice.once_in(12) && !data.iter().any(|(_, value)| matches!(value, Data::Anchored(..)));
    if writer.dice.once_in(6) {
        writer.comment_line(0);
        writer.out.push_str("---\n");
    }
    if is_flow {
        writer.flow_map(data, 0);
        writer.out.push('\n');
    } else if data.is_empty() {
        writer.out.push_str("{}\n");
    } else {
        writer.block_map(data, 0);
    }
    writer.comment_line(0);
    writer.out
}

impl Writer<'_, '_> {
    /// A comment, with what might be taken for something else.
    fn comment(&mut self) -> String {
        self.count += 1;
        let words = self.dice.pick(&["plain words", "key: value", "it's \"odd\"", "{ [ } #", "- item", "ümläut"]);
        let gap = self.dice.pick(&[" ", "", "  "]);
        format!("#{gap}c{} {words}", self.count)
    }

    fn has_comment(&mut self) -> bool {
        self.comments > 0 && self.dice.once_in(self.comments)
    }

    /// Perhaps empty lines, and comments on lines of their own.
    fn comment_line(&mut self, column: usize) {
        if self.comments > 0 && self.dice.once_in(6) {
            self.out.push('\n');
        }
        while self.has_comment() {
            let comment = self.comment();
            let _ = writeln!(self.out, "{:column$}{comment}", "");
            if self.dice.once_in(8) {
                self.out.push('\n');
            }
        }
    }

    fn end_of_line(&mut self) {
        if self.has_comment() {
            let gap = self.dice.pick(&[" ", "  ", "      "]);
            let comment = self.comment();
            self.out.push_str(gap);
            self.out.push_str(&comment);
        }
        self.out.push('\n');
    }

    fn block_map(&mut self, map: &Map, column: usize) {
        for (key, value) in map {
            self.comment_line(column);
            self.out.push_str(&" ".repeat(column));
            self.entry(key, value, column);
        }
        // Behind the last key, at its column.
        if column > 0 && self.dice.once_in(4) {
            self.comment_line(column);
        }
    }

    /// A key with its value; what stands before it on its line is written already.
    fn entry(&mut self, key: &str, value: &Data, column: usize) {
        let key = self.key(key);
        self.out.push_str(&key);
        self.out.push(':');
        if let Data::Anchored(name, _) = value {
            let _ = write!(self.out, " &{name}");
        }
        let value = match value {
            Data::Anchored(_, inner) => inner,
            other => other,
        };
        match value {
            Data::Map(map) if !map.is_empty() && !self.dice.once_in(4) => {
                self.end_of_line();
                self.block_map(map, column + self.step);
            }
            Data::List(items) if !items.is_empty() && !self.dice.once_in(3) => {
                self.end_of_line();
                let column = if self.dice.once_in(2) { column } else { column + self.step };
                self.block_list(items, column);
            }
            Data::Text(text) if is_block_text(text) && self.dice.once_in(2) => {
                let mark = if text.ends_with('\n') { "|" } else { "|-" };
                let _ = writeln!(self.out, " {mark}");
                let column = column + self.step;
                for line in text.trim_end_matches('\n').split('\n') {
                    let _ = writeln!(self.out, "{:column$}{line}", "");
                }
            }
            Data::Plain("") => self.end_of_line(),
            other => {
                let gap = if self.dice.once_in(8) { "   " } else { " " };
                self.out.push_str(gap);
                self.flow(other, false, column);
                self.end_of_line();
            }
        }
    }

    fn block_list(&mut self, items: &[Data], column: usize) {
        for item in items {
            self.comment_line(column);
            let _ = write!(self.out, "{:column$}- ", "");
            match item {
                Data::Map(map) if !map.is_empty() && self.dice.once_in(2) => {
                    let (first, rest) = (&map[0], map[1..].to_vec());
                    self.entry(&first.0, &first.1, column + 2);
                    self.block_map(&rest, column + 2);
                }
                Data::Plain("") => {
                    self.out.push('~');
                    self.end_of_line();
                }
                other => {
                    self.flow(other, false, column);
                    self.end_of_line();
                }
            }
        }
    }

    fn flow_map(&mut self, map: &Map, column: usize) {
        let is_wide = !map.is_empty() && self.dice.once_in(6);
        let inner = column + self.step;
        self.out.push('{');
        for (index, (key, value)) in map.iter().enumerate() {
            if index > 0 {
                self.out.push(',');
                if !is_wide {
                    self.out.push(' ');
                }
            }
            if is_wide {
                self.end_of_line();
                self.out.push_str(&" ".repeat(inner));
            }
            let key = self.key(key);
            self.out.push_str(&key);
            self.out.push_str(": ");
            match value {
                Data::Anchored(..) | Data::Plain("") => self.flow(&Data::Plain("~"), true, inner),
                other => self.flow(other, true, inner),
            }
        }
        if is_wide {
            self.end_of_line();
            self.out.push_str(&" ".repeat(column.max(1)));
        }
        self.out.push('}');
    }

    /// A value on one line, or in brackets.
    fn flow(&mut self, value: &Data, within_brackets: bool, column: usize) {
        match value {
            Data::Plain(text) => self.out.push_str(if text.is_empty() { "~" } else { text }),
            Data::Integer(number) => self.out.push_str(&number.to_string()),
            Data::Bool(switch) => self.out.push_str(if *switch { "true" } else { "false" }),
            Data::Alias(name, _) => self.out.extend(["*", name]),
            Data::Anchored(_, inner) => self.flow(inner, within_brackets, column),
            Data::Map(map) => self.flow_map(map, column),
            Data::List(items) => {
                self.out.push('[');
                for (index, item) in items.iter().enumerate() {
                    self.out.push_str(if index > 0 { ", " } else { "" });
                    self.flow(item, true, column);
                }
                self.out.push(']');
            }
            Data::Text(text) => {
                let style = self.dice.roll(4);
                let is_plain = is_plain(text, within_brackets);
                let written = match style {
                    0 | 1 if is_plain => text.clone(),
                    0 | 2 if !text.contains(['\n', '\t']) => format!("'{}'", text.replace('\'', "''")),
                    _ => double_quoted(text),
                };
                self.out.push_str(&written);
            }
        }
    }

    fn key(&mut self, key: &str) -> String {
        let is_quoted = !(key == "<<" || is_plain(key, true));
        match self.dice.roll(if is_quoted { 2 } else { 16 }) {
            0 if is_quoted => double_quoted(key),
            15 if key != "<<" => double_quoted(key),
            1 if is_quoted => format!("'{key}'"),
            _ => key.to_owned(),
        }
    }
}

fn double_quoted(text: &str) -> String {
    let escaped = text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n").replace('\t', "\\t");
    format!("\"{escaped}\"")
}

/// Whether a literal block can hold it as it is.
fn is_block_text(text: &str) -> bool {
    text.contains('\n') && !text.starts_with([' ', '\n']) && !text.contains('\t')
}

/// Whether every reader takes the plain text for itself.
fn is_plain(text: &str, within_brackets: bool) -> bool {
    let is_open =
        |c: char| c.is_ascii_alphanumeric() || "_./-:@+%=".contains(c) || (!within_brackets && "${}?".contains(c));
    let begins = text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '/') || text.starts_with("./");
    let begins = begins || (!within_brackets && text.starts_with("${"));
    let word = text.to_ascii_lowercase();
    let is_other = ["y", "n", "yes", "no", "on", "off", "true", "false", "null"].contains(&word.as_str());
    begins && !is_other && text.chars().all(is_open) && !text.ends_with(':')
}
