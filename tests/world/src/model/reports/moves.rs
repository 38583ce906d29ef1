//! What each event of a call adds to its journey.

use interaction_core::cti::{CallEvent, CallKind, Cause, Device, DeviceKind, PartyRole};
use interaction_core::ids::QueueId;
use interaction_core::time::Time;

use super::journey::{Arrival, Does, Journey, Step};
use super::legs::Journeys;

/// A leg an event is about.
#[derive(Clone, Debug)]
pub(super) struct Place {
    pub(super) journey: u64,
    /// By the first of its ids.
    pub(super) call: String,
    /// The event opened it mid-call: what begins now began before.
    pub(super) joined: bool,
}

/// Somebody's telephone.
fn is_person(device: &Device) -> bool {
    matches!(device.kind, DeviceKind::Agent | DeviceKind::External)
}

fn external(number: &str) -> Device {
    Device { kind: DeviceKind::External, id: number.into(), agent: None, label: "".into() }
}

impl Journeys {
    /// Something happens to a call.
    pub(in crate::model) fn call(&mut self, now: Time, event: &CallEvent) {
        if let Some(journey) = self.heed(now, event) {
            self.settle(now, journey);
        }
    }

    /// The journey that an event is about, where it is heeded. Events that tell of life open a leg nobody told of, partial;
    /// others are ignored there. Everything of a leg that is over is late.
    fn heed(&mut self, now: Time, event: &CallEvent) -> Option<u64> {
        let call = event.call().as_str();
        let place = match event {
            CallEvent::Began { kind, from, to, consults, .. } => {
                let consults = consults.as_ref().map(interaction_core::ids::CallId::as_str);
                return self.began(now, call, *kind, (from, to), consults);
            }
            CallEvent::Transferred { absorbed, by, parties, .. } => {
                return self.join(now, call, absorbed.as_str(), by, parties, false);
            }
            CallEvent::Conferenced { absorbed, by, parties, .. } => {
                return self.join(now, call, absorbed.as_str(), by, parties, true);
            }
            CallEvent::Renamed { new, .. } => return self.renamed(now, call, new.as_str()),
            CallEvent::Dialing { .. }
            | CallEvent::Ringing { .. }
            | CallEvent::Connected { .. }
            | CallEvent::Queued { .. }
            | CallEvent::Held { .. }
            | CallEvent::Retrieved { .. } => self.locate(now, call, true)?,
            // Platforms whose journeys are asked for show no legs while they tell everything again.
            CallEvent::Seen(_) => return None,
            CallEvent::Dequeued { .. }
            | CallEvent::Diverted { .. }
            | CallEvent::Left { .. }
            | CallEvent::Failed { .. }
            | CallEvent::Data { .. }
            | CallEvent::Recording { .. }
            | CallEvent::Ended { .. } => self.locate(now, call, false)?,
        };
        match event {
            CallEvent::Dialing { device, .. } => self.dials(now, &place, device),
            CallEvent::Ringing { device, queue, alias, .. } => {
                self.rings(now, &place, device, queue.as_ref().map_or("", QueueId::as_str));
                if let Some(alias) = alias {
                    self.also(&place, alias.as_str());
                }
                return self.number_of(call);
            }
            CallEvent::Connected { device, role, .. } => self.connects(now, &place, device, *role),
            CallEvent::Queued { queues, .. } => self.waits(now, &place, queues),
            CallEvent::Held { device, .. } => self.holds(now, &place, device),
            CallEvent::Retrieved { device, .. } => self.retrieves(now, &place, device),
            CallEvent::Dequeued { queues, .. } => self.leaves_queues(now, &place, queues),
            CallEvent::Diverted { device, .. } | CallEvent::Left { device, .. } if device.kind == DeviceKind::Queue => {
                self.leaves_queues(now, &place, &[]);
            }
            CallEvent::Diverted { device, .. } | CallEvent::Left { device, .. } => self.leaves(now, &place, device),
            CallEvent::Failed { device, .. } => {
                // What could not be reached shows, even where nothing was told of it before.
                if self.journeys[&place.journey].open_at(&place.call, device).is_none() {
                    self.rings(now, &place, device, "");
                }
                self.leaves(now, &place, device);
            }
            CallEvent::Ended { cause, .. } => self.ends(now, &place, *cause),
            _ => {}
        }
        Some(place.journey)
    }

    /// The leg of an event; none where the event is not to be heeded.
    pub(super) fn locate(&mut self, now: Time, call: &str, opens: bool) -> Option<Place> {
        if self.number_of(call).is_none() && opens {
            self.open(now, None, call);
        }
        let number = self.number_of(call)?;
        let journey = self.journeys.get_mut(&number)?;
        let leg = journey.leg_mut(call)?;
        let joined = !leg.is_heard;
        if joined && !opens || leg.is_over {
            return None;
        }
        (leg.is_heard, leg.is_mentioned) = (true, true);
        let call = leg.id().to_owned();
        journey.heard = now;
        Some(Place { journey: number, call, joined })
    }

    fn began(
        &mut self,
        now: Time,
        call: &str,
        kind: CallKind,
        (from, to): (&str, &str),
        consults: Option<&str>,
    ) -> Option<u64> {
        // It is part of the journey it consults for; one that nobody told of yet is named by it.
        let beside = consults.filter(|other| *other != call).and_then(|other| {
            if self.number_of(other).is_none() {
                let own = self.number_of(call);
                self.open(now, own, other);
            }
            self.number_of(other)
        });
        match (self.number_of(call), beside) {
            (None, beside) => self.open(now, beside, call),
            (Some(own), Some(beside)) => self.unite(beside, own),
            (Some(_), None) => {}
        }
        let place = self.locate(now, call, true)?;
        let journey = self.journeys.get_mut(&place.journey)?;
        let leg = journey.leg_mut(call)?;
        if leg.is_known {
            return Some(place.journey);
        }
        let was_named = !leg.from.is_empty();
        (leg.is_known, leg.kind, leg.from, leg.to) = (true, kind, from.to_owned(), to.to_owned());
        journey.has_changed = true;
        // What was told before its beginning only came in another order.
        journey.steps.iter_mut().filter(|step| step.call == place.call).for_each(|step| step.is_partial = false);
        let outside = match kind {
            CallKind::Inbound if !was_named => Some(from),
            CallKind::Outbound => Some(to),
            CallKind::Inbound | CallKind::Internal | CallKind::Consult => None,
        };
        if let Some(number) = outside {
            self.crosses_the_border(now, &Place { joined: false, ..place.clone() }, number);
        }
        Some(place.journey)
    }

    /// Somebody takes a call back. Of callers outside only that they came is told.
    fn retrieves(&mut self, now: Time, place: &Place, device: &Device) {
        if is_person(device) && !self.journeys[&place.journey].is_caller(device) {
            self.speaks(now, place, device, PartyRole::Party);
        }
    }

    /// The moment a call came from outside, or went there.
    fn crosses_the_border(&mut self, now: Time, place: &Place, number: &str) {
        self.steps += 1;
        let Some(journey) = self.journeys.get_mut(&place.journey) else { return };
        let device = external(number);
        let arrival = Arrival { call: &place.call, device: &device, does: Does::Outside, shown: number, with: "" };
        journey.begin(self.steps, &arrival, now, place.joined);
    }

    pub(super) fn arrives(&mut self, now: Time, place: &Place, device: &Device, does: Does, with: &str) {
        let name = self.queues.get(&*device.id).filter(|_| device.kind == DeviceKind::Queue).map(|(name, _)| &**name);
        let shown = name.filter(|name| !name.is_empty()).unwrap_or(&*device.id).to_owned();
        self.steps += 1;
        let Some(journey) = self.journeys.get_mut(&place.journey) else { return };
        let arrival = Arrival { call: &place.call, device, does, shown: &shown, with };
        journey.arrive(now, self.steps, &arrival, place.joined);
        if let (Some(agent), true) = (&device.agent, does.is_on_call()) {
            self.last.insert(agent.to_string(), place.journey);
        }
    }

    fn dials(&mut self, now: Time, place: &Place, device: &Device) {
        let Some(journey) = self.journeys.get_mut(&place.journey) else { return };
        if device.kind == DeviceKind::External {
            // Whoever dials from outside is the caller, where nobody said who is.
            let is_caller = journey.is_caller(device);
            let Some(leg) = journey.leg_mut(&place.call) else { return };
            if !is_caller && !leg.is_known && leg.from.is_empty() {
                (leg.from, leg.kind) = (device.id.to_string(), CallKind::Inbound);
                self.crosses_the_border(now, place, &device.id);
            }
            return;
        }
        let talks = |step: &Step| step.is_on(&place.call) && step.does.is_on_call() && step.device != *device.id;
        let is_answered = journey.steps.iter().any(talks);
        if is_answered {
            self.connects(now, place, device, PartyRole::Party);
        } else if journey.open_at(&place.call, device).is_none() {
            self.arrives(now, place, device, Does::Dials, "");
        }
    }

    pub(super) fn rings(&mut self, now: Time, place: &Place, device: &Device, queue: &str) {
        match device.kind {
            DeviceKind::Trigger => self.arrives(now, place, device, Does::Trigger, ""),
            DeviceKind::Ivr => self.scripts(now, place, device),
            DeviceKind::Queue => self.waits(now, place, &[QueueId::from(&*device.id)]),
            DeviceKind::Agent | DeviceKind::External => {
                let journey = &self.journeys[&place.journey];
                // That it rang may be told after it was answered.
                if !journey.is_caller(device) && journey.open_at(&place.call, device).is_none() {
                    self.arrives(now, place, device, Does::Rings, queue);
                }
            }
        }
    }

    pub(super) fn connects(&mut self, now: Time, place: &Place, device: &Device, role: PartyRole) {
        match device.kind {
            DeviceKind::Trigger => return self.arrives(now, place, device, Does::Trigger, ""),
            DeviceKind::Ivr => return self.scripts(now, place, device),
            DeviceKind::Queue => return self.waits(now, place, &[QueueId::from(&*device.id)]),
            DeviceKind::Agent | DeviceKind::External => {}
        }
        let journey = &self.journeys[&place.journey];
        if journey.is_caller(device) {
            return;
        }
        let before = journey.open_at(&place.call, device).cloned();
        self.speaks(now, place, device, role);
        let has_dialled = before.as_ref().is_some_and(|step| step.does == Does::Dials);
        let answers = role == PartyRole::Party && !has_dialled;
        if answers {
            let dials = |step: &&Step| step.is_on(&place.call) && step.does == Does::Dials && step.device != *device.id;
            let diallers: Vec<Device> =
                self.journeys[&place.journey].steps.iter().filter(dials).map(Step::at).collect();
            for dialler in diallers.iter().filter(|dialler| is_person(dialler)) {
                self.speaks(now, place, dialler, PartyRole::Party);
            }
        }
        let Some(journey) = self.journeys.get_mut(&place.journey) else { return };
        journey.name_consulted(&place.call);
        if answers && device.kind == DeviceKind::Agent {
            let rang = before.filter(|step| step.does == Does::Rings);
            journey.is_answered(now, &place.call, rang.as_ref().map_or("", |step| &step.with));
        }
    }

    /// The device is connected: it talks, consults, confers or supervises.
    pub(super) fn speaks(&mut self, now: Time, place: &Place, device: &Device, role: PartyRole) {
        let Some(leg) = self.journeys[&place.journey].leg_of(&place.call) else { return };
        let does = match role {
            PartyRole::Party if leg.is_conference => Does::Confers,
            PartyRole::Party if leg.kind == CallKind::Consult => Does::Consults,
            PartyRole::Party => Does::Talks,
            PartyRole::Listener | PartyRole::Coach | PartyRole::Barged => Does::Supervises(role),
        };
        self.arrives(now, place, device, does, "");
    }

    pub(super) fn holds(&mut self, now: Time, place: &Place, device: &Device) {
        if is_person(device) && !self.journeys[&place.journey].is_caller(device) {
            self.arrives(now, place, device, Does::Holds, "");
        }
    }

    /// A script has the call; the trigger passed it on.
    fn scripts(&mut self, now: Time, place: &Place, device: &Device) {
        self.close_kinds(now, place, &[DeviceKind::Trigger]);
        self.arrives(now, place, device, Does::Script, "");
    }

    fn waits(&mut self, now: Time, place: &Place, queues: &[QueueId]) {
        self.close_kinds(now, place, &[DeviceKind::Trigger, DeviceKind::Ivr]);
        for queue in queues {
            let device = Device { kind: DeviceKind::Queue, id: queue.as_str().into(), agent: None, label: "".into() };
            self.arrives(now, place, &device, Does::Queue, "");
        }
    }

    fn close_kinds(&mut self, now: Time, place: &Place, kinds: &[DeviceKind]) {
        if let Some(journey) = self.journeys.get_mut(&place.journey) {
            journey.close_where(now, |step| step.is_on(&place.call) && kinds.contains(&step.kind));
        }
    }

    fn leaves_queues(&mut self, now: Time, place: &Place, queues: &[QueueId]) {
        let Some(journey) = self.journeys.get_mut(&place.journey) else { return };
        let named = |id: &str| queues.is_empty() || queues.iter().any(|queue| queue.as_str() == id);
        let leaves = |step: &Step| step.is_on(&place.call) && step.kind == DeviceKind::Queue && named(&step.device);
        journey.steps.iter_mut().filter(|step| leaves(step)).for_each(|step| step.has_left = true);
        journey.close_where(now, leaves);
    }

    fn leaves(&mut self, now: Time, place: &Place, device: &Device) {
        if let Some(journey) = self.journeys.get_mut(&place.journey) {
            journey.close_where(now, |step| step.is_at(&place.call, device));
        }
    }

    fn ends(&mut self, now: Time, place: &Place, cause: Cause) {
        let Some(journey) = self.journeys.get_mut(&place.journey) else { return };
        let Some(leg) = journey.leg_mut(&place.call) else { return };
        leg.is_over = true;
        let is_answered = leg.is_answered;
        let own = |step: &Step| step.call == place.call && step.does != Does::Works;
        journey.close_where(now, own);
        // Platforms take the call of somebody who gave up out of its queue before they end it: the queue says so then.
        let newest = journey.steps.iter().filter(|step| own(step)).max_by_key(|step| step.number);
        let gave_up = newest.is_some_and(|step| step.has_left) && cause == Cause::Abandoned && !is_answered;
        journey.has_changed |= gave_up;
    }
}

impl Journey {
    /// Who is consulted is known once both are connected.
    fn name_consulted(&mut self, call: &str) {
        let consults = |step: &Step| step.is_on(call) && step.does == Does::Consults;
        if self.steps.iter().filter(|step| consults(step)).count() < 2 {
            return;
        }
        for step in self.steps.iter_mut().filter(|step| consults(step) && !step.is_named) {
            step.is_named = true;
            self.has_changed = true;
        }
    }

    /// An agent answered: triggers, scripts and queues let go. The queue that brought the call says that it was answered, also
    /// where the platform took the call out of it before the telephone rang.
    fn is_answered(&mut self, now: Time, call: &str, queue: &str) {
        let lets_go = [DeviceKind::Trigger, DeviceKind::Ivr];
        self.close_where(now, |step| step.is_on(call) && lets_go.contains(&step.kind));
        let Some(leg) = self.leg_mut(call) else { return };
        let again = std::mem::replace(&mut leg.is_answered, true);
        let waits = |step: &Step| step.call == call && step.kind == DeviceKind::Queue;
        let brought = |step: &Step| queue.is_empty() || step.device == queue;
        let is_waiting = self.steps.iter().any(|step| step.is_open() && waits(step) && brought(step));
        let others = self.steps.iter_mut().filter(|step| step.is_open() && waits(step) && !brought(step));
        others.for_each(|step| step.has_left = true);
        self.close_where(now, waits);
        if is_waiting || again && queue.is_empty() {
            return;
        }
        let left = self.steps.iter_mut().filter(|step| waits(step) && brought(step)).max_by_key(|step| step.number);
        if let Some(step) = left.filter(|step| step.has_left) {
            step.has_left = false;
            self.has_changed = true;
        }
    }
}
