//! What is checked of every tree once it is read: aliases without anchors, repeated keys, alias bombs.

use std::collections::HashMap;

use super::problem::{Cause, Problem, ProblemKind};
use super::tree::PROBLEM_LIMIT;
use super::view::Irregular;
use super::{Document, EXPANSION_LIMIT, NodeId, NodeKind, Span};

impl Document {
    /// An alias without an anchor is most often a section whose `&name` was forgotten: `_defaults`, `defaults`,
    /// `.defaults` or `x-defaults`. It is reported, and read as what was meant.
    pub(super) fn link_unknown_aliases(&mut self) {
        let unknown: Vec<(usize, String)> = self
            .problems
            .iter()
            .enumerate()
            .filter_map(|(index, problem)| match &problem.kind {
                ProblemKind::UnknownAnchor { name, .. } => Some((index, name.clone())),
                _ => None,
            })
            .collect();
        if unknown.is_empty() {
            return;
        }
        let mut sections: HashMap<&str, (NodeId, NodeId)> = HashMap::new();
        for node in &self.nodes {
            let NodeKind::Mapping { entries, .. } = &node.kind else { continue };
            for entry in entries {
                if let (Some(key), NodeKind::Mapping { .. }) = (self.key(*entry), &self.node(entry.value).kind) {
                    sections.entry(key).or_insert((entry.key, entry.value));
                }
            }
        }
        let (mut links, mut hidden) = (Vec::new(), Vec::new());
        for (index, name) in unknown {
            let alias = self.problems[index].span;
            let candidates = [name.clone(), format!("_{name}"), format!(".{name}"), format!("x-{name}")];
            let found = candidates.iter().find_map(|candidate| sections.get(candidate.as_str()));
            // An anchor stands before its alias, and an alias does not stand for what it is in.
            let before = |value: &NodeId| self.node(*value).span.end <= alias.start;
            let Some((key, value)) = found.filter(|(_, value)| before(value)) else {
                if self.is_secret_value(alias) {
                    // A password that starts with `*`: its text is no name to show.
                    hidden.push(index);
                }
                continue;
            };
            links.push((index, alias, *value, self.node(*key).span));
        }
        for index in hidden {
            self.problems[index].kind = ProblemKind::Syntax(Cause::ReservedStart('*'));
        }
        for (index, alias, value, key) in links {
            if let ProblemKind::UnknownAnchor { guess, .. } = &mut self.problems[index].kind {
                *guess = Some(key);
            }
            if let Some(at) = self.alias_at(alias) {
                self.nodes[at.index()].kind = NodeKind::Alias { target: Some(value) };
            }
        }
    }

    /// The alias at a span.
    fn alias_at(&self, span: Span) -> Option<NodeId> {
        self.nodes_at(span.start).find(|id| {
            let node = self.node(*id);
            node.span == span && matches!(node.kind, NodeKind::Alias { .. })
        })
    }

    /// The nodes that start at a byte. Nodes stand in the order of the text.
    pub(super) fn nodes_at(&self, start: u32) -> impl DoubleEndedIterator<Item = NodeId> + use<'_> {
        let first = self.nodes.partition_point(|node| node.span.start < start);
        let count = self.nodes[first..].iter().take_while(|node| node.span.start == start).count();
        (first..first + count).map(NodeId::from_index)
    }

    /// Whether the alias at a span is, or is in, the value of a key that names a secret.
    fn is_secret_value(&self, span: Span) -> bool {
        let mut at = self.alias_at(span);
        while let Some(id) = at {
            let parent = self.node(id).parent;
            if parent == NodeId::NONE {
                // A file that is nothing but this word may be a file with a password.
                return matches!(self.node(id).kind, NodeKind::Alias { .. });
            }
            if let NodeKind::Mapping { entries, .. } = &self.node(parent).kind {
                let start = self.node(id).span.start;
                let entry = entries.partition_point(|entry| self.node(entry.value).span.start < start);
                let key = entries.get(entry).and_then(|entry| self.key(*entry));
                if key.is_some_and(crate::redact::is_secret_name) {
                    return true;
                }
            }
            at = Some(parent);
        }
        false
    }

    /// Reports keys that stand twice, and remembers which mappings are not simply what they say.
    pub(super) fn find_duplicate_keys(&mut self) {
        let mut found = Vec::new();
        let mut irregular = HashMap::new();
        let mut first: HashMap<&str, Span> = HashMap::new();
        for (index, node) in self.nodes.iter().enumerate() {
            let NodeKind::Mapping { entries, .. } = &node.kind else { continue };
            if entries.iter().any(|entry| self.is_merge(*entry)) {
                irregular.entry(NodeId::from_index(index)).or_default();
            }
            if entries.len() < 2 {
                continue;
            }
            // Clearing a large map costs its size, so one large mapping must not make each small one costly.
            if first.capacity() > 64 + 8 * entries.len() {
                first = HashMap::new();
            }
            first.clear();
            for entry in entries.iter().filter(|entry| !self.is_merge(**entry)) {
                let Some(key) = self.key(*entry) else { continue };
                let span = self.node(entry.key).span;
                if let Some(before) = first.insert(key, span) {
                    irregular.entry(NodeId::from_index(index)).or_default();
                    if found.len() >= PROBLEM_LIMIT {
                        continue;
                    }
                    found.push(Problem::new(ProblemKind::DuplicateKey { key: key.to_owned(), first: before }, span));
                }
            }
        }
        self.problems.append(&mut found);
        self.irregular = Irregular::new(irregular);
    }

    /// Counts, without expanding anything, how many nodes each node stands for, and cuts aliases that go round in
    /// circles or stand for too much.
    pub(super) fn find_alias_bombs(&mut self) {
        let has_aliases = self.nodes.iter().any(|node| matches!(node.kind, NodeKind::Alias { .. }));
        if !has_aliases {
            return;
        }
        let mut sizes: Vec<u64> = vec![0; self.nodes.len()];
        let mut cut = Vec::new();
        // A parent stands before its children in the vector, and an anchor before its aliases, so one pass backwards
        // would need the anchors first: sizes are counted forwards in the order in which nodes are complete.
        for index in self.completion_order() {
            let node = &self.nodes[index];
            let sum =
                |ids: &mut dyn Iterator<Item = NodeId>| ids.fold(1u64, |sum, id| sum.saturating_add(sizes[id.index()]));
            sizes[index] = match &node.kind {
                NodeKind::Scalar { .. } | NodeKind::Alias { target: None } => 1,
                NodeKind::Mapping { entries, .. } => sum(&mut entries.iter().map(|entry| entry.value)),
                NodeKind::Sequence { items, .. } => sum(&mut items.iter().copied()),
                NodeKind::Alias { target: Some(target) } => match sizes[target.index()] {
                    0 => {
                        cut.push((index, ProblemKind::AliasCycle));
                        1
                    }
                    size if size > EXPANSION_LIMIT => {
                        cut.push((index, ProblemKind::AliasBomb));
                        1
                    }
                    size => size,
                },
            };
        }
        let mut bombs = 0;
        for (index, kind) in cut {
            bombs += 1;
            // One finding tells as much as a thousand.
            if bombs == 1 {
                self.problems.push(Problem::new(kind, self.nodes[index].span));
            }
            self.nodes[index].kind = NodeKind::Alias { target: None };
        }
    }

    /// The indexes of all nodes, children before parents. A guessed anchor may stand behind its alias, so this
    /// follows the tree and not the text.
    fn completion_order(&self) -> Vec<usize> {
        let mut order = Vec::with_capacity(self.nodes.len());
        let mut stack: Vec<(NodeId, bool)> = self.roots.iter().rev().map(|root| (*root, false)).collect();
        while let Some((id, done)) = stack.pop() {
            if done {
                order.push(id.index());
                continue;
            }
            stack.push((id, true));
            match &self.node(id).kind {
                NodeKind::Mapping { entries, .. } => {
                    stack.extend(entries.iter().rev().map(|entry| (entry.value, false)));
                }
                NodeKind::Sequence { items, .. } => stack.extend(items.iter().rev().map(|item| (*item, false))),
                NodeKind::Scalar { .. } | NodeKind::Alias { .. } => {}
            }
        }
        order
    }
}
