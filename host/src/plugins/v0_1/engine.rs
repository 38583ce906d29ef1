//! The engine as a component of version 0.1 of the interface.

use std::sync::Arc;

use interaction_core::audit::AuditRecord;
use interaction_core::codec::{self, Decoded};
use interaction_core::config::Seed;
use interaction_core::cti::Command;
use interaction_core::engine::Misuse;
use interaction_core::ids::{AgentId, CallId, SocketId};
use interaction_core::input::Input;
use interaction_core::output::{Delivery, Output, Splice};
use interaction_core::report::journey::JourneyRecord;
use interaction_core::step;
use interaction_core::time::Time;
use wasmtime::component::{Linker, ResourceAny};

use super::super::checked;
use super::super::failure::Failure;
use super::super::limits::{ENGINE_ANSWER_BYTES_MAX, MAKE_WITHIN, MEMORY_BYTES_MAX, TURN_WITHIN};
use super::super::load::{Digest, LoadError, Loaded};
use super::super::runtime::{Held, Room, Runtime};
use crate::machine::Machine;

#[allow(missing_docs, unreachable_pub, clippy::all, reason = "written by wasmtime")]
mod bindings {
    wasmtime::component::bindgen!({ path: "../wasm/wit/0.1", world: "engine" });
}

use bindings::exports::interaction::processor::processor as wit;
use bindings::{Engine as World, EnginePre};

/// A build of the engine, of which engines are made.
pub(crate) struct Build {
    runtime: Runtime,
    pre: EnginePre<Held>,
    /// The engine's configuration, as JSON.
    config: String,
    loaded: Loaded,
}

impl std::fmt::Debug for Build {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Build").field("digest", &self.loaded.digest).finish_non_exhaustive()
    }
}

impl Build {
    /// Finds out whether the component has the functions of the interface, wants none, and speaks the server's records.
    pub(crate) fn new(runtime: &Runtime, loaded: Loaded, config: String) -> Result<Self, LoadError> {
        let linker = Linker::<Held>::new(runtime.engine());
        let pre = linker.instantiate_pre(&loaded.component).and_then(EnginePre::new);
        let pre = pre.map_err(|error| LoadError::World(format!("it does not fit the interface: {error:#}")))?;
        let build = Self { runtime: runtime.clone(), pre, config, loaded };
        let about = build.describe().map_err(|failure| LoadError::World(failure.to_string()))?;
        if about.records != codec::VERSION {
            let wit::About { version, records, .. } = about;
            let own = codec::VERSION;
            return Err(LoadError::World(format!(
                "it is version {version} of the engine, with records of format {records}; this server has format {own}"
            )));
        }
        Ok(build)
    }

    /// The hash of its file.
    pub(crate) fn digest(&self) -> Digest {
        self.loaded.digest
    }

    /// An engine in which nothing has happened yet.
    pub(crate) fn create(&self, seed: Seed, now: Time) -> Result<ComponentEngine, Failure> {
        self.made(|world, store| {
            world.interaction_processor_processor().engine().call_create(store, &self.config, seed.0, now.as_micros())
        })
    }

    /// The engine that wrote a snapshot.
    pub(crate) fn restore(&self, snapshot: &[u8]) -> Result<ComponentEngine, Failure> {
        self.made(|world, store| {
            world.interaction_processor_processor().engine().call_restore(store, &self.config, snapshot)
        })
    }

    fn describe(&self) -> Result<wit::About, Failure> {
        let (mut room, world) = self.instance()?;
        room.call(MAKE_WITHIN, |store| world.interaction_processor_processor().call_describe(store))
    }

    fn instance(&self) -> Result<(Room, World), Failure> {
        let mut room = self.runtime.room(MEMORY_BYTES_MAX, ENGINE_ANSWER_BYTES_MAX);
        let world = room.call(MAKE_WITHIN, |store| self.pre.instantiate(store))?;
        Ok((room, world))
    }

    fn made(
        &self,
        make: impl FnOnce(&World, &mut wasmtime::Store<Held>) -> wasmtime::Result<Result<ResourceAny, wit::Failure>>,
    ) -> Result<ComponentEngine, Failure> {
        let (mut room, world) = self.instance()?;
        let engine = room.call(TURN_WITHIN, |store| make(&world, store))?;
        let engine = engine.map_err(|refused| Failure::Refused(checked::words(refused.message).into()))?;
        let slots = Slots::default();
        let mut made =
            ComponentEngine { room, world, engine, batch: Vec::new(), answer: Vec::new(), at: 0, slots, due: None };
        made.due = made.next_timeout()?;
        Ok(made)
    }
}

/// An engine in a component. What makes it fail is what makes a native engine panic, and is told in the same way.
pub(crate) struct ComponentEngine {
    room: Room,
    world: World,
    engine: ResourceAny,
    /// The input, encoded.
    batch: Vec<u8>,
    /// The outputs, encoded, and how far they are lent.
    answer: Vec<u8>,
    at: usize,
    slots: Slots,
    due: Option<Time>,
}

/// What of a decoded output is lent by reference.
#[derive(Default)]
struct Slots {
    /// A run of messages with the same tail, as a fan-out is, holds it once.
    tail: Arc<[u8]>,
    splices: Vec<Splice>,
    deliveries: Vec<Delivery>,
    command: Option<Command>,
    agent: Option<AgentId>,
    call: Option<CallId>,
    journey: Option<JourneyRecord>,
    record: Option<AuditRecord>,
}

impl Machine for ComponentEngine {
    fn handle_input(&mut self, now: Time, input: Input<'_>) -> Result<(), Misuse> {
        if self.at < self.answer.len() {
            return Err(Misuse::NotDrained);
        }
        self.batch.clear();
        step::frame(&mut self.batch, |out| codec::encode_input(now, &input, out));
        let stepped = self.room.call(TURN_WITHIN, |store| {
            self.world.interaction_processor_processor().engine().call_step(store, self.engine, &self.batch)
        });
        self.at = 0;
        let result = match living(stepped) {
            Ok(answer) => {
                self.answer = answer;
                Ok(())
            }
            Err(failure) => {
                self.answer = failure.outputs;
                Err(misuse(&failure.code, &input).unwrap_or_else(|| gone(&failure.message)))
            }
        };
        self.due = living(self.next_timeout());
        result
    }

    fn poll_output(&mut self) -> Option<Output<'_>> {
        let Self { answer, at, slots, .. } = self;
        let record = match step::records(&answer[*at..]).next()? {
            Some(record) => record,
            None => gone("its outputs end within a record"),
        };
        *at += LENGTH_BYTES + record.len();
        match codec::decode_output(record) {
            Ok(decoded) => Some(slots.lend(decoded)),
            Err(error) => gone(&error.to_string()),
        }
    }

    fn poll_timeout(&self) -> Option<Time> {
        self.due
    }

    fn observed(&mut self) -> interaction_core::counters::Observed {
        let seen = self.room.call(TURN_WITHIN, |store| {
            self.world.interaction_processor_processor().engine().call_observe(store, self.engine)
        });
        // Metrics are worth no life: what cannot be read is not shown.
        serde_json::from_str(&living(seen)).unwrap_or_default()
    }

    fn snapshot(&mut self) -> Vec<u8> {
        living(self.room.call(TURN_WITHIN, |store| {
            self.world.interaction_processor_processor().engine().call_snapshot(store, self.engine)
        }))
    }
}

/// Bytes of the length before each record.
const LENGTH_BYTES: usize = 4;

impl ComponentEngine {
    fn next_timeout(&mut self) -> Result<Option<Time>, Failure> {
        let due = self.room.call(TURN_WITHIN, |store| {
            self.world.interaction_processor_processor().engine().call_next_timeout(store, self.engine)
        })?;
        Ok(due.map(Time::from_micros))
    }
}

impl Slots {
    fn lend<'a>(&'a mut self, decoded: Decoded<'a>) -> Output<'a> {
        match decoded {
            Decoded::Send { socket, head, tail, splices, sending } => {
                self.splices = splices;
                Output::Send { socket, head, tail: share(&mut self.tail, tail), splices: &self.splices, sending }
            }
            Decoded::Ping { socket } => Output::Ping { socket },
            Decoded::Close { socket, code } => Output::Close { socket, code },
            Decoded::Cti { request, command, secret } => {
                Output::Cti { request, command: self.command.insert(command), secret }
            }
            Decoded::Forget { secret } => Output::Forget { secret },
            Decoded::Claim { claim, agent, override_, client } => {
                Output::Claim { claim, agent: self.agent.insert(agent), override_, client }
            }
            Decoded::Release { agent } => Output::Release { agent: self.agent.insert(agent) },
            Decoded::Store { journey } => Output::Store { journey: self.journey.insert(journey) },
            Decoded::LoadJourney { query, call } => Output::LoadJourney { query, call: self.call.insert(call) },
            Decoded::LoadRecent { query, limit, number } => Output::LoadRecent { query, limit, number },
            Decoded::Audit { record } => Output::Audit { record: self.record.insert(record) },
            Decoded::Answer { socket, status } => Output::Answer { socket, status },
            Decoded::Fan { to, prefix, suffix, tail } => {
                self.deliveries = to;
                Output::Fan { to: &self.deliveries, prefix, suffix, tail: share(&mut self.tail, tail) }
            }
        }
    }
}

/// The tail as it is lent: the one of before, where it is the same.
fn share<'a>(shared: &'a mut Arc<[u8]>, tail: &[u8]) -> &'a Arc<[u8]> {
    if **shared != *tail {
        *shared = Arc::from(tail);
    }
    shared
}

/// What came of a call, where the engine lives.
fn living<T>(result: Result<T, Failure>) -> T {
    result.unwrap_or_else(|failure| gone(&failure.to_string()))
}

/// The engine is lost with its state, as a native one is whose invariant is broken: the loop ends as it does then.
fn gone(why: &str) -> ! {
    panic!("the engine's component failed: {why}")
}

/// A mistake of the loop, as a native engine would name it.
fn misuse(code: &str, input: &Input<'_>) -> Option<Misuse> {
    let socket = match input {
        Input::SocketOpened { socket, .. }
        | Input::Frame { socket, .. }
        | Input::Alive { socket }
        | Input::Backlog { socket, .. }
        | Input::SocketClosed { socket, .. }
        | Input::Posted { socket, .. }
        | Input::Attached { socket, .. } => *socket,
        Input::Tick
        | Input::Stalled { .. }
        | Input::Cti(_)
        | Input::Claimed { .. }
        | Input::Loaded { .. }
        | Input::ShutDown { .. }
        | Input::TokenChanged { .. } => SocketId(0),
    };
    let all = [
        Misuse::NotDrained,
        Misuse::TimeWentBack,
        Misuse::UnknownSocket(socket),
        Misuse::SocketExists(socket),
        Misuse::TooManySockets,
    ];
    all.into_iter().find(|misuse| step::Fault::Misuse(*misuse).code() == code)
}
