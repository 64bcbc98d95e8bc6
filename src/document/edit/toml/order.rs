//! The order of sections: what belongs to an item of an array of tables stands behind the header of that item.

use std::collections::HashMap;

use crate::document::NodeKind;
use crate::document::edit::render::Renderer;
use crate::document::edit::tree::Value;

use super::{Item, Section};

/// The numbers of sections in the order in which they are written: as they stand, unless a table would come under
/// another item than its own.
pub(super) fn order(renderer: &Renderer<'_, '_>, sections: &[Section]) -> Vec<usize> {
    let items: Vec<Option<Item>> = sections.iter().map(|section| renderer.item_around(section.table)).collect();
    let lists: Vec<Option<(Item, usize)>> = sections.iter().map(|section| renderer.list_of(section.table)).collect();
    let mut current: HashMap<Item, (Item, usize)> = HashMap::new();
    let fits = (0..sections.len()).all(|index| {
        if !renderer.is_live(sections[index].table) {
            return true;
        }
        let around = items[index].and_then(|item| Some((item, renderer.list_of(item)?.0)));
        let is_under = around.is_none_or(|(item, list)| current.get(&list).is_some_and(|(last, _)| *last == item));
        let Some((list, number)) = lists[index] else { return is_under };
        let before = current.insert(list, (sections[index].table, number));
        is_under && before.is_none_or(|(_, before)| before < number)
    });
    if fits {
        return (0..sections.len()).collect();
    }
    let mut inside: HashMap<Option<Item>, Vec<usize>> = HashMap::new();
    for (index, item) in items.iter().enumerate() {
        inside.entry(*item).or_default().push(index);
    }
    let mut ordered = Vec::with_capacity(sections.len());
    add(None, sections, &lists, &mut inside, &mut ordered);
    // What is left belongs to nothing that is written.
    let mut left: Vec<usize> = inside.into_values().flatten().collect();
    left.sort_unstable();
    ordered.extend(left);
    ordered
}

/// Adds the sections around or in an item: items of one array in their order, each with what is in it.
fn add(
    item: Option<Item>,
    sections: &[Section],
    lists: &[Option<(Item, usize)>],
    inside: &mut HashMap<Option<Item>, Vec<usize>>,
    ordered: &mut Vec<usize>,
) {
    let mut own = inside.remove(&item).unwrap_or_default();
    let mut places: HashMap<Item, Vec<usize>> = HashMap::new();
    for (place, index) in own.iter().enumerate() {
        if let Some((list, _)) = lists[*index] {
            places.entry(list).or_default().push(place);
        }
    }
    let mut moved: Vec<(usize, usize)> = Vec::new();
    #[allow(clippy::iter_over_hash_type, reason = "each list has places of its own")]
    for places in places.values() {
        let mut items: Vec<usize> = places.iter().map(|place| own[*place]).collect();
        items.sort_by_key(|index| lists[*index].map(|(_, number)| number));
        moved.extend(places.iter().copied().zip(items));
    }
    for (place, index) in moved {
        own[place] = index;
    }
    for index in own {
        ordered.push(index);
        if lists[index].is_some() {
            add(Some(sections[index].table), sections, lists, inside, ordered);
        }
    }
}

impl Renderer<'_, '_> {
    /// What a table or value is in.
    pub(super) fn around(&self, item: Item) -> Option<Item> {
        match item {
            Item::Slot(place) => self.draft.slot(place).parent.map(Item::Slot),
            Item::Node(node) => self.document.parent(node).map(|parent| self.item(parent)),
        }
    }

    fn is_array(&self, item: Item) -> bool {
        match item {
            Item::Slot(place) => self.is_list(place),
            Item::Node(node) => matches!(self.document.node(node).kind, NodeKind::Sequence { .. }),
        }
    }

    /// The innermost item of an array of tables that a table is in, and is not itself.
    fn item_around(&self, item: Item) -> Option<Item> {
        let mut at = self.around(item)?;
        loop {
            let around = self.around(at)?;
            if self.is_array(around) {
                return Some(at);
            }
            at = around;
        }
    }

    /// The array of tables that a table is an item of, and which one.
    fn list_of(&self, item: Item) -> Option<(Item, usize)> {
        let around = self.around(item).filter(|around| self.is_array(*around))?;
        let number = match (around, item) {
            (Item::Slot(list), Item::Slot(place)) => self.draft.live(list).position(|child| child == place)?,
            (Item::Slot(list), Item::Node(node)) => {
                let Value::Old(list) = self.draft.slot(list).value else { return None };
                self.document.items(list).binary_search(&node).ok()?
            }
            (Item::Node(list), Item::Node(node)) => self.document.items(list).binary_search(&node).ok()?,
            (Item::Node(_), Item::Slot(_)) => return None,
        };
        Some((around, number))
    }
}
