//! The engine: an input one by one and in batches, and from a file of the cache to an engine that can be stepped.

use std::time::{Duration, Instant};

use interaction_conformance::component::bindings::Engine as World;
use interaction_conformance::history::{self, History};
use interaction_core::engine::Engine;
use interaction_core::step;
use wasmtime::component::{Component, Linker};

use super::{Bench, Outcome, below, median, store};

/// Histories that are played, of 800 inputs and more.
const HISTORIES: u64 = 24;
/// Inputs in a batch.
const BATCH: usize = 64;
/// Times the native engine.
const ONE_BY_ONE_WANTED: f64 = 3.0;
const BATCHES_WANTED: f64 = 1.5;
const INSTANTIATION_MS_WANTED: f64 = 5.0;

pub(crate) fn run(bench: &Bench) -> Outcome {
    let Bench { rounds, runtime, components, .. } = bench;
    let component = Component::from_file(runtime, components.join("engine.wasm"))?;
    let histories: Vec<History> =
        (1..=HISTORIES).map(|seed| history::simulated(seed).expect("the engine keeps its promises")).collect();
    let inputs: usize = histories.iter().map(|history| history.steps.len()).sum();
    println!("engine: {inputs} inputs of {HISTORIES} histories, microseconds an input, median of {rounds} rounds");
    println!("{:<13} {:>8} {:>10} {:>6}", "", "native", "component", "ratio");
    let mut ratios = Vec::new();
    for (name, size, wanted) in [("one by one", 1, ONE_BY_ONE_WANTED), ("batches of 64", BATCH, BATCHES_WANTED)] {
        let batched: Vec<Vec<Vec<u8>>> = histories.iter().map(|history| batches(history, size)).collect();
        let (mut ours, mut theirs) = (Vec::new(), Vec::new());
        for _ in 0..*rounds {
            let (took, bytes) = natively(&histories, &batched);
            let (component_took, component_bytes) = in_component(runtime, &component, &histories, &batched)?;
            assert_eq!(bytes, component_bytes, "another number of bytes");
            ours.push(took);
            theirs.push(component_took);
        }
        let each = |took: Duration| took.as_secs_f64() * 1e6 / inputs as f64;
        let (ours, theirs) = (each(median(ours)), each(median(theirs)));
        println!("{name:<13} {ours:>8.2} {theirs:>10.2} {:>6.2}", theirs / ours);
        ratios.push((name, theirs / ours, wanted));
    }
    for (name, ratio, wanted) in ratios {
        below(&format!("component beside native, {name}"), ratio, wanted);
    }
    Ok(instantiation(bench, &component)?)
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
fn instantiation(bench: &Bench, component: &Component) -> wasmtime::Result<()> {
    let runtime = &bench.runtime;
    let cached = bench.components.join("engine.cwasm");
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
    below(
        "milliseconds from the cache to an engine, median of 101",
        median(times).as_secs_f64() * 1e3,
        INSTANTIATION_MS_WANTED,
    );
    Ok(())
}
