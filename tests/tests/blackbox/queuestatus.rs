//! Queue status over a socket: a snapshot and its differences, through a call's life, a lost socket and wrong requests. The
//! mirror of the test client notices by itself what cannot happen.

use std::time::Duration;

use interaction_tests::expect::{invalid, refused, succeeded};
use interaction_tests::world::{self, AGENT, SUPERVISOR};
use interaction_tests::{Client, Fault, Server, Settings};
use serde_json::{Value, json};

/// Waits for an event after which the queue looks as wanted.
async fn until(client: &mut Client, what: &str, wanted: impl Fn(&Value) -> bool) -> Result<Value, Fault> {
    let event = client
        .event(what, |event| {
            let name = event["event"]["name"].as_str().unwrap_or_default();
            name.starts_with("report.queuestatus.") && wanted(&event["event"]["data"]["queue"])
        })
        .await?;
    Ok(event["event"]["data"]["queue"].clone())
}

#[tokio::test]
async fn a_call_is_seen_waiting_answered_and_given_up() -> Result<(), Fault> {
    let call = |patience: &str| {
        format!(
            "act = \"call\"\nqueue = \"General\"\nfrom = \"+15550100\"\nprompts_ms = 100\nring_ms = 100\ntalk_ms = 500{patience}"
        )
    };
    let (first, ready) = (call(""), world::state(AGENT, "Ready", ""));
    let server = Server::start(Settings::world(world::scripted(&[(1500, &first), (2500, &ready)]))).await?;
    let mut client = Client::bound(&server.address).await?;
    let begun = client.report("report.queuestatus.begin", json!({"agentId": SUPERVISOR})).await?;
    succeeded(&begun);
    assert_eq!(begun["data"], json!({}));
    let added = until(&mut client, "a queue", |queue| queue["queueName"] == "General").await?;
    assert_eq!((added["waiting"].clone(), added["agents"]["loggedout"].clone()), (json!(0), json!(60)));
    assert_eq!(added["today"]["partial"], true, "the server was started today");
    let waits = until(&mut client, "a call that waits", |queue| queue["waiting"] == 1).await?;
    assert!(waits["longestWaitSince"].is_u64());
    let answered = until(&mut client, "an answer", |queue| queue["today"]["answered"] == 1).await?;
    assert_eq!((answered["waiting"].clone(), answered["today"]["abandoned"].clone()), (json!(0), json!(0)));
    until(&mut client, "a talk", |queue| queue["agents"]["talking"] == 1).await?;
    client.settle().await?;
    // A second begin doubles nothing, and says what the events said.
    let before = client.queues(SUPERVISOR).expect("a subscription").clone();
    succeeded(&client.report("report.queuestatus.begin", json!({"agentId": SUPERVISOR})).await?);
    client.read_for(Duration::from_millis(50)).await?;
    assert_eq!(client.queues(SUPERVISOR).expect("a subscription").len(), before.len());
    succeeded(&client.report("report.queuestatus.end", json!({"agentId": SUPERVISOR})).await?);
    succeeded(&client.report("report.queuestatus.end", json!({"agentId": SUPERVISOR})).await?);
    client.settle().await
}

#[tokio::test]
async fn a_busy_centre_is_followed_across_a_lost_socket() -> Result<(), Fault> {
    let server = Server::start(Settings::world(world::busy(20))).await?;
    let mut client = Client::bound(&server.address).await?;
    succeeded(&client.report("report.queuestatus.begin", json!({"agentId": SUPERVISOR})).await?);
    until(&mut client, "a change", |queue| queue["today"]["answered"].as_u64() > Some(0)).await?;
    client.lose_abruptly();
    client.resume().await?;
    let first = client.queues(SUPERVISOR).expect("a subscription").clone();
    until(&mut client, "a change after it", |queue| {
        first.get(queue["queueId"].as_str().unwrap_or_default()) != Some(queue)
    })
    .await?;
    client.settle().await
}

#[tokio::test]
async fn wrong_requests_are_refused_in_the_order_of_team_status() -> Result<(), Fault> {
    let server = Server::silent().await?;
    let mut client = Client::bound(&server.address).await?;
    for command in ["report.queuestatus.begin", "report.queuestatus.end"] {
        invalid(&client.report(command, json!({})).await?, "data.agentId");
        invalid(&client.report(command, json!({"agentId": 7})).await?, "data.agentId");
    }
    refused(&client.report("report.queuestatus.begin", json!({"agentId": "nobody"})).await?, "agent.unknown");
    client.settle().await
}
