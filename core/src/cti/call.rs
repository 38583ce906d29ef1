//! Calls as the platform tells of them, leg by leg and device by device.

use serde::{Deserialize, Serialize};

use crate::ids::{AgentId, CallId, QueueId};
use crate::time::Time;

/// What a device is to a call's journey.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum DeviceKind {
    /// Where calls enter (UCCX: route point).
    Trigger,
    /// A port that plays prompts and runs a script (UCCX: CTI port).
    Ivr,
    /// A queue.
    Queue,
    /// A line of an agent, the contact-centre line or another one.
    Agent,
    /// Everything else: trunks, callers, phones of people who are not agents.
    External,
}

impl DeviceKind {
    /// The word clients read in `DeviceType`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Trigger => "Trigger",
            Self::Ivr => "IVR",
            Self::Queue => "CSQ",
            Self::Agent => "Agent",
            Self::External => "External",
        }
    }
}

/// A device a call touches.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Device {
    /// What it is.
    pub kind: DeviceKind,
    /// Its address: an extension, a route point's number, a port, a caller's number.
    pub id: Box<str>,
    /// The agent logged in there, for [`DeviceKind::Agent`].
    pub agent: Option<AgentId>,
    /// The name people read: the trigger's, the script's, the agent's. Empty where none is known.
    pub label: Box<str>,
}

/// What carries a contact.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Media {
    /// A telephone call.
    Voice,
    /// A chat.
    Chat,
    /// An e-mail.
    Email,
}

/// Where a leg comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum CallKind {
    /// From outside into the contact centre.
    Inbound,
    /// Dialled by an agent.
    Outbound,
    /// Between people of the contact centre.
    Internal,
    /// A consultation of an agent who holds another call.
    Consult,
}

/// Why something ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Cause {
    /// As calls usually end.
    Normal,
    /// The device did not answer in time.
    NoAnswer,
    /// The device was busy.
    Busy,
    /// The caller gave up before anybody answered.
    Abandoned,
    /// Moved on to another device.
    Redirected,
    /// Left because of a transfer.
    Transferred,
    /// The agent refused the contact.
    Rejected,
    /// The destination cannot be reached.
    Unreachable,
    /// The platform failed it.
    Failed,
    /// Whatever else the platform says, or nothing at all.
    Other,
}

/// What a party is to a leg.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum PartyRole {
    /// Speaks and is heard.
    Party,
    /// A supervisor who listens, unheard.
    Listener,
    /// A supervisor heard by the agent alone.
    Coach,
    /// A supervisor who stepped into the call.
    Barged,
}

/// What a device does on a leg.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum LegState {
    /// Dials.
    Dialing,
    /// Rings.
    Ringing,
    /// Is connected.
    Connected,
    /// Holds.
    Held,
    /// Waits in a queue.
    Queued,
}

/// The state of a recording.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum RecordingState {
    /// No recording.
    Stopped,
    /// Records.
    Recording,
    /// Is paused.
    Paused,
}

/// Call data by key: `ani`, `dnis`, `queue`, `enteredDigits`, `callVariable1` … `callVariable10`, `wrapup`; an empty value removes.
pub type CallData = Vec<(Box<str>, Box<str>)>;

/// A party of a leg.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Party {
    /// The leg this party is on.
    pub call: CallId,
    /// The party's device.
    pub device: Device,
    /// What it is to the leg.
    pub role: PartyRole,
    /// What it does there.
    pub state: LegState,
}

/// A leg as it stands: told during a resynchronisation for everything in progress.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CallRecord {
    /// The leg.
    pub call: CallId,
    /// What carries it.
    pub media: Media,
    /// Where it comes from.
    pub kind: CallKind,
    /// Who called.
    pub from: Box<str>,
    /// What was called.
    pub to: Box<str>,
    /// When it began, where known.
    pub since: Option<Time>,
    /// The leg this one consults for.
    pub consults: Option<CallId>,
    /// Who is on it now.
    pub parties: Vec<Party>,
    /// The queues it waits in.
    pub queues: Vec<QueueId>,
    /// Its data.
    pub data: CallData,
}

/// What happened to a leg. Order across devices is not promised by platforms: a [`CallEvent::Connected`] without a
/// [`CallEvent::Ringing`] implies it, and an event that puts an unknown leg at a device or in a queue opens it, marked partial;
/// one that only ends something, or tells data or a recording, opens nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum CallEvent {
    /// A leg began.
    Began {
        /// The leg.
        call: CallId,
        /// What carries it.
        media: Media,
        /// Where it comes from.
        kind: CallKind,
        /// Who called: a number or an address.
        from: Box<str>,
        /// What was called.
        to: Box<str>,
        /// The leg this one consults for.
        consults: Option<CallId>,
        /// What is known of it.
        data: CallData,
    },
    /// A leg in progress, as it stands.
    Seen(CallRecord),
    /// A device dials.
    Dialing {
        /// The leg.
        call: CallId,
        /// The device.
        device: Device,
    },
    /// A device is offered the leg: a trigger or a port receives it, a phone rings.
    Ringing {
        /// The leg.
        call: CallId,
        /// What rings.
        device: Device,
        /// The queue that brought it here.
        queue: Option<QueueId>,
        /// A second id under which the platform will also speak of this leg (UCCX: SecondaryConnectionCallID).
        alias: Option<CallId>,
    },
    /// A device is on the leg: it answered, or joined.
    Connected {
        /// The leg.
        call: CallId,
        /// What answered.
        device: Device,
        /// As what.
        role: PartyRole,
    },
    /// The leg waits in queues, in addition to those it waited in.
    Queued {
        /// The leg.
        call: CallId,
        /// Which.
        queues: Vec<QueueId>,
    },
    /// The leg left queues; an empty list means all.
    Dequeued {
        /// The leg.
        call: CallId,
        /// Which.
        queues: Vec<QueueId>,
    },
    /// The leg moved away from a device.
    Diverted {
        /// The leg.
        call: CallId,
        /// The device.
        device: Device,
        /// Why.
        cause: Cause,
    },
    /// A device holds.
    Held {
        /// The leg.
        call: CallId,
        /// The device.
        device: Device,
    },
    /// A device speaks again.
    Retrieved {
        /// The leg.
        call: CallId,
        /// The device.
        device: Device,
    },
    /// A device left.
    Left {
        /// The leg.
        call: CallId,
        /// The device.
        device: Device,
        /// Why.
        cause: Cause,
    },
    /// The leg could not reach a device.
    Failed {
        /// The leg.
        call: CallId,
        /// The device.
        device: Device,
        /// Why.
        cause: Cause,
    },
    /// Two legs became one: the parties of `absorbed` go on under `call`, and `by` has left.
    Transferred {
        /// The leg that goes on.
        call: CallId,
        /// The leg that is gone.
        absorbed: CallId,
        /// Who transferred; gone from both.
        by: Device,
        /// Everybody on it now.
        parties: Vec<Party>,
    },
    /// Two legs became one, and `by` stays on it.
    Conferenced {
        /// The leg that goes on.
        call: CallId,
        /// The leg that is gone.
        absorbed: CallId,
        /// Who joined them.
        by: Device,
        /// Everybody on it now.
        parties: Vec<Party>,
    },
    /// The platform calls a leg by another id from here on.
    Renamed {
        /// The leg.
        call: CallId,
        /// Its new id.
        new: CallId,
    },
    /// Data of the leg changed: the changed keys only.
    Data {
        /// The leg.
        call: CallId,
        /// Key and value.
        data: CallData,
    },
    /// The recording on an agent's line changed.
    Recording {
        /// The leg.
        call: CallId,
        /// The device.
        device: Device,
        /// The state now.
        state: RecordingState,
    },
    /// The leg is over, for everybody.
    Ended {
        /// The leg.
        call: CallId,
        /// Why.
        cause: Cause,
    },
}

impl CallEvent {
    /// The leg an event is about.
    pub const fn call(&self) -> &CallId {
        match self {
            Self::Seen(record) => &record.call,
            Self::Began { call, .. }
            | Self::Dialing { call, .. }
            | Self::Ringing { call, .. }
            | Self::Connected { call, .. }
            | Self::Queued { call, .. }
            | Self::Dequeued { call, .. }
            | Self::Diverted { call, .. }
            | Self::Held { call, .. }
            | Self::Retrieved { call, .. }
            | Self::Left { call, .. }
            | Self::Failed { call, .. }
            | Self::Transferred { call, .. }
            | Self::Conferenced { call, .. }
            | Self::Renamed { call, .. }
            | Self::Data { call, .. }
            | Self::Recording { call, .. }
            | Self::Ended { call, .. } => call,
        }
    }
}
