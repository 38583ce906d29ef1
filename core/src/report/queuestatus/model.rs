//! Histories against models: what should be shown, counted slowly, and one mirror for each subscription, built from what it
//! was sent.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use serde_json::{Value, json};

use super::QueueEvent;
use super::tests::{Centre, Sent, link};
use crate::cti::{
    AgentRecord, AgentState, AgentStatus, CallEvent, Cause, Device, DeviceKind, Event, Member, PartyRole, QueueRecord,
    Role, Server, Serves, TeamRecord,
};

const AGENTS: [&str; 4] = ["a", "b", "c", "d"];
const QUEUES: [&str; 4] = ["q1", "q2", "q\"3", "é"];

#[derive(Clone, Debug)]
enum Op {
    Event(Event),
    Begin(u32, usize),
    End(u32, usize),
    DropLink(u32),
    Restore,
    Day,
}

/// What of people and queues the protocol says, as slowly and plainly as possible.
#[derive(Clone, Debug, Default)]
struct Naive {
    agents: BTreeSet<String>,
    states: BTreeMap<String, AgentState>,
    teams: BTreeMap<String, BTreeSet<(String, Role)>>,
    queues: BTreeMap<String, String>,
    by_agent: BTreeMap<String, BTreeSet<String>>,
    by_team: BTreeMap<String, BTreeSet<String>>,
}

impl Naive {
    fn take(&mut self, event: &Event) {
        match event {
            Event::Agent(record) => {
                self.agents.insert(record.id.to_string());
            }
            Event::AgentRemoved { agent } => {
                let agent = agent.as_str();
                self.agents.remove(agent);
                self.states.remove(agent);
                self.by_agent.remove(agent);
                self.teams.values_mut().for_each(|members| members.retain(|(member, _)| member != agent));
            }
            Event::AgentStatus(status) => {
                self.states.insert(status.agent.to_string(), status.state);
            }
            Event::Team(record) => {
                let members = record.members.iter().map(|member| (member.agent.to_string(), member.role)).collect();
                self.teams.insert(record.id.to_string(), members);
            }
            Event::TeamRemoved { team } => {
                self.teams.remove(team.as_str());
                self.by_team.remove(team.as_str());
            }
            Event::Queue(record) => {
                self.queues.insert(record.id.to_string(), record.name.to_string());
            }
            Event::QueueRemoved { queue } => {
                self.queues.remove(queue.as_str());
            }
            Event::Serves(Serves { who, queues }) => {
                let queues = queues.iter().map(ToString::to_string).collect();
                match who {
                    Server::Agent(agent) if self.knows(agent.as_str()) => {
                        self.by_agent.insert(agent.to_string(), queues)
                    }
                    Server::Team(team) if self.teams.contains_key(team.as_str()) => {
                        self.by_team.insert(team.to_string(), queues)
                    }
                    Server::Agent(_) | Server::Team(_) => None,
                };
            }
            _ => {}
        }
    }

    fn knows(&self, agent: &str) -> bool {
        self.agents.contains(agent)
            || self.states.contains_key(agent)
            || self.teams.values().flatten().any(|(member, _)| member == agent)
    }

    fn visible(&self, agent: &str) -> BTreeSet<String> {
        let mut seen = BTreeSet::new();
        for (team, members) in &self.teams {
            if members.iter().any(|(member, _)| member == agent) {
                seen.extend(self.by_team.get(team).into_iter().flatten().cloned());
                seen.extend(members.iter().filter_map(|(member, _)| self.by_agent.get(member)).flatten().cloned());
            }
        }
        let supervises = self.teams.values().any(|members| members.contains(&(agent.to_owned(), Role::Supervisor)));
        let served: BTreeSet<&String> = self.by_agent.values().chain(self.by_team.values()).flatten().collect();
        if supervises {
            seen.extend(self.queues.keys().filter(|queue| !served.contains(queue)).cloned());
        }
        seen.retain(|queue| self.queues.contains_key(queue));
        seen
    }

    /// Name and agents by state, as an event says them.
    fn people(&self, queue: &str) -> (Value, Value) {
        let serving: Vec<_> = self.by_agent.iter().filter(|(_, queues)| queues.contains(queue)).collect();
        let state = |agent: &String| self.states.get(agent).copied().unwrap_or(AgentState::LoggedOut);
        let count = |one: AgentState| serving.iter().filter(|(agent, _)| state(agent) == one).count();
        let counts: serde_json::Map<String, Value> =
            AgentState::ALL.into_iter().map(|one| (one.as_str().to_owned(), json!(count(one)))).collect();
        (json!(self.queues[queue]), if serving.is_empty() { Value::Null } else { counts.into() })
    }
}

/// What is told of contacts, for one id each and one queue at a time: who waits where, and how the day went.
#[derive(Clone, Debug, Default)]
struct Floor {
    waiting: BTreeMap<(String, String), u64>,
    answered: BTreeMap<String, u64>,
    abandoned: BTreeMap<String, u64>,
}

impl Floor {
    fn take(&mut self, now: u64, queues: &BTreeMap<String, String>, event: &CallEvent) {
        match event {
            CallEvent::Queued { call, queues: into } => {
                for queue in into {
                    self.waiting.entry((call.to_string(), queue.to_string())).or_insert(now);
                }
            }
            CallEvent::Connected { call, .. } => {
                let waits = self.leave(call.as_str());
                if let Some(queue) = waits.first().filter(|queue| queues.contains_key(*queue)) {
                    *self.answered.entry(queue.clone()).or_default() += 1;
                }
            }
            CallEvent::Ended { call, cause } => {
                for queue in self.leave(call.as_str()) {
                    *self.abandoned.entry(queue).or_default() += u64::from(*cause == Cause::Abandoned);
                }
            }
            _ => {}
        }
    }

    fn leave(&mut self, call: &str) -> Vec<String> {
        let gone = self.waiting.extract_if(.., |(other, _), _| other == call);
        gone.map(|((_, queue), _)| queue).collect()
    }
}

struct World {
    centre: Centre,
    live: Naive,
    staged: Option<Naive>,
    in_service: bool,
    floor: Floor,
    mirrors: BTreeMap<(u32, String), BTreeMap<String, Value>>,
}

impl World {
    fn step(&mut self, op: &Op) {
        match op {
            Op::Event(event) => self.event(event),
            Op::Begin(index, agent) => {
                let agent = AGENTS[*agent];
                let begun = self.centre.begin(*index, agent);
                assert_eq!(begun.is_ok(), self.centre.roster.agent(agent).is_some());
                if let Ok(sent) = begun {
                    let fresh: BTreeMap<String, Value> = sent.iter().map(|one| (one.id(), one.queue.clone())).collect();
                    let before = self.mirrors.insert((*index, agent.to_owned()), fresh.clone());
                    assert!(before.is_none_or(|before| before == fresh), "a second snapshot says the same");
                }
            }
            Op::End(index, agent) => {
                let was = self.mirrors.remove(&(*index, AGENTS[*agent].to_owned())).is_some();
                assert_eq!(self.centre.status.end(link(*index), AGENTS[*agent]), was);
            }
            Op::DropLink(index) => {
                self.centre.status.drop_link(link(*index));
                self.mirrors.retain(|(other, _), _| other != index);
            }
            Op::Restore => {
                let written = postcard::to_allocvec(&self.centre.status).expect("saved");
                self.centre.status = postcard::from_bytes(&written).expect("restored");
                assert_eq!(postcard::to_allocvec(&self.centre.status).expect("saved"), written);
            }
            Op::Day => {
                let next = self.centre.status.poll_timeout();
                let watched = !self.live.queues.is_empty() && !self.mirrors.is_empty();
                assert_eq!(next.is_some(), watched, "a deadline while somebody watches something");
                if let Some(next) = next {
                    self.centre.now = self.centre.now.max(next);
                    self.centre.status.roll(self.centre.now, 0);
                    (self.floor.answered, self.floor.abandoned) = (BTreeMap::new(), BTreeMap::new());
                    let now = self.centre.now.as_millis();
                    self.floor.waiting.retain(|_, since| *since + 86_400_000 > now);
                    let sent = self.centre.published();
                    self.mirror(&sent);
                }
            }
        }
        self.compare();
    }

    fn event(&mut self, event: &Event) {
        match (event, &mut self.staged) {
            (Event::ResyncBegin, _) => (self.staged, self.in_service) = (Some(Naive::default()), false),
            (Event::ResyncEnd, staged) => {
                if let Some(truth) = staged.take() {
                    self.live = truth;
                    self.in_service = true;
                    // No contact is told in these resynchronisations: all of them are gone.
                    self.floor.waiting.clear();
                }
            }
            (Event::Down { .. }, staged) => (*staged, self.in_service) = (None, false),
            (Event::Call(call), None) if self.in_service => {
                let now = self.centre.now.as_millis() + 1_000;
                self.floor.take(now, &self.live.queues, call);
            }
            (Event::Call(_), _) => return,
            (record, Some(staged)) => staged.take(record),
            (record, None) if self.in_service => self.live.take(record),
            (_, None) => {}
        }
        if let (Event::QueueRemoved { queue }, true) = (event, self.in_service) {
            self.floor.waiting.retain(|(_, other), _| other != queue.as_str());
        }
        for counts in [&mut self.floor.answered, &mut self.floor.abandoned] {
            counts.retain(|queue, _| self.live.queues.contains_key(queue));
        }
        let sent = self.centre.told(event);
        self.mirror(&sent);
    }

    fn mirror(&mut self, sent: &[Sent]) {
        let order: Vec<_> = sent.iter().map(|one| (one.event, one.id(), one.agent.clone(), one.link)).collect();
        assert!(order.is_sorted_by(|a, b| a < b), "kind, queue, agent, link; each once: {order:?}");
        for one in sent {
            assert_eq!(one.at, self.centre.now.as_millis());
            let key = (one.link.index, one.agent.clone());
            let mirror = self.mirrors.get_mut(&key).expect("an event without a subscription");
            let before = match one.event {
                QueueEvent::Removed => mirror.remove(&one.id()),
                QueueEvent::Added | QueueEvent::Changed => mirror.insert(one.id(), one.queue.clone()),
            };
            match (one.event, before) {
                (QueueEvent::Added, None) => {}
                (QueueEvent::Removed, Some(_)) => assert_eq!(one.queue.as_object().expect("an object").len(), 2),
                (QueueEvent::Changed, Some(before)) => assert_ne!(before, one.queue, "nothing for what did not change"),
                (event, before) => panic!("{event:?} over {before:?}"),
            }
        }
        for (n, a) in sent.iter().enumerate() {
            let twin = sent[..n].iter().find(|b| a.event == b.event && a.id() == b.id());
            assert!(twin.is_none_or(|b| std::sync::Arc::ptr_eq(&a.tail, &b.tail)), "one encoding for all");
        }
    }

    fn compare(&mut self) {
        let mirrors = self.mirrors.clone();
        for ((_, agent), mirror) in &mirrors {
            if self.centre.roster.agent(agent).is_some() {
                let snapshot = self.centre.begin(99, agent).expect("known");
                let fresh: BTreeMap<String, Value> = snapshot.iter().map(|one| (one.id(), one.queue.clone())).collect();
                assert_eq!(&fresh, mirror, "a fresh snapshot of {agent} says what was told");
                self.centre.status.drop_link(link(99));
            }
            if !self.in_service {
                continue;
            }
            assert_eq!(mirror.keys().cloned().collect::<BTreeSet<_>>(), self.live.visible(agent), "{agent} sees");
            for (queue, shown) in mirror {
                let (name, agents) = self.live.people(queue);
                assert_eq!((&shown["queueName"], &shown["agents"]), (&name, &agents), "{queue}");
                let waits = self.floor.waiting.iter().filter(|((_, other), _)| other == queue);
                assert_eq!(shown["waiting"], waits.clone().count(), "{queue}");
                assert_eq!(shown["longestWaitSince"], json!(waits.map(|(_, since)| *since).min()), "{queue}");
                let count = |counts: &BTreeMap<String, u64>| counts.get(queue).copied().unwrap_or_default();
                assert_eq!(shown["today"]["answered"], count(&self.floor.answered), "{queue}");
                assert_eq!(shown["today"]["abandoned"], count(&self.floor.abandoned), "{queue}");
            }
        }
    }
}

fn any_agent() -> impl Strategy<Value = &'static str> {
    prop::sample::select(&AGENTS[..])
}

fn any_queue() -> impl Strategy<Value = &'static str> {
    prop::sample::select(&QUEUES[..])
}

fn any_team() -> impl Strategy<Value = &'static str> {
    prop::sample::select(&["1", "2"][..])
}

fn any_record() -> impl Strategy<Value = Event> {
    let role = prop::sample::select(&[Role::Supervisor, Role::TeamLead, Role::Agent][..]);
    let members = prop::collection::vec((any_agent(), role), 0..5);
    let queues = || prop::collection::vec(any_queue(), 0..4);
    let serves = |who: Server, queues: Vec<&str>| {
        Event::Serves(Serves { who, queues: queues.into_iter().map(Into::into).collect() })
    };
    prop_oneof![
        3 => any_agent().prop_map(|id| Event::Agent(AgentRecord { id: id.into(), name: id.into(), extension: None })),
        1 => any_agent().prop_map(|agent| Event::AgentRemoved { agent: agent.into() }),
        4 => (any_team(), members).prop_map(|(id, members)| {
            let members = members.into_iter().map(|(agent, role)| Member { agent: agent.into(), role }).collect();
            Event::Team(TeamRecord { id: id.into(), name: id.into(), members })
        }),
        1 => any_team().prop_map(|team| Event::TeamRemoved { team: team.into() }),
        4 => (any_queue(), prop::sample::select(&["One", "Two"][..]))
            .prop_map(|(id, name)| Event::Queue(QueueRecord { id: id.into(), name: name.into() })),
        1 => any_queue().prop_map(|queue| Event::QueueRemoved { queue: queue.into() }),
        4 => (any_agent(), queues()).prop_map(move |(agent, queues)| serves(Server::Agent(agent.into()), queues)),
        2 => (any_team(), queues()).prop_map(move |(team, queues)| serves(Server::Team(team.into()), queues)),
        5 => (any_agent(), 0..7_usize).prop_map(|(agent, state)| Event::AgentStatus(AgentStatus {
            agent: agent.into(),
            state: AgentState::ALL[state],
            reason: "".into(),
            since: None,
            pending: None,
            extension: None,
        })),
    ]
}

/// Contacts that wait in one queue each, so that the slow count needs no rules.
fn any_call() -> impl Strategy<Value = CallEvent> {
    let device = || Device { kind: DeviceKind::Agent, id: "41".into(), agent: Some("a".into()), label: "".into() };
    let cause = prop::sample::select(&[Cause::Abandoned, Cause::Failed][..]);
    (0..3_usize, 0..4_usize, prop::sample::select(&[0, 0, 1, 2][..]), cause).prop_map(move |(n, queue, what, cause)| {
        let call = format!("c{n}-{queue}").into();
        match what {
            0 => CallEvent::Queued { call, queues: vec![QUEUES[queue].into()] },
            1 => CallEvent::Connected { call, device: device(), role: PartyRole::Party },
            _ => CallEvent::Ended { call, cause },
        }
    })
}

fn any_ops() -> impl Strategy<Value = Vec<Op>> {
    let resync = || {
        prop::collection::vec(any_record(), 4..16).prop_map(|records| {
            let mut ops = vec![Op::Event(Event::ResyncBegin)];
            ops.extend(records.into_iter().map(Op::Event));
            ops.push(Op::Event(Event::ResyncEnd));
            ops
        })
    };
    let some = prop_oneof![
        20 => any_record().prop_map(|event| vec![Op::Event(event)]),
        16 => any_call().prop_map(|call| vec![Op::Event(Event::Call(call))]),
        8 => (0..3_u32, 0..4_usize).prop_map(|(link, agent)| vec![Op::Begin(link, agent)]),
        2 => (0..3_u32, 0..4_usize).prop_map(|(link, agent)| vec![Op::End(link, agent)]),
        1 => (0..3_u32).prop_map(|link| vec![Op::DropLink(link)]),
        3 => resync(),
        1 => Just(vec![Op::Event(Event::ResyncBegin)]),
        1 => Just(vec![Op::Event(Event::Down { why: "".into() })]),
        1 => Just(vec![Op::Restore]),
        1 => Just(vec![Op::Day]),
    ];
    (resync(), prop::collection::vec(some, 1..60))
        .prop_map(|(first, ops)| first.into_iter().chain(ops.concat()).collect())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn snapshot_and_events_are_the_truth(ops in any_ops()) {
        let mut world = World {
            centre: Centre::empty(),
            live: Naive::default(),
            staged: None,
            in_service: false,
            floor: Floor::default(),
            mirrors: BTreeMap::new(),
        };
        for op in &ops {
            world.step(op);
        }
    }
}
