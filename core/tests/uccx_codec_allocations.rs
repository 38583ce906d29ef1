//! Decoding a UCCX CTI frame, walking its groups included, allocates nothing. Alone in its binary, as the count is
//! that of the whole process.
#![allow(unsafe_code, reason = "an allocator that counts")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicU64, Ordering};

use interaction_core::cti::uccx::codec::messages::{AgentCsq, AgentStateEvent};
use interaction_core::cti::uccx::codec::{Framer, Message, Widths};

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

#[test]
fn decoding_allocates_nothing() {
    let csqs = [AgentCsq { csq_id: Some(1), csq_state: Some(3), ..AgentCsq::default() }; 5];
    let event =
        AgentStateEvent { agent_id: Some("agt2005".into()), csqs: (&csqs).into(), ..AgentStateEvent::default() };
    let mut frame = Vec::new();
    event.encode(Widths::V10, &mut frame).expect("the message can be written");
    let stream = frame.repeat(1000);
    let mut framer = Framer::default();
    // The test harness may allocate beside a round, hardly beside each of several.
    let round = || {
        let before = ALLOCATIONS.load(Ordering::Relaxed);
        let mut queues = 0;
        for mut piece in stream.chunks(1448) {
            while let Ok(Some(frame)) = framer.next_frame(&mut piece) {
                if let Ok(Message::AgentStateEvent(event)) = Message::decode(frame, Widths::V10) {
                    queues += event.csqs.iter().filter(|csq| csq.csq_id == Some(1)).count();
                }
            }
        }
        assert_eq!(queues, 5000);
        ALLOCATIONS.load(Ordering::Relaxed) - before
    };
    let fewest = std::iter::repeat_with(round).take(5).min();
    assert_eq!(fewest, Some(0));
}
