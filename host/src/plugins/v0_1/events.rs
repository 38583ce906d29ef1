//! What a component tells, in the words of the core.

use interaction_core::cti::{
    AgentRecord, AgentState, AgentStatus, Answer, CallEvent, CallKind, CallRecord, Cause, Device, DeviceKind, Event,
    LegState, Media, Member, Offers, Outcome, Party, PartyRole, Platform, QueueRecord, ReasonCode, RecordingState,
    Refusal, RefusalKind, ReportKind, RequestNo, Role, Server, Serves, TeamRecord,
};
use interaction_core::ids::{AgentId, CallId};

use super::super::checked::{
    at_most, data, id, ids, optional_id, optional_moment, optional_text, parties as few, text, words,
};
use super::super::failure::Failure;
use super::super::limits::REASONS_MAX;
use super::bindings::exports::interaction::processor::cti as wit;

/// Enumerations that are the same in both.
macro_rules! same {
    ($($name:ident: $type:ident { $($variant:ident)* })*) => {$(
        const fn $name(value: wit::$type) -> $type {
            match value { $(wit::$type::$variant => $type::$variant,)* }
        }
    )*};
}

same! {
    agent_state: AgentState { LoggedOut NotReady Ready Reserved Talking Hold Work }
    role: Role { Supervisor TeamLead Agent }
    device_kind: DeviceKind { Trigger Ivr Queue Agent External }
    media: Media { Voice Chat Email }
    call_kind: CallKind { Inbound Outbound Internal Consult }
    cause: Cause { Normal NoAnswer Busy Abandoned Redirected Transferred Rejected Unreachable Failed Other }
    party_role: PartyRole { Party Listener Coach Barged }
    leg_state: LegState { Dialing Ringing Connected Held Queued }
    recording_state: RecordingState { Stopped Recording Paused }
    report_kind: ReportKind { Uccx }
    refusal_kind: RefusalKind {
        Credentials Unavailable State UnknownCall UnknownAgent Destination Busy Unsupported Other
    }
}

macro_rules! offers {
    ($($field:ident = $flag:ident)*) => {
        fn offers(told: wit::Offers) -> Offers {
            Offers { $($field: told.contains(wit::Offers::$flag),)* }
        }
    };
}

offers! {
    channel_groups = CHANNEL_GROUPS
    telephony = TELEPHONY
    chat = CHAT
    email = EMAIL
    consult = CONSULT
    blind_transfer = BLIND_TRANSFER
    blind_conference = BLIND_CONFERENCE
    alternate = ALTERNATE
    dtmf = DTMF
    recording = RECORDING
    recording_pause = RECORDING_PAUSE
    channel_activation = CHANNEL_ACTIVATION
    supervise = SUPERVISE
    logout_reason_required = LOGOUT_REASON_REQUIRED
    reports = REPORTS
    call_journey_live = CALL_JOURNEY_LIVE
}

/// One event.
pub(super) fn event(event: wit::Event) -> Result<Event, Failure> {
    Ok(match event {
        wit::Event::Up(told) => Event::Up(platform(told)?),
        wit::Event::Down(why) => Event::Down { why: words(why) },
        wit::Event::ResyncBegin => Event::ResyncBegin,
        wit::Event::ResyncEnd => Event::ResyncEnd,
        wit::Event::Agent(wit::AgentRecord { id: agent, name, extension }) => Event::Agent(AgentRecord {
            id: agent_id(agent)?,
            name: text("an agent's name", name)?,
            extension: optional_text("an extension", extension)?,
        }),
        wit::Event::AgentRemoved(agent) => Event::AgentRemoved { agent: agent_id(agent)? },
        wit::Event::Team(wit::TeamRecord { id: team, name, members: all }) => Event::Team(TeamRecord {
            id: id("a team's id", team)?,
            name: text("a team's name", name)?,
            members: members(all)?,
        }),
        wit::Event::TeamRemoved(team) => Event::TeamRemoved { team: id("a team's id", team)? },
        wit::Event::TeamChanged(wit::TeamChange { team, name, added, removed }) => Event::TeamChanged {
            team: id("a team's id", team)?,
            name: optional_text("a team's name", name)?,
            added: members(added)?,
            removed: members(removed)?,
        },
        wit::Event::Queue(wit::QueueRecord { id: queue, name }) => {
            Event::Queue(QueueRecord { id: id("a queue's id", queue)?, name: text("a queue's name", name)? })
        }
        wit::Event::QueueRemoved(queue) => Event::QueueRemoved { queue: id("a queue's id", queue)? },
        wit::Event::AgentStatus(told) => Event::AgentStatus(agent_status(told)?),
        wit::Event::Call(told) => Event::Call(call_event(told)?),
        wit::Event::Answer(wit::Answer { request, outcome: came }) => {
            Event::Answer(Answer { request: RequestNo(request), outcome: outcome(came)? })
        }
        wit::Event::Serves(wit::Serves { who, queues }) => {
            let who = match who {
                wit::Server::Agent(agent) => Server::Agent(agent_id(agent)?),
                wit::Server::Team(team) => Server::Team(id("a team's id", team)?),
            };
            Event::Serves(Serves { who, queues: ids("a queue's id", queues)? })
        }
    })
}

fn agent_id(agent: String) -> Result<AgentId, Failure> {
    id("an agent's id", agent)
}

fn call_id(call: String) -> Result<CallId, Failure> {
    id("a call's id", call)
}

fn platform(told: wit::Platform) -> Result<Platform, Failure> {
    Ok(Platform {
        vendor: words(told.vendor),
        version: words(told.version),
        offers: offers(told.offers),
        reports: told.reports.map(report_kind),
        not_ready_reasons: reasons(told.not_ready_reasons)?,
        logout_reasons: reasons(told.logout_reasons)?,
        wrap_up_codes: reasons(told.wrap_up_codes)?,
    })
}

fn reasons(told: Vec<wit::ReasonCode>) -> Result<Vec<ReasonCode>, Failure> {
    at_most("a platform's reasons", told.len(), REASONS_MAX)?;
    let reason = |wit::ReasonCode { code, name }| {
        Ok(ReasonCode { code: text("a reason's code", code)?, name: text("a reason's name", name)? })
    };
    told.into_iter().map(reason).collect()
}

fn members(told: Vec<wit::Member>) -> Result<Vec<Member>, Failure> {
    told.into_iter().map(|member| Ok(Member { agent: agent_id(member.agent)?, role: role(member.role) })).collect()
}

fn agent_status(told: wit::AgentStatus) -> Result<AgentStatus, Failure> {
    Ok(AgentStatus {
        agent: agent_id(told.agent)?,
        state: agent_state(told.state),
        reason: text("a reason's code", told.reason)?,
        since: optional_moment("the beginning of a state", told.since)?,
        pending: told.pending.map(agent_state),
        extension: optional_text("an extension", told.extension)?,
    })
}

fn outcome(came: wit::Outcome) -> Result<Outcome, Failure> {
    Ok(match came {
        wit::Outcome::Done => Outcome::Done,
        wit::Outcome::Verified(agent) => Outcome::Verified { agent: agent_id(agent)? },
        wit::Outcome::Call(call) => Outcome::Call { call: call_id(call)? },
        wit::Outcome::Refused(wit::Refused { kind, text }) => {
            Outcome::Refused(Refusal { kind: refusal_kind(kind), text: words(text) })
        }
    })
}

fn device(told: wit::Device) -> Result<Device, Failure> {
    Ok(Device {
        kind: device_kind(told.kind),
        id: text("a device's id", told.id)?,
        agent: optional_id("an agent's id", told.agent)?,
        label: text("a device's label", told.label)?,
    })
}

fn parties(told: Vec<wit::Party>) -> Result<Vec<Party>, Failure> {
    let party = |wit::Party { call, device: at, role, state }| {
        Ok(Party { call: call_id(call)?, device: device(at)?, role: party_role(role), state: leg_state(state) })
    };
    few(told)?.into_iter().map(party).collect()
}

fn record(told: wit::CallRecord) -> Result<CallRecord, Failure> {
    Ok(CallRecord {
        call: call_id(told.call)?,
        media: media(told.media),
        kind: call_kind(told.kind),
        from: text("a caller", told.from)?,
        to: text("what was called", told.to)?,
        since: optional_moment("the beginning of a call", told.since)?,
        consults: optional_id("a call's id", told.consults)?,
        parties: parties(told.parties)?,
        queues: ids("a queue's id", told.queues)?,
        data: data(told.data)?,
    })
}

fn call_event(told: wit::CallEvent) -> Result<CallEvent, Failure> {
    Ok(match told {
        wit::CallEvent::Began(began) => CallEvent::Began {
            call: call_id(began.call)?,
            media: media(began.media),
            kind: call_kind(began.kind),
            from: text("a caller", began.from)?,
            to: text("what was called", began.to)?,
            consults: optional_id("a call's id", began.consults)?,
            data: data(began.data)?,
        },
        wit::CallEvent::Seen(told) => CallEvent::Seen(record(told)?),
        wit::CallEvent::Dialing(at) => CallEvent::Dialing { call: call_id(at.call)?, device: device(at.device)? },
        wit::CallEvent::Ringing(at) => CallEvent::Ringing {
            call: call_id(at.call)?,
            device: device(at.device)?,
            queue: optional_id("a queue's id", at.queue)?,
            alias: optional_id("a call's id", at.alias)?,
        },
        wit::CallEvent::Connected(at) => {
            CallEvent::Connected { call: call_id(at.call)?, device: device(at.device)?, role: party_role(at.role) }
        }
        wit::CallEvent::Queued(wit::LegQueues { call, queues }) => {
            CallEvent::Queued { call: call_id(call)?, queues: ids("a queue's id", queues)? }
        }
        wit::CallEvent::Dequeued(wit::LegQueues { call, queues }) => {
            CallEvent::Dequeued { call: call_id(call)?, queues: ids("a queue's id", queues)? }
        }
        wit::CallEvent::Diverted(wit::LegLeft { call, device: at, cause: why }) => {
            CallEvent::Diverted { call: call_id(call)?, device: device(at)?, cause: cause(why) }
        }
        wit::CallEvent::Held(at) => CallEvent::Held { call: call_id(at.call)?, device: device(at.device)? },
        wit::CallEvent::Retrieved(at) => CallEvent::Retrieved { call: call_id(at.call)?, device: device(at.device)? },
        wit::CallEvent::Left(wit::LegLeft { call, device: at, cause: why }) => {
            CallEvent::Left { call: call_id(call)?, device: device(at)?, cause: cause(why) }
        }
        wit::CallEvent::Failed(wit::LegLeft { call, device: at, cause: why }) => {
            CallEvent::Failed { call: call_id(call)?, device: device(at)?, cause: cause(why) }
        }
        wit::CallEvent::Transferred(wit::LegsJoined { call, absorbed, by, parties: on }) => CallEvent::Transferred {
            call: call_id(call)?,
            absorbed: call_id(absorbed)?,
            by: device(by)?,
            parties: parties(on)?,
        },
        wit::CallEvent::Conferenced(wit::LegsJoined { call, absorbed, by, parties: on }) => CallEvent::Conferenced {
            call: call_id(call)?,
            absorbed: call_id(absorbed)?,
            by: device(by)?,
            parties: parties(on)?,
        },
        wit::CallEvent::Renamed(wit::LegRenamed { call, new }) => {
            CallEvent::Renamed { call: call_id(call)?, new: call_id(new)? }
        }
        wit::CallEvent::Data(wit::LegData { call, data: changed }) => {
            CallEvent::Data { call: call_id(call)?, data: data(changed)? }
        }
        wit::CallEvent::Recording(wit::LegRecording { call, device: at, state }) => {
            CallEvent::Recording { call: call_id(call)?, device: device(at)?, state: recording_state(state) }
        }
        wit::CallEvent::Ended(wit::LegEnded { call, cause: why }) => {
            CallEvent::Ended { call: call_id(call)?, cause: cause(why) }
        }
    })
}
