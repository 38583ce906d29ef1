//! Clients' connections, each a task: what waits in both directions has a bound, every write a deadline.

use std::time::Duration;

use interaction_core::cti::uccx::sim::ClientId;
use rustix::net::sockopt::set_socket_linger;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::task::AbortHandle;
use tokio::time::{sleep, timeout};

/// Messages not yet written; beyond that the client does not read, and is cut.
const UNWRITTEN_MAX: usize = 4_096;
/// How long one write may take: a client that reads nothing for longer is gone.
const WRITE_WITHIN: Duration = Duration::from_secs(10);
/// How long a client may take to close once it was told everything.
const LINGER: Duration = Duration::from_secs(2);
/// How long to wait after a connection could not be accepted: file descriptors come back when connections end.
const ACCEPT_AGAIN: Duration = Duration::from_millis(200);
/// One read.
const READ_BYTES: usize = 16 << 10;

/// What happens to connections.
#[derive(Debug)]
pub(super) enum Heard {
    /// A client connected to a node.
    Accepted { node: usize, stream: TcpStream },
    /// Bytes came.
    Received { client: ClientId, bytes: Vec<u8> },
    /// It ended.
    Ended { client: ClientId, why: String },
}

enum Say {
    Bytes(Vec<u8>),
    Reset,
}

/// A client does not read what is sent to it.
#[derive(Debug)]
pub(super) struct Unread;

/// One connection. Dropped, it is cut.
#[derive(Debug)]
pub(super) struct Client {
    say: mpsc::Sender<Say>,
    /// None once the task is to end by itself.
    task: Option<AbortHandle>,
}

/// Accepts for a node, as long as anybody hears of it.
pub(super) async fn accept(node: usize, listener: TcpListener, tell: mpsc::Sender<Heard>) {
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                if tell.send(Heard::Accepted { node, stream }).await.is_err() {
                    return;
                }
            }
            Err(_) => sleep(ACCEPT_AGAIN).await,
        }
    }
}

impl Client {
    pub(super) fn serve(client: ClientId, stream: TcpStream, tell: mpsc::Sender<Heard>) -> Self {
        let (say, said) = mpsc::channel(UNWRITTEN_MAX);
        let task = tokio::spawn(async move {
            let why = exchange(client, stream, said, &tell).await;
            // Nobody is told once the server has ended.
            let _ = tell.send(Heard::Ended { client, why }).await;
        });
        Self { say, task: Some(task.abort_handle()) }
    }

    pub(super) fn send(&self, bytes: Vec<u8>) -> Result<(), Unread> {
        match self.say.try_send(Say::Bytes(bytes)) {
            // One whose task is over says so itself.
            Ok(()) | Err(mpsc::error::TrySendError::Closed(_)) => Ok(()),
            Err(mpsc::error::TrySendError::Full(_)) => Err(Unread),
        }
    }

    /// Ends it once what was said is written: the task sees that nothing more will come, and ends within [`LINGER`].
    pub(super) fn close(mut self) {
        self.task = None;
    }

    /// Resets it once what was said is written, or at once where that does not fit.
    pub(super) fn reset(mut self) {
        if self.say.try_send(Say::Reset).is_ok() {
            self.task = None;
        }
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        if let Some(task) = &self.task {
            task.abort();
        }
    }
}

/// Reads and writes until the connection ends; returns why it did.
async fn exchange(
    client: ClientId,
    stream: TcpStream,
    mut said: mpsc::Receiver<Say>,
    tell: &mpsc::Sender<Heard>,
) -> String {
    if let Err(error) = stream.set_nodelay(true) {
        return error.to_string();
    }
    let (mut read, mut write) = stream.into_split();
    let end = tokio::select! {
        why = receive(client, &mut read, tell) => return why,
        end = send(&mut write, &mut said) => end,
    };
    match end {
        End::Failed(why) => why,
        End::Closed => {
            let _ = timeout(LINGER, finish(&mut read, &mut write)).await;
            String::new()
        }
        End::Reset => {
            // With no time to linger, closing is a reset; shutting down first would be an ordinary end.
            if set_socket_linger(write.as_ref(), Some(Duration::ZERO)).is_ok() {
                write.forget();
            }
            String::new()
        }
    }
}

enum End {
    Failed(String),
    Closed,
    Reset,
}

/// Says that nothing more is written, and waits until the client is done too: closing over unread bytes would take back what was
/// written last.
async fn finish(read: &mut OwnedReadHalf, write: &mut OwnedWriteHalf) {
    let mut unread = [0; 1_024];
    if write.shutdown().await.is_ok() {
        while read.read(&mut unread).await.is_ok_and(|len| len != 0) {}
    }
}

async fn receive(client: ClientId, read: &mut OwnedReadHalf, tell: &mpsc::Sender<Heard>) -> String {
    let mut buffer = vec![0; READ_BYTES];
    loop {
        match read.read(&mut buffer).await {
            Ok(0) => return "it closed the connection".to_owned(),
            Ok(len) => {
                if tell.send(Heard::Received { client, bytes: buffer[..len].to_vec() }).await.is_err() {
                    return String::new();
                }
            }
            Err(error) => return error.to_string(),
        }
    }
}

async fn send(write: &mut OwnedWriteHalf, said: &mut mpsc::Receiver<Say>) -> End {
    loop {
        let bytes = match said.recv().await {
            Some(Say::Bytes(bytes)) => bytes,
            Some(Say::Reset) => return End::Reset,
            None => return End::Closed,
        };
        match timeout(WRITE_WITHIN, write.write_all(&bytes)).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => return End::Failed(error.to_string()),
            Err(_) => return End::Failed("it does not read what is sent to it".to_owned()),
        }
    }
}
