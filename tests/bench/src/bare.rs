//! The least a server can do: read what is published, write prepared bytes to every client. No handshake, no state, no
//! acknowledgements; what any real server is measured against.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, bail};

use crate::frames;
use crate::process::Process;

const PATIENCE: Duration = Duration::from_secs(10);
/// The most messages published at once.
pub const IN_FLIGHT_MAX: usize = 64;

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
    /// Where its clients connect.
    pub address: SocketAddr,
    /// The process.
    pub process: Process,
    publisher: TcpStream,
}

impl Bare {
    /// Starts `command`, which is to call [`run`] with the same figures, and connects the publisher.
    pub fn start(command: &mut Command, core: Option<usize>) -> Result<Self> {
        let mut process = Process::start(command.stdin(Stdio::null()).stdout(Stdio::piped()), core)?;
        let out = process.child().stdout.take().context("no pipe")?;
        let mut line = String::new();
        BufReader::new(out).read_line(&mut line)?;
        let address: SocketAddr = line.trim().parse().context("the bare loop did not say where it listens")?;
        let publisher = TcpStream::connect(address)?;
        publisher.set_nodelay(true)?;
        publisher.set_write_timeout(Some(PATIENCE))?;
        Ok(Self { address, process, publisher })
    }

    /// Publishes so many messages at once.
    pub fn publish(&mut self, messages: usize, writes: Writes) -> Result<()> {
        let byte = match writes {
            Writes::Joined => b'j',
            Writes::Single => b's',
        };
        self.publisher.write_all(&vec![byte; messages])?;
        Ok(())
    }
}

/// The loop itself: a publisher, then so many clients, then messages of so many bytes until the publisher goes.
pub fn run(clients: usize, message_bytes: usize) -> Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let mut out = std::io::stdout();
    writeln!(out, "{}", listener.local_addr()?)?;
    out.flush()?;
    let (mut publisher, _) = listener.accept()?;
    publisher.set_read_timeout(Some(Duration::from_secs(120)))?;
    let mut streams = Vec::with_capacity(clients);
    for _ in 0..clients {
        let (stream, _) = listener.accept()?;
        stream.set_nodelay(true)?;
        stream.set_write_timeout(Some(PATIENCE))?;
        streams.push(stream);
    }
    let message = frames::of_server(message_bytes);
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
