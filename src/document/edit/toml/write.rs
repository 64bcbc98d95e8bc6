//! The lines of the sections of a TOML text.

use crate::document::NodeId;
use crate::document::edit::Place;
use crate::document::edit::comments::Inherited;
use crate::document::edit::layout::Anatomy;
use crate::document::edit::nodes;
use crate::document::edit::out::Out;
use crate::document::edit::render::{Renderer, Result};
use crate::document::edit::style::{indentation, line_content_end, line_start};
use crate::document::edit::tree::{Key, Value, unsupported};

use super::statements::Statement;
use super::{Item, Leaf, Section};

/// Where a line stands among those of its section: by the byte where it or its neighbour stood, then by number.
type Order = (usize, isize);

/// What is written in a section.
enum Unit {
    Leaf(Leaf),
    Loose(usize),
    /// What is left of a line that went away, by its number.
    Comments(usize, Vec<String>),
}

impl<'document> Renderer<'_, 'document> {
    pub(super) fn section(&self, section: &Section, out: &mut Out<'document>) -> Result<()> {
        let is_live = self.is_written_as_section(section)?;
        match section.header {
            Some(header) if is_live => self.old_header(section, header, out)?,
            Some(header) => {
                let statement = &self.statements().all[header];
                if self.heir_of(statement.node).is_none() && !self.is_live(section.table) {
                    let comments = self.comments_of(statement)?;
                    self.comment_lines(&comments, 0, out);
                }
            }
            None if section.old.is_none() => self.new_header(section, out)?,
            None => {}
        }
        let mut units: Vec<(Order, Unit)> = Vec::new();
        if let Some(old) = section.old {
            self.what_is_left(old, &mut units)?;
        }
        if is_live {
            self.leaves_in_order(section, &mut units)?;
        }
        units.sort_by_key(|(order, _)| *order);
        for (_, unit) in units {
            match unit {
                Unit::Loose(index) => {
                    let range = self.statements().loose[index].range.clone();
                    let before = self.statements().loose[index].before;
                    let next = self.statements().all.get(before);
                    let stands_apart = next.is_some_and(|next| !next.blank.is_empty());
                    if out.is_empty() && range.start > 3 {
                        let content = self.text[range.clone()].trim_start_matches(['\n', '\r']);
                        out.old(range.end - content.len()..range.end);
                    } else {
                        self.line(out);
                        out.old(range);
                    }
                    out.stands_apart = stands_apart;
                }
                Unit::Comments(index, comments) => {
                    self.blank(&self.statements().all[index], index, out);
                    self.comment_lines(&comments, 0, out);
                }
                Unit::Leaf(leaf) => self.leaf(section, &leaf, out)?,
            }
        }
        Ok(())
    }

    /// Whether the lines of a section are written as such.
    fn is_written_as_section(&self, section: &Section) -> Result<bool> {
        if !self.is_live(section.table) {
            return Ok(false);
        }
        let Some(place) = self.slot_of(section.table) else { return Ok(true) };
        let slot = self.draft.slot(place);
        if section.header.is_some() && !matches!(slot.value, Value::Old(_)) {
            return Err(unsupported(self.draft, place, "a table with a header is not replaced"));
        }
        Ok(slot.parent.is_none_or(|parent| !self.is_inside_line(parent)))
    }

    /// Comments that are about no line, and those of lines that went away without an heir.
    fn what_is_left(&self, old: usize, units: &mut Vec<(Order, Unit)>) -> Result<()> {
        let statements = self.statements();
        let lines = statements.of_section(old);
        let header = lines.first().filter(|statement| statement.is_header);
        if header.is_none_or(|header| self.heir_of(header.node).is_none()) {
            let loose = statements.loose_of(old);
            units.extend(loose.map(|index| ((statements.loose[index].range.start, 0), Unit::Loose(index))));
        }
        for statement in lines.iter().filter(|statement| !statement.is_header) {
            if !self.is_live(self.item(statement.node)) && self.heir_of(statement.node).is_none() {
                let comments = self.comments_of(statement)?;
                if !comments.is_empty() {
                    let index = statements.by_node.get(&statement.node).copied().unwrap_or(1);
                    units.push(((statement.range.start, 0), Unit::Comments(index, comments)));
                }
            }
        }
        Ok(())
    }

    /// The lines of a section: those that stand in it already where they stand, others behind those that they follow.
    fn leaves_in_order(&self, section: &Section, units: &mut Vec<(Order, Unit)>) -> Result<()> {
        let mut leaves = Vec::new();
        self.leaves(section.table, &[], &mut leaves)?;
        let stands = |leaf: &Leaf| {
            let statement = self.statement_of(leaf.item)?;
            (Some(statement.section) == section.old && !statement.is_header).then_some(statement.range.start)
        };
        let first = leaves.iter().find_map(stands);
        let start = section.header.map_or(usize::MAX, |header| self.statements().all[header].range.start);
        let mut order: Order = match first {
            Some(first) => (first, -1_000_000),
            None => (start, 1),
        };
        for leaf in leaves {
            match stands(&leaf) {
                Some(offset) => order = (offset, 0),
                None => order.1 += 1,
            }
            units.push((order, Unit::Leaf(leaf)));
        }
        Ok(())
    }

    /// The statement of what is written on a line, if it is not new.
    fn statement_of(&self, item: Item) -> Option<&Statement> {
        match item {
            Item::Node(node) => self.statement(node),
            Item::Slot(place) => {
                let slot = self.draft.slot(place);
                let origin = slot.origin?;
                let is_pair = origin.container.is_some_and(|container| nodes::is_block(self.document, container));
                self.statement(origin.value).filter(|_| is_pair)
            }
        }
    }

    fn old_header(&self, section: &Section, header: usize, out: &mut Out<'document>) -> Result<()> {
        let statement = &self.statements().all[header];
        self.blank(statement, header, out);
        let slot = match section.table {
            Item::Slot(place) => Some(place),
            Item::Node(_) => None,
        };
        let inherited = slot.map_or_else(|| Ok(Inherited::default()), |place| self.inherited(place))?;
        let is_stripped = slot.is_some_and(|place| self.draft.slot(place).stripped);
        let untold = self.untold(section.table, false)?;
        self.comment_lines(&untold, 0, out);
        self.comment_lines(&inherited.above, 0, out);
        if !is_stripped {
            self.line(out);
            out.old(statement.comments.clone());
        }
        self.line(out);
        out.old(line_start(self.text, statement.range.start)..statement.range.start);
        let is_array = match section.table {
            Item::Slot(place) => self.draft.slot(place).key.is_none(),
            Item::Node(_) => statement.is_array,
        };
        if self.is_elsewhere(section.table, None) || is_array != statement.is_array {
            let (open, close) = if is_array { ("[[", "]]") } else { ("[", "]") };
            out.add(open);
            out.add(&self.path(section.table).join("."));
            out.add(close);
        } else {
            out.old(statement.range.start..statement.value.end);
        }
        if is_stripped || inherited.behind.is_some() {
            let own = if is_stripped { Vec::new() } else { self.tail_comments(statement) };
            for comment in own.iter().chain(&inherited.behind) {
                out.add(" ");
                out.add(comment);
            }
            self.line(out);
        } else {
            out.old(statement.value.end..statement.range.end);
        }
        Ok(())
    }

    fn new_header(&self, section: &Section, out: &mut Out<'document>) -> Result<()> {
        let Item::Slot(place) = section.table else { return Ok(()) };
        self.line(out);
        if !out.is_empty() {
            out.add(self.style.line_end);
        }
        let inherited = self.inherited(place)?;
        let untold = self.untold(section.table, false)?;
        self.comment_lines(&untold, 0, out);
        self.comment_lines(&inherited.above, 0, out);
        let (open, close) = if self.draft.slot(place).key.is_none() { ("[[", "]]") } else { ("[", "]") };
        out.add(&format!("{open}{}{close}", self.path(section.table).join(".")));
        if let Some(comment) = &inherited.behind {
            out.add(&format!(" {comment}"));
        }
        out.add(self.style.line_end);
        Ok(())
    }

    /// The blank lines above a statement.
    fn blank(&self, statement: &Statement, index: usize, out: &mut Out<'document>) {
        self.line(out);
        let was_first = index == 0 && statement.blank.is_empty();
        let stands_apart = std::mem::take(&mut out.stands_apart) && statement.blank.is_empty();
        if (was_first && out.has_new_end()) || stands_apart {
            out.add(self.style.line_end);
        } else if !out.is_empty() || index == 0 {
            out.old(statement.blank.clone());
        }
    }

    /// Whether something has another name, or stands in another table, than in the old text; up to a table.
    fn is_elsewhere(&self, item: Item, until: Option<Item>) -> bool {
        let mut at = item;
        loop {
            if Some(at) == until {
                return false;
            }
            match at {
                Item::Slot(place) => {
                    let slot = self.draft.slot(place);
                    if !slot.in_place || matches!(slot.key, Some(Key::New(_))) {
                        return true;
                    }
                    let Some(parent) = slot.parent else { return false };
                    at = Item::Slot(parent);
                }
                Item::Node(node) => {
                    let Some(parent) = self.document.parent(node) else { return false };
                    at = self.item(parent);
                }
            }
        }
    }

    /// A key with its value.
    fn leaf(&self, section: &Section, leaf: &Leaf, out: &mut Out<'document>) -> Result<()> {
        let statement = self.statement_of(leaf.item).filter(|statement| !statement.is_header);
        let stays = statement.filter(|statement| Some(statement.section) == section.old);
        let was_moved = std::mem::replace(&mut out.is_moved, stays.is_none());
        if let (Some(statement), Item::Slot(_) | Item::Node(_)) = (stays, leaf.item) {
            let index = self.statements().by_node.get(&statement.node).copied().unwrap_or(1);
            self.blank(statement, index, out);
        }
        self.line(out);
        if std::mem::take(&mut out.stands_apart) && stays.is_none() {
            out.add(self.style.line_end);
        }
        let untold = self.untold(leaf.item, false)?;
        self.comment_lines(&untold, 0, out);
        let keys = leaf.keys.join(".");
        match leaf.item {
            Item::Node(_) => {
                if let Some(statement) = statement {
                    out.old(statement.comments.clone());
                    self.line(out);
                    self.keys(
                        statement,
                        stays.is_some() && !self.is_elsewhere(leaf.item, Some(section.table)),
                        &keys,
                        out,
                    );
                    out.old(statement.keys.end..statement.range.end);
                }
            }
            Item::Slot(place) => {
                let same = stays.is_some() && !self.is_elsewhere(leaf.item, Some(section.table));
                self.slot_leaf(place, statement, same, &keys, out)?;
            }
        }
        out.is_moved = was_moved;
        Ok(())
    }

    /// The indentation of a line, and its dotted key.
    fn keys(&self, statement: &Statement, same: bool, keys: &str, out: &mut Out<'document>) {
        out.old(line_start(self.text, statement.range.start)..statement.range.start);
        if same {
            out.old(statement.keys.clone());
        } else {
            out.add(keys);
        }
    }

    fn slot_leaf(
        &self,
        place: Place,
        statement: Option<&Statement>,
        same: bool,
        keys: &str,
        out: &mut Out<'document>,
    ) -> Result<()> {
        let slot = self.draft.slot(place);
        let inherited = self.inherited(place)?;
        let anatomy = self.anatomy(place)?.filter(|anatomy| !anatomy.is_block);
        self.comment_lines(&inherited.above, 0, out);
        match (&anatomy, statement) {
            (Some(anatomy), None) if !slot.stripped => {
                let comments = nodes::comments_in(self.document, &anatomy.comments);
                let comments: Vec<String> =
                    comments.iter().map(|comment| self.document.slice(comment.span).to_owned()).collect();
                self.comment_lines(&comments, 0, out);
            }
            (_, Some(statement)) if !slot.stripped => out.old(statement.comments.clone()),
            _ => {}
        }
        self.comment_lines(&inherited.below, 0, out);
        self.line(out);
        // What finds no place on the line comes to stand above it.
        self.hoisted.replace(Some(Vec::new()));
        let mut value = out.part();
        if matches!(slot.value, Value::Old(_)) && slot.touched && anatomy.is_some() {
            self.flow(place, &mut value)?;
        } else {
            value.add(&self.flow_value(place, 0)?);
        }
        let hoisted = self.hoisted.replace(None).unwrap_or_default();
        self.comment_lines(&hoisted, 0, out);
        if let (Some(anatomy), Some(statement)) = (&anatomy, statement) {
            self.keys(statement, same, keys, out);
            out.old(statement.keys.end..anatomy.value.start);
            if matches!(slot.value, Value::Old(_)) && !slot.touched {
                out.old(anatomy.value.clone());
            } else {
                out.add(&value.into_text());
            }
        } else {
            out.add(keys);
            out.add(" = ");
            out.add(&value.into_text());
        }
        match &anatomy {
            Some(anatomy) => {
                let as_it_stands = statement.is_some() && !slot.stripped && inherited.behind.is_none();
                self.tail(place, anatomy, anatomy.column, as_it_stands, &inherited, out)?;
            }
            None => {
                if let Some(comment) = &inherited.behind {
                    out.add(&format!("  {comment}"));
                }
            }
        }
        self.line(out);
        Ok(())
    }

    /// The parts of a line or header.
    pub(in crate::document::edit) fn line_anatomy(&self, node: NodeId) -> Option<Anatomy> {
        let statement = self.statement(node)?;
        let text = self.text;
        let tail_end = line_content_end(text, statement.value.end).min(statement.range.end);
        let separator = text[statement.keys.end..statement.value.end].find('=').map(|at| statement.keys.end + at + 1);
        let open = separator.filter(|_| !statement.is_header).unwrap_or(statement.value.start);
        Some(Anatomy {
            column: indentation(text, statement.range.start),
            comments: statement.comments.clone(),
            start: statement.range.start,
            key: Some(statement.keys.clone()),
            open,
            marks: open..open,
            value: statement.value.clone(),
            tail: statement.value.end..tail_end,
            end: statement.range.end,
            in_flow: false,
            is_block: statement.is_header,
            is_odd: false,
        })
    }
}
