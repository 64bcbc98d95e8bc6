//! The secrets that stand at keys of their own, whatever they are for: `JWT_SECRET_KEY`, `smtp.password`.

use crate::document::{Document, NodeId, NodeKind, ScalarStyle, Segment};
use crate::model::{Origin, Source, SourceId, SourceKind};
use crate::template::{Syntax, Template};

use super::password::is_tagged;
use super::{Leaf, secret};

/// A secret that stands at a key of a file, whatever it is for.
#[derive(Debug)]
pub(super) struct Named<'project> {
    /// The keys from the top of the file, or of the section of its environment, in small letters.
    pub(super) path: String,
    /// The last of them, as it is written.
    pub(super) key: &'project str,
    /// The secret.
    pub(super) text: &'project str,
    /// Where it stands.
    pub(super) origin: Origin,
    /// The environment that it is for; none is for all.
    pub(super) environment: Option<&'project str>,
}

/// Every literal secret at a key that can only hold one, of one file of settings or variables.
pub(super) fn named(id: SourceId, source: &Source) -> Vec<Named<'_>> {
    let mut found = Vec::new();
    let Some(document) = &source.document else { return found };
    if matches!(source.kind, SourceKind::Settings { .. } | SourceKind::Env { .. }) {
        for root in document.roots() {
            let mut walk = Walk { id, source, document, found: &mut found };
            walk.mapping(*root, "", source.kind.environment(), true);
        }
    }
    found
}

struct Walk<'walk, 'project> {
    id: SourceId,
    source: &'project Source,
    document: &'project Document,
    found: &'walk mut Vec<Named<'project>>,
}

impl<'project> Walk<'_, 'project> {
    fn mapping(&mut self, mapping: NodeId, path: &str, environment: Option<&'project str>, is_top: bool) {
        let NodeKind::Mapping { entries, .. } = &self.document.node(mapping).kind else { return };
        for entry in entries {
            let Some(key) = self.document.key(*entry) else { continue };
            match &self.document.node(entry.value).kind {
                NodeKind::Mapping { .. } if is_top && key == "environments" => {
                    let NodeKind::Mapping { entries, .. } = &self.document.node(entry.value).kind else { continue };
                    for section in entries {
                        self.mapping(section.value, "", self.document.key(*section), false);
                    }
                }
                NodeKind::Mapping { .. } => {
                    let path = format!("{path}{}.", key.to_ascii_lowercase());
                    self.mapping(entry.value, &path, environment, false);
                }
                NodeKind::Scalar { .. } if secret::is_key(key) => {
                    self.scalar(entry.value, key, path, environment);
                }
                _ => {}
            }
        }
    }

    fn scalar(&mut self, node: NodeId, key: &'project str, path: &str, environment: Option<&'project str>) {
        let Some(scalar) = self.document.scalar(node) else { return };
        let template = Template::parse(scalar.text, syntax(&self.source.kind, scalar.style));
        if !secret::is_secret_of(key, scalar.text) || !template.is_literal() || is_tagged(self.document, node) {
            return;
        }
        self.found.push(Named {
            path: format!("{path}{}", key.to_ascii_lowercase()),
            key,
            text: scalar.text,
            origin: Origin::part(self.id, node, scalar.span),
            environment,
        });
    }
}

/// What a `$` means in a value of a file.
pub(super) fn syntax(kind: &SourceKind, style: ScalarStyle) -> Syntax {
    match kind {
        SourceKind::Env { .. } if style == ScalarStyle::SingleQuoted => Syntax::Verbatim,
        SourceKind::Env { .. } => Syntax::Shell,
        SourceKind::Compose { .. } => Syntax::Compose,
        _ => Syntax::Braces,
    }
}

/// A leaf as a name and its value: also where an item of a list holds both, as in `environment:` of a compose file.
pub(super) struct Assignment<'leaf> {
    leaf: &'leaf Leaf<'leaf>,
    /// The name.
    pub(super) key: &'leaf str,
    /// The value.
    pub(super) text: &'leaf str,
    /// Where the value begins in the text of the leaf.
    start: usize,
    /// What a `$` means in it.
    pub(super) syntax: Syntax,
}

/// More neighbours than this are not looked at: a file may have a hundred thousand keys.
const NEIGHBOURS: usize = 200;

impl<'leaf> Assignment<'leaf> {
    pub(super) fn of(leaf: &'leaf Leaf<'leaf>) -> Self {
        let (whole, syntax) = (leaf.scalar.text, syntax(&leaf.source.kind, leaf.scalar.style));
        let (key, text) = item(leaf, whole).unwrap_or((leaf.key, whole));
        Self { leaf, key, text, start: whole.len() - text.len(), syntax }
    }

    /// Where the value stands.
    pub(super) fn origin(&self) -> Origin {
        if self.start == 0 { self.leaf.origin() } else { self.part(0..self.text.len()) }
    }

    /// Where a part of the value stands.
    pub(super) fn part(&self, range: std::ops::Range<usize>) -> Origin {
        let Origin::Node { source, node, .. } = self.leaf.origin() else { return self.leaf.origin() };
        Origin::part(source, node, self.leaf.scalar.part(self.start + range.start..self.start + range.end))
    }

    /// The text, unless it is a template, or has a tag and is not what stands there.
    pub(super) fn literal(&self) -> Option<String> {
        if is_tagged(self.leaf.document, self.leaf.value) {
            return None;
        }
        Template::parse(self.text, self.syntax).literal()
    }

    /// The first name beside it that is one of those looked for, with its value.
    pub(super) fn neighbour(&self, is_it: impl Fn(&str) -> bool) -> Option<&'leaf str> {
        let document = self.leaf.document;
        let NodeKind::Mapping { entries, .. } = &document.node(document.resolve(self.leaf.mapping)).kind else {
            return None;
        };
        for entry in entries.iter().take(NEIGHBOURS) {
            let Some(key) = document.key(*entry) else { continue };
            if self.start > 0 && key == self.leaf.key {
                let items = document.items(entry.value).iter().take(NEIGHBOURS);
                let mut pairs = items.filter_map(|node| item(self.leaf, document.text_of(*node)?));
                return pairs.find(|(name, _)| is_it(name)).map(|(_, value)| value);
            }
            if is_it(key) {
                return document.text_of(entry.value);
            }
        }
        None
    }

    /// The keys above it, the nearest first, in small letters.
    pub(super) fn above(&self) -> Vec<String> {
        let path = self.leaf.document.path(self.leaf.value);
        let keys = path.segments().iter().rev().skip(1).filter_map(|segment| match segment {
            Segment::Key(key) => Some(key.to_ascii_lowercase()),
            Segment::Index(_) => None,
        });
        keys.collect()
    }
}

/// `NAME=value`, as an item of a list in a compose file.
fn item<'leaf>(leaf: &Leaf<'_>, text: &'leaf str) -> Option<(&'leaf str, &'leaf str)> {
    let is_item = leaf.source.kind.is_compose() && leaf.key == "environment";
    text.split_once('=').filter(|_| is_item)
}
