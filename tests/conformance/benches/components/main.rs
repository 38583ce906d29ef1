//! What a component costs beside the same code natively, and what plugins and their engine mean for clients:
//! `cargo xtask bench components`. What was wanted stands beside what came of it.

mod engine;
mod replacing;
mod sandbox;
mod uccx;

use std::path::PathBuf;
use std::time::Duration;

use wasmtime::{Config, InstanceAllocationStrategy, Store};

/// Rounds of which the middle one counts.
const ROUNDS: usize = 5;

/// What is measured, and from what.
struct Bench {
    rounds: usize,
    quick: bool,
    /// The folder of components.
    components: PathBuf,
    /// The server's program.
    server: PathBuf,
    runtime: wasmtime::Engine,
}

/// A part that went wrong says how.
type Outcome = Result<(), Box<dyn std::error::Error + Send + Sync>>;
type Part = fn(&Bench) -> Outcome;

const PARTS: [(&str, Part); 4] =
    [("engine", engine::run), ("uccx", uccx::run), ("replacing", replacing::run), ("sandbox", sandbox::run)];

fn main() -> Outcome {
    let words: Vec<String> = std::env::args().skip(1).filter(|word| word != "--bench").collect();
    let quick = words.iter().any(|word| word == "--quick");
    let wanted: Vec<&String> = words.iter().filter(|word| *word != "--quick").collect();
    if let Some(unknown) = wanted.iter().find(|word| PARTS.iter().all(|(name, _)| name != *word)) {
        let known = PARTS.map(|(name, _)| name).join(", ");
        return Err(format!("no part is called `{unknown}`; there are: {known}").into());
    }
    let mut config = Config::new();
    // As the server runs them: the same numbers on every machine, a deadline for each call, and instances from a pool.
    config.cranelift_nan_canonicalization(true).relaxed_simd_deterministic(true);
    config.epoch_interruption(true).allocation_strategy(InstanceAllocationStrategy::pooling());
    let bench = Bench {
        rounds: if quick { 1 } else { ROUNDS },
        quick,
        components: named("INTERACTION_COMPONENTS"),
        server: named("SERVER_UNDER_TEST"),
        runtime: wasmtime::Engine::new(&config)?,
    };
    println!("load average {} at the start", interaction_bench::process::load_average());
    for (name, part) in PARTS {
        if wanted.is_empty() || wanted.iter().any(|word| *word == name) {
            println!();
            part(&bench)?;
        }
    }
    println!("\nload average {} at the end", interaction_bench::process::load_average());
    Ok(())
}

fn named(variable: &str) -> PathBuf {
    let value = std::env::var_os(variable);
    value.unwrap_or_else(|| panic!("{variable} is not set: run `cargo xtask bench components`")).into()
}

/// A figure that has to be below what was wanted.
fn below(what: &str, is: f64, wanted: f64) {
    println!("{}: {what}: {is:.2}, wanted below {wanted}", if is < wanted { "reached" } else { "MISSED" });
}

/// Where a component runs, its calls never too long.
fn store(runtime: &wasmtime::Engine) -> Store<()> {
    let mut store = Store::new(runtime, ());
    store.set_epoch_deadline(u64::MAX / 2);
    store
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}
