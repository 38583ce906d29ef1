//! What a platform sends, one JSON object a line, told apart by `event`.

use std::borrow::Cow;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::call::CallLine;
use super::error::{LineError, bytes_of};
use super::hello::Hello;
use super::parse::{cut, parse};
use super::people::{
    AgentLine, QueueLine, Removed, ServesLine, StatusLine, TeamChangedLine, TeamLine, all, unless_empty,
};
use super::values::Id;
use super::words::{RefusalWord, ResultWord};
use crate::cti::{Answer, Event, Outcome, Refusal, RefusalKind, RequestNo};

/// The longest piece of a platform's text that is quoted to it.
const QUOTE_CHARS: usize = 64;

/// An enum of shapes told apart by one property. It is read by that property first, so that a failure names what is wrong
/// with the one shape that was meant.
macro_rules! tagged {
    ($(#[$doc:meta])* $name:ident by $tag:literal { $($(#[$what:meta])* $variant:ident($shape:ty) = $word:literal,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
        #[serde(tag = $tag)]
        pub enum $name {
            $($(#[$what])* #[serde(rename = $word)] $variant($shape),)*
        }

        impl $name {
            /// Every word, in declaration order.
            pub const WORDS: &'static [&'static str] = &[$($word),*];

            /// The word of this one.
            pub const fn word(&self) -> &'static str {
                match self { $(Self::$variant(_) => $word,)* }
            }

            pub(in crate::cti::jsonl) fn by_word(word: &str, text: &str) -> Option<Result<Self, $crate::cti::jsonl::error::LineError>> {
                match word {
                    $($word => {
                        let shape = <$shape as $crate::cti::jsonl::line::Shape>::read(text);
                        Some(shape.map(Self::$variant))
                    })*
                    _ => None,
                }
            }
        }
    };
}
pub(super) use tagged;

tagged! {
    /// A line of a platform's, by its `event`.
    PlatformLine by "event" {
        /// The first line: who the platform is.
        Hello(Hello) = "hello",
        /// A sign of life.
        Ping(Nothing) = "ping",
        /// The platform is out of service, though the connection stands; `hello` says that it is back.
        Down(Down) = "down",
        /// What follows is the whole truth.
        ResyncBegin(Nothing) = "resyncBegin",
        /// The whole truth was told.
        ResyncEnd(Nothing) = "resyncEnd",
        /// An agent is new or changed.
        Agent(AgentLine) = "agent",
        /// An agent is gone.
        AgentRemoved(Removed) = "agentRemoved",
        /// A team is new, or told in full again.
        Team(TeamLine) = "team",
        /// A team changed.
        TeamChanged(TeamChangedLine) = "teamChanged",
        /// A team is gone.
        TeamRemoved(Removed) = "teamRemoved",
        /// A queue is new or changed.
        Queue(QueueLine) = "queue",
        /// A queue is gone.
        QueueRemoved(Removed) = "queueRemoved",
        /// Which queues an agent or a team serves.
        Serves(ServesLine) = "serves",
        /// An agent does something else now.
        AgentStatus(StatusLine) = "agentStatus",
        /// A call did something.
        Call(CallLine) = "call",
        /// A command is answered.
        Answer(AnswerLine) = "answer",
    }
}

/// A line without properties of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Nothing {}

/// `down`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Down {
    /// Why, for people.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub why: Option<Box<str>>,
}

/// `answer`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AnswerLine {
    /// The command's number.
    pub request: u64,
    /// What came of it.
    pub result: ResultWord,
    /// With `verified`: the agent's id as the platform spells it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub agent: Option<Id>,
    /// With `call`: the id of the call that was made.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub call: Option<Id>,
    /// With `refused`: why; absent: `other`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<RefusalWord>,
    /// With `refused`: the platform's own words, which people read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<Box<str>>,
}

/// What can be read out of a line's text.
pub(super) trait Shape: Sized {
    fn read(text: &str) -> Result<Self, LineError>;
}

impl<T: DeserializeOwned> Shape for T {
    fn read(text: &str) -> Result<Self, LineError> {
        parse(text)
    }
}

impl Shape for CallLine {
    fn read(text: &str) -> Result<Self, LineError> {
        #[derive(Deserialize)]
        struct Head<'a> {
            #[serde(borrow)]
            is: Cow<'a, str>,
        }
        let head: Head<'_> = parse(text)?;
        Self::by_word(&head.is, text).unwrap_or_else(|| {
            let words = Self::WORDS.join("`, `");
            Err(LineError::of("is", format!("`{}` is not known: one of `{words}`", cut(&head.is, QUOTE_CHARS))))
        })
    }
}

/// Why a line was not read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unread {
    /// Its event is not known here.
    Unknown(LineError),
    /// It is wrong.
    Wrong(LineError),
}

impl PlatformLine {
    /// Reads a line, without its line feed.
    ///
    /// # Errors
    ///
    /// What is wrong with it, with [`LineError::line`] 0.
    pub fn read(text: &str) -> Result<Self, Unread> {
        #[derive(Deserialize)]
        struct Head<'a> {
            #[serde(borrow)]
            event: Cow<'a, str>,
        }
        let head: Head<'_> = parse(text).map_err(Unread::Wrong)?;
        match Self::by_word(&head.event, text) {
            Some(read) => read.map_err(Unread::Wrong),
            None => {
                let words = Self::WORDS.join("`, `");
                let message =
                    format!("`{}` is not known and was ignored: one of `{words}`", cut(&head.event, QUOTE_CHARS));
                Err(Unread::Unknown(LineError::of("event", message)))
            }
        }
    }

    /// The line, with its line feed.
    pub fn to_bytes(&self) -> Vec<u8> {
        bytes_of(self)
    }

    /// The event this line tells; `None` for `ping`, which tells nothing.
    ///
    /// # Errors
    ///
    /// What a shape alone cannot say: the version, and what an answer's result needs.
    pub fn into_event(self) -> Result<Option<Event>, LineError> {
        Ok(Some(match self {
            Self::Hello(hello) => Event::Up(hello.platform()?),
            Self::Ping(Nothing {}) => return Ok(None),
            Self::Down(down) => Event::Down { why: down.why.unwrap_or_default() },
            Self::ResyncBegin(Nothing {}) => Event::ResyncBegin,
            Self::ResyncEnd(Nothing {}) => Event::ResyncEnd,
            Self::Agent(agent) => agent.into(),
            Self::AgentRemoved(removed) => Event::AgentRemoved { agent: removed.id.into() },
            Self::Team(team) => team.into(),
            Self::TeamChanged(change) => change.into(),
            Self::TeamRemoved(removed) => Event::TeamRemoved { team: removed.id.into() },
            Self::Queue(queue) => queue.into(),
            Self::QueueRemoved(removed) => Event::QueueRemoved { queue: removed.id.into() },
            Self::Serves(serves) => serves.event()?,
            Self::AgentStatus(status) => status.into(),
            Self::Call(call) => Event::Call(call.into()),
            Self::Answer(answer) => Event::Answer(answer.answer()?),
        }))
    }
}

impl From<&Event> for PlatformLine {
    fn from(event: &Event) -> Self {
        match event {
            Event::Up(platform) => Self::Hello(platform.into()),
            Event::Down { why } => Self::Down(Down { why: unless_empty(why) }),
            Event::ResyncBegin => Self::ResyncBegin(Nothing {}),
            Event::ResyncEnd => Self::ResyncEnd(Nothing {}),
            Event::Agent(record) => Self::Agent(record.into()),
            Event::AgentRemoved { agent } => Self::AgentRemoved(Removed { id: agent.into() }),
            Event::Team(record) => Self::Team(record.into()),
            Event::TeamRemoved { team } => Self::TeamRemoved(Removed { id: team.into() }),
            Event::TeamChanged { team, name, added, removed } => Self::TeamChanged(TeamChangedLine {
                id: team.into(),
                name: name.clone(),
                added: all(added),
                removed: all(removed),
            }),
            Event::Queue(record) => Self::Queue(record.into()),
            Event::QueueRemoved { queue } => Self::QueueRemoved(Removed { id: queue.into() }),
            Event::Serves(serves) => Self::Serves(serves.into()),
            Event::AgentStatus(status) => Self::AgentStatus(status.into()),
            Event::Call(call) => Self::Call(call.into()),
            Event::Answer(answer) => Self::Answer(answer.into()),
        }
    }
}

impl From<&Answer> for AnswerLine {
    fn from(answer: &Answer) -> Self {
        let request = answer.request.0;
        let line = Self { request, result: ResultWord::Done, agent: None, call: None, kind: None, text: None };
        match &answer.outcome {
            Outcome::Done => line,
            Outcome::Verified { agent } => Self { result: ResultWord::Verified, agent: Some(agent.into()), ..line },
            Outcome::Call { call } => Self { result: ResultWord::Call, call: Some(call.into()), ..line },
            Outcome::Refused(Refusal { kind, text }) => Self {
                result: ResultWord::Refused,
                kind: (*kind != RefusalKind::Other).then(|| (*kind).into()),
                text: unless_empty(text),
                ..line
            },
        }
    }
}

impl AnswerLine {
    fn answer(self) -> Result<Answer, LineError> {
        let outcome = match self.result {
            ResultWord::Done => Outcome::Done,
            ResultWord::Verified => {
                let missing = || LineError::of("agent", "is missing: `verified` gives the agent's id");
                Outcome::Verified { agent: self.agent.ok_or_else(missing)?.into() }
            }
            ResultWord::Call => {
                let missing = || LineError::of("call", "is missing: `call` gives the call's id");
                Outcome::Call { call: self.call.ok_or_else(missing)?.into() }
            }
            ResultWord::Refused => Outcome::Refused(Refusal {
                kind: self.kind.map_or(RefusalKind::Other, RefusalKind::from),
                text: self.text.unwrap_or_default(),
            }),
        };
        Ok(Answer { request: RequestNo(self.request), outcome })
    }
}
