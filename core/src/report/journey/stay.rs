//! A stay: what one device does on one leg, which is one step of the journey.

use serde::{Deserialize, Serialize};

use crate::cti::{Cause, Device, DeviceKind, PartyRole};
use crate::ids::AgentId;
use crate::time::Time;

/// What a device does during a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Activity {
    /// The caller of an inbound call; a moment, without duration.
    Incoming,
    /// The number an agent dialled out to; a moment, without duration.
    Outgoing,
    /// A trigger has the call.
    Trigger,
    /// A script has the call.
    Script,
    /// The call waits in a queue.
    Queue,
    /// The device dials.
    Dialing,
    /// The device rings.
    Ringing,
    /// The device is connected.
    Talking,
    /// The device is connected on a leg that consults for another.
    Consult,
    /// The device is connected on a leg that several legs became.
    Conference,
    /// A supervisor listens unheard.
    Listening,
    /// A supervisor is heard by the agent alone.
    Coaching,
    /// A supervisor stepped into the call.
    Barged,
    /// The device holds.
    Hold,
    /// The agent's work after the call.
    Work,
}

impl Activity {
    /// Whether the device is on the call: connected in whatever way, or holding.
    pub(super) const fn is_on_call(self) -> bool {
        match self {
            Self::Talking
            | Self::Consult
            | Self::Conference
            | Self::Listening
            | Self::Coaching
            | Self::Barged
            | Self::Hold => true,
            Self::Incoming
            | Self::Outgoing
            | Self::Trigger
            | Self::Script
            | Self::Queue
            | Self::Dialing
            | Self::Ringing
            | Self::Work => false,
        }
    }

    /// What a device connected as `role` does.
    pub(super) const fn of_role(role: PartyRole, consult: bool, conference: bool) -> Self {
        match role {
            PartyRole::Listener => Self::Listening,
            PartyRole::Coach => Self::Coaching,
            PartyRole::Barged => Self::Barged,
            PartyRole::Party if conference => Self::Conference,
            PartyRole::Party if consult => Self::Consult,
            PartyRole::Party => Self::Talking,
        }
    }
}

/// What came of a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Outcome {
    /// Nothing worth a word: it runs, or ended as such steps do.
    Plain,
    /// The queue's call was answered by an agent.
    Answered,
    /// The call left the queue otherwise.
    Left,
    /// The caller gave up.
    Abandoned,
    /// Nobody answered there.
    NoAnswer,
    /// The device was busy.
    Busy,
    /// The agent refused.
    Rejected,
    /// The destination cannot be reached.
    Unreachable,
    /// The platform failed it.
    Failed,
    /// The agent passed the call on, to [`Stay::with`] where known.
    Transferred,
}

impl Outcome {
    /// The outcome of leaving a device for `cause` while doing `activity`. A ring that ends without an answer is
    /// "no answer" unless the platform gives a better reason: UCCX reports one as a redirection to the queue.
    pub(super) const fn of_cause(activity: Activity, cause: Cause) -> Self {
        match cause {
            Cause::NoAnswer => Self::NoAnswer,
            Cause::Busy => Self::Busy,
            Cause::Rejected => Self::Rejected,
            Cause::Unreachable => Self::Unreachable,
            Cause::Failed => Self::Failed,
            Cause::Abandoned => match activity {
                Activity::Queue | Activity::Ringing | Activity::Dialing | Activity::Script | Activity::Trigger => {
                    Self::Abandoned
                }
                _ => Self::Plain,
            },
            Cause::Transferred if activity.is_on_call() => Self::Transferred,
            Cause::Normal | Cause::Redirected | Cause::Transferred | Cause::Other => match activity {
                Activity::Ringing => Self::NoAnswer,
                Activity::Queue => Self::Left,
                _ => Self::Plain,
            },
        }
    }

    const fn word(self) -> &'static str {
        match self {
            Self::Plain => "",
            Self::Answered => "answered",
            Self::Left => "left",
            Self::Abandoned => "abandoned",
            Self::NoAnswer => "no answer",
            Self::Busy => "busy",
            Self::Rejected => "rejected",
            Self::Unreachable => "unreachable",
            Self::Failed => "failed",
            Self::Transferred => "transferred",
        }
    }
}

/// A stay. Clients and stores see it as a [`Step`](super::Step).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Stay {
    /// Orders steps that began in the same moment; never used twice.
    pub(super) seq: u64,
    /// The leg it describes, by its place in the journey's legs.
    pub(super) leg: u32,
    pub(super) kind: DeviceKind,
    /// The device's address; a queue's id.
    pub(super) device: Box<str>,
    pub(super) agent: Option<AgentId>,
    pub(super) activity: Activity,
    /// The name people read: the agent's, the script's, the queue's; empty where unknown.
    pub(super) name: Box<str>,
    /// The other one: who is dialled, consulted, or was given the call; the id of the queue that brought a ring.
    pub(super) with: Box<str>,
    pub(super) started: Time,
    pub(super) ended: Option<Time>,
    pub(super) outcome: Outcome,
    /// The processor joined mid-call here, or cannot know when it really ended.
    pub(super) partial: bool,
}

impl Stay {
    pub(super) const fn is_open(&self) -> bool {
        self.ended.is_none()
    }

    /// The device it is at.
    pub(super) fn at(&self) -> Device {
        Device { kind: self.kind, id: self.device.clone(), agent: self.agent.clone(), label: self.name.clone() }
    }

    /// What clients read as `Device`: the address, or a queue's name.
    pub(super) fn shown_device(&self) -> &str {
        if self.kind == DeviceKind::Queue { self.shown_name() } else { &self.device }
    }

    /// The name, or the address where no name is known.
    pub(super) fn shown_name(&self) -> &str {
        if self.name.is_empty() { &self.device } else { &self.name }
    }

    /// What clients read as `Description`.
    pub(super) fn description(&self) -> String {
        let mut text = match self.activity {
            Activity::Incoming => words("Incoming call", "from", self.shown_name()),
            Activity::Outgoing => words("Outgoing call", "to", self.shown_name()),
            Activity::Trigger if self.name.is_empty() => "trigger".to_owned(),
            Activity::Script if self.name.is_empty() => "script".to_owned(),
            Activity::Trigger | Activity::Script | Activity::Queue => self.shown_name().to_owned(),
            Activity::Dialing => words("dialling", "", &self.with),
            Activity::Ringing => words("ringing", "", self.shown_name()),
            Activity::Talking => words("talking", "", self.shown_name()),
            Activity::Consult if self.with.is_empty() => words("consult", "", self.shown_name()),
            Activity::Consult => words("consult", "with", &self.with),
            Activity::Conference => words("conference", "", self.shown_name()),
            Activity::Listening => words("listening", "", self.shown_name()),
            Activity::Coaching => words("coaching", "", self.shown_name()),
            Activity::Barged => words("barged in", "", self.shown_name()),
            Activity::Hold => words("hold", "", self.shown_name()),
            Activity::Work => words("after-call work", "", self.shown_name()),
        };
        let outcome = self.outcome.word();
        if !outcome.is_empty() {
            text.push_str(": ");
            text.push_str(outcome);
            if self.outcome == Outcome::Transferred && !self.with.is_empty() {
                text.push_str(" to ");
                text.push_str(&self.with);
            }
        }
        text
    }
}

fn words(what: &str, link: &str, whom: &str) -> String {
    match (link.is_empty(), whom.is_empty()) {
        (_, true) => what.to_owned(),
        (true, false) => format!("{what} {whom}"),
        (false, false) => format!("{what} {link} {whom}"),
    }
}
