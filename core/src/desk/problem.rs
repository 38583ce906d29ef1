//! What went wrong, as an application reads it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::failure::Code;

/// A failure: the server's, or one that arose here. Its code may be one this version does not know.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Problem {
    /// What kind of failure it is: one of the protocol's codes, or one of [`Local`]'s.
    pub code: Box<str>,
    /// What is wrong and what to do, in English.
    #[serde(default)]
    pub message: Box<str>,
    /// Detail for developers: empty unless the server is told to debug.
    #[serde(default)]
    pub context: Box<str>,
    /// The values in the message, for translation.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub params: BTreeMap<Box<str>, Box<str>>,
    /// When it is worth trying again, where waiting helps.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after_ms: Option<u64>,
}

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $code:literal, $remedy:literal;)*) => {
        /// Codes of failures that arise in the client.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Local { $(#[doc = $remedy] $name,)* }

        impl Local {
            /// Every code.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// The code as applications read it.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $code,)* }
            }

            /// What to do about it.
            pub const fn remedy(self) -> &'static str {
                match self { $(Self::$name => $remedy,)* }
            }
        }
    };
}

codes! {
    Cancelled = "client.cancelled", "The call was given up. What was sent may still take effect.";
    Stopped = "client.stopped", "The desk is not started, or was stopped. Start it first.";
    Moved = "client.moved", "Another socket took the link over. Retry takes it back.";
    Refused = "client.protocol", "The server closed the link because this client broke the protocol. Report it, then retry.";
    Misfit = "client.misfit", "The server told something that does not fit what it told before.";
    TooMany = "client.toomany", "Too many calls wait for an answer. Wait for some of them.";
    NoService = "client.noservice", "The server has no such service, or the service no such resource. Check `serviceType`, and whether the platform has reports.";
    TokenUnavailable = "client.token", "No token can be had. Sign in again, then retry.";
    Nonsense = "client.nonsense", "The server broke the protocol. Check that the address is that of an interaction processor, and both versions.";
    Unknown = "client.ignored", "The server told something this version does not know. It was ignored.";
    Repeats = "client.inuse", "This number is in use by a call that waits for its answer. Use another.";
}

impl Problem {
    /// A failure of the protocol that is found here.
    pub fn of(code: Code) -> Self {
        Self::with(code.as_str(), code.remedy())
    }

    /// A failure of the client.
    pub fn local(code: Local) -> Self {
        Self::with(code.as_str(), code.remedy())
    }

    /// A property of what the application gave is missing or wrong.
    pub fn invalid(property: &str, must_be: &str) -> Self {
        let mut problem = Self::of(Code::RequestInvalid);
        problem.message = format!("`{property}` {must_be}.").into();
        problem.params.insert("property".into(), property.into());
        problem
    }

    /// The same with more words.
    #[must_use]
    pub fn say(mut self, words: &str) -> Self {
        self.message = format!("{} {words}", self.message).into();
        self
    }

    fn with(code: &str, message: &str) -> Self {
        Self {
            code: code.into(),
            message: message.into(),
            context: "".into(),
            params: BTreeMap::new(),
            retry_after_ms: None,
        }
    }
}
