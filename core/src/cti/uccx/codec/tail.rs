//! The floating part of a body: tag, length, value, one after the other.

use std::fmt::{self, Debug, Formatter};

use super::widths::{Width, Widths};

/// One floating field as it stands on the wire.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Tlv<'a> {
    /// `FieldDataID`.
    pub tag: u16,
    /// The bytes of the value, a terminating NUL included.
    pub value: &'a [u8],
}

/// The value may be a password: only its size is shown.
impl Debug for Tlv<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tlv").field("tag", &self.tag).field("bytes", &self.value.len()).finish()
    }
}

/// A floating field that runs past the end of the tail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CutField {
    /// Where the field begins, in bytes from the start of the tail.
    pub offset: usize,
}

/// A run of floating fields, borrowed.
#[derive(Clone, Copy)]
pub struct Tail<'a> {
    bytes: &'a [u8],
    widths: Widths,
}

impl<'a> Tail<'a> {
    /// Looks at `bytes` as floating fields with headers of these widths.
    pub const fn new(bytes: &'a [u8], widths: Widths) -> Self {
        Self { bytes, widths }
    }

    /// No field at all.
    pub const fn empty() -> Self {
        Self::new(&[], Widths::V10)
    }

    /// The fields in wire order; the first broken one ends them.
    pub const fn fields(self) -> Fields<'a> {
        Fields { tail: self, offset: 0 }
    }

    pub(super) fn between(self, start: usize, end: usize) -> Self {
        Self { bytes: self.bytes.get(start..end).unwrap_or_default(), ..self }
    }

    pub(super) const fn len(self) -> usize {
        self.bytes.len()
    }
}

/// See [`Tail::fields`].
#[derive(Clone)]
pub struct Fields<'a> {
    tail: Tail<'a>,
    offset: usize,
}

impl<'a> Fields<'a> {
    /// Where the next field begins, in bytes from the start of the tail.
    pub const fn offset(&self) -> usize {
        self.offset
    }

    fn read(&self) -> Option<(Tlv<'a>, usize)> {
        let rest = self.tail.bytes.get(self.offset..)?;
        let (tag, rest) = take(rest, self.tail.widths.tag)?;
        let (length, rest) = take(rest, self.tail.widths.length)?;
        let value = rest.get(..usize::from(length))?;
        let end = self.offset + self.tail.widths.header_bytes() + value.len();
        Some((Tlv { tag, value }, end))
    }
}

impl<'a> Iterator for Fields<'a> {
    type Item = Result<Tlv<'a>, CutField>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.offset >= self.tail.bytes.len() {
            return None;
        }
        let Some((field, end)) = self.read() else {
            let offset = std::mem::replace(&mut self.offset, usize::MAX);
            return Some(Err(CutField { offset }));
        };
        self.offset = end;
        Some(Ok(field))
    }
}

fn take(bytes: &[u8], width: Width) -> Option<(u16, &[u8])> {
    match width {
        Width::One => bytes.split_first().map(|(byte, rest)| (u16::from(*byte), rest)),
        Width::Two => bytes.split_first_chunk().map(|(bytes, rest)| (u16::from_be_bytes(*bytes), rest)),
    }
}
