//! Compose files: their services, and the environment that they say they run in.

use crate::document::{Document, NodeId};
use crate::template::{Syntax, Template};

/// The services of a compose file: the mapping of their names.
pub(super) fn services(document: &Document, root: NodeId) -> Option<NodeId> {
    document.get(root, "services").map(|entry| entry.value)
}

/// Whether a compose file has a service of this name: a host of its network.
pub(super) fn has_service(document: &Document, name: &str) -> bool {
    document.roots().iter().any(|root| services(document, *root).is_some_and(|all| document.get(all, name).is_some()))
}

/// The environment that a service says it runs in, by `ENVIRONMENT` in its `environment:`, a map or a list.
pub(super) fn environment_of(document: &Document, service: NodeId) -> Option<&str> {
    let variables = document.get(service, "environment")?.value;
    let said = match document.get(variables, "ENVIRONMENT") {
        Some(entry) => document.text_of(entry.value)?,
        None => {
            document.items(variables).iter().find_map(|item| document.text_of(*item)?.strip_prefix("ENVIRONMENT="))?
        }
    };
    Template::parse(said, Syntax::Compose).is_literal().then_some(said)
}

/// The environment that all services agree on, of those that say it.
pub(super) fn environment(document: &Document) -> Option<&str> {
    let services = document.roots().iter().filter_map(|root| services(document, *root));
    let mut said = services
        .flat_map(|all| document.entries(all).to_vec())
        .filter_map(|service| environment_of(document, service.value));
    let first = said.next()?;
    said.all(|other| other.eq_ignore_ascii_case(first)).then_some(first)
}
