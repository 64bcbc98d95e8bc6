//! Comments, and which of them belong to a key.

use super::{Document, Entry, NodeKind, Span, Structure};

/// A comment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Comment {
    /// Where it stands, from its `#`, `;` or `//` to the end of the line, or from `/*` to `*/`.
    pub span: Span,
    /// Whether nothing but white space stands before it on its line.
    pub own_line: bool,
}

impl Document {
    /// The comments that belong to an entry from above: those on their own lines directly over its key, without a
    /// blank line between. A comment at the very top of a file that a blank line follows belongs to the file.
    pub fn comments_above(&self, entry: Entry) -> &[Comment] {
        let key = self.node(entry.key).span;
        let end = self.comments.partition_point(|comment| comment.span.start < key.start);
        let mut start = end;
        let mut below = self.position(key.start).line;
        while start > 0 {
            let comment = self.comments[start - 1];
            let line = self.position(comment.span.start).line;
            if !comment.own_line || line + 1 != below {
                break;
            }
            below = line;
            start -= 1;
        }
        &self.comments[start..end]
    }

    /// The comment behind an entry: on the line where its value ends, or, for a block, on the line of its key.
    pub fn comment_behind(&self, entry: Entry) -> Option<Comment> {
        let key = self.node(entry.key).span;
        let value = self.node(entry.value);
        let block = matches!(
            value.kind,
            NodeKind::Mapping { structure: Structure::Block, .. }
                | NodeKind::Sequence { structure: Structure::Block, .. }
        );
        let line = self.position(if block { key.end } else { value.span.end.max(key.end) }).line;
        let first = self.comments.partition_point(|comment| comment.span.start < key.end);
        self.comments[first..]
            .iter()
            .map(|comment| (comment, self.position(comment.span.start).line))
            .take_while(|(_, at)| *at <= line)
            .find(|(comment, at)| !comment.own_line && *at == line)
            .map(|(comment, _)| *comment)
    }
}
