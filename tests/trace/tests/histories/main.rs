//! Random histories: clients that believe nothing, sockets that die, a platform that goes away, a directory and a store
//! that answer late or never. What the engine promises must hold in all of them, and everything must end.
//!
//! `HISTORIES_SEED=7 cargo test -p interaction-trace --test histories` repeats one, `HISTORIES=500` runs more of them.

mod client;
mod directory;
mod outcome;
mod queue;
mod rng;
mod scenario;
mod team;
mod world;

use outcome::Outcome;
use world::World;

/// As many as come to every point looked for below, with room.
const HISTORIES: u64 = 40;
const STEPS: u32 = 400;

#[test]
fn promises_hold_in_random_histories() {
    if let Some(seed) = number("HISTORIES_SEED") {
        run(seed);
        return;
    }
    let (mut done, mut sum) = (0, Outcome::default());
    for seed in 1..=number("HISTORIES").unwrap_or(HISTORIES) {
        sum.add(&run(seed));
        done += 1;
    }
    println!("{done} histories: {sum:?}");
    // On a busy machine there is no time for all of them, and what is rare may not come.
    if done < HISTORIES {
        return;
    }
    // Histories that never come to the point would prove nothing.
    assert!(sum.prepared > done && sum.superseded > 0 && sum.confirmed > 0, "{sum:?}");
    assert!(
        sum.resumed > done && sum.gaps > 0 && sum.repeated > 0 && sum.team_events > done && sum.queue_events > done,
        "{sum:?}"
    );
    assert!(sum.logged_out > 0 && sum.released > 0 && sum.ended > 0 && sum.given_back > 0, "{sum:?}");
}

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

/// Runs a history twice: once as it is, once with engines made of snapshots at random moments. Both must have the same
/// inputs and outputs, byte for byte.
fn run(seed: u64) -> Outcome {
    let told = |broken| -> ! {
        panic!(
            "seed {seed}: {broken}\n  repeat: HISTORIES_SEED={seed} cargo test -p interaction-trace --test histories"
        )
    };
    let mut digests = [0; 2];
    let mut outcome = Outcome::default();
    for (digest, restores) in digests.iter_mut().zip([false, true]) {
        let mut world = World::new(seed, restores);
        let run = (0..STEPS).try_for_each(|_| world.step()).and_then(|()| world.wind_up());
        if let Err(broken) = run {
            told(broken.to_string());
        }
        *digest = world.digest();
        outcome = world.outcome();
    }
    if digests[0] != digests[1] {
        told("restored engines do otherwise".to_owned());
    }
    outcome
}
