//! A map and a set that keep their order, each one vector. The desk holds little, and pages download its code: a tree for every
//! kind of entry would be a third of it.

use std::borrow::Borrow;

/// A map in the order of its keys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct SortedMap<K, V> {
    entries: Vec<(K, V)>,
}

impl<K, V> Default for SortedMap<K, V> {
    fn default() -> Self {
        Self { entries: Vec::new() }
    }
}

impl<K: Ord, V> SortedMap<K, V> {
    fn find<Q: Ord + ?Sized>(&self, key: &Q) -> Result<usize, usize>
    where
        K: Borrow<Q>,
    {
        self.entries.binary_search_by(|(one, _)| one.borrow().cmp(key))
    }

    pub(super) fn get<Q: Ord + ?Sized>(&self, key: &Q) -> Option<&V>
    where
        K: Borrow<Q>,
    {
        let at = self.find(key).ok()?;
        Some(&self.entries[at].1)
    }

    pub(super) fn get_mut<Q: Ord + ?Sized>(&mut self, key: &Q) -> Option<&mut V>
    where
        K: Borrow<Q>,
    {
        let at = self.find(key).ok()?;
        Some(&mut self.entries[at].1)
    }

    pub(super) fn contains_key<Q: Ord + ?Sized>(&self, key: &Q) -> bool
    where
        K: Borrow<Q>,
    {
        self.find(key).is_ok()
    }

    /// Gives what the key had before.
    pub(super) fn insert(&mut self, key: K, value: V) -> Option<V> {
        // What comes in order, as most does, is not searched for.
        let found = match self.entries.last() {
            Some((last, _)) if *last < key => Err(self.entries.len()),
            _ => self.find(&key),
        };
        match found {
            Ok(at) => Some(std::mem::replace(&mut self.entries[at].1, value)),
            Err(at) => {
                self.entries.insert(at, (key, value));
                None
            }
        }
    }

    pub(super) fn remove<Q: Ord + ?Sized>(&mut self, key: &Q) -> Option<V>
    where
        K: Borrow<Q>,
    {
        let at = self.find(key).ok()?;
        Some(self.entries.remove(at).1)
    }

    /// The first key that is greater, with its value.
    pub(super) fn after(&self, key: &K) -> Option<(&K, &V)> {
        let at = self.find(key).map_or_else(|at| at, |at| at + 1);
        self.entries.get(at).map(|(key, value)| (key, value))
    }
}

impl<K, V> SortedMap<K, V> {
    pub(super) const fn new() -> Self {
        Self { entries: Vec::new() }
    }

    pub(super) fn first(&self) -> Option<&K> {
        self.entries.first().map(|(key, _)| key)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (&K, &V)> {
        self.entries.iter().map(|(key, value)| (key, value))
    }

    pub(super) fn iter_mut(&mut self) -> impl Iterator<Item = (&K, &mut V)> {
        self.entries.iter_mut().map(|(key, value)| (&*key, value))
    }

    pub(super) fn keys(&self) -> impl Iterator<Item = &K> {
        self.entries.iter().map(|(key, _)| key)
    }

    pub(super) fn values(&self) -> impl Iterator<Item = &V> {
        self.entries.iter().map(|(_, value)| value)
    }

    pub(super) fn retain(&mut self, mut keeps: impl FnMut(&K, &V) -> bool) {
        self.entries.retain(|(key, value)| keeps(key, value));
    }

    pub(super) const fn len(&self) -> usize {
        self.entries.len()
    }

    pub(super) fn clear(&mut self) {
        self.entries.clear();
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::SortedMap;

    #[test]
    fn it_is_what_a_tree_is() {
        let (mut ours, mut tree) = (SortedMap::new(), BTreeMap::new());
        // A full cycle of a generator: every key comes, in no order, some twice.
        let mut key = 1_u64;
        for turn in 0..500_u64 {
            key = (key * 5 + 3) % 256;
            if turn % 3 == 2 {
                assert_eq!(ours.remove(&key), tree.remove(&key));
            } else {
                assert_eq!(ours.insert(key, turn), tree.insert(key, turn));
            }
            assert_eq!(ours.get(&key), tree.get(&key));
            assert_eq!(ours.contains_key(&key), tree.contains_key(&key));
            assert_eq!(ours.after(&key), tree.range(key + 1..).next());
            assert_eq!(ours.first(), tree.keys().next());
            assert!(ours.iter().eq(tree.iter()));
        }
        for value in ours.iter_mut().map(|(_, value)| value) {
            *value += 1;
        }
        ours.retain(|key, _| key % 2 == 0);
        let kept: Vec<_> =
            tree.into_iter().filter(|(key, _)| key % 2 == 0).map(|(key, value)| (key, value + 1)).collect();
        assert!(ours.keys().copied().eq(kept.iter().map(|(key, _)| *key)) && ours.len() == kept.len());
        assert!(ours.values().copied().eq(kept.iter().map(|(_, value)| *value)));
        ours.clear();
        assert_eq!(ours.first(), None);
        assert_eq!(ours.get_mut(&2), None);
    }
}
