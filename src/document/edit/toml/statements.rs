//! The lines of a TOML text: headers, and keys with values, each with the comments above it.

use std::collections::HashMap;
use std::ops::Range;

use crate::document::edit::nodes::is_block;
use crate::document::edit::style::{line_content_end, next_line};
use crate::document::{Document, NodeId, NodeKind};

/// A header, or a key with its value.
pub(in crate::document::edit) struct Statement {
    /// The table of a header, or the value.
    pub(super) node: NodeId,
    pub(super) is_header: bool,
    pub(super) is_array: bool,
    /// Which section it stands in, or begins.
    pub(super) section: usize,
    pub(super) blank: Range<usize>,
    pub(in crate::document::edit) comments: Range<usize>,
    /// From the first byte that is not blank to the end of the last line, its line end with it.
    pub(in crate::document::edit) range: Range<usize>,
    /// The names, without brackets.
    pub(in crate::document::edit) keys: Range<usize>,
    /// The value; of a header, an empty range behind its brackets.
    pub(in crate::document::edit) value: Range<usize>,
}

/// Comments with blank lines around them.
pub(super) struct Loose {
    /// The statement that follows.
    pub(super) before: usize,
    pub(super) range: Range<usize>,
}

/// A whole text.
pub(in crate::document::edit) struct Statements {
    pub(super) all: Vec<Statement>,
    pub(super) loose: Vec<Loose>,
    /// The statements of values, and of tables with a header.
    pub(in crate::document::edit) by_node: HashMap<NodeId, usize>,
    /// The first statement of each section, its header; the first section has none.
    starts: Vec<usize>,
}

impl Statements {
    pub(in crate::document::edit) fn of(document: &Document) -> Self {
        let text = document.text();
        let mut values = pairs(document);
        values.sort_unstable();
        let mut found = Self { all: Vec::new(), loose: Vec::new(), by_node: HashMap::new(), starts: vec![0] };
        let mut counts: HashMap<NodeId, usize> = HashMap::new();
        let mut at = if text.starts_with('\u{FEFF}') { 3 } else { 0 };
        let first = at;
        while at < text.len() {
            let (lines, start) = lead(text, at);
            let Some(start) = start else {
                found.loose.push(Loose { before: found.all.len(), range: lines });
                break;
            };
            let (loose, blank, comments) = deal(text, lines.clone(), lines.start == first);
            if !loose.is_empty() {
                found.loose.push(Loose { before: found.all.len(), range: loose });
            }
            let statement = if text[start..].starts_with('[') {
                let Some(header) = header(document, start, &mut counts) else { break };
                found.starts.push(found.all.len());
                Statement { section: found.starts.len() - 1, blank, comments, ..header }
            } else {
                let next = values.partition_point(|(key, _, _)| *key < start);
                let Some((_, end, value)) = values.get(next).copied() else { break };
                let span = document.node(value).span.range();
                Statement {
                    node: value,
                    is_header: false,
                    is_array: false,
                    section: found.starts.len() - 1,
                    blank,
                    comments,
                    range: start..next_line(text, span.end.max(end)),
                    keys: start..end,
                    value: span,
                }
            };
            at = statement.range.end;
            found.by_node.insert(statement.node, found.all.len());
            found.all.push(statement);
        }
        found
    }
}

impl Statements {
    /// The statements of a section, its header first.
    pub(super) fn of_section(&self, section: usize) -> &[Statement] {
        let start = self.starts.get(section).copied().unwrap_or(self.all.len());
        let end = self.starts.get(section + 1).copied().unwrap_or(self.all.len());
        self.all.get(start..end).unwrap_or_default()
    }

    /// The numbers of the comments that stand apart in a section.
    pub(super) fn loose_of(&self, section: usize) -> Range<usize> {
        let start = self.starts.get(section).map_or(usize::MAX, |start| if section == 0 { 0 } else { start + 1 });
        let end = self.starts.get(section + 1).copied().unwrap_or(self.all.len());
        let first = self.loose.partition_point(|loose| loose.before < start);
        first..self.loose.partition_point(|loose| loose.before <= end).max(first)
    }
}

/// The keys with values that stand on lines: where the last name of the key starts and ends, and the value.
fn pairs(document: &Document) -> Vec<(usize, usize, NodeId)> {
    let mut found = Vec::new();
    for id in document.node_ids().filter(|id| is_block(document, *id)) {
        let NodeKind::Mapping { entries, .. } = &document.node(id).kind else { continue };
        for entry in entries.iter().filter(|entry| !is_block(document, entry.value)) {
            let key = document.node(entry.key).span.range();
            found.push((key.start, key.end, entry.value));
        }
    }
    found
}

/// The blank lines and comments from a byte on, and the first byte of what follows them.
fn lead(text: &str, from: usize) -> (Range<usize>, Option<usize>) {
    let mut at = from;
    while at < text.len() {
        let start = at + text[at..].len() - text[at..].trim_start_matches([' ', '\t']).len();
        match text.as_bytes().get(start) {
            Some(b'\n' | b'\r' | b'#') => at = next_line(text, start),
            Some(_) => return (from..at, Some(start)),
            None => break,
        }
    }
    (from..text.len(), None)
}

/// What of the lines above a statement belongs to it: the comments directly above, and the blank lines above those.
fn deal(text: &str, lines: Range<usize>, is_first: bool) -> (Range<usize>, Range<usize>, Range<usize>) {
    let (mut starts, mut at) = (Vec::new(), lines.start);
    while at < lines.end {
        starts.push(at);
        at = next_line(text, at);
    }
    let is_blank = |start: &usize| text[*start..line_content_end(text, *start)].trim().is_empty();
    let offset = |index: usize| starts.get(index).copied().unwrap_or(lines.end);
    let comments = starts.iter().rposition(is_blank).map_or(0, |blank| blank + 1);
    let blank = starts[..comments].iter().rposition(|start| !is_blank(start)).map_or(0, |other| other + 1);
    if comments == 0 && is_first {
        return (lines.clone(), lines.end..lines.end, lines.end..lines.end);
    }
    (lines.start..offset(blank), offset(blank)..offset(comments), offset(comments)..lines.end)
}

/// A header, and the table that it stands for.
fn header(document: &Document, start: usize, counts: &mut HashMap<NodeId, usize>) -> Option<Statement> {
    let text = document.text();
    let line_end = line_content_end(text, start);
    let is_array = text[start..].starts_with("[[");
    let open = start + if is_array { 2 } else { 1 };
    let (names, end) = names(text, open, line_end)?;
    let close = end + text[end..line_end].find(']')? + if is_array { 2 } else { 1 };
    let mut at = *document.roots().first()?;
    for (index, name) in names.iter().enumerate() {
        at = document.get(at, name)?.value;
        if let NodeKind::Sequence { items, .. } = &document.node(at).kind {
            let count = counts.entry(at).or_default();
            *count += usize::from(is_array && index + 1 == names.len());
            at = *items.get(count.checked_sub(1)?)?;
        }
    }
    Some(Statement {
        node: at,
        is_header: true,
        is_array,
        section: 0,
        blank: 0..0,
        comments: 0..0,
        range: start..next_line(text, line_end),
        keys: open..end,
        value: close..close,
    })
}

/// The names of a dotted key, and where the last one ends.
fn names(text: &str, from: usize, to: usize) -> Option<(Vec<String>, usize)> {
    let (mut names, mut at) = (Vec::new(), from);
    loop {
        let rest = &text[at..to];
        let content = rest.trim_start_matches([' ', '\t']);
        at += rest.len() - content.len();
        let length = match content.chars().next()? {
            '\'' => content[1..].find('\'')? + 2,
            '"' => {
                let mut escaped = false;
                let ends = |c: char| {
                    let is_end = c == '"' && !escaped;
                    escaped = c == '\\' && !escaped;
                    is_end
                };
                content[1..].find(ends)? + 2
            }
            _ => content.find([' ', '\t', '.', ']'])?,
        };
        let raw = &content[..length];
        names.push(match raw.strip_prefix('\'') {
            Some(literal) => literal.strip_suffix('\'')?.to_owned(),
            None if raw.starts_with('"') => {
                let table: toml::Table = toml::from_str(&format!("k = {raw}")).ok()?;
                table.get("k")?.as_str()?.to_owned()
            }
            None => raw.to_owned(),
        });
        at += length;
        let behind = text[at..to].trim_start_matches([' ', '\t']);
        let Some(next) = behind.strip_prefix('.') else { return Some((names, at)) };
        at = to - next.len();
    }
}
