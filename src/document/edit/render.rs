//! From the draft to the new text: what is unchanged is taken over, the rest is written as the file writes it.

use std::cell::{OnceCell, RefCell};
use std::collections::{HashMap, HashSet};
use std::ops::Range;
use std::rc::Rc;

use crate::document::{Document, Format, NodeId};

use super::layout::{self, Anatomy, Layout};
use super::nodes;
use super::out::Out;
use super::style::{Style, line_start, next_line};
use super::toml::statements::Statements;
use super::tree::{Value, unsupported};
use super::{Draft, EditError, Place};

pub(super) type Result<T> = std::result::Result<T, EditError>;

/// Why a text cannot be continued.
pub(super) const OPEN_END: &str = "the file ends with a block scalar and without a line end";

/// Writes a draft.
pub(super) struct Renderer<'draft, 'document> {
    pub(super) draft: &'draft Draft<'document>,
    pub(super) document: &'document Document,
    pub(super) text: &'document str,
    pub(super) style: Style,
    layouts: RefCell<HashMap<NodeId, Rc<Layout>>>,
    statements: OnceCell<Statements>,
    /// Tables of TOML without a line of their own whose comments are written already.
    pub(super) told: RefCell<HashSet<Place>>,
    /// Comments that found no place in brackets, where they may go above the line instead.
    pub(super) hoisted: RefCell<Option<Vec<String>>>,
    /// The lines that each top has to itself.
    regions: Vec<Range<usize>>,
}

/// The new text of a draft.
pub(super) fn render<'document>(draft: &Draft<'document>) -> Result<Out<'document>> {
    let document = draft.document;
    let text = document.text();
    let style = Style::of(document);
    let mut out = Out::new(text, style.indent);
    let is_changed = draft.tops.values().any(|top| draft.slot(*top).touched);
    if !is_changed {
        out.old(0..text.len());
        return Ok(out);
    }
    if document.format() == Format::Ini {
        let top = draft.tops.values().next().copied().unwrap_or(Place(0));
        return Err(unsupported(draft, top, "INI files are not written"));
    }
    let renderer = Renderer {
        draft,
        document,
        text,
        style,
        layouts: RefCell::default(),
        statements: OnceCell::new(),
        told: RefCell::default(),
        hoisted: RefCell::default(),
        regions: regions(document),
    };
    renderer.tops(&mut out)?;
    let last = document.roots().last().map(|root| nodes::last_in(document, *root));
    if last.is_some_and(|last| nodes::is_open_block_scalar(document, last)) && !out.has_old_end() {
        let top = draft.tops.values().next_back().copied().unwrap_or(Place(0));
        return Err(unsupported(draft, top, OPEN_END));
    }
    let is_open = !text.is_empty() && !text.ends_with(['\n', '\r']) && !text.ends_with('\u{FEFF}');
    if is_open && out.is_line_start() && !ends_with_block_scalar(draft) {
        out.without_last_line_end();
    }
    Ok(out)
}

/// Whether the last value of a draft is a block scalar, which would lose its last line end.
fn ends_with_block_scalar(draft: &Draft<'_>) -> bool {
    let document = draft.document;
    let top = document.roots().len().checked_sub(1).and_then(|last| draft.tops.get(&last));
    let Some(mut at) = top.copied() else { return false };
    while let Some(last) = draft.live(at).last() {
        at = last;
    }
    let Value::Old(node) = draft.slot(at).value else { return false };
    nodes::is_block_scalar(document, nodes::last_in(document, node))
}

/// The lines of each top: behind the `---` before it, up to the next one.
fn regions(document: &Document) -> Vec<Range<usize>> {
    let text = document.text();
    let base = if text.starts_with('\u{FEFF}') { '\u{FEFF}'.len_utf8() } else { 0 };
    let is_yaml = document.format() == Format::Yaml;
    let mut from = base;
    let mut regions = Vec::new();
    for root in document.roots() {
        let span = document.node(*root).span.range();
        let mut at = from;
        let mut start = from;
        while is_yaml && at <= span.start && at < text.len() {
            let next = next_line(text, at);
            if text[at..].starts_with("---") {
                let is_inline = span.start < next && !span.is_empty() && !nodes::is_block(document, *root);
                start = if is_inline { span.start } else { next };
            }
            if next == at {
                break;
            }
            at = next;
        }
        let content = nodes::content_end(document, None, *root).max(start);
        let mut end = if text[..content].ends_with(['\n', '\r']) { content } else { next_line(text, content) };
        if !is_yaml {
            end = text.len();
        }
        while end < text.len() && !text[end..].starts_with("---") && !text[end..].starts_with("...") {
            end = next_line(text, end);
        }
        regions.push(start..end);
        from = end;
    }
    regions
}

impl<'document> Renderer<'_, 'document> {
    /// The lines of a TOML text.
    pub(super) fn statements(&self) -> &Statements {
        self.statements.get_or_init(|| Statements::of(self.document))
    }

    fn tops(&self, out: &mut Out<'document>) -> Result<()> {
        if self.document.format() == Format::Toml {
            return self.toml(out);
        }
        let mut at = 0;
        for (index, top) in &self.draft.tops {
            if !self.draft.slot(*top).touched {
                continue;
            }
            let Some(region) = self.regions.get(*index) else {
                // There was nothing but comments.
                out.old(0..self.text.len());
                self.new_top(*top, out)?;
                return Ok(());
            };
            out.old(at..region.start);
            self.top(*top, region.clone(), out)?;
            at = region.end;
        }
        out.old(at..self.text.len());
        Ok(())
    }

    fn top(&self, top: Place, region: Range<usize>, out: &mut Out<'document>) -> Result<()> {
        let slot = self.draft.slot(top);
        let Some(origin) = slot.origin else { return self.new_top(top, out) };
        let span = self.document.node(origin.value).span.range();
        let is_block = nodes::is_block(self.document, origin.value);
        if matches!(slot.value, Value::Old(_)) && is_block {
            let layout = self.layout(origin.value)?;
            let Layout::Block(block) = layout.as_ref() else { return Ok(()) };
            if self.draft.live(top).next().is_none() && self.document.format() == Format::Yaml {
                // Comments alone would be read as nothing at all.
                self.block_children(top, block.column, out)?;
                self.line(out);
                out.add("{}");
                out.add(self.style.line_end);
                return Ok(());
            }
            return self.block_children(top, block.column, out);
        }
        if matches!(slot.value, Value::Old(_)) {
            out.old(region.start..span.start);
            self.flow(top, out)?;
            out.old(span.end..region.end);
            return Ok(());
        }
        if span.is_empty() {
            out.old(region);
            return self.new_top(top, out);
        }
        Err(unsupported(self.draft, top, "the whole of a document is not replaced"))
    }

    fn new_top(&self, top: Place, out: &mut Out<'document>) -> Result<()> {
        self.line(out);
        if self.document.format() == Format::Json {
            let value = self.flow_value(top, 0)?;
            out.add(&value);
            out.add(self.style.line_end);
            return Ok(());
        }
        self.block_children(top, 0, out)
    }

    /// Ends the line that is open.
    pub(super) fn line(&self, out: &mut Out<'_>) {
        if !out.is_line_start() {
            out.add(self.style.line_end);
        }
    }

    /// The layout of a collection that somebody has looked into.
    pub(super) fn layout(&self, id: NodeId) -> Result<Rc<Layout>> {
        if let Some(known) = self.layouts.borrow().get(&id) {
            return Ok(Rc::clone(known));
        }
        let layout = if nodes::is_block(self.document, id) {
            let place = self.draft.places.get(&id).copied();
            let origin = place.and_then(|place| self.draft.slot(place).origin);
            let (Some(place), Some(origin)) = (place, origin) else {
                return Err(EditError::Differs { path: String::new() });
            };
            if let Some(anatomy) = self.anatomy(place)? {
                let from = next_line(self.text, anatomy.tail.end.max(anatomy.open));
                Layout::Block(layout::block(self.document, id, from, anatomy.end, false))
            } else {
                let region = self.regions.get(origin.index).cloned().unwrap_or(0..self.text.len());
                let is_first = line_start(self.text, region.start) == region.start && region.start <= 3;
                Layout::Block(layout::block(self.document, id, region.start, region.end, is_first))
            }
        } else {
            Layout::Flow(layout::flow(self.document, id))
        };
        let layout = Rc::new(layout);
        self.layouts.borrow_mut().insert(id, Rc::clone(&layout));
        Ok(layout)
    }

    /// Whether what is in a collection stands on lines of TOML.
    pub(super) fn is_line_of_toml(&self, container: NodeId) -> bool {
        self.document.format() == Format::Toml && nodes::is_block(self.document, container)
    }

    /// The old text of an entry or item; none for a top, and for what is new.
    pub(super) fn anatomy(&self, place: Place) -> Result<Option<Anatomy>> {
        let Some(origin) = self.draft.slot(place).origin else { return Ok(None) };
        let Some(container) = origin.container else { return Ok(None) };
        if self.is_line_of_toml(container) {
            return Ok(self.line_anatomy(origin.value));
        }
        let layout = self.layout(container)?;
        Ok(Some(layout::anatomy(self.document, &layout, origin.index, origin.key, origin.value)))
    }
}
