//! Legs that belong together: further ids, consultations, transfers, conferences, and journeys that become one by them.

use interaction_core::cti::{CallKind, Device, LegState, Party};
use interaction_core::time::Time;

use super::journey::{Arrival, Call, Does, Journey, Step};
use super::legs::Journeys;
use super::moves::Place;

impl Journeys {
    /// Makes a leg nothing is known of: in that journey, else in one of its own.
    pub(super) fn open(&mut self, now: Time, into: Option<u64>, call: &str) {
        match into.and_then(|number| self.journeys.get_mut(&number)) {
            Some(journey) => journey.calls.push(Call::named(call)),
            None => {
                self.next += 1;
                self.journeys.insert(self.next, Journey::new(now, Call::named(call)));
            }
        }
    }

    /// A further id of a leg. Where that is one of another journey, both are one from now on.
    pub(super) fn also(&mut self, place: &Place, id: &str) {
        match self.number_of(id) {
            Some(other) => self.unite(place.journey, other),
            None => {
                let journey = self.journeys.get_mut(&place.journey);
                if let Some(leg) = journey.and_then(|journey| journey.leg_mut(&place.call)) {
                    leg.ids.push(id.to_owned());
                }
            }
        }
    }

    /// Two journeys are one: the one that was heard of first.
    pub(super) fn unite(&mut self, one: u64, other: u64) {
        let (keep, gone) = (one.min(other), one.max(other));
        if keep == gone {
            return;
        }
        let Some(gone_one) = self.journeys.remove(&gone) else { return };
        let Some(journey) = self.journeys.get_mut(&keep) else { return };
        journey.calls.extend(gone_one.calls);
        journey.steps.extend(gone_one.steps);
        journey.sort();
        for (agent, awaited) in gone_one.agents {
            journey.takes_part(&agent, awaited);
        }
        journey.started = journey.started.min(gone_one.started);
        journey.heard = journey.heard.max(gone_one.heard);
        journey.followers.extend(gone_one.followers);
        journey.has_changed = true;
        self.last.values_mut().filter(|last| **last == gone).for_each(|last| *last = keep);
    }

    /// A leg goes by another id; where that is a leg too, what goes on on the one goes on on the other.
    pub(super) fn renamed(&mut self, now: Time, call: &str, new: &str) -> Option<u64> {
        match self.locate(now, call, false) {
            Some(place) => self.also(&place, new),
            None => {
                let place = self.locate(now, new, false)?;
                self.also(&place, call);
            }
        }
        let number = self.number_of(new)?;
        let journey = self.journeys.get_mut(&number)?;
        let (from, to) = (journey.leg_of(call)?.id().to_owned(), journey.leg_of(new)?.id().to_owned());
        if from != to {
            journey.moves(now, &from, &to);
        }
        Some(number)
    }

    /// `absorbed` goes on as `call`, by a transfer or a conference.
    pub(super) fn join(
        &mut self,
        now: Time,
        call: &str,
        absorbed: &str,
        by: &Device,
        parties: &[Party],
        is_conference: bool,
    ) -> Option<u64> {
        let Place { journey, joined, .. } = self.locate(now, call, true)?;
        match self.number_of(absorbed) {
            Some(other) => self.unite(journey, other),
            None => self.open(now, Some(journey), absorbed),
        }
        let number = self.number_of(call)?;
        let journey = self.journeys.get_mut(&number)?;
        let main = journey.leg_of(call)?.id().to_owned();
        let other = journey.leg_of(absorbed)?.id().to_owned();
        journey.legs_become_one(&main, &other, is_conference);
        let is_either = |step: &Step| step.is_on(&main) || step.is_on(&other);
        if is_conference {
            // Whoever speaks on either confers from now on; whoever is told to hold does that.
            let holds = |step: &Step| {
                let told = |party: &&Party| *party.device.id == *step.device && party.state == LegState::Held;
                step.does == Does::Holds && parties.iter().any(|party| told(&party))
            };
            let speaks = |step: &&Step| matches!(step.does, Does::Talks | Does::Consults | Does::Holds);
            let speaking: Vec<Step> =
                journey.steps.iter().filter(|step| is_either(step)).filter(speaks).cloned().collect();
            for step in speaking.iter().filter(|step| !holds(step)) {
                self.begins_anew(now, number, &main, step, Does::Confers, joined);
            }
        } else {
            // Whoever transfers leaves both.
            let is_own = |step: &Step| step.kind == by.kind && *step.device == *by.id && step.does != Does::Works;
            journey.close_where(now, |step| is_either(step) && is_own(step));
        }
        self.go_on(now, number, &main, &other, joined);
        let place = Place { journey: number, call: main.clone(), joined };
        for party in parties.iter().filter(|party| is_conference || party.device.id != by.id) {
            match party.state {
                LegState::Connected => self.connects(now, &place, &party.device, party.role),
                LegState::Held => self.holds(now, &place, &party.device),
                LegState::Ringing => self.rings(now, &place, &party.device, ""),
                LegState::Dialing | LegState::Queued => {}
            }
        }
        if main != other {
            self.journeys.get_mut(&number)?.leg_mut(&other)?.is_over = true;
        }
        Some(number)
    }

    /// What is open on the leg that is absorbed goes on on the one that stays, and nobody is consulted any more.
    fn go_on(&mut self, now: Time, number: u64, main: &str, other: &str, joined: bool) {
        let goes_on = |step: &&Step| {
            let is_absorbed = main != other && step.is_on(other) && step.does.is_on_call();
            is_absorbed || step.is_on(main) && step.does == Does::Consults
        };
        let steps: Vec<Step> = self.journeys[&number].steps.iter().filter(goes_on).cloned().collect();
        for step in steps {
            let does = if step.does == Does::Consults { Does::Talks } else { step.does };
            self.begins_anew(now, number, main, &step, does, joined);
        }
        if main != other
            && let Some(journey) = self.journeys.get_mut(&number)
        {
            journey.moves(now, other, main);
        }
    }

    /// A step ends where it was; its device does this on the leg `main` from now on, unless it is there already.
    fn begins_anew(&mut self, now: Time, number: u64, main: &str, step: &Step, does: Does, joined: bool) {
        self.steps += 1;
        let Some(journey) = self.journeys.get_mut(&number) else { return };
        journey.close_where(now, |own| own.number == step.number);
        let device = step.at();
        if journey.open_at(main, &device).is_none() {
            let arrival = Arrival { call: main, device: &device, does, shown: &step.shown, with: "" };
            journey.arrive(now, self.steps, &arrival, joined);
        }
    }
}

impl Journey {
    fn legs_become_one(&mut self, main: &str, other: &str, is_conference: bool) {
        let Some((kind, is_answered)) = self.leg_of(other).map(|leg| (leg.kind, leg.is_answered)) else { return };
        let Some(leg) = self.leg_mut(main) else { return };
        if leg.kind == CallKind::Consult {
            leg.kind = if kind == CallKind::Consult { CallKind::Internal } else { kind };
        }
        leg.is_answered |= is_answered;
        leg.is_conference |= is_conference;
    }

    /// What is open on a leg goes on under another.
    fn moves(&mut self, now: Time, from: &str, to: &str) {
        let Some(leg) = self.leg_mut(from) else { return };
        let (is_running, is_answered) = (leg.is_running(), leg.is_answered);
        leg.is_over = true;
        let Some(leg) = self.leg_mut(to) else { return };
        if is_running {
            (leg.is_heard, leg.is_over) = (true, false);
        }
        leg.is_answered |= is_answered;
        let moving: Vec<Step> =
            self.steps.iter().filter(|step| step.is_on(from) && step.does != Does::Works).cloned().collect();
        for step in moving {
            if self.open_at(to, &step.at()).is_some() {
                self.close_where(now, |own| own.number == step.number);
            } else {
                let own = self.steps.iter_mut().filter(|own| own.number == step.number);
                own.for_each(|own| own.call = to.to_owned());
                self.has_changed = true;
            }
        }
    }
}
