//! The npm package ws: the least server one would write with it, in `tests/bench/ws`.

use std::io::Write;
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result};

use super::{Peer, connect, first_line, local, upgrade};
use crate::dialect::Dialect;
use crate::process::Process;

/// A server on the package.
#[derive(Debug)]
pub struct Ws {
    process: Process,
    address: SocketAddr,
    publisher: TcpStream,
}

/// Where it stands.
pub(crate) fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("ws")
}

impl Ws {
    /// Starts it.
    pub fn start(message_bytes: usize, core: Option<usize>) -> Result<Self> {
        let mut command = Command::new("node");
        command.arg(folder().join("server.js")).arg(message_bytes.to_string());
        let mut process = Process::start(command.stdin(Stdio::null()).stdout(Stdio::piped()), core)?;
        let line = first_line(process.child())?;
        let (clients, publisher) = line.split_once(' ').context("the server on ws did not say where it listens")?;
        let (address, publisher) = (local(clients.parse()?), connect(local(publisher.parse()?))?);
        Ok(Self { process, address, publisher })
    }
}

impl Peer for Ws {
    fn dialect(&self) -> Dialect {
        Dialect::Frames
    }

    fn process(&self) -> &Process {
        &self.process
    }

    fn join(&mut self) -> Result<TcpStream> {
        let mut stream = connect(self.address)?;
        upgrade(&mut stream, "/", "")?;
        Ok(stream)
    }

    fn publish(&mut self, messages: usize) -> Result<()> {
        Ok(self.publisher.write_all(&vec![b'm'; messages])?)
    }
}
