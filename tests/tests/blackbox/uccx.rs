//! The server on a UCCX: a simulated pair of nodes, the server as their client, and a client of the server.

use std::process::Command;
use std::time::Duration;

use interaction_tests::expect::succeeded;
use interaction_tests::raw::http;
use interaction_tests::server::{command, free_port};
use interaction_tests::world::{self, AGENT, COLLEAGUE, LEAD, SUPERVISOR};
use interaction_tests::{Client, Fault, Kind, Server, UccxSim};
use serde_json::{Value, json};
use tempfile::TempDir;

const CALLER: &str = "+15550100";
const WAITS: u32 = 400;

/// A pair of nodes with this world, and a server that is in service on them.
async fn in_service(scenario: &str, more: &[&str]) -> Result<(UccxSim, Server), Fault> {
    let directory = TempDir::new()?;
    let file = directory.path().join("scenario.toml");
    std::fs::write(&file, scenario)?;
    let mut arguments = vec!["--scenario", file.to_str().unwrap_or_default()];
    arguments.extend_from_slice(more);
    let sim = UccxSim::start(&arguments)?;
    let port = free_port()?;
    let config = directory.path().join("config.toml");
    let text = format!(
        "[listen]\nport = {port}\n\n[cti]\nkind = \"uccx\"\n\n[cti.uccx]\nnodes = [{:?}, {:?}]\ncredentials = \"cti\"\n\
         secondary-supervisors-are-team-leads = true\napplications = [\"1=welcome.aef\"]\n",
        sim.node(0),
        sim.node(1),
    );
    std::fs::write(&config, text)?;
    let mut serve: Command = command();
    serve.arg("serve").arg("--config").arg(&config);
    let server = Server::run(serve, directory, port).await?;
    ready(&server).await?;
    Ok((sim, server))
}

/// Waits until the platform is there.
async fn ready(server: &Server) -> Result<(), Fault> {
    let request = format!("GET /readyz HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n", server.address);
    for _ in 0..WAITS {
        if http(&server.address, &request).await?.0 == 200 {
            return Ok(());
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    Err(Fault::new(Kind::Unanswered, format!("the platform never came into service\n{}", server.log())))
}

/// Waits until a member is in a state.
async fn state(client: &mut Client, member: &str, wanted: &str) -> Result<Value, Fault> {
    let mut last = Value::Null;
    for _ in 0..WAITS {
        let team = client.roster(SUPERVISOR).and_then(|roster| roster.teams.get("1"));
        last = team.and_then(|team| team.members.get(member)).cloned().unwrap_or_default();
        if last["state"] == wanted {
            return Ok(last);
        }
        client.read_for(Duration::from_millis(50)).await?;
    }
    Err(Fault::new(Kind::Unanswered, format!("{member} never was {wanted}: {last}")))
}

/// Waits until the one call there is has ended, and gives its journey.
async fn ended_journey(client: &mut Client) -> Result<Vec<Value>, Fault> {
    for _ in 0..WAITS {
        let recent = client.report("report.calljourney.recent", json!({"limit": 5})).await?;
        succeeded(&recent);
        let calls = recent["data"]["Calls"].as_array().cloned().unwrap_or_default();
        assert!(calls.len() <= 1, "one call, whatever the connection did: {calls:?}");
        if let Some(call) = calls.first().filter(|call| call["EndedAt"].is_u64()) {
            let journey = client.report("report.calljourney", json!({"CallId": call["CallId"]})).await?;
            succeeded(&journey);
            return Ok(journey["data"]["CallJourney"].as_array().cloned().unwrap_or_default());
        }
        client.read_for(Duration::from_millis(50)).await?;
    }
    Err(Fault::new(Kind::Unanswered, "the call never ended"))
}

#[tokio::test]
async fn the_active_node_is_killed_in_the_middle_of_a_call() -> Result<(), Fault> {
    let ready = world::state(AGENT, "Ready", "");
    let away = world::state(COLLEAGUE, "NotReady", "2");
    let back = world::state(COLLEAGUE, "Ready", "");
    let call = format!(
        "act = \"call\"\nqueue = \"General\"\nfrom = \"{CALLER}\"\nprompts_ms = 200\nring_ms = 300\ntalk_ms = 9000"
    );
    let acts = [(100, ready.as_str()), (100, &away), (5_000, &call), (9_000, &back)];
    let (sim, server) = in_service(&world::scripted_with("[calls]\nwrap_up_ms = 60000\n", &acts), &[]).await?;
    let mut client = Client::bound(&server.address).await?;
    client.watch(SUPERVISOR, 1).await?;
    client.settle().await?;
    let team = client.roster(SUPERVISOR).expect("a roster").teams["1"].clone();
    assert_eq!((team.name.as_str(), team.members.len()), ("Sales", 11));
    assert_eq!(team.members[SUPERVISOR]["memberType"], "Supervisor");
    assert_eq!(team.members[LEAD]["memberType"], "TeamLead");
    assert_eq!(team.members[AGENT]["memberType"], "Agent");

    state(&mut client, AGENT, "talking").await?;
    assert_eq!(sim.order("kill").await?, "ok");
    // The other node; who changed meanwhile is told as a difference: the mirror finds fault with anything else.
    sim.prints("node 2 client")?;
    assert_eq!(state(&mut client, COLLEAGUE, "ready").await?["status"], "ready");
    assert_eq!(state(&mut client, AGENT, "work").await?["status"], "ACW");
    let events = client.take_events();
    assert!(events.iter().all(|event| event["event"]["name"] != "report.teamstatus.teamremoved"), "{events:?}");

    let steps = ended_journey(&mut client).await?;
    let kinds: Vec<&str> = steps.iter().filter_map(|step| step["DeviceType"].as_str()).collect();
    for kind in ["External", "Trigger", "IVR", "CSQ", "Agent"] {
        assert!(kinds.contains(&kind), "{steps:#?}");
    }
    let talked = steps.iter().find(|step| step["Description"].as_str().is_some_and(|text| text.starts_with("talking")));
    let talked = talked.unwrap_or_else(|| panic!("{steps:#?}"));
    assert!(
        ["00:00:08", "00:00:09", "00:00:10"].contains(&talked["Duration"].as_str().unwrap_or_default()),
        "{talked}"
    );
    assert!(steps.iter().any(|step| step["Description"] == "welcome.aef"), "{steps:#?}");
    Ok(())
}

#[tokio::test]
async fn what_stands_in_the_way_of_a_session_is_logged_once() -> Result<(), Fault> {
    let sim = UccxSim::start(&[])?;
    let (directory, port, nowhere) = (TempDir::new()?, free_port()?, free_port()?);
    let config = directory.path().join("config.toml");
    let text = format!(
        "[listen]\nport = {port}\n\n[cti]\nkind = \"uccx\"\n\n[cti.uccx]\nnodes = [\"127.0.0.1:{nowhere}\", {:?}]\n\
         credentials = \"cti\"\n",
        sim.node(1),
    );
    std::fs::write(&config, text)?;
    let mut serve: Command = command();
    serve.arg("serve").arg("--config").arg(&config);
    let server = Server::run(serve, directory, port).await?;
    let wanted =
        [format!("127.0.0.1:{nowhere}: no connection: "), format!("{}: the node is not the master", sim.node(1))];
    for _ in 0..WAITS {
        if wanted.iter().all(|line| server.log().contains(line)) {
            break;
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    // The first node was asked several times by then.
    tokio::time::sleep(Duration::from_secs(4)).await;
    let log = server.log();
    assert!(wanted.iter().all(|line| log.matches(line.as_str()).count() == 1), "{log}");
    assert!(log.contains("RmCm TCP Port"), "where to look: {log}");
    Ok(())
}

#[tokio::test]
async fn sessions_are_served_with_and_without_control_in_bridge_mode() -> Result<(), Fault> {
    for more in [&[][..], &["--no-bridge-control"]] {
        let (_sim, server) = in_service(&world::scripted(&[]), more).await?;
        let mut client = Client::bound(&server.address).await?;
        client.watch(SUPERVISOR, 1).await?;
        let resource = client.prepared(AGENT, AGENT, false).await?;
        client.bind_resource(&resource).await?;
        succeeded(&client.object(&resource, &resource, "session.start", json!({})).await?);
        let member = state(&mut client, AGENT, "notready").await?;
        assert_eq!(member["reason"], "32760", "{more:?}: just logged on");
        // The CTI protocol has no way to check a password but to log in.
        let resource = client.prepared(COLLEAGUE, world::WRONG, false).await?;
        client.bind_resource(&resource).await?;
        let started = client.object(&resource, &resource, "session.start", json!({})).await?;
        assert_eq!(started["result"], "failure", "{more:?}: {started}");
        state(&mut client, COLLEAGUE, "loggedout").await?;
    }
    Ok(())
}
