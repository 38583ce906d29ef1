//! Why calls end and where they come from.

use crate::cti::uccx::codec::names::{call_type, event_cause as wire};
use crate::cti::{CallKind, Cause, PartyRole};

/// The cause a number on the wire stands for; nothing where it says none of them.
pub(super) const fn cause(number: u16) -> Option<Cause> {
    match number {
        wire::BUSY => Some(Cause::Busy),
        wire::CANCELLED => Some(Cause::Abandoned),
        wire::FORWARD | wire::REDIRECTED => Some(Cause::Redirected),
        wire::NOT_ANSWERED | wire::TIME_OUT => Some(Cause::NoAnswer),
        wire::DEST_NOT_OBTAINABLE | wire::INCOMPATIBLE => Some(Cause::Unreachable),
        wire::TRANSFER | wire::INTERCEPT => Some(Cause::Transferred),
        wire::NO_AVAILABLE_AGENTS => Some(Cause::Other),
        _ => None,
    }
}

/// What a leg of this type is.
pub(super) const fn kind(call_type: u16) -> CallKind {
    match call_type {
        call_type::OUT | call_type::AGENT_OUTBOUND | call_type::PREVIEW => CallKind::Outbound,
        call_type::CONSULT | call_type::CONFERENCE => CallKind::Consult,
        call_type::AGENT_INSIDE
        | call_type::ASSIST
        | call_type::EMERGENCY
        | call_type::MONITOR
        | call_type::BARGE_IN
        | call_type::INTERCEPT => CallKind::Internal,
        _ => CallKind::Inbound,
    }
}

/// What somebody who comes onto a leg for this cause is to it; nothing where it does not say.
pub(super) const fn role(cause: u16) -> Option<PartyRole> {
    match cause {
        wire::MONITOR => Some(PartyRole::Listener),
        wire::WHISPER => Some(PartyRole::Coach),
        wire::BARGE_IN => Some(PartyRole::Barged),
        wire::INTERCEPT => Some(PartyRole::Party),
        _ => None,
    }
}
