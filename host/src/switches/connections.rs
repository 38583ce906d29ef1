//! The adapter's TCP connections, each a task: connecting has a deadline, what waits in both directions a bound.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::Duration;

use interaction_core::cti::ConnectionId;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio::time::timeout;

/// How long a platform may take to accept a connection.
const CONNECT_WITHIN: Duration = Duration::from_secs(5);
/// How long one write may take: a platform that reads nothing for longer is gone.
const WRITE_WITHIN: Duration = Duration::from_secs(10);
/// Pieces received and not yet taken by the adapter; then reading pauses.
const HEARD_MAX: usize = 64;
/// Messages not yet written; beyond that the platform does not read, and the connection ends.
const UNWRITTEN_MAX: usize = 1_024;
/// One read.
const READ_BYTES: usize = 16 << 10;

/// What a connection tells.
#[derive(Debug)]
pub(super) enum Heard {
    /// It stands.
    Connected(ConnectionId),
    /// Bytes came.
    Received(ConnectionId, Vec<u8>),
    /// It ended, or could not be made.
    Disconnected(ConnectionId, String),
}

/// All connections of one adapter.
#[derive(Debug)]
pub(super) struct Connections {
    addresses: Vec<SocketAddr>,
    open: BTreeMap<ConnectionId, Connection>,
    /// Tells of connections made before are recognised by their stamp.
    stamp: u64,
    tell: mpsc::Sender<(u64, Heard)>,
    told: mpsc::Receiver<(u64, Heard)>,
}

#[derive(Debug)]
struct Connection {
    stamp: u64,
    write: mpsc::Sender<Vec<u8>>,
    task: JoinHandle<()>,
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Connections {
    /// None yet.
    pub(super) fn new(addresses: Vec<SocketAddr>) -> Self {
        let (tell, told) = mpsc::channel(HEARD_MAX);
        Self { addresses, open: BTreeMap::new(), stamp: 0, tell, told }
    }

    /// Begins to connect. One that is open under that number is dropped.
    pub(super) fn connect(&mut self, connection: ConnectionId, address: usize) {
        self.stamp += 1;
        let stamp = self.stamp;
        let (write, written) = mpsc::channel(UNWRITTEN_MAX);
        let tell = self.tell.clone();
        let target = self.addresses.get(address).copied();
        let task = tokio::spawn(async move {
            let why = match target {
                Some(target) => serve(connection, stamp, target, written, &tell).await,
                None => format!("there is no address {address} in the configuration"),
            };
            // The adapter is gone only when the server ends.
            let _ = tell.send((stamp, Heard::Disconnected(connection, why))).await;
        });
        self.open.insert(connection, Connection { stamp, write, task });
    }

    /// Queues bytes. A connection that does not get rid of them ends.
    pub(super) fn send(&mut self, connection: ConnectionId, bytes: Vec<u8>) {
        let Some(open) = self.open.get(&connection) else { return };
        if open.write.try_send(bytes).is_err() {
            let stamp = open.stamp;
            open.task.abort();
            let tell = self.tell.clone();
            tokio::spawn(async move {
                let why = "the platform does not read what is sent to it".to_owned();
                let _ = tell.send((stamp, Heard::Disconnected(connection, why))).await;
            });
        }
    }

    /// Ends a connection; nothing more is heard of it.
    pub(super) fn disconnect(&mut self, connection: ConnectionId) {
        self.open.remove(&connection);
    }

    /// The next thing a connection tells.
    pub(super) async fn heard(&mut self) -> Heard {
        loop {
            let Some((stamp, heard)) = self.told.recv().await else {
                // INVARIANT: a sender is kept beside the receiver.
                unreachable!("the channel stays open");
            };
            let (Heard::Connected(connection) | Heard::Received(connection, _) | Heard::Disconnected(connection, _)) =
                &heard;
            let connection = *connection;
            if self.open.get(&connection).is_some_and(|open| open.stamp == stamp) {
                if matches!(heard, Heard::Disconnected(..)) {
                    self.open.remove(&connection);
                }
                return heard;
            }
        }
    }
}

/// Connects, then reads and writes until the connection ends; returns why it did.
async fn serve(
    connection: ConnectionId,
    stamp: u64,
    target: SocketAddr,
    mut written: mpsc::Receiver<Vec<u8>>,
    tell: &mpsc::Sender<(u64, Heard)>,
) -> String {
    let stream = match timeout(CONNECT_WITHIN, TcpStream::connect(target)).await {
        Ok(Ok(stream)) => stream,
        Ok(Err(error)) => return format!("cannot connect to {target}: {error}"),
        Err(_) => return format!("{target} did not accept a connection within {} s", CONNECT_WITHIN.as_secs()),
    };
    if let Err(error) = stream.set_nodelay(true) {
        return format!("the connection to {target} failed: {error}");
    }
    if tell.send((stamp, Heard::Connected(connection))).await.is_err() {
        return String::new();
    }
    let (mut read, mut write) = stream.into_split();
    let why = tokio::select! {
        why = receive(connection, stamp, &mut read, tell) => why,
        why = send(&mut write, &mut written) => why,
    };
    format!("the connection to {target} ended: {why}")
}

async fn receive(
    connection: ConnectionId,
    stamp: u64,
    read: &mut OwnedReadHalf,
    tell: &mpsc::Sender<(u64, Heard)>,
) -> String {
    let mut buffer = vec![0; READ_BYTES];
    loop {
        match read.read(&mut buffer).await {
            Ok(0) => return "the platform closed it".to_owned(),
            Ok(len) => {
                if tell.send((stamp, Heard::Received(connection, buffer[..len].to_vec()))).await.is_err() {
                    return String::new();
                }
            }
            Err(error) => return error.to_string(),
        }
    }
}

async fn send(write: &mut OwnedWriteHalf, written: &mut mpsc::Receiver<Vec<u8>>) -> String {
    loop {
        let Some(bytes) = written.recv().await else { return "it is needed no more".to_owned() };
        match timeout(WRITE_WITHIN, write.write_all(&bytes)).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => return error.to_string(),
            Err(_) => return "the platform does not read what is sent to it".to_owned(),
        }
    }
}
