//! Writes one frame at the end of a buffer.

use super::error::EncodeError;
use super::kinds::FixedKind;
use super::widths::{Width, Widths};
use super::{ENCODED_FRAME_BYTES_MAX, HEADER_BYTES};

/// A frame being written. The first error is kept, and undoes the frame when it is finished.
#[derive(Debug)]
pub struct Encoder<'o> {
    out: &'o mut Vec<u8>,
    start: usize,
    widths: Widths,
    failed: Option<EncodeError>,
}

impl<'o> Encoder<'o> {
    pub(super) fn begin(out: &'o mut Vec<u8>, message_id: u32, widths: Widths) -> Self {
        let start = out.len();
        out.extend_from_slice(&[0; 4]);
        out.extend_from_slice(&message_id.to_be_bytes());
        Self { out, start, widths, failed: None }
    }

    pub(super) fn fixed<K: FixedKind>(&mut self, value: K::Value) {
        K::write(value, self.out);
    }

    pub(super) fn bytes(&mut self, bytes: &[u8]) {
        self.out.extend_from_slice(bytes);
    }

    /// Appends a floating field whose value is the parts one after the other, at most `limit` bytes.
    pub(super) fn floating(&mut self, tag: u16, parts: &[&[u8]], limit: usize) {
        let length: usize = parts.iter().map(|part| part.len()).sum();
        let limit = limit.min(self.widths.length.max());
        if length > limit {
            return self.fail(EncodeError::FieldTooLong { tag, length, limit });
        }
        if usize::from(tag) > self.widths.tag.max() {
            return self.fail(EncodeError::TagTooWide { tag });
        }
        let length = u16::try_from(length).unwrap_or(u16::MAX); // INVARIANT: at most the width's maximum.
        put(self.out, tag, self.widths.tag);
        put(self.out, length, self.widths.length);
        for part in parts {
            self.out.extend_from_slice(part);
        }
    }

    pub(super) fn fail(&mut self, error: EncodeError) {
        self.failed.get_or_insert(error);
    }

    pub(super) fn finish(self) -> Result<(), EncodeError> {
        let length = self.out.len() - self.start;
        let too_long = length > ENCODED_FRAME_BYTES_MAX;
        let error = self.failed.or(too_long.then_some(EncodeError::FrameTooLong { length }));
        if let Some(error) = error {
            self.out.truncate(self.start);
            return Err(error);
        }
        let body_bytes = u32::try_from(length - HEADER_BYTES).unwrap_or(u32::MAX); // INVARIANT: under 4 KiB.
        self.out[self.start..self.start + 4].copy_from_slice(&body_bytes.to_be_bytes());
        Ok(())
    }
}

/// Appends a tag or a length that fits its width.
pub(super) fn put(out: &mut Vec<u8>, value: u16, width: Width) {
    let [high, low] = value.to_be_bytes();
    match width {
        Width::One => out.push(low),
        Width::Two => out.extend_from_slice(&[high, low]),
    }
}
