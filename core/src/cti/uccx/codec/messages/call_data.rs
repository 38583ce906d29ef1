//! The life of a call and the data attached to it.

use crate::cti::uccx::codec::kinds::{Bytes, NamedArr, NamedVar, Str, T4, U2, U4};

messages! {
    /// A call exists from now on.
    BeginCallEvent: Some(23), "BEGIN_CALL_EVENT", ToClient {
        fixed {
            resv_0: U4, "resv_0" = 0; // MonitorID
            resv_4: U4, "resv_4" = 1; // PeripheralID
            resv_8: U2, "resv_8" = 21; // PeripheralType
            num_cti_clients: U2, "NumCTIClients" = 0, counts cti_clients;
            num_named_variables: U2, "NumNamedVariables" = 0, counts named_variables;
            num_named_arrays: U2, "NumNamedArrays" = 0, counts named_arrays;
            call_type: U2, "CallType" = 0;
            connection_device_id_type: U2, "ConnectionDeviceIDType" = 0;
            connection_call_id: U4, "ConnectionCallID" = 0;
            called_party_disposition: U2, "CalledPartyDisposition" = 0;
        }
        floating {
            connection_device_id: One(25, "ConnectionDeviceID", Str<64>),
            ani: One(8, "ANI", Str<40>),
            user_to_user_info: One(9, "UserToUserInfo", Bytes<131>),
            dnis: One(10, "DNIS", Str<32>),
            dialed_number: One(11, "DialedNumber", Str<40>),
            caller_entered_digits: One(12, "CallerEnteredDigits", Str<40>),
            call_variable1: One(13, "CallVariable1", Str<41>),
            call_variable2: One(14, "CallVariable2", Str<41>),
            call_variable3: One(15, "CallVariable3", Str<41>),
            call_variable4: One(16, "CallVariable4", Str<41>),
            call_variable5: One(17, "CallVariable5", Str<41>),
            call_variable6: One(18, "CallVariable6", Str<41>),
            call_variable7: One(19, "CallVariable7", Str<41>),
            call_variable8: One(20, "CallVariable8", Str<41>),
            call_variable9: One(21, "CallVariable9", Str<41>),
            call_variable10: One(22, "CallVariable10", Str<41>),
            call_wrapup_data: One(46, "CallWrapupData", Str<40>),
            named_variables: Many(CallNamedVariable, "NumNamedVariables"),
            named_arrays: Many(CallNamedArray, "NumNamedArrays"),
            cti_clients: Many(CtiClient, "NumCTIClients"),
        }
    }

    /// A call exists no more.
    EndCallEvent: Some(24), "END_CALL_EVENT", ToClient {
        fixed {
            resv_0: U4, "resv_0" = 0; // MonitorID
            resv_4: U4, "resv_4" = 1; // PeripheralID
            resv_8: U2, "resv_8" = 21; // PeripheralType
            connection_device_id_type: U2, "ConnectionDeviceIDType" = 0;
            connection_call_id: U4, "ConnectionCallID" = 0;
        }
        floating {
            connection_device_id: One(25, "ConnectionDeviceID", Str<64>),
        }
    }

    /// Data of a call changed, or its id did without a transfer or conference.
    CallDataUpdateEvent: Some(25), "CALL_DATA_UPDATE_EVENT", ToClient {
        fixed {
            resv_0: U4, "resv_0" = 0; // MonitorID
            resv_4: U4, "resv_4" = 1; // PeripheralID
            resv_8: U2, "resv_8" = 21; // PeripheralType
            num_cti_clients: U2, "NumCTIClients" = 0;
            num_named_variables: U2, "NumNamedVariables" = 0, counts named_variables;
            num_named_arrays: U2, "NumNamedArrays" = 0, counts named_arrays;
            call_type: U2, "CallType" = 0;
            connection_device_id_type: U2, "ConnectionDeviceIDType" = 0;
            connection_call_id: U4, "ConnectionCallID" = 0;
            new_connection_device_id_type: U2, "NewConnectionDeviceIDType" = 0;
            new_connection_call_id: U4, "NewConnectionCallID" = 0;
            called_party_disposition: U2, "CalledPartyDisposition" = 0;
            resv_32: U4, "resv_32" = 0; // CampaignID
            resv_36: U4, "resv_36" = 0; // QueryRuleID
        }
        floating {
            connection_device_id: One(25, "ConnectionDeviceID", Str<64>),
            new_connection_device_id: One(47, "NewConnectionDeviceID", Str<64>),
            ani: One(8, "ANI", Str<40>),
            user_to_user_info: One(9, "UserToUserInfo", Bytes<131>),
            dnis: One(10, "DNIS", Str<32>),
            dialed_number: One(11, "DialedNumber", Str<40>),
            caller_entered_digits: One(12, "CallerEnteredDigits", Str<40>),
            call_variable1: One(13, "CallVariable1", Str<41>),
            call_variable2: One(14, "CallVariable2", Str<41>),
            call_variable3: One(15, "CallVariable3", Str<41>),
            call_variable4: One(16, "CallVariable4", Str<41>),
            call_variable5: One(17, "CallVariable5", Str<41>),
            call_variable6: One(18, "CallVariable6", Str<41>),
            call_variable7: One(19, "CallVariable7", Str<41>),
            call_variable8: One(20, "CallVariable8", Str<41>),
            call_variable9: One(21, "CallVariable9", Str<41>),
            call_variable10: One(22, "CallVariable10", Str<41>),
            call_wrapup_data: One(46, "CallWrapupData", Str<40>),
            named_variables: Many(CallNamedVariable, "NumNamedVariables"),
            named_arrays: Many(CallNamedArray, "NumNamedArrays"),
        }
    }

    /// Changes data of a call; needs the service CALL_DATA_UPDATE. From the parent protocol.
    SetCallDataReq: Some(26), "SET_CALL_DATA_REQ", ToServer {
        fixed {
            invoke_id: U4, "InvokeID" = 0;
            resv_4: U4, "resv_4" = 1;
            connection_device_id_type: U2, "ConnectionDeviceIDType" = 0;
            connection_call_id: U4, "ConnectionCallID" = 0;
            num_named_variables: U2, "NumNamedVariables" = 0, counts named_variables;
            num_named_arrays: U2, "NumNamedArrays" = 0, counts named_arrays;
            call_type: U2, "CallType" = 0;
            called_party_disposition: U2, "CalledPartyDisposition" = 0;
            resv_22: U4, "resv_22" = 0; // CampaignID
            resv_26: U4, "resv_26" = 0; // QueryRuleID
        }
        floating {
            connection_device_id: One(25, "ConnectionDeviceID", Str<64>),
            ani: One(8, "ANI", Str<40>),
            user_to_user_info: One(9, "UserToUserInfo", Bytes<131>),
            dnis: One(10, "DNIS", Str<32>),
            dialed_number: One(11, "DialedNumber", Str<40>),
            caller_entered_digits: One(12, "CallerEnteredDigits", Str<40>),
            call_variable1: One(13, "CallVariable1", Str<41>),
            call_variable2: One(14, "CallVariable2", Str<41>),
            call_variable3: One(15, "CallVariable3", Str<41>),
            call_variable4: One(16, "CallVariable4", Str<41>),
            call_variable5: One(17, "CallVariable5", Str<41>),
            call_variable6: One(18, "CallVariable6", Str<41>),
            call_variable7: One(19, "CallVariable7", Str<41>),
            call_variable8: One(20, "CallVariable8", Str<41>),
            call_variable9: One(21, "CallVariable9", Str<41>),
            call_variable10: One(22, "CallVariable10", Str<41>),
            call_wrapup_data: One(46, "CallWrapupData", Str<40>),
            named_variables: Many(CallNamedVariable, "NumNamedVariables"),
            named_arrays: Many(CallNamedArray, "NumNamedArrays"),
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
