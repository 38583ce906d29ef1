//! Agents, teams, who is in which, and what everybody does: one plain value, changed by the platform's events.
//!
//! ```text
//! platform ──Event──► Roster::apply ──Delta──► TeamStatus::publish ──► subscribers
//! ```
//!
//! *A resynchronisation* is staged in a roster of its own and becomes visible as one change at its end: what it did not
//! mention is gone. *Platform away*: the roster is frozen as it was, a resynchronisation under way is dropped, and records
//! are refused until the next one ends; nobody is logged out by it.
//!
//! *Unknown agents*: a membership or a status may name an agent whose record has not come yet; it is shown with its id
//! as its name.

mod admission;
mod change;
mod delta;
pub(in crate::report) mod people;
mod refusal;
pub(in crate::report) mod slab;
mod views;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use self::change::Changing;
pub(in crate::report) use self::delta::{Change, Fate, TeamChange};
pub use self::delta::{Delta, RelationChange};
use self::people::{Agent, Record, Roles, Team};
pub use self::refusal::{Refusal, Refused};
use self::refusal::{check_id, check_text};
use self::slab::{AgentIx, Slab, TeamIx};
pub use self::views::{AgentView, TeamView};
use crate::cti::{AgentStatus, Event};
use crate::ids::{AgentId, QueueId, TeamId};
use crate::limits::RosterLimits;
use crate::map::Map;
use crate::time::Time;

/// Who is in which team and does what.
#[derive(Clone, Debug)]
pub struct Roster {
    body: Body,
    agents_by_id: Map<AgentId, AgentIx>,
    teams_by_id: Map<TeamId, TeamIx>,
}

/// What a snapshot holds of a roster.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Body {
    seed: u64,
    limits: RosterLimits,
    agents: Slab<AgentIx, Agent>,
    teams: Slab<TeamIx, Team>,
    memberships: u32,
    queues: BTreeMap<QueueId, Box<str>>,
    /// A resynchronisation under way.
    staging: Option<Box<Roster>>,
    frozen: bool,
    refused: Refused,
}

impl Roster {
    /// An empty roster with the default bounds, its hashes keyed by `seed`.
    pub fn new(seed: u64) -> Self {
        Self::with_limits(seed, RosterLimits::default())
    }

    /// An empty roster with these bounds.
    pub fn with_limits(seed: u64, limits: RosterLimits) -> Self {
        let body = Body {
            seed,
            limits,
            agents: Slab::new(),
            teams: Slab::new(),
            memberships: 0,
            queues: BTreeMap::new(),
            staging: None,
            frozen: false,
            refused: Refused::default(),
        };
        Self { body, agents_by_id: Map::new(seed), teams_by_id: Map::new(seed) }
    }

    /// Takes one event and says what clients see differently. Events that say nothing about people change nothing.
    ///
    /// # Errors
    /// A record beyond the bounds, or out of place, is refused and counted ([`Roster::refused`]); nothing else changed.
    pub fn apply(&mut self, now: Time, event: &Event) -> Result<Delta, Refusal> {
        let outcome = self.take(now, event);
        if let Err(refusal) = outcome {
            self.body.refused.note(refusal);
        }
        outcome
    }

    /// How many records were refused, by kind.
    pub fn refused(&self) -> &Refused {
        &self.body.refused
    }

    /// Whether a resynchronisation is under way.
    pub fn is_resyncing(&self) -> bool {
        self.body.staging.is_some()
    }

    /// Whether the platform went away and no resynchronisation has ended since.
    pub fn is_frozen(&self) -> bool {
        self.body.frozen
    }

    fn take(&mut self, now: Time, event: &Event) -> Result<Delta, Refusal> {
        match event {
            Event::AgentStatus(_)
            | Event::Agent(_)
            | Event::AgentRemoved { .. }
            | Event::Team(_)
            | Event::TeamRemoved { .. }
            | Event::TeamChanged { .. }
            | Event::Queue(_)
            | Event::QueueRemoved { .. }
            | Event::Serves(_) => match &mut self.body.staging {
                Some(staging) => staging.record(now, event).map(|_| Delta::default()),
                None if self.body.frozen => Err(Refusal::Frozen),
                None => self.record(now, event),
            },
            Event::ResyncBegin => {
                self.body.staging = Some(Box::new(Self::with_limits(self.body.seed, self.body.limits)));
                Ok(Delta::default())
            }
            Event::ResyncEnd => {
                let truth = self.body.staging.take().ok_or(Refusal::NotResyncing)?;
                self.body.frozen = false;
                Ok(self.become_like(now, *truth))
            }
            Event::Down { .. } => {
                self.body.staging = None;
                self.body.frozen = true;
                Ok(Delta::default())
            }
            Event::Up(_) | Event::Call(_) | Event::Answer(_) => Ok(Delta::default()),
        }
    }

    /// Takes a record at once.
    fn record(&mut self, now: Time, event: &Event) -> Result<Delta, Refusal> {
        match event {
            Event::AgentStatus(status) => return self.restate(now, status),
            Event::Agent(record) => {
                self.admit_agent(record)?;
                let mut changing = Changing::begin(self, now);
                let agent = changing.agent(&record.id);
                let record = Record { name: record.name.clone(), extension: record.extension.clone() };
                changing.set_record(agent, Some(record));
                return Ok(changing.finish());
            }
            Event::AgentRemoved { agent } => {
                if let Some(ix) = self.agent_ix(agent.as_str()) {
                    let mut changing = Changing::begin(self, now);
                    changing.remove_agent(ix);
                    return Ok(changing.finish());
                }
            }
            Event::Team(record) => {
                let members = self.admit_team(record)?;
                let mut changing = Changing::begin(self, now);
                let team = changing.team(&record.id, &record.name);
                changing.replace_members(team, &members);
                return Ok(changing.finish());
            }
            Event::TeamRemoved { team } => {
                if let Some(ix) = self.team_ix(team.as_str()) {
                    let mut changing = Changing::begin(self, now);
                    changing.remove_team(ix);
                    return Ok(changing.finish());
                }
            }
            Event::TeamChanged { team, name, added, removed } => {
                let ix = self.team_ix(team.as_str()).ok_or(Refusal::TeamUnknown)?;
                self.admit_change(ix, name.as_deref(), added, removed)?;
                let mut changing = Changing::begin(self, now);
                if let Some(name) = name {
                    changing.rename_team(ix, name);
                }
                changing.change_members(ix, removed, added);
                return Ok(changing.finish());
            }
            Event::Queue(record) => {
                check_id(record.id.as_str())?;
                check_text([&*record.name])?;
                let is_new = !self.body.queues.contains_key(&record.id);
                if is_new && self.body.queues.len() >= self.body.limits.queues as usize {
                    return Err(Refusal::QueuesFull);
                }
                self.body.queues.insert(record.id.clone(), record.name.clone());
            }
            Event::QueueRemoved { queue } => {
                self.body.queues.remove(queue);
            }
            Event::Serves(serves) => self.admit_serves(serves)?,
            Event::Up(_)
            | Event::Down { .. }
            | Event::ResyncBegin
            | Event::ResyncEnd
            | Event::Call(_)
            | Event::Answer(_) => {}
        }
        Ok(Delta::default())
    }

    /// The hot path: touches one agent, allocates nothing.
    fn restate(&mut self, now: Time, status: &AgentStatus) -> Result<Delta, Refusal> {
        check_text([&*status.reason].into_iter().chain(status.extension.as_deref()))?;
        let ix = match self.agent_ix(status.agent.as_str()) {
            Some(ix) => ix,
            None => {
                check_id(status.agent.as_str())?;
                self.admit_agents(1)?;
                self.agent_or_new(&status.agent, now)
            }
        };
        let agent = &mut self.body.agents[ix];
        let changed = agent.status.tell(now, status.into());
        Ok(Delta(if changed && !agent.relations.is_empty() { Change::Status(ix) } else { Change::Nothing }))
    }

    /// Applies a whole truth as one change.
    fn become_like(&mut self, now: Time, mut truth: Self) -> Delta {
        self.body.queues = std::mem::take(&mut truth.body.queues);
        let (agents, teams) = (self.body.agents.iter(), self.body.teams.iter());
        let gone_teams: Vec<TeamIx> =
            teams.filter(|(_, team)| truth.team_ix(team.id.as_str()).is_none()).map(|(ix, _)| ix).collect();
        let gone_agents: Vec<AgentIx> =
            agents.filter(|(_, agent)| truth.agent_ix(agent.id.as_str()).is_none()).map(|(ix, _)| ix).collect();
        let mut changing = Changing::begin(self, now);
        for team in gone_teams {
            changing.remove_team(team);
        }
        for agent in gone_agents {
            changing.remove_agent(agent);
        }
        for (_, agent) in truth.body.agents.iter() {
            let ix = changing.agent(&agent.id);
            changing.set_record(ix, agent.record.clone());
            changing.set_status(ix, agent.status.told.then(|| agent.status.as_told()));
        }
        for (_, team) in truth.body.teams.iter() {
            let ix = changing.team(&team.id, &team.name);
            let seats = team.members.iter();
            let members: BTreeMap<&AgentId, Roles> =
                seats.map(|seat| (&truth.body.agents[seat.agent].id, seat.roles)).collect();
            changing.replace_members(ix, &members);
        }
        changing.finish()
    }

    fn agent_or_new(&mut self, id: &AgentId, now: Time) -> AgentIx {
        if let Some(ix) = self.agent_ix(id.as_str()) {
            return ix;
        }
        let ix = self.body.agents.insert(Agent::new(id.clone(), now));
        self.agents_by_id.insert(id.clone(), ix);
        ix
    }

    /// Where in the team's members the agent sits, or would.
    fn seat(&self, team: TeamIx, agent: AgentIx) -> Result<usize, usize> {
        let agents = &self.body.agents;
        let id = &agents[agent].id;
        self.body.teams[team].members.binary_search_by(|seat| agents[seat.agent].id.cmp(id))
    }

    /// Where in the agent's relations the team stands, or would.
    fn relation(&self, agent: AgentIx, team: TeamIx) -> Result<usize, usize> {
        let teams = &self.body.teams;
        let id = &teams[team].id;
        self.body.agents[agent].relations.binary_search_by(|relation| teams[relation.team].id.cmp(id))
    }

    fn roles(&self, team: TeamIx, agent: AgentIx) -> Roles {
        self.relation(agent, team).map_or(Roles::default(), |place| self.body.agents[agent].relations[place].roles)
    }
}

impl Serialize for Roster {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.body.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Roster {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let body = Body::deserialize(deserializer)?;
        let mut roster = Self { agents_by_id: Map::new(body.seed), teams_by_id: Map::new(body.seed), body };
        for (ix, agent) in roster.body.agents.iter() {
            roster.agents_by_id.insert(agent.id.clone(), ix);
        }
        for (ix, team) in roster.body.teams.iter() {
            roster.teams_by_id.insert(team.id.clone(), ix);
        }
        if roster.is_sound() { Ok(roster) } else { Err(D::Error::custom("the roster contradicts itself")) }
    }
}
