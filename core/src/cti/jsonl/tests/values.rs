//! Generators of everything the vocabulary can say.

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;

use crate::cti::{
    AgentRecord, AgentState, AgentStatus, Answer, CallData, CallEvent, CallKind, CallRecord, Cause, Command, Device,
    DeviceKind, Event, LegState, Media, Member, Offers, Outcome, Party, PartyRole, Platform, QueueRecord, ReasonCode,
    RecordingAction, RecordingState, Refusal, RefusalKind, ReportKind, RequestNo, Role, Server, Serves,
    SuperviseAction, TeamRecord,
};
use crate::ids::{AgentId, CallId, QueueId, TeamId};
use crate::time::Time;

fn id() -> impl Strategy<Value = String> {
    "[!-~äß€😀 ]{1,24}"
}

fn text() -> impl Strategy<Value = Box<str>> {
    any::<String>().prop_map(Into::into)
}

macro_rules! ids {
    ($($name:ident: $id:ident;)*) => {$(
        fn $name() -> impl Strategy<Value = $id> {
            id().prop_map(|id| $id::from(id))
        }
    )*};
}

ids! { agent: AgentId; team: TeamId; queue: QueueId; call: CallId; }

macro_rules! choices {
    ($($name:ident: $kind:ident { $($variant:ident)* };)*) => {$(
        fn $name() -> impl Strategy<Value = $kind> {
            prop::sample::select(vec![$($kind::$variant),*])
        }
    )*};
}

choices! {
    role: Role { Supervisor TeamLead Agent };
    device_kind: DeviceKind { Trigger Ivr Queue Agent External };
    media: Media { Voice Chat Email };
    call_kind: CallKind { Inbound Outbound Internal Consult };
    cause: Cause { Normal NoAnswer Busy Abandoned Redirected Transferred Rejected Unreachable Failed Other };
    party_role: PartyRole { Party Listener Coach Barged };
    leg_state: LegState { Dialing Ringing Connected Held Queued };
    recording: RecordingState { Stopped Recording Paused };
    recording_action: RecordingAction { Start Stop Pause Resume };
    supervise: SuperviseAction { Listen Coach Barge TakeOver };
    refusal_kind: RefusalKind {
        Credentials Unavailable State UnknownCall UnknownAgent Destination Busy Unsupported Other
    };
}

fn state() -> impl Strategy<Value = AgentState> {
    prop::sample::select(AgentState::ALL.to_vec())
}

/// Lines tell whole milliseconds.
fn time() -> impl Strategy<Value = Time> {
    (631_152_000_000_u64..253_402_300_800_000).prop_map(Time::from_millis)
}

fn data() -> impl Strategy<Value = CallData> {
    prop::collection::btree_map(any::<String>(), text(), 0..4)
        .prop_map(|map| map.into_iter().map(|(key, value)| (key.into(), value)).collect())
}

prop_compose! {
    fn device()(kind in device_kind(), id in text(), agent in option::of(agent()), label in text()) -> Device {
        Device { kind, id, agent, label }
    }
}

prop_compose! {
    fn party()(call in call(), device in device(), role in party_role(), state in leg_state()) -> Party {
        Party { call, device, role, state }
    }
}

prop_compose! {
    fn member()(agent in agent(), role in role()) -> Member {
        Member { agent, role }
    }
}

prop_compose! {
    fn record()(
        call in call(), media in media(), kind in call_kind(), from in text(), to in text(), since in option::of(time()),
        consults in option::of(call()), parties in vec(party(), 0..3), queues in vec(queue(), 0..3), data in data(),
    ) -> CallRecord {
        CallRecord { call, media, kind, from, to, since, consults, parties, queues, data }
    }
}

fn reasons() -> impl Strategy<Value = Vec<ReasonCode>> {
    vec((text(), text()).prop_map(|(code, name)| ReasonCode { code, name }), 0..3)
}

fn offers() -> impl Strategy<Value = Offers> {
    any::<[bool; 16]>().prop_map(|bits| {
        let [
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
        ] = bits;
        Offers {
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
        }
    })
}

prop_compose! {
    fn platform()(
        vendor in text(), version in text(), offers in offers(), reports in option::of(Just(ReportKind::Uccx)),
        not_ready_reasons in reasons(), logout_reasons in reasons(), wrap_up_codes in reasons(),
    ) -> Platform {
        Platform { vendor, version, offers, reports, not_ready_reasons, logout_reasons, wrap_up_codes }
    }
}

prop_compose! {
    fn status()(
        agent in agent(), state in state(), reason in text(), since in option::of(time()),
        pending in option::of(state()), extension in option::of(text()),
    ) -> AgentStatus {
        AgentStatus { agent, state, reason, since, pending, extension }
    }
}

fn call_event() -> impl Strategy<Value = CallEvent> {
    prop_oneof![
        (call(), media(), call_kind(), text(), text(), option::of(call()), data()).prop_map(
            |(call, media, kind, from, to, consults, data)| CallEvent::Began {
                call,
                media,
                kind,
                from,
                to,
                consults,
                data
            }
        ),
        record().prop_map(CallEvent::Seen),
        (call(), device()).prop_map(|(call, device)| CallEvent::Dialing { call, device }),
        (call(), device(), option::of(queue()), option::of(call()))
            .prop_map(|(call, device, queue, alias)| CallEvent::Ringing { call, device, queue, alias }),
        (call(), device(), party_role()).prop_map(|(call, device, role)| CallEvent::Connected { call, device, role }),
        (call(), vec(queue(), 0..3)).prop_map(|(call, queues)| CallEvent::Queued { call, queues }),
        (call(), vec(queue(), 0..3)).prop_map(|(call, queues)| CallEvent::Dequeued { call, queues }),
        (call(), device(), cause()).prop_map(|(call, device, cause)| CallEvent::Diverted { call, device, cause }),
        (call(), device()).prop_map(|(call, device)| CallEvent::Held { call, device }),
        (call(), device()).prop_map(|(call, device)| CallEvent::Retrieved { call, device }),
        (call(), device(), cause()).prop_map(|(call, device, cause)| CallEvent::Left { call, device, cause }),
        (call(), device(), cause()).prop_map(|(call, device, cause)| CallEvent::Failed { call, device, cause }),
        (call(), call(), device(), vec(party(), 0..3))
            .prop_map(|(call, absorbed, by, parties)| CallEvent::Transferred { call, absorbed, by, parties }),
        (call(), call(), device(), vec(party(), 0..3))
            .prop_map(|(call, absorbed, by, parties)| CallEvent::Conferenced { call, absorbed, by, parties }),
        (call(), call()).prop_map(|(call, new)| CallEvent::Renamed { call, new }),
        (call(), data()).prop_map(|(call, data)| CallEvent::Data { call, data }),
        (call(), device(), recording()).prop_map(|(call, device, state)| CallEvent::Recording { call, device, state }),
        (call(), cause()).prop_map(|(call, cause)| CallEvent::Ended { call, cause }),
    ]
}

fn outcome() -> impl Strategy<Value = Outcome> {
    prop_oneof![
        Just(Outcome::Done),
        agent().prop_map(|agent| Outcome::Verified { agent }),
        call().prop_map(|call| Outcome::Call { call }),
        (refusal_kind(), text()).prop_map(|(kind, text)| Outcome::Refused(Refusal { kind, text })),
    ]
}

/// Every event, equally often.
pub(super) fn event() -> impl Strategy<Value = Event> {
    prop_oneof![
        platform().prop_map(Event::Up),
        text().prop_map(|why| Event::Down { why }),
        Just(Event::ResyncBegin),
        Just(Event::ResyncEnd),
        (agent(), text(), option::of(text())).prop_map(|(id, name, extension)| Event::Agent(AgentRecord {
            id,
            name,
            extension
        })),
        agent().prop_map(|agent| Event::AgentRemoved { agent }),
        (team(), text(), vec(member(), 0..5)).prop_map(|(id, name, members)| Event::Team(TeamRecord {
            id,
            name,
            members
        })),
        team().prop_map(|team| Event::TeamRemoved { team }),
        (team(), option::of(text()), vec(member(), 0..3), vec(member(), 0..3))
            .prop_map(|(team, name, added, removed)| Event::TeamChanged { team, name, added, removed }),
        (queue(), text()).prop_map(|(id, name)| Event::Queue(QueueRecord { id, name })),
        queue().prop_map(|queue| Event::QueueRemoved { queue }),
        (prop_oneof![agent().prop_map(Server::Agent), team().prop_map(Server::Team)], vec(queue(), 0..3))
            .prop_map(|(who, queues)| Event::Serves(Serves { who, queues })),
        status().prop_map(Event::AgentStatus),
        call_event().prop_map(Event::Call),
        call_event().prop_map(Event::Call),
        (any::<u64>(), outcome())
            .prop_map(|(request, outcome)| Event::Answer(Answer { request: RequestNo(request), outcome })),
    ]
}

/// Every command.
pub(super) fn command() -> impl Strategy<Value = Command> {
    let on = || (agent(), call());
    let to = || (agent(), call(), text());
    let two = || (agent(), call(), call());
    prop_oneof![
        agent().prop_map(|agent| Command::Verify { agent }),
        (agent(), option::of(text())).prop_map(|(agent, extension)| Command::Login { agent, extension }),
        (agent(), option::of(text())).prop_map(|(agent, reason)| Command::Logout { agent, reason, by: None }),
        (agent(), state(), option::of(text())).prop_map(|(agent, state, reason)| Command::SetState {
            agent,
            state,
            reason,
            by: None
        }),
        (agent(), text(), data()).prop_map(|(agent, destination, data)| Command::Dial { agent, destination, data }),
        on().prop_map(|(agent, call)| Command::Answer { agent, call }),
        on().prop_map(|(agent, call)| Command::Reject { agent, call }),
        on().prop_map(|(agent, call)| Command::Drop { agent, call }),
        on().prop_map(|(agent, call)| Command::Hold { agent, call }),
        on().prop_map(|(agent, call)| Command::Retrieve { agent, call }),
        to().prop_map(|(agent, call, destination)| Command::Consult { agent, call, destination }),
        two().prop_map(|(agent, active, held)| Command::Alternate { agent, active, held }),
        two().prop_map(|(agent, held, active)| Command::CompleteTransfer { agent, held, active }),
        two().prop_map(|(agent, held, active)| Command::CompleteConference { agent, held, active }),
        to().prop_map(|(agent, call, destination)| Command::BlindTransfer { agent, call, destination }),
        to().prop_map(|(agent, call, destination)| Command::BlindConference { agent, call, destination }),
        to().prop_map(|(agent, call, digits)| Command::Dtmf { agent, call, digits }),
        (on(), recording_action()).prop_map(|((agent, call), action)| Command::Recording { agent, call, action }),
        (on(), data()).prop_map(|((agent, call), data)| Command::SetData { agent, call, data }),
        (on(), option::of(text())).prop_map(|((agent, call), disposition)| Command::Complete {
            agent,
            call,
            disposition
        }),
        (agent(), on(), supervise()).prop_map(|(supervisor, (agent, call), action)| Command::Supervise {
            supervisor,
            agent,
            call,
            action
        }),
    ]
}
