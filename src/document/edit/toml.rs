//! TOML: what belongs together stands in lines under headers, so a section moves by the names in its header.
//!
//! Each line of the old text finds the section that it belongs to in the draft. Where that is the one in which it
//! stands, it stays, perhaps with another dotted key; otherwise it goes to the end of the other section. Tables that
//! are new get a header where their neighbours have one, and dotted keys otherwise.

mod comments;
mod order;
pub(super) mod statements;
mod write;

use crate::document::{NodeId, NodeKind};

use self::statements::Statement;
use super::Place;
use super::nodes::is_block;
use super::out::Out;
use super::quote;
use super::render::{Renderer, Result};
use super::tree::{Key, Value, unsupported};

/// A table or value: a slot where somebody has looked, a node where nobody has.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum Item {
    Slot(Place),
    Node(NodeId),
}

/// What is written under a header.
struct Section {
    table: Item,
    /// Its header in the old text; none for the top, and for what is new.
    header: Option<usize>,
    /// Which section of the old text it is, if it is one.
    old: Option<usize>,
}

/// A line of a section: something with a value.
struct Leaf {
    item: Item,
    /// The names from the section's table on.
    keys: Vec<String>,
}

impl<'document> Renderer<'_, 'document> {
    /// The whole of a TOML text.
    pub(super) fn toml(&self, out: &mut Out<'document>) -> Result<()> {
        let Some(top) = self.draft.tops.get(&0).copied() else { return Ok(()) };
        self.refuse_comments_inside()?;
        let sections = self.sections(top)?;
        let marks = if self.text.starts_with('\u{FEFF}') { 3 } else { 0 };
        out.old(0..marks);
        for index in order::order(self, &sections) {
            self.section(&sections[index], out)?;
        }
        let left = self.untold(Item::Slot(top), true)?;
        self.comment_lines(&left, 0, out);
        Ok(())
    }

    /// The sections of the new text in their order.
    fn sections(&self, top: Place) -> Result<Vec<Section>> {
        let statements = self.statements();
        let mut sections = vec![Section { table: Item::Slot(top), header: None, old: Some(0) }];
        for (index, statement) in statements.all.iter().enumerate().filter(|(_, statement)| statement.is_header) {
            let table = self.item(statement.node);
            sections.push(Section { table, header: Some(index), old: Some(statement.section) });
        }
        let mut new = Vec::new();
        self.new_tables(top, &mut new)?;
        for place in new {
            let at = self.position(place, &sections);
            sections.insert(at, Section { table: Item::Slot(place), header: None, old: None });
        }
        Ok(sections)
    }

    fn item(&self, node: NodeId) -> Item {
        self.draft.places.get(&node).map_or(Item::Node(node), |place| Item::Slot(*place))
    }

    /// New tables with a header of their own, outer ones first.
    fn new_tables(&self, place: Place, found: &mut Vec<Place>) -> Result<()> {
        if self.has_new_header(place) {
            found.push(place);
        }
        if self.is_written_inline(place) {
            return Ok(());
        }
        let is_array = self.is_list_of_sections(place);
        for child in self.draft.live(place) {
            if is_array && (self.is_written_inline(child) || self.is_list(child)) {
                return Err(unsupported(self.draft, child, "an array of tables holds nothing but tables"));
            }
            self.new_tables(child, found)?;
        }
        Ok(())
    }

    /// Where a new section comes to stand among the others.
    fn position(&self, place: Place, sections: &[Section]) -> usize {
        let is_in = |section: &Section, outer: Place| {
            self.slot_of(section.table).is_some_and(|slot| self.draft.is_within(slot, outer))
        };
        let live_in = |outer: Place| {
            let found = sections.iter().enumerate().filter(move |(_, section)| is_in(section, outer));
            found.filter(|(_, section)| self.is_live(section.table)).map(|(index, _)| index)
        };
        let behind = |old: usize| sections.iter().position(|section| section.old == Some(old)).map(|at| at + 1);
        let line = |place: Place| self.draft.slot(place).origin.and_then(|origin| self.statement(origin.value));
        // Where what it is made of stood.
        let moved = self.draft.live(place).filter(|child| !self.draft.slot(*child).in_place);
        if let Some(at) = moved.filter_map(line).find_map(|statement| behind(statement.section)) {
            return at;
        }
        let mut around = Some(place);
        while let Some(outer) = around.filter(|outer| self.draft.slot(*outer).parent.is_some()) {
            let slot = self.draft.slot(outer);
            if outer != place
                && let Some(last) = live_in(outer).last()
            {
                return last + 1;
            }
            if let Some(near) = slot.near {
                let siblings =
                    slot.parent.map(|parent| self.draft.live(parent).collect::<Vec<_>>()).unwrap_or_default();
                let order = |place: Place| siblings.iter().position(|sibling| *sibling == place);
                let is_before = order(near).is_some_and(|near| order(outer).is_some_and(|own| own < near));
                let beside = if is_before { live_in(near).next() } else { live_in(near).last().map(|last| last + 1) };
                if let Some(at) = beside.or_else(|| line(near).and_then(|statement| behind(statement.section))) {
                    return at;
                }
            }
            around = slot.parent;
        }
        sections.len()
    }

    fn slot_of(&self, item: Item) -> Option<Place> {
        match item {
            Item::Slot(place) => Some(place),
            Item::Node(node) => {
                let mut at = node;
                loop {
                    if let Some(place) = self.draft.places.get(&at) {
                        return Some(*place);
                    }
                    at = self.document.parent(at)?;
                }
            }
        }
    }

    fn is_live(&self, item: Item) -> bool {
        self.slot_of(item).is_some_and(|place| self.draft.is_attached(place))
    }

    /// The statement of a value, or of a table with a header.
    fn statement(&self, node: NodeId) -> Option<&Statement> {
        let statements = self.statements();
        statements.by_node.get(&node).map(|index| &statements.all[*index])
    }

    /// Whether a table has a header in the old text.
    fn has_old_header(&self, node: NodeId) -> bool {
        self.statement(node).is_some_and(|statement| statement.is_header)
    }

    /// Whether a slot is written as a value on one line, or is in one that is.
    fn is_written_inline(&self, place: Place) -> bool {
        match self.draft.slot(place).value {
            Value::Old(node) if is_block(self.document, node) => {
                self.is_list(place) && !self.is_list_of_sections(place)
            }
            Value::Old(_) | Value::Scalar(_) => true,
            Value::Map => false,
            Value::Copy(node) => {
                !matches!(self.document.node(node).kind, NodeKind::Mapping { .. }) || !is_block(self.document, node)
            }
            Value::List => !self.is_list_of_sections(place),
        }
    }

    /// Whether a list has items with headers.
    fn is_list_of_sections(&self, place: Place) -> bool {
        let slot = self.draft.slot(place);
        if let Value::Old(node) = slot.value {
            let is_empty = slot.children.is_some() && self.draft.live(place).next().is_none();
            return is_block(self.document, node) && self.is_list(place) && !is_empty;
        }
        matches!(slot.value, Value::List) && self.draft.live(place).any(|item| self.is_table_with_header(item))
    }

    fn is_table_with_header(&self, place: Place) -> bool {
        matches!(self.draft.slot(place).value, Value::Old(node) if self.has_old_header(node))
    }

    /// Whether something in a slot is written under a header of its own.
    fn is_sectioned(&self, place: Place) -> bool {
        self.is_table_with_header(place) || self.is_list_of_sections(place) || self.has_new_header(place)
    }

    /// Whether a table gets a header that it did not have.
    fn has_new_header(&self, place: Place) -> bool {
        let slot = self.draft.slot(place);
        let Some(parent) = slot.parent else { return false };
        if self.is_inside_line(parent) {
            return false;
        }
        let is_item = slot.key.is_none();
        if is_item && self.is_list_of_sections(parent) {
            return !self.is_table_with_header(place) && !matches!(slot.value, Value::Scalar(_));
        }
        let is_table = match slot.value {
            Value::Map => true,
            Value::Copy(node) => is_block(self.document, node) && !self.is_list(place),
            Value::Old(node) => {
                // A table that had but sub-tables, and lost them.
                return is_block(self.document, node)
                    && !self.is_list(place)
                    && !self.has_old_header(node)
                    && slot.touched
                    && self.draft.live(place).next().is_none()
                    && self.draft.slot(parent).parent.is_none();
            }
            Value::Scalar(_) | Value::List => false,
        };
        if !is_table || is_item {
            return false;
        }
        let has_lines = |place: Place| self.draft.live(place).any(|child| self.has_lines(child));
        let is_empty = self.draft.live(place).next().is_none();
        if !has_lines(place) && !is_empty {
            return false;
        }
        let stays_beside = |child: Place| self.stays_in_section_of(child, parent);
        let siblings = || self.draft.live(parent).filter(|sibling| *sibling != place);
        if self.draft.slot(parent).parent.is_none() {
            return is_empty || !self.draft.live(place).all(|child| self.stays_on_top(child));
        }
        let has_neighbour =
            siblings().any(|sibling| self.is_table_with_header(sibling) || self.is_list_of_sections(sibling));
        !self.draft.live(place).any(stays_beside)
            && (has_neighbour || !siblings().any(|sibling| self.has_lines(sibling)))
    }

    /// Whether something that is not new, or is one value, is written as lines of the section that it is in.
    fn has_lines(&self, place: Place) -> bool {
        if self.is_written_inline(place) {
            return true;
        }
        if self.is_table_with_header(place) || self.is_list_of_sections(place) {
            return false;
        }
        match self.draft.slot(place).value {
            Value::Old(node) if self.draft.slot(place).children.is_none() => self.node_has_lines(node),
            Value::Old(_) => self.draft.live(place).any(|child| self.has_lines(child)),
            // What is new has lines of its own, or a header.
            _ => false,
        }
    }

    fn node_has_lines(&self, node: NodeId) -> bool {
        let NodeKind::Mapping { entries, .. } = &self.document.node(node).kind else { return false };
        entries.iter().any(|entry| {
            !is_block(self.document, entry.value)
                || (!self.has_old_header(entry.value) && self.node_has_lines(entry.value))
        })
    }

    /// Whether something stands in the section of a table already.
    fn stays_in_section_of(&self, place: Place, table: Place) -> bool {
        let statement = self.draft.slot(place).origin.and_then(|origin| self.statement(origin.value));
        let header = match self.draft.slot(table).value {
            Value::Old(node) => self.statement(node),
            _ => None,
        };
        match (statement, header) {
            (Some(statement), Some(header)) => statement.section == header.section,
            _ => false,
        }
    }

    /// Whether all of something stood above the first header.
    fn stays_on_top(&self, place: Place) -> bool {
        let slot = self.draft.slot(place);
        if let Some(statement) = slot.origin.and_then(|origin| self.statement(origin.value)) {
            return statement.section == 0 && matches!(slot.value, Value::Old(_));
        }
        let mut live = self.draft.live(place).peekable();
        live.peek().is_some() && live.all(|child| self.stays_on_top(child))
    }

    /// Whether a slot is part of a value on one line.
    fn is_inside_line(&self, place: Place) -> bool {
        let mut at = Some(place);
        while let Some(place) = at {
            if self.is_written_inline(place) {
                return true;
            }
            at = self.draft.slot(place).parent;
        }
        false
    }

    /// The lines of a section that are not under other headers.
    fn leaves(&self, item: Item, keys: &[String], found: &mut Vec<Leaf>) -> Result<()> {
        let with = |key: String| keys.iter().cloned().chain([key]).collect::<Vec<_>>();
        match item {
            Item::Node(node) => {
                for entry in self.document.entries(node).iter() {
                    let keys = with(self.document.raw(entry.key).to_owned());
                    if !is_block(self.document, entry.value) {
                        found.push(Leaf { item: Item::Node(entry.value), keys });
                    } else if !self.has_old_header(entry.value)
                        && matches!(self.document.node(entry.value).kind, NodeKind::Mapping { .. })
                    {
                        self.leaves(Item::Node(entry.value), &keys, found)?;
                    }
                }
            }
            Item::Slot(place) => {
                let slot = self.draft.slot(place);
                let Some(children) = &slot.children else {
                    return match slot.value {
                        Value::Old(node) | Value::Copy(node) => self.leaves(Item::Node(node), keys, found),
                        _ => Ok(()),
                    };
                };
                for child in children.iter().filter(|child| self.draft.slot(**child).is_live()) {
                    if self.is_sectioned(*child) {
                        continue;
                    }
                    let keys = with(self.name(*child));
                    let is_empty = || {
                        let child = self.draft.slot(*child);
                        child
                            .children
                            .as_ref()
                            .is_some_and(|inside| !inside.iter().any(|it| self.draft.slot(*it).is_live()))
                    };
                    if self.is_written_inline(*child) || is_empty() {
                        found.push(Leaf { item: Item::Slot(*child), keys });
                    } else {
                        self.leaves(Item::Slot(*child), &keys, found)?;
                    }
                }
            }
        }
        Ok(())
    }

    /// A key as it is written.
    fn name(&self, place: Place) -> String {
        match &self.draft.slot(place).key {
            Some(Key::Old(node)) => self.document.raw(*node).to_owned(),
            Some(Key::New(key)) => quote::key(self.document.format(), key, false),
            None => String::new(),
        }
    }

    /// The names in the header of a table.
    fn path(&self, item: Item) -> Vec<String> {
        let mut names = Vec::new();
        let mut at = item;
        loop {
            match at {
                Item::Slot(place) => {
                    if self.draft.slot(place).key.is_some() {
                        names.push(self.name(place));
                    }
                    match self.draft.slot(place).parent {
                        Some(parent) => at = Item::Slot(parent),
                        None => break,
                    }
                }
                Item::Node(node) => {
                    if let Some(entry) = self.document.entry(node) {
                        names.push(self.document.raw(entry.key).to_owned());
                    }
                    match self.document.parent(node) {
                        Some(parent) => at = self.item(parent),
                        None => break,
                    }
                }
            }
        }
        names.reverse();
        names
    }
}
