//! The network core: services, resources, bindings.

use serde::{Deserialize, Serialize};

use super::Success;

/// What the network core is asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "command", rename_all = "camelCase")]
pub enum CoreRequest {
    /// Which services there are.
    GetServices(GetServices),
    /// To use a service.
    BindService(ServiceBinding),
    /// To use it no longer, nor its resources.
    UnbindService(ServiceBinding),
    /// To use a resource of a bound service.
    BindResource(ResourceBinding),
    /// To use it no longer.
    UnbindResource(ResourceBinding),
}

/// `getServices`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct GetServices {
    /// Names the request in its answer.
    pub request_id: String,
    /// Only services of this type.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub service_type: Option<String>,
}

/// `bindService`, `unbindService`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct ServiceBinding {
    /// Names the request in its answer.
    pub request_id: String,
    /// Which service.
    pub service_id: String,
}

/// `bindResource`, `unbindResource`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct ResourceBinding {
    /// Names the request in its answer.
    pub request_id: String,
    /// Of which service.
    pub service_id: String,
    /// Which resource.
    pub resource_id: String,
}

/// `coreResponse`: the success of a core request. One that fails gets a `coreError`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "command", rename_all = "camelCase")]
pub enum CoreResponse {
    /// The services.
    GetServices(ServicesAnswer),
    /// Bound, whether or not it was before.
    BindService(CoreDone),
    /// Not bound any more.
    UnbindService(CoreDone),
    /// Bound, whether or not it was before.
    BindResource(CoreDone),
    /// Not bound any more.
    UnbindResource(CoreDone),
    /// The new token holds.
    Authenticate(CoreDone),
}

/// A success that says nothing more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct CoreDone {
    /// The message's number.
    pub seq: u64,
    /// Whether the answer was acknowledged before and is sent again.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub repeated: bool,
    /// Of the request.
    pub request_id: String,
    /// `success`.
    pub result: Success,
}

/// The success of `getServices`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct ServicesAnswer {
    /// The message's number.
    pub seq: u64,
    /// Whether the answer was acknowledged before and is sent again.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub repeated: bool,
    /// Of the request.
    pub request_id: String,
    /// `success`.
    pub result: Success,
    /// The services.
    pub data: ServiceList,
}

/// Services.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ServiceList {
    /// Each of them.
    pub services: Vec<Service>,
}

/// A service.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Service {
    /// What to bind.
    pub id: String,
    /// The name people read.
    pub name: String,
    /// What it speaks.
    #[serde(rename = "type")]
    pub kind: String,
    /// How it is.
    pub service_status: ServiceStatus,
    /// Who it is.
    pub info: Info,
    /// Its resources that this link may bind.
    pub resources: Vec<ResourceInfo>,
}

/// How a service is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct ServiceStatus {
    /// In a word.
    pub status: Status,
    /// False only while it stops.
    pub accepting_clients: bool,
    /// How many links have bound it.
    pub client_count: u64,
}

/// How a service is, in a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum Status {
    /// It has not read the platform's agents, teams and queues yet: reports answer `cti.unavailable`.
    Starting,
    /// Everything works.
    InService,
    /// The platform is away, or being read again.
    OutOfService,
    /// It goes down.
    Stopping,
}

/// Who the service is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub struct Info {
    /// Who makes it.
    pub vendor: String,
    /// Its version.
    pub version: String,
    /// Who makes the telephony platform; empty while it was never reached.
    pub cti_vendor: String,
    /// The platform's version.
    pub cti_version: String,
    /// The domain of servers that share one pool of clients.
    pub instance_domain: String,
}

/// A resource.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ResourceInfo {
    /// What to bind.
    pub id: String,
    /// What it speaks.
    #[serde(rename = "type")]
    pub kind: String,
}
