//! `databases.{primary,secondary,backup}` that draw on `credentials.*`, by `credential_ref` or by convention only.

use crate::document::{Entry, NodeId};
use crate::finding::{self, Finding};
use crate::model::Key;
use crate::redact;

use super::Layout;
use super::reader::{Found, Place, Reader};
use super::section::{Section, Strictness};

pub(super) struct CredentialReferences;

/// Names under `credentials` that belong to an entry of `databases` without being named there.
const CONVENTIONS: &[(&str, &[&str])] = &[
    ("primary", &["postgresql_primary", "postgres_primary", "postgresql", "postgres", "primary"]),
    ("secondary", &["postgresql_secondary", "postgres_secondary", "secondary", "secondary_credentials"]),
    ("backup", &["sqlite_backup", "backup_db", "backup"]),
];

impl Layout for CredentialReferences {
    fn name(&self) -> &'static str {
        "credential references"
    }

    fn read(&self, reader: &mut Reader<'_>, root: NodeId) {
        if let Some(databases) = reader.mapping_at(root, &["databases"]) {
            for (name, entry) in reader.named(databases) {
                let is_ours = CONVENTIONS.iter().any(|(ours, _)| *ours == name)
                    || reader.document.get(entry.value, "credential_ref").is_some();
                if is_ours && !reader.document.is_blank(entry.value) && reader.claim(entry.value) {
                    entry_with_credentials(reader, root, &name, entry);
                }
            }
        }
        if let Some(credentials) = reader.mapping_at(root, &["credentials"]) {
            for (name, entry) in reader.named(credentials) {
                plain_credentials(reader, &name, entry);
            }
        }
        for name in ["postgresql", "postgres"] {
            if let Some(pool) = reader.mapping_at(root, &["services", name])
                && reader.claim(pool)
            {
                service_pool(reader, root, name, pool);
            }
        }
    }
}

fn entry_with_credentials(reader: &mut Reader<'_>, root: NodeId, name: &str, entry: Entry) {
    let mut section = reader.section(entry.value, Strictness::Legacy);
    let mut aliases = Vec::new();
    if let Some(credentials) = credentials_of(reader, root, name, &section) {
        // Two entries may share credentials; whoever comes first claims them for good.
        reader.claim(credentials.value);
        aliases.extend(reader.document.key(credentials).map(str::to_owned));
        let base = reader.section(credentials.value, Strictness::Legacy);
        section.connection.fill(base.connection, |_| true);
        super::section::settle_sqlite(&mut section.connection);
    }
    if !section.connection.is_place() {
        return;
    }
    let place = match name {
        "secondary" | "backup" if section.connection.is_sqlite() => Place::Failover,
        "secondary" | "backup" => Place::PerhapsFailover(name.to_owned()),
        _ => Place::Role(reader.names.role_or_name(name)),
    };
    let found = Found::new(name, "", place, section.connection);
    let found =
        Found { aliases, is_whole: section.has_url, replicas: section.replicas, failover: section.failover, ..found };
    reader.define(entry, found);
}

/// The credentials that an entry draws on: those that it names, or those of the convention if it names no place.
fn credentials_of(reader: &mut Reader<'_>, root: NodeId, name: &str, section: &Section) -> Option<Entry> {
    let document = reader.document;
    if let Some(reference) = section.credential_ref.filter(|node| !document.is_blank(*node)) {
        let target = document.text_of(reference)?.to_owned();
        let origin = reader.origin(reference);
        reader.add_use(origin.clone(), target.clone());
        let scopes = [reader.mapping_at(root, &["credentials"]), reader.mapping_at(root, &["databases"]), Some(root)];
        let last = target.rsplit('.').next().unwrap_or(&target).to_owned();
        let found = scopes.into_iter().flatten().find_map(|scope| document.get(scope, &last));
        if found.is_none() {
            let message = format!("`{}` is not defined under `credentials`", redact::show_text(&target));
            let help = "define it, or name one that is defined";
            reader.report(Finding::new(&finding::DANGLING_REFERENCE, origin, message).help(help));
        }
        return found.filter(|entry| document.is_mapping(entry.value));
    }
    let settings = &section.connection.settings;
    if [Key::Host, Key::Path, Key::Url].iter().any(|key| settings.get(*key).is_some()) {
        return None;
    }
    let credentials = reader.mapping_at(root, &["credentials"])?;
    let (_, candidates) = CONVENTIONS.iter().find(|(ours, _)| *ours == name)?;
    let found = candidates.iter().find_map(|candidate| document.get(credentials, candidate))?;
    document.is_mapping(found.value).then_some(found)
}

/// Credentials that no entry of `databases` draws on, if they describe a database of a known name.
fn plain_credentials(reader: &mut Reader<'_>, name: &str, entry: Entry) {
    let document = reader.document;
    if reader.is_claimed(entry.value) || !document.is_mapping(entry.value) {
        return;
    }
    let is_backup = CONVENTIONS.iter().any(|(ours, names)| *ours == "backup" && names.contains(&name));
    let role = reader.names.role(name);
    if (!is_backup && role.is_none()) || !describes_a_place(reader, entry.value) {
        return;
    }
    reader.claim(entry.value);
    let section = reader.section(entry.value, Strictness::Legacy);
    let place = match role {
        _ if is_backup && section.connection.is_sqlite() => Place::Failover,
        Some(role) => Place::Role(role),
        None => Place::PerhapsFailover(name.to_owned()),
    };
    reader.define(entry, Found { is_whole: section.has_url, ..Found::new(name, "", place, section.connection) });
}

/// Whether a mapping says where a database is, by any of the usual keys.
pub(super) fn describes_a_place(reader: &Reader<'_>, mapping: NodeId) -> bool {
    const TELLING: &[&str] = &[
        "host",
        "hostname",
        "url",
        "uri",
        "dsn",
        "db_host",
        "database",
        "dbname",
        "db_name",
        "db_path",
        "path",
        "connection_string",
        "same_server_as",
    ];
    TELLING
        .iter()
        .any(|key| reader.document.get(mapping, key).is_some_and(|entry| !reader.document.is_blank(entry.value)))
}

/// `services.postgresql` holds pool and retry settings of the main database, without saying where it is.
fn service_pool(reader: &mut Reader<'_>, root: NodeId, name: &str, pool: NodeId) {
    let Some(services) = reader.document.get(root, "services") else { return };
    let Some(entry) = reader.document.get(services.value, name) else { return };
    let section = reader.section(pool, Strictness::Legacy);
    if section.connection.settings.is_empty() {
        return;
    }
    let place = Place::Role(reader.names.role_or_name(name));
    reader.define(entry, Found::new(format!("services.{name}"), "", place, section.connection));
}
