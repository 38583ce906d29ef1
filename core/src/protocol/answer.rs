//! Answers of services and resources, and failures.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{ReportSuccess, ServiceSuccess, SessionCommand, SessionConfirm};
use crate::failure::Code;

/// `serviceResponse`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct ServiceAnswer {
    /// The message's number.
    pub seq: u64,
    /// Whether the answer was acknowledged before and is sent again.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub repeated: bool,
    /// Of the request.
    pub request_id: String,
    /// Which service answers.
    pub service_id: String,
    /// What it answers.
    pub response: ServiceResult,
}

/// `resourceResponse`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct ResourceAnswer {
    /// The message's number.
    pub seq: u64,
    /// Whether the answer was acknowledged before and is sent again.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub repeated: bool,
    /// Of the request.
    pub request_id: String,
    /// Of which service.
    pub service_id: String,
    /// Which resource answers.
    pub resource_id: String,
    /// What it answers.
    pub response: ResourceResult,
}

/// What a resource answers with success; its `command` says of which kind it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(untagged)]
pub enum ResourceSuccess {
    /// The report resource.
    Report(ReportSuccess),
    /// A session: what was asked, its target and data repeated.
    Session(SessionCommand),
}

/// What became of a request to the service.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "result", rename_all = "lowercase")]
pub enum ServiceResult {
    /// It is done.
    Success(ServiceSuccess),
    /// Nothing was done: it has to be confirmed.
    Confirm(SessionConfirm),
    /// It failed.
    Failure(Refusal),
}

/// What became of a request to a resource.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "result", rename_all = "lowercase")]
pub enum ResourceResult {
    /// It is done.
    Success(ResourceSuccess),
    /// It failed.
    Failure(Refusal),
}

/// A request that failed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Refusal {
    /// What was asked.
    pub command: String,
    /// Of which object.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target: Option<String>,
    /// Why it failed.
    pub failure: Failure,
    /// The request.
    pub original: serde_json::Value,
}

/// `coreError`, `serviceError`, `resourceError`: what could not be routed, or a core request that failed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct ErrorMessage {
    /// The message's number; absent on a socket that has no link.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seq: Option<u64>,
    /// Whether the answer was acknowledged before and is sent again.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub repeated: bool,
    /// Of the request, where one is to blame.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
    /// Of a service's or resource's request: the service it names.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub service_id: Option<String>,
    /// Of a resource's request: the resource it names.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resource_id: Option<String>,
    /// Why it failed.
    pub failure: Failure,
}

/// Why something failed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Failure {
    /// What kind of failure it is.
    pub code: Code,
    /// What is wrong and what to do, in English.
    pub message: String,
    /// Detail for developers: empty unless the server is told to debug.
    pub context: String,
    /// The values in the message, for translation.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub params: BTreeMap<String, String>,
    /// When it is worth trying again, where waiting helps.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retry_after_ms: Option<u64>,
}
