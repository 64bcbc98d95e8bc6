//! Reading the tree: aliases followed, merge keys resolved, key paths and values.
//!
//! Nothing is ever expanded: an alias is followed when somebody asks for what it stands for. What could be asked for
//! without end (aliases of aliases, cycles) is bounded here.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::problem::{Cause, Problem, ProblemKind};
use super::scalar::{self, ScalarType};
use super::tree::PROBLEM_LIMIT;
use super::{
    Document, EXPANSION_LIMIT, Entry, Format, KeyPath, NODE_LIMIT, Node, NodeId, NodeKind, ScalarStyle, Segment, Span,
    Structure,
};

/// More aliases than this in a row are a cycle.
const ALIAS_HOPS: usize = 64;

/// Mappings that are not simply what they say: with merges, or keys that stand twice.
#[derive(Default)]
pub(super) struct Irregular {
    /// What they come down to, once somebody has asked: a large one is asked for by every layout.
    entries: HashMap<NodeId, OnceLock<Vec<Entry>>>,
    /// How many entries are remembered, at most [`NODE_LIMIT`]: merges of merges stand for more than they hold.
    count: AtomicUsize,
}

/// A single value.
#[derive(Clone, Copy)]
pub struct Scalar<'document> {
    /// The value: without quotes, with its escapes resolved. Text, whatever its type.
    pub text: &'document str,
    /// How it is written.
    pub style: ScalarStyle,
    /// Where it stands.
    pub span: Span,
    format: Format,
    /// What the span covers.
    raw: &'document str,
}

impl Scalar<'_> {
    /// Its type, by YAML 1.2 and the rules of the other formats. INI and `.env` know only text, so there the look
    /// of the text decides, as it does in the applications that read them.
    pub fn kind(&self) -> ScalarType {
        match (self.format, self.style) {
            (Format::Toml, ScalarStyle::Plain) => scalar::toml(self.text),
            (Format::Env | Format::Ini, _) | (_, ScalarStyle::Plain) => scalar::core(self.text),
            _ => ScalarType::Text,
        }
    }

    /// Whether the text stands in the file as it is, so that a part of it can be pointed to.
    fn is_verbatim(&self) -> bool {
        let quote = usize::from(matches!(self.style, ScalarStyle::SingleQuoted | ScalarStyle::DoubleQuoted));
        // Equal length is not enough: a resolved reference or a folded line may be as long as what it replaces.
        self.raw.len() == self.text.len() + 2 * quote && self.raw.get(quote..self.raw.len() - quote) == Some(self.text)
    }

    /// Where a part of the value stands; the whole value where escapes or folding make that impossible to say.
    pub fn part(&self, range: std::ops::Range<usize>) -> Span {
        let quote = u32::from(matches!(self.style, ScalarStyle::SingleQuoted | ScalarStyle::DoubleQuoted));
        if !self.is_verbatim() || range.end > self.text.len() {
            return self.span;
        }
        let part = Span::new(range.start, range.end);
        Span { start: self.span.start + quote + part.start, end: self.span.start + quote + part.end }
    }
}

impl Document {
    /// A node as it is written, aliases included.
    pub fn node(&self, id: NodeId) -> &Node {
        &self.nodes[id.index()]
    }

    /// The text of a node.
    pub fn raw(&self, id: NodeId) -> &str {
        self.slice(self.node(id).span)
    }

    /// The text of a span.
    pub fn slice(&self, span: Span) -> &str {
        self.text.get(span.range()).unwrap_or_default()
    }

    /// What a node stands for: the anchored node behind an alias, otherwise the node itself.
    pub fn resolve(&self, id: NodeId) -> NodeId {
        let mut at = id;
        for _ in 0..ALIAS_HOPS {
            match self.node(at).kind {
                NodeKind::Alias { target: Some(target) } => at = target,
                _ => break,
            }
        }
        at
    }

    /// The single value that a node holds or stands for.
    pub fn scalar(&self, id: NodeId) -> Option<Scalar<'_>> {
        let node = self.node(self.resolve(id));
        let NodeKind::Scalar { style, cooked } = &node.kind else { return None };
        let raw = self.slice(node.span);
        let text = cooked.as_deref().unwrap_or(raw);
        Some(Scalar { text, style: *style, span: node.span, format: self.format, raw })
    }

    /// The text of a key or value, if it is a single one.
    pub fn text_of(&self, id: NodeId) -> Option<&str> {
        self.scalar(id).map(|scalar| scalar.text)
    }

    /// Whether a node is, or stands for, a mapping.
    pub fn is_mapping(&self, id: NodeId) -> bool {
        matches!(self.node(self.resolve(id)).kind, NodeKind::Mapping { .. })
    }

    /// Whether a node is missing, null or an empty text.
    pub fn is_blank(&self, id: NodeId) -> bool {
        match self.node(self.resolve(id)).kind {
            NodeKind::Scalar { .. } => {
                self.scalar(id).is_some_and(|scalar| scalar.text.is_empty() || scalar.kind() == ScalarType::Null)
            }
            NodeKind::Alias { .. } => true,
            _ => false,
        }
    }

    /// The items of a sequence.
    pub fn items(&self, id: NodeId) -> &[NodeId] {
        match &self.node(self.resolve(id)).kind {
            NodeKind::Sequence { items, .. } => items,
            _ => &[],
        }
    }

    /// The entries of a mapping as a loader sees them: merge keys (`<<`) filled in behind the mapping's own entries,
    /// and of a key that stands twice the last one, which is the one that most loaders take.
    pub fn entries(&self, id: NodeId) -> Cow<'_, [Entry]> {
        let id = self.resolve(id);
        let NodeKind::Mapping { entries, .. } = &self.node(id).kind else { return Cow::Borrowed(&[]) };
        let Some(known) = self.irregular.entries.get(&id) else { return Cow::Borrowed(entries) };
        if let Some(known) = known.get() {
            return Cow::Borrowed(known);
        }
        let found = self.collect(id);
        if self.irregular.count.fetch_add(found.len(), Ordering::Relaxed) + found.len() > NODE_LIMIT {
            return Cow::Owned(found);
        }
        Cow::Borrowed(known.get_or_init(|| found))
    }

    /// The entry of a mapping with this key.
    pub fn get(&self, id: NodeId, key: &str) -> Option<Entry> {
        let id = self.resolve(id);
        let NodeKind::Mapping { entries, .. } = &self.node(id).kind else { return None };
        if let Some(own) = entries.iter().rev().find(|entry| self.key(**entry) == Some(key)) {
            return Some(*own);
        }
        if !self.irregular.entries.contains_key(&id) {
            return None;
        }
        self.entries(id).iter().find(|entry| self.key(**entry) == Some(key)).copied()
    }

    /// The value at the end of a path of keys.
    pub fn get_path<'key>(&self, id: NodeId, path: impl IntoIterator<Item = &'key str>) -> Option<NodeId> {
        path.into_iter().try_fold(id, |at, key| self.get(at, key).map(|entry| entry.value))
    }

    /// The key of an entry, if it is a single value.
    pub fn key(&self, entry: Entry) -> Option<&str> {
        match self.node(entry.key).kind {
            NodeKind::Scalar { .. } => self.text_of(entry.key),
            _ => None,
        }
    }

    /// All single values, in the order of the text; keys, collections and aliases are not among them.
    pub fn leaves(&self) -> impl Iterator<Item = NodeId> {
        let mut leaves = Vec::new();
        for (index, node) in self.nodes.iter().enumerate() {
            match &node.kind {
                NodeKind::Mapping { entries, .. } => leaves.extend(entries.iter().map(|entry| entry.value)),
                NodeKind::Sequence { items, .. } => leaves.extend(items),
                NodeKind::Scalar { .. } if node.parent == NodeId::NONE => leaves.push(NodeId::from_index(index)),
                NodeKind::Scalar { .. } | NodeKind::Alias { .. } => {}
            }
        }
        leaves.retain(|id| matches!(self.node(*id).kind, NodeKind::Scalar { .. }));
        leaves.sort_unstable_by_key(|id| (self.node(*id).span.start, *id));
        leaves.into_iter()
    }

    /// The node that has exactly this span, if there is one: a value rather than the collection that it fills.
    pub fn node_at(&self, span: Span) -> Option<NodeId> {
        self.nodes_at(span.start).rev().find(|id| self.node(*id).span == span)
    }

    /// The name of the place of a node: the keys from the top of the document to it.
    pub fn path(&self, id: NodeId) -> KeyPath {
        let mut segments = Vec::new();
        let mut at = id;
        while let parent = self.node(at).parent
            && parent != NodeId::NONE
        {
            match &self.node(parent).kind {
                NodeKind::Mapping { entries, .. } => {
                    if let Some(entry) = self.entry_of(entries, at) {
                        segments.push(Segment::Key(self.text_of(entry.key).unwrap_or("?").into()));
                    }
                }
                NodeKind::Sequence { items, .. } => {
                    if let Ok(index) = items.binary_search(&at) {
                        segments.push(Segment::Index(index));
                    }
                }
                NodeKind::Scalar { .. } | NodeKind::Alias { .. } => {}
            }
            at = parent;
        }
        segments.reverse();
        KeyPath::new(segments)
    }

    /// The entry that a node is the key or the value of. Entries stand in the order of the text, but for those of
    /// TOML's tables, which may be continued anywhere.
    fn entry_of<'entry>(&self, entries: &'entry [Entry], node: NodeId) -> Option<&'entry Entry> {
        let is_it = |entry: &&Entry| entry.value == node || entry.key == node;
        let start = self.node(node).span.start;
        let behind = entries.partition_point(|entry| self.node(entry.key).span.start <= start);
        let near = entries[..behind].last().filter(|entry| is_it(entry));
        near.or_else(|| entries.iter().find(is_it))
    }

    fn is_merge(&self, entry: Entry) -> bool {
        self.format == Format::Yaml
            && matches!(self.node(entry.key).kind, NodeKind::Scalar { style: ScalarStyle::Plain, .. })
            && self.text_of(entry.key) == Some("<<")
    }

    /// The entries of a mapping, then those of what it merges, depth first.
    fn collect(&self, id: NodeId) -> Vec<Entry> {
        let (mut visited, mut seen, mut found) = (HashSet::new(), HashSet::new(), Vec::new());
        let mut waiting = vec![id];
        while let Some(id) = waiting.pop() {
            // Each mapping is merged once, whatever the number of aliases to it: the first merge filled in its keys.
            let id = self.resolve(id);
            if !visited.insert(id) {
                continue;
            }
            let NodeKind::Mapping { entries, .. } = &self.node(id).kind else { continue };
            let own = found.len();
            for entry in entries.iter().rev().filter(|entry| !self.is_merge(**entry)) {
                if self.key(*entry).is_none_or(|key| seen.insert(key)) {
                    found.push(*entry);
                }
            }
            found[own..].reverse();
            let merged = waiting.len();
            for entry in entries.iter().filter(|entry| self.is_merge(**entry)) {
                match &self.node(self.resolve(entry.value)).kind {
                    NodeKind::Mapping { .. } => waiting.push(entry.value),
                    NodeKind::Sequence { items, .. } => {
                        waiting.extend(items.iter().filter(|item| self.is_mapping(**item)));
                    }
                    NodeKind::Scalar { .. } | NodeKind::Alias { .. } => {}
                }
            }
            waiting[merged..].reverse();
        }
        found
    }

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
    fn nodes_at(&self, start: u32) -> impl DoubleEndedIterator<Item = NodeId> + use<'_> {
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
        self.irregular = Irregular { entries: irregular, count: AtomicUsize::new(0) };
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

    /// Whether a collection is written in brackets.
    pub fn is_flow(&self, id: NodeId) -> bool {
        matches!(
            self.node(id).kind,
            NodeKind::Mapping { structure: Structure::Flow, .. }
                | NodeKind::Sequence { structure: Structure::Flow, .. }
        )
    }
}
