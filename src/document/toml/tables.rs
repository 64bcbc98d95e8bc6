//! TOML tables: headers and dotted keys jump about in the text, and the tree and its spans follow them.

use std::borrow::Cow;
use std::collections::HashMap;

use crate::document::problem::{Cause, ProblemKind};
use crate::document::tree::Tree;
use crate::document::{NodeId, NodeKind, ScalarStyle, Span, Structure};

/// One name of a dotted key.
#[derive(Clone)]
pub(super) struct Key<'text> {
    pub(super) name: Cow<'text, str>,
    pub(super) span: Span,
    pub(super) style: ScalarStyle,
}

impl Key<'_> {
    fn add_to(&self, tree: &mut Tree) -> NodeId {
        let cooked = (self.style != ScalarStyle::Plain).then(|| self.name.as_ref().into());
        tree.scalar(self.span, self.style, cooked)
    }
}

/// How a table came to be, which decides what may be added to it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Origin {
    /// Named on the way to another table: its own header may still come.
    Implicit,
    /// By a dotted key.
    Dotted,
    /// By its header; also an item of an array of tables.
    Header,
    /// An array of tables.
    Array,
}

/// The tables of a text. Inline tables and other values are not among them, since nothing can be added to those: a
/// table of the same name becomes a second entry, which the document reports.
#[derive(Default)]
pub(super) struct Tables<'text> {
    root: Option<NodeId>,
    current: Option<NodeId>,
    /// By the table around and the name: the name's first place, and the table.
    known: HashMap<(NodeId, Cow<'text, str>), (Span, NodeId)>,
    origins: HashMap<NodeId, Origin>,
    /// The tables that the current header and its values extend, the outermost first.
    section: Vec<NodeId>,
    /// The same for the dotted key of the entry before.
    dotted: Vec<NodeId>,
    end: usize,
}

impl<'text> Tables<'text> {
    /// Where the last value or header ended.
    pub(super) fn end(&self) -> usize {
        self.end
    }

    /// Exchanges what the entry before extended, when an inline table begins or ends.
    pub(super) fn swap_dotted(&mut self, dotted: Vec<NodeId>) -> Vec<NodeId> {
        std::mem::replace(&mut self.dotted, dotted)
    }

    /// Begins the table of a header, or the next item of an array of tables.
    pub(super) fn header(&mut self, tree: &mut Tree, keys: &[Key<'text>], span: Span, is_array: bool) {
        let Some((last, path)) = keys.split_last() else { return };
        let mut at = self.root(tree, span);
        self.end_section(tree);
        self.end = span.range().end;
        let mut chain = Vec::new();
        for key in path {
            let table = self.child(at, key).unwrap_or_else(|| self.add_table(tree, at, key, span, Origin::Implicit));
            chain.push(table);
            at = Self::last_item(tree, table, &mut chain);
        }
        let known = self.child(at, last);
        let origin = known.and_then(|known| self.origins.get(&known)).copied();
        let table = match (is_array, known, origin) {
            (true, Some(array), Some(Origin::Array)) => {
                chain.push(array);
                self.add_item(tree, array, span)
            }
            (true, ..) => {
                let array = self.add_array(tree, at, last, span);
                chain.push(array);
                self.add_item(tree, array, span)
            }
            (false, Some(table), Some(Origin::Implicit)) => {
                self.origins.insert(table, Origin::Header);
                table
            }
            (false, Some(table), Some(Origin::Dotted)) => {
                tree.report(ProblemKind::Syntax(Cause::Table), last.span);
                table
            }
            (false, Some(table), Some(Origin::Header)) => {
                // The second header goes on with the same table, so that nothing of the first is hidden by it.
                let first = self.known.get(&(at, last.name.clone())).map_or(last.span, |(first, _)| *first);
                tree.report(ProblemKind::DuplicateKey { key: last.name.to_string(), first }, last.span);
                table
            }
            (false, ..) => self.add_table(tree, at, last, span, Origin::Header),
        };
        chain.push(table);
        // What was left in between and is taken up again does not cover what came in between.
        let before = std::mem::take(&mut self.section);
        chain.retain(|id| tree.nodes[id.index()].span == span || before.contains(id));
        self.section = chain;
        self.current = Some(table);
        self.dotted.clear();
    }

    /// Adds the key of an entry, so that the next node added to the tree is its value. What comes back is for
    /// [`Tables::leave_entry`].
    pub(super) fn enter_entry(&mut self, tree: &mut Tree, inline: Option<NodeId>, keys: &[Key<'text>]) -> Vec<NodeId> {
        let Some((last, path)) = keys.split_last() else { return Vec::new() };
        let start = keys[0].span;
        let mut at = inline.or(self.current).unwrap_or_else(|| self.root(tree, start));
        let mut chain = Vec::new();
        let before = std::mem::take(&mut self.dotted);
        for (key, next) in path.iter().zip(&keys[1..]) {
            let known = self.child(at, key);
            let origin = known.and_then(|known| self.origins.get(&known)).copied();
            let table = match (known, origin) {
                (Some(table), Some(Origin::Implicit | Origin::Dotted)) => {
                    self.origins.insert(table, Origin::Dotted);
                    table
                }
                (Some(table), _) => {
                    tree.report(ProblemKind::Syntax(Cause::Table), key.span);
                    table
                }
                (None, _) => {
                    let table = self.add_table(tree, at, key, next.span, Origin::Dotted);
                    chain.push(table);
                    table
                }
            };
            if before.contains(&table) {
                chain.push(table);
            }
            at = Self::last_item(tree, table, &mut Vec::new());
        }
        tree.enter(at);
        last.add_to(tree);
        chain
    }

    /// Ends an entry whose value ends at `end`, and with it the dotted tables that it is in.
    pub(super) fn leave_entry(&mut self, tree: &mut Tree, chain: Vec<NodeId>, end: usize) {
        tree.leave();
        for table in &chain {
            tree.nodes[table.index()].span.end = Span::new(0, end).end;
        }
        self.dotted = chain;
        self.end = self.end.max(end);
    }

    /// Ends what is still growing.
    pub(super) fn finish(&mut self, tree: &mut Tree) {
        self.end_section(tree);
        if let Some(root) = self.root {
            tree.nodes[root.index()].span.end = Span::new(0, self.end).end;
            // The root was entered for good.
            tree.leave();
        }
    }

    fn end_section(&self, tree: &mut Tree) {
        for id in &self.section {
            tree.nodes[id.index()].span.end = Span::new(0, self.end).end;
        }
    }

    fn root(&mut self, tree: &mut Tree, first: Span) -> NodeId {
        *self.root.get_or_insert_with(|| tree.open_mapping(Span { end: first.start, ..first }, Structure::Block))
    }

    fn child(&self, at: NodeId, key: &Key<'text>) -> Option<NodeId> {
        self.known.get(&(at, key.name.clone())).map(|(_, table)| *table)
    }

    /// What a name on the way to a table stands for: of an array of tables, its last item.
    fn last_item(tree: &Tree, table: NodeId, chain: &mut Vec<NodeId>) -> NodeId {
        match &tree.nodes[table.index()].kind {
            NodeKind::Sequence { items, .. } => items.last().map_or(table, |item| {
                chain.push(*item);
                *item
            }),
            _ => table,
        }
    }

    fn add_table(&mut self, tree: &mut Tree, at: NodeId, key: &Key<'text>, span: Span, origin: Origin) -> NodeId {
        tree.enter(at);
        key.add_to(tree);
        let id = tree.open_mapping(span, Structure::Block);
        tree.leave();
        tree.leave();
        self.remember(at, key, id, origin);
        id
    }

    fn add_array(&mut self, tree: &mut Tree, at: NodeId, key: &Key<'text>, span: Span) -> NodeId {
        tree.enter(at);
        key.add_to(tree);
        let id = tree.open_sequence(span, Structure::Block);
        tree.leave();
        tree.leave();
        self.remember(at, key, id, Origin::Array);
        id
    }

    fn add_item(&mut self, tree: &mut Tree, array: NodeId, span: Span) -> NodeId {
        tree.enter(array);
        let id = tree.open_mapping(span, Structure::Block);
        tree.leave();
        tree.leave();
        self.origins.insert(id, Origin::Header);
        id
    }

    fn remember(&mut self, at: NodeId, key: &Key<'text>, id: NodeId, origin: Origin) {
        self.known.insert((at, key.name.clone()), (key.span, id));
        self.origins.insert(id, origin);
    }
}
