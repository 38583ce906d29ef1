//! Configuration, teams and states: the whole truth when a client asks, differences afterwards.

use std::collections::BTreeSet;

use super::clients::To;
use super::failure::Failure;
use super::words::{self, NONE, number, text};
use super::{ClientId, UccxSim};
use crate::cti::uccx::codec::messages::{
    AgentRecord as AgentRow, AgentSkill, AgentStateEvent, ConfigAgentEvent, ConfigBeginEvent, ConfigCsqEvent,
    ConfigDeviceEvent, ConfigEndEvent, ConfigKeyEvent, ConfigRequestEvent, CsqRecord, DeviceRecord,
    QueryAgentStateConf, QueryAgentStateReq, TeamConfigConf, TeamConfigEvent, TeamConfigReq, TeamMember,
};
use crate::cti::uccx::codec::names::{
    agent_state, agent_state_mask, config_message_mask, configuration_mask, member_type, record_type, services, status,
    team_operation,
};
use crate::cti::uccx::codec::{Message, Text};
use crate::cti::uccx::mapping::states;
use crate::cti::{AgentRecord, AgentState, AgentStatus, Member, QueueRecord, Role, TeamRecord};
use crate::ids::{AgentId, QueueId, TeamId};

/// The most records of one configuration message.
const RECORDS_MAX: usize = 10;
/// The most members of one TEAM_CONFIG_EVENT.
const MEMBERS_MAX: usize = 64;
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

    /// TEAM_CONFIG_REQ: 1 for all and changes, 2 for changes alone. Without SUPERVISOR no team is told.
    pub(super) fn tell_teams(&mut self, id: ClientId, request: &TeamConfigReq<'_>) {
        let Some(session) = self.crowd.client_mut(id).and_then(|client| client.session.as_mut()) else { return };
        let granted = session.grants(services::SUPERVISOR);
        let bridge = session.grants(services::ALL_EVENTS);
        session.teams |= granted;
        if granted && request.config_param == 1 {
            let teams: Vec<TeamRecord> = self.world.truth().teams().collect();
            self.crowd.note_of(id, &format!("reads {} teams", teams.len()));
            for team in &teams {
                team_events(team, |event| self.crowd.send(id, &event));
            }
        }
        let invoke_id = request.invoke_id;
        if bridge && self.config.states_told {
            let statuses: Vec<AgentStatus> = self.world.truth().statuses().collect();
            statuses.iter().for_each(|status| self.crowd_status(id, status));
        }
        self.crowd.send(id, &TeamConfigConf { invoke_id, ..TeamConfigConf::default() }.into());
    }

    /// QUERY_AGENT_STATE_REQ.
    pub(super) fn query_state(&mut self, id: ClientId, request: &QueryAgentStateReq<'_>) {
        let invoke_id = request.invoke_id;
        let instrument = request.agent_instrument.or(request.agent_extension);
        let agent = match self.agent_named(request.agent_id, instrument) {
            Ok(agent) => agent,
            Err(failure) => return self.fail(id, invoke_id, "QUERY_AGENT_STATE_REQ", &failure),
        };
        let Some(status) = self.world.truth().status(&agent) else { return };
        let hold = self.crowd.session(id).is_some_and(|session| session.state_mask & agent_state_mask::HOLD != 0);
        let line = status.extension.as_deref().unwrap_or_default();
        let conf = QueryAgentStateConf {
            invoke_id,
            agent_state: state_number(status.state, hold),
            agent_extension: text(line, 16),
            agent_instrument: text(line, 64),
            agent_id: text(agent.as_str(), 129),
            ..QueryAgentStateConf::default()
        };
        self.crowd.send(id, &conf.into());
    }

    /// The agent a message names, by id or by line.
    pub(super) fn agent_named(&self, id: Option<Text<'_>>, line: Option<Text<'_>>) -> Result<AgentId, Failure> {
        let (id, line) = (id.filter(|id| !id.is_empty()), line.filter(|line| !line.is_empty()));
        if id.is_none() && line.is_none() {
            return Err(Failure::missing("AgentID or AgentInstrument"));
        }
        let by_id = id.and_then(Text::as_str).map(AgentId::from);
        let agent = match by_id {
            Some(id) => Some(id).filter(|id| self.world.truth().status(id).is_some()),
            // The other line of an agent is named after the first: `primary.actual`.
            None => line.and_then(Text::as_str).and_then(|line| {
                let primary = line.split('.').next().unwrap_or(line);
                self.world.truth().agent_at(primary)
            }),
        };
        agent.ok_or_else(|| Failure::status(status::INVALID_AGENT_DATA, "no agent has this id or instrument"))
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

    pub(super) fn tell_team(&mut self, team: &TeamRecord) {
        team_events(team, |event| self.crowd.say(To::Teams, &event));
    }

    pub(super) fn tell_team_removed(&mut self, team: &TeamId) {
        let Some(team_id) = number(team.as_str()) else { return };
        let event = TeamConfigEvent { team_id, operation: team_operation::REMOVE, ..TeamConfigEvent::default() };
        self.crowd.say(To::Teams, &event.into());
    }

    /// One change of a team: memberships that end stand before those that begin.
    pub(super) fn tell_team_changed(&mut self, team: &TeamId, added: &[Member], removed: &[Member]) {
        let Some(team) = self.world.truth().team(team) else { return };
        let removed = removed.iter().map(|one| member(one, record_type::DELETE));
        let members: Vec<TeamMember<'_>> =
            removed.chain(added.iter().map(|one| member(one, record_type::ADD))).collect();
        team_pages(&team, team_operation::CHANGE, &members, |event| self.crowd.say(To::Teams, &event));
    }

    /// What an agent does now.
    pub(super) fn tell_status(&mut self, status: &AgentStatus) {
        let agent = &status.agent;
        let duration = self.seconds_in(status);
        let bit = words::state_bit(status.state);
        self.crowd.say(To::State { agent, bit, unless: 0 }, &state_event(status, duration, true).into());
        if status.state == AgentState::Hold {
            let to = To::State { agent, bit: agent_state_mask::TALKING, unless: agent_state_mask::HOLD };
            self.crowd.say(to, &state_event(status, duration, false).into());
        }
    }

    /// The same, to one client.
    pub(super) fn crowd_status(&mut self, id: ClientId, status: &AgentStatus) {
        let hold = self.crowd.session(id).is_some_and(|session| session.state_mask & agent_state_mask::HOLD != 0);
        self.crowd.send(id, &state_event(status, self.seconds_in(status), hold).into());
    }

    fn seconds_in(&self, status: &AgentStatus) -> u32 {
        status.since.map_or(0, |since| u32::try_from(self.now.since(since).as_secs()).unwrap_or(u32::MAX))
    }
}

/// UCCX has no HOLD, whose bit only the parent protocol has: others know the contact as TALKING.
const fn state_number(state: AgentState, hold: bool) -> u16 {
    match state {
        AgentState::Hold if !hold => agent_state::TALKING,
        state => states::to_wire(state),
    }
}

/// AGENT_STATE_EVENT.
pub(super) fn state_event(status: &AgentStatus, state_duration: u32, hold: bool) -> AgentStateEvent<'_> {
    let line = status.extension.as_deref().unwrap_or_default();
    AgentStateEvent {
        state_duration,
        csq_id: NONE,
        agent_state: state_number(status.state, hold),
        event_reason_code: words::reason(&status.reason),
        agent_id: text(status.agent.as_str(), 129),
        agent_extension: text(line, 16),
        agent_instrument: text(line, 64),
        next_agent_state: Some(status.pending.map_or(agent_state::NONE, states::to_wire)),
        ..AgentStateEvent::default()
    }
}

/// A team in full, in as many messages as its members need.
pub(super) fn team_events(team: &TeamRecord, say: impl FnMut(Message<'_>)) {
    let members: Vec<TeamMember<'_>> = team.members.iter().map(|one| member(one, record_type::ADD)).collect();
    team_pages(team, team_operation::ADD, &members, say);
}

/// The first message has the operation; what does not fit follows as changes.
fn team_pages(team: &TeamRecord, operation: u16, members: &[TeamMember<'_>], mut say: impl FnMut(Message<'_>)) {
    let Some(team_id) = number(team.id.as_str()) else { return };
    let pages = members.chunks(MEMBERS_MAX).map(Some);
    let pages = pages.chain(members.is_empty().then_some(None));
    for (index, page) in pages.enumerate() {
        let event = TeamConfigEvent {
            team_id,
            operation: if index == 0 { operation } else { team_operation::CHANGE },
            team_name: text(&team.name, 50),
            members: page.unwrap_or_default().into(),
            ..TeamConfigEvent::default()
        };
        say(event.into());
    }
}

fn member(member: &Member, record_type: u16) -> TeamMember<'_> {
    TeamMember {
        agent_id: text(member.agent.as_str(), 129),
        agent_flags: Some(words::flags(member.role)),
        record_type: Some(record_type),
        member_type: Some(member_type::AGENT),
        ..TeamMember::default()
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
