//! Named servers: `app_postgres`, `mlflow_postgres`, and whatever else stands under `databases`, each with its host.

use crate::document::NodeId;
use crate::model::Role;

use super::Layout;
use super::canonical::define;
use super::credential_references::describes_a_place;
use super::families::classify;
use super::reader::{Place, Reader};
use super::section::Strictness;

pub(super) struct NamedServers;

impl Layout for NamedServers {
    fn name(&self) -> &'static str {
        "named servers"
    }

    fn read(&self, reader: &mut Reader<'_>, root: NodeId) {
        if let Some(databases) = reader.mapping_at(root, &["databases"]) {
            for (name, entry) in reader.named(databases) {
                // `_defaults`, `.base` and `x-base` hold what others merge.
                let is_base = name.starts_with(['_', '.']) || name.starts_with("x-");
                // `databases.primary_database_url` is a flat key.
                let is_flat = !reader.document.is_mapping(entry.value) && classify(&name, reader.names).is_some();
                if is_base || is_flat || !is_section(reader, entry.value) || !reader.claim(entry.value) {
                    continue;
                }
                let role = reader.names.role_or_name(&name);
                if matches!(role, Role::Other(_)) {
                    // Any other name is kept in the canonical schema, so that nothing is a legacy here.
                    reader.layout = "canonical";
                }
                define(reader, entry, &name, Place::Role(role), Strictness::Legacy);
                reader.layout = self.name();
            }
        }
        for (name, entry) in reader.named(root) {
            let is_named = ["_postgres", "_postgresql"].iter().any(|suffix| name.ends_with(suffix));
            if is_named && is_section(reader, entry.value) && reader.claim(entry.value) {
                let stem = name.trim_end_matches("_postgresql").trim_end_matches("_postgres").to_owned();
                let role = reader.names.role(&name).unwrap_or_else(|| reader.names.role_or_name(&stem));
                define(reader, entry, &name, Place::Role(role), Strictness::Legacy);
            }
        }
    }
}

fn is_section(reader: &Reader<'_>, value: NodeId) -> bool {
    if reader.document.is_mapping(value) {
        return describes_a_place(reader, value);
    }
    reader.document.text_of(value).is_some_and(|text| super::is_database_url(text) || text.starts_with("${"))
}
