//! What an adapter wants, from the words of the core into those of the component's interface.

use interaction_core::cti::{
    self, AdapterOutput, AgentRecord, AgentState, AgentStatus, Answer, CallData, CallEvent, CallRecord, Cause, Device,
    Event, Member, Offers, Outcome, Party, Platform, QueueRecord, ReasonCode, Refusal, RefusalKind, Server, Serves,
    TeamRecord,
};
use interaction_core::ids::QueueId;
use interaction_core::time::Time;

use crate::bindings::exports::interaction::processor::adapter::{Dial, Output, Piece};
use crate::bindings::exports::interaction::processor::cti as wit;

pub(crate) fn output(output: AdapterOutput) -> Output {
    match output {
        AdapterOutput::Event(told) => Output::Event(event(told)),
        AdapterOutput::Connect { connection, address } => {
            // INVARIANT: an adapter names one of the addresses that it was given, and no operator gives 4 billion.
            let address = u32::try_from(address).expect("an address by its place");
            Output::Connect(Dial { connection: connection.0, address })
        }
        AdapterOutput::Send { connection, bytes } => Output::Send(Piece { connection: connection.0, bytes }),
        AdapterOutput::Disconnect { connection } => Output::Disconnect(connection.0),
    }
}

fn event(event: Event) -> wit::Event {
    match event {
        Event::Up(told) => wit::Event::Up(platform(told)),
        Event::Down { why } => wit::Event::Down(why.into()),
        Event::ResyncBegin => wit::Event::ResyncBegin,
        Event::ResyncEnd => wit::Event::ResyncEnd,
        Event::Agent(AgentRecord { id, name, extension }) => wit::Event::Agent(wit::AgentRecord {
            id: id.to_string(),
            name: name.into(),
            extension: extension.map(Into::into),
        }),
        Event::AgentRemoved { agent } => wit::Event::AgentRemoved(agent.to_string()),
        Event::Team(TeamRecord { id, name, members: all }) => {
            wit::Event::Team(wit::TeamRecord { id: id.to_string(), name: name.into(), members: members(all) })
        }
        Event::TeamRemoved { team } => wit::Event::TeamRemoved(team.to_string()),
        Event::TeamChanged { team, name, added, removed } => wit::Event::TeamChanged(wit::TeamChange {
            team: team.to_string(),
            name: name.map(Into::into),
            added: members(added),
            removed: members(removed),
        }),
        Event::Queue(QueueRecord { id, name }) => {
            wit::Event::Queue(wit::QueueRecord { id: id.to_string(), name: name.into() })
        }
        Event::QueueRemoved { queue } => wit::Event::QueueRemoved(queue.to_string()),
        Event::AgentStatus(AgentStatus { agent, state, reason, since, pending, extension }) => {
            wit::Event::AgentStatus(wit::AgentStatus {
                agent: agent.to_string(),
                state: agent_state(state),
                reason: reason.into(),
                since: since.map(Time::as_micros),
                pending: pending.map(agent_state),
                extension: extension.map(Into::into),
            })
        }
        Event::Call(told) => wit::Event::Call(call(told)),
        Event::Answer(Answer { request, outcome }) => {
            wit::Event::Answer(wit::Answer { request: request.0, outcome: answered(outcome) })
        }
        Event::Serves(Serves { who, queues: all }) => {
            let who = match who {
                Server::Agent(agent) => wit::Server::Agent(agent.to_string()),
                Server::Team(team) => wit::Server::Team(team.to_string()),
            };
            wit::Event::Serves(wit::Serves { who, queues: queues(&all) })
        }
    }
}

fn platform(platform: Platform) -> wit::Platform {
    let Platform { vendor, version, offers: offered, reports, not_ready_reasons, logout_reasons, wrap_up_codes } =
        platform;
    wit::Platform {
        vendor: vendor.into(),
        version: version.into(),
        offers: offers(offered),
        reports: reports.map(|kind| match kind {
            cti::ReportKind::Uccx => wit::ReportKind::Uccx,
        }),
        not_ready_reasons: reasons(not_ready_reasons),
        logout_reasons: reasons(logout_reasons),
        wrap_up_codes: reasons(wrap_up_codes),
    }
}

fn offers(offers: Offers) -> wit::Offers {
    // Named one by one, so that a new one is thought about here.
    let Offers {
        channel_groups,
        telephony,
        chat,
        email,
        consult,
        blind_transfer,
        blind_conference,
        alternate,
        dtmf,
        recording,
        recording_pause,
        channel_activation,
        supervise,
        logout_reason_required,
        reports,
        call_journey_live,
    } = offers;
    let offered = [
        (channel_groups, wit::Offers::CHANNEL_GROUPS),
        (telephony, wit::Offers::TELEPHONY),
        (chat, wit::Offers::CHAT),
        (email, wit::Offers::EMAIL),
        (consult, wit::Offers::CONSULT),
        (blind_transfer, wit::Offers::BLIND_TRANSFER),
        (blind_conference, wit::Offers::BLIND_CONFERENCE),
        (alternate, wit::Offers::ALTERNATE),
        (dtmf, wit::Offers::DTMF),
        (recording, wit::Offers::RECORDING),
        (recording_pause, wit::Offers::RECORDING_PAUSE),
        (channel_activation, wit::Offers::CHANNEL_ACTIVATION),
        (supervise, wit::Offers::SUPERVISE),
        (logout_reason_required, wit::Offers::LOGOUT_REASON_REQUIRED),
        (reports, wit::Offers::REPORTS),
        (call_journey_live, wit::Offers::CALL_JOURNEY_LIVE),
    ];
    offered.into_iter().filter(|(is, _)| *is).fold(wit::Offers::empty(), |all, (_, one)| all | one)
}

fn reasons(reasons: Vec<ReasonCode>) -> Vec<wit::ReasonCode> {
    reasons
        .into_iter()
        .map(|ReasonCode { code, name }| wit::ReasonCode { code: code.into(), name: name.into() })
        .collect()
}

fn answered(outcome: Outcome) -> wit::Outcome {
    match outcome {
        Outcome::Done => wit::Outcome::Done,
        Outcome::Verified { agent } => wit::Outcome::Verified(agent.to_string()),
        Outcome::Call { call } => wit::Outcome::Call(call.to_string()),
        Outcome::Refused(Refusal { kind, text }) => {
            wit::Outcome::Refused(wit::Refused { kind: refusal_kind(kind), text: text.into() })
        }
    }
}

const fn refusal_kind(kind: RefusalKind) -> wit::RefusalKind {
    match kind {
        RefusalKind::Credentials => wit::RefusalKind::Credentials,
        RefusalKind::Unavailable => wit::RefusalKind::Unavailable,
        RefusalKind::State => wit::RefusalKind::State,
        RefusalKind::UnknownCall => wit::RefusalKind::UnknownCall,
        RefusalKind::UnknownAgent => wit::RefusalKind::UnknownAgent,
        RefusalKind::Destination => wit::RefusalKind::Destination,
        RefusalKind::Busy => wit::RefusalKind::Busy,
        RefusalKind::Unsupported => wit::RefusalKind::Unsupported,
        RefusalKind::Other => wit::RefusalKind::Other,
    }
}

const fn agent_state(state: AgentState) -> wit::AgentState {
    match state {
        AgentState::LoggedOut => wit::AgentState::LoggedOut,
        AgentState::NotReady => wit::AgentState::NotReady,
        AgentState::Ready => wit::AgentState::Ready,
        AgentState::Reserved => wit::AgentState::Reserved,
        AgentState::Talking => wit::AgentState::Talking,
        AgentState::Hold => wit::AgentState::Hold,
        AgentState::Work => wit::AgentState::Work,
    }
}

fn members(members: Vec<Member>) -> Vec<wit::Member> {
    let member = |Member { agent, role }| wit::Member {
        agent: agent.to_string(),
        role: match role {
            cti::Role::Supervisor => wit::Role::Supervisor,
            cti::Role::TeamLead => wit::Role::TeamLead,
            cti::Role::Agent => wit::Role::Agent,
        },
    };
    members.into_iter().map(member).collect()
}

fn call(event: CallEvent) -> wit::CallEvent {
    match event {
        CallEvent::Began { call, media: by, kind, from, to, consults, data: known } => {
            wit::CallEvent::Began(wit::LegBegan {
                call: call.to_string(),
                media: media(by),
                kind: call_kind(kind),
                from: from.into(),
                to: to.into(),
                consults: consults.map(|leg| leg.to_string()),
                data: data(known),
            })
        }
        CallEvent::Seen(record) => wit::CallEvent::Seen(call_record(record)),
        CallEvent::Dialing { call, device: at } => {
            wit::CallEvent::Dialing(wit::LegAt { call: call.to_string(), device: device(at) })
        }
        CallEvent::Ringing { call, device: at, queue, alias } => wit::CallEvent::Ringing(wit::LegRinging {
            call: call.to_string(),
            device: device(at),
            queue: queue.map(|queue| queue.to_string()),
            alias: alias.map(|alias| alias.to_string()),
        }),
        CallEvent::Connected { call, device: at, role } => wit::CallEvent::Connected(wit::LegConnected {
            call: call.to_string(),
            device: device(at),
            role: party_role(role),
        }),
        CallEvent::Queued { call, queues: all } => {
            wit::CallEvent::Queued(wit::LegQueues { call: call.to_string(), queues: queues(&all) })
        }
        CallEvent::Dequeued { call, queues: all } => {
            wit::CallEvent::Dequeued(wit::LegQueues { call: call.to_string(), queues: queues(&all) })
        }
        CallEvent::Diverted { call, device: from, cause: why } => {
            wit::CallEvent::Diverted(wit::LegLeft { call: call.to_string(), device: device(from), cause: cause(why) })
        }
        CallEvent::Held { call, device: at } => {
            wit::CallEvent::Held(wit::LegAt { call: call.to_string(), device: device(at) })
        }
        CallEvent::Retrieved { call, device: at } => {
            wit::CallEvent::Retrieved(wit::LegAt { call: call.to_string(), device: device(at) })
        }
        CallEvent::Left { call, device: from, cause: why } => {
            wit::CallEvent::Left(wit::LegLeft { call: call.to_string(), device: device(from), cause: cause(why) })
        }
        CallEvent::Failed { call, device: at, cause: why } => {
            wit::CallEvent::Failed(wit::LegLeft { call: call.to_string(), device: device(at), cause: cause(why) })
        }
        CallEvent::Transferred { call, absorbed, by, parties: all } => wit::CallEvent::Transferred(wit::LegsJoined {
            call: call.to_string(),
            absorbed: absorbed.to_string(),
            by: device(by),
            parties: parties(all),
        }),
        CallEvent::Conferenced { call, absorbed, by, parties: all } => wit::CallEvent::Conferenced(wit::LegsJoined {
            call: call.to_string(),
            absorbed: absorbed.to_string(),
            by: device(by),
            parties: parties(all),
        }),
        CallEvent::Renamed { call, new } => {
            wit::CallEvent::Renamed(wit::LegRenamed { call: call.to_string(), new: new.to_string() })
        }
        CallEvent::Data { call, data: changed } => {
            wit::CallEvent::Data(wit::LegData { call: call.to_string(), data: data(changed) })
        }
        CallEvent::Recording { call, device: at, state } => wit::CallEvent::Recording(wit::LegRecording {
            call: call.to_string(),
            device: device(at),
            state: match state {
                cti::RecordingState::Stopped => wit::RecordingState::Stopped,
                cti::RecordingState::Recording => wit::RecordingState::Recording,
                cti::RecordingState::Paused => wit::RecordingState::Paused,
            },
        }),
        CallEvent::Ended { call, cause: why } => {
            wit::CallEvent::Ended(wit::LegEnded { call: call.to_string(), cause: cause(why) })
        }
    }
}

fn call_record(record: CallRecord) -> wit::CallRecord {
    let CallRecord { call, media: by, kind, from, to, since, consults, parties: all, queues: waits, data: known } =
        record;
    wit::CallRecord {
        call: call.to_string(),
        media: media(by),
        kind: call_kind(kind),
        from: from.into(),
        to: to.into(),
        since: since.map(Time::as_micros),
        consults: consults.map(|leg| leg.to_string()),
        parties: parties(all),
        queues: queues(&waits),
        data: data(known),
    }
}

fn parties(parties: Vec<Party>) -> Vec<wit::Party> {
    let party = |Party { call, device: at, role, state }| wit::Party {
        call: call.to_string(),
        device: device(at),
        role: party_role(role),
        state: match state {
            cti::LegState::Dialing => wit::LegState::Dialing,
            cti::LegState::Ringing => wit::LegState::Ringing,
            cti::LegState::Connected => wit::LegState::Connected,
            cti::LegState::Held => wit::LegState::Held,
            cti::LegState::Queued => wit::LegState::Queued,
        },
    };
    parties.into_iter().map(party).collect()
}

const fn party_role(role: cti::PartyRole) -> wit::PartyRole {
    match role {
        cti::PartyRole::Party => wit::PartyRole::Party,
        cti::PartyRole::Listener => wit::PartyRole::Listener,
        cti::PartyRole::Coach => wit::PartyRole::Coach,
        cti::PartyRole::Barged => wit::PartyRole::Barged,
    }
}

fn device(device: Device) -> wit::Device {
    let Device { kind, id, agent, label } = device;
    let kind = match kind {
        cti::DeviceKind::Trigger => wit::DeviceKind::Trigger,
        cti::DeviceKind::Ivr => wit::DeviceKind::Ivr,
        cti::DeviceKind::Queue => wit::DeviceKind::Queue,
        cti::DeviceKind::Agent => wit::DeviceKind::Agent,
        cti::DeviceKind::External => wit::DeviceKind::External,
    };
    wit::Device { kind, id: id.into(), agent: agent.map(|agent| agent.to_string()), label: label.into() }
}

const fn media(media: cti::Media) -> wit::Media {
    match media {
        cti::Media::Voice => wit::Media::Voice,
        cti::Media::Chat => wit::Media::Chat,
        cti::Media::Email => wit::Media::Email,
    }
}

const fn call_kind(kind: cti::CallKind) -> wit::CallKind {
    match kind {
        cti::CallKind::Inbound => wit::CallKind::Inbound,
        cti::CallKind::Outbound => wit::CallKind::Outbound,
        cti::CallKind::Internal => wit::CallKind::Internal,
        cti::CallKind::Consult => wit::CallKind::Consult,
    }
}

const fn cause(cause: Cause) -> wit::Cause {
    match cause {
        Cause::Normal => wit::Cause::Normal,
        Cause::NoAnswer => wit::Cause::NoAnswer,
        Cause::Busy => wit::Cause::Busy,
        Cause::Abandoned => wit::Cause::Abandoned,
        Cause::Redirected => wit::Cause::Redirected,
        Cause::Transferred => wit::Cause::Transferred,
        Cause::Rejected => wit::Cause::Rejected,
        Cause::Unreachable => wit::Cause::Unreachable,
        Cause::Failed => wit::Cause::Failed,
        Cause::Other => wit::Cause::Other,
    }
}

fn queues(queues: &[QueueId]) -> Vec<String> {
    queues.iter().map(ToString::to_string).collect()
}

fn data(data: CallData) -> Vec<(String, String)> {
    data.into_iter().map(|(key, value)| (key.into(), value.into())).collect()
}
