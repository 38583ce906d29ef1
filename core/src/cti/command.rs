//! What a platform is asked.

use serde::{Deserialize, Serialize};

use super::{AgentState, CallData};
use crate::ids::{AgentId, CallId};

/// The number of a command: the engine counts, the adapter answers by it exactly once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RequestNo(pub u64);

/// What a supervisor does to a call of the team.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum SuperviseAction {
    /// Listen, unheard.
    Listen,
    /// Be heard by the agent alone.
    Coach,
    /// Step into the call.
    Barge,
    /// Take the call over from the agent.
    TakeOver,
}

/// What is done to a recording.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum RecordingAction {
    /// Begin.
    Start,
    /// End.
    Stop,
    /// Pause.
    Pause,
    /// Go on.
    Resume,
}

/// A command. The agent named first is the one who acts; a password travels beside the command, never in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs, reason = "the fields are the nouns of each variant's sentence")]
pub enum Command {
    /// Check the password that goes with this command; log nobody in.
    Verify { agent: AgentId },
    /// Log the agent in at an extension, with the password that goes with this command.
    Login { agent: AgentId, extension: Option<Box<str>> },
    /// Log the agent out; `by` is the supervisor who wants it, where the agent does not.
    Logout { agent: AgentId, reason: Option<Box<str>>, by: Option<AgentId> },
    /// Make the agent ready, not ready, or busy with after-call work; `by` is the supervisor who wants it, where the agent
    /// does not.
    SetState { agent: AgentId, state: AgentState, reason: Option<Box<str>>, by: Option<AgentId> },
    /// Dial; `data` is what the new call is to carry from its beginning.
    Dial { agent: AgentId, destination: Box<str>, data: CallData },
    /// Answer, or accept a chat or e-mail.
    Answer { agent: AgentId, call: CallId },
    /// Refuse an offered contact.
    Reject { agent: AgentId, call: CallId },
    /// Leave.
    Drop { agent: AgentId, call: CallId },
    /// Hold.
    Hold { agent: AgentId, call: CallId },
    /// Speak again.
    Retrieve { agent: AgentId, call: CallId },
    /// Call somebody while `call` is held.
    Consult { agent: AgentId, call: CallId, destination: Box<str> },
    /// Swap the held and the active one.
    Alternate { agent: AgentId, active: CallId, held: CallId },
    /// Join the two, and leave.
    CompleteTransfer { agent: AgentId, held: CallId, active: CallId },
    /// Join the two, and stay.
    CompleteConference { agent: AgentId, held: CallId, active: CallId },
    /// Send the call to a destination, and leave.
    BlindTransfer { agent: AgentId, call: CallId, destination: Box<str> },
    /// Bring a destination into the call.
    BlindConference { agent: AgentId, call: CallId, destination: Box<str> },
    /// Send digits.
    Dtmf { agent: AgentId, call: CallId, digits: Box<str> },
    /// Act on the recording.
    Recording { agent: AgentId, call: CallId, action: RecordingAction },
    /// Change call data; an empty value removes.
    SetData { agent: AgentId, call: CallId, data: CallData },
    /// Finish after-call work, with a disposition.
    Complete { agent: AgentId, call: CallId, disposition: Option<Box<str>> },
    /// Act as a supervisor on an agent's call.
    Supervise { supervisor: AgentId, agent: AgentId, call: CallId, action: SuperviseAction },
}
