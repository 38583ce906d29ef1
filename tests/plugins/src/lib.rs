//! A CTI adapter that is a small contact centre within itself, and after a while does what no adapter may.
//!
//! It begins as it should: a supervisor, some agents in a team, one of whom goes ready and not ready a few times a second. What it
//! does then, and when, stands in its configuration: `{"misdeed": "loop", "afterMs": 2000}`.

mod misdeeds;

use std::cell::RefCell;

use serde::Deserialize;

use bindings::exports::interaction::processor::adapter::{
    self as wit, About, Count, Guest, GuestAdapter, Input, Output, Refusal, Settings,
};
use bindings::exports::interaction::processor::cti::{
    AgentRecord, AgentState, AgentStatus, Answer, Event, Member, Offers, Outcome, Platform, ReportKind, Role,
    TeamRecord,
};
use misdeeds::Misdeed;

#[allow(unsafe_code, missing_docs, unreachable_pub, clippy::all, reason = "written by wit-bindgen")]
mod bindings {
    wit_bindgen::generate!({ path: "../../wasm/wit/0.1", world: "cti-adapter", pub_export_macro: true });
}

/// How often the agent's state changes.
const BEAT_US: u64 = 200_000;
const SUPERVISOR: &str = "1001";
const AGENTS: [&str; 4] = ["2001", "2002", "2003", "2004"];

struct Component;

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase", default)]
struct Config {
    misdeed: Misdeed,
    /// Milliseconds of its life in which it is good.
    after_ms: u64,
}

impl Default for Config {
    fn default() -> Self {
        Self { misdeed: Misdeed::None, after_ms: 0 }
    }
}

struct Lent(RefCell<Hostile>);

struct Hostile {
    config: Config,
    born_us: u64,
    is_up: bool,
    beats: u64,
    due_us: u64,
    is_done: bool,
}

impl Guest for Component {
    type Adapter = Lent;

    fn describe() -> About {
        About { name: "hostile".to_owned(), version: "1".to_owned(), secrets: vec!["key".to_owned()] }
    }
}

impl GuestAdapter for Lent {
    fn create(settings: Settings) -> Result<wit::Adapter, Refusal> {
        let config: Config = serde_json::from_str(&settings.config)
            .map_err(|error| Refusal { key: String::new(), message: error.to_string() })?;
        let born_us = settings.now;
        let hostile = Hostile { config, born_us, is_up: false, beats: 0, due_us: born_us, is_done: false };
        Ok(wit::Adapter::new(Self(RefCell::new(hostile))))
    }

    fn step(&self, now: u64, inputs: Vec<Input>) -> Vec<Output> {
        let mut hostile = self.0.borrow_mut();
        let mut outputs = Vec::new();
        for input in inputs {
            hostile.input(now, input, &mut outputs);
        }
        outputs
    }

    fn next_timeout(&self) -> Option<u64> {
        Some(self.0.borrow().due_us)
    }

    fn counts(&self) -> Vec<Count> {
        let hostile = self.0.borrow();
        let name = match hostile.config.misdeed {
            Misdeed::CountName if hostile.is_done => "cti_up 1\nforged".to_owned(),
            _ => "beats".to_owned(),
        };
        vec![Count { name, help: "Changes of the agent's state".to_owned(), grows: true, value: hostile.beats }]
    }
}

impl Hostile {
    fn input(&mut self, now: u64, input: Input, outputs: &mut Vec<Output>) {
        match input {
            Input::Tick => self.tick(now, outputs),
            Input::Command(asked) => {
                if self.config.misdeed != Misdeed::Silence {
                    let outcome = match asked.command {
                        bindings::exports::interaction::processor::cti::Command::Verify(agent) => {
                            Outcome::Verified(agent)
                        }
                        _ => Outcome::Done,
                    };
                    outputs.push(Output::Event(Event::Answer(Answer { request: asked.request, outcome })));
                }
            }
            Input::Connected(_) | Input::Received(_) | Input::Disconnected(_) => {}
        }
    }

    fn tick(&mut self, now: u64, outputs: &mut Vec<Output>) {
        if !self.is_up {
            self.is_up = true;
            outputs.extend(world().into_iter().map(Output::Event));
        }
        if now >= self.due_us {
            self.due_us = now + BEAT_US;
            self.beats += 1;
            outputs.push(Output::Event(Event::AgentStatus(status(AGENTS[0], self.beats.is_multiple_of(2)))));
        }
        if now.saturating_sub(self.born_us) >= self.config.after_ms * 1_000 {
            self.is_done = true;
            self.config.misdeed.commit(outputs);
        }
    }
}

/// Everything there is.
fn world() -> Vec<Event> {
    let mut events = vec![Event::Up(platform()), Event::ResyncBegin];
    for id in [SUPERVISOR].into_iter().chain(AGENTS) {
        let name = format!("Agent {id}");
        events.push(Event::Agent(AgentRecord { id: id.to_owned(), name, extension: None }));
    }
    let agents = AGENTS.map(|id| Member { agent: id.to_owned(), role: Role::Agent });
    let supervisor = Member { agent: SUPERVISOR.to_owned(), role: Role::Supervisor };
    let members = [supervisor].into_iter().chain(agents).collect();
    events.push(Event::Team(TeamRecord { id: "t1".to_owned(), name: "Team".to_owned(), members }));
    events.extend(AGENTS.map(|id| Event::AgentStatus(status(id, false))));
    events.push(Event::ResyncEnd);
    events
}

fn platform() -> Platform {
    Platform {
        vendor: "Hostile".to_owned(),
        version: "1".to_owned(),
        offers: Offers::TELEPHONY | Offers::REPORTS,
        reports: Some(ReportKind::Uccx),
        not_ready_reasons: Vec::new(),
        logout_reasons: Vec::new(),
        wrap_up_codes: Vec::new(),
    }
}

fn status(agent: &str, is_ready: bool) -> AgentStatus {
    AgentStatus {
        agent: agent.to_owned(),
        state: if is_ready { AgentState::Ready } else { AgentState::NotReady },
        reason: String::new(),
        since: None,
        pending: None,
        extension: None,
    }
}

#[allow(unsafe_code, unreachable_pub, reason = "written by wit-bindgen")]
mod export {
    use super::{Component, bindings};

    bindings::export!(Component with_types_in bindings);
}
