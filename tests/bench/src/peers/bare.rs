//! The least a server can do: read what is published, write prepared bytes to every client. No handshake, no state, no
//! acknowledgements; what any real server is measured against.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, bail};

use super::{PATIENCE, Peer, connect, first_line, payload};
use crate::dialect::Dialect;
use crate::frames;
use crate::process::Process;

/// The most messages published at once.
const IN_FLIGHT_MAX: usize = 64;

/// How the loop writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Writes {
    /// Everything that was published together, in one write a client.
    Joined,
    /// One write a message and client.
    Single,
}

/// The loop as a child process, seen from the bench.
#[derive(Debug)]
pub struct Bare {
    writes: Writes,
    address: SocketAddr,
    process: Process,
    publisher: TcpStream,
}

impl Bare {
    /// Starts this program again, which is to call [`run`] with the same figures, and connects the publisher.
    pub fn start(writes: Writes, clients: usize, message_bytes: usize, core: Option<usize>) -> Result<Self> {
        let mut command = Command::new(std::env::current_exe()?);
        command.args(["--be-bare", &format!("{clients},{message_bytes}")]);
        let mut process = Process::start(command.stdin(Stdio::null()).stdout(Stdio::piped()), core)?;
        let line = first_line(process.child())?;
        let address: SocketAddr = line.parse().context("the bare loop did not say where it listens")?;
        let publisher = connect(address)?;
        Ok(Self { writes, address, process, publisher })
    }
}

impl Peer for Bare {
    fn dialect(&self) -> Dialect {
        Dialect::Frames
    }

    fn process(&self) -> &Process {
        &self.process
    }

    fn join(&mut self) -> Result<TcpStream> {
        connect(self.address)
    }

    fn publish(&mut self, messages: usize) -> Result<()> {
        let byte = match self.writes {
            Writes::Joined => b'j',
            Writes::Single => b's',
        };
        Ok(self.publisher.write_all(&vec![byte; messages])?)
    }
}

/// The loop itself: a publisher, then so many clients, then messages of so many bytes until the publisher goes. `figures` are
/// both numbers with a comma between.
pub fn run(figures: &str) -> Result<()> {
    let (clients, message_bytes) = figures.split_once(',').context("two numbers are wanted")?;
    serve(clients.parse()?, message_bytes.parse()?)
}

fn serve(clients: usize, message_bytes: usize) -> Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let mut out = std::io::stdout();
    writeln!(out, "{}", listener.local_addr()?)?;
    out.flush()?;
    let (mut publisher, _) = listener.accept()?;
    publisher.set_read_timeout(Some(Duration::from_secs(600)))?;
    let mut streams = Vec::with_capacity(clients);
    for _ in 0..clients {
        let (stream, _) = listener.accept()?;
        stream.set_nodelay(true)?;
        stream.set_write_timeout(Some(PATIENCE))?;
        streams.push(stream);
    }
    let message = frames::of_server(frames::TEXT, payload(message_bytes).as_bytes());
    let joined = message.repeat(IN_FLIGHT_MAX);
    let mut published = [0; IN_FLIGHT_MAX];
    loop {
        let count = publisher.read(&mut published)?;
        match published.first() {
            _ if count == 0 => return Ok(()),
            Some(b'j') => {
                for stream in &mut streams {
                    stream.write_all(&joined[..count * message.len()])?;
                }
            }
            Some(b's') => {
                for _ in 0..count {
                    for stream in &mut streams {
                        stream.write_all(&message)?;
                    }
                }
            }
            other => bail!("the publisher sent {other:?}"),
        }
    }
}
