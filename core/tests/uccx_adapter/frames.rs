//! Call messages in a line each, and call events in a line each.

use std::collections::BTreeMap;

use interaction_core::cti::uccx::codec::messages as m;
use interaction_core::cti::uccx::codec::{Text, Widths};
use interaction_core::cti::{CallEvent, Device, Party, PartyRole};
use interaction_core::ids::CallId;

pub(crate) const TRIGGER: u16 = 74;
pub(crate) const PORT: u16 = 73;
pub(crate) const AGENT: u16 = 76;
pub(crate) const QUEUE: u16 = 77;
pub(crate) const OTHER_LINE: u16 = 78;
pub(crate) const OUTSIDE: u16 = 75;
pub(crate) const NO_TYPE: u16 = 0xFFFF;

pub(crate) fn text(text: &str) -> Option<Text<'_>> {
    (!text.is_empty()).then(|| Text::from(text))
}

pub(crate) fn begin<'a>(wire: u32, call_type: u16, ani: &'a str, to: &'a str) -> m::BeginCallEvent<'a> {
    m::BeginCallEvent {
        connection_call_id: wire,
        call_type,
        ani: text(ani),
        dialed_number: text(to),
        ..Default::default()
    }
}

pub(crate) fn end<'a>(wire: u32) -> m::EndCallEvent<'a> {
    m::EndCallEvent { connection_call_id: wire, ..Default::default() }
}

pub(crate) fn initiated(wire: u32, kind: u16, device: &str) -> m::CallServiceInitiatedEvent<'_> {
    m::CallServiceInitiatedEvent {
        connection_call_id: wire,
        calling_device_type: kind,
        calling_device_id: text(device),
        ..Default::default()
    }
}

pub(crate) fn originated<'a>(wire: u32, kind: u16, device: &'a str, to: &'a str) -> m::CallOriginatedEvent<'a> {
    m::CallOriginatedEvent {
        connection_call_id: wire,
        calling_device_type: kind,
        calling_device_id: text(device),
        called_device_id: text(to),
        ..Default::default()
    }
}

pub(crate) fn delivered<'a>(wire: u32, kind: u16, device: &'a str, from: (u16, &'a str)) -> m::CallDeliveredEvent<'a> {
    m::CallDeliveredEvent {
        connection_call_id: wire,
        alerting_device_type: kind,
        alerting_device_id: text(device),
        calling_device_type: from.0,
        calling_device_id: text(from.1),
        csq_id: u32::MAX,
        ..Default::default()
    }
}

pub(crate) fn established(wire: u32, kind: u16, device: &str) -> m::CallEstablishedEvent<'_> {
    m::CallEstablishedEvent {
        connection_call_id: wire,
        answering_device_type: kind,
        answering_device_id: text(device),
        ..Default::default()
    }
}

pub(crate) fn queued<'a>(wire: u32, csqs: &'a [m::QueuedCsq<'a>]) -> m::CallQueuedEvent<'a> {
    m::CallQueuedEvent {
        connection_call_id: wire,
        queue_device_type: QUEUE,
        queue_device_id: text("7001"),
        csqs: csqs.into(),
        ..Default::default()
    }
}

pub(crate) fn csq<'a>(id: u32) -> m::QueuedCsq<'a> {
    m::QueuedCsq { csq_id: Some(id), ..Default::default() }
}

pub(crate) fn diverted(wire: u32, kind: u16, device: &str, cause: u16) -> m::CallDivertedEvent<'_> {
    m::CallDivertedEvent {
        connection_call_id: wire,
        diverting_device_type: kind,
        diverting_device_id: text(device),
        event_cause: cause,
        ..Default::default()
    }
}

pub(crate) fn left(wire: u32, kind: u16, device: &str) -> m::CallConnectionClearedEvent<'_> {
    m::CallConnectionClearedEvent {
        connection_call_id: wire,
        releasing_device_type: kind,
        releasing_device_id: text(device),
        event_cause: NO_TYPE,
        ..Default::default()
    }
}

pub(crate) fn cleared<'a>(wire: u32) -> m::CallClearedEvent<'a> {
    m::CallClearedEvent { connection_call_id: wire, event_cause: NO_TYPE, ..Default::default() }
}

pub(crate) fn held(wire: u32, device: &str) -> m::CallHeldEvent<'_> {
    m::CallHeldEvent {
        connection_call_id: wire,
        holding_device_type: AGENT,
        holding_device_id: text(device),
        ..Default::default()
    }
}

pub(crate) fn retrieved(wire: u32, device: &str) -> m::CallRetrievedEvent<'_> {
    m::CallRetrievedEvent {
        connection_call_id: wire,
        retrieving_device_type: AGENT,
        retrieving_device_id: text(device),
        ..Default::default()
    }
}

pub(crate) fn failed(wire: u32, device: &str, cause: u16) -> m::CallFailedEvent<'_> {
    m::CallFailedEvent {
        connection_call_id: wire,
        failing_device_type: OUTSIDE,
        failing_device_id: text(device),
        event_cause: cause,
        ..Default::default()
    }
}

pub(crate) fn party(wire: u32, kind: u16, device: &str) -> m::ConnectedParty<'_> {
    m::ConnectedParty {
        connected_party_call_id: Some(wire),
        connected_party_device_type: Some(kind),
        connected_party_device_id: text(device),
        ..Default::default()
    }
}

pub(crate) fn transferred<'a>(
    primary: u32,
    secondary: u32,
    by: &'a str,
    parties: &'a [m::ConnectedParty<'a>],
) -> m::CallTransferredEvent<'a> {
    m::CallTransferredEvent {
        primary_call_id: primary,
        secondary_call_id: secondary,
        transferring_device_type: AGENT,
        transferring_device_id: text(by),
        parties: parties.into(),
        ..Default::default()
    }
}

pub(crate) fn conferenced<'a>(
    primary: u32,
    secondary: u32,
    by: &'a str,
    parties: &'a [m::ConnectedParty<'a>],
) -> m::CallConferencedEvent<'a> {
    m::CallConferencedEvent {
        primary_call_id: primary,
        secondary_call_id: secondary,
        controller_device_type: AGENT,
        controller_device_id: text(by),
        parties: parties.into(),
        ..Default::default()
    }
}

pub(crate) fn renumbered<'a>(wire: u32, new: u32) -> m::CallDataUpdateEvent<'a> {
    m::CallDataUpdateEvent { connection_call_id: wire, new_connection_call_id: new, ..Default::default() }
}

/// Appends messages of any kind to a stream.
#[derive(Default)]
pub(crate) struct Stream(pub(crate) Vec<u8>);

impl Stream {
    pub(crate) fn put<'m>(&mut self, message: impl Into<interaction_core::cti::uccx::codec::Message<'m>>) -> &mut Self {
        message.into().encode(Widths::V10, &mut self.0).expect("encodes");
        self
    }
}

pub(crate) fn call_kind(event: &CallEvent) -> &'static str {
    match event {
        CallEvent::Began { .. } => "Began",
        CallEvent::Seen(_) => "Seen",
        CallEvent::Dialing { .. } => "Dialing",
        CallEvent::Ringing { .. } => "Ringing",
        CallEvent::Connected { .. } => "Connected",
        CallEvent::Queued { .. } => "Queued",
        CallEvent::Dequeued { .. } => "Dequeued",
        CallEvent::Diverted { .. } => "Diverted",
        CallEvent::Held { .. } => "Held",
        CallEvent::Retrieved { .. } => "Retrieved",
        CallEvent::Left { .. } => "Left",
        CallEvent::Failed { .. } => "Failed",
        CallEvent::Transferred { .. } => "Transferred",
        CallEvent::Conferenced { .. } => "Conferenced",
        CallEvent::Renamed { .. } => "Renamed",
        CallEvent::Data { .. } => "Data",
        CallEvent::Recording { .. } => "Recording",
        CallEvent::Ended { .. } => "Ended",
    }
}

/// Writes events down with their calls as `a`, `b`, … in the order in which they are first told.
#[derive(Default)]
pub(crate) struct Scribe(BTreeMap<CallId, String>);

impl Scribe {
    pub(crate) fn lines(&mut self, events: &[CallEvent]) -> Vec<String> {
        events.iter().map(|event| self.line(event)).collect()
    }

    fn name(&mut self, call: &CallId) -> String {
        let next = char::from(b'a' + u8::try_from(self.0.len()).expect("few calls")).to_string();
        self.0.entry(call.clone()).or_insert(next).clone()
    }

    fn line(&mut self, event: &CallEvent) -> String {
        let kind = call_kind(event);
        match event {
            CallEvent::Began { call, kind: from_where, from, to, consults, data, .. } => {
                let call = self.name(call);
                let consults = consults.as_ref().map(|call| format!(" for {}", self.name(call))).unwrap_or_default();
                let data: String = data.iter().map(|(key, value)| format!(" {key}={value}")).collect();
                format!("{call} {kind} {from_where:?} {from}>{to}{consults}{data}")
            }
            CallEvent::Seen(record) => {
                let call = self.name(&record.call);
                format!(
                    "{call} {kind} {:?} {}>{} {:?} [{}]",
                    record.kind,
                    record.from,
                    record.to,
                    record.queues,
                    parties(&record.parties)
                )
            }
            CallEvent::Ringing { call, device: at, queue, alias } => {
                assert_eq!(*alias, None);
                let queue = queue.as_ref().map(|queue| format!(" from queue {queue}")).unwrap_or_default();
                format!("{} {kind} {}{queue}", self.name(call), device(at))
            }
            CallEvent::Connected { call, device: at, role } => {
                let role = if *role == PartyRole::Party { String::new() } else { format!(" as {role:?}") };
                format!("{} {kind} {}{role}", self.name(call), device(at))
            }
            CallEvent::Dialing { call, device: at }
            | CallEvent::Held { call, device: at }
            | CallEvent::Retrieved { call, device: at }
            | CallEvent::Recording { call, device: at, .. } => format!("{} {kind} {}", self.name(call), device(at)),
            CallEvent::Queued { call, queues } | CallEvent::Dequeued { call, queues } => {
                format!("{} {kind} {queues:?}", self.name(call))
            }
            CallEvent::Diverted { call, device: at, cause }
            | CallEvent::Left { call, device: at, cause }
            | CallEvent::Failed { call, device: at, cause } => {
                format!("{} {kind} {} {cause:?}", self.name(call), device(at))
            }
            CallEvent::Transferred { call, absorbed, by, parties: all }
            | CallEvent::Conferenced { call, absorbed, by, parties: all } => {
                assert!(all.iter().all(|party| party.call == *call));
                format!("{} {kind} {} by {} [{}]", self.name(call), self.name(absorbed), device(by), parties(all))
            }
            CallEvent::Renamed { call, new } => format!("{} {kind} {}", self.name(call), self.name(new)),
            CallEvent::Data { call, data } => {
                let data: String = data.iter().map(|(key, value)| format!(" {key}={value}")).collect();
                format!("{} {kind}{data}", self.name(call))
            }
            CallEvent::Ended { call, cause } => format!("{} {kind} {cause:?}", self.name(call)),
        }
    }
}

fn device(device: &Device) -> String {
    let agent = device.agent.as_ref().map(|agent| format!("({agent})")).unwrap_or_default();
    format!("{:?}:{}{agent}", device.kind, device.id)
}

fn parties(parties: &[Party]) -> String {
    let one = |party: &Party| format!("{} {:?}", device(&party.device), party.state);
    parties.iter().map(one).collect::<Vec<_>>().join(", ")
}
