//! Requests that change something: each becomes a command of the simulated platform, whose answer becomes its confirmation.

mod confirm;

use super::clients::Session;
use super::config::ASKED_MAX;
use super::failure::Failure;
use super::words::NONE;
use super::{ClientId, UccxSim};
use crate::cti::uccx::codec::messages::{MakeCallReq, SetAgentStateReq, SetCallDataReq};
use crate::cti::uccx::codec::names::{agent_state, control_failure as cf, services, status};
use crate::cti::uccx::codec::{Message, Secret, Text};
use crate::cti::uccx::mapping::states;
use crate::cti::{Adapter, AdapterInput, AgentState, CallData, Command, LegState, PartyRole, RequestNo, Role};
use crate::ids::{AgentId, CallId};

/// A request that waits for the world.
#[derive(Debug)]
pub(super) struct Asked {
    client: ClientId,
    invoke: u32,
    what: &'static str,
    then: Then,
}

/// What follows the world's answer.
#[derive(Debug)]
enum Then {
    State,
    /// The line.
    MakeCall(Box<str>),
    Consult(Box<str>),
    Answer,
    ClearCall,
    ClearConnection,
    Hold,
    Retrieve,
    Alternate,
    /// The active call was left: the held one is retrieved.
    Leave(Box<Command>),
    Reconnect,
    Transfer(CallId),
    Conference(CallId),
    Digits,
    Data,
}

impl UccxSim {
    /// A request: it becomes a command, unless it fails at once.
    pub(super) fn control(
        &mut self,
        id: ClientId,
        invoke: u32,
        what: &'static str,
        request: &Message<'_>,
    ) -> Result<(), Failure> {
        let Some(client) = self.crowd.client(id) else { return Ok(()) };
        let Some(session) = &client.session else { return Ok(()) };
        if client.asked >= ASKED_MAX {
            let why = "too many requests of this client wait";
            return Err(Failure::Control(cf::SERVICE_BUSY, 0, why.into()));
        }
        let (command, then) = self.command_of(session, request)?;
        let secret = match request {
            Message::SetAgentStateReq(request) => request.agent_password.map(Secret::expose),
            _ => None,
        };
        let secret = secret.and_then(|secret| std::str::from_utf8(secret).ok());
        self.crowd.note_of(id, &format!("{what}: {command:?}"));
        if let Some(client) = self.crowd.client_mut(id) {
            client.asked += 1;
        }
        self.ask(Asked { client: id, invoke, what, then }, command, secret);
        Ok(())
    }

    /// Asks the world. A password goes with the command, and stays nowhere.
    fn ask(&mut self, asked: Asked, command: Command, secret: Option<&str>) {
        self.last_request += 1;
        let request = RequestNo(self.last_request);
        self.asked.insert(request.0, asked);
        self.world.handle_input(self.now, AdapterInput::Command { request, command, secret });
    }

    fn command_of(&self, session: &Session, request: &Message<'_>) -> Result<(Command, Then), Failure> {
        match request {
            Message::SetAgentStateReq(request) => self.set_state(session, request),
            Message::MakeCallReq(request) => self.make_call(session, request),
            Message::AnswerCallReq(request) => {
                let agent = self.caller(session, request.agent_instrument, request.connection_device_id)?;
                let call = match request.connection_call_id {
                    NONE => self.ringing_at(&agent).ok_or_else(no_call_rings)?,
                    number => self.call(number)?,
                };
                Ok((Command::Answer { agent, call }, Then::Answer))
            }
            Message::ClearCallReq(request) => {
                let agent = self.caller(session, request.agent_instrument, request.connection_device_id)?;
                let call = self.call(request.connection_call_id)?;
                Ok((Command::Drop { agent, call }, Then::ClearCall))
            }
            Message::ClearConnectionReq(request) => {
                let agent = self.caller(session, request.agent_instrument, request.connection_device_id)?;
                let call = self.call(request.connection_call_id)?;
                Ok((Command::Drop { agent, call }, Then::ClearConnection))
            }
            Message::HoldCallReq(request) => {
                let agent = self.caller(session, request.agent_instrument, request.connection_device_id)?;
                let call = self.call(request.connection_call_id)?;
                Ok((Command::Hold { agent, call }, Then::Hold))
            }
            Message::RetrieveCallReq(request) => {
                let agent = self.caller(session, request.agent_instrument, request.held_connection_device_id)?;
                let call = self.call(request.held_connection_call_id)?;
                Ok((Command::Retrieve { agent, call }, Then::Retrieve))
            }
            Message::AlternateCallReq(request) => {
                let agent = self.caller(session, request.agent_instrument, request.active_connection_device_id)?;
                let active = self.call(request.active_connection_call_id)?;
                let held = self.call(request.other_connection_call_id)?;
                Ok((Command::Alternate { agent, active, held }, Then::Alternate))
            }
            Message::ReconnectCallReq(request) => {
                let agent = self.caller(session, request.agent_instrument, request.active_connection_device_id)?;
                let call = self.call(request.active_connection_call_id)?;
                let held = self.call(request.held_connection_call_id)?;
                let next = Command::Retrieve { agent: agent.clone(), call: held };
                Ok((Command::Drop { agent, call }, Then::Leave(Box::new(next))))
            }
            Message::ConsultCallReq(request) => {
                let agent = self.caller(session, request.agent_instrument, request.active_connection_device_id)?;
                let call = self.call(request.active_connection_call_id)?;
                let line = self.line(&agent);
                let destination = dialled(request.dialed_number)?;
                Ok((Command::Consult { agent, call, destination }, Then::Consult(line)))
            }
            Message::TransferCallReq(request) => {
                let agent = self.caller(session, request.agent_instrument, request.active_connection_device_id)?;
                let active = self.call(request.active_connection_call_id)?;
                if request.held_connection_call_id == NONE {
                    let destination = dialled(request.dialed_number)?;
                    let then = Then::Transfer(active.clone());
                    return Ok((Command::BlindTransfer { agent, call: active, destination }, then));
                }
                let held = self.call(request.held_connection_call_id)?;
                let then = Then::Transfer(held.clone());
                Ok((Command::CompleteTransfer { agent, held, active }, then))
            }
            Message::ConferenceCallReq(request) => {
                let agent = self.caller(session, request.agent_instrument, request.active_connection_device_id)?;
                let active = self.call(request.active_connection_call_id)?;
                if request.held_connection_call_id == NONE {
                    let destination = dialled(request.dialed_number)?;
                    let then = Then::Conference(active.clone());
                    return Ok((Command::BlindConference { agent, call: active, destination }, then));
                }
                let held = self.call(request.held_connection_call_id)?;
                let then = Then::Conference(held.clone());
                Ok((Command::CompleteConference { agent, held, active }, then))
            }
            Message::SendDtmfSignalReq(request) => {
                let agent = self.caller(session, request.agent_instrument, request.connection_device_id)?;
                let call = self.call(request.connection_call_id)?;
                let digits = request.dtmf_string.and_then(Text::as_str).unwrap_or_default().into();
                Ok((Command::Dtmf { agent, call, digits }, Then::Digits))
            }
            Message::SetCallDataReq(request) => self.set_data(session, request),
            _ => Err(Failure::status(status::INVALID_MESSAGE_TYPE, "this message is the server's to send")),
        }
    }

    fn set_state(&self, session: &Session, request: &SetAgentStateReq<'_>) -> Result<(Command, Then), Failure> {
        if !session.grants(services::CLIENT_CONTROL | services::AGENT_STATE_CONTROL_ONLY) {
            return Err(Failure::not_granted());
        }
        let line = request.agent_instrument.or(request.agent_extension).filter(|line| !line.is_empty());
        let named = self.agent_named(request.agent_id, line);
        // A wrong id is what a wrong password is.
        let agent = match (named, request.agent_id) {
            (Ok(agent), _) => agent,
            (Err(_), Some(id)) if request.agent_state == agent_state::LOGIN => AgentId::from(&*id.to_str_lossy()),
            (Err(_), _) => return Err(Failure::no_agent()),
        };
        if session.agent.as_ref().is_some_and(|own| *own != agent) && !self.supervises(session, &agent) {
            return Err(Failure::not_its_own());
        }
        let by = session.agent.clone().filter(|own| *own != agent);
        let reason = (request.event_reason_code != 0).then(|| request.event_reason_code.to_string().into());
        let command = match request.agent_state {
            agent_state::LOGIN => {
                let extension = request.agent_extension.or(request.agent_instrument).and_then(Text::as_str);
                Command::Login { agent, extension: extension.filter(|line| !line.is_empty()).map(Box::from) }
            }
            agent_state::LOGOUT => Command::Logout { agent, reason, by },
            wanted => match states::from_wire(wanted) {
                Some(state @ (AgentState::Ready | AgentState::NotReady | AgentState::Work)) => {
                    Command::SetState { agent, state, reason, by }
                }
                _ => {
                    let why = "nobody can be put into this state";
                    return Err(Failure::Control(cf::VALUE_OUT_OF_RANGE, 0, why.into()));
                }
            },
        };
        Ok((command, Then::State))
    }

    fn make_call(&self, session: &Session, request: &MakeCallReq<'_>) -> Result<(Command, Then), Failure> {
        let agent = self.caller(session, request.agent_instrument, None)?;
        let destination = dialled(request.dialed_number)?;
        let variables = [
            request.call_variable1,
            request.call_variable2,
            request.call_variable3,
            request.call_variable4,
            request.call_variable5,
            request.call_variable6,
            request.call_variable7,
            request.call_variable8,
            request.call_variable9,
            request.call_variable10,
        ];
        let mut data = variable_data(variables);
        data.extend(request.call_wrapup_data.map(|value| ("wrapup".into(), value.to_str_lossy().into())));
        let then = Then::MakeCall(self.line(&agent));
        Ok((Command::Dial { agent, destination, data }, then))
    }

    /// The request names no agent: it is carried out for one who is on the call.
    fn set_data(&self, session: &Session, request: &SetCallDataReq<'_>) -> Result<(Command, Then), Failure> {
        if !session.grants(services::CALL_DATA_UPDATE) {
            return Err(Failure::not_granted());
        }
        let call = self.call(request.connection_call_id)?;
        let record = self.world.truth().call(&call).ok_or_else(Failure::no_call)?;
        let mut agents = record.parties.into_iter().filter(|party| party.role == PartyRole::Party);
        let agent = match &session.agent {
            Some(own) => agents.find_map(|party| party.device.agent.filter(|agent| agent == own)),
            None => agents.find_map(|party| party.device.agent),
        };
        let agent =
            agent.ok_or_else(|| Failure::Control(cf::AGENT_NOT_PARTY_ON_CALL, 0, "no agent is on the call".into()))?;
        let variables = [
            request.call_variable1,
            request.call_variable2,
            request.call_variable3,
            request.call_variable4,
            request.call_variable5,
            request.call_variable6,
            request.call_variable7,
            request.call_variable8,
            request.call_variable9,
            request.call_variable10,
        ];
        let mut data = variable_data(variables);
        let others = [
            ("ani", request.ani),
            ("dnis", request.dnis),
            ("enteredDigits", request.caller_entered_digits),
            ("wrapup", request.call_wrapup_data),
        ];
        let others = others.into_iter().filter_map(|(key, value)| Some((key, value?)));
        data.extend(others.map(|(key, value)| (key.into(), value.to_str_lossy().into())));
        Ok((Command::SetData { agent, call, data }, Then::Data))
    }

    /// The agent whose calls a request controls.
    fn caller(
        &self,
        session: &Session,
        instrument: Option<Text<'_>>,
        device: Option<Text<'_>>,
    ) -> Result<AgentId, Failure> {
        if !session.grants(services::CLIENT_CONTROL) {
            return Err(Failure::not_granted());
        }
        let line = instrument.or(device);
        let agent = match (line, &session.agent) {
            (None, Some(own)) => own.clone(),
            (None, None) => return Err(Failure::missing("AgentInstrument")),
            (Some(_), _) => self.agent_named(None, line).map_err(|_| Failure::no_device())?,
        };
        if session.agent.as_ref().is_some_and(|own| *own != agent) {
            return Err(Failure::not_its_own());
        }
        Ok(agent)
    }

    /// Whether the session's agent supervises a team of this one.
    fn supervises(&self, session: &Session, agent: &AgentId) -> bool {
        let Some(own) = session.agent.as_ref().filter(|_| session.grants(services::SUPERVISOR)) else { return false };
        self.world.truth().teams().any(|team| {
            let leads = |role: Role| matches!(role, Role::Supervisor | Role::TeamLead);
            team.members.iter().any(|member| member.agent == *own && leads(member.role))
                && team.members.iter().any(|member| member.agent == *agent)
        })
    }

    fn call(&self, number: u32) -> Result<CallId, Failure> {
        self.calls.id(number).ok_or_else(Failure::no_call)
    }

    fn line(&self, agent: &AgentId) -> Box<str> {
        self.world.truth().status(agent).and_then(|status| status.extension).unwrap_or_default()
    }

    fn ringing_at(&self, agent: &AgentId) -> Option<CallId> {
        let rings = |call: &crate::cti::CallRecord| {
            let mut parties = call.parties.iter();
            parties.any(|party| party.device.agent.as_ref() == Some(agent) && party.state == LegState::Ringing)
        };
        self.world.truth().calls().find(rings).map(|call| call.call)
    }
}

fn variable_data(variables: [Option<Text<'_>>; 10]) -> CallData {
    let given = (1..).zip(variables).filter_map(|(number, value)| Some((number, value?)));
    given.map(|(number, value)| (format!("callVariable{number}").into(), value.to_str_lossy().into())).collect()
}

fn dialled(number: Option<Text<'_>>) -> Result<Box<str>, Failure> {
    let number = number.filter(|number| !number.is_empty()).ok_or_else(|| Failure::missing("DialedNumber"))?;
    Ok(number.to_str_lossy().into())
}

fn no_call_rings() -> Failure {
    Failure::Control(cf::NO_CALL_TO_ANSWER, 0, "no call rings at the agent".into())
}
