//! The test client notices every lie, and believes an honest server.

use std::time::Duration;

use interaction_tests::liar::{Liar, Lie};
use interaction_tests::mirror::Mirror;
use interaction_tests::{Client, Fault, Kind};
use serde_json::{Value, json};

/// Everything the lies are about: requests, events, a repeat, a lost socket, an end.
async fn converse(address: &str) -> Result<(), Fault> {
    let mut client = Client::connect(address).await?;
    client.patience = Duration::from_millis(400);
    client.bind_all().await?;
    client.settle().await?;
    client.watch("a1", 1).await?;
    client.settle().await?;
    client.report("no.such", json!({"x": [1, {"password": "p"}]})).await?;
    client.acknowledge().await?;
    let mut again = client.report_request("no.such", json!({"x": [1, {"password": "p"}]}));
    again["requestId"] = json!("again");
    client.ask(again.clone()).await?;
    client.acknowledge().await?;
    let repeated = client.ask(again).await?;
    assert_eq!(repeated["repeated"], true, "{repeated}");

    // The server sends what this socket never reads: it must come again on the next.
    let mut unread = client.report_request("report.teamstatus.begin", json!({"agentId": "a1"}));
    unread["requestId"] = json!("unread");
    client.request(unread).await?;
    tokio::time::sleep(Duration::from_millis(50)).await;
    client.lose_abruptly();
    client.resume().await?;
    client.answer("unread").await?;
    client.settle().await?;
    client.lose_gracefully().await?;
    client.resume().await?;
    client.report("report.teamstatus.end", json!({"agentId": "a1"})).await?;
    client.settle().await?;
    client.all_answered()
}

async fn notices(lie: Lie, kind: Kind) {
    let liar = Liar::start(lie).await.expect("a port");
    match converse(&liar.address).await {
        Err(fault) => assert_eq!(fault.kind, kind, "{lie:?} was taken for {fault}"),
        Ok(()) => panic!("{lie:?} went unnoticed"),
    }
}

#[tokio::test]
async fn an_honest_server_is_believed() {
    let liar = Liar::start(Lie::None).await.expect("a port");
    converse(&liar.address).await.expect("no fault");
}

#[tokio::test]
async fn holes_duplicates_and_reordering_are_noticed() {
    notices(Lie::LeavesOutANumber, Kind::Hole).await;
    notices(Lie::SendsAMessageTwice, Kind::Stale).await;
    notices(Lie::SwapsTwoMessages, Kind::Hole).await;
    notices(Lie::NumbersAPong, Kind::Numbering).await;
    notices(Lie::LeavesANumberAway, Kind::Numbering).await;
}

#[tokio::test]
async fn wrong_answers_are_noticed() {
    notices(Lie::AnswersTwice, Kind::AnsweredTwice).await;
    notices(Lie::NeverAnswers, Kind::Unanswered).await;
    notices(Lie::AnswersNobody, Kind::AnswerUnasked).await;
    notices(Lie::AnswersAnotherCommand, Kind::AnswerWrong).await;
    notices(Lie::AnswersUnderAnotherId, Kind::AnswerWrong).await;
    notices(Lie::EchoesSomethingElse, Kind::AnswerWrong).await;
    notices(Lie::SaysRepeatedUnasked, Kind::AnswerUnasked).await;
    notices(Lie::RepeatsAnotherAnswer, Kind::AnswerWrong).await;
}

#[tokio::test]
async fn wrong_resuming_is_noticed() {
    notices(Lie::ResumesWithAHole, Kind::Hole).await;
    notices(Lie::ResumesWithADuplicate, Kind::Stale).await;
    notices(Lie::ResumesAnotherLink, Kind::Resume).await;
    notices(Lie::ResumesWithoutBeingAsked, Kind::Resume).await;
    notices(Lie::ForgetsToSayResumed, Kind::Resume).await;
    notices(Lie::StartsAfreshWithoutReason, Kind::Grammar).await;
    notices(Lie::StartsAfreshWithTheOldKey, Kind::Resume).await;
    notices(Lie::SendsAfterLinkMoved, Kind::Unexpected).await;
}

#[tokio::test]
async fn a_server_that_answers_nothing_is_given_up() {
    let liar = Liar::start(Lie::NeverAnswersConnect).await.expect("a port");
    let mut client = Client::new(&liar.address);
    client.patience = Duration::from_millis(400);
    let fault = client.open(json!({})).await.expect_err("connected to nothing");
    assert_eq!(fault.kind, Kind::Unanswered, "{fault}");
    notices(Lie::DropsTheConnection, Kind::Closed).await;
}

#[tokio::test]
async fn wrong_forms_are_noticed() {
    notices(Lie::SendsBinary, Kind::Grammar).await;
    notices(Lie::SendsAnArray, Kind::Grammar).await;
    notices(Lie::NamesAPropertyTwice, Kind::Grammar).await;
    notices(Lie::InventsAClass, Kind::Grammar).await;
    notices(Lie::InventsACode, Kind::Grammar).await;
    notices(Lie::FailsWithoutOriginal, Kind::Grammar).await;
    notices(Lie::FailsWithoutRemedy, Kind::Grammar).await;
    notices(Lie::LeavesOutARequiredProperty, Kind::Grammar).await;
    notices(Lie::CallsATalkingMemberReady, Kind::Grammar).await;
    notices(Lie::TellsMembersOutOfOrder, Kind::Grammar).await;
    notices(Lie::AddsNobody, Kind::Grammar).await;
}

#[tokio::test]
async fn impossible_rosters_are_noticed() {
    notices(Lie::AddsATeamTwice, Kind::Roster).await;
    notices(Lie::AddsAMemberTwice, Kind::Roster).await;
    notices(Lie::ChangesAnUnknownMember, Kind::Roster).await;
    notices(Lie::RemovesAnUnknownMember, Kind::Roster).await;
    notices(Lie::RemovesAnUnknownTeam, Kind::Roster).await;
    notices(Lie::TellsADifferenceThatIsNone, Kind::Roster).await;
    notices(Lie::ChangesANameInPlace, Kind::Roster).await;
    notices(Lie::RenamesToTheSameName, Kind::Roster).await;
    notices(Lie::SnapshotDiffersFromItsEvents, Kind::Roster).await;
    notices(Lie::TellsAfterTheEnd, Kind::Roster).await;
    notices(Lie::TellsWithoutSubscription, Kind::Roster).await;
}

/// A mirror that has bound the session `s`, with these events taken in.
fn session(events: &[Value]) -> Result<(), Fault> {
    let mut mirror = Mirror::default();
    let bind = json!({"messageType": "coreRequest", "command": "bindResource", "resourceId": "s"});
    mirror.answered(&bind, &json!({"result": "success"}));
    events
        .iter()
        .try_for_each(|event| mirror.event(&json!({"messageType": "resourceEvent", "resourceId": "s", "event": event})))
}

fn object(target: &str, name: &str, data: Value) -> Value {
    json!({"messageType": "objectEvent", "target": target, "name": name, "data": data, "at": 1})
}

fn state(target: &str, state: &str, actions: Value) -> Value {
    json!({"messageType": "stateEvent", "target": target, "name": "state.updated", "state": state, "since": 1, "data": actions})
}

#[test]
fn impossible_session_objects_are_noticed() {
    let channel = object("s", "channel.created", json!({"channel": {"id": "c"}}));
    let interaction = object("s.c", "interaction.created", json!({"interaction": {"id": "i"}}));
    let enable = json!([{"name": "channel.ready", "type": "enable"}]);
    let ended = object("s.c.i", "interaction.ended", json!({}));
    let gone = |target: &str, kind: &str| object(target, &format!("{kind}.disposed"), json!({}));
    let honest = [
        channel.clone(),
        state("s.c", "ACTIVE", enable.clone()),
        interaction.clone(),
        ended.clone(),
        gone("s.c.i", "interaction"),
        state("s.c", "INACTIVE", json!([])),
        gone("s.c", "channel"),
        state("s", "INITIALIZED", json!([])),
        object("s", "session.initialized", json!({})),
    ];
    session(&honest).expect("no fault");

    let lies: [(&str, Vec<Value>); 10] = [
        ("created twice", vec![channel.clone(), channel.clone()]),
        ("created again after its end", vec![channel.clone(), gone("s.c", "channel"), channel.clone()]),
        (
            "beneath nothing",
            vec![channel.clone(), object("s.x", "interaction.created", json!({"interaction": {"id": "i"}}))],
        ),
        ("disposed twice", vec![channel.clone(), gone("s.c", "channel"), gone("s.c", "channel")]),
        ("after its end", vec![channel.clone(), gone("s.c", "channel"), state("s.c", "ACTIVE", json!([]))]),
        ("disposed before what is beneath", vec![channel.clone(), interaction.clone(), gone("s.c", "channel")]),
        ("ended twice", vec![channel.clone(), interaction.clone(), ended.clone(), ended.clone()]),
        ("of another kind", vec![channel.clone(), object("s.c", "interaction.ended", json!({}))]),
        ("no change", vec![channel.clone(), state("s.c", "ACTIVE", enable.clone()), state("s.c", "ACTIVE", json!([]))]),
        ("enabled twice", vec![channel, state("s.c", "ACTIVE", enable.clone()), state("s.c", "INACTIVE", enable)]),
    ];
    for (what, events) in lies {
        let fault = session(&events).expect_err(what);
        assert_eq!(fault.kind, Kind::Objects, "{what}: {fault}");
    }
}
