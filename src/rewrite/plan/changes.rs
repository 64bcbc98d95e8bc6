//! What changes in a file, key by key: for the journal, with every secret masked.

use std::collections::BTreeMap;

use crate::document::edit::Edit;
use crate::document::{Document, Format, NodeId, NodeKind, ScalarType, Segment, Span};
use crate::layouts::{self, Field, Names};
use crate::model::{Kind, Value, ValueChange};
use crate::redact::{self, MASK, Secret};
use crate::template::Syntax;

/// More keys than this nobody reads in a journal; the snapshot has them all.
const LIMIT: usize = 10_000;

/// The keys whose values go away, come, or are others in the new text. Only the replaced
/// parts are looked at, and of a file that is rewritten by the thousand the first of them.
pub(super) fn between(before: &Document, after: &Document, edits: &[Edit]) -> Vec<ValueChange> {
    let mut changes: BTreeMap<String, (Option<String>, Option<String>)> = BTreeMap::new();
    let mut moved: i64 = 0;
    for edit in edits {
        if changes.len() > LIMIT {
            break;
        }
        let length = i64::try_from(edit.text.len()).unwrap_or(i64::MAX);
        for (key, value) in leaves(before, around(before.text(), edit.span)) {
            changes.entry(key).or_default().0 = Some(value);
        }
        let start = u32::try_from(i64::from(edit.span.start) + moved).unwrap_or(0);
        let end = u32::try_from(i64::from(start) + length).unwrap_or(u32::MAX);
        for (key, value) in leaves(after, around(after.text(), Span { start, end })) {
            changes.entry(key).or_default().1 = Some(value);
        }
        moved += length - i64::from(edit.span.end - edit.span.start);
    }
    let differing = changes.into_iter().filter(|(_, (old, new))| old != new);
    differing.map(|(key, (old, new))| ValueChange { key, old, new }).collect()
}

/// The whole lines that a span touches, since a shorter key may change the path of a value that it does not cover.
fn around(text: &str, span: Span) -> Span {
    let range = span.range();
    let start = text.get(..range.start).and_then(|before| before.rfind('\n')).map_or(0, |at| at + 1);
    let behind = text.get(range.end..).and_then(|behind| behind.find('\n'));
    Span::new(start, behind.map_or(text.len(), |at| range.end + at))
}

/// The single values in a part of a text, each with its path, masked.
fn leaves(document: &Document, span: Span) -> Vec<(String, String)> {
    let is_value = |node: &NodeId| match &document.node(*node).kind {
        NodeKind::Scalar { .. } => document.entry(*node).is_none_or(|entry| entry.value == *node),
        NodeKind::Alias { .. } => true,
        _ => false,
    };
    let leaf = |node| (document.path(node).to_string(), shown(document, node));
    document.leaves_in(span).filter(is_value).take(LIMIT).map(leaf).collect()
}

/// A value as a person may see it: only what is known to be no secret by what its key takes.
fn shown(document: &Document, node: NodeId) -> String {
    let Some(scalar) = document.scalar(node).filter(|_| !document.is_blank(node)) else {
        return if document.is_blank(node) { String::new() } else { "*".to_owned() };
    };
    let syntax = if document.format() == Format::Env { Syntax::Shell } else { Syntax::Braces };
    let path = document.path(node);
    let mut names = path.segments().iter().rev().filter_map(|segment| match segment {
        Segment::Key(key) => Some(key.as_ref()),
        Segment::Index(_) => None,
    });
    let name = names.next().unwrap_or_default();
    let is_secret = redact::is_secret_name(name) || names.any(redact::is_secret_name);
    let text = Secret::new(scalar.text);
    let hidden = || Value::Secret { text: text.clone(), syntax }.shown();
    let is_plain = matches!(scalar.kind(), ScalarType::Integer(_) | ScalarType::Float(_) | ScalarType::Bool(_));
    let shown = match kind(name) {
        _ if is_secret => hidden(),
        _ if is_plain => scalar.text.to_owned(),
        Some(Kind::Text | Kind::Path) if !scalar.text.contains("://") => {
            Value::Text { text: scalar.text.to_owned(), syntax }.shown()
        }
        // A URL may have its password anywhere.
        _ => match scalar.text.split_once("://") {
            Some((scheme, _)) if scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+-._".contains(&byte)) => {
                format!("{scheme}://{MASK}")
            }
            _ => hidden(),
        },
    };
    redact::show_text(&shown)
}

/// What a key takes, by whatever name.
fn kind(name: &str) -> Option<Kind> {
    let field = layouts::flat_key(name, &Names::default()).map(|(_, field)| field).or_else(|| layouts::field(name));
    match field? {
        Field::Key(key) => Some(key.info().kind),
        Field::PerhapsEngine => Some(Kind::Text),
        _ => None,
    }
}
