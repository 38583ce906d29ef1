//! One message as bytes, and a stream of them.

use std::fmt::{self, Debug, Formatter};

use super::error::FrameError;
use super::{DECODED_BODY_BYTES_MAX, HEADER_BYTES};

/// One message: its type and its body, borrowed.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Frame<'a> {
    /// `MessageTypeID`.
    pub message_id: u32,
    /// The bytes after the header.
    pub body: &'a [u8],
}

impl<'a> Frame<'a> {
    /// Reads bytes that are exactly one frame.
    pub fn from_bytes(bytes: &'a [u8]) -> Result<Self, FrameError> {
        let cut = FrameError::HeaderCut { found: bytes.len() };
        let header = Header::read(bytes).ok_or(cut)??;
        let body = bytes.get(HEADER_BYTES..).unwrap_or_default();
        if body.len() != header.body_bytes {
            return Err(FrameError::LengthMismatch {
                declared: u32::try_from(header.body_bytes).unwrap_or(u32::MAX),
                found: body.len(),
            });
        }
        Ok(Self { message_id: header.message_id, body })
    }
}

/// The body may hold a password: only its size is shown.
impl Debug for Frame<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.debug_struct("Frame").field("message_id", &self.message_id).field("body_bytes", &self.body.len()).finish()
    }
}

#[derive(Clone, Copy)]
struct Header {
    message_id: u32,
    body_bytes: usize,
}

impl Header {
    /// `None` as long as there are too few bytes.
    fn read(bytes: &[u8]) -> Option<Result<Self, FrameError>> {
        let (length, rest) = bytes.split_first_chunk::<4>()?;
        let message_id = u32::from_be_bytes(*rest.first_chunk::<4>()?);
        let length = u32::from_be_bytes(*length);
        let body_bytes = usize::try_from(length).unwrap_or(usize::MAX);
        if body_bytes > DECODED_BODY_BYTES_MAX {
            return Some(Err(FrameError::BodyTooLong { message_id, length }));
        }
        Some(Ok(Self { message_id, body_bytes }))
    }
}

/// Cuts a byte stream, arriving in pieces of any size, into frames.
///
/// Call [`Framer::next_frame`] with a piece until it returns `None`; by then the piece is used up. A frame that
/// lies wholly within a piece is lent from the piece without copying; of one that does not, at most
/// [`DECODED_BODY_BYTES_MAX`] + [`HEADER_BYTES`] bytes are kept. After an error the stream has no frame
/// boundary any more, and every further call returns that error.
///
/// ```
/// use interaction_core::cti::uccx::codec::Framer;
///
/// let mut framer = Framer::default();
/// let mut frames = 0;
/// for piece in [&[0, 0, 0, 4, 0, 0][..], &[0, 6, 0, 0, 0, 2]] {
///     let mut piece = piece;
///     while let Some(frame) = framer.next_frame(&mut piece)? {
///         assert_eq!((frame.message_id, frame.body), (6, &[0, 0, 0, 2][..]));
///         frames += 1;
///     }
/// }
/// assert_eq!(frames, 1);
/// # Ok::<(), interaction_core::cti::uccx::codec::FrameError>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct Framer {
    /// The beginning of a frame, or a whole one that was lent by the last call.
    held: Vec<u8>,
    lent: bool,
    failed: Option<FrameError>,
}

impl Framer {
    /// Lends the next frame, and moves `input` behind what was read of it.
    pub fn next_frame<'s, 'i: 's>(&'s mut self, input: &mut &'i [u8]) -> Result<Option<Frame<'s>>, FrameError> {
        if let Some(error) = self.failed {
            return Err(error);
        }
        if self.lent {
            self.lent = false;
            self.held.clear();
        }
        if self.held.is_empty() {
            let header = self.header(input)?;
            if let Some(header) = header
                && let Some((body, rest)) = input[HEADER_BYTES..].split_at_checked(header.body_bytes)
            {
                *input = rest;
                return Ok(Some(Frame { message_id: header.message_id, body }));
            }
        }
        self.fill(input, HEADER_BYTES);
        let Some(header) = Header::read(&self.held) else {
            return Ok(None);
        };
        let header = header.inspect_err(|error| self.failed = Some(*error))?;
        self.fill(input, HEADER_BYTES + header.body_bytes);
        if self.held.len() < HEADER_BYTES + header.body_bytes {
            return Ok(None);
        }
        self.lent = true;
        Ok(Some(Frame { message_id: header.message_id, body: &self.held[HEADER_BYTES..] }))
    }

    /// Bytes kept of a frame that is not complete yet.
    pub fn held_bytes(&self) -> usize {
        if self.lent { 0 } else { self.held.len() }
    }

    fn header(&mut self, bytes: &[u8]) -> Result<Option<Header>, FrameError> {
        Header::read(bytes).transpose().inspect_err(|error| self.failed = Some(*error))
    }

    /// Takes from `input` what is missing to hold `wanted` bytes, or all there is.
    fn fill(&mut self, input: &mut &[u8], wanted: usize) {
        let missing = wanted.saturating_sub(self.held.len());
        let (taken, rest) = input.split_at(missing.min(input.len()));
        self.held.extend_from_slice(taken);
        *input = rest;
    }
}
