//! The interaction processor's engine: sans-IO, deterministic, the same bytes on every target.
#![forbid(unsafe_code)]

pub mod cti;
pub mod ids;
pub mod map;
pub mod time;
