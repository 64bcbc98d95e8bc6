//! `sqlalchemy.url` of `alembic.ini` and its kin; other INI sections are read like sections of settings.

use crate::document::{Entry, NodeId};
use crate::model::{Connection, Key, Role, Setting, SourceKind, Value};
use crate::redact::Secret;

use super::Layout;
use super::reader::{Found, Place, Reader};
use super::url;

pub(super) struct Ini;

impl Layout for Ini {
    fn name(&self) -> &'static str {
        "alembic"
    }

    fn read(&self, reader: &mut Reader<'_>, root: NodeId) {
        if *reader.kind != SourceKind::Ini {
            return;
        }
        let mut sections = Vec::new();
        for (section, entry) in reader.named(root) {
            if let Some(url) = reader.document.get(entry.value, "sqlalchemy.url") {
                sections.push((section, url));
            }
        }
        let has_several = sections.len() > 1;
        for (section, url) in sections {
            if !reader.claim(url.value) {
                continue;
            }
            let name = format!("{section}.sqlalchemy.url");
            let place = place(reader, section, has_several);
            if let Some(connection) = connection(reader, url) {
                reader.define(url, Found { is_whole: true, ..Found::new(name, "", place, connection) });
            }
        }
    }
}

/// `Alembic`'s multi-database template has a section for each database, called as one likes.
fn place(reader: &Reader<'_>, section: String, has_several: bool) -> Place {
    if matches!(section.as_str(), "alembic" | "app:main") {
        return Place::ByDatabaseName;
    }
    match reader.names.role(&section) {
        Some(role) => Place::Role(role),
        None if has_several => Place::Role(Role::Other(section)),
        // `alembic --name` may choose any section, and the only one tells nothing by its name.
        None => Place::ByDatabaseName,
    }
}

/// A connection string, or a template that may turn out to be one.
fn connection(reader: &mut Reader<'_>, url: Entry) -> Option<Connection> {
    if let Some(connection) = url::connection_at(reader, url.value) {
        return Some(connection);
    }
    let text = reader.document.text_of(url.value)?;
    let setting = Setting::new(
        Value::Url { text: Secret::new(text), syntax: reader.syntax(url.value) },
        reader.origin(url.value),
    );
    let mut connection = Connection::default();
    connection.settings.set(Key::Url, setting);
    connection.settings.value(Key::Url).is_some_and(Value::is_template).then_some(connection)
}
