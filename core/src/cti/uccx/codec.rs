//! The UCCX CTI wire format: bytes to typed messages and back, without I/O.
//!
//! A frame is `BodyLength UINT4`, `MessageTypeID UINT4`, a fixed part and a tail of floating fields
//! (tag, length, value), all big-endian and unaligned. Four layers, each usable alone:
//!
//! 1. [`Framer`] cuts a byte stream into [`Frame`]s within a bounded buffer.
//! 2. [`Message::decode`] turns a frame into a typed message that borrows from it; `encode` is its inverse.
//! 3. [`inspect`](inspect::inspect) writes any frame down losslessly as JSON; [`rebuild`](rebuild::rebuild) is its inverse.
//! 4. [`names`] holds the enumerations as data, so that numbers can be printed.
//!
//! Messages, their decoder, their encoder and the metadata behind `inspect` all come from one table, written
//! with the `messages!` macro in [`messages`].
//!
//! What decoding tolerates: floating fields in any order; tags a message does not define, repetitions of a
//! single field and fields whose length does not fit their type (all kept in [`Extra`], written again by
//! `encode`); groups whose count is wrong; strings with or without their terminating NUL and in any encoding
//! ([`Text`] is a view of bytes); unknown message types ([`Message::Unknown`]); any value in a reserved word.
//! What it refuses, with a [`DecodeError`]: a body shorter than its fixed part, and a floating field that
//! runs past the end of the body.

#[macro_use]
mod table;
#[macro_use]
mod groups;

mod blank;
mod encoder;
mod error;
mod extra;
mod frame;
mod group;
pub mod hex;
pub mod inspect;
mod kinds;
mod layout;
pub mod messages;
pub mod names;
mod ordered;
pub mod rebuild;
mod tail;
mod values;
mod widths;

pub use blank::blank_passwords;
pub use encoder::Encoder;
pub use error::{DecodeError, EncodeError, FrameError};
pub use extra::Extra;
pub use frame::{Frame, Framer};
pub use group::{Group, Record, Records};
pub use layout::{Direction, FixedField, FloatingField, GroupLayout, Item, Kind, Layout};
pub use messages::Message;
pub use tail::{CutField, Fields, Tail, Tlv};
pub use values::{Bool, NamedArray, NamedVariable, Secret, Text};
pub use widths::{Width, Widths};

/// Bytes of the message header: body length and message type.
pub const HEADER_BYTES: usize = 8;
/// Longest body a decoder takes, in bytes. The guides speak of 256 and of 12,500; this is beyond both.
pub const DECODED_BODY_BYTES_MAX: usize = 64 * 1024;
/// Longest frame the encoder writes, header included, in bytes.
pub const ENCODED_FRAME_BYTES_MAX: usize = 4 * 1024;
