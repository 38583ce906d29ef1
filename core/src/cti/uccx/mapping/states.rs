//! States of agents, both ways.

use crate::cti::AgentState;
use crate::cti::uccx::codec::names::agent_state as wire;

/// The state a number on the wire stands for. ACTIVE counts as talking, PAUSED as not ready, and what the platform does not
/// know as logged out.
pub(in crate::cti::uccx) const fn from_wire(state: u16) -> Option<AgentState> {
    match state {
        wire::LOGOUT | wire::UNKNOWN => Some(AgentState::LoggedOut),
        wire::LOGIN | wire::NOT_READY | wire::PAUSED => Some(AgentState::NotReady),
        wire::READY => Some(AgentState::Ready),
        wire::TALKING | wire::BUSY_OTHER | wire::ACTIVE => Some(AgentState::Talking),
        wire::WORK | wire::WORK_READY => Some(AgentState::Work),
        wire::RESERVED => Some(AgentState::Reserved),
        wire::HOLD => Some(AgentState::Hold),
        _ => None,
    }
}

/// The number on the wire that stands for a state.
pub(in crate::cti::uccx) const fn to_wire(state: AgentState) -> u16 {
    match state {
        AgentState::LoggedOut => wire::LOGOUT,
        AgentState::NotReady => wire::NOT_READY,
        AgentState::Ready => wire::READY,
        AgentState::Reserved => wire::RESERVED,
        AgentState::Talking => wire::TALKING,
        AgentState::Hold => wire::HOLD,
        AgentState::Work => wire::WORK,
    }
}

/// A reason code as clients read it: no reason is no text.
pub(in crate::cti::uccx) fn reason(code: u16) -> Box<str> {
    if code == 0 || code == u16::MAX { "".into() } else { code.to_string().into() }
}
