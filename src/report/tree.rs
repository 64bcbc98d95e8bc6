//! An ordered tree of plain values, and its writers.

use serde::Serialize;
use serde::ser::{SerializeMap as _, SerializeSeq as _, Serializer};

/// A value to be written as YAML, TOML or JSON. Keys keep their order.
#[derive(Clone, Debug, PartialEq)]
pub enum Tree {
    /// Text.
    Text(String),
    /// A whole number.
    Integer(i64),
    /// A number with a fraction.
    Float(f64),
    /// True or false.
    Bool(bool),
    /// A list.
    List(Vec<Tree>),
    /// Keys with values.
    Map(Vec<(String, Tree)>),
}

impl Tree {
    /// Text.
    pub fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    /// A number that counts something.
    pub fn count(number: u32) -> Self {
        Self::Integer(i64::from(number))
    }

    /// Whether it is a list or map without content.
    pub fn is_empty(&self) -> bool {
        match self {
            Self::List(items) => items.is_empty(),
            Self::Map(entries) => entries.is_empty(),
            _ => false,
        }
    }

    /// Puts a value at a dotted path of a map.
    pub fn insert(&mut self, path: &str, value: Self) {
        let Self::Map(entries) = self else { return };
        let (key, rest) = path.split_once('.').map_or((path, None), |(key, rest)| (key, Some(rest)));
        let at = entries.iter().position(|(known, _)| known == key).unwrap_or_else(|| {
            entries.push((key.to_owned(), Self::Map(Vec::new())));
            entries.len() - 1
        });
        match rest {
            Some(rest) => entries[at].1.insert(rest, value),
            None => entries[at].1 = value,
        }
    }

    /// As JSON, indented, with a final newline.
    pub fn to_json(&self) -> String {
        serde_json::to_string_pretty(self).unwrap_or_default() + "\n"
    }

    /// As YAML.
    pub fn to_yaml(&self) -> String {
        serde_yaml::to_string(self).unwrap_or_default()
    }

    /// As TOML. A table's plain values come before its tables, as TOML wants it.
    pub fn to_toml(&self) -> String {
        toml::to_string_pretty(&self.clone().values_first()).unwrap_or_default()
    }

    fn values_first(self) -> Self {
        match self {
            Self::Map(entries) => {
                let entries = entries.into_iter().map(|(key, value)| (key, value.values_first()));
                let (plain, nested): (Vec<_>, Vec<_>) = entries.partition(|(_, value)| !value.is_nested());
                Self::Map(plain.into_iter().chain(nested).collect())
            }
            Self::List(items) => Self::List(items.into_iter().map(Self::values_first).collect()),
            plain => plain,
        }
    }

    fn is_nested(&self) -> bool {
        match self {
            Self::Map(_) => true,
            Self::List(items) => items.iter().any(Self::is_nested),
            _ => false,
        }
    }
}

impl Serialize for Tree {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Text(text) => serializer.serialize_str(text),
            Self::Integer(number) => serializer.serialize_i64(*number),
            Self::Float(number) => serializer.serialize_f64(*number),
            Self::Bool(switch) => serializer.serialize_bool(*switch),
            Self::List(items) => {
                let mut sequence = serializer.serialize_seq(Some(items.len()))?;
                for item in items {
                    sequence.serialize_element(item)?;
                }
                sequence.end()
            }
            Self::Map(entries) => {
                let mut map = serializer.serialize_map(Some(entries.len()))?;
                for (key, value) in entries {
                    map.serialize_entry(key, value)?;
                }
                map.end()
            }
        }
    }
}
