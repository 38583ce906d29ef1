//! One interaction: what an agent has to do with one contact, through transfers and new ids until it is wrapped up.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::conversation::{self, Conversation};
use super::grammar::Life;
use super::told::Told;
use crate::cti::{Cause, LegState, Media, PartyRole};
use crate::ids::CallId;
use crate::time::Time;

/// Where it is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum State {
    Alerting,
    Dialing,
    Started,
    /// Its contact is over; it is completed by its client, by the agent's next state, or then.
    Ended {
        until: Time,
    },
    /// Nothing is left to do; the object goes with the next look.
    Completed,
}

/// Who ended a contact.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum By {
    Agent,
    /// Somebody else on it.
    Party,
    Platform,
}

impl By {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Agent => "agent",
            Self::Party => "party",
            Self::Platform => "platform",
        }
    }
}

/// What carries it: a call has conversations, a chat or an e-mail is one leg.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) enum Carrier {
    Voice { conversations: Vec<Conversation> },
    Other { media: Media, leg: CallId },
}

/// The object.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Interaction {
    pub(crate) id: Box<str>,
    pub(crate) carrier: Carrier,
    pub(crate) state: State,
    pub(crate) is_outbound: bool,
    /// The id its journey is asked for by: the leg it began with.
    pub(crate) call: CallId,
    /// The leg whose data it shows, and which after-call work is for.
    pub(crate) leg: CallId,
    /// When its contact began.
    pub(crate) began: Time,
    /// When its state began.
    pub(crate) since: Time,
    pub(crate) role: PartyRole,
    pub(crate) data: BTreeMap<Box<str>, Box<str>>,
    /// The revision of the leg whose data it shows, as it was last compared.
    #[serde(skip)]
    pub(crate) seen: Option<u64>,
    /// The data changed since clients were told it.
    pub(crate) is_data_new: bool,
    /// Why and by whose doing its contact is over.
    pub(crate) ending: Option<(Cause, By)>,
    /// The conversation clients were told has the focus.
    pub(crate) focus: Option<Box<str>>,
    /// Its client completed it while it was going on: it goes as it ends.
    pub(crate) is_completing: bool,
    /// The agent has after-call work for it.
    pub(crate) is_wrapping: bool,
    pub(crate) life: Life,
    pub(crate) told: Told,
}

impl State {
    /// The state that follows from the lines it has now; none are left when `lines` is empty.
    pub(crate) fn step(self, lines: impl Iterator<Item = conversation::State>, until: Time) -> Self {
        let mut next = None;
        for line in lines {
            next = Some(match (line, next) {
                (conversation::State::Connected | conversation::State::Held, _) | (_, Some(Self::Started)) => {
                    Self::Started
                }
                (conversation::State::Dialing, _) => Self::Dialing,
                (conversation::State::Alerting, next) => next.unwrap_or(Self::Alerting),
                (conversation::State::Ended, next) => next.unwrap_or(self),
            });
        }
        match (self, next) {
            (Self::Ended { .. } | Self::Completed, _) => self,
            (_, None) => Self::Ended { until },
            // A consultation that rings does not undo that the call was answered.
            (Self::Started, Some(_)) => Self::Started,
            (Self::Alerting | Self::Dialing, Some(next)) => next,
        }
    }

    /// The state that follows when nothing is left to do.
    pub(crate) fn complete(self) -> Self {
        Self::Completed
    }

    /// Whether the contact goes on.
    pub(crate) const fn is_live(self) -> bool {
        matches!(self, Self::Alerting | Self::Dialing | Self::Started)
    }

    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Alerting => "ALERTING",
            Self::Dialing => "DIALING",
            Self::Started => "STARTED",
            Self::Ended { .. } => "ENDED",
            Self::Completed => "COMPLETED",
        }
    }
}

impl Interaction {
    pub(crate) fn conversations(&self) -> &[Conversation] {
        match &self.carrier {
            Carrier::Voice { conversations } => conversations,
            Carrier::Other { .. } => &[],
        }
    }

    pub(crate) fn conversations_mut(&mut self) -> &mut [Conversation] {
        match &mut self.carrier {
            Carrier::Voice { conversations } => conversations,
            Carrier::Other { .. } => &mut [],
        }
    }

    pub(crate) fn media(&self) -> Media {
        match &self.carrier {
            Carrier::Voice { .. } => Media::Voice,
            Carrier::Other { media, .. } => *media,
        }
    }

    /// The one of that role.
    pub(crate) fn line(&self, role: conversation::Role) -> Option<&Conversation> {
        self.conversations().iter().find(|one| one.role == role && one.state != conversation::State::Ended)
    }

    /// The legs it goes on through.
    pub(crate) fn legs(&self) -> impl Iterator<Item = &CallId> {
        let other = match &self.carrier {
            Carrier::Other { leg, .. } if self.state.is_live() => Some(leg),
            Carrier::Other { .. } | Carrier::Voice { .. } => None,
        };
        let lines = self.conversations().iter().filter(|one| one.state != conversation::State::Ended);
        lines.map(|one| &one.leg).chain(other)
    }

    /// The conversation the agent attends to: the one that is not held while another is.
    pub(crate) fn attended(&self) -> Option<&Conversation> {
        let is_there = |one: &&Conversation| one.state != conversation::State::Ended;
        let lines: Vec<&Conversation> = self.conversations().iter().filter(is_there).collect();
        let free = |one: &&&Conversation| one.state != conversation::State::Held;
        match lines.as_slice() {
            [] => None,
            [one] => Some(one),
            lines => {
                let mut free = lines.iter().filter(free);
                let told = || lines.iter().find(|one| Some(&one.id) == self.focus.as_ref());
                match (free.next(), free.next()) {
                    (Some(one), None) => Some(*one),
                    _ => told().or(lines.first()).copied(),
                }
            }
        }
    }
}

/// The state of a contact that has no conversations.
pub(crate) fn line_of(seen: Option<LegState>) -> Option<conversation::State> {
    seen.map(conversation::State::of)
}
