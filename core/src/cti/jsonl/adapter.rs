//! The adapter: connections made or accepted, lines read, commands sent and answered.

use std::collections::VecDeque;
use std::fmt;
use std::mem;
use std::time::Duration;

use super::attached::{Attached, Phase};
use super::command::CommandLine;
use super::error::{LineError, ReplyLine};
use super::line::{PlatformLine, Unread};
use super::lines::Cut;
use super::open::{Fit, Open};
use super::retry::Retry;
use super::{Config, Counters};
use crate::cti::{
    Adapter, AdapterCount, AdapterInput, AdapterOutput, Answer, Command, ConnectionId, Event, Outcome, Refusal,
    RefusalKind, RequestNo,
};
use crate::time::Time;

/// A platform that speaks JSON lines.
///
/// With [`Config::addresses`] it asks for connections itself, one at a time. With none it takes the first connection the
/// driver accepts and tells; a second one, while the first stands, is told why and closed.
pub struct JsonLines {
    config: Config,
    now: Time,
    outbox: VecDeque<AdapterOutput>,
    link: Link,
    retry: Retry,
    open: Open,
    told: Told,
    last_connection: u32,
    counters: Counters,
}

/// Where the connection is.
#[derive(Debug)]
enum Link {
    /// Nothing was ever fed.
    Unborn,
    /// The driver listens.
    Listening,
    /// The next attempt waits.
    Waiting { until: Time },
    /// A connection is asked for.
    Connecting { connection: ConnectionId, until: Time },
    /// A connection stands.
    Attached(Box<Attached>),
}

/// What the engine was last told of the platform.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Told {
    Nothing,
    Up,
    Down,
}

impl fmt::Debug for JsonLines {
    /// Leaves out what waits to be sent: there may be a password in it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JsonLines")
            .field("config", &self.config)
            .field("link", &self.link)
            .field("open", &self.open)
            .field("counters", &self.counters)
            .finish_non_exhaustive()
    }
}

impl JsonLines {
    /// An adapter that begins with its first input.
    pub fn new(config: Config) -> Self {
        Self {
            now: Time::ZERO,
            outbox: VecDeque::new(),
            link: Link::Unborn,
            retry: Retry::new(&config),
            open: Open::default(),
            told: Told::Nothing,
            last_connection: 0,
            counters: Counters::default(),
            config,
        }
    }

    /// What was counted so far.
    pub const fn counters(&self) -> Counters {
        self.counters
    }

    fn begin(&mut self) {
        if self.config.addresses == 0 {
            self.link = Link::Listening;
        } else {
            self.connect();
        }
    }

    fn connect(&mut self) {
        self.last_connection = self.last_connection.wrapping_add(1);
        let connection = ConnectionId(self.last_connection);
        self.link = Link::Connecting { connection, until: self.in_ms(self.config.connect_ms) };
        self.outbox.push_back(AdapterOutput::Connect { connection, address: self.retry.address() });
    }

    fn connected(&mut self, connection: ConnectionId) {
        match &self.link {
            Link::Connecting { connection: asked, .. } if *asked == connection => self.attach(connection),
            Link::Listening => self.attach(connection),
            Link::Attached(attached) if attached.connection == connection => {}
            Link::Attached(_) => self.turn_away(connection, "another platform is connected: it leaves first"),
            Link::Unborn | Link::Waiting { .. } | Link::Connecting { .. } => {
                self.turn_away(connection, "this processor connects to its platform itself");
            }
        }
    }

    fn attach(&mut self, connection: ConnectionId) {
        self.link = Link::Attached(Box::new(Attached::new(&self.config, connection, self.now)));
    }

    fn turn_away(&mut self, connection: ConnectionId, why: &str) {
        let bytes = ReplyLine::Error(LineError::of_line(why)).to_bytes();
        self.outbox.push_back(AdapterOutput::Send { connection, bytes });
        self.outbox.push_back(AdapterOutput::Disconnect { connection });
    }

    fn disconnected(&mut self, connection: ConnectionId, why: &str) {
        let ours = match &self.link {
            Link::Connecting { connection: asked, .. } => *asked == connection,
            Link::Attached(attached) => attached.connection == connection,
            Link::Unborn | Link::Listening | Link::Waiting { .. } => false,
        };
        if ours {
            self.lost(why);
        }
    }

    /// Ends the connection that stands, and says why.
    fn drop_platform(&mut self, why: &str) {
        if let Link::Attached(attached) = &self.link {
            let (connection, line) = (attached.connection, attached.line);
            let error = LineError { line, ..LineError::of_line(format!("{why}; the connection is closed")) };
            self.outbox.push_back(AdapterOutput::Send { connection, bytes: ReplyLine::Error(error).to_bytes() });
            self.outbox.push_back(AdapterOutput::Disconnect { connection });
            self.lost(why);
        }
    }

    /// The connection is gone, or could not be made.
    fn lost(&mut self, why: &str) {
        let was_steady = match &self.link {
            Link::Attached(attached) => {
                let steady = Duration::from_millis(self.config.steady_ms.into());
                attached.live_since.is_some_and(|since| self.now.since(since) >= steady)
            }
            Link::Unborn | Link::Listening | Link::Waiting { .. } | Link::Connecting { .. } => false,
        };
        if self.told == Told::Up {
            self.down(why);
        }
        if self.config.addresses == 0 {
            self.link = Link::Listening;
            return;
        }
        let wait = self.retry.failed(was_steady);
        if wait.is_zero() {
            self.connect();
            return;
        }
        // Every address failed: that is told once, the tries go on.
        if self.told == Told::Nothing {
            self.down(why);
        }
        self.link = Link::Waiting { until: self.now + wait };
    }

    /// The platform is away: nothing it was asked will be answered.
    fn down(&mut self, why: &str) {
        for request in self.open.take() {
            self.refuse(request, RefusalKind::Unavailable, "the connection to the telephony platform was lost");
        }
        self.told = Told::Down;
        self.emit(Event::Down { why: why.into() });
    }

    fn received(&mut self, connection: ConnectionId, bytes: &[u8]) {
        let mut rest = bytes;
        while let Link::Attached(attached) = &mut self.link
            && attached.connection == connection
        {
            attached.heard = self.now;
            let Some(cut) = attached.lines.take(&mut rest, self.config.line_bytes_max) else { break };
            attached.line += 1;
            self.line(&cut);
        }
        let now = self.now;
        if let Link::Attached(attached) = &mut self.link
            && attached.connection == connection
            && mem::take(&mut attached.pong_owed)
        {
            let bytes = ReplyLine::Pong { time: now.as_millis() }.to_bytes();
            self.outbox.push_back(AdapterOutput::Send { connection, bytes });
        }
    }

    fn line(&mut self, cut: &Cut) {
        let bytes = match cut {
            Cut::Whole(bytes) => bytes.trim_ascii(),
            Cut::TooLong => {
                self.counters.lines += 1;
                let max = self.config.line_bytes_max;
                self.bad(LineError::of_line(format!(
                    "is longer than {max} bytes and was ignored: tell the rest of a large team by `teamChanged`"
                )));
                return;
            }
        };
        if bytes.is_empty() {
            return;
        }
        self.counters.lines += 1;
        let Ok(text) = std::str::from_utf8(bytes) else {
            self.bad(LineError::of_line("is not UTF-8: write JSON in UTF-8"));
            return;
        };
        match PlatformLine::read(text) {
            Ok(line) => self.said(line),
            Err(Unread::Wrong(error)) => self.bad(error),
            Err(Unread::Unknown(error)) => {
                self.counters.unknown_events += 1;
                self.bad(error);
            }
        }
    }

    /// The present line is wrong. A connection that does not begin with `hello` ends: whoever made it, a web page perhaps,
    /// speaks something else.
    fn bad(&mut self, error: LineError) {
        self.counters.bad_lines += 1;
        let Link::Attached(attached) = &mut self.link else { return };
        let connection = attached.connection;
        let strange = matches!(attached.phase, Phase::Strange { .. });
        if let Some(bytes) = attached.error_line(&self.config, self.now, error) {
            self.outbox.push_back(AdapterOutput::Send { connection, bytes });
        }
        if strange {
            self.drop_platform("the platform did not begin with `hello`");
        }
    }

    fn said(&mut self, line: PlatformLine) {
        let Link::Attached(attached) = &mut self.link else { return };
        if let Err(what) = attached.admits(&line) {
            let error = LineError::of_line(format!("`{}` {what}", line.word()));
            self.bad(error);
            return;
        }
        match line.into_event() {
            Err(error) => self.bad(error),
            Ok(None) => attached.pong_owed = true,
            Ok(Some(Event::Answer(answer))) => self.answered(answer),
            Ok(Some(Event::Down { why })) => {
                attached.phase = Phase::Away;
                let why = if why.is_empty() { "the platform says that it is out of service" } else { &*why };
                self.down(why);
            }
            Ok(Some(event)) => {
                let until = self.now + Duration::from_millis(self.config.resync_ms.into());
                match &event {
                    Event::Up(_) => {
                        attached.phase = Phase::Known { until };
                        self.told = Told::Up;
                    }
                    Event::ResyncBegin => attached.phase = Phase::Resyncing { until },
                    Event::ResyncEnd => {
                        attached.phase = Phase::Live;
                        attached.live_since.get_or_insert(self.now);
                    }
                    Event::Down { .. }
                    | Event::Answer(_)
                    | Event::Agent(_)
                    | Event::AgentRemoved { .. }
                    | Event::Team(_)
                    | Event::TeamRemoved { .. }
                    | Event::TeamChanged { .. }
                    | Event::Queue(_)
                    | Event::QueueRemoved { .. }
                    | Event::Serves(_)
                    | Event::AgentStatus(_)
                    | Event::Call(_) => {}
                }
                self.emit(event);
            }
        }
    }

    fn answered(&mut self, answer: Answer) {
        match self.open.close(answer.request, &answer.outcome) {
            Fit::Closes => self.emit(Event::Answer(answer)),
            Fit::Stray => self.counters.stray_answers += 1,
            Fit::Wrong(instead) => {
                let message = format!("does not fit command {}: answer it with {instead}", answer.request.0);
                self.bad(LineError::of("result", message));
            }
        }
    }

    fn ask(&mut self, request: RequestNo, command: &Command, secret: Option<&str>) {
        let up = match &self.link {
            Link::Attached(attached) if attached.is_up() => Some(attached.connection),
            Link::Attached(_) | Link::Unborn | Link::Listening | Link::Waiting { .. } | Link::Connecting { .. } => None,
        };
        // INVARIANT: a number that is open gets the one answer of the command that bears it.
        if self.open.is_open(request) {
            return;
        }
        let Some(connection) = up else {
            self.refuse(request, RefusalKind::Unavailable, "the telephony platform is not connected");
            return;
        };
        if self.open.len() >= self.config.commands_max {
            self.refuse(request, RefusalKind::Unavailable, "too many commands wait for the telephony platform");
            return;
        }
        self.open.add(self.now, &self.config, request, command);
        let bytes = CommandLine::new(request, command, secret).to_bytes();
        self.outbox.push_back(AdapterOutput::Send { connection, bytes });
    }

    /// What the time has come for.
    fn due(&mut self) {
        while let Some(request) = self.open.overdue(self.now) {
            self.counters.commands_overdue += 1;
            self.refuse(request, RefusalKind::Unavailable, "the telephony platform did not answer in time");
        }
        match &self.link {
            Link::Waiting { until } if *until <= self.now => self.connect(),
            Link::Connecting { connection, until } if *until <= self.now => {
                let connection = *connection;
                self.outbox.push_back(AdapterOutput::Disconnect { connection });
                self.lost("the platform did not accept a connection in time");
            }
            Link::Attached(attached) => {
                if let Some(why) = attached.overdue(&self.config, self.now) {
                    self.drop_platform(why);
                }
            }
            Link::Unborn | Link::Listening | Link::Waiting { .. } | Link::Connecting { .. } => {}
        }
    }

    fn emit(&mut self, event: Event) {
        self.outbox.push_back(AdapterOutput::Event(event));
    }

    fn refuse(&mut self, request: RequestNo, kind: RefusalKind, text: &str) {
        let outcome = Outcome::Refused(Refusal { kind, text: text.into() });
        self.emit(Event::Answer(Answer { request, outcome }));
    }

    fn in_ms(&self, ms: u32) -> Time {
        self.now + Duration::from_millis(ms.into())
    }
}

impl Adapter for JsonLines {
    fn handle_input(&mut self, now: Time, input: AdapterInput<'_>) {
        self.now = self.now.max(now);
        if matches!(self.link, Link::Unborn) {
            self.begin();
        }
        match input {
            AdapterInput::Tick => {}
            AdapterInput::Command { request, command, secret } => self.ask(request, &command, secret),
            AdapterInput::Connected { connection } => self.connected(connection),
            AdapterInput::Received { connection, bytes } => self.received(connection, bytes),
            AdapterInput::Disconnected { connection, why } => self.disconnected(connection, why),
        }
        self.due();
    }

    fn poll_output(&mut self) -> Option<AdapterOutput> {
        self.outbox.pop_front()
    }

    fn poll_timeout(&self) -> Option<Time> {
        let link = match &self.link {
            Link::Unborn => Some(self.now),
            Link::Listening => None,
            Link::Waiting { until } | Link::Connecting { until, .. } => Some(*until),
            Link::Attached(attached) => attached.deadline(&self.config),
        };
        link.into_iter().chain(self.open.deadline()).min()
    }

    fn counts(&self) -> Vec<AdapterCount> {
        let Counters { lines, bad_lines, unknown_events, stray_answers, commands_overdue } = self.counters;
        vec![
            AdapterCount::counter("lines", "Lines the platform sent", lines),
            AdapterCount::counter("bad_lines", "Lines that were wrong, those of unknown events included", bad_lines),
            AdapterCount::counter("unknown_events", "Lines whose event is not known", unknown_events),
            AdapterCount::counter("stray_answers", "Answers nobody waited for", stray_answers),
            AdapterCount::counter("commands_late", "Commands the platform did not answer in time", commands_overdue),
        ]
    }
}
