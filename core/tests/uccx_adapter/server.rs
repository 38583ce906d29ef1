//! A CTI server of two nodes, as scripted: it answers requests, and says what the test tells it to.

use std::collections::BTreeMap;

use interaction_core::cti::uccx::codec::messages::{
    AgentRecord, AgentStateEvent, ConfigAgentEvent, ConfigBeginEvent, ConfigCsqEvent, ConfigDeviceEvent,
    ConfigEndEvent, ConfigKeyEvent, ControlFailureConf, CsqRecord, DeviceRecord, FailureConf, HeartbeatConf,
    MakeCallConf, OpenConf, OpenReq, QueryAgentStateConf, SetAgentStateConf, TeamConfigConf, TeamConfigEvent,
    TeamMember,
};
use interaction_core::cti::uccx::codec::names::{agent_state, status};
use interaction_core::cti::uccx::codec::{Framer, Message, Text, Widths};

/// What a request is answered with.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Reply {
    Confirm,
    Silence,
    Control(u16, u32),
    Status(u32),
}

#[derive(Debug)]
pub(crate) struct Agent {
    pub(crate) id: &'static str,
    pub(crate) first: &'static str,
    pub(crate) last: &'static str,
    pub(crate) extension: &'static str,
    pub(crate) state: u16,
}

#[derive(Debug)]
pub(crate) struct Team {
    pub(crate) id: u32,
    pub(crate) name: &'static str,
    /// Login id and flags.
    pub(crate) members: Vec<(String, u16)>,
}

#[derive(Debug)]
pub(crate) struct Server {
    pub(crate) widths: Widths,
    /// The widths OPEN_REQ comes in.
    pub(crate) opening: Widths,
    pub(crate) reachable: [bool; 2],
    pub(crate) standby: [bool; 2],
    pub(crate) version_max: u32,
    pub(crate) services: u32,
    pub(crate) refuses_services: u32,
    /// What a session in agent mode is granted of what it asks for.
    pub(crate) agent_services: u32,
    /// What a session in agent mode is refused with.
    pub(crate) agent_refusal: Option<u32>,
    pub(crate) online: bool,
    pub(crate) confirms_heartbeats: bool,
    pub(crate) heartbeat_status: Option<u32>,
    pub(crate) tells_configuration: bool,
    pub(crate) configuration_in_parts: bool,
    pub(crate) answers_keys: bool,
    pub(crate) reply: Reply,
    pub(crate) agents: Vec<Agent>,
    pub(crate) teams: Vec<Team>,
    /// Frames sent once the teams were told, before any answer to a question for a state.
    pub(crate) while_reading: Vec<Vec<u8>>,
    pub(crate) versions_asked: Vec<u32>,
    /// The names of the messages received, and their debug text.
    pub(crate) received: Vec<(&'static str, String)>,
    pub(crate) raw: Vec<u8>,
    pub(crate) framer: Framer,
    pub(crate) next_call: u32,
}

pub(crate) const GRANTED: u32 = 0x0004_0096;

impl Default for Server {
    fn default() -> Self {
        let agent = |id, first, last, extension, state| Agent { id, first, last, extension, state };
        Self {
            widths: Widths::V10,
            opening: Widths::V10,
            reachable: [true; 2],
            standby: [false; 2],
            version_max: 17,
            services: GRANTED,
            refuses_services: 0,
            agent_services: u32::MAX,
            agent_refusal: None,
            online: true,
            confirms_heartbeats: true,
            heartbeat_status: None,
            tells_configuration: true,
            configuration_in_parts: false,
            answers_keys: true,
            reply: Reply::Confirm,
            agents: vec![
                agent("ann", "Ann", "Archer", "2001", agent_state::READY),
                agent("bob", "Bob", "Baker", "2002", agent_state::NOT_READY),
                agent("cat", "Cat", "Cole", "2003", agent_state::LOGOUT),
                agent("sue", "Sue", "Summer", "2009", agent_state::LOGOUT),
            ],
            teams: vec![Team {
                id: 7,
                name: "Sales",
                members: vec![("sue".into(), 1), ("ann".into(), 0), ("bob".into(), 0)],
            }],
            while_reading: Vec::new(),
            versions_asked: Vec::new(),
            received: Vec::new(),
            raw: Vec::new(),
            framer: Framer::default(),
            next_call: 5000,
        }
    }
}

impl Server {
    /// A fresh connection.
    pub(crate) fn accept(&mut self) {
        self.framer = Framer::default();
    }

    /// Takes bytes of the adapter, and gives the answer's.
    pub(crate) fn receive(&mut self, node: usize, bytes: &[u8]) -> Vec<u8> {
        let mut framer = std::mem::take(&mut self.framer);
        let out = self.receive_on(&mut framer, node, bytes);
        self.framer = framer;
        out
    }

    /// The same, for one connection of several.
    pub(crate) fn receive_on(&mut self, framer: &mut Framer, node: usize, mut bytes: &[u8]) -> Vec<u8> {
        self.raw.extend_from_slice(bytes);
        let mut out = Vec::new();
        while let Some(frame) = framer.next_frame(&mut bytes).expect("frames") {
            let widths = if Some(frame.message_id) == OpenReq::ID { self.opening } else { self.widths };
            let message = Message::decode(frame, widths).expect("a message");
            assert_eq!(message.extra_fields(), 0, "{message:?}");
            let name = message.layout().expect("a known message").name;
            self.received.push((name, format!("{message:?}")));
            self.answer(node, &message, &mut out);
        }
        out
    }

    fn put<'m>(&self, out: &mut Vec<u8>, message: impl Into<Message<'m>>) {
        message.into().encode(self.widths, out).expect("encodes");
    }

    fn answer(&mut self, node: usize, message: &Message<'_>, out: &mut Vec<u8>) {
        match message {
            Message::OpenReq(request) => {
                self.versions_asked.push(request.version_number);
                let invoke_id = request.invoke_id;
                let agent_mode = request.services_requested & 1 != 0;
                let refusal = if let Some(refusal) = self.agent_refusal.filter(|_| agent_mode) {
                    refusal
                } else if self.standby[node] {
                    status::SERVER_NOT_MASTER
                } else if request.version_number > self.version_max {
                    status::INVALID_VERSION
                } else if request.services_requested & self.refuses_services != 0 {
                    status::INVALID_SERVICE_MASK
                } else {
                    let ccx_online = self.online.into();
                    let granted = if agent_mode { self.agent_services } else { self.services };
                    let services_granted = granted & request.services_requested;
                    let flt_peripheral_id = Some(1);
                    let conf =
                        OpenConf { invoke_id, services_granted, ccx_online, flt_peripheral_id, ..OpenConf::default() };
                    return self.put(out, conf);
                };
                self.put(out, FailureConf { invoke_id, status: refusal, ..FailureConf::default() });
            }
            Message::HeartbeatReq(request) => {
                let invoke_id = request.invoke_id;
                if let Some(status) = self.heartbeat_status {
                    self.put(out, FailureConf { invoke_id, status, ..FailureConf::default() });
                } else if self.confirms_heartbeats {
                    self.put(out, HeartbeatConf { invoke_id, ..HeartbeatConf::default() });
                }
            }
            Message::ConfigRequestKeyEvent(_) if self.answers_keys => self.put(out, ConfigKeyEvent::default()),
            Message::ConfigRequestEvent(_) if self.tells_configuration => self.tell_configuration(out),
            Message::TeamConfigReq(request) => {
                for team in &self.teams {
                    self.tell_team(team, out);
                }
                self.put(out, TeamConfigConf { invoke_id: request.invoke_id, ..TeamConfigConf::default() });
                out.extend(self.while_reading.drain(..).flatten());
            }
            Message::QueryAgentStateReq(request) => {
                let id = request.agent_id.expect("an agent").to_str_lossy().into_owned();
                let Some(agent) = self.agents.iter().find(|agent| agent.id == id) else {
                    let (invoke_id, status) = (request.invoke_id, status::AGENT_NOT_LOGGED_ON);
                    return self.put(out, FailureConf { invoke_id, status, ..FailureConf::default() });
                };
                let logged_in = agent.state != agent_state::LOGOUT;
                let conf = QueryAgentStateConf {
                    invoke_id: request.invoke_id,
                    agent_state: agent.state,
                    agent_id: Some(Text::from(agent.id)),
                    agent_extension: logged_in.then(|| Text::from(agent.extension)),
                    agent_instrument: logged_in.then(|| Text::from(agent.extension)),
                    ..QueryAgentStateConf::default()
                };
                self.put(out, conf);
            }
            other => self.confirm(other, out),
        }
    }

    fn confirm(&mut self, message: &Message<'_>, out: &mut Vec<u8>) {
        use interaction_core::cti::uccx::codec::messages as m;
        let invoke_id = match message {
            Message::SetAgentStateReq(request) => request.invoke_id,
            Message::MakeCallReq(request) => request.invoke_id,
            Message::ConsultCallReq(request) => request.invoke_id,
            Message::AnswerCallReq(request) => request.invoke_id,
            Message::ClearConnectionReq(request) => request.invoke_id,
            Message::HoldCallReq(request) => request.invoke_id,
            Message::RetrieveCallReq(request) => request.invoke_id,
            Message::AlternateCallReq(request) => request.invoke_id,
            Message::TransferCallReq(request) => request.invoke_id,
            Message::ConferenceCallReq(request) => request.invoke_id,
            Message::SendDtmfSignalReq(request) => request.invoke_id,
            Message::SetCallDataReq(request) => request.invoke_id,
            _ => return,
        };
        match self.reply {
            Reply::Silence => return,
            Reply::Control(failure_code, ccx_error_code) => {
                let text = Some(Text::from("no way"));
                let conf = ControlFailureConf {
                    invoke_id,
                    failure_code,
                    ccx_error_code,
                    text,
                    ..ControlFailureConf::default()
                };
                return self.put(out, conf);
            }
            Reply::Status(status) => {
                return self.put(out, FailureConf { invoke_id, status, ..FailureConf::default() });
            }
            Reply::Confirm => {}
        }
        self.next_call += 1;
        let new_connection_call_id = self.next_call;
        match message {
            Message::SetAgentStateReq(_) => self.put(out, SetAgentStateConf { invoke_id, ..Default::default() }),
            Message::MakeCallReq(_) => {
                self.put(out, MakeCallConf { invoke_id, new_connection_call_id, ..Default::default() });
            }
            Message::ConsultCallReq(_) => {
                self.put(out, m::ConsultCallConf { invoke_id, new_connection_call_id, ..Default::default() });
            }
            Message::AnswerCallReq(_) => self.put(out, m::AnswerCallConf { invoke_id, ..Default::default() }),
            Message::ClearConnectionReq(_) => self.put(out, m::ClearConnectionConf { invoke_id, ..Default::default() }),
            Message::HoldCallReq(_) => self.put(out, m::HoldCallConf { invoke_id, ..Default::default() }),
            Message::RetrieveCallReq(_) => self.put(out, m::RetrieveCallConf { invoke_id, ..Default::default() }),
            Message::AlternateCallReq(_) => self.put(out, m::AlternateCallConf { invoke_id, ..Default::default() }),
            Message::TransferCallReq(_) => self.put(out, m::TransferCallConf { invoke_id, ..Default::default() }),
            Message::ConferenceCallReq(_) => self.put(out, m::ConferenceCallConf { invoke_id, ..Default::default() }),
            Message::SendDtmfSignalReq(_) => self.put(out, m::SendDtmfSignalConf { invoke_id, ..Default::default() }),
            Message::SetCallDataReq(_) => self.put(out, m::SetCallDataConf { invoke_id, ..Default::default() }),
            _ => {}
        }
    }

    fn tell_configuration(&self, out: &mut Vec<u8>) {
        let parts: &[u32] = if self.configuration_in_parts { &[1, 2, 4, 8] } else { &[0x0F] };
        for mask in parts {
            self.put(out, ConfigBeginEvent { config_type: 1, configuration_mask: *mask, ..Default::default() });
            if mask & 2 != 0 {
                for (id, name) in [(31, "Gold"), (32, "Silver")] {
                    let record =
                        CsqRecord { csq_id: Some(id), csq_name: Some(Text::from(name)), ..CsqRecord::default() };
                    self.put(out, ConfigCsqEvent { records: (&[record]).into(), ..Default::default() });
                }
            }
            if mask & 4 != 0 {
                for agents in self.agents.chunks(10) {
                    let records: Vec<AgentRecord<'_>> = agents.iter().map(record).collect();
                    self.put(out, ConfigAgentEvent { records: records.as_slice().into(), ..Default::default() });
                }
            }
            if mask & 8 != 0 {
                let device = |number, kind, description| DeviceRecord {
                    device_type: Some(kind),
                    device_field4: Some(Text::from(number)),
                    description: Some(Text::from(description)),
                    ..DeviceRecord::default()
                };
                let records =
                    [device("6000", 5, "Sales line"), device("7001", 9, "Port 1"), device("2001", 3, "A phone")];
                self.put(out, ConfigDeviceEvent { records: (&records).into(), ..Default::default() });
            }
            self.put(out, ConfigEndEvent::default());
        }
    }

    fn tell_team(&self, team: &Team, out: &mut Vec<u8>) {
        for (index, members) in team.members.chunks(64).enumerate() {
            let records: Vec<TeamMember<'_>> = members.iter().map(|(id, flags)| member(id, *flags, 0)).collect();
            let event = TeamConfigEvent {
                team_id: team.id,
                operation: if index == 0 { 1 } else { 3 },
                team_name: Some(Text::from(team.name)),
                members: records.as_slice().into(),
                ..TeamConfigEvent::default()
            };
            self.put(out, event);
        }
    }
}

pub(crate) fn record(agent: &Agent) -> AgentRecord<'_> {
    AgentRecord {
        record_type: Some(0),
        login_id: Some(Text::from(agent.id)),
        first_name: Some(Text::from(agent.first)),
        last_name: Some(Text::from(agent.last)),
        extension: Some(Text::from(agent.extension)),
        ..AgentRecord::default()
    }
}

pub(crate) fn member(id: &str, flags: u16, record_type: u16) -> TeamMember<'_> {
    TeamMember {
        agent_id: Some(Text::from(id)),
        agent_flags: Some(flags),
        record_type: Some(record_type),
        member_type: Some(1),
        ..TeamMember::default()
    }
}

pub(crate) fn state<'a>(id: &'a str, extension: &'a str, state: u16, reason: u16) -> AgentStateEvent<'a> {
    AgentStateEvent {
        agent_state: state,
        event_reason_code: reason,
        agent_id: Some(Text::from(id)),
        agent_extension: Some(Text::from(extension)),
        agent_instrument: Some(Text::from(extension)),
        next_agent_state: Some(0xFFFF),
        ..AgentStateEvent::default()
    }
}

/// How often each message was received.
pub(crate) fn counts(server: &Server) -> BTreeMap<&'static str, usize> {
    let mut counts = BTreeMap::new();
    for (name, _) in &server.received {
        *counts.entry(*name).or_default() += 1;
    }
    counts
}
