//! Resynchronisation: what the platform shows in progress is compared with what was known.

use super::stay::{Activity, Outcome};
use super::{Journeys, Place, Turn, clip};
use crate::cti::{CallKind, CallRecord, DeviceKind, LegState};
use crate::time::Time;

impl Journeys {
    /// Records follow that are the whole truth. Watchers hear of nothing until it is told.
    pub fn resync_begin(&mut self) {
        self.resyncing = true;
        for leg in self.journeys.values_mut().flat_map(|journey| &mut journey.legs) {
            leg.mentioned = false;
        }
        for queue in self.queues.values_mut() {
            queue.mentioned = false;
        }
    }

    /// The whole truth was told. Legs nobody mentioned ended unseen: their steps end now and are partial.
    pub fn resync_end(&mut self, now: Time) {
        if !std::mem::take(&mut self.resyncing) {
            return;
        }
        self.queues.retain(|_, queue| queue.mentioned);
        let lost = |leg: &super::one::Leg| leg.is_running() && !leg.mentioned;
        let journeys: Vec<u64> =
            self.journeys.iter().filter(|(_, journey)| journey.legs.iter().any(lost)).map(|(no, _)| *no).collect();
        for no in journeys {
            if let Some(journey) = self.journeys.get_mut(&no) {
                journey.lose(now, |leg| !leg.mentioned);
            }
            self.settle(now, no);
        }
    }

    /// The platform is away. Journeys stay as they are until a resynchronisation says more; one that was under way is void.
    pub fn down(&mut self) {
        self.resyncing = false;
    }

    /// A leg as it stands: what was known and still holds goes on, what does not ends here, what is new begins here; both
    /// are partial, for nobody saw when. A leg thought over is in progress after all.
    pub(super) fn seen(&mut self, turn: &mut Turn<'_>, record: &CallRecord) -> Option<u64> {
        let place = self.introduce(turn.now, &record.call, record.consults.as_ref())?;
        let journey = self.journeys.get_mut(&place.journey)?;
        let leg = journey.leg(place.leg);
        leg.heard = true;
        leg.over = false;
        let new = !leg.known;
        if new {
            leg.known = true;
            leg.kind = record.kind;
            leg.from = clip(&record.from);
            leg.to = clip(&record.to);
        }
        let place = self.locate(turn, &record.call, true)?;
        turn.joined = true;
        if new {
            self.seen_first(*turn, place, record);
        }
        self.end_unseen(turn.now, place, record);
        for queue in &record.queues {
            self.waits(*turn, place, std::slice::from_ref(queue));
        }
        for party in record.parties.iter().filter(|party| !plays_to_queue(record, party.device.kind)) {
            if party.state == LegState::Dialing {
                self.dials(*turn, place, &party.device, &record.to);
            } else {
                self.stands(*turn, place, party);
            }
        }
        Some(place.journey)
    }

    /// A leg is heard of for the first time while it is in progress.
    fn seen_first(&mut self, turn: Turn<'_>, place: Place, record: &CallRecord) {
        let since = record.since.unwrap_or(turn.now).min(turn.now);
        if let Some(journey) = self.journeys.get_mut(&place.journey) {
            journey.started = journey.started.min(since);
        }
        match record.kind {
            CallKind::Inbound => self.origin(turn, place, Activity::Incoming, &record.from, since),
            CallKind::Outbound => self.origin(turn, place, Activity::Outgoing, &record.to, since),
            CallKind::Internal | CallKind::Consult => {}
        }
    }

    fn dials(&mut self, turn: Turn<'_>, place: Place, device: &crate::cti::Device, to: &str) {
        if device.kind != DeviceKind::External {
            self.arrive(turn, place, device, Activity::Dialing, to);
        }
    }

    /// Ends what the platform no longer shows on the leg.
    fn end_unseen(&mut self, now: Time, place: Place, record: &CallRecord) {
        let Some(journey) = self.journeys.get_mut(&place.journey) else { return };
        let mut from = 0;
        while let Some(index) = journey.stays.next_open(from) {
            from = index + 1;
            let stay = &journey.stays[index];
            if stay.leg != place.leg || stay.activity == Activity::Work {
                continue;
            }
            let shown = if stay.kind == DeviceKind::Queue {
                record.queues.iter().any(|queue| queue.as_str() == &*stay.device)
            } else {
                record.parties.iter().any(|party| {
                    party.device.kind == stay.kind
                        && !plays_to_queue(record, stay.kind)
                        && party.device.id == stay.device
                        && match party.state {
                            LegState::Held => stay.activity == Activity::Hold,
                            LegState::Connected => {
                                stay.activity.is_on_call() && stay.activity != Activity::Hold
                                    || matches!(stay.activity, Activity::Script | Activity::Trigger)
                            }
                            LegState::Ringing => {
                                matches!(stay.activity, Activity::Ringing | Activity::Script | Activity::Trigger)
                            }
                            LegState::Dialing => stay.activity == Activity::Dialing,
                            LegState::Queued => true,
                        }
                })
            };
            if !shown {
                journey.close(index, now, Outcome::Plain);
                journey.stays[index].partial = true;
            }
        }
    }
}

/// A port that only plays music to a call in a queue is no step of its own: the queue is.
fn plays_to_queue(record: &CallRecord, kind: DeviceKind) -> bool {
    !record.queues.is_empty() && matches!(kind, DeviceKind::Ivr | DeviceKind::Trigger)
}
