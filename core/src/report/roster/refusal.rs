//! How a record is refused, and how often it was.

use std::fmt;

use serde::{Deserialize, Serialize};

#[cfg(doc)]
use crate::limits::RosterLimits;
use crate::limits::{ID_BYTES_MAX, TEXT_BYTES_MAX};
#[cfg(doc)]
use crate::limits::{QUEUES_PER_SERVER_MAX, SERVED_MAX};

macro_rules! refusals {
    ($($(#[$doc:meta])* $name:ident = $text:literal,)*) => {
        /// Why a record was not taken. The roster is as it was before the record.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Refusal {
            $($(#[$doc])* $name,)*
        }

        impl Refusal {
            /// Every kind, in declaration order.
            pub const ALL: [Self; REFUSALS] = [$(Self::$name),*];
        }

        const REFUSALS: usize = [$($text),*].len();

        impl fmt::Display for Refusal {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(match self { $(Self::$name => $text,)* })
            }
        }

        impl std::error::Error for Refusal {}
    };
}

refusals! {
    /// More than [`RosterLimits::agents`].
    AgentsFull = "more agents than the limit: raise the limit of agents",
    /// More than [`RosterLimits::teams`].
    TeamsFull = "more teams than the limit: raise the limit of teams",
    /// More than [`RosterLimits::members_per_team`].
    MembersFull = "a team has more members than the limit: raise the limit of members or split the team",
    /// More than [`RosterLimits::teams_per_agent`].
    TeamsPerAgentFull = "a person is in more teams than the limit: raise the limit of teams per agent",
    /// More than [`RosterLimits::memberships`].
    MembershipsFull = "more memberships than the limit: raise the limit of memberships",
    /// More than [`RosterLimits::queues`].
    QueuesFull = "more queues than the limit: raise the limit of queues",
    /// An id is empty, longer than [`ID_BYTES_MAX`] or holds a control character.
    IdInvalid = "an id is not 1 to 128 bytes without control characters: the adapter must give another",
    /// A name, a reason or an extension is longer than [`TEXT_BYTES_MAX`].
    TextTooLong = "a name, reason or extension is longer than 512 bytes: shorten it on the platform",
    /// A change of a team that is not there.
    TeamUnknown = "a change of an unknown team: the adapter must tell the team first",
    /// Queues of an agent or a team that is not there.
    ServerUnknown = "queues of an unknown agent or team: the adapter must tell the agent or the team first",
    /// More than [`QUEUES_PER_SERVER_MAX`], or than [`SERVED_MAX`] in all.
    ServesTooMany = "an agent, a team, or all of them serve more queues than the limit: shorten the lists on the platform",
    /// A record after the platform went away, outside a resynchronisation.
    Frozen = "a record while the platform is away: the adapter must resynchronise first",
    /// An end of a resynchronisation that did not begin.
    NotResyncing = "the end of a resynchronisation that did not begin: the adapter must begin one",
}

/// How many records were refused, by kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refused([u64; REFUSALS]);

impl Refused {
    /// How many for this reason.
    pub fn count(&self, refusal: Refusal) -> u64 {
        self.0[refusal as usize]
    }

    /// How many in all.
    pub fn total(&self) -> u64 {
        self.0.iter().sum()
    }

    pub(super) fn note(&mut self, refusal: Refusal) {
        self.0[refusal as usize] += 1;
    }
}

pub(super) fn check_id(id: &str) -> Result<(), Refusal> {
    let valid = (1..=ID_BYTES_MAX).contains(&id.len()) && !id.chars().any(char::is_control);
    if valid { Ok(()) } else { Err(Refusal::IdInvalid) }
}

pub(super) fn check_text<'a>(texts: impl IntoIterator<Item = &'a str>) -> Result<(), Refusal> {
    let valid = texts.into_iter().all(|text| text.len() <= TEXT_BYTES_MAX);
    if valid { Ok(()) } else { Err(Refusal::TextTooLong) }
}
