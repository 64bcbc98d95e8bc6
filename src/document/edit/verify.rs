//! The new text, read again, must say what the draft says.

use std::collections::HashMap;

use crate::document::scalar::{ScalarType, yaml_1_1};
use crate::document::{Document, Entry, Format, KeyPath, NodeId, NodeKind, ProblemKind, ScalarStyle};

use super::tree::{Key, Value, unsupported};
use super::{Draft, EditError, NewValue, Place};

const ORDER: &str = "an alias would stand before its anchor";
const GONE: &str = "what an alias stands for would go away";
const SHARED: &str = "it is anchored, and what its aliases stand for would change with it";

/// Compares a draft with the text that was made of it.
pub(super) fn verify(draft: &Draft<'_>, new: &Document) -> Result<(), EditError> {
    let mut check = Check { draft, old: draft.document, new, nodes: HashMap::new(), aliases: Vec::new() };
    let old_roots = draft.document.roots();
    let expected = old_roots.len().max(draft.tops.len());
    for index in 0..expected {
        let (old_root, new_root) = (old_roots.get(index), new.roots().get(index));
        let Some(root) = new_root else {
            // A draft of nothing is nothing.
            let is_empty = draft.tops.get(&index).is_some_and(|top| draft.live(*top).next().is_none());
            if is_empty && draft.document.format() != Format::Yaml {
                continue;
            }
            return Err(EditError::Differs { path: String::new() });
        };
        match (draft.tops.get(&index), old_root) {
            (Some(top), _) => check.place(*top, *root)?,
            (None, Some(old_root)) => check.node(*old_root, *root, false)?,
            (None, None) => {}
        }
    }
    if new.roots().len() > expected {
        return Err(EditError::Differs { path: String::new() });
    }
    check.aliases()?;
    check.problems()?;
    check.comments()
}

struct Check<'check, 'document> {
    draft: &'check Draft<'document>,
    old: &'document Document,
    new: &'check Document,
    /// What became of anchored nodes.
    nodes: HashMap<NodeId, NodeId>,
    /// Aliases of the draft, as they were and as they are.
    aliases: Vec<(NodeId, NodeId)>,
}

impl Check<'_, '_> {
    fn differs(&self, new: NodeId) -> EditError {
        EditError::Differs { path: self.new.path(new).to_string() }
    }

    /// A slot of the draft against a node of the new text.
    fn place(&mut self, place: Place, new: NodeId) -> Result<(), EditError> {
        let slot = self.draft.slot(place);
        match &slot.value {
            Value::Old(node) if !slot.touched => return self.node(*node, new, false),
            Value::Copy(node) if !slot.touched => return self.node(*node, new, true),
            Value::Scalar(value) => return self.scalar(value, new),
            Value::Old(node) => self.marks(*node, new, false)?,
            Value::Copy(node) => self.marks(*node, new, true)?,
            Value::Map | Value::List => {}
        }
        let live: Vec<Place> = self.draft.live(place).collect();
        let new_document = self.new;
        match &new_document.node(new).kind {
            NodeKind::Mapping { entries, .. } if !self.is_list(place) => {
                let entries = self.in_order(entries, &live).ok_or_else(|| self.differs(new))?;
                for (child, entry) in live.iter().zip(entries) {
                    match &self.draft.slot(*child).key {
                        Some(Key::Old(key)) => self.node(*key, entry.key, true)?,
                        Some(Key::New(key)) => self.text(key, entry.key)?,
                        None => return Err(self.differs(entry.key)),
                    }
                    self.place(*child, entry.value)?;
                }
                Ok(())
            }
            NodeKind::Sequence { items, .. } if self.is_list(place) && items.len() == live.len() => {
                for (child, item) in live.iter().zip(items) {
                    self.place(*child, *item)?;
                }
                Ok(())
            }
            _ => Err(self.differs(new)),
        }
    }

    /// The entries of the new text in the order of the draft: in TOML, the order of tables is that of their headers.
    fn in_order(&self, entries: &[Entry], live: &[Place]) -> Option<Vec<Entry>> {
        if entries.len() != live.len() {
            return None;
        }
        if self.old.format() != Format::Toml {
            return Some(entries.to_vec());
        }
        let by_key: HashMap<&str, Entry> =
            entries.iter().filter_map(|entry| Some((self.new.key(*entry)?, *entry))).collect();
        let find = |child: &Place| self.draft.key_text(*child).and_then(|key| by_key.get(key).copied());
        live.iter().map(find).collect()
    }

    fn is_list(&self, place: Place) -> bool {
        match self.draft.slot(place).value {
            Value::List => true,
            Value::Old(node) | Value::Copy(node) => matches!(self.old.node(node).kind, NodeKind::Sequence { .. }),
            Value::Map | Value::Scalar(_) => false,
        }
    }

    /// A node of the old text against one of the new text.
    fn node(&mut self, old: NodeId, new: NodeId, is_copy: bool) -> Result<(), EditError> {
        self.marks(old, new, is_copy)?;
        let (old_document, new_document) = (self.old, self.new);
        match (&old_document.node(old).kind, &new_document.node(new).kind) {
            (NodeKind::Scalar { .. }, NodeKind::Scalar { .. }) => {
                let texts = (old_document.text_of(old), new_document.text_of(new));
                let (before, after) = (types(old_document, old), types(new_document, new));
                let is_null = before.as_ref().is_some_and(|(kind, _)| *kind == ScalarType::Null);
                let same = before == after && (texts.0 == texts.1 || is_null);
                if same { Ok(()) } else { Err(self.differs(new)) }
            }
            (NodeKind::Alias { .. }, NodeKind::Alias { .. }) if old_document.raw(old) == new_document.raw(new) => {
                self.aliases.push((old, new));
                Ok(())
            }
            (NodeKind::Sequence { items: one, .. }, NodeKind::Sequence { items: other, .. })
                if one.len() == other.len() =>
            {
                one.iter().zip(other).try_for_each(|(one, other)| self.node(*one, *other, is_copy))
            }
            (NodeKind::Mapping { entries: one, .. }, NodeKind::Mapping { entries: other, .. })
                if one.len() == other.len() =>
            {
                let sorted;
                let mut other = other;
                let same_key = |(one, two): (&Entry, &Entry)| old_document.key(*one) == new_document.key(*two);
                let in_order = || one.iter().zip(other).all(same_key);
                if old_document.format() == Format::Toml && !in_order() {
                    let by_key: HashMap<&str, Entry> =
                        other.iter().filter_map(|entry| Some((new_document.key(*entry)?, *entry))).collect();
                    let find = |entry: &Entry| old_document.key(*entry).and_then(|key| by_key.get(key).copied());
                    sorted = one.iter().map(find).collect::<Option<Vec<_>>>().ok_or_else(|| self.differs(new))?;
                    other = &sorted;
                }
                for (one, other) in one.iter().zip(other) {
                    self.node(one.key, other.key, is_copy)?;
                    self.node(one.value, other.value, is_copy)?;
                }
                Ok(())
            }
            _ => Err(self.differs(new)),
        }
    }

    fn marks(&mut self, old: NodeId, new: NodeId, is_copy: bool) -> Result<(), EditError> {
        let (before, after) = (self.old.marks(old), self.new.marks(new));
        let written =
            |document: &Document, span: Option<crate::document::Span>| span.map(|span| document.slice(span).to_owned());
        let anchor = written(self.old, before.and_then(|marks| marks.anchor)).filter(|_| !is_copy);
        let tag = written(self.old, before.and_then(|marks| marks.tag));
        if anchor != written(self.new, after.and_then(|marks| marks.anchor)).filter(|_| !is_copy)
            || tag != written(self.new, after.and_then(|marks| marks.tag))
        {
            return Err(self.differs(new));
        }
        if !is_copy && before.is_some() {
            self.nodes.insert(old, new);
        }
        Ok(())
    }

    /// A text of ours.
    fn text(&self, text: &str, new: NodeId) -> Result<(), EditError> {
        let scalar = self.new.scalar(new).filter(|_| matches!(self.new.node(new).kind, NodeKind::Scalar { .. }));
        let is_text = match self.new.format() {
            Format::Env | Format::Ini => true,
            // The keys of TOML are texts without quotes too.
            Format::Toml if self.new.entry(new).is_some_and(|entry| entry.key == new) => true,
            _ => types(self.new, new) == Some((ScalarType::Text, ScalarType::Text)),
        };
        match scalar {
            Some(scalar) if scalar.text == text && is_text => Ok(()),
            _ => Err(self.differs(new)),
        }
    }

    fn scalar(&self, value: &NewValue, new: NodeId) -> Result<(), EditError> {
        let kind = self.new.scalar(new).map(|scalar| scalar.kind());
        let same = match (value, kind) {
            (NewValue::Text(text), _) => return self.text(text, new),
            (NewValue::Written(raw), _) => self.new.raw(new) == raw,
            (NewValue::Integer(number), Some(ScalarType::Integer(other))) => *number == other,
            (NewValue::Float(number), Some(ScalarType::Float(other))) => {
                number.to_bits() == other.to_bits() || (number.is_nan() && other.is_nan())
            }
            (NewValue::Bool(truth), Some(ScalarType::Bool(other))) => *truth == other,
            _ => false,
        };
        if same { Ok(()) } else { Err(self.differs(new)) }
    }

    /// Every alias stands for what it stood for, unchanged.
    fn aliases(&self) -> Result<(), EditError> {
        for (old, new) in &self.aliases {
            let NodeKind::Alias { target: Some(target) } = self.old.node(*old).kind else { continue };
            let refuse = |what| EditError::Unsupported { path: self.new.path(*new).to_string(), what };
            if self.old.marks(target).and_then(|marks| marks.anchor).is_none() {
                // An anchor that was only guessed.
                continue;
            }
            let place = self.draft.places.get(&target);
            if let Some(place) = place.filter(|place| self.draft.slot(**place).changed) {
                return Err(unsupported(self.draft, *place, SHARED));
            }
            let NodeKind::Alias { target: found } = self.new.node(*new).kind else { return Err(refuse(GONE)) };
            let Some(expected) = self.nodes.get(&target).copied() else { return Err(refuse(GONE)) };
            if found != Some(expected) {
                return Err(refuse(ORDER));
            }
        }
        Ok(())
    }

    /// Nothing is wrong with the new text that was not wrong with the old one.
    fn problems(&self) -> Result<(), EditError> {
        let count = |document: &Document| {
            let is_syntax = |kind: &ProblemKind| !matches!(kind, ProblemKind::DuplicateKey { .. });
            document.problems().iter().filter(|problem| is_syntax(&problem.kind)).count()
        };
        // The first comment of JSON stands for all of them.
        let doubled = |document: &Document| {
            let is_doubled = |kind: &ProblemKind| matches!(kind, ProblemKind::DuplicateKey { .. });
            document.problems().iter().filter(|problem| is_doubled(&problem.kind)).count()
        };
        if count(self.new) > count(self.old) || doubled(self.new) > doubled(self.old) {
            let path = self.new.problems().first().and_then(|problem| self.new.node_at(problem.span));
            let path = path.map_or_else(KeyPath::default, |node| self.new.path(node));
            return Err(EditError::Differs { path: path.to_string() });
        }
        Ok(())
    }

    /// Every comment is there as often as it was.
    fn comments(&self) -> Result<(), EditError> {
        let texts = |document: &Document| {
            let slices = document.comments().iter().map(|comment| document.slice(comment.span).trim_end().to_owned());
            let mut texts: Vec<String> = slices.collect();
            texts.sort_unstable();
            texts
        };
        if texts(self.old) == texts(self.new) { Ok(()) } else { Err(EditError::Comments) }
    }
}

/// The types of a single value to readers of YAML 1.2 (or its own format) and of YAML 1.1.
fn types(document: &Document, id: NodeId) -> Option<(ScalarType, ScalarType)> {
    let scalar = document.scalar(id)?;
    let kind = match scalar.kind() {
        // NaN is not itself.
        ScalarType::Float(number) if number.is_nan() => ScalarType::Float(0.0),
        kind => kind,
    };
    if document.format() != Format::Yaml || scalar.style != ScalarStyle::Plain {
        return Some((kind, ScalarType::Text));
    }
    let old = match yaml_1_1(scalar.text) {
        ScalarType::Float(number) if number.is_nan() => ScalarType::Float(0.0),
        kind => kind,
    };
    Some((kind, old))
}
