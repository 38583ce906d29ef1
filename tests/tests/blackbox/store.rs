//! What is kept when a server ends, however it ends.

use std::process::{Output, Stdio};
use std::time::Duration;

use interaction_tests::expect::{code, succeeded};
use interaction_tests::server::{command, ended};
use interaction_tests::world::{self, AGENT, WRONG};
use interaction_tests::{Client, Fault, Kind, Server, Settings, strict};
use serde_json::{Value, json};

const CALLER: &str = "+15550100";

/// A world with one ready agent and one call that goes on.
fn long_call() -> Settings {
    let ready = world::state(AGENT, "Ready", "");
    let call = format!(
        "act = \"call\"\nqueue = \"General\"\nfrom = \"{CALLER}\"\nprompts_ms = 200\nring_ms = 200\ntalk_ms = 600000"
    );
    Settings::world(world::scripted(&[(100, &ready), (300, &call)]))
}

async fn recent(client: &mut Client) -> Result<Vec<Value>, Fault> {
    let recent = client.report("report.calljourney.recent", json!({"limit": 5})).await?;
    succeeded(&recent);
    Ok(recent["data"]["Calls"].as_array().cloned().unwrap_or_default())
}

async fn journey(client: &mut Client, id: &str) -> Result<Vec<Value>, Fault> {
    let body = client.report("report.calljourney", json!({"CallId": id})).await?;
    succeeded(&body);
    Ok(body["data"]["CallJourney"].as_array().cloned().unwrap_or_default())
}

/// Waits until the call is talked on; returns its id and its steps.
async fn talking(client: &mut Client) -> Result<(String, Vec<Value>), Fault> {
    for _ in 0..200 {
        // One that an earlier server knew goes on for nobody.
        if let Some(call) = recent(client).await?.iter().find(|call| call["Partial"] != true) {
            let id = call["CallId"].as_str().expect("an id").to_owned();
            let steps = journey(client, &id).await?;
            let last = steps.last().map_or("", |step| step["Description"].as_str().unwrap_or(""));
            if last.starts_with("talking") {
                return Ok((id, steps));
            }
        }
        client.read_for(Duration::from_millis(50)).await?;
    }
    Err(Fault::new(Kind::Unanswered, "nobody talks"))
}

#[tokio::test]
async fn steps_that_ended_a_second_before_a_kill_are_there_afterwards() -> Result<(), Fault> {
    let server = Server::start(long_call()).await?;
    let mut client = Client::bound(&server.address).await?;
    let (id, before) = talking(&mut client).await?;
    // The promise is for what ended more than a second before.
    tokio::time::sleep(Duration::from_secs(1)).await;
    let server = server.killed_and_started(Settings::default()).await?;
    let mut client = Client::bound(&server.address).await?;
    let after = journey(&mut client, &id).await?;
    assert_eq!(after.len(), before.len(), "{after:?}");
    let (last, ended) = after.split_last().expect("steps");
    assert_eq!(ended, &before[..before.len() - 1], "what had ended is as it was");
    assert_eq!(last["Partial"], true, "nobody knows how it went on: {last}");
    assert_eq!(last["StartedAt"], before[before.len() - 1]["StartedAt"]);
    let calls = recent(&mut client).await?;
    assert_eq!((calls.len(), &calls[0]["CallId"], &calls[0]["Partial"]), (1, &json!(id), &json!(true)), "{calls:?}");
    assert!(calls[0]["EndedAt"].is_u64(), "up to when it is known: {calls:?}");
    let none = client.report("report.calljourney.recent", json!({"number": "+1999"})).await?;
    assert_eq!(none["data"]["Calls"], json!([]));
    assert_eq!(code(&client.report("report.calljourney", json!({"CallId": "no-such"})).await?), "call.unknown");
    Ok(())
}

#[tokio::test]
async fn a_server_that_stops_keeps_what_it_knows_at_once() -> Result<(), Fault> {
    let stopping = |settings: Settings| settings.more("[server]\nshutdown-grace-ms = 50\n");
    let mut server = Server::start(stopping(long_call())).await?;
    let mut client = Client::bound(&server.address).await?;
    let (id, before) = talking(&mut client).await?;
    server.terminate()?;
    assert_eq!(server.ended(Duration::from_secs(10)).await?.code(), Some(0), "{}", server.log());
    let server = server.started_again(Settings::default()).await?;
    let mut client = Client::bound(&server.address).await?;
    let after = journey(&mut client, &id).await?;
    assert_eq!(after.len(), before.len(), "{after:?}");
    assert_eq!(after[after.len() - 1]["Partial"], true, "{after:?}");
    Ok(())
}

#[tokio::test]
async fn a_call_that_goes_on_when_the_server_is_back_has_both_its_parts() -> Result<(), Fault> {
    // The first server's world goes on in the second by its own ids, so the two parts are two calls there: what is shown is
    // that neither hides the other.
    let server = Server::start(long_call()).await?;
    let mut client = Client::bound(&server.address).await?;
    let (first, _) = talking(&mut client).await?;
    tokio::time::sleep(Duration::from_secs(1)).await;
    let server = server.killed_and_started(long_call()).await?;
    let mut client = Client::bound(&server.address).await?;
    let (second, _) = talking(&mut client).await?;
    assert_ne!(first, second);
    let calls = recent(&mut client).await?;
    let listed: Vec<(&str, bool)> =
        calls.iter().map(|call| (call["CallId"].as_str().unwrap_or(""), call["Partial"] == true)).collect();
    assert_eq!(listed, [(second.as_str(), false), (first.as_str(), true)]);
    Ok(())
}

#[tokio::test]
async fn a_store_in_memory_writes_no_file() -> Result<(), Fault> {
    let server = Server::start(long_call().more("\n[store]\nkind = \"memory\"\n")).await?;
    let mut client = Client::bound(&server.address).await?;
    talking(&mut client).await?;
    assert!(!server.directory.path().join("data").exists());
    let audit = audit(&server, &[]).await?;
    assert_eq!(audit.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&audit.stderr).contains("memory"));
    Ok(())
}

/// Runs `audit` on a server's configuration.
async fn audit(server: &Server, arguments: &[&str]) -> Result<Output, Fault> {
    let mut audit = command();
    audit.current_dir(server.directory.path()).args(["audit", "--config", "config.toml"]).args(arguments);
    let mut child = audit.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
    ended(&mut child, Duration::from_secs(15)).await?;
    Ok(child.wait_with_output()?)
}

#[tokio::test]
async fn the_audit_trail_is_read_beside_the_server() -> Result<(), Fault> {
    let server = Server::silent().await?;
    let mut client = Client::bound(&server.address).await?;
    client.prepare(AGENT, WRONG, false).await?;
    client.prepared(AGENT, AGENT, false).await?;
    client.prepared(world::COLLEAGUE, world::COLLEAGUE, false).await?;
    server.metric_is("store_waiting", 0.0).await?;
    let mut lines = Vec::new();
    for _ in 0..100 {
        let output = audit(&server, &["--json"]).await?;
        assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        lines = text.lines().map(strict::object).collect::<Result<Vec<Value>, _>>()?;
        if lines.len() == 3 {
            break;
        }
    }
    let told: Vec<(&str, &str)> = lines
        .iter()
        .map(|line| (line["action"].as_str().unwrap_or(""), line["agent"].as_str().unwrap_or("")))
        .collect();
    assert_eq!(told, [("sign-in", world::COLLEAGUE), ("sign-in", AGENT), ("refused", AGENT)], "newest first");
    assert_eq!(lines[2]["note"], "credentials.invalid");

    let of_agent = audit(&server, &["--agent", AGENT, "--since", "1h"]).await?;
    let text = String::from_utf8_lossy(&of_agent.stdout).into_owned();
    assert_eq!(text.lines().count(), 3, "a head and two lines: {text}");
    assert!(!text.contains(world::COLLEAGUE), "{text}");
    let last = audit(&server, &["--limit", "1", "--json"]).await?;
    assert_eq!(String::from_utf8_lossy(&last.stdout).lines().count(), 1);
    for (arguments, want) in [(&["--since", "soon"][..], "--since"), (&["--limit", "0"], "--limit")] {
        let wrong = audit(&server, arguments).await?;
        assert_eq!(wrong.status.code(), Some(2), "{arguments:?}");
        assert!(String::from_utf8_lossy(&wrong.stderr).contains(want), "{arguments:?}");
    }
    Ok(())
}

#[tokio::test]
async fn a_file_that_may_not_grow_is_told_and_survived() -> Result<(), Fault> {
    let full = "\n[store]\nfile-bytes-max = 1048576\njourneys-max = 1000000\n";
    let server = Server::start(Settings::world(world::busy(200)).more(full)).await?;
    server.metric_is("store_state{state=\"full\"}", 1.0).await?;
    let mut client = Client::bound(&server.address).await?;
    assert!(!recent(&mut client).await?.is_empty(), "what there is, is answered");
    let told = server.log().lines().filter(|line| line.contains("no room")).count();
    assert_eq!(told, 1, "once: {}", server.log());
    let (status, _) = interaction_tests::raw::http(
        &server.address,
        &format!("GET /readyz HTTP/1.1\r\nHost: {}\r\n\r\n", server.address),
    )
    .await?;
    assert_eq!(status, 200);
    Ok(())
}
