//! Call journeys: the steps of a call, by any of its legs, finished or going on.

use std::time::Duration;

use interaction_tests::expect::{invalid, refused, succeeded};
use interaction_tests::grammar::is_duration;
use interaction_tests::world::{self, AGENT};
use interaction_tests::{Client, Fault, Kind, Server, Settings};
use serde_json::{Value, json};

const CALLER: &str = "+15550100";

/// A world with one ready agent and one call that is prompted, rings and talks.
fn one_call(at_ms: u64, talk_ms: u64) -> String {
    let ready = world::state(AGENT, "Ready", "");
    let call = format!(
        "act = \"call\"\nqueue = \"General\"\nfrom = \"{CALLER}\"\nprompts_ms = 200\nring_ms = 200\ntalk_ms = {talk_ms}"
    );
    world::scripted(&[(100, &ready), (at_ms, &call)])
}

/// Waits until the newest call is there, and returns it.
async fn newest_call(client: &mut Client) -> Result<Value, Fault> {
    for _ in 0..100 {
        let recent = client.report("report.calljourney.recent", json!({"limit": 1})).await?;
        succeeded(&recent);
        if recent["data"]["Calls"][0].is_object() {
            return Ok(recent["data"]["Calls"][0].clone());
        }
        client.read_for(Duration::from_millis(50)).await?;
    }
    Err(Fault::new(Kind::Unanswered, "no call came"))
}

async fn journey(client: &mut Client, id: &str) -> Result<Vec<Value>, Fault> {
    let body = client.report("report.calljourney", json!({"CallId": id})).await?;
    succeeded(&body);
    Ok(body["data"]["CallJourney"].as_array().cloned().unwrap_or_default())
}

#[tokio::test]
async fn a_finished_call_tells_where_it_was_and_how_long() -> Result<(), Fault> {
    let server = Server::start(Settings::world(one_call(300, 2_300))).await?;
    let mut client = Client::bound(&server.address).await?;
    let call = newest_call(&mut client).await?;
    assert!(call.get("EndedAt").is_none(), "a running call is listed too: {call}");
    assert_eq!(call["From"], CALLER, "{call}");
    let id = call["CallId"].as_str().expect("an id");
    tokio::time::sleep(Duration::from_secs(4)).await;
    let steps = journey(&mut client, id).await?;
    let kinds: Vec<&str> = steps.iter().filter_map(|step| step["DeviceType"].as_str()).collect();
    let way: Vec<&str> = kinds.iter().copied().filter(|kind| *kind != "External").collect();
    assert!(
        way.is_sorted_by_key(|kind| ["Trigger", "IVR", "CSQ", "Agent"].iter().position(|known| known == kind)),
        "{steps:?}"
    );
    assert!(["Trigger", "IVR", "CSQ", "Agent"].iter().all(|kind| way.contains(kind)), "{steps:?}");
    let started: Vec<u64> = steps.iter().filter_map(|step| step["StartedAt"].as_u64()).collect();
    assert!(started.is_sorted() && started.len() == steps.len(), "oldest first: {steps:?}");
    let talked = steps.iter().any(|step| {
        step["DeviceType"] == "Agent" && ["00:00:02", "00:00:03"].contains(&step["Duration"].as_str().unwrap_or(""))
    });
    assert!(talked, "{steps:?}");
    assert!(steps.iter().all(|step| step.get("Partial").is_none_or(|partial| *partial == false)), "{steps:?}");
    let recent = newest_call(&mut client).await?;
    assert!(recent["EndedAt"].is_u64(), "{recent}");
    assert_eq!(journey(&mut client, id).await?, steps, "a finished call does not change");
    Ok(())
}

#[tokio::test]
async fn a_running_call_counts_on() -> Result<(), Fault> {
    let server = Server::start(Settings::world(one_call(300, 20_000))).await?;
    let mut client = Client::bound(&server.address).await?;
    let id = newest_call(&mut client).await?["CallId"].as_str().expect("an id").to_owned();
    tokio::time::sleep(Duration::from_millis(1500)).await;
    let before = journey(&mut client, &id).await?;
    tokio::time::sleep(Duration::from_millis(2100)).await;
    let after = journey(&mut client, &id).await?;
    let last = |steps: &[Value]| steps.last().and_then(|step| step["Duration"].as_str()).unwrap_or_default().to_owned();
    assert_eq!(before.len(), after.len());
    assert!(is_duration(&last(&after)) && last(&before) < last(&after), "{before:?} {after:?}");
    Ok(())
}

#[tokio::test]
async fn a_call_is_followed_live_to_its_end() -> Result<(), Fault> {
    let server = Server::start(Settings::world(one_call(800, 1_500))).await?;
    let mut client = Client::bound(&server.address).await?;
    let id = newest_call(&mut client).await?["CallId"].clone();
    succeeded(&client.report("report.calljourney.begin", json!({"CallId": id})).await?);
    let first = client.event_named("report.calljourney.updated").await?;
    assert_eq!(first["event"]["data"]["CallId"], id, "{first}");
    let mut devices = Vec::new();
    loop {
        let event = client.event("journey", |event| event["messageType"] == "resourceEvent").await?;
        assert_eq!(event["event"]["data"]["CallId"], id, "{event}");
        if event["event"]["name"] == "report.calljourney.ended" {
            break;
        }
        let steps = event["event"]["data"]["CallJourney"].as_array().cloned().unwrap_or_default();
        devices = steps.iter().filter_map(|step| step["DeviceType"].as_str().map(str::to_owned)).collect();
    }
    assert!(devices.iter().any(|device| device == "Agent"), "{devices:?}");
    client.read_for(Duration::from_millis(500)).await?;
    assert_eq!(client.take_events(), Vec::<Value>::new(), "nothing follows the end");
    Ok(())
}

#[tokio::test]
async fn a_live_journey_is_not_told_for_time_passing_and_stops_when_asked() -> Result<(), Fault> {
    let server = Server::start(Settings::world(one_call(300, 30_000))).await?;
    let mut client = Client::bound(&server.address).await?;
    let id = newest_call(&mut client).await?["CallId"].clone();
    tokio::time::sleep(Duration::from_millis(1500)).await;
    succeeded(&client.report("report.calljourney.begin", json!({"CallId": id})).await?);
    client.event_named("report.calljourney.updated").await?;
    client.read_for(Duration::from_millis(2200)).await?;
    assert_eq!(client.take_events(), Vec::<Value>::new());
    for _ in 0..2 {
        succeeded(&client.report("report.calljourney.end", json!({"CallId": id})).await?);
    }
    client.read_for(Duration::from_millis(300)).await
}

#[tokio::test]
async fn any_leg_finds_the_whole_journey() -> Result<(), Fault> {
    let keys = "speed = 40\n[people]\nlogged_in_permille = 1000\nready_permille = 1000\n[[queues]]\nname = \"General\"\ncalls_per_hour = 600\n\
                [calls]\nblind_transfer_permille = 500\nconsult_permille = 500\ntalk_ms = 20000";
    let server = Server::start(Settings::world(world::scripted_with(keys, &[]))).await?;
    let mut client = Client::bound(&server.address).await?;
    client.read_for(Duration::from_secs(5)).await?;
    let recent = client.report("report.calljourney.recent", json!({"limit": 200})).await?;
    let calls = recent["data"]["Calls"].as_array().cloned().unwrap_or_default();
    let mut several = 0;
    for call in calls.iter().filter(|call| call["EndedAt"].is_u64()) {
        let steps = journey(&mut client, call["CallId"].as_str().expect("an id")).await?;
        let mut legs: Vec<&str> = steps.iter().filter_map(|step| step["CallId"].as_str()).collect();
        legs.sort_unstable();
        legs.dedup();
        several += usize::from(legs.len() > 1);
        for leg in legs {
            assert_eq!(journey(&mut client, leg).await?, steps, "by {leg}");
        }
        if several >= 3 {
            return Ok(());
        }
    }
    panic!("only {several} of {} calls had several legs", calls.len());
}

#[tokio::test]
async fn recent_calls_are_listed_newest_first_and_by_number() -> Result<(), Fault> {
    let call = |from: &str| format!("act = \"call\"\nqueue = \"General\"\nfrom = \"{from}\"\nabandon_ms = 400");
    let calls = ["+1555001", "+1555002", "+1555003"].map(call);
    let script = world::scripted(&[(200, &calls[0]), (400, &calls[1]), (600, &calls[2])]);
    let server = Server::start(Settings::world(script)).await?;
    let mut client = Client::bound(&server.address).await?;
    tokio::time::sleep(Duration::from_millis(1800)).await;
    let from = |answer: &Value| -> Vec<String> {
        let calls = answer["data"]["Calls"].as_array().cloned().unwrap_or_default();
        calls.iter().filter_map(|call| call["From"].as_str().map(str::to_owned)).collect()
    };
    let all = client.report("report.calljourney.recent", json!({"limit": 1000})).await?;
    assert_eq!(from(&all), ["+1555003", "+1555002", "+1555001"], "{all}");
    let two = client.report("report.calljourney.recent", json!({"limit": 2})).await?;
    assert_eq!(from(&two), ["+1555003", "+1555002"], "{two}");
    let one = client.report("report.calljourney.recent", json!({"limit": 10, "number": "+1555002"})).await?;
    assert_eq!(from(&one), ["+1555002"], "{one}");
    let none = client.report("report.calljourney.recent", json!({"limit": 10, "number": "+1999"})).await?;
    assert_eq!(from(&none), Vec::<String>::new(), "{none}");
    Ok(())
}

#[tokio::test]
async fn unknown_calls_and_wrong_parameters_are_refused() -> Result<(), Fault> {
    let server = Server::silent().await?;
    let mut client = Client::bound(&server.address).await?;
    for command in ["report.calljourney", "report.calljourney.begin"] {
        refused(&client.report(command, json!({"CallId": "no-such-call"})).await?, "call.unknown");
        for wrong in
            [json!({}), json!({"callid": "x"}), json!({"CallId": 5}), json!({"CallId": ""}), json!({"CallId": "\n"})]
        {
            invalid(&client.report(command, wrong).await?, "CallId");
        }
    }
    succeeded(&client.report("report.calljourney.end", json!({"CallId": "no-such-call"})).await?);
    for wrong in [json!(0), json!(-1), json!(1001), json!("10"), json!(1.5)] {
        invalid(&client.report("report.calljourney.recent", json!({"limit": wrong})).await?, "limit");
    }
    invalid(&client.report("report.calljourney.recent", json!({"limit": 5, "number": 5})).await?, "number");
    Ok(())
}
