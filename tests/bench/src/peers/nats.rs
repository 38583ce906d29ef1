//! NATS: a subject, subscribed over WebSocket.

use std::io::Write;
use std::net::{SocketAddr, TcpStream};
use std::process::{Command, Stdio};

use anyhow::{Result, ensure};
use tempfile::TempDir;

use super::{Peer, connect, connect_when_up, drain, free_port, local, payload, read_frame, read_until, upgrade, write};
use crate::dialect::Dialect;
use crate::frames::{self, BINARY};
use crate::process::Process;

/// A NATS server.
#[derive(Debug)]
pub struct Nats {
    process: Process,
    address: SocketAddr,
    publisher: TcpStream,
    publish: Vec<u8>,
    _directory: TempDir,
}

impl Nats {
    /// Starts it.
    pub fn start(message_bytes: usize, core: Option<usize>) -> Result<Self> {
        let (port, web) = (free_port()?, free_port()?);
        let directory = tempfile::tempdir()?;
        let file = directory.path().join("nats.conf");
        let text = format!(
            "host: \"127.0.0.1\"\nport: {port}\nping_interval: \"1h\"\nmax_connections: 20000\n\
             websocket {{\n host: \"127.0.0.1\"\n port: {web}\n no_tls: true\n}}\n"
        );
        write(&file, &text)?;
        let mut command = Command::new("nats-server");
        command.arg("-c").arg(&file).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let mut process = Process::start(&mut command, core)?;
        connect_when_up(&mut process, local(web))?;
        let mut publisher = connect_when_up(&mut process, local(port))?;
        publisher.write_all(b"CONNECT {\"verbose\":false}\r\nPING\r\n")?;
        read_until(&mut publisher, b"PONG\r\n")?;
        let publish = format!("PUB a {message_bytes}\r\n{}\r\n", payload(message_bytes)).into_bytes();
        Ok(Self { process, address: local(web), publisher, publish, _directory: directory })
    }
}

impl Peer for Nats {
    fn dialect(&self) -> Dialect {
        Dialect::Nats
    }

    fn process(&self) -> &Process {
        &self.process
    }

    fn join(&mut self) -> Result<TcpStream> {
        let mut stream = connect(self.address)?;
        upgrade(&mut stream, "/", "")?;
        let info = read_frame(&mut stream)?;
        ensure!(info.starts_with(b"INFO "), "NATS says {}", String::from_utf8_lossy(&info));
        let begin = b"CONNECT {\"verbose\":false}\r\nSUB a 1\r\nPING\r\n";
        stream.write_all(&frames::of_client(BINARY, begin))?;
        let mut answer = Vec::new();
        while !answer.ends_with(b"PONG\r\n") {
            answer.extend(read_frame(&mut stream)?);
            ensure!(answer.len() < 4_096, "NATS says {}", String::from_utf8_lossy(&answer));
        }
        Ok(stream)
    }

    fn publish(&mut self, messages: usize) -> Result<()> {
        drain(&mut self.publisher)?;
        Ok(self.publisher.write_all(&self.publish.repeat(messages))?)
    }
}
