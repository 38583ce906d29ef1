//! The interaction processor's engine: sans-IO, deterministic, the same bytes on every target.
#![forbid(unsafe_code)]

mod attach;
pub mod audit;
mod calls;
pub mod centre;
pub mod codec;
pub mod config;
pub mod counters;
pub mod cti;
mod cti_state;
pub mod desk;
mod directory;
pub mod embed;
pub mod engine;
pub mod failure;
pub mod ids;
pub mod input;
pub mod journal;
pub mod limits;
mod link;
pub mod map;
mod network;
mod outbox;
pub mod output;
mod processor;
pub mod protocol;
pub mod report;
mod rng;
pub mod secret;
mod session;
mod socket;
pub mod step;
pub mod store;
pub mod time;
pub mod timers;
mod turn;
pub mod wire;
