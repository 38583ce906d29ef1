//! Opening, keeping and ending a session; failures and system events.

use crate::cti::uccx::codec::kinds::{B2, SecretBytes, Str, T4, U2, U4};

messages! {
    /// A request failed; `status` is one of [`status`](crate::cti::uccx::codec::names::status).
    FailureConf: Some(1), "FAILURE_CONF", ToClient {
        fixed {
            invoke_id: U4, "InvokeID" = 0;
            status: U4, "Status" = 0;
        }
        floating {
            text: One(7, "Text", Str<255>),
        }
    }

    /// Something failed that no request asked for.
    FailureEvent: Some(2), "FAILURE_EVENT", ToClient {
        fixed {
            status: U4, "Status" = 0;
        }
        floating {
            text: One(7, "Text", Str<255>),
        }
    }

    /// Opens the session. With ALL_EVENTS (bridge mode) it must not carry the agent fields.
    /// The last three reserved words and the floating part come from the parent protocol.
    OpenReq: Some(3), "OPEN_REQ", ToServer {
        fixed {
            invoke_id: U4, "InvokeID" = 0;
            version_number: U4, "VersionNumber" = 0;
            idle_timeout: U4, "IdleTimeout" = 0;
            resv_12: U4, "resv_12" = 0; // PeripheralID
            services_requested: U4, "ServicesRequested" = 0;
            call_msg_mask: U4, "CallMsgMask" = 0;
            agent_state_mask: U4, "AgentStateMask" = 0;
            config_msg_mask: U4, "ConfigMsgMask" = 0;
            resv_32: U4, "resv_32" = 0;
            resv_36: U4, "resv_36" = 0;
            resv_40: U4, "resv_40" = 0;
        }
        floating {
            client_id: One(1, "ClientID", Str<64>),
            client_password: One(2, "ClientPassword", SecretBytes<64>),
            client_signature: One(3, "ClientSignature", Str<64>),
            agent_extension: One(4, "AgentExtension", Str<16>),
            agent_instrument: One(6, "AgentInstrument", Str<64>),
            agent_id: One(194, "AgentID", Str<129>),
        }
    }

    /// The session is open; fewer services may be granted than were requested.
    OpenConf: Some(4), "OPEN_CONF", ToClient {
        fixed {
            invoke_id: U4, "InvokeID" = 0;
            services_granted: U4, "ServicesGranted" = 0;
            resv_8: U4, "resv_8" = 0; // MonitorID
            resv_12: U4, "resv_12" = 0; // PGStatus
            resv_16: T4, "resv_16" = 0; // ICMCentralControllerTime
            ccx_online: B2, "CCXOnline" = 0;
            resv_22: U2, "resv_22" = 0; // PeripheralType
            agent_state: U2, "AgentState" = 0;
        }
        floating {
            agent_extension: One(4, "AgentExtension", Str<16>),
            resv_tag5: One(5, "resv", Str<12>),
            agent_instrument: One(6, "AgentInstrument", Str<64>),
            agent_id: One(194, "AgentID", Str<129>),
            num_peripherals: One(228, "NumPeripherals", U2),
            flt_peripheral_id: One(208, "FltPeripheralID", U4),
            multiline_agent_control: One(224, "MultilineAgentControl", U2),
            config_msg_mask_granted: One(248, "ConfigMsgMaskGranted", U2),
        }
    }

    /// Asks whether the server is alive.
    HeartbeatReq: Some(5), "HEARTBEAT_REQ", ToServer {
        fixed {
            invoke_id: U4, "InvokeID" = 0;
        }
        floating {}
    }

    /// The server is alive.
    HeartbeatConf: Some(6), "HEARTBEAT_CONF", ToClient {
        fixed {
            invoke_id: U4, "InvokeID" = 0;
        }
        floating {}
    }

    /// Ends the session.
    CloseReq: Some(7), "CLOSE_REQ", ToServer {
        fixed {
            invoke_id: U4, "InvokeID" = 0;
            status: U4, "Status" = 0;
        }
        floating {}
    }

    /// The session has ended.
    CloseConf: Some(8), "CLOSE_CONF", ToClient {
        fixed {
            invoke_id: U4, "InvokeID" = 0;
        }
        floating {}
    }

    /// The state of the system or of a device changed; sent to every client.
    SystemEvent: Some(31), "SYSTEM_EVENT", ToClient {
        fixed {
            ccx_status: U4, "CCXStatus" = 0;
            ccx_time: T4, "CCXTime" = 0;
            system_event_id: U4, "SystemEventID" = 0;
            system_event_arg1: U4, "SystemEventArg1" = 0;
            system_event_arg2: U4, "SystemEventArg2" = 0;
            system_event_arg3: U4, "SystemEventArg3" = 0;
            event_device_type: U2, "EventDeviceType" = 0;
        }
        floating {
            text: One(7, "Text", Str<255>),
            event_device_id: One(206, "EventDeviceID", Str<64>),
        }
    }

    /// A control request failed; `failure_code` is one of
    /// [`control_failure`](crate::cti::uccx::codec::names::control_failure), `ccx_error_code` one of
    /// [`ccx_error`](crate::cti::uccx::codec::names::ccx_error).
    ControlFailureConf: Some(35), "CONTROL_FAILURE_CONF", ToClient {
        fixed {
            invoke_id: U4, "InvokeID" = 0;
            failure_code: U2, "FailureCode" = 0;
            ccx_error_code: U4, "CCXErrorCode" = 0;
        }
        floating {
            text: One(7, "Text", Str<255>),
        }
    }
}
