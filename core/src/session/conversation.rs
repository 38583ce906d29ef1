//! One conversation: an agent's part in one leg of a call.

use serde::{Deserialize, Serialize};

use super::grammar::Life;
use super::told::Told;
use crate::cti::{LegState, RecordingState};
use crate::ids::CallId;

/// What the agent does on the leg.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum State {
    Alerting,
    Dialing,
    Connected,
    Held,
    /// The agent is on the leg no more; the object goes with the next look.
    Ended,
}

/// Which of an interaction's two it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Role {
    Primary,
    Consult,
}

/// The object.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Conversation {
    pub(crate) id: Box<str>,
    pub(crate) role: Role,
    pub(crate) leg: CallId,
    pub(crate) state: State,
    pub(crate) since: crate::time::Time,
    pub(crate) recording: RecordingState,
    pub(crate) members: Vec<Member>,
    pub(crate) life: Life,
    pub(crate) told: Told,
}

/// Somebody else on the leg.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Member {
    pub(crate) id: Box<str>,
    pub(crate) name: Box<str>,
    pub(crate) address: Box<str>,
    pub(crate) seat: Seat,
}

/// Whether the client knows that somebody is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Seat {
    /// Not yet.
    New,
    Told,
    /// It does, and must hear that the member left.
    Left,
}

impl State {
    /// The state that follows from what the agent does on the leg; none where the agent is on it no more.
    pub(crate) fn step(self, seen: Option<LegState>) -> Self {
        match (self, seen) {
            (Self::Ended, _) | (_, None) => Self::Ended,
            (_, Some(seen)) => Self::of(seen),
        }
    }

    /// The state of somebody who is on a leg.
    pub(crate) fn of(seen: LegState) -> Self {
        match seen {
            LegState::Ringing => Self::Alerting,
            LegState::Dialing => Self::Dialing,
            LegState::Connected | LegState::Queued => Self::Connected,
            LegState::Held => Self::Held,
        }
    }

    /// Whether the agent speaks, or is about to.
    pub(crate) const fn is_active(self) -> bool {
        matches!(self, Self::Connected | Self::Dialing)
    }

    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Alerting => "ALERTING",
            Self::Dialing => "DIALING",
            Self::Connected => "CONNECTED",
            Self::Held => "HELD",
            Self::Ended => "ENDED",
        }
    }
}

impl Role {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Primary => "primary",
            Self::Consult => "consult",
        }
    }
}
