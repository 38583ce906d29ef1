//! Legs that become one: transfers and conferences, and legs that go on under another id.

use super::one::Arrival;
use super::stay::{Activity, Outcome, Stay};
use super::{Journeys, Place, Turn, clip, name_of};
use crate::cti::{CallKind, Device, DeviceKind, LegState, Party};
use crate::ids::CallId;
use crate::time::Time;

impl Journeys {
    /// `absorbed` goes on as `call`. Who was on it goes on there: a ring keeps its beginning, a talk or a hold ends on the old
    /// leg and begins anew on the new one, so that a consultation stays visible.
    pub(super) fn join(
        &mut self,
        turn: &mut Turn<'_>,
        call: &CallId,
        absorbed: &CallId,
        by: &Device,
        parties: &[Party],
        conference: bool,
    ) -> Option<u64> {
        let main = self.locate(turn, call, true)?;
        // Its end may have been told before.
        match self.ids.get(absorbed).copied() {
            Some(other) => self.unite(main.journey, other.journey),
            None => {
                self.open_leg(turn.now, Some(main.journey), absorbed);
            }
        }
        let main = self.ids.get(call).copied()?;
        let other = self.ids.get(absorbed).copied().filter(|other| other.journey == main.journey).unwrap_or(main);
        let target = self.target(*turn, main, other, by, parties);
        self.merge_legs(main, other, conference);
        if conference {
            self.confer(*turn, main, other, parties);
        } else {
            self.pass_on(turn.now, main, other, by, &target);
        }
        self.go_on(*turn, main, other);
        for party in parties.iter().filter(|party| conference || party.device.id != by.id) {
            self.stands(*turn, main, party);
        }
        if other.leg != main.leg {
            self.journeys.get_mut(&main.journey)?.leg(other.leg).over = true;
        }
        Some(main.journey)
    }

    /// What of a leg is open goes on under another id of the same journey.
    pub(super) fn moves(&mut self, now: Time, from: Place, to: Place) {
        let Some(journey) = self.journeys.get_mut(&from.journey) else { return };
        let leg = journey.leg(from.leg);
        let (running, answered) = (leg.is_running(), leg.answered);
        leg.over = true;
        let target = journey.leg(to.leg);
        if running {
            target.heard = true;
            target.over = false;
        }
        target.answered |= answered;
        let mut next = 0;
        while let Some(index) = journey.stays.next_open(next) {
            next = index + 1;
            let stay = &journey.stays[index];
            if stay.leg != from.leg || stay.activity == Activity::Work {
                continue;
            }
            let (kind, device) = (stay.kind, stay.device.clone());
            if journey.open_at(to.leg, kind, &device).is_some() {
                journey.close(index, now, Outcome::Plain);
            } else {
                journey.stays[index].leg = to.leg;
                journey.touch();
            }
        }
    }

    /// Stands on the leg as told, in whatever way it got there.
    pub(super) fn stands(&mut self, turn: Turn<'_>, place: Place, party: &Party) {
        match party.state {
            LegState::Connected => self.connects(turn, place, &party.device, party.role),
            LegState::Held => self.holds(turn, place, &party.device),
            LegState::Ringing => self.rings(turn, place, &party.device, None),
            LegState::Dialing | LegState::Queued => {}
        }
    }

    /// Who gets the call: the one consulted, else an agent, else anybody but the caller.
    fn target(&self, turn: Turn<'_>, main: Place, other: Place, by: &Device, parties: &[Party]) -> Box<str> {
        let Some(journey) = self.journeys.get(&main.journey) else { return "".into() };
        let consult = if journey.legs[main.leg as usize].kind == CallKind::Consult { main } else { other };
        let given = || parties.iter().map(|party| &party.device).filter(|device| device.id != by.id);
        let consulted = given().find(|device| journey.open_at(consult.leg, device.kind, &device.id).is_some());
        let told = consulted
            .filter(|_| main.leg != other.leg)
            .or_else(|| given().find(|device| device.kind == DeviceKind::Agent))
            .or_else(|| given().find(|device| !journey.is_caller(device)));
        if let Some(device) = told {
            let name = name_of(&self.queues, turn, device);
            return if name.is_empty() { clip(&device.id) } else { name.into() };
        }
        let present = journey
            .stays
            .open()
            .find(|stay| stay.leg == consult.leg && stay.device != by.id && stay.activity != Activity::Work);
        present.map_or_else(|| "".into(), |stay| stay.shown_name().into())
    }

    fn merge_legs(&mut self, main: Place, other: Place, conference: bool) {
        let Some(journey) = self.journeys.get_mut(&main.journey) else { return };
        let (kind, answered) = (journey.leg(other.leg).kind, journey.leg(other.leg).answered);
        let leg = journey.leg(main.leg);
        if leg.kind == CallKind::Consult {
            leg.kind = if kind == CallKind::Consult { CallKind::Internal } else { kind };
        }
        leg.answered |= answered;
        leg.conference |= conference;
    }

    /// Everybody who speaks on either leg speaks in the conference from now on; who is told to hold does.
    fn confer(&mut self, turn: Turn<'_>, main: Place, other: Place, parties: &[Party]) {
        let Some(journey) = self.journeys.get_mut(&main.journey) else { return };
        let speaks = |stay: &&Stay| {
            (stay.leg == main.leg || stay.leg == other.leg)
                && matches!(stay.activity, Activity::Talking | Activity::Consult | Activity::Hold)
        };
        let present: Vec<Stay> = journey.stays.open().filter(speaks).cloned().collect();
        for stay in present {
            let on_hold = stay.activity == Activity::Hold
                && parties.iter().any(|party| party.device.id == stay.device && party.state == LegState::Held);
            if on_hold {
                continue;
            }
            self.reopen(turn, main, &stay, Activity::Conference);
        }
    }

    /// The one who transfers leaves both legs.
    fn pass_on(&mut self, now: Time, main: Place, other: Place, by: &Device, target: &str) {
        let Some(journey) = self.journeys.get_mut(&main.journey) else { return };
        // The leg that survives has lost its kind by now: where one leg was a consultation, its stays say so.
        let mut next = 0;
        while let Some(index) = journey.stays.next_open(next) {
            next = index + 1;
            let stay = &journey.stays[index];
            let own = stay.kind == by.kind && stay.device == by.id && stay.activity != Activity::Work;
            if !(own && (stay.leg == main.leg || stay.leg == other.leg)) {
                continue;
            }
            if matches!(stay.activity, Activity::Consult | Activity::Dialing | Activity::Ringing) {
                journey.close(index, now, Outcome::Plain);
            } else {
                journey.stays[index].with = target.into();
                journey.close(index, now, Outcome::Transferred);
            }
        }
    }

    /// What is still open on the absorbed leg goes on under the one that stays, and nobody is consulted any more.
    fn go_on(&mut self, turn: Turn<'_>, main: Place, other: Place) {
        let Some(journey) = self.journeys.get_mut(&main.journey) else { return };
        let moving = |stay: &&Stay| {
            let absorbed = stay.leg == other.leg && other.leg != main.leg && stay.activity.is_on_call();
            absorbed || stay.leg == main.leg && stay.activity == Activity::Consult
        };
        let speaking: Vec<Stay> = journey.stays.open().filter(moving).cloned().collect();
        for stay in speaking {
            let activity = if stay.activity == Activity::Consult { Activity::Talking } else { stay.activity };
            self.reopen(turn, main, &stay, activity);
        }
        if other.leg != main.leg {
            self.moves(turn.now, other, main);
        }
    }

    /// Ends a stay and begins it anew on the leg that goes on, unless its device is there already.
    fn reopen(&mut self, turn: Turn<'_>, main: Place, stay: &Stay, activity: Activity) {
        let device = stay.at();
        self.edit(turn, main.journey, |journey, context| {
            if let Some(index) = journey.stays.find_open(|own| own.seq == stay.seq) {
                journey.close(index, turn.now, Outcome::Plain);
            }
            if journey.open_at(main.leg, device.kind, &device.id).is_none() {
                let arrival = Arrival { leg: main.leg, device: &device, name: &stay.name, activity, with: "" };
                journey.arrive(context, &arrival);
            }
        });
    }
}
