//! Everything that can happen to the engine.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use crate::cti;
use crate::ids::{AgentId, CallId, ClaimNo, QueryNo, SecretRef, SocketId};
use crate::report::journey::JourneyRecord;
use crate::time::Time;

/// One thing that happens. Recording a run is appending these; replaying is feeding them again.
///
/// The encoded form is versioned : variants are appended, never moved.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Input<'a> {
    /// Time passed.
    Tick,
    /// The driver was held up (the machine slept, the process was stopped): deadlines on the silence of clients move by so
    /// much, and no others.
    Stalled {
        /// For how long nothing was read, in microseconds.
        for_us: u64,
    },
    /// A client's socket stands; it says `connect` next.
    SocketOpened {
        /// Its number.
        socket: SocketId,
        /// The peer's address, without the port: what lock-outs are counted by.
        #[serde(borrow)]
        peer: Cow<'a, str>,
        /// What the listener it came in by gives to everybody.
        access: Access,
        /// A resume key drawn for this socket, used if its `connect` makes a fresh link.
        key: FreshKey,
    },
    /// A message came.
    Frame {
        /// On which socket.
        socket: SocketId,
        /// The message, without its secrets.
        #[serde(borrow)]
        frame: Frame<'a>,
    },
    /// A sign of life that is no message: a pong.
    Alive {
        /// Of which socket.
        socket: SocketId,
    },
    /// So many bytes wait for a socket that does not take them as fast as they come. Told when it begins to wait, grows
    /// markedly, or has caught up (0).
    Backlog {
        /// Which.
        socket: SocketId,
        /// Bytes handed to the driver and not yet taken by the socket, a replay not counted.
        bytes: u64,
    },
    /// A socket is gone.
    SocketClosed {
        /// Which.
        socket: SocketId,
        /// Why, as far as the driver knows.
        why: Closed,
    },
    /// The platform tells something.
    Cti(cti::Event),
    /// The directory answers a claim.
    Claimed {
        /// Which.
        claim: ClaimNo,
        /// Who holds the agent's session.
        answer: ClaimAnswer,
    },
    /// The store answers a question.
    Loaded {
        /// Which.
        query: QueryNo,
        /// What it found.
        answer: StoreAnswer,
    },
    /// The server goes down: clients are told, nothing new is accepted.
    ShutDown {
        /// How long sockets stay open yet, in milliseconds.
        grace_ms: u32,
    },
    /// A message came by an HTTP request, which is answered once, by `Output::Answer`, whether or not its link is attached
    /// to anything.
    Posted {
        /// The request's number, among those of sockets.
        socket: SocketId,
        /// The peer's address, without the port.
        #[serde(borrow)]
        peer: Cow<'a, str>,
        /// What the listener it came in by gives to everybody.
        access: Access,
        /// Whom it is for.
        to: Recipient,
        /// The message, without its secrets.
        #[serde(borrow)]
        frame: Frame<'a>,
    },
    /// A long poll or an event stream wants what a link has to say: it attaches as a socket that resumes does.
    Attached {
        /// Its number, among those of sockets.
        socket: SocketId,
        /// The hash of the link's key.
        key: KeyHash,
        /// The number of the last message the client has, which acknowledges; 0 for none.
        after: u64,
        /// Which of both.
        carrier: Carrier,
    },
    /// A token is not what it was when links were made with it.
    TokenChanged {
        /// The token's SHA-256.
        token: KeyHash,
        /// What it permits now.
        claims: Claims,
    },
}

/// Whom a posted message is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Recipient {
    /// Nobody yet: it is a `connect`, and this key is used if it makes a fresh link.
    Fresh(FreshKey),
    /// The link of this key.
    Link(KeyHash),
}

/// What carries a link's messages to its client by HTTP.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Carrier {
    /// Over with the first messages, or empty after so long.
    Poll {
        /// In milliseconds.
        wait_ms: u32,
    },
    /// Stays until somebody ends it.
    Stream,
}

/// What a listener gives to everybody who connects through it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Access {
    /// No token is asked for; every link has these scopes.
    Open(Scopes),
    /// A token is needed, and says the scopes.
    Token,
}

/// What a link may do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Scopes {
    /// Prepare agent sessions.
    pub agent: bool,
    /// See what a supervisor sees of any team.
    pub supervisor: bool,
    /// Any report.
    pub reports: bool,
    /// Administer the server.
    pub admin: bool,
}

impl Scopes {
    /// What a loopback listener without tokens gives.
    pub const LOOPBACK: Self = Self { agent: true, supervisor: false, reports: true, admin: false };
}

/// A resume key drawn by the driver: the engine knows its hash and the number under which the driver keeps it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FreshKey {
    /// The key itself, as a JSON string, is kept by the driver under this number.
    pub secret: SecretRef,
    /// SHA-256 of the key.
    pub hash: KeyHash,
}

/// SHA-256 of a resume key, or of a token.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct KeyHash(pub [u8; 32]);

impl KeyHash {
    /// Reads 64 hexadecimal digits; the intake writes them in lower case.
    pub fn from_hex(text: &str) -> Option<Self> {
        let digits = text.as_bytes();
        if digits.len() != 64 {
            return None;
        }
        let mut hash = [0; 32];
        for (byte, pair) in hash.iter_mut().zip(digits.chunks_exact(2)) {
            let high = (pair[0] as char).to_digit(16)?;
            let low = (pair[1] as char).to_digit(16)?;
            *byte = u8::try_from(high * 16 + low).ok()?;
        }
        Some(Self(hash))
    }
}

impl std::fmt::Debug for KeyHash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:02x}{:02x}…", self.0[0], self.0[1])
    }
}

/// A message as it enters: what the driver's intake (`wire::intake`) made of the bytes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Frame<'a> {
    /// Well-formed: one JSON object.
    Text {
        /// Compact, secrets taken out.
        #[serde(borrow)]
        text: Cow<'a, str>,
        /// What was taken out, in order of place.
        secrets: Cow<'a, [SecretSpan]>,
        /// What the token in it says, verified by the driver.
        claims: Option<Claims>,
    },
    /// Not well-formed. Its text never enters.
    Malformed {
        /// In which way.
        kind: MalformedKind,
        /// Its size in bytes.
        bytes: u32,
    },
    /// Longer than the limit; the rest of it is not read.
    TooLarge {
        /// The size it announced, in bytes.
        bytes: u64,
    },
}

/// A place in a frame's text where a secret stood.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SecretSpan {
    /// Its number with the driver.
    pub secret: SecretRef,
    /// What it is.
    pub kind: SecretKind,
    /// Offset of what stands in its place.
    pub offset: u32,
    /// Length of what stands in its place.
    pub len: u32,
    /// Whether it was a JSON string.
    pub is_text: bool,
}

/// The kinds of secrets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum SecretKind {
    /// `password`: null stands in its place.
    Password,
    /// `token`: null stands in its place.
    Token,
    /// `key` within `resume`: its hash stands in its place.
    ResumeKey,
}

/// In which way a frame is malformed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum MalformedKind {
    /// Not UTF-8.
    NotUtf8,
    /// Not JSON.
    NotJson,
    /// JSON, but not an object.
    NotAnObject,
    /// An object names a property twice.
    DuplicateKey,
    /// Nested too deep.
    TooDeep,
    /// A lone surrogate in a string.
    LoneSurrogate,
    /// A binary frame.
    Binary,
}

/// What a verified token says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Claims {
    /// It is good.
    Good {
        /// Whose it is.
        subject: Box<str>,
        /// What it permits.
        scopes: Scopes,
        /// Until when.
        expires: Option<Time>,
    },
    /// It is not: unknown, expired, revoked.
    Bad,
    /// It is good, and known by its hash: it can be changed or revoked while links live by it.
    Known {
        /// The token's SHA-256.
        token: KeyHash,
        /// Whose it is.
        subject: Box<str>,
        /// What it permits.
        scopes: Scopes,
        /// Until when.
        expires: Option<Time>,
    },
}

/// Why a socket is gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Closed {
    /// The peer closed or the network broke, or the engine asked for it.
    Gone,
    /// What waited for it passed the bound (4008).
    Slow,
    /// The peer broke the transport's rules (1002).
    Protocol,
}

/// The directory's answer to a claim.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ClaimAnswer {
    /// The claim is won.
    Won,
    /// Another instance holds the agent's session.
    Held {
        /// By which instance.
        instance: Box<str>,
        /// By which client there.
        client: Box<str>,
        /// Since when.
        since: Time,
        /// How many calls are in progress.
        calls: u32,
    },
    /// Another instance won a session held here: it ends as superseded.
    Lost {
        /// Whose session.
        agent: AgentId,
        /// By which client.
        client: Box<str>,
    },
    /// The domain cannot be asked now.
    Unavailable,
}

/// The store's answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum StoreAnswer {
    /// A journey, if there is one.
    Journey(Option<JourneyRecord>),
    /// Ended calls, newest first.
    Recent(Vec<RecentCall>),
    /// The store cannot answer now.
    Unavailable,
    /// No journey is kept, and no source of past calls is configured that could know one.
    NoHistory,
}

/// An ended call as `report.calljourney.recent` lists it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecentCall {
    /// Its id.
    pub call: CallId,
    /// When it began.
    pub started: Time,
    /// When it ended; of a partial one, the moment up to which it is known.
    pub ended: Time,
    /// Who called.
    pub from: Box<str>,
    /// What was called.
    pub to: Box<str>,
    /// It was running when it was last stored, and nobody stored how it went on.
    pub partial: bool,
}
