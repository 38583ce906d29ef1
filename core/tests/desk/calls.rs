//! Calls: each is answered exactly once.

use std::time::Duration;

use interaction_core::desk::{Config, DeskInput, DeskRequest, To};
use serde_json::json;

use crate::harness::{Player, SECRET, URL, of_kind, the};

const SECOND: Duration = Duration::from_secs(1);

#[test]
fn a_call_waits_for_what_it_needs() {
    let mut player = Player::new(Config::new(&[URL]));
    player.feed(DeskInput::Start);
    player.call(1, To::Reports, "report.calljourney", None, r#"{"CallId":"c-1"}"#);
    player.greet(&json!({}));
    assert!(!player.has_asked("report.calljourney"));
    player.serve();
    let asked = player.asked("report.calljourney");
    assert_eq!((&asked["serviceId"], &asked["resourceId"]), (&json!("processor"), &json!("reports")));
    assert_eq!(asked["request"]["data"], json!({"CallId": "c-1"}));
    let told = player.succeed(&asked, &json!({"CallJourney": []}));
    let answered = the(&told, "answered");
    assert_eq!((&answered["call"], &answered["result"]), (&json!(1), &json!("success")));
    assert_eq!(answered["response"]["data"], json!({"CallJourney": []}));
    let told = player.succeed(&asked, &json!({}));
    assert!(of_kind(&told, "answered").is_empty(), "a second answer is none");
}

#[test]
fn failures_are_passed_on_with_codes_nobody_knows() {
    let mut player = Player::live();
    player.call(1, To::Service, "getCapabilities", None, "{}");
    let asked = player.asked("getCapabilities");
    let failure =
        json!({"code": "moon.full", "message": "wait", "context": "", "retryAfterMs": 5, "params": {"a": "b"}});
    let told = player.fail(&asked, failure.clone());
    assert_eq!(the(&told, "answered")["failure"], failure);
}

#[test]
fn a_confirmation_is_neither_success_nor_failure() {
    let mut player = Player::live();
    let data = format!(r#"{{"agent":{{"id":"1001","password":"{SECRET}"}}}}"#);
    player.call(1, To::Service, "prepareSession", None, &data);
    let asked = player.asked("prepareSession");
    assert_eq!(asked["request"]["data"]["agent"]["password"], SECRET);
    let told = player.respond(
        &asked,
        json!({"command": "prepareSession", "result": "confirm", "message": "m", "original": {}, "details": {"calls": 1}}),
    );
    let answered = the(&told, "answered");
    assert_eq!((&answered["result"], &answered["response"]["details"]["calls"]), (&json!("confirm"), &json!(1)));
}

#[test]
fn deadlines_and_cancelling_answer_once() {
    let mut player = Player::live();
    player.call(1, To::Service, "getCapabilities", None, "{}");
    player.call(2, To::Service, "getCapabilities", None, "{}");
    let told = player.feed(DeskInput::Cancel { call: 2 });
    let answered = the(&told, "answered");
    assert_eq!((&answered["call"], &answered["failure"]["code"]), (&json!(2), &json!("client.cancelled")));
    let mut told = Vec::new();
    for _ in 0..40 {
        told.extend(player.pass(SECOND));
        told.extend(player.message(&json!({"messageType": "pong", "time": 1})));
    }
    let answered = the(&told, "answered");
    assert_eq!((&answered["call"], &answered["failure"]["code"]), (&json!(1), &json!("request.deadline")));
    assert!(player.feed(DeskInput::Cancel { call: 1 }).is_empty());
}

#[test]
fn what_was_sent_on_a_link_that_is_gone_has_an_unknown_outcome_unless_it_may_be_repeated() {
    let mut player = Player::live();
    let data = r#"{"agent":{"id":"1001","password":"x"}}"#;
    player.call(1, To::Service, "prepareSession", None, data);
    player.call(2, To::Service, "getCapabilities", None, "{}");
    player.call(3, To::Reports, "report.calljourney.recent", None, "{}");
    player.serve();
    player.close(1006);
    player.sent.clear();
    let told = player.come_back(&json!({"resumed": false, "reason": "unknown", "resumeKey": "another"}));
    let answered = the(&told, "answered");
    assert_eq!((&answered["call"], &answered["failure"]["code"]), (&json!(1), &json!("request.outcomeunknown")));
    let told = player.serve();
    let fresh = the(&told, "resnapshotted");
    assert_eq!((&fresh["why"], &fresh["outcomesUnknown"]), (&json!("unknown"), &json!(1)));
    assert!(!player.has_asked("prepareSession"));
    let asked = player.asked("getCapabilities");
    assert_eq!(the(&player.succeed(&asked, &json!({})), "answered")["call"], 2);
    let asked = player.asked("report.calljourney.recent");
    assert_eq!(the(&player.succeed(&asked, &json!({})), "answered")["call"], 3);
}

#[test]
fn what_the_server_would_not_understand_is_answered_here() {
    let mut player = Player::live();
    for (number, (data, code)) in [
        ("", "request.invalid"),
        ("[]", "request.invalid"),
        ("{", "request.invalid"),
        (r#"{}},"x":{"#, "request.invalid"),
        (r#"{"a":1,"a":2}"#, "request.malformed"),
        (r#"{"a":"\ud800"}"#, "request.malformed"),
    ]
    .into_iter()
    .enumerate()
    {
        let told = player.call(number as u64, To::Service, "getCapabilities", None, data);
        assert_eq!(the(&told, "answered")["failure"]["code"], code, "{data}");
    }
    let told = player.call(50, To::Service, "", None, "{}");
    assert_eq!(the(&told, "answered")["failure"]["params"]["property"], "command");
    let told = player.call(51, To::Core, "bindService", None, "{}");
    assert_eq!(the(&told, "answered")["failure"]["code"], "command.unsupported");
    let large = format!(r#"{{"a":"{}"}}"#, "x".repeat(70_000));
    let told = player.call(52, To::Service, "getCapabilities", None, &large);
    assert_eq!(the(&told, "answered")["failure"]["code"], "request.toolarge");
    assert!(!player.has_asked("getCapabilities"));
}

#[test]
fn calls_are_bounded_and_their_numbers_are_not_used_twice() {
    let mut player = Player::new(Config::new(&[URL]));
    let told = player.call(1, To::Service, "getCapabilities", None, "{}");
    assert_eq!(the(&told, "answered")["failure"]["code"], "client.stopped");
    player.feed(DeskInput::Start);
    for call in 0..256 {
        assert!(player.call(call, To::Service, "getCapabilities", None, "{}").is_empty());
    }
    let told = player.call(1, To::Service, "getCapabilities", None, "{}");
    assert_eq!(the(&told, "warning")["code"], "client.inuse");
    let told = player.call(300, To::Service, "getCapabilities", None, "{}");
    assert_eq!(the(&told, "answered")["failure"]["code"], "client.toomany");
}

#[test]
fn requests_are_sent_no_faster_than_they_are_served() {
    let mut player = Player::live();
    player.pass(10 * SECOND);
    player.sent.clear();
    for call in 0..100 {
        let request = DeskRequest { to: To::Service, command: "getCapabilities", target: None, data: None };
        player.feed(DeskInput::Call { call, request, within: None });
    }
    assert_eq!(player.sent.len(), 50, "half of what is served in a second");
    player.pass(SECOND);
    assert_eq!(player.sent.len(), 100);
    let ids: std::collections::BTreeSet<String> = player.sent.iter().map(|one| one["requestId"].to_string()).collect();
    assert_eq!(ids.len(), 100);
}
