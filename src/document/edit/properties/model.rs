//! What a text means to another reader, as a tree that the same changes are made to.

use std::cell::RefCell;
use std::rc::Rc;

use crate::document::{Document, Format};

use super::super::NewValue;

/// A tree that is shared, so that a part of it can be moved.
#[derive(Clone, Debug)]
pub(super) struct Model(pub(super) Rc<RefCell<Part>>);

/// A part of the tree.
#[derive(Debug)]
pub(super) enum Part {
    Map(Vec<(String, Model)>),
    List(Vec<Model>),
    Leaf(Data),
}

/// Plain data, to be compared.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Data {
    Null,
    Bool(bool),
    Integer(i64),
    Float(String),
    Text(String),
    Map(Vec<(String, Data)>),
    List(Vec<Data>),
}

impl Model {
    /// What the format's best known reader says of a text.
    pub(super) fn read(format: Format, text: &str) -> Option<Self> {
        let text = text.trim_start_matches('\u{FEFF}');
        let data = match format {
            Format::Yaml => {
                let mut documents = serde_yaml::Deserializer::from_str(text);
                let first = documents.next()?;
                of_yaml(&serde::Deserialize::deserialize(first).ok()?)
            }
            Format::Toml => of_toml(&toml::Value::Table(toml::from_str(text).ok()?)),
            Format::Json => {
                let plain: String =
                    text.lines().map(|line| line.split("//").next().unwrap_or("").to_owned() + "\n").collect();
                of_json(&serde_json::from_str(&plain).ok()?)
            }
            Format::Env | Format::Ini => of_lines(text, format),
        };
        Some(Self::new(&data))
    }

    fn new(data: &Data) -> Self {
        let part = match data {
            Data::Map(entries) => {
                Part::Map(entries.iter().map(|(key, value)| (key.clone(), Self::new(value))).collect())
            }
            Data::List(items) => Part::List(items.iter().map(Self::new).collect()),
            leaf => Part::Leaf(leaf.clone()),
        };
        Self(Rc::new(RefCell::new(part)))
    }

    pub(super) fn of_new(value: &NewValue) -> Self {
        Self::new(&of_new(value))
    }

    pub(super) fn data(&self) -> Data {
        match &*self.0.borrow() {
            Part::Map(entries) => Data::Map(entries.iter().map(|(key, value)| (key.clone(), value.data())).collect()),
            Part::List(items) => Data::List(items.iter().map(Self::data).collect()),
            Part::Leaf(leaf) => leaf.clone(),
        }
    }

    /// A tree of its own with the same data.
    pub(super) fn deep(&self) -> Self {
        Self::new(&self.data())
    }

    pub(super) fn children(&self) -> Vec<(Option<String>, Self)> {
        match &*self.0.borrow() {
            Part::Map(entries) => entries.iter().map(|(key, value)| (Some(key.clone()), value.clone())).collect(),
            Part::List(items) => items.iter().map(|item| (None, item.clone())).collect(),
            Part::Leaf(_) => Vec::new(),
        }
    }

    pub(super) fn is_list(&self) -> bool {
        matches!(&*self.0.borrow(), Part::List(_))
    }

    pub(super) fn is_leaf(&self) -> bool {
        matches!(&*self.0.borrow(), Part::Leaf(_))
    }

    /// Whether a part is this one or in it.
    pub(super) fn holds(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0) || self.children().iter().any(|(_, child)| child.holds(other))
    }

    pub(super) fn take(&self, child: &Self) {
        match &mut *self.0.borrow_mut() {
            Part::Map(entries) => entries.retain(|(_, value)| !Rc::ptr_eq(&value.0, &child.0)),
            Part::List(items) => items.retain(|item| !Rc::ptr_eq(&item.0, &child.0)),
            Part::Leaf(_) => {}
        }
    }

    pub(super) fn put(&self, at: usize, key: Option<&str>, child: Self) {
        match (&mut *self.0.borrow_mut(), key) {
            (Part::Map(entries), Some(key)) => entries.insert(at.min(entries.len()), (key.to_owned(), child)),
            (Part::List(items), None) => items.insert(at.min(items.len()), child),
            _ => {}
        }
    }

    pub(super) fn rename(&self, child: &Self, key: &str) {
        if let Part::Map(entries) = &mut *self.0.borrow_mut() {
            for (old, value) in entries.iter_mut() {
                if Rc::ptr_eq(&value.0, &child.0) {
                    key.clone_into(old);
                }
            }
        }
    }

    pub(super) fn replace(&self, value: &NewValue) {
        let new = Self::of_new(value);
        let part = std::mem::replace(&mut *new.0.borrow_mut(), Part::List(Vec::new()));
        *self.0.borrow_mut() = part;
    }
}

impl Data {
    /// What can be compared: some readers do not keep the order of keys, and lines hold nothing but text.
    pub(super) fn compared(self, format: Format) -> Self {
        match self {
            Self::Map(entries) => {
                let compared = entries.into_iter().map(|(key, value)| (key, value.compared(format)));
                let mut entries: Vec<_> = compared.collect();
                if matches!(format, Format::Json | Format::Toml) {
                    entries.sort_by(|one, other| one.0.cmp(&other.0));
                }
                Self::Map(entries)
            }
            Self::List(items) => Self::List(items.into_iter().map(|item| item.compared(format)).collect()),
            Self::Integer(number) if format == Format::Env => Self::Text(number.to_string()),
            Self::Float(number) if format == Format::Env => Self::Text(number),
            Self::Bool(truth) if format == Format::Env => Self::Text(truth.to_string()),
            other => other,
        }
    }
}

fn of_new(value: &NewValue) -> Data {
    match value {
        // The random changes have none.
        NewValue::Text(text) | NewValue::Written(text) => Data::Text(text.clone()),
        NewValue::Integer(number) => Data::Integer(*number),
        NewValue::Float(number) => Data::Float(format!("{number:?}")),
        NewValue::Bool(truth) => Data::Bool(*truth),
        NewValue::Map(entries) => Data::Map(entries.iter().map(|(key, value)| (key.clone(), of_new(value))).collect()),
        NewValue::List(items) => Data::List(items.iter().map(of_new).collect()),
    }
}

fn of_yaml(value: &serde_yaml::Value) -> Data {
    match value {
        serde_yaml::Value::Null => Data::Null,
        serde_yaml::Value::Bool(truth) => Data::Bool(*truth),
        serde_yaml::Value::Number(number) => {
            number.as_i64().map_or_else(|| Data::Float(format!("{:?}", number.as_f64().unwrap_or(0.0))), Data::Integer)
        }
        serde_yaml::Value::String(text) => Data::Text(text.clone()),
        serde_yaml::Value::Sequence(items) => Data::List(items.iter().map(of_yaml).collect()),
        serde_yaml::Value::Mapping(entries) => {
            let key = |key: &serde_yaml::Value| match of_yaml(key) {
                Data::Text(text) => text,
                other => format!("{other:?}"),
            };
            Data::Map(entries.iter().map(|(name, value)| (key(name), of_yaml(value))).collect())
        }
        serde_yaml::Value::Tagged(tagged) => of_yaml(&tagged.value),
    }
}

fn of_json(value: &serde_json::Value) -> Data {
    match value {
        serde_json::Value::Null => Data::Null,
        serde_json::Value::Bool(truth) => Data::Bool(*truth),
        serde_json::Value::Number(number) => {
            number.as_i64().map_or_else(|| Data::Float(format!("{:?}", number.as_f64().unwrap_or(0.0))), Data::Integer)
        }
        serde_json::Value::String(text) => Data::Text(text.clone()),
        serde_json::Value::Array(items) => Data::List(items.iter().map(of_json).collect()),
        serde_json::Value::Object(entries) => {
            Data::Map(entries.iter().map(|(key, value)| (key.clone(), of_json(value))).collect())
        }
    }
}

fn of_toml(value: &toml::Value) -> Data {
    match value {
        toml::Value::String(text) => Data::Text(text.clone()),
        toml::Value::Integer(number) => Data::Integer(*number),
        toml::Value::Float(number) => Data::Float(format!("{number:?}")),
        toml::Value::Boolean(truth) => Data::Bool(*truth),
        toml::Value::Datetime(time) => Data::Text(time.to_string()),
        toml::Value::Array(items) => Data::List(items.iter().map(of_toml).collect()),
        toml::Value::Table(entries) => {
            Data::Map(entries.iter().map(|(key, value)| (key.clone(), of_toml(value))).collect())
        }
    }
}

/// There is no other reader of `.env` files at hand; ours has tests of its own.
fn of_lines(text: &str, format: Format) -> Data {
    let document = Document::parse(text.as_bytes(), format);
    let Some(root) = document.roots().first() else { return Data::Map(Vec::new()) };
    let text_of = |node| document.text_of(node).unwrap_or_default().to_owned();
    let entries = document.entries(*root);
    Data::Map(entries.iter().map(|entry| (text_of(entry.key), Data::Text(text_of(entry.value)))).collect())
}
