//! What was sent and is kept until the client acknowledges it.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use super::messages::{MessageNo, Messages};
use crate::ids::{AgentId, CallId};
use crate::report::journey::JourneyEvent;
use crate::report::queuestatus::QueueEvent;
use crate::report::teamstatus::EventName;
use crate::wire::write::{self, Class};

/// The head of a kept message, from which its bytes are made again: a replay is rare, a fan-out is not.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
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
        self.write_before(out);
        write::number(out, seq);
        self.write_after(out, text);
    }

    /// Appends what stands before the number.
    pub(crate) fn write_before(&self, out: &mut Vec<u8>) {
        match self {
            Self::Plain(class) | Self::Repeated(class) => {
                out.extend_from_slice(b"{\"messageType\":\"");
                out.extend_from_slice(class.as_str().as_bytes());
                out.extend_from_slice(b"\",\"seq\":");
            }
            Self::TeamStatus(..) | Self::QueueStatus(..) | Self::Journey(..) => out.extend_from_slice(REPORT_EVENT),
        }
    }

    /// Appends what stands after the number.
    pub(crate) fn write_after(&self, out: &mut Vec<u8>, text: &HeadText) {
        match self {
            Self::Plain(_) => {}
            Self::Repeated(_) => out.extend_from_slice(b",\"repeated\":true"),
            Self::TeamStatus(name, agent) => of_agent(out, &text.team_events[*name as usize], agent),
            Self::QueueStatus(name, agent) => of_agent(out, &text.queue_events[*name as usize], agent),
            Self::Journey(event, call) => {
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

/// Appends what stands after the number of a report's event about an agent; `event` goes to the id.
fn of_agent(out: &mut Vec<u8>, event: &[u8], agent: &AgentId) {
    out.extend_from_slice(event);
    write::string_body(out, agent.as_str());
    out.extend_from_slice(b"\",");
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
    pub(crate) messages: VecDeque<MessageNo>,
    pub(crate) bytes: u64,
}

/// What a link at rest keeps room for, in messages.
const ROOM_AT_REST: usize = 64;

impl Keep {
    pub(crate) fn new() -> Self {
        Self { next_seq: 1, first_seq: 1, messages: VecDeque::new(), bytes: 0 }
    }

    /// Keeps a message of so many bytes under the next number.
    pub(crate) fn push(&mut self, message: MessageNo, bytes: u64) {
        self.next_seq += 1;
        self.bytes += bytes;
        self.messages.push_back(message);
    }

    /// Lets the oldest message go: its number, and itself, which the caller is to release.
    pub(crate) fn pop(&mut self, messages: &Messages) -> Option<(u64, MessageNo)> {
        let message = self.messages.pop_front()?;
        self.bytes -= messages.bytes(message);
        let seq = self.first_seq;
        self.first_seq += 1;
        Some((seq, message))
    }

    /// Gives room back that a burst has left.
    pub(crate) fn shrink(&mut self) {
        if self.messages.capacity() > ROOM_AT_REST && self.messages.len() < self.messages.capacity() / 8 {
            self.messages.shrink_to((2 * self.messages.len()).max(ROOM_AT_REST));
        }
    }
}
