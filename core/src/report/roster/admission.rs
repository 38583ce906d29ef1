//! Whether a record fits, asked before anything of it is taken; and whether a restored roster is one.

use std::collections::BTreeMap;

use super::people::Roles;
use super::refusal::{check_id, check_text};
use super::slab::TeamIx;
use super::{Refusal, Roster};
use crate::cti::{AgentRecord, Member, Server, Serves, TeamRecord};
use crate::ids::AgentId;
use crate::limits::QUEUES_PER_SERVER_MAX;

impl Roster {
    pub(super) fn admit_agent(&self, record: &AgentRecord) -> Result<(), Refusal> {
        check_id(record.id.as_str())?;
        check_text([&*record.name].into_iter().chain(record.extension.as_deref()))?;
        match self.agent_ix(record.id.as_str()) {
            Some(_) => Ok(()),
            None => self.admit_agents(1),
        }
    }

    pub(super) fn admit_agents(&self, more: usize) -> Result<(), Refusal> {
        let fits = self.body.agents.len() + more <= self.body.limits.agents as usize;
        if fits { Ok(()) } else { Err(Refusal::AgentsFull) }
    }

    /// The team's members by id, each once, with all their roles.
    pub(super) fn admit_team<'r>(&self, record: &'r TeamRecord) -> Result<BTreeMap<&'r AgentId, Roles>, Refusal> {
        check_id(record.id.as_str())?;
        check_text([&*record.name])?;
        let team = self.team_ix(record.id.as_str());
        if team.is_none() && self.body.teams.len() >= self.body.limits.teams as usize {
            return Err(Refusal::TeamsFull);
        }
        let mut members: BTreeMap<&AgentId, Roles> = BTreeMap::new();
        for member in &record.members {
            check_id(member.agent.as_str())?;
            let roles = members.entry(&member.agent).or_default();
            *roles = roles.with(member.role);
        }
        let before = team.map_or(0, |ix| self.body.teams[ix].members.len());
        self.admit_members(before, members.len())?;
        self.admit_joining(team, members.keys().copied())?;
        Ok(members)
    }

    pub(super) fn admit_change(
        &self,
        team: TeamIx,
        name: Option<&str>,
        added: &[Member],
        removed: &[Member],
    ) -> Result<(), Refusal> {
        check_text(name)?;
        let mut touched: BTreeMap<&AgentId, Roles> = BTreeMap::new();
        for (member, begins) in removed.iter().map(|member| (member, false)).chain(added.iter().map(|m| (m, true))) {
            check_id(member.agent.as_str())?;
            let now = || self.agent_ix(member.agent.as_str()).map_or(Roles::default(), |ix| self.roles(team, ix));
            let roles = touched.entry(&member.agent).or_insert_with(now);
            *roles = if begins { roles.with(member.role) } else { roles.without(member.role) };
        }
        let before = self.body.teams[team].members.len();
        let is_member = |id: &AgentId| self.agent_ix(id.as_str()).is_some_and(|ix| self.seat(team, ix).is_ok());
        let leaving = touched.iter().filter(|(id, roles)| roles.is_none() && is_member(id)).count();
        let joining: Vec<&AgentId> =
            touched.iter().filter(|(id, roles)| !roles.is_none() && !is_member(id)).map(|(id, _)| *id).collect();
        self.admit_members(before, before - leaving + joining.len())?;
        self.admit_joining(Some(team), joining)
    }

    /// Who serves which queue is kept beside queue status; what is let in is decided here.
    pub(super) fn admit_serves(&self, serves: &Serves) -> Result<(), Refusal> {
        let known = match &serves.who {
            Server::Agent(agent) => self.agent_ix(agent.as_str()).is_some(),
            Server::Team(team) => self.team_ix(team.as_str()).is_some(),
        };
        if !known {
            return Err(Refusal::ServerUnknown);
        }
        if serves.queues.len() > QUEUES_PER_SERVER_MAX as usize {
            return Err(Refusal::ServesTooMany);
        }
        serves.queues.iter().try_for_each(|queue| check_id(queue.as_str()))
    }

    fn admit_members(&self, before: usize, after: usize) -> Result<(), Refusal> {
        let limits = &self.body.limits;
        if after > before && after > limits.members_per_team as usize {
            return Err(Refusal::MembersFull);
        }
        if after > before && self.body.memberships as usize - before + after > limits.memberships as usize {
            return Err(Refusal::MembershipsFull);
        }
        Ok(())
    }

    /// Whether these, the present members among them aside, can join the team.
    fn admit_joining<'r>(
        &self,
        team: Option<TeamIx>,
        members: impl IntoIterator<Item = &'r AgentId>,
    ) -> Result<(), Refusal> {
        let mut unknown = 0;
        for id in members {
            let Some(agent) = self.agent_ix(id.as_str()) else {
                unknown += 1;
                continue;
            };
            let is_member = team.is_some_and(|team| self.relation(agent, team).is_ok());
            let teams = self.body.agents[agent].relations.len();
            if !is_member && teams >= self.body.limits.teams_per_agent as usize {
                return Err(Refusal::TeamsPerAgentFull);
            }
        }
        self.admit_agents(unknown)
    }

    /// Whether a restored roster holds together: false only for a snapshot nobody wrote.
    pub(super) fn is_sound(&self) -> bool {
        let body = &self.body;
        let slabs = body.agents.is_sound() && body.teams.is_sound();
        let ids = self.agents_by_id.len() == body.agents.len() && self.teams_by_id.len() == body.teams.len();
        let staging = body.staging.as_ref().is_none_or(|staging| staging.body.staging.is_none());
        if !(slabs && ids && staging) {
            return false;
        }
        let numbers = body.teams.iter().all(|(_, team)| {
            team.members.iter().all(|seat| body.agents.get(seat.agent).is_some() && !seat.roles.is_none())
        }) && body
            .agents
            .iter()
            .all(|(_, agent)| agent.relations.iter().all(|relation| body.teams.get(relation.team).is_some()));
        if !numbers {
            return false;
        }
        let ordered =
            body.teams
                .iter()
                .all(|(_, team)| team.members.is_sorted_by(|a, b| body.agents[a.agent].id < body.agents[b.agent].id))
                && body.agents.iter().all(|(_, agent)| {
                    agent.relations.is_sorted_by(|a, b| body.teams[a.team].id < body.teams[b.team].id)
                });
        let mutual = ordered
            && body
                .teams
                .iter()
                .all(|(ix, team)| team.members.iter().all(|seat| self.roles(ix, seat.agent) == seat.roles));
        let seats: usize = body.teams.iter().map(|(_, team)| team.members.len()).sum();
        let relations: usize = body.agents.iter().map(|(_, agent)| agent.relations.len()).sum();
        mutual && seats == relations && seats == body.memberships as usize
    }
}
