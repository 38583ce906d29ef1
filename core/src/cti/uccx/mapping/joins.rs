//! Legs that become one, and legs that get another id.

use super::calls::{Call, Calls, Standing, Way, Wire, is_call};
use super::data::CarriesData;
use super::journeys::Turn;
use crate::cti::uccx::codec::messages::{
    CallConferencedEvent, CallDataUpdateEvent, CallTransferredEvent, ConnectedParty,
};
use crate::cti::uccx::codec::names::device_type;
use crate::cti::uccx::codec::{Group, Text};
use crate::cti::{CallEvent, CallKind, Cause, Device, LegState, PartyRole};

/// What CALL_TRANSFERRED_EVENT and CALL_CONFERENCED_EVENT have in common.
struct Join<'a> {
    primary: u32,
    secondary: u32,
    by: Device,
    /// Whoever joined the calls stays.
    stays: bool,
    parties: Group<'a, ConnectedParty<'a>>,
}

impl Calls {
    /// CALL_TRANSFERRED_EVENT.
    pub(in crate::cti::uccx) fn transferred(&mut self, turn: &mut Turn<'_>, event: &CallTransferredEvent<'_>) {
        let by = turn.directory.device(event.transferring_device_type, event.transferring_device_id);
        self.join(
            turn,
            &Join {
                primary: event.primary_call_id,
                secondary: event.secondary_call_id,
                by,
                stays: false,
                parties: event.parties,
            },
        );
    }

    /// CALL_CONFERENCED_EVENT.
    pub(in crate::cti::uccx) fn conferenced(&mut self, turn: &mut Turn<'_>, event: &CallConferencedEvent<'_>) {
        let by = turn.directory.device(event.controller_device_type, event.controller_device_id);
        self.join(
            turn,
            &Join {
                primary: event.primary_call_id,
                secondary: event.secondary_call_id,
                by,
                stays: true,
                parties: event.parties,
            },
        );
    }

    /// CALL_DATA_UPDATE_EVENT: data, or another id.
    pub(in crate::cti::uccx) fn data_update(&mut self, turn: &mut Turn<'_>, event: &CallDataUpdateEvent<'_>) {
        let (wire, new) = (event.connection_call_id, event.new_connection_call_id);
        let Some(Wire { key, way: Way::Own | Way::Former }) = self.wires.get(&wire) else { return };
        let key = *key;
        self.confirm(key);
        if self.calls.get(&key).is_none_or(|call| call.over) {
            return;
        }
        let key = if is_call(new) && new != wire { self.renumber(turn, key, new) } else { key };
        self.data_changed(turn, key, event.data());
    }

    /// The call goes by another id on the wire from here on. Where that one is a call already, both are one. The call's key.
    fn renumber(&mut self, turn: &mut Turn<'_>, key: u64, new: u32) -> u64 {
        match self.wires.get(&new).map(|wire| (wire.key, matches!(wire.way, Way::Own))) {
            Some((other, true)) if other != key => {
                let Some(gone) = self.calls.get(&key) else { return key };
                let Some(stays) = self.calls.get(&other).filter(|stays| !stays.over) else { return key };
                turn.out.push(CallEvent::Renamed { call: gone.id.clone(), new: stays.id.clone() });
                self.merge(key, other, Way::Former);
                other
            }
            Some((other, _)) if other != key => key,
            known => {
                if known.is_some() {
                    self.way(new, Way::Own);
                } else {
                    self.also(key, new, Way::Own);
                }
                let Some(call) = self.calls.get_mut(&key) else { return key };
                let before = std::mem::replace(&mut call.wire, new);
                if before != new {
                    self.way(before, Way::Former);
                }
                key
            }
        }
    }

    fn way(&mut self, wire: u32, way: Way) {
        if let Some(known) = self.wires.get_mut(&wire) {
            known.way = way;
        }
    }

    fn join(&mut self, turn: &mut Turn<'_>, join: &Join<'_>) {
        if matches!(self.wires.get(&join.secondary), Some(Wire { way: Way::Absorbed { .. }, .. }))
            || matches!(self.wires.get(&join.primary), Some(Wire { way: Way::Absorbed { .. }, .. }))
        {
            return; // Told before.
        }
        let Some(primary) = self.living(turn, join.primary, &join.by, true) else { return };
        let second = is_call(join.secondary) && join.secondary != join.primary;
        let secondary = second.then(|| self.living(turn, join.secondary, &join.by, true)).flatten();
        // Making room for the second may have cost the first.
        if !self.contains(primary) {
            return;
        }
        let surviving = join.parties.iter().filter_map(|party| party.connected_party_call_id).find(|id| is_call(*id));
        let survivor = surviving.and_then(|wire| self.wires.get(&wire)).map(|wire| wire.key);
        let Some(secondary) = secondary.filter(|secondary| *secondary != primary) else {
            self.step(turn, primary, join);
            if let (Some(new), None) = (surviving, survivor) {
                self.renumber(turn, primary, new);
            }
            return;
        };
        let (main, other) = if survivor == Some(secondary) { (secondary, primary) } else { (primary, secondary) };
        self.unite(turn, main, other, join);
        if let (Some(new), None) = (surviving, survivor) {
            self.renumber(turn, main, new);
        }
    }

    /// Two legs become one.
    fn unite(&mut self, turn: &mut Turn<'_>, main: u64, other: u64, join: &Join<'_>) {
        let (Some(call), Some(gone)) = (self.calls.get(&main), self.calls.get(&other)) else { return };
        let known: Vec<Standing> = call.parties.iter().chain(&gone.parties).cloned().collect();
        let parties = standings(turn, &known, join);
        let (id, absorbed) = (call.id.clone(), gone.id.clone());
        let cause = if join.stays { Cause::Other } else { Cause::Transferred };
        self.merge(other, main, Way::Absorbed { id: Some(absorbed.clone()), cause });
        let Some(call) = self.calls.get_mut(&main) else { return };
        call.parties = parties;
        call.attended = true;
        let (call, by, parties) = (id, join.by.clone(), call.standing());
        turn.out.push(if join.stays {
            CallEvent::Conferenced { call, absorbed, by, parties }
        } else {
            CallEvent::Transferred { call, absorbed, by, parties }
        });
    }

    /// A transfer or conference in a single step: there is one leg, whose parties change.
    fn step(&mut self, turn: &mut Turn<'_>, key: u64, join: &Join<'_>) {
        let Some(call) = self.calls.get_mut(&key) else { return };
        let parties = standings(turn, &call.parties, join);
        let new: Vec<Device> =
            parties.iter().map(|party| &party.device).filter(|one| call.party(one).is_none()).cloned().collect();
        let leaves = call.party(&join.by).filter(|_| !join.stays).is_some();
        call.parties = parties;
        call.attended = true;
        let id = call.id.clone();
        for device in new {
            turn.out.push(CallEvent::Connected { call: id.clone(), device, role: PartyRole::Party });
        }
        if leaves {
            turn.out.push(CallEvent::Left { call: id, device: join.by.clone(), cause: Cause::Transferred });
        }
    }

    /// What is known of `from` goes on in `into`.
    fn merge(&mut self, from: u64, into: u64, way: Way) {
        let Some(gone) = self.calls.get(&from).cloned() else { return };
        self.hand_over(from, into, way);
        let Some(call) = self.calls.get_mut(&into) else { return };
        if call.kind == CallKind::Consult {
            call.kind = if gone.kind == CallKind::Consult { CallKind::Internal } else { gone.kind };
        }
        adopt(call, gone);
    }
}

fn adopt(call: &mut Call, gone: Call) {
    call.answered |= gone.answered;
    call.attended |= gone.attended;
    call.caller_told |= gone.caller_told;
    if !call.began && gone.began {
        call.began = true;
        (call.from, call.to, call.call_type) = (gone.from, gone.to, gone.call_type);
    }
    for party in gone.parties {
        if call.party(&party.device).is_none() {
            call.put(&party.device, party.role, party.state);
        }
    }
    for queue in gone.queues {
        if !call.queues.contains(&queue) {
            call.queues.push(queue);
        }
    }
    for (key, value) in gone.data {
        call.data.entry(key).or_insert(value);
    }
}

/// Who is on the leg afterwards: those the platform lists, else those who were there; a ring goes on, all others speak.
fn standings(turn: &Turn<'_>, known: &[Standing], join: &Join<'_>) -> Vec<Standing> {
    let mut told: Vec<Standing> = Vec::new();
    let mut add = |device: Device| {
        let same = |one: &&Standing| one.device.kind == device.kind && one.device.id == device.id;
        let leaves = !join.stays && device.kind == join.by.kind && device.id == join.by.id;
        if device.id.is_empty() || leaves || told.iter().any(|one| same(&one)) || told.len() >= 64 {
            return;
        }
        let before = known.iter().find(same);
        let rings = known.iter().filter(same).all(|one| one.state == LegState::Ringing) && before.is_some();
        let state = if rings { LegState::Ringing } else { LegState::Connected };
        let role = before.map_or(PartyRole::Party, |before| before.role);
        told.push(Standing { device, role, state });
    };
    for party in join.parties.iter().take(64) {
        add(party_device(turn, known, party.connected_party_device_type, party.connected_party_device_id));
    }
    if join.parties.is_empty() {
        known.iter().for_each(|one| add(one.device.clone()));
    }
    if join.stays {
        add(join.by.clone());
    }
    told
}

/// The device of a listed party: where its type is not told, that of a party known by the same number.
fn party_device(turn: &Turn<'_>, known: &[Standing], kind: Option<u16>, id: Option<Text<'_>>) -> Device {
    let device = turn.directory.device(kind.unwrap_or(device_type::NONE), id);
    let untold = matches!(kind, None | Some(device_type::NONE | device_type::DEVICE));
    let same = known.iter().find(|one| untold && one.device.id == device.id);
    same.map_or(device, |one| one.device.clone())
}
