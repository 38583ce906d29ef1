//! The protocol's messages as types, for everybody who reads or writes them outside of the engine: clients, tests, and the
//! JSON Schema in `docs/schema`, which is made of these types (feature `schema`). `docs/protocol.md` explains them.
//!
//! [`ClientMessage`] is everything a client sends, [`ServerMessage`] everything it receives. Each is one enum told apart by
//! `messageType`, and within by `command`, `name` or `result`, so that a reader matches where it would compare texts:
//!
//! ```
//! use interaction_core::protocol::{CoreEvent, ServerMessage};
//!
//! let text = r#"{"messageType":"coreEvent","seq":7,"event":{"name":"shutdown","data":{"graceMs":5000}}}"#;
//! let ServerMessage::CoreEvent(message) = serde_json::from_str(text)? else { panic!("another class") };
//! assert_eq!(message.seq, Some(7));
//! assert!(matches!(message.event, CoreEvent::Shutdown(shutdown) if shutdown.data.grace_ms == 5_000));
//! # Ok::<(), serde_json::Error>(())
//! ```
//!
//! Properties that are not known are ignored, as the protocol wants it of readers. An event or a class that is not known is
//! an error of serde's, which a reader skips after having counted its `seq`. The engine itself reads and writes by hand
//! (`wire`); traces prove that both say the same.

mod answer;
mod event;
mod link;
mod network;
mod report;
mod service;
mod session;
mod session_event;

pub use answer::{
    ErrorMessage, Failure, Refusal, ResourceAnswer, ResourceResult, ResourceSuccess, ServiceAnswer, ServiceResult,
};
pub use event::{
    CoreEvent, CoreEventMessage, ResourceEvent, ResourceEventMessage, ResourceUnbound, ServiceStatusChanged, Shutdown,
    Subscribed, SubscriptionCommand, SubscriptionEnded, TokenExpiring, UnboundReason,
};
pub use link::{
    Ack, Authenticate, Client, ClientName, Connect, Connected, Disconnect, Guarantee, Limits, Ping, Pong, Resume,
    ResumeRefusal, Server,
};
pub use network::{
    CoreDone, CoreRequest, CoreResponse, GetServices, Info, ResourceBinding, ResourceInfo, Service, ServiceBinding,
    ServiceList, ServiceStatus, ServicesAnswer, Status,
};
pub use report::{
    AgentOf, AgentsByState, At, CallEntry, CallOf, Calls, DeviceType, Journey, JourneyOf, JourneyStep, Member,
    MemberId, MemberState, MemberStatus, MemberType, Queue, QueueData, QueueName, QueueNameData, ReasonCodes,
    RecentCalls, ReportEvent, ReportRequest, ReportSuccess, Team, TeamData, TeamMembers, TeamMembersData, TeamName,
    TeamNameData, Today,
};
pub use service::{
    Credentials, PrepareSession, PreparedResource, ServiceRequest, ServiceSuccess, SessionConfirm, SessionHolder,
};
pub use session::{
    ActivateAll, ActivateChannel, AddChannel, AddGroup, Addressed, Complete, Destination, Dial, Digits, Logout,
    NewChannel, NewGroup, ObjectId, Reason, ReasonOf, RemoveChannel, RemoveGroup, SessionCommand, StartSession,
    Supervise,
};
pub use session_event::{
    Action, Availability, AvailabilityWord, ChannelCreated, ChannelInfo, ChannelInfoChanged, ChannelObject,
    ConversationCreated, ConversationObject, ConversationRole, DataTree, FocusChanged, GroupCreated, GroupObject,
    InteractionCreated, InteractionEnded, InteractionObject, MemberAdded, MemberObject, MemberRemoved, ObjectEvent,
    ObjectState, Permission, SessionEvent, SessionInitialized, StateUpdated, StateUpdatedName, Told,
};

use serde::{Deserialize, Serialize};

/// Milliseconds since 1970-01-01 UTC, on the server's clock.
pub type Millis = u64;

/// Every message a client sends.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "messageType", rename_all = "camelCase")]
pub enum ClientMessage {
    /// Opens a link, or resumes one.
    Connect(Connect),
    /// Acknowledges everything up to a number.
    Ack(Ack),
    /// Asks for a sign of life.
    Ping(Ping),
    /// Renews the link's token.
    Authenticate(Authenticate),
    /// Ends the link.
    Disconnect(Disconnect),
    /// Asks the network core.
    CoreRequest(CoreRequest),
    /// Asks the service.
    ServiceRequest(Request<ServiceRequest>),
    /// Asks a resource: the reports, or a session.
    ResourceRequest(ResourceRequest),
}

/// Every message the server sends.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "messageType", rename_all = "camelCase")]
#[allow(clippy::large_enum_variant, reason = "read one at a time")]
pub enum ServerMessage {
    /// The answer to `connect`.
    Connected(Connected),
    /// The answer to `ping`.
    Pong(Pong),
    /// The success of a core request or an `authenticate`.
    CoreResponse(CoreResponse),
    /// Something happened to the link or the service.
    CoreEvent(CoreEventMessage),
    /// A core request failed, or a message could not be routed.
    CoreError(ErrorMessage),
    /// The service answers.
    ServiceResponse(ServiceAnswer),
    /// A service request could not be routed.
    ServiceError(ErrorMessage),
    /// A resource answers.
    ResourceResponse(ResourceAnswer),
    /// Something happened to a resource.
    ResourceEvent(ResourceEventMessage),
    /// A resource request could not be routed.
    ResourceError(ErrorMessage),
}

/// A request to the service.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(inline))]
#[serde(rename_all = "camelCase")]
pub struct Request<R> {
    /// Names the request in its answer: 1 to 64 bytes, chosen by the client, each once.
    pub request_id: String,
    /// Which service.
    pub service_id: String,
    /// What is asked.
    pub request: R,
}

/// A request to a resource.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct ResourceRequest {
    /// Names the request in its answer: 1 to 64 bytes, chosen by the client, each once.
    pub request_id: String,
    /// Of which service.
    pub service_id: String,
    /// Which resource.
    pub resource_id: String,
    /// What is asked.
    pub request: ResourceCommand,
}

/// What a resource is asked; its `command` says of which kind it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(untagged)]
pub enum ResourceCommand {
    /// The report resource.
    Report(ReportRequest),
    /// A session.
    Session(SessionCommand),
}

/// What has one property, `data`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(inline))]
pub struct Data<D> {
    /// The data.
    pub data: D,
}

/// The same where it may be left out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(inline))]
pub struct MaybeData<D> {
    /// The data.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub data: Option<D>,
}

/// An object without properties.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Empty {}

/// `success`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Success {
    /// It is done.
    Success,
}
