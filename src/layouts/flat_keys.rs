//! Flat keys: `postgres_host`, `mlflow_postgres_host`, `database_name` at top level, and the small sections
//! `postgres:` and `database:`.

use crate::document::NodeId;

use super::Layout;
use super::canonical::define;
use super::credential_references::describes_a_place;
use super::reader::{Place, Reader};
use super::section::Strictness;
use super::variables::{Collector, take_entry};

pub(super) struct FlatKeys;

/// Sections that hold the one database of a small application.
const SECTIONS: &[&str] = &["postgres", "postgresql", "database", "db", "pg"];

impl Layout for FlatKeys {
    fn name(&self) -> &'static str {
        "flat keys"
    }

    fn read(&self, reader: &mut Reader<'_>, root: NodeId) {
        for (name, entry) in reader.named(root) {
            if SECTIONS.contains(&name.as_str())
                && reader.document.is_mapping(entry.value)
                && describes_a_place(reader, entry.value)
                && reader.claim(entry.value)
            {
                define(reader, entry, &name, Place::ByDatabaseName, Strictness::Legacy);
            }
        }
        let nested = ["databases", "database", "database_service", "settings", "config"]
            .map(|key| reader.mapping_at(root, &[key]));
        for scope in std::iter::once(root).chain(nested.into_iter().flatten()) {
            // What was read as a section is not read again as flat keys.
            if reader.is_claimed(scope) {
                continue;
            }
            let mut collector = Collector::default();
            for (name, entry) in reader.named(scope) {
                if reader.document.is_blank(entry.value) || reader.is_claimed(entry.value) {
                    continue;
                }
                if !reader.document.items(entry.value).is_empty() {
                    replica_list(reader, &mut collector, &name, entry.value);
                } else if take_entry(reader, &mut collector, &name, entry) {
                    reader.claim(entry.value);
                }
            }
            reader.add_collected(collector, self.name());
        }
    }
}

/// `replica_database_urls: [..]`
fn replica_list(reader: &mut Reader<'_>, collector: &mut Collector, name: &str, list: NodeId) {
    let normal = super::synonyms::normalise(name).into_owned();
    if !matches!(normal.as_str(), "replica_database_urls" | "read_replica_urls") {
        return;
    }
    for item in reader.document.items(list).to_vec() {
        if let Some(text) = reader.document.text_of(item) {
            let (syntax, origin) = (reader.syntax(item), reader.origin(item));
            collector.take(&normal, text, syntax, &origin, reader.names);
        }
    }
}
