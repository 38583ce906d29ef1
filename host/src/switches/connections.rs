//! The adapter's TCP connections, each a task: connecting has a deadline, what waits in both directions a bound.

use std::collections::BTreeMap;
use std::time::Duration;

use interaction_core::cti::ConnectionId;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::sync::mpsc;
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::timeout;

/// How long a platform may take to accept a connection.
const CONNECT_WITHIN: Duration = Duration::from_secs(5);
/// How long one write may take: a platform that reads nothing for longer is gone.
const WRITE_WITHIN: Duration = Duration::from_secs(10);
/// Pieces received and not yet taken by the adapter; then reading pauses.
const HEARD_MAX: usize = 64;
/// Messages not yet written; beyond that the platform does not read, and the connection ends.
const UNWRITTEN_MAX: usize = 1_024;
/// Accepted connections at a time: the platform's, and some that are about to be turned away.
const OPEN_MAX: usize = 16;
/// How long a connection the adapter is done with may take to get rid of what was sent on it.
const LINGER: Duration = Duration::from_secs(2);
/// Such connections at a time; beyond them they are cut.
const LINGERING_MAX: usize = 16;
/// One read.
const READ_BYTES: usize = 16 << 10;

/// What a connection tells.
#[derive(Debug)]
pub(crate) enum Heard {
    /// It stands.
    Connected(ConnectionId),
    /// Bytes came.
    Received(ConnectionId, Vec<u8>),
    /// It ended, or could not be made.
    Disconnected(ConnectionId, String),
}

/// All connections of one adapter.
#[derive(Debug)]
pub(crate) struct Connections {
    addresses: Vec<String>,
    open: BTreeMap<ConnectionId, Connection>,
    /// The number of the last connection that was accepted.
    accepted: u32,
    /// Connections the adapter is done with.
    lingering: JoinSet<()>,
    /// Tells of connections made before are recognised by their stamp.
    stamp: u64,
    tell: mpsc::Sender<(u64, Heard)>,
    told: mpsc::Receiver<(u64, Heard)>,
}

#[derive(Debug)]
struct Connection {
    stamp: u64,
    write: mpsc::Sender<Vec<u8>>,
    task: Task,
}

/// A task that ends when nobody holds it any more.
#[derive(Debug)]
struct Task(JoinHandle<()>);

impl Drop for Task {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl Connections {
    /// None yet.
    pub(crate) fn new(addresses: Vec<String>) -> Self {
        let (tell, told) = mpsc::channel(HEARD_MAX);
        let (open, lingering) = (BTreeMap::new(), JoinSet::new());
        Self { addresses, open, accepted: 0, lingering, stamp: 0, tell, told }
    }

    /// Begins to connect. One that is open under that number is dropped.
    pub(crate) fn connect(&mut self, connection: ConnectionId, address: usize) {
        let source = match self.addresses.get(address) {
            Some(target) => Source::Address(target.clone()),
            None => Source::None(address),
        };
        self.open(connection, source);
    }

    /// Takes a connection that a platform made, and gives it a number.
    pub(super) fn accepted(&mut self, stream: TcpStream) {
        self.accepted = self.accepted.wrapping_add(1);
        self.open(ConnectionId(self.accepted), Source::Accepted(stream));
    }

    /// Whether another one can be accepted.
    pub(super) fn have_room(&self) -> bool {
        self.open.len() < OPEN_MAX
    }

    fn open(&mut self, connection: ConnectionId, source: Source) {
        self.stamp += 1;
        let stamp = self.stamp;
        let (write, written) = mpsc::channel(UNWRITTEN_MAX);
        let tell = self.tell.clone();
        let task = tokio::spawn(async move {
            let why = serve(connection, stamp, source, written, &tell).await;
            // The adapter is gone only when the server ends.
            let _ = tell.send((stamp, Heard::Disconnected(connection, why))).await;
        });
        self.open.insert(connection, Connection { stamp, write, task: Task(task) });
    }

    /// Queues bytes. A connection that does not get rid of them ends.
    pub(crate) fn send(&mut self, connection: ConnectionId, bytes: Vec<u8>) {
        let Some(open) = self.open.get(&connection) else { return };
        if open.write.try_send(bytes).is_err() {
            let stamp = open.stamp;
            open.task.0.abort();
            let tell = self.tell.clone();
            tokio::spawn(async move {
                let why = "the platform does not read what is sent to it".to_owned();
                let _ = tell.send((stamp, Heard::Disconnected(connection, why))).await;
            });
        }
    }

    /// Ends a connection once what was sent on it is written; nothing more is heard of it.
    pub(crate) fn disconnect(&mut self, connection: ConnectionId) {
        let Some(Connection { write, mut task, .. }) = self.open.remove(&connection) else { return };
        drop(write);
        while self.lingering.try_join_next().is_some() {}
        if self.lingering.len() < LINGERING_MAX {
            self.lingering.spawn(async move {
                // Whether it ended by itself or is cut now, it is over.
                let _ = timeout(LINGER, &mut task.0).await;
            });
        }
    }

    /// Whether one has told something more already.
    pub(super) fn have_told(&self) -> bool {
        !self.told.is_empty()
    }

    /// The next thing a connection tells.
    pub(crate) async fn heard(&mut self) -> Heard {
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

/// Where a connection comes from.
enum Source {
    /// It is to be made.
    Address(String),
    /// A platform made it.
    Accepted(TcpStream),
    /// The configuration has no such address.
    None(usize),
}

/// Connects where that is needed, then reads and writes until the connection ends; returns why it did.
async fn serve(
    connection: ConnectionId,
    stamp: u64,
    source: Source,
    mut written: mpsc::Receiver<Vec<u8>>,
    tell: &mpsc::Sender<(u64, Heard)>,
) -> String {
    let (stream, name) = match source {
        Source::Address(target) => match timeout(CONNECT_WITHIN, TcpStream::connect(&target)).await {
            Ok(Ok(stream)) => (stream, format!("the connection to {target}")),
            Ok(Err(error)) => return format!("cannot connect to {target}: {error}"),
            Err(_) => return format!("{target} did not accept a connection within {} s", CONNECT_WITHIN.as_secs()),
        },
        Source::Accepted(stream) => (stream, "the connection the platform made".to_owned()),
        Source::None(address) => return format!("there is no address {address} in the configuration"),
    };
    if let Err(error) = stream.set_nodelay(true) {
        return format!("{name} failed: {error}");
    }
    if tell.send((stamp, Heard::Connected(connection))).await.is_err() {
        return String::new();
    }
    let (mut read, mut write) = stream.into_split();
    let why = tokio::select! {
        why = receive(connection, stamp, &mut read, tell) => why,
        why = send(&mut write, &mut written) => match why {
            Some(why) => why,
            None => {
                finish(&mut read, &mut write).await;
                "it is needed no more".to_owned()
            }
        },
    };
    format!("{name} ended: {why}")
}

/// Says that nothing more is written, and waits until the other side is done too: closing over unread bytes would take
/// back what was written last. Whoever calls this bounds the wait.
async fn finish(read: &mut OwnedReadHalf, write: &mut OwnedWriteHalf) {
    let mut unread = [0; 1_024];
    if write.shutdown().await.is_ok() {
        while read.read(&mut unread).await.is_ok_and(|len| len != 0) {}
    }
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

/// Writes what comes; returns why it could not, or nothing when all was written and nothing more will come.
async fn send(write: &mut OwnedWriteHalf, written: &mut mpsc::Receiver<Vec<u8>>) -> Option<String> {
    loop {
        let bytes = written.recv().await?;
        match timeout(WRITE_WITHIN, write.write_all(&bytes)).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => return Some(error.to_string()),
            Err(_) => return Some("the platform does not read what is sent to it".to_owned()),
        }
    }
}
