//! WebAssembly components in the server: CTI adapters, and the engine itself.
//!
//! A component imports nothing: it has no clock, no entropy, no file and no network. It is called with values, under a ceiling
//! of memory and a deadline, and returns values, which are judged before anything is made of them. What an adapter may reach
//! and which secrets it is told stands in the operator's file, and nowhere else.

mod adapter;
mod cache;
mod checked;
mod counts;
mod failure;
mod inspect;
mod limits;
mod load;
mod runtime;
mod v0_1;

/// Where compiled components are kept, beneath the data directory.
pub(crate) const DIRECTORY: &str = "plugins";

pub(crate) use self::adapter::{Bounds, Given, Plugin, PluginAdapter};
pub(crate) use self::counts::{Count, PluginCounts};
pub(crate) use self::inspect::{World, inspect};
pub(crate) use self::limits::{CALL_MS, MEMORY_BYTES};
pub(crate) use self::load::{Digest, load, read};
pub(crate) use self::runtime::{Metering, Runtime};
pub(crate) use self::v0_1::engine::Build;
