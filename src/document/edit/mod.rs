//! Edits: what a text is to become, as changes of its tree, and in the end as byte ranges.
//!
//! A [`Draft`] is the tree of a document with changes on it: keys renamed, values replaced, sections moved with their
//! comments, others inserted or removed. Nothing is written until [`Draft::finish`], which touches only the bytes that
//! a change is about, reads the new text again, and compares its data and its comments with the draft.

use std::fmt;

use super::{Document, KeyPath, NodeId, Span};

/// A key with its value, an item of a list, or the top of a document, in a [`Draft`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Place(u32);

/// A value that is written anew.
#[derive(Clone, Debug, PartialEq)]
pub enum NewValue {
    /// Text. It is quoted where the format wants it, or where it would be read as something else; a text with `${` always.
    Text(String),
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

impl fmt::Display for EditError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Differs { path } => write!(formatter, "{path}"),
            Self::Comments => formatter.write_str("a comment"),
            Self::Unsupported { path, what } => write!(formatter, "{path}: {what}"),
        }
    }
}

/// A document with changes on it.
pub struct Draft<'document> {
    document: &'document Document,
}

impl<'document> Draft<'document> {
    /// A draft without changes.
    pub fn new(document: &'document Document) -> Self {
        Self { document }
    }

    /// The document as it is.
    pub fn document(&self) -> &'document Document {
        self.document
    }

    /// The place of a value of the document, or of a key, or of the top of a YAML document.
    pub fn place(&mut self, _node: NodeId) -> Place {
        Place(0)
    }

    /// What stands at a place, if it is unchanged or only renamed or moved: a node of the document.
    pub fn node(&self, _place: Place) -> Option<NodeId> {
        None
    }

    /// The entry with a key, as the draft stands now. Merge keys are not followed.
    pub fn find(&mut self, _section: Place, _key: &str) -> Option<Place> {
        None
    }

    /// The keys and entries of a section in their order, as the draft stands now; merge keys (`<<`) are among them.
    pub fn entries(&mut self, _section: Place) -> Vec<(String, Place)> {
        Vec::new()
    }

    /// The items of a list, as the draft stands now.
    pub fn items(&mut self, _list: Place) -> Vec<Place> {
        Vec::new()
    }

    /// Gives an entry another key.
    pub fn rename(&mut self, _place: Place, _key: &str) {}

    /// Replaces a value. Its comments stay, and a text keeps its quotes if they can hold the new one.
    pub fn replace(&mut self, _place: Place, _value: NewValue) {}

    /// Removes an entry or item. Its comments, and those inside it, go to what `heir` is, above it; without an heir they
    /// stay where they are.
    pub fn remove(&mut self, _place: Place, _heir: Option<Place>) {}

    /// Adds an entry to a section (with a key), or an item to a list (without).
    pub fn insert(&mut self, _into: Place, _at: At, _key: Option<&str>, _value: NewValue) -> Place {
        Place(0)
    }

    /// Moves an entry or item with its comments and all that is in it, and gives it a new key (none in a list).
    pub fn shift(&mut self, _place: Place, _into: Place, _at: At, _key: Option<&str>) {}

    /// Adds a copy of a value as it is written, without its comments.
    pub fn copy(&mut self, _value: NodeId, _into: Place, _at: At, _key: Option<&str>) -> Place {
        Place(0)
    }

    /// Moves the comment behind an entry, and those above it, to another entry.
    pub fn give_comments(&mut self, _from: Place, _to: Place) {}

    /// The section or list that a place stands in now; none for the top, and for what was removed.
    pub fn parent(&self, _place: Place) -> Option<Place> {
        None
    }

    /// The key path of a place as the draft stands now.
    pub fn path(&mut self, _place: Place) -> KeyPath {
        KeyPath::default()
    }

    /// Whether a place holds keys with values, as the draft stands now.
    pub fn is_section(&self, _place: Place) -> bool {
        false
    }

    /// The nodes that were removed or replaced; what was moved out of them before may still be part of the draft.
    pub fn detached(&self) -> Vec<NodeId> {
        Vec::new()
    }

    /// Whether a place is still part of the draft.
    pub fn is_attached(&self, _place: Place) -> bool {
        true
    }

    /// The edits and the new document.
    ///
    /// # Errors
    ///
    /// The new text is read again, and is not given back unless it says what the draft says and has every comment.
    pub fn finish(self) -> Result<Edited, EditError> {
        let document = Document::parse(self.document.text().as_bytes(), self.document.format());
        Ok(Edited { edits: Vec::new(), document })
    }
}
