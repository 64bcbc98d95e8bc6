//! Comments of TOML lines: of those that went away, of those that moved, of tables without a line.

use std::collections::HashMap;

use crate::document::NodeId;
use crate::document::edit::Place;
use crate::document::edit::flow::COMMENT;
use crate::document::edit::nodes;
use crate::document::edit::render::{Renderer, Result};
use crate::document::edit::tree::{State, unsupported};

use super::Item;
use super::statements::Statement;

impl Renderer<'_, '_> {
    /// Lines with comments that come to stand inside a value on one line have no place for them.
    pub(super) fn refuse_comments_inside(&self) -> Result<()> {
        for statement in &self.statements().all {
            if self.comments_of(statement)?.is_empty() || !self.is_live(self.item(statement.node)) {
                continue;
            }
            // What is itself moved there brings its comments along.
            let mut at = match self.item(statement.node) {
                Item::Slot(place) if !self.draft.slot(place).in_place => None,
                item => self.around(item),
            };
            while let Some(item) = at {
                if let Item::Slot(place) = item {
                    let parent = self.draft.slot(place).parent;
                    if parent.is_some_and(|parent| self.is_inside_line(parent)) {
                        return Err(unsupported(self.draft, place, COMMENT));
                    }
                    break;
                }
                at = self.around(item);
            }
        }
        Ok(())
    }

    /// The comments given to tables around something that have no line of their own, once.
    pub(super) fn untold(&self, item: Item, with_itself: bool) -> Result<Vec<String>> {
        let (mut found, mut at, mut is_inside) = (Vec::new(), Some(item), with_itself);
        while let Some(item) = at {
            if let Item::Slot(place) = item
                && is_inside
                && !self.is_table_with_header(place)
                && !self.has_new_header(place)
                && !self.draft.slot(place).adopted.is_empty()
                && self.told.borrow_mut().insert(place)
            {
                let inherited = self.inherited(place)?;
                found.splice(0..0, inherited.above.into_iter().chain(inherited.behind));
            }
            is_inside = true;
            at = self.around(item);
        }
        Ok(found)
    }

    /// All comments of a statement: above it, in it, behind it.
    pub(super) fn comments_of(&self, statement: &Statement) -> Result<Vec<String>> {
        let range = statement.comments.start..statement.range.end;
        let Some(place) = self.draft.places.get(&statement.node) else {
            let comments = nodes::comments_in(self.document, &range);
            return Ok(comments.iter().map(|comment| self.document.slice(comment.span).to_owned()).collect());
        };
        let comments = self.own_comments(*place, range)?;
        Ok(comments.into_iter().map(|(_, comment)| comment).collect())
    }

    pub(super) fn tail_comments(&self, statement: &Statement) -> Vec<String> {
        let comments = nodes::comments_in(self.document, &(statement.value.end..statement.range.end));
        comments.iter().map(|comment| self.document.slice(comment.span).to_owned()).collect()
    }

    /// What went away and has an heir, that a node is or is in.
    pub(super) fn heir_of(&self, node: NodeId) -> Option<Place> {
        let mut at = self.slot_of(Item::Node(node));
        while let Some(place) = at {
            let slot = self.draft.slot(place);
            if slot.state == State::Gone && self.has_heir(place) {
                return Some(place);
            }
            at = slot.parent;
        }
        None
    }

    fn has_heir(&self, place: Place) -> bool {
        self.draft.slots.iter().any(|slot| slot.adopted.iter().any(|adopted| adopted.all && adopted.from == place))
    }

    /// The comments of everything that went away with a slot.
    pub(in crate::document::edit) fn comments_of_lines(&self, place: Place) -> Result<Vec<String>> {
        let statements = self.statements();
        let mut found: HashMap<usize, Vec<String>> = HashMap::new();
        let mut add = |at: usize, comments: Vec<String>| found.entry(at).or_default().extend(comments);
        for statement in &statements.all {
            if !self.is_live(self.item(statement.node)) && self.heir_of(statement.node) == Some(place) {
                add(statement.range.start, self.comments_of(statement)?);
            }
        }
        for header in statements.all.iter().filter(|statement| statement.is_header) {
            if self.is_live(self.item(header.node)) || self.heir_of(header.node) != Some(place) {
                continue;
            }
            for loose in &statements.loose[statements.loose_of(header.section)] {
                let comments = nodes::comments_in(self.document, &loose.range);
                let comments = comments.iter().map(|comment| self.document.slice(comment.span).to_owned());
                add(loose.range.start, comments.collect());
            }
        }
        let mut found: Vec<(usize, Vec<String>)> = found.into_iter().collect();
        found.sort_unstable();
        Ok(found.into_iter().flat_map(|(_, comments)| comments).collect())
    }
}
