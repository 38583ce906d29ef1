//! Embeds the engine: prepares a session and follows a team. `cargo run --example embed -- engine.wasm`, with the crates
//! wasmtime (features `component-model` and `cranelift`), serde_json and getrandom.

use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};
use wasmtime::component::{Component, Linker, ResourceAny};
use wasmtime::{Result, Store};

use bindings::Engine;

#[allow(missing_docs, unreachable_pub, clippy::all, reason = "written by wasmtime")]
mod bindings {
    wasmtime::component::bindgen!({ path: "../../wasm/wit/0.1", world: "engine" });
}

struct Host {
    store: Store<()>,
    world: Engine,
    engine: ResourceAny,
}

impl Host {
    fn step(&mut self, inputs: &Value) -> Result<()> {
        let engine = self.world.interaction_processor_processor().engine();
        let outputs = engine.call_step_json(&mut self.store, self.engine, now(), &inputs.to_string())?;
        let outputs: Value = serde_json::from_str(&outputs.expect("good inputs"))?;
        let mut answers = Vec::new();
        for output in outputs.as_array().into_iter().flatten() {
            if let Some(text) = output["send"]["text"].as_str() {
                println!("{text}");
            }
            if let Some(asked) = output.get("cti") {
                let is_good = asked["command"] == "verify" && asked["password"] == "ann-secret";
                let result = if is_good { "verified" } else { "refused" };
                let (request, agent) = (&asked["request"], &asked["agent"]);
                let line = json!({"event": "answer", "request": request, "result": result, "agent": agent});
                answers.push(json!({ "cti": line }));
            }
        }
        if answers.is_empty() { Ok(()) } else { self.step(&answers.into()) }
    }
}

fn main() -> Result<()> {
    let runtime = wasmtime::Engine::default();
    let file = std::env::args().nth(1).expect("the component's file");
    let mut store = Store::new(&runtime, ());
    let world = Engine::instantiate(&mut store, &Component::from_file(&runtime, file)?, &Linker::new(&runtime))?;
    let mut random = [0; 40];
    getrandom::fill(&mut random).expect("random bytes");
    let (seed, key) = (u64::from_le_bytes(random[..8].try_into()?), hex(&random[8..]));
    let engine = world.interaction_processor_processor().engine().call_create(&mut store, "{}", seed, now())?;
    let mut host = Host { store, world, engine: engine.expect("a good configuration") };

    let day: Value = serde_json::from_str(include_str!("conversation.json"))?;
    let all = |list: &str, input: fn(&Value) -> Value| {
        Value::from_iter(day[list].as_array().into_iter().flatten().map(input))
    };
    host.step(&all("platform", |line| json!({ "cti": line })))?;
    host.step(
        &json!([{"opened": {"socket": 1, "peer": "10.0.0.1", "access": {"scopes": ["agent", "reports"]}, "key": key}}]),
    )?;
    host.step(&all("client", |message| json!({"received": {"socket": 1, "text": message.to_string()}})))?;
    host.step(&all("later", |line| json!({ "cti": line })))
}

fn now() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).expect("a clock after 1970");
    u64::try_from(since.as_micros()).expect("a clock before the year 586524")
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
