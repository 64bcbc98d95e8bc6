//! Connection strings in parts: the fields that stand in the place of a URL.

use crate::document::NodeId;
use crate::document::edit::{At, NewValue, Place};
use crate::finding::Severity;
use crate::layouts::{self, Field};
use crate::model::{Connection, Key, NoteKind, Origin};
use crate::template::{Syntax, Template};

use super::value;
use super::work::Work;

impl Work<'_> {
    /// Puts fields in the place of the connection strings of a section. They win over the fields beside them.
    pub(super) fn split_urls(&mut self, section: Place) {
        let entries = self.draft.entries(section);
        for (name, place) in entries.iter().filter(|(name, _)| layouts::field(name) == Some(Field::Url)) {
            let Some(node) = self.draft.node(*place) else { continue };
            let Some(connection) = self.read_url(node) else {
                if name != "url" && !self.document.is_blank(node) && self.draft.find(section, "url").is_none() {
                    self.draft.rename(*place, "url");
                }
                continue;
            };
            self.insert_fields(section, *place, &connection);
        }
    }

    /// Puts the fields of a connection before an entry, and drops it. What stood beside it and says the same is dropped.
    fn insert_fields(&mut self, section: Place, place: Place, connection: &Connection) {
        let mut first = None;
        for (path, new) in fields(connection) {
            for (name, beside) in self.draft.entries(section) {
                let is_same = matches!(layouts::field(&name), Some(Field::Key(key)) if key.path() == path);
                if is_same && beside != place && self.draft.node(beside).is_some() {
                    self.drop_beside(beside, &new);
                }
            }
            let inserted = match path.split_once('.') {
                Some((group, key)) => {
                    let into = self.section(section, At::Before(place), group);
                    self.draft.insert(into, At::End, Some(key), new)
                }
                None => self.draft.insert(section, At::Before(place), Some(&path), new),
            };
            first.get_or_insert(inserted);
        }
        if let Some(first) = first {
            self.draft.give_comments(place, first);
            self.taken_apart.extend(self.draft.node(place));
        }
        self.drop_entry(place, first);
    }

    /// Drops a field beside a URL that says the same, or loses against it.
    fn drop_beside(&mut self, beside: Place, new: &NewValue) {
        let Some(node) = self.draft.node(beside) else { return };
        let is_same = self.document.text_of(node).map(str::to_owned) == as_text(new) || self.document.is_blank(node);
        if !is_same {
            let path = self.document.path(node).to_string();
            let message = format!("`{path}` is not used, since the URL beside it wins; it is dropped");
            self.note(NoteKind::Duplicate, node, message);
        }
        self.drop_entry(beside, None);
    }

    /// Turns an entry or item that is a connection string into a section.
    pub(super) fn unfold(&mut self, place: Place) {
        let Some(node) = self.draft.node(place) else { return };
        let Some(connection) = self.read_url(node) else { return };
        let map = map_of(&connection);
        self.replace(place, map);
    }

    /// What a connection string says; nothing if it is none, or cannot be taken apart without a doubt.
    pub(super) fn read_url(&mut self, node: NodeId) -> Option<Connection> {
        let text = self.document.text_of(node)?;
        if text.is_empty() {
            return None;
        }
        let mut findings = Vec::new();
        let connection = layouts::connection_of_variable(text, Syntax::Braces, &Origin::Default, &mut findings);
        let Some(connection) = connection else {
            if text.starts_with("${") {
                let message = "the URL is in a variable, so that it stays whole under the key `url`";
                self.note(NoteKind::Care, node, message);
            }
            return None;
        };
        let is_doubtful = findings.iter().any(|finding| {
            finding.severity >= Severity::Warning && matches!(finding.rule.id, "unparsable" | "dialect-ambiguity")
        });
        let is_hidden = connection
            .settings
            .iter()
            .any(|(key, setting)| key == Key::Host && matches!(setting.value, crate::model::Value::Secret { .. }));
        // What stands encoded in the URL would become a reference in a field.
        let becomes_reference = text.to_ascii_lowercase().contains("%24")
            && fields(&connection).iter().any(|(_, value)| as_text(value).is_some_and(|text| text.contains("${")));
        if is_doubtful || is_hidden || becomes_reference {
            let message = "this URL cannot be taken apart without a doubt, so that it stays whole";
            self.note(NoteKind::Left, node, message);
            return None;
        }
        let password = connection.settings.value(Key::Password);
        if password.is_some_and(|password| !Template::parse(&password.expose(), Syntax::Braces).is_literal()) {
            let message = "the password of this URL is a variable, which holds it percent-encoded if it has special characters; a field takes it as it is";
            self.note(NoteKind::Care, node, message);
        }
        Some(connection)
    }
}

/// The fields of a connection in the order of the schema; the default engine is not said.
pub(super) fn fields(connection: &Connection) -> Vec<(String, NewValue)> {
    let mut fields = Vec::new();
    for (key, setting) in connection.settings.iter() {
        let is_default = key == Key::Engine && setting.value.expose() == "postgresql";
        if !is_default {
            fields.push((key.path().to_owned(), value::of_value(&setting.value)));
        }
    }
    for (name, setting) in connection.parameters.iter() {
        fields.push((format!("parameters.{name}"), value::of_value(&setting.value)));
    }
    fields
}

/// A connection as a section.
pub(super) fn map_of(connection: &Connection) -> NewValue {
    let mut map: Vec<(String, NewValue)> = Vec::new();
    for (path, value) in fields(connection) {
        match path.split_once('.') {
            None => map.push((path, value)),
            Some((group, key)) => match map.iter_mut().find(|(name, _)| name == group) {
                Some((_, NewValue::Map(inner))) => inner.push((key.to_owned(), value)),
                _ => map.push((group.to_owned(), NewValue::Map(vec![(key.to_owned(), value)]))),
            },
        }
    }
    NewValue::Map(map)
}

/// A single value as text, to see whether two say the same.
pub(super) fn as_text(value: &NewValue) -> Option<String> {
    match value {
        NewValue::Text(text) | NewValue::Written(text) => Some(text.clone()),
        NewValue::Integer(number) => Some(number.to_string()),
        NewValue::Float(number) => Some(number.to_string()),
        NewValue::Bool(switch) => Some(switch.to_string()),
        NewValue::Map(_) | NewValue::List(_) => None,
    }
}
