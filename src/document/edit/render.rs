//! From the draft to the new text: what is unchanged is taken over, the rest is written as the file writes it.

use std::cell::{OnceCell, RefCell};
use std::collections::{HashMap, HashSet};
use std::ops::Range;
use std::rc::Rc;

use crate::document::{Document, Format, NodeId};

use super::layout::{self, Anatomy, Layout};
use super::out::Out;
use super::style::{Style, line_start, next_line};
use super::toml::statements::Statements;
use super::tree::{State, Value, unsupported};
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
    /// The lines that each top has to itself.
    regions: Vec<Range<usize>>,
}

/// Comments that come to an entry from others.
#[derive(Default)]
pub(super) struct Inherited {
    pub(super) above: Vec<String>,
    /// Those of a value that went away: below the comments that the entry has itself.
    pub(super) below: Vec<String>,
    pub(super) behind: Option<String>,
}

impl Inherited {
    pub(super) fn is_any(&self) -> bool {
        !self.above.is_empty() || !self.below.is_empty() || self.behind.is_some()
    }
}

/// The new text of a draft.
pub(super) fn render<'document>(draft: &Draft<'document>) -> Result<Out<'document>> {
    let document = draft.document;
    let text = document.text();
    let mut out = Out::new(text);
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
        style: Style::of(document),
        layouts: RefCell::default(),
        statements: OnceCell::new(),
        told: RefCell::default(),
        regions: regions(document),
    };
    renderer.tops(&mut out)?;
    let last = document.roots().last().map(|root| layout::last_in(document, *root));
    if last.is_some_and(|last| layout::is_open_block_scalar(document, last)) && !out.has_old_end() {
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
    layout::is_block_scalar(document, layout::last_in(document, node))
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
                let is_inline = span.start < next && !span.is_empty() && !layout::is_block(document, *root);
                start = if is_inline { span.start } else { next };
            }
            if next == at {
                break;
            }
            at = next;
        }
        let content = layout::content_end(document, None, *root).max(start);
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
        let is_block = layout::is_block(self.document, origin.value);
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
        let layout = if layout::is_block(self.document, id) {
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
    fn is_line_of_toml(&self, container: NodeId) -> bool {
        self.document.format() == Format::Toml && layout::is_block(self.document, container)
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

    /// The comments that come to an entry from others, and from what it has lost.
    pub(super) fn inherited(&self, place: Place) -> Result<Inherited> {
        let mut inherited = self.given(place)?;
        let slot = self.draft.slot(place);
        let is_new = !matches!(slot.value, Value::Old(_));
        if is_new && self.document.format() != Format::Toml && self.draft.live(place).next().is_none() {
            for ghost in slot.children.as_deref().unwrap_or_default() {
                if self.draft.slot(*ghost).state == State::Ghost {
                    inherited.below.extend(self.all_comments(*ghost)?);
                }
            }
        }
        Ok(inherited)
    }

    fn given(&self, place: Place) -> Result<Inherited> {
        let mut inherited = self.adopted(place)?;
        let slot = self.draft.slot(place);
        if slot.origin.is_some() && !matches!(slot.value, Value::Old(_)) {
            inherited.below = self.lost_comments(place)?;
        }
        Ok(inherited)
    }

    /// Those that were given to it.
    fn adopted(&self, place: Place) -> Result<Inherited> {
        let mut inherited = Inherited::default();
        let slot = self.draft.slot(place);
        for adopted in &slot.adopted {
            if adopted.all {
                inherited.above.extend(self.all_comments(adopted.from)?);
                continue;
            }
            let Some(anatomy) = self.anatomy(adopted.from)? else { continue };
            for comment in layout::comments_in(self.document, &anatomy.comments) {
                inherited.above.push(self.document.slice(comment.span).to_owned());
            }
            let behind = self.comments_behind(adopted.from, &anatomy)?;
            let has_own = self.anatomy(place)?.is_some_and(|own| self.text[own.tail].contains('#')) && !slot.stripped;
            let is_text = matches!(slot.value, Value::Old(node) if layout::is_block_scalar(self.document, node));
            let has_own = has_own || is_text;
            match behind.split_first() {
                Some((first, [])) if !has_own && inherited.behind.is_none() => inherited.behind = Some(first.clone()),
                _ => inherited.above.extend(behind),
            }
        }
        Ok(inherited)
    }

    /// The comments on the line of an entry, or behind it in brackets.
    pub(super) fn comments_behind(&self, place: Place, anatomy: &Anatomy) -> Result<Vec<String>> {
        let range = self.behind_range(place, anatomy)?;
        let comments = layout::comments_in(self.document, &range);
        Ok(comments.iter().map(|comment| self.document.slice(comment.span).to_owned()).collect())
    }

    fn behind_range(&self, place: Place, anatomy: &Anatomy) -> Result<Range<usize>> {
        if anatomy.in_flow
            && let Some(origin) = self.draft.slot(place).origin
            && let Some(container) = origin.container
            && let Layout::Flow(flow) = self.layout(container)?.as_ref()
        {
            return Ok(flow.cells[origin.index].behind.clone());
        }
        Ok(anatomy.tail.clone())
    }

    /// All comments that are left of an entry: above it, in it, behind it.
    pub(super) fn all_comments(&self, place: Place) -> Result<Vec<String>> {
        let slot = self.draft.slot(place);
        let inherited = self.given(place)?;
        let mut found = inherited.above;
        found.extend(inherited.below);
        found.extend(inherited.behind);
        if let Some(origin) = slot.origin
            && let Some(container) = origin.container
        {
            if self.is_line_of_toml(container) {
                found.extend(self.comments_of_lines(place)?);
                return Ok(found);
            }
            let extent = self.layout(container)?.extent(origin.index);
            let inside = self.anatomy(place)?.filter(|_| !matches!(slot.value, Value::Old(_)));
            let inside = inside.map(|anatomy| Self::lost_range(&anatomy));
            let comments = self.own_comments(place, extent)?;
            // What a new value has displaced was told by `inherited` already.
            let is_new = |at: usize| inside.as_ref().is_none_or(|inside| !inside.contains(&at));
            found.extend(comments.into_iter().filter(|(at, _)| is_new(*at)).map(|(_, comment)| comment));
        }
        self.comments_brought(place, &mut found)?;
        Ok(found)
    }

    /// The comments in a slot that did not stand there.
    fn comments_brought(&self, place: Place, found: &mut Vec<String>) -> Result<()> {
        for child in self.draft.slot(place).children.as_deref().unwrap_or_default() {
            let child_slot = self.draft.slot(*child);
            if child_slot.state == State::Gone {
                continue;
            }
            if child_slot.in_place {
                let adopted = self.adopted(*child)?;
                found.extend(adopted.above);
                found.extend(adopted.behind);
                self.comments_brought(*child, found)?;
            } else {
                found.extend(self.all_comments(*child)?);
            }
        }
        Ok(())
    }

    /// The comments inside a value that was replaced.
    fn lost_comments(&self, place: Place) -> Result<Vec<String>> {
        let Some(anatomy) = self.anatomy(place)? else { return Ok(Vec::new()) };
        let comments = self.own_comments(place, Self::lost_range(&anatomy))?;
        Ok(comments.into_iter().map(|(_, comment)| comment).collect())
    }

    fn lost_range(anatomy: &Anatomy) -> Range<usize> {
        if anatomy.is_block { anatomy.tail.end..anatomy.end } else { anatomy.value.clone() }
    }

    /// The comments in a range, without those of entries that were moved out of it.
    pub(super) fn own_comments(&self, place: Place, range: Range<usize>) -> Result<Vec<(usize, String)>> {
        let comments = layout::comments_in(self.document, &range);
        if comments.is_empty() {
            return Ok(Vec::new());
        }
        let mut away = Vec::new();
        self.moved_away(place, &mut away)?;
        let stays = |at: usize| !away.iter().any(|range: &Range<usize>| range.contains(&at));
        let comments = comments.iter().map(|comment| (comment.span.range().start, self.document.slice(comment.span)));
        Ok(comments.filter(|(at, _)| stays(*at)).map(|(at, comment)| (at, comment.to_owned())).collect())
    }

    fn moved_away(&self, place: Place, away: &mut Vec<Range<usize>>) -> Result<()> {
        let slot = self.draft.slot(place);
        let Some(origin) = slot.origin else { return Ok(()) };
        if slot.stripped
            && let Some(anatomy) = self.anatomy(place)?
        {
            away.push(anatomy.comments.clone());
            away.push(self.behind_range(place, &anatomy)?);
        }
        if self.is_line_of_toml(origin.value) {
            return Ok(());
        }
        for (index, (_, value)) in layout::parts(self.document, origin.value).into_iter().enumerate() {
            let Some(child) = self.draft.places.get(&value).copied() else { return Ok(()) };
            let child_slot = self.draft.slot(child);
            if child_slot.parent != Some(place) || !child_slot.in_place {
                away.push(self.layout(origin.value)?.extent(index));
            } else if child_slot.state == State::Gone {
                // Its heir has them.
                away.push(self.layout(origin.value)?.extent(index));
            } else {
                self.moved_away(child, away)?;
            }
        }
        Ok(())
    }
}
