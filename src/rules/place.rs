//! Which server a place is on, and what answers there.

use crate::connstr::provider::{PoolMode, Provider, RdsKind, provider};
use crate::model::Key;

use super::{Site, server};

/// Supabase's port of transaction mode, and PgBouncer's own.
const POOLER_PORTS: &[&str] = &["6543", "6432"];

/// Words in the names of hosts that are poolers.
const POOLERS: &[&str] = &["pgbouncer", "pgcat", "odyssey", "pgpool", "supavisor"];

/// Host and port of a PostgreSQL server, if both are known: `db.example.com:5432`.
pub(super) fn server(site: &Site<'_>) -> Option<String> {
    if site.connection.engine() != "postgresql" {
        return None;
    }
    if site.get(Key::Host).is_some_and(server::is_hidden) {
        return None;
    }
    let host = site.known(Key::Host)?;
    Some(format!("{}:{}", host.trim_end_matches('.').to_ascii_lowercase(), port(site)?))
}

/// The port, said or by default; none if it is not known.
fn port(site: &Site<'_>) -> Option<String> {
    match site.get(Key::Port) {
        Some(_) => site.known(Key::Port),
        None => Key::Port.info().default.map(str::to_owned),
    }
}

/// The server and the name of the database, if both are known.
pub(super) fn database(site: &Site<'_>) -> Option<(String, String)> {
    let name = site.known(Key::Database).filter(|_| !site.get(Key::Database).is_some_and(server::is_hidden))?;
    Some((server(site)?, name))
}

/// Whether a pooler answers, which shares its own connections to the server among those of its clients.
pub(super) fn is_pooler(site: &Site<'_>) -> bool {
    let Some(host) = site.known(Key::Host) else { return false };
    let (port, user) = (port(site), site.known(Key::Username));
    let host = host.to_ascii_lowercase();
    let is_known = match provider(&host, port.as_deref(), user.as_deref()) {
        Some(Provider::SupabasePooler { .. }) => true,
        Some(Provider::SupabaseDirect { mode, .. }) => mode == PoolMode::Transaction,
        Some(Provider::Rds { kind, .. }) => kind == RdsKind::Proxy,
        None => false,
    };
    is_known
        || port.is_some_and(|port| POOLER_PORTS.contains(&port.as_str()))
        || POOLERS.iter().any(|word| host.contains(word))
}

/// Whether a pooler answers that gives a client a connection for one transaction only.
pub(super) fn is_transaction_pooler(site: &Site<'_>) -> bool {
    let Some(host) = site.known(Key::Host) else { return false };
    let (port, user) = (port(site), site.known(Key::Username));
    let mode = match provider(&host, port.as_deref(), user.as_deref()) {
        Some(Provider::SupabasePooler { mode, .. } | Provider::SupabaseDirect { mode, .. }) => mode,
        _ => PoolMode::UnknownPort,
    };
    mode == PoolMode::Transaction || port.as_deref() == Some("6543")
}
