//! Failures as the protocol's section 6 has them.

use interaction_core::cti::{Refusal, RefusalKind};
use serde_json::{Value, json};

/// When it is worth trying again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Retry {
    /// The text does not say; if it is told it is a time.
    Free,
    /// It must be told.
    Told,
    /// It must be told, and is this, in milliseconds.
    InMs(u64),
}

/// A failure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Fault {
    pub(crate) code: &'static str,
    /// The property a `request.invalid` names.
    pub(crate) property: Option<String>,
    pub(crate) retry: Retry,
}

impl Fault {
    pub(crate) fn new(code: &'static str) -> Self {
        Self { code, property: None, retry: Retry::Free }
    }

    pub(crate) fn invalid(property: &str) -> Self {
        Self { property: Some(property.to_owned()), ..Self::new("request.invalid") }
    }

    pub(crate) fn retry(self, retry: Retry) -> Self {
        Self { retry, ..self }
    }

    /// What a platform's no becomes.
    pub(crate) fn of_refusal(refusal: &Refusal) -> Self {
        Self::new(match refusal.kind {
            RefusalKind::Credentials => "credentials.invalid",
            RefusalKind::Unavailable => "cti.unavailable",
            RefusalKind::State => "state.invalid",
            RefusalKind::UnknownCall => "call.unknown",
            RefusalKind::UnknownAgent => "agent.unknown",
            RefusalKind::Destination => "destination.invalid",
            RefusalKind::Busy => "channel.busy",
            RefusalKind::Unsupported => "command.unsupported",
            RefusalKind::Other => "cti.refused",
        })
    }

    /// The failure as it stands in a message, for [`crate::compare`] to read.
    pub(crate) fn body(&self) -> Value {
        let retry = match self.retry {
            Retry::Free => Value::Null,
            Retry::Told => Value::Bool(true),
            Retry::InMs(millis) => millis.into(),
        };
        json!({"code": self.code, "property": self.property, "retry": retry})
    }
}
