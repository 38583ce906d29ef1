//! UCCX CTI frames decoded and encoded a second on one core, and allocations a frame.
//!
//! `cargo bench -p interaction-core --bench uccx_codec`; fails if decoding allocates.
#![allow(
    unsafe_code,
    clippy::disallowed_macros,
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "a benchmark reads the clock, prints and counts allocations; the engine does none of them"
)]

use std::alloc::{GlobalAlloc, Layout, System};
use std::hint::black_box;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use interaction_core::cti::uccx::codec::messages::{
    AgentCsq, AgentStateEvent, CallDeliveredEvent, CallNamedVariable, TeamConfigEvent, TeamMember,
};
use interaction_core::cti::uccx::codec::{Frame, Framer, Message, NamedVariable, Widths};

const ROUND: Duration = Duration::from_millis(100);
const ROUNDS: usize = 7;

struct Counting;

static ALLOCATIONS: AtomicU64 = AtomicU64::new(0);

// SAFETY: every call is handed to the system's allocator as it came.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.fetch_add(1, Ordering::Relaxed);
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static COUNTING: Counting = Counting;

fn main() {
    let csq = |id: u32| AgentCsq {
        csq_id: Some(id),
        resv_tag63: Some(u32::MAX),
        resv_tag64: Some(0),
        csq_state: Some(3),
        ..AgentCsq::default()
    };
    let csqs = [csq(1), csq(2), csq(3)];
    let agent_state = AgentStateEvent {
        agent_state: 3,
        agent_id: Some("agt2005".into()),
        agent_extension: Some("2005".into()),
        agent_instrument: Some("2005".into()),
        next_agent_state: Some(0xFFFF),
        csqs: (&csqs).into(),
        ..AgentStateEvent::default()
    };
    let variable = |name: &'static str, value: &'static str| CallNamedVariable {
        named_variable: Some(NamedVariable { name: name.into(), value: value.into() }),
        ..CallNamedVariable::default()
    };
    let variables = [variable("user.customer", "0815-4711"), variable("user.tier", "gold")];
    let delivered = CallDeliveredEvent {
        connection_call_id: 16_777_507,
        connection_device_id: Some("2005".into()),
        alerting_device_id: Some("2005".into()),
        calling_device_id: Some("+4989123456".into()),
        called_device_id: Some("7000".into()),
        last_redirect_device_id: Some("7000".into()),
        secondary_connection_call_id: Some(16_777_508),
        ani: Some("+4989123456".into()),
        dnis: Some("7000".into()),
        dialed_number: Some("7000".into()),
        call_variable1: Some("premium".into()),
        call_variable2: Some("de".into()),
        named_variables: (&variables).into(),
        ..CallDeliveredEvent::default()
    };
    let member = TeamMember {
        agent_id: Some("agt2005".into()),
        agent_flags: Some(0),
        record_type: Some(0),
        member_type: Some(1),
        ..TeamMember::default()
    };
    let members = [member; 40];
    let team =
        TeamConfigEvent { team_name: Some("Sales".into()), members: (&members).into(), ..TeamConfigEvent::default() };

    println!("message of {} bytes in memory", size_of::<Message<'_>>());
    println!("{:<48}{:>6} {:>8} {:>9} {:>8}", "", "bytes", "ns/frame", "million/s", "allocs");
    let mut all = Vec::new();
    for (name, message) in [
        ("AGENT_STATE_EVENT, 3 queues", Message::from(agent_state)),
        ("CALL_DELIVERED_EVENT, 12 fields", delivered.into()),
        ("TEAM_CONFIG_EVENT, 40 members", team.into()),
    ] {
        let mut frame = Vec::new();
        message.encode(Widths::V10, &mut frame).expect("the message can be written");
        all.extend_from_slice(&frame);
        let decode = || {
            Message::decode(black_box(parsed(&frame)), Widths::V10)
                .is_ok_and(|message| black_box(&message).extra_fields() == 0)
        };
        measure(&format!("{name}, decode"), frame.len(), 1, decode);
        let walk =
            || Message::decode(black_box(parsed(&frame)), Widths::V10).is_ok_and(|message| records(&message) > 0);
        measure(&format!("{name}, groups walked"), frame.len(), 1, walk);
        let mut out = Vec::with_capacity(frame.len());
        let encode = || {
            out.clear();
            black_box(&message).encode(Widths::V10, &mut out).is_ok()
        };
        measure(&format!("{name}, encode"), frame.len(), 1, encode);
    }
    let stream = all.repeat(20);
    let mut framer = Framer::default();
    let through = || {
        let mut frames = 0;
        for mut piece in black_box(&stream).chunks(1448) {
            while let Ok(Some(frame)) = framer.next_frame(&mut piece) {
                frames += usize::from(Message::decode(frame, Widths::V10).is_ok());
            }
        }
        frames == 60
    };
    measure("stream in 1448-byte pieces, all three", stream.len(), 60, through);
}

fn parsed(frame: &[u8]) -> Frame<'_> {
    Frame::from_bytes(frame).expect("one frame")
}

fn records(message: &Message<'_>) -> usize {
    match message {
        Message::AgentStateEvent(event) => event.csqs.iter().filter(|csq| black_box(csq).csq_id.is_some()).count(),
        Message::CallDeliveredEvent(event) => event.named_variables.iter().count(),
        Message::TeamConfigEvent(event) => event.members.iter().filter(|member| member.agent_id.is_some()).count(),
        _ => 0,
    }
}

/// The best of several rounds of at least [`ROUND`] each.
fn measure(name: &str, bytes: usize, frames: u64, mut work: impl FnMut() -> bool) {
    assert!(work(), "{name} works");
    let before = ALLOCATIONS.load(Ordering::Relaxed);
    let (mut best, mut done) = (f64::INFINITY, 0);
    for _ in 0..ROUNDS {
        let start = Instant::now();
        let mut turns = 0;
        while start.elapsed() < ROUND {
            for _ in 0..64 {
                assert!(work(), "{name} works");
            }
            turns += 64;
        }
        best = best.min(start.elapsed().as_nanos() as f64 / (turns * frames) as f64);
        done += turns * frames;
    }
    let allocations = (ALLOCATIONS.load(Ordering::Relaxed) - before) as f64 / done as f64;
    println!("{name:<48}{bytes:>6} {best:>8.0} {:>9.2} {allocations:>8.2}", 1e3 / best);
    assert!(allocations == 0.0, "{name} allocates");
}
