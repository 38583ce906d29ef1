//! The task of one socket: reads, cuts into messages, takes the secrets out, and tells the loop.

use std::cell::RefCell;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use interaction_core::ids::SocketId;
use interaction_core::input::{Closed, MalformedKind};
use interaction_core::wire::intake::{Refused, intake};
use rustix::net::Shutdown;
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until};
use tracing::debug;

use super::frames::{Decoder, Incoming};
use super::line::{Line, Orders};
use crate::happening::{Happening, Received};

/// How long a closing socket may take to write what waits and to hear the client's own close.
const CLOSE_WITHIN: Duration = Duration::from_secs(2);
/// One read: more than any message, so that a message is rarely in two.
const READ_BYTES: usize = 64 << 10;

thread_local! {
    /// A buffer a thread, not a socket: a socket at rest holds none.
    static READ: RefCell<Box<[u8]>> = RefCell::new(vec![0; READ_BYTES].into_boxed_slice());
}

/// Runs until the socket is gone, which is the last thing it tells. `first` is what came with the handshake.
pub(crate) async fn read(
    socket: SocketId,
    line: Arc<Line>,
    first: Bytes,
    message_bytes_max: u32,
    happenings: mpsc::Sender<Happening>,
) {
    let mut reader =
        Reader { socket, decoder: Decoder::new(message_bytes_max), told: Vec::new(), client_closed: false };
    // Whatever came, its memory is as large as the largest header: it does not stay with the socket.
    reader.take(&mut Vec::from(first));
    let why = reader.run(&line, &happenings).await.unwrap_or(Closed::Gone);
    // The loop is gone only when the server ends.
    let _ = happenings.send(Happening::Left { socket, why }).await;
}

struct Reader {
    socket: SocketId,
    decoder: Decoder,
    told: Vec<Happening>,
    client_closed: bool,
}

/// Nobody listens any more: the server ends.
struct ServerEnds;

impl Reader {
    async fn run(&mut self, line: &Line, happenings: &mpsc::Sender<Happening>) -> Result<Closed, ServerEnds> {
        let mut await_writable = false;
        let mut written = false;
        let mut closing = None;
        loop {
            for happening in self.told.drain(..) {
                happenings.send(happening).await.map_err(|_| ServerEnds)?;
            }
            if written && self.client_closed {
                return Ok(Closed::Gone);
            }
            tokio::select! {
                biased;
                orders = line.ordered() => {
                    await_writable |= orders.has(Orders::AWAIT_WRITABLE);
                    if orders.has(Orders::CLOSE) && closing.is_none() {
                        closing = Some(Instant::now() + CLOSE_WITHIN);
                    }
                    if orders.has(Orders::WRITTEN) {
                        written = true;
                        if self.decoder.over() {
                            // Where the client's close would begin is not known, so nobody waits for it; what it still
                            // sends is read, since unread bytes would turn the close into a reset.
                            let _ = rustix::net::shutdown(&line.stream, Shutdown::Write);
                        }
                    }
                }
                ready = line.stream.writable(), if await_writable => {
                    await_writable = false;
                    if ready.is_err() {
                        return Ok(Closed::Gone);
                    }
                    self.told.push(Happening::Writable { socket: self.socket });
                }
                ready = line.stream.readable() => {
                    let read = match ready {
                        Ok(()) => self.read(line, closing.is_some()),
                        Err(error) => Err(error),
                    };
                    match read {
                        Ok(0) => return Ok(Closed::Gone),
                        Err(error) if error.kind() != io::ErrorKind::WouldBlock => return Ok(Closed::Gone),
                        Ok(_) | Err(_) => {}
                    }
                }
                () = sleep_until(closing.unwrap_or_else(Instant::now)), if closing.is_some() => {
                    return Ok(Closed::Gone);
                }
            }
        }
    }

    /// Reads once and tells what came. `Ok(0)`: the stream is at its end.
    fn read(&mut self, line: &Line, closing: bool) -> io::Result<usize> {
        READ.with_borrow_mut(|buffer| {
            let read = line.stream.try_read(buffer)?;
            self.take(&mut buffer[..read]);
            if closing {
                self.told.clear();
            }
            Ok(read)
        })
    }

    fn take(&mut self, read: &mut [u8]) {
        let Self { socket, decoder, told, client_closed } = self;
        let socket = *socket;
        let result = decoder.push(read, &mut |incoming| {
            told.push(match incoming {
                Incoming::Text(text) => Happening::Received { socket, what: received(text) },
                Incoming::Binary(bytes) => Happening::Received {
                    socket,
                    what: Received::Malformed {
                        kind: MalformedKind::Binary,
                        bytes: u32::try_from(bytes).unwrap_or(u32::MAX),
                    },
                },
                Incoming::Ping(payload) => Happening::Pinged { socket, payload: payload.into() },
                Incoming::Pong => Happening::Alive { socket },
                Incoming::Close => {
                    *client_closed = true;
                    Happening::ClientCloses { socket }
                }
                Incoming::TooLarge(bytes) => Happening::Received { socket, what: Received::TooLarge { bytes } },
            });
        });
        if let Err(broken) = result {
            debug!(socket = socket.0, "the client sent {}", broken.0);
            told.push(Happening::Broke { socket });
        }
    }
}

/// One text message through the gate. Where it held secrets, its memory is overwritten.
pub(crate) fn received(message: &mut [u8]) -> Received {
    let what = gated(message);
    if let Received::Text { secrets, .. } = &what
        && !secrets.is_empty()
    {
        message.fill(0);
    }
    what
}

fn gated(text: &[u8]) -> Received {
    match intake(text) {
        Ok(intake) => Received::Text { text: intake.text.into_owned(), secrets: intake.secrets },
        Err(Refused::Malformed(kind)) => {
            Received::Malformed { kind, bytes: u32::try_from(text.len()).unwrap_or(u32::MAX) }
        }
        Err(Refused::TooLarge) => Received::TooLarge { bytes: text.len() as u64 },
    }
}
