//! The wire format of UCCX, and the engine's own encoded records.

use interaction_core::codec;
use interaction_core::cti::uccx::codec::inspect::{Inspected, inspect};
use interaction_core::cti::uccx::codec::rebuild::rebuild;
use interaction_core::cti::uccx::codec::{
    DECODED_BODY_BYTES_MAX, Frame, FrameError, Framer, HEADER_BYTES, Message, Width, Widths,
};

const WIDTHS: [Widths; 3] =
    [Widths::V10, Widths { tag: Width::Two, length: Width::One }, Widths { tag: Width::Two, length: Width::Two }];

/// Any frame: what is decoded encodes, what is inspected is rebuilt byte for byte through its JSON.
pub(super) fn decode(bytes: &[u8]) -> bool {
    let mut known = false;
    for widths in WIDTHS {
        let text = serde_json::to_string(&inspect(bytes, widths)).expect("what is inspected is JSON");
        let read: Inspected = serde_json::from_str(&text).expect("its own JSON can be read");
        assert_eq!(rebuild(&read, widths).expect("what was inspected can be rebuilt"), bytes, "{text}");
        let Ok(frame) = Frame::from_bytes(bytes) else { continue };
        let Ok(message) = Message::decode(frame, widths) else { continue };
        known |= !matches!(message, Message::Unknown(_));
        let mut written = Vec::new();
        if message.encode(widths, &mut written).is_ok() {
            let frame = Frame::from_bytes(&written).expect("what is encoded is a frame");
            let again = Message::decode(frame, widths).expect("what is encoded can be decoded");
            let mut twice = Vec::new();
            again.encode(widths, &mut twice).expect("it could be encoded before");
            assert_eq!(written, twice, "{message:?}");
        }
    }
    known
}

/// A stream, cut as its first bytes say: the same frames as in one piece, and a buffer that stays bounded.
pub(super) fn stream(bytes: &[u8]) -> bool {
    let Some((cuts, stream)) = bytes.split_at_checked(8) else { return false };
    let whole = frames(&[stream]);
    let mut pieces = Vec::new();
    let mut rest = stream;
    for cut in cuts.iter().cycle() {
        let (piece, behind) = rest.split_at(usize::from(cut % 64 + 1).min(rest.len()));
        pieces.push(piece);
        rest = behind;
        if rest.is_empty() {
            break;
        }
    }
    assert_eq!(frames(&pieces), whole);
    !whole.0.is_empty()
}

type Frames = (Vec<(u32, Vec<u8>)>, Option<FrameError>);

fn frames(pieces: &[&[u8]]) -> Frames {
    let (mut framer, mut found) = (Framer::default(), Vec::new());
    for piece in pieces {
        let mut piece = *piece;
        loop {
            match framer.next_frame(&mut piece) {
                Ok(Some(frame)) => found.push((frame.message_id, frame.body.to_vec())),
                Ok(None) => break,
                Err(error) => return (found, Some(error)),
            }
        }
        assert!(framer.held_bytes() <= DECODED_BODY_BYTES_MAX + HEADER_BYTES);
    }
    (found, None)
}

/// A journal's record: refused, or written back as something that reads the same.
pub(super) fn encoded(bytes: &[u8]) -> bool {
    let Ok((now, input)) = codec::decode_input(bytes) else { return false };
    let mut written = Vec::new();
    codec::encode_input(now, &input, &mut written);
    assert_eq!(codec::decode_input(&written).expect("what is encoded can be decoded"), (now, input));
    true
}
