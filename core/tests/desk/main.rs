//! The desk engine at its boundary: what goes in, and the JSON that comes out.

mod calls;
mod connection;
mod harness;
mod hostile;
mod mirrors;
