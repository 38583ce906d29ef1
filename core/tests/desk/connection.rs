//! The connection's states, each with its reason.

use std::time::Duration;

use interaction_core::desk::{Config, DeskInput};
use serde_json::json;

use crate::harness::{OTHER, Player, SECRET, URL, of_kind, the};

const SECOND: Duration = Duration::from_secs(1);
/// Longer than the longest wait before a reconnection.
const LONG: Duration = Duration::from_secs(31);

#[test]
fn it_connects_finds_the_service_and_binds_it() {
    let mut player = Player::new(Config::new(&[URL]));
    assert_eq!(player.state(), "idle");
    let told = player.feed(DeskInput::Start);
    assert_eq!(the(&told, "open")["url"], URL);
    assert_eq!(the(&told, "connection")["state"], "connecting");
    let told = player.greet(&json!({}));
    assert_eq!(the(&told, "connection")["state"], "live");
    assert_eq!(player.sent[0], json!({"messageType": "connect", "requestId": "0", "protocol": 1, "client": {}}));
    let told = player.serve();
    let changed = the(&told, "changed");
    assert_eq!((&changed["mirror"], &changed["change"]), (&json!("services"), &json!("snapshot")));
    assert_eq!(player.mirror("services", "")["services"][0]["id"], "processor");
    assert_eq!(of_kind(&told, "resnapshotted").len(), 0, "there was no link before");
}

#[test]
fn what_came_is_acknowledged_once_a_second() {
    let mut player = Player::live();
    player.sent.clear();
    player.pass(SECOND);
    assert_eq!(player.sent, [json!({"messageType": "ack", "seq": player.seq})]);
    player.sent.clear();
    player.pass(SECOND);
    assert!(player.sent.is_empty());
}

#[test]
fn a_lost_socket_is_resumed_where_it_was_with_what_was_not_answered() {
    let mut player = Player::live();
    player.call(1, interaction_core::desk::To::Service, "getCapabilities", None, "{}");
    let asked = player.asked("getCapabilities");
    let told = player.close(1006);
    let state = the(&told, "connection");
    assert_eq!((&state["state"], &state["why"]["reason"]), (&json!("reconnecting"), &json!("closed")));
    assert!(of_kind(&told, "answered").is_empty());

    let seq = player.seq;
    player.sent.clear();
    let told = player.come_back(&json!({"resumed": true}));
    assert_eq!(the(&told, "open")["url"], URL, "where it was");
    assert_eq!(player.sent[0]["resume"], json!({"key": format!("{SECRET}-key-1"), "seq": seq}));
    assert_eq!(player.asked("getCapabilities"), asked, "the same request, under the same number");

    player.numbered(json!({"messageType": "coreEvent", "event": {"name": "shutdown", "data": {"graceMs": 1}}}));
    player.succeed(&asked, &json!({}));
    let told = player.serve();
    let resumed = the(&told, "resumed");
    assert_eq!((&resumed["messages"], &resumed["resent"]), (&json!(2), &json!(1)));
}

#[test]
fn waits_grow_and_addresses_take_turns() {
    let mut player = Player::new(Config::new(&[URL, OTHER]));
    player.feed(DeskInput::Start);
    for failed in 0..8 {
        let told = player.close(1006);
        let state = the(&told, "connection");
        assert_eq!((&state["failed"], &state["why"]["reason"]), (&json!(failed), &json!("unreachable")));
        let wait = state["nextAt"].as_u64().expect("a moment") - player.now.as_millis();
        assert!(wait <= (800 << failed).min(30_000), "{wait} ms after {failed} failures");
        let told = player.feed(DeskInput::Retry);
        let url = if failed % 2 == 0 { OTHER } else { URL };
        assert_eq!(the(&told, "open")["url"], url);
    }
}

#[test]
fn a_silent_socket_is_asked_and_then_given_up() {
    let mut player = Player::live();
    player.pass(SECOND);
    player.sent.clear();
    player.pass(15 * SECOND);
    assert_eq!(player.sent, [json!({"messageType": "ping"})]);
    player.message(&json!({"messageType": "pong", "time": 1}));
    player.pass(15 * SECOND);
    assert_eq!(player.state(), "live");
    let told = player.pass(30 * SECOND);
    let lost = of_kind(&told, "connection")[0];
    assert_eq!((&lost["state"], &lost["why"]["reason"]), (&json!("reconnecting"), &json!("silent")));
    assert_eq!(the(&told, "close")["code"], 4002);
}

#[test]
fn after_sleep_the_socket_has_to_prove_that_it_lives() {
    let mut player = Player::live();
    player.call(1, interaction_core::desk::To::Service, "getCapabilities", None, "{}");
    let asked = player.asked("getCapabilities");
    player.sleep(8 * 3_600 * SECOND);
    let told = player.feed(DeskInput::Tick);
    assert!(of_kind(&told, "answered").is_empty(), "nobody could have answered: {told:?}");
    assert_eq!(player.state(), "live");
    // It lives.
    let told = player.succeed(&asked, &json!({}));
    assert_eq!(the(&told, "answered")["result"], "success");
    player.pass(10 * SECOND);
    assert_eq!(player.state(), "live");
    // The next time it does not.
    player.sleep(8 * 3_600 * SECOND);
    let mut told = player.feed(DeskInput::Tick);
    told.extend(player.pass(4 * SECOND));
    assert_eq!(of_kind(&told, "connection")[0]["why"]["reason"], "slept");
}

#[test]
fn offline_waits_for_the_network() {
    let mut player = Player::live();
    player.feed(DeskInput::Network { online: false });
    assert_eq!(player.state(), "live", "it is a hint");
    player.close(1006);
    assert_eq!(player.state(), "offline");
    let told = player.feed(DeskInput::Network { online: true });
    assert_eq!(of_kind(&told, "open").len(), 1);
}

#[test]
fn a_moved_link_comes_back_by_the_users_act_alone() {
    let mut player = Player::live();
    player.call(1, interaction_core::desk::To::Service, "getCapabilities", None, "{}");
    let moved = json!({"messageType": "coreEvent", "event": {"name": "linkMoved", "data": {}}});
    let told = player.message(&moved);
    assert_eq!(the(&told, "connection")["state"], "moved");
    assert_eq!(the(&told, "answered")["failure"]["code"], "request.outcomeunknown");
    let told = player.pass(3_600 * SECOND);
    assert!(told.is_empty(), "{told:?}");
    let told = player.call(2, interaction_core::desk::To::Service, "getCapabilities", None, "{}");
    assert_eq!(the(&told, "answered")["failure"]["code"], "client.moved");
    let told = player.feed(DeskInput::Retry);
    assert_eq!(of_kind(&told, "open").len(), 1);
    player.sent.clear();
    player.greet(&json!({"resumed": true}));
    assert_eq!(player.sent[0]["resume"]["key"], format!("{SECRET}-key-1"));
}

#[test]
fn close_codes_say_what_to_do() {
    for (code, state, reason) in [
        (4000, "refused", None),
        (4001, "moved", None),
        (4002, "reconnecting", Some("silent")),
        (4003, "reconnecting", Some("token")),
        (4008, "reconnecting", Some("slow")),
        (4029, "reconnecting", Some("flood")),
        (1012, "reconnecting", Some("restarting")),
        (1006, "reconnecting", Some("closed")),
    ] {
        let mut player = Player::live();
        let told = player.close(code);
        let connection = the(&told, "connection");
        assert_eq!(connection["state"], state, "{code}");
        if let Some(reason) = reason {
            assert_eq!(connection["why"]["reason"], reason, "{code}");
        }
        let told = player.pass(LONG);
        assert_eq!(of_kind(&told, "open").is_empty(), state != "reconnecting", "{code}");
    }
}

#[test]
fn a_refused_connect_is_not_repeated_and_a_busy_server_gets_its_time() {
    let error = |failure: serde_json::Value| json!({"messageType": "coreError", "requestId": "0", "failure": failure});
    let mut player = Player::new(Config::new(&[URL]));
    player.feed(DeskInput::Start);
    player.feed(DeskInput::Opened { attempt: player.attempt });
    let told = player.message(&error(json!({"code": "access.denied", "message": "no", "context": ""})));
    assert_eq!(the(&told, "connection")["failure"]["code"], "access.denied");
    assert!(player.pass(3_600 * SECOND).is_empty());

    player.feed(DeskInput::Retry);
    player.feed(DeskInput::Opened { attempt: player.attempt });
    let busy = json!({"code": "rate.limited", "message": "later", "context": "", "retryAfterMs": 60_000});
    player.message(&error(busy));
    assert_eq!(player.state(), "reconnecting");
    assert!(player.pass(59 * SECOND).is_empty());
    assert_eq!(of_kind(&player.pass(3 * SECOND), "open").len(), 1);

    player.feed(DeskInput::Opened { attempt: player.attempt });
    let elsewhere = json!({"code": "link.elsewhere", "message": "", "context": "", "params": {"url": OTHER}});
    let told = player.message(&error(elsewhere));
    assert_eq!(the(&told, "open")["url"], OTHER, "at once");
}

#[test]
fn a_token_is_asked_for_before_every_connect_and_renewed_in_time() {
    let mut player = Player::new(Config { token: true, ..Config::new(&[URL]) });
    let told = player.feed(DeskInput::Start);
    assert_eq!(the(&told, "wantToken")["purpose"], "connect");
    assert_eq!(player.state(), "waitingForToken");
    let token = format!("{SECRET}-token");
    player.feed(DeskInput::Token { token: &token });
    player.greet(&json!({}));
    assert_eq!(player.sent[0]["token"], token);
    player.serve();
    let told = player
        .numbered(json!({"messageType": "coreEvent", "event": {"name": "tokenExpiring", "data": {"expiresAt": 1}}}));
    assert_eq!(the(&told, "wantToken")["purpose"], "renew");
    player.sent.clear();
    player.feed(DeskInput::Token { token: &token });
    assert_eq!((&player.sent[0]["messageType"], &player.sent[0]["token"]), (&json!("authenticate"), &json!(token)));

    player.close(4003);
    let told = player.pass(LONG);
    assert_eq!(of_kind(&told, "wantToken").len(), 1);
    let told = player.feed(DeskInput::TokenFailed { why: "signed out", again: false });
    assert_eq!(the(&told, "connection")["failure"]["code"], "client.token");
    assert!(player.pass(3_600 * SECOND).is_empty());
}

#[test]
fn stopping_ends_the_link_and_answers_everything() {
    let mut player = Player::live();
    player.call(1, interaction_core::desk::To::Service, "getCapabilities", None, "{}");
    player.sent.clear();
    let told = player.feed(DeskInput::Stop);
    assert_eq!(player.sent, [json!({"messageType": "disconnect"})]);
    assert_eq!(the(&told, "answered")["failure"]["code"], "client.stopped");
    assert_eq!(the(&told, "close")["code"], 1000);
    assert_eq!(the(&told, "connection")["state"], "closed");
    assert!(player.pass(3_600 * SECOND).is_empty());
    assert!(player.feed(DeskInput::Stop).is_empty());
    assert_eq!(of_kind(&player.feed(DeskInput::Start), "open").len(), 1);
    player.sent.clear();
    player.greet(&json!({}));
    assert!(player.sent[0].get("resume").is_none());
}

#[test]
fn configurations_are_read_and_their_faults_named() {
    let config = Config::from_json(r#"{"urls":["ws://a"],"client":{"name":"n"},"token":true}"#).expect("valid");
    assert!(config.token && config.client.name.as_deref() == Some("n"));
    for (text, words) in [
        ("", "not a JSON object"),
        ("{}", "urls"),
        (r#"{"urls":[]}"#, "urls: 0 of them"),
        (r#"{"urls":["http://a"]}"#, "`http://a` does not begin with"),
        (r#"{"urls":["ws://a"],"tokens":1}"#, "tokens"),
    ] {
        let error = Config::from_json(text).expect_err(text).to_string();
        assert!(error.contains(words), "{text}: {error}");
    }
}
