//! The `DatabaseService` section: `postgres_std`, `postgres_mlflow`, `postgres_vector`, often with a merge base.

use crate::document::NodeId;

use super::Layout;
use super::canonical::define;
use super::reader::{Place, Reader};
use super::section::Strictness;

pub(super) struct DatabaseService;

impl Layout for DatabaseService {
    fn name(&self) -> &'static str {
        "database service"
    }

    fn read(&self, reader: &mut Reader<'_>, root: NodeId) {
        let scopes = ["databases", "database_service"].map(|key| reader.mapping_at(root, &[key]));
        for scope in std::iter::once(root).chain(scopes.into_iter().flatten()) {
            for (name, entry) in reader.named(scope) {
                let is_ours = matches!(name.as_str(), "postgres_std" | "postgres_mlflow" | "postgres_vector");
                if is_ours && !reader.document.is_blank(entry.value) && reader.claim(entry.value) {
                    let place = Place::Role(reader.names.role_or_name(&name));
                    define(reader, entry, &name, place, Strictness::Legacy);
                }
            }
        }
    }
}
