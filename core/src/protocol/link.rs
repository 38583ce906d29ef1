//! The link: connecting, resuming, acknowledging, ending.

use serde::{Deserialize, Serialize};

use super::Millis;

/// `connect`: opens a link, or resumes one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Connect {
    /// Names the request in its answer.
    pub request_id: String,
    /// The protocol's version; absent: 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub protocol: Option<u32>,
    /// Who connects.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client: Option<ClientName>,
    /// The bearer token, where the listener wants one. A secret.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token: Option<String>,
    /// Which link to go on with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resume: Option<Resume>,
}

/// Who connects, as people may read it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ClientName {
    /// The client's own id; absent: the server gives one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// The program's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

/// Which link to resume, and up to where it was read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Resume {
    /// The link's `resumeKey`. A secret.
    pub key: String,
    /// The number of the last message that was received, which acknowledges it; 0 for none.
    pub seq: u64,
}

/// `ack`: everything up to this number was received. Lower ones than before are ignored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Ack {
    /// The number of the last message that was received.
    pub seq: u64,
}

/// `ping`: asks for a sign of life, answered at once.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Ping {
    /// Repeated in the answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
}

/// `authenticate`: a new token of the same subject, before the old one expires.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Authenticate {
    /// Names the request in its answer.
    pub request_id: String,
    /// The token. A secret.
    pub token: String,
}

/// `disconnect`: ends the link at once. It is not answered.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Disconnect {
    /// Of no effect.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
}

/// `connected`: the answer to `connect`. It carries no number.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Connected {
    /// Of the `connect`.
    pub request_id: String,
    /// The protocol's version.
    pub protocol: u32,
    /// Who answers.
    pub server: Server,
    /// Who connected, with the id it has.
    pub client: Client,
    /// What resumes this link; the same for its whole life. A secret.
    pub resume_key: String,
    /// Whether the link asked for goes on; absent where none was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resumed: Option<bool>,
    /// With `resumed` false: why this is a fresh link.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<ResumeRefusal>,
    /// The server's time.
    pub time: Millis,
    /// How long the link outlives its socket.
    pub grace_ms: u32,
    /// How often the server asks for a sign of life.
    pub heartbeat_ms: u32,
    /// What the link survives.
    pub guarantee: Guarantee,
    /// Where else to connect when this server is away.
    pub instances: Vec<String>,
    /// What the server bounds.
    pub limits: Limits,
}

/// The server that answers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Server {
    /// `interaction-processor`.
    pub name: String,
    /// Its version.
    pub version: String,
    /// Which process of its domain it is.
    pub instance: String,
}

/// A client as the server knows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Client {
    /// Its id.
    pub id: String,
    /// Its program's name; empty where it gave none.
    pub name: String,
}

/// Why a link cannot be resumed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum ResumeRefusal {
    /// It ended.
    Expired,
    /// No such link is known.
    Unknown,
    /// What follows the number asked for is not kept any more.
    Gap,
    /// Its instance cannot be reached and nobody took it over.
    Instance,
}

/// What a link survives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Guarantee {
    /// Lost sockets.
    Process,
    /// Also a restart of the server.
    Machine,
    /// Also the loss of the server's machine.
    Domain,
}

/// What the server bounds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Limits {
    /// The longest message a client may send.
    pub message_bytes: u32,
    /// What may wait for one socket.
    pub pending_bytes: u32,
    /// What is kept of one link until it is acknowledged.
    pub replay_bytes: u32,
    /// Requests a second.
    pub requests_per_second: u32,
}

/// `pong`: the answer to `ping`. It carries no number.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Pong {
    /// Of the `ping`, if it had one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
    /// The server's time.
    pub time: Millis,
}
