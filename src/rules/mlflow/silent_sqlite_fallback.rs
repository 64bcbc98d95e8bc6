//! `silent-sqlite-fallback`.

use crate::finding::Finding;
use crate::model::{Database, Key, Outcome, Role, StorePart, Value};
use crate::redact;
use crate::rules::{Case, server};

use super::files::is_local;

rule! {
    /// A SQLite file or a folder that quietly takes over when the database server is down.
    ///
    /// Found are `sqlite_backup` and its kin (`databases.backup`, `credentials.backup_db`) behind a database server,
    /// and a file as MLflow's `backend_options.fallback`.
    /// A `failover` of the canonical schema says what it does, and is not found; neither is a file behind a file.
    ///
    /// # Why it matters
    /// What is written to the file stays on one machine, and nobody else sees it.
    /// The application goes on as if nothing had happened, so that the fault is noticed only when data is missing;
    /// bringing the two together again is work by hand.
    /// A host that never existed can hide behind such a file for months.
    ///
    /// # How to mend it
    /// Remove the fallback and let the application fail, or name a second server.
    /// If a file is really wanted, write it where everybody sees it: `failover` of the database, and let `dbcfg probe`
    /// report that the database is degraded.
    ///
    /// # Example
    /// ```yaml
    /// postgres_primary:
    ///   host: db.example.com
    ///   database: app
    /// sqlite_backup:
    ///   path: ./data/backup.db
    /// ```
    /// Mended:
    /// ```yaml
    /// databases:
    ///   main:
    ///     host: db.example.com
    ///     database: app
    ///     failover:
    ///       - host: standby.example.com
    /// ```
    "silent-sqlite-fallback": Mlflow, Warning
}

/// The layouts whose backups are meant to be taken without a word.
const LAYOUTS: &[&str] = &["legacy sections", "credential references"];

pub(super) fn judge(case: &Case<'_>, findings: &mut Vec<Finding>) {
    if case.is_development {
        return;
    }
    let is_server = |database: &&Database| !database.connection.is_sqlite();
    for database in case.configuration.databases.iter().filter(is_server) {
        findings.extend(backups(database));
    }
    let role = [Role::Mlflow, Role::Main].iter().find_map(|role| case.configuration.database(role));
    if role.is_some_and(|database| database.connection.is_sqlite()) {
        return;
    }
    for store in case.configuration.stores.iter().filter(|store| store.part == StorePart::Fallback) {
        if !store.setting.effective().is_some_and(|text| is_local(&text)) {
            continue;
        }
        let message = format!("MLflow falls back to `{}` without a word", server::shown(&store.setting));
        findings.push(
            Finding::new(&INFO, store.setting.origin.clone(), message)
                .help("remove the fallback, or name a second database server"),
        );
    }
}

/// The backups of one database. A file that has two sections, one for the login and one for the place, is one backup.
fn backups(database: &Database) -> Vec<Finding> {
    let mut paths: Vec<Option<String>> = Vec::new();
    let mut found: Vec<Finding> = Vec::new();
    for definition in &database.definitions {
        let is_backup = definition.connection.is_sqlite() && definition.outcome == Outcome::Used;
        if !is_backup || !LAYOUTS.contains(&definition.layout) {
            continue;
        }
        let path = definition.connection.settings.value(Key::Path).map(Value::expose);
        if let Some(known) = paths.iter().position(|known| *known == path) {
            let first = found[known].clone();
            found[known] = first.related(definition.origin.clone(), "the same file");
            continue;
        }
        paths.push(path);
        let name = redact::show_text(&definition.name);
        let message = format!("`{name}` lets a SQLite file take over for {} without a word", database.role);
        found.push(
            Finding::new(&INFO, definition.origin.clone(), message)
                .help("remove it, or list it where everybody sees it: `failover` of the database"),
        );
    }
    found
}
