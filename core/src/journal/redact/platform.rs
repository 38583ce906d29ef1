//! What a platform told, without what is about people. No arm is a wildcard: what is new has to be thought of here.

use super::words::Words;
use crate::cti::{
    AgentRecord, AgentStatus, Answer, CallData, CallEvent, CallRecord, Device, Event, Member, Outcome, Party, Platform,
    QueueRecord, ReasonCode, Refusal, Server, Serves, TeamRecord,
};
use crate::ids::QueueId;

pub(super) fn event(words: &mut Words, event: &Event) -> Event {
    match event {
        Event::Up(platform) => Event::Up(self::platform(words, platform)),
        Event::Down { why } => Event::Down { why: words.text(why) },
        Event::ResyncBegin => Event::ResyncBegin,
        Event::ResyncEnd => Event::ResyncEnd,
        Event::Agent(AgentRecord { id, name, extension }) => Event::Agent(AgentRecord {
            id: words.agent(id),
            name: words.text(name),
            extension: words.maybe(extension.as_deref()),
        }),
        Event::AgentRemoved { agent } => Event::AgentRemoved { agent: words.agent(agent) },
        Event::Team(TeamRecord { id, name, members }) => Event::Team(TeamRecord {
            id: words.team(id),
            name: words.text(name),
            members: self::members(words, members),
        }),
        Event::TeamRemoved { team } => Event::TeamRemoved { team: words.team(team) },
        Event::TeamChanged { team, name, added, removed } => Event::TeamChanged {
            team: words.team(team),
            name: words.maybe(name.as_deref()),
            added: members(words, added),
            removed: members(words, removed),
        },
        Event::Queue(QueueRecord { id, name }) => {
            Event::Queue(QueueRecord { id: words.queue(id), name: words.text(name) })
        }
        Event::QueueRemoved { queue } => Event::QueueRemoved { queue: words.queue(queue) },
        Event::AgentStatus(AgentStatus { agent, state, reason, since, pending, extension }) => {
            Event::AgentStatus(AgentStatus {
                agent: words.agent(agent),
                state: *state,
                reason: words.text(reason),
                since: *since,
                pending: *pending,
                extension: words.maybe(extension.as_deref()),
            })
        }
        Event::Call(event) => Event::Call(call_event(words, event)),
        Event::Answer(Answer { request, outcome }) => {
            Event::Answer(Answer { request: *request, outcome: self::outcome(words, outcome) })
        }
        Event::Serves(Serves { who, queues }) => Event::Serves(Serves {
            who: match who {
                Server::Agent(agent) => Server::Agent(words.agent(agent)),
                Server::Team(team) => Server::Team(words.team(team)),
            },
            queues: self::queues(words, queues),
        }),
    }
}

fn platform(words: &mut Words, platform: &Platform) -> Platform {
    let Platform { vendor, version, offers, reports, not_ready_reasons, logout_reasons, wrap_up_codes } = platform;
    Platform {
        vendor: words.vendor(vendor),
        version: if words.is_vendor(vendor) { version.clone() } else { words.text(version) },
        offers: *offers,
        reports: *reports,
        not_ready_reasons: reasons(words, not_ready_reasons),
        logout_reasons: reasons(words, logout_reasons),
        wrap_up_codes: reasons(words, wrap_up_codes),
    }
}

fn reasons(words: &mut Words, reasons: &[ReasonCode]) -> Vec<ReasonCode> {
    reasons
        .iter()
        .map(|ReasonCode { code, name }| ReasonCode { code: words.text(code), name: words.text(name) })
        .collect()
}

fn members(words: &mut Words, members: &[Member]) -> Vec<Member> {
    members.iter().map(|Member { agent, role }| Member { agent: words.agent(agent), role: *role }).collect()
}

fn queues(words: &mut Words, queues: &[QueueId]) -> Vec<QueueId> {
    queues.iter().map(|queue| words.queue(queue)).collect()
}

fn outcome(words: &mut Words, outcome: &Outcome) -> Outcome {
    match outcome {
        Outcome::Done => Outcome::Done,
        Outcome::Verified { agent } => Outcome::Verified { agent: words.agent(agent) },
        Outcome::Call { call } => Outcome::Call { call: words.call(call) },
        Outcome::Refused(Refusal { kind, text }) => Outcome::Refused(Refusal { kind: *kind, text: words.text(text) }),
    }
}

fn device(words: &mut Words, device: &Device) -> Device {
    let Device { kind, id, agent, label } = device;
    Device {
        kind: *kind,
        id: words.text(id),
        agent: agent.as_ref().map(|agent| words.agent(agent)),
        label: words.text(label),
    }
}

fn data(words: &mut Words, data: &CallData) -> CallData {
    data.iter().map(|(key, value)| (words.data_key(key), words.text(value))).collect()
}

fn parties(words: &mut Words, parties: &[Party]) -> Vec<Party> {
    parties
        .iter()
        .map(|Party { call, device, role, state }| Party {
            call: words.call(call),
            device: self::device(words, device),
            role: *role,
            state: *state,
        })
        .collect()
}

fn record(words: &mut Words, record: &CallRecord) -> CallRecord {
    let CallRecord { call, media, kind, from, to, since, consults, parties, queues, data } = record;
    CallRecord {
        call: words.call(call),
        media: *media,
        kind: *kind,
        from: words.text(from),
        to: words.text(to),
        since: *since,
        consults: consults.as_ref().map(|call| words.call(call)),
        parties: self::parties(words, parties),
        queues: self::queues(words, queues),
        data: self::data(words, data),
    }
}

fn call_event(words: &mut Words, event: &CallEvent) -> CallEvent {
    match event {
        CallEvent::Began { call, media, kind, from, to, consults, data } => CallEvent::Began {
            call: words.call(call),
            media: *media,
            kind: *kind,
            from: words.text(from),
            to: words.text(to),
            consults: consults.as_ref().map(|call| words.call(call)),
            data: self::data(words, data),
        },
        CallEvent::Seen(record) => CallEvent::Seen(self::record(words, record)),
        CallEvent::Dialing { call, device } => {
            CallEvent::Dialing { call: words.call(call), device: self::device(words, device) }
        }
        CallEvent::Ringing { call, device, queue, alias } => CallEvent::Ringing {
            call: words.call(call),
            device: self::device(words, device),
            queue: queue.as_ref().map(|queue| words.queue(queue)),
            alias: alias.as_ref().map(|call| words.call(call)),
        },
        CallEvent::Connected { call, device, role } => {
            CallEvent::Connected { call: words.call(call), device: self::device(words, device), role: *role }
        }
        CallEvent::Queued { call, queues } => {
            CallEvent::Queued { call: words.call(call), queues: self::queues(words, queues) }
        }
        CallEvent::Dequeued { call, queues } => {
            CallEvent::Dequeued { call: words.call(call), queues: self::queues(words, queues) }
        }
        CallEvent::Diverted { call, device, cause } => {
            CallEvent::Diverted { call: words.call(call), device: self::device(words, device), cause: *cause }
        }
        CallEvent::Held { call, device } => {
            CallEvent::Held { call: words.call(call), device: self::device(words, device) }
        }
        CallEvent::Retrieved { call, device } => {
            CallEvent::Retrieved { call: words.call(call), device: self::device(words, device) }
        }
        CallEvent::Left { call, device, cause } => {
            CallEvent::Left { call: words.call(call), device: self::device(words, device), cause: *cause }
        }
        CallEvent::Failed { call, device, cause } => {
            CallEvent::Failed { call: words.call(call), device: self::device(words, device), cause: *cause }
        }
        CallEvent::Transferred { call, absorbed, by, parties } => CallEvent::Transferred {
            call: words.call(call),
            absorbed: words.call(absorbed),
            by: device(words, by),
            parties: self::parties(words, parties),
        },
        CallEvent::Conferenced { call, absorbed, by, parties } => CallEvent::Conferenced {
            call: words.call(call),
            absorbed: words.call(absorbed),
            by: device(words, by),
            parties: self::parties(words, parties),
        },
        CallEvent::Renamed { call, new } => CallEvent::Renamed { call: words.call(call), new: words.call(new) },
        CallEvent::Data { call, data } => CallEvent::Data { call: words.call(call), data: self::data(words, data) },
        CallEvent::Recording { call, device, state } => {
            CallEvent::Recording { call: words.call(call), device: self::device(words, device), state: *state }
        }
        CallEvent::Ended { call, cause } => CallEvent::Ended { call: words.call(call), cause: *cause },
    }
}
