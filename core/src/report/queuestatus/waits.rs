//! Contacts in queues: since when each waits, and what becomes of it.
//!
//! A contact waits in a queue from when the platform says so until it says that it left, somebody answers it, or it ends. One
//! that comes back to a queue unanswered (its agent's phone rang in vain) goes on waiting since it first came. An agent who
//! takes it answers it for one queue: the one that offered it, where the platform names it; else one it waits in, one of that
//! agent's first, the longest first. A contact that ends unanswered, and was not turned away by the platform, is abandoned in
//! every queue it waits in, or in the one that was offering it.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::cti::{CallEvent, CallRecord, Cause, Device, DeviceKind, LegState, PartyRole};
use crate::ids::{AgentId, CallId, QueueId};
use crate::limits::{WAIT_LONGEST, WAIT_PLACES_MAX, WAITING_MAX};
use crate::map::Map;
use crate::time::Time;

/// All of them.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Waits {
    contacts: BTreeMap<u64, Contact>,
    ids: Map<CallId, u64>,
    /// Of each queue: who waits, the longest first. Queues in which nobody waits are not in it.
    waiting: Map<QueueId, BTreeSet<(Time, u64)>>,
    last: u64,
}

/// A contact that waits, or came out of a queue and is not answered.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Contact {
    ids: Vec<CallId>,
    places: Vec<Place>,
    offered: Option<Offer>,
    /// Whether the resynchronisation under way mentioned it.
    confirmed: bool,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Place {
    queue: QueueId,
    since: Time,
    /// Whether it waits there now.
    inside: bool,
}

/// It rings somewhere.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Offer {
    device: Box<str>,
    queue: Option<QueueId>,
}

/// What happened to a queue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Told {
    /// Somebody came or left.
    Moved(QueueId),
    /// A contact of it was answered.
    Answered(QueueId),
    /// A contact of it gave up.
    Abandoned(QueueId),
    /// What became of a contact of it was not seen.
    Lost(QueueId),
}

impl Told {
    pub(super) fn queue(&self) -> &QueueId {
        match self {
            Self::Moved(queue) | Self::Answered(queue) | Self::Abandoned(queue) | Self::Lost(queue) => queue,
        }
    }
}

/// Whether an agent is known to serve a queue.
type Serves<'a> = &'a dyn Fn(&AgentId, &QueueId) -> bool;

impl Waits {
    pub(super) fn new(seed: u64) -> Self {
        Self { contacts: BTreeMap::new(), ids: Map::new(seed), waiting: Map::new(seed), last: 0 }
    }

    pub(super) fn len(&self) -> usize {
        self.contacts.len()
    }

    /// How many wait in the queue.
    pub(super) fn count(&self, queue: &QueueId) -> u32 {
        // INVARIANT: there are at most `WAITING_MAX` contacts.
        self.waiting.get(queue).map_or(0, |set| set.len() as u32)
    }

    /// Since when the one waits that has waited longest.
    pub(super) fn longest_since(&self, queue: &QueueId) -> Option<Time> {
        Some(self.waiting.get(queue)?.first()?.0)
    }

    pub(super) fn apply(&mut self, now: Time, event: &CallEvent, serves: Serves<'_>) -> Vec<Told> {
        let mut told = Vec::new();
        match event {
            CallEvent::Queued { call, queues } => {
                if let Some(no) = self.contact(call, queues, &mut told) {
                    self.enter(no, queues, now, &mut told);
                }
            }
            CallEvent::Dequeued { call, queues } => self.leave(call, queues, &mut told),
            CallEvent::Diverted { call, device, .. } | CallEvent::Left { call, device, .. } => match device.kind {
                DeviceKind::Queue => self.leave(call, &[], &mut told),
                DeviceKind::Agent | DeviceKind::External => self.withdraw(call, device),
                DeviceKind::Trigger | DeviceKind::Ivr => {}
            },
            CallEvent::Failed { call, device, .. } => self.withdraw(call, device),
            CallEvent::Ringing { call, device, queue, alias } => {
                if let Some(no) = self.ids.get(call).copied() {
                    self.offer(no, device, queue.as_ref());
                    if let Some(alias) = alias {
                        self.also(no, alias);
                    }
                }
            }
            CallEvent::Connected { call, device, role: PartyRole::Party } if device.kind == DeviceKind::Agent => {
                self.answer(call, device, serves, &mut told);
            }
            CallEvent::Transferred { call, absorbed, .. } | CallEvent::Conferenced { call, absorbed, .. } => {
                self.join(call, absorbed, &mut told);
            }
            CallEvent::Renamed { call, new } => match (self.ids.get(call).copied(), self.ids.get(new).copied()) {
                (Some(no), None) => self.also(no, new),
                (None, Some(no)) => self.also(no, call),
                (Some(_), Some(_)) => self.join(new, call, &mut told),
                (None, None) => {}
            },
            CallEvent::Ended { call, cause } => self.end(call, *cause, serves, &mut told),
            CallEvent::Seen(record) => self.seen(now, record, serves, &mut told),
            CallEvent::Began { .. }
            | CallEvent::Dialing { .. }
            | CallEvent::Connected { .. }
            | CallEvent::Held { .. }
            | CallEvent::Retrieved { .. }
            | CallEvent::Data { .. }
            | CallEvent::Recording { .. } => {}
        }
        told
    }

    /// A resynchronisation begins: what it does not mention is gone.
    pub(super) fn doubt(&mut self) {
        for contact in self.contacts.values_mut() {
            contact.confirmed = false;
        }
    }

    /// It ended: what became of contacts it did not mention was not seen.
    pub(super) fn settle(&mut self) -> Vec<Told> {
        let gone = self.contacts.iter().filter(|(_, contact)| !contact.confirmed).map(|(no, _)| *no);
        let mut told = Vec::new();
        for no in gone.collect::<Vec<_>>() {
            for place in self.forget(no, &mut told).map(|gone| gone.places).unwrap_or_default() {
                told.push(Told::Lost(place.queue));
            }
        }
        told
    }

    /// Forgets what has waited for so long that its end must have been lost.
    pub(super) fn expire(&mut self, now: Time) -> Vec<Told> {
        let old = |contact: &Contact| contact.places.iter().all(|place| place.since + WAIT_LONGEST <= now);
        let old = self.contacts.iter().filter(|(_, contact)| old(contact)).map(|(no, _)| *no);
        let mut told = Vec::new();
        for no in old.collect::<Vec<_>>() {
            self.forget(no, &mut told);
        }
        told
    }

    /// The queue is gone, and with it whoever waited in it.
    pub(super) fn remove_queue(&mut self, queue: &QueueId) {
        for (_, no) in self.waiting.swap_remove(queue).unwrap_or_default() {
            if let Some(contact) = self.contacts.get_mut(&no) {
                contact.places.retain(|place| place.queue != *queue);
            }
        }
    }

    /// The contact that goes by this id, a new one where there is room.
    fn contact(&mut self, call: &CallId, queues: &[QueueId], told: &mut Vec<Told>) -> Option<u64> {
        if let Some(no) = self.ids.get(call) {
            return Some(*no);
        }
        if queues.is_empty() {
            return None;
        }
        if self.contacts.len() >= WAITING_MAX as usize {
            told.extend(queues.iter().cloned().map(Told::Lost));
            return None;
        }
        self.last += 1;
        let contact = Contact { ids: vec![call.clone()], places: Vec::new(), offered: None, confirmed: true };
        self.contacts.insert(self.last, contact);
        self.ids.insert(call.clone(), self.last);
        Some(self.last)
    }

    fn enter(&mut self, no: u64, queues: &[QueueId], since: Time, told: &mut Vec<Told>) {
        let Some(contact) = self.contacts.get_mut(&no) else { return };
        contact.confirmed = true;
        contact.offered = None;
        for queue in queues {
            let at = match contact.places.iter().position(|place| place.queue == *queue) {
                Some(at) => at,
                None if contact.places.len() >= WAIT_PLACES_MAX => {
                    told.push(Told::Lost(queue.clone()));
                    continue;
                }
                None => {
                    contact.places.push(Place { queue: queue.clone(), since, inside: false });
                    contact.places.len() - 1
                }
            };
            let place = &mut contact.places[at];
            if !std::mem::replace(&mut place.inside, true) {
                self.waiting.entry(queue.clone()).or_default().insert((place.since, no));
                told.push(Told::Moved(queue.clone()));
            }
        }
    }

    /// Out of these queues; of all where none is named.
    fn leave(&mut self, call: &CallId, queues: &[QueueId], told: &mut Vec<Told>) {
        let Some(no) = self.ids.get(call).copied() else { return };
        self.leave_where(no, |queue| queues.is_empty() || queues.contains(queue), told);
    }

    fn leave_where(&mut self, no: u64, which: impl Fn(&QueueId) -> bool, told: &mut Vec<Told>) {
        let Some(contact) = self.contacts.get_mut(&no) else { return };
        for place in contact.places.iter_mut().filter(|place| place.inside && which(&place.queue)) {
            place.inside = false;
            if let Some(set) = self.waiting.get_mut(&place.queue) {
                set.remove(&(place.since, no));
                if set.is_empty() {
                    self.waiting.swap_remove(&place.queue);
                }
            }
            told.push(Told::Moved(place.queue.clone()));
        }
    }

    fn offer(&mut self, no: u64, device: &Device, queue: Option<&QueueId>) {
        if device.kind == DeviceKind::Agent
            && let Some(contact) = self.contacts.get_mut(&no)
        {
            contact.offered = Some(Offer { device: device.id.clone(), queue: queue.cloned() });
        }
    }

    /// It does not ring there any more.
    fn withdraw(&mut self, call: &CallId, device: &Device) {
        let Some(contact) = self.ids.get(call).and_then(|no| self.contacts.get_mut(no)) else { return };
        if contact.offered.as_ref().is_some_and(|offer| offer.device == device.id) {
            contact.offered = None;
        }
    }

    fn answer(&mut self, call: &CallId, device: &Device, serves: Serves<'_>, told: &mut Vec<Told>) {
        let Some(no) = self.ids.get(call).copied() else { return };
        let Some(contact) = self.forget(no, told) else { return };
        let named = contact.offered.as_ref().filter(|offer| offer.device == device.id);
        let named = named.and_then(|offer| offer.queue.clone());
        told.extend(named.or_else(|| contact.serving(device.agent.as_ref(), serves)).map(Told::Answered));
    }

    fn end(&mut self, call: &CallId, cause: Cause, serves: Serves<'_>, told: &mut Vec<Told>) {
        let Some(no) = self.ids.get(call).copied() else { return };
        let Some(contact) = self.forget(no, told) else { return };
        match cause {
            Cause::Abandoned | Cause::Normal | Cause::Other => {}
            // Turned away, or moved on: nobody gave up.
            Cause::NoAnswer
            | Cause::Busy
            | Cause::Redirected
            | Cause::Transferred
            | Cause::Rejected
            | Cause::Unreachable
            | Cause::Failed => return,
        }
        let inside: Vec<&Place> = contact.places.iter().filter(|place| place.inside).collect();
        if !inside.is_empty() {
            told.extend(inside.into_iter().map(|place| Told::Abandoned(place.queue.clone())));
        } else if let Some(offer) = &contact.offered {
            told.extend(offer.queue.clone().or_else(|| contact.serving(None, serves)).map(Told::Abandoned));
        }
    }

    /// `absorbed` goes on as `call`.
    fn join(&mut self, call: &CallId, absorbed: &CallId, told: &mut Vec<Told>) {
        let Some(no) = self.ids.get(absorbed).copied() else { return };
        match self.ids.get(call).copied() {
            None => self.also(no, call),
            Some(into) if into == no => {}
            Some(into) => {
                let Some(gone) = self.forget(no, told) else { return };
                for place in gone.places.iter().filter(|place| place.inside) {
                    self.enter(into, std::slice::from_ref(&place.queue), place.since, told);
                }
                for id in &gone.ids {
                    self.also(into, id);
                }
            }
        }
    }

    /// A further id of a contact.
    fn also(&mut self, no: u64, id: &CallId) {
        let Some(contact) = self.contacts.get_mut(&no) else { return };
        if contact.ids.len() < WAIT_PLACES_MAX && !self.ids.contains_key(id) {
            contact.ids.push(id.clone());
            self.ids.insert(id.clone(), no);
        }
    }

    /// A leg as it stands.
    fn seen(&mut self, now: Time, record: &CallRecord, serves: Serves<'_>, told: &mut Vec<Told>) {
        let Some(no) = self.contact(&record.call, &record.queues, told) else { return };
        self.leave_where(no, |queue| !record.queues.contains(queue), told);
        // Since when it waits nobody said; it cannot be for longer than it is there.
        self.enter(no, &record.queues, record.since.unwrap_or(now).min(now), told);
        if !record.queues.is_empty() {
            return;
        }
        let agents = record
            .parties
            .iter()
            .filter(|party| party.device.kind == DeviceKind::Agent && party.role == PartyRole::Party);
        for party in agents {
            match party.state {
                LegState::Connected | LegState::Held => return self.answer(&record.call, &party.device, serves, told),
                LegState::Ringing => self.offer(no, &party.device, None),
                LegState::Dialing | LegState::Queued => {}
            }
        }
    }

    /// Takes a contact out; it waits nowhere any more, though its places still say where it did.
    fn forget(&mut self, no: u64, told: &mut Vec<Told>) -> Option<Contact> {
        let contact = self.contacts.get(&no)?.clone();
        self.leave_where(no, |_| true, told);
        for id in &contact.ids {
            self.ids.swap_remove(id);
        }
        self.contacts.remove(&no);
        Some(contact)
    }
}

impl Contact {
    /// The queue it is answered for where the platform names none.
    fn serving(&self, agent: Option<&AgentId>, serves: Serves<'_>) -> Option<QueueId> {
        let rank = |place: &&Place| {
            let own = agent.is_some_and(|agent| serves(agent, &place.queue));
            (!place.inside, !own, place.since)
        };
        self.places.iter().min_by_key(rank).map(|place| place.queue.clone())
    }
}
