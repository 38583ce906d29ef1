//! Repeated groups of floating fields, read when they are asked for.

use std::fmt::{self, Debug, Formatter};

use super::encoder::Encoder;
use super::layout::{Item, Place, place};
use super::tail::Tail;

/// One repetition of a group.
pub trait Record<'a>: Copy + Debug + Default + PartialEq {
    /// Its fields.
    const ITEMS: &'static [Item];

    /// Reads the fields of one repetition, other fields among them being ignored.
    fn read(span: Tail<'a>) -> Self;
    /// Appends the fields.
    fn write(&self, encoder: &mut Encoder<'_>);
}

/// The repetitions of a group: those on the wire, or those to be written.
///
/// The number of repetitions is what the wire holds, whatever the count before them says. A repetition ends
/// where one of its fields comes a second time, so a missing field does not move the others.
#[derive(Clone, Copy)]
pub struct Group<'a, T>(Source<'a, T>);

#[derive(Clone, Copy)]
enum Source<'a, T> {
    Wire(Tail<'a>),
    Slice(&'a [T]),
}

impl<'a, T: Record<'a>> Group<'a, T> {
    pub(super) const fn on_wire(tail: Tail<'a>) -> Self {
        Self(Source::Wire(tail))
    }

    /// The repetitions in order.
    pub fn iter(&self) -> Records<'a, T> {
        Records(self.0)
    }

    /// Their number; walks the wire.
    pub fn len(&self) -> usize {
        self.iter().count()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.iter().next().is_none()
    }
}

impl<T> Default for Group<'_, T> {
    fn default() -> Self {
        Self(Source::Slice(&[]))
    }
}

impl<'a, T> From<&'a [T]> for Group<'a, T> {
    fn from(records: &'a [T]) -> Self {
        Self(Source::Slice(records))
    }
}

impl<'a, T, const N: usize> From<&'a [T; N]> for Group<'a, T> {
    fn from(records: &'a [T; N]) -> Self {
        Self(Source::Slice(records))
    }
}

impl<'a, T: Record<'a>> PartialEq for Group<'a, T> {
    fn eq(&self, other: &Self) -> bool {
        self.iter().eq(other.iter())
    }
}

impl<'a, T: Record<'a>> Debug for Group<'a, T> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

impl<'a, T: Record<'a>> IntoIterator for Group<'a, T> {
    type Item = T;
    type IntoIter = Records<'a, T>;

    fn into_iter(self) -> Records<'a, T> {
        self.iter()
    }
}

impl<'a, T: Record<'a>> IntoIterator for &Group<'a, T> {
    type Item = T;
    type IntoIter = Records<'a, T>;

    fn into_iter(self) -> Records<'a, T> {
        self.iter()
    }
}

/// See [`Group::iter`].
pub struct Records<'a, T>(Source<'a, T>);

impl<'a, T: Record<'a>> Iterator for Records<'a, T> {
    type Item = T;

    fn next(&mut self) -> Option<T> {
        match &mut self.0 {
            Source::Slice(records) => {
                let (first, rest) = records.split_first()?;
                *records = rest;
                Some(*first)
            }
            Source::Wire(tail) => {
                let (span, rest) = first_record(*tail, T::ITEMS)?;
                *tail = rest;
                Some(T::read(span))
            }
        }
    }
}

impl<'a, T: Record<'a>> Debug for Records<'a, T> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        Group(self.0).fmt(f)
    }
}

/// Splits off the first repetition: up to where one of its own fields comes a second time.
fn first_record<'a>(tail: Tail<'a>, items: &[Item]) -> Option<(Tail<'a>, Tail<'a>)> {
    let mut seen = 0_u64;
    let mut start = None;
    let mut fields = tail.fields();
    let end = loop {
        let at = fields.offset();
        let Some(Ok(tlv)) = fields.next() else {
            break tail.len();
        };
        match place(items, tlv) {
            None => continue,
            Some(Place::Grouped) => {}
            Some(Place::Single(index)) => {
                let bit = 1_u64 << (index % 64);
                if seen & bit != 0 {
                    break at;
                }
                seen |= bit;
            }
        }
        start.get_or_insert(at);
    };
    start.map(|start| (tail.between(start, end), tail.between(end, tail.len())))
}
