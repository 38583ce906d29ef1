//! Servers that break the protocol, by mistake or on purpose: a clear reason each, and never a panic, a hang, or a loop.

use std::time::Duration;

use interaction_core::desk::{Config, DeskInput, To};
use proptest::prelude::*;
use serde_json::json;

use crate::harness::{Player, URL, connected, member, of_kind, services, team_event, the};

const SECOND: Duration = Duration::from_secs(1);
const LONG: Duration = Duration::from_secs(31);

#[test]
fn a_hole_in_the_numbers_restarts_the_link_where_it_was() {
    let mut player = Player::live();
    let seq = player.seq;
    player.seq += 1;
    let shutdown = json!({"messageType": "coreEvent", "event": {"name": "shutdown", "data": {"graceMs": 1}}});
    let told = player.numbered(shutdown.clone());
    assert!(of_kind(&told, "event").is_empty(), "what comes after a hole is not told");
    let state = the(&told, "connection");
    assert_eq!(state["why"]["reason"], "nonsense");
    assert!(state["why"]["message"].as_str().is_some_and(|words| words.contains(&format!("message {}", seq + 1))));
    player.sent.clear();
    player.come_back(&json!({"resumed": true}));
    assert_eq!(player.sent[0]["resume"]["seq"], seq);
    player.seq = seq;
    assert_eq!(of_kind(&player.numbered(shutdown.clone()), "event").len(), 1);
    let mut again = shutdown;
    again["seq"] = json!(player.seq);
    assert!(player.message(&again).is_empty(), "nothing is told twice");
}

#[test]
fn a_server_that_goes_on_so_is_given_up() {
    let mut player = Player::live();
    let mut reasons = Vec::new();
    for _ in 0..10 {
        let told = player.text("nonsense");
        reasons.extend(of_kind(&told, "connection").into_iter().cloned());
        if player.state() == "refused" {
            break;
        }
        player.pass(LONG);
        player.sent.clear();
        let asked_to_resume = reasons.len() == 1;
        let with = if asked_to_resume { json!({"resumed": true}) } else { json!({}) };
        player.greet(&with);
    }
    assert_eq!(player.state(), "refused", "{reasons:?}");
    assert_eq!(reasons.last().expect("some")["failure"]["code"], "client.nonsense");
    assert!(player.pass(3_600 * SECOND).is_empty());
}

#[test]
fn what_cannot_be_is_nonsense() {
    let huge = format!(r#"{{"messageType":"pong","a":"{}"}}"#, "x".repeat(64 << 20));
    let texts = [
        "".to_owned(),
        "[]".to_owned(),
        "null".to_owned(),
        "{}".to_owned(),
        r#"{"messageType":5}"#.to_owned(),
        r#"{"messageType":"resourceEvent","event":{"name":"x"}}"#.to_owned(),
        r#"{"messageType":"pong","seq":-1}"#.to_owned(),
        connected(&json!({})).to_string(),
        huge,
    ];
    for text in texts {
        let mut player = Player::live();
        let told = player.text(&text);
        assert_eq!(the(&told, "connection")["why"]["reason"], "nonsense", "{}", &text[..text.len().min(100)]);
    }
    let mut player = Player::live();
    let told = player.feed(DeskInput::Binary { attempt: player.attempt });
    assert_eq!(the(&told, "connection")["why"]["reason"], "nonsense");
}

#[test]
fn answers_that_cannot_be_are_nonsense_and_the_call_is_answered_all_the_same() {
    let answers = [
        json!({"messageType": "resourceResponse", "response": {"command": "getCapabilities", "result": "success"}}),
        json!({"messageType": "serviceResponse", "response": {"command": "getCapabilities", "result": "perhaps"}}),
        json!({"messageType": "serviceResponse"}),
        json!({"messageType": "serviceError"}),
        json!({"messageType": "serviceResponse", "response": {"command": "getCapabilities", "result": "failure"}}),
    ];
    for mut answer in answers {
        let mut player = Player::live();
        player.call(1, To::Service, "getCapabilities", None, "{}");
        answer["requestId"] = player.asked("getCapabilities")["requestId"].clone();
        let mut told = player.numbered(answer.clone());
        assert_eq!(the(&told, "connection")["why"]["reason"], "nonsense", "{answer}");
        told.extend(player.pass(3_600 * SECOND));
        assert_eq!(the(&told, "answered")["failure"]["code"], "request.deadline", "{answer}");
    }
}

#[test]
fn greetings_that_cannot_be_are_nonsense() {
    let greetings = [
        json!({"messageType": "pong"}).to_string(),
        json!({"messageType": "coreEvent", "seq": 1, "event": {"name": "x"}}).to_string(),
        json!({"messageType": "connected"}).to_string(),
        json!({"messageType": "coreError"}).to_string(),
        connected(&json!({"resumed": true})).to_string(),
        connected(&json!({"resumeKey": ""})).to_string(),
        "hello".to_owned(),
    ];
    for greeting in greetings {
        let mut player = Player::new(Config::new(&[URL]));
        player.feed(DeskInput::Start);
        player.feed(DeskInput::Opened { attempt: player.attempt });
        player.text(&greeting);
        // A `pong` alone is passed over, and then nothing else comes.
        let told = player.pass(11 * SECOND);
        let is_waiting = player.state() == "reconnecting" || !of_kind(&told, "open").is_empty();
        assert!(is_waiting, "{greeting}: {}", player.state());
    }
    let mut player = Player::new(Config::new(&[URL]));
    player.feed(DeskInput::Start);
    let told = player.greet(&json!({"protocol": 2}));
    let states = of_kind(&told, "connection");
    assert_eq!(states.last().expect("some")["failure"]["code"], "protocol.unsupported");
}

#[test]
fn another_link_than_the_one_asked_for_is_none() {
    let mut player = Player::live();
    player.close(1006);
    let told = player.come_back(&json!({"resumed": true, "resumeKey": "of-somebody-else"}));
    assert!(of_kind(&told, "resumed").is_empty());
    let last = of_kind(&told, "connection").into_iter().last().expect("some").clone();
    assert_eq!(last["why"]["reason"], "nonsense");
}

#[test]
fn a_server_that_never_answers_is_left_after_its_time() {
    let mut player = Player::new(Config::new(&[URL]));
    player.feed(DeskInput::Start);
    player.feed(DeskInput::Opened { attempt: player.attempt });
    let told = player.pass(10 * SECOND);
    assert_eq!(of_kind(&told, "connection")[0]["why"]["reason"], "unanswered");
}

/// Texts a server might send: right ones, right ones cut or changed in one place, and anything.
fn text() -> impl Strategy<Value = String> {
    let right = prop_oneof![
        Just(connected(&json!({}))),
        Just(connected(&json!({"resumed": true}))),
        Just(connected(&json!({"resumed": false, "reason": "gap"}))),
        Just(json!({"messageType": "pong", "requestId": "m3", "time": 1})),
        Just(json!({"messageType": "coreEvent", "event": {"name": "linkMoved", "data": {}}})),
        Just(json!({"messageType": "coreError", "failure": {"code": "rate.limited", "message": "", "context": "", "retryAfterMs": 1}})),
        (1..12_u64, 1..8_u64).prop_map(|(seq, id)| json!({"messageType": "coreResponse", "seq": seq, "requestId": id.to_string(), "command": "getServices", "result": "success", "data": services("InService")})),
        (1..12_u64, 1..8_u64).prop_map(|(seq, id)| json!({"messageType": "resourceResponse", "seq": seq, "requestId": id.to_string(), "serviceId": "processor", "resourceId": "reports", "response": {"command": "report.teamstatus.begin", "result": "success", "data": {}}})),
        (1..12_u64, prop_oneof!["teamadded", "teamremoved", "memberadded", "memberremoved", "memberstatuschanged", "teamchanged", "x"])
            .prop_map(|(seq, what)| json!({"messageType": "resourceEvent", "seq": seq, "serviceId": "processor", "resourceId": "reports", "event": team_event(&what, "2001", &[member("1001", "ready")])})),
        (1..12_u64).prop_map(|seq| json!({"messageType": "resourceEvent", "seq": seq, "serviceId": "processor", "resourceId": "s-1", "event": {"messageType": "objectEvent", "target": "s-1", "name": "channel.created", "data": {"channel": {"id": "c"}}, "at": 1}})),
    ];
    let right = right.prop_map(|message| message.to_string());
    let changed = (right.clone(), any::<prop::sample::Index>(), any::<char>()).prop_map(|(text, at, with)| {
        let mut chars: Vec<char> = text.chars().collect();
        let at = at.index(chars.len());
        chars[at] = with;
        chars.into_iter().collect()
    });
    let cut = (right.clone(), any::<prop::sample::Index>())
        .prop_map(|(text, at)| text.chars().take(at.index(text.len() + 1)).collect());
    prop_oneof![4 => right, 1 => changed, 1 => cut, 1 => any::<String>()]
}

#[derive(Clone, Debug)]
enum Act {
    Text(String),
    Close(u16),
    Open,
    Pass(u64),
    Sleep(u64),
    Watch,
    Start,
    Stop,
    Retry,
    Network(bool),
    Visible,
    Prepare,
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        12 => text().prop_map(Act::Text),
        2 => prop_oneof![Just(1006), Just(4000), Just(4001), Just(4003), Just(4007), any::<u16>()].prop_map(Act::Close),
        4 => Just(Act::Open),
        4 => (0..40_000_u64).prop_map(Act::Pass),
        1 => (0..10_000_000_u64).prop_map(Act::Sleep),
        2 => Just(Act::Watch),
        1 => Just(Act::Start),
        1 => Just(Act::Stop),
        2 => Just(Act::Retry),
        1 => any::<bool>().prop_map(Act::Network),
        1 => Just(Act::Visible),
        1 => Just(Act::Prepare),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    /// The harness checks after every input that nothing is due and no secret shown; here every call is counted.
    #[test]
    fn whatever_comes_every_call_is_answered_once(acts in prop::collection::vec(act(), 1..60)) {
        let mut player = Player::new(Config::new(&[URL]));
        let mut told = player.feed(DeskInput::Start);
        let mut calls = 0;
        for act in acts {
            told.extend(match act {
                Act::Text(text) => player.text(&text),
                Act::Close(code) => player.close(code),
                Act::Open => {
                    let mut told = player.feed(DeskInput::Opened { attempt: player.attempt });
                    told.extend(player.message(&connected(&json!({}))));
                    told
                }
                Act::Pass(millis) => player.pass(Duration::from_millis(millis)),
                Act::Sleep(millis) => {
                    player.sleep(Duration::from_millis(millis));
                    player.feed(DeskInput::Tick)
                }
                Act::Watch => {
                    calls += 1;
                    player.call(calls, To::Reports, "report.teamstatus.begin", None, r#"{"agentId":"2001"}"#)
                }
                Act::Prepare => {
                    calls += 1;
                    let data = r#"{"agent":{"id":"1001","password":"x"}}"#;
                    player.call(calls, To::Service, "prepareSession", None, data)
                }
                Act::Start => player.feed(DeskInput::Start),
                Act::Stop => player.feed(DeskInput::Stop),
                Act::Retry => player.feed(DeskInput::Retry),
                Act::Network(online) => player.feed(DeskInput::Network { online }),
                Act::Visible => player.feed(DeskInput::Visible),
            });
        }
        told.extend(player.pass(Duration::from_secs(7_200)));
        let mut answered: Vec<u64> = of_kind(&told, "answered").iter().filter_map(|one| one["call"].as_u64()).collect();
        answered.sort_unstable();
        prop_assert_eq!(answered, (1..=calls).collect::<Vec<u64>>());
    }
}
