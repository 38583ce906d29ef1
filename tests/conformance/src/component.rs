//! The engine as a component in wasmtime: a linker that offers nothing, so what imports anything does not start.

use std::path::Path;

use wasmtime::component::{Component, Linker, ResourceAny};
use wasmtime::{Config, Engine, OptLevel, Store};

use crate::script::{Act, Play};
use crate::wire::{put_bytes, put_u32, put_u64};

#[allow(missing_docs, clippy::all, reason = "written by wasmtime")]
mod bindings {
    wasmtime::component::bindgen!({ path: "../../wasm/wit/0.1", world: "engine" });
}

use bindings::exports::interaction::processor::processor::{Failure, GuestEngine};

/// Plays everything and writes the answers as the other targets do.
///
/// # Errors
/// The component cannot be loaded, or trapped.
pub fn play(component: &Path, plays: &[Play]) -> Result<Vec<u8>, String> {
    played(component, plays).map_err(|error| format!("{}: {error:?}", component.display()))
}

fn played(file: &Path, plays: &[Play]) -> wasmtime::Result<Vec<u8>> {
    let mut config = Config::new();
    // What is compiled here runs once; whether it is fast is measured elsewhere.
    config.wasm_component_model(true).cranelift_opt_level(OptLevel::None);
    let engine = Engine::new(&config)?;
    let component = Component::from_file(&engine, file)?;
    let linker = Linker::<()>::new(&engine);
    let mut answers = Vec::new();
    for play in plays {
        let mut store = Store::new(&engine, ());
        let world = bindings::Engine::instantiate(&mut store, &component, &linker)?;
        let processor = world.interaction_processor_processor();
        let mut living = None;
        for act in &play.acts {
            let done = call(&processor.engine(), &mut store, &mut living, act)?;
            let timeout = match living {
                Some(engine) => processor.engine().call_next_timeout(&mut store, engine)?,
                None => None,
            };
            write(&mut answers, done, timeout);
        }
        if let Some(engine) = living {
            engine.resource_drop(&mut store)?;
        }
    }
    Ok(answers)
}

fn call(
    guest: &GuestEngine<'_>,
    store: &mut Store<()>,
    living: &mut Option<ResourceAny>,
    act: &Act,
) -> wasmtime::Result<Result<Vec<u8>, Failure>> {
    let made = match (act, *living) {
        (Act::New { config, seed, now }, _) => guest.call_create(&mut *store, config, *seed, *now)?,
        (Act::Restore { config, snapshot }, _) => guest.call_restore(&mut *store, config, snapshot)?,
        (Act::Step(batch), Some(engine)) => return guest.call_step(store, engine, batch),
        (Act::Snapshot, Some(engine)) => return Ok(Ok(guest.call_snapshot(store, engine)?)),
        (Act::Step(_) | Act::Snapshot, None) => return Ok(Err(no_engine())),
    };
    Ok(match made {
        Ok(engine) => {
            if let Some(old) = living.replace(engine) {
                old.resource_drop(store)?;
            }
            Ok(Vec::new())
        }
        Err(failure) => Err(failure),
    })
}

/// An engine was wrongly refused: that is the difference to be told, and what follows from it is only noted.
fn no_engine() -> Failure {
    let code = "script.noengine".to_owned();
    Failure { code, message: "there is no engine".to_owned(), applied: 0, outputs: Vec::new() }
}

fn write(answers: &mut Vec<u8>, done: Result<Vec<u8>, Failure>, timeout: Option<u64>) {
    match done {
        Ok(bytes) => {
            answers.push(0);
            put_bytes(answers, &bytes);
        }
        Err(failure) => {
            answers.push(1);
            put_bytes(answers, failure.code.as_bytes());
            put_bytes(answers, failure.message.as_bytes());
            put_u32(answers, failure.applied);
            put_bytes(answers, &failure.outputs);
        }
    }
    answers.push(u8::from(timeout.is_some()));
    if let Some(timeout) = timeout {
        put_u64(answers, timeout);
    }
}
