//! The adapter, its driver and the scripted server on virtual time.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use interaction_core::cti::uccx::codec::{Framer, Message};
use interaction_core::cti::uccx::{UccxAdapter, UccxConfig};
use interaction_core::cti::{
    Adapter, AdapterInput, AdapterOutput, Answer, CallEvent, Command, ConnectionId, Event, Outcome, RequestNo,
};
use interaction_core::secret::Secret;
use interaction_core::time::Time;

use crate::server::Server;

pub(crate) const START: Time = Time::from_millis(1_790_000_000_000);

pub(crate) struct Bench {
    pub(crate) adapter: UccxAdapter,
    pub(crate) server: Server,
    pub(crate) now: Time,
    pub(crate) events: Vec<Event>,
    /// When, and to which node.
    pub(crate) connects: Vec<(Duration, usize)>,
    pub(crate) connection: Option<(ConnectionId, usize)>,
    /// Connections beside that one, of agents.
    pub(crate) beside: BTreeMap<ConnectionId, (Framer, usize)>,
    pub(crate) cut: usize,
    last_request: u64,
}

enum Inner {
    Connected(ConnectionId, usize),
    Unreachable(ConnectionId),
    Bytes(ConnectionId, Vec<u8>),
}

impl Bench {
    pub(crate) fn new(server: Server) -> Self {
        Self::with(server, config())
    }

    pub(crate) fn with(server: Server, config: UccxConfig) -> Self {
        let password = Some(Secret::new("client-secret".into()));
        let adapter = UccxAdapter::new(config, password, 0x1234_5678_9abc_def0, START).expect("valid");
        let (events, connects, beside) = (Vec::new(), Vec::new(), BTreeMap::new());
        let (connection, cut, last_request) = (None, usize::MAX, 0);
        Self { adapter, server, now: START, events, connects, connection, beside, cut, last_request }
    }

    /// One that is in service, and has said so.
    pub(crate) fn up(server: Server) -> Self {
        let mut bench = Self::new(server);
        bench.tick();
        assert!(matches!(bench.events.first(), Some(Event::Up(_))), "{:?}", bench.adapter);
        assert_eq!(bench.events.last(), Some(&Event::ResyncEnd));
        bench.events.clear();
        bench
    }

    pub(crate) fn tick(&mut self) {
        self.adapter.handle_input(self.now, AdapterInput::Tick);
        self.drain();
    }

    /// Lets time pass, waking the adapter whenever it asked for it.
    pub(crate) fn advance(&mut self, by: Duration) {
        let end = self.now + by;
        for _ in 0..10_000 {
            match self.adapter.poll_timeout().filter(|at| *at <= end) {
                Some(at) => self.now = self.now.max(at),
                None => {
                    self.now = end;
                    return self.tick();
                }
            }
            self.tick();
        }
        panic!("the adapter never stops asking to be woken: {:?}", self.adapter);
    }

    pub(crate) fn seconds(&mut self, seconds: u64) {
        self.advance(Duration::from_secs(seconds));
    }

    /// The platform says something.
    pub(crate) fn say<'m>(&mut self, message: impl Into<Message<'m>>) {
        let mut bytes = Vec::new();
        message.into().encode(self.server.widths, &mut bytes).expect("encodes");
        self.say_bytes(&bytes);
    }

    pub(crate) fn say_bytes(&mut self, bytes: &[u8]) {
        let (connection, _) = self.connection.expect("a connection");
        for piece in bytes.chunks(self.cut) {
            self.adapter.handle_input(self.now, AdapterInput::Received { connection, bytes: piece });
            self.drain();
        }
    }

    /// The network cuts the connection.
    pub(crate) fn cut_off(&mut self) {
        let (connection, _) = self.connection.take().expect("a connection");
        self.adapter.handle_input(self.now, AdapterInput::Disconnected { connection, why: "reset by peer" });
        self.drain();
    }

    pub(crate) fn command(&mut self, command: Command, secret: Option<&str>) -> RequestNo {
        self.last_request += 1;
        let request = RequestNo(self.last_request);
        self.adapter.handle_input(self.now, AdapterInput::Command { request, command, secret });
        self.drain();
        request
    }

    /// The one answer to a command.
    pub(crate) fn ask(&mut self, command: Command, secret: Option<&str>) -> Outcome {
        let request = self.command(command, secret);
        self.answer(request).expect("an answer")
    }

    pub(crate) fn answer(&self, request: RequestNo) -> Option<Outcome> {
        let mut answers = self.events.iter().filter_map(|event| match event {
            Event::Answer(Answer { request: own, outcome }) if *own == request => Some(outcome.clone()),
            _ => None,
        });
        let answer = answers.next();
        assert_eq!(answers.next(), None, "one answer");
        answer
    }

    pub(crate) fn calls(&self) -> Vec<CallEvent> {
        let call = |event: &Event| match event {
            Event::Call(call) => Some(call.clone()),
            _ => None,
        };
        self.events.iter().filter_map(call).collect()
    }

    pub(crate) fn take(&mut self) -> Vec<Event> {
        std::mem::take(&mut self.events)
    }

    pub(crate) fn drain(&mut self) {
        let mut inner = VecDeque::new();
        loop {
            while let Some(output) = self.adapter.poll_output() {
                match output {
                    AdapterOutput::Event(event) => self.events.push(event),
                    AdapterOutput::Connect { connection, address } => {
                        self.connects.push((self.now.since(START), address));
                        inner.push_back(if self.server.reachable[address] {
                            Inner::Connected(connection, address)
                        } else {
                            Inner::Unreachable(connection)
                        });
                    }
                    AdapterOutput::Send { connection, bytes } => {
                        let answer = match (self.connection, self.beside.get_mut(&connection)) {
                            (Some((own, node)), _) if own == connection => self.server.receive(node, &bytes),
                            (_, Some((framer, node))) => self.server.receive_on(framer, *node, &bytes),
                            _ => panic!("sent on a connection that is gone"),
                        };
                        if !answer.is_empty() {
                            inner.push_back(Inner::Bytes(connection, answer));
                        }
                    }
                    AdapterOutput::Disconnect { connection } => {
                        self.connection = self.connection.filter(|(own, _)| *own != connection);
                        self.beside.remove(&connection);
                        inner.retain(|one| !matches!(one, Inner::Bytes(own, _) if *own == connection));
                    }
                }
            }
            match inner.pop_front() {
                None => return,
                Some(Inner::Connected(connection, node)) => {
                    if self.connection.is_some() {
                        self.beside.insert(connection, (Framer::default(), node));
                    } else {
                        self.connection = Some((connection, node));
                        self.server.accept();
                    }
                    self.adapter.handle_input(self.now, AdapterInput::Connected { connection });
                }
                Some(Inner::Unreachable(connection)) => {
                    let why = "connection refused";
                    self.adapter.handle_input(self.now, AdapterInput::Disconnected { connection, why });
                }
                Some(Inner::Bytes(connection, bytes)) => {
                    for piece in bytes.chunks(self.cut) {
                        self.adapter.handle_input(self.now, AdapterInput::Received { connection, bytes: piece });
                    }
                }
            }
        }
    }
}

pub(crate) fn config() -> UccxConfig {
    UccxConfig { nodes: vec!["node-a".into(), "node-b".into()], ..UccxConfig::default() }
}
