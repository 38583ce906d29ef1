//! What calls do, as lines: `{"event":"call","is":…,"call":…}`.

mod convert;

use serde::{Deserialize, Serialize};

use super::line::tagged;
use super::values::{Data, Id, Millis};
use super::words::{CallKindWord, CauseWord, DeviceWord, LegWord, MediaWord, PartyWord, RecordingWord};

tagged! {
    /// A `call` line, by its `is`.
    CallLine by "is" {
        /// A leg began.
        Began(Began) = "began",
        /// A leg in progress, as it stands.
        Seen(Seen) = "seen",
        /// A device dials.
        Dialing(AtDevice) = "dialing",
        /// A device is offered the leg.
        Ringing(Ringing) = "ringing",
        /// A device is on the leg.
        Connected(Connected) = "connected",
        /// The leg waits in queues.
        Queued(InQueues) = "queued",
        /// The leg left queues; none named means all.
        Dequeued(InQueues) = "dequeued",
        /// The leg moved away from a device.
        Diverted(Departed) = "diverted",
        /// A device holds.
        Held(AtDevice) = "held",
        /// A device speaks again.
        Retrieved(AtDevice) = "retrieved",
        /// A device left.
        Left(Departed) = "left",
        /// The leg could not reach a device.
        Failed(Departed) = "failed",
        /// Two legs became one, and `by` left.
        Transferred(Joined) = "transferred",
        /// Two legs became one, and `by` stays.
        Conferenced(Joined) = "conferenced",
        /// The platform calls the leg by another id from here on.
        Renamed(Renamed) = "renamed",
        /// Data of the leg changed.
        Data(DataChanged) = "data",
        /// The recording on a line changed.
        Recording(RecordingChanged) = "recording",
        /// The leg is over, for everybody.
        Ended(Ended) = "ended",
    }
}

/// A device.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeviceShape {
    /// What it is.
    pub kind: DeviceWord,
    /// Its address: an extension, a trigger's number, a port, a caller's number.
    pub id: Box<str>,
    /// The agent logged in there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub agent: Option<Id>,
    /// The name people read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub label: Option<Box<str>>,
}

/// A party of a leg.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PartyShape {
    /// The leg it is on.
    pub call: Id,
    /// Its device.
    pub device: DeviceShape,
    /// What it is to the leg; absent: an ordinary party.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub role: Option<PartyWord>,
    /// What it does there.
    pub state: LegWord,
}

/// `began`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Began {
    /// The leg.
    pub call: Id,
    /// What carries it; absent: voice.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub media: Option<MediaWord>,
    /// Where it comes from.
    pub kind: CallKindWord,
    /// Who called.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<Box<str>>,
    /// What was called.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<Box<str>>,
    /// The leg this one consults for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub consults: Option<Id>,
    /// What is known of it.
    #[serde(default, skip_serializing_if = "Data::is_empty")]
    pub data: Data,
}

/// `seen`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seen {
    /// The leg.
    pub call: Id,
    /// What carries it; absent: voice.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub media: Option<MediaWord>,
    /// Where it comes from.
    pub kind: CallKindWord,
    /// Who called.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<Box<str>>,
    /// What was called.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<Box<str>>,
    /// When it began, where known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub since: Option<Millis>,
    /// The leg this one consults for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub consults: Option<Id>,
    /// Who is on it now.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parties: Vec<PartyShape>,
    /// The queues it waits in.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub queues: Vec<Id>,
    /// Its data.
    #[serde(default, skip_serializing_if = "Data::is_empty")]
    pub data: Data,
}

/// `dialing`, `held`, `retrieved`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AtDevice {
    /// The leg.
    pub call: Id,
    /// The device.
    pub device: DeviceShape,
}

/// `ringing`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ringing {
    /// The leg.
    pub call: Id,
    /// What rings.
    pub device: DeviceShape,
    /// The queue that brought it here.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub queue: Option<Id>,
    /// A second id of this leg.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub alias: Option<Id>,
}

/// `connected`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Connected {
    /// The leg.
    pub call: Id,
    /// What answered.
    pub device: DeviceShape,
    /// As what; absent: an ordinary party.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub role: Option<PartyWord>,
}

/// `queued`, `dequeued`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InQueues {
    /// The leg.
    pub call: Id,
    /// Which.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub queues: Vec<Id>,
}

/// `diverted`, `left`, `failed`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Departed {
    /// The leg.
    pub call: Id,
    /// The device.
    pub device: DeviceShape,
    /// Why; absent: `other`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cause: Option<CauseWord>,
}

/// `transferred`, `conferenced`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Joined {
    /// The leg that goes on.
    pub call: Id,
    /// The leg that is gone.
    pub absorbed: Id,
    /// Who joined them.
    pub by: DeviceShape,
    /// Everybody on it now.
    pub parties: Vec<PartyShape>,
}

/// `renamed`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Renamed {
    /// The leg.
    pub call: Id,
    /// Its new id.
    pub new: Id,
}

/// `data`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DataChanged {
    /// The leg.
    pub call: Id,
    /// The changed keys only.
    pub data: Data,
}

/// `recording`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordingChanged {
    /// The leg.
    pub call: Id,
    /// The device.
    pub device: DeviceShape,
    /// The state now.
    pub state: RecordingWord,
}

/// `ended`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ended {
    /// The leg.
    pub call: Id,
    /// Why; absent: `other`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cause: Option<CauseWord>,
}
