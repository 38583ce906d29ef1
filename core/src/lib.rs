//! The interaction processor's engine: sans-IO, deterministic, the same bytes on every target.
#![forbid(unsafe_code)]

pub mod config;
pub mod cti;
pub mod failure;
pub mod ids;
pub mod input;
pub mod limits;
pub mod map;
pub mod output;
pub mod report;
pub mod secret;
pub mod store;
pub mod time;
pub mod timers;
pub mod wire;
