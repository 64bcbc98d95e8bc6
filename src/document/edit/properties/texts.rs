//! Random texts, with comments and blank lines in all places, in several styles.

use std::fmt::Write;

use crate::document::Format;

/// Decisions, one by one.
pub(super) struct Tape<'bytes> {
    bytes: &'bytes [u8],
    at: usize,
    count: usize,
}

impl<'bytes> Tape<'bytes> {
    pub(super) fn new(bytes: &'bytes [u8]) -> Self {
        Self { bytes, at: 0, count: 0 }
    }

    /// One of so many; the first once there is nothing left.
    pub(super) fn choose(&mut self, count: usize) -> usize {
        let byte = self.bytes.get(self.at).copied().unwrap_or(0);
        self.at += 1;
        usize::from(byte) % count.max(1)
    }

    fn flip(&mut self, one_in: usize) -> bool {
        self.choose(one_in) == one_in - 1
    }

    /// A number that was not there before.
    fn number(&mut self) -> usize {
        self.count += 1;
        self.count
    }
}

pub(super) fn text(format: Format, tape: &mut Tape<'_>) -> String {
    let (crlf, marked, open) = (tape.flip(5), tape.flip(8), tape.flip(6));
    let mut text = match format {
        Format::Yaml => yaml(tape),
        Format::Json => json(tape),
        Format::Toml => toml(tape),
        Format::Env | Format::Ini => env(tape),
    };
    if crlf {
        text = text.replace('\n', "\r\n");
    }
    if marked {
        text.insert(0, '\u{FEFF}');
    }
    if open {
        text.truncate(text.trim_end_matches(['\n', '\r']).len());
    }
    text
}

fn comment(tape: &mut Tape<'_>) -> String {
    format!("# c{}", tape.number())
}

/// How a YAML text is written.
struct Style {
    step: usize,
    list_step: usize,
    anchors: Vec<String>,
}

fn yaml(tape: &mut Tape<'_>) -> String {
    let mut style = Style { step: [2, 4, 3, 1][tape.choose(4)], list_step: 0, anchors: Vec::new() };
    style.list_step = if tape.flip(2) { 0 } else { style.step };
    let mut text = String::new();
    if tape.flip(4) {
        let blank = if tape.flip(2) { "\n" } else { "" };
        let _ = writeln!(text, "{}\n{blank}", comment(tape));
        if blank.is_empty() {
            text.truncate(text.len() - 1);
        }
    }
    if tape.flip(6) {
        text.push_str("---\n");
    }
    block_map(tape, &mut style, 0, 3, &mut text, false);
    if tape.flip(4) {
        let _ = writeln!(text, "\n{}", comment(tape));
    }
    if tape.flip(8) {
        text.push_str("---\nother: 1\n");
    }
    text
}

/// Comments and blank lines above an entry.
fn above(tape: &mut Tape<'_>, column: usize, text: &mut String) {
    let pad = " ".repeat(column);
    match tape.choose(9) {
        5 => text.push('\n'),
        6 => {
            let _ = writeln!(text, "{pad}{}", comment(tape));
        }
        7 => {
            let _ = writeln!(text, "\n{pad}{}\n{pad}{}", comment(tape), comment(tape));
        }
        8 => {
            let _ = writeln!(text, "{pad}{}\n", comment(tape));
        }
        _ => {}
    }
}

fn behind(tape: &mut Tape<'_>) -> String {
    match tape.choose(5) {
        3 => format!(" {}", comment(tape)),
        4 => format!("    {}", comment(tape)),
        _ => String::new(),
    }
}

fn block_map(tape: &mut Tape<'_>, style: &mut Style, column: usize, depth: usize, text: &mut String, is_inline: bool) {
    let count = 1 + tape.choose(4);
    for index in 0..count {
        if !(is_inline && index == 0) {
            above(tape, column, text);
            text.push_str(&" ".repeat(column));
        }
        let number = tape.number();
        let key = match tape.choose(6) {
            4 => format!("\"k{number}\""),
            5 => format!("'k {number}'"),
            _ => format!("k{number}"),
        };
        let space = if tape.flip(6) { " " } else { "" };
        let _ = write!(text, "{key}{space}:");
        value(tape, style, column, depth, text, false);
    }
    if tape.flip(5) {
        let _ = writeln!(text, "{}{}", " ".repeat(column), comment(tape));
    }
}

fn block_list(tape: &mut Tape<'_>, style: &mut Style, column: usize, depth: usize, text: &mut String, is_inline: bool) {
    for index in 0..=tape.choose(3) {
        if !(is_inline && index == 0) {
            above(tape, column, text);
            text.push_str(&" ".repeat(column));
        }
        text.push('-');
        value(tape, style, column, depth, text, true);
    }
}

fn value(tape: &mut Tape<'_>, style: &mut Style, column: usize, depth: usize, text: &mut String, is_item: bool) {
    let kind = tape.choose(if depth == 0 { 8 } else { 14 });
    let mut anchor = String::new();
    if kind != 7 && kind != 6 && tape.flip(7) {
        let name = format!("a{}", tape.number());
        let _ = write!(anchor, " &{name}");
    }
    if kind != 7 && kind != 6 && tape.flip(9) {
        anchor.push_str(" !t");
    }
    let known = style.anchors.len();
    let pad = " ".repeat(column + if is_item { 2 } else { style.step });
    match kind {
        0..=3 => {
            let scalar = ["v", "5", "'q'", "\"d\"", "true", "1.5", "'it''s'", "\"a\\tb\"", "null", "x y", "10.0.0.1"];
            let _ = writeln!(text, "{anchor} {}{}", scalar[tape.choose(scalar.len())], behind(tape));
        }
        4 => {
            let scalar = ["plain\n@more", "\"one\n@two\"", "'a\n\n@b'"][tape.choose(3)].replace('@', &pad);
            let _ = writeln!(text, "{anchor} {scalar}{}", behind(tape));
        }
        5 => {
            let header = ["|", ">", "|-", ">-", "|+", "|2"][tape.choose(6)];
            let inner = if header == "|2" { " ".repeat(column + 2) } else { pad };
            let first = if header == "|2" { "  " } else { "" };
            let _ = writeln!(text, "{anchor} {header}{}\n{inner}{first}text\n\n{inner}  more # no", behind(tape));
            if tape.flip(3) {
                text.push('\n');
            }
        }
        6 => {
            let _ = writeln!(text, "{}", behind(tape));
        }
        7 if known > 0 => {
            let name = style.anchors[tape.choose(known)].clone();
            let _ = writeln!(text, " *{name}{}", behind(tape));
        }
        7 => {
            let _ = writeln!(text, " w");
        }
        8 | 9 => {
            let mut flow = String::new();
            let lines = if tape.flip(3) { Some(column + if is_item { 2 } else { style.step }) } else { None };
            flow_value(tape, depth.min(2), lines, &mut flow);
            let _ = writeln!(text, "{anchor} {flow}{}", behind(tape));
        }
        10 => {
            let inner = if is_item { column + 2 } else { column + style.list_step };
            let is_inline = is_item && anchor.is_empty() && tape.flip(2);
            if is_inline {
                text.push(' ');
            } else {
                let _ = writeln!(text, "{anchor}{}", behind(tape));
            }
            block_list(tape, style, inner, depth - 1, text, is_inline);
        }
        _ => {
            let is_inline = is_item && anchor.is_empty() && !tape.flip(3);
            let inner = if is_item { column + 2 } else { column + style.step };
            if is_inline {
                text.push(' ');
            } else {
                let _ = writeln!(text, "{anchor}{}", behind(tape));
            }
            block_map(tape, style, inner, depth - 1, text, is_inline);
            if tape.flip(6) {
                let _ = writeln!(text, "{}{}", " ".repeat(column + 1), comment(tape));
            }
        }
    }
    // An anchor is known once what it stands for is complete.
    style.anchors.extend(anchor.strip_prefix(" &").map(|name| name.trim_end_matches(" !t").to_owned()));
}

/// A mapping or list in brackets; over several lines, if a column is given.
fn flow_value(tape: &mut Tape<'_>, depth: usize, lines: Option<usize>, text: &mut String) {
    let is_map = tape.flip(2);
    let count = tape.choose(4);
    text.push(if is_map { '{' } else { '[' });
    for index in 0..count {
        match lines {
            Some(column) => {
                text.push('\n');
                if tape.flip(4) {
                    let _ = writeln!(text, "{}{}", " ".repeat(column), comment(tape));
                }
                text.push_str(&" ".repeat(column));
            }
            None if index > 0 => text.push(' '),
            None => {}
        }
        if is_map {
            let quote = if tape.flip(3) { "\"" } else { "" };
            let _ = write!(text, "{quote}k{}{quote}: ", tape.number());
        }
        if depth > 0 && tape.flip(4) {
            flow_value(tape, depth - 1, None, text);
        } else {
            let scalar = ["v", "1", "'a, b'", "\"x\"", "null", "x y"];
            text.push_str(scalar[tape.choose(scalar.len())]);
        }
        if index + 1 < count || tape.flip(4) {
            text.push(',');
        }
        if lines.is_some() && tape.flip(4) {
            let _ = write!(text, " {}", comment(tape));
        }
    }
    if let Some(column) = lines {
        text.push('\n');
        text.push_str(&" ".repeat(column));
    }
    text.push(if is_map { '}' } else { ']' });
}

fn json(tape: &mut Tape<'_>) -> String {
    let (is_pretty, step) = (!tape.flip(3), [2, 4, 3][tape.choose(3)]);
    let comments = is_pretty && tape.flip(3);
    let tight = !is_pretty && tape.flip(2);
    let mut text = String::new();
    json_value(tape, 3, is_pretty.then_some((step, 0)), comments, tight, Some(true), &mut text);
    text.push('\n');
    text
}

fn json_value(
    tape: &mut Tape<'_>,
    depth: usize,
    pretty: Option<(usize, usize)>,
    comments: bool,
    tight: bool,
    is_map: Option<bool>,
    text: &mut String,
) {
    if is_map.is_none() && (depth == 0 || tape.flip(2)) {
        let scalar = ["1", "\"x\"", "true", "null", "-1.5", "\"a\\n\\\"b\"", "\"${V}\""];
        text.push_str(scalar[tape.choose(scalar.len())]);
        return;
    }
    let is_map = is_map.unwrap_or_else(|| tape.flip(2));
    let count = tape.choose(4);
    let pretty_here = pretty.filter(|_| !tape.flip(6));
    text.push(if is_map { '{' } else { '[' });
    for index in 0..count {
        if let Some((step, column)) = pretty_here {
            let pad = " ".repeat(step + column);
            if comments && tape.flip(4) {
                let _ = write!(text, "\n{pad}// c{}", tape.number());
            }
            let _ = write!(text, "\n{pad}");
        } else if index > 0 && !tight {
            text.push(' ');
        }
        if is_map {
            let _ = write!(text, "\"k{}\":{}", tape.number(), if tight { "" } else { " " });
        }
        json_value(
            tape,
            depth.saturating_sub(1),
            pretty_here.map(|(step, column)| (step, column + step)),
            comments,
            tight,
            None,
            text,
        );
        if index + 1 < count {
            text.push(',');
        }
        if comments && pretty_here.is_some() && tape.flip(4) {
            let _ = write!(text, " // c{}", tape.number());
        }
    }
    if let Some((_, column)) = pretty_here.filter(|_| count > 0) {
        let _ = write!(text, "\n{}", " ".repeat(column));
    }
    text.push(if is_map { '}' } else { ']' });
}

fn toml(tape: &mut Tape<'_>) -> String {
    let mut text = String::new();
    if tape.flip(4) {
        let _ = writeln!(text, "{}\n", comment(tape));
    }
    toml_lines(tape, &mut text);
    for _ in 0..tape.choose(5) {
        above(tape, 0, &mut text);
        let name = format!("t{}", tape.number());
        let prefix = if tape.flip(3) { "up." } else { "" };
        if tape.flip(4) {
            for _ in 0..=tape.choose(2) {
                let _ = writeln!(text, "[[{prefix}{name}]]{}", behind(tape));
                toml_lines(tape, &mut text);
                if tape.flip(3) {
                    let _ = writeln!(text, "[{prefix}{name}.sub]{}", behind(tape));
                    toml_lines(tape, &mut text);
                }
            }
            continue;
        }
        let _ = writeln!(text, "[{prefix}{name}]{}", behind(tape));
        toml_lines(tape, &mut text);
        for _ in 0..tape.choose(3) {
            above(tape, 0, &mut text);
            let _ = writeln!(text, "[{prefix}{name}.s{}]{}", tape.number(), behind(tape));
            toml_lines(tape, &mut text);
        }
    }
    if tape.flip(4) {
        let _ = writeln!(text, "\n{}", comment(tape));
    }
    text
}

fn toml_lines(tape: &mut Tape<'_>, text: &mut String) {
    let dotted = format!("d{}", tape.number());
    for _ in 0..tape.choose(4) {
        above(tape, 0, text);
        let number = tape.number();
        let key = match tape.choose(6) {
            4 => format!("\"k {number}\""),
            5 => format!("{dotted}.k{number}"),
            _ => format!("k{number}"),
        };
        let values = [
            "1",
            "\"x\"",
            "'l'",
            "true",
            "1.5",
            "[1, 2]",
            "{ a = 1, b = 'x' }",
            "[\n  1, # in@\n  2,\n]",
            "\"\"\"\ntwo\nlines\"\"\"",
            "[{ a = 1 }, { a = 2 }]",
            "[]",
        ];
        let value = values[tape.choose(values.len())].replace('@', &tape.number().to_string());
        let _ = writeln!(text, "{key} = {value}{}", behind(tape));
    }
}

fn env(tape: &mut Tape<'_>) -> String {
    let mut text = String::new();
    for _ in 0..=tape.choose(5) {
        above(tape, 0, &mut text);
        let export = if tape.flip(4) { "export " } else { "" };
        let values = ["v", "'q $x'", "\"d ${V}\"", "", "a=b", "\"two\nlines\"", "$V/x"];
        let value = values[tape.choose(values.len())];
        let _ = writeln!(text, "{export}K{}={value}{}", tape.number(), behind(tape));
    }
    text
}
