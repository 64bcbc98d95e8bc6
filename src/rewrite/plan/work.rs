//! One file while it is planned: its draft, and what is to be said of it.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::iter;

use crate::document::edit::{At, Draft, EditError, NewValue, Place};
use crate::document::{Document, Entry, KeyPath, NodeId, NodeKind, Span};
use crate::layouts::Names;
use crate::model::{FilePlan, Move, Note, NoteKind, Origin, Source, SourceId, ValueChange};

use super::around::Around;
use super::changes;

/// One file while it is planned.
pub(super) struct Work<'project> {
    pub(super) id: SourceId,
    pub(super) document: &'project Document,
    pub(super) draft: Draft<'project>,
    pub(super) names: &'project Names,
    pub(super) around: &'project Around,
    pub(super) notes: Vec<Note>,
    noted: HashSet<(NodeId, String)>,
    pub(super) changes: Vec<ValueChange>,
    pub(super) gone: BTreeSet<String>,
    /// Sections and keys that were moved, with the place where each stood.
    pub(super) moved: Vec<Moved>,
    /// The same places, to be found quickly: a file may have thousands.
    pub(super) moving: HashSet<Place>,
    /// The single values that the plan drops and says so, or puts others in the place of.
    pub(super) dropped: HashSet<NodeId>,
    /// Sections that are emptied, perhaps, and who takes their comments.
    pub(super) emptied: Vec<(Place, Option<Place>)>,
    /// What took the place of what was dropped, for the references to it.
    pub(super) heirs: HashMap<NodeId, Place>,
    /// The variables of `.env` files, and those that passwords of this file move to, with what they hold.
    pub(super) variables: BTreeMap<String, String>,
    /// What is left as it is, since it cannot be written, with the reason: `databases.main`, `services`.
    pub(super) excluded: BTreeMap<String, String>,
    /// Connection strings whose fields stand in their place.
    pub(super) taken_apart: HashSet<NodeId>,
    /// Why no password can move to the `.env` file beside the file.
    pub(super) no_secrets: Option<String>,
    /// Values that win over others of the same key, wherever they stand.
    pub(super) strong: HashSet<NodeId>,
}

/// A section or key that was moved.
pub(super) struct Moved {
    pub(super) from: KeyPath,
    pub(super) node: NodeId,
    pub(super) place: Place,
}

impl<'project> Work<'project> {
    pub(super) fn new(
        id: SourceId,
        document: &'project Document,
        names: &'project Names,
        around: &'project Around,
    ) -> Self {
        Self {
            id,
            document,
            draft: Draft::new(document),
            names,
            around,
            notes: Vec::new(),
            noted: HashSet::new(),
            changes: Vec::new(),
            gone: BTreeSet::new(),
            moved: Vec::new(),
            moving: HashSet::new(),
            dropped: HashSet::new(),
            emptied: Vec::new(),
            heirs: HashMap::new(),
            variables: BTreeMap::new(),
            excluded: BTreeMap::new(),
            taken_apart: HashSet::new(),
            no_secrets: None,
            strong: HashSet::new(),
        }
    }

    /// The origin of a node of the file.
    pub(super) fn origin(&self, node: NodeId) -> Origin {
        Origin::node(self.id, self.document, node)
    }

    /// Says something about a place of the file.
    pub(super) fn note(&mut self, kind: NoteKind, node: NodeId, message: impl Into<String>) {
        let origin = self.origin(node);
        let message = message.into();
        if self.noted.insert((node, message.clone())) {
            self.notes.push(Note { kind, message, origin });
        }
    }

    /// Remembers that an entry is about to move, for the plan and for who mentions it.
    pub(super) fn moves(&mut self, entry: Entry) {
        let place = self.draft.place(entry.value);
        if !self.moving.insert(place) {
            return;
        }
        let from = self.document.path(entry.value);
        self.gone.insert(from.to_string());
        self.moved.push(Moved { from, node: entry.value, place });
    }

    /// Whether a place moves, by itself or in what it stands in.
    pub(super) fn is_moving(&self, place: Place) -> bool {
        let mut at = Some(place);
        while let Some(place) = at {
            if self.moving.contains(&place) {
                return true;
            }
            at = self.draft.parent(place);
        }
        false
    }

    /// Remembers that what a place stands in loses it.
    pub(super) fn empties(&mut self, place: Place) {
        let parent = self.draft.parent(place);
        self.emptied.extend(parent.map(|parent| (parent, None)));
    }

    /// A section of a section, made at a place if it is not there.
    pub(super) fn section(&mut self, within: Place, at: At, key: &str) -> Place {
        match self.draft.find(within, key) {
            Some(known) => known,
            None => self.draft.insert(within, at, Some(key), NewValue::Map(Vec::new())),
        }
    }

    /// Where a section that an entry is to move into comes to stand at the top: before what holds the entry.
    pub(super) fn at_top_before(&mut self, root: NodeId, entry: Entry) -> At {
        let mut at = entry.value;
        while let Some(parent) = self.document.parent(at)
            && parent != root
        {
            at = parent;
        }
        let (top, neighbour) = (self.draft.place(root), self.draft.place(at));
        if self.draft.parent(neighbour) == Some(top) { At::Before(neighbour) } else { At::End }
    }

    /// Drops an entry: its values are said again elsewhere, or nothing used them.
    pub(super) fn drop_entry(&mut self, place: Place, heir: Option<Place>) {
        if let Some(node) = self.draft.node(place) {
            self.account(node);
            self.heirs.extend(heir.map(|heir| (node, heir)));
        }
        self.draft.remove(place, heir);
    }

    /// Takes note that the single values at and below a node are said elsewhere, or dropped on purpose.
    pub(super) fn account(&mut self, node: NodeId) {
        self.dropped.extend(values_below(self.document, [node]));
    }

    /// The text of the single value at a place.
    pub(super) fn text(&self, place: Place) -> Option<&'project str> {
        self.document.text_of(self.draft.node(place)?)
    }

    /// Whether a place holds a mapping, written as one or new.
    pub(super) fn is_section(&self, place: Place) -> bool {
        self.draft.is_section(place)
    }

    /// Where something stands in the text; what is new comes before everything.
    pub(super) fn order(&self, place: Place) -> u32 {
        match self.draft.node(place) {
            Some(node) if self.strong.contains(&node) => 0,
            Some(node) => self.document.node(node).span.start + 1,
            None => 0,
        }
    }

    /// The plan of the file, with its new text.
    pub(super) fn done(mut self, source: &Source) -> Result<Done, Failure> {
        let all = std::mem::take(&mut self.moved);
        let mut moves = Vec::new();
        for it in all {
            let Some(to) = self.destination(&it) else { continue };
            if to != it.from {
                let keys = values_below(self.document, [it.node]).count();
                let comments = self.comments(it.node);
                moves.push((self.document.node(it.node).span.start, Move { from: it.from, to, keys, comments }));
            }
        }
        moves.sort_by_key(|(start, _)| *start);
        if let Some(lost) = self.lost() {
            return Err(Failure::Fault(self.document.path(lost).to_string()));
        }
        self.notes.sort_by_key(|note| (note.kind, note.origin.start()));
        let before = self.document.text().to_owned();
        let edited = self.draft.finish();
        let edited = edited.map_err(|error| match error {
            EditError::Unsupported { path, what } => Failure::Cannot { path, what },
            EditError::Comments => {
                Failure::Cannot { path: String::new(), what: "a comment finds no place in brackets" }
            }
            error @ EditError::Differs { .. } => Failure::Fault(error.to_string()),
        })?;
        let file = FilePlan {
            after: edited.document.text().to_owned(),
            moves: moves.into_iter().map(|(_, it)| it).collect(),
            notes: self.notes,
            changes: self.changes,
            record: changes::between(self.document, &edited.document, &edited.edits),
            gone: self.gone.into_iter().collect(),
            ..FilePlan::unchanged(Some(self.id), source.name.clone(), before)
        };
        Ok(Done { file, document: edited.document })
    }

    /// Where something that moved stands in the end; a connection string, where its fields are. What was dropped stands
    /// nowhere.
    fn destination(&mut self, it: &Moved) -> Option<KeyPath> {
        if self.draft.is_attached(it.place) {
            return Some(self.draft.path(it.place));
        }
        let heir = *self.heirs.get(&it.node).filter(|heir| self.draft.is_attached(**heir))?;
        if !self.document.is_mapping(it.node) {
            let is_taken_apart = self.taken_apart.contains(&it.node);
            let is_collection = self.draft.is_section(heir) || !self.draft.items(heir).is_empty();
            let place = if is_collection { heir } else { self.draft.parent(heir)? };
            return is_taken_apart.then(|| self.draft.path(place));
        }
        // Of a section that went into another, some of it has to be there.
        let inner = self.document.entries(it.node).to_vec();
        let is_there = inner.into_iter().any(|entry| {
            let place = self.draft.place(entry.value);
            self.draft.is_attached(place)
        });
        is_there.then(|| self.draft.path(heir))
    }

    /// A single value of the file that is neither in the draft nor accounted for.
    fn lost(&mut self) -> Option<NodeId> {
        let detached = self.draft.detached();
        let is_lost = |node: &NodeId| {
            let place = self.draft.place(*node);
            !self.dropped.contains(node) && !self.draft.is_attached(place)
        };
        values_below(self.document, detached).find(is_lost)
    }

    fn comments(&self, node: NodeId) -> usize {
        let Some(entry) = self.document.entry(node) else { return 0 };
        let above = self.document.comments_above(entry).len();
        let behind = self.document.comment_behind(entry);
        let span = Span { start: self.document.node(entry.key).span.start, end: self.document.node(node).span.end };
        let all = self.document.comments();
        let first = all.partition_point(|comment| comment.span.start < span.start);
        let inside = all[first..].iter().take_while(|comment| comment.span.start < span.end);
        let is_outside = behind.is_some_and(|comment| !span.contains(comment.span));
        above + inside.count() + usize::from(is_outside)
    }
}

/// The single values at and below some nodes, aliases among them.
fn values_below(document: &Document, nodes: impl IntoIterator<Item = NodeId>) -> impl Iterator<Item = NodeId> {
    let mut waiting: Vec<NodeId> = nodes.into_iter().collect();
    iter::from_fn(move || {
        while let Some(node) = waiting.pop() {
            match &document.node(node).kind {
                NodeKind::Scalar { .. } | NodeKind::Alias { .. } => return Some(node),
                NodeKind::Mapping { entries, .. } => waiting.extend(entries.iter().map(|entry| entry.value)),
                NodeKind::Sequence { items, .. } => waiting.extend(items),
            }
        }
        None
    })
}

/// A planned file and its new text as it was read again.
pub(super) struct Done {
    pub(super) file: FilePlan,
    pub(super) document: Document,
}

/// Why a draft has no text.
pub(super) enum Failure {
    /// The format has no way to write it.
    Cannot {
        /// Where, in the new text.
        path: String,
        /// What, in words.
        what: &'static str,
    },
    /// A fault of dbcfg, with the place.
    Fault(String),
}
