//! A `.env` file: its families of names into `POSTGRES_*`, `MLFLOW_POSTGRES_*` and `VECTOR_POSTGRES_*`.

use std::collections::{BTreeMap, BTreeSet};

use crate::document::edit::Place;
use crate::document::{Entry, ProblemKind};
use crate::layouts::{self, Field, Place as For};
use crate::model::{Key, NoteKind, Origin, Role};

use super::pieces::{Part, Scope};
use super::settings::nodes;
use super::work::Work;

impl Work<'_> {
    /// Renames the variables of a file. `used` are those that other files refer to, which must keep their names; gives
    /// back the old names with the new ones.
    pub(super) fn rename_variables(&mut self, scope: &Scope, used: &BTreeSet<String>) -> BTreeMap<String, String> {
        let mut renamed = BTreeMap::new();
        let taken: BTreeSet<String> = self
            .document
            .entries(scope.root)
            .iter()
            .filter_map(|entry| self.document.key(*entry).map(str::to_owned))
            .collect();
        for piece in &scope.pieces {
            let Part::Database(role) = &piece.part else { continue };
            if piece.found.is_fallback {
                continue;
            }
            let mut names: Vec<(String, Key, Entry)> = Vec::new();
            for entry in self.document.entries(scope.root).to_vec() {
                let Some(name) = self.document.key(entry) else { continue };
                let Some((place, Field::Key(key))) = layouts::flat_key(name, self.names) else { continue };
                let is_general = |place: &For| matches!(place, For::ByDatabaseName | For::Role(Role::Main));
                let is_ours = place == piece.found.place || (is_general(&place) && is_general(&piece.found.place));
                // A general name, by which other parts of an application may know it too.
                let is_general_name = name.eq_ignore_ascii_case("health_check_timeout");
                if is_ours && !is_general_name && !is_canonical(name, role) {
                    names.push((name.to_owned(), key, entry));
                }
            }
            let Origin::Node { node, .. } = piece.found.origin() else { continue };
            if names.is_empty() {
                continue;
            }
            let family = Self::shown(&piece.found.name);
            if piece.found.is_whole {
                let message =
                    format!("`{family}` stays: a URL is one definition already, and platforms set it by its name");
                self.note(NoteKind::Left, node, message);
                continue;
            }
            let is_twice = names.iter().find(|(_, _, entry)| {
                let span = self.document.node(entry.key).span;
                self.document.problems().iter().any(|problem| match &problem.kind {
                    ProblemKind::DuplicateKey { first, .. } => *first == span || problem.span == span,
                    _ => false,
                })
            });
            if let Some((name, ..)) = is_twice {
                let message = format!("`{family}` stays: `{}` stands there twice", Self::shown(name));
                self.note(NoteKind::Left, node, message);
                continue;
            }
            let is_used = names.iter().find(|(name, ..)| used.contains(name));
            let clash = names.iter().find(|(_, key, _)| taken.contains(&canonical(*key, role)));
            if let Some((name, ..)) = is_used.or(clash) {
                let name = Self::shown(name);
                let why = if is_used.is_some() { "another file uses it" } else { "the new name is taken" };
                self.note(NoteKind::Left, node, format!("`{family}` stays: `{name}` cannot be renamed, since {why}"));
                continue;
            }
            self.rename_family(&piece.found, role, names, &mut renamed);
        }
        renamed
    }

    /// Gives the variables of a family their canonical names. Of several that say one thing, the one that counts stays.
    fn rename_family(
        &mut self,
        found: &layouts::Found,
        role: &Role,
        names: Vec<(String, Key, Entry)>,
        renamed: &mut BTreeMap<String, String>,
    ) {
        let winners = nodes(&found.connection, self.id);
        let mut settled: BTreeMap<Key, Place> = BTreeMap::new();
        let (first, second): (Vec<_>, Vec<_>) =
            names.into_iter().partition(|(_, _, entry)| winners.contains(&entry.value));
        for (name, key, entry) in first.into_iter().chain(second) {
            let new = canonical(key, role);
            let place = self.draft.place(entry.value);
            renamed.insert(name.clone(), new.clone());
            if let Some(winner) = settled.get(&key) {
                let message = format!("`{}` is not used today; it is dropped", Self::shown(&name));
                self.note(NoteKind::Duplicate, entry.key, message);
                self.gone.insert(name);
                self.drop_entry(place, Some(*winner));
                continue;
            }
            settled.insert(key, place);
            self.moves(entry);
            self.draft.rename(place, &new);
        }
    }
}

/// The name of a variable in the canonical form.
fn canonical(key: Key, role: &Role) -> String {
    let prefix = match role {
        Role::Main => String::new(),
        other => format!("{}_", other.name().to_ascii_uppercase().replace('-', "_")),
    };
    let end = key.path().replace('.', "_").to_ascii_uppercase();
    format!("{prefix}POSTGRES_{end}")
}

/// Whether a name belongs to the canonical family of a role already.
fn is_canonical(name: &str, role: &Role) -> bool {
    let prefix = canonical(Key::Host, role);
    let prefix = prefix.trim_end_matches("HOST");
    name.to_ascii_uppercase().starts_with(prefix)
}
