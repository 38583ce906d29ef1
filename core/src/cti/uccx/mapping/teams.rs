//! Teams as TEAM_CONFIG_EVENT tells them.

use std::collections::{BTreeMap, BTreeSet};

use super::agents::Unheeded;
use super::roster::{Roster, team_id, team_record};
use super::{login_id, word, words};
use crate::cti::uccx::codec::messages::{TeamConfigEvent, TeamMember};
use crate::cti::uccx::codec::names::{agent_flags, member_type, record_type, team_operation};
use crate::cti::uccx::config::UccxConfig;
use crate::cti::{Event, Member, Role, Server};
use crate::ids::AgentId;

/// The most members of one event: where one holds as many, events of the same team that follow at once go on with it.
const RECORDS_PER_EVENT: usize = 64;

/// A team. One person may stand in it twice: as a supervisor and as somebody who takes calls.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::cti::uccx) struct Team {
    pub(super) name: Box<str>,
    /// By login id and whether as a supervisor.
    pub(super) members: BTreeMap<(AgentId, bool), Role>,
}

/// Who is what in a team.
#[derive(Clone, Debug, Default)]
pub(in crate::cti::uccx) struct RoleRules {
    leads: BTreeSet<Box<str>>,
    secondary_lead: bool,
}

impl RoleRules {
    pub(in crate::cti::uccx) fn new(config: &UccxConfig) -> Self {
        Self {
            leads: config.team_leads.iter().cloned().collect(),
            secondary_lead: config.secondary_supervisors_are_team_leads,
        }
    }

    /// The role that `AgentFlags` and the configuration give.
    pub(in crate::cti::uccx) fn role(&self, agent: &AgentId, flags: u16) -> Role {
        if flags & agent_flags::PRIMARY_SUPERVISOR != 0 {
            Role::Supervisor
        } else if self.leads.contains(agent.as_str()) {
            Role::TeamLead
        } else if flags & agent_flags::SUPERVISOR != 0 {
            if self.secondary_lead { Role::TeamLead } else { Role::Supervisor }
        } else {
            Role::Agent
        }
    }
}

const fn is_supervisor(flags: u16) -> bool {
    flags & (agent_flags::PRIMARY_SUPERVISOR | agent_flags::SUPERVISOR) != 0
}

impl Roster {
    /// TEAM_CONFIG_EVENT: the event for the engine, if anything is new.
    pub(in crate::cti::uccx) fn team(
        &mut self,
        event: &TeamConfigEvent<'_>,
        rules: &RoleRules,
        records_max: usize,
    ) -> Result<Option<Event>, Unheeded> {
        let goes_on = self.goes_on(event);
        self.listing = None;
        if event.operation == team_operation::REMOVE {
            let gone = self.teams.remove(&event.team_id);
            return Ok(gone.map(|_| Event::TeamRemoved { team: team_id(event.team_id) }));
        }
        if !matches!(event.operation, team_operation::ADD | team_operation::CHANGE) {
            return Err(Unheeded::Unexpected);
        }
        if event.members.len() >= RECORDS_PER_EVENT {
            self.listing = Some(event.team_id);
        }
        let before = self.teams.get(&event.team_id);
        if before.is_none() && self.teams.len() >= records_max {
            return Err(Unheeded::Full);
        }
        let told_in_full = event.operation == team_operation::ADD && !goes_on;
        let mut team = before.cloned().unwrap_or_default();
        if told_in_full {
            team.members.clear();
        }
        let name = words(event.team_name);
        if !name.is_empty() {
            team.name = name;
        } else if team.name.is_empty() {
            team.name = event.team_id.to_string().into();
        }
        for record in event.members {
            apply(&mut team, &record, rules, records_max);
        }
        let news = match before {
            None => Some(Event::Team(team_record(event.team_id, &team))),
            Some(before) => changes(event.team_id, before, &team),
        };
        self.teams.insert(event.team_id, team);
        Ok(news)
    }

    /// The queues among the records of TEAM_CONFIG_EVENT: the event for the engine, if anything is new. To be asked after
    /// [`Roster::team`]; `goes_on` as [`Roster::goes_on`] said before it.
    pub(in crate::cti::uccx) fn team_queues(
        &mut self,
        event: &TeamConfigEvent<'_>,
        goes_on: bool,
    ) -> Result<Option<Event>, Unheeded> {
        let who = Server::Team(team_id(event.team_id));
        if !self.teams.contains_key(&event.team_id) {
            self.served.remove(&who);
            return Ok(None);
        }
        let told_in_full = event.operation == team_operation::ADD && !goes_on;
        let before = self.served.get(&who).filter(|_| !told_in_full);
        let mut queues = before.cloned().unwrap_or_default();
        for record in event.members.into_iter().filter(|record| record.member_type == Some(member_type::CSQ)) {
            let Some(queue) = word(record.agent_id).and_then(|id| id.parse().ok()) else { continue };
            if record.record_type == Some(record_type::DELETE) {
                queues.remove(&queue);
            } else {
                queues.insert(queue);
            }
        }
        Ok(self.set_served(who, queues))
    }

    /// Whether an event goes on with the list of the one before it.
    pub(in crate::cti::uccx) fn goes_on(&self, event: &TeamConfigEvent<'_>) -> bool {
        self.listing == Some(event.team_id)
    }

    /// Takes an agent that is gone out of all teams; the engine does the same.
    pub(super) fn leave_teams(&mut self, agent: &AgentId) {
        for team in self.teams.values_mut() {
            team.members.remove(&(agent.clone(), false));
            team.members.remove(&(agent.clone(), true));
        }
    }
}

/// One record of a team: queues are no people.
fn apply(team: &mut Team, record: &TeamMember<'_>, rules: &RoleRules, members_max: usize) {
    if record.member_type.is_some_and(|kind| kind != member_type::AGENT) {
        return;
    }
    let Some(agent) = login_id(record.agent_id) else { return };
    let flags = record.agent_flags.unwrap_or(0);
    let role = rules.role(&agent, flags);
    let key = (agent, is_supervisor(flags));
    if record.record_type == Some(record_type::DELETE) {
        // Flags that say otherwise than before mean the one membership there is.
        if team.members.remove(&key).is_none() {
            team.members.remove(&(key.0, !key.1));
        }
        return;
    }
    if record.record_type == Some(record_type::CHANGE) {
        team.members.remove(&(key.0.clone(), !key.1));
    }
    if team.members.len() < members_max || team.members.contains_key(&key) {
        team.members.insert(key, role);
    }
}

fn changes(id: u32, before: &Team, after: &Team) -> Option<Event> {
    let name = (before.name != after.name).then(|| after.name.clone());
    let roles = |team: &Team| -> BTreeSet<(AgentId, Role)> {
        team.members.iter().map(|((agent, _), role)| (agent.clone(), *role)).collect()
    };
    let (old, new) = (roles(before), roles(after));
    let members = |set: Vec<&(AgentId, Role)>| -> Vec<Member> {
        set.into_iter().map(|(agent, role)| Member { agent: agent.clone(), role: *role }).collect()
    };
    let added = members(new.difference(&old).collect());
    let removed = members(old.difference(&new).collect());
    let news = name.is_some() || !added.is_empty() || !removed.is_empty();
    news.then(|| Event::TeamChanged { team: team_id(id), name, added, removed })
}
