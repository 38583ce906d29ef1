//! The engine as a component in wasmtime: a linker that offers nothing, so what imports anything does not start.

use std::path::{Path, PathBuf};

use wasmtime::component::{Component, Linker, ResourceAny};
use wasmtime::{Config, Engine, OptLevel, Store};

use crate::script::{Act, Answer, Play, Refusal};

/// The component's side of the interface.
#[allow(missing_docs, clippy::all, reason = "written by wasmtime")]
pub mod bindings {
    wasmtime::component::bindgen!({ path: "../../wasm/wit/0.1", world: "engine" });
}

use bindings::exports::interaction::processor::processor::{Failure, GuestEngine};

/// The component, compiled.
pub struct Loaded {
    engine: Engine,
    component: Component,
    file: PathBuf,
}

impl Loaded {
    /// Compiles it.
    ///
    /// # Errors
    /// It is no component.
    pub fn new(file: &Path) -> Result<Self, String> {
        let mut config = Config::new();
        // Whether what is compiled here is fast is measured elsewhere.
        config.wasm_component_model(true).cranelift_opt_level(OptLevel::None);
        let engine = Engine::new(&config).map_err(|error| error.to_string())?;
        let component = Component::from_file(&engine, file).map_err(|error| told(file, &error))?;
        Ok(Self { engine, component, file: file.to_owned() })
    }

    /// Plays everything and writes the answers as the other targets do.
    ///
    /// # Errors
    /// The component wants something of its host, or trapped.
    pub fn play(&self, plays: &[Play]) -> Result<Vec<u8>, String> {
        self.played(plays).map_err(|error| told(&self.file, &error))
    }

    fn played(&self, plays: &[Play]) -> wasmtime::Result<Vec<u8>> {
        let linker = Linker::<()>::new(&self.engine);
        let mut answers = Vec::new();
        for play in plays {
            let mut store = Store::new(&self.engine, ());
            let world = bindings::Engine::instantiate(&mut store, &self.component, &linker)?;
            let processor = world.interaction_processor_processor();
            let mut living = None;
            for act in &play.acts {
                let done = call(&processor.engine(), &mut store, &mut living, act)?;
                let timeout = match living {
                    Some(engine) => processor.engine().call_next_timeout(&mut store, engine)?,
                    None => None,
                };
                answer(done, timeout).write(&mut answers);
            }
            if let Some(engine) = living {
                engine.resource_drop(&mut store)?;
            }
        }
        Ok(answers)
    }
}

fn told(file: &Path, error: &wasmtime::Error) -> String {
    format!("{}: {error:?}", file.display())
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

fn answer(done: Result<Vec<u8>, Failure>, timeout: Option<u64>) -> Answer {
    match done {
        Ok(bytes) => Answer { bytes, refusal: None, timeout },
        Err(Failure { code, message, applied, outputs }) => {
            Answer { bytes: outputs, refusal: Some(Refusal { code, message, applied }), timeout }
        }
    }
}
