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

use interaction_core::cti::uccx::codec::Widths;

/// Appends a floating field.
fn put(out: &mut Vec<u8>, widths: Widths, tag: u16, value: &[u8]) {
    let mut number = |value: u16, bytes: usize| out.extend_from_slice(&value.to_be_bytes()[2 - bytes..]);
    number(tag, widths.tag.bytes());
    number(value.len() as u16, widths.length.bytes());
    out.extend_from_slice(value);
}
