//! One text with its tree: what every key and value is, where it stands, and how it is written.
//!
//! YAML, TOML, JSON, INI and `.env` become the same tree of [`Node`]s. Each format has exactly one parser, so that
//! nothing is ever read by two parsers that disagree. Reading never fails: what is wrong becomes a [`Problem`] with
//! its place, and the rest is still read. Nothing is copied that can be sliced: a node is a byte range of the text.

mod checks;
mod comments;
mod decode;
pub mod edit;
mod env;
mod ini;
mod json;
mod lines;
mod path;
mod problem;
mod repair;
pub mod scalar;
mod tabs;
#[cfg(test)]
mod told;
mod toml;
mod tree;
mod view;
mod yaml;

#[cfg(test)]
mod properties;

pub use comments::Comment;
pub use lines::{Lines, Position};
pub use path::{KeyPath, Segment};
pub use problem::{Cause, Problem, ProblemKind};
pub use scalar::ScalarType;
pub use tree::{Entry, Node, NodeId, NodeKind, ScalarStyle, Span, Structure};
pub use view::Scalar;

use std::collections::HashMap;
use std::fmt;

/// The largest file that is read, in bytes (16 MiB). A settings file of a person is a thousandth of it.
pub const SIZE_LIMIT: usize = 16 << 20;

/// The most keys and values in one file. A 5 MB settings file has half a million.
pub const NODE_LIMIT: usize = 1_000_000;

/// The most nodes that one node may stand for once its aliases are expanded; more is an alias bomb.
pub const EXPANSION_LIMIT: u64 = 2_000_000;

/// How a text is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Format {
    /// YAML 1.2, read as leniently as `PyYAML` reads it.
    Yaml,
    /// TOML 1.1.
    Toml,
    /// JSON (RFC 8259). Comments and trailing commas are reported, and read.
    Json,
    /// INI as Python's `configparser` reads it.
    Ini,
    /// `NAME=value` lines.
    Env,
}

impl Format {
    /// The format that a file of this name is written in, if the name tells.
    pub fn of_name(name: &str) -> Option<Self> {
        let lower = name.to_ascii_lowercase();
        let base = lower.rsplit(['/', '\\']).next().unwrap_or(&lower);
        if base.starts_with(".env.") {
            return Some(Self::Env);
        }
        match base.rsplit_once('.')?.1 {
            "yaml" | "yml" => Some(Self::Yaml),
            "toml" => Some(Self::Toml),
            "json" => Some(Self::Json),
            "ini" | "cfg" => Some(Self::Ini),
            "env" => Some(Self::Env),
            _ => None,
        }
    }

    /// The format that a text without a telling name is most likely written in.
    pub fn of_text(text: &str) -> Self {
        let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with(['#', ';']));
        let Some(first) = lines.next() else { return Self::Yaml };
        if first.starts_with('{') && !first.starts_with("{{") {
            return Self::Json;
        }
        let header = |line: &str| line.starts_with('[') && line.ends_with(']') && !line.contains(',');
        if header(first) {
            let quoted = text.lines().any(|line| line.split_once('=').is_some_and(|(_, value)| is_toml_value(value)));
            return if quoted { Self::Toml } else { Self::Ini };
        }
        let name = first.strip_prefix("export ").unwrap_or(first);
        match name.split_once('=') {
            Some((key, value)) if key.ends_with(' ') && is_toml_value(value) => Self::Toml,
            Some((key, _)) if key.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '.') => Self::Env,
            _ => Self::Yaml,
        }
    }
}

fn is_toml_value(text: &str) -> bool {
    let text = text.trim();
    text.starts_with(['"', '\'', '[', '{']) || text.parse::<f64>().is_ok() || text == "true" || text == "false"
}

/// A text and its tree.
///
/// Its `Debug` shows neither text nor values, since either may be a secret.
pub struct Document {
    format: Format,
    text: String,
    nodes: Vec<Node>,
    roots: Vec<NodeId>,
    comments: Vec<Comment>,
    marks: HashMap<NodeId, Marks>,
    irregular: view::Irregular,
    large: view::Large,
    problems: Vec<Problem>,
    lines: Lines,
}

/// What few nodes have: kept beside the tree, so that the many do not pay for it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Marks {
    /// Where `&name` stands, if the node is an anchor.
    pub anchor: Option<Span>,
    /// Where an explicit tag (`!vault`, `!!str`) stands.
    pub tag: Option<Span>,
}

impl Document {
    /// Reads bytes. Whatever they are, a document comes back; what is wrong with it stands in [`Document::problems`].
    pub fn parse(bytes: &[u8], format: Format) -> Self {
        let decoded = decode::decode(bytes);
        let mut tree = match (decoded.readable, format) {
            (false, _) => tree::Tree::default(),
            (true, Format::Yaml) => yaml::parse(&decoded),
            (true, Format::Toml) => toml::parse(&decoded),
            (true, Format::Json) => json::parse(&decoded),
            (true, Format::Ini) => ini::parse(&decoded),
            (true, Format::Env) => env::parse(&decoded),
        };
        let mut problems = decoded.problems;
        problems.append(&mut tree.problems);
        // A configuration may have thousands of documents, and all are kept.
        tree.nodes.shrink_to_fit();
        tree.comments.shrink_to_fit();
        let mut document = Self {
            format,
            lines: Lines::new(&decoded.text),
            text: decoded.text,
            nodes: tree.nodes,
            roots: tree.roots,
            comments: tree.comments,
            marks: tree.marks,
            irregular: view::Irregular::default(),
            large: view::Large::default(),
            problems,
        };
        document.link_unknown_aliases();
        document.find_duplicate_keys();
        document.find_alias_bombs();
        document.problems.sort_by_key(|problem| problem.span.start);
        document
    }

    /// A document of a file that is too large to be read.
    pub fn too_large(format: Format) -> Self {
        let mut document = Self::parse(b"", format);
        document.problems.push(Problem::new(ProblemKind::TooLarge, Span::default()));
        document
    }

    /// How the text is written.
    pub fn format(&self) -> Format {
        self.format
    }

    /// The whole text as it was read, byte for byte, except that bytes that are not UTF-8 are each a `?`.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// What is wrong with the text, in the order of the text.
    pub fn problems(&self) -> &[Problem] {
        &self.problems
    }

    /// The top node of each YAML document in the text; one node for every other format, none for an empty text.
    pub fn roots(&self) -> &[NodeId] {
        &self.roots
    }

    /// Anchor and tag of a node.
    pub fn marks(&self, id: NodeId) -> Option<&Marks> {
        self.marks.get(&id)
    }

    /// All comments, in the order of the text.
    pub fn comments(&self) -> &[Comment] {
        &self.comments
    }

    /// Line and column of a byte of the text.
    pub fn position(&self, offset: u32) -> Position {
        self.lines.position(&self.text, offset)
    }

    /// The id of every node, in the order of the text.
    pub fn node_ids(&self) -> impl Iterator<Item = NodeId> + use<> {
        (0..self.nodes.len()).map(NodeId::from_index)
    }
}

impl fmt::Debug for Document {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Document")
            .field("format", &self.format)
            .field("nodes", &self.nodes.len())
            .finish_non_exhaustive()
    }
}
