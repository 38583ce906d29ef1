//! What happens at exact moments of a simulated world.

use serde::{Deserialize, Serialize};

use super::Simulator;
use super::flows::Caller;
use super::scenario::ScenarioError;
use crate::cti::{AgentState, Media, Role};
use crate::ids::AgentId;

/// The longest name of a person: 200 characters of any script, which pages have to show without breaking.
const PERSON_NAME_BYTES_MAX: usize = 800;

/// One entry of a script.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// When, in milliseconds after the world began, at speed 1.
    pub at_ms: u64,
    /// What.
    #[serde(flatten)]
    pub act: Act,
}

/// What a script can do. An act that names what is not there (any more) does nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "act", rename_all = "snake_case", deny_unknown_fields)]
#[allow(missing_docs, reason = "the fields are the nouns of each variant's sentence")]
pub enum Act {
    /// A new team, with members who exist.
    TeamAdded { team: u32, name: String, members: Vec<TeamMember> },
    /// A team's new name.
    TeamRenamed { team: u32, name: String },
    /// A team is dissolved.
    TeamRemoved { team: u32 },
    /// Memberships begin and end in one change.
    TeamChanged {
        team: u32,
        #[serde(default)]
        added: Vec<TeamMember>,
        #[serde(default)]
        removed: Vec<TeamMember>,
    },
    /// A person is hired.
    AgentAdded { agent: String, name: String },
    /// A person's new name.
    AgentRenamed { agent: String, name: String },
    /// A person is gone; nothing while on a call.
    AgentRemoved { agent: String },
    /// A simulated agent changes state (`LoggedOut`, `NotReady`, `Ready`); nothing while on a call or held by a person.
    AgentState {
        agent: String,
        state: AgentState,
        #[serde(default)]
        reason: String,
    },
    /// A contact arrives for a queue. Each duration left out is drawn; `abandon_ms` counts from the arrival.
    Call {
        queue: String,
        from: String,
        #[serde(default = "voice")]
        media: Media,
        prompts_ms: Option<u64>,
        ring_ms: Option<u64>,
        talk_ms: Option<u64>,
        abandon_ms: Option<u64>,
    },
    /// A simulated agent dials.
    Dial { agent: String, to: String },
    /// The caller hangs up on every call that came from this number.
    HangUp { from: String },
    /// The platform is lost for a while.
    Outage { for_ms: u64 },
}

/// A membership in a script.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TeamMember {
    /// Who.
    pub agent: String,
    /// As what.
    #[serde(default = "as_agent")]
    pub role: Role,
}

const fn voice() -> Media {
    Media::Voice
}

const fn as_agent() -> Role {
    Role::Agent
}

impl Entry {
    pub(super) fn validate(&self, key: &str) -> Result<(), ScenarioError> {
        let text = |field: &str, value: &str, most: usize| {
            let fits = !value.is_empty() && value.len() <= most && !value.chars().any(char::is_control);
            let problem = || ScenarioError::new(format!("{key}.{field}"), format!("must be 1 to {most} bytes of text"));
            fits.then_some(()).ok_or_else(problem)
        };
        match &self.act {
            Act::TeamAdded { name, members, .. } => {
                text("name", name, 50)?;
                members.iter().try_for_each(|member| text("members", &member.agent, 128))
            }
            Act::TeamRenamed { name, .. } => text("name", name, 50),
            Act::TeamChanged { added, removed, .. } => {
                added.iter().chain(removed).try_for_each(|member| text("added", &member.agent, 128))
            }
            Act::TeamRemoved { .. } => Ok(()),
            Act::AgentAdded { agent, name } | Act::AgentRenamed { agent, name } => {
                text("agent", agent, 128)?;
                text("name", name, PERSON_NAME_BYTES_MAX)
            }
            Act::AgentRemoved { agent } => text("agent", agent, 128),
            Act::AgentState { agent, state, .. } => {
                text("agent", agent, 128)?;
                match state {
                    AgentState::LoggedOut | AgentState::NotReady | AgentState::Ready => Ok(()),
                    AgentState::Reserved | AgentState::Talking | AgentState::Hold | AgentState::Work => {
                        Err(ScenarioError::new(format!("{key}.state"), "must be LoggedOut, NotReady or Ready"))
                    }
                }
            }
            Act::Call { queue, from, .. } => {
                text("queue", queue, 50)?;
                text("from", from, 40)
            }
            Act::Dial { agent, to } => {
                text("agent", agent, 128)?;
                text("to", to, 40)
            }
            Act::HangUp { from } => text("from", from, 40),
            Act::Outage { for_ms } if *for_ms == 0 => {
                Err(ScenarioError::new(format!("{key}.for_ms"), "must be at least 1"))
            }
            Act::Outage { .. } => Ok(()),
        }
    }
}

impl Simulator {
    pub(super) fn run_script(&mut self, entry: usize) {
        let Some(act) = self.scenario.script.get(entry).map(|entry| entry.act.clone()) else { return };
        match act {
            Act::TeamAdded { team, name, members } => {
                let members = self.members(&members);
                self.add_team(team, &name, members, false);
            }
            Act::TeamRenamed { team, name } => self.rename_team(team, &name),
            Act::TeamRemoved { team } => self.remove_team(team),
            Act::TeamChanged { team, added, removed } => {
                let (added, removed) = (self.members(&added), self.members(&removed));
                self.change_team(team, &added, &removed);
            }
            Act::AgentAdded { agent, name } => {
                self.hire(AgentId::from(agent), &name);
            }
            Act::AgentRenamed { agent, name } => {
                if let Some(agent) = self.agent_at(&agent) {
                    self.rename_agent(agent, &name);
                }
            }
            Act::AgentRemoved { agent } => {
                if let Some(agent) = self.agent_at(&agent) {
                    self.dismiss(agent);
                }
            }
            Act::AgentState { agent, state, reason } => {
                if let Some(agent) = self.agent_at(&agent).filter(|agent| self.is_idle_simulated(*agent)) {
                    self.set_state(agent, state, &reason);
                }
            }
            Act::Call { queue, from, media, prompts_ms, ring_ms, talk_ms, abandon_ms } => {
                if let Some(queue) = self.queues.iter().position(|q| *q.name == *queue) {
                    let caller = Caller { from: from.into(), prompts_ms, ring_ms, talk_ms, abandon_ms };
                    self.arrive(queue, media, caller);
                }
            }
            Act::Dial { agent, to } => {
                if let Some(agent) = self.agent_at(&agent).filter(|agent| self.is_idle_simulated(*agent)) {
                    // A refusal is the platform's no to a simulated agent: nothing happens, as in life.
                    let _ = self.dial(agent, &to, Vec::new());
                }
            }
            Act::HangUp { from } => {
                let calls: Vec<u64> =
                    self.calls.iter().filter(|(_, c)| *c.from == *from).map(|(key, _)| *key).collect();
                for call in calls {
                    self.caller_hangs_up(call);
                }
            }
            Act::Outage { for_ms } => self.lose(for_ms),
        }
    }

    fn members(&self, members: &[TeamMember]) -> Vec<(usize, Role)> {
        members.iter().filter_map(|member| Some((self.agent_at(&member.agent)?, member.role))).collect()
    }
}
