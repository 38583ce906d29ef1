//! What the simulated world consists of.

use std::collections::{BTreeSet, VecDeque};

use super::plan::Act;
use super::timers::{CallKey, TimerKey};
use crate::cti::{
    AgentState, CallData, CallKind, Device, DeviceKind, LegState, Media, Party, PartyRole, RecordingState, Role,
};
use crate::ids::{AgentId, CallId, QueueId, TeamId};
use crate::time::Time;

/// The connection between the platform and whoever listens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Link {
    /// Nobody has listened yet.
    Unborn,
    /// It stands.
    Up,
    /// It is lost.
    Down,
}

/// A person.
#[derive(Debug)]
pub(super) struct Agent {
    pub(super) id: AgentId,
    pub(super) name: Box<str>,
    /// The person's own extension.
    pub(super) extension: Box<str>,
    /// The extension the person is logged in at.
    pub(super) line: Box<str>,
    pub(super) state: AgentState,
    pub(super) reason: Box<str>,
    pub(super) since: Time,
    /// What follows the present contact, when the person asked for something, with the reason.
    pub(super) pending: Option<(AgentState, Box<str>)>,
    /// What the person comes back to when no call is left.
    pub(super) back: Option<(AgentState, Box<str>)>,
    /// A client commands this person.
    pub(super) held: bool,
    /// Came after the world began, and may go again.
    pub(super) hired: bool,
    /// Gone; the place is used again for the next who is hired.
    pub(super) gone: bool,
    pub(super) queues: Vec<usize>,
    pub(super) teams: Vec<u32>,
    pub(super) calls: Vec<CallKey>,
    /// The contact that ended last, for which after-call work is done.
    pub(super) last_call: Option<(CallId, bool)>,
    pub(super) shift_ends: Time,
    /// Counts what the person did, so that timers set before know they are late.
    pub(super) stamp: u32,
}

/// A team.
#[derive(Debug)]
pub(super) struct Team {
    pub(super) id: TeamId,
    pub(super) name: Box<str>,
    pub(super) members: Vec<(usize, Role)>,
    /// Made by a simulated administrator for a while.
    pub(super) temporary: bool,
    /// When a member last changed.
    pub(super) changed: Time,
}

/// A queue.
#[derive(Debug)]
pub(super) struct Queue {
    pub(super) id: QueueId,
    pub(super) name: Box<str>,
    pub(super) calls_per_hour: u32,
    pub(super) chats_per_hour: u32,
    pub(super) emails_per_hour: u32,
    pub(super) work: bool,
    /// Triggers that lead here.
    pub(super) triggers: Vec<usize>,
    /// Agents who are ready, the longest idle first.
    pub(super) ready: BTreeSet<(Time, usize)>,
    /// Calls that wait, the oldest first.
    pub(super) waiting: BTreeSet<(u64, CallKey)>,
}

/// Where calls enter.
#[derive(Debug)]
pub(super) struct Trigger {
    pub(super) number: Box<str>,
    pub(super) name: Box<str>,
    pub(super) script: Box<str>,
    pub(super) queues: Vec<usize>,
}

/// The ports that play prompts.
#[derive(Debug)]
pub(super) struct Ports {
    pub(super) free: BTreeSet<u32>,
}

/// Where a call is on its way to an agent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Route {
    /// Not on such a way.
    Off,
    /// At a trigger.
    Trigger(usize),
    /// A script talks.
    Script(usize),
    /// Waits.
    Waiting,
    /// Rings at an agent whom a queue chose.
    Offered,
}

/// A line of a call: one device on it.
#[derive(Debug)]
pub(super) struct Line {
    /// Unique within the call.
    pub(super) no: u32,
    pub(super) device: Device,
    pub(super) agent: Option<usize>,
    pub(super) role: PartyRole,
    pub(super) state: LegState,
    pub(super) recording: RecordingState,
}

/// Durations a script fixed.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Fixed {
    pub(super) prompts_ms: Option<u64>,
    pub(super) ring_ms: Option<u64>,
    pub(super) talk_ms: Option<u64>,
}

/// A leg in progress.
#[derive(Debug)]
pub(super) struct Call {
    pub(super) id: CallId,
    pub(super) media: Media,
    pub(super) kind: CallKind,
    pub(super) from: Box<str>,
    pub(super) to: Box<str>,
    pub(super) since: Time,
    pub(super) consults: Option<CallKey>,
    pub(super) data: CallData,
    pub(super) lines: Vec<Line>,
    pub(super) next_line: u32,
    /// A customer's contact, as opposed to a call agents make.
    pub(super) contact: bool,
    /// The agent who dialled it.
    pub(super) dialled_by: Option<usize>,
    pub(super) route: Route,
    pub(super) route_stamp: u32,
    pub(super) port: Option<u32>,
    /// The queues it waits in.
    pub(super) queues: Vec<usize>,
    /// The queues it comes back to when an agent does not answer.
    pub(super) wanted: Vec<usize>,
    /// Its place in every queue.
    pub(super) place: u64,
    /// The queue that brought it to an agent.
    pub(super) served_by: Option<usize>,
    /// The trigger it entered by.
    pub(super) trigger: Option<usize>,
    pub(super) fixed: Fixed,
    /// The simulated agent who decides what happens next.
    pub(super) actor: Option<usize>,
    pub(super) plan: VecDeque<(u64, Act)>,
    pub(super) plan_stamp: u32,
    /// Numbers of its ids other than the first.
    pub(super) aliases: Vec<u64>,
    /// The timer that ends it in any case.
    pub(super) limit: Option<TimerKey>,
}

impl Call {
    /// The line of an agent on this call.
    pub(super) fn line_of(&self, agent: usize) -> Option<&Line> {
        self.lines.iter().find(|line| line.agent == Some(agent))
    }

    pub(super) fn line(&self, no: u32) -> Option<&Line> {
        self.lines.iter().find(|line| line.no == no)
    }

    pub(super) fn line_mut(&mut self, no: u32) -> Option<&mut Line> {
        self.lines.iter_mut().find(|line| line.no == no)
    }

    /// How many devices speak or will: with fewer than two, the call is over.
    pub(super) fn speakers(&self) -> usize {
        self.lines.iter().filter(|line| matches!(line.role, PartyRole::Party | PartyRole::Barged)).count()
    }

    /// The customer's line.
    pub(super) fn caller(&self) -> Option<&Line> {
        self.lines.iter().find(|line| line.device.kind == DeviceKind::External)
    }

    /// Everybody on it, as events and records tell it.
    pub(super) fn parties(&self) -> Vec<Party> {
        let party = |line: &Line| Party {
            call: self.id.clone(),
            device: line.device.clone(),
            role: line.role,
            state: line.state,
        };
        self.lines.iter().map(party).collect()
    }
}

/// A phone outside.
pub(super) fn outside(number: &str) -> Device {
    Device { kind: DeviceKind::External, id: number.into(), agent: None, label: "".into() }
}

impl Agent {
    /// The agent's line as a device.
    pub(super) fn device(&self) -> Device {
        Device {
            kind: DeviceKind::Agent,
            id: self.line.clone(),
            agent: Some(self.id.clone()),
            label: self.name.clone(),
        }
    }
}

impl Queue {
    /// The queue as a device.
    pub(super) fn device(&self) -> Device {
        Device { kind: DeviceKind::Queue, id: self.id.as_str().into(), agent: None, label: self.name.clone() }
    }
}

impl Trigger {
    /// The trigger as a device.
    pub(super) fn device(&self) -> Device {
        Device { kind: DeviceKind::Trigger, id: self.number.clone(), agent: None, label: self.name.clone() }
    }

    /// A port that runs the trigger's script.
    pub(super) fn port(&self, port: u32) -> Device {
        Device { kind: DeviceKind::Ivr, id: port.to_string().into(), agent: None, label: self.script.clone() }
    }
}
