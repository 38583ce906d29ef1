//! The stays of a journey in their order, and which of them are open: what happens next concerns the few that are, however many
//! went before.

use std::collections::VecDeque;
use std::ops::{Index, IndexMut};

use serde::{Deserialize, Serialize, Serializer};

use super::stay::Stay;
use crate::time::Time;

/// Stays by when they began and, within a moment, by when they were told. Written down as the list they are.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(from = "VecDeque<Stay>")]
pub(super) struct Stays {
    ordered: VecDeque<Stay>,
    /// The places of those that are open, in order.
    open: Vec<u32>,
}

impl Stays {
    pub(super) fn len(&self) -> usize {
        self.ordered.len()
    }

    pub(super) fn iter(&self) -> impl DoubleEndedIterator<Item = &Stay> {
        self.ordered.iter()
    }

    /// Every stay, to change anything but its beginning and its end.
    pub(super) fn iter_mut(&mut self) -> impl DoubleEndedIterator<Item = &mut Stay> {
        self.ordered.iter_mut()
    }

    /// Those that are open.
    pub(super) fn open(&self) -> impl Iterator<Item = &Stay> {
        self.open.iter().map(|place| &self.ordered[*place as usize])
    }

    /// The place of the first open one that `which` picks.
    pub(super) fn find_open(&self, which: impl Fn(&Stay) -> bool) -> Option<usize> {
        self.open.iter().map(|place| *place as usize).find(|place| which(&self.ordered[*place]))
    }

    /// The place of the first open one from `from` on: closing it, or others, moves no place.
    pub(super) fn next_open(&self, from: usize) -> Option<usize> {
        self.open.iter().map(|place| *place as usize).find(|place| *place >= from)
    }

    /// Puts a stay after all that began no later.
    pub(super) fn insert(&mut self, stay: Stay) {
        let is_last = self.ordered.back().is_none_or(|last| last.started <= stay.started);
        let at = if is_last {
            self.ordered.len()
        } else {
            self.ordered.partition_point(|other| other.started <= stay.started)
        };
        let first = self.open.partition_point(|place| (*place as usize) < at);
        self.open[first..].iter_mut().for_each(|place| *place += 1);
        if stay.is_open() {
            self.open.insert(first, at as u32);
        }
        self.ordered.insert(at, stay);
    }

    /// Ends one that is open.
    pub(super) fn end(&mut self, place: usize, at: Time) -> &mut Stay {
        self.open.retain(|open| *open as usize != place);
        let stay = &mut self.ordered[place];
        stay.ended = Some(at.max(stay.started));
        stay
    }

    /// Drops the oldest ended one, save for the very first; the one after the gap, if there was one to drop.
    pub(super) fn drop_oldest(&mut self) -> Option<Option<&mut Stay>> {
        let mut open = self.open.iter().skip_while(|place| **place == 0);
        let oldest = (1..self.ordered.len()).find(|place| open.next().is_none_or(|open| *open as usize != *place))?;
        // Near the front, where a removal moves what is before it only.
        self.ordered.remove(oldest);
        self.open.iter_mut().filter(|place| **place as usize > oldest).for_each(|place| *place -= 1);
        Some(self.ordered.get_mut(oldest))
    }

    /// Takes in those of another journey.
    pub(super) fn extend(&mut self, others: impl IntoIterator<Item = Stay>) {
        self.ordered.extend(others);
        self.ordered.make_contiguous().sort_by_key(|stay| (stay.started, stay.seq));
        self.open = open_of(&self.ordered);
    }

    pub(super) fn into_iter(self) -> impl Iterator<Item = Stay> {
        self.ordered.into_iter()
    }

    /// Drops the newest beyond so many.
    pub(super) fn truncate(&mut self, max: usize) {
        self.ordered.truncate(max);
        self.open.retain(|place| (*place as usize) < max);
    }
}

/// INVARIANT: a journey has at most `steps_max` stays of its own and as many of one it takes in: places are 32 bits.
fn open_of(ordered: &VecDeque<Stay>) -> Vec<u32> {
    ordered.iter().enumerate().filter(|(_, stay)| stay.is_open()).map(|(place, _)| place as u32).collect()
}

impl Index<usize> for Stays {
    type Output = Stay;

    fn index(&self, place: usize) -> &Stay {
        &self.ordered[place]
    }
}

/// To change anything but its beginning and its end.
impl IndexMut<usize> for Stays {
    fn index_mut(&mut self, place: usize) -> &mut Stay {
        &mut self.ordered[place]
    }
}

impl Serialize for Stays {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.ordered.serialize(serializer)
    }
}

impl From<VecDeque<Stay>> for Stays {
    fn from(ordered: VecDeque<Stay>) -> Self {
        let open = open_of(&ordered);
        Self { ordered, open }
    }
}
