//! Agent sessions as a driver meets them: what a command costs, what a storm of sign-ins costs, what sessions with calls weigh.
//!
//! `cargo bench -p interaction-core --bench session`
#![allow(
    clippy::disallowed_macros,
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "a benchmark reads the clock and prints; the engine does neither"
)]

use std::alloc::{GlobalAlloc, Layout, System};
use std::borrow::Cow;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use interaction_core::config::{Config, Seed};
use interaction_core::cti::{
    AgentRecord, AgentState, AgentStatus, Answer, CallEvent, CallKind, Command, Device, DeviceKind, Event, Media,
    Offers, Outcome, PartyRole, Platform, RequestNo,
};
use interaction_core::engine::Engine;
use interaction_core::ids::{AgentId, SecretRef, SocketId};
use interaction_core::input::{Access, Frame, FreshKey, Input, KeyHash, Scopes};
use interaction_core::output::Output;
use interaction_core::time::Time;
use interaction_core::wire::intake::intake;

/// Sessions with calls in one engine, and agents who sign in at once.
const SESSIONS: u64 = 10_000;
const STORM: u64 = 5_000;
/// Calls that are held and retrieved in turn: none of them gets more steps than a real one.
const HELD: u64 = 1_000;

struct Counting;

static LIVE_BYTES: AtomicUsize = AtomicUsize::new(0);

/// One thread counts: without a locked instruction, which would cost as much as half an allocation.
fn count(change: impl FnOnce(usize) -> usize) {
    LIVE_BYTES.store(change(LIVE_BYTES.load(Ordering::Relaxed)), Ordering::Relaxed);
}

#[allow(unsafe_code)] // the one way to count memory; this is a benchmark, not the library
// SAFETY: every call is handed to the system's allocator unchanged.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(|bytes| bytes.wrapping_add(layout.size()));
        // SAFETY: as promised by the caller.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        count(|bytes| bytes.wrapping_sub(layout.size()));
        // SAFETY: as promised by the caller.
        unsafe { System.dealloc(pointer, layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        count(|bytes| bytes.wrapping_add(size).wrapping_sub(layout.size()));
        // SAFETY: as promised by the caller.
        unsafe { System.realloc(pointer, layout, size) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// An engine, and a platform that says yes.
struct Driven {
    engine: Engine,
    now: u64,
    secrets: u64,
    /// What the last input wants of the platform.
    asked: Vec<(RequestNo, Command)>,
    /// The last message to a client, and its socket.
    last: Vec<u8>,
    last_socket: u64,
    failures: u64,
    /// Whether failures are counted.
    is_storm: bool,
    /// The paths of conversations, in the order of their creation, while they are looked for.
    conversations: Vec<String>,
    looks_for_conversations: bool,
}

impl Driven {
    fn new(agents: u64) -> Self {
        let now = 1_790_000_000_000_000;
        let mut config = Config::default();
        config.limits.requests_per_second = u32::MAX / 16;
        let engine = Engine::new(config, Seed(1), Time::from_micros(now));
        let mut driven = Self {
            engine,
            now,
            secrets: 0,
            asked: Vec::new(),
            last: Vec::new(),
            last_socket: 0,
            failures: 0,
            is_storm: true,
            conversations: Vec::new(),
            looks_for_conversations: false,
        };
        let offers = Offers { telephony: true, consult: true, dtmf: true, ..Offers::default() };
        driven.feed(Input::Cti(Event::Up(Platform {
            vendor: "bench".into(),
            version: "1".into(),
            offers,
            reports: None,
            not_ready_reasons: Vec::new(),
            logout_reasons: Vec::new(),
            wrap_up_codes: Vec::new(),
        })));
        driven.feed(Input::Cti(Event::ResyncBegin));
        for number in 0..agents {
            let (id, name) = (agent(number), format!("Agent Number {number}").into());
            driven.feed(Input::Cti(Event::Agent(AgentRecord { id, name, extension: Some(extension(number)) })));
        }
        driven.feed(Input::Cti(Event::ResyncEnd));
        driven
    }

    fn feed(&mut self, input: Input<'_>) {
        self.now += 1;
        self.engine.handle_input(Time::from_micros(self.now), input).expect("the driver keeps the rules");
        while let Some(output) = self.engine.poll_output() {
            match output {
                Output::Send { socket, head, tail, .. } => {
                    self.last_socket = socket.0;
                    if self.is_storm {
                        self.failures += u64::from(contains(tail, b"\"result\":\"failure\""));
                    }
                    if self.looks_for_conversations && contains(tail, b"conversation.initialized") {
                        self.conversations.push(between(tail, "\"target\":\""));
                    }
                    self.last.clear();
                    self.last.extend_from_slice(head);
                    self.last.extend_from_slice(tail);
                }
                Output::Cti { request, command, .. } => self.asked.push((request, command.clone())),
                _ => {}
            }
        }
    }

    /// The platform does what it was asked.
    fn obey(&mut self) {
        for (request, command) in std::mem::take(&mut self.asked) {
            let outcome = match command {
                Command::Verify { agent } => Outcome::Verified { agent },
                _ => Outcome::Done,
            };
            self.feed(Input::Cti(Event::Answer(Answer { request, outcome })));
        }
    }

    fn frame(&mut self, socket: u64, text: &str) {
        let intake = intake(text.as_bytes()).expect("the benchmark's frames are well-formed");
        let mut spans = Vec::new();
        for secret in intake.secrets {
            self.secrets += 1;
            spans.push(secret.span(SecretRef(self.secrets)));
        }
        let frame = Frame::Text { text: intake.text, secrets: Cow::Owned(spans), claims: None };
        self.feed(Input::Frame { socket: SocketId(socket), frame });
    }

    fn ask(&mut self, socket: u64, request: u64, command: &str, target: &str, data: &str) {
        let session = target.split('.').next().unwrap_or_default();
        self.frame(
            socket,
            &format!(
                r#"{{"messageType":"resourceRequest","requestId":"q{request}","serviceId":"processor","resourceId":"{session}","request":{{"command":"{command}","target":"{target}","data":{data}}}}}"#
            ),
        );
    }

    /// An agent signs in and starts: the session's id.
    fn sign_in(&mut self, number: u64) -> String {
        let socket = number + 1;
        self.secrets += 1;
        let mut hash = [0; 32];
        hash[..8].copy_from_slice(&socket.to_le_bytes());
        let key = FreshKey { secret: SecretRef(self.secrets), hash: KeyHash(hash) };
        let access = Access::Open(Scopes::LOOPBACK);
        self.feed(Input::SocketOpened { socket: SocketId(socket), peer: "127.0.0.1".into(), access, key });
        self.frame(socket, r#"{"messageType":"connect","requestId":"1","client":{"name":"bench"}}"#);
        self.frame(
            socket,
            r#"{"messageType":"coreRequest","requestId":"2","command":"bindService","serviceId":"processor"}"#,
        );
        let id = agent(number);
        self.frame(
            socket,
            &format!(
                r#"{{"messageType":"serviceRequest","requestId":"3","serviceId":"processor","request":{{"command":"prepareSession","data":{{"agent":{{"id":"{id}","password":"secret"}}}}}}}}"#
            ),
        );
        self.obey();
        let session = between(&self.last, "\"resource\":{\"id\":\"");
        self.frame(
            socket,
            &format!(
                r#"{{"messageType":"coreRequest","requestId":"4","command":"bindResource","serviceId":"processor","resourceId":"{session}"}}"#
            ),
        );
        self.ask(socket, 0, "session.start", &session, "{}");
        self.obey();
        self.status(number, AgentState::NotReady);
        session
    }

    fn status(&mut self, number: u64, state: AgentState) {
        self.feed(Input::Cti(Event::AgentStatus(AgentStatus {
            agent: agent(number),
            state,
            reason: "".into(),
            since: None,
            pending: None,
            extension: None,
        })));
    }

    /// A call comes to an agent and is answered: the path of its conversation.
    fn call(&mut self, number: u64) -> String {
        let call = format!("c-{number}");
        let device = Device {
            kind: DeviceKind::Agent,
            id: extension(number),
            agent: Some(agent(number)),
            label: "An agent".into(),
        };
        let caller = format!("+1555{number:07}");
        let far = Device { kind: DeviceKind::External, id: caller.as_str().into(), agent: None, label: "".into() };
        self.feed(Input::Cti(Event::Call(CallEvent::Began {
            call: call.as_str().into(),
            media: Media::Voice,
            kind: CallKind::Inbound,
            from: caller.as_str().into(),
            to: "8000".into(),
            consults: None,
            data: (1..=10).map(|n| (format!("callVariable{n}").into(), format!("value {n}").into())).collect(),
        })));
        for device in [far, device] {
            let event = CallEvent::Connected { call: call.as_str().into(), device, role: PartyRole::Party };
            self.feed(Input::Cti(Event::Call(event)));
        }
        self.status(number, AgentState::Talking);
        call
    }
}

fn contains(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

fn agent(number: u64) -> AgentId {
    AgentId::from(format!("a{number:06}"))
}

fn extension(number: u64) -> Box<str> {
    format!("4{number:06}").into()
}

fn between(bytes: &[u8], before: &str) -> String {
    let text = String::from_utf8_lossy(bytes);
    let (_, rest) = text.split_once(before).expect("the answer names it");
    rest.split('"').next().unwrap_or_default().to_owned()
}

fn main() {
    println!("a storm of {STORM} sign-ins: connected, prepared, bound, started, told everything");
    let mut driven = Driven::new(SESSIONS);
    let begun = Instant::now();
    for number in 0..STORM {
        driven.sign_in(number);
    }
    let took = begun.elapsed();
    println!("{:>40} {:>8.2} s, {:.0} us each", "in all", took.as_secs_f64(), took.as_micros() as f64 / STORM as f64);
    assert_eq!(driven.failures, 0, "no request of the storm fails");
    assert_eq!(driven.engine.gauges().sessions as u64, STORM);

    println!("\n{SESSIONS} sessions with a call each");
    let before = LIVE_BYTES.load(Ordering::Relaxed);
    let mut driven = Driven::new(SESSIONS);
    let mut sessions = Vec::new();
    for number in 0..SESSIONS {
        sessions.push(driven.sign_in(number));
        driven.looks_for_conversations = number < HELD;
        driven.call(number);
        driven.looks_for_conversations = false;
    }
    let bytes = LIVE_BYTES.load(Ordering::Relaxed) - before;
    println!(
        "{:>40} {:>8.1} MB ({} B a session)",
        "memory, links and what they keep too",
        bytes as f64 / 1e6,
        bytes as u64 / SESSIONS
    );
    let begun = Instant::now();
    let snapshot = driven.engine.snapshot();
    let took = begun.elapsed().as_secs_f64() * 1e3;
    println!("{:>40} {:>8.1} MB in {took:.0} ms", "snapshot", snapshot.len() as f64 / 1e6);

    driven.is_storm = false;
    println!("\na command, from its bytes to its answer and events (us)");
    let session = sessions[0].clone();
    let conversations = std::mem::take(&mut driven.conversations);
    assert_eq!(conversations.len() as u64, HELD);
    measure(&mut driven, "refused for its state", |driven, turn| {
        driven.ask(1, 100_000 + turn, "session.logout", &session, "{}");
    });
    let nobody = format!("{session}.nobody");
    measure(&mut driven, "refused for its target", |driven, turn| {
        driven.ask(1, 200_000 + turn, "channel.ready", &nobody, "{}");
    });
    // Each call is held, and retrieved the next time.
    let holds = |turn: u64| (turn / HELD).is_multiple_of(2);
    measure(&mut driven, "hold or retrieve, asked to told", |driven, turn| {
        let command = if holds(turn) { "conversation.hold" } else { "conversation.retrieve" };
        let number = turn % HELD;
        driven.ask(number + 1, 300_000 + turn, command, &conversations[number as usize], "{}");
        driven.obey();
        driven.feed(Input::Cti(held(number, holds(turn))));
    });
    measure(&mut driven, "hold or retrieve of a hard phone", |driven, turn| {
        driven.feed(Input::Cti(held(turn % HELD, holds(turn))));
    });
    // One call, whose journey has as many steps as one may have after the first round.
    let holds = |turn: u64| turn.is_multiple_of(2);
    measure(&mut driven, "the same call, asked to told", |driven, turn| {
        let command = if holds(turn) { "conversation.hold" } else { "conversation.retrieve" };
        driven.ask(1, 400_000 + turn, command, &conversations[0], "{}");
        driven.obey();
        driven.feed(Input::Cti(held(0, holds(turn))));
    });
    measure(&mut driven, "the same call, of a hard phone", |driven, turn| {
        driven.feed(Input::Cti(held(0, holds(turn))));
    });
}

fn held(number: u64, holds: bool) -> Event {
    let agent_id = Some(agent(number));
    let device = Device { kind: DeviceKind::Agent, id: extension(number), agent: agent_id, label: "".into() };
    let call = format!("c-{number}").into();
    Event::Call(if holds { CallEvent::Held { call, device } } else { CallEvent::Retrieved { call, device } })
}

/// Microseconds of one; best of several rounds, between which the client acknowledges.
fn measure(driven: &mut Driven, name: &str, mut one: impl FnMut(&mut Driven, u64)) {
    const TURNS: u64 = 2_000;
    let mut best = f64::MAX;
    for round in 0..7 {
        let begun = Instant::now();
        for turn in 0..TURNS {
            one(driven, round * TURNS + turn);
        }
        best = best.min(begun.elapsed().as_nanos() as f64 / (TURNS * 1_000) as f64);
        let seq = between(&driven.last, "\"seq\":");
        let seq: String = seq.chars().take_while(char::is_ascii_digit).collect();
        driven.frame(driven.last_socket, &format!(r#"{{"messageType":"ack","seq":{seq}}}"#));
    }
    println!("{name:>40} {best:>8.2}");
}
