//! A call on its way to being answered.

use super::call_data::{CallNamedArray, CallNamedVariable};
use crate::cti::uccx::codec::error::DecodeError;
use crate::cti::uccx::codec::kinds::{Bytes, Str, U2, U4};
use crate::cti::uccx::codec::names::line_type;
use crate::cti::uccx::codec::widths::Widths;

messages! {
    /// A line went off hook. Which of the two words carries the line type differs between the guide and the parent
    /// protocol; see [`CallServiceInitiatedEvent::line_type`].
    CallServiceInitiatedEvent: Some(20), "CALL_SERVICE_INITIATED_EVENT", ToClient {
        fixed {
            @event
            @connection
            resv_16: U2, "resv_16" = 0xFFFF;
            resv_or_line_type: U2, "resv/LineType" = 3;
            application_id: U4, "ApplicationID" = 0;
            resv_24: U4, "resv_24" = 0xFFFF_FFFF;
            csq_id: U4, "CSQID" = 0;
            resv_32: U4, "resv_32" = 0xFFFF_FFFF;
            line_type_or_resv: U2, "LineType/resv" = 0;
            calling_device_type: U2, "CallingDeviceType" = 0;
            @outcome
        }
        floating {
            @connection
            calling_device_id: One(27, "CallingDeviceID", Str<64>),
        }
    }

    /// A call was placed.
    CallOriginatedEvent: Some(15), "CALL_ORIGINATED_EVENT", ToClient {
        fixed {
            @event
            @connection
            resv_16: U2, "resv_16" = 0xFFFF;
            line_type: U2, "LineType" = 0;
            application_id: U4, "ApplicationID" = 0;
            resv_24: U4, "resv_24" = 0xFFFF_FFFF;
            csq_id: U4, "CSQID" = 0;
            resv_32: U4, "resv_32" = 0xFFFF_FFFF;
            resv_36: U2, "resv_36" = 0;
            calling_device_type: U2, "CallingDeviceType" = 0;
            called_device_type: U2, "CalledDeviceType" = 0;
            @outcome
        }
        floating {
            @connection
            calling_device_id: One(27, "CallingDeviceID", Str<64>),
            called_device_id: One(28, "CalledDeviceID", Str<64>),
        }
    }

    /// A call rings at a device. `secondary_connection_call_id` is the inner call from CTI port to agent.
    CallDeliveredEvent: Some(9), "CALL_DELIVERED_EVENT", ToClient {
        fixed {
            @event
            @connection
            resv_16: U2, "resv_16" = 0xFFFF; // LineHandle
            line_type: U2, "LineType" = 0;
            application_id: U4, "ApplicationID" = 0;
            resv_24: U4, "resv_24" = 0xFFFF_FFFF; // ServiceID
            csq_id: U4, "CSQID" = 0;
            resv_32: U4, "resv_32" = 0xFFFF_FFFF; // SkillGroupID
            resv_36: U2, "resv_36" = 0; // SkillGroupPriority
            alerting_device_type: U2, "AlertingDeviceType" = 0;
            calling_device_type: U2, "CallingDeviceType" = 0;
            called_device_type: U2, "CalledDeviceType" = 0;
            last_redirect_device_type: U2, "LastRedirectDeviceType" = 0;
            @outcome
            num_named_variables: U2, "NumNamedVariables" = 0, counts named_variables;
            num_named_arrays: U2, "NumNamedArrays" = 0, counts named_arrays;
        }
        floating {
            @connection
            alerting_device_id: One(26, "AlertingDeviceID", Str<64>),
            calling_device_id: One(27, "CallingDeviceID", Str<64>),
            called_device_id: One(28, "CalledDeviceID", Str<64>),
            last_redirect_device_id: One(29, "LastRedirectDeviceID", Str<64>),
            secondary_connection_call_id: One(202, "SecondaryConnectionCallID", U4),
            @call_data
        }
    }

    /// A call waits in queues.
    CallQueuedEvent: Some(21), "CALL_QUEUED_EVENT", ToClient {
        fixed {
            @event
            @connection
            application_id: U4, "ApplicationID" = 0;
            resv_20: U4, "resv_20" = 0xFFFF_FFFF;
            queue_device_type: U2, "QueueDeviceType" = 0;
            calling_device_type: U2, "CallingDeviceType" = 0;
            called_device_type: U2, "CalledDeviceType" = 0;
            last_redirect_device_type: U2, "LastRedirectDeviceType" = 0;
            num_queued: U2, "NumQueued" = 0;
            num_csqs: U2, "NumCSQs" = 0, counts csqs;
            @outcome
        }
        floating {
            @connection
            queue_device_id: One(45, "QueueDeviceID", Str<64>),
            calling_device_id: One(27, "CallingDeviceID", Str<64>),
            called_device_id: One(28, "CalledDeviceID", Str<64>),
            last_redirect_device_id: One(29, "LastRedirectDeviceID", Str<64>),
            csqs: Many(QueuedCsq, "NumCSQs"),
        }
    }

    /// A call left queues, in the order of the guide's page. A message of this type is read in this order or in that
    /// of [`CallDequeuedGedEvent`], told apart by where the reserved 0xFFFFFFFF stands, and is always given as this one.
    CallDequeuedEvent: Some(86), "CALL_DEQUEUED_EVENT", ToClient {
        fixed {
            @event
            @connection
            application_id: U4, "ApplicationID" = 0;
            resv_20: U4, "resv_20" = 0xFFFF_FFFF;
            queue_device_type: U2, "QueueDeviceType" = 0;
            num_queued: U2, "NumQueued" = 0;
            num_csqs: U2, "NumCSQs" = 0, counts csqs;
            @outcome
        }
        floating {
            @connection
            queue_device_id: One(45, "QueueDeviceID", Str<64>),
            csqs: Many(QueuedCsq, "NumCSQs"),
        }
    }

    /// CALL_DEQUEUED_EVENT in the order of the parent protocol and of other implementations of it; only its encoder is
    /// of use outside, the decoder turns it into [`CallDequeuedEvent`].
    CallDequeuedGedEvent: Some(86), "CALL_DEQUEUED_EVENT", ToClient {
        fixed {
            @event
            @connection
            queue_device_type: U2, "QueueDeviceType" = 0;
            application_id: U4, "ApplicationID" = 0;
            resv_22: U4, "resv_22" = 0xFFFF_FFFF;
            num_queued: U2, "NumQueued" = 0;
            num_csqs: U2, "NumCSQs" = 0, counts csqs;
            @outcome
        }
        floating {
            @connection
            queue_device_id: One(45, "QueueDeviceID", Str<64>),
            csqs: Many(QueuedCsq, "NumCSQs"),
        }
    }

    /// A call left a device without being answered there.
    CallDivertedEvent: Some(19), "CALL_DIVERTED_EVENT", ToClient {
        fixed {
            @event
            @connection
            application_id: U4, "ApplicationID" = 0;
            resv_20: U4, "resv_20" = 0xFFFF_FFFF;
            diverting_device_type: U2, "DivertingDeviceType" = 0;
            called_device_type: U2, "CalledDeviceType" = 0;
            @outcome
        }
        floating {
            @connection
            diverting_device_id: One(44, "DivertingDeviceID", Str<64>),
            called_device_id: One(28, "CalledDeviceID", Str<64>),
        }
    }

    /// A call was answered.
    CallEstablishedEvent: Some(10), "CALL_ESTABLISHED_EVENT", ToClient {
        fixed {
            @event
            @connection
            resv_16: U2, "resv_16" = 0xFFFF;
            line_type: U2, "LineType" = 0;
            application_id: U4, "ApplicationID" = 0;
            resv_24: U4, "resv_24" = 0xFFFF_FFFF;
            csq_id: U4, "CSQID" = 0;
            resv_32: U4, "resv_32" = 0xFFFF_FFFF;
            resv_36: U2, "resv_36" = 0;
            answering_device_type: U2, "AnsweringDeviceType" = 0;
            calling_device_type: U2, "CallingDeviceType" = 0;
            called_device_type: U2, "CalledDeviceType" = 0;
            last_redirect_device_type: U2, "LastRedirectDeviceType" = 0;
            @outcome
        }
        floating {
            @connection
            answering_device_id: One(30, "AnsweringDeviceID", Str<64>),
            calling_device_id: One(27, "CallingDeviceID", Str<64>),
            called_device_id: One(28, "CalledDeviceID", Str<64>),
            last_redirect_device_id: One(29, "LastRedirectDeviceID", Str<64>),
        }
    }
}

records! {
    /// One queue a call waits in.
    QueuedCsq {
        csq_id: One(62, "CSQID", U4),
        resv_tag63: One(63, "resv", U4),
        resv_tag64: One(64, "resv", U2),
    }
}

impl<'a> CallDequeuedEvent<'a> {
    /// Reads a body in the order of the guide or of the parent protocol.
    pub(super) fn decode_either(body: &'a [u8], widths: Widths) -> Result<Self, DecodeError> {
        if in_ged_order(body) {
            CallDequeuedGedEvent::decode_body(body, widths).map(Self::from)
        } else {
            Self::decode_body(body, widths)
        }
    }
}

/// Whether the body of a CALL_DEQUEUED_EVENT has the order of [`CallDequeuedGedEvent`]: the reserved 0xFFFFFFFF
/// stands at byte 20 in the one order and at byte 22 in the other. The guide's order where neither holds.
pub(in crate::cti::uccx::codec) fn in_ged_order(body: &[u8]) -> bool {
    let reserved_at = |offset: usize| body.get(offset..offset + 4) == Some(&[0xFF; 4]);
    !reserved_at(20) && reserved_at(22)
}

impl<'a> From<CallDequeuedGedEvent<'a>> for CallDequeuedEvent<'a> {
    fn from(ged: CallDequeuedGedEvent<'a>) -> Self {
        Self {
            resv_0: ged.resv_0,
            resv_4: ged.resv_4,
            resv_8: ged.resv_8,
            connection_device_id_type: ged.connection_device_id_type,
            connection_call_id: ged.connection_call_id,
            application_id: ged.application_id,
            resv_20: ged.resv_22,
            queue_device_type: ged.queue_device_type,
            num_queued: ged.num_queued,
            num_csqs: ged.num_csqs,
            local_connection_state: ged.local_connection_state,
            event_cause: ged.event_cause,
            connection_device_id: ged.connection_device_id,
            queue_device_id: ged.queue_device_id,
            csqs: ged.csqs,
            extra: ged.extra,
        }
    }
}

impl CallServiceInitiatedEvent<'_> {
    /// The line type, from whichever of the two words holds one.
    pub fn line_type(&self) -> Option<u16> {
        let words = [self.resv_or_line_type, self.line_type_or_resv];
        words.into_iter().find(|word| line_type::name(*word).is_some())
    }
}
