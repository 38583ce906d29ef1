//! What is true in the simulated world, for oracles.

use super::Simulator;
use super::world::{Call, Link, Team};
use crate::cti::{AgentRecord, AgentStatus, CallRecord, Device, Member, QueueRecord, Server, Serves, TeamRecord};
use crate::ids::{AgentId, CallId, QueueId, TeamId};

/// A look at the simulated world. Every list is ordered and complete; what a client that follows the events knows is
/// exactly this, whenever the platform is up and the outputs are drained.
#[derive(Clone, Copy, Debug)]
pub struct Truth<'a> {
    simulator: &'a Simulator,
}

impl<'a> Truth<'a> {
    pub(super) const fn new(simulator: &'a Simulator) -> Self {
        Self { simulator }
    }

    /// Whether the platform is reached: while it is not, clients know what was true before.
    pub fn is_up(&self) -> bool {
        self.simulator.link == Link::Up
    }

    /// Every queue, in the order they were made.
    pub fn queues(&self) -> impl Iterator<Item = QueueRecord> + use<'a> {
        let simulator = self.simulator;
        let queues = simulator.queues.iter();
        let queues = queues.map(|queue| QueueRecord { id: queue.id.clone(), name: queue.name.clone() });
        queues.chain(simulator.admin.queues.iter().cloned())
    }

    /// Every agent and supervisor.
    pub fn agents(&self) -> impl Iterator<Item = AgentRecord> + use<'a> {
        let simulator = self.simulator;
        (0..simulator.agents.len()).filter(|a| !simulator.agents[*a].gone).map(|a| simulator.agent_record(a))
    }

    /// Which queues agents serve: everybody who takes contacts of one.
    pub fn serves(&self) -> impl Iterator<Item = Serves> + use<'a> {
        let simulator = self.simulator;
        let agents = (0..simulator.agents.len()).filter(|a| !simulator.agents[*a].gone);
        agents.filter(|a| !simulator.agents[*a].queues.is_empty()).map(|a| simulator.serves(a))
    }

    /// Every team with its members and their roles.
    pub fn teams(&self) -> impl Iterator<Item = TeamRecord> + use<'a> {
        let simulator = self.simulator;
        simulator.teams.values().map(|team| simulator.team_record(team))
    }

    /// One team.
    pub fn team(&self, team: &TeamId) -> Option<TeamRecord> {
        let number: u32 = team.as_str().parse().ok()?;
        self.simulator.teams.get(&number).map(|team| self.simulator.team_record(team))
    }

    /// What everybody does.
    pub fn statuses(&self) -> impl Iterator<Item = AgentStatus> + use<'a> {
        let simulator = self.simulator;
        (0..simulator.agents.len()).filter(|a| !simulator.agents[*a].gone).map(|a| simulator.status(a))
    }

    /// What one agent does.
    pub fn status(&self, agent: &AgentId) -> Option<AgentStatus> {
        self.simulator.by_id.get(agent).map(|a| self.simulator.status(*a))
    }

    /// Every call in progress.
    pub fn calls(&self) -> impl Iterator<Item = CallRecord> + use<'a> {
        let simulator = self.simulator;
        simulator.calls.values().map(|call| simulator.call_record(call))
    }

    /// One call in progress, by any id it has or had.
    pub fn call(&self, call: &CallId) -> Option<CallRecord> {
        let key = self.simulator.call_at(call)?;
        self.simulator.calls.get(&key).map(|call| self.simulator.call_record(call))
    }

    /// Who is logged in at a line, or has it as their own extension.
    pub fn agent_at(&self, line: &str) -> Option<AgentId> {
        self.simulator.lines.get(line).map(|a| self.simulator.agents[*a].id.clone())
    }

    /// The queues an agent serves.
    pub fn queues_of(&self, agent: &AgentId) -> impl Iterator<Item = QueueId> + use<'a> {
        let simulator = self.simulator;
        let queues = simulator.by_id.get(agent).into_iter().flat_map(|a| &simulator.agents[*a].queues);
        queues.map(|queue| simulator.queues[*queue].id.clone())
    }

    /// Every trigger, with the script that answers there.
    pub fn triggers(&self) -> impl Iterator<Item = (Device, &'a str)> + use<'a> {
        self.simulator.triggers.iter().map(|trigger| (trigger.device(), &*trigger.script))
    }

    /// How many timers the world keeps: bounded by its people, teams and calls.
    pub fn timers(&self) -> usize {
        self.simulator.timers.len()
    }
}

impl Simulator {
    pub(super) fn agent_record(&self, a: usize) -> AgentRecord {
        let agent = &self.agents[a];
        AgentRecord { id: agent.id.clone(), name: agent.name.clone(), extension: Some(agent.extension.clone()) }
    }

    pub(super) fn serves(&self, a: usize) -> Serves {
        let agent = &self.agents[a];
        let queues = agent.queues.iter().map(|queue| self.queues[*queue].id.clone()).collect();
        Serves { who: Server::Agent(agent.id.clone()), queues }
    }

    pub(super) fn team_record(&self, team: &Team) -> TeamRecord {
        let member = |(a, role): &(usize, _)| Member { agent: self.agents[*a].id.clone(), role: *role };
        TeamRecord { id: team.id.clone(), name: team.name.clone(), members: team.members.iter().map(member).collect() }
    }

    fn call_record(&self, call: &Call) -> CallRecord {
        CallRecord {
            call: call.id.clone(),
            media: call.media,
            kind: call.kind,
            from: call.from.clone(),
            to: call.to.clone(),
            since: Some(call.since),
            consults: call.consults.and_then(|key| self.calls.get(&key)).map(|call| call.id.clone()),
            parties: call.parties(),
            queues: call.queues.iter().map(|queue| self.queues[*queue].id.clone()).collect(),
            data: call.data.clone(),
        }
    }
}
