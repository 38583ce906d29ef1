//! Everything the desk engine wants done or tells. As JSON each is an object with `kind`.

use std::fmt;

use serde::Serialize;
use serde_json::value::RawValue;

use super::connection::{Connection, FreshReason};
use super::problem::Problem;

/// One thing to do or to know, in order.
#[derive(Serialize)]
#[serde(tag = "kind", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum DeskOutput {
    /// Open a WebSocket. Answered by `Opened` or `Closed` of this attempt; earlier attempts are over.
    Open {
        /// Its number.
        attempt: u64,
        /// Where.
        url: Box<str>,
    },
    /// Send a text frame.
    Send {
        /// On which socket.
        attempt: u64,
        /// The frame. It may hold a token, a password or a resume key.
        text: Box<str>,
    },
    /// Close a socket. What still comes from it is ignored.
    Close {
        /// Which.
        attempt: u64,
        /// The WebSocket close code: 1000, or 4000 to 4999.
        code: u16,
        /// Why, at most 123 bytes.
        reason: Box<str>,
    },
    /// Get a bearer token, and feed `Token` or `TokenFailed`.
    WantToken {
        /// What for.
        purpose: TokenPurpose,
    },
    /// The connection's state is another.
    Connection(Connection),
    /// A call's one answer.
    Answered {
        /// Which call.
        call: u64,
        /// What became of it.
        #[serde(flatten)]
        answer: Answer,
    },
    /// The server told an event. Each comes once, in order.
    Event(Event),
    /// A mirror is another. Told after the event that changed it.
    Changed {
        /// Of which kind.
        mirror: MirrorKind,
        /// Which: the session's resource, the agent or the call; empty for services.
        key: Box<str>,
        /// In which way.
        #[serde(flatten)]
        how: Change,
    },
    /// The link went on after its socket was lost, and everything missed has come: nothing was lost.
    Resumed {
        /// How many messages had been missed.
        messages: u64,
        /// How many requests were sent again.
        resent: u32,
        /// How long there was no socket, in milliseconds.
        away_ms: u64,
    },
    /// The link could not go on. Everything that can be was bound and read anew, mirrors are whole again; what happened
    /// meanwhile is in them, but was not told as events.
    Resnapshotted {
        /// Why.
        why: FreshReason,
        /// How many calls were answered `request.outcomeunknown`.
        outcomes_unknown: u32,
        /// How many sessions are gone with the link: they are to be prepared again, with `override`.
        sessions_lost: u32,
        /// How long there was no link, in milliseconds.
        away_ms: u64,
    },
    /// Something that does not stop anything, but that somebody should know.
    Warning(Problem),
}

/// What a token is wanted for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum TokenPurpose {
    /// For the next `connect`.
    Connect,
    /// The link's token expires soon, or did.
    Renew,
}

/// What became of a call.
#[derive(Debug, Serialize)]
#[serde(tag = "result", rename_all = "camelCase")]
pub enum Answer {
    /// It is done.
    Success {
        /// The protocol's `response`: `command`, `result`, and what the command says more. Of the network core: the same, with
        /// `data` where there is any.
        response: Box<RawValue>,
    },
    /// `prepareSession` wants a confirmation: nothing was done. Ask again with `override` to take the session over.
    Confirm {
        /// The protocol's `response`, with `message` and `details`.
        response: Box<RawValue>,
    },
    /// It failed, on the server or here.
    Failure {
        /// Why.
        failure: Problem,
    },
}

/// An event as the server told it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Event {
    /// The message's number; absent from `linkMoved`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seq: Option<u64>,
    /// Of a resource's event: which service. Absent from events of the core.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub service_id: Option<Box<str>>,
    /// Of a resource's event: which resource.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resource_id: Option<Box<str>>,
    /// The protocol's `event`: what and with which data.
    pub event: Box<RawValue>,
}

/// The kinds of mirrors.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum MirrorKind {
    /// What services there are and how they are.
    Services,
    /// A session's objects.
    Session,
    /// The teams of an agent.
    Roster,
    /// The queues an agent sees.
    Queues,
    /// A call's journey.
    Journey,
}

/// In which way a mirror is another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "change", rename_all = "camelCase")]
pub enum Change {
    /// The event before this applies: whoever keeps a copy applies it, too.
    Event,
    /// It is new as a whole: read it again. Events told while it was read are in it.
    Snapshot,
    /// What it shows may be out of date until the next `snapshot`: the link is a fresh one, or the platform cannot be asked.
    Stale,
    /// It is over, and gone.
    Ended {
        /// Why.
        why: EndReason,
        /// Of a session that was superseded: the name of the client that has it now, where it is known.
        #[serde(skip_serializing_if = "Option::is_none")]
        client: Option<Box<str>>,
        /// Of a session that was superseded: when, in milliseconds since 1970-01-01 UTC on the server's clock.
        #[serde(skip_serializing_if = "Option::is_none")]
        at: Option<u64>,
    },
}

impl From<EndReason> for Change {
    fn from(why: EndReason) -> Self {
        Self::Ended { why, client: None, at: None }
    }
}

/// Why a mirror is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum EndReason {
    /// The application ended it: a logout, `report.….end`, an unbinding.
    Asked,
    /// The call is over.
    Over,
    /// The right to it ended, or the server refused it after a reconnection.
    Denied,
    /// Another client took the session over: only the user's act takes it back.
    Superseded,
    /// The agent was logged out elsewhere.
    LoggedOut,
    /// The session was not started in time, or its client was away for too long.
    Released,
    /// The link it lived by is gone.
    LinkLost,
    /// The desk was stopped.
    Stopped,
}

impl fmt::Debug for DeskOutput {
    /// Tells no text that is sent.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Open { attempt, url } => write!(f, "Open({attempt}, {url})"),
            Self::Send { attempt, text } => write!(f, "Send({attempt}, {} bytes)", text.len()),
            Self::Close { attempt, code, reason } => write!(f, "Close({attempt}, {code}, {reason})"),
            Self::WantToken { purpose } => write!(f, "WantToken({purpose:?})"),
            Self::Connection(connection) => connection.fmt(f),
            Self::Answered { call, answer: Answer::Failure { failure } } => write!(f, "Answered({call}, {failure:?})"),
            Self::Answered { call, answer: Answer::Success { .. } } => write!(f, "Answered({call}, success)"),
            Self::Answered { call, answer: Answer::Confirm { .. } } => write!(f, "Answered({call}, confirm)"),
            Self::Event(event) => event.fmt(f),
            Self::Changed { mirror, key, how } => write!(f, "Changed({mirror:?}, {key}, {how:?})"),
            Self::Resumed { messages, resent, away_ms } => write!(f, "Resumed({messages}, {resent}, {away_ms} ms)"),
            Self::Resnapshotted { why, outcomes_unknown, sessions_lost, away_ms } => {
                write!(f, "Resnapshotted({why:?}, {outcomes_unknown}, {sessions_lost}, {away_ms} ms)")
            }
            Self::Warning(problem) => write!(f, "Warning({problem:?})"),
        }
    }
}

impl fmt::Debug for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let resource = self.resource_id.as_deref().unwrap_or("core");
        write!(f, "Event({:?}, {resource}, {})", self.seq, self.event)
    }
}
