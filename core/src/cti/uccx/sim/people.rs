//! Teams and states: the whole truth when a client asks, differences afterwards.

use super::clients::To;
use super::failure::Failure;
use super::words::{self, NONE, number, text};
use super::{ClientId, UccxSim};
use crate::cti::uccx::codec::messages::{
    AgentStateEvent, QueryAgentStateConf, QueryAgentStateReq, TeamConfigConf, TeamConfigEvent, TeamConfigReq,
    TeamMember,
};
use crate::cti::uccx::codec::names::{
    agent_state, agent_state_mask, member_type, record_type, services, status, team_operation,
};
use crate::cti::uccx::codec::{Message, Text};
use crate::cti::uccx::mapping::states;
use crate::cti::{AgentState, AgentStatus, Member, TeamRecord};
use crate::ids::{AgentId, TeamId};

/// The most members of one TEAM_CONFIG_EVENT.
const MEMBERS_MAX: usize = 64;

impl UccxSim {
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
