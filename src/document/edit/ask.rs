//! What planners ask a draft about its places.

use std::fmt;

use crate::document::{KeyPath, NodeId, NodeKind};

use super::tree::Value;
use super::{Draft, EditError, Place};

impl Draft<'_> {
    /// The section or list that a place stands in now, or stood in when it was removed; none for the top.
    pub fn parent(&self, place: Place) -> Option<Place> {
        self.slot(place).parent
    }

    /// The key path of a place as the draft stands now.
    pub fn path(&self, place: Place) -> KeyPath {
        self.path_of(place)
    }

    /// Whether a place holds keys with values, as the draft stands now.
    pub fn is_section(&self, place: Place) -> bool {
        match &self.slot(place).value {
            Value::Old(node) | Value::Copy(node) => {
                matches!(self.document().node(*node).kind, NodeKind::Mapping { .. })
            }
            Value::Map => true,
            Value::Scalar(_) | Value::List => false,
        }
    }

    /// The values of the document that were removed or replaced; what was moved out of them before may still be part of
    /// the draft.
    pub fn detached(&self) -> Vec<NodeId> {
        let slots = self.slots.iter().enumerate();
        let mut nodes = Vec::new();
        for (index, slot) in slots {
            let Some(origin) = slot.origin else { continue };
            let place = Place(u32::try_from(index).unwrap_or(u32::MAX));
            if !matches!(slot.value, Value::Old(_)) || !self.is_attached(place) {
                nodes.push(origin.value);
            }
        }
        nodes
    }
}

impl fmt::Display for EditError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Differs { path } => write!(formatter, "differs {path}"),
            Self::Comments => formatter.write_str("a comment"),
            Self::Unsupported { path, what } => write!(formatter, "{path}: {what}"),
        }
    }
}
