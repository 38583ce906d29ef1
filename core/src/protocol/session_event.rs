//! What a session's objects tell.

use serde::{Deserialize, Serialize};

use super::{Empty, Millis, ObjectId, Reason};

/// What happens to a session's objects.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "messageType", rename_all = "camelCase")]
#[allow(clippy::enum_variant_names, reason = "the protocol's words")]
pub enum SessionEvent {
    /// Something happened.
    ObjectEvent(ObjectEvent),
    /// An object's state, or what may be done to it, changed.
    StateEvent(StateUpdated),
}

macro_rules! events {
    ($($(#[$doc:meta])* $variant:ident($data:ty) = $name:literal;)*) => {
        /// What happens to an object. What is created is told of its parent, everything else of the object itself.
        #[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
        #[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
        #[serde(tag = "name")]
        pub enum ObjectEvent {
            $($(#[$doc])* #[serde(rename = $name)] $variant(Told<$data>),)*
        }

        impl ObjectEvent {
            /// The names of all events.
            pub const NAMES: &'static [&'static str] = &[$($name),*];
        }
    };
}

events! {
    /// Everything there is was told.
    SessionInitialized(SessionInitialized) = "session.initialized";
    /// There is a group.
    GroupCreated(GroupCreated) = "channelgroup.created";
    /// Its channels were told.
    GroupInitialized(Empty) = "channelgroup.initialized";
    /// It is gone.
    GroupDisposed(Empty) = "channelgroup.disposed";
    /// There is a channel.
    ChannelCreated(ChannelCreated) = "channel.created";
    /// It is, or takes, something else.
    ChannelInfoChanged(ChannelInfoChanged) = "channel.infochanged";
    /// Everything about it was told.
    ChannelInitialized(Empty) = "channel.initialized";
    /// It is gone.
    ChannelDisposed(Empty) = "channel.disposed";
    /// There is a contact.
    InteractionCreated(InteractionCreated) = "interaction.created";
    /// Its data, whole, is another.
    InteractionDataChanged(DataTree) = "interaction.datachanged";
    /// Its data, whole, for a first look.
    InteractionPreview(DataTree) = "interaction.preview";
    /// Everything about it was told.
    InteractionInitialized(Empty) = "interaction.initialized";
    /// Another of its conversations is spoken in, or none.
    InteractionFocusChanged(FocusChanged) = "interaction.focuschanged";
    /// Nobody speaks any more; it is still to be completed.
    InteractionEnded(InteractionEnded) = "interaction.ended";
    /// It is gone.
    InteractionDisposed(Empty) = "interaction.disposed";
    /// There is a conversation.
    ConversationCreated(ConversationCreated) = "conversation.created";
    /// Somebody joined it.
    MemberAdded(MemberAdded) = "conversation.member.added";
    /// Somebody left it.
    MemberRemoved(MemberRemoved) = "conversation.member.removed";
    /// Everything about it was told.
    ConversationInitialized(Empty) = "conversation.initialized";
    /// It is gone.
    ConversationDisposed(Empty) = "conversation.disposed";
}

/// Of which object, what, and when.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(inline))]
pub struct Told<D> {
    /// The object: the ids from the session down to it, joined by dots.
    pub target: String,
    /// What.
    pub data: D,
    /// When.
    pub at: Millis,
}

/// `state.updated`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct StateUpdated {
    /// The object.
    pub target: String,
    /// `state.updated`.
    pub name: StateUpdatedName,
    /// Its state.
    pub state: ObjectState,
    /// When that began.
    pub since: Millis,
    /// Which commands are allowed, or not, from now on: all of them the first time, later those that changed.
    pub data: Vec<Permission>,
    /// When this was so.
    pub at: Millis,
}

/// `state.updated`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum StateUpdatedName {
    /// The only event of this kind.
    #[serde(rename = "state.updated")]
    StateUpdated,
}

/// The states of all kinds of objects.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ObjectState {
    /// A session that is not started.
    Prepared,
    /// A session whose agent is being logged in.
    Starting,
    /// A session, or a group, that is there.
    Initialized,
    /// A session that is over.
    Closed,
    /// A channel that is switched off.
    Inactive,
    /// A channel that is switched on.
    Active,
    /// A channel whose platform is away.
    Unavailable,
    /// A contact, or a conversation, that rings.
    Alerting,
    /// One that is being dialled.
    Dialing,
    /// A contact that was answered.
    Started,
    /// A conversation in which is spoken.
    Connected,
    /// A conversation on hold.
    Held,
    /// A contact, or a conversation, that is over.
    Ended,
    /// A contact with which everything is finished.
    Completed,
}

/// A command that is allowed, or not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Permission {
    /// The command, without `request.` in its name.
    pub name: String,
    /// Whether it is allowed.
    #[serde(rename = "type")]
    pub kind: Action,
}

/// Whether a command is allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Action {
    /// From now on.
    Enable,
    /// Not any more.
    Disable,
}

/// `session.initialized`: the codes the platform's administrator set up, for the desktop's menus.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct SessionInitialized {
    /// For going not ready.
    pub not_ready_reasons: Vec<Reason>,
    /// For logging out.
    pub logout_reasons: Vec<Reason>,
    /// For what came of a contact.
    pub wrap_up_codes: Vec<Reason>,
}

/// `channelgroup.created`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct GroupCreated {
    /// The group.
    pub channelgroup: GroupObject,
}

/// A group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct GroupObject {
    /// Its id.
    pub id: String,
    /// The name people read.
    pub name: String,
}

/// `channel.created`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ChannelCreated {
    /// The channel.
    pub channel: ChannelObject,
}

/// A channel.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ChannelObject {
    /// Its id.
    pub id: String,
    /// The name people read.
    pub name: String,
    /// What it carries.
    #[serde(rename = "type")]
    pub kind: String,
    /// By which call model.
    pub modeltype: String,
    /// Its endpoint: an extension, an address.
    pub endpoint: String,
    /// Its state.
    pub state: ObjectState,
}

/// `channel.infochanged`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ChannelInfoChanged {
    /// The channel.
    pub channel: ChannelInfo,
}

/// What a channel is and takes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ChannelInfo {
    /// Its id.
    pub id: String,
    /// Its state.
    pub state: ObjectState,
    /// Whether it takes contacts.
    pub availability: Availability,
}

/// Whether a channel takes contacts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Availability {
    /// In a word.
    pub state: AvailabilityWord,
    /// Why not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<Reason>,
    /// What follows when the present contact is over.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pending: Option<AvailabilityWord>,
}

/// Whether a channel takes contacts, in a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum AvailabilityWord {
    /// It does.
    Ready,
    /// It does not.
    NotReady,
    /// A contact goes on.
    Busy,
    /// After-call work.
    Acw,
}

/// `interaction.created`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct InteractionCreated {
    /// The contact.
    pub interaction: InteractionObject,
}

/// A contact.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct InteractionObject {
    /// Its id.
    pub id: String,
    /// What it is.
    #[serde(rename = "type")]
    pub kind: String,
    /// By which call model.
    pub modeltype: String,
    /// Where it comes from.
    pub direction: String,
    /// What `report.calljourney` takes.
    #[serde(rename = "callId")]
    pub call_id: String,
    /// When it began.
    pub since: Millis,
}

/// The whole data of a contact.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct DataTree {
    /// Values by key.
    pub data: serde_json::Map<String, serde_json::Value>,
}

/// `interaction.focuschanged`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct FocusChanged {
    /// The conversation in which is spoken; absent: none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub conversation: Option<ObjectId>,
}

/// `interaction.ended`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct InteractionEnded {
    /// Why, in a word, where the platform says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cause: Option<String>,
    /// Who ended it: `agent`, `caller`, where that is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
}

/// `conversation.created`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ConversationCreated {
    /// The conversation.
    pub conversation: ConversationObject,
}

/// A conversation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ConversationObject {
    /// Its id.
    pub id: String,
    /// What it is to the contact.
    pub role: ConversationRole,
}

/// What a conversation is to its contact.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum ConversationRole {
    /// With the caller.
    Primary,
    /// With somebody who is consulted.
    Consult,
}

/// `conversation.member.added`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct MemberAdded {
    /// Who.
    pub member: MemberObject,
}

/// Somebody in a conversation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct MemberObject {
    /// The id.
    pub id: String,
    /// The name people read; empty where none is known.
    pub name: String,
    /// The number or address.
    pub address: String,
}

/// `conversation.member.removed`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct MemberRemoved {
    /// Who.
    pub member: ObjectId,
}
