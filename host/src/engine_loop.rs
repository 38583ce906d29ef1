//! The one task that owns the engine: a batch of happenings in, their effects out, sockets written once at the end.
//!
//! Nothing here waits for a peer, a disk or a lock. What takes time is asked for and answered as another happening.

use std::collections::VecDeque;
use std::time::Duration;

use interaction_core::cti::Event;
use interaction_core::engine::Misuse;
use interaction_core::ids::SocketId;
use interaction_core::input::{Access, Carrier, Closed, Frame, FreshKey, Input, Recipient, SecretKind, SecretSpan};
use interaction_core::journal::Ended;
use interaction_core::output::CloseCode;
use interaction_core::time::Time;
use tokio::sync::{mpsc, watch};
use tracing::{error, info, warn};

use crate::clock::Clock;
use crate::effects::Effects;
use crate::exchange::Kind;
use crate::happening::{Addressee, Happening, Received, ResumeKey};
use crate::machine::Machine;
use crate::metrics::Turns;
use crate::plugins::Build;
use crate::recording::Recorder;
use crate::socket::Told;
use crate::tokens::Tokens;

mod observe;

/// Happenings of one turn: enough that writes are joined under load, few enough that a turn stays short.
const BATCH_MAX: usize = 256;
/// The loop turns at least this often, so that a stall is seen as one.
const IDLE: Duration = Duration::from_millis(500);
/// Not turning for so much longer than that is a stall: the machine slept, or the process was stopped.
const STALL: Duration = Duration::from_secs(1);
/// After a stall clients' silence is judged only once what they sent meanwhile can have been read.
const READ_FIRST: Duration = Duration::from_millis(200);
/// Each call in progress has deadlines of its own, of which no client sees the moment: those that lie close to each other wake the
/// loop once.
const TICKS_APART: Duration = Duration::from_millis(100);
/// The WebSocket close code of a server that is full.
const TRY_AGAIN: u16 = 1013;
/// How long sockets may take to close after a shutdown's grace time.
const SHUT_DOWN_WITHIN: Duration = Duration::from_secs(3);

/// The task.
pub(crate) struct EngineLoop {
    engine: Box<dyn Machine>,
    effects: Effects,
    clock: Clock,
    happenings: mpsc::Receiver<Happening>,
    /// Inputs the loop itself has for the engine: what came of its effects.
    own: VecDeque<Input<'static>>,
    in_service: watch::Sender<bool>,
    entry: Entry,
    /// What is fed and what comes of it goes here, too.
    recorder: Option<Recorder>,
    counts: Counts,
    /// When the last turn began.
    turned: Time,
    /// Ticks wait until then.
    tick_from: Time,
    shutdown: Option<Time>,
}

/// Who may come in.
#[derive(Debug)]
pub(crate) struct Entry {
    /// What the listener gives to everybody.
    pub(crate) access: Access,
    /// The tokens there are.
    pub(crate) tokens: Tokens,
}

/// What the loop counts.
#[derive(Debug, Default)]
struct Counts {
    sockets_opened: u64,
    slow: u64,
    secrets_expired: u64,
    misuses: u64,
    stalls: u64,
    cti_up: bool,
    cti_in_service: bool,
    turns: Turns,
    engines_replaced: u64,
    engines_refused: u64,
}

impl EngineLoop {
    /// A loop around an engine. `in_service` turns true with the platform's first full resynchronisation.
    pub(crate) fn new(
        engine: Box<dyn Machine>,
        effects: Effects,
        clock: Clock,
        happenings: mpsc::Receiver<Happening>,
        in_service: watch::Sender<bool>,
        entry: Entry,
        recorder: Option<Recorder>,
    ) -> Self {
        let now = clock.now();
        Self {
            engine,
            effects,
            clock,
            happenings,
            own: VecDeque::new(),
            in_service,
            entry,
            recorder,
            counts: Counts::default(),
            turned: now,
            tick_from: now,
            shutdown: None,
        }
    }

    /// Runs until a shutdown is done. A panic of the engine ends it: there is no journal to recover from, so the process
    /// ends with it.
    pub(crate) async fn run(mut self) {
        let mut batch = Vec::with_capacity(BATCH_MAX);
        while !self.is_over() {
            let wait = self.wait();
            if !wait.is_zero() {
                tokio::select! {
                    biased;
                    _ = self.happenings.recv_many(&mut batch, BATCH_MAX) => {}
                    () = tokio::time::sleep(wait) => {}
                }
            } else if let Ok(happening) = self.happenings.try_recv() {
                batch.push(happening);
                while batch.len() < BATCH_MAX
                    && let Ok(happening) = self.happenings.try_recv()
                {
                    batch.push(happening);
                }
            }
            self.turn(&mut batch);
            // Under load the loop would never wait: others on this thread get their turn too. At rest it waits by itself, and
            // to ask the system first whether others have something to do would be a third of a turn's cost.
            if !self.happenings.is_empty() {
                tokio::task::yield_now().await;
            }
        }
        if let Some(recorder) = &mut self.recorder {
            recorder.end(Ended::ShutDown);
        }
        info!("the engine's loop ended");
    }

    /// One turn.
    fn turn(&mut self, batch: &mut Vec<Happening>) {
        let began = self.clock.now();
        self.notice_stall(began);
        self.turned = began;
        for happening in batch.drain(..) {
            self.take(began, happening);
        }
        if began >= self.tick_from && self.engine.poll_timeout().is_some_and(|at| at <= began) {
            self.tell(began, Input::Tick);
            self.tick_from = began + TICKS_APART;
        }
        self.expire_secrets(began);
        self.close_after_grace(began);
        self.flush();
        // What is told after a flush can cause more to write: that is little, and the next turn's.
        self.follow(began);
        self.flush();
        if let Some(recorder) = &mut self.recorder {
            recorder.hand_over();
        }
        self.counts.turns.count(u64::try_from(self.clock.now().since(began).as_micros()).unwrap_or(u64::MAX));
    }

    fn flush(&mut self) {
        self.effects.peers.flush();
        self.effects.exchanges.flush();
    }

    fn take(&mut self, now: Time, happening: Happening) {
        match happening {
            Happening::Opened { socket, line, peer, key } => {
                self.counts.sockets_opened += 1;
                self.effects.peers.open(socket, line);
                let key = self.keep_key(now, key);
                let (peer, access) = (peer.into_string().into(), self.entry.access);
                if self.apply(now, Input::SocketOpened { socket, peer, access, key }) == Err(Misuse::TooManySockets) {
                    self.effects.secrets.forget(key.secret);
                    self.effects.peers.close(socket, TRY_AGAIN, "too many sockets: try again later");
                }
            }
            Happening::Received { socket, what } => self.received(now, socket, what),
            Happening::Posted { socket, peer, to, what, reply } => {
                self.effects.exchanges.open(socket, Kind::Post, reply);
                let to = match to {
                    Addressee::Fresh(key) => Recipient::Fresh(self.keep_key(now, key)),
                    Addressee::Link(key) => Recipient::Link(key),
                };
                let frame = self.frame(now, what);
                let (peer, access) = (peer.into_string().into(), self.entry.access);
                self.tell(now, Input::Posted { socket, peer, access, to, frame });
            }
            Happening::Attached { socket, key, after, carrier, reply } => {
                let kind = match carrier {
                    Carrier::Poll { .. } => Kind::Poll,
                    Carrier::Stream => Kind::Stream,
                };
                self.effects.exchanges.open(socket, kind, reply);
                self.tell(now, Input::Attached { socket, key, after, carrier });
            }
            Happening::Tokens(tokens) => {
                let changes = self.entry.tokens.changes(now, &tokens);
                self.entry.tokens = tokens;
                for (token, claims) in changes {
                    self.tell(now, Input::TokenChanged { token, claims });
                }
            }
            Happening::Pinged { socket, payload } => {
                self.effects.peers.pong(socket, &payload);
                self.alive(now, socket);
            }
            Happening::Alive { socket } => self.alive(now, socket),
            Happening::ClientCloses { socket } => self.closed(now, socket, CloseCode::Normal.code(), Closed::Gone),
            Happening::Broke { socket } => self.closed(now, socket, 1002, Closed::Protocol),
            Happening::Writable { socket } => self.effects.peers.writable(socket),
            Happening::Left { socket, why } => {
                if self.effects.peers.left(socket) || self.effects.exchanges.left(socket) {
                    self.tell(now, Input::SocketClosed { socket, why });
                }
            }
            Happening::Cti(events) => {
                for event in events {
                    self.platform_told(now, event);
                }
            }
            Happening::Loaded { query, answer } => self.tell(now, Input::Loaded { query, answer }),
            // Whoever asked may have given up.
            Happening::Observe(answer) => drop(answer.send(self.observe())),
            Happening::Replace { build, answer } => drop(answer.send(self.replace(build))),
            Happening::ShutDown { grace_ms } => {
                if self.shutdown.is_none() {
                    self.shutdown = Some(now + Duration::from_millis(u64::from(grace_ms)));
                    self.tell(now, Input::ShutDown { grace_ms });
                }
            }
        }
    }

    fn platform_told(&mut self, now: Time, event: Event) {
        match &event {
            Event::Up(_) => self.counts.cti_up = true,
            Event::Down { .. } => (self.counts.cti_up, self.counts.cti_in_service) = (false, false),
            Event::ResyncBegin => self.counts.cti_in_service = false,
            Event::ResyncEnd => {
                self.counts.cti_in_service = true;
                self.in_service.send_replace(true);
            }
            _ => {}
        }
        self.tell(now, Input::Cti(event));
    }

    /// Hands the engine's state to another build; where that does not take it, the engine goes on. Sockets and links know
    /// nothing of it.
    fn replace(&mut self, build: Result<Box<Build>, String>) -> Result<Duration, String> {
        let began = self.clock.now();
        let restored = build.and_then(|build| {
            let snapshot = self.engine.snapshot();
            build.restore(&snapshot).map_err(|failure| format!("it does not take the engine's state: {failure}"))
        });
        match restored {
            Ok(engine) => {
                self.engine = Box::new(engine);
                self.counts.engines_replaced += 1;
                Ok(self.clock.now().since(began))
            }
            Err(what) => {
                self.counts.engines_refused += 1;
                Err(what)
            }
        }
    }

    fn received(&mut self, now: Time, socket: SocketId, what: Received) {
        // What a socket sent before it learned that it is being closed.
        if !self.effects.peers.is_known(socket) {
            return;
        }
        let frame = self.frame(now, what);
        self.tell(now, Input::Frame { socket, frame });
    }

    /// What enters of a message: its secrets are kept here, its token is verified.
    fn frame(&mut self, now: Time, what: Received) -> Frame<'static> {
        match what {
            Received::Text { text, secrets } => {
                let token = secrets.iter().find(|taken| taken.kind == SecretKind::Token && taken.is_top);
                let claims = token.map(|token| self.entry.tokens.claims_of(now, &token.value));
                let spans: Vec<SecretSpan> = secrets.into_iter().map(|taken| self.effects.keep(now, taken)).collect();
                Frame::Text { text: text.into(), secrets: spans.into(), claims }
            }
            Received::Malformed { kind, bytes } => Frame::Malformed { kind, bytes },
            Received::TooLarge { bytes } => Frame::TooLarge { bytes },
        }
    }

    fn keep_key(&mut self, now: Time, key: ResumeKey) -> FreshKey {
        FreshKey { secret: self.effects.secrets.keep(now, key.json), hash: key.hash }
    }

    fn alive(&mut self, now: Time, socket: SocketId) {
        if self.effects.peers.is_known(socket) {
            self.tell(now, Input::Alive { socket });
        }
    }

    /// The client ends its socket, or has to be ended.
    fn closed(&mut self, now: Time, socket: SocketId, code: u16, why: Closed) {
        let reason = if why == Closed::Protocol { "not the WebSocket protocol" } else { "" };
        if self.effects.peers.close(socket, code, reason) {
            self.tell(now, Input::SocketClosed { socket, why });
        }
    }

    /// Feeds an input that the engine takes whatever it says.
    fn tell(&mut self, now: Time, input: Input<'_>) {
        // What it refuses is counted and logged: nobody else could do anything about it.
        let _ = self.apply(now, input);
    }

    /// Feeds one input and performs what comes of it, and then what comes of that. Says what the engine said of the first.
    fn apply(&mut self, now: Time, input: Input<'_>) -> Result<(), Misuse> {
        let result = self.feed(now, input);
        self.follow(now);
        result
    }

    /// Feeds what came of effects.
    fn follow(&mut self, now: Time) {
        loop {
            let input = match self.own.pop_front() {
                Some(input) => input,
                None => match self.effects.poll_told() {
                    Some(told) => match self.told(told) {
                        Some(input) => input,
                        None => continue,
                    },
                    None => return,
                },
            };
            // What the engine refuses is counted where it is fed.
            let _ = self.feed(now, input);
        }
    }

    /// What the engine hears of what waits for a socket: nothing of one it has forgotten.
    fn told(&mut self, told: Told) -> Option<Input<'static>> {
        match told {
            Told::Backlog(socket, bytes) => self.effects.is_known(socket).then_some(Input::Backlog { socket, bytes }),
            Told::Slow(socket) => {
                self.counts.slow += 1;
                let known = self.effects.peers.forgotten(socket);
                // A stream that is cut is forgotten with that.
                let known = known || self.effects.exchanges.has(socket);
                known.then_some(Input::SocketClosed { socket, why: Closed::Slow })
            }
        }
    }

    fn feed(&mut self, now: Time, input: Input<'_>) -> Result<(), Misuse> {
        if let Some(recorder) = &mut self.recorder {
            recorder.input(now, &input);
        }
        let result = self.engine.handle_input(now, input);
        if let Err(misuse) = result
            && misuse != Misuse::TooManySockets
        {
            // Whatever a client sends is taken: this is a fault of the loop.
            self.counts.misuses += 1;
            error!("the engine refused an input: {misuse}");
        }
        while let Some(output) = self.engine.poll_output() {
            if let Some(recorder) = &mut self.recorder {
                recorder.output(&output);
            }
            if let Some(input) = self.effects.perform(output) {
                self.own.push_back(input);
            }
        }
        if let Some(recorder) = &mut self.recorder {
            recorder.said(result);
        }
        result
    }

    /// How long to wait for happenings.
    fn wait(&self) -> Duration {
        let mut wait = IDLE;
        if let Some(at) = self.engine.poll_timeout() {
            wait = wait.min(self.clock.until(at.max(self.tick_from)));
        }
        if let Some(at) = self.shutdown {
            wait = wait.min(self.clock.until(at).max(Duration::from_millis(10)));
        }
        wait
    }

    fn notice_stall(&mut self, now: Time) {
        let gap = now.since(self.turned);
        if gap > IDLE + STALL {
            self.counts.stalls += 1;
            warn!("nothing was read for {} ms", gap.as_millis());
            self.tell(now, Input::Stalled { for_us: u64::try_from(gap.as_micros()).unwrap_or(u64::MAX) });
            self.tick_from = now + READ_FIRST;
        }
    }

    fn expire_secrets(&mut self, now: Time) {
        let expired = self.effects.secrets.expire(now);
        if expired > 0 {
            self.counts.secrets_expired += expired as u64;
            error!("{expired} secrets were not let go in time");
        }
    }

    fn close_after_grace(&mut self, now: Time) {
        if self.shutdown.is_none_or(|at| now < at) {
            return;
        }
        for socket in self.effects.peers.all_known() {
            self.closed(now, socket, CloseCode::Restart.code(), Closed::Gone);
        }
        for socket in self.effects.exchanges.all_known() {
            self.effects.exchanges.close(socket, CloseCode::Restart.code(), CloseCode::Restart.reason());
            self.tell(now, Input::SocketClosed { socket, why: Closed::Gone });
        }
    }

    /// Whether a shutdown is done, or has taken long enough.
    fn is_over(&self) -> bool {
        self.shutdown.is_some_and(|at| self.effects.are_over() || self.clock.now() >= at + SHUT_DOWN_WITHIN)
    }
}
