//! What a database takes from another: the server of `same_server_as`, and replicas and failover what they leave out.

use std::collections::HashMap;

use crate::finding::Finding;
use crate::model::{Connection, Database, Key, Setting};
use crate::redact;
use crate::rules;

/// Fills in the server of every `same_server_as`, then what replicas and failover leave out.
pub(super) fn same_server(databases: &mut [Database], findings: &mut Vec<Finding>) {
    let mut servers = servers(databases, findings);
    for index in order(&mut servers, databases, findings) {
        if let Some(server) = servers[index] {
            let server = databases[server].connection.clone();
            fill(&mut databases[index].connection, &server, |_| true);
        }
    }
    let has_members = |it: &&mut Database| !it.replicas.is_empty() || !it.failover.is_empty();
    for database in databases.iter_mut().filter(has_members) {
        let own = database.connection.clone();
        let failover = database.failover.iter_mut().filter(|member| !member.is_sqlite());
        for member in database.replicas.iter_mut().chain(failover) {
            fill(member, &own, |key| key != Key::HostAddress);
        }
    }
}

fn reference(database: &Database) -> Option<&Setting> {
    database.connection.settings.get(Key::SameServerAs)
}

/// For each database the one whose server it is on, if it refers to one that there is.
fn servers(databases: &[Database], findings: &mut Vec<Finding>) -> Vec<Option<usize>> {
    if !databases.iter().any(|database| reference(database).is_some()) {
        return vec![None; databases.len()];
    }
    let mut by_name: HashMap<&str, usize> = HashMap::new();
    for (index, database) in databases.iter().enumerate() {
        for name in std::iter::once(database.role.name()).chain(database.names.iter().map(String::as_str)) {
            by_name.entry(name).or_insert(index);
        }
    }
    let mut server = |database| {
        let setting = reference(database)?;
        let name = setting.value.expose();
        let found = by_name.get(name.as_str()).copied();
        if found.is_none() {
            let message = format!("`{}` is not a database of this configuration", redact::show_text(&name));
            findings.push(dangling(setting, message));
        }
        found
    };
    databases.iter().map(&mut server).collect()
}

/// The databases that refer to another, those that are referred to first. What refers to itself in the end is on
/// nobody's server, and reported.
fn order(servers: &mut [Option<usize>], databases: &[Database], findings: &mut Vec<Finding>) -> Vec<usize> {
    // The walk in which each was met; walks count from 1.
    let mut met = vec![0; servers.len()];
    let mut order = Vec::new();
    for start in 0..servers.len() {
        let mut walk = Vec::new();
        let mut at = start;
        while met[at] == 0 {
            met[at] = start + 1;
            let Some(server) = servers[at] else { break };
            walk.push(at);
            at = server;
        }
        if met[at] == start + 1
            && let Some(begin) = walk.iter().position(|index| *index == at)
        {
            for index in &walk[begin..] {
                servers[*index] = None;
                let message = format!("the server of {} is said to be its own", databases[*index].role);
                findings.extend(reference(&databases[*index]).map(|setting| dangling(setting, message)));
            }
        }
        order.extend(walk.into_iter().rev());
    }
    order
}

fn dangling(setting: &Setting, message: String) -> Finding {
    let help = "name a database that says where its server is";
    Finding::new(&rules::layout::dangling_reference::INFO, setting.origin.clone(), message).help(help)
}

/// Takes from a server what is left out: all but what is a database's own.
fn fill(own: &mut Connection, server: &Connection, takes: impl Fn(Key) -> bool) {
    let is_reference = own.settings.get(Key::SameServerAs).is_some();
    for (key, setting) in server.settings.iter() {
        let is_own = matches!(key, Key::SameServerAs | Key::FallbackDatabase) || (key == Key::Database && is_reference);
        if !is_own && takes(key) && own.settings.get(key).is_none() {
            own.settings.set(key, setting.clone());
        }
    }
    for (name, setting) in server.parameters.iter() {
        own.parameters.insert_if_absent(name.clone(), setting.clone());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Origin, Role, Value};

    /// Databases with their hosts and what they refer to, and the hosts that they end up with.
    fn hosts(databases: &[(&str, Option<&str>, Option<&str>)]) -> (Vec<Option<String>>, Vec<String>) {
        let build = |(name, host, server): &(&str, Option<&str>, Option<&str>)| {
            let mut connection = Connection::default();
            for (key, text) in [(Key::Host, host), (Key::SameServerAs, server)] {
                if let Some(text) = text {
                    connection.settings.set(key, Setting::new(Value::text(*text), Origin::Default));
                }
            }
            Database {
                role: Role::of_name(name),
                names: Vec::new(),
                connection,
                replicas: Vec::new(),
                failover: Vec::new(),
                definitions: Vec::new(),
                used_by: Vec::new(),
            }
        };
        let mut databases: Vec<Database> = databases.iter().map(build).collect();
        let mut findings = Vec::new();
        same_server(&mut databases, &mut findings);
        let host = |it: &Database| it.connection.settings.value(Key::Host).map(Value::expose);
        (databases.iter().map(host).collect(), findings.into_iter().map(|finding| finding.message).collect())
    }

    #[test]
    fn chains_end_at_a_server() {
        let (found, findings) = hosts(&[
            ("c", None, Some("b")),
            ("b", None, Some("a")),
            ("a", Some("h"), None),
            ("lost", None, Some("nobody")),
            ("x", Some("hx"), Some("y")),
            ("y", None, Some("x")),
            ("tail", None, Some("x")),
            ("self", None, Some("self")),
        ]);
        let expected = [Some("h"), Some("h"), Some("h"), None, Some("hx"), None, Some("hx"), None];
        assert_eq!(found, expected.map(|host| host.map(str::to_owned)));
        assert_eq!(
            findings,
            [
                "`nobody` is not a database of this configuration",
                "the server of x is said to be its own",
                "the server of y is said to be its own",
                "the server of self is said to be its own",
            ]
        );
    }
}
