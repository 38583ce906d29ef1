//! Reading a roster.

use super::Roster;
use super::people::{Agent, Seat, Team};
use super::slab::{AgentIx, TeamIx};
use crate::cti::{AgentState, Role};
use crate::ids::{AgentId, TeamId};
use crate::time::Time;

impl Roster {
    /// The agent of this id, when a record, a membership or a status names it.
    pub fn agent(&self, id: &str) -> Option<AgentView<'_>> {
        self.agent_ix(id).map(|ix| self.agent_at(ix))
    }

    /// The team of this id.
    pub fn team(&self, id: &str) -> Option<TeamView<'_>> {
        self.team_ix(id).map(|ix| self.team_at(ix))
    }

    /// Every team, in no order that means anything, though the same on every target.
    pub fn teams(&self) -> impl Iterator<Item = TeamView<'_>> {
        self.body.teams.iter().map(|(_, team)| TeamView { roster: self, team })
    }

    /// How many agents there are, those without a record included.
    pub fn agent_count(&self) -> usize {
        self.body.agents.len()
    }

    /// How many teams there are.
    pub fn team_count(&self) -> usize {
        self.body.teams.len()
    }

    /// The queue's name.
    pub fn queue_name(&self, id: &str) -> Option<&str> {
        self.body.queues.get(id).map(|name| &**name)
    }

    /// The queue's name as it was told last: a platform names its queues before the calls in them, also while it tells
    /// everything.
    pub fn queue_name_told(&self, id: &str) -> Option<&str> {
        self.body.staging.as_deref().unwrap_or(self).queue_name(id)
    }

    /// Whether `supervisor` supervises a team that `agent`, another person or the same, is in.
    pub fn supervises(&self, supervisor: &str, agent: &str) -> bool {
        let (Some(supervisor), Some(agent)) = (self.agent_ix(supervisor), self.agent_ix(agent)) else { return false };
        let relations = &self.body.agents[supervisor].relations;
        relations
            .iter()
            .filter(|relation| relation.roles.contains(Role::Supervisor))
            .any(|relation| self.relation(agent, relation.team).is_ok())
    }

    pub(in crate::report) fn agent_ix(&self, id: &str) -> Option<AgentIx> {
        self.agents_by_id.get(id).copied()
    }

    pub(in crate::report) fn agent_at(&self, ix: AgentIx) -> AgentView<'_> {
        AgentView { roster: self, agent: &self.body.agents[ix] }
    }

    pub(in crate::report) fn team_at(&self, ix: TeamIx) -> TeamView<'_> {
        TeamView { roster: self, team: &self.body.teams[ix] }
    }

    /// The numbers of the agent's teams and its role in each, by team id.
    pub(in crate::report) fn relations_of(&self, ix: AgentIx) -> impl Iterator<Item = (TeamIx, Role)> {
        self.body.agents[ix].relations.iter().map(|relation| (relation.team, shown(relation.roles.shown())))
    }

    pub(in crate::report) fn role(&self, team: TeamIx, agent: AgentIx) -> Role {
        shown(self.roles(team, agent).shown())
    }

    pub(super) fn team_ix(&self, id: &str) -> Option<TeamIx> {
        self.teams_by_id.get(id).copied()
    }
}

/// One agent.
#[derive(Clone, Copy, Debug)]
pub struct AgentView<'a> {
    roster: &'a Roster,
    agent: &'a Agent,
}

impl<'a> AgentView<'a> {
    /// The agent's id.
    pub fn id(self) -> &'a AgentId {
        &self.agent.id
    }

    /// The name people read; the id until the agent's record came.
    pub fn name(self) -> &'a str {
        self.agent.name()
    }

    /// Whether the platform told a record of this agent.
    pub fn is_recorded(self) -> bool {
        self.agent.record.is_some()
    }

    /// What the agent does; logged out when nothing is known.
    pub fn state(self) -> AgentState {
        self.agent.status.state
    }

    /// The platform's reason code; empty for none.
    pub fn reason(self) -> &'a str {
        &self.agent.status.reason
    }

    /// When the state began.
    pub fn since(self) -> Time {
        self.agent.status.since
    }

    /// The state that follows when the present contact ends, where the platform said one.
    pub fn pending(self) -> Option<AgentState> {
        self.agent.status.pending
    }

    /// The extension the agent is logged in at, where told; else the agent's own.
    pub fn extension(self) -> Option<&'a str> {
        let own = || self.agent.record.as_ref()?.extension.as_deref();
        self.agent.status.extension.as_deref().or_else(own)
    }

    /// The agent's teams, by team id, and what the agent is in each.
    pub fn teams(self) -> impl Iterator<Item = (TeamView<'a>, Role)> {
        let roster = self.roster;
        self.agent.relations.iter().map(move |relation| (roster.team_at(relation.team), shown(relation.roles.shown())))
    }
}

/// One team.
#[derive(Clone, Copy, Debug)]
pub struct TeamView<'a> {
    roster: &'a Roster,
    team: &'a Team,
}

impl<'a> TeamView<'a> {
    /// The team's id.
    pub fn id(self) -> &'a TeamId {
        &self.team.id
    }

    /// The name people read.
    pub fn name(self) -> &'a str {
        &self.team.name
    }

    /// Everybody in it, by agent id, and what each is in it.
    pub fn members(self) -> impl Iterator<Item = (AgentView<'a>, Role)> {
        let view = move |seat: &Seat| (self.roster.agent_at(seat.agent), shown(seat.roles.shown()));
        self.team.members.iter().map(view)
    }
}

fn shown(role: Option<Role>) -> Role {
    role.expect("INVARIANT: a membership has a role, else it ends")
}
