//! `databases.{primary,secondary,backup}` that draw on `credentials.*`, by `credential_ref` or by convention only.

use std::collections::HashSet;

use crate::document::{Document, Entry, NodeId, NodeKind};
use crate::finding::Finding;
use crate::model::Key;
use crate::redact;
use crate::rules;

use super::Layout;
use super::reader::{Found, Place, Reader};
use super::section::{Section, Strictness, settle_sqlite};
use super::synonyms::{self, Field};
use super::url::is_database_url;
use super::values::engine;

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
                    entry_with_credentials(reader, &name, entry);
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

/// The section of an entry, with the credentials that it draws on filled in, and the names of those.
pub(super) fn joined(
    reader: &mut Reader<'_>,
    name: &str,
    entry: Entry,
    strictness: Strictness,
) -> (Section, Vec<String>) {
    let mut section = reader.section(entry.value, strictness);
    let mut aliases = Vec::new();
    if let Some(credentials) = credentials_of(reader, name, &section) {
        // Two entries may share credentials; whoever comes first claims them for good.
        reader.claim(credentials.value);
        aliases.extend(reader.document.key(credentials).map(str::to_owned));
        let base = reader.section(credentials.value, Strictness::Legacy);
        section.connection.fill(base.connection, |_| true);
        settle_sqlite(&mut section.connection);
    }
    (section, aliases)
}

fn entry_with_credentials(reader: &mut Reader<'_>, name: &str, entry: Entry) {
    let (section, aliases) = joined(reader, name, entry, Strictness::Legacy);
    let is_open = section.connection.settings.get(Key::Url).is_some();
    if !section.connection.is_place() && !is_open {
        return;
    }
    let place = match (name, reader.names.role(name)) {
        // Somebody has said what it is for.
        (_, Some(role)) => Place::Role(role),
        ("secondary" | "backup", _) if section.connection.is_sqlite() => Place::Failover,
        ("secondary" | "backup", _) => Place::PerhapsFailover(name.to_owned()),
        _ => Place::Role(reader.names.role_or_name(name)),
    };
    let found = Found::new(name, "", place, section.connection);
    let found =
        Found { aliases, is_whole: section.has_url, replicas: section.replicas, failover: section.failover, ..found };
    reader.define(entry, found);
}

/// The credentials that an entry draws on: those that it names, or those of the convention if it names no place.
fn credentials_of(reader: &mut Reader<'_>, name: &str, section: &Section) -> Option<Entry> {
    let document = reader.document;
    // The overrides of an environment draw on the credentials of the file.
    let roots = [Some(reader.root), document.roots().first().copied()];
    let scopes = roots.into_iter().flatten().flat_map(|root| {
        let nested = ["credentials", "databases"].map(|key| reader.mapping_at(root, &[key]));
        nested.into_iter().flatten().chain([root])
    });
    let scopes: Vec<NodeId> = scopes.collect();
    if let Some(reference) = section.credential_ref.filter(|node| !document.is_blank(*node)) {
        let target = document.text_of(reference)?.to_owned();
        let origin = reader.origin(reference);
        reader.add_use(origin.clone(), name);
        let last = target.rsplit('.').next().unwrap_or(&target).to_owned();
        let found = scopes.into_iter().find_map(|scope| document.get(scope, &last));
        if found.is_none() {
            let message = format!("`{}` is not defined under `credentials`", redact::show_text(&target));
            let help = "define it, or name one that is defined";
            let finding = Finding::new(&rules::layout::dangling_reference::INFO, origin, message).help(help);
            reader.report_open(last, finding);
        }
        return found.filter(|entry| document.is_mapping(entry.value));
    }
    let settings = &section.connection.settings;
    if [Key::Host, Key::Path, Key::Url, Key::SameServerAs].iter().any(|key| settings.get(*key).is_some()) {
        return None;
    }
    let credentials = reader.mapping_at(reader.root, &["credentials"])?;
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

/// Reports the credentials of databases that no layout has read, in a file that refers to credentials by name.
pub(super) fn report_unused(reader: &mut Reader<'_>, root: NodeId) {
    let Some(credentials) = reader.mapping_at(root, &["credentials"]) else { return };
    let mut unused = reader.named(credentials);
    unused.retain(|(_, entry)| !reader.is_claimed(entry.value) && is_database(reader, entry.value));
    if unused.is_empty() {
        return;
    }
    let Some(mentioned) = mentioned(reader.document) else { return };
    for (name, entry) in unused {
        let name = redact::show_text(&name);
        if name.split(|c| !is_word(c)).any(|word| word.is_empty() || mentioned.contains(word)) {
            continue;
        }
        let message = format!("nothing refers to the credentials `{name}`");
        let help = "refer to them with `credential_ref`, or remove them";
        let origin = reader.origin(entry.key);
        reader.report(Finding::new(&rules::layout::unused_definition::INFO, origin, message).help(help));
    }
}

fn is_word(character: char) -> bool {
    character.is_alphanumeric() || matches!(character, '_' | '-')
}

/// Every word of every value, if one of the keys refers to a section by its name.
fn mentioned(document: &Document) -> Option<HashSet<&str>> {
    let is_reference = |entry: &Entry| {
        let key = document.key(*entry).unwrap_or_default();
        let is_name = synonyms::field(key) == Some(Field::CredentialRef) && document.text_of(entry.value).is_some();
        is_name || (key == "backend_options" && document.is_mapping(entry.value))
    };
    let refers = document.node_ids().any(|id| match &document.node(id).kind {
        NodeKind::Mapping { entries, .. } => entries.iter().any(is_reference),
        _ => false,
    });
    refers.then(|| {
        let texts = document.leaves().filter_map(|leaf| document.text_of(leaf));
        texts.flat_map(|text| text.split(|c| !is_word(c))).collect()
    })
}

/// Whether credentials are those of a database. Mail servers and caches have hosts and logins too.
fn is_database(reader: &Reader<'_>, mapping: NodeId) -> bool {
    let document = reader.document;
    if !document.is_mapping(mapping) || document.marks(mapping).is_some() || !describes_a_place(reader, mapping) {
        return false;
    }
    reader.named(mapping).iter().any(|(key, entry)| {
        let text = document.text_of(entry.value).unwrap_or_default();
        match synonyms::field(key) {
            Some(Field::Url) => is_database_url(text),
            Some(Field::PerhapsEngine | Field::Key(Key::Engine)) => {
                engine(text).is_some_and(|engine| matches!(engine.as_str(), "postgresql" | "sqlite"))
            }
            // `db: 0` is one of Redis.
            Some(Field::Key(Key::Database)) => {
                !matches!(synonyms::normalise(key).as_ref(), "name" | "db") && text.parse::<u32>().is_err()
            }
            _ => false,
        }
    })
}

/// Whether a mapping says where a database is, by any of the names that the keys for it have. `name` alone says
/// nothing: everything has a name.
pub(super) fn describes_a_place(reader: &Reader<'_>, mapping: NodeId) -> bool {
    let entries = reader.named(mapping);
    let has = |wanted: &dyn Fn(&str, &Field) -> bool| {
        entries.iter().any(|(key, entry)| {
            !reader.document.is_blank(entry.value) && synonyms::field(key).is_some_and(|field| wanted(key, &field))
        })
    };
    let is_place = |key: &str, field: &Field| match field {
        Field::Url | Field::Key(Key::Host | Key::HostAddress | Key::SameServerAs | Key::Path) => true,
        Field::Key(Key::Database) => !matches!(synonyms::normalise(key).as_ref(), "name" | "db"),
        _ => false,
    };
    let is_database = |_: &str, field: &Field| *field == Field::Key(Key::Database);
    let is_login = |_: &str, field: &Field| matches!(field, Field::Key(Key::Username | Key::Password));
    has(&is_place) || (has(&is_database) && has(&is_login)) || has(&|_, field| *field == Field::CredentialRef)
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
