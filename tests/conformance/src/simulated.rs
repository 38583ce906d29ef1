//! Histories of a simulated contact centre with clients, each wholly drawn from its seed.

use std::collections::VecDeque;
use std::time::Duration;

use interaction_core::config::{Config, DirectoryKind, DisconnectPolicy, Seed};
use interaction_core::cti::simulator::{Scenario, Simulator};
use interaction_core::cti::{Adapter, AdapterInput, AdapterOutput, CallEvent, Event};
use interaction_core::ids::SocketId;
use interaction_core::input::{Access, ClaimAnswer, Closed, Input, Scopes, StoreAnswer};
use interaction_core::limits::StoreLimits;
use interaction_core::store::MemoryStore;
use interaction_core::time::Time;
use interaction_trace::{Broken, Driver, Recorded, Seen, base_config};

use crate::client::{Client, Rumours, Wish};
use crate::history::{History, repository};
use crate::random::Random;

const START: Time = Time::from_millis(1_790_000_000_000);
const CLIENTS: u64 = 6;
const CALLS_MAX: usize = 64;
/// The dear checks of a driver are made where traces are run.
const NEVER: u64 = u64::MAX;

/// The history of `seed`, of at least so many inputs.
///
/// # Errors
/// A promise of the engine that does not hold.
pub fn history(seed: u64, inputs_min: usize) -> Result<History, String> {
    let name = format!("simulated {seed}");
    let mut random = Random::new(seed);
    let scenario = scenario(&mut random)?;
    let config = config(&mut random);
    let agents = people(&scenario);
    let needs_token = random.happens(250);
    let mut world = World {
        driver: Driver::new(config.clone(), Seed(seed), START, NEVER),
        simulator: Simulator::new(scenario, seed, START).map_err(|error| format!("{name}: {error}"))?,
        store: MemoryStore::new(StoreLimits::default()),
        clients: (1..=CLIENTS).map(|number| client(number, &agents)).collect(),
        random,
        agents,
        calls: Vec::new(),
        needs_token,
        sockets: 0,
        todo: VecDeque::new(),
        steps: Vec::new(),
    };
    world.live(inputs_min).map_err(|broken| format!("{name}: input {}: {broken}", world.steps.len()))?;
    Ok(History { name, config, seed: Seed(seed), start: START, steps: world.steps })
}

struct World {
    driver: Driver,
    simulator: Simulator,
    store: MemoryStore,
    clients: Vec<Client>,
    random: Random,
    agents: Vec<String>,
    calls: Vec<String>,
    needs_token: bool,
    sockets: u64,
    /// What the engine wants done and nobody has done yet.
    todo: VecDeque<Seen>,
    steps: Vec<Recorded>,
}

impl World {
    fn live(&mut self, inputs_min: usize) -> Result<(), Broken> {
        self.pass(Duration::ZERO)?;
        while self.steps.len() < inputs_min {
            let at = usize::try_from(self.random.below(CLIENTS)).unwrap_or(0);
            self.act(at)?;
            let ms = match self.random.below(400) {
                0 => 65_000,
                1..=4 => 3_000 + self.random.below(15_000),
                5..=60 => self.random.below(1_000),
                _ => self.random.below(30),
            };
            self.pass(Duration::from_millis(ms))?;
            self.happen()?;
        }
        if self.random.happens(300) {
            let grace_ms = if self.random.happens(500) { 0 } else { 5_000 };
            self.feed(Input::ShutDown { grace_ms })?;
            self.pass(Duration::from_secs(1))?;
        }
        Ok(())
    }

    /// What neither a client nor the platform does.
    fn happen(&mut self) -> Result<(), Broken> {
        match self.random.below(200) {
            0 => {
                let for_us = 1_000_000 + self.random.below(30_000_000);
                self.driver.sleep(Duration::from_micros(for_us));
                self.feed(Input::Stalled { for_us })
            }
            // A driver's mistakes are refused alike everywhere, too.
            1 => self.feed(Input::Alive { socket: SocketId(self.sockets + 1) }),
            2 => self.feed(Input::SocketClosed { socket: SocketId(self.sockets + 1), why: Closed::Gone }),
            _ => Ok(()),
        }
    }

    /// Time passes, exactly from one deadline of the engine or the platform to the next.
    fn pass(&mut self, by: Duration) -> Result<(), Broken> {
        let until = self.driver.now() + by;
        loop {
            let platform = self.simulator.poll_timeout().unwrap_or(Time::MAX);
            let engine = self.driver.engine().poll_timeout().map_or(Time::MAX, |(at, _)| at);
            if platform.min(engine) > until {
                break;
            }
            if engine <= platform {
                let seen = self.driver.tick(until)?;
                self.note(seen.unwrap_or_default());
            } else {
                self.driver.sleep(platform.since(self.driver.now()));
                self.simulator.handle_input(self.driver.now(), AdapterInput::Tick);
                self.listen()?;
            }
            self.settle()?;
        }
        self.driver.sleep(until.since(self.driver.now()));
        Ok(())
    }

    fn act(&mut self, at: usize) -> Result<(), Broken> {
        let rumours = Rumours { agents: &self.agents, calls: &self.calls };
        let wish = self.clients[at].wish(&mut self.random, rumours);
        let Some(socket) = self.clients[at].socket else { return self.open(at) };
        match wish {
            Wish::Open | Wish::Move => return self.open(at),
            Wish::Send(frame) => self.driver.send(socket, &frame)?.map(|seen| self.note(seen)),
            Wish::Binary => self.driver.send_binary(socket)?.map(|seen| self.note(seen)),
            Wish::Large(bytes) => self.driver.send_large(socket, bytes)?.map(|seen| self.note(seen)),
            Wish::Drop(why) => {
                let seen = self.driver.close(socket, why)?;
                self.clients[at].parted(socket);
                self.note(seen);
                Ok(())
            }
            Wish::Alive => return self.feed(Input::Alive { socket: SocketId(socket) }),
            Wish::Backlog(bytes) => return self.feed(Input::Backlog { socket: SocketId(socket), bytes }),
        }
        .map_err(|misuse| Broken(misuse.to_string()))?;
        self.settle()
    }

    fn open(&mut self, at: usize) -> Result<(), Broken> {
        self.sockets += 1;
        let socket = self.sockets;
        let peer = format!("10.0.0.{}", 1 + self.random.below(4));
        let access = if self.needs_token { Access::Token } else { Access::Open(Scopes::LOOPBACK) };
        let opened = self.driver.open(socket, &peer, access)?.map_err(|misuse| Broken(misuse.to_string()))?;
        // The socket it had, if any, is left open: the engine takes it away when the link moves.
        let left = self.clients[at].socket.replace(socket);
        self.note(opened);
        let frame = self.clients[at].connect(&mut self.random, self.needs_token);
        let seen = self.driver.send(socket, &frame)?.map_err(|misuse| Broken(misuse.to_string()))?;
        self.note(seen);
        if let Some(left) = left.filter(|left| self.driver.open_sockets().any(|open| open == *left)) {
            let seen = self.driver.close(left, Closed::Gone)?;
            self.note(seen);
        }
        self.settle()
    }

    fn feed(&mut self, input: Input<'_>) -> Result<(), Broken> {
        let seen = self.driver.feed(input)?;
        self.note(seen.unwrap_or_default());
        self.settle()
    }

    /// Keeps the record of the last input and tells the clients what they got.
    fn note(&mut self, seen: Vec<Seen>) {
        self.steps.extend(self.driver.recorded.take());
        for one in seen {
            match one {
                Seen::Message { socket, ref text, .. } => {
                    if let Some(client) = self.clients.iter_mut().find(|client| client.socket == Some(socket)) {
                        client.heard(text);
                    }
                }
                Seen::Closed { socket, .. } => self.clients.iter_mut().for_each(|client| client.parted(socket)),
                Seen::Ping { .. } => {}
                asked => self.todo.push_back(asked),
            }
        }
    }

    /// Does what the engine wants of the platform, the directory and the store, until it wants nothing more.
    fn settle(&mut self) -> Result<(), Broken> {
        while let Some(asked) = self.todo.pop_front() {
            let answer = match asked {
                Seen::Message { .. }
                | Seen::Ping { .. }
                | Seen::Closed { .. }
                | Seen::Answered { .. }
                | Seen::Release { .. } => continue,
                Seen::Store { journey } => {
                    self.store.put(journey);
                    continue;
                }
                Seen::Audit { record } => {
                    self.store.put_audit(record);
                    continue;
                }
                Seen::Cti { request, command, password } => {
                    let secret = password.as_deref();
                    self.simulator.handle_input(self.driver.now(), AdapterInput::Command { request, command, secret });
                    self.listen()?;
                    continue;
                }
                Seen::Claim { claim, .. } => Input::Claimed { claim, answer: self.claimed() },
                Seen::LoadJourney { query, call } => {
                    let found = StoreAnswer::Journey(self.store.find(&call).cloned());
                    Input::Loaded { query, answer: self.or_unavailable(found) }
                }
                Seen::LoadRecent { query, limit, number } => {
                    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
                    let found = StoreAnswer::Recent(self.store.recent(limit, number.as_deref(), None));
                    Input::Loaded { query, answer: self.or_unavailable(found) }
                }
            };
            // Some questions are never answered: the engine's deadline is.
            if self.random.happens(950) {
                let seen = self.driver.rightly(answer)?;
                self.note(seen);
            }
        }
        Ok(())
    }

    fn claimed(&mut self) -> ClaimAnswer {
        match self.random.below(6) {
            0 => ClaimAnswer::Held {
                instance: "node-b".into(),
                client: "c-elsewhere".into(),
                since: START,
                calls: u32::try_from(self.random.below(3)).unwrap_or(0),
            },
            1 => ClaimAnswer::Unavailable,
            _ => ClaimAnswer::Won,
        }
    }

    fn or_unavailable(&mut self, answer: StoreAnswer) -> StoreAnswer {
        if self.random.happens(100) { StoreAnswer::Unavailable } else { answer }
    }

    fn listen(&mut self) -> Result<(), Broken> {
        while let Some(output) = self.simulator.poll_output() {
            match output {
                AdapterOutput::Event(event) => {
                    self.overhear(&event);
                    let seen = self.driver.rightly(Input::Cti(event))?;
                    self.note(seen);
                }
                AdapterOutput::Connect { .. } | AdapterOutput::Send { .. } | AdapterOutput::Disconnect { .. } => {
                    return Err(Broken("the simulator asks for a connection".to_owned()));
                }
            }
        }
        Ok(())
    }

    fn overhear(&mut self, event: &Event) {
        if let Event::Call(CallEvent::Began { call, .. }) = event {
            self.calls.push(call.to_string());
            if self.calls.len() > CALLS_MAX {
                self.calls.remove(0);
            }
        }
    }
}

/// The small contact centre, or a tiny one in which everything concerns everybody.
fn scenario(random: &mut Random) -> Result<Scenario, String> {
    let file = repository().join("host/scenarios/small.toml");
    let text = std::fs::read_to_string(&file).map_err(|error| format!("{}: {error}", file.display()))?;
    let mut scenario = Scenario::from_toml(&text).map_err(|error| format!("{}: {error}", file.display()))?;
    scenario.speed = if random.happens(700) { 1 } else { 4 };
    if random.happens(600) {
        scenario.people.agents = 8;
        scenario.people.supervisors = 2;
        scenario.teams.count = 2;
    }
    if random.happens(300) {
        scenario.operations.outage_every_ms = 20_000;
        scenario.operations.outage_ms = 2_000;
    }
    scenario.logout_reason_required = random.happens(300);
    Ok(scenario)
}

fn config(random: &mut Random) -> Config {
    let mut config = base_config();
    config.echo_password = random.happens(700);
    config.debug = random.happens(300);
    config.disconnect = match random.below(3) {
        0 => DisconnectPolicy::Keep,
        1 => DisconnectPolicy::NotReady,
        _ => DisconnectPolicy::Logout,
    };
    if random.happens(250) {
        config.directory = DirectoryKind::Domain;
    }
    if random.happens(400) {
        config.limits.grace_ms = 3_000;
        config.limits.prepared_ms = 4_000;
        config.limits.heartbeat_ms = 2_000;
    }
    if random.happens(300) {
        config.limits.replay_bytes = 6_000;
        config.limits.pending_bytes = 20_000;
        config.limits.remembered_max = 2;
    }
    if random.happens(200) {
        config.limits.requests_per_second = 2;
        config.limits.subscriptions_max = 1;
        config.limits.links_max = 4;
    }
    config
}

fn people(scenario: &Scenario) -> Vec<String> {
    let people = &scenario.people;
    let supervisors = (0..people.supervisors).map(|n| people.first_supervisor + n);
    let agents = (0..people.agents.min(8)).map(|n| people.first_agent + n);
    let mut ids: Vec<String> = supervisors.chain(agents).map(|id| id.to_string()).collect();
    ids.push("9999".to_owned());
    ids
}

/// Two clients for each of a few people, so that they get in one another's way.
fn client(number: u64, agents: &[String]) -> Client {
    let at = usize::try_from(number / 2).unwrap_or(0) * 2 % agents.len();
    Client::new(number, &agents[at])
}
