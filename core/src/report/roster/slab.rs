//! Values under dense numbers that stay the same while a value lives.

use std::marker::PhantomData;
use std::ops::{Index, IndexMut};

use serde::{Deserialize, Serialize};

/// A number that names a slot of one kind of slab.
pub(in crate::report) trait Slot: Copy {
    /// The slot's place.
    fn place(self) -> usize;
    /// The number of a place.
    fn at(place: usize) -> Self;
}

macro_rules! slots {
    ($($(#[$doc:meta])* $name:ident)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub(in crate::report) struct $name(u32);

        impl Slot for $name {
            fn place(self) -> usize {
                self.0 as usize
            }

            fn at(place: usize) -> Self {
                Self(u32::try_from(place).expect("INVARIANT: the limits keep every slab far below 2^32 slots"))
            }
        }
    )*};
}

slots! {
    /// An agent of the roster.
    AgentIx
    /// A team of the roster.
    TeamIx
    /// A watched agent id.
    SubjectIx
}

/// Values in numbered slots; a freed slot is used again, the latest freed first.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(in crate::report) struct Slab<I, T> {
    slots: Vec<Option<T>>,
    free: Vec<u32>,
    numbered_by: PhantomData<I>,
}

impl<I: Slot, T> Slab<I, T> {
    pub(in crate::report) fn new() -> Self {
        Self { slots: Vec::new(), free: Vec::new(), numbered_by: PhantomData }
    }

    pub(in crate::report) fn insert(&mut self, value: T) -> I {
        if let Some(place) = self.free.pop() {
            self.slots[place as usize] = Some(value);
            return I::at(place as usize);
        }
        let ix = I::at(self.slots.len());
        self.slots.push(Some(value));
        ix
    }

    pub(in crate::report) fn remove(&mut self, ix: I) -> Option<T> {
        let value = self.slots.get_mut(ix.place())?.take()?;
        self.free.push(u32::try_from(ix.place()).expect("INVARIANT: a slot's number is a u32"));
        Some(value)
    }

    pub(in crate::report) fn get(&self, ix: I) -> Option<&T> {
        self.slots.get(ix.place())?.as_ref()
    }

    pub(in crate::report) fn len(&self) -> usize {
        self.slots.len() - self.free.len()
    }

    /// Every value with its number, by number.
    pub(in crate::report) fn iter(&self) -> impl Iterator<Item = (I, &T)> {
        self.slots.iter().enumerate().filter_map(|(place, value)| Some((I::at(place), value.as_ref()?)))
    }

    /// Whether the free list names exactly the empty slots, each once: false only for a snapshot nobody wrote.
    pub(in crate::report) fn is_sound(&self) -> bool {
        let mut empty: Vec<bool> = self.slots.iter().map(Option::is_none).collect();
        let named_once = self.free.iter().all(|&place| empty.get_mut(place as usize).is_some_and(std::mem::take));
        named_once && !empty.contains(&true)
    }
}

impl<I: Slot, T> Index<I> for Slab<I, T> {
    type Output = T;

    fn index(&self, ix: I) -> &T {
        self.slots[ix.place()].as_ref().expect("INVARIANT: a number held by the report names a live slot")
    }
}

impl<I: Slot, T> IndexMut<I> for Slab<I, T> {
    fn index_mut(&mut self, ix: I) -> &mut T {
        self.slots[ix.place()].as_mut().expect("INVARIANT: a number held by the report names a live slot")
    }
}
