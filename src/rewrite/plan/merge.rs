//! Several sections of one database in one: what the strongest leaves out comes from the others.

use crate::document::edit::{At, NewValue, Place};
use crate::document::{NodeId, NodeKind};
use crate::layouts::{self, Field};
use crate::model::{Key, NoteKind};

use super::work::Work;

impl Work<'_> {
    /// Moves what a weaker section has and a stronger one leaves out, as far as `takes` allows, and drops the rest.
    pub(super) fn absorb(&mut self, weaker: Place, stronger: Place, takes: &dyn Fn(&str) -> bool) {
        self.merge(weaker, stronger, takes);
        self.drop_entry(weaker, Some(stronger));
    }

    /// The same for a part of a section that stood elsewhere: what was said of it is said of what came of it.
    pub(super) fn absorb_part(&mut self, part: Place, section: Place) {
        let first = self.merge(part, section, &|_| true);
        self.drop_entry(part, Some(first.unwrap_or(section)));
        if let Some(node) = self.draft.node(part) {
            self.heirs.insert(node, section);
        }
    }

    /// Moves entries from a weaker section to a stronger one; gives back the first that was moved.
    fn merge(&mut self, weaker: Place, stronger: Place, takes: &dyn Fn(&str) -> bool) -> Option<Place> {
        let mut first = None;
        for (name, place) in self.draft.entries(weaker) {
            match self.draft.find(stronger, &name) {
                Some(known) if self.is_section(known) && self.is_section(place) => self.absorb(place, known, takes),
                Some(known) if !is_known(&name) && !self.says_the_same(place, known) => {
                    self.carry(place, weaker, stronger, &name);
                }
                Some(known) => self.drop_weaker(place, known),
                None if takes(&name) => {
                    self.draft.shift(place, stronger, At::End, Some(&name));
                    first.get_or_insert(place);
                }
                None => {
                    if let Some(node) = self.draft.node(place) {
                        let path = self.document.path(node).to_string();
                        let message = format!("`{path}` is not used today; it is dropped");
                        self.note(NoteKind::Duplicate, node, message);
                    }
                    self.drop_entry(place, Some(stronger));
                }
            }
        }
        first
    }

    /// Keeps an entry that means nothing to dbcfg, and whose key is taken, under the name of where it stood.
    fn carry(&mut self, place: Place, from: Place, into: Place, name: &str) {
        let node = self.draft.node(from).and_then(|node| self.document.entry(node));
        let prefix = node.and_then(|entry| self.document.key(entry)).unwrap_or("other");
        let mut key = format!("{prefix}_{name}");
        while self.draft.find(into, &key).is_some() {
            key.push('_');
        }
        if let Some(node) = self.draft.node(place) {
            let path = Self::shown(&self.document.path(node).to_string());
            let message = format!(
                "`{path}` says something else than the section that it goes to, and is kept there as `{}`",
                Self::shown(&key)
            );
            self.note(NoteKind::Care, node, message);
        }
        self.draft.shift(place, into, At::End, Some(&key));
    }

    fn says_the_same(&self, one: Place, other: Place) -> bool {
        match (self.draft.node(one), self.draft.node(other)) {
            (Some(one), Some(other)) => self.new_value(one) == self.new_value(other),
            _ => false,
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
            let own = self.document.node(node).span;
            let stays = |base: &NodeId| {
                own.contains(self.document.node(*base).span) && self.has_canonical_keys(*base)
                    || self.is_canonical_base(*base)
            };
            if bases.iter().all(stays) {
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
    pub(super) fn says(&mut self, section: Place, name: &str) -> bool {
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
        is_base && self.has_canonical_keys(base)
    }

    /// Whether the keys of a section are those of the canonical schema, or unknown.
    fn has_canonical_keys(&self, section: NodeId) -> bool {
        let document = self.document;
        document.entries(section).iter().all(|entry| {
            let Some(key) = document.key(*entry) else { return false };
            match layouts::field(key) {
                Some(Field::Key(canonical)) => canonical.path() == key,
                Some(Field::Group(_)) => {
                    let is_known = |inner: &str| Key::all().any(|known| known.path() == format!("{key}.{inner}"));
                    let mut inner = document.entries(entry.value).to_vec().into_iter();
                    matches!(key, "pool" | "retry" | "parameters")
                        && inner.all(|inner| document.key(inner).is_some_and(|it| key == "parameters" || is_known(it)))
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

/// Whether a key means something to dbcfg; labels of applications do not.
fn is_known(name: &str) -> bool {
    !matches!(layouts::field(name), None | Some(Field::Known | Field::PerhapsEngine))
}
