//! `%(name)s` and `%%` in INI values, as `configparser.BasicInterpolation` resolves them.
//!
//! What cannot be resolved stays as it is: `%(here)s` is given by the program, and a log format is not meant for
//! `configparser` at all. References that explode or go round in circles stay as well.

use std::collections::HashMap;

use crate::document::tree::Tree;
use crate::document::{NodeId, NodeKind};

/// The most references that lead to one another; `configparser` has the same limit.
const DEPTH_LIMIT: usize = 10;

/// The longest value that is put together, and the most bytes put together in one file.
const LENGTH_LIMIT: usize = 64 << 10;
const BYTE_LIMIT: usize = 4 << 20;

/// Resolves the values of `raw`, which are all that contain a `%`.
pub(super) fn resolve(
    tree: &mut Tree,
    text: &str,
    root: Option<NodeId>,
    default: Option<NodeId>,
    raw: &HashMap<NodeId, Box<str>>,
) {
    let Some(root) = root else { return };
    let sections = entries(tree, root);
    let default = default.map(|default| values(tree, text, default, raw)).unwrap_or_default();
    let mut budget = BYTE_LIMIT;
    let mut found: Vec<(NodeId, Box<str>)> = Vec::new();
    for (_, section) in sections {
        let own = values(tree, text, section, raw);
        for (_, value) in entries(tree, section) {
            let Some(template) = raw.get(&value) else { continue };
            let mut resolver = Resolver { own: &own, default: &default, budget: budget.min(LENGTH_LIMIT) };
            let before = resolver.budget;
            let mut joined = String::new();
            // One reference too many, and the value stays as it is written.
            if resolver.add(template, 0, &mut joined) && joined != **template {
                found.push((value, joined.into()));
            }
            budget -= before - resolver.budget;
        }
    }
    for (id, resolved) in found {
        if let NodeKind::Scalar { cooked, .. } = &mut tree.nodes[id.index()].kind {
            *cooked = Some(resolved);
        }
    }
}

fn entries(tree: &Tree, mapping: NodeId) -> Vec<(NodeId, NodeId)> {
    match &tree.nodes[mapping.index()].kind {
        NodeKind::Mapping { entries, .. } => entries.iter().map(|entry| (entry.key, entry.value)).collect(),
        _ => Vec::new(),
    }
}

/// The values of a section by their keys, before anything is resolved.
fn values(tree: &Tree, text: &str, section: NodeId, raw: &HashMap<NodeId, Box<str>>) -> HashMap<String, String> {
    let text_of = |id: NodeId| match &tree.nodes[id.index()].kind {
        _ if raw.contains_key(&id) => raw.get(&id).map(|raw| &**raw),
        NodeKind::Scalar { cooked: Some(cooked), .. } => Some(&**cooked),
        NodeKind::Scalar { cooked: None, .. } => text.get(tree.nodes[id.index()].span.range()),
        _ => None,
    };
    let pairs = entries(tree, section).into_iter();
    pairs.filter_map(|(key, value)| Some((text_of(key)?.to_owned(), text_of(value)?.to_owned()))).collect()
}

struct Resolver<'values> {
    own: &'values HashMap<String, String>,
    default: &'values HashMap<String, String>,
    /// How many bytes may still be put together.
    budget: usize,
}

impl Resolver<'_> {
    /// Adds a value to what is put together; false if that goes too deep or gets too long.
    fn add(&mut self, template: &str, depth: usize, into: &mut String) -> bool {
        if depth > DEPTH_LIMIT {
            return false;
        }
        let mut rest = template;
        while let Some(percent) = rest.find('%') {
            if !self.push(&rest[..percent], into) {
                return false;
            }
            let from = &rest[percent..];
            let name = from.strip_prefix("%(").and_then(|name| name.split_once(")s")).map(|(name, _)| name);
            let name = name.filter(|name| !name.is_empty() && !name.contains(')'));
            let known = name.and_then(|name| {
                let lower = name.to_lowercase();
                self.own.get(&lower).or_else(|| self.default.get(&lower))
            });
            let (done, length) = match (known, name) {
                (Some(value), Some(name)) => (self.add(value, depth + 1, into), name.len() + 4),
                (None, Some(name)) => (self.push(&from[..name.len() + 4], into), name.len() + 4),
                _ if from.starts_with("%%") => (self.push("%", into), 2),
                _ => (self.push("%", into), 1),
            };
            if !done {
                return false;
            }
            rest = &from[length..];
        }
        self.push(rest, into)
    }

    fn push(&mut self, text: &str, into: &mut String) -> bool {
        // An empty text counts too, so that references to nothing end as well.
        let Some(budget) = self.budget.checked_sub(text.len() + 1) else { return false };
        self.budget = budget;
        into.push_str(text);
        true
    }
}
