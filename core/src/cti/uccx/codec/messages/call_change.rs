//! A call that changes or ends.

use crate::cti::uccx::codec::kinds::{Str, U2, U4};

messages! {
    /// A device put a call on hold.
    CallHeldEvent: Some(11), "CALL_HELD_EVENT", ToClient {
        fixed {
            @event
            @connection
            holding_device_type: U2, "HoldingDeviceType" = 0;
            @outcome
        }
        floating {
            @connection
            holding_device_id: One(31, "HoldingDeviceID", Str<64>),
        }
    }

    /// A device took a call back from hold.
    CallRetrievedEvent: Some(12), "CALL_RETRIEVED_EVENT", ToClient {
        fixed {
            @event
            @connection
            retrieving_device_type: U2, "RetrievingDeviceType" = 0;
            @outcome
        }
        floating {
            @connection
            retrieving_device_id: One(32, "RetrievingDeviceID", Str<64>),
        }
    }

    /// Two calls became a conference.
    CallConferencedEvent: Some(17), "CALL_CONFERENCED_EVENT", ToClient {
        fixed {
            @event
            primary_device_id_type: U2, "PrimaryDeviceIDType" = 0;
            primary_call_id: U4, "PrimaryCallID" = 0;
            resv_16: U2, "resv_16" = 0xFFFF;
            line_type: U2, "LineType" = 0;
            resv_20: U4, "resv_20" = 0xFFFF_FFFF;
            resv_24: U4, "resv_24" = 0xFFFF_FFFF;
            resv_28: U2, "resv_28" = 0;
            num_parties: U2, "NumParties" = 0, counts parties;
            secondary_device_id_type: U2, "SecondaryDeviceIDType" = 0;
            secondary_call_id: U4, "SecondaryCallID" = 0;
            controller_device_type: U2, "ControllerDeviceType" = 0;
            added_party_device_type: U2, "AddedPartyDeviceType" = 0;
            @outcome
        }
        floating {
            primary_device_id: One(35, "PrimaryDeviceID", Str<64>),
            secondary_device_id: One(36, "SecondaryDeviceID", Str<64>),
            controller_device_id: One(37, "ControllerDeviceID", Str<64>),
            added_party_device_id: One(38, "AddedPartyDeviceID", Str<64>),
            parties: Many(ConnectedParty, "NumParties"),
        }
    }

    /// A call was transferred; always after the secondary call was delivered.
    CallTransferredEvent: Some(18), "CALL_TRANSFERRED_EVENT", ToClient {
        fixed {
            @event
            primary_device_id_type: U2, "PrimaryDeviceIDType" = 0;
            primary_call_id: U4, "PrimaryCallID" = 0;
            resv_16: U2, "resv_16" = 0xFFFF;
            line_type: U2, "LineType" = 0;
            resv_20: U4, "resv_20" = 0xFFFF_FFFF;
            resv_24: U4, "resv_24" = 0xFFFF_FFFF;
            resv_28: U2, "resv_28" = 0;
            num_parties: U2, "NumParties" = 0, counts parties;
            secondary_device_id_type: U2, "SecondaryDeviceIDType" = 0;
            secondary_call_id: U4, "SecondaryCallID" = 0;
            transferring_device_type: U2, "TransferringDeviceType" = 0;
            transferred_device_type: U2, "TransferredDeviceType" = 0;
            @outcome
        }
        floating {
            primary_device_id: One(35, "PrimaryDeviceID", Str<64>),
            secondary_device_id: One(36, "SecondaryDeviceID", Str<64>),
            transferring_device_id: One(42, "TransferringDeviceID", Str<64>),
            transferred_device_id: One(43, "TransferredDeviceID", Str<64>),
            parties: Many(ConnectedParty, "NumParties"),
        }
    }

    /// A party left a call.
    CallConnectionClearedEvent: Some(14), "CALL_CONNECTION_CLEARED_EVENT", ToClient {
        fixed {
            @event
            @connection
            releasing_device_type: U2, "ReleasingDeviceType" = 0;
            @outcome
        }
        floating {
            @connection
            releasing_device_id: One(33, "ReleasingDeviceID", Str<64>),
        }
    }

    /// The last party left a call.
    CallClearedEvent: Some(13), "CALL_CLEARED_EVENT", ToClient {
        fixed {
            @event
            @connection
            @outcome
        }
        floating {
            @connection
        }
    }

    /// A call could not be completed.
    CallFailedEvent: Some(16), "CALL_FAILED_EVENT", ToClient {
        fixed {
            @event
            @connection
            failing_device_type: U2, "FailingDeviceType" = 0;
            called_device_type: U2, "CalledDeviceType" = 0;
            @outcome
        }
        floating {
            @connection
            failing_device_id: One(34, "FailingDeviceID", Str<64>),
            called_device_id: One(28, "CalledDeviceID", Str<64>),
        }
    }
}

records! {
    /// One party of a joined call, with the id that survives.
    ConnectedParty {
        connected_party_call_id: One(39, "ConnectedPartyCallID", U4),
        connected_party_device_type: One(40, "ConnectedPartyDeviceType", U2),
        connected_party_device_id: One(41, "ConnectedPartyDeviceID", Str<64>),
    }
}
