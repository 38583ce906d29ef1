//! Everything the platform's configuration and its agents' states say: the truth a resynchronisation tells.

use std::collections::{BTreeMap, BTreeSet};

use super::teams::Team;
use crate::cti::{AgentRecord, AgentState, AgentStatus, Event, Member, QueueRecord, Server, Serves, TeamRecord};
use crate::ids::{AgentId, QueueId, TeamId};
use crate::time::Time;

/// Agents, teams, queues and devices.
#[derive(Clone, Debug, Default)]
pub(in crate::cti::uccx) struct Roster {
    pub(in crate::cti::uccx) agents: BTreeMap<AgentId, Agent>,
    pub(super) teams: BTreeMap<u32, Team>,
    pub(super) queues: BTreeMap<u32, Box<str>>,
    /// The queues that are assigned to agents, and those that stand among a team's records.
    pub(super) served: BTreeMap<Server, BTreeSet<u32>>,
    /// What devices are called, by number.
    pub(super) devices: BTreeMap<Box<str>, Box<str>>,
    /// Who is logged in at an extension or instrument.
    pub(super) lines: BTreeMap<Box<str>, AgentId>,
    /// Whose configured extension a number is.
    pub(super) extensions: BTreeMap<Box<str>, AgentId>,
    /// The team of the last event, while events of the same team that follow it go on with its list.
    pub(super) listing: Option<u32>,
}

/// What is known of an agent.
#[derive(Clone, Debug)]
pub(in crate::cti::uccx) struct Agent {
    pub(super) first_name: Box<str>,
    pub(super) last_name: Box<str>,
    /// The extension the configuration gives.
    pub(super) extension: Option<Box<str>>,
    /// Whether the configuration knows the agent.
    pub(in crate::cti::uccx) configured: bool,
    pub(in crate::cti::uccx) state: AgentState,
    pub(super) reason: Box<str>,
    pub(super) since: Option<Time>,
    pub(super) pending: Option<AgentState>,
    /// The extension the agent is logged in at.
    pub(super) at: Option<Box<str>>,
    pub(super) instrument: Option<Box<str>>,
    /// Whether the state was told since this roster was begun.
    pub(in crate::cti::uccx) stated: bool,
}

impl Default for Agent {
    fn default() -> Self {
        Self {
            first_name: "".into(),
            last_name: "".into(),
            extension: None,
            configured: false,
            state: AgentState::LoggedOut,
            reason: "".into(),
            since: None,
            pending: None,
            at: None,
            instrument: None,
            stated: false,
        }
    }
}

impl Agent {
    pub(super) fn name(&self, id: &AgentId) -> Box<str> {
        let name = format!("{} {}", self.first_name, self.last_name);
        match name.trim() {
            "" => id.as_str().into(),
            name => name.into(),
        }
    }

    /// The instrument to name in requests: the one logged in at, else the one configured.
    pub(in crate::cti::uccx) fn instrument(&self) -> Option<&str> {
        self.instrument.as_deref().or(self.at.as_deref()).or(self.extension.as_deref())
    }

    /// Whether the state still has to be asked for: it was not told, or not where the agent is logged in.
    pub(in crate::cti::uccx) fn is_open(&self) -> bool {
        !self.stated || self.state != AgentState::LoggedOut && self.at.is_none() && self.instrument.is_none()
    }

    /// Where the agent is logged in.
    pub(super) fn lines(&self) -> [Option<Box<str>>; 2] {
        [self.at.clone(), self.instrument.clone()]
    }

    pub(super) fn record(&self, id: &AgentId) -> AgentRecord {
        AgentRecord { id: id.clone(), name: self.name(id), extension: self.extension.clone() }
    }

    pub(super) fn status(&self, id: &AgentId) -> AgentStatus {
        AgentStatus {
            agent: id.clone(),
            state: self.state,
            reason: self.reason.clone(),
            since: self.since,
            pending: self.pending,
            extension: self.at.clone(),
        }
    }
}

impl Roster {
    /// A roster to read everything into; where the configuration cannot be read, what is known of agents stays.
    pub(in crate::cti::uccx) fn begun(before: &Self, configuration: bool) -> Self {
        let mut roster = Self::default();
        if !configuration {
            roster.clone_from(before);
            roster.listing = None;
            roster.teams.clear();
            roster.served.retain(|who, _| matches!(who, Server::Agent(_)));
            for agent in roster.agents.values_mut() {
                agent.stated = false;
            }
        }
        roster
    }

    /// The whole truth, in the order of a resynchronisation.
    pub(in crate::cti::uccx) fn events(&self) -> impl Iterator<Item = Event> {
        let queues = self.queues.iter().map(|(id, name)| Event::Queue(queue_record(*id, name)));
        let agents = self.agents.iter().map(|(id, agent)| Event::Agent(agent.record(id)));
        let teams = self.teams.iter().map(|(id, team)| Event::Team(team_record(*id, team)));
        let served = self.served.iter().map(|(who, queues)| Event::Serves(serves(who, queues)));
        let statuses = self.agents.iter().map(|(id, agent)| Event::AgentStatus(agent.status(id)));
        queues.chain(agents).chain(teams).chain(served).chain(statuses)
    }

    /// The agent a client names: by its id, else by one that differs in the case of letters only.
    pub(in crate::cti::uccx) fn find_agent(&self, id: &AgentId) -> Option<(&AgentId, &Agent)> {
        let same = |known: &&AgentId| known.as_str().eq_ignore_ascii_case(id.as_str());
        match self.agents.get_key_value(id) {
            Some(found) => Some(found),
            None => self.agents.get_key_value(self.agents.keys().find(same)?),
        }
    }

    pub(in crate::cti::uccx) fn counts(&self) -> (usize, usize, usize) {
        (self.agents.len(), self.teams.len(), self.queues.len())
    }
}

pub(super) fn queue_id(id: u32) -> QueueId {
    QueueId::from(id.to_string())
}

pub(super) fn team_id(id: u32) -> TeamId {
    TeamId::from(id.to_string())
}

pub(super) fn queue_record(id: u32, name: &str) -> QueueRecord {
    QueueRecord { id: queue_id(id), name: name.into() }
}

pub(super) fn team_record(id: u32, team: &Team) -> TeamRecord {
    let members = team.members.iter().map(|((agent, _), role)| Member { agent: agent.clone(), role: *role }).collect();
    TeamRecord { id: team_id(id), name: team.name.clone(), members }
}

pub(super) fn serves(who: &Server, queues: &BTreeSet<u32>) -> Serves {
    Serves { who: who.clone(), queues: queues.iter().copied().map(queue_id).collect() }
}
