//! How wide the header of a floating field is; it depends on the protocol version.

use super::frame::Frame;
use super::messages::OpenConf;
use super::names::tags;
use super::tail::Tail;

/// Bytes of a tag or of a length.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Width {
    /// One byte, 0 to 255.
    One,
    /// Two bytes, big-endian, 0 to 65,535.
    Two,
}

impl Width {
    /// Number of bytes.
    pub const fn bytes(self) -> usize {
        match self {
            Self::One => 1,
            Self::Two => 2,
        }
    }

    /// Largest number that fits.
    pub const fn max(self) -> usize {
        match self {
            Self::One => u8::MAX as usize,
            Self::Two => u16::MAX as usize,
        }
    }
}

/// Widths of `FieldDataID` and `FieldLength`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Widths {
    /// Of the tag.
    pub tag: Width,
    /// Of the length.
    pub length: Width,
}

impl Widths {
    /// Protocol versions 10 to 17: one byte each.
    pub const V10: Self = Self { tag: Width::One, length: Width::One };
    /// Protocol version 18 as its guide prints it: two bytes of tag, one of length.
    pub const V18: Self = Self { tag: Width::Two, length: Width::One };
    /// The parent protocol from its version 20 on: two bytes each.
    pub const WIDE: Self = Self { tag: Width::Two, length: Width::Two };

    /// Bytes before the value of a floating field.
    pub const fn header_bytes(self) -> usize {
        self.tag.bytes() + self.length.bytes()
    }

    /// Tells the widths of a version 18 server from its OPEN_CONF, as the guide is not clear on the length:
    /// those of [`Widths::V18`] and [`Widths::WIDE`] with which the tail ends exactly at the end of the body
    /// and holds known tags only. `None` when neither does, or the frame is no OPEN_CONF.
    pub fn detect_v18(open_conf: Frame<'_>) -> Option<Self> {
        if Some(open_conf.message_id) != OpenConf::ID {
            return None;
        }
        let tail = open_conf.body.get(OpenConf::FIXED_BYTES..)?;
        let reads = |widths: &Self| {
            Tail::new(tail, *widths).fields().all(|field| field.is_ok_and(|field| tags::name(field.tag).is_some()))
        };
        [Self::V18, Self::WIDE].into_iter().find(reads)
    }
}
