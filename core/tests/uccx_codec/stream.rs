//! Frames out of a byte stream that arrives in pieces.

use interaction_core::cti::uccx::codec::{DECODED_BODY_BYTES_MAX, Frame, FrameError, Framer, HEADER_BYTES};
use proptest::collection::vec;
use proptest::prelude::{any, prop_assert, prop_assert_eq, proptest};

use crate::framed;

fn read(framer: &mut Framer, mut piece: &[u8], out: &mut Vec<(u32, Vec<u8>)>) -> Result<(), FrameError> {
    while let Some(frame) = framer.next_frame(&mut piece)? {
        out.push((frame.message_id, frame.body.to_vec()));
    }
    assert!(piece.is_empty(), "a piece is used up");
    Ok(())
}

proptest! {
    #[test]
    fn any_cut_gives_the_same_frames(
        frames in vec((any::<u32>(), vec(any::<u8>(), 0..60)), 0..12),
        cuts in vec(1_usize..40, 1..40),
        unfinished in vec(any::<u8>(), 0..7),
    ) {
        let mut stream: Vec<u8> = frames.iter().flat_map(|(id, body)| framed(*id, body)).collect();
        stream.extend(&unfinished);
        let (mut framer, mut found) = (Framer::default(), Vec::new());
        let mut rest = stream.as_slice();
        for cut in cuts.iter().cycle() {
            if rest.is_empty() {
                break;
            }
            let (piece, behind) = rest.split_at((*cut).min(rest.len()));
            rest = behind;
            read(&mut framer, piece, &mut found)?;
        }
        prop_assert_eq!(found, frames);
        prop_assert_eq!(framer.held_bytes(), unfinished.len());
    }

    #[test]
    fn any_bytes_keep_the_buffer_bounded(pieces in vec(vec(any::<u8>(), 0..200), 0..20)) {
        let (mut framer, mut found) = (Framer::default(), Vec::new());
        for piece in &pieces {
            let result = read_lenient(&mut framer, piece, &mut found);
            prop_assert!(framer.held_bytes() <= DECODED_BODY_BYTES_MAX + HEADER_BYTES);
            if result.is_err() {
                prop_assert!(framer.held_bytes() <= HEADER_BYTES);
            }
        }
    }
}

fn read_lenient(framer: &mut Framer, mut piece: &[u8], out: &mut Vec<u32>) -> Result<(), FrameError> {
    while let Some(frame) = framer.next_frame(&mut piece)? {
        out.push(frame.message_id);
    }
    Ok(())
}

#[test]
fn the_longest_frame_is_taken_in_one_piece_and_in_two() {
    let frame = framed(9, &vec![1; DECODED_BODY_BYTES_MAX]);
    for cut in [0, 3, 8, 20_000] {
        let (mut framer, mut found) = (Framer::default(), Vec::new());
        let (first, second) = frame.split_at(cut);
        read(&mut framer, first, &mut found).expect("no error");
        read(&mut framer, second, &mut found).expect("no error");
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].1.len(), DECODED_BODY_BYTES_MAX);
    }
}

#[test]
fn an_over_long_frame_is_refused_at_its_header_and_for_good() {
    let error = FrameError::BodyTooLong { message_id: 9, length: 0x0001_0001 };
    let header = [0, 1, 0, 1, 0, 0, 0, 9];
    let mut framer = Framer::default();
    let mut piece = &header[..];
    assert_eq!(framer.next_frame(&mut piece), Err(error));
    let mut piece = &[0, 0, 0, 0, 0, 0, 0, 8][..];
    assert_eq!(framer.next_frame(&mut piece), Err(error), "the stream has lost its boundaries");

    let mut framer = Framer::default();
    let mut found = Vec::new();
    read(&mut framer, &header[..5], &mut found).expect("not known yet");
    assert_eq!(read(&mut framer, &header[5..], &mut found), Err(error));
    assert!(error.to_string().contains("65537 bytes"), "{error}");
}

#[test]
fn one_frame_is_read_only_from_exactly_its_bytes() {
    let frame = framed(5, &[0, 0, 0, 2]);
    assert_eq!(Frame::from_bytes(&frame).map(|frame| (frame.message_id, frame.body)), Ok((5, &[0, 0, 0, 2][..])));
    assert_eq!(Frame::from_bytes(&frame[..6]), Err(FrameError::HeaderCut { found: 6 }));
    assert_eq!(Frame::from_bytes(&frame[..11]), Err(FrameError::LengthMismatch { declared: 4, found: 3 }));
    let longer = [&frame[..], &[0]].concat();
    assert_eq!(Frame::from_bytes(&longer), Err(FrameError::LengthMismatch { declared: 4, found: 5 }));
}
