//! States of agents as the platform tells them.

use std::time::Duration;

use super::roster::{Agent, Roster};
use super::{login_id, states, word};
use crate::cti::uccx::codec::messages::{AgentStateEvent, QueryAgentStateConf};
use crate::cti::uccx::codec::names::agent_state as wire;
use crate::cti::{AgentState, Event};
use crate::ids::AgentId;
use crate::time::Time;

/// Beyond this a duration is no duration but a value that was never set, in seconds.
const DURATION_S_MAX: u32 = 30 * 86_400;

/// Why a message about an agent changed nothing in the roster.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::cti::uccx) enum Unheeded {
    /// It makes no sense.
    Unexpected,
    /// There is no room for another agent.
    Full,
}

impl Roster {
    /// AGENT_STATE_EVENT: the event for the engine, if anything is new. `before` is what was known before this roster was begun.
    pub(in crate::cti::uccx) fn agent_state(
        &mut self,
        now: Time,
        event: &AgentStateEvent<'_>,
        before: Option<&Self>,
        records_max: usize,
    ) -> Result<Option<Event>, Unheeded> {
        let by_line = || {
            let line = [event.agent_extension, event.agent_instrument].into_iter().find_map(word)?;
            self.lines.get(&line).or_else(|| before?.lines.get(&line)).cloned()
        };
        let id = login_id(event.agent_id).or_else(by_line).ok_or(Unheeded::Unexpected)?;
        let state = states::from_wire(event.agent_state).ok_or(Unheeded::Unexpected)?;
        let reason = states::reason(event.event_reason_code);
        let next = event.next_agent_state.filter(|next| *next != wire::NONE).and_then(states::from_wire);
        let known = event.state_duration > 0 && event.state_duration <= DURATION_S_MAX;
        let since = known.then(|| now - Duration::from_secs(event.state_duration.into()));
        let (extension, instrument) = (word(event.agent_extension), word(event.agent_instrument));
        let agent = self.agent_mut(&id, before, records_max).ok_or(Unheeded::Full)?;
        let (extension, instrument) = if state == AgentState::LoggedOut {
            (None, None)
        } else {
            (extension.or_else(|| agent.at.clone()), instrument.or_else(|| agent.instrument.clone()))
        };
        let same_state = agent.state == state && agent.reason == reason;
        let lines = agent.lines();
        agent.instrument = instrument;
        agent.stated = true;
        let news = !same_state || agent.pending != next || agent.at != extension;
        agent.pending = next;
        agent.at = extension;
        if !same_state {
            agent.state = state;
            agent.reason = reason;
            agent.since = Some(since.unwrap_or(now));
        } else if agent.since.is_none() {
            agent.since = since;
        }
        let mut status = agent.status(&id);
        if !same_state {
            status.since = since;
        }
        self.move_lines(&id, lines);
        Ok(news.then_some(Event::AgentStatus(status)))
    }

    /// QUERY_AGENT_STATE_CONF for `id`: it says neither why nor since when.
    pub(in crate::cti::uccx) fn agent_asked(
        &mut self,
        now: Time,
        id: &AgentId,
        conf: &QueryAgentStateConf<'_>,
    ) -> Result<(), Unheeded> {
        let state = states::from_wire(conf.agent_state).ok_or(Unheeded::Unexpected)?;
        self.set_state(now, id, state, word(conf.agent_extension), word(conf.agent_instrument));
        Ok(())
    }

    /// An agent is in a state, of which nothing more is known.
    pub(in crate::cti::uccx) fn set_state(
        &mut self,
        now: Time,
        id: &AgentId,
        state: AgentState,
        extension: Option<Box<str>>,
        instrument: Option<Box<str>>,
    ) {
        let Some(agent) = self.agents.get_mut(id) else { return };
        let lines = agent.lines();
        if agent.state != state {
            agent.state = state;
            agent.reason = "".into();
            agent.pending = None;
            agent.since = Some(now);
        }
        agent.stated = true;
        if state == AgentState::LoggedOut {
            (agent.at, agent.instrument) = (None, None);
        } else {
            agent.at = extension.or_else(|| agent.at.take());
            agent.instrument = instrument.or_else(|| agent.instrument.take());
        }
        self.move_lines(id, lines);
    }

    /// The agent, made where it is new and there is room.
    pub(super) fn agent_mut(&mut self, id: &AgentId, before: Option<&Self>, records_max: usize) -> Option<&mut Agent> {
        if !self.agents.contains_key(id) {
            if self.agents.len() >= records_max {
                return None;
            }
            let carried = before.and_then(|before| before.agents.get(id)).cloned();
            // Where the agent is logged in may have changed unseen: it is told or asked for again.
            let carried = carried.unwrap_or_default();
            let agent = Agent { stated: false, configured: false, at: None, instrument: None, ..carried };
            self.agents.insert(id.clone(), agent);
        }
        self.agents.get_mut(id)
    }

    /// Brings the lines up to date with where an agent is logged in, who was at `before`.
    pub(super) fn move_lines(&mut self, id: &AgentId, before: [Option<Box<str>>; 2]) {
        let after = self.agents.get(id).map(Agent::lines).unwrap_or_default();
        if before == after && after.iter().flatten().all(|line| self.lines.get(line) == Some(id)) {
            return;
        }
        for line in before.into_iter().flatten() {
            if self.lines.get(&line) == Some(id) {
                self.lines.remove(&line);
            }
        }
        for line in after.into_iter().flatten() {
            self.lines.insert(line, id.clone());
        }
    }
}
