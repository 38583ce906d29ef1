//! Everything that can happen to the desk engine.

use std::fmt;
use std::time::Duration;

/// One thing that happens.
#[derive(Clone, PartialEq, Eq)]
pub enum DeskInput<'a> {
    /// Time passed: fed at [`Desk::poll_timeout`](super::Desk::poll_timeout) at the latest.
    Tick,
    /// The application wants the link. Does nothing where it is wanted already.
    Start,
    /// The application wants it no more: the link is ended on the server, every call is answered, nothing follows.
    Stop,
    /// The user's act: connect at once where a wait runs, take the link back after it moved, try anew after a refusal.
    Retry,
    /// A socket that was asked for stands.
    Opened {
        /// Which: the number in [`DeskOutput::Open`](super::DeskOutput::Open).
        attempt: u64,
    },
    /// A text frame came.
    Text {
        /// On which socket.
        attempt: u64,
        /// The whole frame.
        text: &'a str,
    },
    /// A binary frame came, which no server sends.
    Binary {
        /// On which socket.
        attempt: u64,
    },
    /// A socket is gone, or never stood.
    Closed {
        /// Which.
        attempt: u64,
        /// The WebSocket close code; 1006 where there was none.
        code: u16,
        /// The peer's words, if any.
        reason: &'a str,
    },
    /// The token that [`DeskOutput::WantToken`](super::DeskOutput::WantToken) asked for. A secret.
    Token {
        /// The bearer token.
        token: &'a str,
    },
    /// No token can be had.
    TokenFailed {
        /// Why, for people.
        why: &'a str,
        /// Whether to ask again later; otherwise it waits for [`DeskInput::Retry`].
        again: bool,
    },
    /// What the platform says of its network. A hint: false stops attempts, true makes one at once.
    Network {
        /// Whether there is one.
        online: bool,
    },
    /// The page is seen again after having been hidden: timers may have been late. Makes sure that the socket lives.
    Visible,
    /// The application asks something. It is answered exactly once, by this number.
    Call {
        /// Chosen by the application, not in use now.
        call: u64,
        /// What.
        request: DeskRequest<'a>,
        /// How long to wait for the answer, time without a socket included; the server's own deadline and a little
        /// where absent.
        within: Option<Duration>,
    },
    /// The application gives a call up: it is answered at once. What was sent may still take effect.
    Cancel {
        /// Which; one that is answered already changes nothing.
        call: u64,
    },
}

/// A request in the protocol's own words: who is asked, which command, with what. Bindings are the desk's own business: the
/// service is found and bound, and so is the resource, before the request is sent.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct DeskRequest<'a> {
    /// Who is asked.
    pub to: To<'a>,
    /// `report.teamstatus.begin`, `conversation.hold`, `prepareSession` …
    pub command: &'a str,
    /// Which object of a session.
    pub target: Option<&'a str>,
    /// The command's data, a JSON object; for the network core, what stands at the top level of the request.
    pub data: Option<&'a str>,
}

/// Who is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum To<'a> {
    /// The network core.
    Core,
    /// The interaction processor service.
    Service,
    /// Its report resource, whatever its id.
    Reports,
    /// A session, or any other resource, by its id.
    Resource(&'a str),
}

impl fmt::Debug for DeskInput<'_> {
    /// Tells no token, no text and no data.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tick => f.write_str("Tick"),
            Self::Start => f.write_str("Start"),
            Self::Stop => f.write_str("Stop"),
            Self::Retry => f.write_str("Retry"),
            Self::Opened { attempt } => write!(f, "Opened({attempt})"),
            Self::Text { attempt, text } => write!(f, "Text({attempt}, {} bytes)", text.len()),
            Self::Binary { attempt } => write!(f, "Binary({attempt})"),
            Self::Closed { attempt, code, .. } => write!(f, "Closed({attempt}, {code})"),
            Self::Token { .. } => f.write_str("Token(..)"),
            Self::TokenFailed { again, .. } => write!(f, "TokenFailed(again: {again})"),
            Self::Network { online } => write!(f, "Network(online: {online})"),
            Self::Visible => f.write_str("Visible"),
            Self::Call { call, request, within } => write!(f, "Call({call}, {request:?}, {within:?})"),
            Self::Cancel { call } => write!(f, "Cancel({call})"),
        }
    }
}

impl fmt::Debug for DeskRequest<'_> {
    /// Tells no data: a password may be in it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} to {:?} {}", self.command, self.to, self.target.unwrap_or_default())
    }
}
