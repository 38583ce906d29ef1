//! Requests that concern one call.

use super::call_data::{CallNamedArray, CallNamedVariable};
use crate::cti::uccx::codec::kinds::{B2, Str, U2, U4};

messages! {
    /// Places a call.
    MakeCallReq: Some(56), "MAKE_CALL_REQ", ToServer {
        fixed {
            invoke_id: U4, "InvokeID" = 0;
            resv_4: U4, "resv_4" = 1;
            resv_8: U2, "resv_8" = 0;
            resv_10: U2, "resv_10" = 0;
            resv_12: U2, "resv_12" = 0;
            resv_14: U2, "resv_14" = 0;
            resv_16: U2, "resv_16" = 0;
            resv_18: U2, "resv_18" = 0;
            resv_20: B2, "resv_20" = 0;
            resv_22: B2, "resv_22" = 0;
            num_named_variables: U2, "NumNamedVariables" = 0, counts named_variables;
            num_named_arrays: U2, "NumNamedArrays" = 0, counts named_arrays;
            resv_28: U4, "resv_28" = 0xFFFF_FFFF; // NULL_CSQ
        }
        floating {
            agent_instrument: One(6, "AgentInstrument", Str<64>),
            dialed_number: One(11, "DialedNumber", Str<40>),
            @call_variables
        }
    }

    /// MAKE_CALL was accepted.
    MakeCallConf: Some(57), "MAKE_CALL_CONF", ToClient {
        fixed {
            invoke_id: U4, "InvokeID" = 0;
            new_connection_call_id: U4, "NewConnectionCallID" = 0;
            new_connection_device_id_type: U2, "NewConnectionDeviceIDType" = 0;
            resv_10: U2, "resv_10" = 0xFFFF; // LineHandle
            line_type: U2, "LineType" = 3;
        }
        floating {
            new_connection_device_id: One(47, "NewConnectionDeviceID", Str<64>),
        }
    }

    /// Answers a call; call id 0xFFFFFFFF for the one that rings.
    AnswerCallReq: Some(42), "ANSWER_CALL_REQ", ToServer {
        fixed {
            invoke_id: U4, "InvokeID" = 0;
            resv_4: U4, "resv_4" = 1;
            connection_call_id: U4, "ConnectionCallID" = 0;
            connection_device_id_type: U2, "ConnectionDeviceIDType" = 0;
        }
        floating {
            @connection
            agent_instrument: One(6, "AgentInstrument", Str<64>),
        }
    }

    /// ANSWER_CALL was accepted.
    AnswerCallConf: Some(43), "ANSWER_CALL_CONF", ToClient {
        fixed {
            invoke_id: U4, "InvokeID" = 0;
        }
        floating {}
    }

    /// Ends a call for all.
    ClearCallReq: Some(44), "CLEAR_CALL_REQ", ToServer {
        fixed {
            invoke_id: U4, "InvokeID" = 0;
            resv_4: U4, "resv_4" = 1;
            connection_call_id: U4, "ConnectionCallID" = 0;
            connection_device_id_type: U2, "ConnectionDeviceIDType" = 0;
        }
        floating {
            @connection
            agent_instrument: One(6, "AgentInstrument", Str<64>),
        }
    }

    /// CLEAR_CALL was accepted.
    ClearCallConf: Some(45), "CLEAR_CALL_CONF", ToClient {
        fixed {
            invoke_id: U4, "InvokeID" = 0;
        }
        floating {}
    }

    /// Leaves a call.
    ClearConnectionReq: Some(46), "CLEAR_CONNECTION_REQ", ToServer {
        fixed {
            invoke_id: U4, "InvokeID" = 0;
            resv_4: U4, "resv_4" = 1;
            connection_call_id: U4, "ConnectionCallID" = 0;
            connection_device_id_type: U2, "ConnectionDeviceIDType" = 0;
        }
        floating {
            @connection
            agent_instrument: One(6, "AgentInstrument", Str<64>),
        }
    }

    /// CLEAR_CONNECTION was accepted.
    ClearConnectionConf: Some(47), "CLEAR_CONNECTION_CONF", ToClient {
        fixed {
            invoke_id: U4, "InvokeID" = 0;
        }
        floating {}
    }

    /// Puts a call on hold.
    HoldCallReq: Some(54), "HOLD_CALL_REQ", ToServer {
        fixed {
            invoke_id: U4, "InvokeID" = 0;
            resv_4: U4, "resv_4" = 1;
            connection_call_id: U4, "ConnectionCallID" = 0;
            connection_device_id_type: U2, "ConnectionDeviceIDType" = 0;
            resv_14: B2, "resv_14" = 0; // Reservation
        }
        floating {
            @connection
            agent_instrument: One(6, "AgentInstrument", Str<64>),
        }
    }

    /// HOLD_CALL was accepted.
    HoldCallConf: Some(55), "HOLD_CALL_CONF", ToClient {
        fixed {
            invoke_id: U4, "InvokeID" = 0;
        }
        floating {}
    }

    /// Takes a call back from hold.
    RetrieveCallReq: Some(62), "RETRIEVE_CALL_REQ", ToServer {
        fixed {
            invoke_id: U4, "InvokeID" = 0;
            resv_4: U4, "resv_4" = 1;
            held_connection_call_id: U4, "HeldConnectionCallID" = 0;
            held_connection_device_id_type: U2, "HeldConnectionDeviceIDType" = 0;
        }
        floating {
            held_connection_device_id: One(53, "HeldConnectionDeviceID", Str<64>),
            agent_instrument: One(6, "AgentInstrument", Str<64>),
        }
    }

    /// RETRIEVE_CALL was accepted.
    RetrieveCallConf: Some(63), "RETRIEVE_CALL_CONF", ToClient {
        fixed {
            invoke_id: U4, "InvokeID" = 0;
        }
        floating {}
    }

    /// Sends digits on behalf of a party. Durations are in milliseconds, 0 for the platform's own.
    SendDtmfSignalReq: Some(91), "SEND_DTMF_SIGNAL_REQ", ToServer {
        fixed {
            invoke_id: U4, "InvokeID" = 0;
            resv_4: U4, "resv_4" = 1;
            connection_call_id: U4, "CallID" = 0;
            connection_device_id_type: U2, "ConnectionDeviceType" = 0;
            tone_duration: U2, "ToneDuration" = 0;
            pause_duration: U4, "PauseDuration" = 0;
        }
        floating {
            @connection
            dtmf_string: One(67, "DTMFString", Str<32>),
            agent_instrument: One(6, "AgentInstrument", Str<64>),
        }
    }

    /// SEND_DTMF_SIGNAL was accepted.
    SendDtmfSignalConf: Some(92), "SEND_DTMF_SIGNAL_CONF", ToClient {
        fixed {
            invoke_id: U4, "InvokeID" = 0;
        }
        floating {}
    }
}
