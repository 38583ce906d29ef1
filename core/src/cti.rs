//! The neutral telephony vocabulary: what a contact-centre platform tells ([`Event`]), what it is asked ([`Command`]), and
//! the [`Adapter`] that translates between a platform's own protocol and both.
//!
//! One [`Event`] is one input of the engine, and so decides what shares an event to clients: an adapter that learns of
//! three changes of a team in one message of the platform tells them as one [`Event::TeamChanged`].

pub mod jsonl;
pub mod uccx;

mod adapter;
mod call;
mod command;
mod event;
mod people;
pub mod simulator;

pub use adapter::{Adapter, AdapterCount, AdapterInput, AdapterOutput, ConnectionId};
pub use call::{
    CallData, CallEvent, CallKind, CallRecord, Cause, Device, DeviceKind, LegState, Media, Party, PartyRole,
    RecordingState,
};
pub use command::{Command, RecordingAction, RequestNo, SuperviseAction};
pub use event::{Answer, Event, Offers, Outcome, Platform, ReasonCode, Refusal, RefusalKind, ReportKind};
pub use people::{AgentRecord, AgentState, AgentStatus, Member, QueueRecord, Role, Server, Serves, TeamRecord};
