//! Between the lines of calls and the vocabulary's call events.

use super::{
    AtDevice, Began, CallLine, Connected, DataChanged, Departed, DeviceShape, Ended, InQueues, Joined, PartyShape,
    RecordingChanged, Renamed, Ringing, Seen,
};
use crate::cti::jsonl::people::{all, into_all, unless_empty};
use crate::cti::jsonl::values::{Id, Millis};
use crate::cti::jsonl::words::{CauseWord, MediaWord, PartyWord};
use crate::cti::{CallEvent, CallRecord, Cause, Device, Media, Party, PartyRole};
use crate::ids::CallId;

impl From<&Device> for DeviceShape {
    fn from(device: &Device) -> Self {
        Self {
            kind: device.kind.into(),
            id: device.id.clone(),
            agent: device.agent.as_ref().map(Id::from),
            label: unless_empty(&device.label),
        }
    }
}

impl From<DeviceShape> for Device {
    fn from(shape: DeviceShape) -> Self {
        Self {
            kind: shape.kind.into(),
            id: shape.id,
            agent: shape.agent.map(Into::into),
            label: shape.label.unwrap_or_default(),
        }
    }
}

impl From<&Party> for PartyShape {
    fn from(party: &Party) -> Self {
        Self {
            call: (&party.call).into(),
            device: (&party.device).into(),
            role: role_word(party.role),
            state: party.state.into(),
        }
    }
}

impl From<PartyShape> for Party {
    fn from(shape: PartyShape) -> Self {
        Self { call: shape.call.into(), device: shape.device.into(), role: role(shape.role), state: shape.state.into() }
    }
}

fn media_word(media: Media) -> Option<MediaWord> {
    (media != Media::Voice).then(|| media.into())
}

fn media(word: Option<MediaWord>) -> Media {
    word.map_or(Media::Voice, Media::from)
}

fn role_word(role: PartyRole) -> Option<PartyWord> {
    (role != PartyRole::Party).then(|| role.into())
}

fn role(word: Option<PartyWord>) -> PartyRole {
    word.map_or(PartyRole::Party, PartyRole::from)
}

fn cause_word(cause: Cause) -> Option<CauseWord> {
    (cause != Cause::Other).then(|| cause.into())
}

fn cause(word: Option<CauseWord>) -> Cause {
    word.map_or(Cause::Other, Cause::from)
}

fn at(call: &CallId, device: &Device) -> AtDevice {
    AtDevice { call: call.into(), device: device.into() }
}

fn departed(call: &CallId, device: &Device, cause: Cause) -> Departed {
    Departed { call: call.into(), device: device.into(), cause: cause_word(cause) }
}

fn joined(call: &CallId, absorbed: &CallId, by: &Device, parties: &[Party]) -> Joined {
    Joined { call: call.into(), absorbed: absorbed.into(), by: by.into(), parties: all(parties) }
}

impl From<&CallRecord> for Seen {
    fn from(record: &CallRecord) -> Self {
        Self {
            call: (&record.call).into(),
            media: media_word(record.media),
            kind: record.kind.into(),
            from: unless_empty(&record.from),
            to: unless_empty(&record.to),
            since: record.since.map(Millis::from),
            consults: record.consults.as_ref().map(Id::from),
            parties: all(&record.parties),
            queues: all(&record.queues),
            data: (&record.data).into(),
        }
    }
}

impl From<Seen> for CallRecord {
    fn from(seen: Seen) -> Self {
        Self {
            call: seen.call.into(),
            media: media(seen.media),
            kind: seen.kind.into(),
            from: seen.from.unwrap_or_default(),
            to: seen.to.unwrap_or_default(),
            since: seen.since.map(Into::into),
            consults: seen.consults.map(Into::into),
            parties: into_all(seen.parties),
            queues: into_all(seen.queues),
            data: seen.data.into(),
        }
    }
}

impl From<&CallEvent> for CallLine {
    fn from(event: &CallEvent) -> Self {
        match event {
            CallEvent::Began { call, media, kind, from, to, consults, data } => Self::Began(Began {
                call: call.into(),
                media: media_word(*media),
                kind: (*kind).into(),
                from: unless_empty(from),
                to: unless_empty(to),
                consults: consults.as_ref().map(Id::from),
                data: data.into(),
            }),
            CallEvent::Seen(record) => Self::Seen(record.into()),
            CallEvent::Dialing { call, device } => Self::Dialing(at(call, device)),
            CallEvent::Ringing { call, device, queue, alias } => Self::Ringing(Ringing {
                call: call.into(),
                device: device.into(),
                queue: queue.as_ref().map(Id::from),
                alias: alias.as_ref().map(Id::from),
            }),
            CallEvent::Connected { call, device, role } => {
                Self::Connected(Connected { call: call.into(), device: device.into(), role: role_word(*role) })
            }
            CallEvent::Queued { call, queues } => Self::Queued(InQueues { call: call.into(), queues: all(queues) }),
            CallEvent::Dequeued { call, queues } => Self::Dequeued(InQueues { call: call.into(), queues: all(queues) }),
            CallEvent::Diverted { call, device, cause } => Self::Diverted(departed(call, device, *cause)),
            CallEvent::Held { call, device } => Self::Held(at(call, device)),
            CallEvent::Retrieved { call, device } => Self::Retrieved(at(call, device)),
            CallEvent::Left { call, device, cause } => Self::Left(departed(call, device, *cause)),
            CallEvent::Failed { call, device, cause } => Self::Failed(departed(call, device, *cause)),
            CallEvent::Transferred { call, absorbed, by, parties } => {
                Self::Transferred(joined(call, absorbed, by, parties))
            }
            CallEvent::Conferenced { call, absorbed, by, parties } => {
                Self::Conferenced(joined(call, absorbed, by, parties))
            }
            CallEvent::Renamed { call, new } => Self::Renamed(Renamed { call: call.into(), new: new.into() }),
            CallEvent::Data { call, data } => Self::Data(DataChanged { call: call.into(), data: data.into() }),
            CallEvent::Recording { call, device, state } => {
                Self::Recording(RecordingChanged { call: call.into(), device: device.into(), state: (*state).into() })
            }
            CallEvent::Ended { call, cause } => Self::Ended(Ended { call: call.into(), cause: cause_word(*cause) }),
        }
    }
}

impl From<CallLine> for CallEvent {
    fn from(line: CallLine) -> Self {
        match line {
            CallLine::Began(Began { call, media: word, kind, from, to, consults, data }) => Self::Began {
                call: call.into(),
                media: media(word),
                kind: kind.into(),
                from: from.unwrap_or_default(),
                to: to.unwrap_or_default(),
                consults: consults.map(Into::into),
                data: data.into(),
            },
            CallLine::Seen(seen) => Self::Seen(seen.into()),
            CallLine::Dialing(AtDevice { call, device }) => Self::Dialing { call: call.into(), device: device.into() },
            CallLine::Ringing(Ringing { call, device, queue, alias }) => Self::Ringing {
                call: call.into(),
                device: device.into(),
                queue: queue.map(Into::into),
                alias: alias.map(Into::into),
            },
            CallLine::Connected(Connected { call, device, role: word }) => {
                Self::Connected { call: call.into(), device: device.into(), role: role(word) }
            }
            CallLine::Queued(InQueues { call, queues }) => Self::Queued { call: call.into(), queues: into_all(queues) },
            CallLine::Dequeued(InQueues { call, queues }) => {
                Self::Dequeued { call: call.into(), queues: into_all(queues) }
            }
            CallLine::Diverted(Departed { call, device, cause: word }) => {
                Self::Diverted { call: call.into(), device: device.into(), cause: cause(word) }
            }
            CallLine::Held(AtDevice { call, device }) => Self::Held { call: call.into(), device: device.into() },
            CallLine::Retrieved(AtDevice { call, device }) => {
                Self::Retrieved { call: call.into(), device: device.into() }
            }
            CallLine::Left(Departed { call, device, cause: word }) => {
                Self::Left { call: call.into(), device: device.into(), cause: cause(word) }
            }
            CallLine::Failed(Departed { call, device, cause: word }) => {
                Self::Failed { call: call.into(), device: device.into(), cause: cause(word) }
            }
            CallLine::Transferred(Joined { call, absorbed, by, parties }) => Self::Transferred {
                call: call.into(),
                absorbed: absorbed.into(),
                by: by.into(),
                parties: into_all(parties),
            },
            CallLine::Conferenced(Joined { call, absorbed, by, parties }) => Self::Conferenced {
                call: call.into(),
                absorbed: absorbed.into(),
                by: by.into(),
                parties: into_all(parties),
            },
            CallLine::Renamed(Renamed { call, new }) => Self::Renamed { call: call.into(), new: new.into() },
            CallLine::Data(DataChanged { call, data }) => Self::Data { call: call.into(), data: data.into() },
            CallLine::Recording(RecordingChanged { call, device, state }) => {
                Self::Recording { call: call.into(), device: device.into(), state: state.into() }
            }
            CallLine::Ended(Ended { call, cause: word }) => Self::Ended { call: call.into(), cause: cause(word) },
        }
    }
}
