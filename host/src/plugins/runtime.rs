//! Where components run: one compiler and one pool of memory for all, and how a single call is bounded.

use std::sync::OnceLock;
use std::thread;
use std::time::Duration;

use wasmtime::{Config, Engine, OptLevel, PoolingAllocationConfig, ResourceLimiter, Store, Trap, WasmFeatures};

use super::failure::Failure;
use super::limits::{
    COMPONENTS_MAX, FUEL, HANDLES_MAX, MEMORY_BYTES_MAX, MODULES_MAX, PARTS_IN_ALL_MAX, PARTS_MAX, STACK_BYTES,
    TABLE_ELEMENTS_MAX, TICK,
};

/// How the work of a call is bounded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Metering {
    /// By time: a call that is over it is ended within [`TICK`].
    Deadline,
    /// By work, counted: the same on every machine and at every load, for what has to come out the same again.
    Fuel,
}

/// What compiles and runs components.
#[derive(Clone)]
pub(crate) struct Runtime {
    engine: Engine,
    metering: Metering,
}

impl Runtime {
    /// The one of this server, made when it is first needed.
    pub(crate) fn of_server() -> Result<Self, String> {
        static RUNTIME: OnceLock<Result<Runtime, String>> = OnceLock::new();
        RUNTIME.get_or_init(|| Self::new(Metering::Deadline)).clone()
    }

    /// Sets aside addresses for what may run at a time; memory is taken as it is used.
    pub(crate) fn new(metering: Metering) -> Result<Self, String> {
        let mut config = Config::new();
        config.wasm_component_model(true).cranelift_opt_level(OptLevel::Speed).max_wasm_stack(STACK_BYTES);
        // The same results on every machine, whatever its processor makes of a number that is none.
        config.cranelift_nan_canonicalization(true).relaxed_simd_deterministic(true);
        config.wasm_features(WasmFeatures::MEMORY64 | WasmFeatures::THREADS, false);
        config.epoch_interruption(metering == Metering::Deadline).consume_fuel(metering == Metering::Fuel);
        config.allocation_strategy(pool());
        let engine = Engine::new(&config).map_err(|error| format!("WebAssembly cannot run here: {error:#}"))?;
        if metering == Metering::Deadline {
            tick(&engine)?;
        }
        Ok(Self { engine, metering })
    }

    /// The compiler and its settings.
    pub(super) const fn engine(&self) -> &Engine {
        &self.engine
    }

    /// Where one component runs.
    pub(super) fn room(&self, memory_bytes_max: usize, answer_bytes_max: usize) -> Room {
        let held = Held { bytes_max: memory_bytes_max, bytes: 0, growth_max: usize::MAX, before: 0, refused: None };
        let mut store = Store::new(&self.engine, held);
        store.limiter(|held| held);
        store.set_hostcall_fuel(answer_bytes_max);
        store.set_max_component_handles(HANDLES_MAX);
        if self.metering == Metering::Deadline {
            store.epoch_deadline_trap();
        }
        Room { store, metering: self.metering }
    }
}

fn pool() -> PoolingAllocationConfig {
    let mut pool = PoolingAllocationConfig::new();
    pool.total_component_instances(COMPONENTS_MAX)
        .max_core_instances_per_component(MODULES_MAX)
        .total_core_instances(COMPONENTS_MAX * MODULES_MAX)
        .max_memories_per_component(PARTS_MAX)
        .total_memories(PARTS_IN_ALL_MAX)
        .max_memory_size(MEMORY_BYTES_MAX)
        .max_tables_per_component(PARTS_MAX)
        .total_tables(PARTS_IN_ALL_MAX)
        .table_elements(TABLE_ELEMENTS_MAX);
    pool
}

/// Lets the time of calls pass, as long as anything can run.
fn tick(engine: &Engine) -> Result<(), String> {
    let engine = engine.weak();
    let ticker = thread::Builder::new().name("plugin-ticks".into()).spawn(move || {
        while let Some(engine) = engine.upgrade() {
            engine.increment_epoch();
            drop(engine);
            thread::sleep(TICK);
        }
    });
    ticker.map(drop).map_err(|error| format!("cannot start the thread that bounds calls: {error}"))
}

/// What one component holds.
#[derive(Debug)]
pub(super) struct Held {
    bytes_max: usize,
    /// In its memories.
    bytes: usize,
    /// What one call may add.
    growth_max: usize,
    /// What it held before this call.
    before: usize,
    /// What it was refused, having asked for more than it may have.
    refused: Option<Failure>,
}

impl ResourceLimiter for Held {
    fn memory_growing(&mut self, current: usize, desired: usize, _: Option<usize>) -> wasmtime::Result<bool> {
        let bytes = self.bytes.saturating_sub(current).saturating_add(desired);
        if bytes > self.bytes_max {
            self.refused = Some(Failure::Memory { bytes_max: self.bytes_max });
            return Ok(false);
        }
        if bytes.saturating_sub(self.before) > self.growth_max {
            self.refused = Some(Failure::Growth { bytes_max: self.growth_max });
            return Ok(false);
        }
        self.bytes = bytes;
        Ok(true)
    }

    fn table_growing(&mut self, _: usize, desired: usize, _: Option<usize>) -> wasmtime::Result<bool> {
        Ok(desired <= TABLE_ELEMENTS_MAX)
    }
}

/// Where one component runs, with what bounds its calls.
pub(super) struct Room {
    store: Store<Held>,
    metering: Metering,
}

impl Room {
    /// What the component holds in its memory, in bytes.
    pub(super) fn bytes(&self) -> usize {
        self.store.data().bytes
    }

    /// From now on a call may add no more than this to what the component holds.
    pub(super) fn bound_growth(&mut self, bytes_max: usize) {
        self.store.data_mut().growth_max = bytes_max;
    }

    /// One call. What it fails by ends the component.
    pub(super) fn call<T>(
        &mut self,
        within: Duration,
        call: impl FnOnce(&mut Store<Held>) -> wasmtime::Result<T>,
    ) -> Result<T, Failure> {
        let held = self.store.data_mut();
        held.before = held.bytes;
        match self.metering {
            Metering::Deadline => {
                let ticks = within.as_millis().div_ceil(TICK.as_millis()) + 1;
                self.store.set_epoch_deadline(u64::try_from(ticks).unwrap_or(u64::MAX));
            }
            // INVARIANT: a runtime of this metering was made with it.
            Metering::Fuel => self.store.set_fuel(FUEL).expect("fuel is counted"),
        }
        call(&mut self.store).map_err(|error| self.failure(within, &error))
    }

    fn failure(&self, within: Duration, error: &wasmtime::Error) -> Failure {
        let refused = self.store.data().refused.clone();
        match error.downcast_ref::<Trap>() {
            Some(Trap::Interrupt) => Failure::Late(within),
            Some(Trap::OutOfFuel) => Failure::Exhausted,
            // An allocator that gets no memory gives up.
            Some(trap) => refused.unwrap_or_else(|| Failure::Trapped(trap.to_string())),
            None => refused.unwrap_or_else(|| Failure::Unreadable(format!("{error:#}"))),
        }
    }
}
