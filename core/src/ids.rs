//! Identifiers, each a type of its own.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

macro_rules! text_ids {
    ($($(#[$doc:meta])* $name:ident)*) => {$(
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Arc<str>);

        impl $name {
            /// The id as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                Self(text.into())
            }
        }

        impl From<String> for $name {
            fn from(text: String) -> Self {
                Self(text.into())
            }
        }

        impl std::borrow::Borrow<str> for $name {
            fn borrow(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{:?}", &*self.0)
            }
        }
    )*};
}

text_ids! {
    /// The platform's id of an agent: its login id. A supervisor is an agent with a role.
    AgentId
    /// The platform's id of a team.
    TeamId
    /// The platform's id of a queue (UCCX: contact service queue).
    QueueId
    /// The id of one leg of a call, made unique for ever by the adapter and opaque to everybody else.
    CallId
}

macro_rules! number_ids {
    ($($(#[$doc:meta])* $name:ident)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub u64);
    )*};
}

number_ids! {
    /// One socket (or one long poll, or one event stream), numbered by the driver and never reused by it.
    SocketId
    /// A secret the driver keeps: the engine knows its number only.
    SecretRef
    /// A question to the store, numbered by the engine.
    QueryNo
    /// A question to the directory, numbered by the engine.
    ClaimNo
}

/// One client's logical connection. Slots are reused; the generation, which never repeats in a slot, tells their holders apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct LinkId {
    /// The slot in the engine's table of links.
    pub index: u32,
    /// How often the slot was used before.
    pub generation: u32,
}
