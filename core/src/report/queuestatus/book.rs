//! Which queues there are and who serves them, as the platform told it.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::cti::{AgentState, Event, Server, Serves};
use crate::ids::{AgentId, QueueId, TeamId};
use crate::limits::SERVED_MAX;
use crate::map::Map;
use crate::report::roster::Refusal;

/// The book.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Book {
    names: BTreeMap<QueueId, Arc<str>>,
    agents: Map<AgentId, Agent>,
    teams: Map<TeamId, Vec<QueueId>>,
    /// Entries of all lists together.
    served: u32,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Agent {
    /// By id, each once.
    queues: Vec<QueueId>,
    /// What it does, as far as queues count it.
    state: AgentState,
}

/// A list that is another now.
#[derive(Clone, Debug)]
pub(super) struct Change {
    pub(super) who: Server,
    pub(super) before: Vec<QueueId>,
    /// What an agent was counted as doing.
    pub(super) state: AgentState,
}

impl Book {
    pub(super) fn new(seed: u64) -> Self {
        Self { names: BTreeMap::new(), agents: Map::new(seed), teams: Map::new(seed), served: 0 }
    }

    /// Takes a record; the list it changed, if it changed one.
    pub(super) fn take(&mut self, event: &Event) -> Result<Option<Change>, Refusal> {
        match event {
            Event::Queue(record) => {
                self.names.insert(record.id.clone(), (&*record.name).into());
                Ok(None)
            }
            Event::QueueRemoved { queue } => {
                self.names.remove(queue);
                Ok(None)
            }
            Event::AgentRemoved { agent } => self.set(&Server::Agent(agent.clone()), Vec::new()),
            Event::TeamRemoved { team } => self.set(&Server::Team(team.clone()), Vec::new()),
            Event::Serves(Serves { who, queues }) => {
                let mut queues = queues.clone();
                queues.sort_unstable();
                queues.dedup();
                self.set(who, queues)
            }
            Event::Up(_)
            | Event::Down { .. }
            | Event::ResyncBegin
            | Event::ResyncEnd
            | Event::Agent(_)
            | Event::Team(_)
            | Event::TeamChanged { .. }
            | Event::AgentStatus(_)
            | Event::Call(_)
            | Event::Answer(_) => Ok(None),
        }
    }

    fn set(&mut self, who: &Server, queues: Vec<QueueId>) -> Result<Option<Change>, Refusal> {
        let before = self.queues_of(who);
        if before == queues {
            return Ok(None);
        }
        // INVARIANT: lists are bounded one by one and together, far below 2^32.
        let (less, more) = (before.len() as u32, queues.len() as u32);
        let served = self.served - less + more;
        if more > less && served > SERVED_MAX {
            return Err(Refusal::ServesTooMany);
        }
        self.served = served;
        let change = |before, state| Some(Change { who: who.clone(), before, state });
        Ok(match who {
            Server::Agent(agent) if queues.is_empty() => {
                self.agents.swap_remove(agent).and_then(|gone| change(gone.queues, gone.state))
            }
            Server::Agent(agent) => {
                let new = Agent { queues: Vec::new(), state: AgentState::LoggedOut };
                let known = self.agents.entry(agent.clone()).or_insert(new);
                let before = std::mem::replace(&mut known.queues, queues);
                change(before, known.state)
            }
            Server::Team(team) if queues.is_empty() => {
                self.teams.swap_remove(team).and_then(|before| change(before, AgentState::LoggedOut))
            }
            Server::Team(team) => {
                let before = self.teams.insert(team.clone(), queues);
                change(before.unwrap_or_default(), AgentState::LoggedOut)
            }
        })
    }

    /// Notes what an agent does; what it did, where that is another state, and its queues.
    pub(super) fn restate(&mut self, agent: &AgentId, state: AgentState) -> Option<(AgentState, &[QueueId])> {
        let agent = self.agents.get_mut(agent).filter(|agent| agent.state != state)?;
        Some((std::mem::replace(&mut agent.state, state), &agent.queues))
    }

    pub(super) fn restate_all(&mut self, state_of: impl Fn(&AgentId) -> AgentState) {
        for (id, agent) in self.agents.iter_mut() {
            agent.state = state_of(id);
        }
    }

    pub(super) fn name(&self, queue: &QueueId) -> Option<&Arc<str>> {
        self.names.get(queue)
    }

    pub(super) fn has_queue(&self, queue: &QueueId) -> bool {
        self.names.contains_key(queue)
    }

    /// Every queue, by id.
    pub(super) fn queue_ids(&self) -> impl Iterator<Item = &QueueId> {
        self.names.keys()
    }

    pub(super) fn queues_of(&self, who: &Server) -> &[QueueId] {
        match who {
            Server::Agent(agent) => self.agents.get(agent).map_or(&[], |agent| agent.queues.as_slice()),
            Server::Team(team) => self.teams.get(team).map_or(&[], Vec::as_slice),
        }
    }

    pub(super) fn is_server(&self, agent: &AgentId, queue: &QueueId) -> bool {
        self.agents.get(agent).is_some_and(|agent| agent.queues.binary_search(queue).is_ok())
    }

    /// Everybody who serves something: who, what an agent does, which queues.
    pub(super) fn servers(&self) -> impl Iterator<Item = (Server, Option<AgentState>, &[QueueId])> {
        let agents = self.agents.iter();
        let agents = agents.map(|(id, agent)| (Server::Agent(id.clone()), Some(agent.state), agent.queues.as_slice()));
        agents.chain(self.teams.iter().map(|(id, queues)| (Server::Team(id.clone()), None, queues.as_slice())))
    }

    /// Everybody who serves the queue.
    pub(super) fn servers_of(&self, queue: &QueueId) -> impl Iterator<Item = (Server, Option<AgentState>)> {
        let serves = move |queues: &[QueueId]| queues.binary_search(queue).is_ok();
        self.servers().filter(move |(.., queues)| serves(queues)).map(|(who, state, _)| (who, state))
    }
}
