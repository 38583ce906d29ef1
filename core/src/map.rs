//! The map of the core: insertion-ordered, its hash keyed from the engine's seed, so that no order depends on a hash and
//! no client can choose keys that collide.

use std::ops::{Deref, DerefMut};

use foldhash::fast::FixedState;
use indexmap::IndexMap;
use serde::de::{Deserialize, Deserializer};
use serde::ser::{Serialize, Serializer};

/// An insertion-ordered map. A removal by `swap_remove` moves the last entry into the gap, on every target alike.
#[derive(Clone, Debug)]
pub struct Map<K, V> {
    seed: u64,
    entries: IndexMap<K, V, FixedState>,
}

impl<K, V> Map<K, V> {
    /// An empty map whose hash is keyed by `seed`.
    pub fn new(seed: u64) -> Self {
        Self { seed, entries: IndexMap::with_hasher(FixedState::with_seed(seed)) }
    }
}

impl<K, V> Deref for Map<K, V> {
    type Target = IndexMap<K, V, FixedState>;

    fn deref(&self) -> &Self::Target {
        &self.entries
    }
}

impl<K, V> DerefMut for Map<K, V> {
    fn deref_mut(&mut self) -> &mut Self::Target {
        &mut self.entries
    }
}

impl<K: PartialEq, V: PartialEq> PartialEq for Map<K, V> {
    fn eq(&self, other: &Self) -> bool {
        self.seed == other.seed && self.entries.iter().eq(other.entries.iter())
    }
}

impl<K: Serialize, V: Serialize> Serialize for Map<K, V> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let entries: Vec<(&K, &V)> = self.entries.iter().collect();
        (self.seed, entries).serialize(serializer)
    }
}

impl<'de, K, V> Deserialize<'de> for Map<K, V>
where
    K: Deserialize<'de> + Eq + std::hash::Hash,
    V: Deserialize<'de>,
{
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let (seed, entries): (u64, Vec<(K, V)>) = Deserialize::deserialize(deserializer)?;
        let mut map = Self::new(seed);
        map.entries.extend(entries);
        Ok(map)
    }
}
