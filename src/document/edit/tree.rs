//! The virtual tree of a draft: slots for what somebody asked about, everything else is the document as it is.

use crate::document::{Document, KeyPath, NodeId, NodeKind, Segment};

use super::nodes::is_block;
use super::{At, Draft, EditError, NewValue, Place};

/// One key with its value, item or top, as the draft has it now.
#[allow(clippy::struct_excessive_bools, reason = "they say independent things of one place")]
pub(super) struct Slot {
    pub(super) parent: Option<Place>,
    pub(super) key: Option<Key>,
    pub(super) value: Value,
    /// What is in it, once somebody has asked; removed entries stay among it as long as their comments do.
    pub(super) children: Option<Vec<Place>>,
    /// Where its text stands in the document.
    pub(super) origin: Option<Origin>,
    /// Whether it still stands where it stood, between the same neighbours.
    pub(super) in_place: bool,
    pub(super) state: State,
    /// Whether the value, or something in it, is written otherwise than in the document.
    pub(super) touched: bool,
    /// Whether the value, or something in it, is another than in the document, and not only comments moved.
    pub(super) changed: bool,
    /// Whose comments come to stand above it.
    pub(super) adopted: Vec<Adopted>,
    /// Whether its own comments went to another.
    pub(super) stripped: bool,
    /// What it was put beside, whose place it takes if that goes away.
    pub(super) near: Option<Place>,
}

/// The text of an entry or item in the document.
#[derive(Clone, Copy)]
pub(super) struct Origin {
    /// The collection, or none for a top.
    pub(super) container: Option<NodeId>,
    /// Which one of its entries or items.
    pub(super) index: usize,
    pub(super) key: Option<NodeId>,
    pub(super) value: NodeId,
}

/// A key as it is to be written.
#[derive(Clone)]
pub(super) enum Key {
    /// As in the document.
    Old(NodeId),
    New(String),
}

/// A value as it is to be written.
pub(super) enum Value {
    /// As in the document, but for what the children say.
    Old(NodeId),
    /// A copy of what stands elsewhere in the document.
    Copy(NodeId),
    /// A new single value.
    Scalar(NewValue),
    /// A new mapping; its entries are children.
    Map,
    /// A new list; its items are children.
    List,
}

/// Whether a slot is part of the draft.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    Attached,
    /// It went away, but its comments stay where they are.
    Ghost,
    /// It went away, and its comments to an heir.
    Gone,
    /// What it was in has another value now, and its comments.
    Lost,
}

/// Comments that go from one slot to another.
#[derive(Clone, Copy)]
pub(super) struct Adopted {
    pub(super) from: Place,
    /// Those inside it too, and not only those above and behind.
    pub(super) all: bool,
}

impl Slot {
    pub(super) fn new(value: Value) -> Self {
        Self {
            parent: None,
            key: None,
            value,
            children: None,
            origin: None,
            in_place: false,
            state: State::Attached,
            touched: false,
            changed: false,
            adopted: Vec::new(),
            stripped: false,
            near: None,
        }
    }

    pub(super) fn is_live(&self) -> bool {
        self.state == State::Attached
    }
}

impl Draft<'_> {
    pub(super) fn slot(&self, place: Place) -> &Slot {
        &self.slots[place.index()]
    }

    pub(super) fn slot_mut(&mut self, place: Place) -> &mut Slot {
        &mut self.slots[place.index()]
    }

    pub(super) fn add(&mut self, slot: Slot) -> Place {
        let place = Place(u32::try_from(self.slots.len()).unwrap_or(u32::MAX));
        self.slots.push(slot);
        place
    }

    /// The first reason why there cannot be a new text; it is told by `finish`.
    pub(super) fn refuse(&mut self, place: Place, what: &'static str) {
        let error = unsupported(self, place, what);
        self.failure.get_or_insert(error);
    }

    pub(super) fn place_of(&mut self, node: NodeId) -> Place {
        if let Some(place) = self.places.get(&node) {
            return *place;
        }
        let Some(parent) = self.document.parent(node) else { return self.top_of(node) };
        let parent = self.place_of(parent);
        self.expand(parent);
        // What is inside a key that is itself a collection has no place of its own.
        self.places.get(&node).copied().unwrap_or(parent)
    }

    fn top_of(&mut self, node: NodeId) -> Place {
        let index = self.document.roots().iter().position(|root| *root == node).unwrap_or(0);
        let mut slot = Slot::new(Value::Old(node));
        slot.origin = Some(Origin { container: None, index, key: None, value: node });
        slot.in_place = true;
        let place = self.add(slot);
        self.places.insert(node, place);
        self.tops.insert(index, place);
        place
    }

    /// Gives slots to what is in a slot.
    pub(super) fn expand(&mut self, place: Place) {
        if self.slot(place).children.is_some() {
            return;
        }
        let (node, is_copy) = match self.slot(place).value {
            Value::Old(node) => (node, false),
            Value::Copy(node) => (node, true),
            Value::Scalar(_) | Value::Map | Value::List => return,
        };
        let parts: Vec<(Option<NodeId>, NodeId)> = match &self.document.node(node).kind {
            NodeKind::Mapping { entries, .. } => entries.iter().map(|entry| (Some(entry.key), entry.value)).collect(),
            NodeKind::Sequence { items, .. } => items.iter().map(|item| (None, *item)).collect(),
            NodeKind::Scalar { .. } | NodeKind::Alias { .. } => return,
        };
        let mut children = Vec::with_capacity(parts.len());
        for (index, (key, value)) in parts.into_iter().enumerate() {
            let mut slot = Slot::new(if is_copy { Value::Copy(value) } else { Value::Old(value) });
            slot.parent = Some(place);
            slot.key = key.map(Key::Old);
            slot.in_place = !is_copy;
            if !is_copy {
                slot.origin = Some(Origin { container: Some(node), index, key, value });
            }
            let child = self.add(slot);
            if !is_copy {
                self.places.insert(value, child);
                if let Some(key) = key {
                    self.places.insert(key, child);
                }
            }
            children.push(child);
        }
        self.slot_mut(place).children = Some(children);
    }

    /// Gives slots to all that is in a copy of a block, since it is written line by line.
    pub(super) fn expand_copy(&mut self, place: Place) {
        let Value::Copy(node) = self.slot(place).value else { return };
        if !is_block(self.document, node) {
            return;
        }
        self.expand(place);
        for child in self.slot(place).children.clone().unwrap_or_default() {
            self.expand_copy(child);
        }
    }

    /// What is in a slot and did not go away.
    pub(super) fn live(&self, place: Place) -> impl Iterator<Item = Place> + '_ {
        let children = self.slot(place).children.as_deref().unwrap_or_default();
        children.iter().copied().filter(|child| self.slot(*child).is_live())
    }

    pub(super) fn key_text(&self, place: Place) -> Option<&str> {
        match self.slot(place).key.as_ref()? {
            Key::Old(node) => self.document.text_of(*node),
            Key::New(text) => Some(text),
        }
    }

    /// Marks a slot and all that it is in as changed.
    pub(super) fn touch(&mut self, place: Place) {
        let mut at = Some(place);
        while let Some(place) = at {
            let slot = self.slot_mut(place);
            slot.touched = true;
            slot.changed = true;
            at = slot.parent;
        }
    }

    /// Marks what a slot is in as something that is written anew, though it says the same.
    pub(super) fn redraw(&mut self, place: Place) {
        let mut at = self.slot(place).parent.or(Some(place));
        while let Some(place) = at {
            let slot = self.slot_mut(place);
            slot.touched = true;
            at = slot.parent;
        }
    }

    /// Writes a new value into a slot.
    pub(super) fn fill(&mut self, place: Place, value: NewValue) {
        self.lose(place, place);
        match value {
            NewValue::Map(entries) => {
                self.slot_mut(place).value = Value::Map;
                self.slot_mut(place).children = Some(Vec::new());
                for (key, value) in entries {
                    self.insert(place, At::End, Some(&key), value);
                }
            }
            NewValue::List(items) => {
                self.slot_mut(place).value = Value::List;
                self.slot_mut(place).children = Some(Vec::new());
                for item in items {
                    self.insert(place, At::End, None, item);
                }
            }
            scalar => {
                self.slot_mut(place).value = Value::Scalar(scalar);
                self.slot_mut(place).children = None;
            }
        }
        self.touch(place);
    }

    /// Lets go of what is in a slot; what did not stand there leaves its comments to an heir.
    fn lose(&mut self, place: Place, heir: Place) {
        for child in self.slot(place).children.clone().unwrap_or_default() {
            let slot = self.slot_mut(child);
            if slot.state == State::Gone {
                continue;
            }
            if slot.in_place {
                slot.state = State::Lost;
                let adopted = std::mem::take(&mut slot.adopted);
                self.slot_mut(heir).adopted.extend(adopted);
                self.lose(child, heir);
            } else {
                slot.state = State::Gone;
                self.slot_mut(heir).adopted.push(Adopted { from: child, all: true });
            }
        }
    }

    /// Gives all that was given to a slot, and to what is in it, to another; with the comments of what came out of
    /// brackets.
    pub(super) fn hand_on(&mut self, place: Place, heir: Place, with_itself: bool) {
        let slot = self.slot(place);
        let container = slot.origin.and_then(|origin| origin.container);
        if with_itself && !slot.in_place && container.is_some_and(|container| !is_block(self.document, container)) {
            self.slot_mut(heir).adopted.push(Adopted { from: place, all: true });
            self.slot_mut(place).state = State::Gone;
        }
        let adopted = std::mem::take(&mut self.slot_mut(place).adopted);
        self.slot_mut(heir).adopted.extend(adopted);
        for child in self.slot(place).children.clone().unwrap_or_default() {
            if self.slot(child).state != State::Gone {
                self.hand_on(child, heir, true);
            }
        }
    }

    /// Makes a slot a part of another.
    pub(super) fn attach(&mut self, place: Place, into: Place, at: At) {
        self.expand(into);
        if self.slot(into).children.is_none() {
            if !self.is_blank(into) {
                self.refuse(into, "a value that is no section cannot take a key");
                return;
            }
            let is_item = self.slot(place).key.is_none();
            self.slot_mut(into).value = if is_item { Value::List } else { Value::Map };
            self.slot_mut(into).children = Some(Vec::new());
        }
        let children = self.slot(into).children.as_deref().unwrap_or_default();
        let find = |neighbour| children.iter().position(|child| *child == neighbour);
        let (index, near) = match at {
            At::End => (None, None),
            At::Before(neighbour) => (find(neighbour), Some(neighbour)),
            At::After(neighbour) => (find(neighbour).map(|index| index + 1), Some(neighbour)),
        };
        let index = index.unwrap_or(children.len());
        if let Some(children) = &mut self.slot_mut(into).children {
            children.insert(index, place);
        }
        let slot = self.slot_mut(place);
        slot.parent = Some(into);
        slot.state = State::Attached;
        slot.near = near;
        self.touch(into);
    }

    /// Takes a slot out of what it is in.
    pub(super) fn detach(&mut self, place: Place) {
        let Some(parent) = self.slot(place).parent else { return };
        self.touch(parent);
        if let Some(children) = &mut self.slot_mut(parent).children {
            children.retain(|child| *child != place);
        }
        let slot = self.slot_mut(place);
        slot.parent = None;
        slot.in_place = false;
    }

    fn is_blank(&self, place: Place) -> bool {
        match &self.slot(place).value {
            Value::Old(node) => {
                matches!(self.document.node(*node).kind, NodeKind::Scalar { .. }) && self.document.is_blank(*node)
            }
            _ => false,
        }
    }

    /// Whether a slot is another one or in it.
    pub fn is_within(&self, place: Place, other: Place) -> bool {
        let mut at = Some(place);
        while let Some(place) = at {
            if place == other {
                return true;
            }
            at = self.slot(place).parent;
        }
        false
    }

    /// The key path of a slot in the draft.
    pub(super) fn path_of(&self, place: Place) -> KeyPath {
        let (mut segments, mut at) = (Vec::new(), place);
        while let Some(parent) = self.slot(at).parent {
            match self.key_text(at) {
                Some(key) => segments.push(Segment::Key(key.into())),
                None => segments.push(Segment::Index(self.live(parent).position(|item| item == at).unwrap_or(0))),
            }
            at = parent;
        }
        segments.reverse();
        KeyPath::new(segments)
    }
}

/// What a draft cannot do, and where.
pub(super) fn unsupported(draft: &Draft<'_>, place: Place, what: &'static str) -> EditError {
    EditError::Unsupported { path: draft.path_of(place).to_string(), what }
}

impl Document {
    /// The aliases that stand for a node or for something in it, and are not in it themselves.
    pub fn aliases_of(&self, node: NodeId) -> Vec<NodeId> {
        if self.marks.is_empty() {
            return Vec::new();
        }
        let is_within = |mut at: NodeId| loop {
            if at == node {
                return true;
            }
            match self.parent(at) {
                Some(parent) => at = parent,
                None => return false,
            }
        };
        let points = |id: &NodeId| match self.node(*id).kind {
            NodeKind::Alias { target: Some(target) } => is_within(target) && !is_within(*id),
            _ => false,
        };
        self.node_ids().filter(points).collect()
    }
}
