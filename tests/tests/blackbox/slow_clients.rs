//! Clients that do not read, do not acknowledge, or ask for more than fits: each is held within its bounds, and nobody else waits.

use std::time::Duration;

use interaction_tests::expect::{code, retries};
use interaction_tests::raw::Raw;
use interaction_tests::world::{self, SUPERVISOR};
use interaction_tests::{Client, Fault, Server, Settings};
use serde_json::json;

#[tokio::test]
async fn that_never_read_are_cut_and_disturb_nobody() -> Result<(), Fault> {
    let settings = Settings::default().limit("pending-bytes", 1 << 20).limit("replay-bytes", 2 << 20);
    let server = Server::start(settings.limit("requests-per-second", 100_000)).await?;
    let mut witness = Client::bound(&server.address).await?;
    let before = server.memory();
    let (mut raw, connected) = Raw::connected(&server.address).await?;
    let bind = json!({"messageType": "coreRequest", "requestId": "b", "command": "bindService", "serviceId": witness.service_id()});
    raw.text(&bind.to_string()).await?;
    raw.message().await?;
    // Each answer echoes its request of 50 kB: 50 MB in all.
    let filler = "x".repeat(50_000);
    for n in 0..1000 {
        let request = json!({"messageType": "serviceRequest", "requestId": format!("r{n}"), "serviceId": witness.service_id(),
            "request": {"command": "no.such", "data": filler}});
        if raw.text(&request.to_string()).await.is_err() {
            break;
        }
        if n % 100 == 0 {
            witness.settle().await?;
        }
    }
    let began = std::time::Instant::now();
    witness.settle().await?;
    assert!(began.elapsed() < Duration::from_millis(500), "others wait {:?}", began.elapsed());
    let grown = server.memory().saturating_sub(before);
    assert!(grown < 32 << 20, "{} MiB more", grown >> 20);
    let closed = raw.closed(Duration::from_secs(10)).await?;
    assert!(closed.is_none() || closed == Some(4008), "{closed:?}");
    let mut again = Raw::open(&server.address).await?;
    again
        .text(
            &json!({"messageType": "connect", "requestId": "c", "resume": {"key": connected["resumeKey"], "seq": 1}})
                .to_string(),
        )
        .await?;
    let resumed = again.message().await?;
    assert!(resumed["resumed"] == true || resumed["reason"] == "gap", "{resumed}");
    Ok(())
}

#[tokio::test]
async fn that_read_but_never_acknowledge_are_never_closed_for_it() -> Result<(), Fault> {
    let settings = Settings::world(world::busy(60)).limit("replay-bytes", 16_384);
    let server = Server::start(settings.limit("pending-bytes", 262_144)).await?;
    let mut client = Client::bound(&server.address).await?;
    client.acknowledge_every = 0;
    client.watch(SUPERVISOR, 1).await?;
    client.read_for(Duration::from_secs(2)).await?;
    for _ in 0..60 {
        client.core_success("getServices", json!({})).await?;
    }
    assert!(client.ledger.last() > 60 && client.ledger.acknowledged() == 0);
    client.watch(SUPERVISOR, 1).await
}

#[tokio::test]
async fn that_ask_too_much_at_once_are_told_to_wait() -> Result<(), Fault> {
    let one_team = world::scripted_with("[people]\nagents = 2000\n[teams]\ncount = 1", &[]);
    let settings = Settings::world(one_team).limit("pending-bytes", 2_200_000).limit("requests-per-second", 10_000);
    let server = Server::start(settings).await?;
    let (mut raw, _) = Raw::connected(&server.address).await?;
    let client = Client::bound(&server.address).await?;
    let (service, reports) = (client.service_id().to_owned(), client.reports_id().to_owned());
    for (id, command) in [("s", "bindService"), ("r", "bindResource")] {
        raw.text(
            &json!({"messageType": "coreRequest", "requestId": id, "command": command, "serviceId": service,
            "resourceId": reports})
            .to_string(),
        )
        .await?;
        raw.message().await?;
    }
    // A snapshot has some 400 kB: five fit, and the refusals beside them.
    for n in 0..60 {
        raw.text(
            &json!({"messageType": "resourceRequest", "requestId": format!("n{n}"), "serviceId": service,
            "resourceId": reports, "request": {"command": "report.teamstatus.begin", "data": {"agentId": SUPERVISOR}}})
            .to_string(),
        )
        .await?;
    }
    tokio::time::sleep(Duration::from_millis(500)).await;
    let (mut snapshots, mut limited) = (0, Vec::new());
    for _ in 0..60 {
        let answer = loop {
            let message = raw.message().await?;
            if message["messageType"] != "resourceEvent" {
                break message;
            }
        };
        if code(&answer["response"]) == "rate.limited" {
            limited.push(answer["response"].clone());
        } else {
            snapshots += 1;
        }
    }
    assert!(snapshots > 0 && !limited.is_empty(), "{snapshots} snapshots, {} refusals", limited.len());
    retries(&limited[0]);
    works_after_events(&mut raw).await
}

async fn works_after_events(raw: &mut Raw) -> Result<(), Fault> {
    raw.text(r#"{"messageType":"ping"}"#).await?;
    while raw.message().await?["messageType"] != "pong" {}
    Ok(())
}
