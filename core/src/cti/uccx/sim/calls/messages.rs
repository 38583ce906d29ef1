//! The messages of one call.

use super::WireCall;
use crate::cti::uccx::codec::messages::{
    BeginCallEvent, CallClearedEvent, CallConnectionClearedEvent, CallDataUpdateEvent, CallDeliveredEvent,
    CallDivertedEvent, CallEstablishedEvent, CallFailedEvent, CallHeldEvent, CallOriginatedEvent, CallQueuedEvent,
    CallRetrievedEvent, CallServiceInitiatedEvent, EndCallEvent, QueuedCsq,
};
use crate::cti::uccx::codec::names::{connection_device_id_type, connection_state, device_type, event_cause};
use crate::cti::uccx::codec::{Message, Text};
use crate::cti::uccx::sim::words::{self, NONE, number, text};
use crate::cti::{Cause, Device};
use crate::ids::QueueId;

/// Bytes of fields, with their NULs.
pub(super) const DEVICE_BYTES: usize = 64;
const NUMBER_BYTES: usize = 40;
const DNIS_BYTES: usize = 32;
const VARIABLE_BYTES: usize = 41;
/// The most queues of one message.
const QUEUES_MAX: usize = 20;

const STATIC: u16 = connection_device_id_type::STATIC;

/// Sets the fields of call data from `$of`, which gives a key's value where there is one.
macro_rules! with_data {
    ($message:ident, $of:expr) => {{
        let of = $of;
        $message.ani = of("ani", NUMBER_BYTES);
        $message.dnis = of("dnis", DNIS_BYTES);
        $message.caller_entered_digits = of("enteredDigits", NUMBER_BYTES);
        $message.call_variable1 = of("callVariable1", VARIABLE_BYTES);
        $message.call_variable2 = of("callVariable2", VARIABLE_BYTES);
        $message.call_variable3 = of("callVariable3", VARIABLE_BYTES);
        $message.call_variable4 = of("callVariable4", VARIABLE_BYTES);
        $message.call_variable5 = of("callVariable5", VARIABLE_BYTES);
        $message.call_variable6 = of("callVariable6", VARIABLE_BYTES);
        $message.call_variable7 = of("callVariable7", VARIABLE_BYTES);
        $message.call_variable8 = of("callVariable8", VARIABLE_BYTES);
        $message.call_variable9 = of("callVariable9", VARIABLE_BYTES);
        $message.call_variable10 = of("callVariable10", VARIABLE_BYTES);
        $message.call_wrapup_data = of("wrapup", NUMBER_BYTES);
    }};
}

pub(super) fn id(device: &Device) -> Option<Text<'_>> {
    text(&device.id, DEVICE_BYTES)
}

fn named(place: &Option<(u16, Box<str>)>) -> (u16, Option<Text<'_>>) {
    place.as_ref().map_or((device_type::NONE, None), |(kind, id)| (*kind, text(id, DEVICE_BYTES)))
}

impl WireCall {
    fn caller(&self) -> Option<Text<'_>> {
        text(&self.from.1, DEVICE_BYTES)
    }

    fn called(&self) -> Option<Text<'_>> {
        text(&self.to.1, DEVICE_BYTES)
    }

    fn known(&self, key: &str, bytes_max: usize) -> Option<Text<'_>> {
        self.data.get(key).and_then(|value| text(value, bytes_max))
    }

    pub(super) fn begin(&self) -> Message<'_> {
        let mut event = BeginCallEvent {
            call_type: self.call_type,
            connection_device_id_type: STATIC,
            connection_call_id: self.number,
            connection_device_id: self.caller(),
            dialed_number: text(&self.to.1, NUMBER_BYTES),
            ..BeginCallEvent::default()
        };
        with_data!(event, |key, bytes_max| self.known(key, bytes_max));
        event.into()
    }

    pub(super) fn end(&self) -> Message<'_> {
        EndCallEvent { connection_call_id: self.number, ..EndCallEvent::default() }.into()
    }

    pub(super) fn initiated<'a>(&'a self, device: &'a Device) -> Message<'a> {
        CallServiceInitiatedEvent {
            connection_call_id: self.number,
            application_id: self.application,
            csq_id: NONE,
            calling_device_type: words::device(device.kind),
            local_connection_state: connection_state::INITIATE,
            event_cause: event_cause::NONE,
            connection_device_id: id(device),
            calling_device_id: id(device),
            ..CallServiceInitiatedEvent::default()
        }
        .into()
    }

    pub(super) fn originated<'a>(&'a self, device: &'a Device) -> Message<'a> {
        CallOriginatedEvent {
            connection_call_id: self.number,
            line_type: words::line(device),
            application_id: self.application,
            csq_id: NONE,
            calling_device_type: words::device(device.kind),
            called_device_type: self.to.0,
            local_connection_state: connection_state::CONNECT,
            event_cause: event_cause::NONE,
            connection_device_id: id(device),
            calling_device_id: id(device),
            called_device_id: self.called(),
            ..CallOriginatedEvent::default()
        }
        .into()
    }

    pub(super) fn delivered<'a>(&'a self, device: &'a Device, second: Option<u32>) -> Message<'a> {
        let (redirect_type, redirect) = named(&self.redirected_from);
        let mut event = CallDeliveredEvent {
            connection_call_id: self.number,
            line_type: words::line(device),
            application_id: self.application,
            csq_id: self.csq,
            alerting_device_type: words::device(device.kind),
            calling_device_type: self.from.0,
            called_device_type: self.to.0,
            last_redirect_device_type: redirect_type,
            local_connection_state: connection_state::ALERTING,
            event_cause: event_cause::NEW_CALL,
            connection_device_id: id(device),
            alerting_device_id: id(device),
            calling_device_id: self.caller(),
            called_device_id: self.called(),
            last_redirect_device_id: redirect,
            secondary_connection_call_id: second,
            dialed_number: text(&self.to.1, NUMBER_BYTES),
            ..CallDeliveredEvent::default()
        };
        with_data!(event, |key, bytes_max| self.known(key, bytes_max));
        event.into()
    }

    pub(super) fn established<'a>(&'a self, device: &'a Device, event_cause: u16) -> Message<'a> {
        let (redirect_type, redirect) = named(&self.redirected_from);
        CallEstablishedEvent {
            connection_call_id: self.number,
            line_type: words::line(device),
            application_id: self.application,
            csq_id: self.csq,
            answering_device_type: words::device(device.kind),
            calling_device_type: self.from.0,
            called_device_type: self.to.0,
            last_redirect_device_type: redirect_type,
            local_connection_state: connection_state::CONNECT,
            event_cause,
            connection_device_id: id(device),
            answering_device_id: id(device),
            calling_device_id: self.caller(),
            called_device_id: self.called(),
            last_redirect_device_id: redirect,
            ..CallEstablishedEvent::default()
        }
        .into()
    }

    /// The call waits at its port, which is what stands for the queue.
    pub(super) fn queued(&self, queues: &[QueueId], say: &mut dyn FnMut(&Message<'_>)) {
        let csq = |queue: &QueueId| QueuedCsq { csq_id: number(queue.as_str()), ..QueuedCsq::default() };
        for queues in queues.chunks(QUEUES_MAX) {
            let csqs: Vec<QueuedCsq<'_>> = queues.iter().map(csq).collect();
            let (redirect_type, redirect) = named(&self.redirected_from);
            let event = CallQueuedEvent {
                connection_call_id: self.number,
                application_id: self.application,
                queue_device_type: device_type::QUEUE,
                calling_device_type: self.from.0,
                called_device_type: self.to.0,
                last_redirect_device_type: redirect_type,
                local_connection_state: connection_state::QUEUED,
                event_cause: event_cause::NONE,
                connection_device_id: text(&self.port, DEVICE_BYTES),
                queue_device_id: text(&self.port, DEVICE_BYTES),
                calling_device_id: self.caller(),
                called_device_id: self.called(),
                last_redirect_device_id: redirect,
                csqs: csqs.as_slice().into(),
                ..CallQueuedEvent::default()
            };
            say(&event.into());
        }
    }

    pub(super) fn diverted<'a>(&'a self, device: &'a Device, cause: Cause) -> Message<'a> {
        CallDivertedEvent {
            connection_call_id: self.number,
            application_id: self.application,
            diverting_device_type: words::device(device.kind),
            called_device_type: self.to.0,
            local_connection_state: connection_state::NULL,
            event_cause: words::cause(cause),
            connection_device_id: id(device),
            diverting_device_id: id(device),
            called_device_id: self.called(),
            ..CallDivertedEvent::default()
        }
        .into()
    }

    pub(super) fn held<'a>(&'a self, device: &'a Device) -> Message<'a> {
        CallHeldEvent {
            connection_call_id: self.number,
            holding_device_type: words::device(device.kind),
            local_connection_state: connection_state::HOLD,
            event_cause: event_cause::NONE,
            connection_device_id: id(device),
            holding_device_id: id(device),
            ..CallHeldEvent::default()
        }
        .into()
    }

    pub(super) fn retrieved<'a>(&'a self, device: &'a Device) -> Message<'a> {
        CallRetrievedEvent {
            connection_call_id: self.number,
            retrieving_device_type: words::device(device.kind),
            local_connection_state: connection_state::CONNECT,
            event_cause: event_cause::NONE,
            connection_device_id: id(device),
            retrieving_device_id: id(device),
            ..CallRetrievedEvent::default()
        }
        .into()
    }

    pub(super) fn released<'a>(&'a self, device: &'a Device, cause: Cause) -> Message<'a> {
        CallConnectionClearedEvent {
            connection_call_id: self.number,
            releasing_device_type: words::device(device.kind),
            local_connection_state: connection_state::NULL,
            event_cause: words::cause(cause),
            connection_device_id: id(device),
            releasing_device_id: id(device),
            ..CallConnectionClearedEvent::default()
        }
        .into()
    }

    pub(super) fn failed<'a>(&'a self, device: &'a Device, cause: Cause) -> Message<'a> {
        CallFailedEvent {
            connection_call_id: self.number,
            failing_device_type: words::device(device.kind),
            called_device_type: self.to.0,
            local_connection_state: connection_state::FAIL,
            event_cause: words::cause(cause),
            connection_device_id: id(device),
            failing_device_id: id(device),
            called_device_id: self.called(),
            ..CallFailedEvent::default()
        }
        .into()
    }

    pub(super) fn cleared(&self, cause: Cause) -> Message<'_> {
        CallClearedEvent {
            connection_call_id: self.number,
            local_connection_state: connection_state::NULL,
            event_cause: words::cause(cause),
            ..CallClearedEvent::default()
        }
        .into()
    }

    /// The call goes by another number: `old` before, its own from here on.
    pub(super) fn renumbered(&self, old: u32) -> Message<'_> {
        CallDataUpdateEvent {
            call_type: self.call_type,
            connection_call_id: old,
            new_connection_device_id_type: STATIC,
            new_connection_call_id: self.number,
            connection_device_id: self.caller(),
            new_connection_device_id: self.caller(),
            ..CallDataUpdateEvent::default()
        }
        .into()
    }

    /// What changed of the data; nothing where this wire has no field for any of it.
    pub(super) fn updated<'a>(&'a self, changes: &'a [(Box<str>, Box<str>)]) -> Option<Message<'a>> {
        let mut event = CallDataUpdateEvent {
            call_type: self.call_type,
            connection_call_id: self.number,
            new_connection_device_id_type: connection_device_id_type::NONE,
            new_connection_call_id: NONE,
            connection_device_id: self.caller(),
            ..CallDataUpdateEvent::default()
        };
        let before = event;
        with_data!(event, |key: &str, bytes_max| {
            let change = changes.iter().find(|(changed, _)| **changed == *key);
            change.map(|(_, value)| words::value(value, bytes_max))
        });
        (event != before).then(|| event.into())
    }
}
