//! Which lines and bytes of the old text belong to which entry: its comments, blank lines, key, value.
//!
//! A block's lines are dealt out to its entries. An entry has the comments directly above it, the blank lines above
//! those, and behind its value the comments that stand further right than it. What is left (comments with blank lines
//! around them) belongs to the block. In brackets, the text between two commas is dealt out.

use std::ops::Range;

use crate::document::{Comment, Document, Format, NodeId, NodeKind, ScalarStyle, Structure};

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

/// The keys and values in a collection.
pub(super) fn parts(document: &Document, id: NodeId) -> Vec<(Option<NodeId>, NodeId)> {
    match &document.node(id).kind {
        NodeKind::Mapping { entries, .. } => entries.iter().map(|entry| (Some(entry.key), entry.value)).collect(),
        NodeKind::Sequence { items, .. } => items.iter().map(|item| (None, *item)).collect(),
        NodeKind::Scalar { .. } | NodeKind::Alias { .. } => Vec::new(),
    }
}

/// The last value in a collection, however deep.
pub(super) fn last_in(document: &Document, id: NodeId) -> NodeId {
    let mut at = id;
    loop {
        let last = match &document.node(at).kind {
            NodeKind::Mapping { entries, .. } => entries.last().map(|entry| entry.value),
            NodeKind::Sequence { items, .. } => items.last().copied(),
            NodeKind::Scalar { .. } | NodeKind::Alias { .. } => None,
        };
        match last {
            Some(last) => at = last,
            None => return at,
        }
    }
}

/// Whether a node is a collection without brackets.
pub(super) fn is_block(document: &Document, id: NodeId) -> bool {
    matches!(
        document.node(id).kind,
        NodeKind::Mapping { structure: Structure::Block, .. } | NodeKind::Sequence { structure: Structure::Block, .. }
    )
}

/// Comments that start in a range.
pub(super) fn comments_in(document: &Document, range: &Range<usize>) -> Vec<Comment> {
    let comments = document.comments();
    let first = comments.partition_point(|comment| comment.span.range().start < range.start);
    comments[first..].iter().take_while(|comment| comment.span.range().start < range.end).copied().collect()
}

/// Where anchor and tag of a node stand.
pub(super) fn marks(document: &Document, id: NodeId) -> Option<Range<usize>> {
    let marks = document.marks(id)?;
    let both = [marks.anchor, marks.tag];
    let both = both.iter().flatten().filter(|mark| !mark.overlaps(document.node(id).span));
    both.map(|span| span.range()).reduce(|one, other| one.start.min(other.start)..one.end.max(other.end))
}

/// Behind the last byte of an entry or item that is not blank, and for `|+` behind its blank lines.
pub(super) fn content_end(document: &Document, key: Option<NodeId>, value: NodeId) -> usize {
    let node = document.node(value);
    let own = match &node.kind {
        NodeKind::Mapping { structure: Structure::Block, entries } => {
            entries.last().map(|last| content_end(document, Some(last.key), last.value))
        }
        NodeKind::Sequence { structure: Structure::Block, items } => {
            items.last().map(|last| content_end(document, None, *last))
        }
        NodeKind::Scalar { style: ScalarStyle::Literal | ScalarStyle::Folded, .. } => {
            Some(block_scalar_end(document, value))
        }
        _ => None,
    };
    let own = own.unwrap_or(node.span.range().end);
    let marked = marks(document, value).map_or(0, |marks| marks.end);
    let key = key.map_or(0, |key| document.node(key).span.range().end);
    own.max(marked).max(key)
}

/// Where the header (`|2-`) of a block scalar stands.
pub(super) fn block_scalar_header(document: &Document, value: NodeId) -> Range<usize> {
    let text = document.text();
    let before = text[..document.node(value).span.range().start].trim_end();
    let mut line = line_start(text, before.len())..before.len();
    if let Some(comment) = comments_in(document, &line).first() {
        line.end = line.start + text[line.start..comment.span.range().start].trim_end().len();
    }
    let start = text[line.clone()].rfind([' ', '\t', ':']).map_or(line.start, |blank| line.start + blank + 1);
    start..line.end
}

/// Whether a value is written as a block of text.
pub(super) fn is_block_scalar(document: &Document, value: NodeId) -> bool {
    matches!(document.node(value).kind, NodeKind::Scalar { style: ScalarStyle::Literal | ScalarStyle::Folded, .. })
}

/// Whether a block scalar keeps the blank lines behind it.
pub(super) fn keeps_blank_lines(document: &Document, value: NodeId) -> bool {
    is_block_scalar(document, value) && document.text()[block_scalar_header(document, value)].contains('+')
}

/// Whether a block scalar ends with the text, without a line end: readers disagree about what it says, and it says
/// something else once there is one.
pub(super) fn is_open_block_scalar(document: &Document, value: NodeId) -> bool {
    let text = document.text();
    is_block_scalar(document, value)
        && text[document.node(value).span.range().end..].is_empty()
        && !text.ends_with(['\n', '\r'])
}

fn block_scalar_end(document: &Document, value: NodeId) -> usize {
    let text = document.text();
    let span = document.node(value).span.range();
    let header = block_scalar_header(document, value);
    if span.is_empty() {
        return header.end;
    }
    if keeps_blank_lines(document, value) {
        let start = line_start(text, span.end);
        return if text[start..span.end].trim_matches(' ').is_empty() { start } else { span.end };
    }
    (span.start + text[span.clone()].trim_end().len()).max(header.end)
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
    let line_end = line_content_end(text, from).min(gap.end);
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
