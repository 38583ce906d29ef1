//! Changes of the roster that touch more than one agent's status: noted as they are made, and compared with the outcome at
//! the end of the input.

use std::collections::{BTreeMap, BTreeSet};

use super::Roster;
use super::delta::{Change, Delta, Fate, RelationChange, TeamChange};
use super::people::{Agent, Record, Relation, Roles, Seat, Team, Told};
use super::slab::{AgentIx, TeamIx};
use crate::cti::{Member, Role};
use crate::ids::{AgentId, TeamId};
use crate::time::Time;

/// One input's changes under way. Slots are freed by [`Changing::finish`] only, so no number changes its meaning in between.
pub(super) struct Changing<'a> {
    roster: &'a mut Roster,
    now: Time,
    /// The name before; `None`: the team is new.
    teams: BTreeMap<TeamIx, Option<Box<str>>>,
    removed: Vec<TeamIx>,
    /// The role clients saw before; `None`: no member.
    members: BTreeMap<(TeamIx, AgentIx), Option<Role>>,
    renamed: BTreeSet<AgentIx>,
    restated: BTreeSet<AgentIx>,
    /// Agents nothing may name any more.
    loosened: BTreeSet<AgentIx>,
}

impl<'a> Changing<'a> {
    pub(super) fn begin(roster: &'a mut Roster, now: Time) -> Self {
        Self {
            roster,
            now,
            teams: BTreeMap::new(),
            removed: Vec::new(),
            members: BTreeMap::new(),
            renamed: BTreeSet::new(),
            restated: BTreeSet::new(),
            loosened: BTreeSet::new(),
        }
    }

    /// The agent's number, a new one for a new id.
    pub(super) fn agent(&mut self, id: &AgentId) -> AgentIx {
        self.roster.agent_or_new(id, self.now)
    }

    /// The team's number, a new one for a new id.
    pub(super) fn team(&mut self, id: &TeamId, name: &str) -> TeamIx {
        if let Some(ix) = self.roster.team_ix(id.as_str()) {
            self.rename_team(ix, name);
            return ix;
        }
        let ix = self.roster.body.teams.insert(Team { id: id.clone(), name: name.into(), members: Vec::new() });
        self.roster.teams_by_id.insert(id.clone(), ix);
        self.teams.insert(ix, None);
        ix
    }

    pub(super) fn rename_team(&mut self, ix: TeamIx, name: &str) {
        let team = &mut self.roster.body.teams[ix];
        if *team.name != *name {
            let before = std::mem::replace(&mut team.name, name.into());
            self.teams.entry(ix).or_insert(Some(before));
        }
    }

    pub(super) fn remove_team(&mut self, ix: TeamIx) {
        self.replace_members(ix, &BTreeMap::new());
        let team = &self.roster.body.teams[ix];
        self.roster.teams_by_id.swap_remove(team.id.as_str());
        self.teams.entry(ix).or_insert_with(|| Some(team.name.clone()));
        self.removed.push(ix);
    }

    /// Sets everything the platform's own record of an agent says; `None`: there is no such record any more.
    pub(super) fn set_record(&mut self, ix: AgentIx, record: Option<Record>) {
        let agent = &mut self.roster.body.agents[ix];
        if agent.record == record {
            return;
        }
        let name_before: Box<str> = agent.name().into();
        agent.record = record;
        if agent.name() != &*name_before {
            self.renamed.insert(ix);
        }
        if agent.record.is_none() {
            self.loosened.insert(ix);
        }
    }

    /// Sets what an agent does; `None`: nothing is known of it.
    pub(super) fn set_status(&mut self, ix: AgentIx, told: Option<Told<'_>>) {
        let status = &mut self.roster.body.agents[ix].status;
        let changed = match told {
            Some(told) => status.tell(self.now, told),
            None => status.forget(self.now),
        };
        if changed {
            self.restated.insert(ix);
        }
        if told.is_none() {
            self.loosened.insert(ix);
        }
    }

    pub(super) fn remove_agent(&mut self, ix: AgentIx) {
        for relation in self.roster.body.agents[ix].relations.clone() {
            self.set_roles(relation.team, ix, Roles::default());
        }
        self.set_status(ix, None);
        self.set_record(ix, None);
        self.loosened.insert(ix);
    }

    pub(super) fn replace_members(&mut self, team: TeamIx, members: &BTreeMap<&AgentId, Roles>) {
        let leaving: Vec<AgentIx> = self.roster.body.teams[team]
            .members
            .iter()
            .map(|seat| seat.agent)
            .filter(|&agent| !members.contains_key(&self.roster.body.agents[agent].id))
            .collect();
        for agent in leaving {
            self.set_roles(team, agent, Roles::default());
        }
        for (id, roles) in members {
            let agent = self.agent(id);
            self.set_roles(team, agent, *roles);
        }
    }

    /// Ends and begins memberships, in this order.
    pub(super) fn change_members(&mut self, team: TeamIx, removed: &[Member], added: &[Member]) {
        for member in removed {
            if let Some(agent) = self.roster.agent_ix(member.agent.as_str()) {
                let roles = self.roster.roles(team, agent).without(member.role);
                self.set_roles(team, agent, roles);
            }
        }
        for member in added {
            let agent = self.agent(&member.agent);
            let roles = self.roster.roles(team, agent).with(member.role);
            self.set_roles(team, agent, roles);
        }
    }

    fn set_roles(&mut self, team: TeamIx, agent: AgentIx, roles: Roles) {
        let before = self.roster.roles(team, agent);
        if before == roles {
            return;
        }
        self.members.entry((team, agent)).or_insert(before.shown());
        let in_team = self.roster.seat(team, agent);
        let in_agent = self.roster.relation(agent, team);
        let body = &mut self.roster.body;
        let (seats, relations) = (&mut body.teams[team].members, &mut body.agents[agent].relations);
        match (in_team, in_agent) {
            (Ok(seat), Ok(relation)) if roles.is_none() => {
                seats.remove(seat);
                relations.remove(relation);
                body.memberships -= 1;
                self.loosened.insert(agent);
            }
            (Ok(seat), Ok(relation)) => {
                seats[seat].roles = roles;
                relations[relation].roles = roles;
            }
            (Err(seat), Err(relation)) => {
                seats.insert(seat, Seat { agent, roles });
                if relations.is_empty() {
                    relations.reserve_exact(1); // most are in one team, and there are many of them
                }
                relations.insert(relation, Relation { team, roles });
                body.memberships += 1;
            }
            (Ok(_), Err(_)) | (Err(_), Ok(_)) => unreachable!("INVARIANT: a team and its member know of each other"),
        }
    }

    /// Compares with what was before, and forgets what nothing names any more.
    pub(super) fn finish(mut self) -> Delta {
        let mut changes = self.changed_members();
        self.add_changed_agents(&mut changes);
        for ix in self.teams.keys() {
            changes.entry(*ix).or_default();
        }
        let mut teams: Vec<TeamChange> =
            changes.into_iter().filter_map(|(ix, members)| self.team_change(ix, members)).collect();
        teams.sort_unstable_by(|a, b| a.id.cmp(&b.id));
        self.forget();
        Delta(if teams.is_empty() { Change::Nothing } else { Change::Teams(teams) })
    }

    fn changed_members(&self) -> BTreeMap<TeamIx, MemberChanges> {
        let mut changes: BTreeMap<TeamIx, MemberChanges> = BTreeMap::new();
        for (&(team, agent), &before) in &self.members {
            let after = self.roster.roles(team, agent).shown();
            if before == after {
                continue;
            }
            let id = || self.roster.body.agents[agent].id.clone();
            let change = changes.entry(team).or_default();
            let relation = match (before.is_some(), after.is_some()) {
                (false, _) => RelationChange::Gained,
                (true, false) => RelationChange::Lost,
                (true, true) => RelationChange::RoleChanged,
            };
            change.relations.push((id(), relation));
            if before.is_some() {
                change.removed.push(id());
            }
            if after.is_some() {
                change.added.push(agent);
            }
        }
        changes
    }

    /// Renamed or restated members that were in the team before and are in it now, in the same role.
    fn add_changed_agents(&self, changes: &mut BTreeMap<TeamIx, MemberChanges>) {
        for &agent in self.renamed.union(&self.restated) {
            let Agent { id, relations, .. } = &self.roster.body.agents[agent];
            for relation in relations {
                let before = self.members.get(&(relation.team, agent));
                if before.is_some_and(|role| *role != relation.roles.shown()) {
                    continue;
                }
                let change = changes.entry(relation.team).or_default();
                if self.renamed.contains(&agent) {
                    change.removed.push(id.clone());
                    change.added.push(agent);
                } else {
                    change.restated.push(agent);
                }
            }
        }
    }

    fn team_change(&self, ix: TeamIx, mut members: MemberChanges) -> Option<TeamChange> {
        let Team { id, name, .. } = &self.roster.body.teams[ix];
        let fate = match self.teams.get(&ix) {
            Some(None) => Fate::Added,
            Some(Some(_)) if self.removed.contains(&ix) => Fate::Removed,
            Some(Some(before)) if before != name => Fate::Renamed,
            Some(Some(_)) | None => Fate::Kept,
        };
        if fate == Fate::Kept && members.is_empty() {
            return None;
        }
        let agents = &self.roster.body.agents;
        members.relations.sort_unstable_by(|a, b| a.0.cmp(&b.0));
        members.removed.sort_unstable();
        members.added.sort_unstable_by(|a, b| agents[*a].id.cmp(&agents[*b].id));
        members.restated.sort_unstable_by(|a, b| agents[*a].id.cmp(&agents[*b].id));
        Some(TeamChange {
            team: ix,
            id: id.clone(),
            name: name.clone(),
            fate,
            relations: members.relations,
            removed: members.removed,
            added: members.added,
            restated: members.restated,
        })
    }

    fn forget(&mut self) {
        for team in std::mem::take(&mut self.removed) {
            self.roster.body.teams.remove(team);
        }
        for agent in std::mem::take(&mut self.loosened) {
            if self.roster.body.agents[agent].is_forgotten()
                && let Some(gone) = self.roster.body.agents.remove(agent)
            {
                self.roster.agents_by_id.swap_remove(gone.id.as_str());
            }
        }
    }
}

#[derive(Default)]
struct MemberChanges {
    relations: Vec<(AgentId, RelationChange)>,
    removed: Vec<AgentId>,
    added: Vec<AgentIx>,
    restated: Vec<AgentIx>,
}

impl MemberChanges {
    fn is_empty(&self) -> bool {
        self.removed.is_empty() && self.added.is_empty() && self.restated.is_empty()
    }
}
