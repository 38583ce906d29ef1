//! Mirrors: always a snapshot, with every event since.

use std::time::Duration;

use interaction_core::desk::{DeskInput, To};
use serde_json::json;

use crate::harness::{Player, member, of_kind, services, team_event, the};

const SECOND: Duration = Duration::from_secs(1);

#[test]
fn a_roster_is_there_when_its_call_is_answered() {
    let mut player = Player::live();
    let told = player.watch(1, "2001");
    let order: Vec<&str> = told.iter().filter_map(|one| one["kind"].as_str()).filter(|kind| *kind != "send").collect();
    assert_eq!(order, ["event", "changed", "answered"], "{told:#?}");
    assert_eq!(the(&told, "changed")["change"], "snapshot");
    let mirror = player.mirror("roster", "2001");
    assert_eq!(mirror["current"], true);
    assert_eq!(mirror["teams"][0]["members"][0]["status"], "ready");

    let told = player.event("reports", team_event("memberstatuschanged", "2001", &[member("1001", "ACW")]));
    assert_eq!(the(&told, "event")["event"]["name"], "report.teamstatus.memberstatuschanged");
    assert_eq!(the(&told, "changed")["change"], "event");
    assert_eq!(player.mirror("roster", "2001")["teams"][0]["members"][0]["status"], "ACW");
    player.event("reports", team_event("memberadded", "2001", &[member("1000", "ready")]));
    assert_eq!(player.mirror("roster", "2001")["teams"][0]["members"][0]["memberId"], "1000", "by id");
    player.event("reports", team_event("memberremoved", "2001", &[json!({"memberId": "1001"})]));
    let team = &player.mirror("roster", "2001")["teams"][0];
    assert_eq!(team["members"].as_array().map(Vec::len), Some(1));
}

#[test]
fn a_fresh_link_is_read_anew_and_what_is_shown_changes_at_once() {
    let mut player = Player::live();
    player.watch(1, "2001");
    player.close(1006);
    player.sent.clear();
    let told = player.come_back(&json!({"resumed": false, "reason": "expired", "resumeKey": "another"}));
    let stale: Vec<_> = of_kind(&told, "changed").into_iter().filter(|one| one["mirror"] == "roster").collect();
    assert_eq!(stale[0]["change"], "stale");
    assert_eq!(player.mirror("roster", "2001")["teams"][0]["members"][0]["memberId"], "1001", "the old is shown");
    assert!(of_kind(&player.serve(), "resnapshotted").is_empty(), "not everything is there");
    let asked = player.asked("report.teamstatus.begin");
    player.succeed(&asked, &json!({}));
    player.event("reports", team_event("teamadded", "2001", &[member("1007", "ready")]));
    assert_eq!(player.mirror("roster", "2001")["teams"][0]["members"][0]["memberId"], "1001", "not half of it");
    let told = player.serve();
    assert_eq!(the(&told, "changed")["change"], "snapshot");
    assert_eq!(the(&told, "resnapshotted")["why"], "expired");
    assert_eq!(player.mirror("roster", "2001")["teams"][0]["members"][0]["memberId"], "1007");
}

#[test]
fn what_does_not_fit_is_read_anew() {
    let mut player = Player::live();
    player.watch(1, "2001");
    let told = player.event("reports", team_event("memberstatuschanged", "2001", &[member("4711", "ready")]));
    assert_eq!(the(&told, "warning")["code"], "client.misfit");
    assert_eq!(the(&told, "changed")["change"], "stale");
    assert_eq!(player.state(), "live");
    player.pass(3 * SECOND);
    let told = player.begin("2001");
    assert_eq!(the(&told, "changed")["change"], "snapshot");
    assert_eq!(player.mirror("roster", "2001")["current"], true);
}

#[test]
fn a_platform_that_is_away_is_waited_for_and_a_refusal_is_told() {
    let away = json!({"code": "cti.unavailable", "message": "", "context": "", "retryAfterMs": 3_000});
    let mut player = Player::live();
    player.call(1, To::Reports, "report.teamstatus.begin", None, r#"{"agentId":"2001"}"#);
    player.serve();
    let asked = player.asked("report.teamstatus.begin");
    assert!(of_kind(&player.fail(&asked, away), "answered").is_empty());
    player.pass(2 * SECOND);
    assert!(!player.has_asked("report.teamstatus.begin"));
    player.pass(2 * SECOND);
    let asked = player.asked("report.teamstatus.begin");
    let denied = json!({"code": "access.denied", "message": "", "context": ""});
    let told = player.fail(&asked, denied);
    assert_eq!(the(&told, "answered")["failure"]["code"], "access.denied");
    let ended = the(&told, "changed");
    assert_eq!((&ended["change"], &ended["why"]), (&json!("ended"), &json!("denied")));
    assert!(ended.get("client").is_none() && ended.get("at").is_none(), "{ended}");
    assert!(player.desk.mirror_json("roster", "2001").is_none());
}

#[test]
fn reports_appear_when_the_platform_is_there() {
    let mut player = Player::live();
    let starting = json!({"serviceId": "processor", "serviceStatus": {"status": "OutOfService", "acceptingClients": true, "clientCount": 1}});
    let told =
        player.numbered(json!({"messageType": "coreEvent", "event": {"name": "serviceStatus", "data": starting}}));
    assert_eq!(the(&told, "changed")["change"], "event");
    let asked = player.asked("getServices");
    let mut without = services("OutOfService");
    without["services"][0]["resources"] = json!([]);
    let answer = |data| json!({"messageType": "coreResponse", "requestId": asked["requestId"], "command": "getServices", "result": "success", "data": data});
    player.numbered(answer(without));
    player.call(1, To::Reports, "report.teamstatus.begin", None, r#"{"agentId":"2001"}"#);
    assert!(!player.has_asked("report.teamstatus.begin"));
    let up = json!({"serviceId": "processor", "serviceStatus": {"status": "InService", "acceptingClients": true, "clientCount": 1}});
    player.numbered(json!({"messageType": "coreEvent", "event": {"name": "serviceStatus", "data": up}}));
    player.serve();
    assert!(player.has_asked("report.teamstatus.begin"));
}

#[test]
fn giving_up_a_subscription_ends_it_on_the_server() {
    let mut player = Player::live();
    player.call(1, To::Reports, "report.teamstatus.begin", None, r#"{"agentId":"2001"}"#);
    player.serve();
    assert!(player.has_asked("report.teamstatus.begin"));
    let told = player.feed(DeskInput::Cancel { call: 1 });
    assert_eq!(the(&told, "answered")["failure"]["code"], "client.cancelled");
    assert!(player.has_asked("report.teamstatus.end"));
}

#[test]
fn a_session_is_prepared_bound_started_and_followed() {
    let mut player = Player::live();
    player.call(1, To::Service, "prepareSession", None, r#"{"agent":{"id":"1001","password":"x"}}"#);
    let asked = player.asked("prepareSession");
    let told = player.respond(
        &asked,
        json!({"command": "prepareSession", "result": "success", "resource": {"id": "s-1", "data": {}}}),
    );
    assert_eq!(the(&told, "changed")["change"], "snapshot");
    assert_eq!(player.mirror("session", "s-1")["agentId"], "1001");

    player.call(2, To::Resource("s-1"), "session.start", Some("s-1"), "{}");
    assert!(!player.has_asked("session.start"), "it is bound first");
    player.serve();
    let asked = player.asked("session.start");
    assert_eq!(asked["request"]["target"], "s-1");
    player.respond(&asked, json!({"command": "session.start", "target": "s-1", "result": "success"}));
    let object = |target: &str, name: &str, data: serde_json::Value| json!({"messageType": "objectEvent", "target": target, "name": name, "data": data, "at": 1});
    let state = |target: &str, state: &str, data: serde_json::Value| json!({"messageType": "stateEvent", "target": target, "name": "state.updated", "state": state, "since": 5, "data": data, "at": 1});
    for event in [
        object("s-1", "channel.created", json!({"channel": {"id": "c", "name": "Telephony", "state": "INACTIVE"}})),
        object(
            "s-1.c",
            "channel.infochanged",
            json!({"channel": {"id": "c", "state": "ACTIVE", "availability": {"state": "READY"}}}),
        ),
        state(
            "s-1.c",
            "ACTIVE",
            json!([{"name": "channel.dial", "type": "enable"}, {"name": "channel.ready", "type": "disable"}]),
        ),
        object("s-1.c", "channel.initialized", json!({})),
        object("s-1.c", "interaction.created", json!({"interaction": {"id": "i", "callId": "c-1"}})),
        object("s-1.c.i", "interaction.datachanged", json!({"data": {"ani": "+49"}})),
        object("s-1.c.i", "conversation.created", json!({"conversation": {"id": "v", "role": "primary"}})),
        object("s-1.c.i.v", "conversation.member.added", json!({"member": {"id": "m", "name": "", "address": "+49"}})),
        state("s-1.c.i.v", "HELD", json!([{"name": "conversation.retrieve", "type": "enable"}])),
        object("s-1.c.i", "interaction.focuschanged", json!({"conversation": {"id": "v"}})),
        object(
            "s-1",
            "session.initialized",
            json!({"notReadyReasons": [{"code": "22"}], "logoutReasons": [], "wrapUpCodes": []}),
        ),
    ] {
        let told = player.event("s-1", event.clone());
        assert_eq!(the(&told, "changed")["mirror"], "session", "{event}");
    }
    let session = player.mirror("session", "s-1");
    assert_eq!((&session["initialized"], &session["notReadyReasons"][0]["code"]), (&json!(true), &json!("22")));
    let targets: Vec<&str> =
        session["objects"].as_array().expect("a list").iter().filter_map(|one| one["target"].as_str()).collect();
    assert_eq!(targets, ["s-1", "s-1.c", "s-1.c.i", "s-1.c.i.v"]);
    let [_, channel, interaction, conversation] = &session["objects"].as_array().expect("a list")[..] else {
        panic!("{session}")
    };
    assert_eq!((&channel["state"], &channel["enabled"]), (&json!("ACTIVE"), &json!(["channel.dial"])));
    assert_eq!((&interaction["data"]["ani"], &interaction["focus"]), (&json!("+49"), &json!("v")));
    assert_eq!((&conversation["members"][0]["id"], &conversation["state"]), (&json!("m"), &json!("HELD")));

    let told = player.event("s-1", object("s-1.c.x", "interaction.ended", json!({})));
    assert_eq!(the(&told, "warning")["code"], "client.misfit");
    player.event("s-1", object("s-1.c.i", "interaction.disposed", json!({})));
    assert_eq!(player.mirror("session", "s-1")["objects"].as_array().map(Vec::len), Some(2), "and all beneath it");

    let over = json!({"serviceId": "processor", "resourceId": "s-1", "reason": "superseded", "client": "x", "at": 1});
    let told = player.numbered(json!({"messageType": "coreEvent", "event": {"name": "resourceUnbound", "data": over}}));
    let ended = the(&told, "changed");
    assert_eq!([&ended["why"], &ended["client"], &ended["at"]], [&json!("superseded"), &json!("x"), &json!(1)]);
    assert!(player.desk.session("s-1").is_none());
}

#[test]
fn a_session_is_gone_with_its_link_and_the_application_is_told() {
    let mut player = Player::live();
    player.call(1, To::Service, "prepareSession", None, r#"{"agent":{"id":"1001","password":"x"}}"#);
    let asked = player.asked("prepareSession");
    player.respond(
        &asked,
        json!({"command": "prepareSession", "result": "success", "resource": {"id": "s-1", "data": {}}}),
    );
    player.close(1006);
    player.call(2, To::Resource("s-1"), "session.start", Some("s-1"), "{}");
    player.sent.clear();
    let told = player.come_back(&json!({"resumed": false, "reason": "gap", "resumeKey": "another"}));
    let ended = of_kind(&told, "changed").into_iter().find(|one| one["mirror"] == "session").expect("told");
    assert_eq!((&ended["key"], &ended["why"]), (&json!("s-1"), &json!("linkLost")));
    assert_eq!(the(&told, "answered")["failure"]["code"], "resource.unknown");
    assert_eq!(the(&player.serve(), "resnapshotted")["sessionsLost"], 1);
}

#[test]
fn a_journey_is_followed_to_its_end() {
    let mut player = Player::live();
    player.call(1, To::Reports, "report.calljourney.begin", None, r#"{"CallId":"c-1"}"#);
    player.serve();
    let asked = player.asked("report.calljourney.begin");
    player.succeed(&asked, &json!({}));
    let update = |steps: serde_json::Value| json!({"name": "report.calljourney.updated", "data": {"CallId": "c-1", "CallJourney": steps}, "at": 1});
    let told = player.event("reports", update(json!([{"CallId": "c-1"}])));
    assert_eq!(the(&told, "answered")["result"], "success");
    assert_eq!(player.mirror("journey", "c-1")["steps"], json!([{"CallId": "c-1"}]));
    player.event("reports", update(json!([1, 2])));
    assert_eq!(player.mirror("journey", "c-1")["steps"], json!([1, 2]));
    let over = json!({"name": "report.calljourney.ended", "data": {"CallId": "c-1"}, "at": 1});
    let told = player.event("reports", over);
    assert_eq!(of_kind(&told, "changed").last().expect("told")["why"], "over");
}
