//! What a subscriber knows of the queues an agent sees: the snapshot, changed by every event since.

use std::collections::{BTreeMap, BTreeSet};

use interaction_core::cti::simulator::Simulator;
use interaction_core::cti::{AgentState, QueueRecord, Role, Server, TeamRecord};
use interaction_core::ids::{AgentId, QueueId};
use serde_json::{Value, json};

/// Queues by id, each as it was told last.
pub(crate) type Queues = BTreeMap<String, Value>;

/// Applies one event; what cannot be is an error.
pub(crate) fn apply(queues: &mut Queues, name: &str, queue: &Value) -> Result<(), String> {
    let id = queue["queueId"].as_str().unwrap_or_default().to_owned();
    let before = match name {
        "report.queuestatus.queueremoved" => queues.remove(&id),
        _ => queues.insert(id, queue.clone()),
    };
    match (name, before) {
        // A second snapshot may follow a resumed link's first.
        ("report.queuestatus.queueadded", _) => Ok(()),
        ("report.queuestatus.queueremoved", Some(_)) => Ok(()),
        ("report.queuestatus.queuechanged", Some(before)) if before != *queue => Ok(()),
        (name, before) => Err(format!("{name} of {queue}, which was {before:?}")),
    }
}

/// What is true of all queues, but for how their day went.
pub(crate) struct Truth {
    teams: Vec<TeamRecord>,
    queues: Vec<(String, Value, BTreeSet<AgentId>)>,
}

impl Truth {
    pub(crate) fn of(simulator: &Simulator) -> Self {
        let truth = simulator.truth();
        let states: BTreeMap<AgentId, AgentState> = truth.statuses().map(|one| (one.agent, one.state)).collect();
        let mut serving: BTreeMap<QueueId, BTreeSet<AgentId>> = BTreeMap::new();
        for serves in truth.serves() {
            let Server::Agent(agent) = serves.who else { continue };
            for queue in serves.queues {
                serving.entry(queue).or_default().insert(agent.clone());
            }
        }
        let mut waiting: BTreeMap<QueueId, u32> = BTreeMap::new();
        for queue in truth.calls().flat_map(|call| call.queues) {
            *waiting.entry(queue).or_default() += 1;
        }
        let describe = |record: QueueRecord| {
            let agents = serving.remove(&record.id).unwrap_or_default();
            let mut counts: BTreeMap<&str, u32> = AgentState::ALL.into_iter().map(|one| (one.as_str(), 0)).collect();
            for agent in &agents {
                let state = states.get(agent).copied().unwrap_or(AgentState::LoggedOut);
                *counts.entry(state.as_str()).or_default() += 1;
            }
            let counts = if agents.is_empty() { Value::Null } else { json!(counts) };
            let waits = waiting.get(&record.id).copied().unwrap_or_default();
            let shown = json!({"queueName": record.name, "waiting": waits, "agents": counts});
            (record.id.to_string(), shown, agents)
        };
        Self { teams: truth.teams().collect(), queues: truth.queues().map(describe).collect() }
    }

    /// The queues an agent sees.
    pub(crate) fn seen_by(&self, agent: &str) -> Queues {
        let own = self.teams.iter().filter(|team| team.members.iter().any(|one| one.agent.as_str() == agent));
        let colleagues: BTreeSet<&AgentId> = own.flat_map(|team| &team.members).map(|one| &one.agent).collect();
        let supervises = self.teams.iter().flat_map(|team| &team.members);
        let supervises = supervises.into_iter().any(|one| one.agent.as_str() == agent && one.role == Role::Supervisor);
        let seen = self.queues.iter().filter(|(.., agents)| {
            agents.iter().any(|agent| colleagues.contains(agent)) || supervises && agents.is_empty()
        });
        seen.map(|(id, shown, _)| (id.clone(), shown.clone())).collect()
    }
}

/// The same of what was told.
pub(crate) fn told(queues: &Queues) -> Queues {
    let part = |one: &Value| json!({"queueName": one["queueName"], "waiting": one["waiting"], "agents": one["agents"]});
    queues.iter().map(|(id, one)| (id.clone(), part(one))).collect()
}
