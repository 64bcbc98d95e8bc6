//! What a layout reads with, and what it has found.

use std::collections::HashSet;

use crate::document::{Document, Entry, NodeId};
use crate::finding::Finding;
use crate::model::{Connection, Origin, Role, Settings, SourceId, SourceKind, Store};

use super::names::Names;

/// What one or more sources say, before it is known what it comes down to.
#[derive(Clone, Debug, Default)]
pub struct Reading {
    /// Definitions of databases, in the order of precedence within their source.
    pub found: Vec<Found>,
    /// Definitions of services.
    pub services: Vec<FoundService>,
    /// Stores of `MLflow` that are no databases.
    pub stores: Vec<FoundStore>,
    /// Places that refer to a database by name.
    pub uses: Vec<FoundUse>,
    /// References to sections that are not in the same file.
    pub open: Vec<OpenReference>,
    /// Environments that have a section of their own.
    pub environments: Vec<String>,
    /// What is wrong.
    pub findings: Vec<Finding>,
}

impl Reading {
    /// Adds what another source says, behind this one.
    pub fn append(&mut self, mut other: Self) {
        self.found.append(&mut other.found);
        self.services.append(&mut other.services);
        self.stores.append(&mut other.stores);
        self.uses.append(&mut other.uses);
        self.open.append(&mut other.open);
        self.environments.append(&mut other.environments);
        self.findings.append(&mut other.findings);
    }
}

/// One definition of a database.
#[derive(Debug, Clone)]
pub struct Found {
    /// Its name in the source.
    pub name: String,
    /// Further names by which it is referred to: those of sections that it draws on.
    pub aliases: Vec<String>,
    /// The layout.
    pub layout: &'static str,
    /// Which database it is.
    pub place: Place,
    /// Where it stands.
    pub origin: Option<Origin>,
    /// The environment that it is for; none is for all.
    pub environment: Option<String>,
    /// What it says.
    pub connection: Connection,
    /// Its replicas, if it has a list of them: an empty list replaces a weaker one.
    pub replicas: Option<Vec<Connection>>,
    /// What takes over for it.
    pub failover: Option<Vec<Connection>>,
    /// Whether it names the whole place, as a URL does, so that nothing weaker fills its gaps.
    pub is_whole: bool,
    /// Whether it fills gaps only: libpq's own variables.
    pub is_fallback: bool,
    /// Whether it is what a server is told to create, and not what somebody connects to.
    pub is_server: bool,
}

/// Which database a definition is of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// The database of a role.
    Role(Role),
    /// The role that the name of its database tells, else main; `DATABASE_*` says nothing else.
    ByDatabaseName,
    /// Something that takes over for main.
    Failover,
    /// A failover of main if it holds the same database, else a database under its own name.
    PerhapsFailover(String),
    /// A replica of main.
    Replica,
}

impl Found {
    /// A definition without a place in a file.
    pub fn new(name: impl Into<String>, layout: &'static str, place: Place, connection: Connection) -> Self {
        Self {
            name: name.into(),
            aliases: Vec::new(),
            layout,
            place,
            origin: None,
            environment: None,
            connection,
            replicas: None,
            failover: None,
            is_whole: false,
            is_fallback: false,
            is_server: false,
        }
    }

    /// Where it stands, to point to.
    pub fn origin(&self) -> Origin {
        let first = || self.connection.first_origin().cloned();
        self.origin.clone().or_else(first).unwrap_or(Origin::Default)
    }
}

/// One definition of a service.
#[derive(Debug, Clone)]
pub struct FoundService {
    /// Its name: `mlflow`, `redis`, `auth`.
    pub name: String,
    /// The environment that it is for.
    pub environment: Option<String>,
    /// What it says.
    pub settings: Settings,
}

/// A store of `MLflow` that is no database.
#[derive(Debug, Clone)]
pub struct FoundStore {
    /// The environment that it is for.
    pub environment: Option<String>,
    /// What it is.
    pub store: Store,
}

/// A place that refers to a database by name.
#[derive(Debug, Clone)]
pub struct FoundUse {
    /// Where.
    pub origin: Origin,
    /// The name: of a section, or of a role.
    pub name: String,
    /// The environment.
    pub environment: Option<String>,
}

/// A reference to a section that may be in another file of the configuration.
#[derive(Debug, Clone)]
pub struct OpenReference {
    /// The name of the section.
    pub name: String,
    /// What is wrong if no file has it.
    pub finding: Finding,
}

/// A document with what has been read of it.
pub struct Reader<'document> {
    /// The source.
    pub source: SourceId,
    /// What kind of source it is.
    pub kind: &'document SourceKind,
    /// Its document.
    pub document: &'document Document,
    /// The table of names.
    pub names: &'document Names,
    /// The mapping that is read now: the top of a document, or the overrides of one environment.
    pub(super) root: NodeId,
    /// The layout that reads now.
    pub(super) layout: &'static str,
    environment: Option<String>,
    claimed: HashSet<NodeId>,
    reading: Reading,
}

impl<'document> Reader<'document> {
    pub(super) fn new(
        source: SourceId,
        kind: &'document SourceKind,
        document: &'document Document,
        names: &'document Names,
    ) -> Self {
        let environment = kind.environment().map(str::to_owned);
        Self {
            source,
            kind,
            document,
            names,
            root: document.roots().first().copied().unwrap_or_default(),
            layout: "",
            environment,
            claimed: HashSet::new(),
            reading: Reading::default(),
        }
    }

    pub(super) fn finish(self) -> Reading {
        self.reading
    }

    pub(super) fn enter_environment(&mut self, name: &str) {
        self.environment = Some(name.to_owned());
        self.reading.environments.push(name.to_owned());
    }

    pub(super) fn leave_environment(&mut self) {
        self.environment = self.kind.environment().map(str::to_owned);
    }

    /// Takes a value for the layout that reads now; false if another has it already. What several aliases stand for
    /// may be read once for each.
    pub(super) fn claim(&mut self, value: NodeId) -> bool {
        self.claimed.insert(value)
    }

    pub(super) fn is_claimed(&self, value: NodeId) -> bool {
        self.claimed.contains(&value)
    }

    /// The origin of a node.
    pub(super) fn origin(&self, node: NodeId) -> Origin {
        Origin::node(self.source, self.document, node)
    }

    /// Reports a finding.
    pub(super) fn report(&mut self, finding: Finding) {
        self.reading.findings.push(finding);
    }

    /// Reports a reference to a section, unless another file has it.
    pub(super) fn report_open(&mut self, name: impl Into<String>, finding: Finding) {
        self.reading.open.push(OpenReference { name: name.into(), finding });
    }

    /// Adds a definition that stands at the key of an entry.
    pub(super) fn define(&mut self, entry: Entry, mut found: Found) {
        found.origin = Some(self.origin(entry.key));
        self.add(found);
    }

    /// Adds a definition.
    pub(super) fn add(&mut self, mut found: Found) {
        found.environment.clone_from(&self.environment);
        if found.layout.is_empty() {
            found.layout = self.layout;
        }
        self.reading.found.push(found);
    }

    /// Adds a definition of a service, if it says anything.
    pub(super) fn add_service(&mut self, name: &str, settings: Settings) {
        if !settings.is_empty() {
            let environment = self.environment.clone();
            self.reading.services.push(FoundService { name: name.to_owned(), environment, settings });
        }
    }

    /// Adds a store of `MLflow` that is no database.
    pub(super) fn add_store(&mut self, store: Store) {
        let environment = self.environment.clone();
        self.reading.stores.push(FoundStore { environment, store });
    }

    /// Adds a place that refers to a database.
    pub(super) fn add_use(&mut self, origin: Origin, name: impl Into<String>) {
        let environment = self.environment.clone();
        self.reading.uses.push(FoundUse { origin, name: name.into(), environment });
    }

    /// The entries of a mapping whose keys are single values, with their keys.
    pub(super) fn named(&self, mapping: NodeId) -> Vec<(String, Entry)> {
        let entries = self.document.entries(mapping);
        entries.iter().filter_map(|entry| Some((self.document.key(*entry)?.to_owned(), *entry))).collect()
    }

    /// The value at a path below a mapping, if it is a mapping itself.
    pub(super) fn mapping_at(&self, root: NodeId, path: &[&str]) -> Option<NodeId> {
        let found = self.document.get_path(root, path.iter().copied())?;
        self.document.is_mapping(found).then_some(found)
    }
}
