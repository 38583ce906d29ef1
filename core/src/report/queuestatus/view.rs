//! What is counted of one queue, and what of it was shown last.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::cti::{AgentState, Server};
use crate::ids::QueueId;
use crate::time::Time;

/// One queue.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Queue {
    pub(super) answered: u64,
    pub(super) abandoned: u64,
    /// Whether something of the day was not seen.
    pub(super) partial: bool,
    /// Agents known to serve it, by what they do.
    by_state: ByState,
    agents: u32,
    teams: u32,
    /// What subscribers know; where nobody watched sees it, what they would have known.
    pub(super) shown: Option<View>,
    /// Whether it is among the queues to look at.
    pub(super) touched: bool,
    /// Whether it may look different from what is shown, which nobody sees.
    pub(super) stale: bool,
}

/// How many do what, in the order of [`AgentState::ALL`].
pub(super) type ByState = [u32; AgentState::ALL.len()];

/// A queue as clients see it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct View {
    pub(super) name: Arc<str>,
    pub(super) waiting: u32,
    pub(super) longest_since: Option<Time>,
    /// Absent where nobody is known to take its contacts.
    pub(super) agents: Option<ByState>,
    pub(super) day: Time,
    pub(super) answered: u64,
    pub(super) abandoned: u64,
    pub(super) partial: bool,
}

impl Queue {
    /// Somebody serves it from now on; `state` of an agent.
    pub(super) fn serve(&mut self, who: &Server, state: Option<AgentState>) {
        match (who, state) {
            (Server::Agent(_), Some(state)) => {
                self.agents += 1;
                self.by_state[place(state)] += 1;
            }
            (Server::Agent(_), None) | (Server::Team(_), _) => self.teams += 1,
        }
    }

    /// Somebody does not serve it any more.
    pub(super) fn leave(&mut self, who: &Server, state: Option<AgentState>) {
        match (who, state) {
            (Server::Agent(_), Some(state)) => {
                self.agents -= 1;
                self.by_state[place(state)] -= 1;
            }
            (Server::Agent(_), None) | (Server::Team(_), _) => self.teams -= 1,
        }
    }

    pub(super) fn move_agent(&mut self, before: AgentState, after: AgentState) {
        self.by_state[place(before)] -= 1;
        self.by_state[place(after)] += 1;
    }

    /// Notes that it may look different, once.
    pub(super) fn touch(&mut self, id: &QueueId, touched: &mut Vec<QueueId>) {
        if !std::mem::replace(&mut self.touched, true) {
            touched.push(id.clone());
        }
    }

    pub(super) fn forget_servers(&mut self) {
        self.by_state = ByState::default();
        self.agents = 0;
        self.teams = 0;
    }

    /// Whether nobody is known to serve it.
    pub(super) fn is_unserved(&self) -> bool {
        self.agents == 0 && self.teams == 0
    }

    pub(super) fn agents(&self) -> Option<ByState> {
        (self.agents > 0).then_some(self.by_state)
    }
}

fn place(state: AgentState) -> usize {
    state as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn states_stand_in_the_order_they_are_counted_in() {
        for (at, state) in AgentState::ALL.into_iter().enumerate() {
            assert_eq!(place(state), at);
        }
    }
}
