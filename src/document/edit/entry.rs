//! One entry or item of a block: its key or dash, its value, what stands behind it.

use crate::document::{Format, NodeId, NodeKind};

use super::Place;
use super::block::difference;
use super::comments::Inherited;
use super::layout::{Anatomy, Layout};
use super::nodes;
use super::out::Out;
use super::quote;
use super::render::{Renderer, Result};
use super::style::{line_start, next_line};
use super::tree::{Key, Value, unsupported};

impl<'document> Renderer<'_, 'document> {
    /// An entry or item with what is above it.
    pub(super) fn block_child(&self, place: Place, column: usize, out: &mut Out<'document>) -> Result<()> {
        let anatomy = self.anatomy(place)?;
        let mut inherited = self.inherited(place)?;
        if self.draft.slot(place).key.is_none() && self.is_behind_dash(place, anatomy.as_ref())? {
            // The line of the dash is that of the first key.
            inherited.above.extend(inherited.behind.take());
        }
        self.comment_lines(&inherited.above, column, out);
        if let Some(anatomy) = anatomy.as_ref().filter(|_| !self.draft.slot(place).stripped) {
            if anatomy.in_flow {
                let comments = nodes::comments_in(self.document, &anatomy.comments);
                let comments: Vec<String> =
                    comments.iter().map(|comment| self.document.slice(comment.span).to_owned()).collect();
                self.comment_lines(&comments, column, out);
            } else {
                self.line(out);
                out.shifted(anatomy.comments.clone(), difference(column, anatomy.column));
            }
        }
        self.comment_lines(&inherited.below, column, out);
        self.line(out);
        self.block_entry(place, column, anatomy.as_ref(), &inherited, out)
    }

    fn block_entry(
        &self,
        place: Place,
        column: usize,
        anatomy: Option<&Anatomy>,
        inherited: &Inherited,
        out: &mut Out<'document>,
    ) -> Result<()> {
        let slot = self.draft.slot(place);
        let is_item = slot.key.is_none();
        let same = anatomy.filter(|anatomy| !anatomy.in_flow && anatomy.key.is_none() == is_item);
        let old_tail = same.filter(|_| !slot.stripped && inherited.behind.is_none());
        let by = same.map_or(0, |same| difference(column, same.column));
        let is_old = matches!(slot.value, Value::Old(_));
        if is_old && is_item && self.is_behind_dash(place, anatomy)? && (slot.touched || same.is_none()) {
            return self.item_of_block(place, column, out);
        }
        if is_item && self.is_open_collection(place) && inherited.behind.is_none() {
            let comments = anatomy.map_or(Ok(Vec::new()), |anatomy| self.comments_behind(place, anatomy))?;
            if (comments.is_empty() || slot.stripped) && self.tag_of_copy(place).is_empty() {
                let mut part = out.part();
                self.converted(place, column + 2, &mut part)?;
                behind_dash(&part.into_text(), column, column + 2, out);
                return Ok(());
            }
        }
        self.marker(place, column, same, out)?;
        match (&slot.value, anatomy) {
            (Value::Old(_), Some(anatomy)) if !slot.touched && same.is_some() => {
                out.shifted(anatomy.open..anatomy.value.end, by);
                if !anatomy.is_block {
                    return self.tail(place, anatomy, column, old_tail.is_some(), inherited, out);
                }
                if old_tail.is_some() || (is_item && self.is_behind_dash(place, Some(anatomy))?) {
                    out.shifted(anatomy.value.end..anatomy.end, by);
                    return Ok(());
                }
                self.head_end(place, anatomy, inherited, out)?;
                out.shifted(next_line(self.text, anatomy.tail.end)..anatomy.end, by);
                Ok(())
            }
            (Value::Old(node), Some(anatomy)) if anatomy.is_block => {
                self.marks_of(anatomy, same.is_some(), out);
                if slot.touched && self.draft.live(place).next().is_none() {
                    let is_list = matches!(self.document.node(*node).kind, NodeKind::Sequence { .. });
                    out.add(if is_list { " []" } else { " {}" });
                }
                self.head_end(place, anatomy, inherited, out)?;
                let inner = self.inner_column(place, *node, column, same)?;
                self.block_body(place, *node, anatomy, inner, out)
            }
            (Value::Old(node), Some(anatomy)) => {
                if slot.touched && self.needs_block(place)? {
                    self.marks_of(anatomy, same.is_some(), out);
                    self.head_end(place, anatomy, inherited, out)?;
                    let is_list = matches!(self.document.node(*node).kind, NodeKind::Sequence { .. });
                    let step = if is_list { self.style.list_step } else { self.style.step };
                    let step = if is_item { 2 } else { step };
                    self.converted(place, column + step, out)?;
                    return Ok(());
                }
                self.marks_of(anatomy, same.is_some(), out);
                if same.is_some() {
                    out.shifted(anatomy.marks.end..anatomy.value.start, by);
                } else if !anatomy.value.is_empty() {
                    out.add(" ");
                }
                if slot.touched {
                    self.flow(place, out)?;
                } else {
                    out.shifted(anatomy.value.clone(), difference(column, anatomy.column));
                }
                self.tail(place, anatomy, column, old_tail.is_some(), inherited, out)
            }
            _ => self.new_value(place, column, anatomy, same, inherited, out),
        }
    }

    /// The indentation and the key with its colon, or the dash.
    fn marker(&self, place: Place, column: usize, same: Option<&Anatomy>, out: &mut Out<'document>) -> Result<()> {
        let slot = self.draft.slot(place);
        let separator = if self.document.format() == Format::Env { "=" } else { ":" };
        let Some(same) = same else {
            out.spaces(column);
            match &slot.key {
                Some(_) => {
                    out.add(&self.key(place, false)?);
                    out.add(separator);
                }
                None => out.add("-"),
            }
            return Ok(());
        };
        let by = difference(column, same.column);
        let line = line_start(self.text, same.start);
        if by == 0 && self.text[line..same.start].trim().is_empty() {
            out.old(line..same.start);
        } else {
            out.spaces(column);
        }
        match (&slot.key, &same.key) {
            (Some(Key::New(_)), Some(key)) => {
                if same.is_odd {
                    return Err(unsupported(self.draft, place, "a key with a question mark is not renamed"));
                }
                out.shifted(same.start..key.start, by);
                out.add(&self.key(place, false)?);
                out.shifted(key.end..same.open, by);
            }
            _ if by == 0 => out.old(same.start..same.open),
            // The indentation of its first line is written already, also where it had none.
            _ => out.add(&super::out::shift(&self.text[same.start..same.open], by, false, self.style.indent)),
        }
        if same.open == same.key.as_ref().map_or(same.open, |key| key.end) && slot.key.is_some() && slot.touched {
            // A bare name takes its `=` with its first value.
            out.add(separator);
        }
        Ok(())
    }

    /// The key of an entry as it is to be written.
    pub(super) fn key(&self, place: Place, in_flow: bool) -> Result<String> {
        match &self.draft.slot(place).key {
            Some(Key::New(text)) => Ok(quote::key(self.document.format(), text, in_flow)),
            Some(Key::Old(node)) => {
                let raw = self.document.raw(*node);
                let is_plain = self.document.scalar(*node).is_some() && !raw.contains(['\n', '\r']);
                if !is_plain {
                    return Err(unsupported(self.draft, place, "a key that is no single value is not moved there"));
                }
                let is_quoted = raw.starts_with(['"', '\'']);
                let breaks = in_flow && !is_quoted && raw.contains(['{', '}', '[', ']', ',']);
                Ok(if breaks { quote::key(self.document.format(), raw, true) } else { raw.to_owned() })
            }
            None => Ok(String::new()),
        }
    }

    /// Anchor and tag.
    fn marks_of(&self, anatomy: &Anatomy, as_they_stand: bool, out: &mut Out<'document>) {
        if as_they_stand {
            out.old(anatomy.open..anatomy.marks.end);
        } else if !anatomy.marks.is_empty() {
            out.add(" ");
            out.add(&self.text[anatomy.marks.clone()]);
        }
    }

    /// The end of the line with the key of a block.
    fn head_end(&self, place: Place, anatomy: &Anatomy, inherited: &Inherited, out: &mut Out<'document>) -> Result<()> {
        let comments = self.comments_behind(place, anatomy)?;
        if self.draft.slot(place).stripped || anatomy.in_flow || inherited.behind.is_some() {
            let own = if self.draft.slot(place).stripped { Vec::new() } else { comments };
            for comment in own.iter().chain(&inherited.behind) {
                out.add("  ");
                out.add(comment);
            }
        } else {
            out.old(anatomy.tail.clone());
        }
        out.add(self.style.line_end);
        Ok(())
    }

    /// What stands behind a value on its line, and the comments below it that belong to it.
    pub(super) fn tail(
        &self,
        place: Place,
        anatomy: &Anatomy,
        column: usize,
        as_it_stands: bool,
        inherited: &Inherited,
        out: &mut Out<'document>,
    ) -> Result<()> {
        let by = difference(column, anatomy.column);
        if as_it_stands {
            out.shifted(anatomy.tail.start..anatomy.end, by);
            return Ok(());
        }
        let is_stripped = self.draft.slot(place).stripped;
        let own = if is_stripped { Vec::new() } else { self.comments_behind(place, anatomy)? };
        if let (false, [_], None, false) = (is_stripped, own.as_slice(), &inherited.behind, anatomy.in_flow) {
            out.old(anatomy.tail.clone());
        } else {
            for comment in own.iter().chain(&inherited.behind) {
                out.add("  ");
                out.add(comment);
            }
        }
        self.line(out);
        if !anatomy.in_flow {
            out.shifted(next_line(self.text, anatomy.tail.end).min(anatomy.end)..anatomy.end, by);
        }
        Ok(())
    }

    /// Where the entries of a block come to stand.
    fn inner_column(&self, place: Place, node: NodeId, column: usize, same: Option<&Anatomy>) -> Result<usize> {
        let layout = self.layout(node)?;
        let Layout::Block(block) = layout.as_ref() else { return Ok(column) };
        if let Some(same) = same {
            let inner = difference(block.column, same.column) + difference(column, 0);
            return Ok(usize::try_from(inner).unwrap_or(column));
        }
        let is_list = matches!(self.document.node(node).kind, NodeKind::Sequence { .. });
        Ok(match (self.draft.slot(place).key.is_none(), is_list) {
            (true, _) => column + 2,
            (false, true) => column + self.style.list_step,
            (false, false) => column + self.style.step,
        })
    }

    fn block_body(
        &self,
        place: Place,
        node: NodeId,
        anatomy: &Anatomy,
        inner: usize,
        out: &mut Out<'document>,
    ) -> Result<()> {
        if self.draft.slot(place).touched {
            return self.block_children(place, inner, out);
        }
        let layout = self.layout(node)?;
        let Layout::Block(block) = layout.as_ref() else { return Ok(()) };
        let by = difference(inner, block.column);
        if block.is_inline {
            out.spaces(inner);
            out.shifted(self.document.node(node).span.range().start..anatomy.end, by);
        } else {
            out.shifted(block.range.start..anatomy.end, by);
        }
        Ok(())
    }

    /// Whether an item starts with the first key of its mapping on the line of the dash, or can.
    fn is_behind_dash(&self, place: Place, anatomy: Option<&Anatomy>) -> Result<bool> {
        let Some(anatomy) = anatomy.filter(|anatomy| anatomy.is_block && anatomy.marks.is_empty()) else {
            return Ok(false);
        };
        let Value::Old(node) = self.draft.slot(place).value else { return Ok(false) };
        let layout = self.layout(node)?;
        let Layout::Block(block) = layout.as_ref() else { return Ok(false) };
        let was_item = anatomy.key.is_none();
        let has_comment = !self.comments_behind(place, anatomy)?.is_empty();
        Ok(if was_item { block.is_inline } else { !has_comment } && self.has_entries(place))
    }

    fn has_entries(&self, place: Place) -> bool {
        !self.draft.slot(place).touched || self.draft.live(place).next().is_some()
    }

    /// An item that is a mapping or list: the dash takes the place of the indentation of its first line.
    fn item_of_block(&self, place: Place, column: usize, out: &mut Out<'document>) -> Result<()> {
        let mut part = out.part();
        let Value::Old(node) = self.draft.slot(place).value else { return self.block_children(place, column + 2, out) };
        let anatomy = self.anatomy(place)?;
        let same = anatomy.as_ref().filter(|anatomy| anatomy.key.is_none() && !anatomy.in_flow);
        let inner = self.inner_column(place, node, column, same)?;
        if let Some(anatomy) = &anatomy {
            self.block_body(place, node, anatomy, inner, &mut part)?;
        }
        behind_dash(&part.into_text(), column, inner, out);
        Ok(())
    }

    /// The tag of a copy that is written anew, with a space in front.
    fn tag_of_copy(&self, place: Place) -> String {
        let tag = match self.draft.slot(place).value {
            Value::Copy(node) => self.marks_text(node, false),
            _ => String::new(),
        };
        if tag.is_empty() { tag } else { format!(" {}", tag.trim_end()) }
    }

    /// A value that was not there before.
    fn new_value(
        &self,
        place: Place,
        column: usize,
        anatomy: Option<&Anatomy>,
        same: Option<&Anatomy>,
        inherited: &Inherited,
        out: &mut Out<'document>,
    ) -> Result<()> {
        let slot = self.draft.slot(place);
        let is_collection = self.is_open_collection(place);
        if is_collection && self.document.format() == Format::Env {
            return Err(unsupported(self.draft, place, "a line of a .env file holds one value"));
        }
        let end_line = |out: &mut Out<'document>| match anatomy {
            Some(anatomy) if !anatomy.is_block => self.tail(place, anatomy, column, false, inherited, out),
            Some(anatomy) => self.head_end(place, anatomy, inherited, out),
            None => {
                if let Some(comment) = &inherited.behind {
                    out.add("  ");
                    out.add(comment);
                }
                out.add(self.style.line_end);
                Ok(())
            }
        };
        if is_collection {
            let is_item = slot.key.is_none();
            let step = match (is_item, self.is_list(place)) {
                (true, _) => 2,
                (false, true) => self.style.list_step,
                (false, false) => self.style.step,
            };
            out.add(self.tag_of_copy(place).trim_end());
            end_line(out)?;
            return self.converted(place, column + step, out);
        }
        let tag = self.tag_of_copy(place);
        let value = match &slot.value {
            Value::Scalar(value) => self.scalar(place, value, false)?,
            Value::Copy(node) if !slot.touched => self.copied(place, *node)?,
            _ => {
                if self.is_list(place) {
                    "[]".to_owned()
                } else {
                    "{}".to_owned()
                }
            }
        };
        match same.filter(|same| same.marks.is_empty() && !same.is_block && !same.value.is_empty()) {
            Some(same) if same.value.start > same.open => {
                let between = same.open..same.value.start;
                let is_line = !self.text[between.clone()].contains(['\n', '\r']);
                if is_line { out.old(between) } else { out.add(" ") }
            }
            _ if self.document.format() != Format::Env => out.add(" "),
            _ => {}
        }
        if !matches!(slot.value, Value::Copy(_)) || slot.touched {
            out.add(tag.trim_start());
            out.add(if tag.is_empty() { "" } else { " " });
        }
        out.add(&value);
        end_line(out)
    }
}

/// Puts a dash in front of lines that are indented for it.
fn behind_dash(lines: &str, column: usize, inner: usize, out: &mut Out<'_>) {
    let mut rest = lines;
    loop {
        let end = next_line(rest, 0);
        let line = rest[..end].trim_start_matches(' ');
        if !line.starts_with(['#', '\n', '\r']) || end == rest.len() {
            break;
        }
        if line.starts_with('#') {
            out.spaces(column);
            out.add(line);
        }
        rest = &rest[end..];
    }
    out.spaces(column);
    out.add("-");
    out.spaces(inner.saturating_sub(column + 1).max(1));
    out.add(rest.trim_start_matches(' '));
}
