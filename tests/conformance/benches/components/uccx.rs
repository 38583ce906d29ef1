//! The adapter of UCCX, as fast as it goes: the bytes of a platform in reads as large as a busy one makes them, into an adapter
//! that runs natively and into the same in its component, its typed records lifted.

use std::time::{Duration, Instant};

use interaction_conformance::adapter::bindings::CtiAdapter;
use interaction_conformance::adapter::bindings::exports::interaction::processor::adapter::{Input, Piece, Settings};
use interaction_conformance::adapter::{Conversation, Heard, SEED, native};
use interaction_conformance::history::repository;
use interaction_core::cti::simulator::Scenario;
use interaction_core::time::Time;
use wasmtime::component::{Component, Linker};

use super::{Bench, Outcome, median, store};

/// Bytes that one read of a busy platform brings.
const READ_BYTES: usize = 16 << 10;
/// Frames a second.
const FRAMES_WANTED: f64 = 200_000.0;

pub(crate) fn run(bench: &Bench) -> Outcome {
    let Bench { rounds, quick, runtime, components, .. } = bench;
    let text = std::fs::read_to_string(repository().join("host/scenarios/small.toml"))?;
    let mut scenario = Scenario::from_toml(&text).expect("a valid scenario");
    scenario.speed = 20;
    let conversation = Conversation::new(scenario, Duration::from_secs(if *quick { 60 } else { 900 }));
    let told = reads(&conversation.heard);
    let component = Component::from_file(runtime, components.join("uccx.wasm"))?;
    let config = serde_json::to_value(&conversation.config).expect("a configuration is JSON");
    let config = without_nodes(config);
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for _ in 0..*rounds {
        let mut adapter = native(&conversation.config);
        let begun = Instant::now();
        let outputs: usize = told.iter().map(|(now, heard)| heard.feed(&mut adapter, *now).len()).sum();
        ours.push(begun.elapsed());

        let mut store = store(runtime);
        let world = CtiAdapter::instantiate(&mut store, &component, &Linker::new(runtime))?;
        let guest = world.interaction_processor_adapter().adapter();
        let (addresses, secrets) = (vec!["one".to_owned(), "two".to_owned()], Vec::new());
        let now = conversation.start.as_micros();
        let settings = Settings { config: config.clone(), addresses, secrets, seed: SEED, now };
        let adapter = guest.call_create(&mut store, &settings)?.expect("a good configuration");
        let mut component_outputs = 0;
        let begun = Instant::now();
        for (now, heard) in &told {
            let input = match heard {
                Heard::Tick => Input::Tick,
                Heard::Connected(connection) => Input::Connected(connection.0),
                Heard::Received(connection, bytes) => {
                    Input::Received(Piece { connection: connection.0, bytes: bytes.clone() })
                }
            };
            component_outputs += guest.call_step(&mut store, adapter, now.as_micros(), &[input])?.len();
        }
        theirs.push(begun.elapsed());
        assert_eq!(outputs, component_outputs, "another number of outputs");
    }
    let rate = |took: Duration| conversation.frames as f64 / took.as_secs_f64();
    let (ours, theirs) = (rate(median(ours)), rate(median(theirs)));
    println!(
        "UCCX adapter: {} frames in {} reads; natively {ours:.0} frames/s, in its component {theirs:.0}",
        conversation.frames,
        told.len()
    );
    let verdict = if theirs >= FRAMES_WANTED { "reached" } else { "MISSED" };
    println!("{verdict}: frames a second of the UCCX adapter in its component: {theirs:.0}, wanted {FRAMES_WANTED}");
    Ok(())
}

/// What came one after the other on a connection comes in reads of a busy platform: within a second of its time.
fn reads(heard: &[(Time, Heard)]) -> Vec<(Time, Heard)> {
    let mut reads: Vec<(Time, Heard)> = Vec::new();
    for (now, heard) in heard {
        if let (Some((at, Heard::Received(last, bytes))), Heard::Received(connection, more)) = (reads.last_mut(), heard)
            && last == connection
            && now.since(*at) < Duration::from_secs(1)
            && bytes.len() + more.len() <= READ_BYTES
        {
            bytes.extend_from_slice(more);
            continue;
        }
        reads.push((*now, heard.clone()));
    }
    reads
}

fn without_nodes(mut config: serde_json::Value) -> String {
    config.as_object_mut().expect("a configuration is an object").remove("nodes");
    config.to_string()
}
