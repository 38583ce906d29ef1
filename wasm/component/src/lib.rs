//! The engine as a WebAssembly component of world `interaction:processor/engine`: mirrors `interaction_core` and decides
//! nothing. `wasm/wit/` says what crosses.

mod allocator;

use std::cell::RefCell;

use interaction_core::codec;
use interaction_core::config::{Config, Seed};
use interaction_core::embed::{self, Embedded};
use interaction_core::engine::SNAPSHOT_VERSION;
use interaction_core::secret::Secret;
use interaction_core::step::{self, StepError};
use interaction_core::time::Time;

use bindings::exports::interaction::processor::processor::{self, About, Failure, Guest, GuestEngine};

#[allow(unsafe_code, missing_docs, unreachable_pub, clippy::all, reason = "written by wit-bindgen")]
mod bindings {
    wit_bindgen::generate!({ path: "../wit/0.1", world: "engine", pub_export_macro: true });
}

#[cfg_attr(target_family = "wasm", global_allocator)]
#[cfg_attr(not(target_family = "wasm"), expect(dead_code, reason = "elsewhere there may be threads"))]
static MEMORY: allocator::Allocator = allocator::Allocator::new();

struct Component;

/// A resource is lent shared; calls never overlap, so the cell is never found borrowed.
struct Lent(RefCell<Embedded>);

impl Guest for Component {
    type Engine = Lent;

    fn describe() -> About {
        let version = env!("CARGO_PKG_VERSION").to_owned();
        About { version, records: codec::VERSION, snapshots: SNAPSHOT_VERSION }
    }
}

impl GuestEngine for Lent {
    fn create(config: String, seed: u64, now: u64) -> Result<processor::Engine, Failure> {
        let engine = Embedded::new(configuration(&config)?, Seed(seed), Time::from_micros(now));
        Ok(processor::Engine::new(Self(RefCell::new(engine))))
    }

    fn restore(config: String, snapshot: Vec<u8>) -> Result<processor::Engine, Failure> {
        let engine = Embedded::restore(configuration(&config)?, &snapshot)
            .map_err(|error| refused("snapshot.invalid", error.to_string()))?;
        Ok(processor::Engine::new(Self(RefCell::new(engine))))
    }

    fn step(&self, batch: Vec<u8>) -> Result<Vec<u8>, Failure> {
        step::step(self.0.borrow_mut().engine_mut(), &batch).map_err(|error| {
            let message = error.to_string();
            let StepError { applied, outputs, fault } = error;
            Failure { code: fault.code().to_owned(), message, applied, outputs }
        })
    }

    fn step_json(&self, now: u64, inputs: String) -> Result<String, Failure> {
        // What is overwritten afterwards: there may be a password in it.
        let inputs = Secret::new(inputs);
        self.0.borrow_mut().step(Time::from_micros(now), inputs.expose()).map_err(|error| {
            let message = error.to_string();
            let embed::StepError { code, applied, outputs, message: _ } = error;
            Failure { code: code.to_owned(), message, applied, outputs: outputs.into_bytes() }
        })
    }

    fn next_timeout(&self) -> Option<u64> {
        self.0.borrow().engine().poll_timeout().map(|(at, _)| at.as_micros())
    }

    fn snapshot(&self) -> Vec<u8> {
        self.0.borrow().engine().snapshot()
    }

    fn observe(&self) -> String {
        // INVARIANT: an object of numbers and texts, which JSON can always spell.
        serde_json::to_string(&self.0.borrow().engine().observe()).expect("what is observed is JSON")
    }
}

fn configuration(text: &str) -> Result<Config, Failure> {
    Config::from_json(text).map_err(|error| refused("config.invalid", error.to_string()))
}

fn refused(code: &str, message: String) -> Failure {
    Failure { code: code.to_owned(), message, applied: 0, outputs: Vec::new() }
}

#[allow(unsafe_code, unreachable_pub, reason = "written by wit-bindgen")]
mod export {
    use super::{Component, bindings};

    bindings::export!(Component with_types_in bindings);
}
