use std::io::{self, IoSlice};
use std::sync::Arc;

use tokio_tungstenite::tungstenite::protocol::frame::FrameHeader;
use tokio_tungstenite::tungstenite::protocol::frame::coding::{Control, Data, OpCode};

use super::{COPY_BYTES_MAX, Outbox, SLICES_MAX, Spare, TEXT, header};

/// A stream that takes what it is told to.
#[derive(Default)]
struct Stream {
    taken: Vec<u8>,
    writes: usize,
}

impl Stream {
    fn write(&mut self, slices: &[IoSlice<'_>], mut room: usize) -> io::Result<usize> {
        self.writes += 1;
        assert!(slices.len() <= SLICES_MAX && slices.iter().all(|slice| !slice.is_empty()));
        let before = self.taken.len();
        for slice in slices {
            let part = slice.len().min(room);
            self.taken.extend_from_slice(&slice[..part]);
            room -= part;
        }
        match self.taken.len() - before {
            0 => Err(io::ErrorKind::WouldBlock.into()),
            taken => Ok(taken),
        }
    }

    /// The frames taken: first byte and payload. Panics on what is no whole frame.
    fn frames(&self) -> Vec<(u8, Vec<u8>)> {
        let mut frames = Vec::new();
        let mut rest = &self.taken[..];
        while let [first, len, ..] = *rest {
            let (begin, len) = match len {
                126 => (4, u64::from(u16::from_be_bytes(rest[2..4].try_into().unwrap()))),
                127 => (10, u64::from_be_bytes(rest[2..10].try_into().unwrap())),
                len => (2, u64::from(len)),
            };
            let end = begin + usize::try_from(len).unwrap();
            frames.push((first, rest[begin..end].to_vec()));
            rest = &rest[end..];
        }
        assert!(rest.is_empty());
        frames
    }
}

fn arc(bytes: &[u8]) -> Arc<[u8]> {
    bytes.into()
}

fn messages() -> Vec<(Vec<u8>, Arc<[u8]>)> {
    let mut messages = Vec::new();
    for n in 0..200_usize {
        let tail = match n % 7 {
            0 => vec![b'l'; COPY_BYTES_MAX + n],
            1 => vec![],
            2 => vec![b'x'; 70_000],
            _ => vec![b's'; n],
        };
        messages.push((format!("head {n} ").into_bytes(), arc(&tail)));
    }
    messages
}

#[test]
fn whatever_a_stream_takes_at_a_time_the_frames_come_out_whole_and_in_order() {
    for room in [1_000_000_000, 100_000, 4_099, 61] {
        let (mut outbox, mut spare, mut stream) = (Outbox::default(), Spare::default(), Stream::default());
        let messages = messages();
        for (n, (head, tail)) in messages.iter().enumerate() {
            outbox.text(head, tail, true, &mut spare);
            // Interleaved with partial writes.
            if n % 3 == 0 {
                let mut once = Some(room);
                let done = outbox.write(&mut spare, |slices| stream.write(slices, once.take().unwrap_or(0))).unwrap();
                assert_eq!(done, outbox.bytes() == 0);
            }
            assert_eq!(outbox.live(), outbox.bytes());
        }
        assert!(outbox.write(&mut spare, |slices| stream.write(slices, room)).unwrap());
        assert_eq!((outbox.bytes(), outbox.live()), (0, 0));
        let want: Vec<_> = messages.iter().map(|(head, tail)| (0x81, [&head[..], tail].concat())).collect();
        assert!(stream.frames() == want, "room {room}");
    }
}

#[test]
fn what_waits_is_one_write() {
    let (mut outbox, mut spare, mut stream) = (Outbox::default(), Spare::default(), Stream::default());
    let tail = arc(&[b't'; 200]);
    for n in 0..1_000 {
        outbox.text(format!("{n}").as_bytes(), &tail, true, &mut spare);
    }
    assert!(outbox.write(&mut spare, |slices| stream.write(slices, usize::MAX)).unwrap());
    assert_eq!((stream.writes, stream.frames().len()), (1, 1_000));
}

#[test]
fn a_replay_does_not_count_as_live_and_is_what_is_written_first() {
    let (mut outbox, mut spare, mut stream) = (Outbox::default(), Spare::default(), Stream::default());
    outbox.text(b"", &arc(&[b'r'; 1_000]), false, &mut spare);
    assert_eq!((outbox.bytes(), outbox.live()), (1_004, 0));
    outbox.text(b"", &arc(&[b'l'; 500]), true, &mut spare);
    assert_eq!(outbox.live(), 504);
    let mut rooms = vec![0, 1_004];
    assert!(!outbox.write(&mut spare, |slices| stream.write(slices, rooms.pop().unwrap())).unwrap());
    assert_eq!((outbox.bytes(), outbox.live()), (504, 504));
    let mut rooms = vec![0, 4];
    assert!(!outbox.write(&mut spare, |slices| stream.write(slices, rooms.pop().unwrap())).unwrap());
    assert_eq!((outbox.bytes(), outbox.live()), (500, 500));
}

#[test]
fn a_cut_leaves_the_frame_that_is_begun_and_room_for_a_close() {
    let big = arc(&[b'b'; 70_000]);
    let small = arc(b"small");
    for begun in [0, 1, 6, 7, 8, 20, 21, 30, 70_020, 70_031, 70_050] {
        let (mut outbox, mut spare, mut stream) = (Outbox::default(), Spare::default(), Stream::default());
        for tail in [&small, &small, &small, &big, &small, &small, &small] {
            outbox.text(b"", tail, true, &mut spare);
        }
        if begun > 0 {
            let mut rooms = vec![0, begun];
            assert!(!outbox.write(&mut spare, |slices| stream.write(slices, rooms.pop().unwrap())).unwrap());
        }
        outbox.cut(&mut spare);
        assert_eq!(outbox.live(), outbox.bytes());
        outbox.control(Control::Close, &4_008_u16.to_be_bytes(), &mut spare);
        assert!(outbox.write(&mut spare, |slices| stream.write(slices, usize::MAX)).unwrap());
        let frames = stream.frames();
        assert_eq!(frames.last().unwrap(), &(0x88, vec![0x0F, 0xA8]), "begun {begun}");
        assert!(frames.len() <= 8);
        let whole: usize = frames[..frames.len() - 1].iter().map(|(_, payload)| payload.len()).sum();
        assert!(whole <= begun + 70_000 && (begun > 0 || frames.len() == 1), "begun {begun}");
    }
}

#[test]
fn of_frames_that_a_stream_took_in_part_the_rest_waits() {
    let mut frames = Vec::new();
    for len in [5, 200, 70_000, 3] {
        header(TEXT, len, &mut frames);
        frames.extend(std::iter::repeat_n(b'x', len));
    }
    for written in [0, 1, 6, 7, 8, 210, 211, 212, 70_000, frames.len() - 1] {
        let (mut outbox, mut spare, mut stream) = (Outbox::default(), Spare::default(), Stream::default());
        stream.taken.extend_from_slice(&frames[..written]);
        outbox.frames(&frames, written, frames.len(), &mut spare);
        assert_eq!(outbox.bytes(), frames.len() - written);
        outbox.text(b"more", &arc(b""), true, &mut spare);
        assert_eq!(outbox.live(), outbox.bytes());
        assert!(outbox.write(&mut spare, |slices| stream.write(slices, usize::MAX)).unwrap());
        let lens: Vec<usize> = stream.frames().iter().map(|(_, payload)| payload.len()).collect();
        assert_eq!(lens, [5, 200, 70_000, 3, 4], "written {written}");
        assert_eq!((outbox.bytes(), outbox.live()), (0, 0));
    }
}

#[test]
fn a_stream_that_fails_says_so() {
    let (mut outbox, mut spare) = (Outbox::default(), Spare::default());
    outbox.secret_text(b"{}", true);
    assert!(!outbox.write(&mut spare, |_| Err(io::ErrorKind::WouldBlock.into())).unwrap());
    assert_eq!(outbox.bytes(), 4);
    assert!(outbox.write(&mut spare, |_| Err(io::ErrorKind::ConnectionReset.into())).is_err());
    assert!(outbox.write(&mut spare, |_| Ok(0)).is_err());
}

#[test]
fn headers_are_those_of_the_library() {
    for payload in [0, 1, 125, 126, 127, 65_535, 65_536, 1 << 33] {
        for opcode in [OpCode::Data(Data::Text), OpCode::Control(Control::Ping), OpCode::Control(Control::Close)] {
            let (mut ours, mut theirs) = (Vec::new(), Vec::new());
            header(opcode.into(), payload, &mut ours);
            FrameHeader { opcode, ..FrameHeader::default() }.format(payload as u64, &mut theirs).unwrap();
            assert_eq!(ours, theirs, "{opcode:?} of {payload} bytes");
        }
    }
}
