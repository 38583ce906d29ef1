//! Requests that more than one command becomes.

use super::Step;
use super::pending::Expects;
use super::requests::{NO_CALL, ask};
use crate::cti::uccx::codec::messages::{ConferenceCallReq, SetAgentStateReq, TransferCallReq};
use crate::cti::uccx::codec::names::agent_state;
use crate::cti::uccx::codec::{Secret, Text};
use crate::ids::AgentId;

pub(super) fn login<'m>(
    invoke_id: u32,
    agent: &'m AgentId,
    instrument: &'m str,
    secret: Option<&'m str>,
    expects: Expects,
) -> Step<'m> {
    let request = SetAgentStateReq {
        invoke_id,
        agent_state: agent_state::LOGIN,
        agent_instrument: Some(Text::from(instrument)),
        agent_password: secret.map(|secret| Secret::new(secret.as_bytes())),
        agent_id: Some(Text::from(agent.as_str())),
        agent_extension: Some(Text::from(instrument)),
        ..SetAgentStateReq::default()
    };
    ask(request, expects)
}

pub(super) fn transfer<'m>(
    invoke_id: u32,
    line: Option<Text<'m>>,
    active: u32,
    held: u32,
    destination: Option<Text<'m>>,
) -> TransferCallReq<'m> {
    TransferCallReq {
        invoke_id,
        active_connection_call_id: active,
        held_connection_call_id: held,
        active_connection_device_id: line,
        held_connection_device_id: line.filter(|_| held != NO_CALL),
        agent_instrument: line,
        dialed_number: destination,
        ..TransferCallReq::default()
    }
}

pub(super) fn conference<'m>(
    invoke_id: u32,
    line: Option<Text<'m>>,
    active: u32,
    held: u32,
    destination: Option<Text<'m>>,
) -> ConferenceCallReq<'m> {
    ConferenceCallReq {
        invoke_id,
        held_connection_call_id: held,
        active_connection_call_id: active,
        active_connection_device_id: line,
        held_connection_device_id: line.filter(|_| held != NO_CALL),
        agent_instrument: line,
        dialed_number: destination,
        ..ConferenceCallReq::default()
    }
}
