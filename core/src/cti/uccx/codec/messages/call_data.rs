//! The life of a call and the data attached to it.

use crate::cti::uccx::codec::kinds::{Bytes, NamedArr, NamedVar, Str, T4, U2, U4};

messages! {
    /// A call exists from now on.
    BeginCallEvent: Some(23), "BEGIN_CALL_EVENT", ToClient {
        fixed {
            @event
            num_cti_clients: U2, "NumCTIClients" = 0, counts cti_clients;
            num_named_variables: U2, "NumNamedVariables" = 0, counts named_variables;
            num_named_arrays: U2, "NumNamedArrays" = 0, counts named_arrays;
            call_type: U2, "CallType" = 0;
            @connection
            called_party_disposition: U2, "CalledPartyDisposition" = 0;
        }
        floating {
            @connection
            @call_data
            cti_clients: Many(CtiClient, "NumCTIClients"),
        }
    }

    /// A call exists no more.
    EndCallEvent: Some(24), "END_CALL_EVENT", ToClient {
        fixed {
            @event
            @connection
        }
        floating {
            @connection
        }
    }

    /// Data of a call changed, or its id did without a transfer or conference.
    CallDataUpdateEvent: Some(25), "CALL_DATA_UPDATE_EVENT", ToClient {
        fixed {
            @event
            num_cti_clients: U2, "NumCTIClients" = 0;
            num_named_variables: U2, "NumNamedVariables" = 0, counts named_variables;
            num_named_arrays: U2, "NumNamedArrays" = 0, counts named_arrays;
            call_type: U2, "CallType" = 0;
            @connection
            new_connection_device_id_type: U2, "NewConnectionDeviceIDType" = 0;
            new_connection_call_id: U4, "NewConnectionCallID" = 0;
            called_party_disposition: U2, "CalledPartyDisposition" = 0;
            resv_32: U4, "resv_32" = 0; // CampaignID
            resv_36: U4, "resv_36" = 0; // QueryRuleID
        }
        floating {
            @connection
            new_connection_device_id: One(47, "NewConnectionDeviceID", Str<64>),
            @call_data
        }
    }

    /// Changes data of a call; needs the service CALL_DATA_UPDATE. From the parent protocol.
    SetCallDataReq: Some(26), "SET_CALL_DATA_REQ", ToServer {
        fixed {
            invoke_id: U4, "InvokeID" = 0;
            resv_4: U4, "resv_4" = 1;
            @connection
            num_named_variables: U2, "NumNamedVariables" = 0, counts named_variables;
            num_named_arrays: U2, "NumNamedArrays" = 0, counts named_arrays;
            call_type: U2, "CallType" = 0;
            called_party_disposition: U2, "CalledPartyDisposition" = 0;
            resv_22: U4, "resv_22" = 0; // CampaignID
            resv_26: U4, "resv_26" = 0; // QueryRuleID
        }
        floating {
            @connection
            @call_data
        }
    }

    /// The data was changed.
    SetCallDataConf: Some(27), "SET_CALL_DATA_CONF", ToClient {
        fixed {
            invoke_id: U4, "InvokeID" = 0;
        }
        floating {}
    }
}

records! {
    /// One call variable with a name.
    CallNamedVariable {
        named_variable: One(82, "NamedVariable", NamedVar),
    }

    /// One element of a call variable that is an array.
    CallNamedArray {
        named_array: One(83, "NamedArray", NamedArr),
    }

    /// One client that handles the call, from the parent protocol.
    CtiClient {
        cti_client_signature: One(23, "CTIClientSignature", Str<64>),
        cti_client_timestamp: One(24, "CTIClientTimestamp", T4),
    }
}
