//! The engine as its driver uses it: what a status change costs by subscribers and by agents, what a request costs from
//! bytes to answer, and what a large engine weighs.
//!
//! `cargo bench -p interaction-core --bench engine`
#![allow(
    clippy::disallowed_macros,
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "a benchmark reads the clock and prints; the engine does neither"
)]

use std::alloc::{GlobalAlloc, Layout, System};
use std::borrow::Cow;
use std::hint::black_box;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use interaction_core::config::{Config, Seed};
use interaction_core::cti::{
    AgentRecord, AgentState, AgentStatus, Event, Member, Offers, Platform, ReportKind, Role, TeamRecord,
};
use interaction_core::engine::Engine;
use interaction_core::ids::{AgentId, SecretRef, SocketId};
use interaction_core::input::{Access, Frame, FreshKey, Input, KeyHash, Scopes};
use interaction_core::output::Output;
use interaction_core::time::Time;
use interaction_core::wire::intake::intake;

const TEAM_SIZE: usize = 100;

struct Counting;

static LIVE_BYTES: AtomicUsize = AtomicUsize::new(0);

#[allow(unsafe_code)] // the one way to count memory; this is a benchmark, not the library
// SAFETY: every call is handed to the system's allocator unchanged.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        LIVE_BYTES.fetch_add(layout.size(), Ordering::Relaxed);
        // SAFETY: as promised by the caller.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        LIVE_BYTES.fetch_sub(layout.size(), Ordering::Relaxed);
        // SAFETY: as promised by the caller.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// An engine and the least of a driver: time goes on by a microsecond an input.
struct Driven {
    engine: Engine,
    now: u64,
    secrets: u64,
}

impl Driven {
    fn new(agents: usize) -> Self {
        let now = 1_790_000_000_000_000;
        let mut config = Config::default();
        config.limits.requests_per_second = u32::MAX / 16;
        let mut driven = Self { engine: Engine::new(config, Seed(1), Time::from_micros(now)), now, secrets: 0 };
        let offers = Offers { reports: true, telephony: true, ..Offers::default() };
        driven.feed(Input::Cti(Event::Up(Platform {
            vendor: "bench".into(),
            version: "1".into(),
            offers,
            reports: Some(ReportKind::Uccx),
            not_ready_reasons: Vec::new(),
            logout_reasons: Vec::new(),
            wrap_up_codes: Vec::new(),
        })));
        driven.feed(Input::Cti(Event::ResyncBegin));
        for agent in 0..agents {
            driven.feed(Input::Cti(Event::Agent(AgentRecord {
                id: agent_id(agent),
                name: format!("Agent Number {agent}").into(),
                extension: None,
            })));
        }
        for team in 0..agents.div_ceil(TEAM_SIZE) {
            let members = (team * TEAM_SIZE..((team + 1) * TEAM_SIZE).min(agents))
                .map(|agent| Member { agent: agent_id(agent), role: Role::Agent })
                .collect();
            driven.feed(Input::Cti(Event::Team(TeamRecord {
                id: format!("team-{team:05}").into(),
                name: format!("Team {team}").into(),
                members,
            })));
        }
        driven.feed(Input::Cti(Event::ResyncEnd));
        driven
    }

    /// Feeds one input and drains; gives the bytes that would be written.
    fn feed(&mut self, input: Input<'_>) -> usize {
        self.now += 1;
        self.engine.handle_input(Time::from_micros(self.now), input).expect("the driver keeps the rules");
        let mut bytes = 0;
        while let Some(output) = self.engine.poll_output() {
            // A fan is not taken apart: that is the driver's work.
            bytes += match output {
                Output::Fan { to, prefix, suffix, tail } => {
                    black_box(to).len() * (prefix.len() + suffix.len() + black_box(tail).len())
                }
                Output::Send { head, tail, .. } => black_box(head).len() + black_box(tail).len(),
                _ => 0,
            };
        }
        bytes
    }

    fn frame(&mut self, socket: u64, text: &str) -> usize {
        let intake = intake(text.as_bytes()).expect("the benchmark's frames are well-formed");
        let frame = Frame::Text { text: intake.text, secrets: Cow::Borrowed(&[]), claims: None };
        self.feed(Input::Frame { socket: SocketId(socket), frame })
    }

    /// A client that watches the first team; its socket acknowledges nothing.
    fn client(&mut self, socket: u64, watches: Option<&str>) {
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
        self.frame(
            socket,
            r#"{"messageType":"coreRequest","requestId":"3","command":"bindResource","serviceId":"processor","resourceId":"reports"}"#,
        );
        if let Some(agent) = watches {
            let begin = format!(
                r#"{{"messageType":"resourceRequest","requestId":"4","serviceId":"processor","resourceId":"reports","request":{{"command":"report.teamstatus.begin","data":{{"agentId":"{agent}"}}}}}}"#
            );
            self.frame(socket, &begin);
        }
        self.acknowledge(socket, 4);
    }

    fn acknowledge(&mut self, socket: u64, seq: u64) {
        self.frame(socket, &format!(r#"{{"messageType":"ack","seq":{seq}}}"#));
    }
}

fn agent_id(agent: usize) -> AgentId {
    AgentId::from(format!("a{agent:06}"))
}

fn status(agent: usize, turn: usize) -> Event {
    let state = if turn.is_multiple_of(2) { AgentState::Ready } else { AgentState::NotReady };
    let reason = if turn.is_multiple_of(2) { "" } else { "32760" };
    Event::AgentStatus(AgentStatus {
        agent: agent_id(agent),
        state,
        reason: reason.into(),
        since: None,
        pending: None,
        extension: None,
    })
}

/// Nanoseconds of one status change, from the event to the last output drained; best of several rounds.
fn status_change(driven: &mut Driven, subscribers: u64, changes: usize) -> f64 {
    let mut best = f64::MAX;
    let mut acknowledged = 5;
    for round in 0..7 {
        let events: Vec<Event> = (0..changes).map(|turn| status(turn % TEAM_SIZE, turn / TEAM_SIZE + round)).collect();
        let begun = Instant::now();
        for event in events {
            driven.feed(Input::Cti(event));
        }
        best = best.min(begun.elapsed().as_nanos() as f64 / changes as f64);
        // Clients acknowledge between rounds, as they do once a second.
        acknowledged += changes as u64;
        for socket in 1..=subscribers {
            driven.acknowledge(socket, acknowledged.saturating_sub(changes as u64));
        }
    }
    best
}

/// Only the fan-out, and little of it: to be run under an instruction counter.
fn profile() {
    let mut driven = Driven::new(100);
    for socket in 1..=1_000 {
        driven.client(socket, Some(agent_id(socket as usize % TEAM_SIZE).as_str()));
    }
    status_change(&mut driven, 1_000, 100);
}

fn main() {
    if std::env::args().any(|argument| argument == "--profile") {
        return profile();
    }
    println!("one status change, event in to outputs drained (ns), and what each further subscriber adds");
    println!("{:>10} {:>12} {:>12} {:>12} {:>12} {:>16}", "agents", "1", "10", "100", "1,000", "ns/subscriber");
    for agents in [100, 10_000, 100_000] {
        let mut row = Vec::new();
        for subscribers in [1_u64, 10, 100, 1_000] {
            let mut driven = Driven::new(agents);
            for socket in 1..=subscribers {
                driven.client(socket, Some(agent_id(socket as usize % TEAM_SIZE).as_str()));
            }
            // As many as a client gets between two acknowledgements.
            let changes = if subscribers >= 1_000 { 1_000 } else { 10_000 };
            row.push(status_change(&mut driven, subscribers, changes));
        }
        println!(
            "{:>10} {:>12.0} {:>12.0} {:>12.0} {:>12.0} {:>16.1}",
            agents,
            row[0],
            row[1],
            row[2],
            row[3],
            (row[3] - row[2]) / 900.0
        );
    }

    println!("\na request, from its bytes to its answer's (ns)");
    let mut driven = Driven::new(10_000);
    driven.client(1, None);
    let requests: [(&str, &dyn Fn(u64) -> String); 4] = [
        ("ping", &|id| format!(r#"{{"messageType":"ping","requestId":"p{id}"}}"#)),
        ("bindService", &|id| {
            format!(
                r#"{{"messageType":"coreRequest","requestId":"b{id}","command":"bindService","serviceId":"processor"}}"#
            )
        }),
        ("getCapabilities", &|id| {
            format!(
                r#"{{"messageType":"serviceRequest","requestId":"c{id}","serviceId":"processor","request":{{"command":"getCapabilities","data":{{}}}}}}"#
            )
        }),
        ("teamstatus.end", &|id| {
            format!(
                r#"{{"messageType":"resourceRequest","requestId":"e{id}","serviceId":"processor","resourceId":"reports","request":{{"command":"report.teamstatus.end","data":{{"agentId":"a000001"}}}}}}"#
            )
        }),
    ];
    for (name, request) in requests {
        let mut best = f64::MAX;
        for round in 0..7_u64 {
            let frames: Vec<String> = (0..5_000).map(|id| request(round * 5_000 + id)).collect();
            let begun = Instant::now();
            for frame in &frames {
                driven.frame(1, frame);
            }
            best = best.min(begun.elapsed().as_nanos() as f64 / frames.len() as f64);
        }
        println!("{name:>20} {best:>8.0}");
    }

    println!("\nmemory");
    let before = LIVE_BYTES.load(Ordering::Relaxed);
    let mut driven = Driven::new(100_000);
    let agents = LIVE_BYTES.load(Ordering::Relaxed) - before;
    for socket in 1..=10_000 {
        driven.client(socket, None);
    }
    let links = LIVE_BYTES.load(Ordering::Relaxed) - before - agents;
    println!("{:>40} {:>8.1} MB", "100,000 agents in 1,000 teams", agents as f64 / 1e6);
    println!("{:>40} {:>8.1} MB ({} B a link)", "10,000 links", links as f64 / 1e6, links / 10_000);
    let begun = Instant::now();
    let snapshot = driven.engine.snapshot();
    println!(
        "{:>40} {:>8.1} MB in {:.0} ms",
        "snapshot",
        snapshot.len() as f64 / 1e6,
        begun.elapsed().as_secs_f64() * 1e3
    );
    let begun = Instant::now();
    let restored = Engine::restore(Config::default(), &snapshot).expect("a snapshot reads back");
    println!("{:>40} {:>8.0} ms", "restore", begun.elapsed().as_secs_f64() * 1e3);
    assert!(restored.snapshot() == snapshot, "a restored engine writes the same snapshot");
}
