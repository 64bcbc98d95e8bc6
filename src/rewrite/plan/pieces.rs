//! What a file says, piece by piece: each definition with its role and its shape.

use std::collections::BTreeMap;

use crate::document::{Document, Entry, NodeId};
use crate::layouts::{self, Found, Names, Place as For};
use crate::model::{Configuration, Connection, Database, Definition, Origin, Outcome, Project, Role, Source, SourceId};

/// A part of a file that is planned by itself: the whole, or the overrides of one environment.
pub(super) struct Scope {
    /// The mapping.
    pub(super) root: NodeId,
    /// Its definitions, in the order of precedence.
    pub(super) pieces: Vec<Piece>,
    /// The environment whose overrides it holds.
    pub(super) environment: Option<String>,
}

/// One definition.
pub(super) struct Piece {
    pub(super) found: Found,
    /// What it defines.
    pub(super) part: Part,
    /// How it is written.
    pub(super) shape: Shape,
    /// What it comes down to, variables resolved.
    pub(super) connection: Connection,
}

/// What a definition is of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Part {
    /// A database.
    Database(Role),
    /// Something that takes over for main.
    Failover,
    /// A replica of main.
    Replica,
    /// It says nothing that counts: it does not say where the database is.
    Nothing,
}

/// How a definition is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    /// A section, or a connection string in place of one.
    Section(Entry),
    /// `databases.primary.databases.mlflow`, in the section of the server.
    Inner {
        /// The section of the server.
        server: Entry,
        /// The name of the database in it.
        name: Entry,
    },
    /// `backend_store_uri` in a section of `MLflow`.
    Store(Entry),
    /// Keys beside others.
    Flat,
}

/// The scopes of a file.
pub(super) fn scopes(
    project: &Project,
    id: SourceId,
    source: &Source,
    document: &Document,
    names: &Names,
) -> Vec<Scope> {
    let mut scopes: Vec<Scope> = Vec::new();
    for root in document.roots() {
        scopes.push(Scope { root: *root, pieces: Vec::new(), environment: None });
        let environments = document.get(*root, "environments").map(|entry| entry.value);
        for entry in environments.iter().flat_map(|node| document.entries(*node).to_vec()) {
            if document.is_mapping(entry.value) {
                let environment = document.key(entry).map(str::to_owned);
                scopes.push(Scope { root: entry.value, pieces: Vec::new(), environment });
            }
        }
    }
    let definitions = definitions(project);
    for found in layouts::read(id, source, names).found {
        let Some(node) = node_of(&found, id) else { continue };
        let Some(scope) = scope_of(&mut scopes, document, node) else { continue };
        let Some(shape) = shape(&found, document, node) else { continue };
        let environment = scope.environment.clone().or_else(|| source.kind.environment().map(str::to_owned));
        let known = definitions.get(&(environment, start(&found.origin()), found.name.clone()));
        let (part, connection) = match known {
            Some((database, definition)) => (part(&found, database, definition), definition.connection.clone()),
            None if found.place == For::Replica => (Part::Replica, found.connection.clone()),
            None => (Part::Nothing, found.connection.clone()),
        };
        scope.pieces.push(Piece { found, part, shape, connection });
    }
    scopes.retain(|scope| document.is_mapping(scope.root));
    scopes
}

type Start = (Option<SourceId>, Option<u32>);

fn start(origin: &Origin) -> Start {
    (origin.source(), origin.start())
}

/// All definitions of a project, by environment, place and name.
fn definitions(project: &Project) -> BTreeMap<(Option<String>, Start, String), (&Database, &Definition)> {
    let mut all = BTreeMap::new();
    let of = |it: &Configuration| it.environment.clone();
    for configuration in &project.configurations {
        for database in &configuration.databases {
            for definition in &database.definitions {
                let key = (of(configuration), start(&definition.origin), definition.name.clone());
                all.insert(key, (database, definition));
            }
        }
    }
    all
}

fn part(found: &Found, database: &Database, definition: &Definition) -> Part {
    let is_member = matches!(found.place, For::Failover | For::PerhapsFailover(_));
    match (&found.place, &database.role) {
        (For::Replica, _) => Part::Replica,
        (_, Role::Main) if is_member && definition.outcome == Outcome::Used => Part::Failover,
        (_, role) => Part::Database(role.clone()),
    }
}

/// The node by which a definition is found in its file.
fn node_of(found: &Found, id: SourceId) -> Option<NodeId> {
    match found.origin() {
        Origin::Node { source, node, .. } if source == id => Some(node),
        _ => None,
    }
}

/// The innermost scope that a node stands in.
fn scope_of<'scopes>(scopes: &'scopes mut [Scope], document: &Document, node: NodeId) -> Option<&'scopes mut Scope> {
    let mut at = Some(node);
    while let Some(node) = at {
        if let Some(index) = scopes.iter().position(|scope| scope.root == node) {
            return scopes.get_mut(index);
        }
        at = document.parent(node);
    }
    None
}

fn shape(found: &Found, document: &Document, node: NodeId) -> Option<Shape> {
    if found.origin.is_none() {
        return Some(Shape::Flat);
    }
    let entry = document.entry(node)?;
    if found.layout == "one server" {
        let server = document.entry(document.parent(document.parent(entry.key)?)?)?;
        return Some(Shape::Inner { server, name: entry });
    }
    if found.layout == "MLflow integration" {
        return Some(Shape::Store(entry));
    }
    Some(Shape::Section(entry))
}
