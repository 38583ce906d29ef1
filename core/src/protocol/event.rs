//! Events of the link, the service and resources.

use serde::{Deserialize, Serialize};

use super::{AgentOf, CallOf, Data, Empty, Millis, ReportEvent, ServiceStatus, SessionEvent};

/// `coreEvent`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CoreEventMessage {
    /// The message's number; absent from `linkMoved`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seq: Option<u64>,
    /// What happened.
    pub event: CoreEvent,
}

/// What happens to a link, or to the service.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "name", rename_all = "camelCase")]
pub enum CoreEvent {
    /// The service's status changed.
    ServiceStatus(Data<ServiceStatusChanged>),
    /// A bound session is not this link's any more.
    ResourceUnbound(Data<ResourceUnbound>),
    /// The right to a subscription ended, and it with it.
    SubscriptionEnded(Data<SubscriptionEnded>),
    /// Another socket resumed this link; this one closes.
    LinkMoved(Data<Empty>),
    /// The link's token expires soon.
    TokenExpiring(Data<TokenExpiring>),
    /// The server goes down.
    Shutdown(Data<Shutdown>),
}

/// The service's status changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct ServiceStatusChanged {
    /// Which service.
    pub service_id: String,
    /// How it is now.
    pub service_status: ServiceStatus,
}

/// A session is not this link's any more; everything beneath it is disposed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct ResourceUnbound {
    /// Of which service.
    pub service_id: String,
    /// Which.
    pub resource_id: String,
    /// Why.
    pub reason: UnboundReason,
    /// With `superseded`: by which client.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client: Option<String>,
    /// With `superseded`: when.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at: Option<Millis>,
}

/// Why a session is not a link's any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum UnboundReason {
    /// Another client took it over.
    Superseded,
    /// The agent was logged out, not by this client.
    Ended,
    /// It was not started in time, or its client was away for too long.
    Released,
}

/// A subscription is over, because the right to it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct SubscriptionEnded {
    /// Of which service.
    pub service_id: String,
    /// Of which resource.
    pub resource_id: String,
    /// What began it.
    pub command: SubscriptionCommand,
    /// To what.
    pub data: Subscribed,
}

/// What begins a subscription.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum SubscriptionCommand {
    /// Team status.
    #[serde(rename = "report.teamstatus.begin")]
    TeamStatus,
    /// Queue status.
    #[serde(rename = "report.queuestatus.begin")]
    QueueStatus,
    /// A call's journey.
    #[serde(rename = "report.calljourney.begin")]
    CallJourney,
}

/// What was subscribed to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(untagged)]
pub enum Subscribed {
    /// An agent's teams or queues.
    Agent(AgentOf),
    /// A call.
    Call(CallOf),
}

/// The token expires soon: `authenticate`, or the socket closes (4003).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct TokenExpiring {
    /// When.
    pub expires_at: Millis,
}

/// The server goes down.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Shutdown {
    /// How long sockets stay open yet.
    pub grace_ms: u32,
}

/// `resourceEvent`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct ResourceEventMessage {
    /// The message's number.
    pub seq: u64,
    /// Of which service.
    pub service_id: String,
    /// Of which resource.
    pub resource_id: String,
    /// What happened.
    pub event: ResourceEvent,
}

/// What happens to a resource.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(untagged)]
pub enum ResourceEvent {
    /// The report resource.
    Report(ReportEvent),
    /// A session.
    Session(SessionEvent),
}
