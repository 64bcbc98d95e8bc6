//! Where a value came from.

use crate::document::{KeyPath, NodeId, Position, Span};

use super::source::SourceId;

/// Where a value came from: small, since there is one for each value. [`super::Sources::locate`] says it in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// A node of a file, or a part of it (the host inside a URL).
    Node {
        /// The file.
        source: SourceId,
        /// The value, or the key of a section.
        node: NodeId,
        /// Where it stands.
        span: Span,
    },
    /// A place in a file that no node covers, such as a line that could not be read.
    Place {
        /// The file.
        source: SourceId,
        /// Where.
        span: Span,
    },
    /// A whole file.
    File {
        /// The file.
        source: SourceId,
    },
    /// A variable of the process environment.
    Variable {
        /// Its name.
        name: Box<str>,
    },
    /// The command line.
    CommandLine,
    /// The canonical schema.
    Default,
}

impl Origin {
    /// The file that it points into.
    pub fn source(&self) -> Option<SourceId> {
        match self {
            Self::Node { source, .. } | Self::Place { source, .. } | Self::File { source } => Some(*source),
            _ => None,
        }
    }
}

impl Origin {
    /// The byte of its source at which it starts; none for a whole file and for what is in none. In one source this is
    /// the order of lines and columns.
    pub fn start(&self) -> Option<u32> {
        match self {
            Self::Node { span, .. } | Self::Place { span, .. } => Some(span.start),
            _ => None,
        }
    }
}

/// An origin in words.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Location {
    /// The file as it was named or found; empty for a variable, the command line or a default.
    pub path: String,
    /// Where it starts; none for a whole file.
    pub start: Option<Position>,
    /// Where it ends (the column behind the last).
    pub end: Option<Position>,
    /// The key path in the file.
    pub key: Option<KeyPath>,
    /// The variable.
    pub variable: Option<String>,
}
