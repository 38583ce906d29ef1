//! The configuration: queues, agents and devices when a client asks, one record at a time afterwards.

use std::collections::BTreeSet;

use super::clients::To;
use super::words::{self, number, text};
use super::{ClientId, UccxSim};
use crate::cti::uccx::codec::Message;
use crate::cti::uccx::codec::messages::{
    AgentRecord as AgentRow, AgentSkill, ConfigAgentEvent, ConfigBeginEvent, ConfigCsqEvent, ConfigDeviceEvent,
    ConfigEndEvent, ConfigKeyEvent, ConfigRequestEvent, CsqRecord, DeviceRecord,
};
use crate::cti::uccx::codec::names::{config_message_mask, configuration_mask, record_type, services};
use crate::cti::uccx::mapping::states;
use crate::cti::{AgentRecord, QueueRecord, Role};
use crate::ids::{AgentId, QueueId};

/// The most records of one configuration message.
const RECORDS_MAX: usize = 10;
/// The most queues of one agent's record.
const SKILLS_MAX: usize = 25;
/// Types of CONFIG_DEVICE_EVENT; that of a CTI port is not published, so ports are not told.
const DEVICE_AGENT: u16 = 3;
const DEVICE_ROUTE_POINT: u16 = 5;
/// ConfigType.
const INITIAL: u16 = 1;
const UPDATE: u16 = 2;
/// CONFIG_END_EVENT's status: the service was not requested; there is nothing to tell.
const NOT_REQUESTED: u32 = 1;
const EMPTY: u32 = 4;

impl UccxSim {
    /// CONFIG_REQUEST_KEY_EVENT.
    pub(super) fn tell_keys(&mut self, id: ClientId) {
        let key = self.revision.to_be_bytes();
        let keys = ConfigKeyEvent {
            application_config_key: Some(&key),
            csq_config_key: Some(&key),
            agent_config_key: Some(&key),
            device_config_key: Some(&key),
            ..ConfigKeyEvent::default()
        };
        self.crowd.send(id, &keys.into());
    }

    /// CONFIG_REQUEST_EVENT: mask 0 is for updates only.
    pub(super) fn tell_configuration(&mut self, id: ClientId, request: &ConfigRequestEvent<'_>) {
        let granted = self.crowd.session(id).is_some_and(|session| session.grants(services::CONFIG_EVENTS));
        if !granted {
            return self.crowd.send(id, &ConfigEndEvent { status: NOT_REQUESTED, ..ConfigEndEvent::default() }.into());
        }
        if let Some(client) = self.crowd.client_mut(id)
            && let Some(session) = &mut client.session
        {
            session.configured = true;
        }
        let mask = request.configuration_mask;
        self.crowd.note_of(id, &format!("reads the configuration, mask {mask:#x}"));
        if mask == 0 {
            return self.crowd.send(id, &ConfigEndEvent { status: EMPTY, ..ConfigEndEvent::default() }.into());
        }
        self.crowd.send(id, &self.begin(INITIAL, mask, &self.revision.to_be_bytes()).into());
        if mask & configuration_mask::CSQ != 0 {
            let queues: Vec<QueueRecord> = self.world.truth().queues().collect();
            for queues in queues.chunks(RECORDS_MAX) {
                let records: Vec<CsqRecord<'_>> = queues.iter().map(|queue| csq(queue, record_type::ADD)).collect();
                self.crowd
                    .send(id, &ConfigCsqEvent { records: records.as_slice().into(), ..Default::default() }.into());
            }
        }
        if mask & configuration_mask::AGENT != 0 {
            self.tell_agents(id);
        }
        if mask & configuration_mask::DEVICE != 0 {
            self.tell_devices(id);
        }
        self.crowd.send(id, &ConfigEndEvent::default().into());
    }

    fn begin<'a>(&self, config_type: u16, configuration_mask: u32, key: &'a [u8]) -> ConfigBeginEvent<'a> {
        ConfigBeginEvent {
            config_type,
            configuration_mask,
            application_config_key: Some(key),
            csq_config_key: Some(key),
            agent_config_key: Some(key),
            device_config_key: Some(key),
            ..ConfigBeginEvent::default()
        }
    }

    fn supervisors(&self) -> BTreeSet<AgentId> {
        let members = self.world.truth().teams().flat_map(|team| team.members);
        members.filter(|member| member.role == Role::Supervisor).map(|member| member.agent).collect()
    }

    fn tell_agents(&mut self, id: ClientId) {
        let supervisors = self.supervisors();
        let version = self.crowd.session(id).map_or(0, |session| session.version);
        let agents: Vec<AgentRecord> = self.world.truth().agents().collect();
        for agents in agents.chunks(RECORDS_MAX) {
            let skills: Vec<Vec<AgentSkill<'_>>> = agents.iter().map(|agent| self.skills(&agent.id)).collect();
            let mut rows = Vec::new();
            for (agent, skills) in agents.iter().zip(&skills) {
                let state = self.world.truth().status(&agent.id).map(|status| status.state);
                rows.push(AgentRow {
                    agent_type: Some(if supervisors.contains(&agent.id) { 2 } else { 1 }),
                    num_csq: Some(0),
                    csqs: skills.as_slice().into(),
                    agent_state: state.map(states::to_wire),
                    mrd_id: (version >= 17).then_some(1),
                    ..row(agent, record_type::ADD)
                });
            }
            self.crowd.send(id, &ConfigAgentEvent { records: rows.as_slice().into(), ..Default::default() }.into());
        }
    }

    fn skills(&self, agent: &AgentId) -> Vec<AgentSkill<'static>> {
        let queues = self.world.truth().queues_of(agent).filter_map(|queue| number(queue.as_str()));
        queues.take(SKILLS_MAX).map(|id| AgentSkill { csq_id: Some(id), ..AgentSkill::default() }).collect()
    }

    fn tell_devices(&mut self, id: ClientId) {
        let triggers: Vec<_> = self.world.truth().triggers().map(|(trigger, _)| trigger).collect();
        let points = triggers.iter().map(|trigger| DeviceRecord {
            record_type: Some(record_type::ADD),
            device_type: Some(DEVICE_ROUTE_POINT),
            device_field1: Some(1),
            device_field4: text(&trigger.id, 16),
            description: text(&trigger.label, 128),
            ..DeviceRecord::default()
        });
        let agents: Vec<AgentRecord> = self.world.truth().agents().collect();
        let phones = agents.iter().map(|agent| DeviceRecord {
            record_type: Some(record_type::ADD),
            device_type: Some(DEVICE_AGENT),
            device_field2: text(agent.id.as_str(), 129),
            device_field4: text(agent.extension.as_deref().unwrap_or_default(), 16),
            ..DeviceRecord::default()
        });
        let records: Vec<DeviceRecord<'_>> = points.chain(phones).collect();
        for records in records.chunks(RECORDS_MAX) {
            self.crowd.send(id, &ConfigDeviceEvent { records: records.into(), ..Default::default() }.into());
        }
    }

    /// The configuration changed: one record of it.
    fn update(&mut self, bit: u32, mask: u32, message: &Message<'_>) {
        self.revision += 1;
        let key = self.revision.to_be_bytes();
        let to = To::Configuration { bit };
        self.crowd.say(to, &self.begin(UPDATE, mask, &key).into());
        self.crowd.say(to, message);
        self.crowd.say(to, &ConfigEndEvent::default().into());
    }

    pub(super) fn tell_agent(&mut self, agent: &AgentRecord) {
        let agent_type = Some(if self.supervisors().contains(&agent.id) { 2 } else { 1 });
        let records = [AgentRow { agent_type, ..row(agent, record_type::CHANGE) }];
        let event = ConfigAgentEvent { records: (&records).into(), ..Default::default() };
        self.update(config_message_mask::AGENT, configuration_mask::AGENT, &event.into());
    }

    pub(super) fn tell_agent_removed(&mut self, agent: &AgentId) {
        let gone = AgentRow {
            record_type: Some(record_type::DELETE),
            login_id: text(agent.as_str(), 129),
            ..AgentRow::default()
        };
        let records = [gone];
        let event = ConfigAgentEvent { records: (&records).into(), ..Default::default() };
        self.update(config_message_mask::AGENT, configuration_mask::AGENT, &event.into());
    }

    pub(super) fn tell_queue(&mut self, queue: &QueueRecord) {
        let records = [csq(queue, record_type::CHANGE)];
        let event = ConfigCsqEvent { records: (&records).into(), ..Default::default() };
        self.update(config_message_mask::CSQ, configuration_mask::CSQ, &event.into());
    }

    pub(super) fn tell_queue_removed(&mut self, queue: &QueueId) {
        let record_type = Some(record_type::DELETE);
        let records = [CsqRecord { record_type, csq_id: number(queue.as_str()), ..CsqRecord::default() }];
        let event = ConfigCsqEvent { records: (&records).into(), ..Default::default() };
        self.update(config_message_mask::CSQ, configuration_mask::CSQ, &event.into());
    }
}

fn csq(queue: &QueueRecord, record_type: u16) -> CsqRecord<'_> {
    CsqRecord {
        record_type: Some(record_type),
        csq_id: number(queue.id.as_str()),
        csq_name: text(&queue.name, 64),
        mr_domain: Some(0),
        ..CsqRecord::default()
    }
}

/// A person: the name's first word is the first name.
fn row(agent: &AgentRecord, record_type: u16) -> AgentRow<'_> {
    let (first, last) = agent.name.split_once(' ').unwrap_or((&agent.name, ""));
    AgentRow {
        record_type: Some(record_type),
        login_id: text(agent.id.as_str(), 129),
        last_name: Some(words::value(last, 32)),
        first_name: Some(words::value(first, 32)),
        extension: text(agent.extension.as_deref().unwrap_or_default(), 16),
        ..AgentRow::default()
    }
}
