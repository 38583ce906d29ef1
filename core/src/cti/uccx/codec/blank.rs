//! Frames without their passwords, as they may be kept.

use super::frame::Frame;
use super::inspect::layouts;
use super::tail::Tail;
use super::widths::Widths;
use super::{HEADER_BYTES, Layout};

/// What stands for a byte of a password.
const BLANK: u8 = b'*';

/// Overwrites passwords in the bytes of one frame; their lengths, and a NUL at their end, stay, so that the frame reads as before. Of a
/// frame that may hold a password and cannot be read to its end, the bytes that were not read are overwritten.
pub fn blank_passwords(bytes: &mut [u8], widths: Widths) {
    let Some(message_id) = bytes.get(4..).and_then(|rest| rest.first_chunk::<4>()) else { return };
    let Some(layout) = layouts(u32::from_be_bytes(*message_id)).find(|layout| has_password(layout)) else { return };
    let start = (HEADER_BYTES + layout.fixed_bytes).min(bytes.len());
    let mut spans = Vec::new();
    let mut at = start;
    for field in Tail::new(bytes.get(start..).unwrap_or_default(), widths).fields().map_while(Result::ok) {
        let value = at + widths.header_bytes();
        at = value + field.value.len();
        if layout.floating_field(field.tag).is_some_and(|field| field.secret) {
            spans.push(value..value + super::values::without_nul(field.value).len());
        }
    }
    // A header that announces another length, or a field that runs past the end: nobody can say what the rest is.
    if Frame::from_bytes(bytes).is_err() {
        spans.push(start..bytes.len());
    } else {
        spans.push(at..bytes.len());
    }
    for span in spans {
        bytes.get_mut(span).unwrap_or_default().fill(BLANK);
    }
}

fn has_password(layout: &Layout) -> bool {
    use super::Item;
    layout.floating.iter().any(|item| matches!(item, Item::Field(field) if field.secret))
}
