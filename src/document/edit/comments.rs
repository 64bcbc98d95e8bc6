//! Which comments go where: with what is moved, to heirs, above what took the place of what held them.

use std::ops::Range;

use crate::document::Format;

use super::Place;
use super::layout::{Anatomy, Layout};
use super::nodes;
use super::render::{Renderer, Result};
use super::tree::{State, Value};

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

impl Renderer<'_, '_> {
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
            for comment in nodes::comments_in(self.document, &anatomy.comments) {
                inherited.above.push(self.document.slice(comment.span).to_owned());
            }
            let behind = self.comments_behind(adopted.from, &anatomy)?;
            let has_own = self.anatomy(place)?.is_some_and(|own| self.text[own.tail].contains('#')) && !slot.stripped;
            let is_text = matches!(slot.value, Value::Old(node) if nodes::is_block_scalar(self.document, node));
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
        let comments = nodes::comments_in(self.document, &range);
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
        let container = slot.origin.and_then(|origin| origin.container);
        if self.document.format() == Format::Toml && container.is_none_or(|container| self.is_line_of_toml(container)) {
            found.extend(self.comments_of_lines(place)?);
            return Ok(found);
        }
        if let Some(origin) = slot.origin
            && let Some(container) = container
        {
            let extent = self.layout(container)?.extent(origin.index);
            let inside = self.anatomy(place)?.filter(|_| !matches!(slot.value, Value::Old(_)));
            let inside = inside.map(|anatomy| Self::lost_range(&anatomy));
            let comments = self.own_comments(place, extent)?;
            // What a new value has displaced was told by `inherited` already.
            let is_new = |at: usize| inside.as_ref().is_none_or(|inside| !inside.contains(&at));
            found.extend(comments.into_iter().filter(|(at, _)| is_new(*at)).map(|(_, comment)| comment));
        }
        if self.document.format() == Format::Toml {
            found.extend(self.comments_of_lines(place)?);
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
        let comments = nodes::comments_in(self.document, &range);
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
        for (index, (_, value)) in nodes::parts(self.document, origin.value).into_iter().enumerate() {
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
