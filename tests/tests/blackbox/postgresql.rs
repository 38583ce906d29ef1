//! The store on a PostgreSQL that servers share.

use std::time::Duration;

use interaction_tests::expect::{code, retries, succeeded};
use interaction_tests::postgres::PASSWORD;
use interaction_tests::world::{self, AGENT};
use interaction_tests::{Client, Fault, Kind, Postgres, Server, Settings};
use serde_json::{Value, json};

/// A world with a call at once, and one from `late` after so many milliseconds; both are short.
fn calls(late_ms: u64) -> Settings {
    let ready = world::state(AGENT, "Ready", "");
    let call = |from: &str| {
        format!(
            "act = \"call\"\nqueue = \"General\"\nfrom = \"{from}\"\nprompts_ms = 100\nring_ms = 100\ntalk_ms = 300"
        )
    };
    let (first, second) = (call("+1001"), call("+1002"));
    Settings::world(world::scripted(&[(100, &ready), (200, &first), (late_ms, &second)]))
}

/// Waits until the store, not the engine, of a silent server lists a call from `number`.
async fn kept(client: &mut Client, number: &str) -> Result<Value, Fault> {
    for _ in 0..400 {
        let recent = client.report("report.calljourney.recent", json!({"number": number})).await?;
        if let Some(call) = recent["data"]["Calls"].as_array().and_then(|calls| calls.first()) {
            return Ok(call.clone());
        }
        client.read_for(Duration::from_millis(50)).await?;
    }
    Err(Fault::new(Kind::Unanswered, format!("no call from {number} is kept")))
}

#[tokio::test]
async fn servers_that_start_at_once_on_an_empty_database_share_it() -> Result<(), Fault> {
    let postgres = Postgres::start().await?;
    let store = postgres.store();
    let named =
        |name: &str, settings: Settings| settings.more(&store).more(&format!("[server]\ninstance = \"{name}\"\n"));
    let (busy, silent, another) = tokio::join!(
        Server::start(named("a", calls(100_000))),
        Server::start(named("b", Settings::default())),
        Server::start(named("c", Settings::default())),
    );
    let (mut busy, mut silent, mut another) = (busy?, silent?, another?);
    for server in [&mut busy, &mut silent, &mut another] {
        server.never_keeps(PASSWORD);
        server.metric_is("store_state{state=\"working\"}", 1.0).await?;
        assert!(!server.directory.path().join("data").exists(), "no file beside the database");
    }
    let mut client = Client::bound(&silent.address).await?;
    let call = kept(&mut client, "+1001").await?;
    let steps = client.report("report.calljourney", json!({"CallId": call["CallId"]})).await?;
    succeeded(&steps);
    assert!(steps["data"]["CallJourney"].as_array().is_some_and(|steps| steps.len() > 2), "{steps}");

    // Each one's audit trail is in it, too.
    for server in [&busy, &another] {
        let mut client = Client::bound(&server.address).await?;
        client.prepared(AGENT, AGENT, false).await?;
    }
    let mut told = 0;
    for _ in 0..100 {
        let mut audit = interaction_tests::server::command();
        audit.current_dir(silent.directory.path()).args(["audit", "--config", "config.toml", "--json"]);
        let output = audit.output()?;
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        told = String::from_utf8_lossy(&output.stdout).lines().count();
        if told == 2 {
            break;
        }
    }
    assert_eq!(told, 2);
    Ok(())
}

#[tokio::test]
async fn a_database_that_goes_away_is_told_waited_for_and_caught_up_with() -> Result<(), Fault> {
    let mut postgres = Postgres::start().await?;
    let mut busy = Server::start(calls(4_000).more(&postgres.store())).await?;
    let mut silent = Server::start(Settings::default().more(&postgres.store())).await?;
    let mut asking = Client::bound(&silent.address).await?;
    let call = kept(&mut asking, "+1001").await?;
    postgres.stop()?;
    let mut watching = Client::bound(&busy.address).await?;
    // The second call comes and goes while nobody keeps it.
    busy.metric_is("store_state{state=\"away\"}", 1.0).await?;
    let body = asking.report("report.calljourney", json!({"CallId": call["CallId"]})).await?;
    assert_eq!(code(&body), "internal.error", "{body}");
    retries(&body);
    let lines = |server: &Server| server.log().lines().filter(|line| line.contains("cannot be used")).count();
    assert_eq!(lines(&busy), 1, "once: {}", busy.log());
    for _ in 0..200 {
        let recent = watching.report("report.calljourney.recent", json!({"number": "+1002"})).await?;
        if code_or_empty(&recent) == "internal.error" && busy.metric("store_waiting").await? > 0.0 {
            break;
        }
        watching.read_for(Duration::from_millis(50)).await?;
    }
    assert!(busy.metric("store_waiting").await? > 0.0);
    postgres.start_again().await?;
    busy.metric_is("store_state{state=\"working\"}", 1.0).await?;
    kept(&mut asking, "+1002").await?;
    assert_eq!(busy.metric("store_lost_total").await?, 0.0);
    for server in [&mut busy, &mut silent] {
        server.never_keeps(PASSWORD);
    }
    Ok(())
}

fn code_or_empty(body: &Value) -> &str {
    body["failure"]["code"].as_str().unwrap_or("")
}

#[tokio::test]
async fn a_wrong_password_is_told_without_it_and_stops_nothing() -> Result<(), Fault> {
    let postgres = Postgres::start().await?;
    let directory = tempfile::TempDir::new()?;
    let file = directory.path().join("password");
    std::fs::write(&file, "wr0ng/passw%rd\n")?;
    let store = postgres.store_with(&format!("password-file = {file:?}"));
    let mut server = Server::start(Settings::default().more(&store)).await?;
    server.never_keeps("wr0ng");
    server.metric_is("store_state{state=\"away\"}", 1.0).await?;
    assert!(server.log().contains("password authentication failed"), "{}", server.log());
    let mut client = Client::bound(&server.address).await?;
    client.watch(world::SUPERVISOR, 1).await?;
    Ok(())
}
