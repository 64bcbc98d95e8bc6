//! Values by name, for the few names that one connection has.

use std::borrow::Borrow;
use std::sync::Arc;

/// Values by name, in the order of the names.
///
/// A sorted vector and not a map: a connection has some ten settings, and the nodes of a B-tree have room for eleven
/// each, used or not. Clones share it until one of them is changed, since what a database comes down to is most often
/// what its only definition says.
#[derive(Clone, Debug, PartialEq)]
pub struct Table<Name, Value>(Arc<Vec<(Name, Value)>>);

impl<Name: Ord + Clone, Value: Clone> Table<Name, Value> {
    /// The value of a name.
    pub fn get<Like: Ord + ?Sized>(&self, name: &Like) -> Option<&Value>
    where
        Name: Borrow<Like>,
    {
        self.place(name).ok().map(|at| &self.0[at].1)
    }

    /// The value of a name, to change it.
    pub fn get_mut<Like: Ord + ?Sized>(&mut self, name: &Like) -> Option<&mut Value>
    where
        Name: Borrow<Like>,
    {
        self.place(name).ok().map(|at| &mut self.own()[at].1)
    }

    /// Whether a name has a value.
    pub fn contains_key<Like: Ord + ?Sized>(&self, name: &Like) -> bool
    where
        Name: Borrow<Like>,
    {
        self.place(name).is_ok()
    }

    /// Sets the value of a name; what stood there before is forgotten.
    pub fn insert(&mut self, name: Name, value: Value) {
        match self.place(&name) {
            Ok(at) => self.own()[at].1 = value,
            Err(at) => self.insert_at(at, name, value),
        }
    }

    /// Sets the value of a name that has none yet.
    pub fn insert_if_absent(&mut self, name: Name, value: Value) {
        if let Err(at) = self.place(&name) {
            self.insert_at(at, name, value);
        }
    }

    /// Removes a name.
    pub fn remove<Like: Ord + ?Sized>(&mut self, name: &Like) -> Option<Value>
    where
        Name: Borrow<Like>,
    {
        self.place(name).ok().map(|at| self.own().remove(at).1)
    }

    /// All names with their values.
    pub fn iter(&self) -> impl Iterator<Item = (&Name, &Value)> {
        self.0.iter().map(|(name, value)| (name, value))
    }

    /// All names with their values, to change these.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = (&Name, &mut Value)> {
        // An empty table has nothing to change, and is shared by all of them.
        let all = if self.0.is_empty() { &mut [] } else { self.own().as_mut_slice() };
        all.iter_mut().map(|(name, value)| (&*name, value))
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Where a name stands, or where it belongs.
    fn place<Like: Ord + ?Sized>(&self, name: &Like) -> Result<usize, usize>
    where
        Name: Borrow<Like>,
    {
        self.0.binary_search_by(|(known, _)| known.borrow().cmp(name))
    }

    fn insert_at(&mut self, at: usize, name: Name, value: Value) {
        let all = self.own();
        if all.len() == all.capacity() {
            // Doubling would leave half of the memory of thousands of tables unused.
            all.reserve_exact(if all.is_empty() { 1 } else { 4 });
        }
        all.insert(at, (name, value));
    }

    /// The vector, no longer shared.
    fn own(&mut self) -> &mut Vec<(Name, Value)> {
        Arc::make_mut(&mut self.0)
    }
}

impl<Name, Value> Default for Table<Name, Value> {
    fn default() -> Self {
        Self(Arc::default())
    }
}

impl<Name: Clone, Value: Clone> IntoIterator for Table<Name, Value> {
    type Item = (Name, Value);
    type IntoIter = std::vec::IntoIter<(Name, Value)>;

    fn into_iter(self) -> Self::IntoIter {
        Arc::unwrap_or_clone(self.0).into_iter()
    }
}

impl<Name: Ord + Clone, Value: Clone> Extend<(Name, Value)> for Table<Name, Value> {
    fn extend<Others: IntoIterator<Item = (Name, Value)>>(&mut self, others: Others) {
        for (name, value) in others {
            self.insert(name, value);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_sorted_and_clones_are_apart() {
        let mut table: Table<String, u8> = Table::default();
        table.extend([("b".to_owned(), 2), ("a".to_owned(), 0), ("a".to_owned(), 1)]);
        let kept = table.clone();
        table.insert_if_absent("a".to_owned(), 9);
        table.insert_if_absent("c".to_owned(), 3);
        table.iter_mut().for_each(|(_, value)| *value *= 2);
        assert_eq!(table.remove("b"), Some(4));
        assert_eq!(table.into_iter().collect::<Vec<_>>(), [("a".to_owned(), 2), ("c".to_owned(), 6)]);
        assert_eq!((kept.get("a"), kept.get("b"), kept.contains_key("c")), (Some(&1), Some(&2), false));
    }
}
