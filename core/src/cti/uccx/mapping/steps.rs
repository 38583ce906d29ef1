//! The steps call events are made of: a device dials, rings, answers; a call is called by two ids; a consultation has a reason.

use super::calls::{Calls, Way};
use super::data::{CarriesData, changed};
use super::journeys::Turn;
use super::words;
use crate::cti::uccx::codec::messages::BeginCallEvent;
use crate::cti::{CallData, CallEvent, Cause, Device, DeviceKind, LegState, PartyRole};
use crate::ids::{CallId, QueueId};

impl Calls {
    pub(super) fn dial(&mut self, turn: &mut Turn<'_>, key: u64, device: Device) {
        let Some(call) = self.calls.get_mut(&key) else { return };
        call.caller_told = true;
        if device.id.is_empty() || call.party(&device).is_some() {
            return;
        }
        call.put(&device, PartyRole::Party, LegState::Dialing);
        turn.out.push(CallEvent::Dialing { call: call.id.clone(), device });
    }

    pub(super) fn ring(&mut self, turn: &mut Turn<'_>, key: u64, device: Device, queue: Option<QueueId>) {
        let Some(call) = self.calls.get_mut(&key) else { return };
        let at_port = call.parties.iter().any(|party| party.device.kind == DeviceKind::Ivr);
        // A ring told after its answer, or at a trigger that has passed the call on, only came in another order.
        if device.id.is_empty() || call.party(&device).is_some() || device.kind == DeviceKind::Trigger && at_port {
            return;
        }
        if device.kind == DeviceKind::Ivr {
            self.let_go(turn, key, &[DeviceKind::Trigger]);
        }
        let Some(call) = self.calls.get_mut(&key) else { return };
        call.put(&device, PartyRole::Party, LegState::Ringing);
        turn.out.push(CallEvent::Ringing { call: call.id.clone(), device, queue, alias: None });
    }

    /// A device answered, or joined as what `told` says; whoever is on the leg already may become something else on it.
    pub(super) fn connect(&mut self, turn: &mut Turn<'_>, key: u64, device: &Device, told: Option<PartyRole>) {
        let Some(call) = self.calls.get_mut(&key) else { return };
        let is_on = matches!(call.state_of(device), Some(LegState::Connected | LegState::Held));
        let is_news = told.is_some_and(|role| call.set_role(device, role));
        if device.id.is_empty() || is_on && !is_news {
            return;
        }
        let role = told.unwrap_or(PartyRole::Party);
        if is_on {
            let (call, device) = (call.id.clone(), device.clone());
            return turn.out.push(CallEvent::Connected { call, device, role });
        }
        if device.kind == DeviceKind::Ivr {
            self.let_go(turn, key, &[DeviceKind::Trigger]);
        }
        let Some(call) = self.calls.get_mut(&key) else { return };
        call.put(device, role, LegState::Connected);
        let dialling = call.parties.iter_mut().filter(|party| party.state == LegState::Dialing);
        dialling.for_each(|party| party.state = LegState::Connected);
        turn.out.push(CallEvent::Connected { call: call.id.clone(), device: device.clone(), role });
        if matches!(device.kind, DeviceKind::Agent | DeviceKind::External) {
            call.answered = true;
            call.queues.clear();
            self.let_go(turn, key, &[DeviceKind::Trigger, DeviceKind::Ivr]);
        }
    }

    /// The call went on from triggers or ports: they leave it, whether the platform says so or not.
    pub(super) fn let_go(&mut self, turn: &mut Turn<'_>, key: u64, kinds: &[DeviceKind]) {
        let Some(call) = self.calls.get_mut(&key) else { return };
        let id = call.id.clone();
        for party in call.parties.extract_if(.., |party| kinds.contains(&party.device.kind)) {
            let (call, device, cause) = (id.clone(), party.device, Cause::Redirected);
            turn.out.push(match party.state {
                LegState::Ringing => CallEvent::Diverted { call, device, cause },
                _ => CallEvent::Left { call, device, cause },
            });
        }
    }

    /// A port is called by the application that runs on it, where the operator named that.
    pub(super) fn label(&self, turn: &Turn<'_>, wire: u32, application: u32, device: &mut Device) {
        if device.kind != DeviceKind::Ivr {
            return;
        }
        if let Some(name) = turn.directory.application(application) {
            device.label = name.into();
        } else if device.label.is_empty() {
            let call = self.wires.get(&wire).and_then(|wire| self.calls.get(&wire.key));
            let trigger = call.and_then(|call| {
                call.parties.iter().find(|party| matches!(party.device.kind, DeviceKind::Trigger | DeviceKind::Ivr))
            });
            if let Some(trigger) = trigger {
                device.label.clone_from(&trigger.device.label);
            }
        }
    }

    /// The internal call that brings this one to an agent: what is told of it is told of this one.
    pub(super) fn alias(&mut self, turn: &mut Turn<'_>, key: u64, second: u32) {
        match self.wires.get(&second).map(|wire| (wire.key, matches!(wire.way, Way::Own))) {
            None => self.also(key, second, Way::Alias),
            Some((other, true)) if other != key => {
                let (Some(gone), Some(call)) = (self.calls.get(&other), self.calls.get(&key)) else { return };
                if !gone.over && (gone.began || gone.attended) {
                    turn.out.push(CallEvent::Renamed { call: gone.id.clone(), new: call.id.clone() });
                }
                let parties = gone.parties.clone();
                self.hand_over(other, key, Way::Alias);
                let Some(call) = self.calls.get_mut(&key) else { return };
                for party in parties.into_iter().filter(|party| party.device.kind == DeviceKind::Agent) {
                    if call.party(&party.device).is_none() {
                        call.put(&party.device, party.role, party.state);
                    }
                }
            }
            Some(_) => {}
        }
    }

    pub(super) fn data_of(&mut self, turn: &mut Turn<'_>, key: u64, event: &impl CarriesData) {
        self.data_changed(turn, key, event.data());
    }

    pub(super) fn data_changed(&mut self, turn: &mut Turn<'_>, key: u64, data: CallData) {
        let Some(call) = self.calls.get_mut(&key) else { return };
        let data = changed(&mut call.data, data);
        if !data.is_empty() {
            turn.out.push(CallEvent::Data { call: call.id.clone(), data });
        }
    }

    /// Which leg a consultation is for: the one its agent asked to consult for, else the one that agent holds, else speaks on.
    pub(super) fn consulted_for(
        &self,
        turn: &Turn<'_>,
        own: u64,
        event: &BeginCallEvent<'_>,
        from: &str,
    ) -> Option<CallId> {
        let line = words(event.connection_device_id);
        let own_call = self.calls.get(&own)?;
        let caller = |device: &Device| {
            device.kind == DeviceKind::Agent
                && (*device.id == *line || *device.id == *from || own_call.party(device).is_some())
        };
        let on = |state| {
            self.calls.iter().rev().filter(|(key, call)| **key != own && !call.over).find_map(move |(_, call)| {
                let party = call.parties.iter().find(|party| party.state == state && caller(&party.device))?;
                Some((party.device.agent.clone(), call.id.clone()))
            })
        };
        let found = on(LegState::Held).or_else(|| on(LegState::Connected))?;
        let asked = turn.consulting.iter().find(|(agent, _)| found.0.as_ref() == Some(agent));
        Some(asked.map_or(found.1, |(_, call)| call.clone()))
    }
}
