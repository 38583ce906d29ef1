//! Which legs belong to which journey: finding, opening, uniting.

use super::one::{Journey, Leg};
use super::{Journeys, Place, Turn};
use crate::ids::CallId;
use crate::time::Time;

impl Journeys {
    /// The leg of an event, where the event is to be heeded. `opens`: it tells of life, so an unknown leg is opened by it,
    /// and `turn` says that it was. Events of legs that are over are late ones.
    pub(super) fn locate(&mut self, turn: &mut Turn<'_>, call: &CallId, opens: bool) -> Option<Place> {
        let place = match self.ids.get(call).copied() {
            Some(place) => place,
            None if opens => self.open_leg(turn.now, None, call)?,
            None => return None,
        };
        let journey = self.journeys.get_mut(&place.journey)?;
        let leg = journey.leg(place.leg);
        if !leg.heard {
            if !opens {
                return None;
            }
            leg.heard = true;
            leg.over = false;
            turn.joined = true;
        }
        if leg.over {
            return None;
        }
        leg.mentioned = true;
        journey.hear(turn.now, self.limits.silence_ms);
        Some(place)
    }

    /// The leg of an event that says where it comes from: found or made, beside the leg it consults for.
    pub(super) fn introduce(&mut self, now: Time, call: &CallId, consults: Option<&CallId>) -> Option<Place> {
        let beside = consults.filter(|other| *other != call).and_then(|other| match self.ids.get(other) {
            Some(place) => Some(place.journey),
            // The leg consulted for is heard of later, or never: its name stands first.
            None => self.open_leg(now, self.ids.get(call).map(|own| own.journey), other).map(|place| place.journey),
        });
        if !self.ids.contains_key(call) {
            return self.open_leg(now, beside, call);
        }
        if let Some(beside) = beside {
            self.unite(beside, self.ids.get(call)?.journey);
        }
        self.ids.get(call).copied()
    }

    /// Makes a leg nothing is known of, in the journey `into` while that has room, else in a journey of its own.
    pub(super) fn open_leg(&mut self, now: Time, into: Option<u64>, call: &CallId) -> Option<Place> {
        let ids_max = self.limits.legs_max.max(1) as usize;
        let room = into.filter(|no| self.journeys.get(no).is_some_and(|journey| journey.ids.len() < ids_max));
        let no = match room {
            Some(no) => no,
            None => {
                if self.journeys.len() >= self.limits.journeys_max.max(1) as usize {
                    self.evict(now);
                }
                self.next_journey += 1;
                self.journeys.insert(self.next_journey, Journey::new(now));
                self.hear(now, self.next_journey);
                self.arm(self.next_journey);
                self.next_journey
            }
        };
        let journey = self.journeys.get_mut(&no)?;
        let leg = u32::try_from(journey.legs.len()).ok()?;
        journey.legs.push(Leg::named(call.clone()));
        journey.ids.push(call.clone());
        let place = Place { journey: no, leg };
        self.ids.insert(call.clone(), place);
        Some(place)
    }

    /// A further id of a leg. Where that id is a leg already, both journeys are one from here on.
    pub(super) fn also(&mut self, place: Place, id: &CallId) {
        if let Some(other) = self.ids.get(id).copied() {
            self.unite(place.journey, other.journey);
            return;
        }
        let Some(journey) = self.journeys.get_mut(&place.journey) else { return };
        if journey.ids.len() < self.limits.legs_max as usize {
            journey.ids.push(id.clone());
            self.ids.insert(id.clone(), place);
        }
    }

    /// Makes two journeys one, the one first heard of; places held from before are void. Nothing where that would pass the
    /// bound of ids: then they stay two.
    pub(super) fn unite(&mut self, one: u64, other: u64) {
        let (keep, gone) = (one.min(other), one.max(other));
        let ids = |no| self.journeys.get(&no).map(|journey| journey.ids.len());
        let (Some(kept_ids), Some(gone_ids)) = (ids(keep), ids(gone)) else { return };
        if keep == gone || kept_ids + gone_ids > self.limits.legs_max as usize {
            return;
        }
        let Some(absorbed) = self.journeys.remove(&gone) else { return };
        self.deadlines.remove(&(absorbed.armed, gone));
        let Some(journey) = self.journeys.get_mut(&keep) else { return };
        // INVARIANT: a journey has at most `legs_max` legs, a u32.
        let offset = journey.legs.len() as u32;
        for id in &absorbed.ids {
            if let Some(place) = self.ids.get_mut(id) {
                *place = Place { journey: keep, leg: place.leg + offset };
            }
        }
        let agents_max = self.limits.steps_max.max(1) as usize;
        for one in &absorbed.participants {
            journey.take_part(&one.agent, agents_max, one.awaited);
            if let Some(last) = self.last.get_mut(&one.agent).filter(|last| **last == gone) {
                *last = keep;
            }
        }
        journey.started = journey.started.min(absorbed.started);
        journey.heard = journey.heard.max(absorbed.heard);
        journey.truncated = journey.truncated.saturating_add(absorbed.truncated);
        journey.legs.extend(absorbed.legs);
        journey.ids.extend(absorbed.ids);
        journey.watchers.extend(absorbed.watchers);
        journey.stays.extend(absorbed.stays.into_iter().map(|mut stay| {
            stay.leg += offset;
            stay
        }));
        journey.make_room(self.limits.steps_max.max(1) as usize + 1);
        journey.stays.truncate(self.limits.steps_max.max(1) as usize);
        // What was handed out of either is replaced by what they are together.
        journey.grown = true;
        journey.touch();
    }

    pub(super) fn hear(&mut self, now: Time, no: u64) {
        if let Some(journey) = self.journeys.get_mut(&no) {
            journey.hear(now, self.limits.silence_ms);
        }
    }

    /// Makes room for a journey: the one whose deadline is nearest is closed, handed out and forgotten.
    fn evict(&mut self, now: Time) {
        while let Some((at, no)) = self.deadlines.pop_first() {
            let Some(journey) = self.journeys.get_mut(&no) else { continue };
            if journey.due > at {
                journey.armed = journey.due;
                self.deadlines.insert((journey.due, no));
                continue;
            }
            journey.lose(now, |_| true);
            journey.give_up(now);
            self.settle(now, no);
            self.forget(no);
            return;
        }
    }
}
