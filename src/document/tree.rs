//! The tree itself: nodes in one vector, each a byte range of the text.

use std::collections::HashMap;
use std::ops::Range;

use super::comments::Comment;
use super::problem::{Problem, ProblemKind};
use super::{Marks, NODE_LIMIT};

/// A byte range of the text of a document.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Span {
    /// The first byte.
    pub start: u32,
    /// The byte after the last.
    pub end: u32,
}

impl Span {
    /// A span of two byte offsets; files are below [`super::SIZE_LIMIT`], so both fit.
    pub fn new(start: usize, end: usize) -> Self {
        let fit = |offset: usize| u32::try_from(offset).unwrap_or(u32::MAX);
        Self { start: fit(start), end: fit(end.max(start)) }
    }

    /// As a range for slicing.
    pub fn range(self) -> Range<usize> {
        self.start as usize..self.end as usize
    }

    /// Whether it covers no byte, as the missing value of `key:` does.
    pub fn is_empty(self) -> bool {
        self.start == self.end
    }

    /// Whether the two share a byte.
    pub fn overlaps(self, other: Self) -> bool {
        self.start < other.end && other.start < self.end
    }

    /// Whether `other` lies within.
    pub fn contains(self, other: Self) -> bool {
        self.start <= other.start && other.end <= self.end
    }
}

/// Which node of a document.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct NodeId(u32);

impl NodeId {
    /// What the top node has for a parent.
    pub(super) const NONE: Self = Self(u32::MAX);

    pub(super) fn from_index(index: usize) -> Self {
        Self(u32::try_from(index).unwrap_or(u32::MAX))
    }

    pub(super) fn index(self) -> usize {
        self.0 as usize
    }
}

/// One key or value.
#[derive(Debug)]
pub struct Node {
    /// Where it stands: a scalar with its quotes, a flow collection with its brackets, a block collection from its
    /// first key to the end of its last value. A missing value has an empty span.
    pub span: Span,
    /// What it is.
    pub kind: NodeKind,
    pub(super) parent: NodeId,
}

/// What a node is.
#[derive(Debug)]
pub enum NodeKind {
    /// A single value.
    Scalar {
        /// How it is written.
        style: ScalarStyle,
        /// The value, where it is not simply what the span covers (quotes, escapes, folded lines).
        cooked: Option<Box<str>>,
    },
    /// Keys with values.
    Mapping {
        /// How it is written.
        structure: Structure,
        /// The entries as written, merge keys and duplicates included.
        entries: Vec<Entry>,
    },
    /// A list.
    Sequence {
        /// How it is written.
        structure: Structure,
        /// The items as written.
        items: Vec<NodeId>,
    },
    /// A YAML alias (`*name`).
    Alias {
        /// The anchored node; for an anchor that is missing, the section that was most likely meant.
        target: Option<NodeId>,
    },
}

/// A key with its value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The key.
    pub key: NodeId,
    /// The value; of a bare variable name, an empty scalar.
    pub value: NodeId,
}

/// How a scalar is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ScalarStyle {
    /// Without quotes.
    Plain,
    /// In single quotes.
    SingleQuoted,
    /// In double quotes.
    DoubleQuoted,
    /// A YAML literal block (`|`); the span starts after its header.
    Literal,
    /// A YAML folded block (`>`); the span starts after its header.
    Folded,
    /// In triple quotes (TOML).
    TripleQuoted,
}

/// How a collection is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Structure {
    /// By indentation (YAML), by a header or dotted keys (TOML), by sections or lines (INI, `.env`).
    Block,
    /// In brackets or braces.
    Flow,
}

/// The most problems of one text that its parser reports.
pub(super) const PROBLEM_LIMIT: usize = 1000;

/// A tree under construction. Parsers open and close collections in the order of the text.
#[derive(Default)]
pub(super) struct Tree {
    pub(super) nodes: Vec<Node>,
    pub(super) roots: Vec<NodeId>,
    pub(super) comments: Vec<Comment>,
    pub(super) marks: HashMap<NodeId, Marks>,
    pub(super) problems: Vec<Problem>,
    open: Vec<Open>,
    full: bool,
}

/// A collection whose end has not come yet; in a mapping, the key that waits for its value.
struct Open {
    id: NodeId,
    key: Option<NodeId>,
}

impl Tree {
    /// An empty tree with room for as many nodes as a settings file of this length has, so that its vector seldom
    /// grows: one in sixteen bytes starts a key or a value.
    pub(super) fn for_text(text: &str) -> Self {
        Self { nodes: Vec::with_capacity((text.len() / 16).min(NODE_LIMIT)), ..Self::default() }
    }

    /// Adds a scalar at the place that is open now.
    pub(super) fn scalar(&mut self, span: Span, style: ScalarStyle, cooked: Option<Box<str>>) -> NodeId {
        self.add(span, NodeKind::Scalar { style, cooked })
    }

    /// Adds a node at the place that is open now.
    pub(super) fn add(&mut self, span: Span, kind: NodeKind) -> NodeId {
        let id = NodeId::from_index(self.nodes.len());
        let parent = self.open.last().map_or(NodeId::NONE, |open| open.id);
        if self.nodes.len() >= NODE_LIMIT {
            if !self.full {
                self.problems.push(Problem::new(ProblemKind::TooManyNodes, span));
            }
            self.full = true;
            return NodeId::from_index(self.nodes.len().saturating_sub(1));
        }
        self.nodes.push(Node { span, kind, parent });
        self.attach(id);
        id
    }

    /// Whether the limit of nodes is reached, so that the parser can stop.
    pub(super) fn is_full(&self) -> bool {
        self.full
    }

    /// Adds an empty mapping and opens it.
    pub(super) fn open_mapping(&mut self, span: Span, structure: Structure) -> NodeId {
        let id = self.add(span, NodeKind::Mapping { structure, entries: Vec::new() });
        self.push_open(id);
        id
    }

    /// Adds an empty sequence and opens it.
    pub(super) fn open_sequence(&mut self, span: Span, structure: Structure) -> NodeId {
        let id = self.add(span, NodeKind::Sequence { structure, items: Vec::new() });
        self.push_open(id);
        id
    }

    /// A full tree has no node for the collection; closing it must not touch the node that was added last.
    fn push_open(&mut self, id: NodeId) {
        let id = if self.full { NodeId::NONE } else { id };
        self.open.push(Open { id, key: None });
    }

    /// Adds a comment; `text` is the whole text of the document.
    pub(super) fn comment(&mut self, text: &str, span: Span) {
        let before = text[..span.range().start].trim_end_matches([' ', '\t']);
        let own_line = before.is_empty() || before.ends_with(['\n', '\r', '\u{FEFF}']);
        self.comments.push(Comment { span, own_line });
    }

    /// Reports something wrong with the text; after [`PROBLEM_LIMIT`], a text is not of its format at all.
    pub(super) fn report(&mut self, kind: ProblemKind, span: Span) {
        if self.problems.len() < PROBLEM_LIMIT {
            self.problems.push(Problem::new(kind, span));
        }
    }

    /// Closes the innermost collection; `end` is its closing bracket, if it has one.
    /// Without, it ends with its last child, since parsers place the end of a block after the blank lines behind it.
    pub(super) fn close(&mut self, end: Option<usize>) {
        let Some(open) = self.open.pop().filter(|open| open.id != NodeId::NONE) else { return };
        self.complete(&open);
        let last = match &self.nodes[open.id.index()].kind {
            NodeKind::Mapping { entries, .. } => entries.last().map(|entry| entry.value),
            NodeKind::Sequence { items, .. } => items.last().copied(),
            _ => None,
        };
        let last_end = last.map_or(0, |last| self.nodes[last.index()].span.end);
        let span = &mut self.nodes[open.id.index()].span;
        span.end = match end {
            Some(end) => Span::new(0, end).end,
            None => span.start.max(last_end),
        };
    }

    /// A text that breaks off behind a key: the key keeps an empty value.
    fn complete(&mut self, open: &Open) {
        let Some(key) = open.key else { return };
        let at = self.nodes[key.index()].span.end;
        let value = NodeId::from_index(self.nodes.len());
        self.nodes.push(Node {
            span: Span { start: at, end: at },
            kind: NodeKind::Scalar { style: ScalarStyle::Plain, cooked: None },
            parent: open.id,
        });
        if let NodeKind::Mapping { entries, .. } = &mut self.nodes[open.id.index()].kind {
            entries.push(Entry { key, value });
        }
    }

    /// Closes everything, as at the end of a text or after an error that could not be mended.
    pub(super) fn close_all(&mut self) {
        while !self.open.is_empty() {
            self.close(None);
        }
    }

    /// Where the outermost open collection in brackets starts.
    pub(super) fn flow_start(&self) -> Option<u32> {
        let flow = |open: &&Open| {
            matches!(
                self.nodes.get(open.id.index()).map(|node| &node.kind),
                Some(
                    NodeKind::Mapping { structure: Structure::Flow, .. }
                        | NodeKind::Sequence { structure: Structure::Flow, .. }
                )
            )
        };
        self.open.iter().find(flow).map(|open| self.nodes[open.id.index()].span.start)
    }

    /// The key of the innermost open collection that waits for its value.
    pub(super) fn waiting_key(&self) -> Option<Span> {
        self.open.last().and_then(|open| open.key).map(|key| self.nodes[key.index()].span)
    }

    /// Adds `key` with a value to a mapping that is not the innermost open one (TOML's headers jump about).
    pub(super) fn enter(&mut self, mapping: NodeId) {
        self.open.push(Open { id: mapping, key: None });
    }

    /// Leaves a collection that [`Tree::enter`] entered, without changing its span.
    pub(super) fn leave(&mut self) {
        if let Some(open) = self.open.pop() {
            self.complete(&open);
        }
    }

    fn attach(&mut self, id: NodeId) {
        let Some(open) = self.open.last_mut() else {
            self.roots.push(id);
            return;
        };
        match &mut self.nodes[open.id.index()].kind {
            NodeKind::Mapping { entries, .. } => match open.key.take() {
                None => open.key = Some(id),
                Some(key) => entries.push(Entry { key, value: id }),
            },
            NodeKind::Sequence { items, .. } => items.push(id),
            NodeKind::Scalar { .. } | NodeKind::Alias { .. } => {}
        }
    }
}
