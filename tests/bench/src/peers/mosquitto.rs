//! mosquitto: an MQTT topic at quality of service 0, subscribed over WebSocket.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use tempfile::TempDir;

use super::{
    PATIENCE, Peer, connect, connect_when_up, drain, free_port, local, payload, read_frame, upgrade_request, upgraded,
    write,
};
use crate::dialect::Dialect;
use crate::frames::{self, BINARY};
use crate::process::Process;

/// A mosquitto broker.
#[derive(Debug)]
pub struct Mosquitto {
    process: Process,
    address: SocketAddr,
    publisher: TcpStream,
    publish: Vec<u8>,
    joined: usize,
    _directory: TempDir,
}

impl Mosquitto {
    /// Starts it.
    pub fn start(message_bytes: usize, core: Option<usize>) -> Result<Self> {
        let (port, web) = (free_port()?, free_port()?);
        let directory = tempfile::tempdir()?;
        let file = directory.path().join("mosquitto.conf");
        // Without a bound on what waits, so that nothing is dropped.
        let text = format!(
            "allow_anonymous true\npersistence false\nlog_type none\nuser root\nset_tcp_nodelay true\n\
             max_queued_messages 0\nlistener {port} 127.0.0.1\nlistener {web} 127.0.0.1\nprotocol websockets\n"
        );
        write(&file, &text)?;
        let mut command = Command::new("mosquitto");
        command.arg("-c").arg(&file).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let mut process = Process::start(&mut command, core)?;
        connect_when_up(&mut process, local(web))?;
        let mut publisher = connect_when_up(&mut process, local(port))?;
        publisher.write_all(&hello("p"))?;
        let mut answer = [0; 4];
        publisher.read_exact(&mut answer)?;
        ensure!(answer[0] == 0x20 && answer[3] == 0, "mosquitto refuses its publisher: {answer:?}");
        let body = [&[0, 1, b'a'], payload(message_bytes).as_bytes()].concat();
        let publish = packet(0x30, &body);
        Ok(Self { process, address: local(web), publisher, publish, joined: 0, _directory: directory })
    }
}

impl Peer for Mosquitto {
    fn dialect(&self) -> Dialect {
        Dialect::Mqtt
    }

    fn process(&self) -> &Process {
        &self.process
    }

    fn join(&mut self) -> Result<TcpStream> {
        let mut stream = connect(self.address)?;
        // Accepting and shaking hands are two steps of its loop.
        self.nudge()?;
        upgrade_nudging(&mut stream, self)?;
        self.joined += 1;
        stream.write_all(&frames::of_client(BINARY, &hello(&format!("c{}", self.joined))))?;
        let answer = read_frame(&mut stream)?;
        ensure!(answer.first() == Some(&0x20), "mosquitto refuses a client: {answer:?}");
        let subscribe = packet(0x82, &[0, 1, 0, 1, b'a', 0]);
        stream.write_all(&frames::of_client(BINARY, &subscribe))?;
        let answer = read_frame(&mut stream)?;
        ensure!(answer.first() == Some(&0x90), "mosquitto refuses a subscription: {answer:?}");
        Ok(stream)
    }

    fn publish(&mut self, messages: usize) -> Result<()> {
        Ok(self.publisher.write_all(&self.publish.repeat(messages))?)
    }

    /// Its loop looks after WebSockets when something else wakes it, and else ten times a second: a ping of the publisher
    /// does.
    fn nudge(&mut self) -> Result<()> {
        drain(&mut self.publisher)?;
        Ok(self.publisher.write_all(&[0xc0, 0])?)
    }
}

/// Opens a WebSocket on a server that has to be nudged meanwhile.
fn upgrade_nudging(stream: &mut TcpStream, server: &mut Mosquitto) -> Result<()> {
    let request = upgrade_request(stream.peer_addr()?, "/mqtt", "Sec-WebSocket-Protocol: mqtt\r\n");
    stream.write_all(request.as_bytes())?;
    let mut first = [0];
    let until = Instant::now() + PATIENCE;
    stream.set_read_timeout(Some(Duration::from_millis(1)))?;
    while stream.peek(&mut first).is_err() {
        server.nudge()?;
        ensure!(Instant::now() < until, "mosquitto did not answer a handshake");
    }
    stream.set_read_timeout(Some(PATIENCE))?;
    upgraded(stream)
}

/// CONNECT: MQTT 3.1.1, a clean session, no keep-alive.
fn hello(client: &str) -> Vec<u8> {
    let mut body = vec![0, 4, b'M', b'Q', b'T', b'T', 4, 2, 0, 0];
    body.extend_from_slice(&(client.len() as u16).to_be_bytes());
    body.extend_from_slice(client.as_bytes());
    packet(0x10, &body)
}

fn packet(kind: u8, body: &[u8]) -> Vec<u8> {
    let mut packet = vec![kind];
    let mut len = body.len();
    loop {
        let more = len >= 0x80;
        packet.push((len % 0x80) as u8 | if more { 0x80 } else { 0 });
        len /= 0x80;
        if !more {
            break;
        }
    }
    packet.extend_from_slice(body);
    packet
}

#[cfg(test)]
mod tests {
    use super::packet;

    #[test]
    fn the_length_of_a_packet_is_written_as_mqtt_has_it() {
        assert_eq!(packet(0x30, &[1; 127])[..2], [0x30, 127]);
        assert_eq!(packet(0x30, &[1; 321])[..3], [0x30, 0xc1, 2]);
    }
}
