//! Agents, teams, queues.

use serde::{Deserialize, Serialize};

use crate::ids::{AgentId, QueueId, TeamId};
use crate::time::Time;

/// A person who takes calls, leads a team or supervises one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AgentRecord {
    /// The login id.
    pub id: AgentId,
    /// The name people read.
    pub name: Box<str>,
    /// The agent's own extension, where the platform says one.
    pub extension: Option<Box<str>>,
}

/// What the platform says an agent does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum AgentState {
    /// Not logged in, or nothing is known.
    LoggedOut,
    /// Logged in, takes no contacts.
    NotReady,
    /// Waits for a contact.
    Ready,
    /// A contact is being brought to the agent.
    Reserved,
    /// On a contact.
    Talking,
    /// On a contact that is held.
    Hold,
    /// After-call work.
    Work,
}

impl AgentState {
    /// Every state, in declaration order.
    pub const ALL: [Self; 7] =
        [Self::LoggedOut, Self::NotReady, Self::Ready, Self::Reserved, Self::Talking, Self::Hold, Self::Work];

    /// The word clients read in `state`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::LoggedOut => "loggedout",
            Self::NotReady => "notready",
            Self::Ready => "ready",
            Self::Reserved => "reserved",
            Self::Talking => "talking",
            Self::Hold => "hold",
            Self::Work => "work",
        }
    }

    /// The three-valued view clients read in `status`.
    pub const fn status(self) -> &'static str {
        match self {
            Self::Ready => "ready",
            Self::Work => "ACW",
            Self::LoggedOut | Self::NotReady | Self::Reserved | Self::Talking | Self::Hold => "not_ready",
        }
    }
}

/// A change of what an agent does, or a statement of it during a resynchronisation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AgentStatus {
    /// Whose.
    pub agent: AgentId,
    /// The state now.
    pub state: AgentState,
    /// The platform's reason code as text; empty for none.
    pub reason: Box<str>,
    /// When the state began, where the platform knows better than "now".
    pub since: Option<Time>,
    /// The state that follows when the present contact ends, where the platform says one.
    pub pending: Option<AgentState>,
    /// The extension the agent is logged in at, where told.
    pub extension: Option<Box<str>>,
}

/// What a member is in a team. The order is the order of precedence where one person is several of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Role {
    /// Supervises the team.
    Supervisor,
    /// Leads it from within.
    TeamLead,
    /// Belongs to it.
    Agent,
}

impl Role {
    /// The word clients read in `memberType`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Supervisor => "Supervisor",
            Self::TeamLead => "TeamLead",
            Self::Agent => "Agent",
        }
    }
}

/// A member of a team. One person may stand in a team in several roles; clients see the first by [`Role`]'s order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Member {
    /// Who.
    pub agent: AgentId,
    /// As what.
    pub role: Role,
}

/// A whole team: added, or replaced.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TeamRecord {
    /// The team's id.
    pub id: TeamId,
    /// The name people read.
    pub name: Box<str>,
    /// Everybody in it, supervisors included.
    pub members: Vec<Member>,
}

/// A queue (UCCX: contact service queue).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct QueueRecord {
    /// The queue's id.
    pub id: QueueId,
    /// The name people read.
    pub name: Box<str>,
}

/// Whose list of queues it is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Server {
    /// An agent takes their contacts.
    Agent(AgentId),
    /// A team is responsible for them: its people see them, whether or not they take their contacts.
    Team(TeamId),
}

/// The queues an agent takes contacts of, or a team is responsible for: all of them, in place of what was told before.
///
/// Platforms that do not know this do not tell it; [`QueueStatus`](crate::report::queuestatus::QueueStatus) says what
/// follows then.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Serves {
    /// Who.
    pub who: Server,
    /// Which.
    pub queues: Vec<QueueId>,
}
