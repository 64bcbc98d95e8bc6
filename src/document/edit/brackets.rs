//! Values that come to stand in brackets, and values that leave them.

use crate::document::{Format, NodeId, NodeKind};

use super::flow::COMMENT;
use super::layout::Layout;
use super::nodes;
use super::out::Out;
use super::quote::{self, Former};
use super::render::{OPEN_END, Renderer, Result};
use super::style::indentation;
use super::tree::{State, Value, unsupported};
use super::{NewValue, Place};

impl<'document> Renderer<'_, 'document> {
    /// A whole entry as it stands in brackets.
    pub(super) fn flow_entry(&self, place: Place, indent: usize) -> Result<String> {
        let value = self.flow_value(place, indent)?;
        if self.draft.slot(place).key.is_none() {
            return Ok(value);
        }
        let space = if self.document.format() == Format::Json { self.style.colon } else { " " };
        Ok(format!("{}{}{space}{value}", self.key(place, true)?, self.separator()))
    }

    /// A value as it stands in brackets; `indent` is that of its line.
    pub(super) fn flow_value(&self, place: Place, indent: usize) -> Result<String> {
        let slot = self.draft.slot(place);
        match &slot.value {
            Value::Scalar(value) => return self.scalar(place, value, true),
            Value::Copy(node) if !slot.touched => return self.flow_of(place, *node, false, indent),
            Value::Old(node) if !slot.touched => {
                if !nodes::is_block(self.document, *node) {
                    let raw = self.moved_flow(place, *node, indent)?;
                    if let Some(raw) = raw {
                        return Ok(raw);
                    }
                }
                return self.flow_of(place, *node, true, indent);
            }
            Value::Old(node) if !nodes::is_block(self.document, *node) => {
                let mut part = Out::new(self.text, self.style.indent);
                part.is_moved = true;
                self.flow(place, &mut part)?;
                let by = isize::try_from(indent).unwrap_or(0)
                    - isize::try_from(indentation(self.text, self.document.node(*node).span.range().start))
                        .unwrap_or(0);
                let text = part.into_text();
                let is_fixed = has_long_text(self.document.format(), &text);
                let text = if is_fixed { text } else { super::out::shift(&text, by, false, self.style.indent) };
                return Ok(format!("{}{text}", self.marks_text(*node, true)));
            }
            Value::Old(_) => {
                if let Some(anatomy) = self.anatomy(place)? {
                    let range = anatomy.tail.start..anatomy.end;
                    if !nodes::comments_in(self.document, &range).is_empty() {
                        return Err(unsupported(self.draft, place, COMMENT));
                    }
                }
            }
            Value::Copy(_) | Value::Map | Value::List => {}
        }
        let is_list = self.is_list(place);
        let inner = indent + self.style.step;
        let mut parts = Vec::new();
        let mut live = self.draft.live(place).peekable();
        if live.peek().is_some() {
            for child in slot.children.as_deref().unwrap_or_default() {
                if self.draft.slot(*child).state == State::Ghost && !self.all_comments(*child)?.is_empty() {
                    return Err(unsupported(self.draft, place, COMMENT));
                }
            }
        }
        for child in live {
            let child_slot = self.draft.slot(child);
            let inherited = self.inherited(child)?;
            let mut comments = inherited.above;
            comments.extend(inherited.below);
            comments.extend(inherited.behind);
            if !child_slot.stripped && !child_slot.in_place {
                comments.extend(self.own_flow_comments(child)?);
            }
            if !comments.is_empty() && !self.style.is_pretty {
                return Err(unsupported(self.draft, child, COMMENT));
            }
            let mut text = String::new();
            for comment in comments {
                text.push_str(&comment);
                text.push_str(self.style.line_end);
                text.push_str(&self.style.indent.to_string().repeat(inner));
            }
            text.push_str(&self.flow_entry(child, inner)?);
            parts.push(text);
        }
        let marks = match slot.value {
            Value::Old(node) => self.marks_text(node, true),
            Value::Copy(node) => self.marks_text(node, false),
            _ => String::new(),
        };
        Ok(format!("{marks}{}", self.brackets(&parts, is_list, indent)))
    }

    /// An old value that is moved into brackets, as it is written, if it can stay so.
    fn moved_flow(&self, place: Place, node: NodeId, indent: usize) -> Result<Option<String>> {
        let Some(anatomy) = self.anatomy(place)? else { return Ok(None) };
        let raw = &self.text[anatomy.value.clone()];
        let is_collection =
            matches!(self.document.node(node).kind, NodeKind::Mapping { .. } | NodeKind::Sequence { .. });
        let fits_in_flow = anatomy.in_flow || self.document.format() != Format::Yaml;
        let has_comment = !nodes::comments_in(self.document, &anatomy.value).is_empty();
        let is_line = !raw.contains(['\n', '\r']);
        let is_plain_word =
            !raw.contains(['{', '}', '[', ']', ',', ':', '#', '|', '>']) || raw.starts_with(['"', '\'']);
        if has_comment && self.document.format() != Format::Json {
            return Ok(if fits_in_flow { Some(raw.to_owned()) } else { None });
        }
        if !(fits_in_flow || (is_line && (is_collection || is_plain_word))) {
            return Ok(None);
        }
        let from = indentation(self.text, anatomy.value.start);
        let by = isize::try_from(indent).unwrap_or(0) - isize::try_from(from).unwrap_or(0);
        let marks = &self.text[anatomy.marks.clone()];
        if raw.is_empty() && self.document.format() == Format::Yaml {
            // Nothing at all is no item.
            return Ok(Some(format!("{marks} null").trim_start().to_owned()));
        }
        let value = if has_long_text(self.document.format(), raw) {
            raw.to_owned()
        } else {
            super::out::shift(raw, by, false, self.style.indent)
        };
        Ok(Some(if marks.is_empty() { value } else { format!("{marks} {value}").trim_end().to_owned() }))
    }

    /// Anchor and tag of a value, with a space behind each. A copy has no anchor.
    pub(super) fn marks_text(&self, node: NodeId, is_moved: bool) -> String {
        let mut text = String::new();
        if let Some(marks) = self.document.marks(node) {
            for mark in [marks.anchor.filter(|_| is_moved), marks.tag].into_iter().flatten() {
                if !mark.overlaps(self.document.node(node).span) {
                    text.push_str(self.document.slice(mark));
                    text.push(' ');
                }
            }
        }
        text
    }

    /// A value of the document in brackets on one line. Anchors stay where the value itself is moved.
    fn flow_of(&self, place: Place, node: NodeId, is_moved: bool, indent: usize) -> Result<String> {
        if is_moved
            && let Some(anatomy) = self.anatomy(place)?
            && self.draft.slot(place).origin.is_some_and(|origin| origin.value == node)
            && !nodes::comments_in(self.document, &(anatomy.tail.end.min(anatomy.value.start)..anatomy.end)).is_empty()
            && (anatomy.is_block || !anatomy.in_flow)
        {
            let inside = if anatomy.is_block { anatomy.tail.start..anatomy.end } else { anatomy.value.clone() };
            if !nodes::comments_in(self.document, &inside).is_empty() {
                return Err(unsupported(self.draft, place, COMMENT));
            }
        }
        let marks = self.marks_text(node, is_moved);
        let inner = indent + self.style.step;
        let raw = self.document.raw(node);
        let value = match &self.document.node(node).kind {
            NodeKind::Alias { .. } => raw.to_owned(),
            NodeKind::Scalar { .. } if nodes::is_open_block_scalar(self.document, node) => {
                return Err(unsupported(self.draft, place, OPEN_END));
            }
            NodeKind::Scalar { .. } => {
                let text = self.document.text_of(node).unwrap_or_default();
                let is_quoted = raw.starts_with(['"', '\'']);
                let is_word = !raw.contains(['{', '}', '[', ']', ',', ':', '#']) && raw == text;
                if raw.is_empty() && self.document.format() == Format::Yaml {
                    "null".to_owned()
                } else if !raw.contains(['\n', '\r'])
                    && (is_quoted || is_word || self.document.format() != Format::Yaml)
                {
                    raw.to_owned()
                } else {
                    let text = NewValue::Text(text.to_owned());
                    quote::scalar(self.document.format(), &text, Former::default(), true).unwrap_or_default()
                }
            }
            NodeKind::Mapping { entries, .. } => {
                let mut parts = Vec::new();
                for entry in entries {
                    let value = self.flow_of(place, entry.value, is_moved, inner)?;
                    let key = self.flow_of(place, entry.key, is_moved, inner)?;
                    let space = if self.document.format() == Format::Json { self.style.colon } else { " " };
                    parts.push(format!("{key}{}{space}{value}", self.separator()).trim_end().to_owned());
                }
                self.brackets(&parts, false, indent)
            }
            NodeKind::Sequence { items, .. } => {
                let parts: Result<Vec<String>> =
                    items.iter().map(|item| self.flow_of(place, *item, is_moved, inner)).collect();
                self.brackets(&parts?, true, indent)
            }
        };
        Ok(format!("{marks}{value}").trim_end().to_owned())
    }

    fn brackets(&self, parts: &[String], is_list: bool, indent: usize) -> String {
        let (open, close) = if is_list { ('[', ']') } else { ('{', '}') };
        if parts.is_empty() {
            return format!("{open}{close}");
        }
        if self.style.is_pretty {
            let line =
                format!("{}{}", self.style.line_end, self.style.indent.to_string().repeat(indent + self.style.step));
            let last = format!("{}{}", self.style.line_end, self.style.indent.to_string().repeat(indent));
            return format!("{open}{line}{}{last}{close}", parts.join(&format!(",{line}")));
        }
        let pad = if self.document.format() == Format::Toml && !is_list { " " } else { "" };
        format!("{open}{pad}{}{pad}{close}", parts.join(&format!(",{}", self.style.comma)))
    }

    /// A new single value.
    pub(super) fn scalar(&self, place: Place, value: &NewValue, in_flow: bool) -> Result<String> {
        let slot = self.draft.slot(place);
        let old = slot.origin.and_then(|origin| self.document.scalar(origin.value));
        let former = old
            .map_or(Former::default(), |old| Former { style: Some(old.style), has_reference: old.text.contains('$') });
        quote::scalar(self.document.format(), value, former, in_flow)
            .ok_or_else(|| unsupported(self.draft, place, "the format has no way to write this value"))
    }

    /// Whether a new value is a list.
    pub(super) fn is_list(&self, place: Place) -> bool {
        match self.draft.slot(place).value {
            Value::List => true,
            Value::Old(node) | Value::Copy(node) => matches!(self.document.node(node).kind, NodeKind::Sequence { .. }),
            Value::Map | Value::Scalar(_) => false,
        }
    }

    /// Whether a new value is a collection with something in it, which gets lines of its own in a block.
    pub(super) fn is_open_collection(&self, place: Place) -> bool {
        let slot = self.draft.slot(place);
        match slot.value {
            Value::Map | Value::List | Value::Copy(_) => self.draft.live(place).next().is_some(),
            Value::Old(_) | Value::Scalar(_) => false,
        }
    }

    /// Whether something in brackets has to be written as a block, because something in it cannot be otherwise.
    pub(super) fn needs_block(&self, place: Place) -> Result<bool> {
        let slot = self.draft.slot(place);
        let Value::Old(node) = slot.value else { return Ok(false) };
        if self.document.format() != Format::Yaml {
            return Ok(false);
        }
        let layout = self.layout(node)?;
        let Layout::Flow(flow) = layout.as_ref() else { return Ok(false) };
        let mut live = self.draft.live(place).peekable();
        if flow.cells.is_empty() && live.peek().is_some() {
            return Ok(true);
        }
        for child in live {
            let child_slot = self.draft.slot(child);
            let inherited = self.inherited(child)?;
            let needs = match &child_slot.value {
                _ if inherited.is_any() && !flow.has_lines => true,
                Value::Old(node) => {
                    let anatomy = self.anatomy(child)?;
                    let from_block = anatomy.filter(|anatomy| !anatomy.in_flow);
                    let has_comments = from_block.as_ref().is_some_and(|anatomy| {
                        !nodes::comments_in(self.document, &(anatomy.comments.start..anatomy.end)).is_empty()
                    });
                    has_comments
                        || (from_block.is_some() && nodes::is_block(self.document, *node))
                        || (child_slot.touched && self.needs_block(child)?)
                }
                _ => false,
            };
            if needs {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// What was in brackets, or is new, as a block.
    pub(super) fn converted(&self, place: Place, column: usize, out: &mut Out<'document>) -> Result<()> {
        self.line(out);
        self.block_children(place, column, out)
    }

    /// A copy of a single value, as it is written, or of what stands in brackets; without comments and anchors.
    pub(super) fn copied(&self, place: Place, node: NodeId) -> Result<String> {
        let raw = self.document.raw(node);
        match &self.document.node(node).kind {
            NodeKind::Scalar { .. } if !raw.contains(['\n', '\r']) && !raw.is_empty() => {
                Ok(format!("{}{raw}", self.marks_text(node, false)))
            }
            _ => self.flow_of(place, node, false, 0),
        }
    }
}

/// Whether a value of TOML holds a text over several lines, which would change with its indentation.
fn has_long_text(format: Format, raw: &str) -> bool {
    format == Format::Toml && (raw.contains("\"\"\"") || raw.contains("'''"))
}
