//! The desk engine against the engine itself, over a network with a seed that loses sockets with some of what was sent, lets
//! them fall silent, and restarts the server: every call is answered once, no event is lost or doubled, and what the desk shows is
//! what the server knows.
//!
//! A failing seed prints the command that repeats it.

mod app;
mod model;
mod network;
#[path = "../histories/rng.rs"]
mod rng;
mod server;
mod world;

use std::time::{Duration, Instant};

use world::{Tally, World};

/// How long histories are tried for, and how many at most.
const TIME: Duration = Duration::from_secs(20);
const HISTORIES: u64 = 40;
const STEPS: u32 = 300;

#[test]
fn nothing_is_lost_silently_and_every_call_is_answered_once() {
    if let Ok(seed) = std::env::var("CLIENT_SEED") {
        println!("{:?}", run(seed.parse().expect("a number")));
        return;
    }
    let began = Instant::now();
    let mut sum = Tally::default();
    for seed in 1..=HISTORIES {
        sum.add(&run(seed));
        if began.elapsed() > TIME && seed >= 4 {
            break;
        }
    }
    println!("{sum:?}");
    // Histories that never come to the point would prove nothing.
    let counts = [
        ("resumed", sum.resumed),
        ("messages that had been missed", sum.missed),
        ("resent", sum.resent),
        ("resnapshotted", sum.resnapshotted),
        ("outcomes unknown", sum.unknown),
        ("sessions compared", sum.sessions),
        ("rosters compared", sum.rosters),
        ("queues compared", sum.queues),
        ("successes", sum.succeeded),
        ("failures", sum.failed),
        ("events", sum.events),
        ("restarts", sum.restarts),
        ("times asleep", sum.asleep),
    ];
    for (what, count) in counts {
        assert!(count > 0, "no {what}: {sum:?}");
    }
}

fn run(seed: u64) -> Tally {
    let mut world = World::new(seed);
    let run = (0..STEPS).try_for_each(|_| world.step()).and_then(|()| world.come_to_rest());
    if let Err(broken) = run {
        panic!("seed {seed}: {broken}\n  repeat: CLIENT_SEED={seed} cargo test -p interaction-trace --test client");
    }
    world.tally()
}
