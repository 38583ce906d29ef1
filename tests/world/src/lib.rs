//! The world, and a model of the protocol beside the engine.
//!
//! `model` is an independent reading of the protocol: plain maps, everything computed anew. `world` runs one history: an
//! engine behind the driver of `interaction-trace`, a platform (the simulator, or one that tells whatever it likes of calls,
//! or of all contacts), clients whose sockets die and lose what was sent, a directory shared with another instance, a store;
//! all under one seed and a clock of its own. Whatever happens, happens to engine and model alike; `compare` holds what the engine did against
//! what the model expects, for each socket, the platform, the directory and the store, in order and in full, and is the one
//! place that names what the protocol leaves free. At every step `world/check` asks for the promises that hold whatever the
//! model says, and at the end of a history everything must have ended.
//!
//! A history is a list of steps, each with a draw of its own, so that taking one out changes no other: a history that fails
//! is shrunk by taking out what does not matter, and told as a story. [`Failed`] says the command that repeats it.
//!
//! ```text
//! cargo run -p interaction-world -- --seed 7 --steps 500 --story
//! ```

mod centre;
mod compare;
mod counts;
mod directory;
mod history;
mod model;
mod names;
mod rng;
mod run;
mod sabotage;
mod scenario;
mod setting;
mod shrink;
mod story;
mod world;

pub use run::{Failed, Summary, histories, notices, one};
pub use sabotage::Fault;
