//! Services: `mlflow`, `redis` and `auth`, from wherever they stand to `services`.

use crate::document::edit::{At, Place};
use crate::document::{Entry, NodeId};

use super::work::Work;

/// Where services stand in the wild, and their names in the canonical schema. The first of a name is the strongest.
const PLACES: &[(&[&str], &str)] = &[
    (&["mlflow"], "mlflow"),
    (&["integrations", "mlflow"], "mlflow"),
    (&["mlflow_config"], "mlflow"),
    (&["redis"], "redis"),
    (&["auth_service"], "auth"),
];

/// Keys by which a section is one of these services, and not an application's own of the same name.
const OWN: &[&str] = &[
    "backend_store_uri",
    "backend_options",
    "tracking_uri",
    "default_artifact_root",
    "artifact_store",
    "url",
    "uri",
    "host",
];

/// What keys of services are called, and what the canonical schema calls them.
const NAMES: &[(&str, &str, &str)] = &[
    ("mlflow", "default_artifact_root", "artifact_store"),
    ("mlflow", "artifact_root", "artifact_store"),
    ("mlflow", "artifact_location", "artifact_store"),
    ("mlflow", "artifact_uri", "artifact_store"),
    ("mlflow", "experiment", "experiment_name"),
    ("mlflow", "connection_timeout", "timeout"),
    ("mlflow", "connect_timeout", "timeout"),
    ("mlflow", "request_timeout", "timeout"),
    ("redis", "uri", "url"),
    ("redis", "connect_timeout", "timeout"),
    ("redis", "connection_timeout", "timeout"),
    ("auth", "uri", "url"),
    ("auth", "connect_timeout", "timeout"),
    ("auth", "connection_timeout", "timeout"),
];

impl Work<'_> {
    /// Moves the services of a scope below `services`.
    pub(super) fn settle_services(&mut self, root: NodeId) {
        for (path, name) in PLACES {
            let Some(node) = self.document.get_path(root, path.iter().copied()) else { continue };
            let Some(entry) = self.document.entry(node).filter(|_| self.is_service(node)) else { continue };
            let place = self.draft.place(node);
            let is_empty = self.draft.entries(place).is_empty();
            if is_empty || !self.draft.is_attached(place) || !self.document.aliases_of(node).is_empty() {
                continue;
            }
            let services = self.services(root, entry);
            if !self.is_section(services) {
                continue;
            }
            self.name_keys(place, name);
            self.moves(entry);
            let parent = self.draft.parent(place);
            self.emptied.extend(parent.map(|parent| (parent, Some(place))));
            match self.draft.find(services, name) {
                Some(weaker) if !self.is_section(weaker) => {}
                Some(weaker) => {
                    self.name_keys(weaker, name);
                    self.absorb(weaker, place, &|_| true);
                    self.draft.shift(place, services, At::End, Some(name));
                }
                None => self.draft.shift(place, services, At::End, Some(name)),
            }
        }
        if let Some(node) = self.document.get_path(root, ["services", "mlflow"])
            && self.document.is_mapping(node)
        {
            let place = self.draft.place(node);
            if self.draft.is_attached(place) {
                self.name_keys(place, "mlflow");
            }
        }
    }

    fn is_service(&self, node: NodeId) -> bool {
        self.document.is_mapping(node)
            && OWN.iter().any(|key| self.document.get(node, key).is_some())
            && !self.document.problems().iter().any(|problem| self.document.node(node).span.contains(problem.span))
    }

    /// The section `services`, made before the section that is to move into it if there is none.
    fn services(&mut self, root: NodeId, before: Entry) -> Place {
        let top = self.draft.place(root);
        let at = self.at_top_before(root, before);
        self.section(top, at, "services")
    }

    fn name_keys(&mut self, section: Place, service: &str) {
        for (name, place) in self.draft.entries(section) {
            let canonical = NAMES.iter().find(|(of, known, _)| *of == service && *known == name);
            if let Some((_, _, canonical)) = canonical.filter(|(_, _, to)| self.draft.find(section, to).is_none()) {
                self.draft.rename(place, canonical);
            }
        }
    }
}
