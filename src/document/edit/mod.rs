//! Edits: what a text is to become, as changes of its tree, and in the end as byte ranges.
//!
//! A [`Draft`] is the tree of a document with changes on it: keys renamed, values replaced, sections moved with their
//! comments, others inserted or removed. Nothing is written until [`Draft::finish`], which touches only the bytes that
//! a change is about, reads the new text again, and compares its data and its comments with the draft.

mod ask;
mod block;
mod brackets;
mod comments;
mod entry;
mod flow;
mod layout;
mod nodes;
mod out;
mod quote;
mod render;
mod style;
mod toml;
mod tree;
mod verify;

#[cfg(test)]
mod properties;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, HashMap};

use super::{Document, Format, NodeId, NodeKind, ScalarStyle, Span};

use self::tree::{Adopted, Key, Slot, State, Value};

/// A key with its value, an item of a list, or the top of a document, in a [`Draft`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Place(u32);

impl Place {
    fn index(self) -> usize {
        self.0 as usize
    }
}

/// A value that is written anew.
#[derive(Clone, Debug, PartialEq)]
pub enum NewValue {
    /// Text. It is quoted where the format wants it, or where it would be read as something else; a text with `${` always.
    Text(String),
    /// A single value as it is written in a text of the same format, with its quotes. What it is told to be written is
    /// not looked into: a line, and no block.
    Written(String),
    /// A whole number.
    Integer(i64),
    /// A number with a fraction.
    Float(f64),
    /// True or false.
    Bool(bool),
    /// Keys with values.
    Map(Vec<(String, NewValue)>),
    /// A list.
    List(Vec<NewValue>),
}

/// Where something comes to stand among its new neighbours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum At {
    /// Behind everything that is there.
    End,
    /// Directly before a neighbour.
    Before(Place),
    /// Directly behind a neighbour.
    After(Place),
}

/// One replaced byte range of the old text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edit {
    /// What is replaced.
    pub span: Span,
    /// By what.
    pub text: String,
}

/// What a draft comes down to.
#[derive(Debug)]
pub struct Edited {
    /// The replaced ranges of the old text, in its order, none touching another.
    pub edits: Vec<Edit>,
    /// The new text as it was read again.
    pub document: Document,
}

/// Why there is no new text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EditError {
    /// The new text does not say what the draft says: a fault of dbcfg. Nothing was changed.
    Differs {
        /// The place, as a key path.
        path: String,
    },
    /// The new text lacks a comment of the old one, or has another one.
    Comments,
    /// The format has no way to write this.
    Unsupported {
        /// The place, as a key path.
        path: String,
        /// What cannot be written, in words.
        what: &'static str,
    },
}

/// A document with changes on it.
pub struct Draft<'document> {
    document: &'document Document,
    slots: Vec<Slot>,
    /// The slots of nodes of the document, by key and by value.
    places: HashMap<NodeId, Place>,
    /// The slots of the tops, by their number.
    tops: BTreeMap<usize, Place>,
    failure: Option<EditError>,
}

impl<'document> Draft<'document> {
    /// A draft without changes.
    pub fn new(document: &'document Document) -> Self {
        Self { document, slots: Vec::new(), places: HashMap::new(), tops: BTreeMap::new(), failure: None }
    }

    /// The document as it is.
    pub fn document(&self) -> &'document Document {
        self.document
    }

    /// The place of a value of the document, or of a key, or of the top of a YAML document.
    pub fn place(&mut self, node: NodeId) -> Place {
        self.place_of(node)
    }

    /// The top of the (first) document, also of a text that has nothing in it yet.
    pub fn top(&mut self) -> Place {
        if let Some(root) = self.document.roots().first() {
            return self.place_of(*root);
        }
        if let Some(top) = self.tops.get(&0) {
            return *top;
        }
        let mut slot = Slot::new(Value::Map);
        slot.children = Some(Vec::new());
        let top = self.add(slot);
        self.tops.insert(0, top);
        top
    }

    /// What stands at a place, if it was not written anew: the node of the document that is there, moved there or
    /// copied there. What is in it may have changed.
    pub fn node(&self, place: Place) -> Option<NodeId> {
        match self.slot(place).value {
            Value::Old(node) | Value::Copy(node) => Some(node),
            Value::Scalar(_) | Value::Map | Value::List => None,
        }
    }

    /// The entry with a key, as the draft stands now. Merge keys are not followed.
    pub fn find(&mut self, section: Place, key: &str) -> Option<Place> {
        self.expand(section);
        let children = self.slot(section).children.as_deref().unwrap_or_default();
        let is_it = |child: &&Place| self.slot(**child).is_live() && self.key_text(**child) == Some(key);
        children.iter().rev().find(is_it).copied()
    }

    /// The keys and entries of a section in their order, as the draft stands now; merge keys (`<<`) are among them.
    pub fn entries(&mut self, section: Place) -> Vec<(String, Place)> {
        self.expand(section);
        let entry = |child: Place| Some((self.key_text(child)?.to_owned(), child));
        self.live(section).filter_map(entry).collect()
    }

    /// The items of a list, as the draft stands now.
    pub fn items(&mut self, list: Place) -> Vec<Place> {
        self.expand(list);
        self.live(list).filter(|child| self.slot(*child).key.is_none()).collect()
    }

    /// Gives an entry another key.
    pub fn rename(&mut self, place: Place, key: &str) {
        if self.key_text(place) == Some(key) {
            return;
        }
        self.slot_mut(place).key = Some(Key::New(key.to_owned()));
        if let Some(parent) = self.slot(place).parent {
            self.touch(parent);
        }
    }

    /// Replaces a value. Its comments stay, and a text keeps its quotes if they can hold the new one.
    pub fn replace(&mut self, place: Place, value: NewValue) {
        self.fill(place, value);
    }

    /// Removes an entry or item. Its comments, and those inside it, go to what `heir` is, above it; without an heir they
    /// stay where they are.
    pub fn remove(&mut self, place: Place, heir: Option<Place>) {
        let Some(parent) = self.slot(place).parent else {
            self.refuse(place, "the top of a document cannot go away");
            return;
        };
        self.touch(parent);
        self.slot_mut(place).state = if heir.is_some() { State::Gone } else { State::Ghost };
        if self.document.format() == Format::Toml {
            // What is left of lines stays where they are, and this stands on no line.
            let in_flow = matches!(self.slot(parent).value, Value::Old(node) if !nodes::is_block(self.document, node));
            self.hand_on(place, heir.unwrap_or(parent), heir.is_none() && !in_flow);
        }
        if let Some(heir) = heir {
            let theirs = std::mem::take(&mut self.slot_mut(place).adopted);
            let heir_slot = self.slot_mut(heir);
            heir_slot.adopted.extend(theirs);
            heir_slot.adopted.push(Adopted { from: place, all: true });
            self.redraw(heir);
        }
    }

    /// Adds an entry to a section (with a key), or an item to a list (without).
    pub fn insert(&mut self, into: Place, at: At, key: Option<&str>, value: NewValue) -> Place {
        let mut slot = Slot::new(Value::Map);
        slot.key = key.map(|key| Key::New(key.to_owned()));
        let place = self.add(slot);
        self.attach(place, into, at);
        self.fill(place, value);
        place
    }

    /// Moves an entry or item with its comments and all that is in it, and gives it a new key (none in a list).
    pub fn shift(&mut self, place: Place, into: Place, at: At, key: Option<&str>) {
        if self.is_within(into, place) {
            self.refuse(place, "a section cannot be moved into itself");
            return;
        }
        if self.slot(place).parent.is_none() {
            self.refuse(place, "the top of a document cannot be moved");
            return;
        }
        self.detach(place);
        let unchanged = self.key_text(place) == key;
        if !unchanged {
            self.slot_mut(place).key = key.map(|key| Key::New(key.to_owned()));
        }
        self.attach(place, into, at);
    }

    /// Adds a copy of a value as it is written, without its comments and anchors.
    pub fn copy(&mut self, value: NodeId, into: Place, at: At, key: Option<&str>) -> Place {
        let mut slot = Slot::new(Value::Copy(value));
        slot.key = key.map(|key| Key::New(key.to_owned()));
        let place = self.add(slot);
        self.expand_copy(place);
        self.attach(place, into, at);
        place
    }

    /// Moves the comment behind an entry, and those above it, to another entry.
    pub fn give_comments(&mut self, from: Place, to: Place) {
        let slot = self.slot_mut(from);
        let theirs = std::mem::take(&mut slot.adopted);
        let has_own = !std::mem::replace(&mut slot.stripped, true);
        self.slot_mut(to).adopted.extend(theirs);
        if has_own {
            self.slot_mut(to).adopted.push(Adopted { from, all: false });
        }
        self.redraw(from);
        self.redraw(to);
    }

    /// Whether a place is still part of the draft.
    pub fn is_attached(&self, place: Place) -> bool {
        let mut at = place;
        loop {
            let slot = self.slot(at);
            match slot.parent {
                _ if !slot.is_live() => return false,
                Some(parent) => at = parent,
                None => return self.tops.values().any(|top| *top == at),
            }
        }
    }

    /// The aliases that stand for a node or for something in it, from outside of it, and are still part of the draft.
    pub fn aliases_of(&self, node: NodeId) -> Vec<NodeId> {
        self.document.aliases_of(node).into_iter().filter(|alias| self.is_kept(*alias)).collect()
    }

    /// Whether a node of the document is still part of the draft.
    fn is_kept(&self, node: NodeId) -> bool {
        let mut at = node;
        loop {
            if let Some(place) = self.places.get(&at) {
                let is_value = matches!(self.slot(*place).value, Value::Old(_));
                return is_value && self.is_attached(*place);
            }
            match self.document.parent(at) {
                Some(parent) => at = parent,
                None => return true,
            }
        }
    }

    /// Whether a text that ends with a line end, unlike the old one, ends with a block scalar, which that line end is a
    /// part of.
    fn ends_in_block(&self, text: &str) -> bool {
        let is_line_end = |text: &str| text.ends_with(['\n', '\r']);
        if self.document.format() != Format::Yaml || is_line_end(self.document.text()) || !is_line_end(text) {
            return false;
        }
        let new = Document::parse(text.as_bytes(), Format::Yaml);
        let last = new.node_ids().last().map(|id| &new.node(id).kind);
        matches!(last, Some(NodeKind::Scalar { style: ScalarStyle::Literal | ScalarStyle::Folded, .. }))
    }

    /// The edits and the new document.
    ///
    /// # Errors
    ///
    /// The new text is read again, and is not given back unless it says what the draft says and has every comment.
    pub fn finish(mut self) -> Result<Edited, EditError> {
        if let Some(failure) = self.failure.take() {
            return Err(failure);
        }
        let out = render::render(&self)?;
        let (mut text, mut edits) = out.finish();
        if !self.ends_in_block(&text) {
            out::keep_last_line_end(self.document.text(), &mut text, &mut edits);
        }
        let document = Document::parse(text.as_bytes(), self.document.format());
        verify::verify(&self, &document)?;
        Ok(Edited { edits, document })
    }
}
