//! Agent sessions over a real socket: signed in, ready, on calls, wrapped up, logged out; supervisors; chats.

use std::time::Duration;

use interaction_tests::expect::{refused, succeeded};
use interaction_tests::world::{self, AGENT, COLLEAGUE, SUPERVISOR};
use interaction_tests::{Client, Fault, Server, Settings};
use serde_json::{Value, json};

const CALLER: &str = "+15550100";

/// An agent at a desk.
struct Desk {
    client: Client,
    session: String,
    telephony: String,
}

impl Desk {
    /// Signs in, and takes in the initial sequence.
    async fn sign_in(server: &Server, agent: &str) -> Result<Self, Fault> {
        let mut client = Client::bound(&server.address).await?;
        let session = client.prepared(agent, agent, false).await?;
        client.bind_resource(&session).await?;
        let started = client.object(&session, &session, "session.start", json!({})).await?;
        succeeded(&started);
        let telephony = |event: &Value| {
            event["event"]["name"] == "channel.created" && event["event"]["data"]["channel"]["type"] == "telephony"
        };
        let created = client.event("telephony channel", telephony).await?;
        let channel = created["event"]["data"]["channel"]["id"].as_str().expect("an id");
        let telephony = format!("{session}.{channel}");
        client.event_named("session.initialized").await?;
        Ok(Self { client, session, telephony })
    }

    async fn ask(&mut self, target: &str, command: &str, data: Value) -> Result<Value, Fault> {
        self.client.object(&self.session.clone(), target, command, data).await
    }

    async fn done(&mut self, target: &str, command: &str, data: Value) -> Result<(), Fault> {
        let body = self.ask(target, command, data).await?;
        succeeded(&body);
        Ok(())
    }

    /// Waits for an object's event; its path, where the event creates one.
    async fn created(&mut self, kind: &str) -> Result<String, Fault> {
        let name = format!("{kind}.created");
        let event = self.client.event_named(&name).await?;
        let parent = event["event"]["target"].as_str().expect("a target");
        Ok(format!("{parent}.{}", event["event"]["data"][kind]["id"].as_str().expect("an id")))
    }

    /// Waits until an object is in a state.
    async fn state(&mut self, path: &str, state: &str) -> Result<Value, Fault> {
        let is_it = |event: &Value| event["event"]["target"] == path && event["event"]["state"] == state;
        self.client.event(&format!("{state} of {path}"), is_it).await
    }

    /// Waits until the telephony channel's availability is this.
    async fn available(&mut self, availability: &str) -> Result<Value, Fault> {
        let path = self.telephony.clone();
        let is_it = |event: &Value| {
            event["event"]["target"] == *path
                && event["event"]["data"]["channel"]["availability"]["state"] == availability
        };
        self.client.event(availability, is_it).await
    }
}

/// A world in which a call comes so many milliseconds after its start.
fn calls(at_ms: &[u64]) -> Settings {
    let call = format!("act = \"call\"\nqueue = \"General\"\nfrom = \"{CALLER}\"\nprompts_ms = 100\ntalk_ms = 60000");
    let acts: Vec<(u64, &str)> = at_ms.iter().map(|at| (*at, call.as_str())).collect();
    Settings::world(world::scripted(&acts))
}

#[tokio::test]
async fn a_call_is_answered_held_consulted_about_transferred_and_wrapped_up() -> Result<(), Fault> {
    let server = Server::start(calls(&[1_500])).await?;
    let mut colleague = Desk::sign_in(&server, COLLEAGUE).await?;
    let mut desk = Desk::sign_in(&server, AGENT).await?;
    let telephony = desk.telephony.clone();
    desk.done(&telephony, "channel.request.ready", json!({})).await?;
    desk.available("READY").await?;

    let interaction = desk.created("interaction").await?;
    let conversation = desk.created("conversation").await?;
    assert!(conversation.starts_with(&interaction), "{conversation} is beneath {interaction}");
    let data = desk.client.event_named("interaction.preview").await?;
    assert_eq!(data["event"]["data"]["data"]["ani"], CALLER, "{data}");
    desk.client.event_named("interaction.initialized").await?;
    let early = desk.ask(&conversation, "conversation.hold", json!({})).await?;
    refused(&early, "state.invalid");
    let session = desk.session.clone();
    let busy = desk.ask(&session, "session.request.logout", json!({})).await?;
    refused(&busy, "interaction.ongoing");

    desk.done(&conversation, "conversation.answer", json!({})).await?;
    desk.state(&conversation, "CONNECTED").await?;
    desk.done(&conversation, "conversation.hold", json!({})).await?;
    desk.state(&conversation, "HELD").await?;
    desk.done(&conversation, "conversation.retrieve", json!({})).await?;
    desk.state(&conversation, "CONNECTED").await?;

    desk.done(&interaction, "interaction.consult", json!({"destination": COLLEAGUE})).await?;
    desk.state(&conversation, "HELD").await?;
    let consult = desk.created("conversation").await?;
    let theirs = colleague.created("conversation").await?;
    colleague.done(&theirs, "conversation.answer", json!({})).await?;
    desk.state(&consult, "CONNECTED").await?;
    desk.done(&interaction, "interaction.alternate", json!({})).await?;
    desk.state(&consult, "HELD").await?;
    desk.state(&conversation, "CONNECTED").await?;
    desk.done(&interaction, "interaction.consulttransfer", json!({})).await?;
    let ended = desk.client.event_named("interaction.ended").await?;
    assert_eq!(ended["event"]["data"], json!({"cause": "transferred", "by": "agent"}), "{ended}");
    // After the talk there is work, until the agent is done with it.
    desk.available("ACW").await?;
    desk.done(&interaction, "interaction.complete", json!({"disposition": "1"})).await?;
    desk.client.event_named("interaction.disposed").await?;
    desk.available("READY").await?;

    // The colleague has the caller now, in the same interaction.
    let joined = |event: &Value| event["event"]["data"]["member"]["address"] == CALLER;
    colleague.client.event("the caller with the colleague", joined).await?;
    colleague.done(&theirs, "conversation.drop", json!({})).await?;
    colleague.client.event_named("interaction.ended").await?;

    let reason = json!({"reason": {"code": "11", "name": "End of Shift"}});
    desk.done(&session, "session.request.logout", reason).await?;
    let services = desk.client.core("getServices", json!({})).await?;
    assert!(!services.to_string().contains(&session), "the resource is gone: {services}");
    desk.client.all_answered()?;
    colleague.client.all_answered()
}

#[tokio::test]
async fn what_is_dialled_is_shown_and_what_cannot_be_is_told() -> Result<(), Fault> {
    let server = Server::start(Settings::default()).await?;
    let mut desk = Desk::sign_in(&server, AGENT).await?;
    let telephony = desk.telephony.clone();
    for (destination, code) in
        [("", "destination.invalid"), ("x", "destination.invalid"), (AGENT, "destination.invalid")]
    {
        let body = desk.ask(&telephony, "channel.dial", json!({"destination": destination})).await?;
        refused(&body, code);
    }
    desk.done(&telephony, "channel.dial", json!({"destination": "+15550001234", "extensions": {}})).await?;
    let busy = desk.available("BUSY").await?;
    assert_eq!(busy["event"]["data"]["channel"]["state"], "ACTIVE", "{busy}");
    let interaction = desk.client.event_named("interaction.created").await?;
    assert_eq!(interaction["event"]["data"]["interaction"]["direction"], "outbound", "{interaction}");
    let conversation = desk.created("conversation").await?;
    desk.state(&conversation, "CONNECTED").await?;
    desk.done(&conversation, "conversation.dtmf", json!({"digits": "1*#"})).await?;
    let wrong = desk.ask(&conversation, "conversation.dtmf", json!({"digits": "1x"})).await?;
    refused(&wrong, "request.invalid");
    desk.done(&conversation, "conversation.drop", json!({})).await?;
    desk.client.event_named("conversation.disposed").await?;
    desk.client.event_named("interaction.ended").await?;
    // No queue brought it: there is no work after it.
    desk.available("NOT_READY").await?;
    let gone = desk.ask(&conversation, "conversation.drop", json!({})).await?;
    refused(&gone, "target.unknown");
    Ok(())
}

#[tokio::test]
async fn supervisors_listen_and_log_out_their_agents_and_agents_may_not() -> Result<(), Fault> {
    let server = Server::start(calls(&[1_500])).await?;
    let mut desk = Desk::sign_in(&server, AGENT).await?;
    let mut supervisor = Desk::sign_in(&server, SUPERVISOR).await?;
    let (own, theirs) = (supervisor.session.clone(), desk.session.clone());
    let denied = desk.ask(&theirs, "session.request.supervise.listen", json!({"agentId": COLLEAGUE})).await?;
    refused(&denied, "access.denied");
    let stranger = supervisor.ask(&own, "session.request.supervise.ready", json!({"agentId": world::STRANGER})).await?;
    refused(&stranger, "access.denied");
    supervisor.done(&own, "session.request.supervise.ready", json!({"agentId": AGENT})).await?;
    desk.available("READY").await?;
    let conversation = desk.created("conversation").await?;
    desk.done(&conversation, "conversation.answer", json!({})).await?;
    desk.state(&conversation, "CONNECTED").await?;
    supervisor.done(&own, "session.request.supervise.listen", json!({"agentId": AGENT})).await?;
    let listening = supervisor.created("conversation").await?;
    supervisor.done(&own, "session.supervise.barge", json!({"agentId": AGENT})).await?;
    supervisor.done(&listening, "conversation.drop", json!({})).await?;
    supervisor.client.event_named("interaction.ended").await?;
    desk.done(&conversation, "conversation.drop", json!({})).await?;
    desk.client.event_named("interaction.ended").await?;
    supervisor.done(&own, "session.supervise.notready", json!({"agentId": AGENT})).await?;
    supervisor.done(&own, "session.supervise.logout", json!({"agentId": AGENT})).await?;
    let unbound = desk.client.event_named("resourceUnbound").await?;
    assert_eq!(unbound["event"]["data"]["reason"], "ended", "{unbound}");
    Ok(())
}

#[tokio::test]
async fn a_chat_is_accepted_and_completed() -> Result<(), Fault> {
    let chat = "act = \"call\"\nqueue = \"General\"\nfrom = \"visitor-7\"\nmedia = \"Chat\"";
    let server = Server::start(Settings::world(world::scripted(&[(1_500, chat)]))).await?;
    let mut desk = Desk::sign_in(&server, AGENT).await?;
    let telephony = desk.telephony.clone();
    desk.done(&telephony, "channel.ready", json!({})).await?;
    let interaction = desk.created("interaction").await?;
    assert!(!interaction.starts_with(&telephony), "a chat has a channel of its own");
    desk.done(&interaction, "interaction.accept", json!({})).await?;
    desk.state(&interaction, "STARTED").await?;
    desk.done(&interaction, "interaction.request.updatedata", json!({"callVariable1": "vip"})).await?;
    let changed = desk.client.event_named("interaction.datachanged").await?;
    assert_eq!(changed["event"]["data"]["data"]["callVariable1"], "vip", "{changed}");
    desk.done(&interaction, "interaction.complete", json!({"disposition": "1"})).await?;
    desk.client.event_named("interaction.disposed").await?;
    Ok(())
}

#[tokio::test]
async fn a_call_survives_a_lost_socket_and_a_take_over() -> Result<(), Fault> {
    let server = Server::start(calls(&[1_500])).await?;
    let mut desk = Desk::sign_in(&server, AGENT).await?;
    let telephony = desk.telephony.clone();
    desk.done(&telephony, "channel.ready", json!({})).await?;
    let conversation = desk.created("conversation").await?;
    desk.done(&conversation, "conversation.answer", json!({})).await?;
    desk.client.lose_abruptly();
    desk.client.resume().await?;
    desk.state(&conversation, "CONNECTED").await?;
    desk.done(&conversation, "conversation.hold", json!({})).await?;

    let mut other = Client::bound(&server.address).await?;
    let confirm = other.prepare(AGENT, AGENT, false).await?;
    assert_eq!(
        (confirm["result"].as_str(), confirm["details"]["calls"].as_u64()),
        (Some("confirm"), Some(1)),
        "{confirm}"
    );
    let session = other.prepared(AGENT, AGENT, true).await?;
    other.bind_resource(&session).await?;
    succeeded(&other.object(&session, &session, "session.start", json!({})).await?);
    let held = other.event("the held call", |event| event["event"]["state"] == "HELD").await?;
    let conversation = held["event"]["target"].as_str().expect("a target").to_owned();
    other.event_named("session.initialized").await?;
    succeeded(&other.object(&session, &conversation, "conversation.retrieve", json!({})).await?);
    let unbound = desk.client.event_named("resourceUnbound").await?;
    assert_eq!(unbound["event"]["data"]["reason"], "superseded", "{unbound}");
    other.read_for(Duration::from_millis(50)).await?;
    other.all_answered()
}
