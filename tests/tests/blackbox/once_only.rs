//! A request that is sent again has its effect once, and its answer.

use std::time::Duration;

use interaction_tests::client::merge;
use interaction_tests::raw::Raw;
use interaction_tests::world::{self, AGENT, SUPERVISOR, WRONG};
use interaction_tests::{Client, Fault, Server, Settings};
use serde_json::{Value, json};

#[tokio::test]
async fn a_repeat_in_progress_does_nothing() -> Result<(), Fault> {
    let slow = world::scripted_with("command_latency_ms = 400", &[]);
    let server = Server::start(Settings::world(slow)).await?;
    let mut client = Client::bound(&server.address).await?;
    let data = json!({"agent": {"id": AGENT, "password": AGENT}});
    let mut request = client.service_request("prepareSession", data);
    merge(&mut request, json!({"requestId": "slow"}));
    for _ in 0..5 {
        client.request(request.clone()).await?;
    }
    let answer = client.answer("slow").await?;
    assert_eq!(answer["response"]["result"], "success", "{answer}");
    client.read_for(Duration::from_millis(600)).await
}

#[tokio::test]
async fn a_repeat_before_the_acknowledgement_does_nothing() -> Result<(), Fault> {
    let server = Server::silent().await?;
    let mut client = Client::bound(&server.address).await?;
    client.acknowledge_every = 0;
    let request = json!({"messageType": "coreRequest", "requestId": "one", "command": "getServices"});
    client.ask(request.clone()).await?;
    for _ in 0..5 {
        client.request(request.clone()).await?;
    }
    client.settle().await
}

#[tokio::test]
async fn a_repeat_after_the_acknowledgement_gets_the_same_answer() -> Result<(), Fault> {
    let server = Server::silent().await?;
    let mut client = Client::bound(&server.address).await?;
    let request = json!({"messageType": "coreRequest", "requestId": "one", "command": "getServices"});
    let first = client.ask(request.clone()).await?;
    client.acknowledge().await?;
    let again = client.ask(request.clone()).await?;
    assert_eq!(again["repeated"], true, "{again}");
    assert_eq!((&again["data"], &again["result"]), (&first["data"], &first["result"]));
    client.acknowledge().await?;
    assert_eq!(client.ask(request).await?["repeated"], true);
    Ok(())
}

#[tokio::test]
async fn identity_is_the_request_id_alone() -> Result<(), Fault> {
    let server = Server::silent().await?;
    let mut client = Client::bound(&server.address).await?;
    client.ask(json!({"messageType": "coreRequest", "requestId": "one", "command": "getServices"})).await?;
    client.acknowledge().await?;
    let mut other = client.report_request("report.teamstatus.begin", json!({"agentId": SUPERVISOR}));
    merge(&mut other, json!({"requestId": "one"}));
    let again = client.ask(other).await?;
    assert_eq!((&again["repeated"], &again["command"]), (&json!(true), &json!("getServices")), "{again}");
    Ok(())
}

#[tokio::test]
async fn a_repeated_effect_happens_once() -> Result<(), Fault> {
    let server = Server::silent().await?;
    let mut client = Client::bound(&server.address).await?;
    let mut request = client.service_request("prepareSession", json!({"agent": {"id": AGENT, "password": AGENT}}));
    merge(&mut request, json!({"requestId": "prepare"}));
    let first = client.ask(request.clone()).await?;
    assert_eq!(first["response"]["resource"]["data"]["agent"]["password"], AGENT, "live, the echo is whole: {first}");
    client.acknowledge().await?;
    let again = client.ask(request).await?;
    assert_eq!(again["response"]["resource"]["id"], first["response"]["resource"]["id"], "{again}");
    assert_eq!(again["response"]["resource"]["data"]["agent"]["password"], Value::Null, "{again}");
    Ok(())
}

#[tokio::test]
async fn a_replayed_answer_carries_no_password() -> Result<(), Fault> {
    let server = Server::silent().await?;
    let mut client = Client::bound(&server.address).await?;
    client.acknowledge_every = 0;
    client.settle().await?;
    let (key, seq) = (client.resume_key().to_owned(), client.ledger.last());
    client.prepare(AGENT, WRONG, false).await?;
    client.lose_gracefully().await?;
    let mut raw = Raw::open(&server.address).await?;
    raw.text(&json!({"messageType": "connect", "requestId": "c", "resume": {"key": key, "seq": seq}}).to_string())
        .await?;
    assert_eq!(raw.message().await?["resumed"], true);
    let replayed = raw.message().await?;
    assert_eq!(replayed["seq"], seq + 1);
    assert_eq!(replayed["response"]["original"]["data"]["agent"], json!({"id": AGENT, "password": null}), "{replayed}");
    Ok(())
}

#[tokio::test]
async fn the_last_two_hundred_and_fifty_six_are_remembered() -> Result<(), Fault> {
    let server = Server::start(Settings::default().limit("requests-per-second", 100_000)).await?;
    let mut client = Client::bound(&server.address).await?;
    let request =
        |n: u64| json!({"messageType": "coreRequest", "requestId": format!("n{n}"), "command": "getServices"});
    for n in 0..300 {
        client.ask(request(n)).await?;
    }
    client.acknowledge().await?;
    for n in [299, 200, 44] {
        assert_eq!(client.ask(request(n)).await?["repeated"], true, "n{n}");
        client.acknowledge().await?;
    }
    client.ledger.forget("n10");
    let afresh = client.ask(request(10)).await?;
    assert!(afresh.get("repeated").is_none(), "forgotten, so asked afresh: {afresh}");
    Ok(())
}
