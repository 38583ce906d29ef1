//! The engine as a WebAssembly component of world `interaction:processor/engine`: mirrors `interaction_core` and decides
//! nothing. `wasm/wit/` says what crosses.

use std::cell::RefCell;

use interaction_core::config::{Config, Seed};
use interaction_core::engine::Engine;
use interaction_core::step::{self, StepError};
use interaction_core::time::Time;

use bindings::exports::interaction::processor::processor::{self, Failure, Guest, GuestEngine};

#[allow(unsafe_code, missing_docs, unreachable_pub, clippy::all, reason = "written by wit-bindgen")]
mod bindings {
    wit_bindgen::generate!({ path: "../wit/0.1", world: "engine", pub_export_macro: true });
}

struct Component;

/// A resource is lent shared; calls never overlap, so the cell is never found borrowed.
struct Lent(RefCell<Engine>);

impl Guest for Component {
    type Engine = Lent;
}

impl GuestEngine for Lent {
    fn create(config: String, seed: u64, now: u64) -> Result<processor::Engine, Failure> {
        let engine = Engine::new(configuration(&config)?, Seed(seed), Time::from_micros(now));
        Ok(processor::Engine::new(Self(RefCell::new(engine))))
    }

    fn restore(config: String, snapshot: Vec<u8>) -> Result<processor::Engine, Failure> {
        let engine = Engine::restore(configuration(&config)?, &snapshot)
            .map_err(|error| refused("snapshot.invalid", error.to_string()))?;
        Ok(processor::Engine::new(Self(RefCell::new(engine))))
    }

    fn step(&self, batch: Vec<u8>) -> Result<Vec<u8>, Failure> {
        step::step(&mut self.0.borrow_mut(), &batch).map_err(|error| {
            let message = error.to_string();
            let StepError { applied, outputs, fault } = error;
            Failure { code: fault.code().to_owned(), message, applied, outputs }
        })
    }

    fn next_timeout(&self) -> Option<u64> {
        self.0.borrow().poll_timeout().map(|(at, _)| at.as_micros())
    }

    fn snapshot(&self) -> Vec<u8> {
        self.0.borrow().snapshot()
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
