//! Reading the tree: aliases followed, merge keys resolved, key paths and values.
//!
//! Nothing is ever expanded: an alias is followed when somebody asks for what it stands for. What could be asked for
//! without end (aliases of aliases, cycles) is bounded here.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::ops::Range;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use super::scalar::{self, ScalarType};
use super::{
    Document, Entry, Format, KeyPath, NODE_LIMIT, Node, NodeId, NodeKind, ScalarStyle, Segment, Span, Structure,
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

impl Irregular {
    /// Nothing is known yet of what they come down to.
    pub(super) fn new(entries: HashMap<NodeId, OnceLock<Vec<Entry>>>) -> Self {
        Self { entries, count: AtomicUsize::new(0) }
    }
}

/// Mappings with more entries than this are searched by a table.
const FEW: usize = 64;

/// The keys of large mappings, once somebody has asked for one: readers ask for keys of the top for each section.
#[derive(Default)]
pub(super) struct Large(Mutex<HashMap<NodeId, Arc<Table>>>);

/// Hashes of keys with the places of their entries, in order.
type Table = Vec<(u32, u32)>;

impl Large {
    /// The last entry with a key.
    fn find<'document>(
        &self,
        mapping: NodeId,
        key: &str,
        entries: &[Entry],
        key_of: impl Fn(&Entry) -> Option<&'document str>,
    ) -> Option<Entry> {
        // Whoever panicked with the lock has left the map whole.
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let table = Arc::clone(known.entry(mapping).or_insert_with(|| {
            let hashes = entries
                .iter()
                .enumerate()
                .filter_map(|(place, entry)| Some((hash(key_of(entry)?), u32::try_from(place).unwrap_or(u32::MAX))));
            let mut table: Table = hashes.collect();
            table.sort_unstable();
            Arc::new(table)
        }));
        drop(known);
        let hash = hash(key);
        let behind = table.partition_point(|(other, _)| *other <= hash);
        let same = table[..behind].iter().rev().take_while(|(other, _)| *other == hash);
        same.filter_map(|(_, place)| entries.get(*place as usize)).find(|entry| key_of(entry) == Some(key)).copied()
    }
}

/// FNV-1a, folded: keys are short, and whoever makes theirs collide waits for it alone.
fn hash(key: &str) -> u32 {
    let hash = key
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
    let bytes = (hash ^ (hash >> 32)).to_le_bytes();
    u32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]])
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
        if self.raw.len() != self.text.len() + 2 * quote {
            return false;
        }
        // Equal length is not enough: a resolved reference or a folded line may be as long as what it replaces.
        self.raw.get(quote..self.raw.len() - quote) == Some(self.text)
    }

    /// Where a part of the value stands; the whole value where escapes or folding make that impossible to say.
    pub fn part(&self, range: Range<usize>) -> Span {
        self.parts()(range)
    }

    /// The same for many parts: a long text is compared with what stands in the file once, and not for each of them.
    pub fn parts(&self) -> impl Fn(Range<usize>) -> Span + use<> {
        let quote = u32::from(matches!(self.style, ScalarStyle::SingleQuoted | ScalarStyle::DoubleQuoted));
        let (span, length) = (self.span, if self.is_verbatim() { Some(self.text.len()) } else { None });
        move |range| {
            if length.is_none_or(|length| range.end > length) {
                return span;
            }
            let part = Span::new(range.start, range.end);
            Span { start: span.start + quote + part.start, end: span.start + quote + part.end }
        }
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
        let own = if entries.len() > FEW {
            self.large.find(id, key, entries, |entry| self.key(*entry))
        } else {
            entries.iter().rev().find(|entry| self.key(**entry) == Some(key)).copied()
        };
        if own.is_some() {
            return own;
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
        let node = self.node(entry.key);
        match &node.kind {
            NodeKind::Scalar { cooked, .. } => Some(cooked.as_deref().unwrap_or_else(|| self.slice(node.span))),
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

    /// The single values, keys and aliases that share a byte with a span, in the order of the text.
    pub fn leaves_in(&self, span: Span) -> impl Iterator<Item = NodeId> + use<'_> {
        let is_leaf = |node: &Node| matches!(node.kind, NodeKind::Scalar { .. } | NodeKind::Alias { .. });
        let first = self.nodes.partition_point(|node| node.span.start < span.start);
        // Leaves stand apart, so only the one before can reach into the span.
        let before = self.nodes[..first].iter().rposition(is_leaf).unwrap_or(first);
        let near = self.nodes[before..].iter().enumerate().take_while(move |(_, node)| node.span.start < span.end);
        near.filter(move |(_, node)| is_leaf(node) && node.span.overlaps(span))
            .map(move |(index, _)| NodeId::from_index(before + index))
    }

    /// The collection that a node stands in.
    pub fn parent(&self, id: NodeId) -> Option<NodeId> {
        Some(self.node(id).parent).filter(|parent| *parent != NodeId::NONE)
    }

    /// The entry that a node is the key or the value of.
    pub fn entry(&self, id: NodeId) -> Option<Entry> {
        match &self.node(self.parent(id)?).kind {
            NodeKind::Mapping { entries, .. } => self.entry_of(entries, id).copied(),
            _ => None,
        }
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

    pub(super) fn is_merge(&self, entry: Entry) -> bool {
        self.format == Format::Yaml
            && matches!(self.node(entry.key).kind, NodeKind::Scalar { style: ScalarStyle::Plain, .. })
            && self.key(entry) == Some("<<")
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

    /// Whether a collection is written in brackets.
    pub fn is_flow(&self, id: NodeId) -> bool {
        matches!(
            self.node(id).kind,
            NodeKind::Mapping { structure: Structure::Flow, .. }
                | NodeKind::Sequence { structure: Structure::Flow, .. }
        )
    }
}
