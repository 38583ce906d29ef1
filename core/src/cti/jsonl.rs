//! Any telephony platform, by JSON lines over TCP: the vocabulary spelled for people, so that a script can feed the processor.
//!
//! [`JsonLines`] is the adapter. [`PlatformLine`] is what a platform sends, [`CommandLine`] and [`ReplyLine`] what it is sent;
//! their shapes are a public contract of their own (`docs/cti-jsonl.md`), apart from the vocabulary they are mapped to.

mod adapter;
mod attached;
mod call;
mod command;
mod config;
mod error;
mod hello;
mod line;
mod lines;
mod open;
mod parse;
mod people;
mod retry;
mod values;
mod words;

#[cfg(test)]
mod tests;

pub use adapter::JsonLines;
pub use call::{
    AtDevice, Began, CallLine, Connected, DataChanged, Departed, DeviceShape, Ended, InQueues, Joined, PartyShape,
    RecordingChanged, Renamed, Ringing, Seen,
};
pub use command::{
    CommandLine, CompleteCall, Credentials, DataOf, Destination, Dial, Digits, Login, Logout, OnCall, Password,
    RecordingOf, SetState, Supervise, TwoCalls,
};
pub use config::{Config, Counters};
pub use error::{LineError, ReplyLine};
pub use hello::{Hello, ReasonShape};
pub use line::{AnswerLine, Down, Nothing, PlatformLine, Unread};
pub use people::{AgentLine, MemberShape, QueueLine, Removed, StatusLine, TeamChangedLine, TeamLine};
pub use values::{Data, Id, Millis};
pub use words::{
    CallKindWord, CauseWord, DeviceWord, LegWord, MediaWord, OfferWord, PartyWord, RecordingActionWord, RecordingWord,
    RefusalWord, ReportWord, ResultWord, RoleWord, StateWord, SuperviseWord,
};

/// The version of these lines, as `hello` names it.
pub const PROTOCOL: u32 = 1;
