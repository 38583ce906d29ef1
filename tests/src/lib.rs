//! Black-box tests of the server: a client that believes nothing, the means to start the real binary, and a server that lies,
//! to try the client on. Nothing here uses the engine: it is a second reading of the protocol.

pub mod client;
pub mod component;
pub mod expect;
pub mod fault;
pub mod grammar;
pub mod http;
pub mod liar;
pub mod mirror;
pub mod numbering;
pub mod postgres;
pub mod random;
pub mod raw;
pub mod recording;
pub mod server;
mod sim;
pub mod strict;
pub mod world;

pub use client::{Client, Resumed};
pub use fault::{Fault, Kind};
pub use postgres::Postgres;
pub use server::{Server, Settings};
pub use sim::UccxSim;
