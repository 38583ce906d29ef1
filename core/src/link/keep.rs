//! What was sent and is kept until the client acknowledges it.

use std::collections::VecDeque;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::ids::{AgentId, CallId};
use crate::report::journey::JourneyEvent;
use crate::report::queuestatus::QueueEvent;
use crate::report::teamstatus::EventName;
use crate::wire::write::{self, Class};

/// The head of a kept message, from which its bytes are made again: a replay is rare, a fan-out is not.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) enum Head {
    /// `{"messageType":…,"seq":N`
    Plain(Class),
    /// The same with `"repeated":true`.
    Repeated(Class),
    /// The head of a team-status event, for one subscribed agent id.
    TeamStatus(EventName, AgentId),
    /// The head of an event of a call's journey, for one id asked for.
    Journey(JourneyEvent, CallId),
    /// The head of a queue-status event, for one subscribed agent id.
    QueueStatus(QueueEvent, AgentId),
}

/// The parts of heads that are the same for every message of this engine.
#[derive(Clone, Debug)]
pub(crate) struct HeadText {
    /// From after the number to the event's name.
    report_event: Box<[u8]>,
    /// Of each team-status event, in order: from after the number to the agent id.
    team_events: [Box<[u8]>; EventName::ALL.len()],
    /// The same of each queue-status event.
    queue_events: [Box<[u8]>; QueueEvent::ALL.len()],
}

const REPORT_EVENT: &[u8; 37] = b"{\"messageType\":\"resourceEvent\",\"seq\":";
const CALL: &[u8] = b"\",\"data\":{\"CallId\":\"";
const AGENT: &[u8] = b"\",\"data\":{\"agentId\":\"";

impl HeadText {
    pub(crate) fn new(service_id: &str, reports_id: &str) -> Self {
        let mut text = Vec::new();
        text.push(b',');
        write::text_property(&mut text, "serviceId", service_id);
        text.push(b',');
        write::text_property(&mut text, "resourceId", reports_id);
        text.extend_from_slice(b",\"event\":{\"name\":\"");
        let of_agent = |name: &str| -> Box<[u8]> { [&text, name.as_bytes(), AGENT].concat().into() };
        let team_events = EventName::ALL.map(|name| of_agent(name.as_str()));
        let queue_events = QueueEvent::ALL.map(|name| of_agent(name.as_str()));
        Self { report_event: text.into(), team_events, queue_events }
    }
}

impl Head {
    /// Appends the head's bytes.
    pub(crate) fn write(&self, out: &mut Vec<u8>, seq: u64, text: &HeadText) {
        match self {
            Self::Plain(class) | Self::Repeated(class) => {
                out.extend_from_slice(b"{\"messageType\":\"");
                out.extend_from_slice(class.as_str().as_bytes());
                out.extend_from_slice(b"\",\"seq\":");
                write::number(out, seq);
                if matches!(self, Self::Repeated(_)) {
                    out.extend_from_slice(b",\"repeated\":true");
                }
            }
            Self::TeamStatus(name, agent) => of_agent(out, seq, &text.team_events[*name as usize], agent),
            Self::QueueStatus(name, agent) => of_agent(out, seq, &text.queue_events[*name as usize], agent),
            Self::Journey(event, call) => {
                out.extend_from_slice(REPORT_EVENT);
                write::number(out, seq);
                out.extend_from_slice(&text.report_event);
                out.extend_from_slice(event.as_str().as_bytes());
                out.extend_from_slice(CALL);
                write::string_body(out, call.as_str());
                out.push(b'"');
            }
        }
    }

    /// How many bytes [`Head::write`] appends, give or take what escapes and digits add: what a bound counts by.
    pub(crate) fn bytes(&self, text: &HeadText) -> usize {
        const NUMBER: usize = 8;
        match self {
            Self::Plain(class) => 30 + NUMBER + class.as_str().len(),
            Self::Repeated(class) => 46 + NUMBER + class.as_str().len(),
            Self::TeamStatus(name, agent) => {
                REPORT_EVENT.len() + NUMBER + text.team_events[*name as usize].len() + agent.as_str().len() + 2
            }
            Self::QueueStatus(name, agent) => {
                REPORT_EVENT.len() + NUMBER + text.queue_events[*name as usize].len() + agent.as_str().len() + 2
            }
            Self::Journey(event, call) => {
                REPORT_EVENT.len()
                    + NUMBER
                    + text.report_event.len()
                    + event.as_str().len()
                    + CALL.len()
                    + call.as_str().len()
                    + 1
            }
        }
    }
}

/// Appends the head of a report's event about an agent; `event` stands between the number and the id.
fn of_agent(out: &mut Vec<u8>, seq: u64, event: &[u8], agent: &AgentId) {
    let agent = agent.as_str();
    out.reserve(REPORT_EVENT.len() + 20 + event.len() + agent.len() + 2);
    out.extend_from_slice(REPORT_EVENT);
    write::number(out, seq);
    out.extend_from_slice(event);
    write::string_body(out, agent);
    out.extend_from_slice(b"\",");
}

/// One kept message.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Kept {
    pub(crate) head: Head,
    pub(crate) tail: Arc<[u8]>,
}

/// The kept messages of a link, numbered without a hole.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Keep {
    /// The number the next message gets.
    pub(crate) next_seq: u64,
    /// The number of the oldest kept message; `next_seq` when none is kept.
    pub(crate) first_seq: u64,
    /// Written down beside the link, each shared tail once.
    #[serde(skip)]
    pub(crate) messages: VecDeque<Kept>,
    pub(crate) bytes: u64,
}

impl Keep {
    pub(crate) fn new() -> Self {
        Self { next_seq: 1, first_seq: 1, messages: VecDeque::new(), bytes: 0 }
    }

    /// Counts what is kept again: the texts of heads may have changed since it was written down.
    pub(crate) fn count_again(&mut self, text: &HeadText) {
        self.bytes = self.messages.iter().map(|kept| (kept.head.bytes(text) + kept.tail.len()) as u64).sum();
    }

    /// Keeps a message and gives its number.
    pub(crate) fn push(&mut self, head: Head, tail: Arc<[u8]>, text: &HeadText) -> u64 {
        let seq = self.next_seq;
        self.next_seq += 1;
        self.bytes += (head.bytes(text) + tail.len()) as u64;
        self.messages.push_back(Kept { head, tail });
        seq
    }

    /// Lets the oldest message go.
    pub(crate) fn pop(&mut self, text: &HeadText) -> Option<(u64, Kept)> {
        let kept = self.messages.pop_front()?;
        self.bytes -= (kept.head.bytes(text) + kept.tail.len()) as u64;
        let seq = self.first_seq;
        self.first_seq += 1;
        Some((seq, kept))
    }
}
