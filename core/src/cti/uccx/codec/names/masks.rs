//! Masks.
//!
//! INVARIANT: two masks name the kinds of configuration, with their bits in different orders:
//! [`config_message_mask`] is that of OPEN_REQ (AGENT first), [`configuration_mask`] that of CONFIG_REQUEST_EVENT
//! and CONFIG_BEGIN_EVENT (APPLICATION first). Never use a constant of the one for the other.

use super::bits;

bits! {
    /// Services asked for and granted (`ServicesRequested`, `ServicesGranted`).
    services: u32 {
        CLIENT_EVENTS = 0x1,
        CALL_DATA_UPDATE = 0x2,
        CLIENT_CONTROL = 0x4,
        ALL_EVENTS = 0x10,
        SUPERVISOR = 0x80,
        AGENT_STATE_CONTROL_ONLY = 0x2000,
        CONFIG_EVENTS = 0x40000,
    }

    /// Call events asked for (`CallMsgMask`); from BEGIN on from the parent protocol.
    call_message_mask: u32 {
        DELIVERED = 0x1,
        QUEUED = 0x2,
        ESTABLISHED = 0x4,
        HELD = 0x8,
        RETRIEVED = 0x10,
        CLEARED = 0x20,
        CONNECTION_CLEARED = 0x40,
        ORIGINATED = 0x80,
        CONFERENCED = 0x100,
        TRANSFERRED = 0x200,
        DIVERTED = 0x400,
        SERVICE_INITIATED = 0x800,
        BEGIN = 0x2000,
        END = 0x4000,
        DATA_UPDATE = 0x8000,
        FAILED = 0x1_0000,
        REACHED_NETWORK = 0x2_0000,
        DEQUEUED = 0x4_0000,
        PRE_CALL = 0x8_0000,
        PRE_CALL_ABORT = 0x10_0000,
        RTP_STARTED = 0x20_0000,
        RTP_STOPPED = 0x40_0000,
    }

    /// Agent states asked for (`AgentStateMask`). The parent protocol calls 0x40 WORK_READY and 0x80 BUSY_OTHER,
    /// and adds HOLD.
    agent_state_mask: u32 {
        LOGIN = 0x1,
        LOGOUT = 0x2,
        NOT_READY = 0x4,
        AVAILABLE = 0x8,
        TALKING = 0x10,
        WORK = 0x20,
        PENDING_WORK = 0x40,
        PENDING_NOT_READY = 0x80,
        RESERVED = 0x100,
        HOLD = 0x200,
    }

    /// Kinds of configuration in OPEN_REQ (`ConfigMsgMask`): not the order of
    /// [`configuration_mask`](super::configuration_mask).
    config_message_mask: u32 {
        AGENT = 0x1,
        CSQ = 0x2,
        APPLICATION = 0x4,
        DEVICE = 0x8,
        TERMINAL = 0x10,
    }

    /// Kinds of configuration in CONFIG_REQUEST_EVENT and CONFIG_BEGIN_EVENT (`ConfigurationMask`): not the order
    /// of [`config_message_mask`](super::config_message_mask).
    configuration_mask: u32 {
        APPLICATION = 0x1,
        CSQ = 0x2,
        AGENT = 0x4,
        DEVICE = 0x8,
        TERMINAL = 0x10,
    }
}
