//! A directory shared with another instance, which takes and leaves agents as it likes.

use std::collections::BTreeMap;

use interaction_core::ids::AgentId;
use interaction_core::input::ClaimAnswer;
use interaction_core::time::Time;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Holder {
    Ours,
    Theirs,
}

/// Who holds which agent.
#[derive(Debug, Default)]
pub(crate) struct Directory {
    held: BTreeMap<AgentId, Holder>,
}

impl Directory {
    /// The instance under test claims.
    pub(crate) fn claim(&mut self, agent: &AgentId, override_: bool, now: Time) -> ClaimAnswer {
        match self.held.get(agent) {
            Some(Holder::Theirs) if !override_ => {
                ClaimAnswer::Held { instance: "node-b".into(), client: "desk-b".into(), since: now, calls: 0 }
            }
            _ => {
                self.held.insert(agent.clone(), Holder::Ours);
                ClaimAnswer::Won
            }
        }
    }

    /// The instance under test gives back what it may not hold.
    pub(crate) fn release(&mut self, agent: &AgentId) {
        if self.held.get(agent) == Some(&Holder::Ours) {
            self.held.remove(agent);
        }
    }

    /// The other instance takes the agent over. Whether the instance under test held it.
    pub(crate) fn taken_elsewhere(&mut self, agent: &AgentId) -> bool {
        self.held.insert(agent.clone(), Holder::Theirs) == Some(Holder::Ours)
    }

    /// The other instance leaves the agent.
    pub(crate) fn left_elsewhere(&mut self, agent: &AgentId) {
        if self.held.get(agent) == Some(&Holder::Theirs) {
            self.held.remove(agent);
        }
    }

    /// What the instance under test holds.
    pub(crate) fn ours(&self) -> Vec<&AgentId> {
        self.held.iter().filter(|(_, holder)| **holder == Holder::Ours).map(|(agent, _)| agent).collect()
    }
}
