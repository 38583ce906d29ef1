//! Reading what a server sends, leniently: what is not known is skipped, and what is only passed on stays text.

use std::borrow::Cow;
use std::ops::Deref;

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::protocol::{Client, Server};

/// A string, borrowed where nothing in it is escaped.
#[derive(Debug, Deserialize)]
pub(super) struct Text<'a>(#[serde(borrow)] Cow<'a, str>);

impl Deref for Text<'_> {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

/// Every property a server's message may have at its top level, save for those of `connected`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Envelope<'a> {
    #[serde(borrow)]
    pub(super) message_type: Text<'a>,
    pub(super) seq: Option<u64>,
    #[serde(borrow)]
    pub(super) request_id: Option<Text<'a>>,
    #[serde(borrow)]
    pub(super) service_id: Option<Text<'a>>,
    #[serde(borrow)]
    pub(super) resource_id: Option<Text<'a>>,
    #[serde(borrow)]
    pub(super) data: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) response: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) event: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) failure: Option<&'a RawValue>,
}

/// `connected`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Connected<'a> {
    pub(super) protocol: u32,
    pub(super) server: Server,
    pub(super) client: Client,
    #[serde(borrow)]
    pub(super) resume_key: Text<'a>,
    pub(super) resumed: Option<bool>,
    #[serde(borrow)]
    pub(super) reason: Option<Text<'a>>,
    pub(super) time: u64,
    pub(super) heartbeat_ms: u64,
    pub(super) guarantee: Box<str>,
    #[serde(default)]
    pub(super) instances: Vec<Box<str>>,
    pub(super) limits: Bounds,
}

/// What of `connected.limits` concerns a client.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Bounds {
    pub(super) message_bytes: u64,
    pub(super) requests_per_second: u32,
}

/// `response` of a service or resource.
#[derive(Debug, Deserialize)]
pub(super) struct Response<'a> {
    #[serde(borrow)]
    pub(super) result: Text<'a>,
    #[serde(borrow)]
    pub(super) failure: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) resource: Option<Prepared<'a>>,
}

/// `resource` of a successful `prepareSession`.
#[derive(Debug, Deserialize)]
pub(super) struct Prepared<'a> {
    #[serde(borrow)]
    pub(super) id: Text<'a>,
}

/// `event` of the core or of a resource.
#[derive(Debug, Deserialize)]
pub(super) struct Happening<'a> {
    #[serde(borrow)]
    pub(super) name: Text<'a>,
    #[serde(borrow)]
    pub(super) target: Option<Text<'a>>,
    #[serde(borrow)]
    pub(super) state: Option<Text<'a>>,
    pub(super) since: Option<u64>,
    #[serde(borrow)]
    pub(super) data: Option<&'a RawValue>,
}

/// `data` of the core's events, as far as it is acted upon.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct CoreData<'a> {
    #[serde(borrow)]
    pub(super) service_id: Option<Text<'a>>,
    #[serde(borrow)]
    pub(super) resource_id: Option<Text<'a>>,
    #[serde(borrow)]
    pub(super) service_status: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) reason: Option<Text<'a>>,
    #[serde(borrow)]
    pub(super) client: Option<Text<'a>>,
    pub(super) at: Option<u64>,
    #[serde(borrow)]
    pub(super) command: Option<Text<'a>>,
    #[serde(borrow)]
    pub(super) data: Option<Subject<'a>>,
}

/// What a report is about: the agent or the call.
#[derive(Debug, Deserialize)]
pub(super) struct Subject<'a> {
    #[serde(borrow, rename = "agentId")]
    pub(super) agent_id: Option<Text<'a>>,
    #[serde(borrow, rename = "CallId")]
    pub(super) call_id: Option<Text<'a>>,
}

impl Subject<'_> {
    /// The agent's id, or the call's.
    pub(super) fn id(&self) -> Option<&str> {
        self.agent_id.as_deref().or(self.call_id.as_deref())
    }
}

/// Reads an object; serde would also read a struct from an array.
pub(super) fn object<'a, T: Deserialize<'a>>(text: &'a str) -> Option<T> {
    if !text.trim_ascii_start().starts_with('{') {
        return None;
    }
    serde_json::from_str(text).ok()
}

/// The same of a part that may be missing.
pub(super) fn part<'a, T: Deserialize<'a>>(raw: Option<&'a RawValue>) -> Option<T> {
    object(raw?.get())
}
