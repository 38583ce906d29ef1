//! What each event does to a leg.

use super::{Calls, Leg, OnLeg, Touched};
use crate::cti::{
    CallData, CallEvent, CallKind, CallRecord, Device, DeviceKind, LegState, Media, Party, PartyRole, RecordingState,
};
use crate::ids::{AgentId, CallId, QueueId};
use crate::limits::{CALL_DATA_KEYS_MAX, CALLS_MAX, PARTIES_MAX};
use crate::time::Time;

impl Calls {
    /// Applies what happened to a leg. `asked` says of which agents to tell, `queue` a queue's name.
    pub(crate) fn apply(
        &mut self,
        now: Time,
        event: &CallEvent,
        asked: impl Fn(&str) -> bool,
        queue: impl Fn(&QueueId) -> Option<Box<str>>,
    ) -> Touched {
        let call = self.canonical(event.call()).clone();
        let mut touched = Touched::default();
        touched.note(self.legs.get(&call), &asked);
        match event {
            CallEvent::Began { media, kind, from, to, consults, data, .. } => {
                let consults = consults.as_ref().map(|call| self.canonical(call).clone());
                if let Some(leg) = self.open(now, &call) {
                    (leg.media, leg.kind, leg.from, leg.to) = (*media, *kind, from.clone(), to.clone());
                    leg.consults = consults;
                    leg.put(data);
                }
                self.revise(&call);
            }
            CallEvent::Seen(record) => {
                self.seen(now, &call, record, &queue);
                self.revise(&call);
            }
            CallEvent::Dialing { device, .. } => self.at(now, &call, device, LegState::Dialing),
            CallEvent::Ringing { device, queue: brought_by, alias, .. } => {
                self.at(now, &call, device, LegState::Ringing);
                if let Some(alias) = alias.as_ref().filter(|alias| **alias != call) {
                    self.alias(alias, &call);
                }
                let name = brought_by.as_ref().and_then(queue);
                if let (Some(leg), Some(name)) = (self.legs.get_mut(&call), name) {
                    leg.data.insert("queue".into(), name);
                }
                self.revise(&call);
            }
            CallEvent::Connected { device, role, .. } => {
                self.at(now, &call, device, LegState::Connected);
                if let Some(leg) = self.legs.get_mut(&call) {
                    leg.connect(device, *role);
                }
            }
            CallEvent::Held { device, .. } => self.at(now, &call, device, LegState::Held),
            CallEvent::Retrieved { device, .. } => self.at(now, &call, device, LegState::Connected),
            CallEvent::Queued { .. } | CallEvent::Dequeued { .. } => self.hear(now, &call),
            CallEvent::Diverted { device, cause, .. }
            | CallEvent::Left { device, cause, .. }
            | CallEvent::Failed { device, cause, .. } => {
                self.hear(now, &call);
                if let Some(leg) = self.legs.get_mut(&call) {
                    leg.parties.retain(|party| party.device.id != device.id);
                }
                touched.cause = Some(*cause);
                touched.has_left = true;
            }
            CallEvent::Transferred { absorbed, parties, .. } | CallEvent::Conferenced { absorbed, parties, .. } => {
                let absorbed = self.canonical(absorbed).clone();
                touched.note(self.legs.get(&absorbed), &asked);
                touched.moved = Some((absorbed.clone(), call.clone()));
                touched.cause = Some(crate::cti::Cause::Transferred);
                self.join(now, &call, &absorbed, parties);
            }
            CallEvent::Renamed { new, .. } => {
                self.rename(now, &call, new);
                touched.moved = Some((call, new.clone()));
                touched.note(self.legs.get(new), &asked);
                return touched;
            }
            CallEvent::Data { data, .. } => {
                self.hear(now, &call);
                if let Some(leg) = self.legs.get_mut(&call) {
                    leg.put(data);
                }
                self.revise(&call);
            }
            CallEvent::Recording { device, state, .. } => {
                self.hear(now, &call);
                let party = self.legs.get_mut(&call).and_then(|leg| leg.party_mut(&device.id));
                if let Some(party) = party {
                    party.recording = *state;
                }
            }
            CallEvent::Ended { cause, .. } => {
                self.remove(&call);
                touched.cause = Some(*cause);
            }
        }
        touched.note(self.legs.get(&call), &asked);
        touched
    }

    /// Its data, or its ends, may have changed.
    fn revise(&mut self, call: &CallId) {
        if let Some(leg) = self.legs.get_mut(call) {
            leg.revision = next(&mut self.revisions);
        }
    }

    fn hear(&mut self, now: Time, call: &CallId) {
        if let Some(leg) = self.legs.get_mut(call) {
            leg.heard = now;
            leg.mentioned = true;
        }
    }

    /// The leg of that id, opened if need be; none where as many as may be are known.
    fn open(&mut self, now: Time, call: &CallId) -> Option<&mut Leg> {
        if !self.legs.contains_key(call) && self.legs.len() >= CALLS_MAX as usize {
            return None;
        }
        let revisions = &mut self.revisions;
        let leg = self.legs.entry(call.clone()).or_insert_with(|| Leg {
            revision: next(revisions),
            media: Media::Voice,
            kind: CallKind::Inbound,
            from: Box::default(),
            to: Box::default(),
            since: now,
            consults: None,
            parties: Vec::new(),
            data: std::collections::BTreeMap::new(),
            aliases: Vec::new(),
            heard: now,
            mentioned: true,
        });
        leg.heard = now;
        leg.mentioned = true;
        Some(leg)
    }

    /// A device is on the leg in this state.
    fn at(&mut self, now: Time, call: &CallId, device: &Device, state: LegState) {
        // A queue is no party: calls wait in it, nobody speaks there.
        if device.kind == DeviceKind::Queue {
            return self.hear(now, call);
        }
        let Some(leg) = self.open(now, call) else { return };
        let has_room = leg.parties.len() < PARTIES_MAX;
        match leg.party_mut(&device.id) {
            Some(party) => {
                // Platforms promise no order: that a phone rang may be told after it was answered.
                let is_late = matches!(state, LegState::Ringing | LegState::Dialing);
                if !is_late || !matches!(party.state, LegState::Connected | LegState::Held) {
                    party.state = state;
                }
                if device.agent.is_some() {
                    party.device.agent.clone_from(&device.agent);
                }
            }
            None if has_room => leg.parties.push(OnLeg {
                device: device.clone(),
                role: PartyRole::Party,
                state,
                recording: RecordingState::Stopped,
            }),
            None => {}
        }
    }

    /// A further id of a leg, unless it is one of another's: the first keeps it, and takes it along when it goes.
    fn alias(&mut self, alias: &CallId, call: &CallId) {
        if let Some(leg) = self.legs.get_mut(call)
            && leg.aliases.len() < PARTIES_MAX
            && !self.aliases.contains_key(alias)
        {
            self.aliases.insert(alias.clone(), call.clone());
            leg.aliases.push(alias.clone());
        }
    }

    fn seen(&mut self, now: Time, call: &CallId, record: &CallRecord, queue: &impl Fn(&QueueId) -> Option<Box<str>>) {
        let consults = record.consults.as_ref().map(|call| self.canonical(call).clone());
        let Some(leg) = self.open(now, call) else { return };
        (leg.media, leg.kind) = (record.media, record.kind);
        (leg.from, leg.to, leg.consults) = (record.from.clone(), record.to.clone(), consults);
        leg.since = record.since.unwrap_or(leg.since).min(now);
        leg.stand(record.parties.iter().filter(|party| party.call == *call || party.call == record.call));
        leg.data.clear();
        leg.put(&record.data);
        if let Some(name) = record.queues.first().and_then(queue) {
            leg.data.entry("queue".into()).or_insert(name);
        }
    }

    /// Two legs become one.
    fn join(&mut self, now: Time, call: &CallId, absorbed: &CallId, parties: &[Party]) {
        let gone = self.remove(absorbed);
        let Some(leg) = self.open(now, call) else { return };
        if let Some(gone) = gone {
            leg.parties.extend(gone.parties);
        }
        if leg.consults.as_ref() == Some(absorbed) {
            leg.consults = None;
        }
        leg.stand(parties.iter());
    }

    fn rename(&mut self, now: Time, call: &CallId, new: &CallId) {
        let new = self.canonical(new).clone();
        if *call == new {
            return;
        }
        let Some(mut leg) = self.legs.swap_remove(call) else { return };
        (leg.heard, leg.mentioned) = (now, true);
        for alias in &leg.aliases {
            self.aliases.insert(alias.clone(), new.clone());
        }
        self.legs.insert(new.clone(), leg);
        // What the platform still says of the old id is meant for the same leg.
        self.alias(call, &new);
    }
}

fn next(revisions: &mut u64) -> u64 {
    *revisions += 1;
    *revisions
}

impl Touched {
    fn note(&mut self, leg: Option<&Leg>, asked: &impl Fn(&str) -> bool) {
        for agent in leg.into_iter().flat_map(|leg| &leg.parties).filter_map(|party| party.device.agent.as_ref()) {
            if !self.agents.contains(agent) && asked(agent.as_str()) {
                self.agents.push(AgentId::clone(agent));
            }
        }
    }
}

impl Leg {
    fn party_mut(&mut self, device: &str) -> Option<&mut OnLeg> {
        self.parties.iter_mut().find(|party| *party.device.id == *device)
    }

    /// A device answered, and with it whoever dialled is connected.
    fn connect(&mut self, device: &Device, role: PartyRole) {
        if let Some(party) = self.party_mut(&device.id) {
            party.role = role;
        }
        if matches!(role, PartyRole::Party) {
            for party in self.parties.iter_mut().filter(|party| party.state == LegState::Dialing) {
                party.state = LegState::Connected;
            }
        }
    }

    /// These are on the leg, and nobody else. What the list does not tell of them stays as it was.
    fn stand<'a>(&mut self, parties: impl Iterator<Item = &'a Party>) {
        let before = std::mem::take(&mut self.parties);
        for party in parties.take(PARTIES_MAX) {
            if self.party_mut(&party.device.id).is_some() {
                continue;
            }
            let recording = before.iter().find(|before| before.device.id == party.device.id);
            let recording = recording.map_or(RecordingState::Stopped, |before| before.recording);
            let Party { device, role, state, .. } = party.clone();
            self.parties.push(OnLeg { device, role, state, recording });
        }
    }

    fn put(&mut self, data: &CallData) {
        for (key, value) in data {
            if value.is_empty() {
                self.data.remove(key);
            } else if self.data.len() < CALL_DATA_KEYS_MAX || self.data.contains_key(key) {
                self.data.insert(key.clone(), value.clone());
            }
        }
    }
}
