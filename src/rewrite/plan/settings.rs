//! A settings file: its definitions into `databases`, role by role.

use std::collections::{BTreeMap, BTreeSet};

use crate::document::edit::{At, NewValue, Place};
use crate::document::{Entry, NodeId, ProblemKind};
use crate::layouts::{self, Field, Place as For};
use crate::model::{Candidate, Decisions, Key, NoteKind, Origin, Question, Role, Setting};
use crate::normalize;

use super::pieces::{Part, Piece, Scope, Shape};
use super::work::Work;

/// What came of a scope, for the decisions that follow.
pub(super) struct Settled {
    /// The mapping.
    pub(super) root: NodeId,
    /// The environment whose overrides it holds.
    pub(super) environment: Option<String>,
    /// The sections of the databases.
    pub(super) sections: BTreeMap<Role, Place>,
    /// What the databases come down to.
    pub(super) connections: BTreeMap<Role, crate::model::Connection>,
    /// The definitions that were not chosen.
    pub(super) losers: Vec<Origin>,
    /// What somebody has to decide.
    pub(super) questions: Vec<Question>,
}

impl Work<'_> {
    /// Moves the definitions of a scope to where the canonical schema has them.
    pub(super) fn settle_scope(&mut self, scope: Scope, decisions: &Decisions) -> Settled {
        let Scope { root, pieces, environment } = scope;
        let mut settled = Settled {
            root,
            environment,
            sections: BTreeMap::new(),
            connections: BTreeMap::new(),
            losers: Vec::new(),
            questions: Vec::new(),
        };
        let has_legacy = pieces.iter().any(|piece| piece.found.layout != "canonical");
        let mut roles: BTreeMap<Role, Vec<Piece>> = BTreeMap::new();
        let (mut members, mut replicas) = (Vec::new(), Vec::new());
        for piece in pieces {
            if self.is_left(&piece) {
                continue;
            }
            match piece.part.clone() {
                Part::Database(role) => roles.entry(role).or_default().push(piece),
                Part::Failover => members.push(piece),
                Part::Replica => replicas.push(piece),
                Part::Nothing => self.leave_placeless(&piece),
            }
        }
        let prefix = settled.environment.as_ref().map(|name| format!("environments.{name}.")).unwrap_or_default();
        roles.retain(|role, pieces| !self.leave_excluded(&format!("{prefix}databases.{}", role.name()), pieces));
        if self.leave_excluded(&format!("{prefix}databases.main.failover"), &members) {
            members.clear();
        }
        let server = |piece: &Piece| match piece.shape {
            Shape::Inner { server, .. } => Some(server),
            _ => None,
        };
        let servers: BTreeSet<NodeId> = roles.values().flatten().filter_map(server).map(|entry| entry.value).collect();
        let credentials = self.shared_credentials(roles.values().flatten());
        for (role, mut pieces) in roles {
            self.ask_for_role(&role, &pieces, has_legacy, &mut settled);
            if !self.choose(&role, &mut pieces, decisions, &mut settled) {
                continue;
            }
            if let Some(leader) = pieces.first() {
                settled.connections.insert(role.clone(), leader.connection.clone());
            }
            if let Some(section) = self.settle_role(root, &role, &pieces, &credentials) {
                settled.sections.insert(role, section);
            }
        }
        self.settle_servers(&servers, &settled);
        self.settle_members(root, &members, &replicas, &settled);
        if !self.excluded.contains_key(&format!("{prefix}services")) && !self.excluded.contains_key("") {
            self.settle_services(root);
        }
        self.remove_emptied(&settled);
        settled
    }

    /// Pieces in which a key stands twice, or that others use through an alias, stay as they are.
    fn is_left(&mut self, piece: &Piece) -> bool {
        let entry = match piece.shape {
            Shape::Section(entry) | Shape::Store(entry) => entry,
            Shape::Inner { server, .. } => server,
            Shape::Flat => return false,
        };
        let (key, value) = (self.document.node(entry.key).span, self.document.node(entry.value).span);
        let twice = self.document.problems().iter().any(|problem| match &problem.kind {
            ProblemKind::DuplicateKey { first, .. } => {
                *first == key || problem.span == key || value.contains(problem.span)
            }
            _ => false,
        });
        let name = Self::shown(&piece.found.name);
        if twice {
            let message =
                format!("`{name}` is not migrated: a key stands in it twice, and readers differ in which one counts");
            self.note(NoteKind::Left, entry.key, message);
            return true;
        }
        let is_canonical = piece.found.layout == "canonical";
        if !is_canonical && let Some(alias) = self.foreign_alias(entry.value) {
            let line = self.document.position(self.document.node(alias).span.start).line;
            let message = format!("`{name}` is not migrated: it is anchored, and line {line} would change with it");
            self.note(NoteKind::Left, entry.key, message);
            return true;
        }
        false
    }

    /// An alias to a section, or into it, from outside of what is migrated.
    fn foreign_alias(&self, section: NodeId) -> Option<NodeId> {
        self.document.aliases_of(section).into_iter().find(|alias| {
            // A single value is what it was, wherever it stands.
            let target = self.document.resolve(*alias);
            if self.document.scalar(target).is_some() {
                return false;
            }
            // A section that merges it gets copies of what it takes.
            let merges = self.document.entry(*alias).is_some_and(|entry| self.document.key(entry) == Some("<<"));
            let parent = self.document.entry(*alias).and_then(|entry| self.document.parent(entry.key));
            let is_database = parent.is_some_and(|parent| {
                self.document.entries(parent).iter().any(|entry| {
                    let field = self.document.key(*entry).and_then(layouts::field);
                    matches!(field, Some(Field::Key(Key::Host | Key::Database | Key::Path) | Field::Url))
                })
            });
            !(merges && is_database)
        })
    }

    /// Leaves what cannot be written where it would have to go, and says why.
    fn leave_excluded(&mut self, part: &str, pieces: &[Piece]) -> bool {
        // What is left since its meaning would change is left in every environment.
        let plain = part.split_once("databases.").map_or(part, |(_, rest)| rest);
        let known = [part, &format!("databases.{plain}"), ""].into_iter().find_map(|part| self.excluded.get(part));
        let Some(what) = known.cloned() else { return false };
        for piece in pieces {
            if let Origin::Node { node, .. } = piece.found.origin() {
                let name = Self::shown(&piece.found.name);
                self.note(NoteKind::Left, node, format!("`{name}` is not migrated: {what}"));
            }
        }
        true
    }

    fn leave_placeless(&mut self, piece: &Piece) {
        let is_needed = matches!(piece.found.place, For::Role(_) | For::Failover | For::ByDatabaseName);
        if let (true, Origin::Node { node, .. }) = (is_needed, piece.found.origin()) {
            let name = Self::shown(&piece.found.name);
            let message = format!("`{name}` is not migrated: it does not say where its database is");
            self.note(NoteKind::Left, node, message);
        }
    }

    /// Asks what a section is for whose name does not say it.
    fn ask_for_role(&mut self, role: &Role, pieces: &[Piece], has_legacy: bool, settled: &mut Settled) {
        let Role::Other(name) = role else { return };
        if has_legacy
            && self.names.role(name).is_none()
            && let Some(piece) = pieces.first()
        {
            settled.questions.push(Question::Map { name: name.clone(), origin: piece.found.origin() });
        }
    }

    /// Settles which definition of a role counts. False if somebody has to decide it, and nothing is touched.
    fn choose(&mut self, role: &Role, pieces: &mut Vec<Piece>, decisions: &Decisions, settled: &mut Settled) -> bool {
        let disagree = |one: &Piece, other: &Piece| {
            !normalize::differences(&one.connection, &other.connection).is_empty() && !refers(&other.connection)
        };
        let Some(leader) = pieces.first() else { return false };
        if !pieces.iter().skip(1).any(|piece| disagree(leader, piece)) {
            return true;
        }
        let preferred = pieces.iter().position(|piece| {
            decisions.prefer.iter().any(|name| name == &piece.found.name || piece.found.aliases.contains(name))
        });
        let Some(preferred) = preferred else {
            let candidate = |piece: &Piece| Candidate {
                name: piece.found.name.clone(),
                shown: shown(&piece.connection),
                origin: piece.found.origin(),
            };
            let candidates: Vec<Candidate> = pieces.iter().map(candidate).collect();
            let names: Vec<String> = candidates.iter().map(|it| format!("`{}`", Self::shown(&it.name))).collect();
            if let Origin::Node { node, .. } = pieces[0].found.origin() {
                let message = format!(
                    "{role} is not migrated: {} name different places; `--prefer NAME` says which one stays",
                    names.join(" and ")
                );
                self.note(NoteKind::Left, node, message);
            }
            settled.questions.push(Question::Prefer { role: role.clone(), candidates });
            return false;
        };
        let winner = pieces.remove(preferred);
        let (losers, others): (Vec<Piece>, Vec<Piece>) =
            std::mem::take(pieces).into_iter().partition(|piece| disagree(&winner, piece));
        settled.losers.extend(losers.iter().map(|piece| piece.found.origin()));
        pieces.push(winner);
        pieces.extend(others);
        // What loses goes last, so that only what it alone knows is carried along.
        pieces.extend(losers);
        true
    }

    /// Moves the definitions of one role into one section; gives back its place.
    fn settle_role(
        &mut self,
        root: NodeId,
        role: &Role,
        pieces: &[Piece],
        credentials: &BTreeMap<NodeId, usize>,
    ) -> Option<Place> {
        let mut section: Option<Place> = None;
        let whole = pieces.first().is_some_and(|piece| piece.found.is_whole);
        for piece in pieces {
            if let Shape::Store(entry) = piece.shape
                && !self.is_store_moved(entry, piece)
            {
                continue;
            }
            let is_sqlite = piece.connection.is_sqlite();
            let own = match (section, piece.shape) {
                (None, Shape::Inner { server, name }) => Some(self.settle_inner(root, role, server, name)),
                (Some(leader), Shape::Inner { server, name }) => {
                    self.tell_duplicate(role, piece);
                    self.fold_inner(leader, server, name);
                    None
                }
                (None, Shape::Section(entry)) => Some(self.lead(root, role, entry)),
                (Some(_), Shape::Section(entry)) => Some(self.draft.place(entry.value)),
                (None, Shape::Store(entry)) => Some(self.settle_store(root, role, entry)),
                (Some(leader), Shape::Store(entry)) => {
                    self.drop_store(role, piece, entry, leader);
                    None
                }
                (leader, Shape::Flat) => self.settle_flat(root, role, piece, leader),
            };
            let Some(own) = own.filter(|own| Some(*own) != section && self.draft.is_attached(*own)) else { continue };
            self.canonicalise(own, is_sqlite);
            self.take_credentials(own, piece, credentials);
            match section {
                None => section = Some(own),
                Some(leader) => {
                    self.tell_duplicate(role, piece);
                    let is_loser = !normalize::differences(&pieces[0].connection, &piece.connection).is_empty();
                    self.absorb(own, leader, &|name| {
                        let is_identity = matches!(layouts::field(name), Some(Field::Key(key)) if key.is_identity());
                        !((whole || is_loser) && is_identity) && !(is_loser && layouts::field(name).is_some())
                    });
                }
            }
        }
        section
    }

    /// Brings the strongest section of a role to its place.
    fn lead(&mut self, root: NodeId, role: &Role, entry: Entry) -> Place {
        let place = self.draft.place(entry.value);
        let databases = self.databases(root, entry);
        if self.draft.parent(place) == Some(databases) {
            if self.document.key(entry) != Some(role.name()) {
                self.moves(entry);
                self.draft.rename(place, role.name());
            }
        } else {
            self.moves(entry);
            self.empties(place);
            self.draft.shift(place, databases, At::End, Some(role.name()));
        }
        place
    }

    /// The section `databases`, made before an entry if there is none.
    pub(super) fn databases(&mut self, root: NodeId, before: Entry) -> Place {
        let top = self.draft.place(root);
        if let Some(known) = self.draft.find(top, "databases") {
            if self.is_section(known) {
                return known;
            }
            self.replace(known, NewValue::Map(Vec::new()));
            return known;
        }
        let at = self.at_top_before(root, before);
        self.section(top, at, "databases")
    }

    /// A section for a role, made where it belongs.
    pub(super) fn section_of(&mut self, root: NodeId, role: &Role, before: Entry) -> Place {
        let databases = self.databases(root, before);
        self.section(databases, At::End, role.name())
    }

    fn tell_duplicate(&mut self, role: &Role, piece: &Piece) {
        if let Origin::Node { node, .. } = piece.found.origin() {
            let name = Self::shown(&piece.found.name);
            let message =
                format!("`{name}` describes {role} a second time; what it adds goes to the first, and it goes away");
            self.note(NoteKind::Duplicate, node, message);
            if let Some(entry) = self.document.entry(node) {
                self.gone.insert(self.document.path(entry.value).to_string());
            }
        }
    }

    /// Keys beside others that say together where a database is.
    fn settle_flat(&mut self, root: NodeId, role: &Role, piece: &Piece, leader: Option<Place>) -> Option<Place> {
        let nodes = nodes(&piece.found.connection, self.id);
        let containers: Vec<NodeId> = {
            let mut all: Vec<NodeId> = nodes.iter().filter_map(|node| self.document.parent(*node)).collect();
            all.dedup();
            all
        };
        let is_general = |place: &For| matches!(place, For::ByDatabaseName | For::Role(Role::Main));
        let mut entries: Vec<(Entry, Field)> = Vec::new();
        for container in containers {
            for entry in self.document.entries(container).to_vec() {
                let known = self.document.key(entry).and_then(|key| layouts::flat_key(key, self.names));
                let Some((place, field)) = known else { continue };
                let is_ours = place == piece.found.place || (is_general(&place) && is_general(&piece.found.place));
                let own = self.draft.place(entry.value);
                if is_ours && self.draft.is_attached(own) && !entries.iter().any(|(known, _)| *known == entry) {
                    entries.push((entry, field));
                }
            }
        }
        self.strong.extend(nodes);
        entries.sort_by_key(|(entry, _)| self.document.node(entry.key).span.start);
        let section = match (leader, entries.first()) {
            (Some(leader), _) => leader,
            (None, Some((first, _))) => self.section_of(root, role, *first),
            (None, None) => return None,
        };
        for is_strong in [true, false] {
            for (entry, field) in &entries {
                if self.strong.contains(&entry.value) == is_strong {
                    self.settle_flat_key(section, *entry, field);
                }
            }
        }
        Some(section)
    }

    fn settle_flat_key(&mut self, section: Place, entry: Entry, field: &Field) {
        let place = self.draft.place(entry.value);
        if !self.draft.is_attached(place) {
            return;
        }
        self.moves(entry);
        self.empties(place);
        match field {
            Field::Key(key) => self.settle(section, place, key.path()),
            Field::Url => self.put(place, section, "url"),
            Field::PerhapsEngine => self.put(place, section, "engine"),
            Field::Parameter(name) => self.settle(section, place, &format!("parameters.{name}")),
            Field::Ssl => self.put(place, section, "ssl"),
            _ => {}
        }
    }

    /// Removes the sections that have lost all that was in them. Their comments stay.
    fn remove_emptied(&mut self, settled: &Settled) {
        let root = self.draft.place(settled.root);
        let heir = settled.sections.values().next().copied();
        let mut waiting = std::mem::take(&mut self.emptied);
        // Who has an heir of its own goes first.
        waiting.sort_by_key(|(_, heir)| heir.is_some());
        while let Some((section, own_heir)) = waiting.pop() {
            if section == root || !self.draft.is_attached(section) || !self.draft.entries(section).is_empty() {
                continue;
            }
            waiting.extend(self.draft.parent(section).map(|parent| (parent, None)));
            self.draft.remove(section, own_heir.or(heir));
        }
    }
}

/// The nodes of a file that the settings of a connection stand at.
pub(super) fn nodes(connection: &crate::model::Connection, id: crate::model::SourceId) -> Vec<NodeId> {
    let settings = connection.settings.iter().map(|(_, setting)| setting);
    let all = settings.chain(connection.parameters.iter().map(|(_, setting)| setting));
    let node = |setting: &Setting| match setting.origin {
        Origin::Node { source, node, .. } if source == id => Some(node),
        _ => None,
    };
    let mut nodes: Vec<NodeId> = all.filter_map(node).collect();
    nodes.sort_unstable();
    nodes.dedup();
    nodes
}

/// Whether a connection says where it is by referring to what others say.
fn refers(connection: &crate::model::Connection) -> bool {
    [Key::Host, Key::Database].iter().any(|key| {
        let resolution = connection.settings.get(*key).and_then(|setting| setting.resolution.as_ref());
        resolution.is_some_and(|resolution| resolution.used.iter().any(|path| path.contains('.')))
    })
}

/// What tells a definition from others, masked.
fn shown(connection: &crate::model::Connection) -> String {
    let shown = |key: Key| connection.settings.value(key).map(|value| Work::shown(&value.shown()));
    if let Some(path) = shown(Key::Path) {
        return format!("SQLite {path}");
    }
    let user = shown(Key::Username).map(|user| format!("{user}@")).unwrap_or_default();
    let host = shown(Key::Host).unwrap_or_else(|| "(no host)".to_owned());
    let port = shown(Key::Port).map(|port| format!(":{port}")).unwrap_or_default();
    let database = shown(Key::Database).map(|database| format!("/{database}")).unwrap_or_default();
    format!("{user}{host}{port}{database}")
}
