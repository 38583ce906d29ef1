//! How late clients are told of agents' states: each change that is told is of the first change of that agent's to the same state
//! that was stamped.

use std::collections::{HashMap, VecDeque};
use std::sync::mpsc::Receiver;
use std::time::Instant;

use anyhow::Result;
use interaction_core::cti::uccx::codec::names::agent_state;
use serde_json::Value;

use super::source::Stamp;

/// Stamps kept of one agent whom nobody watches.
const STAMPS_MAX: usize = 32;

/// What was told, and what came of it.
#[derive(Debug)]
pub struct Lateness {
    stamps: Receiver<Stamp>,
    agents: HashMap<String, Agent>,
    us: Vec<u32>,
    unstamped: u64,
    teams: usize,
}

/// An agent's changes from one state to another; what is told beside them, such as another reason, is left out on both sides.
#[derive(Debug, Default)]
struct Agent {
    /// The state of the last frame.
    stamped: &'static str,
    /// The state of the last message.
    told: String,
    /// Changes that no message has told.
    waiting: VecDeque<(&'static str, Instant)>,
}

impl Lateness {
    /// Nothing yet.
    pub fn new(stamps: Receiver<Stamp>) -> Self {
        Self { stamps, agents: HashMap::new(), us: Vec::new(), unstamped: 0, teams: 0 }
    }

    /// A client has read a message, just now. Each agent is to be watched by one client.
    pub fn heard(&mut self, text: &[u8]) -> Result<()> {
        let now = Instant::now();
        while let Ok(Stamp { agent, state, at }) = self.stamps.try_recv() {
            let agent = self.agents.entry(agent).or_default();
            let state = name(state);
            if agent.stamped != state {
                agent.stamped = state;
                if agent.waiting.len() == STAMPS_MAX {
                    agent.waiting.pop_front();
                }
                agent.waiting.push_back((state, at));
            }
        }
        let message: Value = serde_json::from_slice(text)?;
        let event = &message["event"];
        let members = || event["data"]["team"]["members"].as_array().into_iter().flatten();
        let member =
            |member: &Value| Some((member["memberId"].as_str()?.to_owned(), member["state"].as_str()?.to_owned()));
        match event["name"].as_str() {
            Some("report.teamstatus.teamadded") => {
                self.teams += 1;
                for (agent, state) in members().filter_map(member) {
                    let agent = self.agents.entry(agent).or_default();
                    agent.waiting.clear();
                    agent.told = state;
                }
            }
            Some("report.teamstatus.memberstatuschanged") => {
                members().filter_map(member).for_each(|(agent, state)| self.changed(now, &agent, state));
            }
            _ => {}
        }
        Ok(())
    }

    fn changed(&mut self, now: Instant, agent: &str, state: String) {
        let Some(agent) = self.agents.get_mut(agent).filter(|agent| agent.told != state) else { return };
        match agent.waiting.iter().position(|(stamped, _)| *stamped == state) {
            Some(place) => {
                let (_, at) = agent.waiting[place];
                agent.waiting.drain(..=place);
                self.us.push(u32::try_from(now.duration_since(at).as_micros()).unwrap_or(u32::MAX));
            }
            None => self.unstamped += 1,
        }
        agent.told = state;
    }

    /// How many teams clients were given.
    pub fn teams(&self) -> usize {
        self.teams
    }

    /// Ends a round: how late each change was, in microseconds, in ascending order; and how many changes came of no frame.
    pub fn take(&mut self) -> (Vec<u32>, u64) {
        let mut us = std::mem::take(&mut self.us);
        us.sort_unstable();
        (us, std::mem::take(&mut self.unstamped))
    }
}

/// What clients are told of a state.
const fn name(state: u16) -> &'static str {
    match state {
        agent_state::LOGOUT | agent_state::UNKNOWN => "loggedout",
        agent_state::READY => "ready",
        agent_state::RESERVED => "reserved",
        agent_state::TALKING | agent_state::ACTIVE => "talking",
        agent_state::HOLD => "hold",
        agent_state::WORK | agent_state::WORK_READY => "work",
        _ => "notready",
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;
    use std::time::{Duration, Instant};

    use interaction_core::cti::uccx::codec::names::agent_state;

    use super::{Lateness, Stamp};

    #[test]
    fn a_message_is_of_the_first_frame_that_says_the_same() {
        let (stamp, stamps) = mpsc::channel();
        let mut lateness = Lateness::new(stamps);
        let ago = |ms| Instant::now().checked_sub(Duration::from_millis(ms)).unwrap();
        stamp.send(Stamp { agent: "1".to_owned(), state: agent_state::READY, at: ago(3_000) }).unwrap();
        let told = |name, state| {
            let text = format!(
                r#"{{"event":{{"name":"report.teamstatus.{name}","data":{{"team":{{"members":[{{"memberId":"1","state":"{state}"}}]}}}}}}}}"#
            );
            text.into_bytes()
        };
        lateness.heard(&told("teamadded", "ready")).unwrap();
        assert_eq!(lateness.teams(), 1);
        for (state, ms) in [(agent_state::TALKING, 2_000), (agent_state::TALKING, 1_000), (agent_state::WORK, 500)] {
            stamp.send(Stamp { agent: "1".to_owned(), state, at: ago(ms) }).unwrap();
        }
        for state in ["talking", "talking", "work", "ready"] {
            lateness.heard(&told("memberstatuschanged", state)).unwrap();
        }
        let (us, unstamped) = lateness.take();
        assert!(us.len() == 2 && us[0] >= 500_000 && us[1] >= 2_000_000, "{us:?}");
        assert_eq!(unstamped, 1, "no frame said ready again");
    }
}
