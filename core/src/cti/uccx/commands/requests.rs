//! The request each command becomes.

use super::building::{conference, login, transfer};
use super::pending::Expects;
use super::{Step, UccxAdapter};
use crate::cti::uccx::codec::messages::{
    AlternateCallReq, AnswerCallReq, ClearConnectionReq, ConsultCallReq, HoldCallReq, MakeCallReq, RetrieveCallReq,
    SendDtmfSignalReq, SetAgentStateReq,
};
use crate::cti::uccx::codec::names::services;
use crate::cti::uccx::codec::{Message, Text};
use crate::cti::uccx::config::PasswordCheck;
use crate::cti::uccx::mapping::refusals::refusal;
use crate::cti::uccx::mapping::{Target, data_request, states};
use crate::cti::uccx::session::Session;
use crate::cti::{AgentState, Command, Outcome, Refusal, RefusalKind};
use crate::ids::{AgentId, CallId};

/// ConnectionCallID for "none".
pub(super) const NO_CALL: u32 = u32::MAX;
/// The longest DTMFString, its NUL aside.
const DIGITS_MAX: usize = 31;
/// ConsultType for a transfer: a conference can be completed from it all the same.
const CONSULT_TRANSFER: u16 = 1;

impl UccxAdapter {
    /// What a command comes to; the messages borrow from it.
    pub(super) fn prepare<'m>(
        &'m self,
        invoke_id: u32,
        command: &'m Command,
        secret: Option<&'m str>,
    ) -> Result<Step<'m>, Refusal> {
        match command {
            Command::Verify { agent } => self.verify(invoke_id, agent, secret),
            Command::Login { agent, extension } => {
                let (id, instrument) = self.state_actor(agent)?;
                let Some(instrument) = extension.as_deref().or(instrument).filter(|line| !line.is_empty()) else {
                    return Err(refusal(
                        RefusalKind::Destination,
                        "no extension is configured for the agent: give one",
                    ));
                };
                Ok(login(invoke_id, id, instrument, secret, Expects::State))
            }
            Command::Logout { agent, reason, .. } => {
                self.set_state(invoke_id, agent, AgentState::LoggedOut, reason.as_deref())
            }
            Command::SetState { agent, state, reason, .. } => {
                self.set_state(invoke_id, agent, *state, reason.as_deref())
            }
            Command::Dial { agent, destination, data } => {
                let line = self.line(agent)?;
                let data = data_request(data).map_err(no_such_data)?;
                let request = MakeCallReq {
                    invoke_id,
                    agent_instrument: line,
                    dialed_number: number(destination)?,
                    call_variable1: data.call_variable1,
                    call_variable2: data.call_variable2,
                    call_variable3: data.call_variable3,
                    call_variable4: data.call_variable4,
                    call_variable5: data.call_variable5,
                    call_variable6: data.call_variable6,
                    call_variable7: data.call_variable7,
                    call_variable8: data.call_variable8,
                    call_variable9: data.call_variable9,
                    call_variable10: data.call_variable10,
                    call_wrapup_data: data.call_wrapup_data,
                    ..MakeCallReq::default()
                };
                Ok(ask(request, Expects::MakeCall))
            }
            Command::Answer { agent, call } => {
                let (line, call) = self.line_on(agent, call)?;
                let request = AnswerCallReq {
                    invoke_id,
                    connection_call_id: call.wire,
                    connection_device_id: line,
                    agent_instrument: line,
                    ..AnswerCallReq::default()
                };
                Ok(ask(request, Expects::Answer))
            }
            Command::Drop { agent, call } => {
                let (line, call) = self.line_on(agent, call)?;
                let request = ClearConnectionReq {
                    invoke_id,
                    connection_call_id: call.wire,
                    connection_device_id: line,
                    agent_instrument: line,
                    ..ClearConnectionReq::default()
                };
                Ok(ask(request, Expects::Clear))
            }
            Command::Hold { agent, call } => {
                let (line, call) = self.line_on(agent, call)?;
                let request = HoldCallReq {
                    invoke_id,
                    connection_call_id: call.wire,
                    connection_device_id: line,
                    agent_instrument: line,
                    ..HoldCallReq::default()
                };
                Ok(ask(request, Expects::Hold))
            }
            Command::Retrieve { agent, call } => {
                let (line, call) = self.line_on(agent, call)?;
                let request = RetrieveCallReq {
                    invoke_id,
                    held_connection_call_id: call.wire,
                    held_connection_device_id: line,
                    agent_instrument: line,
                    ..RetrieveCallReq::default()
                };
                Ok(ask(request, Expects::Retrieve))
            }
            Command::Consult { agent, call, destination } => {
                let (line, target) = self.line_on(agent, call)?;
                let request = ConsultCallReq {
                    invoke_id,
                    active_connection_call_id: target.wire,
                    consult_type: CONSULT_TRANSFER,
                    active_connection_device_id: line,
                    dialed_number: number(destination)?,
                    agent_instrument: line,
                    ..ConsultCallReq::default()
                };
                let (agent, _) = self.actor(agent)?;
                Ok(ask(request, Expects::Consulting(agent.clone(), call.clone())))
            }
            Command::Alternate { agent, active, held } => {
                let (line, active) = self.line_on(agent, active)?;
                let request = AlternateCallReq {
                    invoke_id,
                    active_connection_call_id: active.wire,
                    other_connection_call_id: self.target(held)?.wire,
                    active_connection_device_id: line,
                    other_connection_device_id: line,
                    agent_instrument: line,
                    ..AlternateCallReq::default()
                };
                Ok(ask(request, Expects::Alternate))
            }
            Command::CompleteTransfer { agent, held, active } => {
                let (line, active) = self.line_on(agent, active)?;
                let held = self.target(held)?.wire;
                Ok(ask(transfer(invoke_id, line, active.wire, held, None), Expects::Transfer))
            }
            Command::BlindTransfer { agent, call, destination } => {
                let (line, call) = self.line_on(agent, call)?;
                let destination = number(destination)?;
                Ok(ask(transfer(invoke_id, line, call.wire, NO_CALL, destination), Expects::Transfer))
            }
            Command::CompleteConference { agent, held, active } => {
                let (line, active) = self.line_on(agent, active)?;
                let held = self.target(held)?.wire;
                Ok(ask(conference(invoke_id, line, active.wire, held, None), Expects::Conference))
            }
            Command::BlindConference { agent, call, destination } => {
                let (line, call) = self.line_on(agent, call)?;
                let destination = number(destination)?;
                Ok(ask(conference(invoke_id, line, call.wire, NO_CALL, destination), Expects::Conference))
            }
            Command::SetData { agent, call, data } => {
                if !self.may(services::CALL_DATA_UPDATE) {
                    return Err(unsupported("the platform does not grant this client to change call data"));
                }
                self.actor(agent)?;
                let target = self.target(call)?;
                let mut request = data_request(data).map_err(no_such_data)?;
                request.invoke_id = invoke_id;
                request.connection_call_id = target.wire;
                request.call_type = target.call_type;
                Ok(ask(request, Expects::Data))
            }
            Command::Complete { agent, call, disposition } => {
                self.complete(invoke_id, agent, call, disposition.as_deref())
            }
            Command::Reject { .. } => Err(unsupported("the platform cannot refuse an offered call: let it ring")),
            Command::Dtmf { agent, call, digits } => {
                let (line, call) = self.line_on(agent, call)?;
                let tone = |c: char| c.is_ascii_digit() || matches!(c, '*' | '#' | 'A'..='D');
                if !(1..=DIGITS_MAX).contains(&digits.len()) || !digits.chars().all(tone) {
                    return Err(refusal(RefusalKind::Other, "digits are 1 to 31 of 0 to 9, *, # and A to D"));
                }
                let request = SendDtmfSignalReq {
                    invoke_id,
                    connection_call_id: call.wire,
                    connection_device_id: line,
                    dtmf_string: Some(Text::from(&**digits)),
                    agent_instrument: line,
                    ..SendDtmfSignalReq::default()
                };
                Ok(ask(request, Expects::Digits))
            }
            Command::Recording { .. } => Err(unsupported("the protocol does not record")),
            Command::Supervise { .. } => {
                Err(unsupported("the protocol has no published message for acting on another agent's call"))
            }
        }
    }

    /// Checks a password as far as the protocol can; see [`PasswordCheck`].
    fn verify<'m>(&'m self, invoke_id: u32, agent: &'m AgentId, secret: Option<&'m str>) -> Result<Step<'m>, Refusal> {
        let wrong = || refusal(RefusalKind::Credentials, "unknown agent or wrong password");
        if self.config.password_check == PasswordCheck::Refuse {
            return Err(unsupported("passwords are not checked by the CTI server: the configuration says so"));
        }
        let (id, known) = self.roster.find_agent(agent).filter(|(_, known)| known.configured).ok_or_else(wrong)?;
        if secret.is_none_or(str::is_empty) {
            return Err(wrong());
        }
        if known.state == AgentState::LoggedOut || self.config.password_check == PasswordCheck::Trust {
            return Ok(Step::Known(Outcome::Verified { agent: id.clone() }));
        }
        let (_, instrument) = self.state_actor(agent)?;
        let Some(instrument) = instrument else {
            return Err(refusal(RefusalKind::Unavailable, "it is not known where the agent is logged in"));
        };
        Ok(login(invoke_id, id, instrument, secret, Expects::Verified(id.clone())))
    }

    fn set_state<'m>(
        &'m self,
        invoke_id: u32,
        agent: &'m AgentId,
        state: AgentState,
        reason: Option<&str>,
    ) -> Result<Step<'m>, Refusal> {
        let (id, instrument) = self.state_actor(agent)?;
        if !matches!(state, AgentState::LoggedOut | AgentState::NotReady | AgentState::Ready | AgentState::Work) {
            return Err(refusal(RefusalKind::State, "nobody can be put into this state"));
        }
        let event_reason_code = match reason {
            None | Some("") => 0,
            Some(code) => code.parse().map_err(|_| {
                refusal(RefusalKind::Other, "the reason is not a number from 0 to 65535: give its code")
            })?,
        };
        let request = SetAgentStateReq {
            invoke_id,
            agent_state: states::to_wire(state),
            event_reason_code,
            agent_instrument: Some(Text::from(instrument.unwrap_or_default())),
            agent_id: Some(Text::from(id.as_str())),
            ..SetAgentStateReq::default()
        };
        Ok(ask(request, Expects::State))
    }

    /// A disposition is written to the call while that is there. After-call work, whose call is gone from the wire, is ended by
    /// becoming ready: a disposition has no place in that.
    fn complete<'m>(
        &'m self,
        invoke_id: u32,
        agent: &'m AgentId,
        call: &CallId,
        disposition: Option<&'m str>,
    ) -> Result<Step<'m>, Refusal> {
        let (id, _) = self.actor(agent)?;
        let working = self.roster.agents.get(id).is_some_and(|agent| agent.state == AgentState::Work);
        match (disposition, self.calls.target(call)) {
            (Some(words), Some(target)) if self.may(services::CALL_DATA_UPDATE) => {
                let request = crate::cti::uccx::codec::messages::SetCallDataReq {
                    invoke_id,
                    connection_call_id: target.wire,
                    call_type: target.call_type,
                    call_wrapup_data: Some(Text::from(words)),
                    ..Default::default()
                };
                Ok(ask(request, Expects::Data))
            }
            _ if working => self.set_state(invoke_id, agent, AgentState::Ready, None),
            _ => Ok(Step::Known(Outcome::Done)),
        }
    }

    /// An agent whose state this client may change.
    fn state_actor(&self, agent: &AgentId) -> Result<(&AgentId, Option<&str>), Refusal> {
        if !self.may(services::CLIENT_CONTROL | services::AGENT_STATE_CONTROL_ONLY) {
            return Err(unsupported("the platform does not grant this client to change agents' states"));
        }
        self.actor(agent)
    }

    /// The instrument of an agent whose calls this client may control.
    fn line(&self, agent: &AgentId) -> Result<Option<Text<'_>>, Refusal> {
        if !self.may(services::CLIENT_CONTROL) {
            return Err(unsupported("the platform does not grant this client to control calls"));
        }
        let (_, instrument) = self.actor(agent)?;
        let unknown = || refusal(RefusalKind::State, "it is not known where the agent is logged in");
        instrument.map(|line| Some(Text::from(line))).ok_or_else(unknown)
    }

    fn line_on(&self, agent: &AgentId, call: &CallId) -> Result<(Option<Text<'_>>, Target), Refusal> {
        Ok((self.line(agent)?, self.target(call)?))
    }

    fn target(&self, call: &CallId) -> Result<Target, Refusal> {
        self.calls.target(call).ok_or_else(|| refusal(RefusalKind::UnknownCall, "the call is over, or never was"))
    }

    /// Whether one of these services is granted, or may be granted to a session of the agent.
    fn may(&self, any_of: u32) -> bool {
        self.grants(any_of) || self.config.agent_sessions_max > 0
    }

    pub(super) fn grants(&self, any_of: u32) -> bool {
        matches!(&self.session, Session::Open(open) if open.grants(any_of))
    }
}

pub(super) fn ask<'m>(request: impl Into<Message<'m>>, expects: Expects) -> Step<'m> {
    Step::Ask(Box::new(request.into()), expects)
}

fn number(destination: &str) -> Result<Option<Text<'_>>, Refusal> {
    let fine = !destination.trim().is_empty() && destination.len() < 40 && !destination.chars().any(char::is_control);
    if fine {
        Ok(Some(Text::from(destination)))
    } else {
        Err(refusal(RefusalKind::Destination, "a number to dial has 1 to 39 characters"))
    }
}

fn unsupported(why: &str) -> Refusal {
    refusal(RefusalKind::Unsupported, why)
}

fn no_such_data(key: &str) -> Refusal {
    unsupported(&format!("the platform has no call data {key:.64}: use callVariable1 to callVariable10"))
}
