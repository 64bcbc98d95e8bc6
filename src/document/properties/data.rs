//! Random trees of keys and values, written by others and compared with what is read.

use proptest::collection::vec;
use proptest::prelude::*;
use serde::Serialize;
use serde::ser::{SerializeMap, SerializeSeq, Serializer};

use crate::document::{Document, NodeId, NodeKind, ScalarType};

/// A tree as a person may mean it.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Data {
    Text(String),
    Integer(i64),
    Bool(bool),
    List(Vec<Data>),
    Map(Vec<(String, Data)>),
}

impl Serialize for Data {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Text(text) => serializer.serialize_str(text),
            Self::Integer(number) => serializer.serialize_i64(*number),
            Self::Bool(truth) => serializer.serialize_bool(*truth),
            Self::List(items) => {
                let mut list = serializer.serialize_seq(Some(items.len()))?;
                items.iter().try_for_each(|item| list.serialize_element(item))?;
                list.end()
            }
            Self::Map(entries) => {
                let mut map = serializer.serialize_map(Some(entries.len()))?;
                entries.iter().try_for_each(|(key, value)| map.serialize_entry(key, value))?;
                map.end()
            }
        }
    }
}

impl Data {
    /// What a document holds. What it has besides is no data of ours.
    pub(super) fn of(document: &Document, id: NodeId) -> Option<Self> {
        Some(match &document.node(id).kind {
            NodeKind::Mapping { entries, .. } => {
                let pairs = entries
                    .iter()
                    .map(|entry| Some((document.text_of(entry.key)?.to_owned(), Self::of(document, entry.value)?)));
                Self::Map(pairs.collect::<Option<_>>()?)
            }
            NodeKind::Sequence { items, .. } => {
                Self::List(items.iter().map(|item| Self::of(document, *item)).collect::<Option<_>>()?)
            }
            NodeKind::Scalar { .. } => {
                let scalar = document.scalar(id)?;
                match scalar.kind() {
                    ScalarType::Integer(number) => Self::Integer(number),
                    ScalarType::Bool(truth) => Self::Bool(truth),
                    _ => Self::Text(scalar.text.to_owned()),
                }
            }
            NodeKind::Alias { .. } => return None,
        })
    }

    /// Whether a text in it is one that YAML readers disagree about: granit-parser 2.1.0 reads line breaks alone as
    /// an empty text where they stand in a block, and YAML 1.1 has more line breaks than 1.2.
    pub(super) fn is_disputed(&self) -> bool {
        let disputed = |text: &str| {
            text.contains(['\u{85}', '\u{2028}', '\u{2029}'])
                || !text.is_empty() && text.chars().all(char::is_whitespace)
        };
        match self {
            Self::Text(text) => disputed(text),
            Self::Integer(_) | Self::Bool(_) => false,
            Self::List(items) => items.iter().any(Self::is_disputed),
            Self::Map(entries) => entries.iter().any(|(key, value)| disputed(key) || value.is_disputed()),
        }
    }

    /// The same in the order of the keys, for writers that put tables last.
    pub(super) fn sorted(self) -> Self {
        match self {
            Self::Map(entries) => {
                let mut entries: Vec<_> = entries.into_iter().map(|(key, value)| (key, value.sorted())).collect();
                entries.sort_by(|one, other| one.0.cmp(&other.0));
                Self::Map(entries)
            }
            Self::List(items) => Self::List(items.into_iter().map(Self::sorted).collect()),
            other => other,
        }
    }
}

/// A text that has something that a format cares about.
pub(super) fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-z]{0,8}",
        "\\PC{0,12}",
        "[ \\t\\n\\r:#'\"\\\\%$@!&*{}\\[\\],=|>-]{0,10}",
        any::<String>().prop_map(|text| text.chars().take(12).collect()),
        prop::sample::select(vec![
            "yes",
            "null",
            "~",
            "017",
            "1e3",
            "true",
            "0x1F",
            "2024-01-31",
            "<<",
            "- a",
            "\u{85}",
            "54:32"
        ])
        .prop_map(str::to_owned),
    ]
}

fn map(value: impl Strategy<Value = Data>) -> impl Strategy<Value = Data> {
    vec((text(), value), 0..5).prop_map(|mut entries| {
        let mut seen = std::collections::HashSet::new();
        entries.retain(|(key, _)| seen.insert(key.clone()));
        Data::Map(entries)
    })
}

/// A mapping, some levels deep.
pub(super) fn data() -> impl Strategy<Value = Data> {
    let leaf = prop_oneof![
        text().prop_map(Data::Text),
        any::<i64>().prop_map(Data::Integer),
        any::<bool>().prop_map(Data::Bool),
    ];
    let inner =
        leaf.prop_recursive(3, 24, 4, |inner| prop_oneof![vec(inner.clone(), 0..4).prop_map(Data::List), map(inner)]);
    map(inner)
}
