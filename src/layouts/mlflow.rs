//! `MLflow`'s integration: `backend_store_uri`, `tracking_uri`, `artifact_store`, `backend_options`, wherever they
//! stand.

use crate::document::{Entry, NodeId};
use crate::finding::Finding;
use crate::model::{Key, Role, Setting, Settings, Store, StorePart, Value};
use crate::redact::{self, Secret};
use crate::rules;

use super::Layout;
use super::reader::{Found, Place, Reader};
use super::synonyms::{GroupName, normalise};
use super::url;

pub(super) struct MlflowIntegration;

/// Where the section stands. Sections of these general names count only if they hold one of `MLflow`'s own keys.
const PLACES: &[&[&str]] = &[
    &["mlflow"],
    &["integrations", "mlflow"],
    &["services", "mlflow"],
    &["server"],
    &["cli"],
    &["tracking"],
    &["mlflow_config"],
];

impl Layout for MlflowIntegration {
    fn name(&self) -> &'static str {
        "MLflow integration"
    }

    fn read(&self, reader: &mut Reader<'_>, root: NodeId) {
        let mut sections: Vec<(Entry, bool)> = Vec::new();
        for place in PLACES {
            let (last, parents) = place.split_last().unwrap_or((&"", &[]));
            let parent = if parents.is_empty() { Some(root) } else { reader.mapping_at(root, parents) };
            let entry = parent.and_then(|parent| reader.document.get(parent, last));
            sections.extend(entry.map(|entry| (entry, place.contains(&"mlflow"))));
        }
        if let Some(services) = reader.mapping_at(root, &["services"]) {
            sections.extend(reader.named(services).into_iter().map(|(_, entry)| (entry, false)));
        }
        for (entry, is_named) in sections {
            let is_tracking =
                reader.document.key(entry) == Some("tracking") && reader.document.get(entry.value, "uri").is_some();
            let is_ours = is_named || is_tracking || has_own_keys(reader, entry.value);
            if is_ours && reader.document.is_mapping(entry.value) && reader.claim(entry.value) {
                section(reader, root, entry);
            }
        }
        let top = ["backend_store_uri", "tracking_uri", "artifact_store", "default_artifact_root"];
        let mut settings = Settings::default();
        for name in top {
            if let Some(entry) = reader.document.get(root, name) {
                field(reader, root, name, entry, &mut settings);
            }
        }
        reader.add_service("mlflow", settings);
    }
}

fn has_own_keys(reader: &Reader<'_>, mapping: NodeId) -> bool {
    ["backend_store_uri", "backend_options", "tracking_uri", "default_artifact_root", "artifact_store"]
        .iter()
        .any(|key| reader.document.get(mapping, key).is_some())
}

fn section(reader: &mut Reader<'_>, root: NodeId, entry: Entry) {
    let mut settings = Settings::default();
    let is_tracking = reader.document.key(entry) == Some("tracking");
    for (name, inner) in reader.named(entry.value) {
        let name = normalise(&name).into_owned();
        let name = if is_tracking && name == "uri" { "tracking_uri".to_owned() } else { name };
        field(reader, root, &name, inner, &mut settings);
    }
    reader.add_service("mlflow", settings);
}

fn field(reader: &mut Reader<'_>, root: NodeId, name: &str, entry: Entry, settings: &mut Settings) {
    let document = reader.document;
    if document.is_blank(entry.value) {
        return;
    }
    let key = match name {
        "backend_store_uri" | "backend_store" => return database(reader, entry, "backend_store_uri"),
        "backend_options" => return backend_options(reader, root, entry.value),
        "credential_ref" => return reference(reader, root, entry.value),
        "tracking" | "server" | "artifacts" if document.is_mapping(entry.value) => {
            for (inner, nested) in reader.named(entry.value) {
                let inner = normalise(&inner).into_owned();
                let inner = match (name, inner.as_str()) {
                    ("tracking", "uri" | "url") => "tracking_uri",
                    ("artifacts", "uri" | "root" | "location" | "store") => "artifact_store",
                    (_, other) => other,
                };
                field(reader, root, inner, nested, settings);
            }
            return;
        }
        "circuit_breaker" if document.is_mapping(entry.value) => {
            for (inner, nested) in reader.named(entry.value) {
                if let Some(key) = GroupName::Breaker.key(&normalise(&inner))
                    && let Some(setting) = reader.setting(key, nested)
                {
                    settings.add_weaker(key, setting);
                }
            }
            return;
        }
        // `artifact_store: {type: s3, bucket: ..}` is the application's own way of saying it.
        _ if document.scalar(entry.value).is_none() => return,
        "tracking_uri" => Key::TrackingUri,
        "artifact_store"
        | "artifact_root"
        | "default_artifact_root"
        | "artifact_location"
        | "artifact_uri"
        | "artifacts_destination" => Key::ArtifactStore,
        "experiment_name" | "experiment" => Key::ExperimentName,
        "timeout" | "connection_timeout" | "connect_timeout" | "request_timeout" => Key::Timeout,
        _ => return,
    };
    if key == Key::TrackingUri {
        database(reader, entry, "tracking_uri");
    }
    if let Some(setting) = reader.setting(key, entry) {
        settings.add_weaker(key, setting);
    }
}

/// A store that is a database defines it; placeholders leave it to somebody else.
fn database(reader: &mut Reader<'_>, entry: Entry, name: &str) {
    // A tracking URI that is a variable is most likely a server's; a store that is one is a database.
    let connection = match name {
        "tracking_uri" => url::connection_at(reader, entry.value),
        _ => reader.connection_or_open_url(entry.value),
    };
    let Some(connection) = connection else {
        if name == "backend_store_uri" {
            store(reader, entry, StorePart::Backend);
        }
        return;
    };
    let origin = reader.origin(entry.value);
    reader.add_use(origin, "mlflow");
    let found = Found::new(name, "", Place::Role(Role::Mlflow), connection);
    reader.define(entry, Found { is_whole: true, ..found });
}

/// Keeps a store that is no database as it is written.
fn store(reader: &mut Reader<'_>, entry: Entry, part: StorePart) {
    let Some(text) = reader.document.text_of(entry.value).filter(|_| !reader.document.is_blank(entry.value)) else {
        return;
    };
    let value = Value::Url { text: Secret::new(text), syntax: reader.syntax(entry.value) };
    let setting = Setting::new(value, reader.origin(entry.value));
    reader.add_store(Store { part, setting });
}

/// `backend_options: {primary: NAME, alternative: NAME, fallback: file://...}`
fn backend_options(reader: &mut Reader<'_>, root: NodeId, options: NodeId) {
    for (name, entry) in reader.named(options) {
        if !redact::is_secret_name(&name) {
            reference(reader, root, entry.value);
        }
        if name == "fallback" {
            store(reader, entry, StorePart::Fallback);
        }
    }
}

/// The sections whose entries are referred to by name, besides those at the top.
pub const REFERRED: [&str; 4] = ["credentials", "databases", "services", "integrations"];

/// A name that refers to a section; a URI and a placeholder refer to none.
fn reference(reader: &mut Reader<'_>, root: NodeId, node: NodeId) {
    let document = reader.document;
    let Some(text) = document.text_of(node).filter(|_| !document.is_blank(node)) else { return };
    let is_name = text.chars().all(|c| c.is_ascii_alphanumeric() || "_-.".contains(c));
    if !is_name || matches!(text, "auto_select" | "auto" | "none" | "true" | "false") {
        return;
    }
    let target = text.to_owned();
    let origin = reader.origin(node);
    let last = target.rsplit('.').next().unwrap_or(&target);
    let scopes = REFERRED.map(|key| reader.mapping_at(root, &[key]));
    let is_defined =
        std::iter::once(root).chain(scopes.into_iter().flatten()).any(|scope| document.get(scope, last).is_some());
    if !is_defined {
        let message = format!("`{}` is not defined", redact::show_text(&target));
        let help = "define a section of this name, or name one that is defined";
        let finding = Finding::new(&rules::layout::dangling_reference::INFO, origin.clone(), message).help(help);
        reader.report_open(last, finding);
    }
    reader.add_use(origin, last);
}
