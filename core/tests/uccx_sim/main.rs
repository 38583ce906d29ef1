//! The simulated UCCX at its boundary: clients on one side, the simulated world on the other; our own adapter among the clients.

mod commands;
mod faults;
/// Bodies of every message, made from the layouts, as for the codec.
#[path = "../uccx_codec/generate.rs"]
mod generate;
mod hostile;
mod pair;
mod raw;
mod same;
mod sessions;
/// An engine with a client, as for the adapter.
#[path = "../uccx_adapter/watched.rs"]
mod watched;
