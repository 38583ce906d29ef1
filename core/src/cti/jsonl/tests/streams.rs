//! Bytes as networks bring them.

use proptest::collection::vec;
use proptest::prelude::*;

use super::driver::Driver;
use super::values;
use crate::cti::jsonl::PlatformLine;

/// Cuts `bytes` at pseudo-random places and feeds the pieces.
fn feed_cut(driver: &mut Driver, bytes: &[u8], cuts: &[usize]) {
    let mut rest = bytes;
    for cut in cuts.iter().cycle() {
        if rest.is_empty() {
            return;
        }
        let (piece, after) = rest.split_at((*cut).min(rest.len()));
        driver.say_on(1, piece);
        rest = after;
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn cut_streams_give_the_same(events in vec(values::event(), 1..12), cuts in vec(1..40_usize, 1..8)) {
        let bytes: Vec<u8> = events.iter().flat_map(|event| PlatformLine::from(event).to_bytes()).collect();
        let mut whole = Driver::live();
        whole.say_on(1, &bytes);
        let mut cut = Driver::live();
        feed_cut(&mut cut, &bytes, &cuts);
        prop_assert_eq!(&whole.events, &cut.events);
        prop_assert_eq!(&whole.sent, &cut.sent);
        prop_assert_eq!(whole.adapter.counters(), cut.adapter.counters());
    }

    #[test]
    fn arbitrary_bytes_are_survived(bytes in vec(any::<u8>(), 0..600), cuts in vec(1..40_usize, 1..8)) {
        for mut driver in [Driver::accepted(), Driver::live()] {
            feed_cut(&mut driver, &bytes, &cuts);
            driver.say_on(1, b"\n");
            driver.pass(300_000);
        }
    }

    #[test]
    fn damaged_lines_are_survived(event in values::event(), at in any::<prop::sample::Index>(), byte in any::<u8>()) {
        let mut bytes = PlatformLine::from(&event).to_bytes();
        let at = at.index(bytes.len());
        bytes[at] = byte;
        let mut driver = Driver::live();
        driver.say_on(1, &bytes);
        driver.say_on(1, b"\n{\"event\":\"ping\"}\n");
        prop_assert!(driver.sent.iter().any(|(_, value)| value.get("pong").is_some()), "{:?}", driver.sent);
    }
}

#[test]
fn carriage_returns_and_empty_lines_are_fine() {
    let mut driver = Driver::live();
    driver.say_on(1, b"\r\n  \n{\"event\":\"agentRemoved\",\"id\":\"7\"}\r\n\n");
    assert_eq!(driver.events.len(), 1);
    assert_eq!(driver.sent, []);
}

#[test]
fn a_line_too_long_is_told_once_and_not_kept() {
    let mut driver = Driver::live();
    for _ in 0..1_000 {
        driver.say_on(1, &[b'a'; 1_024]);
    }
    assert_eq!(driver.sent, []);
    driver.say_on(1, b"\n{\"event\":\"agentRemoved\",\"id\":\"7\"}\n");
    assert_eq!(driver.sent.len(), 1);
    let (line, property, message) = driver.error();
    assert_eq!((line, &*property), (4, ""));
    assert!(message.contains("longer than 65536 bytes"), "{message}");
    assert_eq!(driver.events.len(), 1);
}
