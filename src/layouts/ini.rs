//! `sqlalchemy.url` of `alembic.ini` and its kin; other INI sections are read like sections of settings.

use crate::document::NodeId;
use crate::model::SourceKind;

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
        for (section, entry) in reader.named(root) {
            let Some(url) = reader.document.get(entry.value, "sqlalchemy.url") else { continue };
            if !reader.claim(url.value) {
                continue;
            }
            // `Alembic`'s multi-database template has a section for each database.
            let place = match reader.names.role(&section) {
                Some(role) if section != "alembic" => Place::Role(role),
                _ => Place::ByDatabaseName,
            };
            if let Some(connection) = url::connection_at(reader, url.value) {
                let found = Found::new(format!("{section}.sqlalchemy.url"), "", place, connection);
                reader.define(url, Found { is_whole: true, ..found });
            }
        }
    }
}
