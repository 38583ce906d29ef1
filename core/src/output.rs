//! Everything the engine wants done.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::audit::AuditRecord;
use crate::cti::{Command, RequestNo};
use crate::ids::{AgentId, CallId, ClaimNo, QueryNo, SecretRef, SocketId};
use crate::report::journey::JourneyRecord;
use crate::wire::write;

/// One thing to do. Outputs are performed in their order; none is waited for.
///
/// The encoded form is versioned : variants are appended, never moved.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub enum Output<'a> {
    /// Send one message: `head` then `tail`. The tail is shared by every link that gets the same change.
    Send {
        /// To which socket.
        socket: SocketId,
        /// What differs from link to link.
        #[serde(serialize_with = "bytes")]
        head: &'a [u8],
        /// What does not.
        #[serde(serialize_with = "shared_bytes")]
        tail: &'a Arc<[u8]>,
        /// Secrets to put in, once.
        splices: &'a [Splice],
        /// Whether it counts towards what waits for the socket.
        sending: Sending,
    },
    /// Send a WebSocket ping, or a comment on an event stream.
    Ping {
        /// To which socket.
        socket: SocketId,
    },
    /// Close a socket when what waits for it is written. The engine has forgotten it already.
    Close {
        /// Which.
        socket: SocketId,
        /// The WebSocket close code.
        code: CloseCode,
    },
    /// Ask the platform.
    Cti {
        /// Answered by this number.
        request: RequestNo,
        /// What.
        command: &'a Command,
        /// The password that goes with it.
        secret: Option<SecretRef>,
    },
    /// A secret is needed no more: forget it. Every secret that entered is forgotten exactly once.
    Forget {
        /// Which.
        secret: SecretRef,
    },
    /// Ask the directory who holds an agent's session.
    Claim {
        /// Answered by this number.
        claim: ClaimNo,
        /// Whose.
        agent: &'a AgentId,
        /// Whether to take it from whoever holds it.
        override_: bool,
        /// The client that wants it, for whoever asks later.
        client: &'a str,
    },
    /// Give a claim back.
    Release {
        /// Whose.
        agent: &'a AgentId,
    },
    /// Keep a journey.
    Store {
        /// Which.
        journey: &'a JourneyRecord,
    },
    /// Ask the store for the journey a leg belongs to.
    LoadJourney {
        /// Answered by this number.
        query: QueryNo,
        /// Any of its legs.
        call: &'a CallId,
    },
    /// Ask the store for ended calls, newest first.
    LoadRecent {
        /// Answered by this number.
        query: QueryNo,
        /// At most so many.
        limit: u32,
        /// Only those from or to this number.
        number: Option<&'a str>,
    },
    /// Keep a record of the audit trail.
    Audit {
        /// Which.
        record: &'a AuditRecord,
    },
    /// Answer an HTTP request, with what was sent to it before. The engine has forgotten it already.
    Answer {
        /// Which.
        socket: SocketId,
        /// How.
        status: Status,
    },
    /// Send one event to many: each gets `prefix`, the number of its own, `suffix`, and `tail`. All count towards what waits
    /// for their sockets, and none holds a secret.
    Fan {
        /// To which sockets, with which numbers; a socket stands in it once.
        to: &'a [Delivery],
        /// Before the number.
        #[serde(serialize_with = "bytes")]
        prefix: &'a [u8],
        /// After it.
        #[serde(serialize_with = "bytes")]
        suffix: &'a [u8],
        /// After that.
        #[serde(serialize_with = "shared_bytes")]
        tail: &'a Arc<[u8]>,
    },
}

impl Output<'_> {
    /// Hands over every message it sends: to which socket, its head and its tail. Secrets are not filled in.
    pub fn each_message(&self, mut take: impl FnMut(SocketId, &[u8], &[u8])) {
        match *self {
            Output::Send { socket, head, tail, .. } => take(socket, head, tail),
            Output::Fan { to, prefix, suffix, tail } => {
                let mut head = Vec::new();
                for delivery in to {
                    head.clear();
                    delivery.write_head(prefix, suffix, &mut head);
                    take(delivery.socket, &head, tail);
                }
            }
            Output::Ping { .. }
            | Output::Close { .. }
            | Output::Cti { .. }
            | Output::Forget { .. }
            | Output::Claim { .. }
            | Output::Release { .. }
            | Output::Store { .. }
            | Output::LoadJourney { .. }
            | Output::LoadRecent { .. }
            | Output::Audit { .. }
            | Output::Answer { .. } => {}
        }
    }
}

/// One message of an [`Output::Fan`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delivery {
    /// To which socket.
    pub socket: SocketId,
    /// Its number on that socket's link.
    pub seq: u64,
}

impl Delivery {
    /// Appends what stands before the tail.
    pub fn write_head(self, prefix: &[u8], suffix: &[u8], out: &mut Vec<u8>) {
        out.reserve(prefix.len() + 20 + suffix.len());
        out.extend_from_slice(prefix);
        write::number(out, self.seq);
        out.extend_from_slice(suffix);
    }
}

/// Where in a message a secret goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Splice {
    /// Offset in head and tail taken together.
    pub at: u32,
    /// How many bytes it replaces.
    pub len: u32,
    /// Which secret.
    pub secret: SecretRef,
}

/// Whether a message is new to its socket.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Sending {
    /// New: counts towards `pendingBytes`.
    Live,
    /// Sent before, or while no socket was attached: bounded by `replayBytes` already.
    Replay,
}

/// What an HTTP request comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Status {
    /// 200: here is what was asked for.
    Done,
    /// 202: it is taken; whatever answers it comes on the stream.
    Accepted,
    /// 400: it is not understood.
    Malformed,
    /// 401: its key or token is not good here.
    Unauthorized,
    /// 409: somebody else carries the link now, or what follows is not kept any more.
    Conflict,
    /// 410: the link is over.
    Ended,
    /// 413: it is too large.
    TooLarge,
    /// 429: too many.
    TooMany,
    /// 503: the server goes down.
    Restart,
}

impl Status {
    /// The number on the wire.
    pub const fn code(self) -> u16 {
        match self {
            Self::Done => 200,
            Self::Accepted => 202,
            Self::Malformed => 400,
            Self::Unauthorized => 401,
            Self::Conflict => 409,
            Self::Ended => 410,
            Self::TooLarge => 413,
            Self::TooMany => 429,
            Self::Restart => 503,
        }
    }
}

/// WebSocket close codes, with their meaning in the protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum CloseCode {
    /// 1000: as the client asked.
    Normal,
    /// 1009: a message was too large.
    TooLarge,
    /// 1012: the server goes down.
    Restart,
    /// 4000: the peer does not speak the protocol, or may not connect.
    Protocol,
    /// 4001: another socket took the link over.
    Moved,
    /// 4002: silent, or no `connect` in time.
    Silent,
    /// 4003: the token is no longer good.
    Token,
    /// 4007: the link lives elsewhere.
    Elsewhere,
    /// 4008: too slow.
    Slow,
    /// 4029: too many requests.
    Flood,
}

impl CloseCode {
    /// The number on the wire.
    pub const fn code(self) -> u16 {
        match self {
            Self::Normal => 1000,
            Self::TooLarge => 1009,
            Self::Restart => 1012,
            Self::Protocol => 4000,
            Self::Moved => 4001,
            Self::Silent => 4002,
            Self::Token => 4003,
            Self::Elsewhere => 4007,
            Self::Slow => 4008,
            Self::Flood => 4029,
        }
    }

    /// The reason on the wire.
    pub const fn reason(self) -> &'static str {
        match self {
            Self::Normal => "goodbye",
            Self::TooLarge => "message too large",
            Self::Restart => "server goes down",
            Self::Protocol => "protocol",
            Self::Moved => "link moved to another socket",
            Self::Silent => "silent",
            Self::Token => "token",
            Self::Elsewhere => "link lives elsewhere",
            Self::Slow => "too slow",
            Self::Flood => "too many requests",
        }
    }
}

fn bytes<S: serde::Serializer>(bytes: &&[u8], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_bytes(bytes)
}

fn shared_bytes<S: serde::Serializer>(bytes: &&Arc<[u8]>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_bytes(bytes)
}
