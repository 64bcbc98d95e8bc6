//! Where the settings of a section come from besides itself: credentials, the server of several databases, and stores.

use std::collections::{BTreeMap, BTreeSet};

use crate::document::edit::{At, NewValue, Place};
use crate::document::{Entry, NodeId};
use crate::layouts::{self, Field};
use crate::model::{Key, NoteKind, Role};
use crate::template::{Syntax, Template};

use super::pieces::Piece;
use super::settings::nodes;
use super::url;
use super::work::Work;

impl Work<'_> {
    /// The credentials that more than one definition draws on, with the number of those that do.
    pub(super) fn shared_credentials<'piece>(
        &self,
        pieces: impl Iterator<Item = &'piece Piece>,
    ) -> BTreeMap<NodeId, usize> {
        let mut users: BTreeMap<NodeId, usize> = BTreeMap::new();
        for piece in pieces {
            for entry in self.credentials_of(piece) {
                *users.entry(entry.value).or_default() += 1;
            }
        }
        users
    }

    /// The sections of `credentials` that a definition draws on.
    fn credentials_of(&self, piece: &Piece) -> Vec<Entry> {
        let document = self.document;
        if piece.found.aliases.is_empty() || piece.found.layout == "one server" {
            return Vec::new();
        }
        let own = nodes(&piece.found.connection, self.id);
        let mut found: Vec<Entry> = Vec::new();
        let scopes = document.roots().iter().flat_map(|root| {
            let named = |parent: NodeId| {
                let entries = document.entries(parent).to_vec();
                entries.into_iter().filter(|entry| {
                    document.key(*entry).is_some_and(|key| piece.found.aliases.iter().any(|alias| alias == key))
                })
            };
            let environments = document.get(*root, "environments").map(|entry| document.entries(entry.value).to_vec());
            let mut roots = vec![*root];
            roots.extend(environments.into_iter().flatten().map(|entry| entry.value));
            roots.into_iter().flat_map(move |root| {
                let nested = ["credentials", "databases"].map(|key| document.get(root, key).map(|entry| entry.value));
                nested.into_iter().flatten().chain([root]).flat_map(named).collect::<Vec<_>>()
            })
        });
        let mut named = Vec::new();
        for entry in scopes {
            let span = document.node(entry.value).span;
            let is_itself = piece.found.origin().start() == Some(document.node(entry.key).span.start);
            if is_itself || !document.is_mapping(entry.value) || found.contains(&entry) {
                continue;
            }
            if own.iter().any(|node| span.contains(document.node(*node).span)) {
                found.push(entry);
            } else {
                named.push(entry);
            }
        }
        if found.is_empty() {
            // They say nothing that counts, and hold what the application alone knows.
            found.extend(named.into_iter().take(1));
        }
        found
    }

    /// Moves the credentials that a definition draws on into its section, behind what it says itself.
    pub(super) fn take_credentials(&mut self, section: Place, piece: &Piece, users: &BTreeMap<NodeId, usize>) {
        if !self.is_section(section) {
            return;
        }
        let credentials = self.credentials_of(piece);
        for entry in &credentials {
            let place = self.draft.place(entry.value);
            if !self.draft.is_attached(place) {
                self.fill_from(section, entry.value);
                self.canonicalise(section, piece.connection.is_sqlite());
                continue;
            }
            let is_shared = users.get(&entry.value).is_some_and(|count| *count > 1);
            let is_anchored = !self.document.aliases_of(entry.value).is_empty();
            if is_shared || is_anchored {
                self.fill_from(section, entry.value);
                self.canonicalise(section, piece.connection.is_sqlite());
                if is_anchored {
                    let message = "it stays, since aliases use it; the section that draws on it has copies";
                    self.note(NoteKind::Care, entry.key, message);
                    continue;
                }
                self.moves(*entry);
                self.empties(place);
                self.drop_entry(place, Some(section));
                continue;
            }
            self.moves(*entry);
            self.empties(place);
            self.canonicalise(place, piece.connection.is_sqlite());
            self.absorb_part(place, section);
        }
        if credentials.is_empty() {
            return;
        }
        for (name, place) in self.draft.entries(section) {
            if layouts::field(&name) == Some(Field::CredentialRef) {
                self.drop_entry(place, Some(section).filter(|_| false));
            }
        }
    }

    /// A database of a server that has several: its own section, with the name of its database.
    pub(super) fn settle_inner(&mut self, root: NodeId, role: &Role, server: Entry, name: Entry) -> Place {
        let own = self.draft.place(server.value);
        let inner = self.draft.place(name.value);
        self.empties(inner);
        if *role == Role::Main {
            let databases = self.databases(root, server);
            if self.draft.parent(own) == Some(databases) {
                self.moves(server);
                self.draft.rename(own, role.name());
            }
            self.moves(name);
            if self.is_section(inner) {
                self.canonicalise(inner, false);
                self.canonicalise(own, false);
                self.override_by(own, inner);
            } else {
                let list = self.draft.parent(inner).unwrap_or(own);
                self.emptied.push((list, Some(inner)));
                self.draft.shift(inner, own, At::Before(list), Some(Key::Database.path()));
            }
            return own;
        }
        self.moves(name);
        let section = self.section_of(root, role, server);
        if self.is_section(inner) {
            self.canonicalise(inner, false);
            self.absorb(inner, section, &|_| true);
        } else {
            self.draft.shift(inner, section, At::End, Some(Key::Database.path()));
        }
        let known = self.document.entries(server.value).to_vec();
        let mut before = At::End;
        if let Some(first) = self.draft.entries(section).first() {
            before = At::Before(first.1);
        }
        for entry in known {
            let Some(key) = self.document.key(entry) else { continue };
            let is_said = says_something(key);
            let is_database = layouts::field(key) == Some(Field::Key(Key::Database));
            if is_said && !is_database && self.draft.find(section, key).is_none() {
                self.draft.copy(entry.value, section, before, Some(key));
            }
        }
        section
    }

    /// A database of a server that has several, which another section describes already.
    pub(super) fn fold_inner(&mut self, leader: Place, server: Entry, name: Entry) {
        for entry in self.document.entries(server.value).to_vec() {
            let Some(key) = self.document.key(entry) else { continue };
            if says_something(key) && !self.says(leader, key) {
                self.draft.copy(entry.value, leader, At::End, Some(key));
            }
        }
        self.canonicalise(leader, false);
        let inner = self.draft.place(name.value);
        self.empties(inner);
        self.drop_entry(inner, Some(leader));
    }

    /// What is left of the sections of servers that became no section of their own.
    pub(super) fn settle_servers(&mut self, servers: &BTreeSet<NodeId>, settled: &super::settings::Settled) {
        for server in servers {
            let place = self.draft.place(*server);
            let heir = settled.sections.get(&Role::Main).or_else(|| settled.sections.values().next()).copied();
            let Some(heir) = heir.filter(|heir| *heir != place && self.draft.is_attached(place)) else { continue };
            let list = self.draft.find(place, "databases");
            if list.is_some_and(|list| !self.draft.entries(list).is_empty()) {
                // Some of its databases stay as they are, and need it.
                continue;
            }
            for (name, child) in self.draft.entries(place) {
                let is_list = name == "databases" && self.draft.entries(child).is_empty();
                if is_list || says_something(&name) {
                    self.drop_entry(child, Some(heir));
                }
            }
            self.absorb(place, heir, &|_| true);
        }
    }

    /// Lets the entries of one section win over those of another, into which they go.
    fn override_by(&mut self, section: Place, stronger: Place) {
        for (name, place) in self.draft.entries(stronger) {
            if let Some(known) = self.draft.find(section, &name) {
                self.drop_weaker(known, place);
            }
            self.draft.shift(place, section, At::End, Some(&name));
        }
        self.draft.remove(stronger, None);
    }

    /// Whether a store is a definition that moves: one that refers to a database of the file stays.
    pub(super) fn is_store_moved(&mut self, entry: Entry, piece: &Piece) -> bool {
        if piece.found.name != "backend_store_uri" {
            return false;
        }
        let text = self.document.text_of(entry.value).unwrap_or_default();
        let refers = !Template::parse(text, Syntax::Braces).references().is_empty();
        !refers && self.read_url(entry.value).is_some()
    }

    /// A store that is the only definition of its database.
    pub(super) fn settle_store(&mut self, root: NodeId, role: &Role, entry: Entry) -> Place {
        self.moves(entry);
        let place = self.draft.place(entry.value);
        let databases = self.databases(root, entry);
        let connection = self.read_url(entry.value).unwrap_or_default();
        let section = self.draft.insert(databases, At::End, Some(role.name()), url::map_of(&connection));
        self.taken_apart.insert(entry.value);
        self.empties(place);
        self.drop_entry(place, Some(section));
        section
    }

    /// A store that says again what a section says.
    pub(super) fn drop_store(&mut self, role: &Role, piece: &Piece, entry: Entry, leader: Place) {
        let name = Self::shown(&piece.found.name);
        let message = format!("`{name}` describes {role} a second time, and goes away");
        self.note(NoteKind::Duplicate, entry.key, message);
        let place = self.draft.place(entry.value);
        for (path, value) in url::fields(&piece.found.connection) {
            let is_identity = Key::all().any(|key| key.path() == path && key.is_identity());
            let (group, key) = path.split_once('.').map_or((None, path.as_str()), |(group, key)| (Some(group), key));
            let into = match group {
                Some(group) => self.draft.find(leader, group),
                None => Some(leader),
            };
            let is_said = into.is_some_and(|into| self.draft.find(into, key).is_some());
            if is_said || is_identity && self.draft.find(leader, "url").is_some() {
                continue;
            }
            let into = match group {
                Some(group) => self.section(leader, At::End, group),
                None => leader,
            };
            self.draft.insert(into, At::End, Some(key), value);
        }
        self.empties(place);
        self.drop_entry(place, Some(leader));
    }

    /// The section that takes over for main, as an item of its list.
    pub(super) fn settle_members(
        &mut self,
        root: NodeId,
        members: &[Piece],
        replicas: &[Piece],
        settled: &super::settings::Settled,
    ) {
        let Some(main) = settled.sections.get(&Role::Main).copied() else {
            for piece in members.iter().chain(replicas) {
                if let crate::model::Origin::Node { node, .. } = piece.found.origin() {
                    let name = Self::shown(&piece.found.name);
                    let message = format!("`{name}` is not migrated: main, which it belongs to, is not described here");
                    self.note(NoteKind::Left, node, message);
                }
            }
            return;
        };
        let _ = root;
        let mut paths: Vec<(Option<String>, Place)> = Vec::new();
        for piece in members {
            let super::pieces::Shape::Section(entry) = piece.shape else { continue };
            let place = self.draft.place(entry.value);
            let name = Self::shown(&piece.found.name);
            let path = piece.connection.settings.value(Key::Path).map(crate::model::Value::expose);
            let known = paths.iter().find(|(known, _)| known.is_some() && *known == path).map(|(_, place)| *place);
            self.moves(entry);
            self.empties(place);
            let is_sqlite = piece.connection.is_sqlite();
            if let Some(known) = known {
                self.note(NoteKind::Duplicate, entry.key, format!("`{name}` is the same file again, and goes away"));
                self.canonicalise(place, is_sqlite);
                self.absorb(place, known, &|_| true);
                continue;
            }
            self.note(NoteKind::Failover, entry.key, format!("`{name}` becomes what takes over for main"));
            let list = match self.draft.find(main, "failover") {
                Some(list) => list,
                None => self.draft.insert(main, At::End, Some("failover"), NewValue::List(Vec::new())),
            };
            if self.is_section(place) {
                self.canonicalise(place, is_sqlite);
                self.take_credentials(place, piece, &BTreeMap::new());
                if is_sqlite && self.draft.find(place, "engine").is_none() {
                    let first = self.draft.entries(place).first().map(|(_, place)| *place);
                    let at = first.map_or(At::End, At::Before);
                    self.draft.insert(place, at, Some("engine"), NewValue::Text("sqlite".to_owned()));
                }
            } else {
                self.replace(place, url::map_of(&piece.found.connection));
            }
            self.comments_of_item(place);
            self.draft.shift(place, list, At::End, None);
            paths.push((path, place));
        }
        self.settle_replicas(main, replicas);
    }

    /// A section that becomes an item has no key any more for a comment to stand behind. Behind the dash it can stand
    /// alone, but not between others: ruamel.yaml cannot read that.
    fn comments_of_item(&mut self, section: Place) {
        let document = self.document;
        let Some(entry) = self.draft.node(section).and_then(|node| document.entry(node)) else { return };
        let first = document.entries(entry.value).first().copied();
        let has_others = !document.comments_above(entry).is_empty()
            || first.is_some_and(|first| !document.comments_above(first).is_empty());
        if has_others
            && document.comment_behind(entry).is_some()
            && let Some((_, first)) = self.draft.entries(section).first().cloned()
        {
            self.draft.give_comments(section, first);
        }
    }

    /// Replicas of flat keys, each with all that its URL says.
    fn settle_replicas(&mut self, main: Place, replicas: &[Piece]) {
        let mut sources: Vec<NodeId> = Vec::new();
        for piece in replicas {
            let list = match self.draft.find(main, "replicas") {
                Some(list) => list,
                None => self.draft.insert(main, At::End, Some("replicas"), NewValue::List(Vec::new())),
            };
            let map = url::map_of(&piece.found.connection);
            let item = self.draft.insert(list, At::End, None, map);
            let own = nodes(&piece.found.connection, self.id);
            // What was said of an item of a list is said of the new one.
            if let [node] = own[..]
                && self.document.entry(node).is_none()
            {
                let old = self.draft.place(node);
                let first = self.draft.entries(item).first().map_or(item, |(_, first)| *first);
                self.draft.give_comments(old, first);
            }
            sources.extend(own);
        }
        sources.sort_unstable();
        sources.dedup();
        for node in sources {
            // An item of a list, or the one text that holds them all.
            let holder = match self.document.parent(node) {
                Some(parent) if !self.document.is_mapping(parent) => parent,
                _ => node,
            };
            let place = self.draft.place(holder);
            if self.draft.is_attached(place) {
                if let Some(entry) = self.document.entry(holder) {
                    self.moves(entry);
                    self.taken_apart.insert(holder);
                }
                self.empties(place);
                let heir = self.draft.find(main, "replicas").unwrap_or(main);
                self.drop_entry(place, Some(heir));
            }
        }
    }
}

/// Whether a key says something about a connection, so that every database of a server needs it.
fn says_something(key: &str) -> bool {
    matches!(
        layouts::field(key),
        Some(Field::Key(_) | Field::Url | Field::Ssl | Field::Parameter(_) | Field::Group(_) | Field::PerhapsEngine)
    )
}
