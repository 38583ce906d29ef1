//! A platform that tells whatever it likes: agents, teams and calls drawn as they come, in order and out of it.

mod contacts;
mod joins;

use interaction_core::cti::{
    AgentRecord, AgentState, AgentStatus, CallEvent, CallKind, Cause, Command, Device, DeviceKind, Event, Media,
    Member, Outcome, PartyRole, QueueRecord, RecordingState, Refusal, RefusalKind, Role, Server, Serves, TeamRecord,
};
use interaction_core::time::Time;

use crate::rng::Rng;

pub(crate) use contacts::Contacts;

/// Agents there are; the last has no team.
pub(crate) const AGENTS: [&str; 6] = ["1001", "1002", "1003", "2001", "2002", "1009"];
/// Spelled so by people, and otherwise by the platform.
pub(crate) const ALIAS: (&str, &str) = ("anna", "1001");
/// Agents nobody knows.
pub(crate) const STRANGER: &str = "4004";
const TEAMS: [&str; 3] = ["1", "2", "10"];
const QUEUES: [&str; 2] = ["q1", "q2"];
const STATES: [AgentState; 7] = AgentState::ALL;
const ROLES: [Role; 3] = [Role::Supervisor, Role::TeamLead, Role::Agent];

/// The platform.
#[derive(Clone, Debug, Default)]
pub(crate) struct Centre {
    pub(crate) calls: Vec<Call>,
    last_call: u64,
}

/// A call under way.
#[derive(Clone, Debug)]
pub(crate) struct Call {
    pub(crate) id: String,
    stage: Stage,
    agent: &'static str,
    /// Whom the agent asks, where it consults.
    colleague: &'static str,
    /// The call it consults for.
    consults: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    Began,
    AtTrigger,
    InScript,
    Queued,
    Rings,
    Talks,
    Holds,
    /// A consultation is about to be dialled, rings, is about to be answered, is talked on.
    Dials,
    Asks,
    IsAsked,
    Consults,
}

pub(crate) fn password_of(agent: &str) -> String {
    format!("secret-of-{agent}")
}

fn line(agent: &str) -> Device {
    let id = format!("5{agent}");
    Device { kind: DeviceKind::Agent, id: id.into(), agent: Some(agent.into()), label: "".into() }
}

fn device(kind: DeviceKind, id: &str) -> Device {
    Device { kind, id: id.into(), agent: None, label: "".into() }
}

impl Centre {
    /// What the platform rightly answers: passwords are checked, everything else is done.
    pub(crate) fn answer(command: &Command, password: Option<&str>) -> Outcome {
        match command {
            Command::Verify { agent } => {
                let spelled = agent.as_str();
                let canonical = if spelled == ALIAS.0 { ALIAS.1 } else { spelled };
                let is_known = AGENTS.contains(&canonical);
                if is_known && password == Some(&password_of(spelled)) {
                    return Outcome::Verified { agent: canonical.into() };
                }
                let kind = if is_known { RefusalKind::Credentials } else { RefusalKind::UnknownAgent };
                Outcome::Refused(Refusal { kind, text: "no".into() })
            }
            _ => Outcome::Done,
        }
    }

    /// An answer as it should not be, or a no.
    pub(crate) fn odd_answer(rng: &mut Rng) -> Outcome {
        let kind = rng.pick([
            RefusalKind::Unavailable,
            RefusalKind::State,
            RefusalKind::UnknownCall,
            RefusalKind::UnknownAgent,
            RefusalKind::Destination,
            RefusalKind::Busy,
            RefusalKind::Unsupported,
            RefusalKind::Other,
        ]);
        match rng.below(8) {
            0 => Outcome::Done,
            1 => Outcome::Call { call: "stray".into() },
            _ => Outcome::Refused(Refusal { kind, text: rng.pick(["", "The line is out of order."]).into() }),
        }
    }

    /// Something about people.
    pub(crate) fn people(rng: &mut Rng, now: Time) -> Event {
        let agent = rng.pick(AGENTS);
        let team = rng.pick(TEAMS);
        match rng.below(16) {
            0 => Event::Agent(record(rng, agent)),
            1 if rng.once_in(3) => Event::AgentRemoved { agent: agent.into() },
            2 => Event::Team(whole_team(rng, team)),
            3 if rng.once_in(3) => Event::TeamRemoved { team: team.into() },
            4 | 5 => Event::TeamChanged {
                team: team.into(),
                name: rng.once_in(2).then(|| name(rng)),
                added: members(rng, 2),
                removed: members(rng, 2),
            },
            6 => Event::Queue(QueueRecord { id: rng.pick(QUEUES).into(), name: name(rng) }),
            8 if rng.once_in(3) => {
                let who = if rng.once_in(3) { Server::Team(team.into()) } else { Server::Agent(agent.into()) };
                serves(rng, who)
            }
            7 if rng.once_in(3) => Event::QueueRemoved { queue: rng.pick(QUEUES).into() },
            _ => Event::AgentStatus(status(rng, agent, now)),
        }
    }

    /// Everything, as it is now: told after a (re)connection. Calls are not shown, so all that were known are over.
    pub(crate) fn everything(&mut self, rng: &mut Rng, now: Time) -> Vec<Event> {
        let mut events = vec![Event::ResyncBegin];
        for agent in AGENTS {
            if !rng.once_in(10) {
                events.push(Event::Agent(record(rng, agent)));
            }
            if !rng.once_in(3) {
                events.push(Event::AgentStatus(status(rng, agent, now)));
            }
        }
        for team in TEAMS {
            if !rng.once_in(6) {
                events.push(Event::Team(whole_team(rng, team)));
            }
        }
        events.push(Event::Queue(QueueRecord { id: QUEUES[0].into(), name: "Orders".into() }));
        for agent in AGENTS.iter().filter(|_| rng.once_in(3)).collect::<Vec<_>>() {
            events.push(serves(rng, Server::Agent((*agent).into())));
        }
        events.push(Event::ResyncEnd);
        self.calls.clear();
        events
    }

    /// The next thing that happens to a call, or the first to a new one; at times something out of order.
    pub(crate) fn call(&mut self, rng: &mut Rng) -> CallEvent {
        if rng.once_in(20) {
            return self.stray(rng);
        }
        if self.calls.is_empty() || (self.calls.len() < 4 && rng.once_in(4)) {
            self.last_call += 1;
            let id = format!("call-{}", self.last_call);
            let agent = rng.pick(AGENTS);
            let (stage, colleague) = (Stage::Began, rng.pick(AGENTS));
            self.calls.push(Call { id: id.clone(), stage, agent, colleague, consults: None });
            let kind = rng.pick([CallKind::Inbound, CallKind::Inbound, CallKind::Outbound, CallKind::Internal]);
            return CallEvent::Began {
                call: id.into(),
                media: Media::Voice,
                kind,
                from: rng.pick(["+4930123", "+4930456"]).into(),
                to: "8000".into(),
                consults: None,
                data: Vec::new(),
            };
        }
        let place = rng.place(self.calls.len());
        if let Some(event) = self.turn_of_call(rng, place) {
            return event;
        }
        let call = &mut self.calls[place];
        let id = || call.id.as_str().into();
        let queue = rng.pick(QUEUES);
        let (agent, trigger, port) =
            (line(call.agent), device(DeviceKind::Trigger, "6001"), device(DeviceKind::Ivr, "7001"));
        let (event, stage) = match (call.stage, rng.below(8)) {
            (Stage::Talks | Stage::Holds, 0) => (CallEvent::Data { call: id(), data: Vec::new() }, Some(call.stage)),
            (Stage::Talks, 1) => {
                let state = RecordingState::Recording;
                (CallEvent::Recording { call: id(), device: agent, state }, Some(Stage::Talks))
            }
            (Stage::Rings, 0 | 1) => {
                (CallEvent::Diverted { call: id(), device: agent, cause: Cause::NoAnswer }, Some(Stage::Queued))
            }
            (Stage::Queued, 0) => (CallEvent::Dequeued { call: id(), queues: Vec::new() }, Some(Stage::InScript)),
            (Stage::Talks, 2) => {
                (CallEvent::Left { call: id(), device: agent, cause: Cause::Normal }, Some(Stage::InScript))
            }
            (_, 7) | (Stage::Talks, 3) => {
                (CallEvent::Ended { call: id(), cause: rng.pick([Cause::Normal, Cause::Abandoned]) }, None)
            }
            (Stage::Began, _) => {
                (CallEvent::Ringing { call: id(), device: trigger, queue: None, alias: None }, Some(Stage::AtTrigger))
            }
            (Stage::AtTrigger, _) => {
                (CallEvent::Connected { call: id(), device: port, role: PartyRole::Party }, Some(Stage::InScript))
            }
            (Stage::InScript, _) => (CallEvent::Queued { call: id(), queues: vec![queue.into()] }, Some(Stage::Queued)),
            (Stage::Queued, _) => {
                call.agent = rng.pick(AGENTS);
                let ringing =
                    CallEvent::Ringing { call: id(), device: line(call.agent), queue: Some(queue.into()), alias: None };
                (ringing, Some(Stage::Rings))
            }
            (Stage::Rings, _) => {
                (CallEvent::Connected { call: id(), device: agent, role: PartyRole::Party }, Some(Stage::Talks))
            }
            (Stage::Talks, _) => (CallEvent::Held { call: id(), device: agent }, Some(Stage::Holds)),
            (Stage::Holds, _) => (CallEvent::Retrieved { call: id(), device: agent }, Some(Stage::Talks)),
            (stage @ (Stage::Dials | Stage::Asks | Stage::IsAsked | Stage::Consults), _) => {
                (CallEvent::Data { call: id(), data: Vec::new() }, Some(stage))
            }
        };
        match stage {
            Some(stage) => call.stage = stage,
            None => {
                self.calls.remove(place);
            }
        }
        event
    }

    /// Of a call nobody told of, or of one that is over.
    fn stray(&mut self, rng: &mut Rng) -> CallEvent {
        let id = || format!("call-{}", self.last_call + 1).into();
        match rng.below(4) {
            0 => CallEvent::Ended { call: id(), cause: Cause::Other },
            1 => CallEvent::Data { call: id(), data: Vec::new() },
            2 => CallEvent::Left { call: id(), device: line("1001"), cause: Cause::Normal },
            _ => {
                self.last_call += 1;
                let (call, agent) = (format!("call-{}", self.last_call), rng.pick(AGENTS));
                let (stage, colleague) = (Stage::Talks, rng.pick(AGENTS));
                self.calls.push(Call { id: call.clone(), stage, agent, colleague, consults: None });
                CallEvent::Connected { call: call.into(), device: line(agent), role: PartyRole::Party }
            }
        }
    }
}

fn name(rng: &mut Rng) -> Box<str> {
    rng.pick(["Ann", "Bo \"B\" Ö", "Chloé", "Sales"]).into()
}

fn record(rng: &mut Rng, agent: &str) -> AgentRecord {
    AgentRecord { id: agent.into(), name: name(rng), extension: rng.once_in(2).then(|| format!("5{agent}").into()) }
}

fn members(rng: &mut Rng, most: u64) -> Vec<Member> {
    let count = rng.below(most + 1);
    (0..count).map(|_| Member { agent: rng.pick(AGENTS).into(), role: rng.pick(ROLES) }).collect()
}

fn whole_team(rng: &mut Rng, team: &str) -> TeamRecord {
    let mut members = members(rng, 4);
    members.push(Member { agent: rng.pick(["2001", "2002"]).into(), role: Role::Supervisor });
    TeamRecord { id: team.into(), name: name(rng), members }
}

fn serves(rng: &mut Rng, who: Server) -> Event {
    let queues = QUEUES.iter().filter(|_| rng.once_in(2)).map(|queue| (*queue).into()).collect();
    Event::Serves(Serves { who, queues })
}

fn status(rng: &mut Rng, agent: &str, now: Time) -> AgentStatus {
    let since = match rng.below(4) {
        0 => Some(now - std::time::Duration::from_millis(rng.below(5_000))),
        1 => Some(now + std::time::Duration::from_millis(rng.below(5_000))),
        _ => None,
    };
    let mut state = rng.pick(STATES);
    // A session ends with it.
    if state == AgentState::LoggedOut && !rng.once_in(4) {
        state = AgentState::NotReady;
    }
    AgentStatus {
        agent: agent.into(),
        state,
        reason: rng.pick(["", "", "22"]).into(),
        since,
        pending: rng.once_in(6).then(|| rng.pick([AgentState::Ready, AgentState::NotReady, AgentState::Work])),
        extension: rng.once_in(8).then(|| format!("9{agent}").into()),
    }
}
