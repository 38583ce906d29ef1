//! What the roster keeps of one agent and of one team.

use serde::{Deserialize, Serialize};

use super::slab::{AgentIx, TeamIx};
use crate::cti::{AgentState, AgentStatus, Role};
use crate::ids::{AgentId, TeamId};
use crate::time::Time;

/// The roles one person has in one team, at least one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(in crate::report) struct Roles(u8);

impl Roles {
    const NONE: Self = Self(0);

    pub(in crate::report) fn with(self, role: Role) -> Self {
        Self(self.0 | 1 << role as u8)
    }

    pub(in crate::report) fn without(self, role: Role) -> Self {
        Self(self.0 & !(1 << role as u8))
    }

    pub(in crate::report) fn contains(self, role: Role) -> bool {
        self.0 & 1 << role as u8 != 0
    }

    pub(in crate::report) fn is_none(self) -> bool {
        self == Self::NONE
    }

    /// The role clients see: the first by precedence.
    pub(in crate::report) fn shown(self) -> Option<Role> {
        [Role::Supervisor, Role::TeamLead, Role::Agent].into_iter().find(|&role| self.contains(role))
    }
}

/// An agent, or an id that so far only a membership or a status names.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(in crate::report) struct Agent {
    pub(in crate::report) id: AgentId,
    /// What the platform's own record of the agent says, once it was told.
    pub(in crate::report) record: Option<Record>,
    pub(in crate::report) status: Status,
    /// The agent's teams, by team id.
    pub(in crate::report) relations: Vec<Relation>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::report) struct Record {
    pub(in crate::report) name: Box<str>,
    pub(in crate::report) extension: Option<Box<str>>,
}

#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(in crate::report) struct Relation {
    pub(in crate::report) team: TeamIx,
    pub(in crate::report) roles: Roles,
}

impl Agent {
    pub(in crate::report) fn new(id: AgentId, now: Time) -> Self {
        Self { id, record: None, status: Status::untold(now), relations: Vec::new() }
    }

    /// The name clients see: the id until the agent's record comes.
    pub(in crate::report) fn name(&self) -> &str {
        self.record.as_ref().map_or(self.id.as_str(), |record| &record.name)
    }

    /// Nothing names it any more.
    pub(in crate::report) fn is_forgotten(&self) -> bool {
        self.record.is_none() && self.relations.is_empty() && !self.status.told
    }
}

/// What an agent does.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(in crate::report) struct Status {
    pub(in crate::report) state: AgentState,
    pub(in crate::report) told: bool,
    pub(in crate::report) pending: Option<AgentState>,
    /// A `String`, so that the next reason finds room without an allocation.
    pub(in crate::report) reason: String,
    pub(in crate::report) since: Time,
    /// `since` in the platform's own words, where it said so.
    pub(in crate::report) told_since: Option<Time>,
    pub(in crate::report) extension: Option<Box<str>>,
}

/// A statement of what an agent does.
#[derive(Clone, Copy, Debug)]
pub(super) struct Told<'a> {
    pub(super) state: AgentState,
    pub(super) reason: &'a str,
    pub(super) since: Option<Time>,
    pub(super) pending: Option<AgentState>,
    pub(super) extension: Option<&'a str>,
}

impl<'a> From<&'a AgentStatus> for Told<'a> {
    fn from(status: &'a AgentStatus) -> Self {
        Self {
            state: status.state,
            reason: &status.reason,
            since: status.since,
            pending: status.pending,
            extension: status.extension.as_deref(),
        }
    }
}

impl Status {
    /// Nothing is known: shown as logged out.
    fn untold(now: Time) -> Self {
        Self {
            state: AgentState::LoggedOut,
            told: false,
            pending: None,
            reason: String::new(),
            since: now,
            told_since: None,
            extension: None,
        }
    }

    pub(super) fn as_told(&self) -> Told<'_> {
        Told {
            state: self.state,
            reason: &self.reason,
            since: self.told_since,
            pending: self.pending,
            extension: self.extension.as_deref(),
        }
    }

    pub(super) fn tell(&mut self, now: Time, told: Told<'_>) -> bool {
        self.told = true;
        self.set(now, told)
    }

    /// What was known no longer holds.
    pub(super) fn forget(&mut self, now: Time) -> bool {
        self.told = false;
        let unknown = Told { state: AgentState::LoggedOut, reason: "", since: None, pending: None, extension: None };
        self.set(now, unknown)
    }

    /// Takes the statement; true when clients see a difference. `since` moves only with one, so that it never differs
    /// from what clients were told: to the platform's own word (never later than now), else to now when the state
    /// changed; a new reason within a state leaves it.
    fn set(&mut self, now: Time, told: Told<'_>) -> bool {
        self.pending = told.pending;
        if self.extension.as_deref() != told.extension {
            self.extension = told.extension.map(Into::into);
        }
        let state_changes = self.state != told.state;
        if told.since.is_some() || state_changes {
            self.told_since = told.since;
        }
        if !state_changes && self.reason == told.reason {
            return false;
        }
        match told.since {
            Some(since) => self.since = since.min(now),
            None if state_changes => self.since = now,
            None => {}
        }
        self.state = told.state;
        self.reason.clear();
        self.reason.push_str(told.reason);
        true
    }
}

/// A team.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(in crate::report) struct Team {
    pub(in crate::report) id: TeamId,
    pub(in crate::report) name: Box<str>,
    /// Everybody in it, by agent id.
    pub(in crate::report) members: Vec<Seat>,
}

/// One person's place in a team.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(in crate::report) struct Seat {
    pub(in crate::report) agent: AgentIx,
    pub(in crate::report) roles: Roles,
}
