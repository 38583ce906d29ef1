//! What hostile bytes meet. Each target takes any bytes, panics on a broken promise, and says whether it got past the first
//! check, so that a run that never does is noticed.
//!
//! `cargo xtask fuzz` runs them under libFuzzer where a nightly compiler and cargo-fuzz are; `cargo test` drives each with
//! mutations of valid inputs from a fixed seed.

mod adapters;
mod clients;
mod codec;
mod mutate;
mod seeds;

pub use mutate::Mutator;

/// One thing to fuzz.
#[derive(Clone, Copy, Debug)]
pub struct Target {
    /// Its name, which is that of libFuzzer's binary too.
    pub name: &'static str,
    /// Takes bytes; whether they were more than noise to it.
    pub run: fn(&[u8]) -> bool,
    /// Valid inputs to mutate.
    pub seeds: fn() -> Vec<Vec<u8>>,
    /// How many mutations the smoke test tries: some seconds of a lightly optimised build.
    pub smoke: u32,
}

/// Every target.
pub const TARGETS: &[Target] = &[
    Target { name: "uccx_decode", run: codec::decode, seeds: seeds::frames, smoke: 100_000 },
    Target { name: "uccx_stream", run: codec::stream, seeds: seeds::streams, smoke: 50_000 },
    Target { name: "uccx_adapter", run: adapters::uccx, seeds: seeds::uccx_days, smoke: 10_000 },
    Target { name: "jsonl_adapter", run: adapters::jsonl, seeds: seeds::jsonl_days, smoke: 10_000 },
    Target { name: "intake", run: clients::intake, seeds: seeds::messages, smoke: 100_000 },
    Target { name: "engine", run: clients::engine, seeds: seeds::conversations, smoke: 1_500 },
    Target { name: "encoded", run: codec::encoded, seeds: seeds::records, smoke: 100_000 },
    Target { name: "snapshot", run: clients::snapshot, seeds: seeds::snapshots, smoke: 10_000 },
];

/// The target of a name.
pub fn target(name: &str) -> Option<&'static Target> {
    TARGETS.iter().find(|target| target.name == name)
}
