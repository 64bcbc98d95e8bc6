//! Values that are written anew: those of the model, and copies of what stands in a file.

use crate::document::edit::NewValue;
use crate::document::{Document, NodeId, NodeKind, ScalarStyle, ScalarType};
use crate::model::Value;

/// A value of the model, secrets included: what the file is to hold.
pub(super) fn of_value(value: &Value) -> NewValue {
    match value {
        Value::Integer(number) => NewValue::Integer(*number),
        Value::Float(number) => NewValue::Float(*number),
        Value::Bool(switch) => NewValue::Bool(*switch),
        Value::Text { .. } | Value::Secret { .. } | Value::Url { .. } => NewValue::Text(value.expose()),
    }
}

/// What a node holds or stands for, aliases followed.
pub(super) fn of_node(document: &Document, node: NodeId) -> NewValue {
    let node = document.resolve(node);
    match &document.node(node).kind {
        NodeKind::Mapping { .. } => {
            let entries = document.entries(node);
            // What has no value says nothing, and a text without quotes cannot say that.
            let entry = |entry: &crate::document::Entry| {
                let is_null = document.scalar(entry.value).is_some_and(|it| it.kind() == ScalarType::Null);
                (!is_null).then_some((document.key(*entry)?.to_owned(), of_node(document, entry.value)))
            };
            NewValue::Map(entries.iter().filter_map(entry).collect())
        }
        NodeKind::Sequence { items, .. } => NewValue::List(items.iter().map(|item| of_node(document, *item)).collect()),
        NodeKind::Scalar { .. } | NodeKind::Alias { .. } => {
            let Some(scalar) = document.scalar(node) else { return NewValue::Text(String::new()) };
            let raw = document.slice(document.node(node).span);
            let is_line =
                !matches!(scalar.style, ScalarStyle::Literal | ScalarStyle::Folded | ScalarStyle::TripleQuoted);
            match scalar.kind() {
                _ if is_line && !raw.is_empty() && !raw.contains(['\n', '\r']) => NewValue::Written(raw.to_owned()),
                ScalarType::Integer(number) => NewValue::Integer(number),
                ScalarType::Float(number) => NewValue::Float(number),
                ScalarType::Bool(switch) => NewValue::Bool(switch),
                _ => NewValue::Text(scalar.text.to_owned()),
            }
        }
    }
}

/// A value of a `.env` file, quoted where a reader would not take it as it is. It holds no quote, backslash or line end.
pub(super) fn quoted_variable(text: &str) -> String {
    if text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-:/@%+".contains(&byte)) {
        return text.to_owned();
    }
    format!("'{text}'")
}
