//! What a database takes from another: the server of `same_server_as`, and replicas and failover what they leave out.

use crate::finding::{self, Finding};
use crate::model::{Connection, Database, Key, Role};
use crate::redact;

/// Fills in the server of every `same_server_as`, then what replicas and failover leave out.
pub(super) fn same_server(databases: &mut [Database], findings: &mut Vec<Finding>) {
    let refers = |database: &Database| database.connection.settings.get(Key::SameServerAs).is_some();
    // Copies, since what is filled in must not depend on the order; most configurations have nothing to fill in.
    let known: Vec<(Role, Vec<String>, Connection)> = if databases.iter().any(refers) {
        let copy = |it: &Database| (it.role.clone(), it.names.clone(), it.connection.clone());
        databases.iter().map(copy).collect()
    } else {
        Vec::new()
    };
    for database in databases.iter_mut().filter(|database| refers(database)) {
        let mut at = database.connection.clone();
        let mut seen = vec![database.role.clone()];
        while let Some(setting) = at.settings.get(Key::SameServerAs).cloned() {
            let name = setting.value.expose();
            let target = known.iter().find(|(role, names, _)| role.name() == name || names.contains(&name));
            let problem = match target {
                None => Some(format!("`{}` is not a database of this configuration", redact::show_text(&name))),
                Some((role, ..)) if seen.contains(role) => Some(format!("the server of {role} is said to be its own")),
                Some(_) => None,
            };
            if let Some(message) = problem {
                let help = "name a database that says where its server is";
                findings.push(Finding::new(&finding::DANGLING_REFERENCE, setting.origin.clone(), message).help(help));
                break;
            }
            let Some((role, _, server)) = target else { break };
            seen.push(role.clone());
            database.connection.fill(gaps(&database.connection, server), |_| true);
            at = server.clone();
        }
    }
    let has_members = |it: &&mut Database| !it.replicas.is_empty() || !it.failover.is_empty();
    for database in databases.iter_mut().filter(has_members) {
        let own = database.connection.clone();
        let servers = database.failover.iter_mut().filter(|member| !member.is_sqlite());
        for replica in database.replicas.iter_mut().chain(servers) {
            replica.fill(gaps(replica, &own), |key| {
                !matches!(key, Key::SameServerAs | Key::FallbackDatabase | Key::HostAddress)
            });
        }
    }
}

/// What a server has and the other leaves out: all but what is a database's own.
fn gaps(own: &Connection, server: &Connection) -> Connection {
    let mut gaps = Connection::default();
    for (key, setting) in server.settings.iter() {
        let is_own = matches!(key, Key::SameServerAs | Key::FallbackDatabase)
            || (key == Key::Database && own.settings.get(Key::SameServerAs).is_some());
        if !is_own && own.settings.get(key).is_none() {
            gaps.settings.set(key, setting.clone());
        }
    }
    for (name, setting) in server.parameters.iter() {
        if !own.parameters.contains_key(name.as_str()) {
            gaps.parameters.insert(name.clone(), setting.clone());
        }
    }
    gaps
}
