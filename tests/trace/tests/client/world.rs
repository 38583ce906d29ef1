//! The desk, its application, the network and the server, under one clock and one seed.

use std::collections::BTreeMap;
use std::time::Duration;

use interaction_core::config::Seed;
use interaction_core::desk::{Config, Connection, Desk, DeskInput, DeskOutput, DeskRequest, MirrorKind, To};
use interaction_core::time::Time;
use interaction_trace::Broken;
use serde_json::Value;

use crate::app::App;
use crate::model;
use crate::network::{Arrival, Network, Parcel};
use crate::rng::Rng;
use crate::server::{Said, Server};

const START: Time = Time::from_millis(1_790_000_000_000);
/// Longer than any wait of either side.
const REST: Duration = Duration::from_secs(400);
/// Inputs at one moment: an engine that wants more is stuck.
const AT_ONCE_MAX: u32 = 20_000;
/// Sockets of readers the desk knows nothing of.
const READERS: u64 = 1 << 40;

/// What came about.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tally {
    pub(crate) resumed: u64,
    pub(crate) missed: u64,
    pub(crate) resent: u64,
    pub(crate) resnapshotted: u64,
    pub(crate) unknown: u64,
    pub(crate) succeeded: u64,
    pub(crate) confirmed: u64,
    pub(crate) failed: u64,
    pub(crate) codes: BTreeMap<String, u64>,
    pub(crate) events: u64,
    pub(crate) restarts: u64,
    pub(crate) asleep: u64,
    pub(crate) rosters: u64,
    pub(crate) queues: u64,
    pub(crate) sessions: u64,
}

impl Tally {
    pub(crate) fn add(&mut self, other: &Self) {
        self.resumed += other.resumed;
        self.missed += other.missed;
        self.resent += other.resent;
        self.resnapshotted += other.resnapshotted;
        self.unknown += other.unknown;
        self.succeeded += other.succeeded;
        self.confirmed += other.confirmed;
        self.failed += other.failed;
        self.events += other.events;
        self.restarts += other.restarts;
        self.asleep += other.asleep;
        self.rosters += other.rosters;
        self.queues += other.queues;
        self.sessions += other.sessions;
        for (code, count) in &other.codes {
            *self.codes.entry(code.clone()).or_default() += count;
        }
    }
}

/// Everything.
#[derive(Debug)]
pub(crate) struct World {
    seed: u64,
    now: Time,
    rng: Rng,
    desk: Desk,
    app: App,
    network: Network,
    server: Server,
    servers: u64,
    /// While it sleeps nothing reaches the desk.
    asleep_until: Time,
    /// What the server sent on each link, by the link's key and the message's number.
    sent: BTreeMap<String, BTreeMap<u64, String>>,
    /// The link each socket is on.
    links: BTreeMap<u64, String>,
    /// The link the desk is on.
    link: String,
    readers: u64,
    secrets: Vec<String>,
}

impl World {
    pub(crate) fn new(seed: u64) -> Self {
        let mut desk = Desk::new(Config::new(&["ws://a"]), Seed(seed), START);
        desk.handle_input(START, DeskInput::Start);
        let mut world = Self {
            seed,
            now: START,
            rng: Rng::new(seed),
            desk,
            app: App::default(),
            network: Network::new(!seed),
            server: Server::new(seed, START),
            servers: 1,
            asleep_until: START,
            sent: BTreeMap::new(),
            links: BTreeMap::new(),
            link: String::new(),
            readers: READERS,
            secrets: vec!["resume-key-".to_owned(), "\"password\"".to_owned()],
        };
        world.drain().expect("a beginning");
        world
    }

    pub(crate) fn tally(self) -> Tally {
        self.app.tally
    }

    /// One thing happens, and some time passes.
    pub(crate) fn step(&mut self) -> Result<(), Broken> {
        match self.rng.below(40) {
            0 | 1 => self.network.cut(self.now),
            2 if self.rng.once_in(8) => self.restart(),
            3 if self.rng.once_in(4) => {
                self.app.tally.asleep += 1;
                let millis = self.rng.below(90_000);
                self.asleep_until = self.now + Duration::from_millis(millis);
            }
            4 => self.feed(DeskInput::Visible)?,
            5 => {
                let online = !self.rng.once_in(3);
                self.feed(DeskInput::Network { online })?;
            }
            6 => {
                if let Some(call) = self.app.some_waiting(&mut self.rng) {
                    self.feed(DeskInput::Cancel { call })?;
                }
            }
            7 => self.feed(DeskInput::Retry)?,
            _ => self.ask()?,
        }
        let millis = match self.rng.below(8) {
            0 => self.rng.below(10_000),
            _ => self.rng.below(400),
        };
        self.pass(Duration::from_millis(millis))
    }

    /// The network holds, and everything must come to rest and agree.
    pub(crate) fn come_to_rest(&mut self) -> Result<(), Broken> {
        self.asleep_until = self.now;
        self.feed(DeskInput::Network { online: true })?;
        self.pass(REST)?;
        if matches!(self.desk.connection(), Connection::Moved { .. } | Connection::Refused { .. }) {
            self.feed(DeskInput::Retry)?;
            self.pass(REST)?;
        }
        if !matches!(self.desk.connection(), Connection::Live { .. }) {
            return Err(Broken(format!("the desk does not come back: {:?}", self.desk.connection())));
        }
        if !self.app.waiting().is_empty() {
            return Err(Broken(format!("calls wait for ever: {:?}", self.app.waiting())));
        }
        // Wait for a moment at which the platform is there and everything is quiet.
        for _ in 0..200 {
            if self.server.is_in_service() && self.network.next().is_none() {
                break;
            }
            self.pass(Duration::from_millis(50))?;
        }
        self.compare()
    }

    fn compare(&mut self) -> Result<(), Broken> {
        let link = self.sent.get(&self.link).cloned().unwrap_or_default();
        let events: BTreeMap<u64, String> = link
            .into_iter()
            .filter_map(|(seq, text)| {
                let message: Value = serde_json::from_str(&text).ok()?;
                let class = message["messageType"].as_str()?;
                class.ends_with("Event").then(|| (seq, message["event"].to_string()))
            })
            .collect();
        let seen: BTreeMap<u64, String> = self
            .app
            .events
            .iter()
            .map(|(seq, text)| (*seq, serde_json::from_str::<Value>(text).unwrap_or_default().to_string()))
            .collect();
        if let Some((seq, text)) = events.iter().find(|(seq, text)| seen.get(seq) != Some(text)) {
            return Err(Broken(format!("event {seq} was sent, but is not what was told: {text}\n{:?}", seen.get(seq))));
        }
        if let Some((seq, text)) = seen.iter().find(|(seq, _)| !events.contains_key(seq)) {
            return Err(Broken(format!("event {seq} was told, but never sent: {text}")));
        }
        let reports: Vec<_> =
            self.app.reports.iter().map(|((kind, key), current)| (*kind, key.clone(), *current)).collect();
        for (kind, key, is_current) in reports {
            if !is_current {
                return Err(Broken(format!("{kind:?} of {key} stays out of date")));
            }
            let (name, command, list, property) = match kind {
                MirrorKind::Roster => ("roster", "report.teamstatus.begin", "team", "teams"),
                MirrorKind::Queues => ("queues", "report.queuestatus.begin", "queue", "queues"),
                _ => continue,
            };
            self.readers += 1;
            let truth = model::snapshot(&self.server.read(self.readers, command, &key)?, list);
            let shown = self.desk.mirror_json(name, &key).ok_or_else(|| Broken(format!("no {name} of {key}")))?;
            let shown: Value = serde_json::from_str(&shown).map_err(|error| Broken(error.to_string()))?;
            if shown[property] != truth || shown["current"] != true {
                return Err(Broken(format!("{name} of {key} shows\n{shown}\nbut true is\n{truth}")));
            }
            match kind {
                MirrorKind::Roster => self.app.tally.rosters += 1,
                _ => self.app.tally.queues += 1,
            }
        }
        for resource in self.app.sessions.clone() {
            let shown = self.desk.mirror_json("session", &resource);
            let shown = shown.ok_or_else(|| Broken(format!("no session {resource}")))?;
            let shown: Value = serde_json::from_str(&shown).map_err(|error| Broken(error.to_string()))?;
            let shown = model::shown(&shown, &resource);
            let truth = self.app.objects.get(&resource).cloned().unwrap_or_default();
            if shown != truth {
                return Err(Broken(format!("session {resource} shows\n{shown:#?}\nbut its events make\n{truth:#?}")));
            }
            self.app.tally.sessions += u64::from(!shown.is_empty());
        }
        Ok(())
    }

    fn ask(&mut self) -> Result<(), Broken> {
        let (to, resource, command, target, data) = self.app.choose(&self.desk, &mut self.rng);
        let call = self.app.begin(&resource, &command);
        let to = match to {
            "core" => To::Core,
            "service" => To::Service,
            "reports" => To::Reports,
            _ => To::Resource(&resource),
        };
        let request = DeskRequest { to, command: &command, target: target.as_deref(), data: Some(&data) };
        self.feed(DeskInput::Call { call, request, within: None })
    }

    /// The server's process ends, and another begins that knows nothing.
    fn restart(&mut self) {
        self.app.tally.restarts += 1;
        self.servers += 1;
        self.network.lose_server(self.now);
        self.server = Server::new(self.seed + 1_000 * self.servers, self.now);
    }

    fn is_asleep(&self) -> bool {
        self.now < self.asleep_until
    }

    fn pass(&mut self, by: Duration) -> Result<(), Broken> {
        let until = self.now + by;
        let mut at_once = 0;
        loop {
            let awake = self.asleep_until;
            let desk = self.desk.poll_timeout().map(|at| at.max(awake));
            let network = self.network.next();
            let next = [desk, network, self.server.next()].into_iter().flatten().min().filter(|at| *at <= until);
            let Some(next) = next else { break };
            at_once = if next > self.now { 0 } else { at_once + 1 };
            if at_once > AT_ONCE_MAX {
                return Err(Broken(format!("somebody is stuck at {:?}: {:?}", self.now, self.desk)));
            }
            self.now = self.now.max(next);
            self.server.pass(self.now)?;
            self.carry_said();
            if let Some(arrival) = self.network.arrive(self.now) {
                self.arrive(arrival)?;
            } else if !self.is_asleep() && self.desk.poll_timeout().is_some_and(|at| at <= self.now) {
                self.feed(DeskInput::Tick)?;
                if self.desk.poll_timeout().is_some_and(|at| at <= self.now) {
                    return Err(Broken(format!("a tick changes nothing at {:?}: {:?}", self.now, self.desk)));
                }
            }
        }
        self.now = until;
        Ok(())
    }

    fn arrive(&mut self, arrival: Arrival) -> Result<(), Broken> {
        match arrival {
            Arrival::AtServer(socket, parcel) => {
                match parcel {
                    Parcel::Open => {
                        self.server.open(socket)?;
                        self.network.send_down(socket, self.now, Parcel::Open);
                    }
                    _ if !self.server.has(socket) => {}
                    Parcel::Text(text) => self.server.text(socket, &text)?,
                    Parcel::Pong => self.server.alive(socket)?,
                    Parcel::Close(_) => self.server.close(socket)?,
                    Parcel::Ping => {}
                }
                self.carry_said();
                Ok(())
            }
            // What comes to a sleeping machine waits there, or is lost with its socket.
            Arrival::AtClient(socket, parcel) if self.is_asleep() => {
                let at = self.asleep_until;
                self.network.send_down(socket, at, parcel);
                Ok(())
            }
            Arrival::AtClient(socket, parcel) => match parcel {
                Parcel::Open => self.feed(DeskInput::Opened { attempt: socket }),
                Parcel::Text(text) => {
                    if text.contains(r#""messageType":"connected""#) {
                        self.connected(&text);
                    }
                    self.feed(DeskInput::Text { attempt: socket, text: &text })
                }
                Parcel::Ping => {
                    self.network.send_up(socket, self.now, Parcel::Pong);
                    Ok(())
                }
                Parcel::Close(code) => {
                    self.network.forget(socket);
                    self.feed(DeskInput::Closed { attempt: socket, code, reason: "" })
                }
                Parcel::Pong => Ok(()),
            },
        }
    }

    /// The desk learns which link it is on.
    fn connected(&mut self, text: &str) {
        let message: Value = serde_json::from_str(text).unwrap_or_default();
        let key = message["resumeKey"].as_str().unwrap_or_default().to_owned();
        if message["resumed"] != true {
            self.app.fresh_link();
        }
        self.link = key;
    }

    /// What the server says goes on its way, and is written down.
    fn carry_said(&mut self) {
        for said in self.server.said() {
            match said {
                Said::Text { socket, text } => {
                    let message: Value = serde_json::from_str(&text).unwrap_or_default();
                    if let Some(key) = message["resumeKey"].as_str() {
                        self.links.insert(socket, key.to_owned());
                    }
                    if let (Some(link), Some(seq)) = (self.links.get(&socket), message["seq"].as_u64()) {
                        self.sent.entry(link.clone()).or_default().insert(seq, text.clone());
                    }
                    self.network.send_down(socket, self.now, Parcel::Text(text));
                }
                Said::Ping { socket } => self.network.send_down(socket, self.now, Parcel::Ping),
                Said::Closed { socket, code } => {
                    self.network.send_down(socket, self.now, Parcel::Close(code.code()));
                }
            }
        }
    }

    fn feed(&mut self, input: DeskInput<'_>) -> Result<(), Broken> {
        let words = format!("{input:?}");
        self.desk.handle_input(self.now, input);
        self.drain().map_err(|broken| Broken(format!("at {:?}, {words}: {broken}", self.now)))
    }

    fn drain(&mut self) -> Result<(), Broken> {
        while let Some(output) = self.desk.poll_output() {
            let words = format!("{output:?}");
            if self.secrets.iter().any(|secret| words.contains(secret)) {
                return Err(Broken(format!("a secret is shown: {words}")));
            }
            self.app.told(&output).map_err(Broken)?;
            match output {
                DeskOutput::Open { attempt, .. } => self.network.open(attempt, self.now),
                DeskOutput::Send { attempt, text } => {
                    self.network.send_up(attempt, self.now, Parcel::Text(text.into()));
                }
                DeskOutput::Close { attempt, .. } => self.network.send_up(attempt, self.now, Parcel::Close(1000)),
                _ => {}
            }
        }
        Ok(())
    }
}
