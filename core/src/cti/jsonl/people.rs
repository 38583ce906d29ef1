//! Agents, teams and queues as lines.

use serde::{Deserialize, Serialize};

use super::error::LineError;
use super::values::{Id, Millis};
use super::words::{RoleWord, StateWord};
use crate::cti::{AgentRecord, AgentStatus, Event, Member, QueueRecord, Role, Server, Serves, TeamRecord};

/// `agent`: an agent is new, or its name or extension changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AgentLine {
    /// The login id.
    pub id: Id,
    /// The name people read.
    pub name: Box<str>,
    /// The agent's own extension.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub extension: Option<Box<str>>,
}

/// `agentRemoved`, `teamRemoved`, `queueRemoved`: it is gone from the platform.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Removed {
    /// Whose record.
    pub id: Id,
}

/// A membership.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MemberShape {
    /// Who.
    pub agent: Id,
    /// As what; absent: as an agent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub role: Option<RoleWord>,
}

/// `team`: a team is new, or is told in full again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TeamLine {
    /// The team's id.
    pub id: Id,
    /// The name people read.
    pub name: Box<str>,
    /// Everybody in it, supervisors included.
    pub members: Vec<MemberShape>,
}

/// `teamChanged`: what of a team changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TeamChangedLine {
    /// The team's id.
    pub id: Id,
    /// The new name, when it changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<Box<str>>,
    /// Memberships that begin.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub added: Vec<MemberShape>,
    /// Memberships that end; applied before `added`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub removed: Vec<MemberShape>,
}

/// `queue`: a queue is new, or its name changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct QueueLine {
    /// The queue's id.
    pub id: Id,
    /// The name people read.
    pub name: Box<str>,
}

/// `serves`: which queues an agent, or a team, serves; exactly one of both is named.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServesLine {
    /// The agent who takes their contacts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub agent: Option<Id>,
    /// The team that is responsible for them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub team: Option<Id>,
    /// All of them.
    pub queues: Vec<Id>,
}

/// `agentStatus`: an agent does something else now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StatusLine {
    /// Whose.
    pub agent: Id,
    /// The state now.
    pub state: StateWord,
    /// The reason code as text; absent or empty for none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<Box<str>>,
    /// When the state began; absent for now.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub since: Option<Millis>,
    /// The state that follows when the present contact ends.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pending: Option<StateWord>,
    /// The extension the agent is logged in at.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub extension: Option<Box<str>>,
}

/// A text that may be left out when it is empty.
pub(super) fn unless_empty(text: &str) -> Option<Box<str>> {
    (!text.is_empty()).then(|| text.into())
}

impl From<&AgentRecord> for AgentLine {
    fn from(record: &AgentRecord) -> Self {
        Self { id: (&record.id).into(), name: record.name.clone(), extension: record.extension.clone() }
    }
}

impl From<AgentLine> for Event {
    fn from(line: AgentLine) -> Self {
        Self::Agent(AgentRecord { id: line.id.into(), name: line.name, extension: line.extension })
    }
}

impl From<&Member> for MemberShape {
    fn from(member: &Member) -> Self {
        let role = (member.role != Role::Agent).then(|| member.role.into());
        Self { agent: (&member.agent).into(), role }
    }
}

impl From<MemberShape> for Member {
    fn from(shape: MemberShape) -> Self {
        Self { agent: shape.agent.into(), role: shape.role.map_or(Role::Agent, Role::from) }
    }
}

impl From<&TeamRecord> for TeamLine {
    fn from(record: &TeamRecord) -> Self {
        Self { id: (&record.id).into(), name: record.name.clone(), members: all(&record.members) }
    }
}

impl From<TeamLine> for Event {
    fn from(line: TeamLine) -> Self {
        Self::Team(TeamRecord { id: line.id.into(), name: line.name, members: into_all(line.members) })
    }
}

impl From<TeamChangedLine> for Event {
    fn from(line: TeamChangedLine) -> Self {
        Self::TeamChanged {
            team: line.id.into(),
            name: line.name,
            added: into_all(line.added),
            removed: into_all(line.removed),
        }
    }
}

impl From<&QueueRecord> for QueueLine {
    fn from(record: &QueueRecord) -> Self {
        Self { id: (&record.id).into(), name: record.name.clone() }
    }
}

impl From<QueueLine> for Event {
    fn from(line: QueueLine) -> Self {
        Self::Queue(QueueRecord { id: line.id.into(), name: line.name })
    }
}

impl From<&Serves> for ServesLine {
    fn from(serves: &Serves) -> Self {
        let (agent, team) = match &serves.who {
            Server::Agent(agent) => (Some(agent.into()), None),
            Server::Team(team) => (None, Some(team.into())),
        };
        Self { agent, team, queues: all(&serves.queues) }
    }
}

impl ServesLine {
    /// What it stands for.
    pub(super) fn event(self) -> Result<Event, LineError> {
        let who = match (self.agent, self.team) {
            (Some(agent), None) => Server::Agent(agent.into()),
            (None, Some(team)) => Server::Team(team.into()),
            (None, None) => return Err(LineError::of("agent", "is missing: name an `agent` or a `team`".to_owned())),
            (Some(_), Some(_)) => {
                return Err(LineError::of("team", "stands beside `agent`: one line for each, please".to_owned()));
            }
        };
        Ok(Event::Serves(Serves { who, queues: into_all(self.queues) }))
    }
}

impl From<&AgentStatus> for StatusLine {
    fn from(status: &AgentStatus) -> Self {
        Self {
            agent: (&status.agent).into(),
            state: status.state.into(),
            reason: unless_empty(&status.reason),
            since: status.since.map(Millis::from),
            pending: status.pending.map(StateWord::from),
            extension: status.extension.clone(),
        }
    }
}

impl From<StatusLine> for Event {
    fn from(line: StatusLine) -> Self {
        Self::AgentStatus(AgentStatus {
            agent: line.agent.into(),
            state: line.state.into(),
            reason: line.reason.unwrap_or_default(),
            since: line.since.map(Into::into),
            pending: line.pending.map(Into::into),
            extension: line.extension,
        })
    }
}

/// Each as its shape.
pub(super) fn all<'a, T: 'a, S: From<&'a T>>(items: &'a [T]) -> Vec<S> {
    items.iter().map(S::from).collect()
}

/// Each shape as what it stands for.
pub(super) fn into_all<S, T: From<S>>(shapes: Vec<S>) -> Vec<T> {
    shapes.into_iter().map(T::from).collect()
}
