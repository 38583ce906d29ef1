//! What a session's objects are asked. Each command is also understood with, or without, `request.` in its name; these are
//! the names the protocol's reference uses.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Empty;

macro_rules! commands {
    ($($(#[$doc:meta])* $variant:ident($data:ty) = $name:literal;)*) => {
        /// What a session's object is asked; a success repeats it, though without `data` for the session's start and logout.
        #[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
        #[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
        #[serde(tag = "command")]
        pub enum SessionCommand {
            $($(#[$doc])* #[serde(rename = $name)] $variant(Addressed<$data>),)*
        }

        impl SessionCommand {
            /// The names of all commands.
            pub const NAMES: &'static [&'static str] = &[$($name),*];
        }
    };
}

commands! {
    /// Starts a prepared session: everything there is follows as events.
    Start(StartSession) = "session.start";
    /// Logs the agent out and ends the session.
    Logout(Logout) = "session.request.logout";
    /// Opens a further channel.
    AddChannel(AddChannel) = "session.request.addchannel";
    /// Closes a channel.
    RemoveChannel(RemoveChannel) = "session.request.removechannel";
    /// Opens a group of channels.
    AddGroup(AddGroup) = "session.request.addchannelgroup";
    /// Closes a group with its channels.
    RemoveGroup(RemoveGroup) = "session.request.removechannelgroup";
    /// A supervisor makes an agent ready.
    SuperviseReady(Supervise) = "session.request.supervise.ready";
    /// A supervisor makes an agent not ready.
    SuperviseNotReady(Supervise) = "session.request.supervise.notready";
    /// A supervisor logs an agent out.
    SuperviseLogout(Supervise) = "session.request.supervise.logout";
    /// A supervisor listens to a call.
    Listen(Supervise) = "session.request.supervise.listen";
    /// A supervisor speaks to the agent alone.
    Coach(Supervise) = "session.request.supervise.coach";
    /// A supervisor steps into a call.
    Barge(Supervise) = "session.request.supervise.barge";
    /// A supervisor takes a call over.
    TakeOver(Supervise) = "session.request.supervise.takeover";
    /// Switches a channel of the group on.
    Activate(ActivateChannel) = "channelgroup.request.activate";
    /// Switches a channel of the group off.
    Deactivate(ActivateChannel) = "channelgroup.request.deactivate";
    /// Switches all of them on.
    ActivateAll(ActivateAll) = "channelgroup.request.activateall";
    /// Switches all of them off.
    DeactivateAll(ActivateAll) = "channelgroup.request.deactivateall";
    /// Takes contacts.
    Ready(ReasonOf) = "channel.request.ready";
    /// Takes no contacts; while busy, once the contact is over.
    NotReady(ReasonOf) = "channel.request.notready";
    /// After-call work.
    Work(ReasonOf) = "channel.request.acw";
    /// Dials.
    Dial(Dial) = "channel.dial";
    /// Accepts a contact.
    Accept(Empty) = "interaction.accept";
    /// Rejects it.
    Reject(Empty) = "interaction.reject";
    /// Has finished with it.
    Complete(Complete) = "interaction.complete";
    /// Changes its data: null removes a key.
    UpdateData(BTreeMap<String, Option<String>>) = "interaction.request.updatedata";
    /// Calls somebody while the caller is held.
    Consult(Destination) = "interaction.consult";
    /// Swaps the two.
    Alternate(Empty) = "interaction.alternate";
    /// Joins the two and leaves.
    ConsultTransfer(Empty) = "interaction.consulttransfer";
    /// Joins the two and stays.
    ConsultConference(Empty) = "interaction.consultconference";
    /// Records.
    RecordingStart(Empty) = "interaction.request.recording.start";
    /// Ends the recording.
    RecordingStop(Empty) = "interaction.request.recording.stop";
    /// Pauses it.
    RecordingPause(Empty) = "interaction.request.recording.pause";
    /// Goes on recording.
    RecordingResume(Empty) = "interaction.request.recording.resume";
    /// Answers.
    Answer(Empty) = "conversation.answer";
    /// Hangs up.
    Drop(Empty) = "conversation.drop";
    /// Puts on hold.
    Hold(Empty) = "conversation.hold";
    /// Speaks again.
    Retrieve(Empty) = "conversation.retrieve";
    /// Transfers without asking.
    Transfer(Destination) = "conversation.transfer";
    /// Adds somebody without asking.
    Conference(Destination) = "conversation.conference";
    /// Sends digits.
    Dtmf(Digits) = "conversation.dtmf";
}

/// Of which object, and with what.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(inline))]
pub struct Addressed<D> {
    /// The object: the ids from the session down to it, joined by dots.
    pub target: String,
    /// With what.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub data: Option<D>,
}

/// How a session starts.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct StartSession {
    /// The extension to log in at; absent: the agent's own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub extension: Option<String>,
}

/// A reason, as the platform's administrator set it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Reason {
    /// Its code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// Its name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

/// How an agent logs out.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Logout {
    /// Why; some platforms want it (`logout-reason-required`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<Reason>,
}

/// Why.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ReasonOf {
    /// The reason.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<Reason>,
}

/// A channel to open.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct NewChannel {
    /// Its endpoint: an extension, an address.
    pub endpoint: String,
    /// What it carries.
    #[serde(rename = "type")]
    pub kind: String,
}

/// `session.request.addchannel`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct AddChannel {
    /// The channel.
    pub channel: NewChannel,
}

/// An object's id.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ObjectId {
    /// The id.
    pub id: String,
}

/// `session.request.removechannel`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RemoveChannel {
    /// The channel.
    pub channel: ObjectId,
}

/// A group to open.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct NewGroup {
    /// The name people read.
    pub name: String,
    /// Its channels.
    pub channels: Vec<NewChannel>,
}

/// `session.request.addchannelgroup`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct AddGroup {
    /// The group.
    pub channelgroup: NewGroup,
}

/// `session.request.removechannelgroup`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RemoveGroup {
    /// The group.
    pub channelgroup: ObjectId,
}

/// `session.request.supervise.*`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Supervise {
    /// Whom it concerns.
    pub agent_id: String,
    /// Which call, for what concerns a call.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub call_id: Option<String>,
    /// Why, for what changes a state.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<Reason>,
}

/// `channelgroup.request.activate`, `deactivate`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ActivateChannel {
    /// The channel.
    pub channel: ObjectId,
    /// What the platform may want to know.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub options: Option<serde_json::Value>,
}

/// `channelgroup.request.activateall`, `deactivateall`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ActivateAll {
    /// What the platform may want to know.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub options: Option<serde_json::Value>,
}

/// `channel.dial`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Dial {
    /// What to dial.
    pub destination: String,
    /// Interaction data the new call is to carry from its beginning, by the same keys as `interaction.request.updatedata`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub extensions: Option<BTreeMap<String, Option<String>>>,
}

/// `interaction.complete`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Complete {
    /// What came of it: a wrap-up code's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub disposition: Option<String>,
}

/// Whom to call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Destination {
    /// A number, an extension or an address.
    pub destination: String,
}

/// `conversation.dtmf`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Digits {
    /// `0` to `9`, `*`, `#`.
    pub digits: String,
}
