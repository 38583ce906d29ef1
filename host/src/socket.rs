//! WebSockets after their handshake: reading in a task per socket, writing from the engine's loop.

mod frames;
mod line;
mod numbers;
mod outbox;
mod peers;
mod reader;
mod turn;

pub(crate) use line::Line;
pub(crate) use numbers::Numbers;
pub(crate) use peers::{Peers, Told};
pub(crate) use reader::{read, received};
