//! What a platform is asked, one JSON object a line, told apart by `command`.

mod convert;

use std::borrow::Cow;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::error::bytes_of;
use super::values::{Data, Id};
use super::words::{RecordingActionWord, StateWord, SuperviseWord};

/// A command of the processor's, by its `command`. Its number stands in `request`, and so it does in the answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "command", rename_all = "camelCase")]
pub enum CommandLine<'a> {
    /// Check a password; log nobody in.
    #[serde(borrow)]
    Verify(Credentials<'a>),
    /// Log an agent in.
    #[serde(borrow)]
    Login(Login<'a>),
    /// Log an agent out.
    Logout(Logout),
    /// Make an agent ready, not ready, or busy with after-call work.
    SetState(SetState),
    /// Dial.
    Dial(Dial),
    /// Answer, or accept a chat or e-mail.
    Answer(OnCall),
    /// Refuse an offered contact.
    Reject(OnCall),
    /// Leave.
    Drop(OnCall),
    /// Hold.
    Hold(OnCall),
    /// Speak again.
    Retrieve(OnCall),
    /// Call somebody while `call` is held.
    Consult(Destination),
    /// Swap the held and the active call.
    Alternate(TwoCalls),
    /// Join the two, and leave.
    CompleteTransfer(TwoCalls),
    /// Join the two, and stay.
    CompleteConference(TwoCalls),
    /// Send the call to a destination, and leave.
    BlindTransfer(Destination),
    /// Bring a destination into the call.
    BlindConference(Destination),
    /// Send digits.
    Dtmf(Digits),
    /// Act on the recording.
    Recording(RecordingOf),
    /// Change call data.
    SetData(DataOf),
    /// Finish after-call work.
    Complete(CompleteCall),
    /// Act as a supervisor on an agent's call.
    Supervise(Supervise),
}

/// A password on its way to the platform: in the line, and nowhere else.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Password<'a>(#[serde(borrow)] Cow<'a, str>);

impl<'a> Password<'a> {
    /// Wraps a password.
    pub const fn new(text: &'a str) -> Self {
        Self(Cow::Borrowed(text))
    }

    /// The password. Whoever calls this answers for where it goes.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Password<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(..)")
    }
}

/// `verify`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Credentials<'a> {
    /// The command's number.
    pub request: u64,
    /// Whose.
    pub agent: Id,
    /// The password.
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    pub password: Option<Password<'a>>,
}

/// `login`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Login<'a> {
    /// The command's number.
    pub request: u64,
    /// Who.
    pub agent: Id,
    /// Where; absent: at the agent's own extension.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub extension: Option<Box<str>>,
    /// The password.
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    pub password: Option<Password<'a>>,
}

/// `logout`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Logout {
    /// The command's number.
    pub request: u64,
    /// Who.
    pub agent: Id,
    /// The reason code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<Box<str>>,
    /// The supervisor who wants it, where the agent does not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by: Option<Id>,
}

/// `setState`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SetState {
    /// The command's number.
    pub request: u64,
    /// Who.
    pub agent: Id,
    /// `ready`, `notready` or `work`.
    pub state: StateWord,
    /// The reason code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<Box<str>>,
    /// The supervisor who wants it, where the agent does not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by: Option<Id>,
}

/// `dial`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dial {
    /// The command's number.
    pub request: u64,
    /// Who.
    pub agent: Id,
    /// Where to.
    pub destination: Box<str>,
    /// What the new call carries from its beginning.
    #[serde(default, skip_serializing_if = "Data::is_empty")]
    pub data: Data,
}

/// `answer`, `reject`, `drop`, `hold`, `retrieve`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OnCall {
    /// The command's number.
    pub request: u64,
    /// Who.
    pub agent: Id,
    /// Which call.
    pub call: Id,
}

/// `consult`, `blindTransfer`, `blindConference`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Destination {
    /// The command's number.
    pub request: u64,
    /// Who.
    pub agent: Id,
    /// Which call.
    pub call: Id,
    /// Where to.
    pub destination: Box<str>,
}

/// `alternate`, `completeTransfer`, `completeConference`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TwoCalls {
    /// The command's number.
    pub request: u64,
    /// Who.
    pub agent: Id,
    /// The call on hold.
    pub held: Id,
    /// The call that is spoken on.
    pub active: Id,
}

/// `dtmf`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Digits {
    /// The command's number.
    pub request: u64,
    /// Who.
    pub agent: Id,
    /// Which call.
    pub call: Id,
    /// The digits.
    pub digits: Box<str>,
}

/// `recording`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordingOf {
    /// The command's number.
    pub request: u64,
    /// Who.
    pub agent: Id,
    /// Which call.
    pub call: Id,
    /// What to do.
    pub action: RecordingActionWord,
}

/// `setData`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DataOf {
    /// The command's number.
    pub request: u64,
    /// Who.
    pub agent: Id,
    /// Which call.
    pub call: Id,
    /// The changed keys only; an empty text removes.
    pub data: Data,
}

/// `complete`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CompleteCall {
    /// The command's number.
    pub request: u64,
    /// Who.
    pub agent: Id,
    /// Which call.
    pub call: Id,
    /// The disposition.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub disposition: Option<Box<str>>,
}

/// `supervise`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Supervise {
    /// The command's number.
    pub request: u64,
    /// Who acts.
    pub supervisor: Id,
    /// Whose call.
    pub agent: Id,
    /// Which call.
    pub call: Id,
    /// What to do.
    pub action: SuperviseWord,
}

impl CommandLine<'_> {
    /// The line, with its line feed. It holds the password in the clear.
    pub fn to_bytes(&self) -> Vec<u8> {
        bytes_of(self)
    }
}
