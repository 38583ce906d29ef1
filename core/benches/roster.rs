//! Nanoseconds and allocations a status change, by agents configured and by subscribers; and the roster's memory.
//!
//! Agents sit in teams of 100. *hot*: changes within one team, the watched one. *spread*: changes all over the roster, which
//! shows what memory outside the caches costs; the event's own memory is a part of that.
//!
//! `cargo bench -p interaction-core --bench roster`
#![allow(
    clippy::disallowed_macros,
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "a benchmark reads the clock and prints; the engine does neither"
)]

use std::alloc::{GlobalAlloc, Layout, System};
use std::hint::black_box;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use interaction_core::cti::{AgentRecord, AgentState, AgentStatus, Event, Member, Role, TeamRecord};
use interaction_core::ids::{AgentId, LinkId};
use interaction_core::report::roster::Roster;
use interaction_core::report::teamstatus::{EventName, Room, Sink, TeamStatus};
use interaction_core::time::Time;

const TEAM_SIZE: usize = 100;
const EVENTS: usize = 4_000_000;

const ROOM: Room = Room { subscriptions_max: 1, tail_bytes_max: usize::MAX };

struct Counting;

static LIVE_BYTES: AtomicUsize = AtomicUsize::new(0);
static ALLOCATIONS: AtomicUsize = AtomicUsize::new(0);

#[allow(unsafe_code)] // the one way to count allocations; this is a benchmark, not the library
// SAFETY: every call is handed to the system's allocator unchanged.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        LIVE_BYTES.fetch_add(layout.size(), Ordering::Relaxed);
        ALLOCATIONS.fetch_add(1, Ordering::Relaxed);
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        LIVE_BYTES.fetch_sub(layout.size(), Ordering::Relaxed);
        unsafe { System.dealloc(memory, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// Keeps what a link must keep of an event: the shared tail and whose it is.
#[derive(Default)]
struct Keep {
    events: usize,
    bytes: usize,
}

impl Sink for Keep {
    fn event(&mut self, to: &[LinkId], event: EventName, agent: &AgentId, tail: &Arc<[u8]>) {
        self.events += to.len();
        self.bytes += tail.len() * to.len();
        black_box((to, event, agent, tail));
    }
}

fn main() {
    for agents in [100, 10_000, 100_000] {
        let before = LIVE_BYTES.load(Ordering::Relaxed);
        let mut roster = build(agents);
        let bytes = LIVE_BYTES.load(Ordering::Relaxed) - before;
        println!("{agents} agents: {:.1} MB", bytes as f64 / 1e6);
        let hot = statuses(agents.min(TEAM_SIZE), 1);
        let spread = statuses(agents, (agents / TEAM_SIZE * 37) | 1);
        for (name, events) in [("hot", &hot), ("spread", &spread)] {
            let (state_only, _) = run(&mut roster, None, events, EVENTS);
            println!("  {name:6}  state only: {state_only:6.1} ns a change");
        }
        for (name, watched) in [("one agentId", 1), ("100 agentIds", TEAM_SIZE)] {
            for subscribers in [1, 10, 100, 1_000] {
                let mut teamstatus = TeamStatus::new(1);
                let mut sink = Keep::default();
                for index in 0..subscribers {
                    let link = LinkId { index, generation: 0 };
                    let agent = id(index as usize % watched);
                    let begun = teamstatus.prepare(&roster, link, &agent, Time::ZERO, ROOM).expect("a known agent");
                    teamstatus.commit(&roster, begun, &mut sink);
                }
                let count = EVENTS / (10 + subscribers as usize);
                let (ns, allocations) = run(&mut roster, Some(&mut teamstatus), &hot, count);
                println!(
                    "  hot     {subscribers:5} subscribers, {name:12}: {ns:8.1} ns a change, {:5.1} ns a subscriber, {allocations:.2} allocations",
                    ns / f64::from(subscribers)
                );
            }
        }
    }
}

fn id(agent: usize) -> String {
    format!("agent{agent:06}")
}

fn build(agents: usize) -> Roster {
    let mut roster = Roster::new(1);
    for agent in 0..agents {
        let name = format!("Firstname Lastname {agent}").into();
        let record = AgentRecord { id: id(agent).into(), name, extension: Some(format!("{agent:06}").into()) };
        let _ = roster.apply(Time::ZERO, &Event::Agent(record)).expect("within the limits");
    }
    for team in 0..agents / TEAM_SIZE {
        let member = |agent: usize| Member { agent: id(agent).into(), role: Role::Agent };
        let members = (team * TEAM_SIZE..(team + 1) * TEAM_SIZE).map(member).collect();
        let record = TeamRecord { id: format!("{team}").into(), name: format!("Team {team}").into(), members };
        let _ = roster.apply(Time::ZERO, &Event::Team(record)).expect("within the limits");
    }
    roster
}

/// Two rounds of changes of the first `agents`, in strides, each a real change.
fn statuses(agents: usize, stride: usize) -> Vec<Event> {
    let round = |state, reason: &'static str| {
        (0..agents).map(move |n| {
            Event::AgentStatus(AgentStatus {
                agent: id(n * stride % agents).into(),
                state,
                reason: reason.into(),
                since: None,
                pending: None,
                extension: None,
            })
        })
    };
    round(AgentState::Ready, "").chain(round(AgentState::NotReady, "32")).collect()
}

/// Nanoseconds and allocations a change; the best of three runs, as the others measure the machine.
fn run(roster: &mut Roster, mut teamstatus: Option<&mut TeamStatus>, events: &[Event], count: usize) -> (f64, f64) {
    let mut best = f64::MAX;
    let mut allocations = 0;
    for _ in 0..3 {
        let mut sink = Keep::default();
        let allocated = ALLOCATIONS.load(Ordering::Relaxed);
        let started = Instant::now();
        for (n, event) in events.iter().cycle().take(count).enumerate() {
            let at = Time::from_micros(1_790_000_000_000_000 + n as u64);
            let delta = roster.apply(at, event).expect("a known agent");
            if let Some(teamstatus) = teamstatus.as_deref_mut() {
                teamstatus.publish(roster, &delta, at, &mut sink);
            }
            black_box(&delta);
        }
        best = best.min(started.elapsed().as_nanos() as f64 / count as f64);
        allocations = ALLOCATIONS.load(Ordering::Relaxed) - allocated;
    }
    (best, allocations as f64 / count as f64)
}
