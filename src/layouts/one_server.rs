//! One server for all: `databases.primary` with a host, and a nested map of what its databases are called.

use crate::document::NodeId;
use crate::model::{Key, Setting};

use super::Layout;
use super::reader::{Found, Place, Reader};
use super::section::Strictness;
use super::values::typed;

pub(super) struct OneServer;

impl Layout for OneServer {
    fn name(&self) -> &'static str {
        "one server"
    }

    fn read(&self, reader: &mut Reader<'_>, root: NodeId) {
        let Some(databases) = reader.mapping_at(root, &["databases"]) else { return };
        for (name, entry) in reader.named(databases) {
            let Some(nested) = reader.mapping_at(entry.value, &["databases"]) else { continue };
            if !reader.claim(entry.value) {
                continue;
            }
            let section = reader.section(entry.value, Strictness::Legacy);
            for (label, inner) in reader.named(nested) {
                let role = reader.names.role_or_name(&label);
                let mut connection = section.connection.clone();
                if reader.document.is_mapping(inner.value) {
                    let mut own = reader.section(inner.value, Strictness::Legacy).connection;
                    own.fill(connection, |_| true);
                    connection = own;
                } else if let Some(text) = reader.document.text_of(inner.value).filter(|text| !text.is_empty()) {
                    let value = typed(Key::Database, text, reader.syntax(inner.value), false);
                    connection.settings.set(Key::Database, Setting::new(value, reader.origin(inner.value)));
                }
                let found = Found::new(format!("{name}.databases.{label}"), "", Place::Role(role), connection);
                reader.define(inner, Found { aliases: vec![name.clone(), label], ..found });
            }
        }
    }
}
