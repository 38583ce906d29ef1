//! redis: a channel, subscribed over TCP.

use std::io::Write;
use std::net::{SocketAddr, TcpStream};
use std::process::{Command, Stdio};

use anyhow::{Result, ensure};

use super::{Peer, connect, connect_when_up, drain, free_port, local, payload, read_until};
use crate::dialect::Dialect;
use crate::process::Process;

/// A redis server.
#[derive(Debug)]
pub struct Redis {
    process: Process,
    address: SocketAddr,
    publisher: TcpStream,
    publish: Vec<u8>,
}

impl Redis {
    /// Starts it.
    pub fn start(message_bytes: usize, core: Option<usize>) -> Result<Self> {
        let port = free_port()?;
        let mut command = Command::new("redis-server");
        command.args(["--port", &port.to_string(), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]);
        command.args(["--maxclients", "10000", "--client-output-buffer-limit", "pubsub 0 0 0"]);
        let mut process = Process::start(command.stdin(Stdio::null()).stdout(Stdio::null()), core)?;
        let publisher = connect_when_up(&mut process, local(port))?;
        let message = payload(message_bytes);
        let publish = format!("*3\r\n$7\r\nPUBLISH\r\n$1\r\nc\r\n${message_bytes}\r\n{message}\r\n").into_bytes();
        Ok(Self { process, address: local(port), publisher, publish })
    }
}

impl Peer for Redis {
    fn dialect(&self) -> Dialect {
        Dialect::Redis
    }

    fn process(&self) -> &Process {
        &self.process
    }

    fn join(&mut self) -> Result<TcpStream> {
        let mut stream = connect(self.address)?;
        stream.write_all(b"*2\r\n$9\r\nSUBSCRIBE\r\n$1\r\nc\r\n")?;
        let answer = read_until(&mut stream, b":1\r\n")?;
        ensure!(answer.starts_with(b"*3\r\n$9\r\nsubscribe"), "redis says {}", String::from_utf8_lossy(&answer));
        Ok(stream)
    }

    fn publish(&mut self, messages: usize) -> Result<()> {
        drain(&mut self.publisher)?;
        Ok(self.publisher.write_all(&self.publish.repeat(messages))?)
    }
}
