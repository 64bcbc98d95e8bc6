//! Data as JSON and as TOML.

use std::fmt::Write as _;

use super::{Data, Dice, Map};

/// A text that says the data as JSON.
pub(super) fn json(dice: &mut Dice<'_>, data: &Map) -> String {
    let value = Data::Map(data.clone()).to_json();
    let ordered = Data::Map(data.clone());
    match dice.pick(&[Some("    "), Some("  "), None, Some("\t")]) {
        None => {
            let mut out = String::new();
            one_line(&ordered, &mut out);
            out + "\n"
        }
        Some(step) => {
            let mut out = String::new();
            pretty(&ordered, step, 0, &mut out);
            assert_eq!(serde_json::from_str::<serde_json::Value>(&out).ok(), Some(value), "the writer of the test");
            out + "\n"
        }
    }
}

fn one_line(data: &Data, out: &mut String) {
    match data {
        Data::Map(map) => {
            out.push('{');
            for (index, (key, value)) in map.iter().enumerate() {
                out.push_str(if index > 0 { ", " } else { "" });
                out.push_str(&serde_json::json!(key).to_string());
                out.push_str(": ");
                one_line(value, out);
            }
            out.push('}');
        }
        other => out.push_str(&other.to_json().to_string()),
    }
}

fn pretty(data: &Data, step: &str, depth: usize, out: &mut String) {
    let line = |out: &mut String, depth: usize| {
        out.push('\n');
        out.push_str(&step.repeat(depth));
    };
    match data {
        Data::Map(map) if !map.is_empty() => {
            out.push('{');
            for (index, (key, value)) in map.iter().enumerate() {
                out.push_str(if index > 0 { "," } else { "" });
                line(out, depth + 1);
                out.push_str(&serde_json::json!(key).to_string());
                out.push_str(": ");
                pretty(value, step, depth + 1, out);
            }
            line(out, depth);
            out.push('}');
        }
        Data::List(items) if !items.is_empty() => {
            out.push('[');
            for (index, value) in items.iter().enumerate() {
                out.push_str(if index > 0 { "," } else { "" });
                line(out, depth + 1);
                pretty(value, step, depth + 1, out);
            }
            line(out, depth);
            out.push(']');
        }
        other => out.push_str(&other.to_json().to_string()),
    }
}

/// A text that says the data as TOML, with comments.
pub(super) fn toml(dice: &mut Dice<'_>, data: &Map) -> String {
    let mut writer = Toml { dice, out: String::new(), count: 0 };
    writer.table(&[], data);
    writer.out
}

struct Toml<'dice, 'tape> {
    dice: &'dice mut Dice<'tape>,
    out: String,
    count: usize,
}

impl Toml<'_, '_> {
    fn comment(&mut self, before: &str) {
        if self.dice.once_in(5) {
            self.count += 1;
            let gap = self.dice.pick(&["# ", "#"]);
            let _ = write!(self.out, "{before}{gap}c{} = \"no value\"", self.count);
        }
    }

    /// First what stands in the table itself, then the tables in it, as TOML wants it.
    fn table(&mut self, path: &[&str], map: &Map) {
        let mut tables = Vec::new();
        let mut own = Vec::new();
        for (key, value) in map {
            match value {
                Data::Map(inner) if path.is_empty() || !self.dice.once_in(2) => tables.push((key, inner)),
                other => own.push((key, other)),
            }
        }
        if !path.is_empty() && (!own.is_empty() || tables.is_empty()) {
            if self.dice.once_in(2) && !self.out.is_empty() {
                self.out.push('\n');
            }
            self.line_comment();
            let names: Vec<String> = path.iter().map(|name| bare(name)).collect();
            let _ = write!(self.out, "[{}]", names.join("."));
            self.comment("  ");
            self.out.push('\n');
        }
        for (key, value) in own {
            self.line_comment();
            let gap = self.dice.pick(&[" = ", "=", "  = "]);
            let _ = write!(self.out, "{}{gap}", bare(key));
            self.value(value);
            self.comment(" ");
            self.out.push('\n');
        }
        for (key, inner) in tables {
            let path: Vec<&str> = path.iter().copied().chain([key.as_str()]).collect();
            self.table(&path, inner);
        }
    }

    fn line_comment(&mut self) {
        let before = self.out.len();
        self.comment("");
        if self.out.len() > before {
            self.out.push('\n');
        }
    }

    fn value(&mut self, value: &Data) {
        match value {
            Data::Text(text) if !text.contains(['\'', '\n', '\t']) && self.dice.once_in(3) => {
                let _ = write!(self.out, "'{text}'");
            }
            Data::List(items) => {
                self.out.push('[');
                for (index, item) in items.iter().enumerate() {
                    self.out.push_str(if index > 0 { ", " } else { "" });
                    self.value(item);
                }
                self.out.push(']');
            }
            Data::Map(map) => {
                self.out.push_str(if map.is_empty() { "{" } else { "{ " });
                for (index, (key, item)) in map.iter().enumerate() {
                    self.out.push_str(if index > 0 { ", " } else { "" });
                    let _ = write!(self.out, "{} = ", bare(key));
                    self.value(item);
                }
                self.out.push_str(if map.is_empty() { "}" } else { " }" });
            }
            // JSON's escapes are TOML's too.
            other => self.out.push_str(&other.to_json().to_string()),
        }
    }
}

fn bare(key: &str) -> String {
    let is_bare = !key.is_empty() && key.chars().all(|c| c.is_ascii_alphanumeric() || "_-".contains(c));
    if is_bare { key.to_owned() } else { serde_json::json!(key).to_string() }
}
