//! The whole truth first, then differences.

use super::driver::{Driver, HELLO};
use crate::cti::{AdapterInput, ConnectionId, Event};

const STATUS: &str = r#"{"event":"agentStatus","agent":"1","state":"ready"}"#;
const ENDED: &str = r#"{"event":"call","is":"ended","call":"c"}"#;

fn words(driver: &mut Driver) -> Vec<&'static str> {
    driver.events.drain(..).map(|event| crate::cti::jsonl::PlatformLine::from(&event).word()).collect()
}

#[test]
fn records_come_between_begin_and_end_and_differences_after() {
    let mut driver = Driver::accepted();
    driver.say(HELLO);
    driver.say(STATUS);
    let (line, _, message) = driver.error();
    assert_eq!(line, 2);
    assert!(message.contains("before `resyncBegin`"), "{message}");
    driver.say(r#"{"event":"resyncBegin"}"#);
    for refused in [ENDED, r#"{"event":"agentRemoved","id":"1"}"#, r#"{"event":"resyncBegin"}"#, HELLO] {
        driver.say(refused);
        driver.error();
    }
    driver.say(r#"{"event":"team","id":"t","name":"x","members":[{"agent":"1"}]}"#);
    driver.say(r#"{"event":"teamChanged","id":"t","added":[{"agent":"2"}]}"#);
    driver.say(STATUS);
    driver.say(r#"{"event":"call","is":"seen","call":"c","kind":"inbound"}"#);
    driver.say(r#"{"event":"resyncEnd"}"#);
    driver.say(ENDED);
    driver.say(r#"{"event":"resyncEnd"}"#);
    driver.error();
    assert_eq!(driver.sent, []);
    let want = ["hello", "resyncBegin", "team", "teamChanged", "agentStatus", "call", "resyncEnd", "call"];
    assert_eq!(words(&mut driver), want);
}

#[test]
fn every_connection_resynchronises() {
    let mut driver = Driver::live();
    driver.lose(1, "reset");
    driver.feed(AdapterInput::Connected { connection: ConnectionId(2) });
    driver.say_on(2, format!("{STATUS}\n").as_bytes());
    assert_eq!(driver.closed, [ConnectionId(2)], "hello comes first again");
    driver.feed(AdapterInput::Connected { connection: ConnectionId(3) });
    driver.say_on(3, format!("{HELLO}\n{STATUS}\n{{\"event\":\"resyncBegin\"}}\n").as_bytes());
    assert_eq!(words(&mut driver), ["down", "hello", "resyncBegin"]);
}

#[test]
fn half_a_line_dies_with_its_connection() {
    let mut driver = Driver::live();
    driver.say_on(1, br#"{"event":"agentRemoved","#);
    driver.lose(1, "reset");
    driver.events.clear();
    driver.feed(AdapterInput::Connected { connection: ConnectionId(1) });
    driver.resync();
    assert_eq!(words(&mut driver), ["hello", "resyncBegin", "resyncEnd"]);
}

#[test]
fn a_platform_may_resynchronise_whenever_it_likes() {
    let mut driver = Driver::live();
    driver.say(r#"{"event":"resyncBegin"}"#);
    driver.say(r#"{"event":"resyncEnd"}"#);
    assert_eq!(words(&mut driver), ["resyncBegin", "resyncEnd"]);
}

#[test]
fn a_platform_may_be_out_of_service_while_it_is_connected() {
    let mut driver = Driver::live();
    driver.ask(1, crate::cti::Command::Verify { agent: "1".into() }, None);
    driver.sent.clear();
    driver.say(r#"{"event":"down","why":"maintenance"}"#);
    assert_eq!(driver.answers().len(), 1);
    assert_eq!(driver.events, [Event::Down { why: "maintenance".into() }]);
    driver.say(STATUS);
    assert!(driver.error().2.contains("after `down`"));
    driver.ask(2, crate::cti::Command::Verify { agent: "1".into() }, None);
    assert_eq!((driver.answers().len(), driver.sent.len()), (1, 0));
    driver.events.clear();
    driver.resync();
    assert_eq!(words(&mut driver), ["hello", "resyncBegin", "resyncEnd"]);
}
