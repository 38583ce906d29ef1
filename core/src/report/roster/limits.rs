//! The roster's bounds, and how a record beyond them is refused.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::limits::ID_BYTES_MAX;

/// Agents, those that only a membership or a status names included: twice the largest platform this is built for.
pub const AGENTS_MAX: u32 = 200_000;
/// Teams: ten agents a team at [`AGENTS_MAX`].
pub const TEAMS_MAX: u32 = 20_000;
/// Members of one team: about 2 MiB as one event, which still fits what may wait for a socket.
pub const MEMBERS_PER_TEAM_MAX: u32 = 10_000;
/// Teams one person is related to: each costs every change of that person's status one encoding.
pub const TEAMS_PER_AGENT_MAX: u32 = 1_000;
/// Memberships in all: 16 bytes each.
pub const MEMBERSHIPS_MAX: u32 = 1_000_000;
/// Queues.
pub const QUEUES_MAX: u32 = 20_000;
/// Bytes of a name, a reason or an extension: longer than any platform's column for one.
pub const TEXT_BYTES_MAX: usize = 512;

/// How much a roster holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits {
    /// See [`AGENTS_MAX`].
    pub agents: u32,
    /// See [`TEAMS_MAX`].
    pub teams: u32,
    /// See [`MEMBERS_PER_TEAM_MAX`].
    pub members_per_team: u32,
    /// See [`TEAMS_PER_AGENT_MAX`].
    pub teams_per_agent: u32,
    /// See [`MEMBERSHIPS_MAX`].
    pub memberships: u32,
    /// See [`QUEUES_MAX`].
    pub queues: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            agents: AGENTS_MAX,
            teams: TEAMS_MAX,
            members_per_team: MEMBERS_PER_TEAM_MAX,
            teams_per_agent: TEAMS_PER_AGENT_MAX,
            memberships: MEMBERSHIPS_MAX,
            queues: QUEUES_MAX,
        }
    }
}

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
    /// More than [`Limits::agents`].
    AgentsFull = "more agents than the limit: raise the limit of agents",
    /// More than [`Limits::teams`].
    TeamsFull = "more teams than the limit: raise the limit of teams",
    /// More than [`Limits::members_per_team`].
    MembersFull = "a team has more members than the limit: raise the limit of members or split the team",
    /// More than [`Limits::teams_per_agent`].
    TeamsPerAgentFull = "a person is in more teams than the limit: raise the limit of teams per agent",
    /// More than [`Limits::memberships`].
    MembershipsFull = "more memberships than the limit: raise the limit of memberships",
    /// More than [`Limits::queues`].
    QueuesFull = "more queues than the limit: raise the limit of queues",
    /// An id is empty, longer than [`ID_BYTES_MAX`] or holds a control character.
    IdInvalid = "an id is not 1 to 128 bytes without control characters: the adapter must give another",
    /// A name, a reason or an extension is longer than [`TEXT_BYTES_MAX`].
    TextTooLong = "a name, reason or extension is longer than 512 bytes: shorten it on the platform",
    /// A change of a team that is not there.
    TeamUnknown = "a change of an unknown team: the adapter must tell the team first",
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
