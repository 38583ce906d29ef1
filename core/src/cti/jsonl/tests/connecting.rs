//! Connections made and accepted, lost and made again.

use std::time::Duration;

use super::driver::{Driver, HELLO, START};
use crate::cti::jsonl::Config;
use crate::cti::{AdapterInput, ConnectionId, Event};

fn connecting(addresses: usize) -> Driver {
    Driver::new(Config { addresses, ..Config::default() })
}

#[test]
fn addresses_are_tried_in_order_then_ever_more_slowly() {
    let mut driver = connecting(2);
    let mut waits = Vec::new();
    for attempt in 1..=16_u32 {
        let (connection, address) = *driver.connects.last().unwrap();
        assert_eq!((connection, address), (ConnectionId(attempt), (attempt as usize - 1) % 2));
        let before = driver.now;
        driver.lose(attempt, "refused");
        if driver.connects.len() == attempt as usize {
            let due = crate::cti::Adapter::poll_timeout(&driver.adapter).unwrap();
            waits.push(due.since(before).as_millis());
            driver.pass(due.since(before).as_millis() as u64);
        }
    }
    assert_eq!(waits, [1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000]);
    assert_eq!(driver.events, [Event::Down { why: "refused".into() }], "an outage is told once");
}

#[test]
fn a_good_connection_that_is_lost_is_made_again_at_once_from_the_first_address() {
    let mut driver = connecting(2);
    driver.lose(1, "refused");
    driver.feed(AdapterInput::Connected { connection: ConnectionId(2) });
    for line in [HELLO, r#"{"event":"resyncBegin"}"#, r#"{"event":"resyncEnd"}"#] {
        driver.say_on(2, format!("{line}\n").as_bytes());
    }
    driver.pass(10_000);
    driver.events.clear();
    driver.lose(2, "reset");
    assert_eq!(driver.events, [Event::Down { why: "reset".into() }]);
    assert_eq!(driver.connects.last(), Some(&(ConnectionId(3), 0)));
    // One that falls at once does not turn into a storm.
    driver.feed(AdapterInput::Connected { connection: ConnectionId(3) });
    driver.lose(3, "closed");
    assert_eq!(driver.connects.last(), Some(&(ConnectionId(4), 1)));
    driver.lose(4, "refused");
    assert_eq!(driver.connects.len(), 4);
    driver.pass(1_000);
    assert_eq!(driver.connects.last(), Some(&(ConnectionId(5), 0)));
}

#[test]
fn a_connection_that_is_never_made_is_given_up() {
    let mut driver = connecting(2);
    driver.pass(10_000);
    assert_eq!(driver.closed, [ConnectionId(1)]);
    assert_eq!(driver.connects, [(ConnectionId(1), 0), (ConnectionId(2), 1)]);
    // What the driver still tells of it changes nothing.
    driver.feed(AdapterInput::Disconnected { connection: ConnectionId(1), why: "late" });
    assert_eq!(driver.connects.len(), 2);
}

#[test]
fn a_platform_that_says_nothing_is_given_up() {
    let mut driver = Driver::accepted();
    driver.pass(10_000);
    assert_eq!(driver.closed, [ConnectionId(1)]);
    let mut driver = Driver::accepted();
    driver.say(HELLO);
    for _ in 0..3 {
        driver.pass(19_999);
        driver.say(r#"{"event":"ping"}"#);
    }
    assert_eq!(driver.closed, []);
    driver.pass(3);
    assert_eq!(driver.closed, [ConnectionId(1)], "the resynchronisation has a deadline");
    let mut driver = Driver::live();
    driver.pass(59_999);
    driver.say(r#"{"event":"ping"}"#);
    assert_eq!(driver.sent.pop().unwrap().1["pong"]["time"], START.as_millis() + 59_999);
    driver.pass(59_999);
    assert_eq!(driver.closed, []);
    driver.pass(1);
    assert_eq!(driver.closed, [ConnectionId(1)]);
    assert!(matches!(&driver.events[..], [Event::Down { .. }]));
    let (_, _, message) = driver.error();
    assert!(message.contains("`ping`"), "{message}");
}

#[test]
fn silence_may_be_allowed() {
    let mut driver = Driver::new(Config { idle_ms: 0, ..Config::default() });
    driver.feed(AdapterInput::Connected { connection: ConnectionId(1) });
    driver.resync();
    driver.now = driver.now + Duration::from_secs(86_400);
    driver.feed(AdapterInput::Tick);
    assert_eq!(driver.closed, []);
}

#[test]
fn many_pings_at_once_get_one_pong() {
    let mut driver = Driver::live();
    driver.say_on(1, "{\"event\":\"ping\"}\n".repeat(500).as_bytes());
    assert_eq!(driver.sent.len(), 1);
}

#[test]
fn a_second_platform_is_told_and_closed() {
    let mut driver = Driver::live();
    driver.feed(AdapterInput::Connected { connection: ConnectionId(2) });
    assert_eq!(driver.closed, [ConnectionId(2)]);
    assert_eq!(driver.sent.last().unwrap().0, ConnectionId(2));
    let (line, _, message) = driver.error();
    assert_eq!(line, 0);
    assert!(message.contains("another platform is connected"), "{message}");
    driver.say_on(2, b"{\"event\":\"agentRemoved\",\"id\":\"7\"}\n");
    assert_eq!(driver.events, []);
    // When the first is gone there is room.
    driver.lose(1, "reset");
    driver.feed(AdapterInput::Connected { connection: ConnectionId(3) });
    driver.say_on(3, format!("{HELLO}\n").as_bytes());
    assert!(matches!(&driver.events[..], [Event::Down { .. }, Event::Up(_)]));
}

#[test]
fn one_that_connects_itself_accepts_nobody() {
    let mut driver = connecting(1);
    driver.feed(AdapterInput::Connected { connection: ConnectionId(9) });
    assert_eq!(driver.closed, [ConnectionId(9)]);
}
