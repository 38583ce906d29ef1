//! Desks at random in a simulated contact centre: what a desk is shown as allowed is never refused for its state, what it is not
//! shown is refused, and when everybody goes home every object comes to rest.
//!
//! A failing seed prints the command that repeats it.

mod desk;
#[path = "../histories/rng.rs"]
mod rng;

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use desk::{Desk, Tally};
use interaction_core::config::{Config, Seed};
use interaction_core::cti::simulator::{Scenario, Simulator};
use interaction_core::cti::{Adapter, AdapterInput, AdapterOutput, Event};
use interaction_core::input::{Access, Input, Scopes};
use interaction_core::time::Time;
use interaction_trace::{Broken, Driver, Seen};
use rng::Rng;

const START: Time = Time::from_millis(1_790_000_000_000);
/// How long histories are tried for, and how many at most.
const TIME: Duration = Duration::from_secs(15);
const HISTORIES: u64 = 24;
const STEPS: u32 = 500;
/// Longer than any deadline: legs nothing is heard of are over in a day, and looked for every hour.
const LONGEST: Duration = Duration::from_secs(26 * 3_600);

#[test]
fn what_is_shown_is_what_is_allowed() {
    if let Ok(seed) = std::env::var("SESSIONS_SEED") {
        run(seed.parse().expect("a number"));
        return;
    }
    let began = Instant::now();
    let mut sum = Tally::default();
    for seed in 1..=HISTORIES {
        sum.add(&run(seed));
        if began.elapsed() > TIME && seed >= 3 {
            break;
        }
    }
    println!("{sum:?}");
    // Histories that never come to the point would prove nothing.
    for command in ["answer", "hold", "retrieve", "drop", "consult", "consulttransfer", "dial", "ready"] {
        assert!(sum.succeeded.get(command).is_some_and(|count| *count > 0), "no {command} came about: {sum:?}");
    }
    assert!(sum.refused_unshown > 20 && sum.interactions > 20, "{sum:?}");
}

fn run(seed: u64) -> Tally {
    let mut world = World::new(seed);
    let run = (0..STEPS).try_for_each(|_| world.step()).and_then(|()| world.come_to_rest());
    if let Err(broken) = run {
        panic!("seed {seed}: {broken}\n  repeat: SESSIONS_SEED={seed} cargo test -p interaction-trace --test sessions");
    }
    world.tally()
}

fn scenario() -> Scenario {
    let mut scenario = Scenario { speed: 4, command_latency_ms: 40, ..Scenario::default() };
    scenario.people.supervisors = 1;
    scenario.people.agents = 5;
    scenario.teams.count = 1;
    scenario.queues[0].calls_per_hour = 240;
    scenario.queues[0].chats_per_hour = 60;
    scenario.calls.talk_ms = 30_000;
    scenario.calls.rename_permille = 300;
    scenario.operations.outage_every_ms = 400_000;
    scenario.operations.outage_ms = 4_000;
    scenario
}

struct World {
    driver: Driver,
    simulator: Simulator,
    rng: Rng,
    desks: Vec<Desk>,
    /// Whether the platform is heard.
    tells: bool,
}

impl World {
    fn new(seed: u64) -> Self {
        let simulator = Simulator::new(scenario(), seed, START).expect("the scenario is valid");
        let mut config = Config::default();
        // Silence is another test's matter.
        config.limits.heartbeat_ms = 36_000_000;
        let driver = Driver::new(config, Seed(seed), START, 256);
        let agents = ["1001", "2001", "2002", "2003", "2004"];
        let desks = (1..).zip(agents).map(|(socket, agent)| Desk::new(socket, agent)).collect();
        Self { driver, simulator, rng: Rng::new(seed), desks, tells: true }
    }

    fn tally(&self) -> Tally {
        let mut sum = Tally::default();
        for desk in &self.desks {
            sum.add(&desk.tally);
        }
        sum
    }

    /// Somebody does something, or time passes.
    fn step(&mut self) -> Result<(), Broken> {
        let number = self.rng.below(self.desks.len() as u64) as usize;
        if self.rng.once_in(3) {
            let millis = 1 + self.rng.below(2_000);
            return self.pass(Duration::from_millis(millis));
        }
        let desk = &mut self.desks[number];
        if !desk.is_connected {
            desk.is_connected = true;
            let access = Access::Open(Scopes { agent: true, ..Scopes::default() });
            let opened = self.driver.open(desk.socket, "10.0.0.1", access)?;
            self.hear(opened.map_err(|misuse| Broken(misuse.to_string()))?)?;
        }
        let desk = &mut self.desks[number];
        let Some(text) = desk.next(&mut self.rng) else { return self.pass(Duration::from_millis(100)) };
        let socket = desk.socket;
        let sent = self.driver.send(socket, text.as_bytes())?;
        self.hear(sent.map_err(|misuse| Broken(misuse.to_string()))?)
    }

    /// Time passes: the platform and the engine do what is due, whichever comes first.
    fn pass(&mut self, by: Duration) -> Result<(), Broken> {
        let until = self.driver.now() + by;
        loop {
            let platform = self.simulator.poll_timeout().filter(|_| self.tells);
            let engine = self.driver.engine().poll_timeout().map(|(at, _)| at);
            let now = self.driver.now();
            match platform.into_iter().chain(engine).min().filter(|at| *at <= until) {
                None => {
                    self.driver.sleep(until.since(now));
                    return Ok(());
                }
                Some(at) if platform.is_some_and(|platform| platform <= at) => {
                    self.driver.sleep(at.since(now));
                    self.platform(AdapterInput::Tick)?;
                }
                Some(_) => {
                    let seen = self.driver.tick(until)?.unwrap_or_default();
                    self.hear(seen)?;
                }
            }
        }
    }

    fn platform(&mut self, input: AdapterInput<'_>) -> Result<(), Broken> {
        self.simulator.handle_input(self.driver.now(), input);
        let mut events = VecDeque::new();
        while let Some(output) = self.simulator.poll_output() {
            if let AdapterOutput::Event(event) = output {
                events.push_back(event);
            }
        }
        for event in events {
            if let Event::Down { .. } = event {
                self.desks.iter_mut().for_each(|desk| desk.tally.outages += 1);
            }
            let seen = self.driver.rightly(Input::Cti(event))?;
            self.hear(seen)?;
        }
        Ok(())
    }

    fn hear(&mut self, seen: Vec<Seen>) -> Result<(), Broken> {
        for one in seen {
            match one {
                Seen::Message { socket, text, .. } => {
                    let desk = self.desks.iter_mut().find(|desk| desk.socket == socket);
                    if let Some(desk) = desk {
                        desk.hear(&text).map_err(|error| Broken(format!("{}: {error}", desk.agent)))?;
                    }
                }
                Seen::Ping { socket } => {
                    let alive = Input::Alive { socket: interaction_core::ids::SocketId(socket) };
                    let seen = self.driver.rightly(alive)?;
                    self.hear(seen)?;
                }
                Seen::Cti { request, command, password } if self.tells => {
                    let secret = password.as_deref();
                    self.platform(AdapterInput::Command { request, command, secret })?;
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// Nobody does anything any more, and the platform is heard no more: within a day and some hours every object is idle by
    /// its own deadline.
    fn come_to_rest(&mut self) -> Result<(), Broken> {
        self.pass(Duration::from_secs(60))?;
        self.tells = false;
        self.pass(LONGEST)?;
        let gauges = self.driver.engine().gauges();
        for desk in &self.desks {
            desk.is_at_rest().map_err(|error| Broken(format!("{}: {error}", desk.agent)))?;
        }
        if gauges.waiting > 0 {
            return Err(Broken(format!("something waits for ever: {gauges:?}")));
        }
        Ok(())
    }
}
