//! A journal of version 1, held fast: what every build reads.
//!
//! `UPDATE_GOLDEN=1 cargo test -p interaction-core --test journal` writes it anew; only a new version of the format may need that, and
//! then beside the old one.

use std::fmt::Write as _;

use interaction_core::codec;
use interaction_core::config::{Config, Seed};
use interaction_core::ids::SocketId;
use interaction_core::input::{Closed, Input};
use interaction_core::journal::{
    Begins, Decoder, Digest, Encoder, End, Ended, Header, Item, Keeps, Outcome, VERSION, Verdict,
};
use interaction_core::output::Output;
use interaction_core::time::Time;

const GOLDEN: &str = include_str!("golden/journal-v1.txt");
const START: Time = Time::from_millis(1_790_000_000_000);

fn inputs() -> [(Time, Input<'static>); 2] {
    let later = Time::from_micros(START.as_micros() + 1_250);
    [(START, Input::Tick), (later, Input::SocketClosed { socket: SocketId(300), why: Closed::Slow })]
}

fn output() -> Vec<u8> {
    let mut encoded = Vec::new();
    codec::encode_output(&Output::Ping { socket: SocketId(7) }, &mut encoded);
    encoded
}

fn outcomes() -> [Outcome; 2] {
    let mut digest = Digest::default();
    digest.add(&output());
    [digest.outcome(Verdict::Taken), digest.outcome(Verdict::UnknownSocket)]
}

fn written() -> Vec<u8> {
    let mut header = Header::of_new(Config::default(), Seed(7), START, Keeps::Outputs);
    (header.product, header.begins, header.inputs_before) = ("0.1.0".into(), Begins::Snapshot, 41);
    let mut out = Vec::new();
    let mut encoder = Encoder::begin(&header, &mut out);
    encoder.snapshot(b"what it was", &mut out);
    for ((now, input), outcome) in inputs().iter().zip(outcomes()) {
        let mut encoded = Vec::new();
        codec::encode_input(*now, input, &mut encoded);
        encoder.input(&encoded, &mut out);
        if outcome.outputs == 1 {
            encoder.output(&output(), &mut out);
        }
        encoder.outcome(outcome, &mut out);
    }
    encoder.end(Ended::Cut, &mut out);
    out
}

#[test]
#[allow(clippy::disallowed_methods, reason = "a new format is written into its file")]
fn a_journal_of_version_1_is_read() {
    assert_eq!(VERSION, 1, "a new version has a file of its own");
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        let mut hex = String::new();
        for line in written().chunks(60) {
            line.iter().for_each(|byte| write!(hex, "{byte:02x}").expect("text grows"));
            hex.push('\n');
        }
        std::fs::write(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/journal-v1.txt"), hex).expect("a file");
    }
    let digits: Vec<u8> = GOLDEN.bytes().filter(u8::is_ascii_hexdigit).collect();
    let byte = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap();
    let golden: Vec<u8> = digits.chunks(2).map(byte).collect();

    let mut decoder = Decoder::new();
    decoder.push(&golden);
    let Item::Header(header) = decoder.next_item().unwrap().unwrap() else { panic!("no header") };
    assert_eq!((&*header.product, header.codec, header.seed, header.from), ("0.1.0", 1, 7, START));
    assert_eq!((header.begins, header.inputs_before), (Begins::Snapshot, 41));
    assert_eq!((header.keeps, header.redacted), (Keeps::Outputs, false));
    assert_eq!(header.config, Config { version: "0.1.0".into(), ..Config::default() });
    assert_eq!(decoder.next_item(), Ok(Some(Item::Snapshot(b"what it was"))));
    let outcomes = outcomes();
    assert_eq!(outcomes[0].digest, [0x84, 0x82, 0x83, 0xdc, 0x59, 0x85, 0x26, 0x69]);
    for ((at, what), outcome) in inputs().into_iter().zip(outcomes) {
        let Some(Item::Input { now, input, .. }) = decoder.next_item().unwrap() else { panic!("no input") };
        assert_eq!((now, input), (at, what));
        if outcome.outputs == 1 {
            assert_eq!(decoder.next_item(), Ok(Some(Item::Output(&output()))));
        }
        assert_eq!(decoder.next_item(), Ok(Some(Item::Outcome(outcome))));
    }
    let end = End { why: Ended::Cut, inputs: 2 };
    assert_eq!(decoder.next_item(), Ok(Some(Item::End(end))));
    assert_eq!(decoder.next_item(), Ok(None));
    assert_eq!(decoder.finish(), Ok(Some(end)));
}
