//! The simulated world, observed from outside: its events against its truth, its promises against the clock.

//CMD

mod commands;
mod crowd;
mod held;
mod replica;
mod scenarios;
mod scripted;

mod worlds;

use std::time::Duration;

use self::replica::Replica;
use super::{Scenario, Simulator};
use crate::cti::{Adapter, AdapterInput, AdapterOutput, CallEvent, Command, Event, Outcome, RefusalKind, RequestNo};
use crate::ids::{AgentId, CallId};
use crate::time::Time;

const SMALL: &str = include_str!("../../../../host/scenarios/small.toml");
const LARGE: &str = include_str!("../../../../host/scenarios/large.toml");
/// When the worlds of these tests begin.
const START: Time = Time::from_millis(1_790_000_000_000);

fn small() -> Scenario {
    Scenario::from_toml(SMALL).expect("small is valid")
}

/// Nobody is simulated into doing anything: everybody is logged in, one in one queue, ready or not.
fn silent(ready_permille: u32) -> Scenario {
    let mut scenario = Scenario::default();
    scenario.people.logged_in_permille = 1000;
    scenario.people.ready_permille = ready_permille;
    scenario
}

/// A simulator, the driver's clock, and everything it has told.
struct Driver {
    simulator: Simulator,
    now: Time,
    told: Vec<(Time, Event)>,
    requests: u64,
}

impl Driver {
    fn new(scenario: Scenario, seed: u64) -> Self {
        let simulator = Simulator::new(scenario, seed, START).expect("a valid scenario");
        let mut driver = Self { simulator, now: START, told: Vec::new(), requests: 0 };
        driver.tick();
        driver
    }

    fn tick(&mut self) {
        self.simulator.handle_input(self.now, AdapterInput::Tick);
        self.drain();
    }

    fn drain(&mut self) {
        while let Some(output) = self.simulator.poll_output() {
            match output {
                AdapterOutput::Event(event) => self.told.push((self.now, event)),
                other => panic!("a simulator needs no connection: {other:?}"),
            }
        }
    }

    /// Lets time pass, waking exactly when asked to. `seen` looks at the simulator after every turn.
    fn run_watched(&mut self, ms: u64, mut seen: impl FnMut(&Simulator, &[(Time, Event)])) {
        let until = self.now + Duration::from_millis(ms);
        while let Some(at) = self.simulator.poll_timeout().filter(|at| *at <= until) {
            self.now = self.now.max(at);
            let before = self.told.len();
            self.tick();
            seen(&self.simulator, &self.told[before..]);
        }
        self.now = until;
    }

    fn run(&mut self, ms: u64) {
        self.run_watched(ms, |_, _| {});
    }

    /// Commands, with the agent's own password, and waits for the answer.
    fn command(&mut self, command: Command) -> Outcome {
        let agent = match &command {
            Command::Verify { agent } | Command::Login { agent, .. } => Some(agent.as_str().to_owned()),
            _ => None,
        };
        self.command_with(command, agent.as_deref())
    }

    fn command_with(&mut self, command: Command, secret: Option<&str>) -> Outcome {
        self.requests += 1;
        let request = RequestNo(self.requests);
        let before = self.told.len();
        self.simulator.handle_input(self.now, AdapterInput::Command { request, command, secret });
        self.drain();
        self.run(self.simulator.scenario.command_latency_ms);
        let mut answers = self.told[before..].iter().filter_map(|(_, event)| match event {
            Event::Answer(answer) if answer.request == request => Some(answer.outcome.clone()),
            _ => None,
        });
        let outcome = answers.next().expect("an answer after the latency");
        assert!(answers.next().is_none(), "answered once");
        outcome
    }

    fn done(&mut self, command: Command) {
        let text = format!("{command:?}");
        assert_eq!(self.command(command), Outcome::Done, "{text}");
    }

    fn calls(&mut self, command: Command) -> CallId {
        match self.command(command) {
            Outcome::Call { call } => call,
            other => panic!("no call: {other:?}"),
        }
    }

    fn refused(&mut self, command: Command) -> RefusalKind {
        let text = format!("{command:?}");
        match self.command(command) {
            Outcome::Refused(refusal) => refusal.kind,
            other => panic!("{text}: not refused but {other:?}"),
        }
    }

    fn replica(&self) -> Replica {
        let mut replica = Replica::default();
        for (_, event) in &self.told {
            replica.apply(event);
        }
        replica
    }

    fn call_events(&self) -> impl Iterator<Item = &CallEvent> {
        self.told.iter().filter_map(|(_, event)| match event {
            Event::Call(event) => Some(event),
            _ => None,
        })
    }
}

fn agent(id: &str) -> AgentId {
    AgentId::from(id)
}
