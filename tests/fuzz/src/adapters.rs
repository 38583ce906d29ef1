//! The adapters, under a day of the network's and the platform's worst.

use std::time::Duration;

use interaction_core::cti::jsonl::{Config, JsonLines};
use interaction_core::cti::uccx::{UccxAdapter, UccxConfig};
use interaction_core::cti::{
    Adapter, AdapterInput, AdapterOutput, AgentState, Command, ConnectionId, Event, RequestNo,
};
use interaction_core::secret::Secret;
use interaction_core::time::Time;

pub(super) const START: Time = Time::from_millis(1_790_000_000_000);
/// Longer than any command may take.
const PATIENCE: Duration = Duration::from_secs(600);

/// The operations of a day, one a byte, with what follows it.
pub(super) mod op {
    /// The rest up to the length in the next two bytes comes from the platform.
    pub(in super::super) const SAY: u8 = 0;
    /// So many tenths of a second pass.
    pub(in super::super) const WAIT: u8 = 1;
    /// The connection breaks.
    pub(in super::super) const BREAK: u8 = 2;
    /// The engine asks for something.
    pub(in super::super) const ASK: u8 = 3;
}

/// The adapter of a UCCX.
pub(super) fn uccx(day: &[u8]) -> bool {
    let config = UccxConfig {
        nodes: vec!["a".into(), "b".into()],
        records_max: 64,
        calls_max: 16,
        commands_max: 8,
        ..UccxConfig::default()
    };
    let adapter =
        UccxAdapter::new(config, Some(Secret::new("hunter2".into())), 7, START).expect("a valid configuration");
    Day::new(adapter).live(day)
}

/// The adapter of a platform that speaks JSON lines.
pub(super) fn jsonl(day: &[u8]) -> bool {
    Day::new(JsonLines::new(Config { addresses: 2, ..Config::default() })).live(day)
}

/// An adapter, and what somebody knows who follows what it tells.
struct Day<A> {
    adapter: A,
    now: Time,
    connection: Option<ConnectionId>,
    asked: Vec<RequestNo>,
    next: u64,
    is_up: bool,
    was_down: bool,
    is_resyncing: bool,
    told: bool,
}

impl<A: Adapter> Day<A> {
    fn new(adapter: A) -> Self {
        Self {
            adapter,
            now: START,
            connection: None,
            asked: Vec::new(),
            next: 1,
            is_up: false,
            was_down: false,
            is_resyncing: false,
            told: false,
        }
    }

    fn live(mut self, day: &[u8]) -> bool {
        self.feed(AdapterInput::Tick);
        let mut rest = day;
        while let Some((first, behind)) = rest.split_first() {
            rest = behind;
            match first % 4 {
                op::SAY => {
                    let Some((length, behind)) = rest.split_at_checked(2) else { break };
                    let length = usize::from(u16::from_be_bytes([length[0], length[1]])).min(behind.len());
                    let (bytes, behind) = behind.split_at(length);
                    rest = behind;
                    if let Some(connection) = self.connection {
                        self.feed(AdapterInput::Received { connection, bytes });
                    }
                }
                op::WAIT => {
                    let tenths = rest.split_off_first().copied().unwrap_or(1);
                    self.wait(Duration::from_millis(100 * u64::from(tenths)));
                }
                op::BREAK => {
                    if let Some(connection) = self.connection.take() {
                        self.feed(AdapterInput::Disconnected { connection, why: "reset" });
                    }
                }
                _ => {
                    let what = rest.split_off_first().copied().unwrap_or(0);
                    self.ask(what);
                }
            }
        }
        // Whatever was asked is answered in the end, on a line that says nothing more.
        self.wait(PATIENCE);
        assert!(self.asked.is_empty(), "never answered: {:?}", self.asked);
        self.told
    }

    fn ask(&mut self, what: u8) {
        let request = RequestNo(self.next);
        self.next += 1;
        self.asked.push(request);
        let (agent, call) = ("2001".into(), "1".into());
        let (command, secret) = match what % 7 {
            0 => (Command::Verify { agent }, Some("hunter2")),
            1 => (Command::Login { agent, extension: Some("42001".into()) }, Some("hunter2")),
            2 => (Command::SetState { agent, state: AgentState::Ready, reason: None, by: None }, None),
            3 => (
                Command::Dial { agent, destination: "6001".into(), data: vec![("callVariable1".into(), "x".into())] },
                None,
            ),
            4 => (Command::Answer { agent, call }, None),
            5 => (Command::Consult { agent, call, destination: "\u{202e}6001\0".into() }, None),
            _ => (Command::Logout { agent, reason: Some("22".into()), by: None }, None),
        };
        self.feed(AdapterInput::Command { request, command, secret });
    }

    fn wait(&mut self, by: Duration) {
        let end = self.now + by;
        for _ in 0..100_000 {
            let Some(at) = self.adapter.poll_timeout().filter(|at| *at <= end) else {
                self.now = end;
                return self.feed(AdapterInput::Tick);
            };
            self.now = self.now.max(at);
            self.feed(AdapterInput::Tick);
        }
        panic!("the adapter never stops asking to be woken");
    }

    fn feed(&mut self, input: AdapterInput<'_>) {
        self.adapter.handle_input(self.now, input);
        let mut connects = Vec::new();
        while let Some(output) = self.adapter.poll_output() {
            match output {
                AdapterOutput::Event(event) => self.follow(&event),
                AdapterOutput::Connect { connection, .. } => connects.push(connection),
                AdapterOutput::Send { connection, bytes } => {
                    assert_eq!(Some(connection), self.connection.or(connects.last().copied()));
                    assert!(!bytes.is_empty());
                }
                AdapterOutput::Disconnect { connection } => {
                    connects.retain(|asked| *asked != connection);
                    if self.connection == Some(connection) {
                        self.connection = None;
                    }
                }
            }
        }
        if let Some(connection) = connects.pop() {
            assert!(connects.is_empty() && self.connection.is_none(), "one connection at a time");
            self.connection = Some(connection);
            self.feed(AdapterInput::Connected { connection });
        }
    }

    fn follow(&mut self, event: &Event) {
        match event {
            Event::Answer(answer) => {
                let at = self.asked.iter().position(|asked| *asked == answer.request);
                self.asked.remove(at.expect("each command is answered once"));
            }
            Event::Up(_) => assert!(!std::mem::replace(&mut self.is_up, true), "up twice"),
            Event::Down { why } => {
                // The first may come before anything was up: that nobody is there.
                let (was_up, was_told) = (std::mem::take(&mut self.is_up), std::mem::replace(&mut self.was_down, true));
                assert!(was_up || !was_told, "down twice");
                assert!(!why.contains("hunter2"), "{why}");
                self.is_resyncing = false;
            }
            Event::ResyncBegin => {
                assert!(self.is_up && !std::mem::replace(&mut self.is_resyncing, true));
            }
            Event::ResyncEnd => {
                assert!(std::mem::take(&mut self.is_resyncing));
                self.told = true;
            }
            _ => assert!(self.is_up, "told while the platform is away: {event:?}"),
        }
    }
}
