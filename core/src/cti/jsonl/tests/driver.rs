//! An adapter with its outputs sorted, and a clock that moves when told.

use std::time::Duration;

use serde_json::Value;

use crate::cti::jsonl::{Config, JsonLines};
use crate::cti::{Adapter, AdapterInput, AdapterOutput, Answer, Command, ConnectionId, Event, Outcome, RequestNo};
use crate::time::Time;

pub(super) const START: Time = Time::from_millis(1_790_000_000_000);
pub(super) const HELLO: &str =
    r#"{"event":"hello","protocol":1,"vendor":"Acme","version":"7.1","offers":["telephony"]}"#;

pub(super) struct Driver {
    pub(super) adapter: JsonLines,
    pub(super) now: Time,
    pub(super) events: Vec<Event>,
    pub(super) sent: Vec<(ConnectionId, Value)>,
    pub(super) connects: Vec<(ConnectionId, usize)>,
    pub(super) closed: Vec<ConnectionId>,
}

impl Driver {
    pub(super) fn new(config: Config) -> Self {
        let adapter = JsonLines::new(config);
        let (events, sent, connects, closed) = (vec![], vec![], vec![], vec![]);
        let mut driver = Self { adapter, now: START, events, sent, connects, closed };
        driver.feed(AdapterInput::Tick);
        driver
    }

    /// One that listens and has accepted connection 1.
    pub(super) fn accepted() -> Self {
        let mut driver = Self::new(Config::default());
        driver.feed(AdapterInput::Connected { connection: ConnectionId(1) });
        driver
    }

    /// One in service.
    pub(super) fn live() -> Self {
        let mut driver = Self::accepted();
        driver.resync();
        driver.events.clear();
        driver
    }

    pub(super) fn resync(&mut self) {
        self.say(HELLO);
        self.say(r#"{"event":"resyncBegin"}"#);
        self.say(r#"{"event":"resyncEnd"}"#);
    }

    pub(super) fn feed(&mut self, input: AdapterInput<'_>) {
        self.adapter.handle_input(self.now, input);
        while let Some(output) = self.adapter.poll_output() {
            match output {
                AdapterOutput::Event(event) => self.events.push(event),
                AdapterOutput::Connect { connection, address } => self.connects.push((connection, address)),
                AdapterOutput::Disconnect { connection } => self.closed.push(connection),
                AdapterOutput::Send { connection, bytes } => {
                    let text = String::from_utf8(bytes).expect("lines are UTF-8");
                    assert!(text.ends_with('\n') && text.matches('\n').count() == 1, "one line: {text:?}");
                    self.sent.push((connection, serde_json::from_str(&text).expect("lines are JSON")));
                }
            }
        }
        let due = self.adapter.poll_timeout();
        assert!(due.is_none_or(|due| due > self.now), "a deadline that is over was not acted upon: {due:?}");
    }

    pub(super) fn say(&mut self, line: &str) {
        self.say_on(1, format!("{line}\n").as_bytes());
    }

    pub(super) fn say_on(&mut self, connection: u32, bytes: &[u8]) {
        self.feed(AdapterInput::Received { connection: ConnectionId(connection), bytes });
    }

    pub(super) fn ask(&mut self, request: u64, command: Command, secret: Option<&str>) {
        self.feed(AdapterInput::Command { request: RequestNo(request), command, secret });
    }

    /// Time passes, ticking whenever the adapter wants it.
    pub(super) fn pass(&mut self, ms: u64) {
        let until = self.now + Duration::from_millis(ms);
        while let Some(due) = self.adapter.poll_timeout().filter(|due| *due <= until) {
            self.now = due;
            self.feed(AdapterInput::Tick);
        }
        self.now = until;
        self.feed(AdapterInput::Tick);
    }

    pub(super) fn lose(&mut self, connection: u32, why: &str) {
        self.feed(AdapterInput::Disconnected { connection: ConnectionId(connection), why });
    }

    /// The last error told: its line, property and message.
    #[track_caller]
    pub(super) fn error(&mut self) -> (u64, String, String) {
        let (_, value) = self.sent.pop().expect("something was sent");
        let error = value.get("error").unwrap_or_else(|| panic!("{value} is no error"));
        let text = |key| error.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
        (error["line"].as_u64().expect("a line number"), text("property"), text("message"))
    }

    pub(super) fn answers(&mut self) -> Vec<(u64, Outcome)> {
        let answers = self.events.iter().filter_map(|event| match event {
            Event::Answer(Answer { request, outcome }) => Some((request.0, outcome.clone())),
            _ => None,
        });
        let answers = answers.collect();
        self.events.retain(|event| !matches!(event, Event::Answer(_)));
        answers
    }
}
