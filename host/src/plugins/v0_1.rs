//! Components of version 0.1 of the interface (`wasm/wit/0.1`).

mod commands;
pub(super) mod engine;
mod events;

use interaction_core::cti::{AdapterInput, AdapterOutput, ConnectionId};
use interaction_core::time::Time;
use wasmtime::component::{Linker, ResourceAny};

use super::counts::Count;
use super::failure::Failure;
use super::limits::{ANSWER_BYTES_MAX, GROWTH_BYTES_MAX, MAKE_WITHIN};
use super::load::{LoadError, Loaded};
use super::runtime::{Held, Room};
use super::{Bounds, Given, Runtime, checked};

#[allow(missing_docs, unreachable_pub, clippy::all, reason = "written by wasmtime")]
pub(super) mod bindings {
    wasmtime::component::bindgen!({ path: "../wasm/wit/0.1", world: "cti-adapter" });
}

use bindings::exports::interaction::processor::adapter as wit;
use bindings::{CtiAdapter, CtiAdapterPre};

/// What instances are made from.
pub(super) struct Factory {
    runtime: Runtime,
    pre: CtiAdapterPre<Held>,
}

/// What a build says of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct About {
    /// Its name.
    pub(crate) name: Box<str>,
    /// Its version.
    pub(crate) version: Box<str>,
    /// The secrets it may want.
    pub(crate) secrets: Vec<String>,
}

impl Factory {
    /// Finds out whether the component has the functions of the interface, and wants none.
    pub(super) fn new(runtime: &Runtime, loaded: &Loaded) -> Result<Self, LoadError> {
        let linker = Linker::<Held>::new(runtime.engine());
        let pre = linker.instantiate_pre(&loaded.component).and_then(CtiAdapterPre::new);
        let pre = pre.map_err(|error| LoadError::World(format!("it does not fit the interface: {error:#}")))?;
        Ok(Self { runtime: runtime.clone(), pre })
    }

    /// Asks a build what it is.
    pub(super) fn describe(&self, bounds: &Bounds) -> Result<About, Failure> {
        let (mut room, world) = self.instance(bounds)?;
        let guest = world.interaction_processor_adapter();
        let about = room.call(MAKE_WITHIN, |store| guest.call_describe(store))?;
        let wit::About { name, version, secrets } = about;
        Ok(About { name: checked::words(name), version: checked::words(version), secrets })
    }

    /// An adapter.
    pub(super) fn make(&self, bounds: &Bounds, given: &Given, seed: u64, now: Time) -> Result<Instance, Failure> {
        let (mut room, world) = self.instance(bounds)?;
        let settings = wit::Settings {
            config: given.config.clone(),
            addresses: given.addresses.clone(),
            secrets: given
                .secrets
                .iter()
                .map(|(name, secret)| wit::Secret { name: name.clone(), value: secret.expose().to_owned() })
                .collect(),
            seed,
            now: now.as_micros(),
        };
        let adapter = room
            .call(MAKE_WITHIN, |store| world.interaction_processor_adapter().adapter().call_create(store, &settings))?;
        match adapter {
            Ok(adapter) => {
                room.bound_growth(GROWTH_BYTES_MAX);
                Ok(Instance { room, world, adapter, bounds: *bounds })
            }
            Err(wit::Refusal { key, message }) => {
                let (key, message) = (checked::words(key), checked::words(message));
                let at = if key.is_empty() { String::new() } else { format!("{key}: ") };
                Err(Failure::Refused(format!("{at}{message}")))
            }
        }
    }

    fn instance(&self, bounds: &Bounds) -> Result<(Room, CtiAdapter), Failure> {
        let mut room = self.runtime.room(bounds.memory_bytes, ANSWER_BYTES_MAX);
        let world = room.call(MAKE_WITHIN, |store| self.pre.instantiate(store))?;
        Ok((room, world))
    }
}

/// One adapter that runs.
pub(super) struct Instance {
    room: Room,
    world: CtiAdapter,
    adapter: ResourceAny,
    bounds: Bounds,
}

impl Instance {
    /// Applies an input.
    pub(super) fn step(&mut self, now: Time, input: AdapterInput<'_>) -> Result<Vec<AdapterOutput>, Failure> {
        let inputs = [self::input(input)];
        let (guest, adapter) = (self.world.interaction_processor_adapter(), self.adapter);
        let outputs = self.room.call(self.bounds.call_within, |store| {
            guest.adapter().call_step(store, adapter, now.as_micros(), &inputs)
        })?;
        checked::at_most("its outputs", outputs.len(), super::limits::OUTPUTS_MAX)?;
        outputs.into_iter().map(output).collect()
    }

    /// When to step at the latest.
    pub(super) fn due(&mut self) -> Result<Option<Time>, Failure> {
        let (guest, adapter) = (self.world.interaction_processor_adapter(), self.adapter);
        let due = self.room.call(self.bounds.call_within, |store| guest.adapter().call_next_timeout(store, adapter))?;
        checked::optional_moment("the next timeout", due)
    }

    /// What it counts of itself.
    pub(super) fn counts(&mut self) -> Result<Vec<Count>, Failure> {
        let (guest, adapter) = (self.world.interaction_processor_adapter(), self.adapter);
        let counts = self.room.call(self.bounds.call_within, |store| guest.adapter().call_counts(store, adapter))?;
        let count = |wit::Count { name, help, grows, value }| Count {
            name: name.into(),
            help: String::from(checked::words(help)).into(),
            grows,
            value,
        };
        Ok(counts.into_iter().map(count).collect())
    }

    /// What it holds in its memory, in bytes.
    pub(super) fn bytes(&self) -> usize {
        self.room.bytes()
    }
}

fn input(input: AdapterInput<'_>) -> wit::Input {
    match input {
        AdapterInput::Tick => wit::Input::Tick,
        AdapterInput::Command { request, command, secret } => wit::Input::Command(wit::Asked {
            request: request.0,
            command: commands::command(command),
            secret: secret.map(str::to_owned),
        }),
        AdapterInput::Connected { connection } => wit::Input::Connected(connection.0),
        AdapterInput::Received { connection, bytes } => {
            wit::Input::Received(wit::Piece { connection: connection.0, bytes: bytes.to_vec() })
        }
        AdapterInput::Disconnected { connection, why } => {
            wit::Input::Disconnected(wit::Parting { connection: connection.0, why: why.to_owned() })
        }
    }
}

fn output(output: wit::Output) -> Result<AdapterOutput, Failure> {
    Ok(match output {
        wit::Output::Event(event) => AdapterOutput::Event(events::event(event)?),
        wit::Output::Connect(wit::Dial { connection, address }) => AdapterOutput::Connect {
            connection: ConnectionId(connection),
            address: usize::try_from(address).unwrap_or(usize::MAX),
        },
        wit::Output::Send(wit::Piece { connection, bytes }) => {
            AdapterOutput::Send { connection: ConnectionId(connection), bytes }
        }
        wit::Output::Disconnect(connection) => AdapterOutput::Disconnect { connection: ConnectionId(connection) },
    })
}
