//! The vocabulary's words as numbers and texts of the wire.

use crate::cti::uccx::codec::Text;
use crate::cti::uccx::codec::names::{agent_flags, agent_state_mask, call_type, device_type, event_cause, line_type};
use crate::cti::{AgentState, CallKind, Cause, Device, DeviceKind, PartyRole, Role};
use crate::ids::CallId;

/// A number that says "none": of a call, a queue, an application.
pub(super) const NONE: u32 = u32::MAX;

/// A text as a field of at most `bytes_max` bytes with its NUL; what does not fit is cut between characters. Nothing where it is
/// empty.
pub(super) fn text(text: &str, bytes_max: usize) -> Option<Text<'_>> {
    (!text.is_empty()).then(|| value(text, bytes_max))
}

/// The same where an empty text says something.
pub(super) fn value(text: &str, bytes_max: usize) -> Text<'_> {
    let text = text.split('\0').next().unwrap_or_default();
    let mut end = text.len().min(bytes_max - 1);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    Text::from(&text[..end])
}

/// The number of a call: the end of its id, as the simulated platform counts them.
pub(super) fn call_number(call: &CallId) -> Option<u32> {
    let (_, number) = call.as_str().rsplit_once('-')?;
    number.parse().ok()
}

/// The number of a team, a queue: their ids are numbers.
pub(super) fn number(id: &str) -> Option<u32> {
    id.parse().ok()
}

/// A phone outside is DEVICE: UCCX has no type of its own for it.
pub(super) const fn device(kind: DeviceKind) -> u16 {
    match kind {
        DeviceKind::Trigger => device_type::ROUTE_POINT,
        DeviceKind::Ivr => device_type::CTI_PORT,
        DeviceKind::Queue => device_type::QUEUE,
        DeviceKind::Agent => device_type::AGENT_DEVICE,
        DeviceKind::External => device_type::DEVICE,
    }
}

pub(super) const fn line(device: &Device) -> u16 {
    match device.kind {
        DeviceKind::Agent => line_type::BUSINESS,
        DeviceKind::Trigger | DeviceKind::Ivr | DeviceKind::Queue | DeviceKind::External => line_type::OTHER,
    }
}

pub(super) const fn type_of_call(kind: CallKind) -> u16 {
    match kind {
        CallKind::Inbound => call_type::CCX_IN,
        CallKind::Outbound => call_type::OUT,
        CallKind::Internal => call_type::AGENT_INSIDE,
        CallKind::Consult => call_type::CONSULT,
    }
}

pub(super) const fn cause(cause: Cause) -> u16 {
    match cause {
        Cause::Normal | Cause::Failed => event_cause::NONE,
        Cause::NoAnswer | Cause::Rejected => event_cause::NOT_ANSWERED,
        Cause::Busy => event_cause::BUSY,
        Cause::Abandoned => event_cause::CANCELLED,
        Cause::Redirected => event_cause::REDIRECTED,
        Cause::Transferred => event_cause::TRANSFER,
        Cause::Unreachable => event_cause::DEST_NOT_OBTAINABLE,
        Cause::Other => event_cause::NO_AVAILABLE_AGENTS,
    }
}

pub(super) const fn role(role: PartyRole) -> u16 {
    match role {
        PartyRole::Party => event_cause::NONE,
        PartyRole::Listener => event_cause::MONITOR,
        PartyRole::Coach => event_cause::WHISPER,
        PartyRole::Barged => event_cause::BARGE_IN,
    }
}

pub(super) const fn state_bit(state: AgentState) -> u32 {
    match state {
        AgentState::LoggedOut => agent_state_mask::LOGOUT,
        AgentState::NotReady => agent_state_mask::NOT_READY,
        AgentState::Ready => agent_state_mask::AVAILABLE,
        AgentState::Reserved => agent_state_mask::RESERVED,
        AgentState::Talking => agent_state_mask::TALKING,
        AgentState::Hold => agent_state_mask::HOLD,
        AgentState::Work => agent_state_mask::WORK,
    }
}

pub(super) fn reason(reason: &str) -> u16 {
    reason.parse().unwrap_or(0)
}

/// UCCX has no team leads: they are a team's secondary supervisors.
pub(super) const fn flags(role: Role) -> u16 {
    match role {
        Role::Supervisor => agent_flags::PRIMARY_SUPERVISOR,
        Role::TeamLead => agent_flags::SUPERVISOR,
        Role::Agent => 0,
    }
}
