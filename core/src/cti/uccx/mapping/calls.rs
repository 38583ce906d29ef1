//! Calls in progress: what each id on the wire stands for, and who is on what.
//!
//! A [`CallId`] is made once for each leg and never again: the numbers on the wire are unique only while a call lives, and
//! may come again in the next session. Where the platform gives a leg another number, the leg keeps its id.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::roster::Roster;
use crate::cti::{
    AgentState, CallEvent, CallKind, CallRecord, Cause, Device, DeviceKind, LegState, Media, Party, PartyRole,
};
use crate::ids::{CallId, QueueId};
use crate::time::Time;

/// How long a cleared call waits for its END_CALL_EVENT: late events of it are known as such meanwhile.
const OVER: Duration = Duration::from_secs(60);
/// How long a call that a confirmation announced waits for its first event.
const ANNOUNCED: Duration = Duration::from_secs(60);
/// Parties of one call kept at a time: four times what the protocol allows.
const PARTIES_MAX: usize = 64;
/// Ids on the wire of one call kept at a time.
const WIRES_MAX: usize = 64;

/// The calls of a platform.
#[derive(Debug)]
pub(in crate::cti::uccx) struct Calls {
    boot: Box<str>,
    last_key: u64,
    pub(super) calls: BTreeMap<u64, Call>,
    pub(super) wires: BTreeMap<u32, Wire>,
    deadlines: BTreeSet<(Time, u64)>,
    calls_max: usize,
    pub(in crate::cti::uccx) dropped: u64,
}

/// What an id on the wire stands for.
#[derive(Clone, Debug)]
pub(super) struct Wire {
    pub(super) key: u64,
    pub(super) way: Way,
}

#[derive(Clone, Debug)]
pub(super) enum Way {
    /// It is the call's own id.
    Own,
    /// It was the call's own id before.
    Former,
    /// It is the internal call between port and agent by which the call is brought to the agent.
    Alias,
    /// It was a call that became part of this one; its end is still to be told where it has an id.
    Absorbed { id: Option<CallId>, cause: Cause },
}

/// One leg.
#[derive(Clone, Debug)]
pub(super) struct Call {
    pub(super) id: CallId,
    /// The id to name it by in requests.
    pub(super) wire: u32,
    wires: Vec<u32>,
    pub(super) kind: CallKind,
    pub(super) call_type: u16,
    pub(super) from: Box<str>,
    pub(super) to: Box<str>,
    pub(super) since: Time,
    pub(super) consults: Option<CallId>,
    pub(super) parties: Vec<Standing>,
    pub(super) queues: Vec<QueueId>,
    pub(super) data: BTreeMap<Box<str>, Box<str>>,
    /// Its BEGIN_CALL_EVENT came.
    pub(super) began: bool,
    /// Who called was told.
    pub(super) caller_told: bool,
    /// Somebody was on it.
    pub(super) attended: bool,
    /// A person answered.
    pub(super) answered: bool,
    /// It is from before the connection was lost, and nothing was heard of it since; or it was only announced.
    pub(super) unconfirmed: bool,
    pub(super) over: bool,
    deadline: Option<Time>,
}

/// Somebody, or something, on a leg.
#[derive(Clone, Debug)]
pub(super) struct Standing {
    pub(super) device: Device,
    pub(super) role: PartyRole,
    pub(super) state: LegState,
}

/// A call, as requests name it.
#[derive(Clone, Debug)]
pub(in crate::cti::uccx) struct Target {
    pub(in crate::cti::uccx) wire: u32,
    pub(in crate::cti::uccx) call_type: u16,
}

impl Calls {
    pub(in crate::cti::uccx) fn new(boot: Box<str>, calls_max: usize) -> Self {
        let (calls, wires, deadlines) = (BTreeMap::new(), BTreeMap::new(), BTreeSet::new());
        Self { boot, last_key: 0, calls, wires, deadlines, calls_max, dropped: 0 }
    }

    pub(in crate::cti::uccx) fn len(&self) -> usize {
        self.calls.len()
    }

    /// The call that goes by this id, as requests name it.
    pub(in crate::cti::uccx) fn target(&self, id: &CallId) -> Option<Target> {
        let (boot, key) = id.as_str().rsplit_once('-')?;
        let call = self.calls.get(&key.parse().ok()?).filter(|call| *boot == *self.boot && !call.over)?;
        Some(Target { wire: call.wire, call_type: call.call_type })
    }

    /// The id of a call that a confirmation tells of, maybe before its first event.
    pub(in crate::cti::uccx) fn announced(&mut self, now: Time, wire: u32, out: &mut Vec<CallEvent>) -> Option<CallId> {
        if !is_call(wire) {
            return None;
        }
        if let Some(known) = self.wires.get(&wire).and_then(|wire| self.calls.get(&wire.key)).filter(|call| !call.over)
        {
            return Some(known.id.clone());
        }
        self.forget_wire(wire, out);
        let key = self.open(now, wire, out);
        let call = self.calls.get_mut(&key)?;
        call.unconfirmed = true;
        let id = call.id.clone();
        self.set_deadline(key, Some(now + ANNOUNCED));
        Some(id)
    }

    /// The connection was lost: nothing is certain until it is heard of again.
    pub(in crate::cti::uccx) fn doubt(&mut self) {
        for call in self.calls.values_mut().filter(|call| !call.over) {
            call.unconfirmed = true;
        }
    }

    /// The calls as they stand, to be told as all there are: others are over by that.
    pub(in crate::cti::uccx) fn records(&mut self) -> BTreeMap<u64, CallRecord> {
        for wire in self.wires.values_mut() {
            if let Way::Absorbed { id, .. } = &mut wire.way {
                *id = None;
            }
        }
        let running = self.calls.iter().filter(|(_, call)| !call.over && (call.began || call.attended));
        running.map(|(key, call)| (*key, call.record())).collect()
    }

    /// Everything was read: calls in doubt that the states of their agents speak against are forgotten, the others are
    /// given until `kept_for` has passed to be heard of. Those that were forgotten.
    pub(in crate::cti::uccx) fn settle(
        &mut self,
        now: Time,
        roster: &Roster,
        kept_for: Duration,
        out: &mut Vec<CallEvent>,
    ) -> BTreeSet<u64> {
        let mut gone = BTreeSet::new();
        let doubtful = self.calls.iter().filter(|(_, call)| call.unconfirmed && !call.over);
        let doubtful: Vec<(u64, bool)> = doubtful.map(|(key, call)| (*key, call.may_live(roster))).collect();
        for (key, may_live) in doubtful {
            if may_live {
                self.set_deadline(key, Some(now + kept_for));
            } else {
                gone.insert(key);
                self.remove(key, out);
            }
        }
        gone
    }

    pub(in crate::cti::uccx) fn contains(&self, key: u64) -> bool {
        self.calls.contains_key(&key)
    }

    pub(in crate::cti::uccx) fn poll_timeout(&self) -> Option<Time> {
        self.deadlines.first().map(|(at, _)| *at)
    }

    /// Forgets calls of which nothing is heard any more.
    pub(in crate::cti::uccx) fn expire(&mut self, now: Time, out: &mut Vec<CallEvent>) {
        while let Some((_, key)) = self.deadlines.first().copied().filter(|(at, _)| *at <= now) {
            self.give_up(key, Cause::Other, out);
        }
    }

    /// Makes a leg nothing is known of, under a new id.
    pub(super) fn open(&mut self, now: Time, wire: u32, out: &mut Vec<CallEvent>) -> u64 {
        while self.calls.len() >= self.calls_max {
            let Some(oldest) = self.calls.keys().next().copied() else { break };
            self.dropped += 1;
            self.give_up(oldest, Cause::Other, out);
        }
        self.last_key += 1;
        let key = self.last_key;
        let call = Call {
            id: CallId::from(format!("{}-{key}", self.boot)),
            wire,
            wires: vec![wire],
            kind: CallKind::Inbound,
            call_type: 0,
            from: "".into(),
            to: "".into(),
            since: now,
            consults: None,
            parties: Vec::new(),
            queues: Vec::new(),
            data: BTreeMap::new(),
            began: false,
            caller_told: false,
            attended: false,
            answered: false,
            unconfirmed: false,
            over: false,
            deadline: None,
        };
        self.calls.insert(key, call);
        self.wires.insert(wire, Wire { key, way: Way::Own });
        key
    }

    /// Lets `wire` stand for the call; nothing where it stands for one already, or for too many.
    pub(super) fn also(&mut self, key: u64, wire: u32, way: Way) {
        let Some(call) = self.calls.get_mut(&key) else { return };
        if self.wires.contains_key(&wire) {
            return;
        }
        if call.wires.len() >= WIRES_MAX {
            let first = call.wires.iter().position(|known| *known != call.wire).unwrap_or(0);
            let dropped = call.wires.remove(first);
            self.wires.remove(&dropped);
        }
        call.wires.push(wire);
        self.wires.insert(wire, Wire { key, way });
    }

    /// The ids of `from` stand for `into`; its own one by `way`.
    pub(super) fn hand_over(&mut self, from: u64, into: u64, way: Way) {
        let Some(gone) = self.calls.remove(&from) else { return };
        self.drop_deadline(from, gone.deadline);
        for wire in gone.wires {
            let Some(Wire { way: before, .. }) = self.wires.remove(&wire) else { continue };
            let way = if wire == gone.wire { way.clone() } else { before };
            self.also(into, wire, way);
        }
    }

    /// The call is over, and its id is waited for to be given back.
    pub(super) fn end(&mut self, now: Time, key: u64) {
        let Some(call) = self.calls.get_mut(&key) else { return };
        call.over = true;
        call.parties.clear();
        call.queues.clear();
        call.data.clear();
        self.set_deadline(key, Some(now + OVER));
    }

    /// Ends a call that did not end by itself, and forgets it.
    pub(super) fn give_up(&mut self, key: u64, cause: Cause, out: &mut Vec<CallEvent>) {
        if let Some(call) = self.calls.get(&key).filter(|call| !call.over && (call.began || call.attended)) {
            out.push(CallEvent::Ended { call: call.id.clone(), cause });
        }
        self.remove(key, out);
    }

    /// Forgets a call and its ids; legs that became part of it are over now at the latest.
    pub(super) fn remove(&mut self, key: u64, out: &mut Vec<CallEvent>) {
        let Some(call) = self.calls.remove(&key) else { return };
        self.drop_deadline(key, call.deadline);
        for wire in call.wires {
            if let Some(Wire { way: Way::Absorbed { id: Some(id), cause }, .. }) = self.wires.remove(&wire) {
                out.push(CallEvent::Ended { call: id, cause });
            }
        }
    }

    /// The platform gave an id back, or uses it anew.
    pub(super) fn forget_wire(&mut self, wire: u32, out: &mut Vec<CallEvent>) {
        let Some(known) = self.wires.get(&wire).cloned() else { return };
        if matches!(known.way, Way::Own) {
            return self.remove(known.key, out);
        }
        self.wires.remove(&wire);
        if let Some(call) = self.calls.get_mut(&known.key) {
            call.wires.retain(|one| *one != wire);
        }
        if let Way::Absorbed { id: Some(id), cause } = known.way {
            out.push(CallEvent::Ended { call: id, cause });
        }
    }

    pub(super) fn confirm(&mut self, key: u64) {
        let Some(call) = self.calls.get_mut(&key) else { return };
        if std::mem::take(&mut call.unconfirmed) {
            self.set_deadline(key, None);
        }
    }

    fn set_deadline(&mut self, key: u64, at: Option<Time>) {
        let Some(call) = self.calls.get_mut(&key) else { return };
        let before = std::mem::replace(&mut call.deadline, at);
        self.drop_deadline(key, before);
        if let Some(at) = at {
            self.deadlines.insert((at, key));
        }
    }

    fn drop_deadline(&mut self, key: u64, at: Option<Time>) {
        if let Some(at) = at {
            self.deadlines.remove(&(at, key));
        }
    }
}

impl Call {
    pub(super) fn party(&self, device: &Device) -> Option<usize> {
        self.parties.iter().position(|party| party.device.kind == device.kind && party.device.id == device.id)
    }

    /// Puts a device on the leg, or changes what it does there; whether that is news.
    pub(super) fn put(&mut self, device: &Device, role: PartyRole, state: LegState) -> bool {
        self.attended = true;
        match self.party(device) {
            Some(index) if self.parties[index].state == state => false,
            Some(index) => {
                self.parties[index].state = state;
                true
            }
            None => {
                if self.parties.len() < PARTIES_MAX {
                    self.parties.push(Standing { device: device.clone(), role, state });
                }
                true
            }
        }
    }

    /// Changes what a device that is on the leg is to it; whether that is news.
    pub(super) fn set_role(&mut self, device: &Device, role: PartyRole) -> bool {
        let Some(index) = self.party(device) else { return false };
        std::mem::replace(&mut self.parties[index].role, role) != role
    }

    pub(super) fn take(&mut self, device: &Device) -> Option<Standing> {
        self.party(device).map(|index| self.parties.remove(index))
    }

    pub(super) fn state_of(&self, device: &Device) -> Option<LegState> {
        self.party(device).map(|index| self.parties[index].state)
    }

    pub(super) fn standing(&self) -> Vec<Party> {
        let party = |one: &Standing| Party {
            call: self.id.clone(),
            device: one.device.clone(),
            role: one.role,
            state: one.state,
        };
        self.parties.iter().map(party).collect()
    }

    fn record(&self) -> CallRecord {
        CallRecord {
            call: self.id.clone(),
            media: Media::Voice,
            kind: self.kind,
            from: self.from.clone(),
            to: self.to.clone(),
            since: Some(self.since),
            consults: self.consults.clone(),
            parties: self.standing(),
            queues: self.queues.clone(),
            data: self.data.iter().map(|(key, value)| (key.clone(), value.clone())).collect(),
        }
    }

    /// Whether what its agents are said to do goes with the call being still there. Calls without agents may be.
    fn may_live(&self, roster: &Roster) -> bool {
        let mut agents = self.parties.iter().filter(|party| party.device.kind == DeviceKind::Agent).peekable();
        if agents.peek().is_none() {
            return true;
        }
        agents.any(|party| {
            let state = party.device.agent.as_ref().and_then(|id| roster.agents.get(id)).map(|agent| agent.state);
            match state {
                Some(AgentState::Reserved | AgentState::Talking | AgentState::Hold) => true,
                // Calls that no queue brought are taken in this state.
                Some(AgentState::NotReady) | None => true,
                Some(AgentState::LoggedOut | AgentState::Ready | AgentState::Work) => false,
            }
        })
    }
}

/// Whether a number on the wire names a call.
pub(super) const fn is_call(wire: u32) -> bool {
    wire != 0 && wire != u32::MAX
}
