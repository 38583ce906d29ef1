//! The client's side of the protocol as a sans-IO engine: one link, resumed over as many sockets as it takes, and mirrors of
//! what the server told. The same in a browser, in Node and in the command line.
//!
//! 1. The driver feeds a [`DeskInput`] with the present time: what came from a socket, what the application wants.
//! 2. It drains the outputs and performs each in order: opens, sends, closes, asks for a token; and tells the application
//!    its answers, events and changes.
//! 3. It asks when to feed [`DeskInput::Tick`] at the latest, and waits for that moment or the next input.
//!
//! What is promised to the application:
//! * every call is answered exactly once, by its deadline at the latest;
//! * every event comes once and in order, across any number of sockets; where the link could not go on, that is told
//!   ([`DeskOutput::Resnapshotted`]), and the mirrors are read anew: nothing is lost silently;
//! * a mirror is always a snapshot the server gave, with every event since applied to it.

mod config;
mod connection;
mod input;
pub mod limits;
mod output;
mod problem;

pub use config::{Config, ConfigError};
pub use connection::{Connection, FreshReason, Loss, LossReason};
pub use input::{DeskInput, DeskRequest, To};
pub use output::{Answer, Change, DeskOutput, EndReason, Event, MirrorKind, TokenPurpose};
pub use problem::{Local, Problem};
