//! What becomes of calls besides going their way: consultations, transfers, conferences, further ids, destinations that cannot be
//! reached, supervisors; and any two calls that become one, whatever is going on on either.

use interaction_core::cti::{CallEvent, CallKind, Cause, Device, DeviceKind, LegState, Media, Party, PartyRole};

use super::{AGENTS, Call, Centre, Stage, device, line};
use crate::rng::Rng;

const OUTSIDE: [&str; 2] = ["+4930123", "+4930456"];

impl Centre {
    /// Something of the kind that happens to a call, at times.
    pub(super) fn turn_of_call(&mut self, rng: &mut Rng, place: usize) -> Option<CallEvent> {
        let call = self.calls[place].clone();
        let id = || call.id.as_str().into();
        let own = line(call.agent);
        let colleague = line(call.colleague);
        let (event, stage) = match (call.stage, rng.below(20)) {
            (Stage::Dials, _) => (CallEvent::Dialing { call: id(), device: own }, Stage::Asks),
            (Stage::Asks, _) => {
                let alias = rng.once_in(3).then(|| self.fresh("alias").into());
                (CallEvent::Ringing { call: id(), device: colleague, queue: None, alias }, Stage::IsAsked)
            }
            (Stage::IsAsked, 0..=14) => {
                (CallEvent::Connected { call: id(), device: colleague, role: PartyRole::Party }, Stage::Consults)
            }
            (Stage::Consults, 0..=9) => {
                let main = self.calls.iter().position(|other| Some(&other.id) == call.consults.as_ref());
                return main.map(|main| self.join(rng, main, place));
            }
            (Stage::Talks | Stage::Holds, 0..=2) => return Some(self.consult(rng, &call)),
            (_, 10) => return Some(self.rename(rng, place)),
            (stage, 11) => {
                let failed = match rng.below(3) {
                    0 => own,
                    1 => line(rng.pick(AGENTS)),
                    _ => device(DeviceKind::External, rng.pick(OUTSIDE)),
                };
                let cause = rng.pick([Cause::Busy, Cause::Unreachable, Cause::Normal]);
                (CallEvent::Failed { call: id(), device: failed, cause }, stage)
            }
            (stage, 12) if rng.once_in(2) => {
                let outside = device(DeviceKind::External, rng.pick(OUTSIDE));
                let dials = if rng.once_in(2) { line(rng.pick(AGENTS)) } else { outside };
                (CallEvent::Dialing { call: id(), device: dials }, stage)
            }
            (stage @ (Stage::Talks | Stage::Holds | Stage::Consults), 13) => {
                let role = rng.pick([PartyRole::Listener, PartyRole::Coach, PartyRole::Barged, PartyRole::Party]);
                (CallEvent::Connected { call: id(), device: line(rng.pick(["2001", "2002"])), role }, stage)
            }
            (_, 14) if self.calls.len() > 1 && rng.once_in(3) => {
                let other = rng.place(self.calls.len());
                return (other != place).then(|| self.join(rng, place, other));
            }
            (stage, 15) if rng.once_in(3) => {
                let alias = self.calls.get(rng.place(self.calls.len() + 2)).map(|other| other.id.as_str().into());
                let device = device(DeviceKind::External, rng.pick(OUTSIDE));
                (CallEvent::Ringing { call: id(), device, queue: None, alias }, stage)
            }
            (stage, 16) if rng.once_in(3) => (CallEvent::Held { call: id(), device: line(rng.pick(AGENTS)) }, stage),
            _ => return None,
        };
        self.calls[place].stage = stage;
        Some(event)
    }

    fn fresh(&mut self, kind: &str) -> String {
        self.last_call += 1;
        format!("{kind}-{}", self.last_call)
    }

    /// An agent who talks asks a colleague.
    fn consult(&mut self, rng: &mut Rng, of: &Call) -> CallEvent {
        let colleague = rng.pick(AGENTS);
        let id = self.fresh("consult");
        let (from, to) = (line(of.agent).id, line(colleague).id);
        self.calls.push(Call {
            id: id.clone(),
            stage: Stage::Dials,
            agent: of.agent,
            colleague,
            consults: Some(of.id.clone()),
        });
        CallEvent::Began {
            call: id.into(),
            media: Media::Voice,
            kind: CallKind::Consult,
            from,
            to,
            consults: Some(of.id.as_str().into()),
            data: Vec::new(),
        }
    }

    /// A call goes by another id; mostly it is told of under that one from then on.
    fn rename(&mut self, rng: &mut Rng, place: usize) -> CallEvent {
        let known = self.calls[rng.place(self.calls.len())].id.clone();
        let new = if rng.once_in(8) { known } else { self.fresh("renamed") };
        let old = self.calls[place].id.clone();
        if !rng.once_in(4) {
            self.calls[place].id.clone_from(&new);
        }
        CallEvent::Renamed { call: old.into(), new: new.into() }
    }

    /// Two calls become one: either goes on, the other is part of it.
    fn join(&mut self, rng: &mut Rng, main: usize, other: usize) -> CallEvent {
        let (main, other) = if rng.once_in(2) { (main, other) } else { (other, main) };
        let (stays, gone) = (self.calls[main].clone(), self.calls[other].clone());
        let by = line(stays.agent);
        let is_conference = rng.once_in(2);
        let mut parties = Vec::new();
        let people = [line(stays.colleague), line(gone.colleague), device(DeviceKind::External, rng.pick(OUTSIDE))];
        for person in people.into_iter().chain([by.clone()]) {
            if !rng.once_in(3) {
                parties.push(party(rng, &stays.id, person));
            }
        }
        let left = &mut self.calls[main];
        left.stage = rng.pick([Stage::Talks, Stage::Talks, Stage::Holds]);
        if !is_conference {
            left.agent = gone.colleague;
        }
        // What is told of the other afterwards is late, and is told at times.
        if !rng.once_in(6) {
            self.calls.remove(other);
        }
        let (call, absorbed) = (stays.id.into(), gone.id.into());
        if is_conference {
            CallEvent::Conferenced { call, absorbed, by, parties }
        } else {
            CallEvent::Transferred { call, absorbed, by, parties }
        }
    }
}

fn party(rng: &mut Rng, call: &str, device: Device) -> Party {
    let state = rng.pick([LegState::Connected, LegState::Connected, LegState::Held, LegState::Ringing]);
    Party { call: call.into(), device, role: PartyRole::Party, state }
}
