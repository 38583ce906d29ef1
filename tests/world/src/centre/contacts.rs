//! Contacts as a platform with everything tells of them: calls, chats and e-mails, consultations, transfers, conferences,
//! further ids, recordings, supervisors; mostly as they go, at times out of order.

use std::time::Duration;

use interaction_core::cti::{
    AgentState, AgentStatus, CallEvent, CallKind, CallRecord, Cause, Command, Device, DeviceKind, Event, LegState,
    Media, Party, PartyRole, RecordingAction, RecordingState, SuperviseAction,
};
use interaction_core::time::Time;

use super::{QUEUES, device, line};
use crate::model::{Calls, Leg};
use crate::rng::Rng;

const NUMBERS: [&str; 3] = ["+4930123", "+4930456", "8000"];
const CAUSES: [Cause; 10] = [
    Cause::Normal,
    Cause::NoAnswer,
    Cause::Busy,
    Cause::Abandoned,
    Cause::Redirected,
    Cause::Transferred,
    Cause::Rejected,
    Cause::Unreachable,
    Cause::Failed,
    Cause::Other,
];
const MEDIA: [Media; 6] = [Media::Voice, Media::Voice, Media::Voice, Media::Voice, Media::Chat, Media::Email];

/// What tells of contacts: the legs are those the model knows.
#[derive(Clone, Debug, Default)]
pub(crate) struct Contacts {
    last: u64,
}

fn party(call: &str, device: Device, role: PartyRole, state: LegState) -> Party {
    Party { call: call.into(), device, role, state }
}

fn data(rng: &mut Rng) -> Vec<(Box<str>, Box<str>)> {
    let key = rng.pick(["callVariable1", "callVariable2", "enteredDigits", "queue"]);
    let value = rng.pick(["", "gold", "\"7\" Ö"]);
    if rng.once_in(3) { Vec::new() } else { vec![(key.into(), value.into())] }
}

/// Somebody who is no agent, or a place.
fn outside(rng: &mut Rng) -> Device {
    match rng.below(8) {
        0 => device(DeviceKind::Ivr, "7001"),
        1 => device(DeviceKind::Trigger, "6001"),
        2 => device(DeviceKind::Queue, "q1"),
        _ => device(DeviceKind::External, rng.pick(NUMBERS)),
    }
}

impl Contacts {
    fn fresh(&mut self) -> String {
        self.last += 1;
        format!("leg-{}", self.last)
    }

    /// The next thing; `agents` are those of whom it is mostly told.
    pub(crate) fn next(&mut self, rng: &mut Rng, calls: &Calls, agents: &[String], now: Time) -> Vec<CallEvent> {
        let agent = rng.of(agents).map_or("1001", String::as_str).to_owned();
        let legs: Vec<(&String, &Leg)> = calls.known().collect();
        let own: Vec<(&String, &Leg)> = legs.iter().filter(|(_, leg)| leg.own(&agent).is_some()).copied().collect();
        if legs.is_empty() || (legs.len() < 6 && own.len() < 2 && rng.once_in(3)) {
            return self.begin(rng, &agent, &own);
        }
        let of_agent = if own.is_empty() || rng.once_in(5) { &legs } else { &own };
        let (id, leg) = of_agent[rng.place(of_agent.len())];
        let call = || id.as_str().into();
        let there = if rng.once_in(4) { None } else { rng.of(&leg.parties).map(|party| party.device.clone()) };
        let on = leg.own(&agent).map_or_else(|| line(&agent), |party| party.device.clone());
        let any = there.unwrap_or_else(|| on.clone());
        let own_state = leg.own(&agent).map(|party| party.state);
        vec![match (rng.below(24), own_state) {
            (0..=7, Some(LegState::Ringing | LegState::Dialing)) => {
                CallEvent::Connected { call: call(), device: on, role: PartyRole::Party }
            }
            (0..=2, Some(LegState::Connected)) => CallEvent::Held { call: call(), device: on },
            (0..=3, Some(LegState::Held)) => CallEvent::Retrieved { call: call(), device: on },
            (3 | 4, Some(LegState::Connected | LegState::Held)) => return self.join(rng, id, leg, &legs, &agent),
            (0..=4, None) => {
                let queue = rng.once_in(2).then(|| rng.pick(QUEUES).into());
                let alias = rng.once_in(6).then(|| format!("alias-{}", rng.below(9)).into());
                CallEvent::Ringing { call: call(), device: line(&agent), queue, alias }
            }
            (5 | 6, None) => CallEvent::Dialing { call: call(), device: line(&agent) },
            (5 | 6, _) => {
                let role = if rng.once_in(4) {
                    rng.pick([PartyRole::Listener, PartyRole::Coach, PartyRole::Barged])
                } else {
                    PartyRole::Party
                };
                let device = if rng.once_in(2) { outside(rng) } else { any };
                CallEvent::Connected { call: call(), device, role }
            }
            (7, _) => CallEvent::Renamed { call: call(), new: self.fresh().into() },
            (8 | 9, _) => CallEvent::Data { call: call(), data: data(rng) },
            (10 | 11, _) => {
                let state = rng.pick([RecordingState::Recording, RecordingState::Paused, RecordingState::Stopped]);
                CallEvent::Recording { call: call(), device: on, state }
            }
            (12 | 13, _) => CallEvent::Left { call: call(), device: any, cause: rng.pick(CAUSES) },
            (14, _) => CallEvent::Diverted { call: call(), device: any, cause: rng.pick(CAUSES) },
            (15, _) => CallEvent::Failed { call: call(), device: any, cause: rng.pick(CAUSES) },
            (16, _) => CallEvent::Queued { call: call(), queues: vec![rng.pick(QUEUES).into()] },
            (17, _) => CallEvent::Dequeued { call: call(), queues: Vec::new() },
            (18, _) => CallEvent::Ringing { call: call(), device: any, queue: None, alias: None },
            (19, _) => CallEvent::Dialing { call: call(), device: any },
            (20, _) => CallEvent::Seen(record(rng, id, leg, now)),
            (21, _) => CallEvent::Held { call: call(), device: any },
            (22, _) => CallEvent::Retrieved { call: call(), device: any },
            _ => CallEvent::Ended { call: call(), cause: rng.pick(CAUSES) },
        }]
    }

    fn begin(&mut self, rng: &mut Rng, agent: &str, own: &[(&String, &Leg)]) -> Vec<CallEvent> {
        let call = self.fresh();
        let own_line = line(agent);
        let consults = rng.of(own).filter(|_| rng.once_in(2)).map(|(id, _)| id.as_str().into());
        let is_consult = consults.is_some();
        let is_outbound = is_consult || rng.once_in(4);
        let other: Box<str> = rng.pick(NUMBERS).into();
        let (from, to) =
            if is_outbound { (own_line.id.clone(), other.clone()) } else { (other.clone(), "8000".into()) };
        let kind = match (is_consult, is_outbound) {
            (true, _) => CallKind::Consult,
            (false, true) => CallKind::Outbound,
            (false, false) => CallKind::Inbound,
        };
        let media = if is_consult { Media::Voice } else { rng.pick(MEDIA) };
        let began = CallEvent::Began { call: call.as_str().into(), media, kind, from, to, consults, data: data(rng) };
        let id = || call.as_str().into();
        let first = if is_outbound {
            CallEvent::Dialing { call: id(), device: own_line }
        } else {
            CallEvent::Ringing { call: id(), device: own_line, queue: Some(rng.pick(QUEUES).into()), alias: None }
        };
        let other =
            CallEvent::Connected { call: id(), device: device(DeviceKind::External, &other), role: PartyRole::Party };
        match rng.below(6) {
            0 => vec![began],
            1 => vec![first],
            2 => vec![began, first],
            _ if is_outbound => vec![began, first, other],
            _ => vec![began, other, first],
        }
    }

    /// The leg becomes one with another: of the same agent, if there is one.
    fn join(&mut self, rng: &mut Rng, id: &str, leg: &Leg, legs: &[(&String, &Leg)], agent: &str) -> Vec<CallEvent> {
        let others = || legs.iter().filter(|(other, _)| *other != id);
        let of_agent: Vec<_> = others().filter(|(_, other)| other.own(agent).is_some()).collect();
        let any: Vec<_> = others().collect();
        let pool = if of_agent.is_empty() { any } else { of_agent };
        let Some((absorbed, other)) = rng.of(&pool).map(|found| **found) else {
            return vec![CallEvent::Held { call: id.into(), device: line(agent) }];
        };
        joined(id, leg, absorbed, other, agent, rng.once_in(2))
    }

    /// Every leg as it stands, most of them.
    pub(crate) fn everything(rng: &mut Rng, calls: &Calls, now: Time) -> Vec<Event> {
        let seen: Vec<(&String, &Leg)> = calls.known().filter(|_| !rng.once_in(4)).collect();
        seen.into_iter().map(|(id, leg)| Event::Call(CallEvent::Seen(record(rng, id, leg, now)))).collect()
    }

    /// What comes of a command that is done.
    pub(crate) fn effects(&mut self, rng: &mut Rng, command: &Command, calls: &Calls) -> Vec<Event> {
        let status = |agent: &interaction_core::ids::AgentId, state, reason: &Option<Box<str>>| {
            let reason = reason.clone().unwrap_or_default();
            let agent = agent.clone();
            vec![Event::AgentStatus(AgentStatus { agent, state, reason, since: None, pending: None, extension: None })]
        };
        let device_of = |call: &str, agent: &str| {
            let own = calls.leg(call).and_then(|leg| leg.own(agent));
            own.map_or_else(|| line(agent), |own| own.device.clone())
        };
        let event = |event| vec![Event::Call(event)];
        let left = |call: &interaction_core::ids::CallId, agent: &str, cause| {
            event(CallEvent::Left { call: call.clone(), device: device_of(call.as_str(), agent), cause })
        };
        match command {
            Command::Verify { .. } | Command::Dtmf { .. } => Vec::new(),
            Command::Login { agent, .. } => status(agent, AgentState::NotReady, &None),
            Command::Logout { agent, reason, .. } => status(agent, AgentState::LoggedOut, reason),
            Command::SetState { agent, state, reason, .. } => {
                let mut told = status(agent, *state, reason);
                // While the agent is busy it is pending.
                if let (Event::AgentStatus(told), true) = (&mut told[0], !calls.of_agent(agent.as_str()).is_empty()) {
                    (told.pending, told.state) = (Some(*state), AgentState::Talking);
                }
                told
            }
            Command::Dial { agent, destination, .. } => self.dialled(agent.as_str(), destination, None),
            Command::Consult { agent, call, destination } => {
                let device = device_of(call.as_str(), agent.as_str());
                let mut told = event(CallEvent::Held { call: call.clone(), device });
                told.extend(self.dialled(agent.as_str(), destination, Some(call.as_str())));
                told
            }
            Command::Answer { agent, call } => {
                let device = device_of(call.as_str(), agent.as_str());
                event(CallEvent::Connected { call: call.clone(), device, role: PartyRole::Party })
            }
            Command::Reject { agent, call } => left(call, agent.as_str(), Cause::Rejected),
            Command::Drop { agent, call } => left(call, agent.as_str(), Cause::Normal),
            Command::BlindTransfer { agent, call, .. } => left(call, agent.as_str(), Cause::Transferred),
            Command::Hold { agent, call } => {
                let device = device_of(call.as_str(), agent.as_str());
                event(CallEvent::Held { call: call.clone(), device })
            }
            Command::Retrieve { agent, call } => {
                let device = device_of(call.as_str(), agent.as_str());
                event(CallEvent::Retrieved { call: call.clone(), device })
            }
            Command::Alternate { agent, active, held } => {
                let device = |call: &str| device_of(call, agent.as_str());
                vec![
                    Event::Call(CallEvent::Held { call: active.clone(), device: device(active.as_str()) }),
                    Event::Call(CallEvent::Retrieved { call: held.clone(), device: device(held.as_str()) }),
                ]
            }
            Command::CompleteTransfer { agent, held, active } | Command::CompleteConference { agent, held, active } => {
                let stays = matches!(command, Command::CompleteConference { .. });
                let both = (calls.leg(held.as_str()), calls.leg(active.as_str()));
                let (Some(leg), Some(other)) = both else { return Vec::new() };
                let joined = joined(held.as_str(), leg, active.as_str(), other, agent.as_str(), stays);
                joined.into_iter().map(Event::Call).collect()
            }
            Command::BlindConference { call, destination, .. } => {
                let device = device(DeviceKind::External, destination);
                event(CallEvent::Connected { call: call.clone(), device, role: PartyRole::Party })
            }
            Command::Recording { agent, call, action } => {
                let state = match action {
                    RecordingAction::Start | RecordingAction::Resume => RecordingState::Recording,
                    RecordingAction::Stop => RecordingState::Stopped,
                    RecordingAction::Pause => RecordingState::Paused,
                };
                let device = device_of(call.as_str(), agent.as_str());
                event(CallEvent::Recording { call: call.clone(), device, state })
            }
            Command::SetData { call, data, .. } => event(CallEvent::Data { call: call.clone(), data: data.clone() }),
            Command::Complete { agent, .. } => {
                let state = rng.pick([AgentState::Ready, AgentState::NotReady]);
                status(agent, state, &None)
            }
            Command::Supervise { supervisor, call, action, .. } => {
                let role = match action {
                    SuperviseAction::Listen => PartyRole::Listener,
                    SuperviseAction::Coach => PartyRole::Coach,
                    SuperviseAction::Barge => PartyRole::Barged,
                    SuperviseAction::TakeOver => PartyRole::Party,
                };
                event(CallEvent::Connected { call: call.clone(), device: line(supervisor.as_str()), role })
            }
        }
    }

    fn dialled(&mut self, agent: &str, destination: &str, consults: Option<&str>) -> Vec<Event> {
        let (call, own) = (self.fresh(), line(agent));
        let kind = if consults.is_some() { CallKind::Consult } else { CallKind::Outbound };
        let id = || call.as_str().into();
        vec![
            Event::Call(CallEvent::Began {
                call: id(),
                media: Media::Voice,
                kind,
                from: own.id.clone(),
                to: destination.into(),
                consults: consults.map(Into::into),
                data: Vec::new(),
            }),
            Event::Call(CallEvent::Dialing { call: id(), device: own }),
        ]
    }
}

fn joined(id: &str, leg: &Leg, absorbed: &str, other: &Leg, agent: &str, stays: bool) -> Vec<CallEvent> {
    let by = leg.own(agent).map_or_else(|| line(agent), |own| own.device.clone());
    let all = leg.parties.iter().chain(&other.parties).filter(|party| stays || party.device.id != by.id);
    let parties = all.map(|one| party(id, one.device.clone(), one.role, LegState::Connected)).collect();
    let (call, absorbed) = (id.into(), absorbed.into());
    vec![if stays {
        CallEvent::Conferenced { call, absorbed, by, parties }
    } else {
        CallEvent::Transferred { call, absorbed, by, parties }
    }]
}

/// A leg as it stands, or nearly so.
fn record(rng: &mut Rng, id: &str, leg: &Leg, now: Time) -> CallRecord {
    let mut parties: Vec<Party> = Vec::new();
    for one in &leg.parties {
        let state = if rng.once_in(6) { rng.pick([LegState::Connected, LegState::Held]) } else { one.state };
        if !rng.once_in(8) {
            parties.push(party(id, one.device.clone(), one.role, state));
        }
    }
    CallRecord {
        call: id.into(),
        media: leg.media,
        kind: CallKind::Inbound,
        from: leg.from.as_str().into(),
        to: leg.to.as_str().into(),
        since: rng.once_in(2).then(|| now - Duration::from_secs(rng.below(100))),
        consults: leg.consults.as_deref().map(Into::into),
        parties,
        queues: if rng.once_in(3) { vec![rng.pick(QUEUES).into()] } else { Vec::new() },
        data: leg.data.iter().map(|(key, value)| (key.as_str().into(), value.as_str().into())).collect(),
    }
}
