//! A leaf: one single value of a file with its key, whatever it is for.

use crate::document::{Document, NodeId, NodeKind, Scalar};
use crate::finding::Finding;
use crate::model::{Origin, Source, SourceId, SourceKind};

use super::case::{is_development, is_production};
use super::{Case, Rule, compose};

/// One single value of a file.
#[derive(Clone, Copy)]
pub struct Leaf<'project> {
    /// The file.
    pub source: &'project Source,
    id: SourceId,
    /// Its document.
    pub document: &'project Document,
    /// The mapping that it stands in, to look at its neighbours.
    pub mapping: NodeId,
    /// Its key.
    pub key: &'project str,
    /// The value.
    pub value: NodeId,
    /// Its text and how it is written.
    pub scalar: Scalar<'project>,
    /// The environment that it is for; none is for all.
    pub environment: Option<&'project str>,
    /// Whether it counts in production.
    pub is_production: bool,
    /// Whether it counts on somebody's own machine or in tests only.
    pub is_development: bool,
}

impl Leaf<'_> {
    /// Where it stands.
    pub fn origin(&self) -> Origin {
        Origin::node(self.id, self.document, self.value)
    }
}

type Found<'findings> = &'findings mut dyn FnMut(&Rule, &Leaf<'_>, Vec<Finding>);

/// Shows every value of every file once to each of the rules. Templates (`.env.example`) hold no values.
pub(super) fn walk(base: &Case<'_>, rules: &[&'static Rule], found: Found<'_>) {
    if rules.is_empty() {
        return;
    }
    for (id, source) in base.project.sources.iter() {
        let Some(document) = source.document.as_ref().filter(|_| source.kind != SourceKind::Template) else { continue };
        for root in document.roots() {
            let environment = source.kind.environment();
            let environments = document.get(*root, "environments").map(|entry| entry.value);
            let services = compose::services(document, *root).filter(|_| source.kind.is_compose());
            let walk = Walk { base, rules, id, source, document, environments, services };
            walk.mapping(*root, environment, found);
        }
    }
}

struct Walk<'walk, 'project> {
    base: &'walk Case<'project>,
    rules: &'walk [&'static Rule],
    id: SourceId,
    source: &'project Source,
    document: &'project Document,
    environments: Option<NodeId>,
    /// Of a compose file.
    services: Option<NodeId>,
}

impl<'project> Walk<'_, 'project> {
    fn mapping(&self, mapping: NodeId, environment: Option<&'project str>, found: Found<'_>) {
        // Aliases are not followed: what they stand for is seen where it stands.
        let NodeKind::Mapping { entries, .. } = &self.document.node(mapping).kind else { return };
        for entry in entries {
            let Some(key) = self.document.key(*entry) else { continue };
            let environment = if self.environments == Some(mapping) {
                Some(key)
            } else if self.services == Some(mapping) {
                compose::environment_of(self.document, entry.value).or(environment)
            } else {
                environment
            };
            self.value(mapping, key, entry.value, environment, found);
        }
    }

    fn value(
        &self,
        mapping: NodeId,
        key: &'project str,
        value: NodeId,
        environment: Option<&'project str>,
        found: Found<'_>,
    ) {
        match &self.document.node(value).kind {
            NodeKind::Mapping { .. } => self.mapping(value, environment, found),
            NodeKind::Sequence { items, .. } => {
                for item in items {
                    self.value(mapping, key, *item, environment, found);
                }
            }
            NodeKind::Scalar { .. } => {
                let Some(scalar) = self.document.scalar(value) else { return };
                let is_own = self.source.is_local_override();
                let leaf = Leaf {
                    source: self.source,
                    id: self.id,
                    document: self.document,
                    mapping,
                    key,
                    value,
                    scalar,
                    environment,
                    is_production: !is_own && environment.map_or(self.base.is_production, is_production),
                    is_development: is_own || environment.map_or(self.base.is_development, is_development),
                };
                for rule in self.rules {
                    let mut findings = Vec::new();
                    for judge in rule.judges {
                        let super::Judge::Leaf(judge) = judge else { continue };
                        judge(&leaf, &mut findings);
                    }
                    if !findings.is_empty() {
                        found(rule, &leaf, findings);
                    }
                }
            }
            NodeKind::Alias { .. } => {}
        }
    }
}
