//! What each event does to a journey.

use super::one::Arrival;
use super::stay::{Activity, Outcome};
use super::{Journeys, Place, Turn, clip};
use crate::cti::{CallEvent, CallKind, Cause, Device, DeviceKind, PartyRole};
use crate::ids::{CallId, QueueId};
use crate::time::Time;

impl Journeys {
    /// Hands an event to what it does; the journey it touched.
    pub(super) fn route(&mut self, mut turn: Turn<'_>, event: &CallEvent) -> Option<u64> {
        let turn = &mut turn;
        match event {
            CallEvent::Began { call, kind, from, to, consults, media: _, data: _ } => {
                self.began(turn, call, *kind, from, to, consults.as_ref())
            }
            CallEvent::Seen(record) => self.seen(turn, record),
            CallEvent::Dialing { call, device } => self.dialing(turn, call, device),
            CallEvent::Ringing { call, device, queue, alias } => {
                let place = self.locate(turn, call, true)?;
                self.rings(*turn, place, device, queue.as_ref());
                if let Some(alias) = alias {
                    self.also(place, alias);
                }
                Some(self.ids.get(call)?.journey)
            }
            CallEvent::Connected { call, device, role } => {
                let place = self.locate(turn, call, true)?;
                self.connects(*turn, place, device, *role);
                Some(place.journey)
            }
            CallEvent::Queued { call, queues } => {
                let place = self.locate(turn, call, true)?;
                self.waits(*turn, place, queues);
                Some(place.journey)
            }
            CallEvent::Dequeued { call, queues } => {
                let place = self.locate(turn, call, false)?;
                self.leaves_queues(*turn, place, queues);
                Some(place.journey)
            }
            CallEvent::Diverted { call, device, cause } | CallEvent::Left { call, device, cause } => {
                let place = self.locate(turn, call, false)?;
                if device.kind == DeviceKind::Queue {
                    self.leaves_queues(*turn, place, &[]);
                } else {
                    self.leaves(turn.now, place, device, *cause);
                }
                Some(place.journey)
            }
            CallEvent::Held { call, device } => {
                let place = self.locate(turn, call, true)?;
                self.holds(*turn, place, device);
                Some(place.journey)
            }
            CallEvent::Retrieved { call, device } => {
                let place = self.locate(turn, call, true)?;
                if self.is_person(place, device) {
                    self.speaks(*turn, place, device, PartyRole::Party);
                }
                Some(place.journey)
            }
            CallEvent::Failed { call, device, cause } => {
                let place = self.locate(turn, call, false)?;
                self.fails(*turn, place, device, *cause);
                Some(place.journey)
            }
            CallEvent::Transferred { call, absorbed, by, parties } => {
                self.join(turn, call, absorbed, by, parties, false)
            }
            CallEvent::Conferenced { call, absorbed, by, parties } => {
                self.join(turn, call, absorbed, by, parties, true)
            }
            CallEvent::Renamed { call, new } => {
                let place = match self.locate(turn, call, false) {
                    Some(place) => {
                        self.also(place, new);
                        place
                    }
                    None => {
                        let place = self.locate(turn, new, false)?;
                        self.also(place, call);
                        place
                    }
                };
                let other = self.ids.get(new).copied()?;
                let own = self.ids.get(call).copied()?;
                if other.journey == own.journey && other.leg != own.leg {
                    self.moves(turn.now, own, other);
                }
                Some(own.journey.min(place.journey))
            }
            CallEvent::Data { call, data: _ } | CallEvent::Recording { call, device: _, state: _ } => {
                Some(self.locate(turn, call, false)?.journey)
            }
            CallEvent::Ended { call, cause } => {
                let place = self.locate(turn, call, false)?;
                self.ends(turn.now, place, *cause);
                Some(place.journey)
            }
        }
    }

    fn began(
        &mut self,
        turn: &mut Turn<'_>,
        call: &CallId,
        kind: CallKind,
        from: &str,
        to: &str,
        consults: Option<&CallId>,
    ) -> Option<u64> {
        self.introduce(turn.now, call, consults)?;
        let place = self.locate(turn, call, true)?;
        turn.joined = false;
        let journey = self.journeys.get_mut(&place.journey)?;
        let leg = journey.leg(place.leg);
        if leg.known {
            return Some(place.journey);
        }
        leg.known = true;
        leg.kind = kind;
        let named = !leg.from.is_empty();
        leg.from = clip(from);
        leg.to = clip(to);
        // What came before its beginning was told only came in another order.
        for stay in journey.stays.iter_mut().filter(|stay| stay.leg == place.leg) {
            stay.partial = false;
        }
        journey.touch();
        let (activity, number) = match kind {
            CallKind::Inbound if !named => (Activity::Incoming, from),
            CallKind::Outbound => (Activity::Outgoing, to),
            CallKind::Inbound | CallKind::Internal | CallKind::Consult => return Some(place.journey),
        };
        self.origin(*turn, place, activity, number, turn.now);
        Some(place.journey)
    }

    /// The moment a call came from, or went, outside.
    pub(super) fn origin(&mut self, turn: Turn<'_>, place: Place, activity: Activity, number: &str, at: Time) {
        let device = external(number);
        self.edit(turn, place.journey, |journey, context| {
            let arrival = Arrival { leg: place.leg, device: &device, name: "", activity, with: "" };
            journey.begin(context, &arrival, at);
        });
    }

    fn dialing(&mut self, turn: &mut Turn<'_>, call: &CallId, device: &Device) -> Option<u64> {
        let place = self.locate(turn, call, true)?;
        let journey = self.journeys.get_mut(&place.journey)?;
        if device.kind == DeviceKind::External {
            let caller = journey.is_caller(device);
            let leg = journey.leg(place.leg);
            if !caller && !leg.known && leg.from.is_empty() {
                leg.from = clip(&device.id);
                leg.kind = CallKind::Inbound;
                self.origin(*turn, place, Activity::Incoming, &device.id, turn.now);
            }
            return Some(place.journey);
        }
        let leg = journey.leg(place.leg);
        let to = leg.to.clone();
        let others_talk = journey
            .stays
            .open()
            .any(|stay| stay.leg == place.leg && stay.activity.is_on_call() && *stay.device != *device.id);
        if others_talk {
            self.connects(*turn, place, device, PartyRole::Party);
        } else if journey.open_at(place.leg, device.kind, &device.id).is_none() {
            self.arrive(*turn, place, device, Activity::Dialing, &to);
        }
        Some(place.journey)
    }

    pub(super) fn rings(&mut self, turn: Turn<'_>, place: Place, device: &Device, queue: Option<&QueueId>) {
        match device.kind {
            DeviceKind::Trigger => self.arrive(turn, place, device, Activity::Trigger, ""),
            DeviceKind::Ivr => self.scripts(turn, place, device),
            DeviceKind::Queue => self.waits(turn, place, &[QueueId::from(&*device.id)]),
            DeviceKind::Agent | DeviceKind::External => {
                let Some(journey) = self.journeys.get(&place.journey) else { return };
                // A ring told after its answer only came in another order.
                if journey.is_caller(device) || journey.open_at(place.leg, device.kind, &device.id).is_some() {
                    return;
                }
                self.arrive(turn, place, device, Activity::Ringing, queue.map_or("", QueueId::as_str));
            }
        }
    }

    pub(super) fn connects(&mut self, turn: Turn<'_>, place: Place, device: &Device, role: PartyRole) {
        match device.kind {
            DeviceKind::Trigger => return self.arrive(turn, place, device, Activity::Trigger, ""),
            DeviceKind::Ivr => return self.scripts(turn, place, device),
            DeviceKind::Queue => return self.waits(turn, place, &[QueueId::from(&*device.id)]),
            DeviceKind::Agent | DeviceKind::External => {}
        }
        let Some(journey) = self.journeys.get_mut(&place.journey) else { return };
        if journey.is_caller(device) {
            return;
        }
        let before = journey.open_at(place.leg, device.kind, &device.id).map(|index| journey.stays[index].clone());
        let dialled = before.as_ref().is_some_and(|stay| stay.activity == Activity::Dialing);
        self.speaks(turn, place, device, role);
        if role != PartyRole::Party || dialled {
            return self.name_consulted(place);
        }
        for dialler in self.dialling(place, device) {
            self.speaks(turn, place, &dialler, PartyRole::Party);
        }
        self.name_consulted(place);
        if device.kind == DeviceKind::Agent {
            let rang = before.filter(|stay| stay.activity == Activity::Ringing);
            self.answers(turn.now, place, rang.map_or_else(|| "".into(), |stay| stay.with));
        }
    }

    /// Who dials on the leg, `device` aside.
    fn dialling(&self, place: Place, device: &Device) -> Vec<Device> {
        let Some(journey) = self.journeys.get(&place.journey) else { return Vec::new() };
        let dials = journey.stays.open().filter(|stay| {
            stay.leg == place.leg
                && stay.activity == Activity::Dialing
                && *stay.device != *device.id
                && matches!(stay.kind, DeviceKind::Agent | DeviceKind::External)
        });
        dials.map(super::stay::Stay::at).collect()
    }

    /// The device is connected and speaks, or listens, as the leg and its role say.
    pub(super) fn speaks(&mut self, turn: Turn<'_>, place: Place, device: &Device, role: PartyRole) {
        let Some(journey) = self.journeys.get_mut(&place.journey) else { return };
        let leg = journey.leg(place.leg);
        let activity = Activity::of_role(role, leg.kind == CallKind::Consult, leg.conference);
        self.arrive(turn, place, device, activity, "");
    }

    fn name_consulted(&mut self, place: Place) {
        if let Some(journey) = self.journeys.get_mut(&place.journey) {
            journey.name_consulted(place.leg);
        }
    }

    /// A script or port has the call; the trigger passed it on.
    fn scripts(&mut self, turn: Turn<'_>, place: Place, device: &Device) {
        self.close_kinds(turn.now, place, &[DeviceKind::Trigger]);
        self.arrive(turn, place, device, Activity::Script, "");
    }

    /// An agent answered: triggers and scripts let go, and the queue that brought the call is answered.
    fn answers(&mut self, now: Time, place: Place, queue: Box<str>) {
        self.close_kinds(now, place, &[DeviceKind::Trigger, DeviceKind::Ivr]);
        let Some(journey) = self.journeys.get_mut(&place.journey) else { return };
        let again = std::mem::replace(&mut journey.leg(place.leg).answered, true);
        let waits = |stay: &super::stay::Stay| stay.leg == place.leg && stay.kind == DeviceKind::Queue;
        let brought = |stay: &super::stay::Stay| queue.is_empty() || stay.device == queue;
        let any_open = journey.stays.open().any(|stay| waits(stay) && brought(stay));
        journey.close_where(now, waits, |stay| if brought(stay) { Outcome::Answered } else { Outcome::Left });
        if any_open || again && queue.is_empty() {
            return;
        }
        // Platforms take a call out of its queue before the agent's phone rings: what it left for is known only now.
        let left = journey.stays.iter_mut().filter(|stay| waits(stay) && brought(stay)).max_by_key(|stay| stay.seq);
        if let Some(stay) = left.filter(|stay| stay.outcome == Outcome::Left) {
            stay.outcome = Outcome::Answered;
            journey.touch();
        }
    }

    pub(super) fn waits(&mut self, turn: Turn<'_>, place: Place, queues: &[QueueId]) {
        self.close_kinds(turn.now, place, &[DeviceKind::Trigger, DeviceKind::Ivr]);
        for queue in queues {
            let device = Device { kind: DeviceKind::Queue, id: queue.as_str().into(), agent: None, label: "".into() };
            self.arrive(turn, place, &device, Activity::Queue, "");
        }
    }

    fn leaves_queues(&mut self, turn: Turn<'_>, place: Place, queues: &[QueueId]) {
        let Some(journey) = self.journeys.get_mut(&place.journey) else { return };
        let named = |id: &str| queues.is_empty() || queues.iter().any(|queue| queue.as_str() == id);
        journey.close_where(
            turn.now,
            |stay| stay.leg == place.leg && stay.kind == DeviceKind::Queue && named(&stay.device),
            |_| Outcome::Left,
        );
    }

    fn leaves(&mut self, now: Time, place: Place, device: &Device, cause: Cause) {
        let Some(journey) = self.journeys.get_mut(&place.journey) else { return };
        if let Some(index) = journey.open_at(place.leg, device.kind, &device.id) {
            let outcome = Outcome::of_cause(journey.stays[index].activity, cause);
            journey.close(index, now, outcome);
        }
    }

    pub(super) fn holds(&mut self, turn: Turn<'_>, place: Place, device: &Device) {
        if self.is_person(place, device) {
            self.arrive(turn, place, device, Activity::Hold, "");
        }
    }

    /// Whether the device is somebody's telephone, other than the caller's.
    fn is_person(&self, place: Place, device: &Device) -> bool {
        matches!(device.kind, DeviceKind::Agent | DeviceKind::External)
            && self.journeys.get(&place.journey).is_some_and(|journey| !journey.is_caller(device))
    }

    /// A device that could not be reached shows with what went wrong, even when nothing was told of it before.
    fn fails(&mut self, turn: Turn<'_>, place: Place, device: &Device, cause: Cause) {
        let Some(journey) = self.journeys.get(&place.journey) else { return };
        if journey.open_at(place.leg, device.kind, &device.id).is_none() {
            self.rings(turn, place, device, None);
        }
        let cause = if cause == Cause::Normal || cause == Cause::Other { Cause::Failed } else { cause };
        self.leaves(turn.now, place, device, cause);
    }

    fn close_kinds(&mut self, now: Time, place: Place, kinds: &[DeviceKind]) {
        if let Some(journey) = self.journeys.get_mut(&place.journey) {
            let own = |stay: &super::stay::Stay| stay.leg == place.leg && kinds.contains(&stay.kind);
            journey.close_where(now, own, |_| Outcome::Plain);
        }
    }

    /// A leg is over. Who still waits in a queue that no agent answered gave up, as did who is still ringing somebody.
    fn ends(&mut self, now: Time, place: Place, cause: Cause) {
        let Some(journey) = self.journeys.get_mut(&place.journey) else { return };
        let leg = journey.leg(place.leg);
        leg.over = true;
        let answered = leg.answered;
        let own = |stay: &super::stay::Stay| stay.leg == place.leg && stay.activity != Activity::Work;
        let plain = matches!(cause, Cause::Normal | Cause::Other);
        let mut waiting =
            journey.stays.open().any(|stay| own(stay) && matches!(stay.activity, Activity::Queue | Activity::Ringing));
        journey.close_where(now, own, |stay| match stay.activity {
            Activity::Queue if !answered => Outcome::Abandoned,
            Activity::Ringing if !answered && plain => Outcome::Abandoned,
            activity => Outcome::of_cause(activity, cause),
        });
        // Platforms take the call of somebody who gave up out of its queue before they end it.
        let newest = journey.stays.iter_mut().filter(|stay| own(stay)).max_by_key(|stay| stay.seq);
        let left = |stay: &&mut super::stay::Stay| stay.kind == DeviceKind::Queue && stay.outcome == Outcome::Left;
        if let (Some(stay), true) = (newest.filter(left), cause == Cause::Abandoned && !answered) {
            stay.outcome = Outcome::Abandoned;
            waiting = true;
            journey.touch();
        }
        journey.last_cause = if waiting && !answered && plain { Cause::Abandoned } else { cause };
    }
}

/// A number outside.
fn external(number: &str) -> Device {
    Device { kind: DeviceKind::External, id: number.into(), agent: None, label: "".into() }
}
