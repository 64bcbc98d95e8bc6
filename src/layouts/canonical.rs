//! The canonical schema: `databases: {main, mlflow, vector}`.

use crate::document::{Entry, NodeId};
use crate::finding::Finding;
use crate::model::{Key, Role};
use crate::rules;
use crate::template;

use super::Layout;
use super::credential_references::joined;
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
                    Finding::new(&rules::syntax::wrong_type::INFO, origin, message)
                        .help("write `main:` with its keys below"),
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
            if !is_section(reader, entry.value) {
                reader.wrong_type(entry, "a section with the keys of a database, or a connection string");
                continue;
            }
            let place = Place::Role(Role::of_name(&name));
            define(reader, entry, &name, place, Strictness::Canonical);
        }
    }
}

/// Reads a section and adds it as a definition, with its replicas and failover.
pub(super) fn define(reader: &mut Reader<'_>, entry: Entry, name: &str, place: Place, strictness: Strictness) {
    let (section, aliases) = joined(reader, name, entry, strictness);
    let mut found = Found::new(name, "", place, section.connection);
    let settings = &found.connection.settings;
    if settings.is_empty() && found.connection.parameters.is_empty() {
        return;
    }
    if let Some(reference) = settings.get(Key::SameServerAs) {
        let (origin, target) = (reference.origin.clone(), reference.value.expose());
        reader.add_use(origin, target);
    }
    found.aliases = aliases;
    found.replicas = section.replicas;
    found.failover = section.failover;
    found.is_whole = section.has_url;
    reader.define(entry, found);
}

/// Whether a value can describe a database: a mapping, a connection string, or a variable that will be one.
fn is_section(reader: &Reader<'_>, value: NodeId) -> bool {
    let is_text = |text: &str| super::is_database_url(text) || text.starts_with("${") || template::is_placeholder(text);
    reader.document.is_mapping(value) || reader.document.text_of(value).is_some_and(is_text)
}
