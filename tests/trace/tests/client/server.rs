//! The server: an engine, and the simulated platform it speaks to.

use interaction_core::config::{Config, Seed};
use interaction_core::cti::simulator::{Scenario, Simulator};
use interaction_core::cti::{Adapter, AdapterInput, AdapterOutput, Event};
use interaction_core::input::{Access, Closed, Input, Scopes};
use interaction_core::limits::Limits;
use interaction_core::output::CloseCode;
use interaction_core::time::Time;
use interaction_trace::{Broken, Driver, Seen};

/// What a client sees of the server.
#[derive(Debug)]
pub(crate) enum Said {
    Text { socket: u64, text: String },
    Closed { socket: u64, code: CloseCode },
    Ping { socket: u64 },
}

/// The server.
#[derive(Debug)]
pub(crate) struct Server {
    driver: Driver,
    simulator: Simulator,
    in_service: bool,
    said: Vec<Said>,
}

impl Server {
    pub(crate) fn new(seed: u64, now: Time) -> Self {
        let limits = Limits { grace_ms: 30_000, replay_bytes: 40_000, ..Limits::default() };
        let config = Config { limits, ..Config::default() };
        let simulator = Simulator::new(scenario(), seed, now).expect("the scenario is valid");
        Self { driver: Driver::new(config, Seed(seed), now, 1_000), simulator, in_service: false, said: Vec::new() }
    }

    /// Whether it knows its platform now.
    pub(crate) const fn is_in_service(&self) -> bool {
        self.in_service
    }

    /// When it has something to do.
    pub(crate) fn next(&self) -> Option<Time> {
        let engine = self.driver.engine().poll_timeout().map(|(at, _)| at);
        engine.into_iter().chain(self.simulator.poll_timeout()).min()
    }

    /// Time passes to that moment, which is not after its next one.
    pub(crate) fn pass(&mut self, now: Time) -> Result<(), Broken> {
        self.driver.sleep(now.since(self.driver.now()));
        if self.simulator.poll_timeout().is_some_and(|at| at <= now) {
            self.platform(AdapterInput::Tick)?;
        }
        while let Some(seen) = self.driver.tick(now)? {
            self.hear(seen)?;
        }
        Ok(())
    }

    pub(crate) fn open(&mut self, socket: u64) -> Result<(), Broken> {
        let access = Access::Open(Scopes { agent: true, reports: true, ..Scopes::default() });
        let opened = self.driver.open(socket, "10.0.0.1", access)?;
        self.hear(opened.map_err(|misuse| Broken(misuse.to_string()))?)
    }

    pub(crate) fn text(&mut self, socket: u64, text: &str) -> Result<(), Broken> {
        let sent = self.driver.send(socket, text.as_bytes())?;
        self.hear(sent.map_err(|misuse| Broken(misuse.to_string()))?)
    }

    /// What a live socket does by itself: it answers pings.
    pub(crate) fn alive(&mut self, socket: u64) -> Result<(), Broken> {
        let socket = interaction_core::ids::SocketId(socket);
        let seen = self.driver.rightly(Input::Alive { socket })?;
        self.hear(seen)
    }

    pub(crate) fn has(&self, socket: u64) -> bool {
        self.driver.open_sockets().any(|open| open == socket)
    }

    pub(crate) fn close(&mut self, socket: u64) -> Result<(), Broken> {
        let seen = self.driver.close(socket, Closed::Gone)?;
        self.hear(seen)
    }

    /// What was said since this was asked last.
    pub(crate) fn said(&mut self) -> Vec<Said> {
        std::mem::take(&mut self.said)
    }

    /// What a client of its own reads of a report: the snapshot as it is now.
    pub(crate) fn read(&mut self, socket: u64, command: &str, agent: &str) -> Result<Vec<String>, Broken> {
        let kept = std::mem::take(&mut self.said);
        self.open(socket)?;
        let frames = [
            r#"{"messageType":"connect","requestId":"1"}"#.to_owned(),
            r#"{"messageType":"coreRequest","requestId":"2","command":"bindService","serviceId":"processor"}"#.to_owned(),
            r#"{"messageType":"coreRequest","requestId":"3","command":"bindResource","serviceId":"processor","resourceId":"reports"}"#.to_owned(),
            format!(r#"{{"messageType":"resourceRequest","requestId":"4","serviceId":"processor","resourceId":"reports","request":{{"command":"{command}","data":{{"agentId":"{agent}"}}}}}}"#),
            r#"{"messageType":"disconnect"}"#.to_owned(),
        ];
        for frame in frames {
            self.text(socket, &frame)?;
        }
        let said = std::mem::replace(&mut self.said, kept);
        let own = |one: Said| match one {
            Said::Text { socket: of, text } if of == socket => Some(text),
            Said::Text { .. } | Said::Closed { .. } | Said::Ping { .. } => None,
        };
        Ok(said.into_iter().filter_map(own).collect())
    }

    fn hear(&mut self, seen: Vec<Seen>) -> Result<(), Broken> {
        for one in seen {
            match one {
                Seen::Message { socket, text, .. } => self.said.push(Said::Text { socket, text }),
                Seen::Closed { socket, code } => self.said.push(Said::Closed { socket, code }),
                Seen::Cti { request, command, password } => {
                    self.platform(AdapterInput::Command { request, command, secret: password.as_deref() })?;
                }
                Seen::Ping { socket } => self.said.push(Said::Ping { socket }),
                _ => {}
            }
        }
        Ok(())
    }

    fn platform(&mut self, input: AdapterInput<'_>) -> Result<(), Broken> {
        self.simulator.handle_input(self.driver.now(), input);
        let mut events = Vec::new();
        while let Some(output) = self.simulator.poll_output() {
            match output {
                AdapterOutput::Event(event) => events.push(event),
                other => return Err(Broken(format!("a simulator needs no connection: {other:?}"))),
            }
        }
        for event in events {
            match event {
                Event::ResyncEnd => self.in_service = true,
                Event::Up(_) | Event::Down { .. } | Event::ResyncBegin => self.in_service = false,
                _ => {}
            }
            let seen = self.driver.rightly(Input::Cti(event))?;
            self.hear(seen)?;
        }
        Ok(())
    }
}

/// A small centre in which much happens.
fn scenario() -> Scenario {
    let mut scenario = Scenario { speed: 2, command_latency_ms: 50, ..Scenario::default() };
    scenario.people.supervisors = 2;
    scenario.people.agents = 6;
    scenario.people.logged_in_permille = 600;
    scenario.people.ready_permille = 700;
    scenario.teams.count = 2;
    scenario.teams.in_two_permille = 300;
    scenario.queues[0].calls_per_hour = 300;
    scenario.calls.talk_ms = 15_000;
    scenario.calls.hold_permille = 200;
    scenario.life.break_every_ms = 40_000;
    scenario.life.break_ms = 10_000;
    scenario.operations.change_every_ms = 10_000;
    scenario.operations.change_lasts_ms = 20_000;
    scenario.operations.outage_every_ms = 200_000;
    scenario.operations.outage_ms = 4_000;
    scenario
}
