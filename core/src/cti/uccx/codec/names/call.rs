//! Enumerations of calls and devices. Values marked as the parent protocol's are not in the guide of UCCX.

use super::codes;

codes! {
    /// How long the id of a connection's device is valid (`ConnectionDeviceIDType`).
    connection_device_id_type: u16 {
        STATIC = 0,
        DYNAMIC = 1,
        NONE = 0xFFFF,
    }

    /// Types of devices; 70, 71, 75 and 79 are the parent protocol's.
    device_type: u16 {
        DEVICE = 0,
        TRUNK = 70,
        TRUNK_GROUP = 71,
        CTI_PORT = 73,
        ROUTE_POINT = 74,
        EXTERNAL = 75,
        AGENT_DEVICE = 76,
        QUEUE = 77,
        NON_ACD = 78,
        SHARED = 79,
        NONE = 0xFFFF,
    }

    /// States of a connection (`LocalConnectionState`).
    connection_state: u16 {
        NULL = 0,
        INITIATE = 1,
        ALERTING = 2,
        CONNECT = 3,
        HOLD = 4,
        QUEUED = 5,
        FAIL = 6,
        NONE = 0xFFFF,
    }

    /// Causes of call events (`EventCause`).
    event_cause: u16 {
        ALTERNATE = 2,
        BUSY = 3,
        CANCELLED = 5,
        FORWARD = 9,
        NOT_ANSWERED = 10,
        DEST_NOT_OBTAINABLE = 13,
        INCOMPATIBLE = 15,
        KEY_CONFERENCE = 17,
        NEW_CALL = 22,
        NO_AVAILABLE_AGENTS = 23,
        REDIRECTED = 28,
        TRANSFER = 32,
        TIME_OUT = 35,
        SUPERVISOR_ASSIST = 43,
        EMERGENCY = 44,
        CLEAR = 45,
        MONITOR = 46,
        WHISPER = 47,
        BARGE_IN = 48,
        INTERCEPT = 49,
        PARTY_UPDATE = 50,
        DROP_HANDLED_OTHER = 1014,
        NONE = 0xFFFF,
    }

    /// Types of calls (`CallType`).
    call_type: u16 {
        INVALID = 0,
        CCX_IN = 1,
        TRANSFER_IN = 4,
        OTHER_IN = 6,
        OUT = 9,
        AGENT_INSIDE = 10,
        OFFERED = 11,
        CONSULT = 12,
        CONFERENCE = 15,
        PREVIEW = 17,
        RESERVATION = 18,
        ASSIST = 19,
        EMERGENCY = 20,
        MONITOR = 21,
        BARGE_IN = 23,
        INTERCEPT = 24,
        AGENT_OUTBOUND = 34,
    }

    /// What became of the called party (`CalledPartyDisposition`); the parent protocol has more.
    called_party_disposition: u16 {
        REDIRECTED = 15,
        ANNOUNCED_TRANSFER = 29,
        CONFERENCED = 30,
    }

    /// Types of lines (`LineType`): 3 is a business line, which is monitored.
    line_type: u16 {
        BUSINESS = 3,
        OTHER = 10,
    }
}
