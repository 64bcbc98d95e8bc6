//! `postgres_primary`, `mlflow_alt_db`, `sqlite_backup`: at top level, under `databases`, or under `credentials`.

use crate::document::NodeId;

use super::Layout;
use super::canonical::define;
use super::reader::{Place, Reader};
use super::section::Strictness;

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
                if !reader.document.is_blank(entry.value) && reader.claim(entry.value) {
                    define(reader, entry, &name, place, Strictness::Legacy);
                }
            }
        }
    }
}
