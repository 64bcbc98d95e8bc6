//! Several sections of one database in one: what the strongest leaves out comes from the others.

use crate::document::edit::{At, NewValue, Place};
use crate::document::{NodeId, NodeKind};
use crate::layouts::{self, Field};
use crate::model::{Key, NoteKind};

use super::work::Work;

impl Work<'_> {
    /// Moves what a weaker section has and a stronger one leaves out, as far as `takes` allows, and drops the rest.
    pub(super) fn absorb(&mut self, weaker: Place, stronger: Place, takes: &dyn Fn(&str) -> bool) {
        let mut first = None;
        for (name, place) in self.draft.entries(weaker) {
            match self.draft.find(stronger, &name) {
                Some(known) if self.is_section(known) && self.is_section(place) => self.absorb(place, known, takes),
                Some(known) => self.drop_weaker(place, known),
                None if takes(&name) => {
                    self.draft.shift(place, stronger, At::End, Some(&name));
                    first.get_or_insert(place);
                }
                None => {
                    if let Some(node) = self.draft.node(place) {
                        let path = self.document.path(node).to_string();
                        let message =
                            format!("`{path}` is not used, since a connection string says it all; it is dropped");
                        self.note(NoteKind::Duplicate, node, message);
                    }
                    self.drop_entry(place, Some(stronger));
                }
            }
        }
        // What was said of the section is said of what came of it.
        self.drop_entry(weaker, Some(first.unwrap_or(stronger)));
        if let Some(node) = self.draft.node(weaker) {
            self.heirs.insert(node, stronger);
        }
    }

    /// What a section leaves out, copied from another that stays as it is.
    pub(super) fn fill_from(&mut self, stronger: Place, other: NodeId) {
        for entry in self.document.entries(other).to_vec() {
            let Some(name) = self.document.key(entry) else { continue };
            if matches!(layouts::field(name), Some(Field::CredentialRef)) || self.draft.find(stronger, name).is_some() {
                continue;
            }
            self.draft.copy(entry.value, stronger, At::End, Some(name));
        }
    }

    /// Puts what a section merges (`<<: *base`) into it, where the base is not canonical or does not stay as it is.
    pub(super) fn expand_merges(&mut self, section: Place) {
        let merges: Vec<Place> =
            self.draft.entries(section).into_iter().filter(|(name, _)| name == "<<").map(|(_, place)| place).collect();
        for place in merges {
            let Some(node) = self.draft.node(place) else { continue };
            let bases = match &self.document.node(node).kind {
                NodeKind::Alias { target: Some(target) } => vec![self.document.resolve(*target)],
                NodeKind::Sequence { items, .. } => items.iter().map(|item| self.document.resolve(*item)).collect(),
                _ => continue,
            };
            if bases.iter().all(|base| self.is_canonical_base(*base)) {
                continue;
            }
            for base in bases {
                for entry in self.document.entries(base).to_vec() {
                    let Some(name) = self.document.key(entry) else { continue };
                    if !self.says(section, name) {
                        self.draft.copy(entry.value, section, At::Before(place), Some(name));
                    }
                }
            }
            self.account(node);
            self.draft.remove(place, None);
        }
    }

    /// Whether a section has a key, by any of its names.
    fn says(&mut self, section: Place, name: &str) -> bool {
        let wanted = layouts::field(name);
        self.draft
            .entries(section)
            .iter()
            .any(|(known, _)| known == name || (wanted.is_some() && layouts::field(known) == wanted))
    }

    /// Whether a base can stay: it is no database of its own, and its keys are those of the canonical schema.
    fn is_canonical_base(&self, base: NodeId) -> bool {
        let document = self.document;
        let Some(entry) = document.entry(base) else { return false };
        let name = document.key(entry).unwrap_or_default();
        let is_base = name.starts_with(['_', '.']) || name.starts_with("x-");
        is_base
            && document.entries(base).iter().all(|entry| {
                let Some(key) = document.key(*entry) else { return false };
                match layouts::field(key) {
                    Some(Field::Key(canonical)) => canonical.path() == key,
                    Some(Field::Group(_)) => {
                        matches!(key, "pool" | "retry" | "parameters")
                            && document.entries(entry.value).iter().all(|inner| {
                                document.key(*inner).is_some_and(|inner| {
                                    let path = format!("{key}.{inner}");
                                    key == "parameters" || Key::all().any(|known| known.path() == path)
                                })
                            })
                    }
                    Some(Field::Known) | None => true,
                    _ => false,
                }
            })
    }

    /// A value as one that can be written anew.
    pub(super) fn new_value(&self, node: NodeId) -> NewValue {
        super::value::of_node(self.document, node)
    }
}
