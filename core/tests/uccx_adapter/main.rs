//! The UCCX adapter at its boundary: a scripted CTI server on one side, events and answers on the other.

mod agent_sessions;
mod bench;
mod commands;
mod engine;
mod failover;
mod flows;
mod frames;
/// Bodies of every message, made from the layouts, as for the codec.
#[path = "../uccx_codec/generate.rs"]
mod generate;
mod properties;
mod server;
mod startup;
mod teams;
mod watched;
