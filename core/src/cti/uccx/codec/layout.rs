//! What the message table says of a message, as data: for inspection, tests and documentation.

use super::tail::Tlv;

/// Who sends a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// The CTI server.
    ToClient,
    /// The client.
    ToServer,
}

/// The type of a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// UCHAR, one byte.
    U1,
    /// USHORT, two bytes.
    U2,
    /// UINT, four bytes.
    U4,
    /// INT, four bytes.
    S4,
    /// BOOL, two bytes; in a floating field also four.
    Bool,
    /// TIME, four bytes: seconds since 1970 UTC.
    Time,
    /// STRING, at most so many bytes with its NUL.
    Text(usize),
    /// UNSPEC, at most so many bytes; in the fixed part exactly so many.
    Opaque(usize),
    /// NAMEDVAR.
    NamedVariable,
    /// NAMEDARRAY.
    NamedArray,
}

impl Kind {
    /// Whether a floating field of this type can have this many bytes. Strings may be longer than the protocol
    /// allows: that is the sender's mistake, and no reason to lose them.
    pub const fn reads(self, bytes: usize) -> bool {
        match self {
            Self::U1 => bytes == 1,
            Self::U2 => bytes == 2,
            Self::U4 | Self::S4 | Self::Time => bytes == 4,
            Self::Bool => bytes == 2 || bytes == 4,
            Self::Text(_) | Self::Opaque(_) | Self::NamedVariable => true,
            Self::NamedArray => bytes >= 1,
        }
    }

    /// Bytes in the fixed part; zero for types that stand only in the floating part.
    pub const fn fixed_bytes(self) -> usize {
        match self {
            Self::U1 => 1,
            Self::U2 | Self::Bool => 2,
            Self::U4 | Self::S4 | Self::Time => 4,
            Self::Opaque(bytes) => bytes,
            Self::Text(_) | Self::NamedVariable | Self::NamedArray => 0,
        }
    }
}

/// A field of the fixed part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FixedField {
    /// Its name in the protocol; a reserved word is `resv_` and its offset.
    pub name: &'static str,
    /// Its type.
    pub kind: Kind,
    /// What a new message holds: the frozen value of a reserved word.
    pub default: i64,
}

impl FixedField {
    /// Whether the protocol keeps the position and freezes the value.
    pub fn is_reserved(&self) -> bool {
        self.name.starts_with("resv_")
    }
}

/// A field of the floating part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FloatingField {
    /// `FieldDataID`.
    pub tag: u16,
    /// Its name in the protocol; `resv` if it has none.
    pub name: &'static str,
    /// Its type.
    pub kind: Kind,
    /// Whether it is a password.
    pub secret: bool,
}

/// A run of floating fields that repeats.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GroupLayout {
    /// The Rust type of one repetition.
    pub name: &'static str,
    /// The name of the field that counts the repetitions.
    pub count: &'static str,
    /// The fields of one repetition.
    pub items: &'static [Item],
}

/// A part of the floating part, in the order the encoder writes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Item {
    /// One field, at most once.
    Field(FloatingField),
    /// A repeated group.
    Group(GroupLayout),
}

/// All the table says of one message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Layout {
    /// `MessageTypeID`; `None` where no public page prints it.
    pub id: Option<u32>,
    /// The message's name in the protocol.
    pub name: &'static str,
    /// Who sends it.
    pub direction: Direction,
    /// The fixed part in wire order.
    pub fixed: &'static [FixedField],
    /// Bytes of the fixed part.
    pub fixed_bytes: usize,
    /// The floating part.
    pub floating: &'static [Item],
}

impl Layout {
    /// The fixed fields with their offsets in bytes from the start of the body.
    pub fn fixed_at(&self) -> impl Iterator<Item = (usize, &'static FixedField)> {
        self.fixed.iter().scan(0, |offset, field| {
            let at = *offset;
            *offset += field.kind.fixed_bytes();
            Some((at, field))
        })
    }

    /// The floating field of this tag, within groups too.
    pub fn floating_field(&self, tag: u16) -> Option<&'static FloatingField> {
        find(self.floating, tag)
    }
}

fn find(items: &'static [Item], tag: u16) -> Option<&'static FloatingField> {
    items.iter().find_map(|item| match item {
        Item::Field(field) => (field.tag == tag).then_some(field),
        Item::Group(group) => find(group.items, tag),
    })
}

/// Where a field read from the wire belongs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// The single field at this index of the items.
    Single(usize),
    /// A field of a group among the items.
    Grouped,
}

/// Finds the place of a field; `None` if the tag is not defined here or the length does not fit its type.
pub(super) fn place(items: &[Item], tlv: Tlv<'_>) -> Option<Place> {
    items.iter().enumerate().find_map(|(index, item)| match item {
        Item::Field(field) => {
            (field.tag == tlv.tag && field.kind.reads(tlv.value.len())).then_some(Place::Single(index))
        }
        Item::Group(group) => place(group.items, tlv).map(|_| Place::Grouped),
    })
}
