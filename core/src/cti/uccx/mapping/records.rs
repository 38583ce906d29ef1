//! The platform's configuration: agents, queues, devices.

use std::collections::BTreeSet;

use super::agents::Unheeded;
use super::roster::{Roster, queue_id, queue_record, serves};
use super::{login_id, states, word, words};
use crate::cti::uccx::codec::messages::{AgentRecord, CsqRecord, DeviceRecord};
use crate::cti::uccx::codec::names::record_type;
use crate::cti::{Event, Server};
use crate::ids::AgentId;
use crate::time::Time;

/// `DeviceType` of a CONFIG_DEVICE_EVENT that is an agent's phone: its description is the phone's, not the agent's.
const DEVICE_OF_AGENT: u16 = 3;

impl Roster {
    /// One agent of CONFIG_AGENT_EVENT: the event for the engine, if anything is new.
    pub(in crate::cti::uccx) fn agent_record(
        &mut self,
        now: Time,
        record: &AgentRecord<'_>,
        before: Option<&Self>,
        records_max: usize,
    ) -> Result<Option<Event>, Unheeded> {
        let id = login_id(record.login_id).ok_or(Unheeded::Unexpected)?;
        if record.record_type == Some(record_type::DELETE) {
            let Some(gone) = self.agents.remove(&id) else { return Ok(None) };
            self.move_lines(&id, gone.lines());
            self.move_extension(&id, gone.extension, None);
            self.leave_teams(&id);
            self.served.remove(&Server::Agent(id.clone()));
            return Ok(Some(Event::AgentRemoved { agent: id }));
        }
        let agent = self.agent_mut(&id, before, records_max).ok_or(Unheeded::Full)?;
        let extension = agent.extension.clone();
        let known = agent.configured.then(|| agent.record(&id));
        agent.configured = true;
        if record.first_name.is_some() {
            agent.first_name = words(record.first_name);
        }
        if record.last_name.is_some() {
            agent.last_name = words(record.last_name);
        }
        if record.extension.is_some() {
            agent.extension = word(record.extension);
        }
        let told = agent.record(&id);
        let moved = (extension, agent.extension.clone());
        // A state beside the configuration is worth less than a state told by an event.
        let state = record.agent_state.and_then(states::from_wire).filter(|_| !agent.stated && before.is_some());
        if let Some(state) = state {
            self.set_state(now, &id, state, None, None);
        }
        self.move_extension(&id, moved.0, moved.1);
        Ok((known.as_ref() != Some(&told)).then_some(Event::Agent(told)))
    }

    /// The queues one record of CONFIG_AGENT_EVENT assigns to its agent: the event for the engine, if anything is new.
    pub(in crate::cti::uccx) fn agent_queues(&mut self, record: &AgentRecord<'_>) -> Result<Option<Event>, Unheeded> {
        let id = login_id(record.login_id).ok_or(Unheeded::Unexpected)?;
        // Without the count nothing is said about queues.
        if !self.agents.contains_key(&id) || record.num_csq.is_none() {
            return Ok(None);
        }
        let queues = record.csqs.into_iter().filter_map(|skill| skill.csq_id).collect();
        Ok(self.set_served(Server::Agent(id), queues))
    }

    /// Who serves which queues from now on: the event for the engine, if that is new.
    pub(super) fn set_served(&mut self, who: Server, queues: BTreeSet<u32>) -> Option<Event> {
        let same = self.served.get(&who).map_or(queues.is_empty(), |known| *known == queues);
        if same {
            return None;
        }
        let told = Event::Serves(serves(&who, &queues));
        if queues.is_empty() {
            self.served.remove(&who);
        } else {
            self.served.insert(who, queues);
        }
        Some(told)
    }

    /// One queue of CONFIG_CSQ_EVENT: the event for the engine, if anything is new.
    pub(in crate::cti::uccx) fn queue_record(
        &mut self,
        record: &CsqRecord<'_>,
        records_max: usize,
    ) -> Result<Option<Event>, Unheeded> {
        let id = record.csq_id.ok_or(Unheeded::Unexpected)?;
        if record.record_type == Some(record_type::DELETE) {
            return Ok(self.queues.remove(&id).map(|_| Event::QueueRemoved { queue: queue_id(id) }));
        }
        let known = self.queues.get(&id);
        let name = word(record.csq_name).or_else(|| known.cloned()).unwrap_or_else(|| id.to_string().into());
        if known == Some(&name) {
            return Ok(None);
        }
        if known.is_none() && self.queues.len() >= records_max {
            return Err(Unheeded::Full);
        }
        let told = Event::Queue(queue_record(id, &name));
        self.queues.insert(id, name);
        Ok(Some(told))
    }

    /// One device of CONFIG_DEVICE_EVENT: what route points and ports are called.
    pub(in crate::cti::uccx) fn device_record(
        &mut self,
        record: &DeviceRecord<'_>,
        records_max: usize,
    ) -> Result<(), Unheeded> {
        let number = word(record.device_field4).ok_or(Unheeded::Unexpected)?;
        if record.record_type == Some(record_type::DELETE) {
            self.devices.remove(&number);
            return Ok(());
        }
        let Some(description) = word(record.description).filter(|_| record.device_type != Some(DEVICE_OF_AGENT)) else {
            return Ok(());
        };
        if !self.devices.contains_key(&number) && self.devices.len() >= records_max {
            return Err(Unheeded::Full);
        }
        self.devices.insert(number, description);
        Ok(())
    }

    fn move_extension(&mut self, id: &AgentId, from: Option<Box<str>>, to: Option<Box<str>>) {
        if let Some(from) = from.filter(|from| self.extensions.get(from) == Some(id)) {
            self.extensions.remove(&from);
        }
        if let Some(to) = to {
            self.extensions.insert(to, id.clone());
        }
    }

    /// The agents whose state still has to be asked for.
    pub(in crate::cti::uccx) fn to_ask(&self) -> Vec<AgentId> {
        self.agents.iter().filter(|(_, agent)| agent.is_open()).map(|(id, _)| id.clone()).collect()
    }
}
