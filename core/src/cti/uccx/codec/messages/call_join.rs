//! Requests that concern two calls.

use super::call_change::ConnectedParty;
use crate::cti::uccx::codec::kinds::{B2, Str, U2, U4};

messages! {
    /// Holds the active call and retrieves the other. From the parent protocol.
    AlternateCallReq: Some(40), "ALTERNATE_CALL_REQ", ToServer {
        fixed {
            invoke_id: U4, "InvokeID" = 0;
            resv_4: U4, "resv_4" = 1;
            active_connection_call_id: U4, "ActiveConnectionCallID" = 0;
            other_connection_call_id: U4, "OtherConnectionCallID" = 0;
            active_connection_device_id_type: U2, "ActiveConnectionDeviceIDType" = 0;
            other_connection_device_id_type: U2, "OtherConnectionDeviceIDType" = 0;
        }
        floating {
            active_connection_device_id: One(50, "ActiveConnectionDeviceID", Str<64>),
            other_connection_device_id: One(52, "OtherConnectionDeviceID", Str<64>),
            agent_instrument: One(6, "AgentInstrument", Str<64>),
        }
    }

    /// ALTERNATE_CALL was accepted.
    AlternateCallConf: Some(41), "ALTERNATE_CALL_CONF", ToClient {
        fixed {
            invoke_id: U4, "InvokeID" = 0;
        }
        floating {}
    }

    /// Ends the active call and retrieves the held one.
    ReconnectCallReq: Some(60), "RECONNECT_CALL_REQ", ToServer {
        fixed {
            invoke_id: U4, "InvokeID" = 0;
            resv_4: U4, "resv_4" = 1;
            active_connection_call_id: U4, "ActiveConnectionCallID" = 0;
            held_connection_call_id: U4, "HeldConnectionCallID" = 0;
            active_connection_device_id_type: U2, "ActiveConnectionDeviceIDType" = 0;
            held_connection_device_id_type: U2, "HeldConnectionDeviceIDType" = 0;
        }
        floating {
            active_connection_device_id: One(50, "ActiveConnectionDeviceID", Str<64>),
            held_connection_device_id: One(53, "HeldConnectionDeviceID", Str<64>),
            agent_instrument: One(6, "AgentInstrument", Str<64>),
        }
    }

    /// RECONNECT_CALL was accepted.
    ReconnectCallConf: Some(61), "RECONNECT_CALL_CONF", ToClient {
        fixed {
            invoke_id: U4, "InvokeID" = 0;
        }
        floating {}
    }

    /// Places a consultation call: `consult_type` 1 for a transfer, 2 for a conference.
    ConsultCallReq: Some(50), "CONSULT_CALL_REQ", ToServer {
        fixed {
            invoke_id: U4, "InvokeID" = 0;
            resv_4: U4, "resv_4" = 1;
            active_connection_call_id: U4, "ActiveConnectionCallID" = 0;
            active_connection_device_id_type: U2, "ActiveConnectionDeviceIDType" = 0;
            resv_14: U2, "resv_14" = 0;
            resv_16: U2, "resv_16" = 0;
            consult_type: U2, "ConsultType" = 0;
            resv_20: U2, "resv_20" = 0;
            resv_22: U2, "resv_22" = 0;
            resv_24: U2, "resv_24" = 0;
            resv_26: U2, "resv_26" = 0;
            resv_28: B2, "resv_28" = 0;
            resv_30: B2, "resv_30" = 0;
            num_named_variables: U2, "NumNamedVariables" = 0;
            num_named_arrays: U2, "NumNamedArrays" = 0;
        }
        floating {
            active_connection_device_id: One(50, "ActiveConnectionDeviceID", Str<64>),
            dialed_number: One(11, "DialedNumber", Str<40>),
            agent_instrument: One(6, "AgentInstrument", Str<64>),
        }
    }

    /// CONSULT_CALL was accepted.
    ConsultCallConf: Some(51), "CONSULT_CALL_CONF", ToClient {
        fixed {
            invoke_id: U4, "InvokeID" = 0;
            new_connection_call_id: U4, "NewConnectionCallID" = 0;
            new_connection_device_id_type: U2, "NewConnectionDeviceIDType" = 0;
            resv_10: U2, "resv_10" = 0xFFFF; // LineHandle
            line_type: U2, "LineType" = 0;
        }
        floating {
            new_connection_device_id: One(47, "NewConnectionDeviceID", Str<64>),
        }
    }

    /// Joins two calls. Held stands before active here, unlike in a transfer. From the parent protocol.
    ConferenceCallReq: Some(48), "CONFERENCE_CALL_REQ", ToServer {
        fixed {
            invoke_id: U4, "InvokeID" = 0;
            resv_4: U4, "resv_4" = 1;
            held_connection_call_id: U4, "HeldConnectionCallID" = 0;
            active_connection_call_id: U4, "ActiveConnectionCallID" = 0;
            held_connection_device_id_type: U2, "HeldConnectionDeviceIDType" = 0;
            active_connection_device_id_type: U2, "ActiveConnectionDeviceIDType" = 0;
            call_placement_type: U2, "CallPlacementType" = 0;
            call_manner_type: U2, "CallMannerType" = 0;
            alert_rings: U2, "AlertRings" = 0;
            call_option: U2, "CallOption" = 0;
            facility_type: U2, "FacilityType" = 0;
            answering_machine: U2, "AnsweringMachine" = 0;
            priority: B2, "Priority" = 0;
            post_route: B2, "PostRoute" = 0;
            num_named_variables: U2, "NumNamedVariables" = 0;
            num_named_arrays: U2, "NumNamedArrays" = 0;
        }
        floating {
            active_connection_device_id: One(50, "ActiveConnectionDeviceID", Str<64>),
            held_connection_device_id: One(53, "HeldConnectionDeviceID", Str<64>),
            agent_instrument: One(6, "AgentInstrument", Str<64>),
            dialed_number: One(11, "DialedNumber", Str<40>),
        }
    }

    /// CONFERENCE_CALL was accepted.
    ConferenceCallConf: Some(49), "CONFERENCE_CALL_CONF", ToClient {
        fixed {
            invoke_id: U4, "InvokeID" = 0;
            new_connection_call_id: U4, "NewConnectionCallID" = 0;
            new_connection_device_id_type: U2, "NewConnectionDeviceIDType" = 0;
            num_parties: U2, "NumParties" = 0, counts parties;
            resv_12: U2, "resv_12" = 0xFFFF; // LineHandle
            line_type: U2, "LineType" = 0;
        }
        floating {
            new_connection_device_id: One(47, "NewConnectionDeviceID", Str<64>),
            parties: Many(ConnectedParty, "NumParties"),
        }
    }

    /// Transfers the active call to the held one, or in a single step to the dialed number.
    TransferCallReq: Some(64), "TRANSFER_CALL_REQ", ToServer {
        fixed {
            invoke_id: U4, "InvokeID" = 0;
            resv_4: U4, "resv_4" = 1;
            active_connection_call_id: U4, "ActiveConnectionCallID" = 0;
            held_connection_call_id: U4, "HeldConnectionCallID" = 0;
            active_connection_device_id_type: U2, "ActiveConnectionDeviceIDType" = 0;
            held_connection_device_id_type: U2, "HeldConnectionDeviceIDType" = 0;
            resv_20: U2, "resv_20" = 0;
            resv_22: U2, "resv_22" = 0;
            resv_24: U2, "resv_24" = 0;
            resv_26: U2, "resv_26" = 0;
            resv_28: U2, "resv_28" = 0;
            resv_30: U2, "resv_30" = 0;
            resv_32: B2, "resv_32" = 0;
            resv_34: B2, "resv_34" = 0;
            num_named_variables: U2, "NumNamedVariables" = 0;
            num_named_arrays: U2, "NumNamedArrays" = 0;
        }
        floating {
            active_connection_device_id: One(50, "ActiveConnectionDeviceID", Str<64>),
            held_connection_device_id: One(53, "HeldConnectionDeviceID", Str<64>),
            agent_instrument: One(6, "AgentInstrument", Str<64>),
            dialed_number: One(11, "DialedNumber", Str<40>),
        }
    }

    /// TRANSFER_CALL was accepted.
    TransferCallConf: Some(65), "TRANSFER_CALL_CONF", ToClient {
        fixed {
            invoke_id: U4, "InvokeID" = 0;
            new_connection_call_id: U4, "NewConnectionCallID" = 0;
            new_connection_device_id_type: U2, "NewConnectionDeviceIDType" = 0;
            num_parties: U2, "NumParties" = 0, counts parties;
            resv_12: U2, "resv_12" = 0xFFFF; // LineHandle
            line_type: U2, "LineType" = 0;
        }
        floating {
            new_connection_device_id: One(47, "NewConnectionDeviceID", Str<64>),
            parties: Many(ConnectedParty, "NumParties"),
        }
    }
}
