//! What each call event does to a leg, and what of it is news.
//!
//! The platform does not promise an order across devices, so an event that comes late, or twice, is one that changes nothing.

use super::calls::{Call, Calls, Way, Wire, is_call};
use super::data::{CarriesData, changed};
use super::devices::Directory;
use super::{causes, roster, words};
use crate::cti::uccx::codec::messages::{
    BeginCallEvent, CallClearedEvent, CallConnectionClearedEvent, CallDeliveredEvent, CallDequeuedEvent,
    CallDivertedEvent, CallEstablishedEvent, CallFailedEvent, CallQueuedEvent, EndCallEvent, QueuedCsq,
};
use crate::cti::uccx::codec::{Group, Text};
use crate::cti::{CallEvent, CallKind, Cause, Device, DeviceKind, LegState, Media, PartyRole};
use crate::ids::{AgentId, CallId, QueueId};
use crate::time::Time;

/// What a call event is applied with.
#[derive(Debug)]
pub(in crate::cti::uccx) struct Turn<'t> {
    pub(in crate::cti::uccx) now: Time,
    pub(in crate::cti::uccx) directory: Directory<'t>,
    /// Which leg each agent whose consultation was asked for consults for.
    pub(in crate::cti::uccx) consulting: &'t [(AgentId, CallId)],
    pub(in crate::cti::uccx) out: &'t mut Vec<CallEvent>,
    /// Messages that made no sense.
    pub(in crate::cti::uccx) unexpected: u64,
}

impl Calls {
    /// BEGIN_CALL_EVENT.
    pub(in crate::cti::uccx) fn begin(&mut self, turn: &mut Turn<'_>, event: &BeginCallEvent<'_>) {
        let wire = event.connection_call_id;
        if !is_call(wire) {
            turn.unexpected += 1;
            return;
        }
        let (kind, from) = (causes::kind(event.call_type), words(event.ani));
        let to = words(event.dialed_number.filter(|to| !to.is_empty()).or(event.dnis));
        if let Some(known) = self.wires.get(&wire) {
            let key = known.key;
            let Some(call) = self.calls.get(&key).filter(|_| matches!(known.way, Way::Own | Way::Former)) else {
                if matches!(known.way, Way::Alias) {
                    return;
                }
                self.forget_wire(wire, turn.out);
                return self.begin(turn, event);
            };
            let same = call.kind == kind && call.from == from && call.to == to;
            let used_up = call.over || call.began && call.attended && call.parties.is_empty();
            if used_up || call.unconfirmed && call.began && !same {
                let cause = if call.unconfirmed { Cause::Other } else { Cause::Normal };
                self.give_up(key, cause, turn.out);
                self.forget_wire(wire, turn.out);
                return self.begin(turn, event);
            }
            self.confirm(key);
            if self.calls.get(&key).is_some_and(|call| call.began) {
                return self.data_of(turn, key, event);
            }
        } else {
            self.open(turn.now, wire, turn.out);
        }
        let Some(key) = self.wires.get(&wire).map(|wire| wire.key) else { return };
        let consults = (kind == CallKind::Consult).then(|| self.consulted_for(turn, key, event, &from)).flatten();
        let Some(call) = self.calls.get_mut(&key) else { return };
        call.began = true;
        (call.kind, call.call_type) = (kind, event.call_type);
        call.consults.clone_from(&consults);
        call.from.clone_from(&from);
        call.to.clone_from(&to);
        let data = changed(&mut call.data, event.data());
        let call = call.id.clone();
        turn.out.push(CallEvent::Began { call, media: Media::Voice, kind, from, to, consults, data });
    }

    /// END_CALL_EVENT: the id is given back.
    pub(in crate::cti::uccx) fn end_call(&mut self, turn: &mut Turn<'_>, event: &EndCallEvent<'_>) {
        let wire = event.connection_call_id;
        let Some(Wire { key, way: Way::Own }) = self.wires.get(&wire) else { return self.forget_wire(wire, turn.out) };
        let key = *key;
        let cause = self.calls.get(&key).map_or(Cause::Normal, Call::end_cause);
        self.give_up(key, cause, turn.out);
    }

    /// CALL_SERVICE_INITIATED_EVENT and CALL_ORIGINATED_EVENT: a device dials.
    pub(in crate::cti::uccx) fn dials(&mut self, turn: &mut Turn<'_>, wire: u32, kind: u16, id: Option<Text<'_>>) {
        let device = turn.directory.device(kind, id);
        let Some(key) = self.living(turn, wire, &device, true) else { return };
        self.dial(turn, key, device);
    }

    /// CALL_DELIVERED_EVENT: a device is offered the call.
    pub(in crate::cti::uccx) fn delivered(&mut self, turn: &mut Turn<'_>, event: &CallDeliveredEvent<'_>) {
        let id = event.alerting_device_id.or(event.connection_device_id);
        let mut device = turn.directory.device(event.alerting_device_type, id);
        self.label(turn, event.connection_call_id, event.application_id, &mut device);
        let Some(key) = self.living(turn, event.connection_call_id, &device, true) else { return };
        let own = matches!(self.wires.get(&event.connection_call_id), Some(Wire { way: Way::Own | Way::Former, .. }));
        let alias = event.secondary_connection_call_id.filter(|second| own && is_call(*second));
        if let Some(second) = alias {
            self.alias(turn, key, second);
        }
        let caller = turn.directory.device(event.calling_device_type, event.calling_device_id);
        let person = matches!(caller.kind, DeviceKind::External | DeviceKind::Agent) && caller.id != device.id;
        if person && self.calls.get(&key).is_some_and(|call| !call.caller_told) {
            self.dial(turn, key, caller);
        }
        let queue = Some(event.csq_id).filter(|id| is_call(*id) && device.kind == DeviceKind::Agent);
        let queue = queue.map(roster::queue_id);
        self.ring(turn, key, device, queue.clone());
        let mut data = event.data();
        let name = queue.as_ref().map(|queue| turn.directory.queue_name(queue).unwrap_or(queue.as_str()));
        data.extend(name.map(|name| ("queue".into(), name.into())));
        self.data_changed(turn, key, data);
    }

    /// CALL_ESTABLISHED_EVENT: a device answered, or joined.
    pub(in crate::cti::uccx) fn established(&mut self, turn: &mut Turn<'_>, event: &CallEstablishedEvent<'_>) {
        let id = event.answering_device_id.or(event.connection_device_id);
        let mut device = turn.directory.device(event.answering_device_type, id);
        self.label(turn, event.connection_call_id, event.application_id, &mut device);
        let Some(key) = self.living(turn, event.connection_call_id, &device, true) else { return };
        self.connect(turn, key, &device, causes::role(event.event_cause));
    }

    /// CALL_HELD_EVENT and CALL_RETRIEVED_EVENT.
    pub(in crate::cti::uccx) fn holds(
        &mut self,
        turn: &mut Turn<'_>,
        wire: u32,
        kind: u16,
        id: Option<Text<'_>>,
        held: bool,
    ) {
        let device = turn.directory.device(kind, id);
        let Some(key) = self.living(turn, wire, &device, true) else { return };
        let Some(call) = self.calls.get_mut(&key) else { return };
        let state = if held { LegState::Held } else { LegState::Connected };
        if !call.put(&device, PartyRole::Party, state) {
            return;
        }
        let call = call.id.clone();
        turn.out.push(if held { CallEvent::Held { call, device } } else { CallEvent::Retrieved { call, device } });
    }

    /// CALL_QUEUED_EVENT.
    pub(in crate::cti::uccx) fn queued(&mut self, turn: &mut Turn<'_>, event: &CallQueuedEvent<'_>) {
        let device = turn.directory.device(event.queue_device_type, event.queue_device_id);
        let Some(key) = self.living(turn, event.connection_call_id, &device, true) else { return };
        let Some(call) = self.calls.get_mut(&key) else { return };
        call.attended = true;
        let mut queues = Vec::new();
        for queue in queues_of(event.csqs) {
            if !call.queues.contains(&queue) {
                call.queues.push(queue.clone());
                queues.push(queue);
            }
        }
        if !queues.is_empty() {
            turn.out.push(CallEvent::Queued { call: call.id.clone(), queues });
        }
    }

    /// CALL_DEQUEUED_EVENT.
    pub(in crate::cti::uccx) fn dequeued(&mut self, turn: &mut Turn<'_>, event: &CallDequeuedEvent<'_>) {
        let device = turn.directory.device(event.queue_device_type, event.queue_device_id);
        let Some(key) = self.living(turn, event.connection_call_id, &device, false) else { return };
        let Some(call) = self.calls.get_mut(&key) else { return };
        let told: Vec<QueueId> = queues_of(event.csqs).collect();
        let left: Vec<QueueId> = call.queues.extract_if(.., |queue| told.is_empty() || told.contains(queue)).collect();
        if !left.is_empty() {
            turn.out.push(CallEvent::Dequeued { call: call.id.clone(), queues: left });
        }
    }

    /// CALL_DIVERTED_EVENT: the call moved away from a device, or left its queues.
    pub(in crate::cti::uccx) fn diverted(&mut self, turn: &mut Turn<'_>, event: &CallDivertedEvent<'_>) {
        let id = event.diverting_device_id.or(event.connection_device_id);
        let device = turn.directory.device(event.diverting_device_type, id);
        let Some(key) = self.living(turn, event.connection_call_id, &device, false) else { return };
        let Some(call) = self.calls.get_mut(&key) else { return };
        if device.kind == DeviceKind::Queue {
            if !std::mem::take(&mut call.queues).is_empty() {
                turn.out.push(CallEvent::Dequeued { call: call.id.clone(), queues: Vec::new() });
            }
            return;
        }
        let Some(gone) = call.take(&device) else { return };
        let unanswered = gone.device.kind == DeviceKind::Agent && gone.state == LegState::Ringing;
        let usual = if unanswered { Cause::NoAnswer } else { Cause::Redirected };
        let cause = causes::cause(event.event_cause).unwrap_or(usual);
        turn.out.push(CallEvent::Diverted { call: call.id.clone(), device: gone.device, cause });
    }

    /// CALL_CONNECTION_CLEARED_EVENT: a device left.
    pub(in crate::cti::uccx) fn left(&mut self, turn: &mut Turn<'_>, event: &CallConnectionClearedEvent<'_>) {
        let id = event.releasing_device_id.or(event.connection_device_id);
        let device = turn.directory.device(event.releasing_device_type, id);
        let Some(key) = self.living(turn, event.connection_call_id, &device, false) else { return };
        let Some(call) = self.calls.get_mut(&key) else { return };
        let state = call.state_of(&device);
        // The internal call to the agent ends when it becomes part of the real one: only a ring ends with it.
        if !self.speaks_for_itself(event.connection_call_id) && state != Some(LegState::Ringing) {
            return;
        }
        let Some(call) = self.calls.get_mut(&key) else { return };
        let Some(gone) = call.take(&device) else { return };
        let told = causes::cause(event.event_cause);
        let (call, cause) = (call.id.clone(), told.unwrap_or_else(|| call.leave_cause(&gone.device, gone.state)));
        let device = gone.device;
        turn.out.push(match gone.state {
            LegState::Ringing => CallEvent::Diverted { call, device, cause },
            LegState::Dialing | LegState::Connected | LegState::Held | LegState::Queued => {
                CallEvent::Left { call, device, cause }
            }
        });
    }

    /// CALL_CLEARED_EVENT: the last one left.
    pub(in crate::cti::uccx) fn cleared(&mut self, turn: &mut Turn<'_>, event: &CallClearedEvent<'_>) {
        let wire = event.connection_call_id;
        if !self.speaks_for_itself(wire) {
            return;
        }
        let Some(key) = self.wires.get(&wire).map(|wire| wire.key) else { return };
        let Some(call) = self.calls.get(&key).filter(|call| !call.over) else { return };
        let cause = causes::cause(event.event_cause).unwrap_or_else(|| call.end_cause());
        turn.out.push(CallEvent::Ended { call: call.id.clone(), cause });
        self.end(turn.now, key);
    }

    /// CALL_FAILED_EVENT.
    pub(in crate::cti::uccx) fn failed(&mut self, turn: &mut Turn<'_>, event: &CallFailedEvent<'_>) {
        let called = event.called_device_id.filter(|_| event.failing_device_id.is_none_or(Text::is_empty));
        let device = match called {
            Some(id) => turn.directory.device(event.called_device_type, Some(id)),
            None => turn.directory.device(event.failing_device_type, event.failing_device_id),
        };
        let Some(key) = self.living(turn, event.connection_call_id, &device, false) else { return };
        let Some(call) = self.calls.get_mut(&key) else { return };
        call.take(&device);
        let cause = causes::cause(event.event_cause).unwrap_or(Cause::Failed);
        turn.out.push(CallEvent::Failed { call: call.id.clone(), device, cause });
    }

    /// The leg an event of `wire` at `device` is about, made where `opens` and it is unknown. Nothing where the event is a
    /// late one, or one of the internal call to an agent that concerns no agent.
    pub(super) fn living(&mut self, turn: &mut Turn<'_>, wire: u32, device: &Device, opens: bool) -> Option<u64> {
        if !is_call(wire) {
            turn.unexpected += 1;
            return None;
        }
        let key = match self.wires.get(&wire) {
            Some(Wire { key, way: Way::Own | Way::Former }) => *key,
            Some(Wire { key, way: Way::Alias }) if device.kind == DeviceKind::Agent => *key,
            Some(Wire { key, way: Way::Absorbed { .. } }) if opens && device.kind == DeviceKind::Agent => *key,
            Some(_) => return None,
            None if opens => self.open(turn.now, wire, turn.out),
            None => return None,
        };
        self.confirm(key);
        self.calls.get(&key).filter(|call| !call.over)?;
        Some(key)
    }

    fn speaks_for_itself(&self, wire: u32) -> bool {
        matches!(self.wires.get(&wire), Some(Wire { way: Way::Own | Way::Former, .. }))
    }
}

impl Call {
    /// Why the leg ends, where the platform does not say: nobody answered the caller, or as usual.
    fn end_cause(&self) -> Cause {
        if self.kind == CallKind::Inbound && self.attended && !self.answered { Cause::Abandoned } else { Cause::Normal }
    }

    fn leave_cause(&self, device: &Device, state: LegState) -> Cause {
        let caller_is_there =
            self.parties.iter().any(|party| matches!(party.state, LegState::Dialing | LegState::Connected));
        match (device.kind, state) {
            (DeviceKind::Agent | DeviceKind::External, LegState::Ringing) if caller_is_there => Cause::NoAnswer,
            (DeviceKind::Agent | DeviceKind::External, LegState::Ringing) => Cause::Abandoned,
            (DeviceKind::External, _) => self.end_cause(),
            (DeviceKind::Trigger | DeviceKind::Ivr | DeviceKind::Queue, LegState::Ringing) => Cause::Redirected,
            _ => Cause::Normal,
        }
    }
}

fn queues_of<'a>(csqs: Group<'a, QueuedCsq<'a>>) -> impl Iterator<Item = QueueId> {
    csqs.into_iter().filter_map(|csq| csq.csq_id).filter(|id| is_call(*id)).take(99).map(roster::queue_id)
}
