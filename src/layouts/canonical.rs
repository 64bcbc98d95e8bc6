//! The canonical schema: `databases: {main, mlflow, vector}`.

use crate::document::NodeId;
use crate::finding::{self, Finding};
use crate::model::Role;

use super::Layout;
use super::reader::{Found, Place, Reader};
use super::section::Strictness;

pub(super) struct Canonical;

impl Layout for Canonical {
    fn name(&self) -> &'static str {
        "canonical"
    }

    fn read(&self, reader: &mut Reader<'_>, root: NodeId) {
        let Some(databases) = reader.document.get(root, "databases") else { return };
        if !reader.document.is_mapping(databases.value) {
            if !reader.document.is_blank(databases.value) && reader.document.items(databases.value).is_empty() {
                let origin = reader.origin(databases.value);
                let message = "`databases` takes a mapping of names to sections, and this is a single value";
                reader.report(
                    Finding::new(&finding::WRONG_TYPE, origin, message).help("write `main:` with its keys below"),
                );
            }
            return;
        }
        for (name, entry) in reader.named(databases.value) {
            if !matches!(name.as_str(), "main" | "mlflow" | "vector") {
                continue;
            }
            if reader.document.is_blank(entry.value) || !reader.claim(entry.value) {
                continue;
            }
            let place = Place::Role(Role::of_name(&name));
            define(reader, entry, &name, place, Strictness::Canonical);
        }
    }
}

/// Reads a section and adds it as a definition, with its replicas and failover.
pub(super) fn define(
    reader: &mut Reader<'_>,
    entry: crate::document::Entry,
    name: &str,
    place: Place,
    strictness: Strictness,
) {
    let section = reader.section(entry.value, strictness);
    if section.connection.settings.is_empty() && section.connection.parameters.is_empty() {
        return;
    }
    if let Some(reference) = section.connection.settings.get(crate::model::Key::SameServerAs) {
        let (origin, target) = (reference.origin.clone(), reference.value.expose());
        reader.add_use(origin, target);
    }
    let mut found = Found::new(name, "", place, section.connection);
    found.replicas = section.replicas;
    found.failover = section.failover;
    found.is_whole = section.has_url;
    reader.define(entry, found);
}
