//! Where the connection is: one state at a time, each with its own data.

use std::time::Duration;

use super::connection::{Connection, Loss, LossReason};
use super::limits;
use super::problem::Problem;
use super::reports::Reports;
use crate::protocol::{Client, Server};
use crate::time::Time;

/// Where the connection is.
#[derive(Debug)]
pub(super) enum Phase {
    Idle,
    /// A token was asked for.
    Token {
        since: Time,
    },
    /// A socket was asked for.
    Opening {
        /// None once it is gone.
        attempt: Option<u64>,
        url: Box<str>,
        since: Time,
    },
    /// `connect` was sent.
    Greeting {
        /// None once it is gone.
        attempt: Option<u64>,
        url: Box<str>,
        since: Time,
        /// Whether it resumes the link there is.
        is_resuming: bool,
    },
    Live(Box<Live>),
    Waiting {
        next_at: Time,
        why: Loss,
        failed: u32,
    },
    Offline {
        until: Time,
    },
    Moved {
        since: Time,
    },
    Refused {
        since: Time,
        failure: Problem,
    },
    Closed,
}

/// A socket on which the link stands.
#[derive(Debug)]
pub(super) struct Live {
    /// None once it is gone.
    pub(super) attempt: Option<u64>,
    pub(super) url: Box<str>,
    pub(super) since: Time,
    pub(super) server: Server,
    pub(super) client: Client,
    pub(super) guarantee: Box<str>,
    pub(super) clock_ahead_ms: i64,
    pub(super) heartbeat: Duration,
    pub(super) message_bytes: u64,
    pub(super) requests_per_second: u32,
    /// When something came last.
    pub(super) heard: Time,
    /// Until when something has to come: a `ping` was sent.
    pub(super) probe: Option<Time>,
    /// Why it is in doubt.
    pub(super) doubt: LossReason,
}

impl Phase {
    /// When something is to be done about it.
    pub(super) fn deadline(&self) -> Option<Time> {
        match self {
            Self::Token { since } => Some(*since + limits::TOKEN_WITHIN),
            Self::Opening { since, .. } | Self::Greeting { since, .. } => Some(*since + limits::CONNECT_WITHIN),
            Self::Live(live) => Some(live.probe.unwrap_or(live.heard + live.heartbeat)),
            Self::Waiting { next_at, .. } => Some(*next_at),
            Self::Offline { until } => Some(*until),
            Self::Idle | Self::Moved { .. } | Self::Refused { .. } | Self::Closed => None,
        }
    }

    /// The socket there is.
    pub(super) const fn attempt(&self) -> Option<u64> {
        match self {
            Self::Opening { attempt, .. } | Self::Greeting { attempt, .. } => *attempt,
            Self::Live(live) => live.attempt,
            Self::Idle
            | Self::Token { .. }
            | Self::Waiting { .. }
            | Self::Offline { .. }
            | Self::Moved { .. }
            | Self::Refused { .. }
            | Self::Closed => None,
        }
    }

    /// What the application is told of it.
    pub(super) fn connection(&self, reports: &Reports) -> Connection {
        let lost_at = |or: Time| reports.lost_at().unwrap_or(or).as_millis();
        match self {
            Self::Idle => Connection::Idle,
            Self::Token { since } => Connection::WaitingForToken { since: since.as_millis() },
            Self::Opening { url, since, .. } | Self::Greeting { url, since, .. } => {
                Connection::Connecting { url: url.clone(), since: since.as_millis() }
            }
            Self::Live(live) => Connection::Live {
                url: live.url.clone(),
                since: live.since.as_millis(),
                server: live.server.clone(),
                client: live.client.clone(),
                guarantee: live.guarantee.clone(),
                clock_ahead_ms: live.clock_ahead_ms,
            },
            Self::Waiting { next_at, why, failed } => Connection::Reconnecting {
                since: lost_at(*next_at),
                why: why.clone(),
                next_at: next_at.as_millis(),
                failed: *failed,
            },
            Self::Offline { until } => Connection::Offline { since: lost_at(*until) },
            Self::Moved { since } => Connection::Moved { since: since.as_millis() },
            Self::Refused { since, failure } => {
                Connection::Refused { since: since.as_millis(), failure: failure.clone() }
            }
            Self::Closed => Connection::Closed,
        }
    }
}
