//! What somebody knows who follows the events and nothing else: slow, obvious, and equal to the truth.

use std::collections::BTreeMap;

use super::super::Truth;
use crate::cti::{
    AgentRecord, AgentState, AgentStatus, CallEvent, CallRecord, DeviceKind, Event, LegState, Member, Party,
    QueueRecord, Server, Serves, TeamRecord,
};
use crate::ids::{AgentId, CallId, QueueId, TeamId};

#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Known {
    agents: BTreeMap<AgentId, AgentRecord>,
    statuses: BTreeMap<AgentId, AgentStatus>,
    teams: BTreeMap<TeamId, TeamRecord>,
    queues: BTreeMap<QueueId, QueueRecord>,
    serves: BTreeMap<AgentId, Serves>,
    calls: BTreeMap<CallId, CallRecord>,
}

#[derive(Debug, Default)]
pub(super) struct Replica {
    known: Known,
    staged: Option<Known>,
    pub(super) up: bool,
    /// Ids of calls that are over: nothing may be told of them again.
    over: BTreeMap<CallId, ()>,
}

impl Replica {
    pub(super) fn apply(&mut self, event: &Event) {
        let known = self.staged.as_mut().unwrap_or(&mut self.known);
        match event {
            Event::Up(_) => {
                assert!(!std::mem::replace(&mut self.up, true), "up twice");
            }
            Event::Down { .. } => {
                assert!(std::mem::replace(&mut self.up, false), "down twice");
            }
            Event::ResyncBegin => self.staged = Some(Known::default()),
            Event::ResyncEnd => self.known = self.staged.take().expect("begun before"),
            Event::Agent(record) => {
                known.agents.insert(record.id.clone(), record.clone());
                // A new name is theirs in calls, too.
                let parties = known.calls.values_mut().flat_map(|call| &mut call.parties);
                for party in parties.filter(|party| party.device.agent.as_ref() == Some(&record.id)) {
                    party.device.label = record.name.clone();
                }
                known.statuses.entry(record.id.clone()).or_insert_with(|| AgentStatus {
                    agent: record.id.clone(),
                    state: AgentState::LoggedOut,
                    reason: "".into(),
                    since: None,
                    pending: None,
                    extension: None,
                });
            }
            Event::AgentRemoved { agent } => {
                known.serves.remove(agent);
                known.agents.remove(agent).expect("known before");
                known.statuses.remove(agent);
                for team in known.teams.values_mut() {
                    team.members.retain(|member| member.agent != *agent);
                }
            }
            Event::Team(record) => {
                known.teams.insert(record.id.clone(), record.clone());
            }
            Event::TeamRemoved { team } => {
                known.teams.remove(team).expect("known before");
            }
            Event::TeamChanged { team, name, added, removed } => {
                let team = known.teams.get_mut(team).expect("known before");
                let has = |team: &TeamRecord, member: &Member| team.members.contains(member);
                assert!(removed.iter().all(|member| has(team, member)), "removed who was there");
                team.members.retain(|member| !removed.contains(member));
                assert!(!added.iter().any(|member| has(team, member)), "added who was not there");
                team.members.extend(added.iter().cloned());
                if let Some(name) = name {
                    assert_ne!(team.name, *name, "a new name");
                    team.name = name.clone();
                }
            }
            Event::Queue(record) => {
                known.queues.insert(record.id.clone(), record.clone());
            }
            Event::QueueRemoved { queue } => {
                known.queues.remove(queue).expect("known before");
            }
            Event::AgentStatus(status) => {
                assert!(known.agents.contains_key(&status.agent), "a status of somebody known");
                let before = known.statuses.insert(status.agent.clone(), status.clone());
                assert_ne!(before.as_ref(), Some(status), "a status that changed");
            }
            Event::Call(event) => {
                let live = self.staged.is_none();
                Self::call(self.staged.as_mut().unwrap_or(&mut self.known), &mut self.over, event, live);
            }
            Event::Answer(_) => {}
            Event::Serves(serves) => {
                let Server::Agent(agent) = &serves.who else { panic!("no team serves queues here") };
                assert!(known.agents.contains_key(agent), "queues of somebody known");
                known.serves.insert(agent.clone(), serves.clone());
            }
        }
    }

    fn call(known: &mut Known, over: &mut BTreeMap<CallId, ()>, event: &CallEvent, live: bool) {
        let calls = &mut known.calls;
        match event {
            CallEvent::Began { call, media, kind, from, to, consults, data } => {
                assert!(!over.contains_key(call) && !calls.contains_key(call), "a new id");
                if let Some(consulted) = consults {
                    assert!(calls.contains_key(consulted), "consults for a call in progress");
                }
                let record = CallRecord {
                    call: call.clone(),
                    media: *media,
                    kind: *kind,
                    from: from.clone(),
                    to: to.clone(),
                    since: None,
                    consults: consults.clone(),
                    parties: Vec::new(),
                    queues: Vec::new(),
                    data: data.clone(),
                };
                calls.insert(call.clone(), record);
            }
            CallEvent::Seen(record) => {
                assert!(!live, "seen in a resynchronisation only");
                calls.insert(record.call.clone(), record.clone());
            }
            CallEvent::Dialing { call, device } => upsert(open(calls, over, call), device, LegState::Dialing),
            CallEvent::Ringing { call, device, .. } => {
                let record = open(calls, over, call);
                assert!(!record.parties.iter().any(|party| party.device == *device), "rings once: {event:?}");
                upsert(record, device, LegState::Ringing);
            }
            CallEvent::Connected { call, device, role } => {
                let record = open(calls, over, call);
                upsert(record, device, LegState::Connected);
                for party in &mut record.parties {
                    if party.device.id == device.id {
                        party.role = *role;
                    }
                    if party.state == LegState::Dialing {
                        party.state = LegState::Connected;
                    }
                }
            }
            CallEvent::Queued { call, queues } => {
                let record = open(calls, over, call);
                assert!(!queues.iter().any(|queue| record.queues.contains(queue)), "joins a queue once");
                record.queues.extend(queues.iter().cloned());
            }
            CallEvent::Dequeued { call, queues } => {
                let record = open(calls, over, call);
                assert!(queues.iter().all(|queue| record.queues.contains(queue)), "leaves a queue it is in");
                record.queues.retain(|queue| !queues.contains(queue));
            }
            CallEvent::Diverted { call, device, .. } if device.kind == DeviceKind::Queue => {
                let record = open(calls, over, call);
                let before = record.queues.len();
                record.queues.retain(|queue| queue.as_str() != &*device.id);
                assert_eq!(record.queues.len() + 1, before, "leaves a queue it is in: {event:?}");
                assert!(record.queues.is_empty(), "and is in no other");
            }
            CallEvent::Diverted { call, device, .. } => {
                let was = remove(open(calls, over, call), device);
                assert_eq!(was, Some(LegState::Ringing), "rang before: {event:?}");
            }
            CallEvent::Left { call, device, .. } => {
                let was = remove(open(calls, over, call), device);
                assert!(was.is_some_and(|was| was != LegState::Ringing), "was on it: {event:?}");
            }
            CallEvent::Failed { call, device, .. } => {
                assert_eq!(remove(open(calls, over, call), device), None, "never reached: {event:?}");
            }
            CallEvent::Held { call, device } => {
                change(open(calls, over, call), device, LegState::Connected, LegState::Held);
            }
            CallEvent::Retrieved { call, device } => {
                change(open(calls, over, call), device, LegState::Held, LegState::Connected);
            }
            CallEvent::Transferred { call, absorbed, parties, .. }
            | CallEvent::Conferenced { call, absorbed, parties, .. } => {
                let gone = open(calls, over, absorbed);
                gone.parties.clear();
                let waits = std::mem::take(&mut gone.queues);
                let record = open(calls, over, call);
                assert!(parties.iter().all(|party| party.call == *call), "on the leg that goes on");
                record.parties.clone_from(parties);
                record.queues.extend(waits);
            }
            CallEvent::Renamed { call, new } => {
                let mut record = calls.remove(call).expect("in progress");
                record.call = new.clone();
                over.insert(call.clone(), ());
                for party in &mut record.parties {
                    party.call = new.clone();
                }
                for other in calls.values_mut().filter(|other| other.consults.as_ref() == Some(call)) {
                    other.consults = Some(new.clone());
                }
                calls.insert(new.clone(), record);
            }
            CallEvent::Data { call, data } => {
                let record = open(calls, over, call);
                for (key, value) in data {
                    let place = record.data.iter().position(|(k, _)| k == key);
                    match place {
                        Some(place) if value.is_empty() => {
                            record.data.remove(place);
                        }
                        Some(place) => record.data[place].1 = value.clone(),
                        None => record.data.push((key.clone(), value.clone())),
                    }
                }
            }
            CallEvent::Recording { call, device, .. } => {
                assert!(open(calls, over, call).parties.iter().any(|party| party.device.id == device.id), "on it");
            }
            CallEvent::Ended { call, .. } => {
                let record = calls.remove(call).unwrap_or_else(|| panic!("in progress: {event:?}"));
                assert!(record.parties.is_empty(), "everybody left before: {record:?}");
                over.insert(call.clone(), ());
                for other in calls.values_mut().filter(|other| other.consults.as_ref() == Some(call)) {
                    other.consults = None;
                }
            }
        }
    }

    pub(super) fn calls_in_progress(&self) -> usize {
        self.known.calls.len()
    }

    /// Everything known is everything true.
    pub(super) fn assert_equals(&self, truth: Truth<'_>) {
        assert_eq!(self.up, truth.is_up());
        let mut known = self.known.clone();
        for status in known.statuses.values_mut() {
            // Nothing was told of somebody new but that the person exists.
            if status.since.is_none() {
                status.since = truth.status(&status.agent).and_then(|status| status.since);
            }
        }
        assert_eq!(known.agents, truth.agents().map(|agent| (agent.id.clone(), agent)).collect());
        assert_eq!(known.statuses, truth.statuses().map(|status| (status.agent.clone(), status)).collect());
        let serves = truth.serves().filter_map(|serves| match &serves.who {
            Server::Agent(agent) => Some((agent.clone(), serves)),
            Server::Team(_) => None,
        });
        assert_eq!(known.serves, serves.collect());
        assert_eq!(known.queues, truth.queues().map(|queue| (queue.id.clone(), queue)).collect());
        for team in known.teams.values_mut() {
            team.members.sort_by(|a, b| (&a.agent, a.role).cmp(&(&b.agent, b.role)));
        }
        let sorted = |mut team: TeamRecord| {
            team.members.sort_by(|a, b| (&a.agent, a.role).cmp(&(&b.agent, b.role)));
            (team.id.clone(), team)
        };
        assert_eq!(known.teams, truth.teams().map(sorted).collect());
        let order = |mut call: CallRecord| {
            call.since = None;
            call.parties.sort_by(|a, b| a.device.id.cmp(&b.device.id));
            call.queues.sort();
            call.data.sort();
            (call.call.clone(), call)
        };
        let known: BTreeMap<_, _> = known.calls.into_values().map(order).collect();
        assert_eq!(known, truth.calls().map(order).collect());
    }
}

fn open<'a>(
    calls: &'a mut BTreeMap<CallId, CallRecord>,
    over: &BTreeMap<CallId, ()>,
    call: &CallId,
) -> &'a mut CallRecord {
    assert!(!over.contains_key(call), "nothing after the end of {call}");
    calls.get_mut(call).unwrap_or_else(|| panic!("{call} began before"))
}

fn upsert(record: &mut CallRecord, device: &crate::cti::Device, state: LegState) {
    if let Some(party) = record.parties.iter_mut().find(|party| party.device.id == device.id) {
        party.state = state;
        return;
    }
    let role = crate::cti::PartyRole::Party;
    record.parties.push(Party { call: record.call.clone(), device: device.clone(), role, state });
}

fn remove(record: &mut CallRecord, device: &crate::cti::Device) -> Option<LegState> {
    let place = record.parties.iter().position(|party| party.device.id == device.id)?;
    Some(record.parties.remove(place).state)
}

fn change(record: &mut CallRecord, device: &crate::cti::Device, from: LegState, to: LegState) {
    let party = record.parties.iter_mut().find(|party| party.device.id == device.id).expect("on it");
    assert_eq!(party.state, from);
    party.state = to;
}
