//! Brackets: JSON, YAML in one line, and the inline tables and arrays of TOML.

use std::ops::Range;

use crate::document::Format;

use super::Place;
use super::layout::{Cell, Layout};
use super::nodes;
use super::out::Out;
use super::render::{Renderer, Result};
use super::style::indentation;
use super::tree::{Key, State, Value, unsupported};

/// Why something cannot be in brackets.
pub(super) const COMMENT: &str = "a comment has no place in brackets on one line";

impl<'document> Renderer<'_, 'document> {
    /// A collection in brackets that something was changed in.
    pub(super) fn flow(&self, place: Place, out: &mut Out<'document>) -> Result<()> {
        let Value::Old(node) = self.draft.slot(place).value else { return Ok(()) };
        let layout = self.layout(node)?;
        let Layout::Flow(flow) = layout.as_ref() else { return Ok(()) };
        if !flow.has_brackets {
            return Err(unsupported(self.draft, place, "a mapping without brackets in a list is not changed"));
        }
        let start = self.document.node(node).span.range().start;
        let was_empty = flow.cells.is_empty();
        let has_lines = flow.has_lines || (was_empty && self.style.is_pretty);
        let indent = match flow.cells.first() {
            Some(first) => indentation(self.text, first.core.start),
            None => indentation(self.text, start) + self.style.step,
        };
        let children: Vec<Place> = self.draft.slot(place).children.clone().unwrap_or_default();
        let live: Vec<Place> = self.draft.live(place).collect();
        out.old(flow.open.clone());
        let (mut count, mut left) = (0, Vec::new());
        for child in children {
            let slot = self.draft.slot(child);
            let cell = slot.origin.filter(|_| slot.in_place).and_then(|origin| flow.cells.get(origin.index));
            match slot.state {
                State::Gone | State::Lost => continue,
                State::Ghost => {
                    left.extend(self.all_comments(child)?);
                    continue;
                }
                State::Attached => {}
            }
            let inherited = self.inherited(child)?;
            left.extend(inherited.above);
            left.extend(inherited.below);
            left.extend(inherited.behind);
            count += 1;
            let is_last = count == live.len();
            if let Some(cell) = cell.filter(|_| !slot.stripped) {
                let is_first_cell = cell.core.start == flow.cells[0].core.start;
                self.comments_in_flow(child, &mut left, has_lines, indent, out)?;
                if count == 1 && !is_first_cell && !has_lines {
                    out.old(flow.cells[0].before.clone());
                } else if count > 1 && is_first_cell && !has_lines {
                    out.add(self.style.comma);
                } else {
                    self.lead_of_flow(cell.before.clone(), indent, out);
                }
                self.flow_core(child, cell, out)?;
                let keeps_comma = !is_last || flow.cells.last().is_some_and(|last| last.comma.is_some());
                behind(cell, keeps_comma, out);
                out.is_in_comment = !nodes::comments_in(self.document, &cell.behind).is_empty();
                continue;
            }
            let mut comments = std::mem::take(&mut left);
            comments.extend(if slot.stripped { Vec::new() } else { self.own_flow_comments(child)? });
            left = comments;
            self.comments_in_flow(child, &mut left, has_lines, indent, out)?;
            if has_lines {
                self.line_of_flow(indent, out);
            } else if count > 1 {
                out.add(self.style.comma);
            } else if let Some(first) = flow.cells.first() {
                out.add(&self.text[first.before.clone()]);
            }
            let was_moved = std::mem::replace(&mut out.is_moved, true);
            out.add(&self.flow_entry(child, indent)?);
            out.is_moved = was_moved;
            if !is_last || flow.cells.last().is_some_and(|last| last.comma.is_some()) {
                out.add(",");
            }
        }
        self.comments_in_flow(place, &mut left, has_lines, indent, out)?;
        if was_empty && has_lines && count > 0 {
            self.line_of_flow(indentation(self.text, start), out);
            out.add(self.text[..self.document.node(node).span.range().end].get(flow.close.end - 1..).unwrap_or("}"));
        } else if count == 0 && nodes::comments_in(self.document, &flow.close).is_empty() && out.is_open_bracket() {
            out.old(flow.close.end - 1..flow.close.end);
        } else {
            self.lead_of_flow(flow.close.clone(), indentation(self.text, start), out);
        }
        Ok(())
    }

    /// Comments on lines of their own in brackets.
    fn comments_in_flow(
        &self,
        place: Place,
        comments: &mut Vec<String>,
        has_lines: bool,
        indent: usize,
        out: &mut Out<'document>,
    ) -> Result<()> {
        if comments.is_empty() {
            return Ok(());
        }
        if let Some(hoisted) = self.hoisted.borrow_mut().as_mut().filter(|_| !has_lines) {
            hoisted.append(comments);
            return Ok(());
        }
        if !has_lines {
            return Err(unsupported(self.draft, place, COMMENT));
        }
        for comment in std::mem::take(comments) {
            self.line_of_flow(indent, out);
            out.add(&comment);
            out.is_in_comment = true;
        }
        Ok(())
    }

    /// What stood before an entry or a closing bracket; behind a comment, it needs a line of its own.
    fn lead_of_flow(&self, range: Range<usize>, indent: usize, out: &mut Out<'document>) {
        let text = &self.text[range.clone()];
        if out.is_in_comment && !text.trim_start_matches([' ', '\t']).starts_with(['\n', '\r']) {
            self.line_of_flow(indent, out);
            out.old(range.end - text.trim_start_matches([' ', '\t']).len()..range.end);
        } else {
            out.old(range);
        }
    }

    fn line_of_flow(&self, indent: usize, out: &mut Out<'document>) {
        out.add(self.style.line_end);
        out.spaces(indent);
    }

    /// An entry in brackets that stays where it is.
    fn flow_core(&self, place: Place, cell: &Cell, out: &mut Out<'document>) -> Result<()> {
        let slot = self.draft.slot(place);
        if !slot.touched && !matches!(slot.key, Some(Key::New(_))) {
            out.old(cell.core.clone());
            return Ok(());
        }
        let Some(anatomy) = self.anatomy(place)? else { return Ok(()) };
        match (&slot.key, &anatomy.key) {
            (Some(Key::New(_)), Some(key)) => {
                if anatomy.is_odd && self.text[anatomy.start..key.start].contains('?') {
                    return Err(unsupported(self.draft, place, "a key with a question mark is not renamed"));
                }
                out.old(anatomy.start..key.start);
                out.add(&self.key(place, true)?);
                out.old(key.end..anatomy.open);
            }
            _ => out.old(anatomy.start..anatomy.open),
        }
        if !slot.touched {
            out.old(anatomy.open..cell.core.end);
            return Ok(());
        }
        if matches!(slot.value, Value::Old(_)) {
            out.old(anatomy.open..anatomy.value.start);
            self.flow(place, out)?;
            out.old(anatomy.value.end..cell.core.end);
            return Ok(());
        }
        let indent = indentation(self.text, cell.core.start);
        let value = self.flow_value(place, indent)?;
        if anatomy.key.as_ref().is_some_and(|key| anatomy.open == key.end) {
            out.add(self.separator());
        }
        if anatomy.marks.is_empty() && !anatomy.value.is_empty() {
            out.old(anatomy.open..anatomy.value.start);
        } else if slot.key.is_some() {
            out.add(" ");
        }
        out.add(&value);
        Ok(())
    }

    pub(super) fn separator(&self) -> &'static str {
        if self.document.format() == Format::Toml { " =" } else { ":" }
    }

    /// The comments that an entry brings along.
    pub(super) fn own_flow_comments(&self, place: Place) -> Result<Vec<String>> {
        let Some(anatomy) = self.anatomy(place)? else { return Ok(Vec::new()) };
        let comments = nodes::comments_in(self.document, &anatomy.comments);
        let mut found: Vec<String> =
            comments.iter().map(|comment| self.document.slice(comment.span).to_owned()).collect();
        found.extend(self.comments_behind(place, &anatomy)?);
        Ok(found)
    }
}

/// The comma and comment behind an entry that stays.
fn behind(cell: &Cell, keeps_comma: bool, out: &mut Out<'_>) {
    match cell.comma {
        Some(_) if keeps_comma => out.old(cell.behind.clone()),
        Some(comma) => {
            out.old(cell.behind.start..comma);
            out.old(comma + 1..cell.behind.end);
        }
        None => {
            if keeps_comma {
                out.add(",");
            }
            out.old(cell.behind.clone());
        }
    }
}
