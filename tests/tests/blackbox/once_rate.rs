//! Requests beyond the rate are done once or not at all, on a WebSocket, where their refusals are messages of the link.

use std::time::Duration;

use interaction_tests::client::merge;
use interaction_tests::expect::{refused, retries};
use interaction_tests::world::{self, AGENT};
use interaction_tests::{Client, Fault, Server, Settings};
use serde_json::json;

#[tokio::test]
async fn a_repeat_beyond_the_rate_keeps_its_one_answer() -> Result<(), Fault> {
    let slow = world::scripted_with("command_latency_ms = 800", &[]);
    let server = Server::start(Settings::world(slow).limit("requests-per-second", 5)).await?;
    let mut client = Client::bound(&server.address).await?;
    tokio::time::sleep(Duration::from_millis(1100)).await;
    let mut request = client.service_request("prepareSession", json!({"agent": {"id": AGENT, "password": AGENT}}));
    merge(&mut request, json!({"requestId": "slow"}));
    client.request(request.clone()).await?;
    for _ in 0..4 {
        client.core_success("getServices", json!({})).await?;
    }
    client.request(request).await?;
    let limited = client.event("refusal", |event| event["messageType"] == "coreError").await?;
    refused(&limited, "rate.limited");
    assert_eq!(client.answer("slow").await?["response"]["result"], "success");
    client.read_for(Duration::from_millis(300)).await
}

#[tokio::test]
async fn what_was_turned_away_for_the_rate_may_be_sent_again() -> Result<(), Fault> {
    let server = Server::start(Settings::default().limit("requests-per-second", 5)).await?;
    let mut client = Client::bound(&server.address).await?;
    tokio::time::sleep(Duration::from_millis(1100)).await;
    for _ in 0..5 {
        client.core_success("getServices", json!({})).await?;
    }
    let request = json!({"messageType": "coreRequest", "requestId": "sixth", "command": "getServices"});
    let limited = client.ask(request.clone()).await?;
    refused(&limited, "rate.limited");
    retries(&limited);
    tokio::time::sleep(Duration::from_millis(limited["failure"]["retryAfterMs"].as_u64().unwrap_or(0) + 50)).await;
    let answer = client.ask(request).await?;
    assert_eq!((&answer["result"], answer.get("repeated")), (&json!("success"), None), "{answer}");
    Ok(())
}
