//! A whole contact centre for a page or a process: mirrors `interaction_core::centre` and decides nothing.
//!
//! Every method returns what clients hear of it, as one JSON array (empty text for nothing): `{"socket":1,"text":"…"}` for a
//! frame, `{"socket":1,"code":4001,"reason":"…"}` for a close. Moments are milliseconds since 1970.

use interaction_core::centre::{Centre as Engine, Told};
use interaction_core::config::{Config, Seed};
use interaction_core::cti::simulator::Scenario;
use interaction_core::time::Time;
// The desk engine's classes come with it.
pub use interaction_desk_wasm::{Desk, DeskFailure};
use serde_json::json;
use wasm_bindgen::prelude::wasm_bindgen;

const SMALL: &str = include_str!("../../../host/scenarios/small.toml");
const LARGE: &str = include_str!("../../../host/scenarios/large.toml");

/// The simulated contact centre, with the interaction processor in front of it.
#[wasm_bindgen]
#[derive(Debug)]
pub struct Centre(Engine);

/// Why a centre was refused.
#[wasm_bindgen]
#[derive(Debug)]
pub struct CentreFailure(String);

#[wasm_bindgen]
impl Centre {
    /// A centre: `scenario` is `small`, `large`, or the text of a scenario file; `speed` how many times faster than life it
    /// runs, over what the scenario says; `config` is the engine's, `{}` for the defaults; `seed` a whole number below 2^53.
    ///
    /// # Errors
    /// The scenario or the configuration is not valid; the message names the key.
    #[wasm_bindgen(constructor)]
    pub fn new(scenario: &str, speed: Option<u32>, config: &str, seed: f64, now: f64) -> Result<Self, CentreFailure> {
        let text = match scenario {
            "small" => SMALL,
            "large" => LARGE,
            text => text,
        };
        let mut scenario = Scenario::from_toml(text).map_err(|error| CentreFailure(error.to_string()))?;
        scenario.speed = speed.unwrap_or(scenario.speed);
        let config = Config::from_json(config).map_err(|error| CentreFailure(error.to_string()))?;
        let centre = Engine::new(scenario, config, Seed(seed as u64), time(now));
        centre.map(Self).map_err(|error| CentreFailure(error.to_string()))
    }

    /// A client opens a socket, of a number that is not in use.
    pub fn open(&mut self, now: f64, socket: f64) -> String {
        self.0.open(time(now), socket as u64);
        self.told()
    }

    /// A client sends a text frame.
    pub fn text(&mut self, now: f64, socket: f64, text: &str) -> String {
        self.0.text(time(now), socket as u64, text);
        self.told()
    }

    /// A client closes its socket.
    pub fn close(&mut self, now: f64, socket: f64) -> String {
        self.0.close(time(now), socket as u64);
        self.told()
    }

    /// Time passed.
    pub fn tick(&mut self, now: f64) -> String {
        self.0.tick(time(now));
        self.told()
    }

    /// When to tick at the latest.
    #[wasm_bindgen(js_name = nextTimeout)]
    pub fn next_timeout(&self) -> Option<f64> {
        self.0.poll_timeout().map(|at| at.as_micros().div_ceil(1000) as f64)
    }

    fn told(&mut self) -> String {
        let told: Vec<_> = std::iter::from_fn(|| self.0.poll())
            .map(|told| match told {
                Told::Text { socket, text } => json!({"socket": socket, "text": text}),
                Told::Closed { socket, code, reason } => json!({"socket": socket, "code": code, "reason": reason}),
            })
            .collect();
        if told.is_empty() { String::new() } else { json!(told).to_string() }
    }
}

#[wasm_bindgen]
impl CentreFailure {
    /// What is wrong, for people.
    #[wasm_bindgen(getter)]
    pub fn message(&self) -> String {
        self.0.clone()
    }
}

fn time(millis: f64) -> Time {
    Time::from_millis(millis as u64)
}
