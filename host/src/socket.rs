//! WebSockets after their handshake: reading in a task per socket, writing from the engine's loop.

mod frames;
mod line;
mod outbox;
mod peers;
mod reader;

pub(crate) use line::Line;
pub(crate) use peers::{Peers, Told};
pub(crate) use reader::{read, received};
