//! Enumerations of agents and teams.

use super::{bits, codes};

codes! {
    /// States of an agent. WORK is entered by the setting of the queue, or by a request made while talking
    /// and applied when the call ends.
    agent_state: u16 {
        LOGIN = 0, // In requests only.
        LOGOUT = 1,
        NOT_READY = 2,
        READY = 3,
        TALKING = 4,
        WORK = 5,
        WORK_READY = 6,
        BUSY_OTHER = 7, // As the state for a queue only.
        RESERVED = 8,
        UNKNOWN = 9,
        HOLD = 10, // In the parent protocol only.
        ACTIVE = 11,
        PAUSED = 12,
        NONE = 0xFFFF, // NextAgentState: there is none.
    }

    /// What happened to a team (`Operation`).
    team_operation: u16 {
        ADD = 1,
        REMOVE = 2,
        CHANGE = 3,
    }

    /// What happened to a record (`RecordType`).
    record_type: u16 {
        ADD = 0,
        CHANGE = 1,
        DELETE = 2,
    }

    /// What a member of a team is (`MemberType`).
    member_type: u16 {
        AGENT = 1, // Agents and supervisors, told apart by their flags.
        CSQ = 2,
    }
}

bits! {
    /// What an agent is in a team (`AgentFlags`); no bit: an agent.
    agent_flags: u16 {
        PRIMARY_SUPERVISOR = 1,
        TEMPORARY_AGENT = 2,
        SUPERVISOR = 4,
    }
}

/// Reason codes of the system. Those of an administrator are small numbers whose labels the protocol does not
/// carry; 0 means that there is none.
pub mod reason_code {
    use super::agent_state::{LOGOUT, NOT_READY, READY, RESERVED, WORK};

    /// A reason the system gives for a change of state.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct ReasonCode {
        /// `EventReasonCode`.
        pub code: u16,
        /// Its name.
        pub name: &'static str,
        /// The states it was seen with, of [`agent_state`](super::agent_state).
        pub states: &'static [u16],
    }

    const fn reason(code: u16, name: &'static str, states: &'static [u16]) -> ReasonCode {
        ReasonCode { code, name, states }
    }

    /// Every reason of the system, in ascending order.
    pub const ALL: &[ReasonCode] = &[
        reason(22, "SUP_AGT_TO_LOGOUT", &[LOGOUT]),
        reason(33, "SUP_AGT_TO_READY / SUP_AGT_TO_NOT_READY", &[READY, NOT_READY]),
        reason(255, "DESKTOP_LOST_SERVER", &[LOGOUT]),
        reason(32741, "EXTENSION_CONFLICT", &[LOGOUT]),
        reason(32742, "SEC_LINE_OFFHOOK", &[NOT_READY]),
        reason(32743, "EMAIL_NOT_ACCEPTED", &[NOT_READY]),
        reason(32745, "OUTBOUND_WORK", &[WORK]),
        reason(32746, "RESERVED_OUTBOUND_DIRECT", &[RESERVED]),
        reason(32747, "RESERVED_OUTBOUND", &[RESERVED]),
        reason(32748, "AGENT_DELETED", &[LOGOUT]),
        reason(32749, "CANCEL_CONSULT", &[NOT_READY]),
        reason(32750, "ICD_EXTENSION_CHANGED", &[LOGOUT]),
        reason(32751, "SKIPS", &[READY]),
        reason(32752, "CANCEL_RESERVATION", &[READY]),
        reason(32753, "LINE_RESTRICTED", &[NOT_READY]),
        reason(32754, "DEVICE_RESTRICTED", &[NOT_READY]),
        reason(32755, "CALL_ENDED", &[NOT_READY]),
        reason(32756, "PHONE_UP", &[NOT_READY]),
        reason(32757, "CM_FAILOVER", &[NOT_READY]),
        reason(32758, "WORK_TIMER_EXP", &[NOT_READY]),
        reason(32759, "PHONE_DOWN", &[NOT_READY]),
        reason(32760, "LOGON", &[NOT_READY]),
        reason(32761, "NON_ICD", &[NOT_READY]),
        reason(32762, "OFFHOOK", &[NOT_READY]),
        reason(32763, "RNA", &[NOT_READY]),
        reason(32764, "CCX_FAILURE", &[LOGOUT]),
        reason(32765, "CONN_DOWN", &[LOGOUT]),
        reason(32766, "CLOSED_DESKTOP", &[LOGOUT]),
        reason(32767, "RELOGON", &[LOGOUT]),
    ];

    /// The reason with this code, if it is one of the system.
    pub fn find(code: u16) -> Option<&'static ReasonCode> {
        let index = ALL.binary_search_by_key(&code, |reason| reason.code).ok()?;
        ALL.get(index)
    }

    /// Its name.
    pub fn name(code: u16) -> Option<&'static str> {
        find(code).map(|reason| reason.name)
    }
}
