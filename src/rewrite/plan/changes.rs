//! What changes in a file, key by key: for the journal, with every secret masked.

use std::collections::BTreeMap;

use crate::document::edit::Edit;
use crate::document::{Document, Format, NodeKind, Span};
use crate::model::{Value, ValueChange};
use crate::redact::{self, Secret};
use crate::template::{self, Syntax};

/// The keys whose values go away, come, or are others in the new text. Only the replaced parts are looked at.
pub(super) fn between(before: &Document, after: &Document, edits: &[Edit]) -> Vec<ValueChange> {
    let mut changes: BTreeMap<String, (Option<String>, Option<String>)> = BTreeMap::new();
    let mut moved: i64 = 0;
    for edit in edits {
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
    let is_value = |node: &crate::document::NodeId| match &document.node(*node).kind {
        NodeKind::Scalar { .. } => document.entry(*node).is_none_or(|entry| entry.value == *node),
        NodeKind::Alias { .. } => true,
        _ => false,
    };
    let leaf = |node| (document.path(node).to_string(), shown(document, node));
    document.leaves_in(span).filter(is_value).map(leaf).collect()
}

/// A value as a person may see it.
fn shown(document: &Document, node: crate::document::NodeId) -> String {
    let Some(scalar) = document.scalar(node).filter(|_| !document.is_blank(node)) else {
        return document.slice(document.node(node).span).to_owned();
    };
    let syntax = if document.format() == Format::Env { Syntax::Shell } else { Syntax::Braces };
    let keys = document.path(node);
    let is_secret = keys.segments().iter().any(|segment| match segment {
        crate::document::Segment::Key(key) => redact::is_secret_name(key),
        crate::document::Segment::Index(_) => false,
    });
    let text = Secret::new(scalar.text);
    let value = if is_secret && !template::is_placeholder(scalar.text) {
        Value::Secret { text, syntax }
    } else {
        Value::Url { text, syntax }
    };
    redact::show_text(&value.shown())
}
