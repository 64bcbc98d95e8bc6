//! Which lines and bytes of the old text belong to which entry: its comments, blank lines, key, value.
//!
//! A block's lines are dealt out to its entries. An entry has the comments directly above it, the blank lines above
//! those, and behind its value the comments that stand further right than it. What is left (comments with blank lines
//! around them) belongs to the block. In brackets, the text between two commas is dealt out.

use std::ops::Range;

use crate::document::{Document, Format, NodeId, NodeKind, ScalarStyle};

use super::nodes::{block_scalar_end, block_scalar_header, comments_in, content_end, is_block, marks, parts};
use super::style::{column, indentation, line_content_end, line_start, next_line};

/// The parts of a collection.
pub(super) enum Layout {
    Block(Block),
    Flow(Flow),
}

/// A block mapping or list.
pub(super) struct Block {
    /// Where its keys or dashes stand.
    pub(super) column: usize,
    /// Whether its first entry stands behind a dash.
    pub(super) is_inline: bool,
    /// Where the line behind its head starts, and where its last line ends.
    pub(super) range: Range<usize>,
    pub(super) pieces: Vec<Piece>,
    /// The pieces of the entries or items.
    places: Vec<usize>,
}

/// Some lines of a block.
#[derive(Clone, Debug)]
pub(super) struct Piece {
    /// Which entry or item; none for comments that belong to the block.
    pub(super) child: Option<usize>,
    pub(super) blank: Range<usize>,
    pub(super) comments: Range<usize>,
    /// The first byte of the key, of its anchor, or of the dash.
    pub(super) start: usize,
    /// Behind the last line.
    pub(super) end: usize,
}

/// Something in brackets.
pub(super) struct Flow {
    /// The bracket and the comment behind it.
    pub(super) open: Range<usize>,
    pub(super) cells: Vec<Cell>,
    /// From what is in front of the closing bracket to behind it.
    pub(super) close: Range<usize>,
    /// Whether it goes over several lines.
    pub(super) has_lines: bool,
    /// Whether it has brackets: `[a: b]` holds a mapping without.
    pub(super) has_brackets: bool,
}

/// One entry or item in brackets.
#[derive(Clone)]
pub(super) struct Cell {
    /// White space and comments in front of it.
    pub(super) before: Range<usize>,
    pub(super) core: Range<usize>,
    /// Its comma, and the comment behind it on its line.
    pub(super) behind: Range<usize>,
    pub(super) comma: Option<usize>,
}

/// The parts of one entry or item.
#[derive(Clone)]
pub(super) struct Anatomy {
    /// How far right it stands.
    pub(super) column: usize,
    /// Own lines above: comments.
    pub(super) comments: Range<usize>,
    pub(super) start: usize,
    pub(super) key: Option<Range<usize>>,
    /// Behind the colon or dash.
    pub(super) open: usize,
    /// Anchor and tag of the value.
    pub(super) marks: Range<usize>,
    /// The value; for a block, an empty range at the end of its head.
    pub(super) value: Range<usize>,
    /// What stands behind the value on its line, or behind the head of a block.
    pub(super) tail: Range<usize>,
    /// Behind the last line, or behind the value if it stands in brackets.
    pub(super) end: usize,
    pub(super) in_flow: bool,
    /// Whether the value is a block mapping or list.
    pub(super) is_block: bool,
    /// A key with a question mark, or none that could be changed.
    pub(super) is_odd: bool,
}

impl Block {
    pub(super) fn piece(&self, child: usize) -> &Piece {
        &self.pieces[self.places[child]]
    }

    /// Whether blank lines stand between the entries; none if there are too few entries to say.
    pub(super) fn is_separated(&self) -> Option<bool> {
        let behind_first = self.places.get(1..).filter(|rest| !rest.is_empty())?;
        let blank = behind_first.iter().filter(|place| !self.pieces[**place].blank.is_empty()).count();
        Some(blank * 2 > behind_first.len())
    }
}

impl Layout {
    /// Everything that belongs to an entry or item.
    pub(super) fn extent(&self, child: usize) -> Range<usize> {
        match self {
            Self::Block(block) => {
                let piece = block.piece(child);
                piece.comments.start..piece.end
            }
            Self::Flow(flow) => flow.cells[child].before.start..flow.cells[child].behind.end,
        }
    }
}

/// The lines of a block. `from` is behind its head, `limit` behind the last line that can belong to it.
pub(super) fn block(document: &Document, id: NodeId, from: usize, limit: usize, is_first_line: bool) -> Block {
    let text = document.text();
    let span = document.node(id).span.range();
    let parts = parts(document, id);
    let is_inline = span.start < from;
    let mut block = Block { column: 0, is_inline, range: from..limit, pieces: Vec::new(), places: Vec::new() };
    let mut at = from;
    let mut next = if is_inline { Some(span.start) } else { next_content(text, from, limit) };
    for (index, (key, value)) in parts.iter().enumerate() {
        let Some(start) = next else { break };
        if index == 0 {
            block.column = column(text, start);
        }
        let inline = is_inline && index == 0;
        let (blank, comments) = if inline {
            (start..start, start..start)
        } else {
            let lines = at..line_start(text, start);
            above(text, lines, &mut block.pieces, index == 0 && is_first_line)
        };
        let content_end = content_end(document, *key, *value);
        let is_whole = content_end > start && text[..content_end].ends_with(['\n', '\r']);
        let own = if is_whole { content_end } else { next_line(text, content_end) };
        next = if index + 1 < parts.len() { next_content(text, own, limit) } else { None };
        at = with_trailing(text, own, next.map_or(limit, |next| line_start(text, next)), block.column);
        block.places.push(block.pieces.len());
        block.pieces.push(Piece { child: Some(index), blank, comments, start, end: at });
    }
    if at < limit {
        block.pieces.push(Piece { child: None, blank: at..at, comments: at..limit, start: limit, end: limit });
    }
    block
}

/// The first byte that is neither blank nor in a comment.
fn next_content(text: &str, from: usize, limit: usize) -> Option<usize> {
    let mut at = from;
    while at < limit {
        let start = at + text[at..].len() - text[at..].trim_start_matches([' ', '\t']).len();
        match text.as_bytes().get(start) {
            None => return None,
            Some(b'\n' | b'\r' | b'#') => at = next_line(text, start),
            Some(_) => return Some(start),
        }
    }
    None
}

/// Behind the comments that stand further right than a column.
fn with_trailing(text: &str, from: usize, limit: usize, column: usize) -> usize {
    let (mut at, mut end) = (from, from);
    while at < limit {
        let line = &text[at..line_content_end(text, at)];
        let content = line.trim_start_matches([' ', '\t']);
        let next = next_line(text, at);
        if content.starts_with('#') {
            if line.len() - content.len() <= column {
                break;
            }
            end = next;
        }
        at = next;
    }
    end
}

/// Deals out the lines above an entry: blank lines, and comments directly above it. What is above those goes to the
/// block.
fn above(
    text: &str,
    lines: Range<usize>,
    pieces: &mut Vec<Piece>,
    is_first_line: bool,
) -> (Range<usize>, Range<usize>) {
    let mut starts = Vec::new();
    let mut at = lines.start;
    while at < lines.end {
        starts.push(at);
        at = next_line(text, at);
    }
    let is_blank = |start: &usize| text[*start..line_content_end(text, *start)].trim().is_empty();
    let comments = starts.iter().rposition(is_blank).map_or(0, |blank| blank + 1);
    let blank = starts[..comments].iter().rposition(|start| !is_blank(start)).map_or(0, |other| other + 1);
    let offset = |index: usize| starts.get(index).copied().unwrap_or(lines.end);
    let (mut blank, mut comments) = (offset(blank)..offset(comments), offset(comments)..lines.end);
    if is_first_line && blank.is_empty() && comments.start == lines.start {
        // What starts on the first line is about the file.
        blank = comments.end..comments.end;
        comments = blank.clone();
    }
    if lines.start < blank.start {
        let rest = lines.start..blank.start;
        let first = starts.iter().take_while(|start| is_blank(start)).count();
        let first = offset(first).min(rest.end);
        pieces.push(Piece {
            child: None,
            blank: rest.start..first,
            comments: first..rest.end,
            start: rest.end,
            end: rest.end,
        });
    }
    (blank, comments)
}

/// The cells in brackets.
pub(super) fn flow(document: &Document, id: NodeId) -> Flow {
    let text = document.text();
    let span = document.node(id).span.range();
    let has_brackets = text[span.clone()].starts_with(['{', '[']);
    let bracket = usize::from(has_brackets);
    let parts = parts(document, id);
    let cores: Vec<Range<usize>> = parts.iter().map(|(key, value)| core(document, *key, *value)).collect();
    let inside = span.start + bracket..span.end.saturating_sub(bracket).max(span.start + bracket);
    let first = cores.first().map_or(inside.end, |core| core.start);
    let (_, open_end) = split(document, inside.start..first, false);
    let mut cells: Vec<Cell> = Vec::new();
    let mut before = open_end..first;
    for (index, core) in cores.iter().enumerate() {
        let next = cores.get(index + 1).map_or(inside.end, |next| next.start);
        let (comma, behind) = split(document, core.end..next, true);
        cells.push(Cell { before, core: core.clone(), behind: core.end..behind, comma });
        before = behind..next;
    }
    Flow {
        open: span.start..open_end,
        cells,
        close: before.start..span.end,
        has_lines: text[span.start..first].contains(['\n', '\r'])
            || (cores.is_empty() && text[inside].contains(['\n', '\r'])),
        has_brackets,
    }
}

/// Where an entry in brackets starts and ends.
fn core(document: &Document, key: Option<NodeId>, value: NodeId) -> Range<usize> {
    let text = document.text();
    let first = key.unwrap_or(value);
    let marked = marks(document, first).map_or(usize::MAX, |marks| marks.start);
    let mut start = document.node(first).span.range().start.min(marked);
    let question = text[..start].trim_end().strip_suffix('?').filter(|_| key.is_some());
    if let Some(question) = question.filter(|before| before.ends_with(['{', '[', ',', ' ', '\n'])) {
        start = question.len();
    }
    let mut end = content_end(document, key, value).max(document.node(value).span.range().end);
    if let Some(key) = key.filter(|_| document.node(value).span.is_empty()) {
        let behind = document.node(key).span.range().end;
        let rest = text[behind..].trim_start();
        if rest.starts_with(':') {
            end = end.max(text.len() - rest.len() + 1);
        }
    }
    start..end
}

/// Finds the comma in a gap, and where what stands on its line ends: its white space goes to what follows, unless a
/// comment is there.
fn split(document: &Document, gap: Range<usize>, wants_comma: bool) -> (Option<usize>, usize) {
    let text = document.text();
    let comments = comments_in(document, &gap);
    let is_in_comment = |at: usize| comments.iter().any(|comment| comment.span.range().contains(&at));
    let comma = text[gap.clone()].match_indices(',').map(|(at, _)| gap.start + at).find(|at| !is_in_comment(*at));
    let comma = comma.filter(|_| wants_comma);
    let from = comma.map_or(gap.start, |comma| comma + 1);
    // A line may be as long as the text, so only the gap is searched for its end.
    let line_end = text[from..gap.end].find(['\n', '\r']).map_or(gap.end, |end| from + end);
    // A comment between brackets on the same line as the next entry is that entry's.
    let on_line = comments.iter().rev().map(|comment| comment.span.range());
    let mut on_line = on_line.filter(|comment| comment.start >= from && comment.start < line_end);
    let ends_line = line_end < gap.end || comma.is_none();
    let end = on_line.next().filter(|_| ends_line).map_or(from, |comment| comment.end.min(gap.end));
    (comma, end)
}

/// The parts of an entry or item.
pub(super) fn anatomy(
    document: &Document,
    layout: &Layout,
    index: usize,
    key: Option<NodeId>,
    value: NodeId,
) -> Anatomy {
    let text = document.text();
    let (column, comments, start, end, in_flow) = match layout {
        Layout::Block(block) => {
            let piece = block.piece(index);
            (column(text, piece.start), piece.comments.clone(), piece.start, piece.end, false)
        }
        Layout::Flow(flow) => {
            let cell = &flow.cells[index];
            let column = indentation(text, cell.core.start);
            (column, cell.before.clone(), cell.core.start, cell.core.end, true)
        }
    };
    let key_range = key.map(|key| document.node(key).span.range());
    let separator = if matches!(document.format(), Format::Yaml | Format::Json) { ':' } else { '=' };
    let (mut open, mut is_odd) = (start, false);
    match &key_range {
        Some(key) => {
            let behind = text[key.end..end].trim_start_matches([' ', '\t']);
            let has_separator = behind.starts_with(separator);
            open = if has_separator { end - behind.len() + 1 } else { key.end };
            is_odd = text[start..key.start].starts_with('?') || (!has_separator && separator == ':');
        }
        None if !in_flow => open = start + 1,
        None => {}
    }
    let marks = marks(document, value).filter(|marks| marks.start >= open).unwrap_or(open..open);
    let node = document.node(value);
    let is_block = is_block(document, value);
    let mut value_range = match &node.kind {
        NodeKind::Scalar { style: ScalarStyle::Literal | ScalarStyle::Folded, .. } => {
            block_scalar_header(document, value).start..block_scalar_end(document, value)
        }
        _ if is_block || node.span.is_empty() || node.span.range().start < marks.end => marks.end..marks.end,
        _ => node.span.range(),
    };
    value_range.end = value_range.end.max(value_range.start);
    let tail_end = if in_flow { value_range.end } else { line_content_end(text, value_range.end).min(end) };
    let tail_end = if text[..value_range.end].ends_with(['\n', '\r']) { value_range.end } else { tail_end };
    let inline_block = is_block && node.span.range().start < tail_end;
    let tail = value_range.end..if inline_block { value_range.end } else { tail_end.max(value_range.end) };
    Anatomy {
        column,
        comments,
        start,
        key: key_range,
        open,
        marks,
        value: value_range,
        tail,
        end,
        in_flow,
        is_block,
        is_odd,
    }
}
