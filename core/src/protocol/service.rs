//! The interaction processor service: preparing a session, capabilities.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Data, Empty, MaybeData, Millis};

/// What the service is asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "command", rename_all = "camelCase")]
pub enum ServiceRequest {
    /// For a session of an agent.
    PrepareSession(Data<PrepareSession>),
    /// For what the platform offers.
    GetCapabilities(MaybeData<Empty>),
}

/// Whose session, and how.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PrepareSession {
    /// The call model; absent or blank: the default one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// Whether to take over a session that there is already.
    #[serde(rename = "override", skip_serializing_if = "Option::is_none")]
    pub override_: Option<bool>,
    /// Who.
    pub agent: Credentials,
}

/// Who an agent is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Credentials {
    /// The agent's login id.
    pub id: String,
    /// The password. A secret: null wherever a message is sent a second time, and always where the server does not echo it.
    pub password: Option<String>,
}

/// What the service answers with success.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "command", rename_all = "camelCase")]
pub enum ServiceSuccess {
    /// The session is prepared: bind its resource and start it, within a minute.
    PrepareSession {
        /// The session's resource.
        resource: PreparedResource,
    },
    /// What the platform offers.
    GetCapabilities {
        /// Each feature by its key; one that is absent is not offered.
        data: BTreeMap<String, bool>,
    },
}

/// A session's resource.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PreparedResource {
    /// What to bind.
    pub id: String,
    /// The request's data.
    pub data: PrepareSession,
}

/// The agent has a session already; nothing changed. To take it over, ask again with `override` true.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SessionConfirm {
    /// `prepareSession`.
    pub command: String,
    /// Who has it, since when, where, and how many calls are in progress: for people.
    pub message: String,
    /// The request.
    pub original: serde_json::Value,
    /// The same as values.
    pub details: SessionHolder,
}

/// Who has a session.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct SessionHolder {
    /// The agent, as the platform spells it.
    pub agent_id: String,
    /// Since when.
    pub since: Millis,
    /// From which client.
    pub client: String,
    /// On which server.
    pub instance: String,
    /// How many calls are in progress.
    pub calls: u32,
}
