//! One channel: a way by which contacts come to the agent; and groups of them.

use serde::{Deserialize, Serialize};

use super::grammar::Life;
use super::interaction::Interaction;
use super::told::Told;
use crate::cti::{AgentState, Media, Offers};
use crate::time::Time;

/// Whether it can be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum State {
    /// Its client switched it off.
    Inactive,
    Active,
    /// The platform is away: nobody knows.
    Unavailable {
        was_active: bool,
    },
}

/// Whether contacts come by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Availability {
    Ready,
    NotReady,
    Busy,
    Work,
}

/// A group of channels.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Group {
    pub(crate) id: Box<str>,
    pub(crate) name: Box<str>,
    pub(crate) since: Time,
    pub(crate) life: Life,
    pub(crate) told: Told,
}

/// The object.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Channel {
    pub(crate) id: Box<str>,
    /// The group it is in; none where it stands alone.
    pub(crate) group: Option<Box<str>>,
    pub(crate) media: Media,
    pub(crate) endpoint: Box<str>,
    pub(crate) state: State,
    pub(crate) info: Info,
    pub(crate) since: Time,
    pub(crate) interactions: Vec<Interaction>,
    pub(crate) life: Life,
    pub(crate) told: Told,
    /// What `channel.infochanged` told last in this binding.
    pub(crate) told_info: Option<(State, Info)>,
}

/// What `channel.infochanged` tells beside the state.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Info {
    pub(crate) availability: Availability,
    /// The platform's code for being not ready; empty for none.
    pub(crate) reason: Box<str>,
    pub(crate) pending: Option<Availability>,
}

impl State {
    /// The state that follows from whether the platform is in service.
    pub(crate) fn step(self, in_service: bool) -> Self {
        match (self, in_service) {
            (Self::Unavailable { was_active: true }, true) => Self::Active,
            (Self::Unavailable { was_active: false }, true) => Self::Inactive,
            (Self::Active, false) => Self::Unavailable { was_active: true },
            (Self::Inactive, false) => Self::Unavailable { was_active: false },
            (state, _) => state,
        }
    }

    /// The state that follows when its client switches it on or off.
    pub(crate) fn switch(self, on: bool) -> Self {
        match self {
            Self::Unavailable { .. } => Self::Unavailable { was_active: on },
            Self::Active | Self::Inactive => {
                if on {
                    Self::Active
                } else {
                    Self::Inactive
                }
            }
        }
    }

    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Inactive => "INACTIVE",
            Self::Active => "ACTIVE",
            Self::Unavailable { .. } => "UNAVAILABLE",
        }
    }
}

impl Availability {
    /// What the agent's state says for a channel without contacts.
    pub(crate) const fn of(state: AgentState) -> Self {
        match state {
            AgentState::LoggedOut | AgentState::NotReady => Self::NotReady,
            AgentState::Ready => Self::Ready,
            AgentState::Reserved | AgentState::Talking | AgentState::Hold => Self::Busy,
            AgentState::Work => Self::Work,
        }
    }

    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Ready => "READY",
            Self::NotReady => "NOT_READY",
            Self::Busy => "BUSY",
            Self::Work => "ACW",
        }
    }
}

impl Info {
    /// What follows from the agent's state, and from whether a contact goes on by this channel.
    pub(crate) fn derive(agent: AgentState, reason: &str, pending: Option<AgentState>, in_contact: bool) -> Self {
        // A platform shows an agent on a call that no queue brought as not ready: calls decide, not that state.
        let availability = if in_contact { Availability::Busy } else { Availability::of(agent) };
        let is_busy = availability == Availability::Busy;
        let reason = if availability == Availability::NotReady { reason.into() } else { Box::default() };
        Self { availability, reason, pending: pending.map(Availability::of).filter(|_| is_busy) }
    }
}

/// The word for a medium in `type`.
pub(crate) const fn type_of(media: Media) -> &'static str {
    match media {
        Media::Voice => "telephony",
        Media::Chat => "chat",
        Media::Email => "email",
    }
}

/// The medium of a `type`.
pub(crate) fn media_of(text: &str) -> Option<Media> {
    [Media::Voice, Media::Chat, Media::Email].into_iter().find(|media| type_of(*media) == text)
}

/// Whether the platform has channels of that medium.
pub(crate) const fn is_offered(media: Media, offers: &Offers) -> bool {
    match media {
        Media::Voice => offers.telephony,
        Media::Chat => offers.chat,
        Media::Email => offers.email,
    }
}
