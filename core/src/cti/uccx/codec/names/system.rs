//! Enumerations of SYSTEM_EVENT.

use super::codes;

codes! {
    /// What happened (`SystemEventID`).
    system_event: u32 {
        CCX_ONLINE = 3,
        CCX_OFFLINE = 4,
        INSTRUMENT_OUT_OF_SERVICE = 10,
        INSTRUMENT_BACK_IN_SERVICE = 11,
    }

    /// State of the system (`CCXStatus`).
    ccx_status: u32 {
        INITIALIZING = 0x100,
        SHUTTING_DOWN = 0x200,
        SHUTDOWN = 0x300,
        IN_SERVICE = 0x400,
        PARTIAL = 0x500,
        OUT_OF_SERVICE = 0x600,
    }
}
