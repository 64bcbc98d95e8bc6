//! `transaction-pooler`.

use crate::finding::{Finding, Severity};
use crate::model::{Key, Origin, Setting};
use crate::rules::{Case, Site, place};

use super::numbers::used;

rule! {
    /// A pooler in transaction mode, which keeps nothing from one transaction to the next.
    ///
    /// Found is port 6543, on which Supabase's poolers are in transaction mode.
    /// Nothing is found where a parameter switches prepared statements off: `statement_cache_size=0` or
    /// `prepared_statement_cache_size=0` (asyncpg), `prepare_threshold=None` (psycopg), `prepareThreshold=0` (JDBC),
    /// `pgbouncer=true` (Prisma), `binary_parameters=yes` (lib/pq), `default_query_exec_mode` (pgx).
    /// psycopg2 prepares nothing on the server; there it is an info.
    ///
    /// # Why it matters
    /// Each transaction may run on another connection of the server.
    /// A statement that the driver has prepared in the one before is not there (`prepared statement "..." does not
    /// exist`), or somebody else's is (`already exists`), and that only under load.
    /// `SET`, `LISTEN`, temporary tables and advisory locks of a session do not last either, so that migrations which
    /// take an advisory lock are not protected by it.
    ///
    /// # How to mend it
    /// Switch prepared statements off in the driver, or connect through the session pooler or directly, both on port
    /// 5432; migrations always do the latter.
    ///
    /// # Example
    /// ```env
    /// DATABASE_URL=postgresql+asyncpg://postgres:${DB_PASSWORD}@db.abcdefghijklmnopqrst.supabase.co:6543/postgres
    /// ```
    /// Mended:
    /// ```env
    /// DATABASE_URL=postgresql+asyncpg://postgres:${DB_PASSWORD}@db.abcdefghijklmnopqrst.supabase.co:5432/postgres
    /// ```
    "transaction-pooler": Pool, Warning
}

/// Parameters that switch prepared statements off, with the values that do. psycopg's `prepare_threshold=0` is not
/// among them: it prepares every statement at once.
const OFF: &[(&str, &[&str])] = &[
    ("prepared_statement_cache_size", &["0"]),
    ("statement_cache_size", &["0"]),
    ("prepare_threshold", &["none", "null"]),
    ("preparethreshold", &["0"]),
    ("pgbouncer", &["true"]),
    ("binary_parameters", &["yes", "true", "1"]),
    ("default_query_exec_mode", &["exec", "simple_protocol", "cache_describe", "describe_exec"]),
];

pub(super) fn judge(case: &Case<'_>, findings: &mut Vec<Finding>) {
    for site in used(case) {
        if site.connection.engine() != "postgresql" || !place::is_transaction_pooler(&site) {
            continue;
        }
        if case.is_local(site.connection) || prepares_nothing(&site) {
            continue;
        }
        let Some(origin) = place(&site) else { continue };
        let driver = site.known(Key::Driver).unwrap_or_default();
        let (loses, help) = match driver.as_str() {
            "asyncpg" => (
                "the statements that asyncpg prepares",
                "pass `statement_cache_size=0` and `prepared_statement_cache_size=0`, or take port 5432",
            ),
            "psycopg" | "psycopg_async" => {
                ("the statements that psycopg prepares", "pass `prepare_threshold=None`, or take port 5432")
            }
            "psycopg2" => (
                "what SET, LISTEN and advisory locks do in a session",
                "take port 5432 for whatever needs them, migrations above all",
            ),
            _ => (
                "prepared statements, SET, LISTEN and advisory locks",
                "switch the driver's prepared statements off, or take port 5432",
            ),
        };
        let message = format!("{} goes through a pooler in transaction mode, which loses {loses}", site.what());
        let mut finding = Finding::new(&INFO, origin.clone(), message).help(help);
        if driver == "psycopg2" {
            finding.severity = Severity::Info;
        }
        findings.push(finding);
    }
}

/// The port, or the host if the port is the default.
fn place<'project>(site: &Site<'project>) -> Option<&'project Origin> {
    let settings = &site.connection.settings;
    settings.get(Key::Port).or_else(|| settings.get(Key::Host)).map(|setting| &setting.origin)
}

fn prepares_nothing(site: &Site<'_>) -> bool {
    site.connection.parameters.iter().any(|(name, setting)| {
        let name = name.to_ascii_lowercase();
        let value = Setting::effective(setting).unwrap_or_default().trim().to_ascii_lowercase();
        OFF.iter().any(|(known, values)| *known == name && values.contains(&value.as_str()))
    })
}
