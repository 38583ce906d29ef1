//! The world: an engine and the model beside it, and everybody around them, under one seed and one clock.

mod act;
mod asks;
mod check;
mod client;
mod desk;
mod grammar;
mod web;

use std::collections::VecDeque;
use std::time::Duration;

use interaction_core::config::Seed;
use interaction_core::cti::simulator::Simulator;
use interaction_core::cti::{Adapter, AdapterInput, AdapterOutput, Answer, Command, Event, RequestNo};
use interaction_core::ids::{ClaimNo, QueryNo, SocketId};
use interaction_core::input::{ClaimAnswer, Input};
use interaction_core::store::MemoryStore;
use interaction_core::time::Time;
use interaction_trace::{Broken, Driver, Seen};

use crate::centre::{Centre, Contacts};
use crate::compare;
use crate::counts::Counts;
use crate::directory::Directory;
use crate::history::Step;
use crate::model::{Expected, Happening, Model};
use crate::names::Names;
use crate::sabotage::Sabotage;
use crate::scenario::scenario;
use crate::setting::{Plays, START, Setting};
use crate::story::Story;

use check::Witness;
use client::Client;

/// With one input in so many the dear checks are made: those that write the engine down.
const CHECKED_EVERY: u64 = 40;

/// A difference between engine and model, or a broken promise.
pub(crate) type Difference = String;

/// Everything.
pub(crate) struct World {
    setting: Setting,
    driver: Driver,
    pub(crate) model: Model,
    names: Names,
    simulator: Option<Simulator>,
    centre: Centre,
    contacts: Contacts,
    clients: Vec<Client>,
    directory: Directory,
    store: MemoryStore,
    /// Commands the platform has not answered, with their passwords.
    commands: Vec<(u64, Command, Option<String>)>,
    /// Claims the directory has not answered, and what it is told afterwards, in order.
    claims: Vec<Claim>,
    /// Questions the store has not answered.
    questions: Vec<Question>,
    last_socket: u64,
    witness: Witness,
    sabotage: Option<Sabotage>,
    pub(crate) counts: Counts,
    pub(crate) story: Story,
}

/// What the directory hears.
#[derive(Clone, Debug)]
enum Claim {
    Asked { number: u64, agent: String, is_override: bool },
    GivenBack { agent: String },
}

/// What the store is asked.
#[derive(Clone, Debug)]
enum Question {
    Journey { number: u64, call: String },
    Recent { number: u64, limit: u32, caller: Option<String> },
}

impl World {
    pub(crate) fn new(seed: u64, story: Story, sabotage: Option<Sabotage>) -> Self {
        let setting = Setting::draw(seed);
        let simulator = (setting.plays == Plays::Simulator)
            .then(|| Simulator::new(scenario(), seed, START).expect("a valid scenario"));
        let clients = setting.listeners.iter().enumerate().map(|(place, access)| Client::new(place, *access)).collect();
        let mut model = Model::new(setting.config.clone(), START);
        model.knows_calls = setting.plays == Plays::Calls;
        Self {
            driver: Driver::new(setting.config.clone(), Seed(seed), START, CHECKED_EVERY),
            model,
            names: Names::default(),
            simulator,
            centre: Centre::default(),
            contacts: Contacts::default(),
            clients,
            directory: Directory::default(),
            store: MemoryStore::default(),
            commands: Vec::new(),
            claims: Vec::new(),
            questions: Vec::new(),
            last_socket: 0,
            witness: Witness::default(),
            sabotage,
            counts: Counts::default(),
            story,
            setting,
        }
    }

    /// Runs these steps, then lets everything end.
    pub(crate) fn run(&mut self, steps: impl IntoIterator<Item = (usize, Step)>) -> Result<(), Difference> {
        if self.simulator.is_none() {
            self.begin_service()?;
        }
        for (number, step) in steps {
            self.story.chapter(number, step.kind, self.driver.now().since(START));
            self.act(step)?;
            self.check_mirrors()?;
            self.check_sessions()?;
        }
        self.story.chapter(usize::MAX, crate::history::Kind::Pass, self.driver.now().since(START));
        self.wind_up()
    }

    /// Whether a fault was put in.
    pub(crate) fn was_sabotaged(&self) -> bool {
        self.sabotage.as_ref().is_some_and(Sabotage::has_struck)
    }

    pub(crate) fn now(&self) -> Time {
        self.driver.now()
    }

    /// Something happens: to the engine, and to the model; both must come to the same.
    pub(crate) fn happen(&mut self, happening: Happening) -> Result<(), Difference> {
        let mut waiting = VecDeque::from([happening]);
        while let Some(happening) = waiting.pop_front() {
            // The pong of a socket that was closed in the same breath.
            if let Happening::Input(Input::Alive { socket }) = &happening
                && !self.model.sockets.contains_key(&socket.0)
            {
                continue;
            }
            self.happen_once(happening, &mut waiting)?;
        }
        Ok(())
    }

    fn happen_once(&mut self, happening: Happening, waiting: &mut VecDeque<Happening>) -> Result<(), Difference> {
        self.counts.input(&happening);
        self.story.happens(&happening);
        // Whoever posts has not heard yet what no poll brought.
        let has_heard_all = match &happening {
            Happening::Posted { to: Some(key), .. } => {
                self.model.links.values().any(|link| link.key == *key && link.socket.is_some())
            }
            _ => true,
        };
        let expected = self.model.hear(self.driver.now(), &happening);
        let mut seen = self.feed(&happening).map_err(|Broken(words)| words)?;
        if let Some(sabotage) = &mut self.sabotage {
            sabotage.spoil(&mut seen);
        }
        self.story.comes_of_it(&seen);
        compare::compare(&mut self.names, &expected, &seen)?;
        self.witness.sees(&self.names, &happening, &seen, has_heard_all)?;
        self.check_counts()?;
        self.counts.outputs(&seen);
        for one in seen {
            match one {
                Seen::Store { journey } => {
                    let _ = self.store.put(journey);
                }
                Seen::Message { socket, text, .. } => {
                    let is_its = |client: &&mut Client| [client.socket, client.posting].contains(&Some(socket));
                    if let Some(client) = self.clients.iter_mut().find(is_its) {
                        client.got(&serde_json::from_str(&text).unwrap_or_default());
                    }
                }
                _ => {}
            }
        }
        for one in expected {
            self.perform(one, waiting)?;
        }
        Ok(())
    }

    /// Hands a happening to the engine, in the engine's own names and numbers.
    fn feed(&mut self, happening: &Happening) -> Result<Vec<Seen>, Broken> {
        let (driver, names) = (&mut self.driver, &self.names);
        let fed = match happening {
            Happening::Opened { socket, peer, access } => driver.open(*socket, peer, *access)?,
            Happening::Said { socket, text } => driver.send(*socket, names.to_real(text).as_bytes())?,
            Happening::Posted { socket, peer, access, to, text } => {
                let key = to.map(|key| format!("resume-key-{key}"));
                driver.post(*socket, (peer, *access), key.as_deref(), names.to_real(text).as_bytes())?
            }
            Happening::Attached { socket, key, after, carrier } => {
                driver.attach(*socket, &format!("resume-key-{key}"), *after, *carrier)?
            }
            Happening::Input(Input::SocketClosed { socket, why }) => return driver.close(socket.0, *why),
            Happening::Input(Input::Cti(Event::Answer(answer))) => {
                let request = RequestNo(names.number(answer.request.0));
                driver.feed(Input::Cti(Event::Answer(Answer { request, outcome: answer.outcome.clone() })))?
            }
            Happening::Input(Input::Claimed { claim, answer }) => {
                let client = |client: &str| names.to_real(client).into();
                let answer = match answer {
                    ClaimAnswer::Lost { agent, client: whom } => {
                        ClaimAnswer::Lost { agent: agent.clone(), client: client(whom) }
                    }
                    other => other.clone(),
                };
                driver.feed(Input::Claimed { claim: ClaimNo(names.number(claim.0)), answer })?
            }
            Happening::Input(Input::Loaded { query, answer }) => {
                driver.feed(Input::Loaded { query: QueryNo(names.number(query.0)), answer: answer.clone() })?
            }
            Happening::Input(input) => driver.feed(input.clone())?,
        };
        fed.map_err(|misuse| Broken(format!("refused: {misuse}")))
    }

    /// Everybody does what is asked of them, or notes it for later.
    fn perform(&mut self, expected: Expected, waiting: &mut VecDeque<Happening>) -> Result<(), Difference> {
        match expected {
            Expected::Message { .. } => {}
            Expected::Ping { socket } => {
                if self.clients.iter().any(|client| client.socket == Some(socket) && !client.is_silent) {
                    waiting.push_back(Happening::Input(Input::Alive { socket: SocketId(socket) }));
                }
            }
            Expected::Closed { socket, .. } => {
                for client in self.clients.iter_mut().filter(|client| client.socket == Some(socket)) {
                    client.parted();
                }
            }
            Expected::Answered { socket, status } => {
                let is_its = |client: &&mut Client| [client.socket, client.posting].contains(&Some(socket));
                for client in self.clients.iter_mut().filter(is_its) {
                    client.answered(socket, status);
                }
            }
            Expected::Command { number, command, password } => match &mut self.simulator {
                None => self.commands.push((number, command, password)),
                Some(simulator) => {
                    let request = RequestNo(self.names.number(number));
                    let secret = password.as_deref().and_then(|password| password.strip_prefix("secret-of-"));
                    let input = AdapterInput::Command { request, command, secret: secret.or(Some("wrong")) };
                    simulator.handle_input(self.driver.now(), input);
                    waiting.extend(self.told()?);
                }
            },
            Expected::Claim { number, agent, is_override, .. } => {
                self.claims.push(Claim::Asked { number, agent, is_override });
            }
            Expected::Release { agent } => self.claims.push(Claim::GivenBack { agent }),
            Expected::LoadJourney { number, call } => self.questions.push(Question::Journey { number, call }),
            Expected::LoadRecent { number, limit, caller } => {
                self.questions.push(Question::Recent { number, limit, caller });
            }
        }
        Ok(())
    }

    /// What the simulator tells, in the model's numbers.
    fn told(&mut self) -> Result<Vec<Happening>, Difference> {
        let Some(simulator) = &mut self.simulator else { return Ok(Vec::new()) };
        let mut told = Vec::new();
        while let Some(output) = simulator.poll_output() {
            let event = match output {
                AdapterOutput::Event(Event::Answer(answer)) => {
                    let request = RequestNo(self.names.model_number(answer.request.0));
                    Event::Answer(Answer { request, outcome: answer.outcome })
                }
                AdapterOutput::Event(event) => event,
                other => return Err(format!("a simulator needs no connection: {other:?}")),
            };
            told.push(Happening::Input(Input::Cti(event)));
        }
        Ok(told)
    }

    /// Time passes, and whoever has a deadline meets it.
    pub(crate) fn pass(&mut self, by: Duration) -> Result<(), Difference> {
        let until = self.now() + by;
        loop {
            let engine = self.driver.engine().poll_timeout().map(|(at, _)| at);
            let platform = self.simulator.as_ref().and_then(Adapter::poll_timeout);
            let next = [engine, self.model.next_deadline(), platform].into_iter().flatten().min();
            let Some(next) = next.filter(|at| *at <= until) else { break };
            self.driver.sleep(next.since(self.now()));
            if platform == Some(next) {
                self.simulate(next)?;
            } else {
                self.happen(Happening::Input(Input::Tick))?;
            }
        }
        self.driver.sleep(until.since(self.now()));
        Ok(())
    }

    fn simulate(&mut self, now: Time) -> Result<(), Difference> {
        if let Some(simulator) = &mut self.simulator {
            simulator.handle_input(now, AdapterInput::Tick);
        }
        for happening in self.told()? {
            self.happen(happening)?;
        }
        Ok(())
    }
}
