//! What a component costs beside the same code natively, both sides in one run, in turns: `cargo xtask bench components`.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use interaction_conformance::adapter::bindings::CtiAdapter;
use interaction_conformance::adapter::bindings::exports::interaction::processor::adapter::{Input, Piece, Settings};
use interaction_conformance::adapter::{Conversation, Heard, SEED, native};
use interaction_conformance::component::bindings::Engine as World;
use interaction_conformance::history::{self, History, repository};
use interaction_core::cti::simulator::Scenario;
use interaction_core::engine::Engine;
use interaction_core::step;
use interaction_core::time::Time;
use wasmtime::component::{Component, Linker};
use wasmtime::{Config, InstanceAllocationStrategy, Store};

/// Rounds of which the middle one counts.
const ROUNDS: usize = 5;
/// Histories that are played, of 800 inputs and more.
const HISTORIES: u64 = 24;
/// Inputs in a batch.
const BATCH: usize = 64;
/// Bytes that one read of a busy platform brings.
const READ_BYTES: usize = 16 << 10;

fn main() -> wasmtime::Result<()> {
    let quick = std::env::args().any(|arg| arg == "--quick");
    let rounds = if quick { 1 } else { ROUNDS };
    let mut config = Config::new();
    // As a server runs them: a deadline for each call, and instances from a pool.
    config.epoch_interruption(true).allocation_strategy(InstanceAllocationStrategy::pooling());
    let runtime = wasmtime::Engine::new(&config)?;
    let file = built();
    let component = Component::from_file(&runtime, file.join("engine.wasm"))?;

    let histories: Vec<History> =
        (1..=HISTORIES).map(|seed| history::simulated(seed).expect("the engine keeps its promises")).collect();
    let inputs: usize = histories.iter().map(|history| history.steps.len()).sum();
    println!("engine: {inputs} inputs of {HISTORIES} histories, microseconds an input, median of {rounds} rounds");
    println!("{:<12} {:>8} {:>10} {:>6}", "", "native", "component", "ratio");
    for (name, size) in [("one by one", 1), ("batches of 64", BATCH)] {
        let batched: Vec<Vec<Vec<u8>>> = histories.iter().map(|history| batches(history, size)).collect();
        let (mut ours, mut theirs) = (Vec::new(), Vec::new());
        for _ in 0..rounds {
            let (took, bytes) = natively(&histories, &batched);
            let (component_took, component_bytes) = in_component(&runtime, &component, &histories, &batched)?;
            assert_eq!(bytes, component_bytes, "another number of bytes");
            ours.push(took);
            theirs.push(component_took);
        }
        let each = |took: Duration| took.as_secs_f64() * 1e6 / inputs as f64;
        let (ours, theirs) = (each(median(ours)), each(median(theirs)));
        println!("{name:<13} {ours:>7.2} {theirs:>10.2} {:>6.2}", theirs / ours);
    }
    instantiation(&runtime, &component, &file)?;
    frames(&runtime, &file, rounds, quick)
}

fn batches(history: &History, size: usize) -> Vec<Vec<u8>> {
    let good: Vec<&[u8]> =
        history.steps.iter().filter(|step| step.misuse.is_none()).map(|step| step.input.as_slice()).collect();
    let framed = good.chunks(size).map(|inputs| {
        let mut batch = Vec::new();
        inputs.iter().for_each(|input| step::frame(&mut batch, |out| out.extend_from_slice(input)));
        batch
    });
    framed.collect()
}

fn natively(histories: &[History], batched: &[Vec<Vec<u8>>]) -> (Duration, usize) {
    let (mut took, mut bytes) = (Duration::ZERO, 0);
    for (history, batches) in histories.iter().zip(batched) {
        let mut engine = Engine::new(history.config.clone(), history.seed, history.start);
        let begun = Instant::now();
        for batch in batches {
            bytes += step::step(&mut engine, batch).expect("good inputs").len();
        }
        took += begun.elapsed();
    }
    (took, bytes)
}

fn in_component(
    runtime: &wasmtime::Engine,
    component: &Component,
    histories: &[History],
    batched: &[Vec<Vec<u8>>],
) -> wasmtime::Result<(Duration, usize)> {
    let (mut took, mut bytes) = (Duration::ZERO, 0);
    for (history, batches) in histories.iter().zip(batched) {
        let mut store = store(runtime);
        let world = World::instantiate(&mut store, component, &Linker::new(runtime))?;
        let guest = world.interaction_processor_processor().engine();
        let config = serde_json::to_string(&history.config).expect("a configuration is JSON");
        let engine = guest.call_create(&mut store, &config, history.seed.0, history.start.as_micros())?;
        let engine = engine.expect("a good configuration");
        let begun = Instant::now();
        for batch in batches {
            bytes += guest.call_step(&mut store, engine, batch)?.expect("good inputs").len();
        }
        took += begun.elapsed();
    }
    Ok((took, bytes))
}

/// From a file of the cache to an engine that can be stepped.
fn instantiation(runtime: &wasmtime::Engine, component: &Component, file: &Path) -> wasmtime::Result<()> {
    let cached = file.join("engine.cwasm");
    std::fs::write(&cached, component.serialize()?)?;
    let mut times = Vec::new();
    for _ in 0..101 {
        let begun = Instant::now();
        // SAFETY: the file was written above, by this very build.
        #[allow(unsafe_code)]
        let component = unsafe { Component::deserialize_file(runtime, &cached) }?;
        let mut store = store(runtime);
        let world = World::instantiate(&mut store, &component, &Linker::new(runtime))?;
        let guest = world.interaction_processor_processor().engine();
        guest.call_create(&mut store, "{}", 1, 1)?.expect("a good configuration");
        times.push(begun.elapsed());
    }
    std::fs::remove_file(&cached)?;
    println!("\nfrom the cache to an engine: {:.2} ms, median of 101", median(times).as_secs_f64() * 1e3);
    Ok(())
}

/// The adapter of UCCX, as fast as it goes.
fn frames(runtime: &wasmtime::Engine, file: &Path, rounds: usize, quick: bool) -> wasmtime::Result<()> {
    let text = std::fs::read_to_string(repository().join("host/scenarios/small.toml"))?;
    let mut scenario = Scenario::from_toml(&text).expect("a valid scenario");
    scenario.speed = 20;
    let conversation = Conversation::new(scenario, Duration::from_secs(if quick { 60 } else { 900 }));
    let told = reads(&conversation.heard);
    let component = Component::from_file(runtime, file.join("uccx.wasm"))?;
    let config = serde_json::to_value(&conversation.config).expect("a configuration is JSON");
    let config = without_nodes(config);
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for _ in 0..rounds {
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
        "\nUCCX adapter: {} frames in {} reads; natively {ours:.0} frames/s, in its component {theirs:.0}",
        conversation.frames,
        told.len()
    );
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

fn store(runtime: &wasmtime::Engine) -> Store<()> {
    let mut store = Store::new(runtime, ());
    store.set_epoch_deadline(u64::MAX / 2);
    store
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}

fn built() -> PathBuf {
    let folder = std::env::var_os("INTERACTION_COMPONENTS");
    folder.expect("INTERACTION_COMPONENTS names the folder of components: run `cargo xtask bench components`").into()
}
