//! What is wrong with a line is told by line, property and remedy.

use super::driver::{Driver, HELLO};

#[test]
fn the_property_and_the_remedy_are_named() {
    let device = r#""device":{"kind":"agent","id":"3001"}"#;
    let cases: &[(&str, &str, &str)] = &[
        (r#"{"event":"agentStatus","agent":"1","state":"redy"}"#, "state", "`redy`, expected one of `loggedout`"),
        (r#"{"event":"agentStatus","agent":"1"}"#, "state", "is missing"),
        (r#"{"event":"agentStatus","agent":1,"state":"ready"}"#, "agent", "wrong type"),
        (r#"{"event":"agentStatus","agent":"","state":"ready"}"#, "agent", "is empty"),
        (r#"{"event":"agentStatus","agent":"a\u0007","state":"ready"}"#, "agent", "control characters"),
        (r#"{"event":"agentStatus","agent":"1","state":"ready","since":1790000000}"#, "since", "not seconds"),
        (r#"{"event":"agentStatus","agent":"1","state":"ready","since":1790000000000000}"#, "since", "milliseconds"),
        (r#"{"event":"agentStatus","agent":"1","agent":"2","state":"ready"}"#, "agent", "twice"),
        (
            r#"{"event":"team","id":"t","name":"x","members":[{"agent":"1"},{"role":"agent"}]}"#,
            "members[1].agent",
            "missing",
        ),
        (
            r#"{"event":"team","id":"t","name":"x","members":[{"agent":"1","role":"boss"}]}"#,
            "members[0].role",
            "`teamLead`",
        ),
        (r#"{"event":"call","call":"c"}"#, "is", "missing"),
        (r#"{"event":"call","is":"gone","call":"c"}"#, "is", "`gone` is not known: one of `began`"),
        (r#"{"event":"call","is":"ringing","call":"c"}"#, "device", "missing"),
        (
            r#"{"event":"call","is":"ringing","call":"c","device":{"kind":"phone","id":"1"}}"#,
            "device.kind",
            "`trigger`",
        ),
        (r#"{"event":"call","is":"data","call":"c","data":{"a":"1","a":"2"}}"#, "data", "twice"),
        (r#"{"event":"call","is":"data","call":"c","data":{"a":1}}"#, "data.a", "wrong type"),
        (r#"{"event":"answer","request":1,"result":"verified"}"#, "agent", "missing"),
        (r#"{"event":"answer","request":1,"result":"call"}"#, "call", "missing"),
        (r#"{"event":"answer","request":"1","result":"done"}"#, "request", "wrong type"),
        (r#"{"event":5}"#, "event", "wrong type"),
        (r#"{"agent":"1"}"#, "event", "missing"),
        (r#"{"event":"ping"} x"#, "", "not JSON: trailing characters at column 18"),
        (r#"{"event":"ping""#, "", "not JSON"),
        (r#"["ping"]"#, "", "not a JSON object"),
        ("GET / HTTP/1.1", "", "not a JSON object"),
    ];
    for (line, property, message) in cases {
        let mut driver = Driver::live();
        driver.say(line);
        assert_eq!(driver.events, [], "{line}");
        assert_eq!(driver.adapter.counters().bad_lines, 1, "{line}");
        let (number, named, told) = driver.error();
        assert_eq!((number, &*named), (4, *property), "{line}: {told}");
        assert!(told.contains(message), "{line}: {told}");
        // And the connection goes on.
        driver.say(&format!(r#"{{"event":"call","is":"held","call":"c",{device}}}"#));
        assert_eq!(driver.events.len(), 1);
    }
}

#[test]
fn unknown_properties_are_ignored_and_unknown_events_told() {
    let mut driver = Driver::live();
    driver.say(r#"{"event":"agentRemoved","id":"7","mood":{"good":[true]}}"#);
    assert_eq!((driver.events.len(), driver.sent.len()), (1, 0));
    driver.say(r#"{"event":"weather","is":"fine"}"#);
    assert_eq!(driver.adapter.counters().unknown_events, 1);
    let (line, property, message) = driver.error();
    assert_eq!((line, &*property), (5, "event"));
    assert!(message.starts_with("`weather` is not known and was ignored: one of `hello`"), "{message}");
}

#[test]
fn a_deep_or_odd_line_is_survived() {
    let mut driver = Driver::live();
    driver.say(&format!("{{\"event\":{}", "[".repeat(60_000)));
    driver.say_on(1, b"\xff\xfe{}\n");
    let (_, _, message) = driver.error();
    assert!(message.contains("UTF-8"), "{message}");
    let (_, _, message) = driver.error();
    assert!(message.len() < 400, "{message}");
}

#[test]
fn errors_beyond_the_bound_are_counted_and_told_later() {
    let mut driver = Driver::live();
    driver.say_on(1, "x\n".repeat(1_000).as_bytes());
    assert_eq!(driver.sent.len(), 20);
    assert_eq!(driver.adapter.counters().bad_lines, 1_000);
    driver.pass(1_000);
    driver.say("x");
    let (_, value) = driver.sent.pop().unwrap();
    assert_eq!(value["error"]["untold"], 980);
    assert_eq!(value["error"]["line"], 1_004);
}

#[test]
fn a_connection_begins_with_hello_or_ends() {
    for first in ["GET / HTTP/1.1", r#"{"event":"ping"}"#, r#"{"event":"resyncBegin"}"#, r#"{"event":"welcome"}"#] {
        let mut driver = Driver::accepted();
        // What a web page could hide in the body of a request is not read.
        driver.say_on(1, format!("{first}\r\n{HELLO}\n{{\"event\":\"resyncBegin\"}}\n").as_bytes());
        assert_eq!(driver.events, [], "{first}");
        assert_eq!(driver.closed.len(), 1, "{first}");
        let (_, _, message) = driver.error();
        assert!(message.contains("`hello`") && message.contains("closed"), "{message}");
    }
}

#[test]
fn another_version_is_refused() {
    let mut driver = Driver::accepted();
    driver.say(&HELLO.replace("\"protocol\":1", "\"protocol\":2"));
    assert_eq!((driver.events.len(), driver.closed.len()), (0, 1));
    driver.error();
    let (line, property, message) = driver.error();
    assert_eq!((line, &*property), (1, "protocol"));
    assert!(message.contains("speaks version 1"), "{message}");
}
