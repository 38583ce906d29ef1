//! What can be wrong with bytes, or with a message to be written.

use std::fmt::{self, Display, Formatter};

use super::{DECODED_BODY_BYTES_MAX, ENCODED_FRAME_BYTES_MAX, HEADER_BYTES};

/// The bytes are no frame. The stream cannot be read on: end the connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FrameError {
    /// Fewer bytes than a header has.
    HeaderCut {
        /// Bytes there are.
        found: usize,
    },
    /// The header announces more than [`DECODED_BODY_BYTES_MAX`] bytes.
    BodyTooLong {
        /// Message type in the header.
        message_id: u32,
        /// Body length in the header, in bytes.
        length: u32,
    },
    /// The header announces another body length than there is.
    LengthMismatch {
        /// Body length in the header, in bytes.
        declared: u32,
        /// Bytes after the header.
        found: usize,
    },
}

impl Display for FrameError {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::HeaderCut { found } => {
                write!(f, "{found} bytes are fewer than the {HEADER_BYTES} of a header: wait for more")
            }
            Self::BodyTooLong { message_id, length } => write!(
                f,
                "message type {message_id} announces a body of {length} bytes, over the {DECODED_BODY_BYTES_MAX} \
                 allowed: check that the port speaks CTI, and reconnect"
            ),
            Self::LengthMismatch { declared, found } => {
                write!(f, "the header announces a body of {declared} bytes, {found} follow it: pass exactly one frame")
            }
        }
    }
}

impl std::error::Error for FrameError {}

/// One frame cannot be read as the message its type names. The stream can be read on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DecodeError {
    /// The body ends within the fixed part.
    FixedCut {
        /// The message's name in the protocol.
        message: &'static str,
        /// Bytes of the fixed part.
        needed: usize,
        /// Bytes of the body.
        found: usize,
    },
    /// A floating field runs past the end of the body.
    FieldCut {
        /// The message's name in the protocol.
        message: &'static str,
        /// Where the field begins, in bytes from the start of the body.
        offset: usize,
    },
}

impl Display for DecodeError {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::FixedCut { message, needed, found } => write!(
                f,
                "{message} has a fixed part of {needed} bytes, its body has {found}: check the protocol version"
            ),
            Self::FieldCut { message, offset } => write!(
                f,
                "the floating field at byte {offset} of the body of {message} runs past its end: check the tag and \
                 length widths"
            ),
        }
    }
}

impl std::error::Error for DecodeError {}

/// A message cannot be written; the output is as it was before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EncodeError {
    /// The number of this message type is not published.
    NoMessageId {
        /// The message's name in the protocol.
        message: &'static str,
    },
    /// The frame would be over [`ENCODED_FRAME_BYTES_MAX`].
    FrameTooLong {
        /// The frame's length, in bytes.
        length: usize,
    },
    /// The value is longer than the protocol, or the width of the length, allows.
    FieldTooLong {
        /// The field's tag.
        tag: u16,
        /// Bytes of the value, terminating NULs included.
        length: usize,
        /// Bytes allowed.
        limit: usize,
    },
    /// The tag needs two bytes, the session has one.
    TagTooWide {
        /// The field's tag.
        tag: u16,
    },
    /// The name of a variable holds a NUL, which would end it.
    NulInName {
        /// The field's tag.
        tag: u16,
    },
}

impl Display for EncodeError {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoMessageId { message } => {
                write!(f, "the number of {message} is not published: it can be read, not sent")
            }
            Self::FrameTooLong { length } => write!(
                f,
                "the frame would have {length} bytes, over the {ENCODED_FRAME_BYTES_MAX} allowed: send fewer records"
            ),
            Self::FieldTooLong { tag, length, limit } => {
                write!(f, "field {tag} has {length} bytes with its NUL, over the {limit} allowed: shorten it")
            }
            Self::TagTooWide { tag } => {
                write!(f, "tag {tag} needs two bytes: it exists from protocol version 18 on")
            }
            Self::NulInName { tag } => {
                write!(f, "the variable name in field {tag} holds a NUL: remove it")
            }
        }
    }
}

impl std::error::Error for EncodeError {}
