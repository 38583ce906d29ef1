//! What reaches the engine's loop from everybody else, through one bounded channel.

use std::sync::Arc;
use std::time::Duration;

use interaction_core::cti;
use interaction_core::ids::{QueryNo, SocketId};
use interaction_core::input::{Carrier, Closed, KeyHash, MalformedKind, StoreAnswer};
use interaction_core::secret::Secret;
use interaction_core::wire::intake::TakenSecret;
use tokio::sync::oneshot;

use crate::exchange::Reply;
use crate::metrics::Observation;
use crate::plugins::Build;
use crate::socket::Line;
use crate::tokens::Tokens;

/// The channel's bound: some milliseconds of the loop's work. Whoever finds it full waits, and with it its socket.
pub(crate) const HAPPENINGS_MAX: usize = 8_192;

/// One thing for the loop.
#[derive(Debug)]
pub(crate) enum Happening {
    /// A socket's handshake is done.
    Opened {
        /// Its number.
        socket: SocketId,
        /// Its stream.
        line: Arc<Line>,
        /// The peer's address, without the port.
        peer: Box<str>,
        /// For the case that its `connect` makes a fresh link.
        key: ResumeKey,
    },
    /// A message came.
    Received {
        /// On which socket.
        socket: SocketId,
        /// What.
        what: Received,
    },
    /// A ping came: a sign of life that wants an answer.
    Pinged {
        /// On which socket.
        socket: SocketId,
        /// What to send back.
        payload: Box<[u8]>,
    },
    /// A pong came.
    Alive {
        /// On which socket.
        socket: SocketId,
    },
    /// A client closes.
    ClientCloses {
        /// Which socket.
        socket: SocketId,
    },
    /// A client broke the framing rules.
    Broke {
        /// Which socket.
        socket: SocketId,
    },
    /// A stream takes bytes again.
    Writable {
        /// Which socket.
        socket: SocketId,
    },
    /// A socket's task ended: nothing more comes of it.
    Left {
        /// Which socket.
        socket: SocketId,
        /// Why.
        why: Closed,
    },
    /// A message was posted.
    Posted {
        /// The request's number.
        socket: SocketId,
        /// The peer's address, without the port.
        peer: Box<str>,
        /// Whom it is for.
        to: Addressee,
        /// What came.
        what: Received,
        /// Where the answer goes.
        reply: oneshot::Sender<Reply>,
    },
    /// A poll or an event stream wants a link's messages.
    Attached {
        /// The request's number.
        socket: SocketId,
        /// The hash of the link's key.
        key: KeyHash,
        /// The number of the last message the client has.
        after: u64,
        /// Which of both.
        carrier: Carrier,
        /// Where the answer goes.
        reply: oneshot::Sender<Reply>,
    },
    /// The tokens are these now.
    Tokens(Tokens),
    /// What the platform tells at once, in order.
    Cti(Vec<cti::Event>),
    /// The store answers.
    Loaded {
        /// Which question.
        query: QueryNo,
        /// What it found.
        answer: StoreAnswer,
    },
    /// Somebody wants to see how the loop does.
    Observe(oneshot::Sender<Observation>),
    /// Another build of the engine is to go on in its place, or why there is none.
    Replace {
        /// The build.
        build: Result<Box<Build>, String>,
        /// How long nothing was delivered meanwhile, or why the engine goes on as it was.
        answer: oneshot::Sender<Result<Duration, String>>,
    },
    /// The server is to go down.
    ShutDown {
        /// How long sockets stay open yet, in milliseconds.
        grace_ms: u32,
    },
}

/// Whom a posted message is for.
#[derive(Debug)]
pub(crate) enum Addressee {
    /// Nobody yet: it is a `connect`, and this key is for the case that it makes a fresh link.
    Fresh(ResumeKey),
    /// The link of this key.
    Link(KeyHash),
}

/// A message, with its secrets beside it.
#[derive(Debug)]
pub(crate) enum Received {
    /// Well-formed.
    Text {
        /// Compact, without its secrets.
        text: String,
        /// The secrets.
        secrets: Vec<TakenSecret>,
    },
    /// Not well-formed.
    Malformed {
        /// In which way.
        kind: MalformedKind,
        /// Its size in bytes.
        bytes: u32,
    },
    /// Longer than the limit.
    TooLarge {
        /// The size announced, in bytes.
        bytes: u64,
    },
}

/// A resume key, drawn for one socket.
#[derive(Debug)]
pub(crate) struct ResumeKey {
    /// As the JSON string that is sent.
    pub(crate) json: Secret,
    /// What is kept of it.
    pub(crate) hash: KeyHash,
}
