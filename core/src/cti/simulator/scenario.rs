//! What a simulated world is like. Every key has a default, and the defaults together are a silent world: everybody is
//! logged out, nothing happens but commands and the [`Scenario::script`].

use std::fmt;

use serde::{Deserialize, Serialize};

use super::script::Entry;

/// A simulated world, before its seed gives it its history. Durations are milliseconds at [`Scenario::speed`] 1 and mostly
/// means; shares are per mille; a rate or an interval of zero is "never".
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Scenario {
    /// The name people read.
    pub name: String,
    /// How much faster than life the world goes: its durations are divided by this. Command latency stays as it is.
    pub speed: u32,
    /// How long a command takes to be carried out and answered.
    pub command_latency_ms: u64,
    /// How long the world has been going when it is first looked at.
    pub warm_up_ms: u64,
    /// A logout must give a reason.
    pub logout_reason_required: bool,
    /// Who works there.
    pub people: People,
    /// The teams.
    pub teams: Teams,
    /// The queues.
    pub queues: Vec<QueueSpec>,
    /// Where calls enter.
    pub triggers: Vec<TriggerSpec>,
    /// The ports that play prompts.
    pub ivr: Ivr,
    /// What happens on calls.
    pub calls: Calls,
    /// What agents do off calls.
    pub life: Life,
    /// What administrators and the network do.
    pub operations: Operations,
    /// What happens at exact moments.
    pub script: Vec<Entry>,
}

/// Who works there. Everybody's password is the id.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct People {
    /// The id of the first supervisor, a number; the others follow.
    pub first_supervisor: u32,
    /// How many supervisors.
    pub supervisors: u32,
    /// How many managers: supervisors of every team, with the ids just below the first supervisor's.
    pub managers: u32,
    /// The id of the first agent, a number; the others follow.
    pub first_agent: u32,
    /// How many agents, team leads included.
    pub agents: u32,
    /// An agent's extension is this and the id.
    pub extension_prefix: String,
    /// How many of a thousand are logged in at first.
    pub logged_in_permille: u32,
    /// How many of a thousand of those are ready at first.
    pub ready_permille: u32,
    /// How many queues an agent serves.
    pub queues_each: u32,
}

impl People {
    /// The managers' places among the people of a world: after the supervisors' and the agents'.
    pub(super) fn managers(&self) -> std::ops::Range<usize> {
        let place = |people: u32| usize::try_from(people).unwrap_or(usize::MAX);
        place(self.supervisors + self.agents)..place(self.supervisors + self.agents + self.managers)
    }
}

/// The teams: agents are dealt to them in the order of ids; the first agent of each is its lead.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Teams {
    /// How many.
    pub count: u32,
    /// Their names; when there are more teams than names, they come again with a number.
    pub names: Vec<String>,
    /// How many of a thousand agents are in a second team too.
    pub in_two_permille: u32,
    /// A simulated team is never without a change for this long.
    pub quiet_max_ms: u64,
}

/// One queue, or `count` of a kind.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct QueueSpec {
    /// The name; `{n}` in it becomes 1, 2, 3 …
    pub name: String,
    /// How many.
    pub count: u32,
    /// Calls an hour, each.
    pub calls_per_hour: u32,
    /// Chats an hour, each.
    pub chats_per_hour: u32,
    /// E-mails an hour, each.
    pub emails_per_hour: u32,
    /// Agents go to after-call work when a contact of this queue ends.
    pub work_after_contact: bool,
}

/// One trigger, or `count` of a kind.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TriggerSpec {
    /// The name; `{n}` in it becomes 1, 2, 3 …
    pub name: String,
    /// The number callers dial; the others of a kind follow.
    pub number: u32,
    /// How many.
    pub count: u32,
    /// The script that answers.
    pub script: String,
    /// Names of queues it leads to; empty: all are dealt among the triggers without a list.
    pub queues: Vec<String>,
}

/// The ports that play prompts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Ivr {
    /// How many; a call that finds none is turned away.
    pub ports: u32,
    /// The number of the first; the others follow.
    pub first_port: u32,
    /// How long a script talks before it queues.
    pub prompts_ms: u64,
}

/// What happens on calls.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Calls {
    /// When the first call comes, where any queue has calls.
    pub first_ms: u64,
    /// How long a simulated agent lets it ring.
    pub ring_ms: u64,
    /// How long a phone rings before the platform takes the call back.
    pub ring_max_ms: u64,
    /// How long contacts last.
    pub talk_ms: u64,
    /// How long callers wait for an agent.
    pub patience_ms: u64,
    /// How long after-call work lasts.
    pub wrap_up_ms: u64,
    /// When a call that waits joins the other queues of its trigger.
    pub overflow_ms: u64,
    /// No leg lasts longer.
    pub duration_max_ms: u64,
    /// Calls an hour that agents make to people outside, in all.
    pub outbound_per_hour: u32,
    /// Calls an hour that agents make to each other, in all.
    pub internal_per_hour: u32,
    /// Calls an hour a supervisor listens to, in all.
    pub supervised_per_hour: u32,
    /// Offers an agent does not answer.
    pub no_answer_permille: u32,
    /// Calls that wait in several queues from the start.
    pub many_queues_permille: u32,
    /// Calls that are held for a while.
    pub hold_permille: u32,
    /// Calls with a consultation (half are transferred, a quarter becomes a conference).
    pub consult_permille: u32,
    /// Calls that are transferred without consultation.
    pub blind_transfer_permille: u32,
    /// Calls to which somebody is added without consultation.
    pub blind_conference_permille: u32,
    /// Calls that are recorded on request.
    pub record_permille: u32,
    /// Calls whose data an agent changes.
    pub data_permille: u32,
    /// Calls that the platform gives another id when an agent answers.
    pub rename_permille: u32,
    /// Calls of agents that do not get through.
    pub dial_failure_permille: u32,
}

/// What agents do off calls.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Life {
    /// How long an agent is ready between breaks.
    pub break_every_ms: u64,
    /// How long breaks last.
    pub break_ms: u64,
    /// How long shifts last.
    pub shift_ms: u64,
    /// How long agents are away between shifts.
    pub off_ms: u64,
}

/// What administrators and the network do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Operations {
    /// How often an administrator changes something.
    pub change_every_ms: u64,
    /// How long temporary teams, memberships, names and hires last.
    pub change_lasts_ms: u64,
    /// How often the platform is lost, exactly.
    pub outage_every_ms: u64,
    /// For how long.
    pub outage_ms: u64,
}

impl Default for Scenario {
    fn default() -> Self {
        Self {
            name: "silent".to_owned(),
            speed: 1,
            command_latency_ms: 4,
            warm_up_ms: 0,
            logout_reason_required: false,
            people: People::default(),
            teams: Teams::default(),
            queues: vec![QueueSpec { name: "General".to_owned(), ..QueueSpec::default() }],
            triggers: vec![TriggerSpec { name: "Main Number".to_owned(), ..TriggerSpec::default() }],
            ivr: Ivr::default(),
            calls: Calls::default(),
            life: Life::default(),
            operations: Operations::default(),
            script: Vec::new(),
        }
    }
}

impl Default for People {
    fn default() -> Self {
        Self {
            first_supervisor: 1001,
            supervisors: 6,
            managers: 0,
            first_agent: 2001,
            agents: 60,
            extension_prefix: "4".to_owned(),
            logged_in_permille: 0,
            ready_permille: 0,
            queues_each: 2,
        }
    }
}

impl Default for Teams {
    fn default() -> Self {
        let names = ["Sales", "Service", "Support", "Billing", "Retention", "Back Office"];
        Self { count: 6, names: names.map(str::to_owned).to_vec(), in_two_permille: 0, quiet_max_ms: 0 }
    }
}

impl Default for QueueSpec {
    fn default() -> Self {
        Self {
            name: "Queue {n}".to_owned(),
            count: 1,
            calls_per_hour: 0,
            chats_per_hour: 0,
            emails_per_hour: 0,
            work_after_contact: true,
        }
    }
}

impl Default for TriggerSpec {
    fn default() -> Self {
        Self {
            name: "Trigger {n}".to_owned(),
            number: 6001,
            count: 1,
            script: "welcome.aef".to_owned(),
            queues: Vec::new(),
        }
    }
}

impl Default for Ivr {
    fn default() -> Self {
        Self { ports: 100, first_port: 7001, prompts_ms: 4_000 }
    }
}

impl Default for Calls {
    fn default() -> Self {
        Self {
            first_ms: 500,
            ring_ms: 3_000,
            ring_max_ms: 12_000,
            talk_ms: 40_000,
            patience_ms: 60_000,
            wrap_up_ms: 8_000,
            overflow_ms: 15_000,
            duration_max_ms: 3_600_000,
            outbound_per_hour: 0,
            internal_per_hour: 0,
            supervised_per_hour: 0,
            no_answer_permille: 0,
            many_queues_permille: 0,
            hold_permille: 0,
            consult_permille: 0,
            blind_transfer_permille: 0,
            blind_conference_permille: 0,
            record_permille: 0,
            data_permille: 0,
            rename_permille: 0,
            dial_failure_permille: 0,
        }
    }
}

impl Default for Life {
    fn default() -> Self {
        Self { break_every_ms: 0, break_ms: 60_000, shift_ms: 3_600_000, off_ms: 0 }
    }
}

impl Default for Operations {
    fn default() -> Self {
        Self { change_every_ms: 0, change_lasts_ms: 60_000, outage_every_ms: 0, outage_ms: 3_000 }
    }
}

/// What is wrong with a scenario.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScenarioError {
    /// The key, as a dotted path: `calls.talk_ms`, `queues[2].name`.
    pub key: String,
    /// What is wrong with it and what it may be.
    pub problem: String,
}

impl ScenarioError {
    pub(super) fn new(key: impl Into<String>, problem: impl Into<String>) -> Self {
        Self { key: key.into(), problem: problem.into() }
    }
}

impl fmt::Display for ScenarioError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "scenario: {}: {}", self.key, self.problem)
    }
}

impl std::error::Error for ScenarioError {}
