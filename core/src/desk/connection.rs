//! The connection's states, each with its reason.

use serde::Serialize;

use super::problem::Problem;
use crate::protocol::{Client, Millis, Server};

/// How the connection is. As JSON: an object with `state`. Moments are milliseconds since 1970 on this machine's clock.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "state", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Connection {
    /// Not started.
    Idle,
    /// A token was asked for.
    WaitingForToken {
        /// Since when.
        since: Millis,
    },
    /// A socket is being opened, or `connect` waits for its answer.
    Connecting {
        /// Where to.
        url: Box<str>,
        /// Since when.
        since: Millis,
    },
    /// The link stands.
    Live {
        /// Where.
        url: Box<str>,
        /// Since when.
        since: Millis,
        /// Who answers.
        server: Server,
        /// Who this client is there.
        client: Client,
        /// What the link survives.
        guarantee: Box<str>,
        /// How far the server's clock is ahead of this one's, in milliseconds.
        clock_ahead_ms: i64,
    },
    /// The socket is lost, or none can be had; another attempt is made by itself.
    Reconnecting {
        /// Since when there is none.
        since: Millis,
        /// Why.
        why: Loss,
        /// When the next attempt is made.
        next_at: Millis,
        /// How many attempts failed since.
        failed: u32,
    },
    /// The platform says that there is no network: attempts are made when there is, or after half a minute.
    Offline {
        /// Since when.
        since: Millis,
    },
    /// The link was taken over by another socket: it comes back by `Retry`, the user's act, and by nothing else.
    Moved {
        /// Since when.
        since: Millis,
    },
    /// The server, or whoever gives tokens, refused. Nothing more is tried before `Retry`.
    Refused {
        /// Since when.
        since: Millis,
        /// Why.
        failure: Problem,
    },
    /// The application stopped it.
    Closed,
}

/// Why a socket was lost or did not come to be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Loss {
    /// In a word.
    pub reason: LossReason,
    /// The close code, where the socket was closed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<u16>,
    /// For people.
    pub message: Box<str>,
}

/// Why a socket was lost, in a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum LossReason {
    /// It could not be opened.
    Unreachable,
    /// It was opened, and `connect` was not answered in time.
    Unanswered,
    /// It closed.
    Closed,
    /// Nothing came on it for too long.
    Silent,
    /// This machine slept; the socket was found dead.
    Slept,
    /// The network is another, or was away.
    Network,
    /// The server goes down or restarts (1012).
    Restarting,
    /// The server closed it for the token (4003), or no token could be had.
    Token,
    /// It was read too slowly (4008).
    Slow,
    /// Too many requests (4029).
    Flood,
    /// The link lives on another instance (4007): that one is asked next.
    Elsewhere,
    /// The server cannot have clients now, and says when to come again.
    Busy,
    /// The server broke the protocol.
    Nonsense,
    /// The application asked for a new attempt.
    Asked,
}

/// Why a link is a fresh one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum FreshReason {
    /// The old one ended while this client was away.
    Expired,
    /// The server knows none such: it was restarted, or is another.
    Unknown,
    /// What was missed is not kept any more.
    Gap,
    /// Its server cannot be reached.
    Instance,
    /// The server broke the protocol: the link was given up.
    Nonsense,
    /// The server did not say.
    Unsaid,
}
