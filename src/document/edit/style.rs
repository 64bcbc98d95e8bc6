//! How a file is written: its line ends, its indentation, its spacing. New text follows it.

use crate::document::{Document, Format, NodeId, NodeKind, Structure};

/// The habits of a file.
pub(super) struct Style {
    /// The line end of its first line.
    pub(super) line_end: &'static str,
    /// What its lines are indented by: a space, or a tab, which YAML does not allow.
    pub(super) indent: char,
    /// By how many spaces a block stands further right than what it is in.
    pub(super) step: usize,
    /// The same for the dashes of a list.
    pub(super) list_step: usize,
    /// Whether brackets are written over several lines (JSON).
    pub(super) is_pretty: bool,
    /// What stands behind a comma, and behind the colon of JSON.
    pub(super) comma: &'static str,
    pub(super) colon: &'static str,
}

/// How many collections are looked at.
const LOOKS: usize = 2000;

impl Style {
    pub(super) fn of(document: &Document) -> Self {
        let text = document.text();
        let line_end = match text.find(['\n', '\r']) {
            Some(at) if text[at..].starts_with("\r\n") => "\r\n",
            Some(at) if text[at..].starts_with('\r') && !text.contains('\n') => "\r",
            _ => "\n",
        };
        let is_json = document.format() == Format::Json;
        let is_pretty = text.trim_end().contains(['\n', '\r']);
        let space = |mark: char| match text.find(mark).map(|at| &text[at + 1..]) {
            Some(behind) if is_json && !behind.starts_with([' ', '\n', '\r']) => "",
            _ => " ",
        };
        let steps = steps(document);
        Self {
            line_end,
            indent: if is_tabbed(document) { '\t' } else { ' ' },
            step: steps.0.unwrap_or(2),
            list_step: steps.1.unwrap_or_else(|| steps.0.unwrap_or(2)),
            is_pretty: is_json && is_pretty,
            comma: space(','),
            colon: space_of_colon(document),
        }
    }
}

/// Whether lines are indented by tabs: those of JSON, and values of TOML over several lines.
fn is_tabbed(document: &Document) -> bool {
    let text = document.text();
    document.format() != Format::Yaml && text.contains("\n\t") && !text.contains("\n ")
}

/// What stands behind the colon of the first key of JSON.
fn space_of_colon(document: &Document) -> &'static str {
    let entry = document.node_ids().take(LOOKS).find_map(|id| match &document.node(id).kind {
        NodeKind::Mapping { entries, .. } => entries.first().copied(),
        _ => None,
    });
    let Some(entry) = entry.filter(|_| document.format() == Format::Json) else { return " " };
    let (key, value) = (document.node(entry.key).span, document.node(entry.value).span);
    let between = document.text().get(key.range().end..value.range().start).unwrap_or_default();
    if between.ends_with(':') { "" } else { " " }
}

/// The commonest steps to a block in a mapping: of keys, and of dashes.
fn steps(document: &Document) -> (Option<usize>, Option<usize>) {
    let mut keys = [0_usize; 17];
    let mut dashes = [0_usize; 17];
    for id in document.node_ids().take(LOOKS) {
        let node = document.node(id);
        let (is_list, structure) = match &node.kind {
            NodeKind::Mapping { structure, .. } => (false, *structure),
            NodeKind::Sequence { structure, .. } => (true, *structure),
            _ => continue,
        };
        let Some(key) = document.entry(id).map(|entry| entry.key) else { continue };
        match (document.format(), structure) {
            (Format::Json, _) => {
                if let Some(step) = json_step(document, id) {
                    keys[step.min(16)] += 1;
                }
            }
            (_, Structure::Block) => {
                let text = document.text();
                // A list may be said to start behind its first dash.
                let start = node.span.range().start;
                let own = if is_list { indentation(text, start) } else { column(text, start) };
                let step = own.checked_sub(indentation(text, document.node(key).span.range().start));
                let counts = if is_list { &mut dashes } else { &mut keys };
                if let Some(step) = step {
                    counts[step.min(16)] += 1;
                }
            }
            _ => {}
        }
    }
    let root = document.roots().first().filter(|_| document.format() == Format::Json);
    if let Some(step) = root.and_then(|root| json_step(document, *root)) {
        keys[step.min(16)] += 1;
    }
    keys[0] = 0;
    let commonest = |counts: &[usize; 17]| {
        let most = counts.iter().max().copied().filter(|most| *most > 0)?;
        counts.iter().position(|count| *count == most)
    };
    (commonest(&keys), commonest(&dashes))
}

/// By how much the first line in brackets stands further right than the line with the bracket.
fn json_step(document: &Document, id: NodeId) -> Option<usize> {
    let text = document.text();
    let start = document.node(id).span.range().start;
    let first = match &document.node(id).kind {
        NodeKind::Mapping { entries, .. } => entries.first().map(|entry| entry.key),
        NodeKind::Sequence { items, .. } => items.first().copied(),
        _ => None,
    }?;
    let first = document.node(first).span.range().start;
    text[start..first].contains(['\n', '\r']).then_some(())?;
    indentation(text, first).checked_sub(indentation(text, start)).filter(|step| *step > 0)
}

/// Where the line of a byte starts; a byte order mark is not part of it.
pub(super) fn line_start(text: &str, at: usize) -> usize {
    let start = text[..at].rfind(['\n', '\r']).map_or(0, |end| end + 1);
    // Between the two bytes of a line end is not a line.
    let start =
        if text[start..].starts_with('\n') && text[..start].ends_with('\r') && start < at { start + 1 } else { start };
    if start == 0 && text.starts_with('\u{FEFF}') { at.min('\u{FEFF}'.len_utf8()) } else { start }
}

/// Where the line of a byte ends, in front of its line end.
pub(super) fn line_content_end(text: &str, at: usize) -> usize {
    text[at..].find(['\n', '\r']).map_or(text.len(), |end| at + end)
}

/// Where the next line starts.
pub(super) fn next_line(text: &str, at: usize) -> usize {
    let end = line_content_end(text, at);
    match text.as_bytes().get(end) {
        Some(b'\r') if text.as_bytes().get(end + 1) == Some(&b'\n') => end + 2,
        Some(_) => end + 1,
        None => end,
    }
}

/// How many bytes stand before a byte on its line.
pub(super) fn column(text: &str, at: usize) -> usize {
    at - line_start(text, at)
}

/// How many spaces (or tabs, where they indent) the line of a byte starts with.
pub(super) fn indentation(text: &str, at: usize) -> usize {
    let start = line_start(text, at);
    let line = &text[start..at];
    line.len() - line.trim_start_matches([' ', '\t']).len()
}
