//! Layouts: each way of writing database settings has one reader, and one registry holds them all.
//!
//! A layout claims the sections that it understands and says what they define. What the definitions of all layouts
//! and sources come down to is `normalize`'s business.

mod canonical;
mod compose;
mod credential_references;
mod database_service;
mod families;
mod family_draft;
mod faults;
mod flat_keys;
mod ini;
mod legacy_sections;
mod mlflow;
mod named_servers;
pub mod names;
mod one_server;
mod problems;
mod reader;
mod section;
mod services;
mod synonyms;
mod url;
mod values;
mod variables;

pub use mlflow::REFERRED;
pub use names::{Names, role_of_database};
pub use reader::{Found, FoundService, FoundStore, FoundUse, OpenReference, Place, Reader, Reading};
pub use synonyms::{Field, GroupName, field};
pub use url::{connection_of_url, connection_of_variable, is_database_url};
pub use values::{engine, switch};
pub use variables::flat_key;

use crate::document::NodeId;
use crate::model::{Role, Source, SourceId, SourceKind};

/// One way of writing database settings.
pub trait Layout: Sync {
    /// Its name, as the documentation and `show --origins` call it.
    fn name(&self) -> &'static str;

    /// Reads what it understands below `root`: the top of a document, or the overrides of one environment.
    fn read(&self, reader: &mut Reader<'_>, root: NodeId);
}

/// All layouts. A section belongs to the first that claims it.
pub static LAYOUTS: &[&dyn Layout] = &[
    &canonical::Canonical,
    &one_server::OneServer,
    &credential_references::CredentialReferences,
    &legacy_sections::LegacySections,
    &database_service::DatabaseService,
    &named_servers::NamedServers,
    &flat_keys::FlatKeys,
    &mlflow::MlflowIntegration,
    &services::Services,
    &ini::Ini,
    &compose::Compose,
];

/// Reads everything that one source says about databases.
pub fn read(id: SourceId, source: &Source, names: &Names) -> Reading {
    let mut reading = Reading::default();
    match &source.kind {
        SourceKind::Template => {}
        SourceKind::Process(variables) => variables::read_process(variables, names, &mut reading),
        SourceKind::Url(url) => {
            if let Some(connection) = url::connection_of_argument(url, &mut reading) {
                reading.found.push(Found::new("--url", "command line", Place::Role(Role::Main), connection));
            }
        }
        kind => {
            let Some(document) = &source.document else { return reading };
            reading.findings.extend(problems::findings(id, document));
            let mut reader = Reader::new(id, kind, document, names);
            for root in document.roots().to_vec() {
                if kind.is_variables() {
                    variables::read_file(&mut reader, root);
                } else {
                    read_root(&mut reader, root);
                }
            }
            reading.append(reader.finish());
        }
    }
    reading
}

fn read_root(reader: &mut Reader<'_>, root: NodeId) {
    if !reader.document.is_mapping(root) {
        return;
    }
    let environments = reader.document.get(root, "environments").map(|entry| entry.value);
    reader.root = root;
    if reader.kind.is_compose() {
        // The keys of a service are Docker's: one that is called `postgres` is no section of a database.
        reader.layout = compose::Compose.name();
        return compose::Compose.read(reader, root);
    }
    for layout in LAYOUTS {
        reader.layout = layout.name();
        layout.read(reader, root);
    }
    credential_references::report_unused(reader, root);
    let Some(environments) = environments.filter(|node| reader.document.is_mapping(*node)) else { return };
    for entry in reader.document.entries(environments).to_vec() {
        let Some(name) = reader.document.key(entry).map(str::to_owned) else { continue };
        if !reader.document.is_mapping(entry.value) {
            continue;
        }
        reader.enter_environment(&name);
        reader.root = entry.value;
        for layout in LAYOUTS {
            reader.layout = layout.name();
            layout.read(reader, entry.value);
        }
        reader.leave_environment();
    }
}
