//! One scenario and seed, natively and by the wire: clients see the same teams, and the same journeys as far as the wire carries them.

use std::collections::BTreeSet;

use interaction_core::cti::simulator::{Scenario, Simulator};
use interaction_core::cti::uccx::sim::SimConfig;
use interaction_core::cti::{Adapter, AdapterInput, AdapterOutput, AgentState, CallEvent, Event, Media};
use interaction_core::ids::CallId;
use interaction_core::report::journey::JourneyRecord;
use interaction_core::time::Time;
use serde_json::Value;

use crate::pair::{Pair, SEED, START};
use crate::watched::Watched;

/// The native simulator, its events changed to what the wire can carry of them.
struct Native {
    world: Simulator,
    /// Chats and e-mails.
    unseen: BTreeSet<CallId>,
}

impl Native {
    fn new(scenario: &Scenario) -> Self {
        Self { world: Simulator::new(scenario.clone(), SEED, START).expect("valid"), unseen: BTreeSet::new() }
    }

    fn tick(&mut self, now: Time) -> Vec<Event> {
        self.world.handle_input(now, AdapterInput::Tick);
        let mut events = Vec::new();
        while let Some(output) = self.world.poll_output() {
            if let AdapterOutput::Event(event) = output {
                events.extend(self.carried(event));
            }
        }
        events
    }

    /// UCCX knows no HOLD of agents, and its CTI protocol no chats, e-mails and recordings.
    fn carried(&mut self, event: Event) -> Option<Event> {
        match event {
            Event::AgentStatus(mut status) => {
                if status.state == AgentState::Hold {
                    status.state = AgentState::Talking;
                }
                Some(Event::AgentStatus(status))
            }
            Event::Call(call) => self.call(call).map(Event::Call),
            other => Some(other),
        }
    }

    fn call(&mut self, event: CallEvent) -> Option<CallEvent> {
        let id = match &event {
            CallEvent::Began { call, media, .. } => {
                if *media != Media::Voice {
                    self.unseen.insert(call.clone());
                }
                call
            }
            CallEvent::Seen(record) => {
                if record.media != Media::Voice {
                    self.unseen.insert(record.call.clone());
                }
                &record.call
            }
            CallEvent::Recording { .. } => return None,
            CallEvent::Dialing { call, .. }
            | CallEvent::Ringing { call, .. }
            | CallEvent::Connected { call, .. }
            | CallEvent::Queued { call, .. }
            | CallEvent::Dequeued { call, .. }
            | CallEvent::Diverted { call, .. }
            | CallEvent::Held { call, .. }
            | CallEvent::Retrieved { call, .. }
            | CallEvent::Left { call, .. }
            | CallEvent::Failed { call, .. }
            | CallEvent::Transferred { call, .. }
            | CallEvent::Conferenced { call, .. }
            | CallEvent::Renamed { call, .. }
            | CallEvent::Data { call, .. }
            | CallEvent::Ended { call, .. } => call,
        };
        if self.unseen.contains(id) {
            return None;
        }
        Some(event)
    }
}

/// Runs both for so long.
pub(crate) fn follow(scenario: &Scenario, seconds: u64, config: SimConfig) -> (Watched, Watched, Pair) {
    let mut native = Native::new(scenario);
    let mut pair = Pair::new(scenario, config);
    let plain = native.tick(START);
    pair.tick();
    let first = scenario.people.first_supervisor;
    let supervisors: Vec<String> = (first..first + scenario.people.supervisors).map(|id| id.to_string()).collect();
    let watches: Vec<&str> = supervisors.iter().map(String::as_str).collect();
    let mut by_wire = Watched::new(START, pair.take(), &watches);
    let mut plain = Watched::new(START, plain, &watches);
    let end = START + std::time::Duration::from_secs(seconds);
    loop {
        let next = [native.world.poll_timeout(), pair.poll_timeout()].into_iter().flatten().min();
        let Some(now) = next.filter(|at| *at <= end) else { break };
        let now = now.max(pair.now);
        plain.tell(now, native.tick(now));
        pair.now = now;
        pair.tick();
        by_wire.tell(now, pair.take());
    }
    (plain, by_wire, pair)
}

/// The event of a message, without its number in the stream; members in the order of their ids. The times states began at.
fn event(message: &str) -> (Value, Vec<u64>) {
    let mut event = serde_json::from_str::<Value>(message).expect("JSON")["event"].take();
    let mut since = Vec::new();
    if let Some(members) = event["data"]["team"]["members"].as_array_mut() {
        members.sort_by_key(|member| member["memberId"].as_str().map(str::to_owned));
        for member in members {
            since.extend(member.as_object_mut().and_then(|member| member.remove("since")?.as_u64()));
        }
    }
    (event, since)
}

fn same_teams(plain: &Watched, by_wire: &Watched) {
    for (index, (a, b)) in plain.seen.iter().zip(&by_wire.seen).enumerate() {
        let ((a, a_since), (b, b_since)) = (event(a), event(b));
        assert_eq!(a, b, "event {index}");
        // The wire says for how many whole seconds a state lasts.
        let close = a_since.iter().zip(&b_since).all(|(a, b)| a.abs_diff(*b) <= 1_000);
        assert!(close && a_since.len() == b_since.len(), "event {index}: {a_since:?} {b_since:?} {a}");
    }
    assert_eq!(plain.seen.len(), by_wire.seen.len());
}

pub(crate) fn small() -> Scenario {
    toml::from_str(include_str!("../../../host/scenarios/small.toml")).expect("valid")
}

/// Reasons and moments of states are told, not asked for.
fn told_states() -> SimConfig {
    SimConfig { states_told: true, ..SimConfig::default() }
}

#[test]
fn clients_see_the_same_teams_natively_and_by_the_wire() {
    let mut scenario = small();
    scenario.speed = 4;
    let (plain, by_wire, pair) = follow(&scenario, 300, told_states());
    assert!(plain.seen.len() > 2_000, "{}", plain.seen.len());
    assert!(pair.notes.iter().all(|note| !note.contains("cannot be said")), "{:?}", pair.notes);
    let diagnostics = pair.adapter.diagnostics();
    assert_eq!((diagnostics.unexpected, diagnostics.refused_frames, diagnostics.unknown_fields), (0, 0, 0));
    assert_eq!(diagnostics.reconnects, 1, "the outage");
    assert_eq!(pair.connects, [0], "one connection all the time");
    same_teams(&plain, &by_wire);
}

/// What a journey tells, without the ids of its legs. Who let a ring end, the caller or the phone, does not go over the wire
/// where the caller hung up as usual.
fn told(journey: &JourneyRecord) -> Vec<String> {
    let mut lines = vec![format!("{} > {} {:?} {:?}", journey.from, journey.to, journey.cause, journey.agents)];
    for step in &journey.steps {
        let began = step.started.since(START).as_millis();
        let ended = step.ended.map(|at| at.since(START).as_millis());
        let description = step.description.replace(": abandoned", ": no answer");
        lines.push(format!("{began} {ended:?} {:?} {} {description}", step.kind, step.device));
    }
    lines
}

#[test]
fn journeys_are_the_same_natively_and_by_the_wire() {
    let mut scenario = small();
    scenario.speed = 4;
    scenario.operations.outage_every_ms = 0;
    let (plain, by_wire, _) = follow(&scenario, 300, told_states());
    assert!(plain.stored.len() > 1_000, "{}", plain.stored.len());
    assert_eq!(plain.stored.len(), by_wire.stored.len());
    for (a, b) in plain.stored.iter().zip(&by_wire.stored) {
        assert_eq!(told(a), told(b));
    }
}
