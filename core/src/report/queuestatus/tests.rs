//! One thing at a time: what is counted, who is told, and how it is written.

use std::sync::Arc;

use serde_json::{Value, json};

use super::{QueueEvent, QueueSink, QueueStatus};
use crate::cti::{
    AgentRecord, AgentState, AgentStatus, CallEvent, CallKind, CallRecord, Cause, Device, DeviceKind, Event, LegState,
    Media, Member, Party, PartyRole, QueueRecord, Role, Server, Serves, TeamRecord,
};
use crate::ids::{AgentId, LinkId};
use crate::report::roster::{Refusal, Roster};
use crate::report::teamstatus::{BeginError, Room};
use crate::time::Time;

/// One event as a subscriber reads it.
#[derive(Clone, Debug)]
pub(super) struct Sent {
    pub(super) link: LinkId,
    pub(super) event: QueueEvent,
    pub(super) agent: String,
    pub(super) queue: Value,
    pub(super) at: u64,
    pub(super) tail: Arc<[u8]>,
}

impl Sent {
    pub(super) fn id(&self) -> String {
        self.queue["queueId"].as_str().expect("an id").to_owned()
    }

    fn line(&self) -> String {
        format!(
            "{} {} {} {}",
            self.link.index,
            self.agent,
            self.event.as_str().trim_start_matches("report.queuestatus.queue"),
            self.id()
        )
    }
}

#[derive(Default)]
pub(super) struct Log(pub(super) Vec<Sent>);

impl QueueSink for Log {
    fn event(&mut self, to: &[LinkId], event: QueueEvent, agent: &AgentId, tail: &Arc<[u8]>) {
        let mut message = br#"{"event":{"data":{"agentId":"x","#.to_vec();
        message.extend_from_slice(tail);
        let message: Value = serde_json::from_slice(&message).expect("head and tail are one JSON text");
        self.0.extend(to.iter().map(|&link| Sent {
            link,
            event,
            agent: agent.to_string(),
            queue: message["event"]["data"]["queue"].clone(),
            at: message["event"]["at"].as_u64().expect("at"),
            tail: tail.clone(),
        }));
    }
}

pub(super) fn link(index: u32) -> LinkId {
    LinkId { index, generation: 1 }
}

/// Roster and queue status together, as the engine feeds them.
pub(super) struct Centre {
    pub(super) now: Time,
    pub(super) roster: Roster,
    pub(super) status: QueueStatus,
}

/// 2026-09-22 12:00 UTC.
const NOON: u64 = 1_790_078_400_000;
const MIDNIGHT: u64 = NOON - 43_200_000;

impl Centre {
    pub(super) fn empty() -> Self {
        Self { now: Time::from_millis(NOON), roster: Roster::new(7), status: QueueStatus::new(7) }
    }

    /// Team 1: supervisor s, agents a and b; team 2: agent c. Queues q1 (a, b), q2 (c), q3 (nobody).
    fn new() -> Self {
        let mut centre = Self::empty();
        centre.told(&Event::ResyncBegin);
        for event in truth() {
            centre.told(&event);
        }
        centre.told(&Event::ResyncEnd);
        centre
    }

    pub(super) fn told(&mut self, event: &Event) -> Vec<Sent> {
        self.now = self.now + std::time::Duration::from_secs(1);
        self.status.roll(self.now, 0);
        if let Event::Call(call) = event {
            self.status.call(self.now, call);
        } else if let Ok(delta) = self.roster.apply(self.now, event) {
            self.status.apply(event, &self.roster, &delta).expect("within the bounds");
        }
        self.published()
    }

    pub(super) fn published(&mut self) -> Vec<Sent> {
        let mut log = Log::default();
        self.status.publish(&self.roster, self.now, &mut log);
        log.0
    }

    pub(super) fn begin(&mut self, index: u32, agent: &str) -> Result<Vec<Sent>, BeginError> {
        let room = Room { subscriptions_max: 20, tail_bytes_max: usize::MAX };
        let beginning = self.status.prepare(&self.roster, link(index), agent, self.now, room)?;
        let mut log = Log::default();
        self.status.commit(beginning, &mut log);
        Ok(log.0)
    }

    fn call(&mut self, event: CallEvent) -> Vec<Sent> {
        self.told(&Event::Call(event))
    }

    fn shown(&self, queue: &str) -> Value {
        let room = Room { subscriptions_max: 20, tail_bytes_max: usize::MAX };
        let agent = if queue == "q2" { "c" } else { "s" };
        let mut status = self.status.clone();
        let beginning = status.prepare(&self.roster, link(99), agent, self.now, room).expect("known");
        let mut log = Log::default();
        status.commit(beginning, &mut log);
        log.0.into_iter().find(|sent| sent.id() == queue).expect("seen").queue
    }
}

fn lines(sent: &[Sent]) -> Vec<String> {
    sent.iter().map(Sent::line).collect()
}

fn truth() -> Vec<Event> {
    let agent = |id: &str| Event::Agent(AgentRecord { id: id.into(), name: id.to_uppercase().into(), extension: None });
    let team = |id: &str, members: &[(&str, Role)]| {
        let members = members.iter().map(|(agent, role)| Member { agent: (*agent).into(), role: *role }).collect();
        Event::Team(TeamRecord { id: id.into(), name: id.into(), members })
    };
    let mut events = vec![queue("q1", "Orders"), queue("q2", "Service"), queue("q3", "Nobody's")];
    events.extend(["a", "b", "c", "s"].map(agent));
    events.push(team("1", &[("s", Role::Supervisor), ("a", Role::Agent), ("b", Role::Agent)]));
    events.push(team("2", &[("c", Role::Agent)]));
    events.extend([serves("a", &["q1"]), serves("b", &["q1", "q1"]), serves("c", &["q2"])]);
    events.push(status("a", AgentState::Ready));
    events
}

fn queue(id: &str, name: &str) -> Event {
    Event::Queue(QueueRecord { id: id.into(), name: name.into() })
}

fn serves(agent: &str, queues: &[&str]) -> Event {
    let queues = queues.iter().map(|queue| (*queue).into()).collect();
    Event::Serves(Serves { who: Server::Agent(agent.into()), queues })
}

fn status(agent: &str, state: AgentState) -> Event {
    let agent = agent.into();
    Event::AgentStatus(AgentStatus { agent, state, reason: "".into(), since: None, pending: None, extension: None })
}

fn phone(agent: &str) -> Device {
    let id = format!("4{agent}").into();
    Device { kind: DeviceKind::Agent, id, agent: Some(agent.into()), label: "".into() }
}

fn queued(call: &str, queues: &[&str]) -> CallEvent {
    CallEvent::Queued { call: call.into(), queues: queues.iter().map(|queue| (*queue).into()).collect() }
}

fn dequeued(call: &str) -> CallEvent {
    CallEvent::Dequeued { call: call.into(), queues: Vec::new() }
}

fn rings(call: &str, agent: &str, queue: Option<&str>) -> CallEvent {
    CallEvent::Ringing {
        call: call.into(),
        device: phone(agent),
        queue: queue.map(Into::into),
        alias: Some("alias".into()),
    }
}

fn answers(call: &str, agent: &str) -> CallEvent {
    CallEvent::Connected { call: call.into(), device: phone(agent), role: PartyRole::Party }
}

fn ended(call: &str, cause: Cause) -> CallEvent {
    CallEvent::Ended { call: call.into(), cause }
}

fn today(centre: &Centre, queue: &str) -> (u64, u64) {
    let shown = centre.shown(queue);
    (shown["today"]["answered"].as_u64().expect("a count"), shown["today"]["abandoned"].as_u64().expect("a count"))
}

#[test]
fn a_snapshot_shows_the_queues_of_the_agents_teams() {
    let mut centre = Centre::new();
    let sent = centre.begin(1, "s").expect("begun");
    assert_eq!(lines(&sent), ["1 s added q1", "1 s added q3"], "its team's, and the one nobody serves");
    let agents = json!({"loggedout": 1, "notready": 0, "ready": 1, "reserved": 0, "talking": 0, "hold": 0, "work": 0});
    let today = json!({"since": MIDNIGHT, "answered": 0, "abandoned": 0, "partial": true});
    let orders = json!({"queueId": "q1", "queueName": "Orders", "waiting": 0, "agents": agents, "today": today});
    assert_eq!(sent[0].queue, orders);
    assert_eq!(sent[1].queue, json!({"queueId": "q3", "queueName": "Nobody's", "waiting": 0, "today": today}));
    assert_eq!(lines(&centre.begin(1, "c").expect("begun")), ["1 c added q2"], "an agent sees its own team's");
    assert_eq!(centre.begin(1, "x").err(), Some(BeginError::AgentUnknown));
    assert_eq!(centre.status.len(), 2);
    assert_eq!(lines(&centre.begin(1, "s").expect("begun")).len(), 2, "a fresh snapshot");
    assert_eq!(centre.status.len(), 2, "without doubling");
}

#[test]
fn a_change_is_told_once_to_everybody_who_sees_the_queue() {
    let mut centre = Centre::new();
    for (index, agent) in [(2, "s"), (1, "s"), (1, "a"), (1, "c")] {
        centre.begin(index, agent).expect("begun");
    }
    let sent = centre.told(&status("b", AgentState::Talking));
    assert_eq!(lines(&sent), ["1 a changed q1", "1 s changed q1", "2 s changed q1"]);
    assert!(sent.iter().all(|one| Arc::ptr_eq(&one.tail, &sent[0].tail)), "one encoding");
    assert_eq!(sent[0].queue["agents"]["talking"], 1);
    assert!(centre.told(&status("b", AgentState::Talking)).is_empty(), "an unchanged duplicate");
    assert!(centre.told(&status("s", AgentState::Ready)).is_empty(), "who serves nothing is not counted");
    centre.status.end(link(1), "s");
    centre.status.drop_link(link(2));
    assert_eq!(lines(&centre.told(&status("b", AgentState::Work))), ["1 a changed q1"]);
    centre.status.drop_link(link(1));
    assert!(centre.status.is_empty() && centre.told(&status("b", AgentState::Ready)).is_empty());
}

#[test]
fn what_waits_is_counted_since_it_came() {
    let mut centre = Centre::new();
    centre.call(queued("c1", &["q1", "q2"]));
    let first = centre.now.as_millis();
    centre.call(queued("c2", &["q1"]));
    assert_eq!(centre.shown("q1")["waiting"], 2);
    assert_eq!(centre.shown("q1")["longestWaitSince"], first);
    // The phone rang in vain: it goes on waiting since it first came.
    centre.call(dequeued("c1"));
    assert_eq!(centre.shown("q1")["waiting"], 1);
    centre.call(rings("c1", "a", Some("q1")));
    centre.call(CallEvent::Diverted { call: "c1".into(), device: phone("a"), cause: Cause::NoAnswer });
    centre.call(queued("c1", &["q1"]));
    assert_eq!(
        (centre.shown("q1")["waiting"].clone(), centre.shown("q1")["longestWaitSince"].clone()),
        (json!(2), json!(first))
    );
    assert_eq!(centre.shown("q2").get("longestWaitSince"), None);
    centre.call(queued("c1", &["q1"]));
    assert_eq!(centre.shown("q1")["waiting"], 2, "told twice, counted once");
}

#[test]
fn an_answer_counts_for_the_queue_that_brought_it() {
    let mut centre = Centre::new();
    centre.call(queued("c1", &["q1", "q2"]));
    centre.call(rings("c1", "a", Some("q2")));
    centre.call(answers("alias", "a"));
    assert_eq!((today(&centre, "q1"), today(&centre, "q2")), ((0, 0), (1, 0)), "the one that is named");
    assert_eq!(centre.shown("q1")["waiting"], 0);
    centre.call(queued("c2", &["q2", "q1"]));
    centre.call(answers("c2", "b"));
    assert_eq!((today(&centre, "q1"), today(&centre, "q2")), ((1, 0), (1, 0)), "else one the agent serves");
    centre.call(queued("c3", &["q2"]));
    centre.call(dequeued("c3"));
    centre.call(answers("c3", "s"));
    assert_eq!(today(&centre, "q2"), (2, 0), "else one it was in");
    centre.call(ended("c3", Cause::Normal));
    centre.call(answers("c4", "a"));
    assert_eq!(
        (today(&centre, "q1"), today(&centre, "q2")),
        ((1, 0), (2, 0)),
        "who never waited is no answer of a queue"
    );
    assert_eq!(centre.status.waiting(), 0);
}

#[test]
fn giving_up_counts_for_every_queue_it_waits_in() {
    let mut centre = Centre::new();
    centre.call(queued("c1", &["q1", "q2"]));
    centre.call(ended("c1", Cause::Abandoned));
    assert_eq!((today(&centre, "q1"), today(&centre, "q2")), ((0, 1), (0, 1)));
    centre.call(queued("c2", &["q1"]));
    centre.call(dequeued("c2"));
    centre.call(rings("c2", "a", None));
    centre.call(ended("c2", Cause::Normal));
    assert_eq!(today(&centre, "q1"), (0, 2), "while it rang");
    for cause in [Cause::Redirected, Cause::Failed, Cause::Busy] {
        centre.call(queued("c3", &["q1"]));
        centre.call(ended("c3", cause));
    }
    centre.call(queued("c4", &["q1"]));
    centre.call(dequeued("c4"));
    centre.call(ended("c4", Cause::Normal));
    assert_eq!(today(&centre, "q1"), (0, 2), "turned away, or taken out before");
    assert_eq!(centre.status.waiting(), 0);
}

#[test]
fn a_contact_keeps_its_place_under_another_id() {
    let mut centre = Centre::new();
    centre.call(queued("consult", &["q1"]));
    let since = centre.now.as_millis();
    let by = phone("a");
    centre.call(CallEvent::Transferred { call: "main".into(), absorbed: "consult".into(), by, parties: Vec::new() });
    assert_eq!(centre.shown("q1")["longestWaitSince"], since);
    centre.call(CallEvent::Renamed { call: "main".into(), new: "renamed".into() });
    centre.call(queued("other", &["q2"]));
    centre.call(CallEvent::Renamed { call: "other".into(), new: "renamed".into() });
    assert_eq!((centre.shown("q2")["waiting"].clone(), centre.status.waiting()), (json!(1), 1), "two became one");
    centre.call(answers("renamed", "b"));
    assert_eq!((today(&centre, "q1"), centre.shown("q2")["waiting"].clone()), ((1, 0), json!(0)));
}

#[test]
fn a_day_begins_at_nought_and_is_whole_unless_something_was_missed() {
    let mut centre = Centre::new();
    centre.begin(1, "s").expect("begun");
    centre.call(queued("old", &["q1"]));
    centre.call(queued("c1", &["q1"]));
    centre.call(answers("c1", "a"));
    assert_eq!(centre.status.poll_timeout(), Some(Time::from_millis(MIDNIGHT + 86_400_000)));
    centre.now = Time::from_millis(MIDNIGHT + 86_400_000);
    centre.status.roll(centre.now, 0);
    let sent = centre.published();
    assert_eq!(lines(&sent), ["1 s changed q1", "1 s changed q3"]);
    assert_eq!(sent[0].queue["today"], json!({"since": MIDNIGHT + 86_400_000, "answered": 0, "abandoned": 0}));
    assert_eq!(sent[0].queue["waiting"], 1, "who waits goes on waiting");
    centre.now = centre.now + std::time::Duration::from_secs(86_400);
    centre.status.roll(centre.now, 0);
    assert_eq!(
        (centre.published()[0].queue["waiting"].clone(), centre.status.waiting()),
        (json!(0), 0),
        "its end was lost"
    );
    centre.told(&Event::Down { why: "".into() });
    assert!(centre.call(queued("c2", &["q1"])).is_empty(), "nothing is told while the platform is away");
    centre.told(&Event::ResyncBegin);
    for event in truth() {
        assert!(centre.told(&event).is_empty());
    }
    let sent = centre.told(&Event::ResyncEnd);
    assert_eq!(lines(&sent), ["1 s changed q1", "1 s changed q3"]);
    assert_eq!((sent[0].queue["today"]["partial"].clone(), sent[0].queue["waiting"].clone()), (json!(true), json!(0)));
}

#[test]
fn without_watchers_a_day_waits_for_the_next_of_them() {
    let mut centre = Centre::new();
    assert_eq!(centre.status.poll_timeout(), None);
    centre.call(queued("c1", &["q1"]));
    centre.call(answers("c1", "a"));
    centre.now = Time::from_millis(MIDNIGHT + 86_400_000);
    // As a request to begin does.
    centre.status.roll(centre.now, 0);
    assert!(centre.published().is_empty());
    let sent = centre.begin(1, "s").expect("begun");
    assert_eq!(sent[0].queue["today"], json!({"since": MIDNIGHT + 86_400_000, "answered": 0, "abandoned": 0}));
    assert_eq!(centre.status.poll_timeout(), Some(Time::from_millis(MIDNIGHT + 2 * 86_400_000)));
    centre.status.drop_link(link(1));
    assert_eq!(centre.status.poll_timeout(), None);
}

#[test]
fn a_resynchronisation_keeps_what_still_waits_and_counts_what_was_answered() {
    let mut centre = Centre::new();
    centre.now = Time::from_millis(MIDNIGHT + 86_400_000);
    centre.told(&status("a", AgentState::NotReady));
    for call in ["waits", "answered", "gone"] {
        centre.call(queued(call, &["q1"]));
    }
    let since = centre.shown("q1")["longestWaitSince"].clone();
    centre.told(&Event::ResyncBegin);
    for event in truth() {
        centre.told(&event);
    }
    let record = |call: &str, queues: &[&str], parties| CallRecord {
        call: call.into(),
        media: Media::Voice,
        kind: CallKind::Inbound,
        from: "".into(),
        to: "".into(),
        since: Some(centre.now + std::time::Duration::from_secs(9)),
        consults: None,
        parties,
        queues: queues.iter().map(|queue| (*queue).into()).collect(),
        data: Vec::new(),
    };
    let talks =
        Party { call: "answered".into(), device: phone("a"), role: PartyRole::Party, state: LegState::Connected };
    let seen = [
        record("waits", &["q1"], Vec::new()),
        record("answered", &[], vec![talks]),
        record("new", &["q1"], Vec::new()),
    ];
    for record in seen {
        centre.call(CallEvent::Seen(record));
    }
    centre.told(&Event::ResyncEnd);
    let shown = centre.shown("q1");
    assert_eq!((shown["waiting"].clone(), shown["longestWaitSince"].clone()), (json!(2), since));
    assert_eq!(shown["today"]["answered"], 1);
    assert_eq!(shown["today"]["partial"], true, "what became of the third was not seen");
    assert_eq!(centre.shown("q3")["today"].get("partial"), None);
}

#[test]
fn whoever_begins_to_serve_shows_the_queue_to_its_teams() {
    let mut centre = Centre::new();
    centre.begin(1, "s").expect("begun");
    centre.begin(2, "c").expect("begun");
    assert_eq!(lines(&centre.told(&serves("b", &["q1", "q2"]))), ["1 s added q2", "2 c changed q2"]);
    assert_eq!(
        lines(&centre.told(&serves("c", &["q3"]))),
        ["2 c removed q2", "1 s removed q3", "2 c added q3", "1 s changed q2"]
    );
    let team = Event::Serves(Serves { who: Server::Team("2".into()), queues: vec!["q1".into(), "nowhere".into()] });
    assert_eq!(lines(&centre.told(&team)), ["2 c added q1"], "a team that is responsible for it sees it");
    assert_eq!(lines(&centre.told(&queue("nowhere", "Now here"))), ["2 c added nowhere"], "once it is there");
    let left = Event::AgentRemoved { agent: "c".into() };
    assert_eq!(lines(&centre.told(&left)), ["2 c removed nowhere", "2 c removed q1", "2 c removed q3", "1 s added q3"]);
    let gone = Event::QueueRemoved { queue: "q1".into() };
    let sent = centre.told(&gone);
    assert_eq!(sent[0].queue, json!({"queueId": "q1", "queueName": "Orders"}));
    assert_eq!(lines(&sent), ["1 s removed q1"]);
    assert_eq!(lines(&centre.told(&queue("q2", "Renamed"))), ["1 s changed q2"]);
}

#[test]
fn queues_of_somebody_unknown_are_refused() {
    let mut centre = Centre::new();
    assert_eq!(centre.roster.apply(centre.now, &serves("x", &["q1"])).err(), Some(Refusal::ServerUnknown));
    let many: Vec<String> = (0..=crate::limits::QUEUES_PER_SERVER_MAX).map(|n| n.to_string()).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    assert_eq!(centre.roster.apply(centre.now, &serves("a", &many)).err(), Some(Refusal::ServesTooMany));
    assert_eq!(centre.roster.apply(centre.now, &serves("a", &[""])).err(), Some(Refusal::IdInvalid));
}
