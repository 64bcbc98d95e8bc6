//! The inputs of a configuration, and what is known about their files.

use std::fmt;

use crate::document::{Document, NodeId, Span};
use crate::redact::{self, Secret};

use super::origin::{Location, Origin};

/// Which source of a configuration.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SourceId(u32);

/// One input.
#[derive(Debug)]
pub struct Source {
    /// The path as it was named or found, `<stdin>`, or words for an input without a path.
    pub name: String,
    /// What kind of input it is.
    pub kind: SourceKind,
    /// Its text and tree; none for variables, a URL, and what could not be read.
    pub document: Option<Document>,
    /// What is known about the file.
    pub facts: FileFacts,
}

/// The kinds of inputs. They decide precedence (see `normalize`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SourceKind {
    /// `settings*.{yaml,yml,toml,json}` and every other file of that kind.
    Settings {
        /// The environment that the file is for, by its name (`settings.production.yaml`); most are for all.
        environment: Option<String>,
    },
    /// `.env`, or `.env.NAME` for one environment.
    Env {
        /// The environment that the file is for; `.env` is for all. `.env.NAME.local` is for NAME.
        environment: Option<String>,
    },
    /// `.env.example`, `settings.example.yaml` and their kin: the keys that are expected, no values.
    Template,
    /// `alembic.ini` and other INI files.
    Ini,
    /// `docker-compose*.yml`.
    Compose {
        /// The environment that the file is for (`docker-compose.prod.yml`); most are for all.
        environment: Option<String>,
    },
    /// The process environment: names and values.
    Process(Vec<(String, Secret)>),
    /// A URL on the command line.
    Url(Secret),
}

/// What is known about a file without reading it, so that rules need no file system.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FileFacts {
    /// Whether there is such a file.
    pub exists: bool,
    /// The permission bits (`0o600`), where the platform has them.
    pub mode: Option<u32>,
    /// Whether it belongs to root, where files have owners.
    pub belongs_to_root: bool,
    /// Its length in bytes.
    pub length: u64,
    /// Whether it is a directory.
    pub is_directory: bool,
    /// Whether git ignores it, or would if it were there; none outside a work tree.
    pub ignored_by_git: Option<bool>,
}

/// All inputs of one configuration.
#[derive(Debug, Default)]
pub struct Sources(Vec<Source>);

impl Sources {
    /// Adds an input.
    pub fn add(&mut self, source: Source) -> SourceId {
        let id = SourceId(u32::try_from(self.0.len()).unwrap_or(u32::MAX));
        self.0.push(source);
        id
    }

    /// An input.
    pub fn get(&self, id: SourceId) -> &Source {
        &self.0[id.0 as usize]
    }

    /// All, in the order in which they were added.
    pub fn iter(&self) -> impl Iterator<Item = (SourceId, &Source)> {
        self.0.iter().enumerate().map(|(index, source)| (SourceId(u32::try_from(index).unwrap_or(u32::MAX)), source))
    }

    /// All, to change them.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = &mut Source> {
        self.0.iter_mut()
    }

    /// Whether nobody but compose files knows an environment: whoever is in it reads those, and the other files as they
    /// are on another machine.
    pub fn is_compose_environment(&self, name: &str) -> bool {
        let mut is_known = false;
        for source in &self.0 {
            let is_for_it = source.kind.environment() == Some(name);
            let has_section = |document: &Document| {
                document.roots().iter().any(|root| document.get_path(*root, ["environments", name]).is_some())
            };
            if source.kind.is_compose() {
                is_known |= is_for_it;
            } else if is_for_it || source.document.as_ref().is_some_and(has_section) {
                return false;
            }
        }
        is_known
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// An origin in words.
    pub fn locate(&self, origin: &Origin) -> Location {
        match origin {
            Origin::Node { source, node, span } => self.place(*source, *span, Some(*node)),
            Origin::Place { source, span } => self.place(*source, *span, None),
            Origin::File { source } => Location { path: self.get(*source).name.clone(), ..Location::default() },
            Origin::Variable { name } => Location { variable: Some(name.to_string()), ..Location::default() },
            Origin::CommandLine | Origin::Default => Location::default(),
        }
    }

    fn place(&self, source: SourceId, span: Span, node: Option<NodeId>) -> Location {
        let source = self.get(source);
        let path = source.name.clone();
        let Some(document) = &source.document else { return Location { path, ..Location::default() } };
        Location {
            path,
            start: Some(document.position(span.start)),
            end: Some(document.position(span.end)),
            key: node.map(|node| document.path(node)),
            variable: None,
        }
    }

    /// The line in which an origin starts, if it has one.
    pub fn line(&self, origin: &Origin) -> Option<u32> {
        let (Origin::Node { source, span, .. } | Origin::Place { source, span }) = origin else { return None };
        Some(self.get(*source).document.as_ref()?.position(span.start).line)
    }

    /// `settings.yaml:3:5`, `DB_HOST`, `command line` or `default`: masked and escaped, for a person to read.
    pub fn describe(&self, origin: &Origin) -> String {
        Self::describe_location(origin, &self.locate(origin))
    }

    /// The same of an origin that was located already.
    pub fn describe_location(origin: &Origin, location: &Location) -> String {
        // The path alone: what follows the colon behind `.env.secret` is no secret.
        let path = || redact::show_text(&location.path);
        match (origin, location.start) {
            (Origin::CommandLine, _) => "command line".to_owned(),
            (Origin::Default, _) => "default".to_owned(),
            (Origin::Variable { name }, _) => format!("environment variable {}", redact::escape(name)),
            (_, Some(start)) => format!("{}:{}:{}", path(), start.line, start.column),
            (_, None) => path(),
        }
    }
}

impl Source {
    /// Whether it is one person's own changes of an environment: `.env.production.local` beside `.env.production`,
    /// `settings.production.local.yaml`. `.env.local` is an environment of its own.
    pub fn is_local_override(&self) -> bool {
        let name = || self.name.rsplit(['/', '\\']).next().unwrap_or_default().to_ascii_lowercase();
        self.kind.environment().is_some_and(|environment| name().contains(&format!("{environment}.local")))
    }
}

impl SourceKind {
    /// The environment that the input is for; none is for all.
    pub fn environment(&self) -> Option<&str> {
        match self {
            Self::Settings { environment } | Self::Env { environment } | Self::Compose { environment } => {
                environment.as_deref()
            }
            _ => None,
        }
    }

    /// Whether the input is a compose file.
    pub fn is_compose(&self) -> bool {
        matches!(self, Self::Compose { .. })
    }

    /// Whether the input holds variables and not sections.
    pub fn is_variables(&self) -> bool {
        matches!(self, Self::Env { .. } | Self::Process(_))
    }
}

impl fmt::Display for SourceKind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Settings { .. } => "settings",
            Self::Env { .. } => "variables",
            Self::Template => "template",
            Self::Ini => "INI",
            Self::Compose { .. } => "compose",
            Self::Process(_) => "process environment",
            Self::Url(_) => "URL",
        })
    }
}

impl Origin {
    /// A node of a source.
    pub fn node(source: SourceId, document: &Document, node: NodeId) -> Self {
        Self::Node { source, node, span: document.node(node).span }
    }

    /// A part of a node of a source.
    pub fn part(source: SourceId, node: NodeId, span: Span) -> Self {
        Self::Node { source, node, span }
    }
}
