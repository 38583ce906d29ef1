//! Every message: the table, one file a family, and the enum of them all.

mod agent;
mod call_change;
mod call_control;
mod call_data;
mod call_join;
mod call_offer;
mod config;
mod session;
mod team;

pub use agent::{
    AgentCsq, AgentStateEvent, QueryAgentStateConf, QueryAgentStateReq, SetAgentStateConf, SetAgentStateReq,
};
pub use call_change::{
    CallClearedEvent, CallConferencedEvent, CallConnectionClearedEvent, CallFailedEvent, CallHeldEvent,
    CallRetrievedEvent, CallTransferredEvent, ConnectedParty,
};
pub use call_control::{
    AnswerCallConf, AnswerCallReq, ClearCallConf, ClearCallReq, ClearConnectionConf, ClearConnectionReq, HoldCallConf,
    HoldCallReq, MakeCallConf, MakeCallReq, RetrieveCallConf, RetrieveCallReq, SendDtmfSignalConf, SendDtmfSignalReq,
};
pub use call_data::{
    BeginCallEvent, CallDataUpdateEvent, CallNamedArray, CallNamedVariable, CtiClient, EndCallEvent, SetCallDataConf,
    SetCallDataReq,
};
pub use call_join::{
    AlternateCallConf, AlternateCallReq, ConferenceCallConf, ConferenceCallReq, ConsultCallConf, ConsultCallReq,
    ReconnectCallConf, ReconnectCallReq, TransferCallConf, TransferCallReq,
};
pub(super) use call_offer::in_ged_order;
pub use call_offer::{
    CallDeliveredEvent, CallDequeuedEvent, CallDequeuedGedEvent, CallDivertedEvent, CallEstablishedEvent,
    CallOriginatedEvent, CallQueuedEvent, CallServiceInitiatedEvent, QueuedCsq,
};
pub use config::{
    AgentRecord, AgentSkill, ConfigAgentEvent, ConfigApplicationEvent, ConfigBeginEvent, ConfigCsqEvent,
    ConfigDeviceEvent, ConfigEndEvent, ConfigKeyEvent, ConfigRequestEvent, ConfigRequestKeyEvent, ConfigTerminalEvent,
    CsqRecord, DeviceRecord, TerminalInstrument, TerminalRecord,
};
pub use session::{
    CloseConf, CloseReq, ControlFailureConf, FailureConf, FailureEvent, HeartbeatConf, HeartbeatReq, OpenConf, OpenReq,
    SystemEvent,
};
pub use team::{TeamConfigConf, TeamConfigEvent, TeamConfigReq, TeamMember};

use std::fmt::{self, Debug, Formatter};

use super::encoder::Encoder;
use super::error::{DecodeError, EncodeError};
use super::extra::Extra;
use super::frame::Frame;
use super::layout::Layout;
use super::widths::Widths;

macro_rules! message_enum {
    ($($name:ident)*) => {
        /// Any message.
        #[derive(Clone, Copy, Debug, PartialEq)]
        #[allow(clippy::large_enum_variant)] // Boxing would cost an allocation a frame; it lives on the stack.
        pub enum Message<'a> {
            $(
                #[doc = concat!("See [`", stringify!($name), "`].")]
                $name($name<'a>),
            )*
            /// A type not in the table, skipped by its length.
            Unknown(UnknownMessage<'a>),
        }

        /// The table as data, a layout for each message.
        pub const LAYOUTS: &[Layout] = &[$($name::LAYOUT,)*];

        impl<'a> Message<'a> {
            /// Reads a frame, borrowing from it.
            ///
            /// # Errors
            /// The body ends within the fixed part, or within a floating field.
            pub fn decode(frame: Frame<'a>, widths: Widths) -> Result<Self, DecodeError> {
                if Some(frame.message_id) == CallDequeuedEvent::ID {
                    return CallDequeuedEvent::decode_either(frame.body, widths).map(Self::CallDequeuedEvent);
                }
                match Some(frame.message_id) {
                    $($name::ID => $name::decode_body(frame.body, widths).map(Self::$name),)*
                    _ => Ok(Self::Unknown(UnknownMessage {
                        message_id: frame.message_id,
                        body: frame.body,
                    })),
                }
            }

            /// Appends the frame to `out`; on an error `out` is as it was.
            ///
            /// # Errors
            /// A field or the frame is too long, or cannot be said with these widths.
            pub fn encode(&self, widths: Widths, out: &mut Vec<u8>) -> Result<(), EncodeError> {
                match self {
                    $(Self::$name(message) => message.encode(widths, out),)*
                    Self::Unknown(message) => message.encode(out),
                }
            }

            /// The message's layout; `None` for an unknown type.
            pub fn layout(&self) -> Option<&'static Layout> {
                match self {
                    $(Self::$name(_) => Some(&$name::LAYOUT),)*
                    Self::Unknown(_) => None,
                }
            }

            /// The floating fields that found no place in the message.
            pub fn extra(&self) -> Extra<'a> {
                match self {
                    $(Self::$name(message) => message.extra,)*
                    Self::Unknown(_) => Extra::default(),
                }
            }

            /// Their number.
            pub fn extra_fields(&self) -> usize {
                self.extra().len()
            }
        }

        $(
            impl<'a> From<$name<'a>> for Message<'a> {
                fn from(message: $name<'a>) -> Self {
                    Self::$name(message)
                }
            }
        )*
    };
}

message_enum! {
    FailureConf
    FailureEvent
    OpenReq
    OpenConf
    HeartbeatReq
    HeartbeatConf
    CloseReq
    CloseConf
    SystemEvent
    ControlFailureConf
    AgentStateEvent
    QueryAgentStateReq
    QueryAgentStateConf
    SetAgentStateReq
    SetAgentStateConf
    TeamConfigReq
    TeamConfigEvent
    TeamConfigConf
    ConfigRequestKeyEvent
    ConfigKeyEvent
    ConfigRequestEvent
    ConfigBeginEvent
    ConfigEndEvent
    ConfigApplicationEvent
    ConfigCsqEvent
    ConfigAgentEvent
    ConfigDeviceEvent
    ConfigTerminalEvent
    BeginCallEvent
    EndCallEvent
    CallDataUpdateEvent
    SetCallDataReq
    SetCallDataConf
    CallServiceInitiatedEvent
    CallOriginatedEvent
    CallDeliveredEvent
    CallQueuedEvent
    CallDequeuedEvent
    CallDivertedEvent
    CallEstablishedEvent
    CallHeldEvent
    CallRetrievedEvent
    CallConferencedEvent
    CallTransferredEvent
    CallConnectionClearedEvent
    CallClearedEvent
    CallFailedEvent
    MakeCallReq
    MakeCallConf
    AnswerCallReq
    AnswerCallConf
    ClearCallReq
    ClearCallConf
    ClearConnectionReq
    ClearConnectionConf
    HoldCallReq
    HoldCallConf
    RetrieveCallReq
    RetrieveCallConf
    SendDtmfSignalReq
    SendDtmfSignalConf
    AlternateCallReq
    AlternateCallConf
    ReconnectCallReq
    ReconnectCallConf
    ConsultCallReq
    ConsultCallConf
    ConferenceCallReq
    ConferenceCallConf
    TransferCallReq
    TransferCallConf
}

/// A message of a type the table does not hold.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct UnknownMessage<'a> {
    /// `MessageTypeID`.
    pub message_id: u32,
    /// The bytes after the header.
    pub body: &'a [u8],
}

impl UnknownMessage<'_> {
    /// Appends the frame to `out`; on an error `out` is as it was.
    ///
    /// # Errors
    /// The frame is too long.
    pub fn encode(&self, out: &mut Vec<u8>) -> Result<(), EncodeError> {
        let mut encoder = Encoder::begin(out, self.message_id, Widths::V10);
        encoder.bytes(self.body);
        encoder.finish()
    }
}

/// The body may hold a password: only its size is shown.
impl Debug for UnknownMessage<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.debug_struct("UnknownMessage")
            .field("message_id", &self.message_id)
            .field("body_bytes", &self.body.len())
            .finish()
    }
}
