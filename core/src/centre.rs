//! A whole contact centre as one plain value: the engine, a simulated platform behind it, and the store in memory. What a
//! server's driver does with sockets and secrets is done here without either, so that a page or a test has everything in itself.
//!
//! ```
//! use interaction_core::centre::{Centre, Told};
//! use interaction_core::config::{Config, Seed};
//! use interaction_core::cti::simulator::Scenario;
//! use interaction_core::time::Time;
//!
//! let now = Time::from_millis(1_790_000_000_000);
//! let mut centre = Centre::new(Scenario::default(), Config::default(), Seed(1), now)?;
//! centre.open(now, 1);
//! centre.text(now, 1, r#"{"messageType":"connect","requestId":"1"}"#);
//! let Some(Told::Text { socket: 1, text }) = centre.poll() else { panic!("it answers") };
//! assert!(text.starts_with(r#"{"messageType":"connected""#));
//! # Ok::<(), interaction_core::cti::simulator::ScenarioError>(())
//! ```

use std::collections::{BTreeMap, VecDeque};

use crate::config::{Config, Seed};
use crate::cti::simulator::{Scenario, ScenarioError, Simulator};
use crate::cti::{Adapter, AdapterInput, AdapterOutput, Command, RequestNo};
use crate::engine::{Engine, Misuse};
use crate::ids::{SecretRef, SocketId};
use crate::input::{
    Access, ClaimAnswer, Claims, Closed, Frame, FreshKey, Input, MalformedKind, Scopes, SecretKind, StoreAnswer,
};
use crate::limits::StoreLimits;
use crate::output::Output;
use crate::secret::Secret;
use crate::store::MemoryStore;
use crate::time::Time;
use crate::wire::intake::{self, Refused, splice};

/// Being called so much later than at a deadline is a stall: the page slept, or was stopped.
const STALL_US: u128 = 1_000_000;

/// The contact centre. Feed what clients do, drain [`Centre::poll`], and call [`Centre::tick`] at [`Centre::poll_timeout`].
#[derive(Debug)]
pub struct Centre {
    engine: Engine,
    simulator: Simulator,
    store: MemoryStore,
    message_bytes_max: usize,
    instance: Box<str>,
    seed: Seed,
    secrets: BTreeMap<SecretRef, Secret>,
    last_secret: u64,
    told: VecDeque<Told>,
    /// What came of outputs, for the engine.
    own: VecDeque<Input<'static>>,
    /// What the engine asks of the platform.
    commands: VecDeque<(RequestNo, Command, Option<Secret>)>,
}

/// What a client hears.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Told {
    /// A text frame.
    Text {
        /// On which socket.
        socket: u64,
        /// The frame.
        text: String,
    },
    /// The socket is closed.
    Closed {
        /// Which.
        socket: u64,
        /// The WebSocket close code.
        code: u16,
        /// Why.
        reason: &'static str,
    },
}

impl Centre {
    /// The centre of a scenario. `seed` draws its day, and the keys of its links: they are no secret from whoever made it.
    ///
    /// # Errors
    /// The scenario is not valid; the key is named.
    pub fn new(scenario: Scenario, config: Config, seed: Seed, now: Time) -> Result<Self, ScenarioError> {
        let mut centre = Self {
            simulator: Simulator::new(scenario, seed.0, now)?,
            store: MemoryStore::new(StoreLimits::default()),
            message_bytes_max: config.limits.message_bytes as usize,
            instance: config.instance.clone(),
            seed,
            engine: Engine::new(config, seed, now),
            secrets: BTreeMap::new(),
            last_secret: 0,
            told: VecDeque::new(),
            own: VecDeque::new(),
            commands: VecDeque::new(),
        };
        centre.turn(now);
        Ok(centre)
    }

    /// A client opens a socket, of a number that is not in use. One that is too many is closed at once.
    pub fn open(&mut self, now: Time, socket: u64) {
        let key = format!("{}.{}-{}", self.instance, self.seed.0, self.last_secret + 1);
        let hash = intake::key_hash(&key);
        let secret = self.keep(Secret::new(format!("\"{key}\"")));
        let access = Access::Open(Scopes { supervisor: true, ..Scopes::LOOPBACK });
        let key = FreshKey { secret, hash };
        let opened = Input::SocketOpened { socket: SocketId(socket), peer: "127.0.0.1".into(), access, key };
        if self.feed(now, opened).is_err() {
            self.secrets.remove(&secret);
            self.told.push_back(Told::Closed { socket, code: 1013, reason: "too many sockets: close some first" });
        }
        self.turn(now);
    }

    /// A client sends a text frame.
    pub fn text(&mut self, now: Time, socket: u64, text: &str) {
        if text.len() > self.message_bytes_max {
            return self.frame(now, socket, Frame::TooLarge { bytes: text.len() as u64 });
        }
        let frame = match intake::intake(text.as_bytes()) {
            Ok(taken) => {
                // Whoever comes is let in: a token is good for everybody.
                let has_token = taken.secrets.iter().any(|one| one.kind == SecretKind::Token && one.is_top);
                let claims = has_token.then(|| Claims::Good {
                    subject: "everybody".into(),
                    scopes: Scopes { supervisor: true, ..Scopes::LOOPBACK },
                    expires: None,
                });
                let spans = taken.secrets.into_iter().map(|secret| {
                    let span = secret.span(SecretRef(self.last_secret + 1));
                    self.keep(secret.value);
                    span
                });
                Frame::Text { secrets: spans.collect::<Vec<_>>().into(), text: taken.text, claims }
            }
            Err(Refused::Malformed(kind)) => Frame::Malformed { kind, bytes: length(text) },
            Err(Refused::TooLarge) => Frame::TooLarge { bytes: text.len() as u64 },
        };
        self.frame(now, socket, frame);
    }

    /// A client sends a binary frame.
    pub fn binary(&mut self, now: Time, socket: u64) {
        self.frame(now, socket, Frame::Malformed { kind: MalformedKind::Binary, bytes: 1 });
    }

    /// A client closes its socket.
    pub fn close(&mut self, now: Time, socket: u64) {
        // One that was closed from here meanwhile is not known any more.
        let _ = self.feed(now, Input::SocketClosed { socket: SocketId(socket), why: Closed::Gone });
        self.turn(now);
    }

    /// Time passed.
    pub fn tick(&mut self, now: Time) {
        self.turn(now);
    }

    /// The next thing a client hears.
    pub fn poll(&mut self) -> Option<Told> {
        self.told.pop_front()
    }

    /// When to tick at the latest.
    pub fn poll_timeout(&self) -> Option<Time> {
        let engine = self.engine.poll_timeout().map(|(at, _)| at);
        engine.into_iter().chain(self.simulator.poll_timeout()).min()
    }

    fn frame(&mut self, now: Time, socket: u64, frame: Frame<'_>) {
        // One that was closed from here meanwhile is not known any more.
        let _ = self.feed(now, Input::Frame { socket: SocketId(socket), frame });
        self.turn(now);
    }

    /// Everything that is due, until nothing is.
    fn turn(&mut self, now: Time) {
        if let Some((at, _)) = self.engine.poll_timeout().filter(|(at, _)| *at <= now) {
            let late_us = now.since(at).as_micros();
            if late_us > STALL_US {
                self.own.push_back(Input::Stalled { for_us: u64::try_from(late_us).unwrap_or(u64::MAX) });
            }
            self.own.push_back(Input::Tick);
        }
        self.simulator.handle_input(now, AdapterInput::Tick);
        loop {
            if let Some(input) = self.own.pop_front() {
                // INVARIANT: what is told here is never a misuse, save for sockets that are gone.
                let _ = self.feed(now, input);
            } else if let Some((request, command, secret)) = self.commands.pop_front() {
                let secret = secret.as_ref().map(Secret::expose);
                self.simulator.handle_input(now, AdapterInput::Command { request, command, secret });
            } else if let Some(output) = self.simulator.poll_output() {
                match output {
                    AdapterOutput::Event(event) => self.own.push_back(Input::Cti(event)),
                    // A simulated platform asks for no connection.
                    AdapterOutput::Connect { .. } | AdapterOutput::Send { .. } | AdapterOutput::Disconnect { .. } => {}
                }
            } else {
                return;
            }
        }
    }

    fn feed(&mut self, now: Time, input: Input<'_>) -> Result<(), Misuse> {
        self.engine.handle_input(now, input)?;
        while let Some(output) = self.engine.poll_output() {
            match output {
                Output::Send { socket, head, tail, splices, .. } => {
                    let spliced = splice(head, tail, splices, |secret| self.secrets.get(&secret));
                    // INVARIANT: the engine names only places where a stand-in is, and writes UTF-8.
                    let message = spliced.expect("a splice has its place");
                    let text = String::from_utf8(message).expect("messages are text");
                    self.told.push_back(Told::Text { socket: socket.0, text });
                }
                Output::Fan { .. } => output.each_message(|socket, head, tail| {
                    // INVARIANT: the engine writes UTF-8.
                    let text = String::from_utf8([head, tail].concat()).expect("messages are text");
                    self.told.push_back(Told::Text { socket: socket.0, text });
                }),
                // Nothing is lost within a process: every socket lives until it is closed.
                Output::Ping { socket } => self.own.push_back(Input::Alive { socket }),
                Output::Close { socket, code } => {
                    let closed = Told::Closed { socket: socket.0, code: code.code(), reason: code.reason() };
                    self.told.push_back(closed);
                }
                Output::Cti { request, command, secret } => {
                    let secret = secret.and_then(|secret| self.secrets.get(&secret)?.decoded());
                    self.commands.push_back((request, command.clone(), secret));
                }
                Output::Forget { secret } => drop(self.secrets.remove(&secret)),
                Output::Claim { claim, .. } => {
                    self.own.push_back(Input::Claimed { claim, answer: ClaimAnswer::Unavailable });
                }
                Output::Store { journey } => drop(self.store.put(journey.clone())),
                Output::Audit { record } => drop(self.store.put_audit(record.clone())),
                Output::LoadJourney { query, call } => {
                    let found = self.store.find(call).cloned();
                    let answer = found.map_or(StoreAnswer::NoHistory, |journey| StoreAnswer::Journey(Some(journey)));
                    self.own.push_back(Input::Loaded { query, answer });
                }
                Output::LoadRecent { query, limit, number } => {
                    let answer = StoreAnswer::Recent(self.store.recent(limit as usize, number, None));
                    self.own.push_back(Input::Loaded { query, answer });
                }
                // Claims are answered within the engine where it is alone, and nothing comes by HTTP.
                Output::Release { .. } | Output::Answer { .. } => {}
            }
        }
        Ok(())
    }

    fn keep(&mut self, secret: Secret) -> SecretRef {
        self.last_secret += 1;
        self.secrets.insert(SecretRef(self.last_secret), secret);
        SecretRef(self.last_secret)
    }
}

fn length(text: &str) -> u32 {
    u32::try_from(text.len()).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    const NOW: Time = Time::from_millis(1_790_000_000_000);
    const PLACE: &str = r#""serviceId":"processor","resourceId":"reports""#;

    fn centre() -> Centre {
        let small = Scenario::from_toml(include_str!("../../host/scenarios/small.toml")).expect("small is valid");
        Centre::new(small, Config::default(), Seed(1), NOW).expect("small is valid")
    }

    fn heard(centre: &mut Centre) -> Vec<String> {
        std::iter::from_fn(|| centre.poll())
            .map(|told| match told {
                Told::Text { text, .. } => text,
                Told::Closed { code, .. } => code.to_string(),
            })
            .collect()
    }

    fn connected(centre: &mut Centre) -> Vec<String> {
        centre.open(NOW, 1);
        for text in [
            r#"{"messageType":"connect","requestId":"1","token":"any"}"#.to_owned(),
            r#"{"messageType":"coreRequest","requestId":"2","command":"bindService","serviceId":"processor"}"#
                .to_owned(),
            format!(r#"{{"messageType":"coreRequest","requestId":"3","command":"bindResource",{PLACE}}}"#),
        ] {
            centre.text(NOW, 1, &text);
        }
        heard(centre)
    }

    #[test]
    fn its_teams_are_told_and_move() {
        let mut centre = centre();
        assert_eq!(connected(&mut centre).len(), 3);
        let begin = format!(
            r#"{{"messageType":"resourceRequest","requestId":"4",{PLACE},"request":{{"command":"report.teamstatus.begin","data":{{"agentId":"1001"}}}}}}"#
        );
        centre.text(NOW, 1, &begin);
        let told = heard(&mut centre);
        assert!(told[0].contains(r#""result":"success""#), "{told:?}");
        assert!(told[1].contains("report.teamstatus.teamadded"), "{told:?}");
        let mut changes = 0;
        for _ in 0..2_000 {
            let Some(at) = centre.poll_timeout() else { break };
            centre.tick(at);
            changes += heard(&mut centre).iter().filter(|text| text.contains("memberstatuschanged")).count();
        }
        assert!(changes > 0, "somebody does something");
    }

    #[test]
    fn an_agent_signs_in_and_no_secret_stays() {
        let mut centre = centre();
        connected(&mut centre);
        let prepare = r#"{"messageType":"serviceRequest","requestId":"4","serviceId":"processor","request":{"command":"prepareSession","data":{"agent":{"id":"2001","password":"2001"}}}}"#;
        centre.text(NOW, 1, prepare);
        let later = NOW + Duration::from_secs(5);
        centre.tick(later);
        let told = heard(&mut centre);
        assert!(told.iter().any(|text| text.contains(r#""resource":{"id":"#)), "{told:?}");
        centre.text(later, 1, r#"{"messageType":"disconnect"}"#);
        // At each deadline, as nobody sleeps.
        while let Some(at) = centre.poll_timeout().filter(|at| *at < later + Duration::from_secs(120)) {
            centre.tick(at);
        }
        assert_eq!(centre.secrets.len(), 0, "what is kept: {:?}", centre.secrets.keys());
    }

    #[test]
    fn a_long_sleep_ends_no_socket() {
        let mut centre = centre();
        connected(&mut centre);
        centre.tick(NOW + Duration::from_secs(8 * 3600));
        centre.text(NOW + Duration::from_secs(8 * 3600), 1, r#"{"messageType":"ping","requestId":"5"}"#);
        let told = heard(&mut centre);
        assert!(told.iter().any(|text| text.contains("pong")), "{told:?}");
        assert!(!told.iter().any(|text| text == "4002"), "{told:?}");
    }

    #[test]
    fn what_is_no_message_is_answered_and_what_is_closed_is_let_be() {
        let mut centre = centre();
        centre.text(NOW, 9, "{}");
        centre.close(NOW, 9);
        centre.open(NOW, 1);
        centre.text(NOW, 1, "hello");
        let told = heard(&mut centre);
        assert!(told[0].contains("request.malformed"), "{told:?}");
        centre.open(NOW, 2);
        centre.binary(NOW, 2);
        centre.open(NOW, 3);
        centre.text(NOW, 3, &" ".repeat(1 << 20));
        let told = heard(&mut centre);
        assert!(told.iter().any(|text| text == "4000" || text == "1009"), "{told:?}");
    }
}
