//! The floating fields a message does not define.

use std::fmt::{self, Debug, Formatter};

use super::encoder::Encoder;
use super::layout::{Item, Place, place};
use super::tail::{Tail, Tlv};

/// Fields that found no place in the message: tags it does not define, repetitions of a single field, and
/// fields whose length does not fit their type. They are skipped, counted, and written again by `encode`
/// after all others.
#[derive(Clone, Copy)]
pub struct Extra<'a> {
    tail: Tail<'a>,
    items: &'static [Item],
    count: usize,
}

impl<'a> Extra<'a> {
    pub(super) const fn new(tail: Tail<'a>, items: &'static [Item], count: usize) -> Self {
        Self { tail, items, count }
    }

    /// Their number.
    pub const fn len(&self) -> usize {
        self.count
    }

    /// Whether every field found its place.
    pub const fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// The fields in wire order.
    pub fn iter(&self) -> impl Iterator<Item = Tlv<'a>> {
        let mut seen = 0_u64;
        let items = self.items;
        let fields = self.tail.fields().map_while(Result::ok);
        let unplaced = move |tlv: &Tlv<'a>| match place(items, *tlv) {
            None => true,
            Some(Place::Grouped) => false,
            Some(Place::Single(index)) => {
                let bit = 1_u64 << (index % 64);
                let repeated = seen & bit != 0;
                seen |= bit;
                repeated
            }
        };
        // A message without extra fields, the ordinary one, is not walked again.
        let walked = if self.is_empty() { 0 } else { usize::MAX };
        fields.take(walked).filter(unplaced)
    }

    pub(super) fn write(&self, encoder: &mut Encoder<'_>) {
        for tlv in self.iter() {
            encoder.floating(tlv.tag, &[tlv.value], usize::MAX);
        }
    }
}

impl Default for Extra<'_> {
    fn default() -> Self {
        Self::new(Tail::empty(), &[], 0)
    }
}

impl PartialEq for Extra<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.count == other.count && self.iter().eq(other.iter())
    }
}

impl Debug for Extra<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}
