//! Where nodes of the old text start and end, with what belongs to them and is no part of their span.

use std::ops::Range;

use crate::document::{Comment, Document, NodeId, NodeKind, ScalarStyle, Structure};

use super::style::line_start;

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

/// Where the text of a block scalar ends; without the blank lines behind it, unless it keeps them.
pub(super) fn block_scalar_end(document: &Document, value: NodeId) -> usize {
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
