//! The engine for browsers and Node: mirrors `interaction_core` and decides nothing.
//!
//! Inputs and outputs cross as bytes, many in one call: `interaction_core::step` says how. A host in another language gets
//! them from, and gives them to, this project's own readers and writers.

use interaction_core::config::{Config, Seed};
use interaction_core::engine;
use interaction_core::step::{self, StepError};
use interaction_core::time::Time;
use wasm_bindgen::prelude::wasm_bindgen;

/// The interaction processor as a plain value: inputs and time go in, outputs and the next deadline come out.
#[wasm_bindgen]
#[derive(Debug)]
pub struct Engine(engine::Engine);

/// Why a call was refused. Nothing is changed by an input that is refused.
#[wasm_bindgen]
#[derive(Debug)]
pub struct Failure {
    code: &'static str,
    message: String,
    applied: u32,
    outputs: Vec<u8>,
}

#[wasm_bindgen]
impl Engine {
    /// An engine in which nothing has happened yet.
    ///
    /// `config` is JSON, `{}` for the defaults; `seed` makes its ids differ from those of other runs; `now` is microseconds
    /// since 1970-01-01 UTC.
    ///
    /// # Errors
    /// `config.invalid`: the message names the property.
    #[wasm_bindgen(constructor)]
    pub fn new(config: &str, seed: u64, now: u64) -> Result<Self, Failure> {
        Ok(Self(engine::Engine::new(configuration(config)?, Seed(seed), Time::from_micros(now))))
    }

    /// The engine that wrote `snapshot`: it continues as it was, whatever target it was written on.
    ///
    /// # Errors
    /// `config.invalid`; `snapshot.invalid` where it is damaged or of another version.
    pub fn restore(config: &str, snapshot: &[u8]) -> Result<Self, Failure> {
        let config = configuration(config)?;
        let engine = engine::Engine::restore(config, snapshot);
        engine.map(Self).map_err(|error| Failure::new("snapshot.invalid", error.to_string()))
    }

    /// Applies a batch of encoded inputs and returns the encoded outputs, each record after its length (four bytes,
    /// little-endian).
    ///
    /// # Errors
    /// What is wrong with which input; `applied` and `outputs` of the failure tell what the ones before it did.
    pub fn step(&mut self, batch: &[u8]) -> Result<Vec<u8>, Failure> {
        step::step(&mut self.0, batch).map_err(Failure::from)
    }

    /// When to step with a tick at the latest, in microseconds since 1970-01-01 UTC; nothing where no deadline runs.
    #[wasm_bindgen(js_name = nextTimeout)]
    pub fn next_timeout(&self) -> Option<u64> {
        self.0.poll_timeout().map(|(at, _)| at.as_micros())
    }

    /// The whole state, written down.
    pub fn snapshot(&self) -> Vec<u8> {
        self.0.snapshot()
    }
}

#[wasm_bindgen]
impl Failure {
    fn new(code: &'static str, message: String) -> Self {
        Self { code, message, applied: 0, outputs: Vec::new() }
    }

    /// What is wrong, for programs.
    #[wasm_bindgen(getter)]
    pub fn code(&self) -> String {
        self.code.to_owned()
    }

    /// What is wrong, for people.
    #[wasm_bindgen(getter)]
    pub fn message(&self) -> String {
        self.message.clone()
    }

    /// How many inputs of the batch were applied.
    #[wasm_bindgen(getter)]
    pub fn applied(&self) -> u32 {
        self.applied
    }

    /// The outputs of those, to be performed all the same.
    #[wasm_bindgen(getter)]
    pub fn outputs(&self) -> Vec<u8> {
        self.outputs.clone()
    }
}

impl From<StepError> for Failure {
    fn from(error: StepError) -> Self {
        let message = error.to_string();
        Self { code: error.fault.code(), message, applied: error.applied, outputs: error.outputs }
    }
}

fn configuration(text: &str) -> Result<Config, Failure> {
    Config::from_json(text).map_err(|error| Failure::new("config.invalid", error.to_string()))
}
