//! The desk engine for browsers and Node: mirrors `interaction_core::desk` and decides nothing.
//!
//! Every input is a method; each returns what is to be done and to be told, as one JSON array (empty text for nothing), in
//! order: events stand in it as they came, so one `JSON.parse` reads everything. Moments are milliseconds since 1970, on a clock
//! that does not go backwards. A driver performs the outputs, and calls [`Desk::tick`] at [`Desk::next_timeout`].

use std::time::Duration;

use interaction_core::config::Seed;
use interaction_core::desk::{Config, Desk as Engine, DeskInput, DeskRequest, To};
use interaction_core::time::Time;
use serde::Serialize;
use wasm_bindgen::prelude::wasm_bindgen;

/// What the methods take and give, for TypeScript. The protocol's own types are those of `docs/schema`.
#[wasm_bindgen(typescript_custom_section)]
const TYPES: &str = include_str!("types.d.ts");

/// Stands between frames that are fed together.
const BETWEEN_FRAMES: char = '\u{1e}';

/// The desk engine as a plain value.
#[wasm_bindgen]
#[derive(Debug)]
pub struct Desk(Engine);

/// Why a call was refused: the caller's mistake, and nothing is changed.
#[wasm_bindgen]
#[derive(Debug)]
pub struct DeskFailure {
    code: &'static str,
    message: String,
}

#[wasm_bindgen]
impl Desk {
    /// A desk that is not started. `config` is JSON (`DeskConfig`); `seed` is a random whole number below 2^53, and draws the
    /// waits before reconnections.
    ///
    /// # Errors
    /// `config.invalid`: the message names the property.
    #[wasm_bindgen(constructor)]
    pub fn new(config: &str, seed: f64, now: f64) -> Result<Self, DeskFailure> {
        let config = Config::from_json(config)
            .map_err(|error| DeskFailure { code: "config.invalid", message: error.to_string() })?;
        Ok(Self(Engine::new(config, Seed(seed as u64), time(now))))
    }

    /// The application wants the link.
    #[wasm_bindgen(unchecked_return_type = "DeskOutputs")]
    pub fn start(&mut self, now: f64) -> String {
        self.feed(now, DeskInput::Start)
    }

    /// The application wants it no more. What is returned ends the link on the server; the desk may be started again.
    #[wasm_bindgen(unchecked_return_type = "DeskOutputs")]
    pub fn stop(&mut self, now: f64) -> String {
        self.feed(now, DeskInput::Stop)
    }

    /// The user's act: connect at once, take the link back after it moved, try anew after a refusal.
    #[wasm_bindgen(unchecked_return_type = "DeskOutputs")]
    pub fn retry(&mut self, now: f64) -> String {
        self.feed(now, DeskInput::Retry)
    }

    /// Time passed.
    #[wasm_bindgen(unchecked_return_type = "DeskOutputs")]
    pub fn tick(&mut self, now: f64) -> String {
        self.feed(now, DeskInput::Tick)
    }

    /// A socket stands.
    #[wasm_bindgen(unchecked_return_type = "DeskOutputs")]
    pub fn opened(&mut self, now: f64, attempt: f64) -> String {
        self.feed(now, DeskInput::Opened { attempt: attempt as u64 })
    }

    /// Text frames came on one socket: in order, with U+001E between them, which no JSON holds. Frames that come thick cost the
    /// page less together.
    #[wasm_bindgen(unchecked_return_type = "DeskOutputs")]
    pub fn texts(&mut self, now: f64, attempt: f64, frames: &str) -> String {
        let inputs = frames.split(BETWEEN_FRAMES).map(|text| DeskInput::Text { attempt: attempt as u64, text });
        self.feed_all(now, inputs)
    }

    /// A binary frame came.
    #[wasm_bindgen(unchecked_return_type = "DeskOutputs")]
    pub fn binary(&mut self, now: f64, attempt: f64) -> String {
        self.feed(now, DeskInput::Binary { attempt: attempt as u64 })
    }

    /// A socket is gone, or never stood: 1006 where there is no close code.
    #[wasm_bindgen(unchecked_return_type = "DeskOutputs")]
    pub fn closed(&mut self, now: f64, attempt: f64, code: u16, reason: &str) -> String {
        self.feed(now, DeskInput::Closed { attempt: attempt as u64, code, reason })
    }

    /// The token that was wanted.
    #[wasm_bindgen(unchecked_return_type = "DeskOutputs")]
    pub fn token(&mut self, now: f64, token: &str) -> String {
        self.feed(now, DeskInput::Token { token })
    }

    /// No token can be had; `again` says whether to ask once more later.
    #[wasm_bindgen(js_name = tokenFailed, unchecked_return_type = "DeskOutputs")]
    pub fn token_failed(&mut self, now: f64, why: &str, again: bool) -> String {
        self.feed(now, DeskInput::TokenFailed { why, again })
    }

    /// `navigator.onLine` changed.
    #[wasm_bindgen(unchecked_return_type = "DeskOutputs")]
    pub fn network(&mut self, now: f64, online: bool) -> String {
        self.feed(now, DeskInput::Network { online })
    }

    /// The page is seen again.
    #[wasm_bindgen(unchecked_return_type = "DeskOutputs")]
    pub fn visible(&mut self, now: f64) -> String {
        self.feed(now, DeskInput::Visible)
    }

    /// The application asks something: `call` is a whole number that no call in progress has. `resource` is wanted with `to`
    /// `"resource"` only; `data` is a JSON object. It is answered once, by `kind` `answered`, whatever happens.
    #[allow(clippy::too_many_arguments, reason = "the parts of a request, which cross the border best one by one")]
    #[wasm_bindgen(unchecked_return_type = "DeskOutputs")]
    pub fn call(
        &mut self,
        now: f64,
        call: f64,
        #[wasm_bindgen(unchecked_param_type = "DeskTo")] to: &str,
        resource: Option<String>,
        command: &str,
        target: Option<String>,
        data: Option<String>,
        #[wasm_bindgen(js_name = withinMs)] within_ms: Option<f64>,
    ) -> String {
        let to = match to {
            "core" => To::Core,
            "service" => To::Service,
            "reports" => To::Reports,
            // One that is none names a resource there cannot be, and is answered so.
            _ => To::Resource(resource.as_deref().unwrap_or_default()),
        };
        let request = DeskRequest { to, command, target: target.as_deref(), data: data.as_deref() };
        let within = within_ms.map(|millis| Duration::from_millis(millis as u64));
        self.feed(now, DeskInput::Call { call: call as u64, request, within })
    }

    /// The application gives a call up: it is answered at once.
    #[wasm_bindgen(unchecked_return_type = "DeskOutputs")]
    pub fn cancel(&mut self, now: f64, call: f64) -> String {
        self.feed(now, DeskInput::Cancel { call: call as u64 })
    }

    /// When to tick at the latest; nothing where no deadline runs.
    #[wasm_bindgen(js_name = nextTimeout)]
    pub fn next_timeout(&self) -> Option<f64> {
        // Rounded up: a timer that fires within the last millisecond finds its deadline past.
        self.0.poll_timeout().map(|at| at.as_micros().div_ceil(1000) as f64)
    }

    /// The connection's state, as JSON.
    #[wasm_bindgen(unchecked_return_type = "Json<DeskConnection>")]
    pub fn connection(&self) -> String {
        let mut json = Vec::new();
        write(&mut json, &self.0.connection());
        text(json)
    }

    /// A mirror as it is now, as JSON; nothing where there is none. `key`: the session's resource, the agent or the call; empty
    /// for services.
    #[wasm_bindgen(unchecked_return_type = "Json<DeskMirror> | undefined")]
    pub fn mirror(
        &self,
        #[wasm_bindgen(unchecked_param_type = "DeskMirrorKind")] kind: &str,
        key: &str,
    ) -> Option<String> {
        self.0.mirror_json(kind, key)
    }

    fn feed(&mut self, now: f64, input: DeskInput<'_>) -> String {
        self.feed_all(now, std::iter::once(input))
    }

    fn feed_all<'a>(&mut self, now: f64, inputs: impl Iterator<Item = DeskInput<'a>>) -> String {
        let mut outputs = Vec::new();
        for input in inputs {
            self.0.handle_input(time(now), input);
            while let Some(output) = self.0.poll_output() {
                outputs.push(if outputs.is_empty() { b'[' } else { b',' });
                write(&mut outputs, &output);
            }
        }
        if !outputs.is_empty() {
            outputs.push(b']');
        }
        text(outputs)
    }
}

#[wasm_bindgen]
impl DeskFailure {
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
}

fn time(now: f64) -> Time {
    Time::from_micros((now * 1_000.0) as u64)
}

fn write<T: Serialize>(out: &mut Vec<u8>, value: &T) {
    // INVARIANT: what is told is text, numbers and what was read as JSON, and memory takes it.
    serde_json::to_writer(out, value).expect("what is told can be written");
}

fn text(json: Vec<u8>) -> String {
    // INVARIANT: JSON is written as UTF-8.
    String::from_utf8(json).expect("JSON is UTF-8")
}
