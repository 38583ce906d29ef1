//! A journal is read as it was written, whatever pieces it comes in; and where it is not as it was written, that is told.

use proptest::prelude::*;

use super::*;
use crate::codec;
use crate::config::{Config, Seed};
use crate::engine::Engine;
use crate::ids::SecretRef;
use crate::ids::SocketId;
use crate::input::{Access, Frame, FreshKey, Input, KeyHash, Scopes};
use crate::time::Time;

const START: Time = Time::from_millis(1_790_000_000_000);

/// What an item is, to be compared with another reading of it.
#[derive(Clone, Debug, PartialEq)]
struct Told(Kind, Vec<u8>);

/// Reads a journal that comes in pieces of so many bytes.
fn read(journal: &[u8], piece: usize) -> (Vec<Told>, Result<Option<End>, Damage>) {
    let mut decoder = Decoder::new();
    let mut told = Vec::new();
    let mut take = |decoder: &mut Decoder| loop {
        match decoder.next_item() {
            Ok(Some(item)) => told.push(match item {
                Item::Header(header) => Told(Kind::Header, header.to_bytes()),
                Item::Snapshot(bytes) => Told(Kind::Snapshot, bytes.to_vec()),
                Item::Input { encoded, .. } => Told(Kind::Input, encoded.to_vec()),
                Item::Output(bytes) => Told(Kind::Output, bytes.to_vec()),
                Item::Outcome(outcome) => Told(Kind::Outcome, outcome.to_bytes().to_vec()),
                Item::End(end) => Told(Kind::End, end.to_bytes().to_vec()),
            }),
            Ok(None) => return None,
            Err(damage) => return Some(damage),
        }
    };
    for bytes in journal.chunks(piece) {
        decoder.push(bytes);
        if let Some(damage) = take(&mut decoder) {
            assert_eq!(decoder.next_item(), Err(damage.clone()), "it says the same again");
            assert_eq!(decoder.finish(), Err(damage.clone()), "and at the end");
            return (told, Err(damage));
        }
    }
    let end = decoder.finish();
    (told, end)
}

fn header(begins: Begins, keeps: Keeps) -> Header {
    Header { begins, ..Header::of_new(Config::default(), Seed(7), START, keeps) }
}

/// A journal of a small run, with its outputs, and the places where its records end.
fn journal() -> (Vec<u8>, Vec<usize>) {
    let header = header(Begins::New, Keeps::Outputs);
    let mut out = Vec::new();
    let mut encoder = Encoder::begin(&header, &mut out);
    let mut ends = vec![out.len()];
    let mut replay = Replay::begin(&header, None).unwrap();
    let key = FreshKey { secret: SecretRef(1), hash: KeyHash([7; 32]) };
    let text = r#"{"messageType":"connect","requestId":"1","client":{"name":"desk"}}"#;
    let frame = Frame::Text { text: text.into(), secrets: (&[][..]).into(), claims: None };
    let access = Access::Open(Scopes::LOOPBACK);
    let socket = SocketId(1);
    for (after_ms, input) in [
        (0, Input::SocketOpened { socket, peer: "10.0.0.1".into(), access, key }),
        (5, Input::Frame { socket, frame }),
        (9, Input::Alive { socket: SocketId(2) }),
        (60_000, Input::Tick),
        (61_000, Input::ShutDown { grace_ms: 0 }),
    ] {
        let now = START + std::time::Duration::from_millis(after_ms);
        let mut encoded = Vec::new();
        codec::encode_input(now, &input, &mut encoded);
        encoder.input(&encoded, &mut out);
        ends.push(out.len());
        let mut outputs = Vec::new();
        let outcome = replay.feed(now, input, |_, encoded| outputs.push(encoded.to_vec()));
        for output in outputs {
            encoder.output(&output, &mut out);
            ends.push(out.len());
        }
        encoder.outcome(outcome, &mut out);
        ends.push(out.len());
    }
    encoder.end(Ended::ShutDown, &mut out);
    ends.push(out.len());
    (out, ends)
}

#[test]
fn it_is_read_as_it_was_written_in_pieces_of_any_size() {
    let (journal, ends) = journal();
    let (whole, end) = read(&journal, journal.len());
    assert_eq!(end, Ok(Some(End { why: Ended::ShutDown, inputs: 5 })));
    assert_eq!(whole.len(), ends.len());
    for piece in [1, 2, 3, 7, 64, 1_000] {
        assert_eq!(read(&journal, piece), (whole.clone(), end.clone()), "pieces of {piece}");
    }
    // What was written is what a second writer would write.
    let mut again = Vec::new();
    let mut encoder = Encoder::begin(&header(Begins::New, Keeps::Outputs), &mut again);
    for Told(kind, bytes) in &whole[1..] {
        encoder.append(*kind, bytes, &mut again);
    }
    assert_eq!(again, journal);
}

#[test]
fn the_outcomes_of_a_replay_are_those_that_were_written() {
    let (journal, _) = journal();
    let mut decoder = Decoder::new();
    decoder.push(&journal);
    let mut replay = None;
    let mut last = None;
    let mut outcomes = 0;
    while let Some(item) = decoder.next_item().unwrap() {
        match item {
            Item::Header(header) => replay = Some(Replay::begin(&header, None).unwrap()),
            Item::Input { now, input, .. } => last = Some(replay.as_mut().unwrap().feed(now, input, |_, _| {})),
            Item::Outcome(outcome) => {
                assert_eq!(Some(outcome), last);
                outcomes += 1;
            }
            Item::Snapshot(_) | Item::Output(_) | Item::End(_) => {}
        }
    }
    assert_eq!(outcomes, 5);
    assert_eq!(replay.unwrap().inputs(), 5);
}

#[test]
fn every_cut_is_told_and_what_is_before_it_counts() {
    let (journal, ends) = journal();
    let (whole, _) = read(&journal, 64);
    for len in 0..journal.len() {
        let (told, end) = read(&journal[..len], 64);
        let records = ends.iter().filter(|end| **end <= len).count();
        assert_eq!(told, whole[..records], "cut to {len}");
        let begins = ends[..records].last().copied();
        match begins {
            Some(at) if at == len => assert_eq!(end, Ok(None), "cut to {len}, between records"),
            Some(at) => assert_eq!(end, Err(Damage { at: at as u64, kind: DamageKind::Torn }), "cut to {len}"),
            None => {
                let kind = end.unwrap_err().kind;
                let expected = if len == 0 { DamageKind::NoJournal } else { DamageKind::Torn };
                assert_eq!(kind, expected, "cut to {len}");
            }
        }
    }
}

#[test]
fn every_flipped_bit_is_told_and_what_is_before_it_counts() {
    let (journal, ends) = journal();
    let (whole, _) = read(&journal, 64);
    for at in 0..journal.len() {
        for bit in 0..8 {
            let mut damaged = journal.clone();
            damaged[at] ^= 1 << bit;
            let (told, end) = read(&damaged, 64);
            let records = ends.iter().filter(|end| **end <= at).count();
            assert_eq!(told, whole[..records], "bit {bit} of byte {at}");
            let damage = end.expect_err("a damage");
            let expected = match at {
                0..8 => DamageKind::NoJournal,
                8..10 => DamageKind::Version(VERSION ^ (1 << (bit + 8 * (at as u16 - 8)))),
                _ => DamageKind::Checksum,
            };
            assert_eq!(damage.kind, expected, "bit {bit} of byte {at}");
            let begins = if records == 0 && at >= OPENING_BYTES { OPENING_BYTES } else { 0 };
            assert_eq!(damage.at, ends[..records].last().copied().unwrap_or(begins) as u64, "bit {bit} of byte {at}");
        }
    }
}

#[test]
fn records_missing_doubled_or_out_of_place_are_told() {
    let (journal, ends) = journal();
    let record = |n: usize| &journal[ends[n - 1]..ends[n]];
    let begin = &journal[..ends[0]];
    let rest = &journal[ends[2]..];
    let at = ends[0] as u64;
    let missing = [begin, record(2), rest].concat();
    assert_eq!(read(&missing, 64).1, Err(Damage { at, kind: DamageKind::Checksum }));
    let swapped = [begin, record(2), record(1), rest].concat();
    assert_eq!(read(&swapped, 64).1, Err(Damage { at, kind: DamageKind::Checksum }));
    let at = ends[1] as u64;
    let doubled = [begin, record(1), record(1), record(2), rest].concat();
    assert_eq!(read(&doubled, 64).1, Err(Damage { at, kind: DamageKind::Checksum }));
    // More behind the end.
    let at = journal.len() as u64;
    let longer = [&journal[..], &[3]].concat();
    assert_eq!(read(&longer, 64).1, Err(Damage { at, kind: DamageKind::Behind }));
}

#[test]
fn records_that_stand_where_they_cannot_are_told() {
    let outcome = Outcome { verdict: Verdict::Taken, outputs: 0, digest: [0; 8] };
    let mut input = Vec::new();
    codec::encode_input(START, &Input::Tick, &mut input);
    let new = header(Begins::New, Keeps::Digests);
    let from_snapshot = header(Begins::Snapshot, Keeps::Digests);
    let told = |header: &Header, write: &dyn Fn(&mut Encoder, &mut Vec<u8>)| {
        let mut out = Vec::new();
        let mut encoder = Encoder::begin(header, &mut out);
        write(&mut encoder, &mut out);
        read(&out, 64).1.map_err(|damage| damage.kind)
    };
    let misplaced = |kind| Err(DamageKind::Misplaced(kind));
    assert_eq!(told(&new, &|encoder, out| encoder.outcome(outcome, out)), misplaced(Kind::Outcome));
    assert_eq!(told(&new, &|encoder, out| encoder.output(b"x", out)), misplaced(Kind::Output));
    assert_eq!(told(&new, &|encoder, out| encoder.snapshot(b"x", out)), misplaced(Kind::Snapshot));
    assert_eq!(told(&from_snapshot, &|encoder, out| encoder.input(&input, out)), misplaced(Kind::Input));
    assert_eq!(told(&from_snapshot, &|_, _| {}), Err(DamageKind::Torn));
    assert_eq!(told(&new, &|encoder, out| encoder.append(Kind::Header, &new.to_bytes(), out)), misplaced(Kind::Header));
    let twice = |encoder: &mut Encoder, out: &mut Vec<u8>| {
        encoder.input(&input, out);
        encoder.outcome(outcome, out);
        encoder.outcome(outcome, out);
    };
    assert_eq!(told(&new, &twice), misplaced(Kind::Outcome));
    // An input whose outcome nobody wrote is one all the same.
    assert_eq!(told(&new, &|encoder, out| encoder.input(&input, out)), Ok(None));
    assert_eq!(
        told(&new, &|encoder, out| encoder.input(b"\x02rubbish", out)),
        Err(DamageKind::Input(codec::CodecError::Version(2)))
    );
    assert_eq!(told(&new, &|encoder, out| encoder.piece(9, b"", out)), Err(DamageKind::Unknown(9)));
}

#[test]
fn a_value_longer_than_a_piece_is_one_value() {
    let snapshot: Vec<u8> = (0..2 * PIECE_BYTES_MAX + 17).map(|at| (at % 251) as u8).collect();
    for len in [0, 1, PIECE_BYTES_MAX - 1, PIECE_BYTES_MAX, PIECE_BYTES_MAX + 1, snapshot.len()] {
        let mut out = Vec::new();
        let mut encoder = Encoder::begin(&header(Begins::Snapshot, Keeps::Digests), &mut out);
        encoder.snapshot(&snapshot[..len], &mut out);
        encoder.end(Ended::Cut, &mut out);
        let (told, end) = read(&out, 100_000);
        assert_eq!(told[1], Told(Kind::Snapshot, snapshot[..len].to_vec()), "{len} bytes");
        assert_eq!(end, Ok(Some(End { why: Ended::Cut, inputs: 0 })));
    }
}

#[test]
fn a_replay_begins_where_the_header_says() {
    let engine = Engine::new(Config::default(), Seed(7), START);
    let from_snapshot = header(Begins::Snapshot, Keeps::Digests);
    assert!(Replay::begin(&from_snapshot, None).is_err());
    assert!(Replay::begin(&from_snapshot, Some(b"rubbish")).is_err());
    let replay = Replay::begin(&from_snapshot, Some(&engine.snapshot())).unwrap();
    assert_eq!(replay.engine().snapshot(), engine.snapshot());
}

#[test]
fn a_header_of_another_version_says_which_one_to_use() {
    let ours = header(Begins::New, Keeps::Digests);
    let error = |json: String| Header::from_bytes(json.as_bytes()).unwrap_err().to_string();
    let text = String::from_utf8(ours.to_bytes()).unwrap();
    let of = |version: &str| text.replacen(env!("CARGO_PKG_VERSION"), version, 1);
    let codec = error(of("7.0.0").replacen("\"codec\":1", "\"codec\":9", 1));
    assert!(codec.contains("format 9") && codec.contains("Use version 7.0.0"), "{codec}");
    let unknown = error(of("7.0.0").replacen("\"limits\":{", "\"limits\":{\"lunches_max\":1,", 1));
    assert!(unknown.contains("lunches_max") && unknown.contains("Use version 7.0.0"), "{unknown}");
    assert!(error("[]".into()).contains("not understood"));
    let other = Header::from_bytes(of("7.0.0").as_bytes()).unwrap();
    assert!(other.is_of_another_version() && !ours.is_of_another_version());
    assert_eq!(Header::from_bytes(&ours.to_bytes()), Ok(ours));
}

proptest! {
    #[test]
    fn whatever_the_bytes_are_it_is_told(bytes in proptest::collection::vec(any::<u8>(), 0..300), piece in 1_usize..64) {
        let (told, end) = read(&bytes, piece);
        prop_assert!(told.is_empty() && end.is_err());
    }

    #[test]
    fn whatever_is_overwritten_it_is_told(
        at in any::<prop::sample::Index>(),
        bytes in proptest::collection::vec(any::<u8>(), 1..40),
        piece in 1_usize..200,
    ) {
        let (journal, ends) = journal();
        let (whole, good) = read(&journal, 64);
        let mut damaged = journal.clone();
        let at = at.index(damaged.len());
        let len = bytes.len().min(damaged.len() - at);
        damaged[at..at + len].copy_from_slice(&bytes[..len]);
        let (told, end) = read(&damaged, piece);
        if damaged == journal {
            prop_assert_eq!((told, end), (whole, good));
        } else {
            prop_assert!(end.is_err());
            let records = ends.iter().filter(|end| **end <= at).count();
            prop_assert!(told.len() >= records && whole.starts_with(&told), "{} of {}", told.len(), records);
        }
    }
}
