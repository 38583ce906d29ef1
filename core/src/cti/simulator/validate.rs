//! Reading a scenario: every error names the key.

use std::collections::BTreeSet;

use super::scenario::{Scenario, ScenarioError};

/// No world is larger, and no number in a scenario leads to one.
const PEOPLE_MAX: u64 = 200_000;
/// Each is in every team.
const MANAGERS_MAX: u64 = 10;
const TEAMS_MAX: u64 = 20_000;
const QUEUES_MAX: u64 = 2_000;
const PORTS_MAX: u64 = 100_000;
const DURATION_MAX_MS: u64 = 7 * 24 * 3_600_000;
const RATE_MAX: u64 = 1_000_000;
const SCRIPT_MAX: usize = 100_000;

impl Scenario {
    /// Reads a scenario from TOML and validates it.
    ///
    /// # Errors
    ///
    /// Text that is no TOML, a key that is unknown, a value of the wrong type or outside its bounds; the key is named.
    #[cfg(any(feature = "scenario", test))]
    pub fn from_toml(text: &str) -> Result<Self, ScenarioError> {
        let file = |error: toml::de::Error| ScenarioError::new("(file)", error.message());
        let reader = toml::Deserializer::parse(text).map_err(file)?;
        let scenario: Self = serde_path_to_error::deserialize(reader)
            .map_err(|error| ScenarioError::new(error.path().to_string(), error.inner().message()))?;
        scenario.validate()?;
        Ok(scenario)
    }

    /// Checks bounds and references.
    ///
    /// # Errors
    ///
    /// The first key that is out of its bounds or names what is not there.
    pub fn validate(&self) -> Result<(), ScenarioError> {
        let Self { people, teams, ivr, calls, life, operations, .. } = self;
        number("speed", self.speed.into(), 1, 1_000)?;
        number("command_latency_ms", self.command_latency_ms, 0, 10_000)?;
        number("warm_up_ms", self.warm_up_ms, 0, 3_600_000)?;
        number("people.supervisors", people.supervisors.into(), 0, PEOPLE_MAX)?;
        number("people.agents", people.agents.into(), 1, PEOPLE_MAX)?;
        number("people.first_supervisor", people.first_supervisor.into(), 1, 100_000_000)?;
        number("people.first_agent", people.first_agent.into(), 1, 100_000_000)?;
        number("people.queues_each", people.queues_each.into(), 0, 25)?;
        if !people.extension_prefix.chars().all(|c| c.is_ascii_digit()) || people.extension_prefix.len() > 8 {
            return Err(ScenarioError::new("people.extension_prefix", "must be at most 8 digits"));
        }
        number("people.managers", people.managers.into(), 0, MANAGERS_MAX.min((people.first_supervisor - 1).into()))?;
        let supervisors = u64::from(people.first_supervisor)..u64::from(people.first_supervisor + people.supervisors);
        let agents = u64::from(people.first_agent)..u64::from(people.first_agent + people.agents);
        if !supervisors.is_empty() && supervisors.start < agents.end && agents.start < supervisors.end {
            return Err(ScenarioError::new("people.first_agent", "the ids of agents and supervisors overlap"));
        }
        let managers = supervisors.start - u64::from(people.managers)..supervisors.start;
        if !managers.is_empty() && managers.start < agents.end && agents.start < managers.end {
            return Err(ScenarioError::new("people.managers", "the ids of managers and agents overlap"));
        }
        number("teams.count", teams.count.into(), 1, TEAMS_MAX.min(people.agents.into()))?;
        number("teams.quiet_max_ms", teams.quiet_max_ms, 0, DURATION_MAX_MS)?;
        if teams.names.is_empty() || teams.names.iter().any(|name| name.is_empty() || name.len() > 50) {
            return Err(ScenarioError::new("teams.names", "must be names of 1 to 50 bytes, at least one"));
        }
        number("ivr.ports", ivr.ports.into(), 0, PORTS_MAX)?;
        number("ivr.first_port", ivr.first_port.into(), 1, 100_000_000)?;
        for (key, value) in [
            ("people.logged_in_permille", people.logged_in_permille),
            ("people.ready_permille", people.ready_permille),
            ("teams.in_two_permille", teams.in_two_permille),
            ("calls.no_answer_permille", calls.no_answer_permille),
            ("calls.many_queues_permille", calls.many_queues_permille),
            ("calls.hold_permille", calls.hold_permille),
            ("calls.consult_permille", calls.consult_permille),
            ("calls.blind_transfer_permille", calls.blind_transfer_permille),
            ("calls.blind_conference_permille", calls.blind_conference_permille),
            ("calls.record_permille", calls.record_permille),
            ("calls.data_permille", calls.data_permille),
            ("calls.rename_permille", calls.rename_permille),
            ("calls.dial_failure_permille", calls.dial_failure_permille),
        ] {
            number(key, value.into(), 0, 1000)?;
        }
        for (key, value, least) in [
            ("ivr.prompts_ms", ivr.prompts_ms, 1),
            ("calls.first_ms", calls.first_ms, 0),
            ("calls.ring_ms", calls.ring_ms, 1),
            ("calls.ring_max_ms", calls.ring_max_ms, 1),
            ("calls.talk_ms", calls.talk_ms, 1),
            ("calls.patience_ms", calls.patience_ms, 1),
            ("calls.wrap_up_ms", calls.wrap_up_ms, 1),
            ("calls.overflow_ms", calls.overflow_ms, 0),
            ("calls.duration_max_ms", calls.duration_max_ms, 1_000),
            ("life.break_every_ms", life.break_every_ms, 0),
            ("life.break_ms", life.break_ms, 1),
            ("life.shift_ms", life.shift_ms, 1),
            ("life.off_ms", life.off_ms, 0),
            ("operations.change_every_ms", operations.change_every_ms, 0),
            ("operations.change_lasts_ms", operations.change_lasts_ms, 1),
            ("operations.outage_every_ms", operations.outage_every_ms, 0),
            ("operations.outage_ms", operations.outage_ms, 1),
        ] {
            number(key, value, least, DURATION_MAX_MS)?;
        }
        for (key, value) in [
            ("calls.outbound_per_hour", calls.outbound_per_hour),
            ("calls.internal_per_hour", calls.internal_per_hour),
            ("calls.supervised_per_hour", calls.supervised_per_hour),
        ] {
            number(key, value.into(), 0, RATE_MAX)?;
        }
        if operations.outage_every_ms != 0 && operations.outage_ms >= operations.outage_every_ms {
            return Err(ScenarioError::new("operations.outage_ms", "must be less than operations.outage_every_ms"));
        }
        self.validate_routes()?;
        if self.script.len() > SCRIPT_MAX {
            return Err(ScenarioError::new("script", format!("must be at most {SCRIPT_MAX} entries")));
        }
        self.script.iter().enumerate().try_for_each(|(i, entry)| entry.validate(&format!("script[{i}]")))
    }

    fn validate_routes(&self) -> Result<(), ScenarioError> {
        let mut names = BTreeSet::new();
        let mut queues = 0;
        for (i, queue) in self.queues.iter().enumerate() {
            let key = |field: &str| format!("queues[{i}].{field}");
            number(&key("count"), queue.count.into(), 1, QUEUES_MAX)?;
            for (field, rate) in [
                ("calls_per_hour", queue.calls_per_hour),
                ("chats_per_hour", queue.chats_per_hour),
                ("emails_per_hour", queue.emails_per_hour),
            ] {
                number(&key(field), rate.into(), 0, RATE_MAX)?;
            }
            queues += u64::from(queue.count);
            for n in 1..=queue.count {
                let name = numbered(&queue.name, n);
                if name.is_empty() || name.len() > 50 || !names.insert(name) {
                    return Err(ScenarioError::new(key("name"), "must be 1 to 50 bytes, unique ({n} numbers a kind)"));
                }
            }
        }
        number("queues", queues, 1, QUEUES_MAX)?;
        let mut numbers = BTreeSet::new();
        for (i, trigger) in self.triggers.iter().enumerate() {
            let key = |field: &str| format!("triggers[{i}].{field}");
            number(&key("count"), trigger.count.into(), 1, QUEUES_MAX)?;
            number(&key("number"), trigger.number.into(), 100, 100_000_000)?;
            if trigger.name.is_empty() || trigger.name.len() > 50 {
                return Err(ScenarioError::new(key("name"), "must be 1 to 50 bytes"));
            }
            if !(0..trigger.count).all(|n| numbers.insert(trigger.number + n)) {
                return Err(ScenarioError::new(key("number"), "is another trigger's number too"));
            }
            if let Some(name) = trigger.queues.iter().find(|name| !names.contains(name.as_str())) {
                return Err(ScenarioError::new(key("queues"), format!("names no queue: \"{name}\"")));
            }
        }
        number("triggers", numbers.len() as u64, 1, QUEUES_MAX)
    }
}

/// The name of the `n`th of a kind.
pub(super) fn numbered(name: &str, n: u32) -> String {
    name.replace("{n}", &n.to_string())
}

fn number(key: &str, value: u64, least: u64, most: u64) -> Result<(), ScenarioError> {
    if (least..=most).contains(&value) {
        return Ok(());
    }
    Err(ScenarioError::new(key, format!("must be {least} to {most}, is {value}")))
}
