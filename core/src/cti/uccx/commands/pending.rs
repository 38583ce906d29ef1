//! Requests that wait for their answer.

use std::collections::{BTreeMap, BTreeSet};

use crate::cti::RequestNo;
use crate::ids::{AgentId, CallId};
use crate::time::Time;

/// Requests by their invoke id.
#[derive(Debug, Default)]
pub(in crate::cti::uccx) struct Pending {
    last_invoke: u32,
    waiting: BTreeMap<u32, Waiting>,
    deadlines: BTreeSet<(Time, u32)>,
}

/// A command that waits.
#[derive(Debug)]
pub(super) struct Waiting {
    pub(super) request: RequestNo,
    pub(super) expects: Expects,
    pub(super) until: Time,
    /// The agent over whose session it was asked, if it was.
    pub(super) over: Option<AgentId>,
}

/// The confirmation a request waits for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Expects {
    State,
    /// A login that only checks a password, and whose it is.
    Verified(AgentId),
    MakeCall,
    Consulting(AgentId, CallId),
    Answer,
    Clear,
    Hold,
    Retrieve,
    Alternate,
    Transfer,
    Conference,
    Digits,
    Data,
}

impl Expects {
    pub(super) const fn is_state(&self) -> bool {
        matches!(self, Self::State | Self::Verified(_))
    }
}

impl Pending {
    /// An invoke id no request in progress has; never zero.
    pub(in crate::cti::uccx) fn next_invoke(&mut self) -> u32 {
        loop {
            self.last_invoke = self.last_invoke.wrapping_add(1);
            if self.last_invoke != 0 && !self.waiting.contains_key(&self.last_invoke) {
                return self.last_invoke;
            }
        }
    }

    pub(in crate::cti::uccx) fn poll_timeout(&self) -> Option<Time> {
        self.deadlines.first().map(|(at, _)| *at)
    }

    pub(super) fn len(&self) -> usize {
        self.waiting.len()
    }

    pub(super) fn wait(&mut self, invoke: u32, waiting: Waiting) {
        self.deadlines.insert((waiting.until, invoke));
        self.waiting.insert(invoke, waiting);
    }

    /// What waits by this invoke id, if it waits for this.
    pub(super) fn take(&mut self, invoke: u32, expected: impl FnOnce(&Expects) -> bool) -> Option<Waiting> {
        if !self.waiting.get(&invoke).is_some_and(|waiting| expected(&waiting.expects)) {
            return None;
        }
        let waiting = self.waiting.remove(&invoke)?;
        self.deadlines.remove(&(waiting.until, invoke));
        Some(waiting)
    }

    /// One whose deadline has passed.
    pub(super) fn expired(&mut self, now: Time) -> Option<Waiting> {
        let (_, invoke) = self.deadlines.first().copied().filter(|(at, _)| *at <= now)?;
        self.take(invoke, |_| true)
    }

    /// Whether something is asked over the agent's session.
    pub(in crate::cti::uccx) fn asks_over(&self, agent: &AgentId) -> bool {
        self.waiting.values().any(|waiting| waiting.over.as_ref() == Some(agent))
    }

    /// What was asked over the agent's session.
    pub(super) fn take_over(&mut self, agent: &AgentId) -> Vec<Waiting> {
        let over = |(invoke, waiting): (&u32, &Waiting)| (waiting.over.as_ref() == Some(agent)).then_some(*invoke);
        let invokes: Vec<u32> = self.waiting.iter().filter_map(over).collect();
        invokes.into_iter().filter_map(|invoke| self.take(invoke, |_| true)).collect()
    }

    pub(super) fn take_all(&mut self) -> Vec<Waiting> {
        self.deadlines.clear();
        std::mem::take(&mut self.waiting).into_values().collect()
    }

    /// Which leg each agent whose consultation was asked for consults for.
    pub(in crate::cti::uccx) fn consulting(&self) -> Vec<(AgentId, CallId)> {
        let consulting = self.waiting.values().filter_map(|waiting| match &waiting.expects {
            Expects::Consulting(agent, call) => Some((agent.clone(), call.clone())),
            _ => None,
        });
        consulting.collect()
    }
}
