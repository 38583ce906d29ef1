//! A world in seconds: events in, the journey as a table out.

use std::sync::Arc;

use crate::cti::{
    AgentState, CallEvent, CallKind, CallRecord, Cause, Device, DeviceKind, LegState, Media, Party, PartyRole,
    QueueRecord,
};
use crate::ids::{AgentId, CallId, LinkId, QueueId};
use crate::limits::JourneyLimits;
use crate::link::{Head, HeadText};
use crate::report::journey::{JourneyEvent, JourneyRecord, JourneySink, Journeys, Names};
use crate::time::Time;

pub(super) struct Book;

impl Names for Book {
    fn agent_name(&self, agent: &AgentId) -> Option<&str> {
        match agent.as_str() {
            "ann" => Some("Ann"),
            "bob" => Some("Bob"),
            "cid" => Some("Cid"),
            _ => None,
        }
    }
}

#[derive(Default)]
pub(super) struct Told {
    pub(super) events: Vec<(u32, &'static str, serde_json::Value)>,
    pub(super) tails: Vec<Arc<[u8]>>,
    /// Of calls that ended.
    pub(super) records: Vec<JourneyRecord>,
    /// Of running calls, too.
    pub(super) handed: Vec<JourneyRecord>,
}

impl JourneySink for Told {
    fn event(&mut self, link: LinkId, event: JourneyEvent, asked: &CallId, tail: &Arc<[u8]>) {
        let mut message = Vec::new();
        Head::Journey(event, asked.clone()).write(&mut message, 1, &HeadText::new("service", "reports"));
        message.extend_from_slice(tail);
        let message: serde_json::Value = serde_json::from_slice(&message).expect("head and tail are one message");
        assert_eq!(message["event"]["name"], event.as_str());
        assert!(message["event"]["at"].is_u64());
        self.tails.push(Arc::clone(tail));
        self.events.push((link.index, event.as_str(), message["event"]["data"].clone()));
    }

    fn store(&mut self, record: JourneyRecord) {
        if !record.running {
            self.records.push(record.clone());
        }
        self.handed.push(record);
    }
}

pub(super) struct World {
    pub(super) now: Time,
    pub(super) journeys: Journeys,
    pub(super) told: Told,
}

impl World {
    pub(super) fn new() -> Self {
        Self::with(JourneyLimits::default())
    }

    pub(super) fn with(limits: JourneyLimits) -> Self {
        let mut journeys = Journeys::new(7, limits);
        journeys.queue(&QueueRecord { id: "q1".into(), name: "Sales".into() });
        journeys.queue(&QueueRecord { id: "q2".into(), name: "Support".into() });
        Self { now: Time::ZERO, journeys, told: Told::default() }
    }

    /// The second from which on things happen.
    pub(super) fn at(&mut self, second: u64) -> &mut Self {
        self.now = Time::from_millis(second * 1000);
        while let Some(due) = self.journeys.poll_timeout().filter(|due| *due <= self.now) {
            self.journeys.tick(due);
            self.journeys.flush(due, &mut self.told);
        }
        self
    }

    pub(super) fn call(&mut self, event: CallEvent) -> &mut Self {
        self.journeys.apply(self.now, &event, &Book);
        self.flush()
    }

    pub(super) fn agent(&mut self, agent: &str, state: AgentState) -> &mut Self {
        self.journeys.agent_status(self.now, &AgentId::from(agent), state, None, &Book);
        self.flush()
    }

    pub(super) fn flush(&mut self) -> &mut Self {
        self.journeys.flush(self.now, &mut self.told);
        self
    }

    /// The journey: `leg device type description start+duration`, `~` for partial, `…` for running.
    pub(super) fn table(&self, call: &str) -> Vec<String> {
        let journey = self.journeys.find(&CallId::from(call)).expect("the journey is known");
        let steps = journey.steps().map(|step| {
            let start = step.started.as_millis() / 1000;
            let end = step.ended.map_or_else(|| "…".to_owned(), |end| (end.as_millis() / 1000).to_string());
            format!(
                "{} {} {} | {} | {start}-{end}{}",
                step.call,
                step.kind.as_str(),
                step.device,
                step.description,
                if step.partial { " ~" } else { "" }
            )
        });
        steps.collect()
    }

    pub(super) fn json(&self, call: &str) -> String {
        let mut out = Vec::new();
        assert!(self.journeys.write_json(&mut out, &CallId::from(call), self.now));
        String::from_utf8(out).unwrap()
    }
}

pub(super) fn id(call: &str) -> CallId {
    CallId::from(call)
}

fn device(kind: DeviceKind, id: &str, agent: Option<&str>, label: &str) -> Device {
    Device { kind, id: id.into(), agent: agent.map(AgentId::from), label: label.into() }
}

pub(super) fn trigger() -> Device {
    device(DeviceKind::Trigger, "8000", None, "Main line")
}

pub(super) fn port() -> Device {
    device(DeviceKind::Ivr, "6001", None, "Welcome")
}

pub(super) fn queue_device() -> Device {
    device(DeviceKind::Queue, "q1", None, "")
}

pub(super) fn ann() -> Device {
    device(DeviceKind::Agent, "1001", Some("ann"), "")
}

pub(super) fn bob() -> Device {
    device(DeviceKind::Agent, "1002", Some("bob"), "")
}

pub(super) fn cid() -> Device {
    device(DeviceKind::Agent, "1003", Some("cid"), "")
}

pub(super) fn outside(number: &str) -> Device {
    device(DeviceKind::External, number, None, "")
}

pub(super) fn began(call: &str, kind: CallKind, from: &str, to: &str, consults: Option<&str>) -> CallEvent {
    CallEvent::Began {
        call: id(call),
        media: Media::Voice,
        kind,
        from: from.into(),
        to: to.into(),
        consults: consults.map(CallId::from),
        data: Vec::new(),
    }
}

pub(super) fn inbound(call: &str) -> CallEvent {
    began(call, CallKind::Inbound, "+431", "8000", None)
}

pub(super) fn dialing(call: &str, device: Device) -> CallEvent {
    CallEvent::Dialing { call: id(call), device }
}

pub(super) fn ringing(call: &str, device: Device) -> CallEvent {
    CallEvent::Ringing { call: id(call), device, queue: None, alias: None }
}

pub(super) fn ringing_from(call: &str, device: Device, queue: &str, alias: Option<&str>) -> CallEvent {
    CallEvent::Ringing { call: id(call), device, queue: Some(queue.into()), alias: alias.map(CallId::from) }
}

pub(super) fn connected(call: &str, device: Device) -> CallEvent {
    CallEvent::Connected { call: id(call), device, role: PartyRole::Party }
}

pub(super) fn queued(call: &str, queues: &[&str]) -> CallEvent {
    CallEvent::Queued { call: id(call), queues: queues.iter().map(|queue| QueueId::from(*queue)).collect() }
}

pub(super) fn dequeued(call: &str) -> CallEvent {
    CallEvent::Dequeued { call: id(call), queues: Vec::new() }
}

pub(super) fn diverted(call: &str, device: Device, cause: Cause) -> CallEvent {
    CallEvent::Diverted { call: id(call), device, cause }
}

pub(super) fn held(call: &str, device: Device) -> CallEvent {
    CallEvent::Held { call: id(call), device }
}

pub(super) fn retrieved(call: &str, device: Device) -> CallEvent {
    CallEvent::Retrieved { call: id(call), device }
}

pub(super) fn left(call: &str, device: Device, cause: Cause) -> CallEvent {
    CallEvent::Left { call: id(call), device, cause }
}

pub(super) fn ended(call: &str, cause: Cause) -> CallEvent {
    CallEvent::Ended { call: id(call), cause }
}

pub(super) fn party(call: &str, device: Device, state: LegState) -> Party {
    Party { call: id(call), device, role: PartyRole::Party, state }
}

pub(super) fn seen(call: &str, since: Option<u64>, parties: Vec<Party>, queues: &[&str]) -> CallEvent {
    CallEvent::Seen(CallRecord {
        call: id(call),
        media: Media::Voice,
        kind: CallKind::Inbound,
        from: "+431".into(),
        to: "8000".into(),
        since: since.map(|second| Time::from_millis(second * 1000)),
        consults: None,
        parties,
        queues: queues.iter().map(|queue| QueueId::from(*queue)).collect(),
        data: Vec::new(),
    })
}

/// Ann talks to the caller of `A` from second 30 on, through the queue.
pub(super) fn answered() -> World {
    let mut world = World::new();
    world.at(0).call(inbound("A")).call(ringing("A", trigger()));
    world.at(2).call(ringing("A", port())).call(connected("A", port()));
    world.at(10).call(queued("A", &["q1", "q2"]));
    world.at(25).call(diverted("A", queue_device(), Cause::Redirected));
    world.call(ringing_from("A", ann(), "q1", Some("A2")));
    world.at(30).call(connected("A", ann()));
    world
}

pub(super) const ANSWERED: [&str; 6] = [
    "A External +431 | Incoming call from +431 | 0-0",
    "A Trigger 8000 | Main line | 0-2",
    "A IVR 6001 | Welcome | 2-10",
    "A CSQ Sales | Sales: answered | 10-25",
    "A CSQ Support | Support: left | 10-25",
    "A Agent 1001 | ringing Ann | 25-30",
];

/// The journey of [`answered`] and what follows.
pub(super) fn and(rest: &[&str]) -> Vec<String> {
    ANSWERED.iter().chain(rest).map(|line| (*line).to_owned()).collect()
}
