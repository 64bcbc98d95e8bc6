//! `postgres_primary`, `mlflow_alt_db`, `sqlite_backup`: at top level, under `databases`, or under `credentials`.

use crate::document::{Entry, NodeId};
use crate::model::{Key, Setting, Value};

use super::Layout;
use super::canonical::define;
use super::reader::{Found, Place, Reader};
use super::section::{Strictness, settle_sqlite};

pub(super) struct LegacySections;

impl Layout for LegacySections {
    fn name(&self) -> &'static str {
        "legacy sections"
    }

    fn read(&self, reader: &mut Reader<'_>, root: NodeId) {
        let nested = ["databases", "credentials"].map(|key| reader.mapping_at(root, &[key]));
        for scope in std::iter::once(root).chain(nested.into_iter().flatten()) {
            for (name, entry) in reader.named(scope) {
                let place = match name.as_str() {
                    "sqlite_backup" => Place::Failover,
                    "postgres_primary" | "postgresql_primary" | "mlflow_alt_db" => {
                        Place::Role(reader.names.role_or_name(&name))
                    }
                    _ => continue,
                };
                if reader.document.is_blank(entry.value) || !reader.claim(entry.value) {
                    continue;
                }
                match place {
                    Place::Failover => backup(reader, entry, &name),
                    place => define(reader, entry, &name, place, Strictness::Legacy),
                }
            }
        }
    }
}

/// `sqlite_backup` is a SQLite file, whatever it calls its path, or a path alone.
fn backup(reader: &mut Reader<'_>, entry: Entry, name: &str) {
    let mut section = reader.section(entry.value, Strictness::Legacy);
    let settings = &mut section.connection.settings;
    if !reader.document.is_mapping(entry.value)
        && settings.is_empty()
        && let Some(setting) = reader.setting(Key::Path, entry)
    {
        settings.set(Key::Path, setting);
    }
    if settings.get(Key::Engine).is_none() {
        settings.set(Key::Engine, Setting::new(Value::text("sqlite"), reader.origin(entry.key)));
    }
    settle_sqlite(&mut section.connection);
    if section.connection.is_place() {
        reader.define(entry, Found::new(name, "", Place::Failover, section.connection));
    }
}
